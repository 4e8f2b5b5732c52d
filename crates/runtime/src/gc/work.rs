//! Work buffers of the markers: each has one of its own, and gives full ones (or half of it, when
//! others are idle) to a common list. A marker that finds none waits; when all wait, marking is done.

use crate::mem::persistent::{Lock, zeroed};
use crate::port;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::*};

const ENTRIES: usize = 1022;

/// A grey object: its address (48 bits), with how it is laid out above.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Grey(pub u64);

#[repr(C)]
struct Buffer {
    next: *mut Buffer,
    len: usize,
    entries: [Grey; ENTRIES],
}

struct Lists {
    full: *mut Buffer,
    empty: *mut Buffer,
}

struct Pool {
    lock: Lock,
    lists: UnsafeCell<Lists>,
    nfull: AtomicUsize,
    waiting: AtomicUsize,
    /// Markers of this cycle.
    markers: AtomicUsize,
    done: AtomicBool,
    /// Changes when waiting markers should look again.
    epoch: AtomicU32,
}

// SAFETY: the lists are guarded by the lock.
unsafe impl Sync for Pool {}

static POOL: Pool = Pool {
    lock: Lock::new(),
    lists: UnsafeCell::new(Lists { full: null_mut(), empty: null_mut() }),
    nfull: AtomicUsize::new(0),
    waiting: AtomicUsize::new(0),
    markers: AtomicUsize::new(1),
    done: AtomicBool::new(false),
    epoch: AtomicU32::new(0),
};

fn with_lists<R>(f: impl FnOnce(&mut Lists) -> R) -> R {
    let _guard = POOL.lock.lock();
    // SAFETY: under the lock.
    f(unsafe { &mut *POOL.lists.get() })
}

/// Before a cycle's markers start.
pub fn begin(markers: usize) {
    POOL.markers.store(markers, Relaxed);
    POOL.waiting.store(0, Relaxed);
    POOL.done.store(false, Release);
}

fn wake_all() {
    POOL.epoch.fetch_add(1, Release);
    port::futex_wake(&POOL.epoch, u32::MAX >> 1);
}

/// A marker's own stack of grey objects.
pub struct Stack {
    buffer: *mut Buffer,
}

impl Stack {
    pub fn new() -> Stack {
        Stack { buffer: empty_buffer() }
    }

    #[inline(always)]
    pub fn push(&mut self, g: Grey) {
        // SAFETY: the buffer is ours.
        unsafe {
            if (*self.buffer).len == ENTRIES {
                self.spill();
            }
            let b = &mut *self.buffer;
            *b.entries.get_unchecked_mut(b.len) = g;
            b.len += 1;
        }
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Option<Grey> {
        // SAFETY: as in `push`.
        unsafe {
            let b = &mut *self.buffer;
            if b.len == 0 {
                return None;
            }
            b.len -= 1;
            Some(*b.entries.get_unchecked(b.len))
        }
    }

    #[cold]
    fn spill(&mut self) {
        put_full(self.buffer);
        self.buffer = empty_buffer();
    }

    /// Gives half of the work away where others have none.
    #[inline(always)]
    pub fn share(&mut self) {
        const WORTH: usize = 16;
        // SAFETY: as in `push`.
        if POOL.waiting.load(Relaxed) != 0 && unsafe { (*self.buffer).len } >= WORTH {
            self.share_slow();
        }
    }

    #[cold]
    fn share_slow(&mut self) {
        if POOL.nfull.load(Relaxed) != 0 {
            return;
        }
        let other = empty_buffer();
        // SAFETY: both buffers are ours. The older half is given: it leads to more work.
        unsafe {
            let (mine, theirs) = (&mut *self.buffer, &mut *other);
            let half = mine.len / 2;
            theirs.entries[..half].copy_from_slice(&mine.entries[..half]);
            theirs.len = half;
            mine.entries.copy_within(half..mine.len, 0);
            mine.len -= half;
        }
        put_full(other);
    }

    /// Another buffer of work. False: all markers are done.
    pub fn refill(&mut self) -> bool {
        if self.take_full() {
            return true;
        }
        if POOL.waiting.fetch_add(1, AcqRel) + 1 == POOL.markers.load(Relaxed) {
            POOL.done.store(true, Release);
            wake_all();
            return false;
        }
        let mut spins = 0;
        loop {
            let epoch = POOL.epoch.load(Acquire);
            if POOL.done.load(Acquire) {
                return false;
            }
            if POOL.nfull.load(Acquire) != 0 {
                POOL.waiting.fetch_sub(1, AcqRel);
                if self.take_full() {
                    return true;
                }
                if POOL.waiting.fetch_add(1, AcqRel) + 1 == POOL.markers.load(Relaxed) {
                    POOL.done.store(true, Release);
                    wake_all();
                    return false;
                }
            }
            spins += 1;
            if spins < 200 {
                core::hint::spin_loop();
            } else {
                port::futex_wait(&POOL.epoch, epoch);
            }
        }
    }

    fn take_full(&mut self) -> bool {
        if POOL.nfull.load(Acquire) == 0 {
            return false;
        }
        with_lists(|l| {
            let b = l.full;
            if b.is_null() {
                return false;
            }
            // SAFETY: buffers in the lists are valid; ours is empty.
            unsafe {
                l.full = (*b).next;
                (*self.buffer).next = l.empty;
            }
            l.empty = self.buffer;
            self.buffer = b;
            POOL.nfull.fetch_sub(1, AcqRel);
            true
        })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        with_lists(|l| {
            // SAFETY: the buffer is ours.
            unsafe { (*self.buffer).next = l.empty };
            l.empty = self.buffer;
        });
    }
}

fn empty_buffer() -> *mut Buffer {
    let b = with_lists(|l| {
        let b = l.empty;
        if !b.is_null() {
            // SAFETY: buffers in the lists are valid.
            unsafe { l.empty = (*b).next };
        }
        b
    });
    if b.is_null() {
        return zeroed::<Buffer>();
    }
    // SAFETY: taken from the list, hence ours.
    unsafe { (*b).len = 0 };
    b
}

fn put_full(b: *mut Buffer) {
    with_lists(|l| {
        // SAFETY: the caller's buffer.
        unsafe { (*b).next = l.full };
        l.full = b;
        POOL.nfull.fetch_add(1, AcqRel);
    });
    if POOL.waiting.load(Acquire) != 0 {
        wake_all();
    }
}
