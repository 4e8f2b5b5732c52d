//! Semaphores and condition variables under package sync (Go's sema.go): sleep and wake-up by address.
//!
//! Runs on g0. Takes the lock of an address's root, or of a notify list; allocates nothing, since a
//! goroutine's place in the queue is in its G.

use super::lock::{Mutex, RawLock, rank};
use super::metrics::MUTEX_WAIT_NS;
use super::treap::{Treap, Waiter};
use super::{G, OnG0, WaitReason, gomaxprocs, proc};
use crate::arch::getm;
use crate::os::clock::nanotime;
use crate::prof::contention;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering::*};

const TIMED_ONE_OF: u64 = 8;

/// A prime, so that no pattern of addresses meets it.
const ROOTS: usize = 251;

#[repr(align(64))]
struct Root {
    waiters: Mutex<Treap<G>, { rank::SEMA }>,
    /// How many, seen without the lock.
    count: AtomicU32,
}

static TABLE: [Root; ROOTS] =
    [const { Root { waiters: Mutex::new(Treap::new()), count: AtomicU32::new(0) } }; ROOTS];

fn root_of(addr: usize) -> &'static Root {
    &TABLE[(addr >> 3) % ROOTS]
}

/// By the numbers that std/runtime passes.
const REASONS: [WaitReason; 6] = [
    WaitReason::SEMACQUIRE,
    WaitReason::MUTEX_LOCK,
    WaitReason::RWMUTEX_RLOCK,
    WaitReason::RWMUTEX_LOCK,
    WaitReason::WAITGROUP_WAIT,
    WaitReason::WAITGROUP_WAIT_DURABLE,
];

/// SAFETY: a semaphore's address.
#[doc(alias = "cansemacquire")]
unsafe fn try_acquire(addr: usize) -> bool {
    // SAFETY: see above.
    let count = unsafe { AtomicU32::from_ptr(addr as *mut u32) };
    count.fetch_update(SeqCst, Relaxed, |n| n.checked_sub(1)).is_ok()
}

/// What is told of a goroutine that waits: the reason, by its number; above it whether it waits at a lock that
/// somebody has, and how many frames of package runtime and sync a profile leaves out.
#[derive(Clone, Copy)]
struct How(usize);

impl How {
    fn reason(self) -> WaitReason {
        REASONS[self.0 & 0xff]
    }

    fn is_lock(self) -> bool {
        self.0 >> 8 & 1 != 0
    }

    fn skip(self) -> usize {
        self.0 >> 16
    }
}

/// (address of the count, whether to go before the others, [`How`])
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semacquire(addr: usize, first: usize, how: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        if try_acquire(addr) {
            return;
        }
        let g = (*getm()).curg;
        (*g).args = [addr, first, how];
        (*g).blocked_at = contention::block_start();
        // One of some is timed for the statistics, as by Go's gTrackingPeriod.
        let is_timed = How(how).is_lock() && (*getm()).rng.below(TIMED_ONE_OF as u32) == 0;
        (*g).timed_at = if is_timed { nanotime() } else { 0 };
        wait(OnG0::assume(), g);
        // It was there.
        (*g).blocked_at = 0;
    }
}

/// Waits for what `g.args` say, unless it is there by now.
///
/// SAFETY: g runs on this M and is saved.
unsafe fn wait(t: OnG0, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        let [addr, first, how] = (*g).args;
        let root = root_of(addr);
        let mut waiters = root.waiters.lock();
        // From here on releases look for waiters.
        root.count.fetch_add(1, SeqCst);
        if try_acquire(addr) {
            root.count.fetch_sub(1, Relaxed);
            return;
        }
        let since = if How(how).is_lock() { contention::mutex_start() } else { 0 };
        (*g).sema = Waiter::new(g, addr);
        (*g).sema.since = since;
        waiters.queue(&raw mut (*g).sema, first != 0, (*getm()).rng.next_u64() as u32);
        (*g).cont = Some(woken);
        proc::park(t, g, How(how).reason(), || drop(waiters))
    }
}

unsafe fn woken(t: OnG0, g: *mut G) {
    // SAFETY: a woken goroutine's place is its own again.
    unsafe {
        if !(*g).sema.granted && !try_acquire((*g).args[0]) {
            wait(t, g);
        }
        if (*g).timed_at != 0 {
            let ns = nanotime().saturating_sub((*g).timed_at);
            MUTEX_WAIT_NS.fetch_add(ns * TIMED_ONE_OF, Relaxed);
        }
        contention::sync_block_end(g, How((*g).args[2]).skip());
    }
}

/// (address of the count, whether the first who waits is to have it and to run at once, frames that a profile
/// leaves out)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_semrelease(addr: usize, handoff: usize, skip: usize) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let root = root_of(addr);
        AtomicU32::from_ptr(addr as *mut u32).fetch_add(1, SeqCst);
        if root.count.load(SeqCst) == 0 {
            return;
        }
        let w = {
            let mut waiters = root.waiters.lock();
            let w = if root.count.load(Relaxed) == 0 { null_mut() } else { waiters.dequeue(addr, nanotime) };
            if !w.is_null() {
                root.count.fetch_sub(1, Relaxed);
            }
            w
        };
        if w.is_null() {
            return;
        }
        if (*w).delay != 0 {
            contention::mutex_event((*w).delay, skip);
        }
        let granted = handoff != 0 && try_acquire(addr);
        (*w).granted = granted;
        proc::ready((*w).owner);
        let g = (*getm()).curg;
        if granted && (*g).pinned == 0 {
            // The other runs in our time slice, so that a lock in demand does not keep the processor.
            proc::yield_here(OnG0::assume(), g);
        }
    }
}

/// Active spinning pays only where the owner of the lock may run meanwhile.
///
/// (rounds so far) -> whether to
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_canspin(round: i64) -> i64 {
    const ROUNDS: i64 = 4;
    // SAFETY: this M holds a P.
    unsafe {
        let idle = super::NPIDLE.load(Relaxed) + super::NMSPINNING.load(Relaxed);
        (round < ROUNDS
            && super::ncpu() > 1
            && gomaxprocs() > idle + 1
            && (*(*getm()).p).runq.is_empty()
            && !crate::os::random::is_seeded()) as i64
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_dospin() {
    for _ in 0..30 {
        core::hint::spin_loop();
    }
}

/// `sync.notifyList`. Tickets are given in order of `Add`, and waiters are in that order but for races.
#[repr(C)]
struct NotifyList {
    /// The next ticket.
    wait: AtomicU32,
    /// The next to be notified.
    notify: AtomicU32,
    lock: RawLock,
    first: *mut Waiter<G>,
    last: *mut Waiter<G>,
}
const _: () = assert!(size_of::<NotifyList>() == 32);

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistadd(list: *mut NotifyList) -> u64 {
    // SAFETY: an entry on a list of package sync's.
    unsafe { (*list).wait.fetch_add(1, SeqCst) as u64 }
}

/// Waits until the ticket is notified; it may have been already.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistwait(list: *mut NotifyList, ticket: u32) {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        (*list).lock.lock();
        if is_before(ticket, (*list).notify.load(Relaxed)) {
            return (*list).lock.unlock();
        }
        let g = (*getm()).curg;
        let w = &raw mut (*g).sema;
        w.write(Waiter::new(g, list as usize));
        (*w).priority = ticket;
        if (*list).last.is_null() {
            (*list).first = w;
        } else {
            (*(*list).last).next = w;
        }
        (*list).last = w;
        (*g).blocked_at = contention::block_start();
        if (*g).blocked_at != 0 {
            (*g).cont = Some(notified);
        }
        proc::park(OnG0::assume(), g, WaitReason::COND_WAIT, || (*list).lock.unlock())
    }
}

unsafe fn notified(_: OnG0, g: *mut G) {
    /// `sync.runtime_notifyListWait`
    const OWN_FRAMES: usize = 1;
    // SAFETY: a woken goroutine is saved.
    unsafe { contention::sync_block_end(g, OWN_FRAMES) }
}

/// Tickets wrap around.
fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistall(list: *mut NotifyList) {
    // SAFETY: an entry on a list of package sync's.
    unsafe {
        if (*list).wait.load(SeqCst) == (*list).notify.load(SeqCst) {
            return;
        }
        (*list).lock.lock();
        let mut w = (*list).first;
        (*list).first = null_mut();
        (*list).last = null_mut();
        (*list).notify.store((*list).wait.load(SeqCst), SeqCst);
        (*list).lock.unlock();
        while !w.is_null() {
            let next = (*w).next;
            proc::ready((*w).owner);
            w = next;
        }
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_notifylistone(list: *mut NotifyList) {
    // SAFETY: an entry on a list of package sync's.
    unsafe {
        if (*list).wait.load(SeqCst) == (*list).notify.load(SeqCst) {
            return;
        }
        (*list).lock.lock();
        let ticket = (*list).notify.load(Relaxed);
        if ticket == (*list).wait.load(SeqCst) {
            return (*list).lock.unlock();
        }
        (*list).notify.store(ticket.wrapping_add(1), SeqCst);
        // Whoever has the ticket may not be in the list yet: then it will not wait.
        let (mut before, mut w) = (null_mut::<Waiter<G>>(), (*list).first);
        while !w.is_null() && (*w).priority != ticket {
            before = w;
            w = (*w).next;
        }
        if !w.is_null() {
            let next = (*w).next;
            if before.is_null() {
                (*list).first = next;
            } else {
                (*before).next = next;
            }
            if next.is_null() {
                (*list).last = before;
            }
        }
        (*list).lock.unlock();
        if !w.is_null() {
            proc::ready((*w).owner);
        }
    }
}
