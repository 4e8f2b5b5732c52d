//! Type unification (as `types2/unify.go`): finds types for type parameters that make two types
//! identical, or assignable where that is enough.

use crate::context::Cx;
use crate::identical::IfacePairs;
use crate::store::{ObjId, TypeId};
use crate::ty::Type;
use goxide_syntax::ast::ChanDir;

/// How well two types must match. At the top, assignability will do (`assign`); inside composite types,
/// they must then be identical (`exact`), since Go has no covariance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct UnifyMode {
    pub assign: bool,
    pub exact: bool,
}

impl UnifyMode {
    pub const INEXACT: UnifyMode = UnifyMode { assign: false, exact: false };
    pub const ASSIGN: UnifyMode = UnifyMode { assign: true, exact: false };
    pub const EXACT: UnifyMode = UnifyMode { assign: false, exact: true };
}

/// Recursion so deep only comes from types that expand for ever.
const DEPTH_LIMIT: u32 = 50;

pub(crate) struct Unifier<'a, 'b> {
    cx: &'a Cx<'b>,
    tparams: Vec<TypeId>,
    /// By type parameter the index of its handle; joined parameters share one.
    handles: Vec<usize>,
    values: Vec<Option<TypeId>>,
    depth: u32,
    /// Shared methods of interfaces are used (since Go 1.21).
    interface_inference: bool,
}

impl<'a, 'b> Unifier<'a, 'b> {
    pub fn new(cx: &'a Cx<'b>, tparams: &[TypeId], targs: &[Option<TypeId>]) -> Unifier<'a, 'b> {
        Unifier {
            cx,
            tparams: tparams.to_vec(),
            handles: (0..tparams.len()).collect(),
            values: (0..tparams.len()).map(|i| targs.get(i).copied().flatten()).collect(),
            depth: 0,
            interface_inference: cx.allows(21),
        }
    }

    pub fn unify(&mut self, x: TypeId, y: TypeId, mode: UnifyMode) -> bool {
        self.nify(x, y, mode, None)
    }

    pub fn at(&self, i: usize) -> Option<TypeId> {
        self.values[self.handles[i]]
    }

    pub fn set(&mut self, i: usize, t: TypeId) {
        self.values[self.handles[i]] = Some(t);
    }

    pub fn unknowns(&self) -> usize {
        (0..self.tparams.len()).filter(|&i| self.at(i).is_none()).count()
    }

    pub fn inferred(&self) -> Vec<Option<TypeId>> {
        (0..self.tparams.len()).map(|i| self.at(i)).collect()
    }

    /// The index of the type parameter to solve for that `t` is.
    fn bound(&self, t: TypeId) -> Option<usize> {
        let p = self.cx.store.as_type_param(t)?;
        self.tparams.iter().position(|&x| x == p)
    }

    /// Makes two parameters one. False if both have types.
    fn join(&mut self, x: usize, y: usize) -> bool {
        let (hx, hy) = (self.handles[x], self.handles[y]);
        if hx == hy {
            return true;
        }
        let (from, to) = match (self.values[hx], self.values[hy]) {
            (Some(_), Some(_)) => return false,
            (Some(_), None) => (hy, hx),
            _ => (hx, hy),
        };
        self.handles.iter_mut().filter(|h| **h == from).for_each(|h| *h = to);
        true
    }

    /// The interface literal that `t` is, type parameters left out.
    fn interface(&self, t: TypeId) -> Option<TypeId> {
        let s = self.cx.store;
        s.is_non_type_param_interface(t).then(|| s.under(t))
    }

    fn nify(&mut self, x: TypeId, y: TypeId, mode: UnifyMode, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        if s.unalias(x) == s.unalias(y) {
            return true;
        }
        if self.depth >= DEPTH_LIMIT {
            return false;
        }
        self.depth += 1;
        let ok = self.step(x, y, mode, p);
        self.depth -= 1;
        ok
    }

    fn step(&mut self, mut x: TypeId, mut y: TypeId, mode: UnifyMode, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        // A defined type comes second, a parameter to solve for first.
        if s.as_named(x).is_some() || self.bound(y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        // A defined type matches a literal by its underlying type.
        if !mode.exact
            && s.as_named(y).is_some()
            && s.is_type_lit(x)
            && !(self.interface_inference && s.is_interface(x))
        {
            y = s.under(y);
            if s.unalias(x) == s.unalias(y) {
                return true;
            }
        }
        match (self.bound(x), self.bound(y)) {
            (Some(px), Some(py)) => {
                if self.join(px, py) {
                    return true;
                }
                return match (self.at(px), self.at(py)) {
                    (Some(a), Some(b)) => self.nify(a, b, mode, p),
                    _ => false,
                };
            }
            (Some(px), None) => {
                return match self.at(px) {
                    Some(known) => self.refine(px, known, y, mode, p),
                    None => {
                        self.set(px, y);
                        true
                    }
                };
            }
            _ => {}
        }
        if self.interface_inference && !mode.exact {
            match (self.interface(x), self.interface(y)) {
                (Some(xi), Some(yi)) => return self.interfaces(xi, yi, p),
                (Some(i), None) => return self.methods_of(i, y, p),
                (None, Some(i)) => return self.methods_of(i, x, p),
                (None, None) => {}
            }
        }
        if s.is_type_param(y) {
            std::mem::swap(&mut x, &mut y);
        }
        self.forms(x, y, mode, p)
    }

    /// Parameter `px` has the type `known`; `y` must match, and may be the better choice.
    fn refine(
        &mut self,
        px: usize,
        known: TypeId,
        y: TypeId,
        mode: UnifyMode,
        p: Option<&IfacePairs<'_>>,
    ) -> bool {
        let s = self.cx.store;
        if !self.nify(known, y, mode, p) {
            return false;
        }
        let (xn, yn) = (s.as_named(known).is_some(), s.as_named(y).is_some());
        match (self.interface(known), self.interface(y)) {
            (Some(xi), Some(yi)) => {
                if xn && yn {
                    return s.identical(known, y);
                }
                if s.type_set(xi).methods.len() != s.type_set(yi).methods.len() {
                    return false;
                }
            }
            (None, None) => {}
            _ => return false,
        }
        if !mode.exact && !xn {
            // Prefer a defined type to a literal, and a directed channel to an undirected one.
            let directed = matches!(s.under_ty(y), Type::Chan(c) if c.dir != ChanDir::Both);
            if yn || directed {
                self.set(px, y);
            }
        }
        true
    }

    /// Inexactly: the one with fewer methods must be covered by the other.
    fn interfaces(&mut self, x: TypeId, y: TypeId, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        let (xs, ys) = (s.type_set(x), s.type_set(y));
        if xs.comparable != ys.comparable || !s.terms_equal(&xs.terms, &ys.terms) {
            return false;
        }
        if IfacePairs::contains(p, x, y) {
            return true;
        }
        let q = IfacePairs { x, y, prev: p };
        let (few, many) = match xs.methods.len() > ys.methods.len() {
            true => (&ys.methods, &xs.methods),
            false => (&xs.methods, &ys.methods),
        };
        few.iter().all(|&m| {
            let other = many.iter().copied().find(|&o| s.same_method_name(o, m));
            other.is_some_and(|o| self.nify(s.type_of(m), s.type_of(o), UnifyMode::EXACT, Some(&q)))
        })
    }

    /// The type `t` must have the methods of interface `i`.
    fn methods_of(&mut self, i: TypeId, t: TypeId, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        s.type_set(i).methods.iter().all(|&m| {
            let o = s.obj(m);
            let found = s.lookup_field_or_method(t, false, o.pkg, &o.name, false).obj();
            let Some(f) = found.filter(|&f| s.obj(f).is_func()) else { return false };
            let Some(ft) = self.cx.func_type(f) else { return false };
            s.type_params(ft).is_empty() && self.nify(s.type_of(m), ft, UnifyMode::EXACT, p)
        })
    }

    fn lists(&mut self, xs: &[TypeId], ys: &[TypeId], mode: UnifyMode, p: Option<&IfacePairs<'_>>) -> bool {
        xs.len() == ys.len() && xs.iter().zip(ys).all(|(&a, &b)| self.nify(a, b, mode, p))
    }

    fn vars(&mut self, xs: &[ObjId], ys: &[ObjId], mode: UnifyMode, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        xs.len() == ys.len()
            && xs.iter().zip(ys).all(|(&v, &w)| self.nify(s.type_of(v), s.type_of(w), mode, p))
    }

    fn forms(&mut self, x: TypeId, y: TypeId, mode: UnifyMode, p: Option<&IfacePairs<'_>>) -> bool {
        let s = self.cx.store;
        let inner = UnifyMode { exact: mode.exact || mode.assign, ..mode };
        let (ux, uy) = (s.unalias(x), s.unalias(y));
        match (s.ty(ux), s.ty(uy)) {
            (Type::TypeParam(_), _) => match s.common_under(ux) {
                Some(core) => self.nify(core, y, UnifyMode::ASSIGN, p),
                None => false,
            },
            (Type::Basic(a), Type::Basic(b)) => a.kind == b.kind,
            (Type::Array { len: m, elem: a }, Type::Array { len: n, elem: b }) => {
                (*m < 0 || *n < 0 || m == n) && self.nify(*a, *b, inner, p)
            }
            (Type::Slice { elem: a }, Type::Slice { elem: b })
            | (Type::Pointer { base: a }, Type::Pointer { base: b }) => self.nify(*a, *b, inner, p),
            (Type::Map { key: k, elem: a }, Type::Map { key: l, elem: b }) => {
                self.nify(*k, *l, inner, p) && self.nify(*a, *b, inner, p)
            }
            (Type::Chan(a), Type::Chan(b)) => {
                (!mode.exact || a.dir == b.dir) && self.nify(a.elem, b.elem, inner, p)
            }
            (Type::Struct(a), Type::Struct(b)) => {
                a.fields().len() == b.fields().len()
                    && a.fields().iter().zip(b.fields()).enumerate().all(|(i, (&f, &g))| {
                        s.same_field(f, g)
                            && a.tag(i) == b.tag(i)
                            && self.nify(s.type_of(f), s.type_of(g), inner, p)
                    })
            }
            (Type::Tuple(a), Type::Tuple(b)) => self.vars(a, b, mode, p),
            (Type::Signature(a), Type::Signature(b)) => {
                let (a, b) = (a.get(), b.get());
                a.variadic == b.variadic
                    && self.vars(&a.params, &b.params, inner, p)
                    && self.vars(&a.results, &b.results, inner, p)
            }
            (Type::Interface(_), Type::Interface(_)) => {
                let (xs, ys) = (s.type_set(ux), s.type_set(uy));
                if xs.comparable != ys.comparable
                    || xs.methods.len() != ys.methods.len()
                    || !s.terms_equal(&xs.terms, &ys.terms)
                {
                    return false;
                }
                if IfacePairs::contains(p, ux, uy) {
                    return true;
                }
                let q = IfacePairs { x: ux, y: uy, prev: p };
                xs.methods.iter().zip(&ys.methods).all(|(&f, &g)| {
                    s.same_method_name(f, g)
                        && self.nify(s.type_of(f), s.type_of(g), UnifyMode::EXACT, Some(&q))
                })
            }
            (Type::Named(a), Type::Named(b)) => {
                self.lists(a.type_args(), b.type_args(), mode, p) && s.type_name(ux) == s.type_name(uy)
            }
            _ => false,
        }
    }
}
