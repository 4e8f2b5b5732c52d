//! The collector: parallel mark with the world stopped, then lazy sweep. Heap precise by type bits,
//! frames by tables of what they need ([`crate::stack::scan`]), package variables word by word (D5).
//!
//! A cycle runs on g0 of the M that asked for it, inside an allocation; the frames of that g0 and of all
//! goroutines are roots. Helper threads, one less than there are processors, mark along and then sweep
//! in the background. They hold no P and touch no Go memory but mark bits and freed spans.

mod mark;
pub mod pacer;
mod pools;
#[cfg(test)]
mod tests;
mod trace;
mod work;

use crate::lang::reflect;
use crate::mem::heap::{self, HEAP};
use crate::mem::persistent::{Lock, persistent_alloc};
use crate::mem::sizeclass::PAGE_BYTES;
use crate::mem::span::{NUM_SPAN_CLASSES, SpanClass};
use crate::mem::{specials, stats, sweep_one};
use crate::port;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};
use mark::Marker;
use pacer::Percent;

/// Bytes allocated or cached by Ps, as of the last cycle plus what was taken since.
static HEAP_LIVE: AtomicU64 = AtomicU64::new(0);
static TRIGGER: AtomicU64 = AtomicU64::new(u64::MAX);
/// GOGC, -1 for off.
static PERCENT: AtomicU64 = AtomicU64::new(100);
static ENABLED: AtomicBool = AtomicBool::new(false);
/// A cycle is being started or runs.
static RUNNING: AtomicBool = AtomicBool::new(false);
/// `gcstress=n`: a cycle at every nth allocation.
static STRESS: AtomicU32 = AtomicU32::new(0);
static STRESS_COUNT: AtomicU32 = AtomicU32::new(0);
static TRACE: AtomicBool = AtomicBool::new(false);
pub static CYCLES: AtomicU32 = AtomicU32::new(0);
static MARK_NS_TOTAL: AtomicU64 = AtomicU64::new(0);

const OFF: u64 = u64::MAX;

/// A stretch of words that may be pointers, or a goroutine's stack.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Root {
    pub lo: usize,
    pub hi: usize,
    /// What the port knows a stack by; 0: none. Only the distance of `lo` and `hi` counts then.
    pub stack: usize,
}

/// Roots that stand as long as the program runs, and those of the present cycle behind them.
struct Roots {
    ptr: *mut Root,
    cap: usize,
    fixed: usize,
    len: usize,
}

struct Shared<T>(UnsafeCell<T>);
// SAFETY: guarded by ROOTS_LOCK, or by the world being stopped.
unsafe impl<T> Sync for Shared<T> {}

static ROOTS_LOCK: Lock = Lock::new();
static ROOTS: Shared<Roots> =
    Shared(UnsafeCell::new(Roots { ptr: core::ptr::null_mut(), cap: 0, fixed: 0, len: 0 }));
static NEXT_ROOT: AtomicUsize = AtomicUsize::new(0);

impl Roots {
    fn push(&mut self, r: Root) {
        if self.len == self.cap {
            let cap = (self.cap * 2).max(256);
            let new = persistent_alloc(cap * size_of::<Root>(), 8).cast::<Root>();
            // SAFETY: room for `cap`, of which `len` are filled.
            unsafe { core::ptr::copy_nonoverlapping(self.ptr, new, self.len) };
            self.ptr = new;
            self.cap = cap;
        }
        // SAFETY: inside the room.
        unsafe { self.ptr.add(self.len).write(r) };
        self.len += 1;
    }

    fn bytes(&self, which: core::ops::Range<usize>) -> u64 {
        // SAFETY: below `len`, hence filled.
        which.map(|i| unsafe { (*self.ptr.add(i)).hi - (*self.ptr.add(i)).lo } as u64).sum()
    }

    /// By pieces that several markers can share.
    fn push_range(&mut self, mut lo: usize, hi: usize) {
        const PIECE_BYTES: usize = 128 << 10;
        while lo < hi {
            let end = hi.min(lo + PIECE_BYTES);
            self.push(Root { lo, hi: end, stack: 0 });
            lo = end;
        }
    }
}

/// Memory outside the Go heap that may point into it, as long as the program runs. Before the first
/// cycle, or with the world stopped.
pub fn add_root(lo: usize, hi: usize) {
    let _guard = ROOTS_LOCK.lock();
    // SAFETY: under the lock, and no cycle runs.
    let roots = unsafe { &mut *ROOTS.0.get() };
    roots.len = roots.fixed;
    roots.push_range(lo, hi);
    roots.fixed = roots.len;
}

/// What the collector is told at start: values of the environment variables GOGC and GOMEMLIMIT and of the
/// GODEBUG settings gcstress and gctrace.
#[doc(alias = "gcinit")]
pub fn init(gogc: Option<&[u8]>, limit: u64, stress: u32, trace: bool) {
    set_percent(Percent::parse(gogc));
    set_limit(Some(limit));
    STRESS.store(stress, Relaxed);
    TRACE.store(trace, Relaxed);
}

/// From here on allocation may collect.
#[doc(alias = "gcenable")]
pub fn enable() {
    if STRESS.load(Relaxed) != 0 {
        port::for_each_mcache(|mc| {
            // SAFETY: the flag is a hint for the owner.
            unsafe { (*mc).stress = true }
        });
    }
    ENABLED.store(true, Release);
}

/// Sets GOGC; gives the one before (-1: off).
pub fn set_percent(p: Percent) -> i64 {
    let new = match p {
        Percent::Off => OFF,
        Percent::On(n) => n as u64,
    };
    let old = PERCENT.swap(new, Relaxed);
    TRIGGER.store(trigger(LIVE_AFTER.load(Relaxed), 0), Relaxed);
    if old == OFF { -1 } else { old as i64 }
}

static LIVE_AFTER: AtomicU64 = AtomicU64::new(0);

/// The soft limit of the heap, GOMEMLIMIT.
static LIMIT: AtomicU64 = AtomicU64::new(i64::MAX as u64);

/// Sets the limit, if there is a new one; gives the one before.
pub fn set_limit(new: Option<u64>) -> u64 {
    let Some(new) = new else { return LIMIT.load(Relaxed) };
    let old = LIMIT.swap(new, Relaxed);
    TRIGGER.store(trigger(LIVE_AFTER.load(Relaxed), 0), Relaxed);
    old
}

/// When the next cycle begins. The limit brings it forward, but not so that collecting is all that is done.
fn trigger(live: u64, roots: u64) -> u64 {
    const LEAST_GROWTH_BYTES: u64 = 1 << 20;
    let limit = LIMIT.load(Relaxed).max(live + live / 8 + LEAST_GROWTH_BYTES);
    let goal = pacer::goal(percent(), live, roots);
    if LIMIT.load(Relaxed) == i64::MAX as u64 { goal } else { goal.min(limit) }
}

/// GOGC as a number, -1 for off.
pub fn percent_number() -> i64 {
    match percent() {
        Percent::Off => -1,
        Percent::On(n) => n as i64,
    }
}

fn percent() -> Percent {
    match PERCENT.load(Relaxed) {
        OFF => Percent::Off,
        n => Percent::On(n as u32),
    }
}

/// Memory for Go went over to a P. True: time for a cycle.
#[inline]
pub fn allocated(bytes: usize) -> bool {
    HEAP_LIVE.fetch_add(bytes as u64, Relaxed) + bytes as u64 >= TRIGGER.load(Relaxed)
        && ENABLED.load(Relaxed)
}

/// Whether freed memory is poisoned.
pub fn poisons() -> bool {
    STRESS.load(Relaxed) != 0
}

/// Under gcstress, before each allocation.
pub fn stress_allocation() {
    let n = STRESS.load(Relaxed);
    if n != 0 && ENABLED.load(Relaxed) && (STRESS_COUNT.fetch_add(1, Relaxed) + 1).is_multiple_of(n) {
        collect(true, true);
    }
}

/// A cycle, unless one begins elsewhere: then the allocation goes on, and its M stops at the next
/// safepoint.
pub fn collect_for_allocation() {
    collect(false, true);
}

/// `runtime.GC`: a whole cycle with its sweep.
#[doc(alias = "GC")]
pub fn collect_now() -> bool {
    let done = collect(true, false);
    FORCED.fetch_add(done as u64, Relaxed);
    done
}

/// A cycle that looks for goroutines that nothing can wake. False: it is still to be done.
pub fn find_leaks() -> bool {
    FINDS_LEAKS.store(true, Release);
    FORCED.fetch_add(collect(true, false) as u64, Relaxed);
    !FINDS_LEAKS.load(Acquire)
}

static FINDS_LEAKS: AtomicBool = AtomicBool::new(false);

/// `on_g0`: whether the runtime's own frames below this may hold the only pointer to an object. They also hold
/// what has long been dead, which runtime.GC must not take for alive.
fn collect(sweep_now: bool, on_g0: bool) -> bool {
    if !port::may_collect() || RUNNING.swap(true, Acquire) {
        return false;
    }
    let t0 = port::nanotime();
    let from = HEAP_LIVE.load(Relaxed);
    port::with_world_stopped_to_collect(|| {
        let t1 = port::nanotime();
        pools::clean();
        finish_sweep();
        let in_use = (HEAP.pages_in_use.load(Relaxed) * PAGE_BYTES) as u64;
        let (marked, roots, globals) = mark_all(on_g0);
        let t2 = port::nanotime();
        HEAP_LIVE.store(marked, Relaxed);
        LIVE_AFTER.store(marked, Relaxed);
        let goal_before = TRIGGER.load(Relaxed);
        let goal = trigger(marked, roots);
        TRIGGER.store(goal, Relaxed);
        KEEP.store(pacer::keep_resident(goal, goal_before, in_use), Relaxed);
        HEAP.sweepgen.fetch_add(2, AcqRel);
        port::after_mark();
        let cycle = CYCLES.fetch_add(1, Relaxed) + 1;
        MARK_NS_TOTAL.fetch_add(t2 - t0, Relaxed);
        if sweep_now {
            finish_sweep();
        }
        let t3 = port::nanotime();
        record_pause(cycle, t3 - t0, t2 - t1);
        if TRACE.load(Relaxed) {
            let goal = if goal_before == OFF { from } else { goal_before };
            let share = MARK_NS_TOTAL.load(Relaxed) * 100 / (t3 - port::start_nanotime()).max(1);
            port::print_error(format_args!(
                "{}",
                trace::Line {
                    cycle,
                    at_ns: t3 - port::start_nanotime(),
                    share_percent: share,
                    clock_ns: [t1 - t0, t2 - t1, t3 - t2],
                    cpus: 1 + HELPERS.load(Relaxed) as u64,
                    heap_bytes: [from, from, marked],
                    goal_bytes: goal,
                    stack_bytes: roots - globals,
                    global_bytes: globals,
                    procs: port::procs(),
                    forced: sweep_now,
                }
            ));
        }
    });
    if !sweep_now && HELPERS.load(Relaxed) != 0 {
        ask_helpers(Job::Sweep);
    }
    port::publish_profile(sweep_now);
    RUNNING.store(false, Release);
    port::after_collection();
    true
}

static PAUSE_TOTAL_NS: AtomicU64 = AtomicU64::new(0);
static LAST_END_NS: AtomicU64 = AtomicU64::new(0);
static FORCED: AtomicU64 = AtomicU64::new(0);
static PAUSES: [[AtomicU64; 2]; stats::PAUSES] = [const { [const { AtomicU64::new(0) }; 2] }; stats::PAUSES];

fn record_pause(cycle: u32, pause_ns: u64, mark_ns: u64) {
    let end = port::walltime_ns();
    let [pause, pause_end] = &PAUSES[(cycle as usize - 1) % stats::PAUSES];
    pause.store(pause_ns, Relaxed);
    pause_end.store(end, Relaxed);
    LAST_END_NS.store(end, Relaxed);
    PAUSE_TOTAL_NS.fetch_add(pause_ns, Relaxed);
    CPU_NS.fetch_add(mark_ns * (1 + HELPERS.load(Relaxed) as u64), Relaxed);
}

static CPU_NS: AtomicU64 = AtomicU64::new(0);

pub fn counts(out: &mut stats::GcCounts) {
    out.next_gc = TRIGGER.load(Relaxed);
    out.last_gc = LAST_END_NS.load(Relaxed);
    out.pause_total_ns = PAUSE_TOTAL_NS.load(Relaxed);
    out.cycles = CYCLES.load(Relaxed) as u64;
    out.forced = FORCED.load(Relaxed);
    out.cpu_ns = CPU_NS.load(Relaxed);
    for (i, [pause, end]) in PAUSES.iter().enumerate() {
        out.pauses[i] = pause.load(Relaxed);
        out.pause_ends[i] = end.load(Relaxed);
    }
}

/// Marks everything reachable: bytes marked, bytes of roots, and of these package variables. The world is stopped.
fn mark_all(on_g0: bool) -> (u64, u64, u64) {
    port::for_each_mcache(|mc| {
        // SAFETY: the world is stopped.
        unsafe { (*mc).flush() };
    });
    // SAFETY: the world is stopped; helpers only read until all are done.
    let roots = unsafe { &mut *ROOTS.0.get() };
    roots.len = roots.fixed;
    port::for_each_root(|lo, hi| roots.push_range(lo, hi));
    let finds_leaks = FINDS_LEAKS.swap(false, AcqRel);
    if finds_leaks {
        port::suspect_leaks();
    }
    port::for_each_stack(on_g0, |stack, bytes| {
        if !finds_leaks || !port::is_leaked(stack) {
            roots.push(Root { lo: 0, hi: bytes, stack });
        }
    });
    specials::for_each_root(|lo, hi| roots.push_range(lo, hi));
    reflect::for_each_root(|lo, hi| roots.push_range(lo, hi));
    let global_bytes = roots.bytes(0..roots.fixed);
    let root_bytes = global_bytes + roots.bytes(roots.fixed..roots.len);
    NEXT_ROOT.store(0, Release);
    MARKED.store(0, Relaxed);
    SCANNED.store(0, Relaxed);
    ROOT_BYTES[0].store(root_bytes - global_bytes, Relaxed);
    ROOT_BYTES[1].store(global_bytes, Relaxed);
    // A small heap is marked sooner than a helper wakes.
    const WORTH_HELP_BYTES: u64 = 1 << 20;
    let is_large = LIVE_AFTER.load(Relaxed) + root_bytes >= WORTH_HELP_BYTES;
    let helpers = if is_large && !finds_leaks { start_helpers() } else { 0 };
    work::begin(helpers + 1);
    if helpers > 0 {
        ask_helpers(Job::Mark);
    }
    mark(helpers > 0);
    wait_until(|| helpers == 0 || MARKERS_LEFT.load(Acquire) == 0);
    if finds_leaks {
        mark_suspects(roots, on_g0);
    }
    MARKED.fetch_add(specials::after_mark() as u64, Relaxed);
    (MARKED.load(Relaxed), root_bytes, global_bytes)
}

/// Of the goroutines that wait, those go on as roots that wait at something marked; what is left has leaked, and is
/// marked last (Go's goroutine leak detection). By this thread alone.
fn mark_suspects(roots: &mut Roots, on_g0: bool) {
    let is_marked = |addr| {
        let span = heap::span_of(addr);
        // SAFETY: a span in the table is valid. Package variables are always known.
        span.is_null() || unsafe { (*span).is_marked((*span).index_of(addr - (*span).base)) }
    };
    let mut is_last = false;
    loop {
        let before = roots.len;
        port::for_each_stack(on_g0, |stack, bytes| {
            if port::is_leaked(stack) && (is_last || port::clear_if_known(stack, is_marked)) {
                roots.push(Root { lo: 0, hi: bytes, stack });
            }
        });
        NEXT_ROOT.store(before, Release);
        work::begin(1);
        mark(false);
        if is_last {
            return;
        }
        is_last = roots.len == before;
    }
}

static MARKED: AtomicU64 = AtomicU64::new(0);

/// What each marker does: roots until none is left, then objects.
fn mark(shared: bool) {
    // SAFETY: the list stands still while marking.
    let (ptr, len) = unsafe {
        let roots = &*ROOTS.0.get();
        (roots.ptr, roots.len)
    };
    let mut marker = Marker::new(shared);
    loop {
        let i = NEXT_ROOT.fetch_add(1, Relaxed);
        if i >= len {
            break;
        }
        // SAFETY: roots are readable memory while the world is stopped.
        unsafe {
            let r = *ptr.add(i);
            if r.stack == 0 {
                marker.scan_conservative(r.lo, r.hi);
            } else {
                port::scan_stack(r.stack, |word| marker.may_be_pointer(word));
            }
        }
    }
    marker.drain();
    MARKED.fetch_add(marker.marked_bytes as u64, Relaxed);
    SCANNED.fetch_add(marker.scanned_bytes as u64, Relaxed);
}

static SCANNED: AtomicU64 = AtomicU64::new(0);
static ROOT_BYTES: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// Bytes of the last cycle: marked, scanned of the heap, of stacks and other roots, of package variables.
#[repr(C)]
pub struct Scanned([u64; 4]);

pub fn scanned() -> Scanned {
    let [stacks, globals] = [0, 1].map(|i| ROOT_BYTES[i].load(Relaxed));
    Scanned([LIVE_AFTER.load(Relaxed), SCANNED.load(Relaxed), stacks, globals])
}

/// Waits for helpers that are about to be done; one that the system has put aside needs this processor.
fn wait_until(mut is_done: impl FnMut() -> bool) {
    const SPINS: u32 = 2000;
    let mut spins = 0;
    while !is_done() {
        spins += 1;
        if spins < SPINS {
            core::hint::spin_loop();
        } else {
            crate::os::clock::yield_thread();
        }
    }
}

/// With the world stopped: what is not marked is free, and each object that is allocated known as such.
pub fn sweep_all() {
    port::for_each_mcache(|mc| {
        // SAFETY: the world is stopped.
        let bytes = unsafe { (*mc).flush() };
        HEAP_LIVE.fetch_sub(bytes as u64, Relaxed);
    });
    finish_sweep();
}

/// Sweeps whatever is left of the last cycle, with the background sweepers out of the way.
fn finish_sweep() {
    wait_until(|| {
        STOP_SWEEPING.store(true, Release);
        SWEEPERS.load(Acquire) == 0
    });
    STOP_SWEEPING.store(false, Release);
    for c in 0..NUM_SPAN_CLASSES {
        while sweep_one(SpanClass(c as u8)) {}
    }
}

// ---------------------------------------------------------------- helper threads

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum Job {
    Mark = 1,
    Sweep = 2,
}

/// The job asked for, in the low bits, under a number that rises with each.
static JOB: AtomicU32 = AtomicU32::new(0);
static HELPERS: AtomicUsize = AtomicUsize::new(0);
static MARKERS_LEFT: AtomicUsize = AtomicUsize::new(0);
static SWEEPERS: AtomicUsize = AtomicUsize::new(0);
static STOP_SWEEPING: AtomicBool = AtomicBool::new(false);
const HELPERS_MAX: usize = 15;

/// Starts the helpers with the first cycle that is worth it; how many there are.
fn start_helpers() -> usize {
    let have = HELPERS.load(Relaxed);
    if have != 0 {
        return have;
    }
    let wanted = port::ncpu().saturating_sub(1).min(HELPERS_MAX);
    let mut n = 0;
    while n < wanted && port::spawn_thread(helper) {
        n += 1;
    }
    HELPERS.store(n, Relaxed);
    n
}

fn ask_helpers(job: Job) {
    let n = HELPERS.load(Relaxed);
    match job {
        Job::Mark => MARKERS_LEFT.store(n, Release),
        Job::Sweep => SWEEPERS.store(n, Release),
    }
    let number = (JOB.load(Relaxed) >> 2).wrapping_add(1);
    JOB.store(number << 2 | job as u32, Release);
    port::futex_wake(&JOB, u32::MAX >> 1);
}

fn helper() {
    let mut seen = 0;
    loop {
        let job = JOB.load(Acquire);
        if job == seen {
            port::futex_wait(&JOB, job);
            continue;
        }
        seen = job;
        if job & 3 == Job::Mark as u32 {
            mark(true);
            MARKERS_LEFT.fetch_sub(1, AcqRel);
        } else {
            sweep_in_background();
        }
    }
}

fn sweep_in_background() {
    'all: for c in 0..NUM_SPAN_CLASSES {
        loop {
            if STOP_SWEEPING.load(Acquire) {
                break 'all;
            }
            if !sweep_one(SpanClass(c as u8)) {
                break;
            }
        }
    }
    if SWEEPERS.fetch_sub(1, AcqRel) == 1 && !STOP_SWEEPING.load(Acquire) {
        scavenge();
    }
}

/// Bytes of pages, in use or free, that stay resident until the next cycle.
static KEEP: AtomicU64 = AtomicU64::new(OFF);

fn scavenge() {
    let keep = KEEP.load(Relaxed);
    if keep == OFF {
        return;
    }
    let in_use = HEAP.pages_in_use.load(Relaxed) * PAGE_BYTES;
    heap::scavenge((keep as usize).saturating_sub(in_use));
}
