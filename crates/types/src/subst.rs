//! Substitution of type parameters (as `types2/subst.go`).

use crate::object::{Func, Object, ObjectKind, Var};
use crate::store::{ObjId, Store, TypeId};
use crate::ty::{InstanceOf, Interface, InterfaceContents, Named, SignatureContents, Term, Type};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Types for type parameters.
#[derive(Clone, Debug, Default)]
pub struct SubstMap {
    pairs: Vec<(TypeId, TypeId)>,
}

impl SubstMap {
    /// `from` are type parameters; pairs as far as both lists go.
    pub fn new(from: &[TypeId], to: &[TypeId]) -> SubstMap {
        SubstMap { pairs: from.iter().copied().zip(to.iter().copied()).collect() }
    }

    /// Leaves out those that have no type yet.
    pub fn partial(from: &[TypeId], to: &[Option<TypeId>]) -> SubstMap {
        SubstMap { pairs: from.iter().zip(to).filter_map(|(&f, &t)| Some((f, t?))).collect() }
    }

    /// Adds pairs.
    pub fn extend(&mut self, from: &[TypeId], to: &[TypeId]) {
        self.pairs.extend(from.iter().copied().zip(to.iter().copied()));
    }

    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub fn get(&self, type_param: TypeId) -> Option<TypeId> {
        self.pairs.iter().find(|p| p.0 == type_param).map(|p| p.1)
    }
}

/// Applies `f` to all; `None` if nothing changed.
fn map_list<T: Copy + PartialEq>(list: &[T], mut f: impl FnMut(T) -> T) -> Option<Vec<T>> {
    let mut out: Option<Vec<T>> = None;
    for (i, &x) in list.iter().enumerate() {
        let y = f(x);
        if y != x {
            out.get_or_insert_with(|| list.to_vec())[i] = y;
        }
    }
    out
}

impl Store {
    /// `t` with its type parameters replaced; `t` itself where none occurs.
    pub fn subst(&self, t: TypeId, map: &SubstMap) -> TypeId {
        if map.is_empty() {
            return t;
        }
        let s = |t: TypeId| self.subst(t, map);
        match self.ty(t) {
            Type::Basic(_) => t,
            Type::TypeParam(_) => map.get(t).unwrap_or(t),
            &Type::Array { len, elem } => self.changed(t, elem, s(elem), |e| self.new_array(len, e)),
            &Type::Slice { elem } => self.changed(t, elem, s(elem), |e| self.new_slice(e)),
            &Type::Pointer { base } => self.changed(t, base, s(base), |b| self.new_pointer(b)),
            &Type::Chan(c) => self.changed(t, c.elem, s(c.elem), |e| self.new_chan(c.dir, e)),
            &Type::Map { key, elem } => {
                let (k, e) = (s(key), s(elem));
                if (k, e) == (key, elem) { t } else { self.new_map(k, e) }
            }
            Type::Struct(st) => match self.subst_vars(st.fields(), map) {
                Some(fields) => {
                    let tags = st.contents.get().map_or(Vec::new(), |c| c.1.clone());
                    self.new_struct(fields, tags)
                }
                None => t,
            },
            Type::Tuple(vars) => self.subst_vars(vars, map).map_or(t, |v| self.new_tuple(v)),
            Type::Union(terms) => {
                map_list(terms, |x| Term { ty: s(x.ty), ..x }).map_or(t, |l| self.new_union(l))
            }
            Type::Signature(sig) => self.subst_signature(t, sig.get(), map),
            Type::Interface(i) => self.subst_interface(t, i, map),
            Type::Named(_) => self.subst_named(t, map),
            Type::Alias(_) => self.subst_alias(t, map),
        }
    }

    fn subst_named(&self, t: TypeId, map: &SubstMap) -> TypeId {
        let origin = self.origin(t);
        let Type::Named(generic) = self.ty(origin) else { return t };
        let (params, targs) = (self.type_params(t), self.type_args(t));
        if params.is_empty() && generic.outer_params.is_empty() {
            return t;
        }
        if targs.len() != params.len() {
            // Reported where it is written.
            return TypeId::INVALID;
        }
        let outer = match self.ty(t) {
            Type::Named(Named { instance: Some(i), .. }) if !i.outer.is_empty() => &i.outer,
            _ => &generic.outer_params,
        };
        let replace = |list: &[TypeId]| map_list(list, |x| self.subst(x, map));
        match (replace(targs), replace(outer)) {
            (None, None) => t,
            (new_targs, new_outer) => {
                let unchanged = new_outer.is_none() && outer == &generic.outer_params;
                let outer = if unchanged { Vec::new() } else { new_outer.unwrap_or_else(|| outer.clone()) };
                let targs = new_targs.unwrap_or_else(|| targs.to_vec());
                self.instance(InstanceOf { origin, targs, outer })
            }
        }
    }

    fn subst_alias(&self, t: TypeId, map: &SubstMap) -> TypeId {
        let (params, targs) = (self.type_params(t), self.type_args(t));
        if params.is_empty() {
            // An alias inside a generic function may stand for something with its type parameters.
            let actual = self.unalias(t);
            let new = self.subst(actual, map);
            return if new == actual { t } else { new };
        }
        if targs.len() != params.len() {
            return TypeId::INVALID;
        }
        match map_list(targs, |x| self.subst(x, map)) {
            Some(targs) => self.instantiate(self.origin(t), targs),
            None => t,
        }
    }

    fn changed(&self, t: TypeId, old: TypeId, new: TypeId, make: impl FnOnce(TypeId) -> TypeId) -> TypeId {
        if old == new { t } else { make(new) }
    }

    fn subst_vars(&self, vars: &[ObjId], map: &SubstMap) -> Option<Vec<ObjId>> {
        map_list(vars, |v| {
            let t = self.type_of(v);
            let new = self.subst(t, map);
            if new == t { v } else { self.clone_var(v, new) }
        })
    }

    /// Substitutes in a signature. Its own type parameters, unless they are what is replaced, are
    /// renewed, since their constraints may change.
    fn subst_signature(&self, t: TypeId, sig: &SignatureContents, map: &SubstMap) -> TypeId {
        let mut renewed = None;
        let mut extended = None;
        if let Some(&first) = sig.type_params.first()
            && map.get(first).is_none()
        {
            let fresh: Vec<TypeId> = sig.type_params.iter().map(|&p| self.fresh_type_param(p)).collect();
            let mut all = map.clone();
            all.pairs.extend(sig.type_params.iter().copied().zip(fresh.iter().copied()));
            for (&old, &new) in sig.type_params.iter().zip(&fresh) {
                if let Type::TypeParam(p) = self.ty(new) {
                    p.bound.set(self.subst(self.constraint(old), &all));
                }
            }
            renewed = Some(fresh);
            extended = Some(all);
        }
        let map = extended.as_ref().unwrap_or(map);
        let params = self.subst_vars(&sig.params, map);
        let results = self.subst_vars(&sig.results, map);
        if params.is_none() && results.is_none() && renewed.is_none() {
            return t;
        }
        self.new_signature(SignatureContents {
            type_params: renewed.unwrap_or_else(|| sig.type_params.clone()),
            params: params.unwrap_or_else(|| sig.params.clone()),
            results: results.unwrap_or_else(|| sig.results.clone()),
            ..sig.clone()
        })
    }

    /// A type parameter of the same name and place, without a bound yet.
    pub(crate) fn fresh_type_param(&self, p: TypeId) -> TypeId {
        let Type::TypeParam(old) = self.ty(p) else { return p };
        let o = self.obj(old.obj);
        let name = self.new_type_name(o.pos, o.pkg, o.name.clone(), None);
        self.new_type_param(name, old.index.load(Relaxed), None)
    }

    fn subst_interface(&self, t: TypeId, i: &Interface, map: &SubstMap) -> TypeId {
        let Some(c) = i.contents.get() else { return t };
        let methods = map_list(&c.methods, |m| {
            let Some(mt) = self.try_type_of(m) else { return m };
            let new = self.subst(mt, map);
            if new == mt { m } else { self.clone_func(m, new) }
        });
        let embeddeds = map_list(&c.embeddeds, |e| self.subst(e, map));
        if methods.is_none() && embeddeds.is_none() {
            return t;
        }
        let new = self.add_type(Type::Interface(Interface::default()));
        let methods = methods.unwrap_or_else(|| c.methods.clone());
        let methods = self.replace_recv_type(&methods, t, new).unwrap_or(methods);
        let contents = InterfaceContents {
            methods,
            embeddeds: embeddeds.unwrap_or_else(|| c.embeddeds.clone()),
            embed_pos: c.embed_pos.clone(),
            implicit: c.implicit,
            methods_only: i.contents.get().is_some_and(|c| c.methods_only),
        };
        if let Type::Interface(n) = self.ty(new) {
            let _ = n.contents.set(contents);
        }
        new
    }

    /// The methods with receivers of type `old` made ones of `new`; `None` if there are none.
    pub(crate) fn replace_recv_type(
        &self,
        methods: &[ObjId],
        old: TypeId,
        new: TypeId,
    ) -> Option<Vec<ObjId>> {
        map_list(methods, |m| {
            let Some(sig) = self.func_signature(m) else { return m };
            match sig.recv {
                Some(r) if self.type_of(r) == old => {
                    let recv = Some(self.clone_var(r, new));
                    let t = self.new_signature(SignatureContents { recv, ..sig.clone() });
                    self.clone_func(m, t)
                }
                _ => m,
            }
        })
    }

    /// The same variable with another type; the first one is its origin.
    pub(crate) fn clone_var(&self, v: ObjId, t: TypeId) -> ObjId {
        let Some(var) = self.obj(v).as_var() else { return v };
        let kind = ObjectKind::Var(Var {
            is_field: var.is_field,
            embedded: var.embedded,
            is_param: var.is_param,
            is_result: var.is_result,
            is_recv: var.is_recv,
            is_package_level: var.is_package_level,
            origin: Some(var.origin.unwrap_or(v)),
        });
        self.clone_object(v, kind, t)
    }

    pub(crate) fn clone_func(&self, f: ObjId, t: TypeId) -> ObjId {
        let Some(func) = self.obj(f).as_func() else { return f };
        let copy = Func {
            has_pointer_recv: AtomicBool::new(func.has_pointer_recv.load(Relaxed)),
            recv_type: Default::default(),
            origin: Some(func.origin.unwrap_or(f)),
            has_body: AtomicBool::new(func.has_body.load(Relaxed)),
            is_interface_method: func.is_interface_method,
        };
        if let Some(r) = func.recv_type.get() {
            copy.recv_type.set(r);
        }
        self.clone_object(f, ObjectKind::Func(copy), t)
    }

    fn clone_object(&self, obj: ObjId, kind: ObjectKind, t: TypeId) -> ObjId {
        let o = self.obj(obj);
        self.add_object(Object {
            kind,
            name: o.name.clone(),
            pkg: o.pkg,
            pos: o.pos,
            parent: OnceLock::new(),
            ty: crate::cell::TypeCell::of(t),
            scope_pos: Default::default(),
            order: AtomicU32::new(o.order.load(Relaxed)),
            used: AtomicBool::new(o.used.load(Relaxed)),
        })
    }
}
