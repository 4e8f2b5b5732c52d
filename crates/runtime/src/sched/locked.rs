//! Goroutines that only one thread may run (LockOSThread): the thread runs no others, and when it gets to its
//! goroutine's turn on another thread, that one gives its P to the right one.

use super::idle::{checkdead, releasep, sleep_for_p, stop_m};
use super::*;
use crate::arch::getm;
use core::ptr::null_mut;

/// Sleeps until the goroutine may run. Comes back with a P.
///
/// SAFETY: m is this thread's, with a goroutine of its own that does not run; it may hold a P.
#[doc(alias = "stoplockedm")]
#[cold]
pub unsafe fn stop(m: *mut M) {
    // SAFETY: see above.
    unsafe {
        if !(*m).p.is_null() {
            let p = releasep(m);
            sysmon::handoff(p);
        }
        {
            let mut sched = SCHED.lock();
            sched.nmidle_locked += 1;
            checkdead(&sched);
        }
        sleep_for_p(m);
    }
}

/// g is to run, on its own thread: gives it this P, and waits for another. Comes back with a P.
///
/// SAFETY: m is this thread's and holds a P; g is runnable and ours.
#[doc(alias = "startlockedm")]
#[cold]
pub unsafe fn hand_over(m: *mut M, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        let own = (*g).lockedm;
        SCHED.lock().nmidle_locked -= 1;
        let p = releasep(m);
        (*own).nextp = p;
        (*own).park.wakeup();
        stop_m(m);
    }
}

/// A goroutine ended that was locked to this thread, which ends, too: nobody knows what was done to it.
///
/// SAFETY: m is this thread's and holds a P; its goroutine is dead.
#[doc(alias = "mexit")]
#[cold]
pub unsafe fn end_thread(m: *mut M) -> ! {
    // SAFETY: see above; nothing on this stack is needed again.
    unsafe {
        (*m).lockedg = null_mut();
        let p = releasep(m);
        sysmon::handoff(p);
        {
            let mut sched = SCHED.lock();
            sched.mcount -= 1;
            checkdead(&sched);
        }
        if (*m).id == 0 {
            // The process's first thread: it stays, for the kernel's sake.
            crate::trace::fatal::wait_for_the_end()
        }
        threads::end(m)
    }
}

/// SAFETY: g runs on m.
unsafe fn lock(m: *mut M, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*g).locked_count += 1;
        (*g).lockedm = m;
        (*m).lockedg = g;
    }
}

/// SAFETY: g runs on m.
pub unsafe fn unlock(m: *mut M, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        if (*g).locked_count == 0 {
            return;
        }
        (*g).locked_count -= 1;
        if (*g).locked_count == 0 {
            (*g).lockedm = null_mut();
            (*m).lockedg = null_mut();
        }
    }
}

/// The main goroutine keeps the first thread while it initializes packages, so that an init function can lock
/// it there.
///
/// SAFETY: at boot; g does not run yet.
pub unsafe fn lock_main(m: *mut M, g: *mut G) {
    // SAFETY: see above.
    unsafe { (*g).locked_count = 1 };
    // SAFETY: see above.
    unsafe { (*g).lockedm = m };
}

/// `LockOSThread` (1) and `UnlockOSThread` (0).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_lockthread(lock: i64) {
    // SAFETY: an entry.
    unsafe {
        let m = getm();
        if lock == 0 {
            return unlock(m, (*m).curg);
        }
        self::lock(m, (*m).curg);
    }
}
