//! Coroutines (Go's coro.go), which iter.Pull is made of: two goroutines of which one runs at a time, and that
//! switch to one another without the run queues.
//!
//! Runs on g0.

use super::*;
use crate::arch::{self, getm};
use crate::trace::fatal::throw;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::*};

/// `runtime.coro` begins with it: who runs at the next switch; nil when the coroutine has ended.
#[repr(C)]
pub struct Coro {
    other: AtomicPtr<G>,
}

/// (coroutine, function value): the goroutine waits until it is switched to.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newcoro0(c: *mut Coro, closure: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let g = proc::new_child(getm(), closure);
        (*g).wait_reason = WaitReason::COROUTINE;
        (*g).set_status(Status::Waiting);
        if !(*g).bubble.is_null() {
            (*(*g).bubble).waits();
        }
        (*c).other.store(g, Release);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coroswitch0(c: *mut Coro) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let next = (*c).other.load(Relaxed);
        if next.is_null() {
            throw("coroswitch on exited coro");
        }
        if next == g {
            throw("coroswitch of a goroutine to itself");
        }
        (*g).wait_reason = WaitReason::COROUTINE;
        (*g).set_status(Status::Waiting);
        (*g).m = null_mut();
        if (*c).other.compare_exchange(next, g, AcqRel, Relaxed).is_err() {
            throw("coroswitch on a coroutine that is in use");
        }
        run(m, g, next)
    }
}

/// The coroutine's function has returned: its goroutine ends, and the other goes on.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_coroexit0(c: *mut Coro) -> ! {
    // SAFETY: an entry; nothing of the goroutine's stack is needed any more.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let next = (*c).other.swap(null_mut(), AcqRel);
        let was_locked = (*m).lockedg == g;
        let (count, preempt) = ((*g).locked_count, (*g).preempt.load(Relaxed));
        if !(*g).bubble.is_null() {
            // The other goes on in place of this one.
            (*(*g).bubble).runs(0);
        }
        proc::end(m, g);
        if was_locked {
            (*m).lockedg = next;
            (*next).lockedm = m;
            (*next).locked_count = count;
        }
        go_on(m, next, preempt)
    }
}

/// SAFETY: g has been left waiting on this M, next waits and is ours.
unsafe fn run(m: *mut M, g: *mut G, next: *mut G) -> ! {
    // SAFETY: see above.
    unsafe {
        // The thread goes with whoever runs.
        if (*m).lockedg == g {
            (*m).lockedg = next;
            (*next).lockedm = m;
            (*next).locked_count = (*g).locked_count;
            (*g).lockedm = null_mut();
            (*g).locked_count = 0;
        }
        go_on(m, next, (*g).preempt.load(Relaxed))
    }
}

/// Runs it in the present time slice; whether that is over is asked at its next safepoint.
///
/// SAFETY: as [`run`].
unsafe fn go_on(m: *mut M, next: *mut G, preempt: bool) -> ! {
    // SAFETY: see above.
    unsafe {
        (*next).set_status(Status::Running);
        (*next).m = m;
        (*m).curg = next;
        (*next).preempt.store(preempt, SeqCst);
        let guard = if preempt { usize::MAX } else { (*(*next).seg).guard };
        (*next).stackguard.store(guard, SeqCst);
        arch::gogo(next)
    }
}
