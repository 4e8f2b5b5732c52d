//! The runtime of a Go program: from the kernel's entry to its exit (DESIGN: boot), scheduler, stacks,
//! memory, collector, channels, panics.
//!
//! Invariant: freestanding. No libc, no unwinding, no Rust frame ever on a goroutine's stack; all
//! `unsafe` of the project but the linker's is here. Under `cfg(test)` the pure parts and the rooms behind
//! [`port`] run on a host.
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(not(test))]
pub mod arch;
#[cfg(not(test))]
pub mod boot;
pub mod chan;
pub mod gc;
pub mod lang;
pub mod mem;
#[cfg(not(test))]
pub mod netpoll;
pub mod os;
pub mod parking;
pub mod port;
#[cfg(not(test))]
pub mod prof;
pub mod sched;
#[cfg(not(test))]
pub mod signal;
pub mod stack;
mod sync;
pub mod timer;
pub mod trace;
