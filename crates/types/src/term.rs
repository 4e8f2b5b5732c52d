//! Terms of type sets and unions of them (as `types2/typeterm.go` and `termlist.go`).

use crate::store::{Store, TypeId};
use crate::ty::{Term, TermList};

impl Store {
    /// Whether no type is in both terms.
    pub fn disjoint(&self, x: Term, y: Term) -> bool {
        let ux = if y.tilde { self.under(x.ty) } else { x.ty };
        let uy = if x.tilde { self.under(y.ty) } else { y.ty };
        !self.identical(ux, uy)
    }

    pub fn term_includes(&self, term: Term, t: TypeId) -> bool {
        let u = if term.tilde { self.under(t) } else { t };
        self.identical(term.ty, u)
    }

    fn term_subset(&self, x: Term, y: Term) -> bool {
        !self.disjoint(x, y) && (!x.tilde || y.tilde)
    }

    /// Joins terms of which one includes the other.
    fn norm(&self, list: Vec<Term>) -> Vec<Term> {
        let mut used = vec![false; list.len()];
        let mut out = Vec::new();
        for i in 0..list.len() {
            if used[i] {
                continue;
            }
            let mut x = list[i];
            for j in i + 1..list.len() {
                if !used[j] && !self.disjoint(x, list[j]) {
                    if !x.tilde && list[j].tilde {
                        x = list[j];
                    }
                    used[j] = true;
                }
            }
            out.push(x);
        }
        out
    }

    pub(crate) fn union_terms(&self, xs: TermList, ys: TermList) -> TermList {
        let (mut xs, ys) = (xs?, ys?);
        xs.extend(ys);
        Some(self.norm(xs))
    }

    pub(crate) fn intersect_terms(&self, xs: TermList, ys: TermList) -> TermList {
        let (xs, ys) = match (xs, ys) {
            (None, other) | (other, None) => return other,
            (Some(xs), Some(ys)) => (xs, ys),
        };
        let mut out = Vec::new();
        for &x in &xs {
            for &y in &ys {
                if !self.disjoint(x, y) {
                    out.push(if !x.tilde || y.tilde { x } else { y });
                }
            }
        }
        Some(self.norm(out))
    }

    pub(crate) fn terms_subset(&self, xs: &TermList, ys: &TermList) -> bool {
        match (xs, ys) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(xs), Some(ys)) => xs.iter().all(|&x| ys.iter().any(|&y| self.term_subset(x, y))),
        }
    }

    pub(crate) fn terms_equal(&self, xs: &TermList, ys: &TermList) -> bool {
        self.terms_subset(xs, ys) && self.terms_subset(ys, xs)
    }
}
