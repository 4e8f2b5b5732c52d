//! A histogram of durations for runtime/metrics (Go's histogram.go): four buckets for each power of two of
//! nanoseconds. Pure, but for its atomics.

use core::sync::atomic::{AtomicU64, Ordering::*};

/// Below this power there are four buckets for all; from the other one on it is one.
const MIN_BITS: u32 = 9;
const MAX_BITS: u32 = 48;
const SUB_BITS: u32 = 2;
const BUCKETS: usize = ((MAX_BITS - MIN_BITS + 1) << SUB_BITS) as usize;

pub struct Histogram([AtomicU64; BUCKETS + 1]);

impl Histogram {
    pub const WORDS: usize = BUCKETS + 1;
    #[allow(clippy::declare_interior_mutable_const)]
    pub const NEW: Histogram = Histogram([const { AtomicU64::new(0) }; BUCKETS + 1]);

    pub fn record(&self, ns: u64) {
        self.0[bucket(ns)].fetch_add(1, Relaxed);
    }

    pub fn copy_to(&self, out: &mut [u64; Self::WORDS]) {
        out.iter_mut().zip(&self.0).for_each(|(to, from)| *to = from.load(Relaxed));
    }
}

fn bucket(ns: u64) -> usize {
    let bits = u64::BITS - ns.leading_zeros();
    let power = bits.max(MIN_BITS - 1) - (MIN_BITS - 1);
    let sub = ns >> (bits.max(MIN_BITS) - 1 - SUB_BITS) & ((1 << SUB_BITS) - 1);
    // Of the lowest ones the highest bit is not set.
    (((power as usize) << SUB_BITS) + sub as usize).min(BUCKETS)
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn four_to_a_power_of_two() {
        assert_eq!([0, 63, 64, 255].map(bucket), [0, 0, 1, 3]);
        assert_eq!([256, 319, 320, 511, 512].map(bucket), [4, 4, 5, 7, 8]);
        assert_eq!([(1 << 47) - 1, 1 << 47, u64::MAX].map(bucket), [159, 160, 160]);
    }
}
