//! The profiles of waiting: where goroutines wait, and who lets others wait at locks. A goroutine that is about to
//! wait notes the time only where a profile is taken.

use super::Stack;
use super::buckets::{BUCKETS, Kind};
use crate::arch::{getm, thunk};
use crate::os::clock::nanotime;
use crate::port;
use crate::sched::G;
use core::sync::atomic::{AtomicU64, Ordering::*};
use goxide_abi::Entry;

/// An event of this many nanoseconds is always told; 0: none is.
static BLOCK_RATE_NS: AtomicU64 = AtomicU64::new(0);
/// One of so many events is told; 0: none is.
static MUTEX_RATE: AtomicU64 = AtomicU64::new(0);

#[unsafe(no_mangle)]
extern "C" fn rt_blockrate(ns: i64) {
    BLOCK_RATE_NS.store(ns.max(0) as u64, Relaxed);
}

/// (new rate; below 0: as it is) -> the old one
#[unsafe(no_mangle)]
extern "C" fn rt_mutexrate(rate: i64) -> u64 {
    match u64::try_from(rate) {
        Ok(rate) => MUTEX_RATE.swap(rate, Relaxed),
        Err(_) => MUTEX_RATE.load(Relaxed),
    }
}

/// For `G::blocked_at` of who begins to wait: the time, 0 where nobody wants to know.
#[inline]
pub fn block_start() -> u64 {
    if BLOCK_RATE_NS.load(Relaxed) == 0 { 0 } else { nanotime() }
}

/// For a waiter at a lock.
#[inline]
pub fn mutex_start() -> u64 {
    if MUTEX_RATE.load(Relaxed) == 0 { 0 } else { nanotime() }
}

/// A goroutine has waited in that entry; if it noted so, that is told.
///
/// SAFETY: g is saved, and this M's.
#[inline]
pub unsafe fn block_end(g: *mut G, entry: Entry) {
    // SAFETY: see above.
    unsafe {
        if (*g).blocked_at != 0 {
            block_event(g, take_blocked(g), &[thunk::inside(entry)], 0);
        }
    }
}

/// As [`block_end`], for functions of package sync: the first `skip` frames, of package runtime, are not told.
///
/// SAFETY: as there.
#[inline]
pub unsafe fn sync_block_end(g: *mut G, skip: usize) {
    // SAFETY: see above.
    unsafe {
        if (*g).blocked_at != 0 {
            block_event(g, take_blocked(g), &[], skip);
        }
    }
}

/// SAFETY: a G of this M's.
unsafe fn take_blocked(g: *mut G) -> u64 {
    // SAFETY: see above.
    unsafe { (*g).released_at.saturating_sub(core::mem::take(&mut (*g).blocked_at)) }
}

/// SAFETY: g is saved, and this M's.
#[doc(alias = "blockevent")]
#[cold]
unsafe fn block_event(g: *mut G, ns: u64, own: &[usize], skip: usize) {
    let (ns, rate) = (ns.max(1), BLOCK_RATE_NS.load(Relaxed));
    // Shorter ones by chance, and then they count for those that were not told.
    if rate == 0 || ns < rate && port::rand64() % rate > ns {
        return;
    }
    let (count, delay) = if ns < rate { (rate as f64 / ns as f64, rate) } else { (1.0, ns) };
    // SAFETY: see above.
    unsafe { record(Kind::Block, g, own, skip, count, delay) };
}

/// Letting go of a lock ends the waiting of others for so long.
///
/// SAFETY: an entry with the goroutine saved.
#[doc(alias = "mutexevent")]
#[cold]
pub unsafe fn mutex_event(ns: u64, skip: usize) {
    let rate = MUTEX_RATE.load(Relaxed);
    if rate != 0 && port::rand64().is_multiple_of(rate) {
        // SAFETY: see above.
        unsafe { record(Kind::Mutex, (*getm()).curg, &[], skip, rate as f64, ns * rate) };
    }
}

/// SAFETY: g is saved, and this M's.
unsafe fn record(kind: Kind, g: *mut G, own: &[usize], skip: usize, count: f64, delay_ns: u64) {
    // SAFETY: see above.
    let stack = unsafe { Stack::of(g, own, skip) };
    let mut buckets = BUCKETS.lock();
    let b = buckets.of(kind, 0, stack.pcs());
    b.count += count;
    b.delay_ns += delay_ns as i64;
}

/// (nanoseconds, frames to leave out) For tests of std, by linkname.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_blockevent0(ns: i64, skip: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe { block_event((*getm()).curg, ns.max(0) as u64, &[], skip) };
}
