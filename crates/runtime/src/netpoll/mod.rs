//! Waiting for descriptors (Go's netpoll.go, netpoll_epoll.go): goroutines park at a descriptor's
//! [`Desc`], and Ms without work, sysmon, and the search for a runnable goroutine ask epoll who may go on.
//!
//! Runs on g0. What epoll says is a door of nondeterminism (D7). At most one M at a time sleeps in epoll; it
//! is woken by an eventfd when a timer comes that it does not know of.

mod desc;
mod epoll;

pub use desc::deadline;
pub use epoll::is_poll_descriptor;

use crate::os::clock::nanotime;
use crate::sched::{G, Status, idle};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, Ordering::*};

const NOT_YET: u32 = 0;
const IN_PROGRESS: u32 = 1;
const READY: u32 = 2;
static STATE: AtomicU32 = AtomicU32::new(NOT_YET);

/// Goroutines that wait for a descriptor.
static WAITERS: AtomicI32 = AtomicI32::new(0);
/// When epoll was last asked; 0 while an M sleeps in it.
static LAST_POLL: AtomicI64 = AtomicI64::new(1);
/// Until when that M sleeps; 0: without end, or none does.
static POLL_UNTIL: AtomicI64 = AtomicI64::new(0);

#[inline(always)]
pub fn is_ready() -> bool {
    STATE.load(Acquire) == READY
}

#[inline(always)]
pub fn init() {
    if !is_ready() {
        init_slow();
    }
}

#[cold]
#[doc(alias = "netpollGenericInit")]
fn init_slow() {
    if STATE.compare_exchange(NOT_YET, IN_PROGRESS, AcqRel, Acquire).is_ok() {
        epoll::create();
        STATE.store(READY, Release);
    }
    while !is_ready() {
        crate::os::clock::yield_thread();
    }
}

/// Whether epoll may have somebody to go on.
pub fn has_waiters() -> bool {
    is_ready() && WAITERS.load(Acquire) > 0
}

pub fn is_polled() -> bool {
    LAST_POLL.load(Acquire) == 0
}

/// Goroutines that may run, linked by `schedlink`.
pub struct GList {
    first: *mut G,
    last: *mut G,
}

impl GList {
    pub const fn new() -> GList {
        GList { first: null_mut(), last: null_mut() }
    }

    /// SAFETY: g is in no list.
    unsafe fn push(&mut self, g: *mut G) {
        // SAFETY: see above.
        unsafe {
            (*g).schedlink = null_mut();
            if self.last.is_null() {
                self.first = g;
            } else {
                (*self.last).schedlink = g;
            }
        }
        self.last = g;
    }

    /// The first, made runnable; nil: none.
    pub fn pop(&mut self) -> *mut G {
        let g = self.first;
        if !g.is_null() {
            // SAFETY: goroutines in the list are ours to ready.
            unsafe {
                self.first = (*g).schedlink;
                (*g).set_status(Status::Runnable);
            }
            if self.first.is_null() {
                self.last = null_mut();
            }
        }
        g
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_null()
    }
}

impl Default for GList {
    fn default() -> GList {
        GList::new()
    }
}

/// Who may go on now.
pub fn poll() -> GList {
    epoll::wait(0)
}

/// If nobody polled for that long.
pub fn poll_if_older(now: i64, age_ns: i64) -> GList {
    let last = LAST_POLL.load(Acquire);
    if !is_ready() || last == 0 || last + age_ns >= now {
        return GList::new();
    }
    if LAST_POLL.compare_exchange(last, now, AcqRel, Relaxed).is_err() {
        return GList::new();
    }
    poll()
}

/// Sleeps in epoll, without a P, until somebody may go on, at most until `until` (0: without end). None:
/// there is no need to, or another M does.
pub fn sleep(until: i64) -> Option<GList> {
    if !is_ready() || until == 0 && WAITERS.load(Acquire) == 0 {
        return None;
    }
    if LAST_POLL.swap(0, SeqCst) == 0 {
        // The other must not sleep longer than this.
        if until != 0 {
            let polled = POLL_UNTIL.load(SeqCst);
            if polled == 0 || polled > until {
                epoll::interrupt();
            }
        }
        return None;
    }
    POLL_UNTIL.store(until, SeqCst);
    let delay = if until == 0 { -1 } else { (until - nanotime() as i64).max(0) };
    let list = epoll::wait(delay);
    POLL_UNTIL.store(0, SeqCst);
    LAST_POLL.store(nanotime() as i64, SeqCst);
    Some(list)
}

/// A timer for `when` is now the earliest of its P: whoever sleeps must not sleep longer.
#[doc(alias = "wakeNetPoller")]
pub fn wake_poller(when: i64) {
    if is_polled() {
        let until = POLL_UNTIL.load(SeqCst);
        if until == 0 || until > when {
            epoll::interrupt();
        }
    } else {
        idle::wakep();
    }
}
