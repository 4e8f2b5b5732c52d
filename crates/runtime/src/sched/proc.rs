//! The life of a goroutine: made, run, parked, readied, preempted, ended; and the search for the next.

use super::idle::{handoff_or_stop, wakep};
use super::runq::CAPACITY;
use super::*;
use crate::arch::{self, getm, gogo};
use crate::mem::persistent_alloc;
use crate::netpoll;
use crate::os::{clock, random};
use crate::stack;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::*};

/// How often the global queue goes before the local one, so that two goroutines that keep waking one
/// another do not starve the rest.
const GLOBAL_EVERY_TICKS: u32 = 61;
/// Dead Gs that a P keeps for itself, and how many it gives away at once.
const GFREE_MAX: usize = 64;
const GOID_BATCH: u64 = 16;
/// A dead G keeps no more stack than this above its first segment.
const DEAD_STACK_BYTES: usize = 32 << 10;

/// Runs goroutines, for ever.
pub fn schedule(t: OnG0) -> ! {
    // SAFETY: this thread's own M; it holds a P.
    unsafe {
        let m = getm();
        if !(*m).lockedg.is_null() {
            super::locked::stop(m);
            execute(t, m, (*m).lockedg, false)
        }
        loop {
            let (g, inherit) = find_runnable(t, m);
            if (*m).spinning {
                super::idle::reset_spinning(m);
            }
            if (*g).lockedm.is_null() {
                execute(t, m, g, inherit)
            }
            // The main goroutine's first time.
            if (*g).lockedm == m {
                (*m).lockedg = g;
                execute(t, m, g, inherit)
            }
            super::locked::hand_over(m, g);
        }
    }
}

/// SAFETY: g is runnable and ours; m holds a P.
#[inline]
pub(super) unsafe fn execute(t: OnG0, m: *mut M, g: *mut G, inherit: bool) -> ! {
    // SAFETY: see above.
    unsafe {
        (*g).set_status(Status::Running);
        (*g).m = m;
        (*m).curg = g;
        (*g).preempt.store(false, Relaxed);
        (*g).stackguard.store((*(*g).seg).guard, Relaxed);
        let p = (*m).p;
        let more = |count: &AtomicU32| count.store(count.load(Relaxed).wrapping_add(1), Relaxed);
        more(&(*p).switches);
        if !inherit {
            more(&(*p).schedtick);
        }
        if let Some(cont) = (*g).cont.take() {
            cont(t, g);
        }
        gogo(g)
    }
}

/// The next goroutine, and whether it shares the present time slice. Sleeps until there is one.
///
/// SAFETY: m is this thread's and holds a P.
#[doc(alias = "findRunnable")]
#[inline]
unsafe fn find_runnable(_: OnG0, m: *mut M) -> (*mut G, bool) {
    // SAFETY: see above.
    unsafe {
        loop {
            if GCWAITING.load(Acquire) {
                super::world::stop_here(m);
                continue;
            }
            let p = (*m).p;
            if (*p).timers.next() != 0 {
                run_timers(p);
            }
            if (*p).schedtick.load(Relaxed).is_multiple_of(GLOBAL_EVERY_TICKS) && RUNQ_SIZE.load(Relaxed) > 0
            {
                let g = globrunq_get(&mut SCHED.lock(), p, 1);
                if !g.is_null() {
                    return (g, false);
                }
            }
            if let Some(found) = runq_get(p) {
                return found;
            }
            if let Some(g) = find_elsewhere(m) {
                return (g, false);
            }
        }
    }
}

/// Looks at the clock once in a while.
///
/// SAFETY: p is ours.
#[inline]
unsafe fn run_timers(p: *mut P) {
    /// A few microseconds.
    const TICKS: u64 = 10_000;
    // SAFETY: see above.
    unsafe {
        let ticks = clock::ticks();
        if ticks.wrapping_sub((*p).timers_seen) >= TICKS || random::is_seeded() {
            (*p).timers_seen = ticks;
            (*p).timers.run(clock::nanotime() as i64);
        }
    }
}

/// What is due on any P; whether that made work here.
///
/// SAFETY: m is this thread's and holds a P.
unsafe fn run_all_timers(m: *mut M) -> bool {
    let next = crate::timer::next_of_all();
    if next == 0 {
        return false;
    }
    let now = clock::nanotime() as i64;
    if next > now {
        return false;
    }
    // SAFETY: see above; anyone may run timers.
    unsafe {
        for &p in allp() {
            (*p).timers.run(now);
        }
        (*(*m).p).has_work()
    }
}

/// Nothing in our own queue.
///
/// SAFETY: as [`find_runnable`].
#[cold]
unsafe fn find_elsewhere(m: *mut M) -> Option<*mut G> {
    // SAFETY: see above.
    unsafe {
        let p = (*m).p;
        if RUNQ_SIZE.load(Relaxed) > 0 {
            let g = globrunq_get(&mut SCHED.lock(), p, CAPACITY / 2);
            if !g.is_null() {
                return Some(g);
            }
        }
        if run_all_timers(m) {
            return None;
        }
        if netpoll::has_waiters() && !netpoll::is_polled() {
            let mut list = netpoll::poll();
            let g = list.pop();
            if !g.is_null() {
                super::idle::inject(list);
                return Some(g);
            }
        }
        let busy = gomaxprocs() - NPIDLE.load(Relaxed);
        if gomaxprocs() > 1 && ((*m).spinning || 2 * NMSPINNING.load(Relaxed) < busy) {
            if !(*m).spinning {
                (*m).spinning = true;
                NMSPINNING.fetch_add(1, AcqRel);
            }
            if let Some(g) = steal_work(m) {
                return Some(g);
            }
        }
        handoff_or_stop(m)
    }
}

/// Half of another P's queue, in random order of Ps.
///
/// SAFETY: as [`find_runnable`].
unsafe fn steal_work(m: *mut M) -> Option<*mut G> {
    const ROUNDS: usize = 4;
    // SAFETY: see above; other Ps' queues may be robbed by anyone.
    unsafe {
        let all = allp();
        for round in 0..ROUNDS {
            let start = (*m).rng.below(all.len() as u32) as usize;
            for i in 0..all.len() {
                if GCWAITING.load(Relaxed) {
                    return None;
                }
                let victim = all[(start + i) % all.len()];
                if victim != (*m).p
                    && (*victim).shares_work()
                    && let Some(g) = runq_steal((*m).p, victim, round == ROUNDS - 1)
                {
                    return Some(g);
                }
            }
        }
        None
    }
}

/// SAFETY: p is ours.
unsafe fn runq_steal(p: *mut P, victim: *mut P, runnext_too: bool) -> Option<*mut G> {
    let mut batch = [0; CAPACITY as usize / 2];
    // SAFETY: see above.
    unsafe {
        let n = (*victim).runq.grab(&mut batch);
        if n == 0 {
            // The goroutine that its P is about to run: last of all, and only after a moment.
            if runnext_too && !(*victim).runnext.load(Acquire).is_null() {
                if (*victim).has_status(PStatus::Running) {
                    crate::os::clock::usleep(3);
                }
                let g = (*victim).runnext.load(Acquire);
                if !g.is_null() && (*victim).runnext.compare_exchange(g, null_mut(), AcqRel, Relaxed).is_ok()
                {
                    return Some(g);
                }
            }
            return None;
        }
        for &g in &batch[..n - 1] {
            runq_put(p, g as *mut G, false);
        }
        Some(batch[n - 1] as *mut G)
    }
}

/// SAFETY: p is ours.
#[inline]
unsafe fn runq_get(p: *mut P) -> Option<(*mut G, bool)> {
    // SAFETY: see above.
    unsafe {
        let next = (*p).runnext.load(Relaxed);
        if !next.is_null() && (*p).runnext.compare_exchange(next, null_mut(), AcqRel, Relaxed).is_ok() {
            return Some((next, true));
        }
        (*p).runq.get().map(|g| (g as *mut G, false))
    }
}

/// SAFETY: p is ours, g runnable and in no queue.
#[doc(alias = "runqput")]
#[inline]
pub unsafe fn runq_put(p: *mut P, mut g: *mut G, mut next: bool) {
    // SAFETY: see above.
    unsafe {
        if random::is_seeded() && next {
            next = (*getm()).rng.next_u64() & 1 == 0;
        }
        if next {
            g = (*p).runnext.swap(g, AcqRel);
            if g.is_null() {
                return;
            }
        }
        if (*p).runq.put(g as usize).is_err() {
            runq_put_slow(p, g);
        }
    }
}

/// Half of a full queue goes to the global one.
///
/// SAFETY: as [`runq_put`].
#[cold]
unsafe fn runq_put_slow(p: *mut P, g: *mut G) {
    let mut batch = [0; CAPACITY as usize / 2];
    // SAFETY: see above.
    unsafe {
        let n = (*p).runq.grab(&mut batch);
        let mut sched = SCHED.lock();
        for &g in &batch[..n] {
            globrunq_put(&mut sched, g as *mut G);
        }
        globrunq_put(&mut sched, g);
    }
}

/// SAFETY: g is runnable and in no queue.
pub unsafe fn globrunq_put(sched: &mut Sched, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*g).schedlink = null_mut();
        if sched.runq_tail.is_null() {
            sched.runq_head = g;
        } else {
            (*sched.runq_tail).schedlink = g;
        }
        sched.runq_tail = g;
    }
    RUNQ_SIZE.fetch_add(1, Relaxed);
}

/// One to run, and this P's share of the rest, at most `max` in all, into its queue.
///
/// SAFETY: p is ours.
pub unsafe fn globrunq_get(sched: &mut Sched, p: *mut P, max: u32) -> *mut G {
    let size = RUNQ_SIZE.load(Relaxed) as u32;
    if size == 0 {
        return null_mut();
    }
    let n = (size / gomaxprocs() + 1).min(size).min(max);
    // SAFETY: see above.
    unsafe {
        let mut pop = || {
            let g = sched.runq_head;
            sched.runq_head = (*g).schedlink;
            if sched.runq_head.is_null() {
                sched.runq_tail = null_mut();
            }
            g
        };
        let first = pop();
        let mut taken = 1;
        while taken < n {
            let g = pop();
            taken += 1;
            if (*p).runq.put(g as usize).is_err() {
                (*g).schedlink = sched.runq_head;
                if sched.runq_head.is_null() {
                    sched.runq_tail = g;
                }
                sched.runq_head = g;
                taken -= 1;
                break;
            }
        }
        RUNQ_SIZE.fetch_sub(taken as i32, Relaxed);
        first
    }
}

/// Leaves the goroutine that runs here waiting, and runs others. `publish` makes it visible to whoever will
/// wake it (usually: unlocks the channel); from then on it belongs to them.
///
/// SAFETY: g runs on this M, and its entry saved it.
#[doc(alias = "gopark")]
#[inline]
pub unsafe fn park(t: OnG0, g: *mut G, reason: WaitReason, publish: impl FnOnce()) -> ! {
    // SAFETY: see above; bubbles live for ever.
    unsafe {
        let bubble = (*g).bubble;
        (*g).wait_reason = reason;
        (*g).set_status(Status::Waiting);
        (*(*g).m).curg = null_mut();
        (*g).m = null_mut();
        publish();
        if !bubble.is_null() && reason.1 {
            (*bubble).waits();
        }
    }
    schedule(t)
}

/// Makes a waiting goroutine runnable, next in line here.
///
/// SAFETY: g waits, and it is the caller's to wake; this M holds a P.
#[doc(alias = "goready")]
#[inline]
pub unsafe fn ready(g: *mut G) {
    // SAFETY: see above.
    unsafe {
        let p = (*getm()).p;
        if !(*g).bubble.is_null() && (*g).wait_reason.1 {
            (*(*g).bubble).runs(0);
        }
        if (*g).blocked_at != 0 {
            (*g).released_at = clock::nanotime();
        }
        (*g).set_status(Status::Runnable);
        runq_put(p, g, true);
        wakep_for(p);
    }
}

/// The P has more to run: another M to help it, if that pays.
///
/// SAFETY: p is ours.
#[inline]
unsafe fn wakep_for(p: *mut P) {
    if NPIDLE.load(Acquire) == 0 || NMSPINNING.load(Acquire) != 0 {
        return;
    }
    // SAFETY: see above.
    unsafe {
        let queued = (*p).runq.len();
        if (*p).granularity.worth_a_wake((*p).switches.load(Relaxed), queued, clock::ticks) {
            wakep();
        }
    }
}

/// Takes the goroutine that runs here off its M, before anybody else can find it in a queue.
///
/// SAFETY: as [`park`].
unsafe fn leave(g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*(*g).m).curg = null_mut();
        (*g).m = null_mut();
        (*g).set_status(Status::Runnable);
    }
}

/// To the end of the global queue.
///
/// SAFETY: g has left its M.
unsafe fn yield_to_all(t: OnG0, g: *mut G) -> ! {
    // SAFETY: see above.
    unsafe { globrunq_put(&mut SCHED.lock(), g) };
    if MAIN_STARTED.load(Relaxed) {
        wakep();
    }
    if super::world::is_p_wanted() {
        // SAFETY: this M runs nothing now.
        unsafe { super::idle::give_p_away(getm()) };
    }
    schedule(t)
}

/// To the end of this P's queue.
///
/// SAFETY: as [`park`].
#[doc(alias = "goyield")]
pub unsafe fn yield_here(t: OnG0, g: *mut G) -> ! {
    // SAFETY: see above.
    unsafe {
        leave(g);
        runq_put((*getm()).p, g, false);
    }
    schedule(t)
}

/// A safepoint found the goroutine asked to yield.
///
/// SAFETY: as [`park`].
#[doc(alias = "gopreempt_m")]
pub unsafe fn preempted(t: OnG0, g: *mut G) -> ! {
    // SAFETY: see above.
    unsafe {
        leave(g);
        yield_to_all(t, g)
    }
}

/// Whether it must come to the scheduler now; one that is pinned to its P does so when it unpins.
///
/// SAFETY: g runs here.
pub unsafe fn asked_to_yield(g: *mut G) -> bool {
    // SAFETY: see above.
    unsafe {
        if !(*g).preempt.load(Relaxed) {
            return false;
        }
        if (*g).pinned != 0 {
            (*g).preempt_later = true;
            (*g).preempt.store(false, Relaxed);
            return false;
        }
        true
    }
}

/// Ends what `pinned += 1` began.
///
/// SAFETY: g runs here.
pub unsafe fn unpin(g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*g).pinned -= 1;
        if (*g).pinned == 0 && (*g).preempt_later {
            (*g).preempt_later = false;
            (*g).preempt.store(true, SeqCst);
            (*g).stackguard.store(usize::MAX, SeqCst);
        }
    }
}

/// A loop's back-edge found the guard poisoned.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_loopyield() {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let g = (*getm()).curg;
        if asked_to_yield(g) {
            preempted(OnG0::assume(), g);
        }
        (*g).stackguard.store((*(*g).seg).guard, Relaxed);
    }
}

/// `runtime.Gosched`. Where only one P runs and nothing waits in the global queue, the end of the local one
/// is the end of all.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gosched() {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        if RUNQ_SIZE.load(Relaxed) == 0 && !random::is_seeded() && !GCWAITING.load(Relaxed) {
            let p = (*m).p;
            let events = (*p).timers.next() != 0 || netpoll::has_waiters();
            if !(*p).has_work() && !events && NPIDLE.load(Relaxed) + 1 >= gomaxprocs() {
                return;
            }
            leave(g);
            if (*p).runq.put(g as usize).is_ok() {
                schedule(OnG0::assume());
            }
        } else {
            leave(g);
        }
        yield_to_all(OnG0::assume(), g)
    }
}

/// `select {}`
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_block() -> ! {
    // SAFETY: an entry with the goroutine saved.
    unsafe { park(OnG0::assume(), (*getm()).curg, WaitReason::SELECT_NO_CASES, || {}) }
}

// ---------------------------------------------------------------- new and dead goroutines

/// The `go` statement.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newproc(closure: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        if closure == 0 {
            crate::trace::fatal::fatal("go of nil func value");
        }
        let m = getm();
        let g = new_child(m, closure);
        runq_put((*m).p, g, true);
        super::sysmon::ensure_started();
        wakep_for((*m).p);
    }
}

/// A goroutine of the runtime's own, for which no thread is started: programs begin with it.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_newsystemproc(closure: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let m = getm();
        let parent = (*m).curg;
        let bubble = core::mem::replace(&mut (*parent).bubble, null_mut());
        let g = new_child(m, closure);
        (*parent).bubble = bubble;
        (*g).system = true;
        (*g).labels = 0;
        runq_put((*m).p, g, false);
    }
}

/// A goroutine that the one that runs here makes.
///
/// SAFETY: an entry with the goroutine saved.
#[inline]
pub(super) unsafe fn new_child(m: *mut M, closure: usize) -> *mut G {
    // SAFETY: see above.
    unsafe {
        let parent = (*m).curg;
        let g = new_goroutine((*m).p, arch::address(arch::gostart), closure);
        (*g).parent_goid = (*parent).goid;
        (*g).labels = (*parent).labels;
        (*g).bubble = (*parent).bubble;
        if !(*g).bubble.is_null() {
            (*(*g).bubble).runs(1);
        }
        // The thunk's frame is the first above sched_sp.
        (*g).gopc = *(((*parent).sched_sp + 40) as *const usize);
        g
    }
}

/// A runnable G, in no queue yet, that begins at `entry` with `closure` in rbx.
///
/// SAFETY: p is ours.
#[inline]
pub unsafe fn new_goroutine(p: *mut P, entry: usize, closure: usize) -> *mut G {
    // SAFETY: see above; a free G and its stack are nobody's.
    unsafe {
        let mut g = (*p).gfree;
        if g.is_null() {
            g = gfree_refill(p);
        } else {
            (*p).gfree = (*g).schedlink;
            (*p).gfree_count -= 1;
        }
        // r14 r13 r12 rbx rbp, and where it begins.
        let frame = (*(*g).seg).top as *mut usize;
        frame.sub(1).write(entry);
        frame.sub(2).write(0);
        frame.sub(3).write(closure);
        frame.sub(4).write(0);
        frame.sub(5).write(0);
        frame.sub(6).write(0);
        (*g).sched_sp = frame.sub(6) as usize;
        if (*p).goid_next == (*p).goid_end {
            (*p).goid_next = GOID_GEN.fetch_add(GOID_BATCH, Relaxed) + 1;
            (*p).goid_end = (*p).goid_next + GOID_BATCH;
        }
        (*g).goid = (*p).goid_next;
        (*p).goid_next += 1;
        (*g).set_status(Status::Runnable);
        g
    }
}

/// A G from the global list of dead ones, or a new one.
///
/// SAFETY: p is ours.
#[cold]
unsafe fn gfree_refill(p: *mut P) -> *mut G {
    // SAFETY: see above.
    unsafe {
        let mut sched = SCHED.lock();
        while !sched.gfree.is_null() && (*p).gfree_count < GFREE_MAX / 2 {
            let g = sched.gfree;
            sched.gfree = (*g).schedlink;
            (*g).schedlink = (*p).gfree;
            (*p).gfree = g;
            (*p).gfree_count += 1;
        }
        drop(sched);
        let g = (*p).gfree;
        if !g.is_null() {
            (*p).gfree = (*g).schedlink;
            (*p).gfree_count -= 1;
            return g;
        }
        let g = persistent_alloc(size_of::<G>(), 64).cast::<G>();
        let seg = stack::alloc_first();
        (*g).seg = seg;
        (*g).first_seg = seg;
        (*g).wait_reason = WaitReason::NONE;
        super::allg::add(g);
        g
    }
}

/// The goroutine's function returned, or Goexit ran its deferred calls.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_goexit0() -> ! {
    // SAFETY: on g0; nothing of the goroutine's stack is needed any more.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        let locked = !(*g).lockedm.is_null();
        end(m, g);
        if locked {
            super::locked::end_thread(m);
        }
        schedule(OnG0::assume())
    }
}

/// Makes the goroutine that ran here a free G.
///
/// SAFETY: on g0; nothing of the goroutine's stack is needed any more.
#[doc(alias = "gdestroy")]
pub(super) unsafe fn end(m: *mut M, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*g).set_status(Status::Dead);
        (*g).m = null_mut();
        (*m).curg = null_mut();
        (*g).panic = null_mut();
        (*g).sig = 0;
        (*g).labels = 0;
        (*g).panics_on_fault = false;
        (*g).pinned = 0;
        (*g).preempt_later = false;
        (*g).fips = [0; 2];
        (*g).system = false;
        (*g).lockedm = null_mut();
        (*g).locked_count = 0;
        let bubble = core::mem::replace(&mut (*g).bubble, null_mut());
        if !bubble.is_null() {
            (*bubble).ended(g);
        }
        let first = (*g).first_seg;
        (*g).seg = first;
        let next = (*first).next;
        if !next.is_null() {
            if (*next).bytes > DEAD_STACK_BYTES || (*(*m).p).gfree_count > GFREE_MAX / 4 {
                stack::free_above(first);
            } else {
                stack::free_above(next);
            }
        }
        gfree_put((*m).p, g);
    }
}

/// SAFETY: p is ours, g dead.
#[inline]
unsafe fn gfree_put(p: *mut P, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        (*g).schedlink = (*p).gfree;
        (*p).gfree = g;
        (*p).gfree_count += 1;
        if (*p).gfree_count >= GFREE_MAX {
            let mut sched = SCHED.lock();
            while (*p).gfree_count > GFREE_MAX / 2 {
                let g = (*p).gfree;
                (*p).gfree = (*g).schedlink;
                (*p).gfree_count -= 1;
                (*g).schedlink = sched.gfree;
                sched.gfree = g;
            }
        }
    }
}

// ---------------------------------------------------------------- Ps

/// As Go's.
pub const PROCS_MAX: u32 = 1 << 10;

/// Makes the Ps, and binds the first to m0. The table has room for as many as there may ever be.
///
/// SAFETY: at boot, on m0.
pub unsafe fn first_procs(n: u32) {
    // SAFETY: fresh memory.
    unsafe {
        let table = persistent_alloc(size_of::<*mut P>() * PROCS_MAX as usize, 8).cast::<*mut P>();
        for id in 0..n {
            table.add(id as usize).write(new_p(id));
        }
        set_allp(table, n);
        super::idle::acquirep(getm(), *table);
        let mut sched = SCHED.lock();
        for id in (1..n as usize).rev() {
            super::idle::pidle_put(&mut sched, *table.add(id));
        }
    }
}

/// Another number of Ps. Those that go leave what they have to the rest; their memory stays.
pub fn procresize(_: &super::world::WorldStopped, n: u32) {
    let old = gomaxprocs();
    // SAFETY: the world is stopped, and this M holds a P.
    unsafe {
        let table = allp().as_ptr().cast_mut();
        for id in old..n {
            let slot = table.add(id as usize);
            if (*slot).is_null() {
                slot.write(new_p(id));
            }
            (**slot).set_status(PStatus::GcStop);
        }
        let first = *table;
        for id in n..old {
            retire(*table.add(id as usize), first);
        }
        set_allp(table, n);
        let m = getm();
        if (*(*m).p).id >= n {
            (*(*m).p).m.store(null_mut(), Release);
            super::idle::acquirep(m, first);
        }
    }
}

/// SAFETY: the world is stopped.
unsafe fn retire(p: *mut P, heir: *mut P) {
    // SAFETY: see above.
    unsafe {
        let mut sched = SCHED.lock();
        while let Some((g, _)) = runq_get(p) {
            globrunq_put(&mut sched, g);
        }
        while !(*p).gfree.is_null() {
            let g = (*p).gfree;
            (*p).gfree = (*g).schedlink;
            (*g).schedlink = sched.gfree;
            sched.gfree = g;
        }
        (*p).gfree_count = 0;
        drop(sched);
        (*heir).timers.take_over(&(*p).timers);
        (*p).mcache.flush();
        (*p).set_status(PStatus::Idle);
    }
}

/// SAFETY: fresh memory, all zeroes but what is set.
pub unsafe fn new_p(id: u32) -> *mut P {
    let p = persistent_alloc(size_of::<P>(), 64).cast::<P>();
    // SAFETY: see above.
    unsafe {
        (*p).id = id;
        (&raw mut (*p).mcache).write(crate::mem::Mcache::new());
        (&raw mut (*p).timers).write(crate::timer::Timers::new());
    }
    p
}
