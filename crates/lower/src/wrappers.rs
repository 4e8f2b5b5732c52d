//! Generated functions around methods: promoted and dereferencing wrappers, and thunks of method
//! values.

use crate::package::Package;
use goxide_ssa::Sym;
use goxide_types::{Found, TypeId};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

pub(crate) enum Wrapper {
    /// `found` called with a receiver of type `recv`.
    Method { recv: TypeId, found: Found },
    /// A method value's code: its closure object holds the code address and, aligned, a receiver of type
    /// `recv`, which may be an interface.
    Bound { recv: TypeId, found: Found },
}

#[derive(Default)]
pub(crate) struct Wrappers {
    queue: VecDeque<(Sym, Wrapper)>,
    seen: FxHashSet<Sym>,
}

impl Package<'_> {
    /// Code of the method `found` that takes a receiver of type `recv` (a type, a pointer to one, or
    /// an interface for a method expression): the method itself where it is declared for just that.
    pub fn method_code(&mut self, recv: TypeId, found: &Found) -> Sym {
        let own = self.recv_type(found.obj);
        if found.path.len() == 1 && self.store.identical(own, recv) && !self.store.is_interface(recv) {
            return self.method_symbol(found.obj);
        }
        let name = self.names().method(recv, found.obj);
        self.queue_wrapper(name, Wrapper::Method { recv, found: found.clone() })
    }

    /// Code of a method value `x.m`, where `x` was turned into a `recv`; see [`Wrapper::Bound`].
    pub fn bound_method(&mut self, recv: TypeId, found: &Found) -> Sym {
        let name = self.names().method(recv, found.obj) + "-fm";
        self.queue_wrapper(name, Wrapper::Bound { recv, found: found.clone() })
    }

    fn queue_wrapper(&mut self, name: String, wrapper: Wrapper) -> Sym {
        let sym = self.module.sym(&name);
        if self.wrappers.seen.insert(sym) {
            self.wrappers.queue.push_back((sym, wrapper));
        }
        sym
    }

    pub fn drain_wrappers(&mut self) -> bool {
        self.wrappers.queue.pop_front().is_some()
    }
}
