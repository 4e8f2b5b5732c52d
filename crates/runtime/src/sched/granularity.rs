//! Whether a goroutine that became runnable is worth another processor. Pure.
//!
//! Waking an M and moving a goroutine's memory to its processor takes microseconds. Where goroutines run for
//! less than that before they wait again (hand-offs through channels and locks), they are through sooner on the
//! P that has them. So each P measures how long its goroutines run at a time. What is left waiting by mistake
//! behind one that runs long after all, sysmon finds.

use core::sync::atomic::{AtomicU64, Ordering::*};

/// Above this a goroutine is worth a processor of its own: about a microsecond.
const FINE_CYCLES: u64 = 3_000;
/// What a queue may hold of fine work: about what a wake takes until it helps.
const QUEUED_CYCLES: u64 = 100_000;
/// The clock is looked at once in so many questions.
const QUESTIONS: u32 = 16;
/// A measurement needs so many switches, unless so much time has passed.
const SWITCHES_MIN: u32 = 8;
const STALE_CYCLES: u64 = 30_000;

/// One P's.
#[derive(Default)]
pub struct Granularity {
    /// 0: not known, hence worth it. Others look at it who would steal.
    slice_cycles: AtomicU64,
    questions: u32,
    at_switches: u32,
    at_cycles: u64,
}

impl Granularity {
    /// `switches` counts the P's so far, `queued` is what it has to run.
    #[inline]
    pub fn worth_a_wake(&mut self, switches: u32, queued: u32, clock: impl FnOnce() -> u64) -> bool {
        self.questions += 1;
        if self.questions >= QUESTIONS || self.slice_cycles.load(Relaxed) == 0 {
            self.measure(switches, clock());
        }
        self.worth_sharing(queued)
    }

    /// By what was measured last.
    #[inline]
    pub fn worth_sharing(&self, queued: u32) -> bool {
        let slice = self.slice_cycles.load(Relaxed);
        slice == 0 || slice > FINE_CYCLES || (queued as u64 + 1) * slice > QUEUED_CYCLES
    }

    /// The measurement was wrong: one runs long.
    pub fn forget(&self) {
        self.slice_cycles.store(0, Relaxed);
    }

    fn measure(&mut self, switches: u32, now: u64) {
        let (passed, cycles) = (switches.wrapping_sub(self.at_switches), now.wrapping_sub(self.at_cycles));
        if passed >= SWITCHES_MIN || cycles > STALE_CYCLES {
            self.slice_cycles.store((cycles / passed.max(1) as u64).max(1), Relaxed);
            self.at_switches = switches;
            self.at_cycles = now;
            self.questions = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fine_work_stays_and_coarse_work_spreads() {
        let mut g = Granularity::default();
        let (mut switches, mut now) = (0, 1 << 40);
        assert!(g.worth_a_wake(switches, 0, || now), "nothing is known yet");
        let mut ask = |each_cycles: u64, queued: u32, times: u32| {
            let mut last = false;
            for _ in 0..times {
                switches += 1;
                now += each_cycles;
                last = g.worth_a_wake(switches, queued, || now);
            }
            last
        };
        assert!(!ask(150, 0, 64), "hand-offs of 50 ns");
        assert!(ask(150, 1000, 1), "but not a long queue of them");
        assert!(ask(20_000, 0, 64));
        assert!(!ask(150, 0, 64));
        // One that runs on and makes others runnable.
        let mut worth = 0;
        for _ in 0..2 * QUESTIONS {
            now += 10_000;
            worth += g.worth_a_wake(switches, 0, || now) as u32;
        }
        assert!(worth >= QUESTIONS);
    }
}
