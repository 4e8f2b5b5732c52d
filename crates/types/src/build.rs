//! Making types, objects, scopes and packages.

use crate::cell::TypeCell;
use crate::constant::Const;
use crate::object::{Builtin, Func, Object, ObjectKind, Package, Scope, Var};
use crate::store::{ObjId, PkgId, ScopeId, Store, TypeId};
use crate::ty::{
    Alias, Chan, InstanceOf, Interface, InterfaceContents, Named, Signature, SignatureContents, Struct, Term,
    Type, TypeParam,
};
use goxide_source::Pos;
use goxide_syntax::ast::{ChanDir, Name};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A composite type by the ids of its parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Key {
    Array(i64, TypeId),
    Slice(TypeId),
    Pointer(TypeId),
    Map(TypeId, TypeId),
    Chan(ChanDir, TypeId),
}

/// What kind of variable to make; see [`Var`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    Package,
    Local,
    Recv,
    Param,
    Result,
    Field,
    EmbeddedField,
}

fn once<T>(v: T) -> OnceLock<T> {
    OnceLock::from(v)
}

impl Store {
    fn intern(&self, key: Key, make: impl FnOnce() -> Type) -> TypeId {
        if let Some(&t) = self.interned.read().expect("not poisoned").get(&key) {
            return t;
        }
        let mut map = self.interned.write().expect("not poisoned");
        *map.entry(key).or_insert_with(|| self.add_type(make()))
    }

    pub fn new_array(&self, len: i64, elem: TypeId) -> TypeId {
        self.intern(Key::Array(len, elem), || Type::Array { len, elem })
    }

    pub fn new_slice(&self, elem: TypeId) -> TypeId {
        self.intern(Key::Slice(elem), || Type::Slice { elem })
    }

    pub fn new_pointer(&self, base: TypeId) -> TypeId {
        self.intern(Key::Pointer(base), || Type::Pointer { base })
    }

    pub fn new_map(&self, key: TypeId, elem: TypeId) -> TypeId {
        self.intern(Key::Map(key, elem), || Type::Map { key, elem })
    }

    pub fn new_chan(&self, dir: ChanDir, elem: TypeId) -> TypeId {
        self.intern(Key::Chan(dir, elem), || Type::Chan(Chan { dir, elem }))
    }

    /// `tags` may be shorter than `fields`: no tags then.
    pub fn new_struct(&self, fields: Vec<ObjId>, tags: Vec<String>) -> TypeId {
        self.add_type(Type::Struct(Struct { contents: once((fields, tags)) }))
    }

    pub fn new_tuple(&self, vars: Vec<ObjId>) -> TypeId {
        self.add_type(Type::Tuple(vars))
    }

    /// A tuple of unnamed variables: the type of a call with several results, or of `v, ok`.
    pub fn tuple_of(&self, types: &[TypeId]) -> TypeId {
        let var = |&t| self.new_var(VarKind::Param, Pos::NONE, None, "".into(), Some(t));
        self.new_tuple(types.iter().map(var).collect())
    }

    pub fn new_signature(&self, contents: SignatureContents) -> TypeId {
        self.add_type(Type::Signature(Signature { contents: once(contents), ..Signature::default() }))
    }

    /// `methods` in any order: they are sorted as in a type set.
    pub fn new_interface(&self, mut contents: InterfaceContents) -> TypeId {
        self.sort_methods(&mut contents.methods);
        self.add_type(Type::Interface(Interface { contents: once(contents), type_set: OnceLock::new() }))
    }

    pub fn new_union(&self, terms: Vec<Term>) -> TypeId {
        self.add_type(Type::Union(terms))
    }

    /// A declared type, which becomes the type of `obj` if that has none yet. For a type inside a
    /// function, `obj` must already be in its scope.
    pub fn new_named(&self, obj: ObjId, rhs: Option<TypeId>) -> TypeId {
        let (local, outer_params) = self.local_context(obj);
        let t = self.add_type(Type::Named(Named {
            obj,
            type_params: OnceLock::new(),
            outer_params,
            local,
            instance: None,
            rhs: rhs.map_or_else(TypeCell::new, TypeCell::of),
            underlying: TypeCell::new(),
            layout: Default::default(),
            methods: Default::default(),
        }));
        self.obj(obj).ty.set_once(t);
        t
    }

    /// The number of a type declared in a function, and the type parameters of that function.
    fn local_context(&self, obj: ObjId) -> (u32, Vec<TypeId>) {
        let o = self.obj(obj);
        let (Some(pkg), Some(&scope)) = (o.pkg.map(|p| self.pkg(p)), o.parent.get()) else {
            return (0, Vec::new());
        };
        if scope == pkg.scope {
            return (0, Vec::new());
        }
        let mut params: Vec<(Pos, TypeId)> = Vec::new();
        let mut at = Some(scope);
        while let Some(s) = at.filter(|&s| s != pkg.scope) {
            let names = self.scope(s).names.read().expect("not poisoned");
            params.extend(names.values().filter_map(|&n| {
                let t = self.obj(n).ty.get().filter(|_| self.obj(n).is_type_name())?;
                matches!(self.ty(t), Type::TypeParam(_)).then_some((self.obj(n).pos, t))
            }));
            at = self.scope(s).parent;
        }
        params.sort();
        (o.order.load(Ordering::Relaxed), params.into_iter().map(|p| p.1).collect())
    }

    pub(crate) fn new_named_instance(&self, origin: &Named, instance: InstanceOf) -> TypeId {
        self.add_type(Type::Named(Named {
            obj: origin.obj,
            type_params: OnceLock::new(),
            outer_params: Vec::new(),
            local: origin.local,
            instance: Some(instance),
            rhs: TypeCell::new(),
            underlying: TypeCell::new(),
            layout: Default::default(),
            methods: Default::default(),
        }))
    }

    /// A declared alias, which becomes the type of `obj` if that has none yet.
    pub fn new_alias(&self, obj: ObjId, rhs: Option<TypeId>) -> TypeId {
        let t = self.add_type(Type::Alias(Alias {
            obj,
            type_params: OnceLock::new(),
            instance: None,
            from: rhs.map_or_else(TypeCell::new, TypeCell::of),
        }));
        self.obj(obj).ty.set_once(t);
        t
    }

    pub(crate) fn new_alias_instance(&self, obj: ObjId, instance: InstanceOf, rhs: TypeId) -> TypeId {
        self.add_type(Type::Alias(Alias {
            obj,
            type_params: OnceLock::new(),
            instance: Some(instance),
            from: TypeCell::of(rhs),
        }))
    }

    /// A type parameter, which becomes the type of `obj` if that has none yet. The bound may follow.
    pub fn new_type_param(&self, obj: ObjId, index: u32, bound: Option<TypeId>) -> TypeId {
        let t = self.add_type(Type::TypeParam(TypeParam {
            obj,
            index: AtomicU32::new(index),
            bound: bound.map_or_else(TypeCell::new, TypeCell::of),
        }));
        self.obj(obj).ty.set_once(t);
        t
    }

    /// Any object; the more special functions below are shorthands.
    pub fn new_object(
        &self,
        kind: ObjectKind,
        pos: Pos,
        pkg: Option<PkgId>,
        name: Name,
        ty: Option<TypeId>,
    ) -> ObjId {
        self.add_object(Object {
            kind,
            name,
            pkg,
            pos,
            parent: OnceLock::new(),
            ty: ty.map_or_else(TypeCell::new, TypeCell::of),
            scope_pos: Default::default(),
            order: AtomicU32::new(0),
            used: Default::default(),
        })
    }

    pub fn new_var(
        &self,
        kind: VarKind,
        pos: Pos,
        pkg: Option<PkgId>,
        name: Name,
        ty: Option<TypeId>,
    ) -> ObjId {
        self.new_object(ObjectKind::Var(Var::of(kind)), pos, pkg, name, ty)
    }

    pub fn new_func(&self, pos: Pos, pkg: Option<PkgId>, name: Name, ty: Option<TypeId>) -> ObjId {
        self.new_object(ObjectKind::Func(Func::default()), pos, pkg, name, ty)
    }

    pub fn new_type_name(&self, pos: Pos, pkg: Option<PkgId>, name: Name, ty: Option<TypeId>) -> ObjId {
        self.new_object(ObjectKind::TypeName, pos, pkg, name, ty)
    }

    pub fn new_const(
        &self,
        pos: Pos,
        pkg: Option<PkgId>,
        name: Name,
        ty: Option<TypeId>,
        value: Option<Const>,
    ) -> ObjId {
        let value = value.map_or_else(OnceLock::new, once);
        self.new_object(ObjectKind::Const { value }, pos, pkg, name, ty)
    }

    pub fn new_pkg_name(&self, pos: Pos, pkg: PkgId, name: Name, imported: PkgId) -> ObjId {
        self.new_object(ObjectKind::PkgName { imported }, pos, Some(pkg), name, Some(TypeId::INVALID))
    }

    pub fn new_label(&self, pos: Pos, pkg: PkgId, name: Name) -> ObjId {
        self.new_object(ObjectKind::Label, pos, Some(pkg), name, Some(TypeId::INVALID))
    }

    pub(crate) fn new_builtin(&self, b: Builtin, pkg: Option<PkgId>) -> ObjId {
        self.new_object(ObjectKind::Builtin(b), Pos::NONE, pkg, b.name().into(), Some(TypeId::INVALID))
    }

    pub fn new_scope(&self, parent: Option<ScopeId>, start: Pos, end: Pos, is_func: bool) -> ScopeId {
        self.add_scope(Scope { parent, start, end, is_func, names: Default::default() })
    }

    /// A package with an empty scope inside the universe.
    pub fn new_package(&self, path: Name, name: Option<Name>) -> PkgId {
        let parent = self.universe.as_ref().map(|u| u.scope);
        let scope = self.new_scope(parent, Pos::NONE, Pos::NONE, false);
        self.add_package(Package {
            path,
            name: name.map_or_else(OnceLock::new, once),
            scope,
            imports: Default::default(),
            go_version: OnceLock::new(),
            hidden: OnceLock::new(),
        })
    }

    /// Declares `obj` in `scope`; another object of that name there is left alone and returned.
    pub fn insert(&self, scope: ScopeId, obj: ObjId) -> Option<ObjId> {
        let mut names = self.scope(scope).names.write().expect("not poisoned");
        if let Some(&other) = names.get(&self.obj(obj).name) {
            return Some(other);
        }
        names.insert(self.obj(obj).name.clone(), obj);
        let _ = self.obj(obj).parent.set(scope);
        None
    }

    pub fn lookup(&self, scope: ScopeId, name: &str) -> Option<ObjId> {
        self.scope(scope).names.read().expect("not poisoned").get(name).copied()
    }

    /// Looks outward from `scope`. With a known `pos`, objects whose scope begins behind it do not count.
    pub fn lookup_parent(&self, scope: ScopeId, name: &str, pos: Pos) -> Option<(ScopeId, ObjId)> {
        let mut at = Some(scope);
        while let Some(s) = at {
            if let Some(obj) = self.lookup(s, name)
                && (!pos.is_known() || self.obj(obj).scope_pos.get() <= pos)
            {
                return Some((s, obj));
            }
            at = self.scope(s).parent;
        }
        None
    }

    /// The scope's objects, sorted by name.
    pub fn scope_objects(&self, scope: ScopeId) -> Vec<ObjId> {
        let mut list: Vec<ObjId> =
            self.scope(scope).names.read().expect("not poisoned").values().copied().collect();
        list.sort_by(|&a, &b| self.obj(a).name.cmp(&self.obj(b).name));
        list
    }
}
