//! Objects as messages write them (as `types2/object.go`).

use crate::build::VarKind;
use crate::context::Cx;
use crate::object::ObjectKind;
use crate::store::{ObjId, TypeId};
use crate::ty::Type;

impl Cx<'_> {
    /// `var x int`, `type T struct{…}`, `func p.f(x int) string`, …
    pub fn object_string(&self, obj: ObjId) -> String {
        let s = self.store;
        let o = s.obj(obj);
        let ty = s.try_type_of(obj);
        let mut w = self.writer();
        let mut is_type = false;
        match &o.kind {
            ObjectKind::PkgName { imported } => {
                w.out = format!("package {}", o.name);
                let path = s.pkg_path(*imported);
                if !path.is_empty() && **path != *o.name {
                    w.out += &format!(" ({path:?})");
                }
                return w.out;
            }
            ObjectKind::Const { .. } => w.out.push_str("const"),
            ObjectKind::TypeName => {
                is_type = true;
                w.out.push_str("type");
                if ty.is_some_and(|t| s.is_type_param(t)) {
                    w.out.push_str(" parameter");
                }
            }
            ObjectKind::Var(v) => w.out.push_str(if v.is_field { "field" } else { "var" }),
            ObjectKind::Func(_) => {
                w.out = format!("func {}", self.func_name(obj));
                if let Some(sig) = s.func_signature(obj) {
                    w.signature(sig);
                }
                return w.out;
            }
            ObjectKind::Label => return format!("label {}", o.name),
            ObjectKind::Builtin(_) => return format!("builtin {}", o.name),
            ObjectKind::Nil => return "nil".to_string(),
        }
        w.out.push(' ');
        if let Some(p) = o.pkg
            && s.lookup(s.pkg(p).scope, &o.name) == Some(obj)
        {
            w.type_name(obj);
        } else {
            w.out.push_str(&o.name);
        }
        let Some(mut t) = ty else { return w.out };
        if is_type {
            if matches!(s.ty(t), Type::Basic(_)) {
                return w.out;
            }
            let tparams = s.type_params(t);
            if !tparams.is_empty() {
                w.type_params(tparams);
            }
            if s.is_alias_name(obj) {
                w.out.push_str(" =");
                if let Type::Alias(a) = s.ty(t) {
                    t = a.from.get().unwrap_or(TypeId::INVALID);
                }
            } else if let Type::TypeParam(p) = s.ty(t) {
                t = p.bound.get().unwrap_or(TypeId::INVALID);
            } else {
                t = s.under(t);
            }
        }
        w.out.push(' ');
        w.typ(t);
        w.out
    }

    /// `p.f`, `(T).m`, `(*T).m` or `(interface).m`.
    pub fn func_name(&self, f: ObjId) -> String {
        let s = self.store;
        let o = s.obj(f);
        let Some(sig) = s.func_signature(f) else { return o.name.to_string() };
        match sig.recv {
            Some(r) => {
                let t = s.type_of(r);
                let recv = match s.ty(t) {
                    Type::Interface(_) => "interface".to_string(),
                    _ => self.type_string(t),
                };
                format!("({recv}).{}", o.name)
            }
            None => self.qualifier.prefix(s, o.pkg) + &o.name,
        }
    }

    /// What sort of thing it is, in words.
    pub fn object_kind(&self, obj: ObjId) -> &'static str {
        match &self.store.obj(obj).kind {
            ObjectKind::PkgName { .. } => "package name",
            ObjectKind::Const { .. } => "constant",
            ObjectKind::TypeName if self.store.is_alias_name(obj) => "type alias",
            ObjectKind::TypeName if matches!(self.store.ty(self.store.type_of(obj)), Type::TypeParam(_)) => {
                "type parameter"
            }
            ObjectKind::TypeName => "defined type",
            ObjectKind::Var(v) => match v.kind() {
                VarKind::Package => "package-level variable",
                VarKind::Local => "local variable",
                VarKind::Recv => "receiver",
                VarKind::Param => "parameter",
                VarKind::Result => "result variable",
                VarKind::Field | VarKind::EmbeddedField => "struct field",
            },
            ObjectKind::Func(_) => {
                let recv = self.store.func_signature(obj).is_some_and(|s| s.recv.is_some());
                if recv { "method" } else { "function" }
            }
            ObjectKind::Label => "label",
            ObjectKind::Builtin(_) => "built-in function",
            ObjectKind::Nil => "untyped nil",
        }
    }
}
