//! Randomness: a door of nondeterminism (D7). `GOXIDE_SEED=n` makes all of it a function of n.

use super::chacha8::{ChaCha8, SEED_BYTES};
use super::clock;
use super::sys::{GETRANDOM, syscall3};
use crate::sched::lock::{Mutex, rank};
use core::sync::atomic::{AtomicBool, Ordering::*};

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

static SEEDED: AtomicBool = AtomicBool::new(false);
/// Gives every other generator its seed.
static GLOBAL: Mutex<ChaCha8, { rank::RANDOM }> = Mutex::new(ChaCha8::new([0; SEED_BYTES]));

/// From the kernel's 16 bytes for a new process (AT_RANDOM) and the time, or from what the user asked for.
#[doc(alias = "randinit")]
pub fn init(at_random: Option<[u8; 16]>, seed: Option<u64>) {
    let mut bytes = [0; SEED_BYTES];
    match (seed, at_random) {
        (Some(seed), _) => bytes[..8].copy_from_slice(&seed.to_le_bytes()),
        (None, Some(kernel)) => {
            bytes[..16].copy_from_slice(&kernel);
            bytes[16..24].copy_from_slice(&clock::nanotime().to_le_bytes());
            bytes[24..].copy_from_slice(&clock::ticks().to_le_bytes());
        }
        (None, None) => {
            // SAFETY: fills the array.
            unsafe { syscall3(GETRANDOM, bytes.as_mut_ptr() as usize, SEED_BYTES, 0) };
        }
    }
    SEEDED.store(seed.is_some(), Relaxed);
    *GLOBAL.lock() = ChaCha8::new(bytes);
}

/// Whether the user asked for a deterministic run.
pub fn is_seeded() -> bool {
    SEEDED.load(Relaxed)
}

/// A generator of its own for whoever asks, by the order in which they ask.
pub fn stream() -> Rng {
    Rng::new(GLOBAL.lock().next_u64())
}
