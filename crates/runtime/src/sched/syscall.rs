//! System calls that may block: the goroutine leaves its P, which others may take, and needs one to go on.

use super::idle::{acquirep, pidle_get, stop_m};
use super::proc::{globrunq_put, schedule};
use super::*;
use crate::arch::getm;
use crate::os::sys::syscall6;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// SAFETY: g runs on m, saved by its entry.
#[doc(alias = "entersyscall")]
unsafe fn enter(m: *mut M, g: *mut G) -> *mut P {
    // SAFETY: see above.
    unsafe {
        super::sysmon::ensure_started();
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
                stop_m(m);
                schedule(t);
            }
            drop(sched);
            acquirep(m, p);
        }
        let tick = &(*(*m).p).syscalltick;
        tick.store(tick.load(Relaxed).wrapping_add(1), Relaxed);
        (*g).set_status(Status::Running);
        (*g).stackguard.store((*(*g).seg).guard, Relaxed);
    }
}

/// (address of number and six arguments, overwritten by two results and errno)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_syscall6(args: *mut [usize; 7]) {
    // SAFETY: an entry with the goroutine saved; the memory is the caller's frame, which never moves.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let p = enter(m, g);
        raw(args);
        exit(OnG0::assume(), m, g, p);
    }
}

/// The same for calls that do not block.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_rawsyscall6(args: *mut [usize; 7]) {
    // SAFETY: see above.
    unsafe { raw(args) }
}

/// SAFETY: the caller of the entry answers for the call.
unsafe fn raw(args: *mut [usize; 7]) {
    const ERRNO_MAX: isize = 4095;
    // SAFETY: see above.
    unsafe {
        let [n, a @ ..] = *args;
        let r = syscall6(n, a);
        let failed = (-ERRNO_MAX..0).contains(&r);
        (*args)[0] = if failed { usize::MAX } else { r as usize };
        (*args)[1] = 0;
        (*args)[2] = if failed { -r as usize } else { 0 };
    }
}
