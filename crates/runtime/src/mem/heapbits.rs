//! Which words of an object hold pointers: written at allocation, read by the marker. Leaf code.

use super::persistent::{Lock, persistent_alloc};
use super::sizeclass::PAGE_BYTES;
use super::span::HEAP_BITS_BYTES;
use crate::lang::types::{as_array, as_struct, kind};
use core::sync::atomic::{AtomicPtr, Ordering::*};
use goxide_abi::typ::{Kind, TFLAG_GC_MASK_ON_DEMAND, Type};

/// One bit for each of the first `ptr_bytes / 8` words of a type that has pointers.
///
/// SAFETY: a type descriptor with `ptr_bytes > 0`.
#[inline]
pub unsafe fn ptrmask(t: &Type) -> *const u8 {
    if t.tflag & TFLAG_GC_MASK_ON_DEMAND == 0 { t.gcdata } else { on_demand_mask(t) }
}

static MASK_LOCK: Lock = Lock::new();

#[cold]
fn on_demand_mask(t: &Type) -> *const u8 {
    // SAFETY: with that flag `gcdata` is the address of a word of ours.
    let slot = unsafe { &*(t.gcdata as *const AtomicPtr<u8>) };
    let mask = slot.load(Acquire);
    if !mask.is_null() {
        return mask;
    }
    let _guard = MASK_LOCK.lock();
    if slot.load(Acquire).is_null() {
        let mask = persistent_alloc((t.ptr_bytes / 8).div_ceil(64) * 8, 8);
        // SAFETY: a bit for each word of the type's prefix.
        unsafe { add_type(mask, 0, t) };
        slot.store(mask, Release);
    }
    slot.load(Acquire)
}

/// Sets the bits of a type that stands at word `at`.
///
/// SAFETY: the mask is long enough, and the descriptor valid.
pub unsafe fn add_type(mask: *mut u8, at: usize, t: &Type) {
    if t.ptr_bytes == 0 {
        return;
    }
    // SAFETY: see above.
    unsafe {
        if t.tflag & TFLAG_GC_MASK_ON_DEMAND == 0 {
            for i in 0..t.ptr_bytes / 8 {
                if *t.gcdata.add(i / 8) >> (i % 8) & 1 != 0 {
                    *mask.add((at + i) / 8) |= 1 << ((at + i) % 8);
                }
            }
            return;
        }
        match kind(t) {
            Kind::Array => {
                let a = as_array(t);
                for i in 0..a.len {
                    add_type(mask, at + i * ((*a.elem).size / 8), &*a.elem);
                }
            }
            Kind::Struct => {
                for f in as_struct(t).fields() {
                    add_type(mask, at + f.offset / 8, &*f.typ);
                }
            }
            _ => crate::port::throw("pointer mask of an unexpected type"),
        }
    }
}

/// The first 64 words' bits.
///
/// SAFETY: as for [`ptrmask`].
unsafe fn low_bits(t: &Type) -> u64 {
    // SAFETY: the mask has a byte for every eight words, rounded up.
    unsafe {
        let words = t.ptr_bytes / 8;
        let mask = ptrmask(t);
        let mut bits = 0;
        for i in 0..words.min(64).div_ceil(8) {
            bits |= (*mask.add(i) as u64) << (8 * i);
        }
        bits
    }
}

/// Notes the pointers of an object of `elem_size` (at most 512) bytes at `obj`, which holds one or more
/// values of the type in its first `size` bytes.
///
/// SAFETY: the object lies in a span with bits at its end, which this thread allocates from.
#[inline(always)]
pub unsafe fn write_bits(obj: usize, elem_size: usize, size: usize, t: &Type) {
    // SAFETY: the bits of the object's words lie in one or two words at the span's end.
    unsafe {
        let bits = if size == t.size && t.ptr_bytes <= 64 && t.tflag & TFLAG_GC_MASK_ON_DEMAND == 0 {
            *t.gcdata as u64
        } else {
            bits_of(size, t)
        };
        let page = obj & !(PAGE_BYTES - 1);
        let at = (obj - page) / 8;
        let words = elem_size / 8;
        let own = !0u64 >> (64 - words);
        let p = ((page + PAGE_BYTES - HEAP_BITS_BYTES) as *mut u64).add(at / 64);
        let shift = at % 64;
        *p = *p & !(own << shift) | bits << shift;
        if shift + words > 64 {
            *p.add(1) = *p.add(1) & !(own >> (64 - shift)) | bits >> (64 - shift);
        }
    }
}

/// SAFETY: as for [`ptrmask`].
#[inline(never)]
unsafe fn bits_of(size: usize, t: &Type) -> u64 {
    // SAFETY: see above.
    let mut bits = unsafe { low_bits(t) };
    if size > t.size {
        // An array: the pattern repeats.
        let mut have = t.size / 8;
        while have < 64 && have * 8 < size {
            bits |= bits << have;
            have *= 2;
        }
        if size / 8 < 64 {
            bits &= (1 << (size / 8)) - 1;
        }
    }
    bits
}

/// The bits that [`write_bits`] wrote.
///
/// SAFETY: an allocated object of a span with bits at its end.
#[inline(always)]
pub unsafe fn read_bits(obj: usize, elem_size: usize) -> u64 {
    // SAFETY: see there.
    unsafe {
        let page = obj & !(PAGE_BYTES - 1);
        let at = (obj - page) / 8;
        let words = elem_size / 8;
        let p = ((page + PAGE_BYTES - HEAP_BITS_BYTES) as *const u64).add(at / 64);
        let shift = at % 64;
        let mut bits = *p >> shift;
        if shift + words > 64 {
            bits |= *p.add(1) << (64 - shift);
        }
        bits & (!0u64 >> (64 - words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn typ(words: usize, mask: &'static [u8]) -> Type {
        // SAFETY: plain data.
        let mut t = unsafe { core::mem::zeroed::<Type>() };
        t.size = words * 8;
        t.ptr_bytes = words * 8;
        t.gcdata = mask.as_ptr();
        t
    }

    #[test]
    fn bits_round_trip() {
        let memory = vec![0xa5u8; 3 * PAGE_BYTES].leak();
        let page = (memory.as_ptr() as usize).next_multiple_of(PAGE_BYTES);
        let three = typ(3, &[0b101]);
        for elem_size in [8usize, 16, 24, 48, 112, 288, 512] {
            let n = (PAGE_BYTES - HEAP_BITS_BYTES) / elem_size;
            // SAFETY: objects in the page.
            unsafe {
                for i in 0..n {
                    let size = (elem_size / 24).max(1) * 24;
                    if elem_size < 24 {
                        let one = typ(1, &[1]);
                        write_bits(page + i * elem_size, elem_size, 8, &one);
                    } else {
                        write_bits(page + i * elem_size, elem_size, size, &three);
                    }
                }
                for i in 0..n {
                    let bits = read_bits(page + i * elem_size, elem_size);
                    for w in 0..elem_size / 8 {
                        let want = match elem_size {
                            8 | 16 => w == 0,
                            _ => w % 3 != 1 && w < elem_size / 24 * 3,
                        };
                        assert_eq!(bits >> w & 1 != 0, want, "size {elem_size} object {i} word {w}");
                    }
                }
            }
        }
    }
}
