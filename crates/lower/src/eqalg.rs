//! Equality functions of types: `func(p, q unsafe.Pointer) bool`.

use crate::package::Package;
use goxide_ssa::Sym;
use goxide_types::TypeId;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

#[derive(Default)]
pub(crate) struct EqFuncs {
    queue: VecDeque<TypeId>,
    seen: FxHashSet<Sym>,
}

impl Package<'_> {
    /// Code that compares two values of the comparable type `t` in memory: (Ptr, Ptr) -> I8.
    pub fn eq_symbol(&mut self, t: TypeId) -> Sym {
        let name = format!("type:.eq.{}", self.store.link_string(t));
        let sym = self.module.sym(&name);
        if self.eqs.seen.insert(sym) {
            self.eqs.queue.push_back(t);
        }
        sym
    }

    pub fn drain_eqs(&mut self) -> bool {
        self.eqs.queue.pop_front().is_some()
    }
}
