//! Function types: receivers, parameters, results (as `types2/signature.go`).

use crate::checker::Checker;
use crate::resolver::unpack_recv;
use goxide_source::Pos;
use goxide_syntax::ast::{Expr, ExprKind, Field, FuncType, Ident, end_pos, start_pos};
use goxide_types::*;

impl<'a> Checker<'a> {
    /// Fills in the signature `sig`; the result is the scope of parameters and body.
    pub fn func_type(
        &mut self,
        sig: TypeId,
        recv: Option<&'a Field>,
        tparams: &'a [Field],
        t: &'a FuncType,
    ) -> ScopeId {
        let saved = self.env.scope;
        let scope = self.open_func_scope(t.id, t.pos);
        let mut contents = SignatureContents::default();
        let mut recv_name: Option<&'a Ident> = None;
        if let Some(r) = recv {
            let (var, rtparams) = self.collect_recv(r, t.pos);
            contents.recv = Some(var);
            contents.recv_type_params = rtparams;
            recv_name = r.name.as_ref();
        }
        if !tparams.is_empty() {
            let list = self.declare_type_params(tparams);
            if let Type::Signature(s) = self.store.ty(sig) {
                let _ = s.early_type_params.set(list.clone());
            }
            self.type_param_bounds(&list, tparams);
            contents.type_params = list;
        }
        let (params, variadic) = self.collect_params(VarKind::Param, &t.params);
        let (results, _) = self.collect_params(VarKind::Result, &t.results);
        let scope_pos = t.results.last().or(t.params.last()).map_or(t.pos, |f| end_pos(&f.ty));
        if let (Some(r), Some(name)) = (contents.recv, recv_name)
            && !name.name.is_empty()
        {
            self.declare(scope, Some(name), r, scope_pos);
        }
        for (fields, vars) in [(&t.params, &params), (&t.results, &results)] {
            for (f, &v) in fields.iter().zip(vars) {
                if let Some(name) = &f.name {
                    self.declare(scope, Some(name), v, scope_pos);
                }
            }
        }
        contents.params = params;
        contents.results = results;
        contents.variadic = variadic;
        if let Type::Signature(s) = self.store.ty(sig) {
            let _ = s.contents.set(contents);
        }
        self.env.scope = saved;
        scope
    }

    fn collect_params(&mut self, kind: VarKind, list: &'a [Field]) -> (Vec<ObjId>, bool) {
        let mut vars = Vec::new();
        let mut variadic = false;
        let mut ty = TypeId::INVALID;
        for (i, f) in list.iter().enumerate() {
            if i == 0 || !f.type_shared {
                let mut e: &'a Expr = &f.ty;
                if let ExprKind::DotsType(elem) = &e.kind {
                    if kind == VarKind::Param && i + 1 == list.len() {
                        variadic = true;
                    } else {
                        self.err(e.pos, "invalid syntax tree: invalid use of ...".into());
                    }
                    e = elem;
                }
                ty = self.var_type(e);
            }
            let (pos, name) = match &f.name {
                Some(n) => (n.pos, n.name.clone()),
                None => (f.pos, "".into()),
            };
            vars.push(self.store.new_var(kind, pos, Some(self.pkg), name, Some(ty)));
        }
        if variadic && let (Some(&last), Some(f)) = (vars.last(), list.last()) {
            let slice = self.store.new_slice(ty);
            self.store.obj(last).ty.set(slice);
            self.record_type(&f.ty, Mode::Type, slice, None);
        }
        (vars, variadic)
    }

    fn collect_recv(&mut self, r: &'a Field, scope_pos: Pos) -> (ObjId, Vec<TypeId>) {
        let (ptr, base, rtparams) = unpack_recv(&r.ty);
        let mut recv_type = TypeId::INVALID;
        let mut list = Vec::new();
        match rtparams {
            None => {
                recv_type = self.var_type(&r.ty);
                self.check_alias_receiver(base, &mut recv_type);
            }
            Some(exprs) => {
                let mut cause = String::new();
                let generic = self.generic_type(base, &mut cause);
                let mut base_type = None;
                if self.store.is_valid(generic) {
                    match self.store.ty(generic) {
                        Type::Named(_) => base_type = Some(generic),
                        _ => {
                            let text = format!(
                                "cannot define new methods on generic alias type {}",
                                self.ts(generic)
                            );
                            self.err(start_pos(base), text);
                        }
                    }
                } else if !cause.is_empty() {
                    self.err(start_pos(base), cause);
                }
                for (i, e) in exprs.iter().enumerate() {
                    let blank;
                    let id = match &e.kind {
                        ExprKind::Name(n) => {
                            blank = Ident { id: e.id, pos: e.pos, name: n.clone() };
                            &blank
                        }
                        kind => {
                            if !matches!(kind, ExprKind::Bad) {
                                let text = format!("receiver type parameter {e} must be an identifier");
                                self.err(start_pos(e), text);
                            }
                            blank = Ident { id: e.id, pos: e.pos, name: "_".into() };
                            &blank
                        }
                    };
                    let p = self.declare_type_param(id, i, scope_pos);
                    if let Some(o) = self.store.type_name(p) {
                        self.record_use(e.id, o);
                    }
                    self.record_type(e, Mode::Type, p, None);
                    list.push(p);
                }
                if let Some(b) = base_type {
                    recv_type = self.instance_receiver(b, base, &list, ptr);
                    self.record_receiver_types(&r.ty, recv_type);
                }
            }
        }
        let (pos, name) = match &r.name {
            Some(n) => (n.pos, n.name.clone()),
            None => (r.pos, "".into()),
        };
        let recv = self.store.new_var(VarKind::Recv, pos, Some(self.pkg), name, Some(recv_type));
        let base_pos = start_pos(base);
        self.later(move |c| c.valid_recv(base_pos, recv));
        (recv, list)
    }

    /// An alias of an instance is no receiver.
    fn check_alias_receiver(&mut self, base: &Expr, recv_type: &mut TypeId) {
        let s = self.store;
        let mut t = *recv_type;
        loop {
            while let Type::Pointer { base } = s.ty(t) {
                t = *base;
            }
            let Type::Alias(a) = s.ty(t) else { return };
            let Some(mut rhs) = a.from.get() else { return };
            while let Type::Pointer { base } = s.ty(rhs) {
                rhs = *base;
            }
            if !s.type_params(rhs).is_empty() {
                let text = format!("cannot define new methods on instantiated type {}", self.ts(rhs));
                self.err(start_pos(base), text);
                *recv_type = TypeId::INVALID;
                return;
            }
            t = rhs;
        }
    }

    /// The generic type with the receiver's own type parameters.
    fn instance_receiver(&mut self, generic: TypeId, base: &Expr, list: &[TypeId], ptr: bool) -> TypeId {
        let s = self.store;
        let declared = s.type_params(generic);
        if declared.len() == list.len() {
            let map = SubstMap::new(declared, list);
            for (&p, &d) in list.iter().zip(declared) {
                self.mono.canon.insert(p, d);
                if let (Type::TypeParam(tp), Type::TypeParam(td)) = (s.ty(p), s.ty(d)) {
                    tp.bound.set(s.subst(td.bound.get().unwrap_or(TypeId::INVALID), &map));
                }
            }
        } else {
            let n = list.len();
            let plural = if n == 1 { "" } else { "s" };
            let text = format!(
                "receiver declares {n} type parameter{plural}, but receiver base type declares {}",
                declared.len()
            );
            self.err(start_pos(base), text);
        }
        self.verify_version(start_pos(base), 18, "type instantiation");
        let t = s.instantiate(generic, list.to_vec());
        self.record_instance(base, list, t);
        if ptr && s.is_valid(t) { s.new_pointer(t) } else { t }
    }

    fn record_receiver_types(&mut self, e: &Expr, t: TypeId) {
        let (mut e, mut t) = (e, t);
        loop {
            self.record_type(e, Mode::Type, t, None);
            match &e.kind {
                ExprKind::Paren(x) => e = x,
                ExprKind::Star(x) => {
                    let Type::Pointer { base } = self.store.ty(t) else { return };
                    e = x;
                    t = *base;
                }
                _ => return,
            }
        }
    }

    fn valid_recv(&mut self, pos: Pos, recv: ObjId) {
        let s = self.store;
        let full = s.type_of(recv);
        let (t, _) = s.deref(full);
        let actual = s.unalias(t);
        if !s.is_valid(actual) {
            return;
        }
        match s.ty(actual) {
            Type::Named(n) => {
                if s.obj(n.obj).pkg != Some(self.pkg) {
                    let text = format!("cannot define new methods on non-local type {}", self.ts(t));
                    return self.err(pos, text);
                }
                let cause = match s.under_ty(actual) {
                    Type::Basic(b) if b.kind == BasicKind::UnsafePointer => "unsafe.Pointer",
                    Type::Pointer { .. } | Type::Interface(_) => "pointer or interface type",
                    _ => return,
                };
                let text = format!("invalid receiver type {} ({cause})", self.ts(t));
                self.err(pos, text);
            }
            Type::Basic(_) => {
                let text = format!("cannot define new methods on non-local type {}", self.ts(t));
                self.err(pos, text);
            }
            _ => {
                let text = format!("invalid receiver type {}", self.ts(full));
                self.err(pos, text);
            }
        }
    }
}
