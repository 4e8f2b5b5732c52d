//! Marking: from roots to objects, through the pointers that the heap's bits and types tell.

use super::work::{Grey, Stack};
use crate::mem::heap::{arena, span_of};
use crate::mem::heapbits::{ptrmask, read_bits};
use crate::mem::sizeclass::{CLASSES, HEADER_BYTES, PAGE_BYTES};
use crate::mem::span::{HEAP_BITS_BYTES, Layout, Span};
use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use goxide_abi::typ::Type;

const ADDR_BITS: u32 = 48;
/// In place of the size class: the object is looked up by its span.
const BY_SPAN: u64 = 0xff;
/// Large objects are scanned by pieces of about this size, so that several markers can share them.
const PIECE_BYTES: usize = 128 << 10;
/// Objects fetched ahead of scanning.
const AHEAD: usize = 16;

pub struct Marker {
    stack: Stack,
    /// Other threads mark at the same time.
    shared: bool,
    pub marked_bytes: usize,
    pub scanned_bytes: usize,
}

impl Marker {
    pub fn new(shared: bool) -> Marker {
        Marker { stack: Stack::new(), shared, marked_bytes: 0, scanned_bytes: 0 }
    }

    /// Scans a stretch of memory whose words may or may not be pointers.
    ///
    /// SAFETY: readable memory, `lo` word-aligned.
    pub unsafe fn scan_conservative(&mut self, lo: usize, hi: usize) {
        let mut at = lo;
        while at + 8 <= hi {
            // SAFETY: see above.
            self.may_be_pointer(unsafe { (at as *const usize).read_volatile() });
            at += 8;
        }
    }

    #[inline]
    pub fn may_be_pointer(&mut self, word: usize) {
        if word.wrapping_sub(arena().base) < arena().bytes {
            self.mark(word, true);
        }
    }

    /// Marks the object that an address lies in. A word that only may be a pointer keeps nothing alive
    /// by pointing at a free slot.
    #[inline(always)]
    fn mark(&mut self, addr: usize, conservative: bool) {
        let span = span_of(addr);
        if span.is_null() {
            return;
        }
        // SAFETY: a span in the table is valid; the world is stopped.
        let span: &Span = unsafe { &*span };
        let index = span.index_of(addr - span.base);
        if index >= span.nelems as usize || conservative && span.is_free(index) {
            return;
        }
        if !span.set_mark(index) {
            return;
        }
        self.marked_bytes += span.elem_size;
        let obj = (span.base + index * span.elem_size) as u64;
        match span.layout {
            Layout::Noscan => {}
            Layout::Bits => self.stack.push(Grey((span.class.size_class() as u64) << ADDR_BITS | obj)),
            Layout::Header | Layout::Large => self.stack.push(Grey(BY_SPAN << ADDR_BITS | obj)),
        }
    }

    /// Marks until no marker has work left.
    pub fn drain(&mut self) {
        // A ring of objects on their way into the cache.
        let mut ring = [Grey(0); AHEAD];
        let (mut first, mut len) = (0usize, 0usize);
        loop {
            while len < AHEAD {
                let Some(g) = self.stack.pop() else { break };
                fetch(g);
                ring[(first + len) % AHEAD] = g;
                len += 1;
            }
            if len == 0 {
                if self.stack.refill() {
                    continue;
                }
                return;
            }
            let g = ring[first];
            first = (first + 1) % AHEAD;
            len -= 1;
            self.scan(g);
            if self.shared {
                self.stack.share();
            }
        }
    }

    #[inline(always)]
    fn scan(&mut self, g: Grey) {
        let obj = (g.0 & ((1 << ADDR_BITS) - 1)) as usize;
        let class = g.0 >> ADDR_BITS;
        if class == BY_SPAN {
            return self.scan_by_span(obj);
        }
        let elem_size = CLASSES.bytes[class as usize] as usize;
        self.scanned_bytes += elem_size;
        // SAFETY: a marked object of that class.
        let bits = unsafe { read_bits(obj, elem_size) };
        // SAFETY: the bits stand for words of the object.
        unsafe { self.scan_words(obj, bits) };
    }

    /// SAFETY: the bits stand for words of memory from `at`, which hold pointers.
    #[inline(always)]
    unsafe fn scan_words(&mut self, at: usize, mut bits: u64) {
        while bits != 0 {
            // SAFETY: see above.
            let p = unsafe { *((at + bits.trailing_zeros() as usize * 8) as *const usize) };
            bits &= bits - 1;
            if p != 0 {
                self.mark(p, false);
            }
        }
    }

    #[inline(never)]
    fn scan_by_span(&mut self, at: usize) {
        // SAFETY: the span of a marked object; its type lives for ever.
        unsafe {
            let span = &*span_of(at);
            if span.layout == Layout::Header {
                self.scanned_bytes += span.elem_size;
                let t = *(at as *const *const Type);
                if !t.is_null() {
                    self.scan_values(&*t, at + HEADER_BYTES, at + span.elem_size);
                }
                return;
            }
            let t = &*span.large_type;
            let end = span.base + span.elem_size;
            let piece = at + PIECE_BYTES.next_multiple_of(t.size);
            if piece < end {
                self.stack.push(Grey(BY_SPAN << ADDR_BITS | piece as u64));
            }
            self.scanned_bytes += piece.min(end) - at;
            self.scan_values(t, at, piece.min(end));
        }
    }

    /// SAFETY: values of the type stand one after the other from `lo`, as many as have room.
    unsafe fn scan_values(&mut self, t: &Type, lo: usize, hi: usize) {
        // SAFETY: see above.
        unsafe {
            let mask = ptrmask(t);
            let words = t.ptr_bytes / 8;
            let mut value = lo;
            while value + t.size <= hi {
                let mut w = 0;
                while w < words {
                    let n = (words - w).min(64);
                    let mut bits = 0u64;
                    for i in 0..n.div_ceil(8) {
                        bits |= (*mask.add(w / 8 + i) as u64) << (8 * i);
                    }
                    self.scan_words(value + w * 8, bits);
                    w += 64;
                }
                value += t.size;
            }
        }
    }
}

#[inline(always)]
fn fetch(g: Grey) {
    let obj = (g.0 & ((1 << ADDR_BITS) - 1)) as usize;
    let page = obj & !(PAGE_BYTES - 1);
    let bits = page + PAGE_BYTES - HEAP_BITS_BYTES + (obj - page) / 64;
    // SAFETY: a prefetch does not fault.
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(obj as *const i8);
        _mm_prefetch::<_MM_HINT_T0>(bits as *const i8);
    }
}
