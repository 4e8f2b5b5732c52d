//! Idle Ms and Ps: an M without work gives its P away and sleeps; new work wakes one M that looks for it
//! ("spins") while none does yet (the comment "Worker thread parking/unparking" in Go's proc.go).

use super::proc::{globrunq_get, schedule};
use super::runq::CAPACITY;
use super::*;
use crate::mem::persistent_alloc;
use crate::netpoll;
use crate::os::{futex::Note, memory, random, thread};
use crate::trace::fatal::throw;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

const G0_BYTES: usize = 256 << 10;
const SIGNAL_STACK_BYTES: usize = 32 << 10;
const PAGE_BYTES: usize = 4096;

/// SAFETY: p is nobody's, m this thread's own, or one that is asleep or being made.
pub unsafe fn acquirep(m: *mut M, p: *mut P) {
    // SAFETY: see above.
    unsafe {
        (*m).p = p;
        (*p).m.store(m, Release);
        (*p).set_status(PStatus::Running);
    }
}

/// SAFETY: m is this thread's and holds a P.
pub unsafe fn releasep(m: *mut M) -> *mut P {
    // SAFETY: see above.
    unsafe {
        let p = (*m).p;
        (*m).p = null_mut();
        (*p).m.store(null_mut(), Release);
        (*p).set_status(PStatus::Idle);
        p
    }
}

/// SAFETY: p is nobody's.
#[doc(alias = "pidleput")]
pub unsafe fn pidle_put(sched: &mut Sched, p: *mut P) {
    // SAFETY: see above.
    unsafe {
        (*p).set_status(PStatus::Idle);
        (*p).link = sched.pidle;
    }
    sched.pidle = p;
    NPIDLE.fetch_add(1, AcqRel);
}

#[doc(alias = "pidleget")]
pub fn pidle_get(sched: &mut Sched) -> *mut P {
    let p = sched.pidle;
    if !p.is_null() {
        // SAFETY: an idle P is under the lock.
        sched.pidle = unsafe { (*p).link };
        NPIDLE.fetch_sub(1, SeqCst);
        super::sysmon::wake();
    }
    p
}

/// There may be new work: one more M to look for it, if there is an idle P and nobody looks yet.
#[inline]
pub fn wakep() {
    if NPIDLE.load(Acquire) != 0 && NMSPINNING.load(Acquire) == 0 {
        wakep_slow();
    }
}

#[cold]
fn wakep_slow() {
    if !MAIN_STARTED.load(Relaxed) || NMSPINNING.compare_exchange(0, 1, AcqRel, Relaxed).is_err() {
        return;
    }
    let mut sched = SCHED.lock();
    let p = pidle_get(&mut sched);
    if p.is_null() {
        drop(sched);
        NMSPINNING.fetch_sub(1, AcqRel);
        return;
    }
    start_m(sched, p, true);
}

/// Gives the P to an idle M, or to a new one.
#[doc(alias = "startm")]
pub fn start_m(mut sched: SchedGuard, p: *mut P, spinning: bool) {
    let m = sched.midle;
    if m.is_null() {
        sched.mcount += 1;
        sched.next_mid += 1;
        let id = sched.next_mid;
        drop(sched);
        let m = new_m(id);
        // SAFETY: a new M is ours.
        unsafe {
            (*m).nextp = p;
            (*m).spinning = spinning;
            if !start_thread(m) {
                crate::eprint!("runtime: failed to create new OS thread\n");
                throw("newosproc");
            }
        }
        return;
    }
    // SAFETY: an idle M sleeps until its note is woken.
    unsafe {
        sched.midle = (*m).schedlink;
        sched.nmidle -= 1;
        drop(sched);
        (*m).nextp = p;
        (*m).spinning = spinning;
        (*m).park.wakeup();
    }
}

pub type SchedGuard = super::lock::Guard<'static, Sched, { super::lock::rank::SCHED }>;

/// A spinning M found work: another may look in its place.
///
/// SAFETY: m is this thread's.
#[cold]
pub unsafe fn reset_spinning(m: *mut M) {
    // SAFETY: see above.
    unsafe { (*m).spinning = false };
    NMSPINNING.fetch_sub(1, AcqRel);
    wakep();
}

/// Nothing to run: gives the P away and sleeps until there is, looking once more after it said that it
/// looks no longer. Comes back with a P, perhaps with a goroutine to run.
///
/// SAFETY: m is this thread's and holds a P.
#[cold]
pub unsafe fn handoff_or_stop(m: *mut M) -> Option<*mut G> {
    // SAFETY: see above.
    unsafe {
        let mut sched = SCHED.lock();
        if GCWAITING.load(Acquire) {
            return None;
        }
        if RUNQ_SIZE.load(Relaxed) > 0 {
            let g = globrunq_get(&mut sched, (*m).p, CAPACITY / 2);
            return Some(g);
        }
        let p = releasep(m);
        pidle_put(&mut sched, p);
        drop(sched);
        if (*m).spinning {
            (*m).spinning = false;
            NMSPINNING.fetch_sub(1, SeqCst);
            // Whoever made work meanwhile saw us looking and woke nobody. New timers are seen below.
            if (RUNQ_SIZE.load(SeqCst) > 0 || allp().iter().any(|&p| (*p).shares_work())) && take_idle_p(m) {
                (*m).spinning = true;
                NMSPINNING.fetch_add(1, AcqRel);
                return None;
            }
        }
        if let Some(mut list) = netpoll::sleep(crate::timer::next_of_all()) {
            if !take_idle_p(m) {
                inject(list);
            } else {
                let g = list.pop();
                inject(list);
                return (!g.is_null()).then_some(g);
            }
        }
        stop_m(m);
        None
    }
}

/// SAFETY: m is this thread's and holds no P.
pub(super) unsafe fn take_idle_p(m: *mut M) -> bool {
    let p = {
        let mut sched = SCHED.lock();
        if GCWAITING.load(Acquire) { null_mut() } else { pidle_get(&mut sched) }
    };
    if !p.is_null() {
        // SAFETY: see above.
        unsafe { acquirep(m, p) };
    }
    !p.is_null()
}

/// For an M that waits for one outside of the list; gets another later.
///
/// SAFETY: m is this thread's, holds a P and runs no goroutine.
#[cold]
pub unsafe fn give_p_away(m: *mut M) {
    // SAFETY: see above.
    unsafe {
        {
            let mut sched = SCHED.lock();
            if GCWAITING.load(Acquire) {
                return;
            }
            let p = releasep(m);
            pidle_put(&mut sched, p);
        }
        stop_m(m);
    }
}

/// Goroutines that the network made runnable, to whoever has time.
#[doc(alias = "injectglist")]
pub fn inject(mut list: netpoll::GList) {
    if list.is_empty() {
        return;
    }
    let mut n = 0;
    {
        let mut sched = SCHED.lock();
        loop {
            let g = list.pop();
            if g.is_null() {
                break;
            }
            // SAFETY: runnable, in no queue.
            unsafe { super::proc::globrunq_put(&mut sched, g) };
            n += 1;
        }
    }
    for _ in 0..n {
        if !start_idle_p(false) {
            break;
        }
    }
}

/// An M for an idle P. False: there is none.
pub fn start_idle_p(spinning: bool) -> bool {
    let mut sched = SCHED.lock();
    if GCWAITING.load(Acquire) {
        return false;
    }
    let p = pidle_get(&mut sched);
    if p.is_null() {
        return false;
    }
    start_m(sched, p, spinning);
    true
}

/// Sleeps without a P until somebody gives one.
///
/// SAFETY: m is this thread's and holds no P.
#[doc(alias = "stopm")]
pub unsafe fn stop_m(m: *mut M) {
    // SAFETY: see above.
    unsafe {
        let mut sched = SCHED.lock();
        (*m).schedlink = sched.midle;
        sched.midle = m;
        sched.nmidle += 1;
        checkdead(&sched);
        drop(sched);
        sleep_for_p(m);
    }
}

/// SAFETY: m is this thread's and holds no P.
pub unsafe fn sleep_for_p(m: *mut M) {
    // SAFETY: see above.
    unsafe {
        (*m).park.sleep();
        (*m).park.clear();
        acquirep(m, (*m).nextp);
        (*m).nextp = null_mut();
    }
}

/// No M runs: if no goroutine can ever run again, the program ends.
pub fn checkdead(sched: &Sched) {
    if sched.mcount as i32 > sched.nmidle as i32 + sched.nmidle_locked || crate::trace::fatal::is_panicking()
    {
        return;
    }
    let (mut waiting, mut runnable) = (0, 0);
    super::allg::for_each(|g| {
        // SAFETY: Gs live for ever.
        match unsafe { (*g).status() } {
            // SAFETY: see above.
            Status::Waiting if unsafe { (*g).system } => {}
            Status::Waiting => waiting += 1,
            Status::Runnable | Status::Running | Status::Syscall => runnable += 1,
            Status::Idle | Status::Dead => {}
        }
    });
    if runnable > 0 {
        throw("checkdead: runnable g");
    }
    if waiting == 0 {
        crate::trace::fatal::fatal("no goroutines (main called runtime.Goexit) - deadlock!");
    }
    crate::trace::fatal::fatal("all goroutines are asleep - deadlock!");
}

// ---------------------------------------------------------------- threads

/// Zeroed but for its place in the world.
pub fn new_m(id: u64) -> *mut M {
    let m = persistent_alloc(size_of::<M>(), 64).cast::<M>();
    // SAFETY: fresh memory.
    unsafe {
        (*m).this = m;
        (*m).id = id;
        (&raw mut (*m).rng).write(random::stream());
        (&raw mut (*m).park).write(Note::new());
    }
    m
}

/// A new thread for m, with a g0 and a signal stack.
///
/// SAFETY: m is new.
unsafe fn start_thread(m: *mut M) -> bool {
    let bytes = G0_BYTES + 2 * PAGE_BYTES + SIGNAL_STACK_BYTES;
    let Some(low) = memory::map(bytes) else { return false };
    memory::protect(low + SIGNAL_STACK_BYTES, PAGE_BYTES);
    // SAFETY: see above.
    unsafe {
        (*m).g0_low = low + SIGNAL_STACK_BYTES + PAGE_BYTES;
        (*m).g0sp = low + bytes - 64;
        threads::THREADS.lock();
        let tid = thread::spawn((*m).g0sp, m as usize, thread_main, m as usize);
        if let Some(tid) = tid {
            threads::add(m, tid);
        }
        threads::THREADS.unlock();
        tid.is_some()
    }
}

/// What start_thread mapped.
///
/// SAFETY: m is not the first thread's.
pub unsafe fn thread_memory(m: *mut M) -> (usize, usize) {
    // SAFETY: see above.
    let low = unsafe { (*m).g0_low } - PAGE_BYTES - SIGNAL_STACK_BYTES;
    (low, G0_BYTES + 2 * PAGE_BYTES + SIGNAL_STACK_BYTES)
}

/// SAFETY: called by the new thread itself.
unsafe extern "C" fn thread_main(m: usize) -> ! {
    let m = m as *mut M;
    // SAFETY: this thread's M.
    unsafe {
        thread::set_signal_stack((*m).g0_low - PAGE_BYTES - SIGNAL_STACK_BYTES, SIGNAL_STACK_BYTES);
        thread::set_signal_mask(crate::signal::initial_mask());
        // Entries begin below the frames that lead here.
        (*m).g0sp -= 256;
        if let Some(f) = (*m).start {
            f();
            loop {
                (*m).park.sleep();
            }
        }
        acquirep(m, (*m).nextp);
        (*m).nextp = null_mut();
        schedule(OnG0::assume())
    }
}

/// A thread of the runtime's own that runs no goroutines. False: the system has none to give.
pub fn start_system_thread(f: fn()) -> bool {
    let id = {
        let mut sched = SCHED.lock();
        sched.next_mid += 1;
        sched.next_mid
    };
    let m = new_m(id);
    // SAFETY: a new M is ours.
    unsafe {
        (*m).system = true;
        (*m).start = Some(f);
        start_thread(m)
    }
}

/// m0's signal stack.
pub fn init_signal_stack() {
    if let Some(low) = memory::map(SIGNAL_STACK_BYTES) {
        thread::set_signal_stack(low, SIGNAL_STACK_BYTES);
    }
}
