//! A goroutine's place in a channel's queue.

use super::Hchan;
use crate::arch::getm;
use crate::mem::persistent_alloc;
use crate::sched::G;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// Not in the Go heap, and not looked at by the collector: what it points to is held by the goroutine that
/// waits (`G::held`).
#[repr(C)]
pub struct Sudog {
    pub g: *mut G,
    pub next: *mut Sudog,
    pub prev: *mut Sudog,
    /// The value's memory, nil where the receiver does not want it.
    pub elem: *mut u8,
    pub chan: *mut Hchan,
    /// The next of the same goroutine.
    pub waitlink: *mut Sudog,
    /// The case of a select.
    pub case: u16,
    pub is_select: bool,
    /// Woken by a value, not by close.
    pub success: bool,
}

/// SAFETY: this M holds a P.
#[doc(alias = "acquireSudog")]
pub unsafe fn acquire(g: *mut G, chan: *mut Hchan, elem: *mut u8) -> *mut Sudog {
    // SAFETY: the P's own list.
    unsafe {
        let p = (*getm()).p;
        let mut s = (*p).sudogs;
        if s.is_null() {
            s = persistent_alloc(size_of::<Sudog>(), 16).cast();
        } else {
            (*p).sudogs = (*s).next;
        }
        s.write(Sudog {
            g,
            next: null_mut(),
            prev: null_mut(),
            elem,
            chan,
            waitlink: null_mut(),
            case: 0,
            is_select: false,
            success: false,
        });
        s
    }
}

/// SAFETY: this M holds a P; the sudog is in no queue.
#[doc(alias = "releaseSudog")]
pub unsafe fn release(s: *mut Sudog) {
    // SAFETY: the P's own list.
    unsafe {
        let p = (*getm()).p;
        (*s).next = (*p).sudogs;
        (*p).sudogs = s;
    }
}

/// Those who wait at a channel, in order. Under the channel's lock.
#[repr(C)]
pub struct WaitQueue {
    first: *mut Sudog,
    last: *mut Sudog,
}

impl WaitQueue {
    pub const fn new() -> WaitQueue {
        WaitQueue { first: null_mut(), last: null_mut() }
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// SAFETY: a sudog in no queue.
    pub unsafe fn enqueue(&mut self, s: *mut Sudog) {
        // SAFETY: see above.
        unsafe {
            (*s).next = null_mut();
            (*s).prev = self.last;
            if self.last.is_null() {
                self.first = s;
            } else {
                (*self.last).next = s;
            }
        }
        self.last = s;
    }

    /// The next who may be woken: of a select's sudogs only the first one to get here wins.
    pub fn dequeue(&mut self) -> Option<*mut Sudog> {
        // SAFETY: sudogs in a queue are its channel's.
        unsafe {
            loop {
                let s = self.first;
                if s.is_null() {
                    return None;
                }
                self.unlink(s);
                if (*s).is_select && (*(*s).g).select_done.compare_exchange(0, 1, AcqRel, Relaxed).is_err() {
                    continue;
                }
                return Some(s);
            }
        }
    }

    /// Takes a sudog out, if it is in.
    ///
    /// SAFETY: it is in this queue or in none.
    #[doc(alias = "dequeueSudoG")]
    pub unsafe fn remove(&mut self, s: *mut Sudog) {
        // SAFETY: see above.
        unsafe {
            if !(*s).prev.is_null() || self.first == s {
                self.unlink(s);
            }
        }
    }

    /// SAFETY: it is in this queue.
    unsafe fn unlink(&mut self, s: *mut Sudog) {
        // SAFETY: see above.
        unsafe {
            let (prev, next) = ((*s).prev, (*s).next);
            if prev.is_null() {
                self.first = next;
            } else {
                (*prev).next = next;
            }
            if next.is_null() {
                self.last = prev;
            } else {
                (*next).prev = prev;
            }
            (*s).next = null_mut();
            (*s).prev = null_mut();
        }
    }
}
