//! Type sets of interfaces and unions (as `types2/typeset.go`).

use crate::context::Cx;
use crate::store::{ObjId, Store, TypeId};
use crate::ty::{Interface, InterfaceContents, Term, TermList, Type, TypeSet};
use goxide_source::Pos;
use std::cmp::Ordering;
use std::sync::OnceLock;

/// An implementation limit of gc, kept so that the same programs are accepted.
pub const MAX_TERM_COUNT: usize = 100;

impl TypeSet {
    pub fn is_empty(&self) -> bool {
        self.terms.as_ref().is_some_and(Vec::is_empty)
    }

    /// The set of all types.
    pub fn is_all(&self) -> bool {
        self.is_method_set() && self.methods.is_empty()
    }

    /// Methods alone describe it, so that it may be the type of a variable.
    pub fn is_method_set(&self) -> bool {
        !self.comparable && self.terms.is_none()
    }

    /// There are specific types in it.
    pub fn has_terms(&self) -> bool {
        self.terms.as_ref().is_some_and(|t| !t.is_empty())
    }

    pub fn specific_terms(&self) -> &[Term] {
        self.terms.as_ref().map_or(&[], |t| t)
    }

    pub(crate) fn is_comparable(&self, store: &Store, seen: &mut Vec<TypeId>) -> bool {
        match &self.terms {
            None => self.comparable,
            Some(terms) => {
                !terms.is_empty() && terms.iter().all(|t| store.comparable_seen(t.ty, false, seen).is_ok())
            }
        }
    }

    pub fn lookup(&self, store: &Store, obj: ObjId, fold_case: bool) -> Option<(usize, ObjId)> {
        let o = store.obj(obj);
        store.method_index(&self.methods, o.pkg, &o.name, fold_case)
    }
}

/// What is wrong inside an interface. The checker reports it; the type set goes on without the part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeSetError {
    /// Declared twice: `duplicate method NAME`, and where the other is.
    DuplicateMethod { pos: Pos, name: String, other: Pos },
    /// Embedded twice with different types, or before Go 1.14: to be reported as the above if
    /// [`Cx::duplicate_counts`] says so, which needs both signatures.
    EmbeddedTwice { pos: Pos, method: ObjId, other_method: ObjId, other: Pos },
    /// `cannot handle more than 100 union terms (implementation limitation)`
    TooManyTerms { pos: Pos },
}

impl Cx<'_> {
    /// Whether embedding the two methods of one name is an error.
    pub fn duplicate_counts(&self, pos: Pos, method: ObjId, other: ObjId) -> bool {
        let (Some(a), Some(b)) = (self.func_type(method), self.func_type(other)) else { return false };
        pos.is_known() && !self.allows(14) || !self.store.identical(a, b)
    }

    /// Errors in the interface literal `t`, in gc's order.
    pub fn check_type_set(&self, t: TypeId) -> Vec<TypeSetError> {
        let mut errors = Vec::new();
        if let Type::Interface(i) = self.store.ty(t)
            && let Some(contents) = i.contents.get()
        {
            Builder { store: self.store, active: &mut vec![t], complete: true }
                .interface(contents, &mut errors);
        }
        errors
    }
}

static TOP: TypeSet = TypeSet { methods: Vec::new(), terms: None, comparable: false };

impl Store {
    /// The type set of an interface type (the literal; see `under`); of anything else that of all types.
    pub fn type_set(&self, t: TypeId) -> &TypeSet {
        match self.ty(t) {
            Type::Interface(i) => self.interface_type_set(t, i),
            _ => &TOP,
        }
    }

    fn interface_type_set<'a>(&'a self, t: TypeId, i: &'a Interface) -> &'a TypeSet {
        if let Some(set) = i.type_set.get() {
            return set;
        }
        let mut active = Vec::new();
        let mut b = Builder { store: self, active: &mut active, complete: true };
        let set = b.set_of(t);
        if b.complete {
            return i.type_set.get_or_init(|| set);
        }
        // Some part is not declared completely: nothing may be cached yet.
        self.provisional(set)
    }

    /// Keeps a type set that is not cached; rare, since the checker delays what needs type sets.
    fn provisional(&self, set: TypeSet) -> &TypeSet {
        let t = self.add_type(Type::Interface(Interface {
            contents: OnceLock::from(InterfaceContents::default()),
            type_set: OnceLock::from(set),
        }));
        match self.ty(t) {
            Type::Interface(i) => i.type_set.get().unwrap_or(&TOP),
            _ => &TOP,
        }
    }

    /// The types of a union; one with too many terms counts as empty.
    pub fn union_type_set(&self, terms: &[Term]) -> TermList {
        let mut b = Builder { store: self, active: &mut Vec::new(), complete: true };
        b.union(terms, Pos::NONE, &mut Vec::new()).unwrap_or(Some(Vec::new()))
    }

    /// Exported methods first, by name; then the others by name and package path.
    pub fn sort_methods(&self, methods: &mut [ObjId]) {
        methods.sort_by(|&a, &b| self.compare_methods(a, b));
    }

    pub fn compare_methods(&self, a: ObjId, b: ObjId) -> Ordering {
        let (x, y) = (self.obj(a), self.obj(b));
        let path = |p: Option<_>| p.map(|p| self.pkg_path(p).clone());
        y.is_exported().cmp(&x.is_exported()).then_with(|| x.name.cmp(&y.name)).then_with(|| {
            match x.is_exported() {
                true => Ordering::Equal,
                false => path(x.pkg).cmp(&path(y.pkg)),
            }
        })
    }
}

struct Builder<'a> {
    store: &'a Store,
    /// Interfaces being computed; one that embeds itself is reported elsewhere.
    active: &'a mut Vec<TypeId>,
    complete: bool,
}

impl Builder<'_> {
    fn set_of(&mut self, t: TypeId) -> TypeSet {
        let Type::Interface(i) = self.store.ty(t) else { return TypeSet::default() };
        if let Some(set) = i.type_set.get() {
            return set.clone();
        }
        let Some(contents) = i.contents.get().filter(|_| !self.active.contains(&t)) else {
            self.complete = false;
            return TypeSet::default();
        };
        let complete = std::mem::replace(&mut self.complete, true);
        self.active.push(t);
        let set = self.interface(contents, &mut Vec::new());
        self.active.pop();
        // Interfaces that embed others twice over are computed once each.
        if self.complete {
            i.type_set.get_or_init(|| set.clone());
        }
        self.complete &= complete;
        set
    }

    fn interface(&mut self, i: &InterfaceContents, errors: &mut Vec<TypeSetError>) -> TypeSet {
        let mut methods: Vec<(ObjId, Pos)> = Vec::new();
        let mut add =
            |store: &Store, pos: Pos, m: ObjId, explicit: bool, errors: &mut Vec<TypeSetError>| match methods
                .iter()
                .find(|&&(o, _)| store.same_method_name(o, m))
            {
                None => methods.push((m, pos)),
                Some(&(_, other)) if explicit => {
                    let name = store.name(m).to_string();
                    errors.push(TypeSetError::DuplicateMethod { pos, name, other });
                }
                Some(&(other_method, other)) => {
                    errors.push(TypeSetError::EmbeddedTwice { pos, method: m, other_method, other });
                }
            };
        for &m in &i.methods {
            add(self.store, self.store.obj(m).pos, m, true, errors);
        }
        let (mut terms, mut comparable) = (None, false);
        for (k, &e) in i.embeddeds.iter().enumerate() {
            let pos = i.embed_pos.get(k).copied().unwrap_or_default();
            let u = self.store.under(e);
            let (part, only_comparable) = match self.store.ty(u) {
                Type::Interface(_) => {
                    let set = self.set_of(u);
                    for &m in &set.methods {
                        add(self.store, pos, m, false, errors);
                    }
                    (set.terms, set.comparable)
                }
                Type::Union(_) if i.methods_only => continue,
                Type::Union(union) => match self.union(union, pos, errors) {
                    Some(part) => (part, false),
                    None => continue,
                },
                Type::Basic(b) if b.kind == crate::ty::BasicKind::Invalid => {
                    // Wrong, or not declared completely yet.
                    self.complete &= self.store.unalias(e) == TypeId::INVALID;
                    continue;
                }
                _ if i.methods_only => continue,
                _ => (Some(vec![Term { tilde: false, ty: e }]), false),
            };
            (terms, comparable) = self.intersect(terms, comparable, part, only_comparable);
        }
        let mut methods: Vec<ObjId> = methods.into_iter().map(|(m, _)| m).collect();
        self.store.sort_methods(&mut methods);
        TypeSet { methods, terms, comparable }
    }

    fn intersect(&self, xs: TermList, xc: bool, ys: TermList, yc: bool) -> (TermList, bool) {
        let terms = self.store.intersect_terms(xs, ys);
        match terms {
            Some(mut list) => {
                if xc || yc {
                    list.retain(|t| self.store.comparable_type(t.ty, false).is_ok());
                }
                (Some(list), false)
            }
            None => (None, xc || yc),
        }
    }

    /// `None`: too many terms.
    fn union(&mut self, union: &[Term], pos: Pos, errors: &mut Vec<TypeSetError>) -> Option<TermList> {
        let mut all = Some(Vec::new());
        for &t in union {
            let u = self.store.under(t.ty);
            let terms = match self.store.ty(u) {
                Type::Interface(_) => self.set_of(u).terms,
                _ if !self.store.is_valid(u) => {
                    self.complete &= self.store.unalias(t.ty) == TypeId::INVALID;
                    continue;
                }
                _ if t.tilde && !self.store.identical(t.ty, u) => Some(Vec::new()),
                _ => Some(vec![t]),
            };
            all = self.store.union_terms(all, terms);
            if all.as_ref().is_some_and(|l| l.len() > MAX_TERM_COUNT) {
                errors.push(TypeSetError::TooManyTerms { pos });
                return None;
            }
        }
        Some(all)
    }
}
