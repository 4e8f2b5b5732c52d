//! What runtime/metrics tells besides `mem::stats`.
//!
//! Runs on g0; takes the lock of the list of threads.

use super::histogram::Histogram;
use super::*;
use crate::mem::{persistent, specials};
use crate::os::clock;
use crate::prof::buckets;
use core::sync::atomic::{AtomicU64, Ordering::*};

/// How long the world took to stop, and was stopped, for the collector and for others.
pub static STOPPING: [Histogram; 2] = [Histogram::NEW; 2];
pub static STOPPED: [Histogram; 2] = [Histogram::NEW; 2];

/// Nanoseconds that goroutines waited at locks, by those of them that were timed.
pub static MUTEX_WAIT_NS: AtomicU64 = AtomicU64::new(0);

/// `runtime.metricCount`
#[repr(C)]
struct Counts {
    running: u64,
    runnable: u64,
    waiting: u64,
    not_in_go: u64,
    created: u64,
    threads: u64,
    queued: [u64; 2],
    taken: [u64; 2],
    mutex_wait_ns: u64,
    scanned: crate::gc::Scanned,
    tiny_allocs: u64,
    persistent: u64,
    mcaches: u64,
    buckets: u64,
    process_ns: u64,
    stopping: [[u64; Histogram::WORDS]; 2],
    stopped: [[u64; Histogram::WORDS]; 2],
}

/// How it stands, roughly: goroutines run meanwhile.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_metriccounts(out: *mut Counts) {
    // SAFETY: Go's variable.
    let out = unsafe { &mut *out };
    // SAFETY: Gs and Ps live for ever.
    unsafe {
        allg::for_each(|g| {
            if (*g).system {
                return;
            }
            match (*g).status() {
                Status::Running => out.running += 1,
                Status::Runnable => out.runnable += 1,
                Status::Waiting => out.waiting += 1,
                Status::Syscall => out.not_in_go += 1,
                Status::Idle | Status::Dead => {}
            }
        });
        out.created = GOID_GEN.load(Relaxed);
        for &p in allp() {
            // Numbers that were handed to the P, and are not used yet.
            out.created = out.created.saturating_sub((*p).goid_end - (*p).goid_next);
            out.tiny_allocs += (*p).mcache.tiny_count;
            out.mcaches += size_of::<crate::mem::Mcache>() as u64;
        }
    }
    threads::for_each(|_| out.threads += 1);
    for (to, from) in [(&mut out.queued, &specials::QUEUED), (&mut out.taken, &specials::TAKEN)] {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = from.load(Relaxed));
    }
    out.mutex_wait_ns = MUTEX_WAIT_NS.load(Relaxed);
    out.scanned = crate::gc::scanned();
    out.persistent = persistent::total_bytes();
    out.buckets = buckets::total_bytes();
    out.process_ns = clock::process_ns();
    for (to, from) in [(&mut out.stopping, &STOPPING), (&mut out.stopped, &STOPPED)] {
        to.iter_mut().zip(from).for_each(|(to, from)| from.copy_to(to));
    }
}
