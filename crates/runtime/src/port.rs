//! The few things that memory, collector and language rooms ask of the rest of the runtime, in one place,
//! so that those rooms run in host tests too.

#[cfg(test)]
#[path = "port_host.rs"]
mod host;
#[cfg(test)]
pub use host::*;

#[cfg(not(test))]
mod target;
#[cfg(not(test))]
pub use target::*;

/// Two results, in rax and rdx.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<A, B>(pub A, pub B);
