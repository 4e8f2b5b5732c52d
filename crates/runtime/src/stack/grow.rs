//! The slow way of morestack.

use super::growth::{MAX_STACK_BYTES, next_segment_bytes};
use super::pool;
use crate::sched::{G, OnG0, proc};
use core::sync::atomic::{AtomicUsize, Ordering::*};

static LIMIT_BYTES: AtomicUsize = AtomicUsize::new(MAX_STACK_BYTES);

/// `debug.SetMaxStack`: gives the limit before.
pub fn set_limit(bytes: usize) -> usize {
    LIMIT_BYTES.swap(bytes, Relaxed)
}

/// The prologue of a function with a frame of `frame_bytes` found no room, or a poisoned guard. `sp` is
/// where morestack's return address is. -> 1: there is a next segment; 0: the frame fits where it is.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_morestack(g: *mut G, frame_bytes: usize, sp: usize) -> usize {
    // SAFETY: g runs on this M and is saved; its chain of segments is its own.
    unsafe {
        let seg = (*g).seg;
        let fits = sp + 8 >= (*seg).guard + frame_bytes;
        if proc::asked_to_yield(g) {
            (*g).ret[0] = !fits as usize;
            proc::preempted(OnG0::assume(), g);
        }
        (*g).stackguard.store((*seg).guard, Relaxed);
        if fits {
            return 0;
        }
        let next = (*seg).next;
        if !next.is_null() && (*next).room >= frame_bytes {
            return 1;
        }
        pool::free_above(seg);
        let room = next_segment_bytes((*seg).stack_bytes, (*seg).bytes, frame_bytes)
            .filter(|bytes| (*seg).stack_bytes + bytes <= LIMIT_BYTES.load(Relaxed));
        let Some(bytes) = room else { crate::trace::fatal::stack_overflow(g, sp) };
        let next = pool::alloc(bytes);
        (*next).prev = seg;
        (*next).stack_bytes = (*seg).stack_bytes + (*next).bytes;
        (*seg).next = next;
        1
    }
}
