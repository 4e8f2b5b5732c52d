//! Type descriptors and itabs: names now, contents when the queue is drained.

use crate::package::Package;
use goxide_ssa::Sym;
use goxide_types::TypeId;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

#[derive(Default)]
pub(crate) struct TypeDescs {
    queue: VecDeque<TypeId>,
    itabs: VecDeque<(TypeId, TypeId)>,
    seen: FxHashSet<Sym>,
}

impl Package<'_> {
    /// The descriptor of `t`, `type:` and its link string.
    pub fn type_symbol(&mut self, t: TypeId) -> Sym {
        let name = self.names().type_symbol(t);
        let sym = self.module.sym(&name);
        if self.descs.seen.insert(sym) {
            self.descs.queue.push_back(t);
        }
        sym
    }

    /// The itab of `concrete` for the interface type `iface`, which has methods.
    pub fn itab_symbol(&mut self, concrete: TypeId, iface: TypeId) -> Sym {
        let name = self.names().itab_symbol(concrete, iface);
        let sym = self.module.sym(&name);
        if self.descs.seen.insert(sym) {
            self.descs.itabs.push_back((concrete, iface));
        }
        sym
    }

    /// Emits queued descriptors and itabs; whether there were any.
    pub fn drain_types(&mut self) -> bool {
        self.descs.queue.pop_front().is_some() || self.descs.itabs.pop_front().is_some()
    }
}
