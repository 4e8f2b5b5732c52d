//! A P's own spans, from which it allocates without locks. Only the thread that holds the P (or the one
//! that stopped the world) touches its mcache.

use super::central::{cache_span, uncache_span};
use super::sample;
use super::span::{Layout, NUM_SPAN_CLASSES, Span, SpanClass};
use crate::port;
use core::ptr::null_mut;

/// The present 64 slots of a span. All that the fast path of an allocation needs.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slots {
    /// Free slots; slot i stands at `word_base + i * elem_size`.
    pub free: u64,
    /// Free slots above those in `free`, kept from the fast path: the lowest is to be sampled.
    pub later: u64,
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
    /// Bytes to go before the next sample of the heap profile, and the rate that they were drawn by.
    sample_in: usize,
    sample_rate: usize,
    /// The next slot taken is to be sampled.
    pub is_sample_due: bool,
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
    Slots { free: 0, later: 0, word_base: 0, elem_size: 0, word: 0, needzero: false, span: null_mut() };

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
            sample_in: 0,
            sample_rate: 0,
            is_sample_due: false,
        }
    }

    fn draw_sample(&mut self) {
        self.sample_in = sample::distance(self.sample_rate, port::rand64);
    }

    /// Notes the rate that the program wants.
    fn follow_rate(&mut self) {
        let rate = port::mem_profile_rate();
        if rate != self.sample_rate {
            self.sample_rate = rate;
            self.draw_sample();
        }
    }

    /// Free slots before the one to be sampled, and the others. Samples are a Poisson process over the bytes
    /// of each class, so that they may be drawn for slots in advance, and forgotten with them.
    fn split(&mut self, free: u64, elem_size: usize) -> (u64, u64) {
        let bytes = free.count_ones() as usize * elem_size;
        if self.sample_rate == 0 || bytes <= self.sample_in {
            self.sample_in -= bytes.min(self.sample_in);
            return (free, 0);
        }
        let mut later = free;
        for _ in 0..self.sample_in / elem_size {
            later &= later - 1;
        }
        self.draw_sample();
        (free & !later, later)
    }

    /// Whether a large object is to be sampled.
    pub fn samples_large(&mut self, bytes: usize) -> bool {
        self.follow_rate();
        if self.sample_rate == 0 || bytes <= self.sample_in {
            self.sample_in -= bytes.min(self.sample_in);
            return false;
        }
        self.draw_sample();
        true
    }

    /// The program has set the rate. By the owner, or with the world stopped.
    pub fn resample(&mut self) {
        self.follow_rate();
        for c in 0..NUM_SPAN_CLASSES {
            let s = self.slots[c];
            let (free, later) = self.split(s.free | s.later, s.elem_size as usize);
            (self.slots[c].free, self.slots[c].later) = (free, later);
        }
    }

    /// The lowest of `later` is the next to be taken.
    fn take_up_later(&mut self, class: SpanClass) {
        let s = self.slots[class.0 as usize];
        let first = s.later & s.later.wrapping_neg();
        let (free, later) = self.split(s.later & !first, s.elem_size as usize);
        let s = &mut self.slots[class.0 as usize];
        (s.free, s.later) = (first | free, later);
        self.is_sample_due = true;
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
                let (free, later) = self.split(free, span.elem_size);
                self.slots[class.0 as usize] = Slots {
                    free,
                    later,
                    word_base,
                    elem_size: span.elem_size as u32,
                    word: w as u16,
                    needzero: span.needzero,
                    span,
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
        self.follow_rate();
        let s = &self.slots[class.0 as usize];
        let next = s.word as usize + 1;
        let mut bytes = 0;
        if s.later == 0 && !self.advance(class, next) {
            self.give_back(class);
            let span = cache_span(class)?;
            self.slots[class.0 as usize].span = span;
            // SAFETY: the span is this P's now.
            bytes = unsafe { (*span).free_slots() * (*span).elem_size };
            self.advance(class, 0);
        }
        if self.slots[class.0 as usize].free == 0 {
            self.take_up_later(class);
        }
        Some(bytes)
    }

    fn give_back(&mut self, class: SpanClass) {
        let s = &mut self.slots[class.0 as usize];
        if !s.span.is_null() {
            // SAFETY: a cached span is this P's, in no list.
            unsafe {
                let free = s.free | s.later;
                (*s.span).alloc[s.word as usize] &= !free;
                self.taken[class.0 as usize] -= free.count_ones() as u64;
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
                free_bytes += (later + (s.free | s.later).count_ones() as usize) * s.elem_size as usize;
            }
            self.give_back(SpanClass(c as u8));
        }
        self.tiny = 0;
        self.tiny_offset = 0;
        self.is_sample_due = false;
        free_bytes
    }
}

impl Default for Mcache {
    fn default() -> Mcache {
        Mcache::new()
    }
}
