//! What package runtime's own functions ask of the scheduler and the collector. Entries; on g0 of an M with
//! a P.

use super::proc::park;
use super::*;
use crate::arch::getm;
use crate::boot::args;
use crate::gc::{self, pacer::Percent};
use crate::mem::{heap, specials, stats};
use crate::os::{clock, cpus};
use crate::port::{self, Pair};
use crate::trace::fatal::{Traceback, set_traceback};
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// SAFETY (of all here): called by thunks, with the goroutine saved.
unsafe fn me() -> *mut G {
    // SAFETY: an entry.
    unsafe { (*getm()).curg }
}

fn string(bytes: &'static [u8]) -> Pair<*const u8, usize> {
    Pair(bytes.as_ptr(), bytes.len())
}

#[unsafe(no_mangle)]
extern "C" fn rt_buildtext(which: usize) -> Pair<*const u8, usize> {
    string(crate::trace::module::build_text(which))
}

#[unsafe(no_mangle)]
extern "C" fn rt_argcount() -> usize {
    args::program_args().len()
}

#[unsafe(no_mangle)]
extern "C" fn rt_arg(i: usize) -> Pair<*const u8, usize> {
    string(args::text_of(args::program_args().get(i)))
}

#[unsafe(no_mangle)]
extern "C" fn rt_envcount() -> usize {
    args::environment().len()
}

#[unsafe(no_mangle)]
extern "C" fn rt_env(i: usize) -> Pair<*const u8, usize> {
    string(args::text_of(args::environment().get(i)))
}

#[unsafe(no_mangle)]
extern "C" fn rt_auxv() -> Pair<*const usize, usize> {
    let words = args::aux_words();
    Pair(words.as_ptr(), words.len())
}

#[unsafe(no_mangle)]
extern "C" fn rt_bootnanotime() -> u64 {
    clock::nanotime() - clock::start_nanotime()
}

#[unsafe(no_mangle)]
extern "C" fn rt_ngoroutines() -> usize {
    allg::count()
}

#[unsafe(no_mangle)]
extern "C" fn rt_nthreads() -> usize {
    SCHED.lock().mcount as usize
}

#[unsafe(no_mangle)]
extern "C" fn rt_ncpu() -> usize {
    ncpu() as usize
}

// ---------------------------------------------------------------- the collector

/// (whether to look for leaked goroutines) -> 0: another cycle was on its way.
#[unsafe(no_mangle)]
extern "C" fn rt_gccollect(leaks: i64) -> i64 {
    (if leaks != 0 { gc::find_leaks() } else { gc::collect_now() }) as i64
}

/// (whether to) -> what it was
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_setpanicfault(on: i64) -> i64 {
    // SAFETY: an entry.
    unsafe { core::mem::replace(&mut (*me()).panics_on_fault, on != 0) as i64 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_memcounts(out: *mut stats::Counts) {
    port::with_world_stopped(|| {
        let mut stacks = 0;
        // SAFETY: no goroutine runs; Go's variable.
        unsafe {
            allg::for_each(|g| {
                let mut seg = (*g).first_seg;
                while !seg.is_null() {
                    stacks += (*seg).bytes;
                    seg = (*seg).next;
                }
            });
            stats::count(&mut *out, stacks);
            gc::counts(&mut (*out).gc);
        }
    });
}

/// Sets GOGC; -1: off, less: only tells. Gives what it was.
#[unsafe(no_mangle)]
extern "C" fn rt_gcpercent(n: i64) -> i64 {
    match n {
        ..-1 => gc::percent_number(),
        -1 => gc::set_percent(Percent::Off),
        n => gc::set_percent(Percent::On(n as u32)),
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_memorylimit(n: i64) -> i64 {
    gc::set_limit((n >= 0).then_some(n as u64)) as i64
}

#[unsafe(no_mangle)]
extern "C" fn rt_freememory() {
    heap::scavenge(0);
}

#[unsafe(no_mangle)]
extern "C" fn rt_maxstack(n: usize) -> usize {
    crate::stack::grow::set_limit(n)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_settraceback(text: *const u8, len: usize) {
    // SAFETY: a Go string.
    set_traceback(Traceback::parse(unsafe { text_of(text, len) }));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_setgodebug(text: *const u8, len: usize) {
    // SAFETY: a Go string.
    crate::boot::set_godebug(unsafe { text_of(text, len) });
}

/// # Safety
/// The parts of a Go string.
unsafe fn text_of<'a>(text: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: by contract; that of no bytes may be nil.
    if len == 0 { &[] } else { unsafe { core::slice::from_raw_parts(text, len) } }
}

// ---------------------------------------------------------------- the goroutine at hand

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goid() -> u64 {
    // SAFETY: an entry.
    unsafe { (*me()).goid }
}

/// (which, new value or -1) -> value
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gflags(which: usize, set: i64) -> i64 {
    // SAFETY: an entry.
    let flag = unsafe { &mut (*me()).fips[which & 1] };
    if set >= 0 {
        *flag = set as u8;
    }
    *flag as i64
}

/// (labels, whether to set them) -> labels
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_goroutinelabels(labels: usize, set: i64) -> usize {
    // SAFETY: an entry.
    unsafe {
        let g = me();
        if set != 0 {
            (*g).labels = labels;
        }
        (*g).labels
    }
}

/// 1 the first time that it is called with this word.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_once(word: *mut i64) -> i64 {
    // SAFETY: Go's variable, touched by nothing else.
    let word = unsafe { core::sync::atomic::AtomicI64::from_ptr(word) };
    (word.swap(1, AcqRel) == 0) as i64
}

// ---------------------------------------------------------------- finalizers and cleanups

const FINALIZER_WAIT: WaitReason = WaitReason("finalizer wait", false);
static FINALIZER_G: Mutex<Waiting, { lock::rank::STACK_POOL }> = Mutex::new(Waiting(null_mut()));
use lock::Mutex;

struct Waiting(*mut G);
// SAFETY: under the lock.
unsafe impl Send for Waiting {}

/// 1: there is one that is due, in `out`. 0: there was none, and now there may be.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_nextspecial(out: *mut specials::Due) -> i64 {
    // SAFETY: an entry; Go's variable.
    unsafe {
        let g = me();
        (*g).system = true;
        let mut waiting = FINALIZER_G.lock();
        if let Some(due) = specials::take_due() {
            out.write(due);
            // It runs a function of the program.
            (*g).system = false;
            return 1;
        }
        (*g).ret = [0; 2];
        park(OnG0::assume(), g, FINALIZER_WAIT, move || {
            waiting.0 = g;
            drop(waiting);
        })
    }
}

/// Whether all finalizers and cleanups that were due have run.
#[unsafe(no_mangle)]
extern "C" fn rt_finalizersidle() -> u64 {
    let idle = !FINALIZER_G.lock().0.is_null();
    (idle && !specials::is_any_due()) as u64
}

/// After a collection: something may be due.
pub fn wake_finalizer() {
    if !specials::is_any_due() {
        return;
    }
    let g = core::mem::replace(&mut FINALIZER_G.lock().0, null_mut());
    if g.is_null() {
        // It may not have begun.
        sysmon::ensure_started();
        return idle::wakep();
    }
    // SAFETY: it waits, and nobody else knows it.
    unsafe { proc::ready(g) };
}

// ---------------------------------------------------------------- GOMAXPROCS

/// What the system allows, by affinity and cgroup.
pub fn default_procs() -> u32 {
    cpus::default_procs(ncpu() as usize, cpus::cgroup_quota()).min(proc::PROCS_MAX as usize) as u32
}

/// (0: only tell; -1: the default; else how many) -> how many there were
#[unsafe(no_mangle)]
extern "C" fn rt_gomaxprocs(n: i64) -> i64 {
    let old = gomaxprocs();
    let new = match n {
        0 => old,
        ..0 => default_procs(),
        n => n.min(proc::PROCS_MAX as i64) as u32,
    };
    if new != old {
        // SAFETY: an entry with the goroutine saved, and nothing of it here.
        let stopped = unsafe { world::stop_the_world(world::Why::Other) };
        proc::procresize(&stopped, new);
        world::start_the_world(stopped);
    }
    old as i64
}
