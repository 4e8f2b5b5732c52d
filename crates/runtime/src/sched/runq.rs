//! The run queue of a P: a ring that its owner fills and anyone may empty (Go's runqput, runqget, runqgrab).
//! Elements are any non-zero words.

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};

pub const CAPACITY: u32 = 256;

#[repr(C)]
pub struct RunQueue {
    head: AtomicU32,
    tail: AtomicU32,
    ring: [AtomicUsize; CAPACITY as usize],
}

impl RunQueue {
    pub const fn new() -> RunQueue {
        RunQueue {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            ring: [const { AtomicUsize::new(0) }; CAPACITY as usize],
        }
    }

    fn slot(&self, i: u32) -> &AtomicUsize {
        &self.ring[(i % CAPACITY) as usize]
    }

    /// Owner only. Err: full.
    #[inline]
    pub fn put(&self, element: usize) -> Result<(), usize> {
        let head = self.head.load(Acquire);
        let tail = self.tail.load(Relaxed);
        if tail.wrapping_sub(head) >= CAPACITY {
            return Err(element);
        }
        self.slot(tail).store(element, Relaxed);
        self.tail.store(tail.wrapping_add(1), Release);
        Ok(())
    }

    /// Owner only.
    #[inline]
    pub fn get(&self) -> Option<usize> {
        loop {
            let head = self.head.load(Acquire);
            let tail = self.tail.load(Relaxed);
            if head == tail {
                return None;
            }
            let element = self.slot(head).load(Relaxed);
            if self.head.compare_exchange(head, head.wrapping_add(1), AcqRel, Relaxed).is_ok() {
                return Some(element);
            }
        }
    }

    /// Takes half of what is there, the older ones, into `batch`; how many. At most
    /// CAPACITY / 2.
    pub fn grab(&self, batch: &mut [usize; CAPACITY as usize / 2]) -> usize {
        loop {
            let head = self.head.load(Acquire);
            let tail = self.tail.load(Acquire);
            let n = tail.wrapping_sub(head);
            let n = n - n / 2;
            if n == 0 {
                return 0;
            }
            if n > CAPACITY / 2 {
                // Head and tail were read at different times.
                continue;
            }
            for i in 0..n {
                batch[i as usize] = self.slot(head.wrapping_add(i)).load(Relaxed);
            }
            if self.head.compare_exchange(head, head.wrapping_add(n), AcqRel, Relaxed).is_ok() {
                return n as usize;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.head.load(Acquire) == self.tail.load(Acquire)
    }

    pub fn len(&self) -> u32 {
        self.tail.load(Acquire).wrapping_sub(self.head.load(Acquire))
    }
}

impl Default for RunQueue {
    fn default() -> RunQueue {
        RunQueue::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn first_in_first_out() {
        let q = RunQueue::new();
        for i in 1..=256 {
            q.put(i).unwrap();
        }
        assert_eq!(q.put(257), Err(257));
        let mut batch = [0; 128];
        assert_eq!(q.grab(&mut batch), 128);
        assert_eq!((batch[0], batch[127]), (1, 128));
        assert_eq!(q.get(), Some(129));
        assert_eq!(q.len(), 127);
    }

    #[test]
    fn nothing_is_lost_or_doubled() {
        const N: usize = 100_000;
        let (q, done) = (RunQueue::new(), AtomicBool::new(false));
        let seen: Vec<AtomicU32> = (0..=N).map(|_| AtomicU32::new(0)).collect();
        std::thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    let mut batch = [0; 128];
                    loop {
                        let last = done.load(Acquire);
                        let n = q.grab(&mut batch);
                        batch[..n].iter().for_each(|&e| {
                            seen[e].fetch_add(1, Relaxed);
                        });
                        if n == 0 && last {
                            break;
                        }
                        if n == 0 {
                            std::thread::yield_now();
                        }
                    }
                });
            }
            let mut next = 1;
            while next <= N {
                if q.put(next).is_ok() {
                    next += 1;
                }
                if next % 3 == 0
                    && let Some(e) = q.get()
                {
                    seen[e].fetch_add(1, Relaxed);
                }
            }
            done.store(true, Release);
        });
        assert!(seen[1..].iter().all(|s| s.load(Relaxed) == 1));
    }
}
