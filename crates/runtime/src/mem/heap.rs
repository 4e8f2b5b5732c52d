//! The page heap: the reserved arena, its pages and the spans on them. Runs on g0; takes the heap lock,
//! below which no other lock is taken; allocates only persistent memory.

use super::pages::{CHUNK_PAGES, Chunk, GROUP_CHUNKS, PageAlloc, Summary};
use super::persistent::{Lock, reserve_table, zeroed};
use super::sizeclass::{PAGE_BYTES, PAGE_SHIFT};
use super::span::{Span, SpanClass};
use crate::port;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering::*};

const CHUNK_BYTES: usize = CHUNK_PAGES * PAGE_BYTES;
/// Where the arena is asked for first: an address that looks like no ASCII, no UTF-8 and no small
/// number, as Go's. Then wherever the kernel likes.
const ARENA_HINTS: [usize; 4] = [0xc0 << 32, 0x1c0 << 32, 0x2c0 << 32, 0];
/// Address space reserved for the heap, halved while the kernel refuses.
const ARENA_BYTES_MAX: usize = 1 << 40;
const ARENA_BYTES_MIN: usize = 64 << 20;
/// What one growth makes usable at least.
const GROW_CHUNKS: usize = 16;

/// A heap of that size is worth huge pages: faults of small ones would be most of what growing costs.
const HUGE_FROM_BYTES: usize = 64 << 20;

/// The arena and its span table; constant after [`init`], so read without synchronization.
pub struct Arena {
    pub base: usize,
    pub bytes: usize,
    /// The span of each page; nil for free ones.
    spans: *const AtomicPtr<Span>,
}

struct HeapState {
    pages: PageAlloc,
    free_spans: *mut Span,
}

pub struct Heap {
    pub arena: UnsafeCell<Arena>,
    lock: Lock,
    state: UnsafeCell<Option<HeapState>>,
    /// Rises by 2 with each cycle.
    pub sweepgen: AtomicU32,
    pub spans_in_use: AtomicUsize,
    pub pages_in_use: AtomicUsize,
    /// Bytes of address space that the heap has made usable.
    pub mapped_bytes: AtomicUsize,
    ready: AtomicBool,
}

// SAFETY: `arena` is written once, before there are threads; `state` is guarded by `lock`.
unsafe impl Sync for Heap {}

pub static HEAP: Heap = Heap {
    arena: UnsafeCell::new(Arena { base: 0, bytes: 0, spans: null_mut() }),
    lock: Lock::new(),
    state: UnsafeCell::new(None),
    sweepgen: AtomicU32::new(2),
    spans_in_use: AtomicUsize::new(0),
    pages_in_use: AtomicUsize::new(0),
    mapped_bytes: AtomicUsize::new(0),
    ready: AtomicBool::new(false),
};

#[inline(always)]
pub fn arena() -> &'static Arena {
    // SAFETY: written once, in `init`.
    unsafe { &*HEAP.arena.get() }
}

/// The span that holds an address; nil for addresses outside the heap and on free pages.
#[inline(always)]
pub fn span_of(addr: usize) -> *mut Span {
    let a = arena();
    let off = addr.wrapping_sub(a.base);
    if off >= a.bytes {
        return null_mut();
    }
    // SAFETY: the table covers the arena.
    unsafe { (*a.spans.add(off >> PAGE_SHIFT)).load(Relaxed) }
}

/// Reserves the arena. Once, before the first allocation.
pub fn init() {
    let mut bytes = ARENA_BYTES_MAX;
    let (base, bytes) = loop {
        let found = ARENA_HINTS.iter().find_map(|&hint| port::reserve(hint, bytes));
        if let Some(base) = found {
            // Chunk-aligned; the kernel gives page-aligned addresses.
            let aligned = base.next_multiple_of(CHUNK_BYTES);
            break (aligned, (bytes - (aligned - base)) & !(CHUNK_BYTES - 1));
        }
        bytes /= 2;
        if bytes < ARENA_BYTES_MIN {
            port::throw("cannot reserve address space for the heap");
        }
    };
    let nchunks = bytes / CHUNK_BYTES;
    // SAFETY: zeroed memory, which is what these tables begin as; nobody else knows it.
    unsafe {
        let chunks = reserve_table::<Chunk>(nchunks);
        let groups = reserve_table::<Summary>(nchunks.div_ceil(GROUP_CHUNKS));
        let spans = reserve_table::<AtomicPtr<Span>>(bytes / PAGE_BYTES);
        *HEAP.arena.get() = Arena { base, bytes, spans: spans.as_ptr() };
        *HEAP.state.get() = Some(HeapState { pages: PageAlloc::new(chunks, groups), free_spans: null_mut() });
    }
    HEAP.ready.store(true, Release);
}

fn with_state<R>(f: impl FnOnce(&mut HeapState) -> R) -> R {
    let _guard = HEAP.lock.lock();
    // SAFETY: under the lock.
    match unsafe { &mut *HEAP.state.get() } {
        Some(state) => f(state),
        None => port::throw("heap used before mallocinit"),
    }
}

/// Makes room for a run of `npages`. False: the arena is full.
fn grow(pages: &mut PageAlloc, npages: usize) -> bool {
    let missing = npages.saturating_sub(pages.free_at_end()).div_ceil(CHUNK_PAGES).max(1);
    let left = pages.limit() - pages.grown();
    if missing > left {
        return false;
    }
    let chunks = missing.next_multiple_of(GROW_CHUNKS).min(left);
    let at = arena().base + pages.grown() * CHUNK_BYTES;
    if !port::commit(at, chunks * CHUNK_BYTES) {
        return false;
    }
    let mapped = HEAP.mapped_bytes.fetch_add(chunks * CHUNK_BYTES, Relaxed);
    if mapped >= HUGE_FROM_BYTES {
        port::prefer_huge_pages(at, chunks * CHUNK_BYTES);
    }
    pages.grow(chunks);
    true
}

/// A new span with no object in use. None: out of memory.
pub fn alloc_span(npages: usize, class: SpanClass) -> Option<*mut Span> {
    let (pages, span) = with_state(|state| {
        let pages = match state.pages.alloc(npages) {
            Some(pages) => pages,
            None => {
                if !grow(&mut state.pages, npages) {
                    return None;
                }
                state.pages.alloc(npages)?
            }
        };
        let span = state.free_spans;
        if !span.is_null() {
            // SAFETY: a free span's `next` is the list's.
            state.free_spans = unsafe { (*span).next };
        }
        Some((pages, span))
    })?;
    let span = if span.is_null() { zeroed::<Span>() } else { span };
    let base = arena().base + pages.first * PAGE_BYTES;
    // SAFETY: the span and its pages are ours until they stand in the table.
    unsafe {
        Span::init(span, base, npages, class, pages.dirty);
        (*span).sweepgen.store(HEAP.sweepgen.load(Relaxed), Relaxed);
        let table = arena().spans.add(pages.first);
        for i in 0..npages {
            (*table.add(i)).store(span, Release);
        }
    }
    HEAP.spans_in_use.fetch_add(1, Relaxed);
    HEAP.pages_in_use.fetch_add(npages, Relaxed);
    Some(span)
}

/// With the world stopped.
pub fn for_each_span(mut f: impl FnMut(&Span)) {
    let end = with_state(|state| state.pages.grown()) * CHUNK_BYTES;
    let mut at = 0;
    while at < end {
        // SAFETY: a span in the table is valid.
        match unsafe { span_of(arena().base + at).as_ref() } {
            Some(span) => {
                f(span);
                at += span.npages * PAGE_BYTES;
            }
            None => at += PAGE_BYTES,
        }
    }
}

/// Gives a span's pages back.
///
/// SAFETY: no object of it is in use, and no list holds it.
pub unsafe fn free_span(span: *mut Span) {
    // SAFETY: see above.
    let (first, npages) = unsafe { (((*span).base - arena().base) / PAGE_BYTES, (*span).npages) };
    for i in 0..npages {
        // SAFETY: inside the table.
        unsafe { (*arena().spans.add(first + i)).store(null_mut(), Relaxed) };
    }
    HEAP.spans_in_use.fetch_sub(1, Relaxed);
    HEAP.pages_in_use.fetch_sub(npages, Relaxed);
    with_state(|state| {
        state.pages.free(first, npages);
        // SAFETY: nobody uses the span.
        unsafe { (*span).next = state.free_spans };
        state.free_spans = span;
    });
}

/// Returns free memory to the system until at most `keep_bytes` of it stay resident.
pub fn scavenge(keep_bytes: usize) -> usize {
    let base = arena().base;
    with_state(|state| {
        state.pages.scavenge(keep_bytes / PAGE_BYTES, |first, n| {
            port::release(base + first * PAGE_BYTES, n * PAGE_BYTES);
        })
    }) * PAGE_BYTES
}

/// Bytes of free pages, and of those the resident ones.
pub fn idle_bytes() -> (usize, usize) {
    with_state(|s| (s.pages.free_pages * PAGE_BYTES, s.pages.dirty_free_pages * PAGE_BYTES))
}
