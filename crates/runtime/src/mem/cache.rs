//! A P's own spans, from which it allocates without locks. Only the thread that holds the P (or the one
//! that stopped the world) touches its mcache.

use super::central::{cache_span, uncache_span};
use super::span::{Layout, NUM_SPAN_CLASSES, Span, SpanClass};
use core::ptr::null_mut;

/// The present 64 slots of a span. All that the fast path of an allocation needs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slots {
    /// Free slots; slot i stands at `word_base + i * elem_size`.
    pub free: u64,
    pub word_base: usize,
    pub elem_size: u32,
    /// Index of these slots' word in the span's bitmaps.
    word: u16,
    pub needzero: bool,
    pub span: *mut Span,
}

#[repr(C)]
pub struct Mcache {
    /// Every allocation takes the slow way (`GODEBUG=gcstress`).
    pub stress: bool,
    /// Present block of the tiny allocator and the first free byte in it; 0 for none.
    pub tiny: usize,
    pub tiny_offset: usize,
    pub slots: [Slots; NUM_SPAN_CLASSES],
    /// For statistics: slots taken over from spans, by class, those still free among them; objects that the
    /// tiny allocator put beside others; large objects.
    pub taken: [u64; NUM_SPAN_CLASSES],
    pub tiny_count: u64,
    pub large_bytes: u64,
    pub large_count: u64,
}

/// Zeroes free slots, by runs, shortly before they are used.
///
/// SAFETY: free slots of a span of the caller.
unsafe fn zero_slots(base: usize, elem_size: usize, mut free: u64) {
    while free != 0 {
        let first = free.trailing_zeros();
        let run = (free >> first).trailing_ones();
        // SAFETY: see above.
        unsafe {
            let at = base + first as usize * elem_size;
            core::ptr::write_bytes(at as *mut u8, 0, run as usize * elem_size);
        }
        free &= !(!0u64 >> (64 - run) << first);
    }
}

const NO_SLOTS: Slots =
    Slots { free: 0, word_base: 0, elem_size: 0, word: 0, needzero: false, span: null_mut() };

impl Mcache {
    pub const fn new() -> Mcache {
        Mcache {
            stress: false,
            tiny: 0,
            tiny_offset: 0,
            slots: [NO_SLOTS; NUM_SPAN_CLASSES],
            taken: [0; NUM_SPAN_CLASSES],
            tiny_count: 0,
            large_bytes: 0,
            large_count: 0,
        }
    }

    /// Takes the next word with a free slot of the span at hand, from `from`. The whole word counts as
    /// in use until the span is given back.
    fn advance(&mut self, class: SpanClass, from: usize) -> bool {
        let s = &mut self.slots[class.0 as usize];
        if s.span.is_null() {
            return false;
        }
        // SAFETY: a cached span is this P's.
        let span = unsafe { &mut *s.span };
        for w in from..span.words() {
            let free = !span.alloc[w];
            if free != 0 {
                span.alloc[w] = !0;
                self.taken[class.0 as usize] += free.count_ones() as u64;
                let word_base = span.base + w * 64 * span.elem_size;
                if span.needzero && span.layout == Layout::Bits {
                    // SAFETY: free slots of this P's span.
                    unsafe { zero_slots(word_base, span.elem_size, free) };
                }
                *s = Slots {
                    free,
                    word_base,
                    elem_size: span.elem_size as u32,
                    word: w as u16,
                    needzero: span.needzero,
                    span: s.span,
                };
                return true;
            }
        }
        false
    }

    /// Makes at least one slot of the class free. Gives the bytes of free memory taken over from the
    /// heap (0: went on in the same span). None: out of memory.
    #[cold]
    pub fn refill(&mut self, class: SpanClass) -> Option<usize> {
        let s = &mut self.slots[class.0 as usize];
        let next = s.word as usize + 1;
        if self.advance(class, next) {
            return Some(0);
        }
        self.give_back(class);
        let span = cache_span(class)?;
        self.slots[class.0 as usize].span = span;
        // SAFETY: the span is this P's now.
        let bytes = unsafe { (*span).free_slots() * (*span).elem_size };
        self.advance(class, 0);
        Some(bytes)
    }

    fn give_back(&mut self, class: SpanClass) {
        let s = &mut self.slots[class.0 as usize];
        if !s.span.is_null() {
            // SAFETY: a cached span is this P's, in no list.
            unsafe {
                (*s.span).alloc[s.word as usize] &= !s.free;
                self.taken[class.0 as usize] -= s.free.count_ones() as u64;
                uncache_span(s.span);
            }
        }
        *s = NO_SLOTS;
    }

    /// Gives all spans back. Returns the bytes of their free slots.
    #[doc(alias = "releaseAll")]
    pub fn flush(&mut self) -> usize {
        let mut free_bytes = 0;
        for c in 0..NUM_SPAN_CLASSES {
            let s = &self.slots[c];
            if !s.span.is_null() {
                // SAFETY: as above.
                let later = unsafe { (*s.span).free_slots() };
                free_bytes += (later + s.free.count_ones() as usize) * s.elem_size as usize;
            }
            self.give_back(SpanClass(c as u8));
        }
        self.tiny = 0;
        self.tiny_offset = 0;
        free_bytes
    }
}

impl Default for Mcache {
    fn default() -> Mcache {
        Mcache::new()
    }
}
