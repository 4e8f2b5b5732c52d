//! Reading the store: what is asked of types and objects everywhere.

use crate::build::VarKind;
use crate::constant::Const;
use crate::object::{Builtin, Func, Object, ObjectKind, Var};
use crate::store::{ObjId, PkgId, Store, TypeId};
use crate::ty::{
    Alias, Basic, Chan, Interface, Named, Signature, SignatureContents, Struct, Term, Type, TypeParam,
};
use goxide_syntax::ast::Name;

impl Var {
    pub(crate) fn of(kind: VarKind) -> Var {
        Var {
            is_field: matches!(kind, VarKind::Field | VarKind::EmbeddedField),
            embedded: kind == VarKind::EmbeddedField,
            is_param: kind == VarKind::Param,
            is_result: kind == VarKind::Result,
            is_recv: kind == VarKind::Recv,
            is_package_level: kind == VarKind::Package,
            origin: None,
        }
    }

    pub fn kind(&self) -> VarKind {
        match self {
            Var { embedded: true, .. } => VarKind::EmbeddedField,
            Var { is_field: true, .. } => VarKind::Field,
            Var { is_param: true, .. } => VarKind::Param,
            Var { is_result: true, .. } => VarKind::Result,
            Var { is_recv: true, .. } => VarKind::Recv,
            Var { is_package_level: true, .. } => VarKind::Package,
            _ => VarKind::Local,
        }
    }
}

impl Object {
    pub fn as_var(&self) -> Option<&Var> {
        if let ObjectKind::Var(v) = &self.kind { Some(v) } else { None }
    }

    pub fn as_func(&self) -> Option<&Func> {
        if let ObjectKind::Func(f) = &self.kind { Some(f) } else { None }
    }

    pub fn as_builtin(&self) -> Option<Builtin> {
        if let ObjectKind::Builtin(b) = self.kind { Some(b) } else { None }
    }

    pub fn const_value(&self) -> Option<&Const> {
        if let ObjectKind::Const { value } = &self.kind { value.get() } else { None }
    }

    pub fn is_type_name(&self) -> bool {
        matches!(self.kind, ObjectKind::TypeName)
    }

    pub fn is_func(&self) -> bool {
        matches!(self.kind, ObjectKind::Func(_))
    }

    pub fn is_exported(&self) -> bool {
        is_exported(&self.name)
    }
}

pub fn is_exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}

impl Type {
    pub fn as_basic(&self) -> Option<Basic> {
        if let Type::Basic(b) = self { Some(*b) } else { None }
    }

    pub fn as_named(&self) -> Option<&Named> {
        if let Type::Named(n) = self { Some(n) } else { None }
    }

    pub fn as_struct(&self) -> Option<&Struct> {
        if let Type::Struct(s) = self { Some(s) } else { None }
    }

    pub fn as_interface(&self) -> Option<&Interface> {
        if let Type::Interface(i) = self { Some(i) } else { None }
    }

    pub fn as_type_param(&self) -> Option<&TypeParam> {
        if let Type::TypeParam(p) = self { Some(p) } else { None }
    }

    pub fn as_alias(&self) -> Option<&Alias> {
        if let Type::Alias(a) = self { Some(a) } else { None }
    }

    pub fn as_tuple(&self) -> Option<&[ObjId]> {
        if let Type::Tuple(vars) = self { Some(vars) } else { None }
    }

    pub fn as_chan(&self) -> Option<Chan> {
        if let Type::Chan(c) = self { Some(*c) } else { None }
    }

    pub fn as_pointer(&self) -> Option<TypeId> {
        if let Type::Pointer { base } = self { Some(*base) } else { None }
    }

    pub fn as_slice(&self) -> Option<TypeId> {
        if let Type::Slice { elem } = self { Some(*elem) } else { None }
    }

    pub fn as_array(&self) -> Option<(i64, TypeId)> {
        if let Type::Array { len, elem } = self { Some((*len, *elem)) } else { None }
    }

    pub fn as_map(&self) -> Option<(TypeId, TypeId)> {
        if let Type::Map { key, elem } = self { Some((*key, *elem)) } else { None }
    }

    pub fn as_signature(&self) -> Option<&SignatureContents> {
        if let Type::Signature(s) = self { Some(s.get()) } else { None }
    }

    pub fn as_union(&self) -> Option<&[Term]> {
        if let Type::Union(terms) = self { Some(terms) } else { None }
    }
}

impl Signature {
    /// The contents; those of `func()` as long as they are not set.
    pub fn get(&self) -> &SignatureContents {
        static EMPTY: SignatureContents = SignatureContents {
            type_params: Vec::new(),
            recv_type_params: Vec::new(),
            recv: None,
            params: Vec::new(),
            results: Vec::new(),
            variadic: false,
        };
        self.contents.get().unwrap_or(&EMPTY)
    }
}

impl Interface {
    /// Explicitly declared methods.
    pub fn methods(&self) -> &[ObjId] {
        self.contents.get().map_or(&[], |c| &c.methods)
    }

    pub fn embeddeds(&self) -> &[TypeId] {
        self.contents.get().map_or(&[], |c| &c.embeddeds)
    }

    pub fn is_implicit(&self) -> bool {
        self.contents.get().is_some_and(|c| c.implicit)
    }

    pub fn is_complete(&self) -> bool {
        self.contents.get().is_some()
    }
}

impl Named {
    pub fn type_args(&self) -> &[TypeId] {
        self.instance.as_ref().map_or(&[], |i| &i.targs)
    }

    /// What an instance has in place of the type parameters around its generic type's declaration.
    pub fn outer_args(&self) -> &[TypeId] {
        self.instance.as_ref().map_or(&[], |i| &i.outer)
    }
}

impl Store {
    /// The object's type, invalid if it has none (yet). A method of an instance gets it here, by
    /// substitution in the generic method's.
    pub fn type_of(&self, obj: ObjId) -> TypeId {
        self.try_type_of(obj).unwrap_or(TypeId::INVALID)
    }

    pub fn try_type_of(&self, obj: ObjId) -> Option<TypeId> {
        let o = self.obj(obj);
        o.ty.get().or_else(|| self.expand_method(obj))
    }

    pub fn name(&self, obj: ObjId) -> &Name {
        &self.obj(obj).name
    }

    pub fn pkg_path(&self, pkg: PkgId) -> &Name {
        &self.pkg(pkg).path
    }

    pub fn pkg_name(&self, pkg: PkgId) -> &str {
        let p = self.pkg(pkg);
        p.name.get().unwrap_or(&p.path)
    }

    pub fn same_pkg(&self, a: Option<PkgId>, b: Option<PkgId>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => a == b || self.pkg(a).path == self.pkg(b).path,
            (a, b) => a == b,
        }
    }

    /// Whether `obj` is what `name` means in `pkg`: unexported names differ from package to package.
    /// `fold_case` ignores packages and case.
    pub fn same_id(&self, obj: ObjId, pkg: Option<PkgId>, name: &str, fold_case: bool) -> bool {
        let o = self.obj(obj);
        if fold_case && equal_fold(&o.name, name) {
            return true;
        }
        &*o.name == name && (o.is_exported() || self.same_pkg(o.pkg, pkg))
    }

    /// The name of an exported object, else the name qualified by its package's path.
    pub fn unique_id(&self, obj: ObjId) -> String {
        let o = self.obj(obj);
        if o.is_exported() {
            return o.name.to_string();
        }
        match o.pkg {
            Some(p) if !self.pkg(p).path.is_empty() => format!("{}.{}", self.pkg(p).path, o.name),
            _ => format!("_.{}", o.name),
        }
    }

    /// Through aliases, to the first type that is none; invalid if an alias is not complete.
    pub fn unalias(&self, t: TypeId) -> TypeId {
        let mut t = t;
        // An alias of itself is an error, but may be met before it is reported.
        for _ in 0..MAX_CHAIN {
            match self.ty(t) {
                Type::Alias(a) => match a.from.get() {
                    Some(rhs) => t = rhs,
                    None => return TypeId::INVALID,
                },
                _ => return t,
            }
        }
        TypeId::INVALID
    }

    /// The form behind aliases (not the underlying type).
    pub fn unaliased(&self, t: TypeId) -> &Type {
        self.ty(self.unalias(t))
    }

    /// The form of the underlying type.
    pub fn under_ty(&self, t: TypeId) -> &Type {
        self.ty(self.under(t))
    }

    /// The declared or instantiated type that `t` is, through aliases.
    pub fn as_named(&self, t: TypeId) -> Option<&Named> {
        self.unaliased(t).as_named()
    }

    /// The type parameter that `t` is, through aliases.
    pub fn as_type_param(&self, t: TypeId) -> Option<TypeId> {
        let t = self.unalias(t);
        matches!(self.ty(t), Type::TypeParam(_)).then_some(t)
    }

    /// The object of a named type, an alias or a type parameter. Of an instance: the generic type's.
    pub fn type_name(&self, t: TypeId) -> Option<ObjId> {
        match self.ty(t) {
            Type::Named(n) => match &n.instance {
                Some(i) => self.type_name(i.origin),
                None => Some(n.obj),
            },
            Type::Alias(a) => match &a.instance {
                Some(i) => self.type_name(i.origin),
                None => Some(a.obj),
            },
            Type::TypeParam(p) => Some(p.obj),
            _ => None,
        }
    }

    /// The generic type that the named type or alias `t` is an instance of, else `t`.
    pub fn origin(&self, t: TypeId) -> TypeId {
        match self.ty(t) {
            Type::Named(Named { instance: Some(i), .. }) | Type::Alias(Alias { instance: Some(i), .. }) => {
                i.origin
            }
            _ => t,
        }
    }

    /// The type parameters of a named type or alias (of an instance: its generic type's) or a signature.
    pub fn type_params(&self, t: TypeId) -> &[TypeId] {
        match self.ty(self.origin(t)) {
            Type::Named(n) => n.type_params.get().map_or(&[], |l| l),
            Type::Alias(a) => a.type_params.get().map_or(&[], |l| l),
            Type::Signature(s) => match s.contents.get() {
                Some(c) => &c.type_params,
                None => s.early_type_params.get().map_or(&[], |l| l),
            },
            _ => &[],
        }
    }

    pub fn type_args(&self, t: TypeId) -> &[TypeId] {
        match self.ty(t) {
            Type::Named(n) => n.type_args(),
            Type::Alias(a) => a.instance.as_ref().map_or(&[], |i| &i.targs),
            _ => &[],
        }
    }

    /// The contents of the signature that `t` (through names and aliases) is.
    pub fn signature(&self, t: TypeId) -> Option<&SignatureContents> {
        self.under_ty(t).as_signature()
    }

    /// The signature of a function or method; `None` while it is unknown or after an error.
    pub fn func_signature(&self, f: ObjId) -> Option<&SignatureContents> {
        self.ty(self.try_type_of(f)?).as_signature()
    }

    /// The types of variables: of fields, parameters or results.
    pub fn types_of(&self, vars: &[ObjId]) -> Vec<TypeId> {
        vars.iter().map(|&v| self.type_of(v)).collect()
    }

    /// If `t` is an unnamed pointer `*T`: `T` and true, else `t` and false.
    pub fn deref(&self, t: TypeId) -> (TypeId, bool) {
        match self.unaliased(t) {
            Type::Pointer { base } => (*base, true),
            _ => (t, false),
        }
    }

    /// Whether a type's name is another name for a type, rather than a type of its own.
    pub fn is_alias_name(&self, obj: ObjId) -> bool {
        let o = self.obj(obj);
        let Some(t) = o.ty.get() else { return false };
        match self.ty(t) {
            Type::Basic(b) => {
                let unsafe_pointer = o.pkg == Some(self.universe().unsafe_pkg);
                !unsafe_pointer
                    && (o.pkg.is_some() || b.name != &*o.name || matches!(b.name, "byte" | "rune"))
            }
            Type::Named(n) => n.obj != obj,
            Type::TypeParam(p) => p.obj != obj,
            _ => true,
        }
    }

    /// Whether a method has a pointer receiver; known before its signature is.
    pub fn has_pointer_recv(&self, f: ObjId) -> bool {
        let o = self.obj(f);
        let sig = o.ty.get().and_then(|t| self.ty(t).as_signature());
        if let Some(recv) = sig.and_then(|s| s.recv)
            && let Some(t) = self.obj(recv).ty.get()
        {
            return self.deref(t).1;
        }
        o.as_func().is_some_and(|f| f.has_pointer_recv.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// A bound on chains that only an erroneous program makes long.
pub(crate) const MAX_CHAIN: usize = 10_000;

/// Unicode's simple case folding is what Go uses; lower-casing both sides differs for a few letters
/// that no message will miss.
pub(crate) fn equal_fold(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}
