//! Stopping the world: every P comes to rest at a safepoint of its goroutine.

use super::idle::{pidle_get, pidle_put, releasep, start_m, stop_m, take_idle_p, wakep};
use super::metrics::{STOPPED, STOPPING};
use super::*;
use crate::arch::getm;
use crate::os::clock::nanotime;
use core::marker::PhantomData;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::*};

/// The right that holds while no goroutine runs, on the thread that stopped them.
pub struct WorldStopped {
    why: Why,
    since_ns: u64,
    thread: PhantomData<*mut ()>,
}

/// For whom the world is stopped, by the places of their statistics.
#[derive(Clone, Copy)]
pub enum Why {
    Collector = 0,
    Other = 1,
}

/// Somebody stops the world, or has.
static CLAIMED: AtomicBool = AtomicBool::new(false);

/// Ms that rest with a goroutine of theirs and need a P to go on.
static RESTING: AtomicU32 = AtomicU32::new(0);

/// Whether a P should be given away when its goroutine yields.
#[inline]
pub fn is_p_wanted() -> bool {
    RESTING.load(Relaxed) != 0
}

/// Somebody else stops the world: this M gives its P up, and goes on with the same goroutine when it gets one
/// again. It is not among the idle Ms meanwhile, which take other goroutines.
///
/// SAFETY: m is this thread's and holds a P; its goroutine is saved.
#[cold]
unsafe fn rest(m: *mut M) {
    const LOOK_US: u64 = 20;
    // SAFETY: see above.
    unsafe {
        {
            let mut sched = SCHED.lock();
            if !GCWAITING.load(Acquire) {
                drop(sched);
                return crate::os::clock::yield_thread();
            }
            let p = releasep(m);
            give_up(&mut sched, p);
        }
        RESTING.fetch_add(1, AcqRel);
        while GCWAITING.load(Acquire) || !take_idle_p(m) {
            crate::os::clock::usleep(LOOK_US);
        }
        RESTING.fetch_sub(1, AcqRel);
    }
}

/// How often those that still run are told again: a goroutine may have begun after it was told.
const RETRY_NS: u64 = 100_000;

/// This M keeps its P; its goroutine has been saved by its entry.
///
/// Where somebody else stops the world, this M comes to rest first: its P may then be another one.
///
/// SAFETY: an M with a P, whose goroutine needs nothing that only this stack knows of.
#[doc(alias = "stopTheWorldWithSema")]
pub unsafe fn stop_the_world(why: Why) -> WorldStopped {
    let since_ns = nanotime();
    // SAFETY: see above.
    unsafe {
        let m = getm();
        while CLAIMED.swap(true, Acquire) {
            rest(m);
        }
        let mut sched = SCHED.lock();
        sched.stopwait = gomaxprocs() as i32;
        STOPNOTE.clear();
        GCWAITING.store(true, SeqCst);
        preempt_all();
        (*(*m).p).set_status(PStatus::GcStop);
        sched.stopwait -= 1;
        take_from_syscalls(&mut sched);
        loop {
            let p = pidle_get(&mut sched);
            if p.is_null() {
                break;
            }
            (*p).set_status(PStatus::GcStop);
            sched.stopwait -= 1;
        }
        let wait = sched.stopwait > 0;
        drop(sched);
        if wait {
            while !STOPNOTE.sleep_for(RETRY_NS) {
                preempt_all();
                // One that just entered its system call may have looked at GCWAITING too early.
                let mut sched = SCHED.lock();
                take_from_syscalls(&mut sched);
                if sched.stopwait == 0 {
                    break;
                }
            }
        }
        STOPPING[why as usize].record(nanotime() - since_ns);
        WorldStopped { why, since_ns, thread: PhantomData }
    }
}

fn take_from_syscalls(sched: &mut Sched) {
    for &p in allp() {
        // SAFETY: Ps live for ever.
        unsafe {
            if (*p).cas_status(PStatus::Syscall, PStatus::GcStop) {
                (*p).syscalltick.fetch_add(1, Relaxed);
                sched.stopwait -= 1;
            }
        }
    }
}

#[doc(alias = "startTheWorldWithSema")]
pub fn start_the_world(stopped: WorldStopped) {
    STOPPED[stopped.why as usize].record(nanotime() - stopped.since_ns);
    // SAFETY: the world is stopped, by this M.
    unsafe {
        let mine = (*getm()).p;
        let mut sched = SCHED.lock();
        GCWAITING.store(false, SeqCst);
        let mut busy = null_mut::<P>();
        for &p in allp().iter().rev() {
            if p == mine {
                (*p).set_status(PStatus::Running);
            } else if (*p).has_work() {
                (*p).link = busy;
                busy = p;
            } else {
                pidle_put(&mut sched, p);
            }
        }
        drop(sched);
        while !busy.is_null() {
            let p = busy;
            busy = (*p).link;
            start_m(SCHED.lock(), p, false);
        }
    }
    CLAIMED.store(false, Release);
    wakep();
}

/// Has the others come to rest as far as they do in a moment: what is told of them when the program ends should
/// hold still.
#[doc(alias = "freezetheworld")]
pub fn freeze_the_world() {
    const NEVER_ALL: i32 = 0x7fff_ffff;
    const TRIES: u32 = 5;
    // The thread that ends may hold the lock.
    let Some(mut sched) = SCHED.try_lock() else { return };
    sched.stopwait = NEVER_ALL;
    GCWAITING.store(true, SeqCst);
    drop(sched);
    let all_rest = || {
        // SAFETY: Ps live for ever; this M's own P.
        unsafe { allp().iter().all(|&p| p == (*getm()).p || !(*p).has_status(PStatus::Running)) }
    };
    for _ in 0..TRIES {
        if all_rest() {
            return;
        }
        preempt_all();
        crate::os::clock::usleep(1000);
    }
}

/// This M's share of a stop: gives its P up and sleeps until the world runs again.
///
/// SAFETY: m is this thread's and holds a P.
#[doc(alias = "gcstopm")]
#[cold]
pub unsafe fn stop_here(m: *mut M) {
    // SAFETY: see above.
    unsafe {
        if (*m).spinning {
            (*m).spinning = false;
            NMSPINNING.fetch_sub(1, AcqRel);
        }
        let mut sched = SCHED.lock();
        if !GCWAITING.load(Acquire) {
            return;
        }
        let p = releasep(m);
        give_up(&mut sched, p);
        drop(sched);
        stop_m(m);
    }
}

/// A P comes to rest.
///
/// SAFETY: the P is nobody's.
pub unsafe fn give_up(sched: &mut Sched, p: *mut P) {
    // SAFETY: see above.
    unsafe { (*p).set_status(PStatus::GcStop) };
    sched.stopwait -= 1;
    if sched.stopwait == 0 {
        STOPNOTE.wakeup();
    }
}

fn preempt_all() {
    for &p in allp() {
        // SAFETY: Ps live for ever.
        unsafe { preempt_one(p) };
    }
}

/// Has the goroutine of that P come to the scheduler at its next safepoint. May hit another goroutine, which
/// then yields for nothing.
///
/// SAFETY: a P.
#[doc(alias = "preemptone")]
pub unsafe fn preempt_one(p: *mut P) {
    // SAFETY: Ps, Ms and Gs live for ever.
    unsafe {
        let m = (*p).m.load(Acquire);
        if m.is_null() || m == getm() {
            return;
        }
        let g = core::ptr::read_volatile(&raw const (*m).curg);
        if !g.is_null() {
            (*g).preempt.store(true, SeqCst);
            (*g).stackguard.store(usize::MAX, SeqCst);
        }
    }
}
