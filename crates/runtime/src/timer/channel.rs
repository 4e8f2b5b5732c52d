//! Timers of channels: as Go has them since 1.23, a channel looks unbuffered, and after Stop or Reset no
//! value of before is received.
//!
//! The value is made when it is received or when somebody waits for it: a timer that nobody waits for is in no
//! heap, and a receive looks at the clock.

use super::set::{Timer, Timers};
use crate::chan::{Hchan, wake};
use crate::os::clock::{self, nanotime};
use crate::sched::bubble;
use core::ptr::{copy_nonoverlapping, null_mut, write_bytes};
use core::sync::atomic::{AtomicPtr, Ordering::*};

/// `time.Time`
#[repr(C)]
struct Time {
    wall: u64,
    ext: i64,
    loc: *mut u8,
}

/// Package time's `startNano` and `Local`, set at its initialization.
static START_NANO: AtomicPtr<i64> = AtomicPtr::new(null_mut());
static LOCAL: AtomicPtr<*mut u8> = AtomicPtr::new(null_mut());

#[unsafe(no_mangle)]
extern "C" fn rt_timesetvars(start_nano: *mut i64, local: *mut *mut u8) {
    START_NANO.store(start_nano, Release);
    LOCAL.store(local, Release);
}

/// Package time's `Now().Add(-delay)`.
fn time_before(delay_ns: i64, fake: bool) -> Time {
    const HAS_MONOTONIC: u64 = 1 << 63;
    const NSEC_BITS: u32 = 30;
    /// `unixToInternal - wallToInternal`: seconds from 1885 to 1970.
    const UNIX_TO_WALL: i64 = 62_135_596_800 - 59_453_308_800;
    if fake {
        // SAFETY: as below; bubbles live for ever.
        return unsafe {
            let at = (*bubble::current()).now() - delay_ns;
            let ext = at / 1_000_000_000 + 62_135_596_800;
            Time { wall: (at % 1_000_000_000) as u64, ext, loc: *LOCAL.load(Acquire) }
        };
    }
    let (mut sec, mut nsec) = clock::walltime();
    sec -= delay_ns / 1_000_000_000;
    nsec -= delay_ns % 1_000_000_000;
    if nsec < 0 {
        sec -= 1;
        nsec += 1_000_000_000;
    }
    let mono = nanotime() as i64 - delay_ns;
    // SAFETY: variables of package time, whose channels these are.
    unsafe {
        Time {
            wall: HAS_MONOTONIC | ((sec + UNIX_TO_WALL) as u64) << NSEC_BITS | nsec as u64,
            ext: mono - *START_NANO.load(Acquire),
            loc: *LOCAL.load(Acquire),
        }
    }
}

/// SAFETY: a timer whose action is Channel.
unsafe fn channel(t: *mut Timer) -> *mut Hchan {
    // SAFETY: see above.
    unsafe { (*t).arg.cast() }
}

/// What is due at `now`: the delay. The timer is set for the next time, if there is one.
///
/// SAFETY: channel and home are locked.
unsafe fn expire(t: *mut Timer, home: &mut super::set::Locked, now: i64) -> Option<i64> {
    // SAFETY: see above.
    unsafe {
        if (*t).when == 0 || (*t).when > now {
            return None;
        }
        let delay = now - (*t).when;
        home.remove(t);
        (*t).seq += 1;
        (*t).when = if (*t).period > 0 { (*t).after(now) } else { 0 };
        if (*t).when != 0 && (*t).blocked > 0 {
            // Whoever runs timers looks at the next deadline afterwards.
            let _ = home.add(t);
        }
        Some(delay)
    }
}

/// A receive of a value that is there, or due by now.
///
/// SAFETY: the channel is locked, and t is its timer; elem is nil or has room for a time.
#[doc(alias = "maybeRunChan")]
pub unsafe fn take(t: *mut Timer, elem: *mut u8) -> bool {
    // SAFETY: see above.
    unsafe {
        let c = &mut *channel(t);
        if (*t).full {
            (*t).full = false;
            if !elem.is_null() {
                copy_nonoverlapping(c.buf, elem, size_of::<Time>());
            }
            write_bytes(c.buf, 0, size_of::<Time>());
            return true;
        }
        // Active or not, seen without the home's lock: changes are made under the channel's.
        if (*t).when == 0 {
            return false;
        }
        let b = bubble::current();
        if (*t).fake && b.is_null() {
            crate::trace::fatal::fatal("receive on synctest channel from outside bubble");
        }
        let now = if (*t).fake { (*b).now() } else { nanotime() as i64 };
        let mut home = Timers::of(t);
        let Some(delay) = expire(t, &mut home, now) else { return false };
        drop(home);
        if !elem.is_null() {
            elem.cast::<Time>().write(time_before(delay, (*t).fake));
        }
        true
    }
}

/// The timer was due and has been taken out of its heap.
///
/// SAFETY: this M holds a P and runs no goroutine.
pub unsafe fn fire(t: *mut Timer, seq: usize, now: i64) {
    // SAFETY: see above; what is in a heap is alive, and the collector does not run meanwhile.
    unsafe {
        let c = &mut *channel(t);
        c.lock.lock();
        let delay = {
            let mut home = Timers::of(t);
            if (*t).seq == seq { expire(t, &mut home, now) } else { None }
        };
        let Some(delay) = delay else { return c.lock.unlock() };
        let value = time_before(delay, (*t).fake);
        if let Some(s) = c.recvq.dequeue() {
            let (g, to) = ((*s).g, (*s).elem.cast::<Time>());
            if !to.is_null() {
                to.write(value);
            }
            c.lock.unlock();
            return wake(g, s, true);
        }
        if !(*t).full {
            c.buf.cast::<Time>().write(value);
            (*t).full = true;
        }
        c.lock.unlock();
    }
}

/// A goroutine is about to wait at the channel.
///
/// SAFETY: the channel is locked; this M holds a P.
#[doc(alias = "blockTimerChan")]
pub unsafe fn block(t: *mut Timer) {
    // SAFETY: see above.
    let fake = unsafe { (*t).fake };
    if !fake {
        crate::netpoll::init();
        crate::sched::sysmon::ensure_started();
    }
    // SAFETY: see above.
    let (first, when) = unsafe {
        let mut home = Timers::of_started(t);
        (*t).blocked += 1;
        let add = (*t).when != 0 && !(*t).in_heap();
        (add && home.add(t), (*t).when)
    };
    if first && !fake {
        crate::netpoll::wake_poller(when);
    }
}

/// It waits no longer.
///
/// SAFETY: this M holds a P.
#[doc(alias = "unblockTimerChan")]
pub unsafe fn unblock(t: *mut Timer) {
    // SAFETY: see above.
    unsafe {
        let mut home = Timers::of(t);
        (*t).blocked -= 1;
        if (*t).blocked == 0 {
            home.remove(t);
        }
    }
}

/// Stops the timer (when = 0) or sets it anew. Whether it was active, or its value not yet received.
///
/// SAFETY: a timer whose action is Channel; this M holds a P.
pub unsafe fn modify(t: *mut Timer, when: i64, period: i64) -> bool {
    // SAFETY: see above.
    let (pending, first) = unsafe {
        let c = &mut *channel(t);
        c.lock.lock();
        let mut home = if when == 0 { Timers::of(t) } else { Timers::of_started(t) };
        let mut pending = (*t).when != 0;
        home.remove(t);
        (*t).seq += 1;
        (*t).when = when;
        (*t).period = period;
        let first = when != 0 && (*t).blocked > 0 && home.add(t);
        drop(home);
        if (*t).full {
            (*t).full = false;
            write_bytes(c.buf, 0, size_of::<Time>());
            pending = true;
        }
        c.lock.unlock();
        (pending, first && !(*t).fake)
    };
    if first {
        crate::netpoll::wake_poller(when);
    }
    pending
}
