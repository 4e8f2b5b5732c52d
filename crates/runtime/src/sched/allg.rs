//! Every goroutine that there ever was: Gs are reused, never freed.

use super::{G, Status};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

static FIRST: AtomicPtr<G> = AtomicPtr::new(null_mut());
static LAST: super::lock::Mutex<Last, { super::lock::rank::STACK_POOL }> =
    super::lock::Mutex::new(Last(null_mut()));
static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Last(*mut G);
// SAFETY: under the lock.
unsafe impl Send for Last {}

/// SAFETY: a new G.
#[doc(alias = "allgadd")]
pub unsafe fn add(g: *mut G) {
    let mut last = LAST.lock();
    // SAFETY: Gs live for ever.
    unsafe {
        if last.0.is_null() {
            FIRST.store(g, Release);
        } else {
            AtomicPtr::from_ptr(&raw mut (*last.0).alllink).store(g, Release);
        }
    }
    last.0 = g;
    COUNT.fetch_add(1, Relaxed);
}

/// In the order in which they were made.
#[doc(alias = "forEachG")]
pub fn for_each(mut f: impl FnMut(*mut G)) {
    let mut g = FIRST.load(Acquire);
    while !g.is_null() {
        f(g);
        // SAFETY: Gs live for ever.
        g = unsafe { AtomicPtr::from_ptr(&raw mut (*g).alllink).load(Acquire) };
    }
}

/// Goroutines of the program that have not ended.
#[doc(alias = "gcount")]
pub fn count() -> usize {
    count_those(|_| true)
}

/// Of them, those for which `is_one` holds.
pub fn count_those(is_one: impl Fn(*mut G) -> bool) -> usize {
    let mut n = 0;
    for_each(|g| {
        // SAFETY: Gs live for ever.
        let counts = unsafe { !(*g).system && !matches!((*g).status(), Status::Dead | Status::Idle) };
        n += (counts && is_one(g)) as usize;
    });
    n
}
