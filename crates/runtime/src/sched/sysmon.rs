//! The thread that watches: takes the processor from goroutines that run too long, and Ps from system calls
//! that last. It holds no P and takes no part in the scheduling itself. Started with the second goroutine:
//! a program with one needs nobody to watch it.

use super::idle::{start_m, start_system_thread};
use super::*;
use crate::netpoll;
use crate::os::clock::{nanotime, usleep};
use crate::os::futex::Note;
use crate::os::random;
use core::sync::atomic::{AtomicBool, Ordering::*};

const TIME_SLICE_NS: u64 = 10_000_000;
const SYSCALL_SLICE_NS: u64 = 20_000;
const DELAY_US_MIN: u64 = 20;
const DELAY_US_MAX: u64 = 10_000;
/// The network is asked that often when nobody else asks.
const POLL_NS: i64 = 10_000_000;
/// Rounds of the longest delay with all Ps idle before this thread sleeps, too.
const QUIET_ROUNDS: u32 = 8;
/// Rounds without anything to do before the delay grows.
const IDLE_ROUNDS: u32 = 50;

static STARTED: AtomicBool = AtomicBool::new(false);

/// Time slices are a matter of time: none in a deterministic run.
#[inline]
pub fn ensure_started() {
    if !STARTED.load(Relaxed) && MAIN_STARTED.load(Relaxed) {
        start();
    }
}

#[cold]
fn start() {
    if !STARTED.swap(true, AcqRel) && !random::is_seeded() {
        // Without it programs run, but without time slices.
        start_system_thread(sysmon);
    }
}

/// Sleeping without end: nothing runs that could be watched.
static SLEEPS: AtomicBool = AtomicBool::new(false);
static NOTE: Note = Note::new();

fn sysmon() {
    let (mut idle, mut delay_us, mut quiet) = (0u32, DELAY_US_MIN, 0u32);
    loop {
        if idle == 0 {
            delay_us = DELAY_US_MIN;
        } else if idle > IDLE_ROUNDS {
            delay_us = (delay_us * 2).min(DELAY_US_MAX);
        }
        usleep(delay_us);
        quiet = if NPIDLE.load(Relaxed) == gomaxprocs() && delay_us == DELAY_US_MAX { quiet + 1 } else { 0 };
        if quiet >= QUIET_ROUNDS {
            sleep_while_quiet();
            (idle, quiet) = (0, 0);
        }
        let now = nanotime();
        super::idle::inject(netpoll::poll_if_older(now as i64, POLL_NS));
        let next = crate::timer::next_of_all();
        if next != 0 && next <= now as i64 {
            super::idle::start_idle_p(false);
        }
        if retake(now) {
            idle = 0;
        } else {
            idle += 1;
        }
    }
}

/// Until a P runs again. Whoever sleeps in epoll takes care of timers.
fn sleep_while_quiet() {
    NOTE.clear();
    SLEEPS.store(true, SeqCst);
    if NPIDLE.load(SeqCst) == gomaxprocs() {
        NOTE.sleep();
    }
    SLEEPS.store(false, SeqCst);
}

/// A P is no longer idle.
#[inline(always)]
pub fn wake() {
    if SLEEPS.load(SeqCst) {
        wake_slow();
    }
}

#[cold]
fn wake_slow() {
    if SLEEPS.swap(false, SeqCst) {
        NOTE.wakeup();
    }
}

/// Whether there was anything to take.
fn retake(now_ns: u64) -> bool {
    let mut taken = false;
    // SAFETY: Ps live for ever; the fields `seen_*` are this thread's alone.
    unsafe {
        for &p in allp() {
            if (*p).has_status(PStatus::Running) {
                taken |= is_stuck(p);
                let tick = (*p).schedtick.load(Relaxed);
                if (*p).seen_schedtick != tick {
                    (*p).seen_schedtick = tick;
                    (*p).seen_sched_ns = now_ns;
                } else if (*p).seen_sched_ns + TIME_SLICE_NS <= now_ns {
                    super::world::preempt_one(p);
                }
            } else if (*p).has_status(PStatus::Syscall) {
                let tick = (*p).syscalltick.load(Relaxed);
                if (*p).seen_syscalltick != tick {
                    (*p).seen_syscalltick = tick;
                    (*p).seen_syscall_ns = now_ns;
                    continue;
                }
                // Nobody needs it yet.
                let lasts = (*p).seen_syscall_ns + TIME_SLICE_NS <= now_ns;
                let others_idle = NMSPINNING.load(Relaxed) + NPIDLE.load(Relaxed) > 0;
                if !(*p).has_work() && others_idle && !lasts {
                    continue;
                }
                if (*p).seen_syscall_ns + SYSCALL_SLICE_NS <= now_ns
                    && (*p).cas_status(PStatus::Syscall, PStatus::Idle)
                {
                    (*p).syscalltick.fetch_add(1, Relaxed);
                    handoff(p);
                    taken = true;
                }
            }
        }
    }
    taken
}

/// Whether that P has had the same goroutine since the last look while others wait behind it and nobody comes to
/// take them: its work was thought too fine to share.
///
/// SAFETY: a P.
unsafe fn is_stuck(p: *mut P) -> bool {
    // SAFETY: `seen_switches` is this thread's.
    unsafe {
        let switches = (*p).switches.load(Relaxed);
        let same = core::mem::replace(&mut (*p).seen_switches, switches) == switches;
        let stuck = same && (*p).has_work() && NPIDLE.load(Relaxed) != 0 && NMSPINNING.load(Relaxed) == 0;
        if stuck {
            (*p).granularity.forget();
            super::idle::wakep();
        }
        stuck
    }
}

/// A P that a system call left: to another M, if there is work, the world stops, or nobody would look after
/// network and timers; else idle.
///
/// SAFETY: p is nobody's.
#[doc(alias = "handoffp")]
pub unsafe fn handoff(p: *mut P) {
    // SAFETY: see above.
    unsafe {
        let mut sched = SCHED.lock();
        if GCWAITING.load(Acquire) {
            return super::world::give_up(&mut sched, p);
        }
        let nobody_polls = NPIDLE.load(Relaxed) + 1 == gomaxprocs()
            && !netpoll::is_polled()
            && (netpoll::has_waiters() || crate::timer::next_of_all() != 0);
        if (*p).has_work() || RUNQ_SIZE.load(Relaxed) > 0 || nobody_polls {
            return start_m(sched, p, false);
        }
        super::idle::pidle_put(&mut sched, p);
        drop(sched);
        let next = (*p).timers.next();
        if next != 0 {
            netpoll::wake_poller(next);
        }
    }
}
