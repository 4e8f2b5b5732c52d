//! The heap's profile. What is allocated and freed counts for a cycle to come, so that what is told is of one
//! moment: allocations for the cycle after the next, sweeping for the next (mprof.go: memRecord).

use super::Stack;
use super::buckets::{BUCKETS, Bucket, Buckets, Kind};
use crate::arch::{getm, thunk};
use crate::mem::malloc::malloc_slow;
use crate::port;
use crate::trace::module::module;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicUsize, Ordering::*};

const DEFAULT_RATE_BYTES: i64 = 512 << 10;

/// Go's variable; nil while nothing is sampled.
static RATE: AtomicPtr<AtomicI64> = AtomicPtr::new(null_mut());
static CYCLE: AtomicUsize = AtomicUsize::new(0);
/// Some bucket may be there.
static USED: AtomicBool = AtomicBool::new(false);

/// Bytes between samples; 0: none is taken.
pub fn rate() -> usize {
    // SAFETY: a variable of the program.
    let rate = unsafe { RATE.load(Relaxed).as_ref() }.map_or(0, |rate| rate.load(Relaxed));
    rate.max(0) as usize
}

/// (address of MemProfileRate) At start, and after each assignment: before the next allocation. The variable
/// stays 0 in programs that cannot ask for the profile.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_memprofilerate(variable: *mut AtomicI64) {
    if module().profiles_memory == 0 {
        return;
    }
    if RATE.swap(variable, Relaxed).is_null() {
        // SAFETY: the variable.
        unsafe { (*variable).store(DEFAULT_RATE_BYTES, Relaxed) };
    }
    port::with_world_stopped(|| {
        // SAFETY: the world is stopped.
        port::for_each_mcache(|mc| unsafe { (*mc).resample() });
    });
}

/// Counts an object that is being allocated. None: for no goroutine.
#[doc(alias = "mProf_Malloc")]
pub fn sampled(size: usize) -> Option<*mut Bucket> {
    // SAFETY: this thread's M, whose goroutine is in an entry or waits to go on after one.
    let stack = unsafe {
        let m = getm();
        let g = (*m).curg;
        if g.is_null() {
            return None;
        }
        // Each entry is called at the top of g0.
        let into_entry = *(((*m).g0sp - 8) as *const usize);
        let own = [malloc_slow as *const () as usize + 1, into_entry];
        Stack::of(g, if thunk::entry_at(into_entry).is_some() { &own } else { &own[..1] }, 0)
    };
    USED.store(true, Relaxed);
    let mut buckets = BUCKETS.lock();
    let b = buckets.of(Kind::Heap, size, stack.pcs());
    b.future[(CYCLE.load(Relaxed) + 2) % 3].allocs += 1;
    Some(b)
}

/// Counts an object that was swept.
///
/// SAFETY: a bucket of [`sampled`].
#[doc(alias = "mProf_Free")]
pub unsafe fn freed(bucket: *mut Bucket) {
    let _buckets = BUCKETS.lock();
    // SAFETY: under the lock.
    unsafe { (*bucket).future[(CYCLE.load(Relaxed) + 1) % 3].frees += 1 };
}

/// Marking is done, with the world stopped: what was counted so far is to be told when all of it is swept.
#[doc(alias = "mProf_NextCycle")]
pub fn next_cycle() {
    CYCLE.fetch_add(1, Relaxed);
}

/// Tells of the present cycle.
#[doc(alias = "mProf_Flush")]
pub fn flush() {
    tell_of(0);
}

/// All was swept: tells of the next cycle too.
#[doc(alias = "mProf_PostSweep")]
pub fn post_sweep() {
    tell_of(1);
}

fn tell_of(ahead: usize) {
    if USED.load(Relaxed) {
        let mut buckets = BUCKETS.lock();
        fold(&mut buckets, (CYCLE.load(Relaxed) + ahead) % 3);
    }
}

fn fold(buckets: &mut Buckets, index: usize) {
    buckets.for_each(Kind::Heap, |b| {
        let cycle = core::mem::take(&mut b.future[index]);
        b.told.allocs += cycle.allocs;
        b.told.frees += cycle.frees;
    });
}

/// Before the profile is read. Where nothing was collected yet it tells all that there is.
pub fn publish(buckets: &mut Buckets) {
    fold(buckets, CYCLE.load(Relaxed) % 3);
    let mut is_empty = true;
    buckets.for_each(Kind::Heap, |b| is_empty &= b.told.allocs == 0 && b.told.frees == 0);
    if is_empty {
        (0..3).for_each(|index| fold(buckets, index));
    }
}
