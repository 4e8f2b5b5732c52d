//! Type identity, a hash that respects it, and one representative of each class.

use crate::store::{ObjId, Store, TypeId};
use crate::subst::SubstMap;
use crate::ty::{SignatureContents, Type};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// Interfaces whose comparison is under way, to end cycles through their methods.
#[derive(Clone, Copy)]
pub(crate) struct IfacePairs<'a> {
    pub x: TypeId,
    pub y: TypeId,
    pub prev: Option<&'a IfacePairs<'a>>,
}

impl IfacePairs<'_> {
    pub fn contains(mut p: Option<&IfacePairs<'_>>, x: TypeId, y: TypeId) -> bool {
        while let Some(pair) = p {
            if (pair.x, pair.y) == (x, y) || (pair.x, pair.y) == (y, x) {
                return true;
            }
            p = pair.prev;
        }
        false
    }
}

#[derive(Clone, Copy, Default)]
struct Comparer {
    ignore_tags: bool,
    ignore_invalids: bool,
}

impl Store {
    pub fn identical(&self, x: TypeId, y: TypeId) -> bool {
        x == y || Comparer::default().identical(self, x, y, None)
    }

    pub fn identical_ignore_tags(&self, x: TypeId, y: TypeId) -> bool {
        Comparer { ignore_tags: true, ..Default::default() }.identical(self, x, y, None)
    }

    /// An invalid type is taken as identical to any.
    pub fn identical_ignore_invalids(&self, x: TypeId, y: TypeId) -> bool {
        Comparer { ignore_invalids: true, ..Default::default() }.identical(self, x, y, None)
    }

    pub fn identical_lists(&self, xs: &[TypeId], ys: &[TypeId]) -> bool {
        xs.len() == ys.len() && xs.iter().zip(ys).all(|(&x, &y)| self.identical(x, y))
    }

    /// The representative of all types identical to `t`: equal results mean identical types. For
    /// complete types only, after checking.
    pub fn canonical(&self, t: TypeId) -> TypeId {
        let t = self.unalias(t);
        let find = |list: &Vec<TypeId>| list.iter().copied().find(|&c| self.identical(c, t));
        let hash = self.identity_hash(t);
        if let Some(c) = self.canonical.read().expect("not poisoned").get(&hash).and_then(find) {
            return c;
        }
        let mut map = self.canonical.write().expect("not poisoned");
        let list = map.entry(hash).or_default();
        find(list).unwrap_or_else(|| {
            list.push(t);
            t
        })
    }

    /// A hash that identical types share. Shallow where types may not be complete yet.
    pub fn identity_hash(&self, t: TypeId) -> u64 {
        let mut h = FxHasher::default();
        self.hash_into(t, &mut h, 0);
        h.finish()
    }

    fn hash_into(&self, t: TypeId, h: &mut FxHasher, depth: u32) {
        const MAX_DEPTH: u32 = 8;
        let t = self.unalias(t);
        let form = self.ty(t);
        std::mem::discriminant(form).hash(h);
        if depth > MAX_DEPTH {
            return;
        }
        let mut part = |t: TypeId| self.hash_into(t, h, depth + 1);
        match form {
            Type::Basic(b) => b.kind.hash(h),
            // A length of −1 (unknown) is identical to any.
            Type::Array { elem, .. } | Type::Slice { elem } | Type::Pointer { base: elem } => part(*elem),
            Type::Map { key, elem } => {
                part(*key);
                part(*elem);
            }
            Type::Chan(c) => {
                part(c.elem);
                c.dir.hash(h);
            }
            Type::Struct(s) => {
                for &f in s.fields() {
                    part(self.type_of(f));
                }
                for &f in s.fields() {
                    self.name(f).hash(h);
                }
            }
            Type::Signature(s) => {
                let s = s.get();
                // Parameters of a generic signature's types may differ by name only.
                if s.type_params.is_empty() {
                    s.params.iter().chain(&s.results).for_each(|&v| part(self.type_of(v)));
                }
                (s.params.len(), s.results.len(), s.variadic).hash(h);
            }
            Type::Tuple(vars) => vars.iter().for_each(|&v| part(self.type_of(v))),
            Type::Named(n) => {
                n.type_args().iter().chain(n.outer_args()).for_each(|&a| part(a));
                self.origin(t).hash(h);
            }
            Type::TypeParam(_) => t.hash(h),
            Type::Interface(_) | Type::Union(_) | Type::Alias(_) => {}
        }
    }
}

impl Comparer {
    fn identical(self, store: &Store, x: TypeId, y: TypeId, p: Option<&IfacePairs<'_>>) -> bool {
        let (x, y) = (store.unalias(x), store.unalias(y));
        if x == y {
            return true;
        }
        if self.ignore_invalids && (x == TypeId::INVALID || y == TypeId::INVALID) {
            return true;
        }
        let same = |a: TypeId, b: TypeId| self.identical(store, a, b, p);
        match (store.ty(x), store.ty(y)) {
            (Type::Basic(a), Type::Basic(b)) => a.kind == b.kind,
            (Type::Array { len: m, elem: a }, Type::Array { len: n, elem: b }) => {
                (*m < 0 || *n < 0 || m == n) && same(*a, *b)
            }
            (Type::Slice { elem: a }, Type::Slice { elem: b }) => same(*a, *b),
            (Type::Pointer { base: a }, Type::Pointer { base: b }) => same(*a, *b),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => same(*k, *l) && same(*a, *b),
            (Type::Chan(a), Type::Chan(b)) => a.dir == b.dir && same(a.elem, b.elem),
            (Type::Struct(a), Type::Struct(b)) => {
                a.fields().len() == b.fields().len()
                    && a.fields().iter().zip(b.fields()).enumerate().all(|(i, (&f, &g))| {
                        store.same_field(f, g)
                            && (self.ignore_tags || a.tag(i) == b.tag(i))
                            && same(store.type_of(f), store.type_of(g))
                    })
            }
            (Type::Tuple(a), Type::Tuple(b)) => self.vars(store, a, b, p),
            (Type::Signature(a), Type::Signature(b)) => self.signatures(store, a.get(), b.get(), p),
            (Type::Union(a), Type::Union(b)) => {
                store.terms_equal(&store.union_type_set(a), &store.union_type_set(b))
            }
            (Type::Interface(_), Type::Interface(_)) => {
                let (xs, ys) = (store.type_set(x), store.type_set(y));
                if xs.comparable != ys.comparable
                    || xs.methods.len() != ys.methods.len()
                    || !store.terms_equal(&xs.terms, &ys.terms)
                {
                    return false;
                }
                if IfacePairs::contains(p, x, y) {
                    return true;
                }
                let q = IfacePairs { x, y, prev: p };
                xs.methods.iter().zip(&ys.methods).all(|(&f, &g)| {
                    f == g
                        || store.same_method_name(f, g)
                            && self.identical(store, store.type_of(f), store.type_of(g), Some(&q))
                })
            }
            (Type::Named(a), Type::Named(b)) => {
                store.type_name(x) == store.type_name(y)
                    && a.instance.is_some() == b.instance.is_some()
                    && store.identical_lists(a.type_args(), b.type_args())
                    && store.identical_lists(a.outer_args(), b.outer_args())
            }
            _ => false,
        }
    }

    fn vars(self, store: &Store, xs: &[ObjId], ys: &[ObjId], p: Option<&IfacePairs<'_>>) -> bool {
        xs.len() == ys.len()
            && xs.iter().zip(ys).all(|(&v, &w)| self.identical(store, store.type_of(v), store.type_of(w), p))
    }

    fn signatures(
        self,
        store: &Store,
        x: &SignatureContents,
        y: &SignatureContents,
        p: Option<&IfacePairs<'_>>,
    ) -> bool {
        if x.type_params.len() != y.type_params.len()
            || x.variadic != y.variadic
            || x.params.len() != y.params.len()
            || x.results.len() != y.results.len()
        {
            return false;
        }
        if x.type_params.is_empty() {
            return self.vars(store, &x.params, &y.params, p) && self.vars(store, &x.results, &y.results, p);
        }
        // Compare with y's type parameters renamed to x's.
        let renamed = SubstMap::new(&y.type_params, &x.type_params);
        let same = |a: TypeId, b: TypeId| self.identical(store, a, store.subst(b, &renamed), p);
        let bounds = x.type_params.iter().zip(&y.type_params);
        let vars = x.params.iter().chain(&x.results).zip(y.params.iter().chain(&y.results));
        bounds.into_iter().all(|(&a, &b)| same(store.constraint(a), store.constraint(b)))
            && vars.into_iter().all(|(&v, &w)| same(store.type_of(v), store.type_of(w)))
    }
}

impl Store {
    /// Name, package where it matters, and being embedded agree.
    pub(crate) fn same_field(&self, f: ObjId, g: ObjId) -> bool {
        let (a, b) = (self.obj(f), self.obj(g));
        let embedded = |o: &crate::object::Object| o.as_var().is_some_and(|v| v.embedded);
        embedded(a) == embedded(b) && self.same_id(f, b.pkg, &b.name, false)
    }

    pub(crate) fn same_method_name(&self, f: ObjId, g: ObjId) -> bool {
        let b = self.obj(g);
        self.same_id(f, b.pkg, &b.name, false)
    }
}
