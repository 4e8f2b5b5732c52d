//! Profiles of allocation and of waiting (Go's mprof.go): what happens often is sampled, and counted by the stack
//! that it happens at.
//!
//! Runs on g0 with a P, or in a sweeper. Takes the table's lock only, under which nothing but persistent memory is
//! allocated.

pub mod buckets;
pub mod contention;
pub mod dump;
pub mod heap;

use crate::sched::G;
use crate::trace::callers;
use crate::trace::unwind::Unwinder;

/// Program counters of a stack that are kept (GODEBUG=profstackdepth), besides those of the runtime's own frames.
pub const DEPTH_MAX: usize = 128;
const OWN_FRAMES_MAX: usize = 2;

/// The program counters of a stack.
pub struct Stack {
    pcs: [usize; DEPTH_MAX + OWN_FRAMES_MAX],
    len: usize,
}

impl Stack {
    /// Behind the runtime's own frames: those of the goroutine, less `skip`.
    ///
    /// SAFETY: g is saved, and does not run.
    pub unsafe fn of(g: *mut G, own: &[usize], skip: usize) -> Stack {
        let mut stack = Stack { pcs: [0; _], len: own.len() };
        stack.pcs[..own.len()].copy_from_slice(own);
        // SAFETY: see above; there is room for DEPTH_MAX behind the own ones.
        unsafe {
            let to = stack.pcs.as_mut_ptr().add(own.len());
            stack.len += callers::fill(Unwinder::of_saved(g), skip, to, DEPTH_MAX);
        }
        stack
    }

    pub fn pcs(&self) -> &[usize] {
        &self.pcs[..self.len]
    }
}
