//! Counts of the allocator, for `runtime.MemStats`. The Ps count what they take, sweeping counts what it frees;
//! both are summed up while the world is stopped.

use super::heap::{HEAP, idle_bytes};
use super::sizeclass::{CLASSES, NUM_CLASSES, PAGE_BYTES};
use super::span::NUM_SPAN_CLASSES;
use crate::port;
use core::sync::atomic::{AtomicU64, Ordering::*};

static FREED: [AtomicU64; NUM_SPAN_CLASSES] = [const { AtomicU64::new(0) }; NUM_SPAN_CLASSES];
static FREED_LARGE_BYTES: AtomicU64 = AtomicU64::new(0);

/// Sweeping a span freed `objects` of that size.
pub fn freed(class: super::span::SpanClass, objects: usize, elem_size: usize) {
    if objects == 0 {
        return;
    }
    FREED[class.0 as usize].fetch_add(objects as u64, Relaxed);
    if class.is_large() {
        FREED_LARGE_BYTES.fetch_add((objects * elem_size) as u64, Relaxed);
    }
}

pub const PAUSES: usize = 256;

/// The collector's part of [`Counts`].
#[derive(Clone, Copy)]
#[repr(C)]
pub struct GcCounts {
    pub next_gc: u64,
    /// Nanoseconds since 1970.
    pub last_gc: u64,
    pub pause_total_ns: u64,
    pub cycles: u64,
    pub forced: u64,
    pub cpu_ns: u64,
    pub pauses: [u64; PAUSES],
    pub pause_ends: [u64; PAUSES],
}

/// `runtime.memoryCount`
#[repr(C)]
pub struct Counts {
    alloc_bytes: u64,
    total_bytes: u64,
    mallocs: u64,
    frees: u64,
    heap_sys: u64,
    heap_inuse: u64,
    heap_released: u64,
    stack_inuse: u64,
    metadata: u64,
    pub gc: GcCounts,
    class_size: [u64; NUM_CLASSES],
    class_mallocs: [u64; NUM_CLASSES],
    class_frees: [u64; NUM_CLASSES],
}

/// With the world stopped.
pub fn count(out: &mut Counts, stack_bytes: usize) {
    let (mut tiny, mut large_bytes) = (0, 0);
    out.class_mallocs = [0; NUM_CLASSES];
    out.class_frees = [0; NUM_CLASSES];
    port::for_each_mcache(|mc| {
        // SAFETY: the world is stopped.
        let mc = unsafe { &*mc };
        tiny += mc.tiny_count;
        large_bytes += mc.large_bytes;
        out.class_mallocs[0] += mc.large_count;
        for c in 0..NUM_SPAN_CLASSES {
            let slots = &mc.slots[c];
            out.class_mallocs[c / 2] += mc.taken[c] - (slots.free | slots.later).count_ones() as u64;
        }
    });
    (out.total_bytes, out.mallocs, out.frees) = (large_bytes, tiny, tiny);
    let mut freed_bytes = FREED_LARGE_BYTES.load(Relaxed);
    for c in 0..NUM_CLASSES {
        let size = CLASSES.bytes[c] as u64;
        let frees = FREED[c * 2].load(Relaxed) + FREED[c * 2 + 1].load(Relaxed);
        out.class_size[c] = size;
        out.class_frees[c] = frees;
        out.mallocs += out.class_mallocs[c];
        out.frees += frees;
        if c != 0 {
            out.total_bytes += out.class_mallocs[c] * size;
            freed_bytes += frees * size;
        }
    }
    out.alloc_bytes = out.total_bytes - freed_bytes.min(out.total_bytes);
    out.heap_sys = HEAP.mapped_bytes.load(Relaxed) as u64;
    out.heap_inuse = (HEAP.pages_in_use.load(Relaxed) * PAGE_BYTES) as u64;
    let (free, resident) = idle_bytes();
    out.heap_released = (free - resident) as u64;
    out.stack_inuse = stack_bytes as u64;
    out.metadata = 0;
}
