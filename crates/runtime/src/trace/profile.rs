//! The CPU profile. At each tick of the process's profiling timer the handler of the thread that runs notes where
//! its goroutine is; a goroutine of runtime/pprof fetches the records, which have the form that it wants.
//!
//! Runs in handlers, on the signal stack: no locks that are waited for, no memory but the buffer.

use super::callers;
use super::unwind::Unwinder;
use crate::mem::persistent_alloc;
use crate::os::clock::nanotime;
use crate::os::sys::{SETITIMER, syscall3};
use crate::sched::{G, M};
use crate::stack::Seg;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};

/// Room for half a minute of a busy program whose records nobody fetches.
const WORDS: usize = 1 << 17;
const FRAMES_MAX: usize = 128;
/// A record's own length, its time and its count; the labels of the goroutine, which [`rt_cpuprofile`] hands over
/// by themselves.
const HEADER_WORDS: usize = 4;

/// Ticks a second of CPU time; 0: no profile is taken.
static HZ: AtomicU64 = AtomicU64::new(0);
static BUFFER: AtomicPtr<u64> = AtomicPtr::new(null_mut());
/// Whoever sets it has the buffer.
static BUSY: AtomicBool = AtomicBool::new(false);
static LEN: AtomicUsize = AtomicUsize::new(0);
static LOST: AtomicU64 = AtomicU64::new(0);

/// In place of a stack: the scheduler and what else runs for no goroutine, and the collector's threads.
const SYSTEM: u64 = 0;
const COLLECTOR: u64 = 1;

/// Whoever it interrupts.
pub struct Interrupted {
    pub m: *mut M,
    pub g: *mut G,
    pub seg: Option<*mut Seg>,
    pub pc: usize,
    pub fp: usize,
}

/// SAFETY: in a handler.
#[doc(alias = "sigprof")]
pub unsafe fn sample(at: &Interrupted) {
    if HZ.load(Relaxed) == 0 {
        return;
    }
    let mut pcs = [0usize; FRAMES_MAX];
    // SAFETY: what is read is checked to be of the stack that the thread is on.
    let mut len = unsafe { stack(at).map_or(0, |walk| callers::fill(walk, 0, pcs.as_mut_ptr(), FRAMES_MAX)) };
    if len == 0 {
        // SAFETY: this thread's M.
        pcs[0] = if unsafe { (*at.m).system } { COLLECTOR } else { SYSTEM } as usize;
        len = 1;
    }
    if BUSY.swap(true, Acquire) {
        LOST.fetch_add(1, Relaxed);
        return;
    }
    // SAFETY: this thread's goroutine.
    let labels = unsafe { at.g.as_ref() }.map_or(0, |g| g.labels);
    if !record(1, labels, pcs[..len].iter().map(|&pc| pc as u64)) {
        LOST.fetch_add(1, Relaxed);
    }
    BUSY.store(false, Release);
}

/// Where the goroutine is: itself, or in the entry of the runtime that this thread runs for it.
///
/// SAFETY: as [`sample`].
unsafe fn stack(at: &Interrupted) -> Option<Unwinder> {
    if let Some(seg) = at.seg {
        return Some(Unwinder::interrupted(at.pc, at.fp, seg).checked());
    }
    // SAFETY: this thread's M, and words of its own g0's stack.
    unsafe {
        let seg = at.g.as_ref()?.seg.as_ref()?;
        let mut fp = at.fp;
        while !seg.contains(fp) {
            let is_mine = ((*at.m).g0_low..(*at.m).g0sp).contains(&fp) && fp.is_multiple_of(8);
            let above = if is_mine { *(fp as *const usize) } else { 0 };
            if above <= fp && !seg.contains(above) {
                return None;
            }
            fp = above;
        }
        Some(Unwinder::from_frame(fp, at.g.as_ref()?.seg).checked())
    }
}

/// Whether there was room. By who set [`BUSY`].
fn record(count: u64, labels: usize, stack: impl ExactSizeIterator<Item = u64>) -> bool {
    let (at, words) = (LEN.load(Relaxed), HEADER_WORDS + stack.len());
    if at + words > WORDS {
        return false;
    }
    let header = [words as u64, nanotime(), count, labels as u64];
    for (i, word) in header.into_iter().chain(stack).enumerate() {
        // SAFETY: inside the buffer, which is there while a profile is taken.
        unsafe { BUFFER.load(Relaxed).add(at + i).write(word) };
    }
    LEN.store(at + words, Relaxed);
    true
}

fn with_buffer<T>(f: impl FnOnce() -> T) -> T {
    while BUSY.swap(true, Acquire) {
        core::hint::spin_loop();
    }
    let result = f();
    BUSY.store(false, Release);
    result
}

/// (ticks a second; 0: none; -1: as it is) -> what it was. Where a profile is being taken only its end is a change.
#[unsafe(no_mangle)]
extern "C" fn rt_cpuprofilerate(hz: i64) -> u64 {
    const ITIMER_PROF: usize = 2;
    const MICROSECONDS: u64 = 1_000_000;
    let old = HZ.load(Relaxed);
    let Ok(hz) = u64::try_from(hz) else { return old };
    if old != 0 && hz != 0 {
        return old;
    }
    if hz != 0 {
        if BUFFER.load(Relaxed).is_null() {
            BUFFER.store(persistent_alloc(WORDS * 8, 8).cast(), Relaxed);
        }
        // The first record's count is the rate.
        with_buffer(|| record(hz, 0, core::iter::empty()));
    }
    HZ.store(hz, Relaxed);
    let us = MICROSECONDS.checked_div(hz).map_or(0, |us| us.max(1));
    let tick = [us / MICROSECONDS, us % MICROSECONDS];
    let timer = [tick, tick];
    // SAFETY: reads the two times.
    unsafe { syscall3(SETITIMER, ITIMER_PROF, &raw const timer as usize, 0) };
    old
}

/// Words that hold labels for the program. With the world stopped: records that are made from here on are of
/// goroutines, which have their labels themselves.
pub fn root() -> (usize, usize) {
    let at = BUFFER.load(Relaxed) as usize;
    (at, at + LEN.load(Relaxed) * 8)
}

/// (buffer, its length in words, buffer of as many words for the records' labels) -> how many words of whole
/// records; those are gone here.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_cpuprofile(out: *mut u64, room: usize, labels: *mut u64) -> usize {
    with_buffer(|| {
        let lost = LOST.swap(0, Relaxed);
        if lost != 0 && !record(0, 0, core::iter::once(lost)) {
            LOST.fetch_add(lost, Relaxed);
        }
        let (buffer, len) = (BUFFER.load(Relaxed), LEN.load(Relaxed));
        let (mut from, mut to, mut records) = (0, 0, 0);
        // SAFETY: records are whole; Go's memory has that room.
        unsafe {
            while from < len && to + *buffer.add(from) as usize <= room + 1 {
                let words = *buffer.add(from) as usize;
                out.add(to).copy_from_nonoverlapping(buffer.add(from), HEADER_WORDS - 1);
                *out.add(to) = words as u64 - 1;
                let rest = buffer.add(from + HEADER_WORDS);
                out.add(to + HEADER_WORDS - 1).copy_from_nonoverlapping(rest, words - HEADER_WORDS);
                *labels.add(records) = *buffer.add(from + HEADER_WORDS - 1);
                (from, to, records) = (from + words, to + words - 1, records + 1);
            }
            buffer.copy_from(buffer.add(from), len - from);
        }
        LEN.store(len - from, Relaxed);
        to
    })
}
