//! Bubbles of testing/synctest (Go's synctest.go): goroutines that only wake one another, with a clock of
//! their own, which stands still while one of them can run.
//!
//! Runs on g0. Takes a bubble's lock, under which nothing is readied.

use super::lock::{Mutex, rank};
use super::*;
use crate::arch::getm;
use crate::mem::{persistent_alloc, specials};
use crate::port::Pair;
use crate::timer::Timers;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, AtomicPtr, Ordering::*};

/// Midnight UTC, 2000-01-01.
const FIRST_NS: i64 = 946_684_800_000_000_000;

pub struct Bubble {
    pub id: u64,
    state: Mutex<State, { rank::BUBBLE }>,
    now: AtomicI64,
    pub timers: Timers,
    /// All that there ever were; used again when they are over.
    all_next: *mut Bubble,
}

struct State {
    is_used: bool,
    /// Who called Run, who calls Wait, whom Run started.
    root: *mut G,
    waiter: *mut G,
    main: *mut G,
    waiting: bool,
    done: bool,
    total: i64,
    /// Goroutines that are not durably blocked.
    running: i64,
    /// Other things that keep it from being blocked; a goroutine that is being woken for it, too.
    active: i64,
}

const FRESH: State = State {
    is_used: true,
    root: null_mut(),
    waiter: null_mut(),
    main: null_mut(),
    waiting: false,
    done: false,
    total: 1,
    running: 1,
    active: 1,
};

// SAFETY: Gs live for ever.
unsafe impl Send for State {}

static ALL: AtomicPtr<Bubble> = AtomicPtr::new(null_mut());
static IDS: core::sync::atomic::AtomicU64 = core::sync::atomic::AtomicU64::new(0);

/// All bubbles, for the collector.
pub fn for_each(mut f: impl FnMut(&Bubble)) {
    let mut b = ALL.load(Acquire);
    while !b.is_null() {
        // SAFETY: they live for ever.
        unsafe {
            f(&*b);
            b = (*b).all_next;
        }
    }
}

fn alloc() -> *mut Bubble {
    let mut found: *mut Bubble = null_mut();
    for_each(|b| {
        let mut state = b.state.lock();
        if found.is_null() && !state.is_used {
            state.is_used = true;
            found = (&raw const *b).cast_mut();
        }
    });
    if found.is_null() {
        found = persistent_alloc(size_of::<Bubble>(), 64).cast::<Bubble>();
        // SAFETY: fresh memory.
        unsafe {
            found.write(Bubble {
                id: 0,
                state: Mutex::new(FRESH),
                now: AtomicI64::new(0),
                timers: Timers::new(),
                all_next: null_mut(),
            });
            loop {
                let first = ALL.load(Acquire);
                (*found).all_next = first;
                if ALL.compare_exchange(first, found, AcqRel, Relaxed).is_ok() {
                    break;
                }
            }
        }
    }
    found
}

impl Bubble {
    pub fn now(&self) -> i64 {
        self.now.load(Acquire)
    }

    /// Whom to ready where nobody in the bubble can go on.
    ///
    /// SAFETY: under the lock.
    #[doc(alias = "maybeWakeLocked")]
    fn wake_locked(&self, s: &mut State) -> *mut G {
        if s.running > 0 || s.active > 0 {
            return null_mut();
        }
        s.active += 1;
        s.running += 1;
        let next = self.timers.next();
        if s.waiter.is_null() || next != 0 && next <= self.now() { s.root } else { s.waiter }
    }

    fn change(&self, f: impl FnOnce(&mut State)) {
        let g = {
            let mut s = self.state.lock();
            f(&mut s);
            self.wake_locked(&mut s)
        };
        if !g.is_null() {
            // SAFETY: root and waiter wait for this alone.
            unsafe { proc::ready(g) };
        }
    }

    /// A goroutine began (1) or can go on.
    pub fn runs(&self, began: i64) {
        self.change(|s| {
            s.total += began;
            s.running += 1;
        });
    }

    /// A goroutine waits durably.
    #[cold]
    pub fn waits(&self) {
        self.change(|s| s.running -= 1);
    }

    /// A goroutine ended.
    #[cold]
    pub fn ended(&self, g: *mut G) {
        self.change(|s| {
            s.total -= 1;
            s.running -= 1;
            s.done |= g == s.main;
        });
    }
}

/// The bubble of the goroutine that runs here, or nil.
pub fn current() -> *mut Bubble {
    // SAFETY: this thread's M.
    unsafe {
        let g = (*getm()).curg;
        if g.is_null() { null_mut() } else { (*g).bubble }
    }
}

/// Run begins: a bubble with this goroutine as its root -> its number
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblenew() -> u64 {
    let b = alloc();
    // SAFETY: an entry; the bubble is ours.
    unsafe {
        let g = (*getm()).curg;
        (*b).id = IDS.fetch_add(1, Relaxed) + 1;
        (*b).now.store(FIRST_NS, Release);
        *(*b).state.lock() = State { root: g, ..FRESH };
        (*g).bubble = b;
        (*b).id
    }
}

/// (function value): the bubble's main goroutine.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblestart(closure: usize) {
    // SAFETY: an entry with the goroutine saved, in a bubble.
    unsafe {
        let m = getm();
        let g = proc::new_child(m, closure);
        (*(*g).bubble).state.lock().main = g;
        proc::runq_put((*m).p, g, true);
        sysmon::ensure_started();
    }
    idle::wakep();
}

/// Runs the bubble to its end -> goroutines that are left with the root, whether main has ended
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleloop() -> Pair<i64, i64> {
    // SAFETY: an entry with the goroutine saved, the root of a bubble.
    unsafe { step(OnG0::assume(), (*getm()).curg) }
}

/// Timers, then sleep until all are blocked.
///
/// SAFETY: the root of a bubble, saved.
unsafe fn step(t: OnG0, g: *mut G) -> ! {
    // SAFETY: see above.
    unsafe {
        let b = &*(*g).bubble;
        b.timers.run(b.now());
        (*g).cont = Some(idle);
        proc::park(t, g, WaitReason::SYNCTEST_RUN, || {
            let wake = {
                let mut s = b.state.lock();
                s.active -= 1;
                s.running -= 1;
                b.wake_locked(&mut s)
            };
            if !wake.is_null() {
                proc::ready(wake);
            }
        })
    }
}

/// All are blocked: the clock goes to the next timer.
unsafe fn idle(t: OnG0, g: *mut G) {
    // SAFETY: the root of a bubble.
    unsafe {
        let b = &*(*g).bubble;
        let mut s = b.state.lock();
        let next = b.timers.next();
        if next != 0 && !s.done {
            b.now.store(next.max(b.now()), Release);
            drop(s);
            step(t, g);
        }
        (*g).ret = [s.total as usize, s.done as usize];
        s.is_used = s.total > 1;
        drop(s);
        (*g).bubble = null_mut();
    }
}

/// Waits until all others are blocked -> 1: somebody waits already.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblewait() -> u64 {
    // SAFETY: an entry with the goroutine saved, in a bubble.
    unsafe {
        let g = (*getm()).curg;
        let b = &*(*g).bubble;
        {
            let mut s = b.state.lock();
            if s.waiting {
                return 1;
            }
            s.waiting = true;
        }
        (*g).ret = [0; 2];
        (*g).cont = Some(waited);
        proc::park(OnG0::assume(), g, WaitReason::SYNCTEST_WAIT, || {
            b.change(|s| {
                s.waiter = g;
                s.running -= 1;
            });
        })
    }
}

unsafe fn waited(_: OnG0, g: *mut G) {
    // SAFETY: in a bubble.
    unsafe {
        let mut s = (*(*g).bubble).state.lock();
        s.active -= 1;
        s.waiter = null_mut();
        s.waiting = false;
    }
}

/// The number of the goroutine's bubble, 0 for none.
#[unsafe(no_mangle)]
extern "C" fn rt_bubbleid() -> u64 {
    let b = current();
    // SAFETY: bubbles live for ever.
    if b.is_null() { 0 } else { unsafe { (*b).id } }
}

/// (object, whether it is to belong to this bubble unless it belongs to one) -> 0: to none, 1: to this one, 2: to
/// another one
#[doc(alias = "getOrSetBubbleSpecial")]
#[unsafe(no_mangle)]
extern "C" fn rt_bubbleobject(p: usize, add: i64) -> i64 {
    let id = rt_bubbleid();
    match specials::bubble_of(p, (add != 0).then_some(id)) {
        -1 | 0 => 0,
        of if of as u64 == id => 1,
        _ => 2,
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_bubbleleave(p: usize) {
    specials::leave_bubble(p);
}

/// (1: keep the bubble from being blocked, −1: no longer; the bubble or nil for that at hand) -> the bubble
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubblehold(change: i64, b: *mut Bubble) -> *mut Bubble {
    let b = if b.is_null() { current() } else { b };
    if !b.is_null() {
        // SAFETY: bubbles live for ever.
        unsafe { (*b).change(|s| s.active += change) };
    }
    b
}

/// The goroutine at hand goes into a bubble that is held, or out of it (nil).
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_bubbleenter(b: *mut Bubble) {
    // SAFETY: an entry.
    unsafe { (*(*getm()).curg).bubble = b };
}
