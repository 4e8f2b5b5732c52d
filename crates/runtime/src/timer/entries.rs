//! What package time calls, through std/runtime.

use super::channel;
use super::set::{Action, Timer, Timers};
use crate::arch::getm;
use crate::chan::Hchan;
use crate::mem::persistent_alloc;
use crate::netpoll;
use crate::os::clock::{self, nanotime};
use crate::port::Pair;
use crate::sched::{OnG0, WaitReason, bubble, proc, sysmon};
use crate::trace::fatal::fatal;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// Sets a timer that is no channel's. Whether it was active.
///
/// SAFETY: this M holds a P.
pub unsafe fn start(t: *mut Timer, when: i64, period: i64) -> bool {
    // SAFETY: see above.
    let fake = unsafe { (*t).fake };
    if !fake {
        netpoll::init();
        sysmon::ensure_started();
    }
    // SAFETY: see above.
    let (pending, first) = unsafe {
        let mut home = Timers::of_started(t);
        let pending = (*t).when != 0;
        (*t).when = when;
        (*t).period = period;
        (pending, home.add(t))
    };
    if first && !fake {
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
        let b = bubble::current();
        if (*t).home.load(Relaxed).is_null() && !b.is_null() {
            (*t).home.store(&raw mut (*b).timers, Release);
            (*t).fake = true;
        }
        if (*t).fake && b.is_null() {
            fatal("reset of synctest timer from outside bubble");
        }
        let pending = if (*t).action == Action::Channel {
            channel::modify(t, when, period)
        } else {
            start(t, when, period)
        };
        if (*t).fake && when <= (*b).now() {
            // Due at once: not only when the bubble is blocked.
            (*b).timers.run((*b).now());
        }
        pending as i64
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timerstop(t: *mut Timer) -> i64 {
    // SAFETY: an entry on a timer of package time's.
    unsafe {
        if (*t).fake && bubble::current().is_null() {
            fatal("stop of synctest timer from outside bubble");
        }
        let pending = if (*t).action == Action::Channel { channel::modify(t, 0, 0) } else { stop(t) };
        pending as i64
    }
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
        let b = (*g).bubble;
        let now = if b.is_null() { nanotime() as i64 } else { (*b).now() };
        let t = (*g).timer;
        if (*t).fake || !b.is_null() {
            // In a bubble now, or no longer; the timer is in no heap.
            let home = if b.is_null() { null_mut() } else { &raw mut (*b).timers };
            (*t).home.store(home, Release);
            (*t).fake = !b.is_null();
        }
        let when = now.checked_add(ns).unwrap_or(i64::MAX);
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

/// (seconds, nanoseconds, monotonic clock) into the caller's memory; a bubble's clock has no monotonic part (0).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_timenow(into: *mut [i64; 3]) {
    let b = bubble::current();
    // SAFETY: an entry; the caller's frame. Bubbles live for ever.
    unsafe {
        if b.is_null() {
            let (sec, nsec) = clock::walltime();
            *into = [sec, nsec, nanotime() as i64];
        } else {
            *into = [(*b).now() / 1_000_000_000, (*b).now() % 1_000_000_000, 0];
        }
    }
}

/// The monotonic clock, or the bubble's.
#[unsafe(no_mangle)]
extern "C" fn rt_timenano() -> i64 {
    let b = bubble::current();
    // SAFETY: bubbles live for ever.
    if b.is_null() { nanotime() as i64 } else { unsafe { (*b).now() } }
}
