//! The port of a Go program: the rooms of this runtime.

use crate::arch::getm;
use crate::mem::Mcache;
use crate::os::file::Stderr;
use crate::prof::heap as heap_profile;
use crate::sched::{self, G, Status, allg, idle, world};
use crate::trace::module::module;
use core::fmt::{Arguments, Write};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::*};
use goxide_abi::layout::ZERO_VAL_BYTES;

pub use crate::lang::raise::error_parts as panic_error_parts;
pub use crate::lang::raise::error_string as panic_error;
pub use crate::lang::raise::plain_error as panic_plain;
pub use crate::lang::raise::plain_error_parts as panic_plain_parts;
pub use crate::lang::raise::type_assertion as panic_type_assertion;
pub use crate::os::clock::{nanotime, start_nanotime};
pub use crate::os::memory::{commit, map, prefer_huge_pages, release, reserve};
pub use crate::prof::heap::{freed, sampled};
pub use crate::trace::fatal::{fatal, throw};

pub fn futex_wait(word: &AtomicU32, value: u32) {
    crate::os::futex::wait(word, value);
}

pub fn futex_wake(word: &AtomicU32, count: u32) {
    crate::os::futex::wake(word, count);
}

pub fn print_error(text: Arguments<'_>) {
    // Nobody can be told that stderr does not take it.
    let _ = Stderr::new().write_fmt(text);
}

pub fn write_error(text: &[u8]) {
    crate::os::file::write_stderr(text);
}

/// This M's P's.
#[inline(always)]
pub fn mcache() -> *mut Mcache {
    // SAFETY: Rust that allocates runs on an M that holds a P.
    unsafe { &raw mut (*(*getm()).p).mcache }
}

pub fn for_each_mcache(mut f: impl FnMut(*mut Mcache)) {
    for &p in sched::allp() {
        // SAFETY: Ps live for ever.
        f(unsafe { &raw mut (*p).mcache });
    }
}

/// Timers that will run functions, and what Gs hold by themselves.
///
/// With the world stopped.
pub fn for_each_root(mut f: impl FnMut(usize, usize)) {
    for &p in sched::allp() {
        // SAFETY: Ps live for ever.
        let (low, high) = unsafe { (*p).timers.memory() };
        f(low, high);
    }
    let (low, high) = crate::trace::profile::root();
    f(low, high);
    sched::bubble::for_each(|b| {
        let (low, high) = b.timers.memory();
        f(low, high);
    });
    allg::for_each(|g| {
        // SAFETY: no goroutine runs, and Gs live for ever.
        unsafe {
            if is_alive(g) {
                let labels = &raw const (*g).labels as usize;
                f(labels, labels + 8);
            }
        }
    });
}

/// SAFETY: a G.
unsafe fn is_alive(g: *mut G) -> bool {
    // SAFETY: see above.
    !matches!(unsafe { (*g).status() }, Status::Dead | Status::Idle)
}

/// The goroutine that collects and the frames of its g0; 0: they are not looked at.
static OWN: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

/// All goroutines' stacks, and how much of each is in use. With `on_g0` the frames of this g0 belong to that
/// of the goroutine that runs here.
///
/// With the world stopped.
pub fn for_each_stack(on_g0: bool, mut f: impl FnMut(usize, usize)) {
    unsafe extern "C" fn own_frames(arg: usize, sp: usize) {
        // SAFETY: the word on the frame below.
        unsafe { *(arg as *mut usize) = sp };
    }
    let mut sp = 0usize;
    // SAFETY: only this thread's own stack pointer is asked for.
    unsafe {
        crate::arch::with_stack_pointer(own_frames, &raw mut sp as usize);
        let m = getm();
        let own = if on_g0 { [(*m).curg as usize, sp & !7, (*m).g0sp] } else { [0; 3] };
        OWN.iter().zip(own).for_each(|(word, value)| word.store(value, Relaxed));
    }
    allg::for_each(|g| {
        // SAFETY: no goroutine runs, and Gs live for ever.
        unsafe {
            if is_alive(g) {
                let (mut bytes, mut low, mut seg) = (0, (*g).sched_sp, (*g).seg);
                while !seg.is_null() {
                    bytes += (*seg).top - low;
                    low = (*seg).oldsp;
                    seg = (*seg).prev;
                }
                f(g as usize, bytes);
            }
        }
    });
}

/// Goroutines of the program that wait for another one have leaked, unless more is found. With the world stopped.
pub fn suspect_leaks() {
    allg::for_each(|g| {
        // SAFETY: no goroutine runs, and Gs live for ever.
        unsafe {
            let waits = (*g).status() == Status::Waiting && (*g).wait_reason.is_sync();
            (*g).leaked = waits && !(*g).system && (*g).bubble.is_null();
        }
    });
}

pub fn is_leaked(stack: usize) -> bool {
    // SAFETY: a G.
    unsafe { (*(stack as *mut G)).leaked }
}

/// Whether what a goroutine waits at is known, which then has not leaked. With the world stopped.
pub fn clear_if_known(stack: usize, is_known: impl Fn(usize) -> bool) -> bool {
    let g = stack as *mut G;
    // SAFETY: a G that waits: at channels, or at a word of package sync.
    unsafe {
        let mut s = (*g).waiting;
        let waits_at_word = s.is_null() && (*g).wait_reason.0.starts_with("sync");
        let mut known = waits_at_word && !is_on_stack(g, (*g).sema.addr) && is_known((*g).sema.addr);
        while !s.is_null() && !known {
            known = is_known((*s).chan as usize);
            s = (*s).waitlink;
        }
        (*g).leaked = !known;
        known
    }
}

/// Where no other goroutine has a pointer to.
///
/// SAFETY: a G that waits.
unsafe fn is_on_stack(g: *mut G, address: usize) -> bool {
    // SAFETY: a goroutine's segments are alive.
    unsafe {
        let mut segs = core::iter::successors((*g).seg.as_ref(), |seg| seg.prev.as_ref());
        segs.any(|seg| seg.contains(address))
    }
}

/// Calls `mark` with what [`for_each_stack`]'s stack holds.
///
/// SAFETY: the world has been stopped since then, and each stack is scanned by one thread.
pub unsafe fn scan_stack(stack: usize, mark: impl FnMut(usize)) {
    let [g, low, high] = [0, 1, 2].map(|i| OWN[i].load(Relaxed));
    // SAFETY: each was saved by its entry.
    unsafe { crate::stack::scan::scan(stack as *mut G, (stack == g).then_some((low, high)), mark) }
}

pub fn with_world_stopped(f: impl FnOnce()) {
    stopped_for(world::Why::Other, f);
}

/// For the collector.
pub fn with_world_stopped_to_collect(f: impl FnOnce()) {
    stopped_for(world::Why::Collector, f);
}

fn stopped_for(why: world::Why, f: impl FnOnce()) {
    // SAFETY: the caller holds a P, and collections are one at a time.
    let stopped = unsafe { world::stop_the_world(why) };
    f();
    world::start_the_world(stopped);
}

/// Marking is done. With the world stopped.
pub fn after_mark() {
    heap_profile::next_cycle();
}

/// The world runs again, and no other collection. `swept`: all that was not marked is free.
pub fn publish_profile(swept: bool) {
    heap_profile::flush();
    if swept {
        heap_profile::post_sweep();
    }
}

/// The collector is done, and the world runs.
pub fn after_collection() {
    sched::api::wake_finalizer();
}

/// Nanoseconds since 1970.
pub fn walltime_ns() -> u64 {
    let (sec, nsec) = crate::os::clock::walltime();
    sec as u64 * 1_000_000_000 + nsec as u64
}

/// Allocation outside of a goroutine's entry (at boot), or by one that is pinned to its P, must not collect.
pub fn may_collect() -> bool {
    // SAFETY: this thread's own M.
    unsafe {
        let g = (*getm()).curg;
        !g.is_null() && (*g).pinned == 0
    }
}

pub fn ncpu() -> usize {
    sched::ncpu() as usize
}

/// GOMAXPROCS.
pub fn procs() -> u32 {
    sched::gomaxprocs()
}

pub fn spawn_thread(f: fn()) -> bool {
    idle::start_system_thread(f)
}

pub type Bucket = *mut crate::prof::buckets::Bucket;

/// Bytes between samples of the heap profile; 0: none is taken.
pub fn mem_profile_rate() -> usize {
    heap_profile::rate()
}

pub fn rand64() -> u64 {
    // SAFETY: this thread's own M.
    unsafe { (*getm()).rng.next_u64() }
}

/// A number for this thread, not 0.
pub fn thread_number() -> usize {
    // SAFETY: this thread's own M.
    unsafe { (*getm()).id as usize + 1 }
}

/// A number for this thread's goroutine; 0: it has none.
pub fn goroutine_number() -> usize {
    // SAFETY: this thread's own M.
    unsafe { (*getm()).curg as usize }
}

#[repr(C, align(64))]
struct Zeroes([u8; ZERO_VAL_BYTES]);
#[unsafe(export_name = "runtime.zeroVal")]
static ZERO_VAL: Zeroes = Zeroes([0; ZERO_VAL_BYTES]);
#[unsafe(export_name = "runtime.zerobase")]
static ZERO_BASE: u64 = 0;

#[unsafe(export_name = "runtime.staticuint64s")]
static STATIC_UINT64S: [u64; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = i as u64;
        i += 1;
    }
    table
};

pub fn zero_base() -> *mut u8 {
    (&raw const ZERO_BASE).cast_mut().cast()
}

pub fn zero_val() -> *mut u8 {
    (&raw const ZERO_VAL).cast_mut().cast()
}

pub fn static_uint64s() -> *const u64 {
    STATIC_UINT64S.as_ptr()
}

pub fn types_base() -> usize {
    module().types
}

pub fn text_base() -> usize {
    module().text
}
