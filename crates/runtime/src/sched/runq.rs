//! The run queue of a P: a ring that its owner fills and anyone may empty (Go's runqput, runqget, runqgrab).
//! Elements are any non-zero words.

use crate::sync::{AtomicU32, AtomicUsize, Ordering::*, RUNQ_CAPACITY};

pub const CAPACITY: u32 = RUNQ_CAPACITY;

#[repr(C)]
pub struct RunQueue {
    head: AtomicU32,
    tail: AtomicU32,
    ring: [AtomicUsize; CAPACITY as usize],
}

impl RunQueue {
    pub fn new() -> RunQueue {
        RunQueue {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            ring: core::array::from_fn(|_| AtomicUsize::new(0)),
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
