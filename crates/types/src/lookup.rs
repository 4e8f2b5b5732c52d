//! Fields and methods of types, embedded ones included (as `types2/lookup.go`).

use crate::access::equal_fold;
use crate::cell::TypeCell;
use crate::object::{Func, Object, ObjectKind};
use crate::store::{ObjId, PkgId, Store, TypeId};
use crate::ty::{Named, Type};
use goxide_source::Pos;
use goxide_syntax::ast::Name;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    Found(Found),
    /// Several at the same, shallowest depth; the path leads to one of them.
    Ambiguous(Vec<u32>),
    /// There is such a method, but with a pointer receiver, and the operand is not addressable.
    PointerReceiver,
    NotFound,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// A field or a method.
    pub obj: ObjId,
    /// Indices of the fields on the way; last that of the field in its struct, or of the method among
    /// the methods of the named type or interface.
    pub path: Vec<u32>,
    /// A pointer was followed on the way.
    pub indirect: bool,
}

impl Lookup {
    pub fn found(self) -> Option<Found> {
        if let Lookup::Found(f) = self { Some(f) } else { None }
    }

    pub fn obj(&self) -> Option<ObjId> {
        if let Lookup::Found(f) = self { Some(f.obj) } else { None }
    }
}

struct Embedded {
    ty: TypeId,
    path: Vec<u32>,
    indirect: bool,
    /// The type occurs several times at this depth.
    multiples: bool,
}

fn joined(path: &[u32], i: usize) -> Vec<u32> {
    let mut p = path.to_vec();
    p.push(i as u32);
    p
}

impl Store {
    /// What `x.name` means, written in `pkg`, for an operand of type `t`.
    pub fn lookup_field_or_method(
        &self,
        t: TypeId,
        addressable: bool,
        pkg: Option<PkgId>,
        name: &str,
        fold_case: bool,
    ) -> Lookup {
        // A named pointer type has no methods, not even those of what it points to.
        if self.as_named(t).is_some() {
            let u = self.under(t);
            if matches!(self.ty(u), Type::Pointer { .. }) {
                return match self.lookup_in(u, false, pkg, name, fold_case) {
                    Lookup::Found(f) if self.obj(f.obj).is_func() => Lookup::NotFound,
                    other => other,
                };
            }
        }
        self.lookup_in(t, addressable, pkg, name, fold_case)
    }

    pub(crate) fn lookup_in(
        &self,
        t: TypeId,
        addressable: bool,
        pkg: Option<PkgId>,
        name: &str,
        fold_case: bool,
    ) -> Lookup {
        if name == "_" {
            return Lookup::NotFound;
        }
        let (start, is_ptr) = self.deref(t);
        if is_ptr && self.is_interface(start) {
            return Lookup::NotFound;
        }
        let mut current = vec![Embedded { ty: start, path: vec![], indirect: is_ptr, multiples: false }];
        let mut seen: Vec<TypeId> = Vec::new();
        while !current.is_empty() {
            let mut next: Vec<Embedded> = Vec::new();
            let mut hit: Option<Found> = None;
            for e in &current {
                let named = self.unalias(e.ty);
                if matches!(self.ty(named), Type::Named(_)) {
                    // Instances are unique, so that ids do to recognize a type.
                    if seen.contains(&named) {
                        continue;
                    }
                    seen.push(named);
                    if let Some((i, m)) = self.named_method(named, pkg, name, fold_case) {
                        let path = joined(&e.path, i);
                        if hit.is_some() || e.multiples {
                            return Lookup::Ambiguous(path);
                        }
                        hit = Some(Found { obj: m, path, indirect: e.indirect });
                        continue;
                    }
                }
                let u = self.under(e.ty);
                match self.ty(u) {
                    Type::Struct(s) => {
                        for (i, &f) in s.fields().iter().enumerate() {
                            if self.same_id(f, pkg, name, fold_case) {
                                let path = joined(&e.path, i);
                                if hit.is_some() || e.multiples {
                                    return Lookup::Ambiguous(path);
                                }
                                hit = Some(Found { obj: f, path, indirect: e.indirect });
                                continue;
                            }
                            // Once there is a match, deeper ones do not matter.
                            if hit.is_none() && self.obj(f).as_var().is_some_and(|v| v.embedded) {
                                let (ty, is_ptr) = self.deref(self.type_of(f));
                                next.push(Embedded {
                                    ty,
                                    path: joined(&e.path, i),
                                    indirect: e.indirect || is_ptr,
                                    multiples: e.multiples,
                                });
                            }
                        }
                    }
                    Type::Interface(_) => {
                        let methods = &self.type_set(u).methods;
                        if let Some((i, m)) = self.method_index(methods, pkg, name, fold_case) {
                            let path = joined(&e.path, i);
                            if hit.is_some() || e.multiples {
                                return Lookup::Ambiguous(path);
                            }
                            hit = Some(Found { obj: m, path, indirect: e.indirect });
                        }
                    }
                    _ => {}
                }
            }
            if let Some(found) = hit {
                let o = self.obj(found.obj);
                if o.is_func() && self.has_pointer_recv(found.obj) && !found.indirect && !addressable {
                    return Lookup::PointerReceiver;
                }
                return Lookup::Found(found);
            }
            current = self.consolidate(next);
        }
        Lookup::NotFound
    }

    /// Joins entries of the same type.
    fn consolidate(&self, list: Vec<Embedded>) -> Vec<Embedded> {
        let mut out: Vec<Embedded> = Vec::with_capacity(list.len());
        for e in list {
            match out.iter_mut().find(|o| self.identical(o.ty, e.ty)) {
                Some(o) => o.multiples = true,
                None => out.push(e),
            }
        }
        out
    }

    /// The method of that name in a list, and its index.
    pub fn method_index(
        &self,
        methods: &[ObjId],
        pkg: Option<PkgId>,
        name: &str,
        fold_case: bool,
    ) -> Option<(usize, ObjId)> {
        if name == "_" {
            return None;
        }
        let i = methods.iter().position(|&m| self.same_id(m, pkg, name, fold_case))?;
        Some((i, methods[i]))
    }

    /// The declared method `name` of the named type `t`, with its index.
    pub fn named_method(
        &self,
        t: TypeId,
        pkg: Option<PkgId>,
        name: &str,
        fold_case: bool,
    ) -> Option<(usize, ObjId)> {
        let own = self.type_name(t).and_then(|o| self.obj(o).pkg);
        if name == "_" || !(self.same_pkg(own, pkg) || crate::access::is_exported(name) || fold_case) {
            return None;
        }
        let Type::Named(origin) = self.ty(self.origin(t)) else { return None };
        let i = origin.methods.read().expect("not poisoned").iter().position(|&m| {
            let n = self.name(m);
            if fold_case { equal_fold(n, name) } else { &**n == name }
        })?;
        Some((i, self.method(t, i)?))
    }

    pub fn num_methods(&self, t: TypeId) -> usize {
        match self.ty(self.origin(t)) {
            Type::Named(n) => n.methods.read().expect("not poisoned").len(),
            _ => 0,
        }
    }

    /// The declared methods of a named type, in source order; of an instance, its own.
    pub fn methods(&self, t: TypeId) -> Vec<ObjId> {
        (0..self.num_methods(t)).filter_map(|i| self.method(t, i)).collect()
    }

    /// Declares a method; its name is new for the type.
    pub fn add_method(&self, t: TypeId, method: ObjId) {
        if let Type::Named(n) = self.ty(t) {
            n.methods.write().expect("not poisoned").push(method);
        }
    }

    /// The `i`th declared method of a named type. Those of an instance are made here; their types follow
    /// when they are asked for ([`Store::type_of`]).
    pub fn method(&self, t: TypeId, i: usize) -> Option<ObjId> {
        let t = self.unalias(t);
        let Type::Named(n) = self.ty(t) else { return None };
        if let Some(&m) = n.methods.read().expect("not poisoned").get(i) {
            return Some(m);
        }
        let Type::Named(origin) = self.ty(n.instance.as_ref()?.origin) else { return None };
        let declared = origin.methods.read().expect("not poisoned").clone();
        let mut own = n.methods.write().expect("not poisoned");
        for &m in declared.iter().skip(own.len()) {
            own.push(self.instance_method(t, m));
        }
        own.get(i).copied()
    }

    fn instance_method(&self, recv: TypeId, origin: ObjId) -> ObjId {
        let o = self.obj(origin);
        let f = o.as_func();
        let flag = |get: fn(&Func) -> &AtomicBool| AtomicBool::new(f.is_some_and(|f| get(f).load(Relaxed)));
        let func = Func {
            has_pointer_recv: flag(|f| &f.has_pointer_recv),
            recv_type: TypeCell::of(recv),
            origin: Some(origin),
            has_body: flag(|f| &f.has_body),
            is_interface_method: false,
        };
        self.add_object(Object {
            kind: ObjectKind::Func(func),
            name: o.name.clone(),
            pkg: o.pkg,
            pos: o.pos,
            parent: OnceLock::new(),
            ty: TypeCell::new(),
            scope_pos: Default::default(),
            order: AtomicU32::new(0),
            used: AtomicBool::new(false),
        })
    }

    pub fn new_interface_method(
        &self,
        pos: Pos,
        pkg: Option<PkgId>,
        name: Name,
        ty: Option<TypeId>,
    ) -> ObjId {
        let func = Func { is_interface_method: true, ..Default::default() };
        self.new_object(ObjectKind::Func(func), pos, pkg, name, ty)
    }

    /// A type's field names by a path, joined by dots: `a.b.c`.
    pub fn field_path(&self, t: TypeId, path: &[u32]) -> String {
        let mut t = t;
        let mut names: Vec<&str> = Vec::new();
        for &i in path {
            let Type::Struct(s) = self.under_ty(self.deref_struct_pointer(t)) else { break };
            let Some(&f) = s.fields().get(i as usize) else { break };
            names.push(self.name(f));
            t = self.type_of(f);
        }
        names.join(".")
    }

    /// The base of a pointer to a struct, named or not; else `t`.
    pub fn deref_struct_pointer(&self, t: TypeId) -> TypeId {
        match self.under_ty(t) {
            Type::Pointer { base } if matches!(self.under_ty(*base), Type::Struct(_)) => *base,
            _ => t,
        }
    }

    /// The selectable methods of `t`, embedded ones included, sorted as in a type set: what an itab or a
    /// type descriptor of a `T` (not an addressable one) is made from. The path is that of
    /// [`Store::lookup_field_or_method`].
    pub fn method_set(&self, t: TypeId) -> Vec<Found> {
        let mut names: Vec<ObjId> = Vec::new();
        self.collect_method_names(self.deref(t).0, &mut names, &mut Vec::new());
        self.sort_methods(&mut names);
        names.dedup_by(|a, b| self.same_method_name(*a, *b));
        names
            .iter()
            .filter_map(|&m| {
                let o = self.obj(m);
                let found = self.lookup_field_or_method(t, false, o.pkg, &o.name, false).found()?;
                self.obj(found.obj).is_func().then_some(found)
            })
            .collect()
    }

    /// All methods that may be promoted to `t`, whether or not they turn out to be ambiguous.
    fn collect_method_names(&self, t: TypeId, out: &mut Vec<ObjId>, seen: &mut Vec<TypeId>) {
        let t = self.unalias(t);
        if let Type::Named(Named { .. }) = self.ty(t) {
            if seen.contains(&t) {
                return;
            }
            seen.push(t);
            out.extend(self.methods(t).into_iter().filter(|&m| &**self.name(m) != "_"));
        }
        let u = self.under(t);
        match self.ty(u) {
            Type::Struct(s) => {
                for &f in s.fields() {
                    if self.obj(f).as_var().is_some_and(|v| v.embedded) {
                        self.collect_method_names(self.deref(self.type_of(f)).0, out, seen);
                    }
                }
            }
            Type::Interface(_) => out.extend(&self.type_set(u).methods),
            _ => {}
        }
    }
}
