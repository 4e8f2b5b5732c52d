//! Who implements or satisfies what, and why not in gc's words.

use crate::context::Cx;
use crate::lookup::Lookup;
use crate::object::ObjectKind;
use crate::store::{ObjId, Store, TypeId};
use crate::ty::Type;

/// The first method that is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The method of the interface.
    pub method: ObjId,
    /// It is there, but with another signature or a pointer receiver.
    pub wrong_type: bool,
}

enum State {
    NotFound,
    WrongName(ObjId),
    Unexported,
    WrongSig(ObjId),
    Ambiguous,
    PointerReceiver,
    Field,
}

impl Cx<'_> {
    /// The first method of interface `t` that `v` lacks. If `v` is an interface and not `is_static`, it
    /// may lack methods (as in `v.(t)`), only those it has must agree. `cause` says more in words.
    pub fn missing_method(
        &self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        cause: Option<&mut String>,
    ) -> Option<Missing> {
        self.missing_method_by(v, t, is_static, &mut |x, y| self.store.identical(x, y), cause)
    }

    pub(crate) fn missing_method_by(
        &self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        equivalent: &mut dyn FnMut(TypeId, TypeId) -> bool,
        cause: Option<&mut String>,
    ) -> Option<Missing> {
        let s = self.store;
        let methods = &s.type_set(s.under(t)).methods;
        let vu = s.under(v);
        let of_interface = matches!(s.ty(vu), Type::Interface(_)).then(|| &s.type_set(vu).methods);
        for &m in methods {
            let (pkg, name) = (s.obj(m).pkg, &**s.name(m));
            let state = match of_interface {
                Some(own) => match s.method_index(own, pkg, name, false) {
                    None if !is_static => None,
                    None => Some(State::NotFound),
                    Some((_, f)) => self.wrong_sig(f, m, equivalent),
                },
                None => match s.lookup_in(v, false, pkg, name, false) {
                    Lookup::Ambiguous(_) => Some(State::Ambiguous),
                    Lookup::PointerReceiver => Some(State::PointerReceiver),
                    Lookup::NotFound => Some(self.similar(v, m)),
                    Lookup::Found(found) if !s.obj(found.obj).is_func() => Some(State::Field),
                    Lookup::Found(found) => self.wrong_sig(found.obj, m, equivalent),
                },
            };
            if let Some(state) = state {
                let wrong_type = matches!(state, State::WrongSig(_) | State::PointerReceiver);
                if let Some(cause) = cause {
                    *cause = self.explain_missing(v, t, m, state);
                }
                return Some(Missing { method: m, wrong_type });
            }
        }
        None
    }

    fn wrong_sig(
        &self,
        f: ObjId,
        m: ObjId,
        equivalent: &mut dyn FnMut(TypeId, TypeId) -> bool,
    ) -> Option<State> {
        // Without its type the answer is asked for again.
        let ft = self.func_type(f)?;
        (!equivalent(ft, self.store.type_of(m))).then_some(State::WrongSig(f))
    }

    /// Looks for a method that `m` may have been meant to be.
    fn similar(&self, v: TypeId, m: ObjId) -> State {
        let o = self.store.obj(m);
        match self.store.lookup_in(v, false, o.pkg, &o.name, true).obj() {
            Some(f) if !self.store.obj(f).is_func() => State::NotFound,
            // With equal names only the packages differ.
            Some(f) if self.store.name(f) == &o.name => State::Unexported,
            Some(f) => {
                self.func_type(f);
                State::WrongName(f)
            }
            None => State::NotFound,
        }
    }

    fn explain_missing(&self, v: TypeId, t: TypeId, m: ObjId, state: State) -> String {
        let name = self.store.name(m);
        match state {
            State::NotFound if self.store.is_interface_ptr(v) => {
                format!("({})", self.interface_ptr_error(v))
            }
            State::NotFound if self.store.is_interface_ptr(t) => {
                format!("({})", self.interface_ptr_error(t))
            }
            State::NotFound => format!("(missing method {name})"),
            State::WrongName(f) => {
                let (have, want) = (self.func_string(f, false), self.func_string(m, false));
                format!("(missing method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            State::Unexported => format!("(unexported method {name})"),
            State::WrongSig(f) => {
                let (mut have, mut want) = (self.func_string(f, false), self.func_string(m, false));
                if have == want {
                    (have, want) = (self.func_string(f, true), self.func_string(m, true));
                }
                if have == want {
                    return format!("(wrong type for method {name})");
                }
                format!("(wrong type for method {name})\n\t\thave {have}\n\t\twant {want}")
            }
            State::Ambiguous => format!("(ambiguous selector {}.{name})", self.type_string(v)),
            State::PointerReceiver => format!("(method {name} has pointer receiver)"),
            State::Field => format!("({}.{name} is a field, not a method)", self.type_string(v)),
        }
    }

    /// [`Cx::missing_method`] as a question; true of types of which too little is known after errors.
    pub fn has_all_methods(&self, v: TypeId, t: TypeId, is_static: bool, cause: Option<&mut String>) -> bool {
        self.has_all_methods_by(v, t, is_static, &mut |x, y| self.store.identical(x, y), cause)
    }

    pub(crate) fn has_all_methods_by(
        &self,
        v: TypeId,
        t: TypeId,
        is_static: bool,
        equivalent: &mut dyn FnMut(TypeId, TypeId) -> bool,
        cause: Option<&mut String>,
    ) -> bool {
        !self.store.is_valid(v)
            || self.missing_method_by(v, t, is_static, equivalent, cause).is_none()
            || self.store.has_invalid_embedded_fields(v, &mut Vec::new())
    }

    /// Whether a value of interface type `v` may hold a `t`.
    pub fn assertable_to(&self, v: TypeId, t: TypeId, cause: Option<&mut String>) -> bool {
        self.store.is_interface(t) || self.has_all_methods(t, v, false, cause)
    }

    /// `type *I is pointer to interface, not interface`
    pub fn interface_ptr_error(&self, t: TypeId) -> String {
        let text = self.type_string(t);
        match self.store.under_ty(t) {
            Type::Pointer { base } if self.store.is_type_param(*base) => {
                format!("type {text} is pointer to type parameter, not type parameter")
            }
            _ => format!("type {text} is pointer to interface, not interface"),
        }
    }

    /// Whether `v` implements the interface `t`, or satisfies it as a constraint.
    pub fn implements(&self, v: TypeId, t: TypeId, constraint: bool, cause: Option<&mut String>) -> bool {
        match self.implements_because(v, t, constraint) {
            Ok(()) => true,
            Err(why) => {
                if let Some(cause) = cause {
                    *cause = why;
                }
                false
            }
        }
    }

    fn implements_because(&self, v: TypeId, t: TypeId, constraint: bool) -> Result<(), String> {
        let s = self.store;
        let (vu, tu) = (s.under(v), s.under(t));
        if !s.is_valid(vu) || !s.is_valid(tu) {
            return Ok(());
        }
        if let Type::Pointer { base } = s.ty(vu)
            && !s.is_valid(s.under(*base))
        {
            return Ok(());
        }
        let verb = if constraint { "satisfy" } else { "implement" };
        let does_not = || format!("{} does not {verb} {}", self.type_string(v), self.type_string(t));
        if !matches!(s.ty(tu), Type::Interface(_)) {
            let detail = match s.is_interface_ptr(tu) {
                true => self.interface_ptr_error(t),
                false => format!("{} is not an interface", self.type_string(t)),
            };
            return Err(format!("{} ({detail})", does_not()));
        }
        let ts = s.type_set(tu);
        if ts.is_all() {
            return Ok(());
        }
        let vs = matches!(s.ty(vu), Type::Interface(_)).then(|| s.type_set(vu));
        if vs.is_some_and(|vs| vs.is_empty()) {
            return Ok(());
        }
        if ts.is_empty() {
            return Err(format!("cannot {verb} {} (empty type set)", self.type_string(t)));
        }
        let mut cause = String::new();
        if !self.has_all_methods(v, t, true, Some(&mut cause)) {
            return Err(format!("{} {cause}", does_not()));
        }
        if ts.has_terms() {
            if let Some(vs) = vs {
                if !s.terms_subset(&vs.terms, &ts.terms) {
                    return Err(does_not());
                }
            } else if !ts.specific_terms().iter().any(|&term| s.term_includes(term, v)) {
                return Err(format!("{} ({})", does_not(), self.not_in_type_set(v, t, tu)));
            }
        }
        self.check_comparability(v, tu, constraint, verb)
    }

    fn check_comparability(&self, v: TypeId, tu: TypeId, constraint: bool, verb: &str) -> Result<(), String> {
        let s = self.store;
        if !s.type_set(tu).is_comparable(s, &mut Vec::new()) || s.comparable_type(v, false).is_ok() {
            return Ok(());
        }
        if constraint && s.comparable_type(v, true).is_ok() {
            if self.allows(20) {
                return Ok(());
            }
            return Err(format!("{} to {verb} comparable requires go1.20 or later", self.type_string(v)));
        }
        Err(format!("{} does not {verb} comparable", self.type_string(v)))
    }

    /// Why `v` is not among the terms of interface `t`.
    fn not_in_type_set(&self, v: TypeId, t: TypeId, tu: TypeId) -> String {
        let s = self.store;
        let terms = s.type_set(tu).specific_terms();
        let near = terms.iter().find(|term| {
            !term.tilde && s.identical(term.ty, s.under(term.ty)) && s.identical(term.ty, s.under(v))
        });
        let (vt, tt) = (self.type_string(v), self.type_string(t));
        if let Some(near) = near {
            return format!("possibly missing ~ for {} in {tt}", self.type_string(near.ty));
        }
        if s.mentions(tu, v) {
            return format!("{tt} mentions {vt}, but {vt} is not in the type set of {tt}");
        }
        format!("{vt} missing in {}", self.terms_string(terms))
    }
}

impl Store {
    /// The type is a pointer to an interface.
    pub fn is_interface_ptr(&self, t: TypeId) -> bool {
        matches!(self.under_ty(t), Type::Pointer { base } if self.is_interface(*base))
    }

    /// A struct, or a pointer to one, some embedded field of which is invalid.
    pub(crate) fn has_invalid_embedded_fields(&self, t: TypeId, seen: &mut Vec<TypeId>) -> bool {
        let u = self.under(self.deref_struct_pointer(t));
        let Type::Struct(st) = self.ty(u) else { return false };
        if seen.contains(&u) {
            return false;
        }
        seen.push(u);
        st.fields().iter().any(|&f| {
            let embedded = matches!(&self.obj(f).kind, ObjectKind::Var(v) if v.embedded);
            let ft = self.type_of(f);
            embedded && (!self.is_valid(ft) || self.has_invalid_embedded_fields(ft, seen))
        })
    }

    /// Whether `t` is written somewhere among the elements of the interface or union `within`.
    fn mentions(&self, within: TypeId, t: TypeId) -> bool {
        match self.ty(within) {
            Type::Interface(i) => i.embeddeds().iter().any(|&e| self.mentions(e, t)),
            Type::Union(terms) => terms.iter().any(|term| self.mentions(term.ty, t)),
            _ => self.identical(within, t),
        }
    }
}
