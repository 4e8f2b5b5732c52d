//! Spans of each class that no P holds, and sweeping them when they are wanted. Runs on g0; takes the
//! class's lock for the lists only.

use super::heap::{HEAP, alloc_span, free_span};
use super::persistent::{Guard, Lock};
use super::sizeclass::CLASSES;
use super::span::{NUM_SPAN_CLASSES, Span, SpanClass, take_marks};
use crate::gc;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::Ordering::*;

/// Lists by (sweepgen / 2) % 2: the one of the present cycle holds swept spans, the other those to be
/// swept; they change places when a cycle ends.
struct Lists {
    partial: [*mut Span; 2],
    full: [*mut Span; 2],
}

#[repr(align(64))]
pub struct Central {
    lock: Lock,
    lists: UnsafeCell<Lists>,
}

// SAFETY: the lists are guarded by the lock.
unsafe impl Sync for Central {}

static CENTRAL: [Central; NUM_SPAN_CLASSES] = [const {
    Central {
        lock: Lock::new(),
        lists: UnsafeCell::new(Lists { partial: [null_mut(); 2], full: [null_mut(); 2] }),
    }
}; NUM_SPAN_CLASSES];

struct Held<'a> {
    lists: &'a mut Lists,
    _guard: Guard<'a>,
}

fn held(class: SpanClass) -> Held<'static> {
    let c = &CENTRAL[class.0 as usize];
    let guard = c.lock.lock();
    // SAFETY: under the lock, which the guard keeps.
    Held { lists: unsafe { &mut *c.lists.get() }, _guard: guard }
}

fn side(sweepgen: u32) -> usize {
    (sweepgen / 2 % 2) as usize
}

/// SAFETY: the list's spans are valid, and the lock is held.
unsafe fn pop(list: &mut *mut Span) -> *mut Span {
    let span = *list;
    if !span.is_null() {
        // SAFETY: see above.
        *list = unsafe { (*span).next };
    }
    span
}

/// SAFETY: no list holds the span.
unsafe fn push(list: &mut *mut Span, span: *mut Span) {
    // SAFETY: see above.
    unsafe { (*span).next = *list };
    *list = span;
}

/// How many full spans an allocation sweeps in vain before it takes fresh pages.
const SWEEP_BUDGET: usize = 100;

/// A swept span of the class with a free slot. None: out of memory.
#[doc(alias = "cacheSpan")]
pub fn cache_span(class: SpanClass) -> Option<*mut Span> {
    let gen_now = HEAP.sweepgen.load(Acquire);
    let (new, old) = (side(gen_now), 1 - side(gen_now));
    // SAFETY: lists hold valid spans, each in one list; a popped span is ours.
    unsafe {
        let span = pop(&mut held(class).lists.partial[new]);
        if !span.is_null() {
            return Some(span);
        }
        for _ in 0..SWEEP_BUDGET {
            let span = {
                let h = held(class);
                let s = pop(&mut h.lists.partial[old]);
                if s.is_null() { pop(&mut h.lists.full[old]) } else { s }
            };
            if span.is_null() {
                break;
            }
            sweep(span, gen_now);
            if (*span).free_slots() > 0 {
                return Some(span);
            }
            push(&mut held(class).lists.full[new], span);
        }
    }
    alloc_span(CLASSES.pages[class.size_class()] as usize, class)
}

/// Takes a span back from an mcache (or a new large one): swept, in no list.
///
/// SAFETY: as said.
#[doc(alias = "uncacheSpan")]
pub unsafe fn uncache_span(span: *mut Span) {
    let new = side(HEAP.sweepgen.load(Relaxed));
    // SAFETY: the span is the caller's.
    unsafe {
        let h = held((*span).class);
        let list = if (*span).free_slots() > 0 { &mut h.lists.partial[new] } else { &mut h.lists.full[new] };
        push(list, span);
    }
}

/// Frees what the last cycle did not mark.
///
/// SAFETY: the caller took the span from an unswept list.
unsafe fn sweep(span: *mut Span, gen_now: u32) -> usize {
    // SAFETY: see above.
    unsafe {
        if gc::poisons() {
            poison_unmarked(span);
        }
        // All bits of a large object's word are set, of which it is one.
        let before = if (*span).class.is_large() { 1 } else { (*span).words() * 64 - (*span).free_slots() };
        if !(*span).samples.is_null() {
            super::sample::sweep(span);
        }
        let live = take_marks(span);
        super::stats::freed((*span).class, before - live, (*span).elem_size);
        if live != before {
            (*span).needzero = true;
        }
        (*span).sweepgen.store(gen_now, Release);
        live
    }
}

/// Sweeps one span of a class. False: none is left.
#[doc(alias = "sweepone")]
pub fn sweep_one(class: SpanClass) -> bool {
    let gen_now = HEAP.sweepgen.load(Acquire);
    let (new, old) = (side(gen_now), 1 - side(gen_now));
    // SAFETY: as in `cache_span`.
    unsafe {
        let span = {
            let h = held(class);
            let s = pop(&mut h.lists.full[old]);
            if s.is_null() { pop(&mut h.lists.partial[old]) } else { s }
        };
        if span.is_null() {
            return false;
        }
        if sweep(span, gen_now) == 0 {
            free_span(span);
            return true;
        }
        let h = held(class);
        let list = if (*span).free_slots() > 0 { &mut h.lists.partial[new] } else { &mut h.lists.full[new] };
        push(list, span);
        true
    }
}

/// Fills dead objects with a pattern that is no address, so that use after free shows.
///
/// SAFETY: as for `sweep`.
unsafe fn poison_unmarked(span: *mut Span) {
    const POISON: u8 = 0xdb;
    // SAFETY: unmarked objects are nobody's.
    unsafe {
        for i in 0..(*span).nelems as usize {
            if !(*span).is_free(i) && !(*span).is_marked(i) {
                let at = (*span).base + i * (*span).elem_size;
                core::ptr::write_bytes(at as *mut u8, POISON, (*span).elem_size);
            }
        }
    }
}
