//! What package time calls, through std/runtime.

use super::channel;
use super::set::{Action, Timer, Timers};
use crate::arch::getm;
use crate::chan::Hchan;
use crate::mem::persistent_alloc;
use crate::os::clock::{self, nanotime};
use crate::port::Pair;
use crate::sched::{OnG0, WaitReason, proc};
use crate::{netpoll, sched::sysmon};

/// Sets a timer that is no channel's. Whether it was active.
///
/// SAFETY: this M holds a P.
pub unsafe fn start(t: *mut Timer, when: i64, period: i64) -> bool {
    netpoll::init();
    sysmon::ensure_started();
    // SAFETY: see above.
    let (pending, first) = unsafe {
        let mut home = Timers::of_started(t);
        let pending = (*t).when != 0;
        (*t).when = when;
        (*t).period = period;
        (pending, home.add(t))
    };
    if first {
        netpoll::wake_poller(when);
    }
    pending
}

/// SAFETY: this M holds a P.
pub unsafe fn stop(t: *mut Timer) -> bool {
    // SAFETY: see above.
    unsafe {
        let mut home = Timers::of(t);
        let pending = (*t).when != 0;
        (*t).when = 0;
        home.remove(t);
        pending
    }
}

/// (timer, when, period) -> whether it was active
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerreset(t: *mut Timer, when: i64, period: i64) -> i64 {
    // SAFETY: an entry on a timer of package time's.
    unsafe {
        if (*t).action == Action::Channel {
            channel::modify(t, when, period) as i64
        } else {
            start(t, when, period) as i64
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerstop(t: *mut Timer) -> i64 {
    // SAFETY: an entry on a timer of package time's.
    unsafe { if (*t).action == Action::Channel { channel::modify(t, 0, 0) as i64 } else { stop(t) as i64 } }
}

/// A new channel becomes a timer's: it looks unbuffered from now on.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerchan(c: *mut Hchan, t: *mut Timer) {
    // SAFETY: an entry; nobody else knows the channel yet.
    unsafe {
        (*c).timer = t;
        (*c).dataqsiz = 0;
    }
}

/// `time.Sleep` for more than 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timesleep(ns: i64) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let g = (*getm()).curg;
        if (*g).timer.is_null() {
            let t = persistent_alloc(size_of::<Timer>(), 8).cast::<Timer>();
            (*t).action = Action::Wake;
            (*t).arg = g.cast();
            (*g).timer = t;
        }
        let when = (nanotime() as i64).checked_add(ns).unwrap_or(i64::MAX);
        proc::park(OnG0::assume(), g, WaitReason::SLEEP, || {
            start((*g).timer, when, 0);
        })
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_nanotime() -> i64 {
    nanotime() as i64
}

#[unsafe(no_mangle)]
extern "C" fn rt_walltime() -> Pair<i64, i64> {
    let (sec, nsec) = clock::walltime();
    Pair(sec, nsec)
}

/// (seconds, nanoseconds, monotonic clock) into the caller's memory.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timenow(into: *mut [i64; 3]) {
    let (sec, nsec) = clock::walltime();
    // SAFETY: an entry; the caller's frame.
    unsafe { *into = [sec, nsec, nanotime() as i64] }
}
