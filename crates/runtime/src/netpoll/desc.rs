//! A descriptor that goroutines wait for: one may wait to read and one to write.

use super::{GList, WAITERS, epoll};
use crate::arch::getm;
use crate::mem::persistent_alloc;
use crate::os::clock::nanotime;
use crate::port::Pair;
use crate::sched::lock::{Mutex, rank};
use crate::sched::{G, OnG0, WaitReason, proc};
use crate::timer::{self, Action, Timer};
use crate::trace::fatal::throw;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::*};

/// States of `Desc::waits`; above them, the G that waits.
const NOBODY: usize = 0;
const READY: usize = 1;
/// A goroutine is about to park.
const COMING: usize = 2;

/// What package internal/poll is told.
const NO_ERROR: i64 = 0;
const ERROR_CLOSING: i64 = 1;
const ERROR_TIMEOUT: i64 = 2;
const ERROR_NOT_POLLABLE: i64 = 3;

/// Bits of `Desc::info`.
const CLOSING: u32 = 1;
const EVENT_ERROR: u32 = 2;
const EXPIRED: [u32; 2] = [4, 8];

const GENERATION_MASK: u64 = 0xffff;

const READ: usize = 0;
const WRITE: usize = 1;

/// `pollDesc`. Memory is used again but never freed: events of before may still come.
#[repr(C)]
pub struct Desc {
    state: Mutex<State, { rank::POLL_DESC }>,
    /// Rises with each use, so that late events are known.
    generation: AtomicU64,
    /// What is looked at without the lock.
    info: AtomicU32,
    /// Reading, writing.
    waits: [AtomicUsize; 2],
}

/// Under the lock.
struct State {
    next_free: *mut Desc,
    fd: usize,
    closing: bool,
    /// By direction; -1: expired, 0: none.
    deadline: [i64; 2],
    seq: [usize; 2],
    /// The timer is under way. That of reading serves both directions when the deadlines are one.
    running: [bool; 2],
    timer: [Timer; 2],
}

struct Cache(*mut Desc);
// SAFETY: free descriptors are nobody's.
unsafe impl Send for Cache {}
static FREE: Mutex<Cache, { rank::POLL_DESC }> = Mutex::new(Cache(null_mut()));
const BLOCK: usize = 16;

/// 'r', 'w' as package internal/poll has them.
fn direction(mode: i64) -> usize {
    if mode == 'w' as i64 { WRITE } else { READ }
}

fn alloc() -> *mut Desc {
    let mut free = FREE.lock();
    // SAFETY: fresh memory, all zeroes; free descriptors are ours.
    unsafe {
        if free.0.is_null() {
            let block = persistent_alloc(size_of::<Desc>() * BLOCK, 64).cast::<Desc>();
            for i in 0..BLOCK {
                let d = block.add(i);
                (*d).state.lock().next_free = free.0;
                free.0 = d;
            }
        }
        let d = free.0;
        free.0 = (*d).state.lock().next_free;
        d
    }
}

impl Desc {
    /// Tells those who look without the lock.
    #[doc(alias = "publishInfo")]
    fn publish(&self, s: &State) {
        let mut info = if s.closing { CLOSING } else { 0 };
        for (bit, deadline) in EXPIRED.into_iter().zip(s.deadline) {
            info |= if deadline < 0 { bit } else { 0 };
        }
        let keep = |old| Some(old & EVENT_ERROR | info);
        let _ = self.info.fetch_update(SeqCst, SeqCst, keep);
    }

    /// Why not to wait.
    #[doc(alias = "netpollcheckerr")]
    fn error(&self, direction: usize) -> i64 {
        let info = self.info.load(SeqCst);
        if info & CLOSING != 0 {
            ERROR_CLOSING
        } else if info & EXPIRED[direction] != 0 {
            ERROR_TIMEOUT
        } else if direction == READ && info & EVENT_ERROR != 0 {
            ERROR_NOT_POLLABLE
        } else {
            NO_ERROR
        }
    }

    /// Whom to ready: the goroutine that waits in that direction, if any. `io`: the descriptor is ready.
    #[doc(alias = "netpollunblock")]
    fn release(&self, direction: usize, io: bool) -> *mut G {
        let waits = &self.waits[direction];
        loop {
            let old = waits.load(SeqCst);
            if old == READY || old == NOBODY && !io {
                return null_mut();
            }
            let new = if io { READY } else { NOBODY };
            if waits.compare_exchange(old, new, SeqCst, Relaxed).is_ok() {
                if old == NOBODY || old == COMING {
                    return null_mut();
                }
                WAITERS.fetch_sub(1, AcqRel);
                return old as *mut G;
            }
        }
    }
}

/// Both directions' waiting goroutines.
fn wake(gs: [*mut G; 2]) {
    for g in gs {
        if !g.is_null() {
            // SAFETY: taken out of the descriptor by us.
            unsafe { proc::ready(g) };
        }
    }
}

/// epoll tells of an event.
///
/// SAFETY: a descriptor, perhaps of another use by now.
pub unsafe fn ready(list: &mut GList, d: *mut Desc, generation: u64, reads: bool, writes: bool, error: bool) {
    // SAFETY: see above.
    unsafe {
        if (*d).generation.load(Acquire) & GENERATION_MASK != generation {
            return;
        }
        let set = |old| Some(if error { old | EVENT_ERROR } else { old & !EVENT_ERROR });
        let _ = (*d).info.fetch_update(SeqCst, SeqCst, set);
        for (direction, is_ready) in [reads, writes].into_iter().enumerate() {
            if is_ready {
                let g = (*d).release(direction, true);
                if !g.is_null() {
                    list.push(g);
                }
            }
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_pollserverinit() {
    super::init();
}

#[unsafe(no_mangle)]
extern "C" fn rt_pollisdescriptor(fd: usize) -> i64 {
    epoll::is_poll_descriptor(fd) as i64
}

/// (fd) -> (descriptor, errno)
#[unsafe(no_mangle)]
extern "C" fn rt_pollopen(fd: usize) -> Pair<*mut Desc, i64> {
    let d = alloc();
    // SAFETY: ours.
    let generation = unsafe {
        let s = &mut *(*d).state.lock();
        if (*d).waits.iter().any(|w| w.load(Relaxed) > READY) {
            throw("runtime: blocked goroutine on free polldesc");
        }
        s.fd = fd;
        s.closing = false;
        s.deadline = [0; 2];
        s.seq = s.seq.map(|n| n + 1);
        (*d).waits.iter().for_each(|w| w.store(NOBODY, SeqCst));
        (*d).info.store(0, SeqCst);
        (*d).generation.load(Acquire) & GENERATION_MASK
    };
    match epoll::open(fd, d, generation) {
        0 => Pair(d, 0),
        errno => {
            // SAFETY: in use by nobody.
            unsafe { free(d) };
            Pair(null_mut(), errno)
        }
    }
}

/// SAFETY: nobody uses the descriptor.
unsafe fn free(d: *mut Desc) {
    // SAFETY: see above.
    unsafe {
        (*d).generation.fetch_add(1, AcqRel);
        let mut free = FREE.lock();
        (*d).state.lock().next_free = free.0;
        free.0 = d;
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollclose(d: *mut Desc) {
    // SAFETY: an entry on a descriptor.
    unsafe {
        let fd = {
            let s = (*d).state.lock();
            if !s.closing {
                throw("runtime: close polldesc w/o unblock");
            }
            s.fd
        };
        if (*d).waits.iter().any(|w| w.load(Acquire) > READY) {
            throw("runtime: blocked goroutine on closing polldesc");
        }
        epoll::close(fd);
        free(d)
    }
}

/// Before an attempt: (descriptor, mode) -> error
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollreset(d: *mut Desc, mode: i64) -> i64 {
    // SAFETY: an entry on a descriptor.
    unsafe {
        let error = (*d).error(direction(mode));
        if error == NO_ERROR {
            (*d).waits[direction(mode)].store(NOBODY, SeqCst);
        }
        error
    }
}

/// Waits until the descriptor is ready: (descriptor, mode) -> error
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollwait(d: *mut Desc, mode: i64) -> i64 {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        let g = (*getm()).curg;
        (*g).args = [d as usize, direction(mode), 0];
        wait(OnG0::assume(), g)
    }
}

/// SAFETY: g is saved, and its args are a descriptor and a direction.
unsafe fn wait(t: OnG0, g: *mut G) -> i64 {
    // SAFETY: see above.
    unsafe {
        let (d, direction) = ((*g).args[0] as *mut Desc, (*g).args[1]);
        let waits = &(*d).waits[direction];
        loop {
            let error = (*d).error(direction);
            if error != NO_ERROR {
                return error;
            }
            match waits.load(SeqCst) {
                READY => {
                    waits.store(NOBODY, SeqCst);
                    return NO_ERROR;
                }
                NOBODY => {}
                _ => throw("runtime: double wait"),
            }
            if waits.compare_exchange(NOBODY, COMING, SeqCst, Relaxed).is_err() {
                continue;
            }
            // Those who close or expire write first and then look who waits: look again.
            if (*d).error(direction) == NO_ERROR {
                break;
            }
            if waits.swap(NOBODY, SeqCst) == READY {
                return NO_ERROR;
            }
        }
        (*g).cont = Some(woken);
        proc::park(t, g, WaitReason::IO_WAIT, || {
            WAITERS.fetch_add(1, AcqRel);
            if waits.compare_exchange(COMING, g as usize, SeqCst, Relaxed).is_err() {
                // Ready meanwhile: still ours.
                WAITERS.fetch_sub(1, AcqRel);
                proc::ready(g);
            }
        })
    }
}

unsafe fn woken(t: OnG0, g: *mut G) {
    // SAFETY: as in wait.
    unsafe {
        let (d, direction) = ((*g).args[0] as *mut Desc, (*g).args[1]);
        (*g).ret[0] = match (*d).waits[direction].swap(NOBODY, SeqCst) {
            READY => NO_ERROR as usize,
            // A deadline that has been moved since, perhaps.
            _ => wait(t, g) as usize,
        };
    }
}

/// (descriptor, nanoseconds from now; 0: none; negative: at once, mode)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollsetdeadline(d: *mut Desc, delay: i64, mode: i64) {
    const BOTH: i64 = 'r' as i64 + 'w' as i64;
    // SAFETY: an entry on a descriptor.
    unsafe {
        let mut s = (*d).state.lock();
        let s = &mut *s;
        if s.closing {
            return;
        }
        let is_one = |s: &State| s.deadline[READ] > 0 && s.deadline[READ] == s.deadline[WRITE];
        let (old, was_one) = (s.deadline, is_one(s));
        let when = if delay > 0 { (nanotime() as i64).checked_add(delay).unwrap_or(i64::MAX) } else { delay };
        for direction in [READ, WRITE] {
            if mode == BOTH || self::direction(mode) == direction {
                s.deadline[direction] = when;
            }
        }
        (*d).publish(s);
        let one = is_one(s);
        for direction in [READ, WRITE] {
            let wanted = s.deadline[direction] > 0 && !(direction == WRITE && one);
            let changed = s.deadline[direction] != old[direction] || one != was_one;
            if s.running[direction] && !changed || !s.running[direction] && !wanted {
                continue;
            }
            // What is under way is not meant any more.
            s.seq[direction] += 1;
            let t = &raw mut s.timer[direction];
            timer::stop(t);
            s.running[direction] = wanted;
            if wanted {
                (*t).arg = d.cast();
                (*t).seq = s.seq[direction];
                (*t).action = match direction {
                    WRITE => Action::PollWrite,
                    _ if one => Action::PollBoth,
                    _ => Action::PollRead,
                };
                timer::start(t, s.deadline[direction], 0);
            }
        }
        let release = |i: usize| if s.deadline[i] < 0 { (*d).release(i, false) } else { null_mut() };
        let gs = [release(READ), release(WRITE)];
        wake(gs);
    }
}

/// A deadline has come.
///
/// SAFETY: a descriptor, perhaps of another use by now.
#[doc(alias = "netpolldeadlineimpl")]
pub unsafe fn deadline(d: *mut u8, seq: usize, read: bool, write: bool) {
    let d = d.cast::<Desc>();
    // SAFETY: see above.
    unsafe {
        let mut gs = [null_mut(); 2];
        {
            let mut s = (*d).state.lock();
            let s = &mut *s;
            if seq != s.seq[if read { READ } else { WRITE }] {
                return;
            }
            s.running[if read { READ } else { WRITE }] = false;
            for (direction, expired) in [read, write].into_iter().enumerate() {
                if expired {
                    s.deadline[direction] = -1;
                }
            }
            (*d).publish(s);
            for (direction, expired) in [read, write].into_iter().enumerate() {
                if expired {
                    gs[direction] = (*d).release(direction, false);
                }
            }
        }
        wake(gs);
    }
}

/// Before the descriptor is closed: nobody waits from now on.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pollunblock(d: *mut Desc) {
    // SAFETY: an entry on a descriptor.
    unsafe {
        let gs = {
            let mut s = (*d).state.lock();
            let s = &mut *s;
            if s.closing {
                throw("runtime: unblock on closing polldesc");
            }
            s.closing = true;
            s.seq = s.seq.map(|n| n + 1);
            (*d).publish(s);
            for direction in [READ, WRITE] {
                if s.running[direction] {
                    timer::stop(&raw mut s.timer[direction]);
                    s.running[direction] = false;
                }
            }
            [(*d).release(READ, false), (*d).release(WRITE, false)]
        };
        wake(gs);
    }
}
