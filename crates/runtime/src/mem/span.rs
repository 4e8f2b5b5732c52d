//! A span: pages that hold objects of one size, or one large object.

use super::sample::Sample;
use super::sizeclass::{CLASSES, MAX_BITS_IN_SPAN_BYTES, MAX_OBJECTS_PER_SPAN, PAGE_BYTES};
use core::arch::x86_64::{
    __m128i, _mm_loadu_si128, _mm_movemask_epi8, _mm_setzero_si128, _mm_slli_epi16, _mm_storeu_si128,
};
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::*};
use goxide_abi::typ::Type;

pub const ALLOC_WORDS: usize = MAX_OBJECTS_PER_SPAN / 64;
/// Bytes at the end of a span of small objects with pointers: a bit a word, set for a pointer.
pub const HEAP_BITS_BYTES: usize = PAGE_BYTES / 8 / 8;

/// A size class and whether its objects are free of pointers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct SpanClass(pub u8);

pub const NUM_SPAN_CLASSES: usize = super::sizeclass::NUM_CLASSES * 2;

impl SpanClass {
    #[inline(always)]
    pub fn new(class: u8, noscan: bool) -> SpanClass {
        SpanClass(class << 1 | noscan as u8)
    }

    pub fn size_class(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline(always)]
    pub fn noscan(self) -> bool {
        self.0 & 1 != 0
    }

    pub fn is_large(self) -> bool {
        self.0 < 2
    }
}

/// Where the pointers of a span's objects are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Layout {
    Noscan,
    /// In bits at the span's end.
    Bits,
    /// By the type that each object's first word points to.
    Header,
    /// By `Span::large_type`.
    Large,
}

#[repr(C, align(64))]
pub struct Span {
    pub base: usize,
    pub elem_size: usize,
    pub div_magic: u32,
    pub nelems: u32,
    pub npages: usize,
    pub large_type: *const Type,
    pub class: SpanClass,
    pub layout: Layout,
    /// Free slots may hold something other than zeroes.
    pub needzero: bool,
    /// Equal to the heap's: swept; less by 2: to be swept; by 1: being swept.
    pub sweepgen: AtomicU32,
    /// Next in the list that holds the span.
    pub next: *mut Span,
    /// Those of its objects that the heap profile knows. Of whoever has the span.
    pub samples: *mut Sample,
    /// 1 for an object that is marked: a byte each, so that markers need no locked instruction; two may then
    /// mark one object at the same time, and both scan it.
    mark: [AtomicU8; MAX_OBJECTS_PER_SPAN],
    /// Objects in use; an mcache that holds the span has whole words set (see `Mcache`).
    pub alloc: [u64; ALLOC_WORDS],
}

impl Span {
    /// SAFETY: `this` is memory of a span that nobody uses.
    pub unsafe fn init(this: *mut Span, base: usize, npages: usize, class: SpanClass, needzero: bool) {
        let bytes = npages * PAGE_BYTES;
        let (elem_size, div_magic) = if class.is_large() {
            (bytes, 0)
        } else {
            let c = class.size_class();
            (CLASSES.bytes[c] as usize, CLASSES.div_magic[c])
        };
        let layout = if class.noscan() {
            Layout::Noscan
        } else if class.is_large() {
            Layout::Large
        } else if elem_size <= MAX_BITS_IN_SPAN_BYTES {
            Layout::Bits
        } else {
            Layout::Header
        };
        let usable = if layout == Layout::Bits { bytes - HEAP_BITS_BYTES } else { bytes };
        let nelems = (usable / elem_size) as u32;
        // SAFETY: the caller gives it to us.
        unsafe {
            (*this).base = base;
            (*this).elem_size = elem_size;
            (*this).div_magic = div_magic;
            (*this).nelems = nelems;
            (*this).npages = npages;
            (*this).large_type = core::ptr::null();
            (*this).class = class;
            (*this).layout = layout;
            (*this).needzero = needzero;
            (*this).next = core::ptr::null_mut();
            (*this).samples = core::ptr::null_mut();
            (&raw mut (*this).mark).cast::<u8>().write_bytes(0, nelems.next_multiple_of(64) as usize);
            for w in 0..ALLOC_WORDS {
                // Slots behind the last are never free.
                (*this).alloc[w] = !word_mask(nelems, w);
            }
        }
    }

    #[inline(always)]
    pub fn index_of(&self, offset: usize) -> usize {
        // For a large span the magic is 0, and so is the index.
        ((offset as u64 * self.div_magic as u64) >> 32) as usize
    }

    pub fn words(&self) -> usize {
        (self.nelems as usize).div_ceil(64)
    }

    pub fn is_free(&self, index: usize) -> bool {
        self.alloc[index / 64] >> (index % 64) & 1 == 0
    }

    #[inline(always)]
    pub fn is_marked(&self, index: usize) -> bool {
        self.mark[index].load(Relaxed) != 0
    }

    /// Marks an object; whether it was not marked before, as far as this thread sees.
    #[inline(always)]
    pub fn set_mark(&self, index: usize) -> bool {
        let mark = &self.mark[index];
        let is_new = mark.load(Relaxed) == 0;
        if is_new {
            mark.store(1, Relaxed);
        }
        is_new
    }

    pub fn free_slots(&self) -> usize {
        let used: u32 = self.alloc[..self.words()].iter().map(|w| w.count_ones()).sum();
        self.words() * 64 - used as usize
    }
}

/// Bits of word `w` of a bitmap that stand for objects of a span with `nelems`.
fn word_mask(nelems: u32, w: usize) -> u64 {
    let first = w as u32 * 64;
    match nelems.saturating_sub(first) {
        0 => 0,
        n if n >= 64 => !0,
        n => (1 << n) - 1,
    }
}

/// The marks of 64 objects as bits; clears them.
///
/// SAFETY: 64 marks that nobody else touches.
#[inline]
unsafe fn gather(marks: *mut u8) -> u64 {
    let mut bits = 0;
    for quarter in 0..4 {
        // SAFETY: see above; SSE2 is part of x86-64.
        unsafe {
            let at = marks.add(16 * quarter).cast::<__m128i>();
            // The lowest bit of each byte becomes its highest, which is gathered.
            let high = _mm_slli_epi16::<7>(_mm_loadu_si128(at));
            bits |= (_mm_movemask_epi8(high) as u64) << (16 * quarter);
            _mm_storeu_si128(at, _mm_setzero_si128());
        }
    }
    bits
}

/// The words of a span that hold an object: clears in `alloc` what is not marked, and renews the mark
/// bits. Returns how many objects live.
///
/// SAFETY: only the sweeper that claimed the span calls this.
pub unsafe fn take_marks(span: *mut Span) -> usize {
    let mut live = 0;
    // SAFETY: see above.
    unsafe {
        let nelems = (*span).nelems;
        for w in 0..(*span).words() {
            let marks = gather((&raw mut (*span).mark).cast::<u8>().add(64 * w));
            live += marks.count_ones() as usize;
            (*span).alloc[w] = marks | !word_mask(nelems, w);
        }
    }
    live
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots() {
        let mut span = unsafe { core::mem::zeroed::<Span>() };
        unsafe { Span::init(&mut span, 0x10000, 1, SpanClass::new(2, false), false) };
        assert_eq!((span.nelems, span.layout), ((8192 - 128) / 16, Layout::Bits));
        assert_eq!(span.free_slots(), 504);
        assert!(span.set_mark(503) && !span.set_mark(503) && span.set_mark(9));
        assert_eq!(unsafe { take_marks(&mut span) }, 2);
        assert_eq!(span.free_slots(), 502);
        assert!(!span.is_free(503) && !span.is_free(9) && span.is_free(0) && !span.is_marked(503));
        assert_eq!(span.index_of(16 * 77 + 5), 77);
        unsafe { Span::init(&mut span, 0x10000, 5, SpanClass::new(0, true), false) };
        assert_eq!((span.nelems, span.elem_size, span.index_of(40000)), (1, 40960, 0));
    }
}
