//! Go memory: size classes, spans and their pages, the way of an allocation from a P's mcache over the
//! central lists to the page heap.
//!
//! Runs on g0. The fast path takes no lock; the slow path takes a central list's lock, then the heap's,
//! never two of them at a time but in that order. Whatever allocates may collect: it holds no lock of the
//! runtime meanwhile.

pub mod cache;
mod central;
pub mod heap;
pub mod heapbits;
pub mod malloc;
pub mod pages;
pub mod persistent;
pub mod sample;
pub mod sizeclass;
pub mod span;
pub mod specials;
pub mod stats;

pub use cache::Mcache;
pub use central::{sweep_one, uncache_span};
pub use malloc::{mallocgc, new_array};
pub use persistent::persistent_alloc;
