//! Underlying types, and iteration over the types that a type parameter stands for
//! (as `types2/under.go`).

use crate::access::MAX_CHAIN;
use crate::context::Cx;
use crate::store::{Store, TypeId};
use crate::ty::{BasicKind, InterfaceContents, Type};
use goxide_syntax::ast::ChanDir;

/// A type of a type set and its underlying type (of a `~T` term: `T` both).
pub type Pair = (TypeId, TypeId);

impl Store {
    /// The underlying type: never a `Named`, `TypeParam` or `Alias`. Of a type parameter: its
    /// constraint interface. Invalid while a declaration on the way is not complete.
    pub fn under(&self, t: TypeId) -> TypeId {
        match self.ty(t) {
            Type::Alias(_) => self.under(self.unalias(t)),
            Type::Named(n) => n.underlying.get().unwrap_or_else(|| self.resolve_underlying(t)),
            Type::TypeParam(_) => self.bound_interface(t),
            _ => t,
        }
    }

    fn resolve_underlying(&self, t: TypeId) -> TypeId {
        let mut path = Vec::new();
        let mut at = t;
        let under = loop {
            match self.ty(at) {
                Type::Alias(_) => match self.unalias(at) {
                    TypeId::INVALID => return TypeId::INVALID,
                    next => at = next,
                },
                Type::Named(n) => {
                    if let Some(u) = n.underlying.get() {
                        break u;
                    }
                    if path.contains(&at) || path.len() > MAX_CHAIN / 100 {
                        return TypeId::INVALID;
                    }
                    path.push(at);
                    match self.rhs(at) {
                        Some(next) => at = next,
                        None => return TypeId::INVALID,
                    }
                }
                Type::TypeParam(_) => break TypeId::INVALID,
                _ => break at,
            }
        };
        for t in path {
            if let Type::Named(n) = self.ty(t) {
                n.underlying.set_once(under);
            }
        }
        under
    }

    /// The right-hand side of a named type's declaration; of an instance it is made here.
    pub fn rhs(&self, t: TypeId) -> Option<TypeId> {
        let Type::Named(n) = self.ty(t) else { return None };
        n.rhs.get().or_else(|| {
            n.instance.as_ref()?;
            Some(n.rhs.set_once(self.expand_rhs(t)?))
        })
    }

    /// The interface that a type parameter's constraint is, wrapped into an implicit one if need be.
    pub fn bound_interface(&self, t: TypeId) -> TypeId {
        let empty = self.universe().empty_interface;
        let Type::TypeParam(p) = self.ty(t) else { return empty };
        let Some(bound) = p.bound.get() else { return empty };
        let u = self.under(bound);
        match self.ty(u) {
            Type::Basic(b) if b.kind == BasicKind::Invalid => empty,
            Type::Interface(_) if self.as_type_param(bound).is_some() => empty,
            Type::Interface(_) => u,
            _ => {
                let contents =
                    InterfaceContents { embeddeds: vec![bound], implicit: true, ..Default::default() };
                let wrapped = self.new_interface(contents);
                p.bound.set(wrapped);
                wrapped
            }
        }
    }

    /// The constraint as declared.
    pub fn constraint(&self, type_param: TypeId) -> TypeId {
        match self.ty(type_param) {
            Type::TypeParam(p) => p.bound.get().unwrap_or(TypeId::INVALID),
            _ => TypeId::INVALID,
        }
    }

    /// The types that `t` stands for: for a type parameter the terms of its type set, or just `None` if
    /// there are no specific ones; else `t` itself. Never empty.
    pub fn typeset(&self, t: TypeId) -> Vec<Option<Pair>> {
        let Some(p) = self.as_type_param(t) else { return vec![Some((t, self.under(t)))] };
        let set = self.type_set(self.bound_interface(p));
        match &set.terms {
            Some(terms) if !terms.is_empty() => terms
                .iter()
                .map(|term| {
                    let u = if term.tilde { self.unalias(term.ty) } else { self.under(term.ty) };
                    Some((term.ty, u))
                })
                .collect(),
            _ => vec![None],
        }
    }

    /// Whether `f` holds for all pairs of [`Store::typeset`].
    pub fn all(&self, t: TypeId, mut f: impl FnMut(Option<Pair>) -> bool) -> bool {
        if self.as_type_param(t).is_none() {
            return f(Some((t, self.under(t))));
        }
        self.typeset(t).into_iter().all(f)
    }

    /// As [`Store::all`], given the underlying types alone.
    pub fn under_is(&self, t: TypeId, mut f: impl FnMut(Option<TypeId>) -> bool) -> bool {
        self.all(t, |p| f(p.map(|p| p.1)))
    }

    /// The underlying type that all types of `t`'s type set share (of channels the most restricted).
    pub fn common_under(&self, t: TypeId) -> Option<TypeId> {
        self.common_under_if(t, |_| Ok::<_, ()>(()), |_| ()).ok()
    }

    /// [`Store::common_under`] where all pairs must meet `cond`, which is asked first.
    fn common_under_if<E>(
        &self,
        t: TypeId,
        mut cond: impl FnMut(Option<Pair>) -> Result<(), E>,
        explain: impl Fn(NoCommon) -> E,
    ) -> Result<TypeId, E> {
        let mut common: Option<Pair> = None;
        for pair in self.typeset(t) {
            cond(pair)?;
            let Some((t, u)) = pair else { return Err(explain(NoCommon::NoSpecificType)) };
            let Some((ct, cu)) = common else {
                common = Some((t, u));
                continue;
            };
            if let (Type::Chan(c), Type::Chan(d)) = (self.ty(cu), self.ty(u)) {
                if !self.identical(c.elem, d.elem) {
                    return Err(explain(NoCommon::ChanElems(ct, t)));
                }
                if c.dir != d.dir {
                    if c.dir == ChanDir::Both {
                        common = Some((t, u));
                    } else if d.dir != ChanDir::Both {
                        return Err(explain(NoCommon::ChanDirs(ct, t)));
                    }
                }
                continue;
            }
            if !self.identical(cu, u) {
                return Err(explain(NoCommon::Different(ct, t)));
            }
        }
        common.map(|c| c.1).ok_or_else(|| explain(NoCommon::NoSpecificType))
    }
}

/// Why a type set has no common underlying type.
enum NoCommon {
    NoSpecificType,
    ChanElems(TypeId, TypeId),
    ChanDirs(TypeId, TypeId),
    Different(TypeId, TypeId),
}

impl Cx<'_> {
    /// The common underlying type of the types that `t` stands for, or why there is none. `cond` is
    /// asked first of each pair, and may refuse it with a text.
    pub fn common_under(
        &self,
        t: TypeId,
        cond: impl FnMut(Option<Pair>) -> Result<(), String>,
    ) -> Result<TypeId, String> {
        let s = |t| self.type_string(t);
        self.store.common_under_if(t, cond, |why| match why {
            NoCommon::NoSpecificType => "no specific type".to_string(),
            NoCommon::ChanElems(a, b) => {
                format!("channels {} and {} have different element types", s(a), s(b))
            }
            NoCommon::ChanDirs(a, b) => {
                format!("channels {} and {} have conflicting directions", s(a), s(b))
            }
            NoCommon::Different(a, b) => format!("{} and {} have different underlying types", s(a), s(b)),
        })
    }
}
