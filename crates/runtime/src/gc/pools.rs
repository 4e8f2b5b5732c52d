//! `sync.poolCleanup`: at the start of each cycle, with the world stopped, each pool's victim cache is dropped
//! and its local one takes its place. The pools are found by sync's own two lists.

use core::sync::atomic::{AtomicPtr, Ordering::*};

/// `sync.Pool`, as far as it matters here.
#[repr(C)]
struct Pool {
    local: usize,
    local_size: usize,
    victim: usize,
    victim_size: usize,
}

/// A `[]*Pool`.
#[repr(C)]
struct List {
    ptr: *const *mut Pool,
    len: usize,
    cap: usize,
}

static ALL: AtomicPtr<List> = AtomicPtr::new(core::ptr::null_mut());
static OLD: AtomicPtr<List> = AtomicPtr::new(core::ptr::null_mut());

/// (&sync.allPools, &sync.oldPools)
#[unsafe(no_mangle)]
extern "C" fn rt_poollists(all: usize, old: usize) {
    OLD.store(old as *mut List, Release);
    ALL.store(all as *mut List, Release);
}

/// SAFETY: one of sync's lists, with the world stopped.
unsafe fn pools<'a>(list: *const List) -> &'a [*mut Pool] {
    // SAFETY: see above.
    unsafe { if (*list).len == 0 { &[] } else { core::slice::from_raw_parts((*list).ptr, (*list).len) } }
}

pub fn clean() {
    let (all, old) = (ALL.load(Acquire), OLD.load(Acquire));
    if all.is_null() {
        return;
    }
    // SAFETY: the world is stopped, and no goroutine is inside a pool: it is pinned there, so that it comes to
    // no safepoint and starts no collection.
    unsafe {
        for &p in pools(old) {
            (*p).victim = 0;
            (*p).victim_size = 0;
        }
        for &p in pools(all) {
            (*p).victim = (*p).local;
            (*p).victim_size = (*p).local_size;
            (*p).local = 0;
            (*p).local_size = 0;
        }
        old.write(all.read());
        all.write(List { ptr: core::ptr::null(), len: 0, cap: 0 });
    }
}
