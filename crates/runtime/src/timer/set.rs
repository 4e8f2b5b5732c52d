//! The timers of a P, and what becomes of those that are due.

use super::heap::{self, Entry, Placed};
use crate::arch::{self, getm};
use crate::os::memory;
use crate::sched::lock::{Guard, Mutex, rank};
use crate::sched::{G, P, allp, bubble, idle, proc};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, AtomicPtr, Ordering::*};

/// What a timer does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Action {
    /// Sends the time to the channel `arg`.
    Channel = 0,
    /// Runs the function value `arg` in a goroutine.
    Go = 1,
    /// Readies the goroutine `arg`.
    Wake = 2,
    /// Deadlines of the poll descriptor `arg`.
    PollRead = 3,
    PollWrite = 4,
    PollBoth = 5,
}

/// As `runtime.timer` of std/runtime. Zeroed: not active.
#[repr(C)]
pub struct Timer {
    /// Whose lock guards the rest, nil until it is first used.
    pub home: AtomicPtr<Timers>,
    /// 0: not active.
    pub when: i64,
    pub period: i64,
    /// Of a channel's: rises with each change, so that what is under way for an earlier state is dropped.
    /// Of a descriptor's: what the deadline was set with.
    pub seq: usize,
    pub arg: *mut u8,
    /// The function value that tracebacks name as the goroutine's creator.
    pub creator: *const usize,
    /// Place in the heap and one; 0: not in it.
    pub place: u32,
    /// Goroutines that wait at the channel.
    pub blocked: u32,
    pub action: Action,
    /// The channel has a value. Under the channel's lock.
    pub full: bool,
    /// By the clock of a bubble, whose timers are its home for good.
    pub fake: bool,
}

impl Timer {
    /// When a timer with a period that is due is due again.
    pub fn after(&self, now: i64) -> i64 {
        let periods = 1 + (now - self.when) / self.period;
        self.period.checked_mul(periods).and_then(|ns| self.when.checked_add(ns)).unwrap_or(i64::MAX)
    }

    /// SAFETY: the timer's home is locked.
    pub unsafe fn in_heap(&self) -> bool {
        self.place != 0
    }
}

impl Placed for Timer {
    unsafe fn place(this: *mut Timer, index: usize) {
        // SAFETY: an element of a heap, whose lock is held.
        unsafe { (*this).place = index as u32 + 1 }
    }
}

pub struct Heap {
    entries: *mut Entry<Timer>,
    len: usize,
    capacity: usize,
}

// SAFETY: the memory is its own.
unsafe impl Send for Heap {}

const FIRST_BYTES: usize = 4096;

impl Heap {
    fn slice(&mut self) -> &mut [Entry<Timer>] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: so many are initialized.
        unsafe { core::slice::from_raw_parts_mut(self.entries, self.len) }
    }

    fn grow(&mut self) {
        let old_bytes = self.capacity * size_of::<Entry<Timer>>();
        let bytes = (old_bytes * 2).max(FIRST_BYTES);
        let Some(at) = memory::map(bytes) else { crate::trace::fatal::throw("out of memory (timers)") };
        if old_bytes > 0 {
            // SAFETY: fresh memory; the old is no longer used.
            unsafe { core::ptr::copy_nonoverlapping(self.entries, at as *mut Entry<Timer>, self.len) };
            memory::unmap(self.entries as usize, old_bytes);
        }
        self.entries = at as *mut Entry<Timer>;
        self.capacity = bytes / size_of::<Entry<Timer>>();
    }

    /// SAFETY: the timer is alive, active, in no heap.
    unsafe fn add(&mut self, t: *mut Timer) {
        if self.len == self.capacity {
            self.grow();
        }
        // SAFETY: see above.
        unsafe {
            self.entries.add(self.len).write(Entry { when: (*t).when, item: t });
            self.len += 1;
            let last = self.len - 1;
            // In a bubble those of one time go off in any order.
            let first = (*t).fake && (*getm()).rng.below(2) == 0;
            heap::sift_up(self.slice(), last, first);
        }
    }

    /// SAFETY: the timer is in this heap.
    unsafe fn remove(&mut self, t: *mut Timer) {
        // SAFETY: see above.
        unsafe {
            let at = (*t).place as usize - 1;
            heap::remove(self.slice(), at);
            self.len -= 1;
            (*t).place = 0;
        }
    }
}

pub struct Timers {
    heap: Mutex<Heap, { rank::TIMERS }>,
    /// The earliest deadline, 0 for none, seen without the lock.
    next: AtomicI64,
}

/// A locked home.
pub struct Locked<'a> {
    timers: &'a Timers,
    heap: Guard<'a, Heap, { rank::TIMERS }>,
}

impl Locked<'_> {
    /// Into the heap. True: it is now the earliest, and whoever sleeps must know.
    ///
    /// SAFETY: the timer's home is this one; it is active.
    #[must_use]
    pub unsafe fn add(&mut self, t: *mut Timer) -> bool {
        // SAFETY: see above.
        unsafe {
            if (*t).in_heap() {
                self.heap.remove(t);
            }
            self.heap.add(t);
            let is_first = (*t).place == 1;
            self.publish();
            is_first
        }
    }

    /// Out of the heap, if it is in.
    ///
    /// SAFETY: the timer's home is this one.
    pub unsafe fn remove(&mut self, t: *mut Timer) {
        // SAFETY: see above.
        unsafe {
            if (*t).in_heap() {
                self.heap.remove(t);
                self.publish();
            }
        }
    }

    fn publish(&mut self) {
        let next = self.heap.slice().first().map_or(0, |e| e.when);
        self.timers.next.store(next, SeqCst);
    }
}

impl Timers {
    pub const fn new() -> Timers {
        let heap = Heap { entries: null_mut(), len: 0, capacity: 0 };
        Timers { heap: Mutex::new(heap), next: AtomicI64::new(0) }
    }

    /// The earliest deadline, 0 for none.
    #[doc(alias = "wakeTime")]
    #[inline(always)]
    pub fn next(&self) -> i64 {
        self.next.load(SeqCst)
    }

    pub fn lock(&self) -> Locked<'_> {
        Locked { timers: self, heap: self.heap.lock() }
    }

    /// The home of a timer, locked; this P's, if it has none yet or is free to move.
    ///
    /// SAFETY: the timer is alive; this M holds a P.
    pub unsafe fn of<'a>(t: *mut Timer) -> Locked<'a> {
        // SAFETY: see above; Ps live for ever.
        unsafe {
            loop {
                let home = (*t).home.load(Acquire);
                if home.is_null() {
                    let mine = &raw mut (*(*arch::getm()).p).timers;
                    let _ = (*t).home.compare_exchange(home, mine, AcqRel, Relaxed);
                    continue;
                }
                let locked = (*home).lock();
                if (*t).home.load(Acquire) == home {
                    return locked;
                }
            }
        }
    }

    /// A timer that is about to be started goes to this P's heap, where it is in none.
    ///
    /// SAFETY: as [`Timers::of`].
    pub unsafe fn of_started<'a>(t: *mut Timer) -> Locked<'a> {
        // SAFETY: see above.
        unsafe {
            if (*t).fake {
                return Timers::of(t);
            }
            let mine = &raw mut (*(*arch::getm()).p).timers;
            let locked = Timers::of(t);
            if core::ptr::eq(locked.timers, mine) || (*t).in_heap() {
                return locked;
            }
            (*t).home.store(mine, Release);
            drop(locked);
            Timers::of(t)
        }
    }

    /// Does what is due. The next deadline then, 0 for none.
    ///
    /// SAFETY: this M holds a P and runs no goroutine.
    #[doc(alias = "check")]
    pub unsafe fn run(&self, now: i64) -> i64 {
        // SAFETY: see above; timers in a heap are alive.
        unsafe {
            loop {
                let next = self.next();
                if next == 0 || next > now {
                    return next;
                }
                let mut heap = self.lock();
                let Some(&Entry { when, item: t }) = heap.heap.slice().first() else { return 0 };
                if when > now {
                    return when;
                }
                heap.remove(t);
                let (arg, seq, action, creator) = ((*t).arg, (*t).seq, (*t).action, (*t).creator);
                if action == Action::Go && (*t).period > 0 {
                    (*t).when = (*t).after(now);
                    let _ = heap.add(t);
                } else if action != Action::Channel {
                    (*t).when = 0;
                }
                drop(heap);
                match action {
                    Action::Channel => super::channel::fire(t, seq, now),
                    Action::Go => spawn(arg as usize, creator),
                    Action::Wake => proc::ready(arg.cast::<G>()),
                    Action::PollRead => crate::netpoll::deadline(arg, seq, true, false),
                    Action::PollWrite => crate::netpoll::deadline(arg, seq, false, true),
                    Action::PollBoth => crate::netpoll::deadline(arg, seq, true, true),
                }
            }
        }
    }

    /// Takes over all timers of a P that goes.
    ///
    /// SAFETY: the world is stopped.
    pub unsafe fn take_over(&self, from: &Timers) {
        // SAFETY: see above.
        unsafe {
            loop {
                let mut theirs = from.lock();
                let Some(&Entry { item: t, .. }) = theirs.heap.slice().first() else { return };
                theirs.remove(t);
                (*t).home.store((&raw const *self).cast_mut(), Release);
                drop(theirs);
                // Whoever looks for the next deadline looks again when the world goes on.
                let _ = self.lock().add(t);
            }
        }
    }

    /// The timers, for the collector, with the world stopped.
    pub fn memory(&self) -> (usize, usize) {
        let heap = self.heap.lock();
        let at = heap.entries as usize;
        (at, at + heap.len * size_of::<Entry<Timer>>())
    }
}

impl Default for Timers {
    fn default() -> Timers {
        Timers::new()
    }
}

/// A goroutine for a function value, as if `creator` had said `go`.
///
/// SAFETY: as [`Timers::run`].
unsafe fn spawn(closure: usize, creator: *const usize) {
    // SAFETY: see above; a function value begins with its code address.
    unsafe {
        let p: *mut P = (*arch::getm()).p;
        let g = proc::new_goroutine(p, arch::address(arch::gostart), closure);
        (*g).parent_goid = 0;
        // Timers of a bubble are run by its root.
        (*g).bubble = bubble::current();
        if !(*g).bubble.is_null() {
            (*(*g).bubble).runs(1);
        }
        (*g).gopc = *creator + 1;
        proc::runq_put(p, g, false);
        idle::wakep();
    }
}

/// The earliest deadline of all Ps, 0 for none.
#[doc(alias = "timeSleepUntil")]
pub fn next_of_all() -> i64 {
    let mut least = 0;
    for &p in allp() {
        // SAFETY: Ps live for ever.
        let next = unsafe { (*p).timers.next() };
        if next != 0 && (least == 0 || next < least) {
            least = next;
        }
    }
    least
}
