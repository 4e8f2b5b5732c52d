//! The atomics of the protocols between threads that loom checks: `models` puts loom's in their place.

pub use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Looks between backoffs of doubling length before a thread that waits for a lock sleeps.
pub const LOCK_SPINS: u32 = 5;
pub const RUNQ_CAPACITY: u32 = 256;

/// Waits a little, without touching memory: 2ⁿ times longer in round n.
pub fn backoff(round: u32) {
    for _ in 0..16 << round {
        core::hint::spin_loop();
    }
}
