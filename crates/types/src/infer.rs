//! Type inference (as `types2/infer.go`).

use crate::context::Cx;
use crate::store::{ObjId, Store, TypeId};
use crate::subst::SubstMap;
use crate::ty::{SignatureContents, Term, Type};
use crate::unify::{Unifier, UnifyMode};
use rustc_hash::FxHashMap;

/// An argument of a call; in reverse inference, the function that is assigned.
#[derive(Clone, Copy, Debug)]
pub struct InferArg {
    pub ty: TypeId,
    pub is_nil: bool,
}

/// Why inference failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InferError {
    /// The argument to blame; `None`: the call as a whole.
    pub arg: Option<usize>,
    pub text: String,
}

impl InferError {
    fn of_call(text: String) -> InferError {
        InferError { arg: None, text }
    }
}

impl Cx<'_> {
    /// Type arguments for all of `tparams`. `targs` are those given, `params` and `args` the types of
    /// parameters and the arguments for them, one to one (all arguments valid). `arg_string` is an
    /// argument's expression as messages write it.
    pub fn infer(
        &self,
        tparams: &[TypeId],
        targs: &[Option<TypeId>],
        params: &[TypeId],
        args: &[InferArg],
        reverse: bool,
        arg_string: &dyn Fn(usize) -> String,
    ) -> Result<Vec<TypeId>, InferError> {
        if targs.len() == tparams.len()
            && let Some(all) = targs.iter().copied().collect()
        {
            return Ok(all);
        }
        let mut targs = targs.to_vec();
        targs.resize(tparams.len(), None);
        // What is given helps to match the rest.
        let given = SubstMap::partial(tparams, &targs);
        let params: Vec<TypeId> = params.iter().map(|&p| self.store.subst(p, &given)).collect();

        let mut u = Unifier::new(self, tparams, &targs);
        let untyped = self.infer_typed(&mut u, tparams, &params, args, reverse, arg_string)?;
        self.infer_from_constraints(&mut u, tparams)?;
        self.infer_untyped(&mut u, tparams, &params, args, &untyped)?;
        let inferred = self.simplify(tparams, &targs, u.inferred());

        tparams
            .iter()
            .zip(inferred)
            .map(|(&p, t)| match t {
                Some(t) if !self.store.is_parameterized(tparams, t) => Ok(t),
                _ => {
                    let obj = self.store.type_name(p).map(|o| self.store.obj(o));
                    let (name, pos) = obj.map_or(("", Default::default()), |o| (&*o.name, o.pos));
                    let at = self.pos_string(pos);
                    Err(InferError::of_call(format!("cannot infer {name} (declared at {at})")))
                }
            })
            .collect()
    }

    /// From typed arguments. The indices of untyped constants for bare type parameters are returned.
    fn infer_typed(
        &self,
        u: &mut Unifier<'_, '_>,
        tparams: &[TypeId],
        params: &[TypeId],
        args: &[InferArg],
        reverse: bool,
        arg_string: &dyn Fn(usize) -> String,
    ) -> Result<Vec<usize>, InferError> {
        let s = self.store;
        let mut untyped = Vec::new();
        for (i, (&param, arg)) in params.iter().zip(args).enumerate() {
            if !s.is_parameterized(tparams, param) && !s.is_parameterized(tparams, arg.ty) {
                continue;
            }
            if s.is_typed(arg.ty) {
                if !u.unify(param, arg.ty, UnifyMode::ASSIGN) {
                    let text = self.mismatch(&u.inferred(), tparams, param, arg.ty, reverse, &arg_string(i));
                    return Err(InferError { arg: Some(i), text });
                }
            } else if matches!(s.ty(param), Type::TypeParam(_)) && !arg.is_nil {
                untyped.push(i);
            }
        }
        Ok(untyped)
    }

    fn mismatch(
        &self,
        targs: &[Option<TypeId>],
        tparams: &[TypeId],
        param: TypeId,
        arg: TypeId,
        reverse: bool,
        expr: &str,
    ) -> String {
        let (p, a) = (self.type_string(param), self.type_string(arg));
        if targs.iter().all(Option::is_none) {
            let all = self.type_params_string(tparams);
            return format!("type {a} of {expr} does not match {p} (cannot infer {all})");
        }
        let inferred = self.store.subst(param, &SubstMap::partial(tparams, targs));
        let i = self.type_string(inferred);
        match (inferred != param, reverse) {
            (false, _) => format!("type {a} of {expr} does not match {p}"),
            (true, true) => format!("inferred type {i} for {p} does not match type {a} of {expr}"),
            (true, false) => format!("type {a} of {expr} does not match inferred type {i} for {p}"),
        }
    }

    /// From the common underlying types and the methods of constraints, until nothing new comes.
    fn infer_from_constraints(&self, u: &mut Unifier<'_, '_>, tparams: &[TypeId]) -> Result<(), InferError> {
        let s = self.store;
        loop {
            let unknown = u.unknowns();
            for (i, &p) in tparams.iter().enumerate() {
                let known = u.at(i);
                let does_not = |t: TypeId, cause: &str| {
                    let (p, t, c) =
                        (self.type_string(p), self.type_string(t), self.type_string(s.constraint(p)));
                    let space = if cause.is_empty() { "" } else { " " };
                    InferError::of_call(format!("{p} (type {t}) does not satisfy {c}{space}{cause}"))
                };
                if let Some((core, single)) = s.core_term(p) {
                    if let Some(t) = known {
                        if !u.unify(t, core.ty, UnifyMode::INEXACT) {
                            return Err(does_not(t, ""));
                        }
                    } else if single && !core.tilde {
                        u.set(i, core.ty);
                    }
                }
                if let Some(t) = known.filter(|&t| !s.is_parameterized(tparams, t)) {
                    let mut cause = String::new();
                    let constraint = s.bound_interface(p);
                    let mut same = |x: TypeId, y: TypeId| u.unify(x, y, UnifyMode::EXACT);
                    if !self.has_all_methods_by(t, constraint, true, &mut same, Some(&mut cause)) {
                        return Err(does_not(t, &cause));
                    }
                }
            }
            if u.unknowns() == unknown {
                return Ok(());
            }
        }
    }

    /// From untyped constants, where nothing else gave a type.
    fn infer_untyped(
        &self,
        u: &mut Unifier<'_, '_>,
        tparams: &[TypeId],
        params: &[TypeId],
        args: &[InferArg],
        untyped: &[usize],
    ) -> Result<(), InferError> {
        let s = self.store;
        let mut largest: Vec<Option<TypeId>> = vec![None; tparams.len()];
        for &i in untyped {
            let Some(p) = tparams.iter().position(|&t| t == params[i]) else { continue };
            if u.at(p).is_some() {
                continue;
            }
            let arg = args[i].ty;
            let max = largest[p].unwrap_or(arg);
            let Some(m) = s.max_type(max, arg) else {
                let (m, a, p) = (self.type_string(max), self.type_string(arg), self.type_string(params[i]));
                let text = format!("mismatched types {m} and {a} (cannot infer {p})");
                return Err(InferError { arg: Some(i), text });
            };
            largest[p] = Some(m);
        }
        for (p, t) in largest.into_iter().enumerate() {
            if let Some(t) = t {
                u.set(p, s.default_type(t));
            }
        }
        Ok(())
    }

    /// Replaces type parameters in inferred types by what was inferred for them.
    fn simplify(
        &self,
        tparams: &[TypeId],
        targs: &[Option<TypeId>],
        mut inferred: Vec<Option<TypeId>>,
    ) -> Vec<Option<TypeId>> {
        let s = self.store;
        kill_cycles(s, tparams, &mut inferred);
        let mut dirty: Vec<usize> =
            (0..inferred.len()).filter(|&i| inferred[i].is_some() && targs[i].is_none()).collect();
        while !dirty.is_empty() {
            let map = SubstMap::partial(tparams, &inferred);
            dirty.retain(|&i| {
                let Some(before) = inferred[i] else { return false };
                let mut after = s.subst(before, &map);
                if after == before {
                    return false;
                }
                // A generic function that got all its types is generic no longer.
                if let Type::Signature(sig) = s.ty(after)
                    && !sig.get().type_params.is_empty()
                    && !s.is_parameterized(tparams, after)
                {
                    after =
                        s.new_signature(SignatureContents { type_params: Vec::new(), ..sig.get().clone() });
                }
                inferred[i] = Some(after);
                true
            });
        }
        inferred
    }

    /// `P`, `P and Q`, or `P, Q, and R`.
    pub fn type_params_string(&self, list: &[TypeId]) -> String {
        let name = |&p: &TypeId| self.store.type_name(p).map_or("", |o| self.store.name(o));
        match list {
            [] => String::new(),
            [p] => name(p).to_string(),
            [p, q] => format!("{} and {}", name(p), name(q)),
            [init @ .., last] => {
                let init: Vec<&str> = init.iter().map(name).collect();
                format!("{}, and {}", init.join(", "), name(last))
            }
        }
    }
}

impl Store {
    /// Whether `t` contains any of `tparams`. Of a generic function the parameters and results count.
    pub fn is_parameterized(&self, tparams: &[TypeId], t: TypeId) -> bool {
        ParamWalker { store: self, tparams: Some(tparams), seen: FxHashMap::default() }.typ(t)
    }

    /// Whether any type parameter occurs in `t` (of a named type: in its arguments).
    pub fn mentions_type_params(&self, t: TypeId) -> bool {
        ParamWalker { store: self, tparams: None, seen: FxHashMap::default() }.typ(t)
    }

    /// A type parameter's one specific type (and true), or its common underlying type as a term.
    pub(crate) fn core_term(&self, p: TypeId) -> Option<(Term, bool)> {
        let terms = self.type_set(self.bound_interface(p)).specific_terms();
        if let [single] = terms {
            return Some((*single, true));
        }
        let ty = self.common_under(p)?;
        Some((Term { tilde: terms.iter().any(|t| t.tilde), ty }, false))
    }
}

struct ParamWalker<'a> {
    store: &'a Store,
    /// `None`: all.
    tparams: Option<&'a [TypeId]>,
    seen: FxHashMap<TypeId, bool>,
}

impl ParamWalker<'_> {
    fn typ(&mut self, t: TypeId) -> bool {
        if let Type::Basic(_) = self.store.ty(t) {
            return false;
        }
        if let Some(&known) = self.seen.get(&t) {
            return known;
        }
        self.seen.insert(t, false);
        let found = self.form(t);
        self.seen.insert(t, found);
        found
    }

    fn form(&mut self, t: TypeId) -> bool {
        let s = self.store;
        match s.ty(t) {
            Type::Basic(_) => false,
            Type::Alias(_) => self.typ(s.unalias(t)),
            Type::Array { elem, .. } | Type::Slice { elem } | Type::Pointer { base: elem } => self.typ(*elem),
            Type::Chan(c) => self.typ(c.elem),
            Type::Map { key, elem } => self.typ(*key) || self.typ(*elem),
            Type::Struct(st) => self.vars(st.fields()),
            Type::Tuple(vars) => self.vars(vars),
            Type::Signature(sig) => self.vars(&sig.get().params) || self.vars(&sig.get().results),
            Type::Union(terms) => terms.iter().any(|x| self.typ(x.ty)),
            Type::Interface(_) => {
                let set = s.type_set(t);
                set.methods.iter().any(|&m| self.typ(s.type_of(m)))
                    || set.has_terms() && set.specific_terms().iter().all(|x| self.typ(x.ty))
            }
            Type::Named(n) => n.type_args().iter().any(|&a| self.typ(a)),
            Type::TypeParam(_) => self.tparams.is_none_or(|list| list.contains(&t)),
        }
    }

    fn vars(&mut self, vars: &[ObjId]) -> bool {
        vars.iter().any(|&v| self.typ(self.store.type_of(v)))
    }
}

/// Forgets inferred types that contain, by way of others or not, the parameter they are for: replacing
/// would never end.
fn kill_cycles(store: &Store, tparams: &[TypeId], inferred: &mut [Option<TypeId>]) {
    let mut finder = CycleFinder { store, tparams, inferred, active: Vec::new() };
    for &p in tparams {
        finder.typ(p);
    }
}

struct CycleFinder<'a> {
    store: &'a Store,
    tparams: &'a [TypeId],
    inferred: &'a mut [Option<TypeId>],
    active: Vec<TypeId>,
}

impl CycleFinder<'_> {
    fn typ(&mut self, t: TypeId) {
        let s = self.store;
        let t = s.unalias(t);
        if self.active.contains(&t) {
            if let Some(i) = self.tparams.iter().position(|&p| p == t) {
                self.inferred[i] = None;
            }
            return;
        }
        self.active.push(t);
        match s.ty(t) {
            Type::Basic(_) | Type::Alias(_) => {}
            Type::Array { elem, .. } | Type::Slice { elem } | Type::Pointer { base: elem } => self.typ(*elem),
            Type::Chan(c) => self.typ(c.elem),
            Type::Map { key, elem } => {
                self.typ(*key);
                self.typ(*elem);
            }
            Type::Struct(st) => self.vars(st.fields()),
            Type::Tuple(vars) => self.vars(vars),
            Type::Signature(sig) => {
                self.vars(&sig.get().params);
                self.vars(&sig.get().results);
            }
            Type::Union(terms) => terms.iter().for_each(|x| self.typ(x.ty)),
            Type::Interface(i) => {
                i.methods().iter().for_each(|&m| self.typ(s.type_of(m)));
                i.embeddeds().iter().for_each(|&e| self.typ(e));
            }
            Type::Named(n) => n.type_args().iter().for_each(|&a| self.typ(a)),
            Type::TypeParam(_) => {
                if let Some(i) = self.tparams.iter().position(|&p| p == t)
                    && let Some(inferred) = self.inferred[i]
                {
                    self.typ(inferred);
                }
            }
        }
        self.active.pop();
    }

    fn vars(&mut self, vars: &[ObjId]) {
        vars.iter().for_each(|&v| self.typ(self.store.type_of(v)));
    }
}
