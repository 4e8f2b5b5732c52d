//! Randomness: a door of nondeterminism (D7). `GOXIDE_SEED=n` makes all of it a function of n.

use super::sys::{GETRANDOM, syscall3};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};

/// A small fast generator, one to a thread (wyrand's step).
#[derive(Clone, Copy, Debug)]
pub struct Rng(u64);

impl Rng {
    pub const fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    #[inline]
    #[doc(alias = "cheaprand64")]
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0xa076_1d64_78bd_642f);
        let t = (self.0 as u128).wrapping_mul((self.0 ^ 0xe703_7ed1_a0b4_28db) as u128);
        (t >> 64) as u64 ^ t as u64
    }

    /// Below n, for n > 0.
    #[inline]
    #[doc(alias = "cheaprandn")]
    pub fn below(&mut self, n: u32) -> u32 {
        ((self.next_u64() as u32 as u64 * n as u64) >> 32) as u32
    }
}

static SEED: AtomicU64 = AtomicU64::new(0);
static SEEDED: AtomicBool = AtomicBool::new(false);
static STREAMS: AtomicU64 = AtomicU64::new(0);

/// From the kernel's 16 bytes for a new process (AT_RANDOM), or from what the user asked for.
pub fn init(at_random: Option<[u8; 16]>, seed: Option<u64>) {
    let from_kernel = || {
        at_random.map(u128::from_le_bytes).map_or_else(
            || {
                let mut word = 0u64;
                // SAFETY: fills the word.
                unsafe { syscall3(GETRANDOM, &raw mut word as usize, 8, 0) };
                word
            },
            |b| b as u64 ^ (b >> 64) as u64,
        )
    };
    SEEDED.store(seed.is_some(), Relaxed);
    SEED.store(seed.unwrap_or_else(from_kernel), Relaxed);
}

/// Whether the user asked for a deterministic run.
pub fn is_seeded() -> bool {
    SEEDED.load(Relaxed)
}

/// A generator of its own for whoever asks, by the order in which they ask.
pub fn stream() -> Rng {
    let mut mix =
        Rng::new(SEED.load(Relaxed) ^ STREAMS.fetch_add(1, Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Rng::new(mix.next_u64())
}
