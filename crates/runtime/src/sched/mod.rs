//! Goroutines on threads: G, M, P as in Go's scheduler.
//!
//! Runs on g0. An M that runs goroutines holds a P; a G that does not run has its registers on its own
//! stack at `sched_sp`, from the moment its entry's thunk switched to g0: it may be made runnable by
//! another M as soon as its status and wait queue say so, while this M still unwinds nothing. The global
//! state is behind SCHED's lock; a P's queue is lock-free. May start threads; does not touch the Go heap.

pub mod granularity;
pub mod histogram;
pub mod lock;
pub mod runq;
#[cfg(test)]
mod runq_tests;
pub mod treap;

#[cfg(not(test))]
pub mod allg;
#[cfg(not(test))]
pub mod api;
#[cfg(not(test))]
pub mod bubble;
#[cfg(not(test))]
pub mod coro;
#[cfg(not(test))]
pub mod fork;
#[cfg(not(test))]
pub mod idle;
#[cfg(not(test))]
pub mod locked;
#[cfg(not(test))]
pub mod metrics;
#[cfg(not(test))]
pub mod proc;
#[cfg(not(test))]
pub mod sema;
#[cfg(not(test))]
pub mod syscall;
#[cfg(not(test))]
pub mod sysmon;
#[cfg(not(test))]
pub mod threads;
#[cfg(not(test))]
mod types;
#[cfg(not(test))]
pub mod world;
#[cfg(not(test))]
pub use types::*;
