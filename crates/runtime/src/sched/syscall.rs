//! System calls that may block: the goroutine leaves its P, which others may take, and needs one to go on.

use super::idle::{acquirep, pidle_get, stop_m};
use super::proc::{globrunq_put, schedule};
use super::*;
use crate::arch::getm;
use crate::os::sys::syscall6;
use crate::port::Pair;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// SAFETY: g runs on m, saved by its entry.
#[doc(alias = "entersyscall")]
unsafe fn enter(m: *mut M, g: *mut G) -> *mut P {
    // SAFETY: see above.
    unsafe {
        (*g).set_status(Status::Syscall);
        let p = (*m).p;
        (*m).p = null_mut();
        (*p).m.store(null_mut(), Release);
        (*p).set_status(PStatus::Syscall);
        if GCWAITING.load(SeqCst) {
            let mut sched = SCHED.lock();
            if sched.stopwait > 0 && (*p).cas_status(PStatus::Syscall, PStatus::GcStop) {
                (*p).syscalltick.fetch_add(1, Relaxed);
                super::world::give_up(&mut sched, p);
            }
        }
        p
    }
}

/// Back with the same P or another; where there is none, the goroutine waits in the queue and this M sleeps.
///
/// SAFETY: as [`enter`]; the results of the call are in the goroutine's memory.
#[doc(alias = "exitsyscall")]
unsafe fn exit(t: OnG0, m: *mut M, g: *mut G, old: *mut P) {
    // SAFETY: see above.
    unsafe {
        if (*old).cas_status(PStatus::Syscall, PStatus::Idle) {
            acquirep(m, old);
        } else {
            let mut sched = SCHED.lock();
            let p = if GCWAITING.load(Acquire) { null_mut() } else { pidle_get(&mut sched) };
            if p.is_null() {
                (*m).curg = null_mut();
                (*g).m = null_mut();
                (*g).set_status(Status::Runnable);
                globrunq_put(&mut sched, g);
                drop(sched);
                if (*m).lockedg.is_null() {
                    stop_m(m);
                }
                schedule(t);
            }
            drop(sched);
            acquirep(m, p);
        }
        let tick = &(*(*m).p).syscalltick;
        tick.store(tick.load(Relaxed).wrapping_add(1), Relaxed);
        (*g).set_status(Status::Running);
    }
}

/// (address of number and six arguments) -> (result, errno)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_syscall6(args: *const [usize; 7]) -> Pair<usize, usize> {
    // SAFETY: an entry with the goroutine saved; the memory is the caller's frame, which never moves.
    unsafe {
        let [n, a @ ..] = *args;
        blocking(|| syscall6(n, a))
    }
}

/// (number, three arguments) -> (result, errno)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_syscall3(n: usize, a: usize, b: usize, c: usize) -> Pair<usize, usize> {
    // SAFETY: an entry with the goroutine saved.
    unsafe { blocking(|| syscall6(n, [a, b, c, 0, 0, 0])) }
}

/// A system call while the P may be taken; (−1, errno) if it fails.
///
/// SAFETY: an entry with the goroutine saved; the caller of the entry answers for the call.
unsafe fn blocking(call: impl FnOnce() -> isize) -> Pair<usize, usize> {
    const ERRNO_MAX: isize = 4095;
    // SAFETY: see above.
    unsafe {
        let r = block(call);
        if (-ERRNO_MAX..0).contains(&r) { Pair(usize::MAX, -r as usize) } else { Pair(r as usize, 0) }
    }
}

/// What may take long, without a P. Where none is free afterwards, the goroutine goes on later and on another
/// thread, with `f`'s result in rax and the number of an error in rcx.
///
/// SAFETY: an entry with the goroutine saved, which gives nothing but this result.
pub unsafe fn block(f: impl FnOnce() -> isize) -> isize {
    // SAFETY: see above.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let p = enter(m, g);
        let r = f();
        // Should it go on elsewhere, that is what the entry returns.
        (*g).args[0] = r as usize;
        (*g).cont = Some(returned);
        exit(OnG0::assume(), m, g, p);
        (*g).cont = None;
        r
    }
}

unsafe fn returned(_: OnG0, g: *mut G) {
    // SAFETY: the goroutine's own.
    unsafe {
        let r = (*g).args[0] as isize;
        let failed = (-4095..0).contains(&r);
        (*g).ret = if failed { [usize::MAX, -r as usize] } else { [r as usize, 0] };
    }
}
