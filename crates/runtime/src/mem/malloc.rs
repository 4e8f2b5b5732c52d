//! Allocation of Go memory. Runs on g0 with a P; takes locks only on the slow path, where it may
//! collect: a caller that holds pointers to Go memory keeps them in its frame, which is scanned.

use super::cache::{Mcache, Slots};
use super::heap::{HEAP, alloc_span};
use super::heapbits::write_bits;
use super::sample;
use super::sizeclass::{
    CLASSES, HEADER_BYTES, MAX_BITS_IN_SPAN_BYTES, MAX_SMALL_BYTES, PAGE_BYTES, SMALL_MAX, TINY_BYTES,
    TINY_CLASS, class_of, grown_slice, small_class_of,
};
use super::span::SpanClass;
use crate::{gc, port};
use core::ptr::{copy_nonoverlapping, write_bytes};
use core::sync::atomic::Ordering::*;
use goxide_abi::layout::{BUFFER_BYTES, GROW_BUFFER_BYTES};
use goxide_abi::typ::Type;

/// More than an address has bits for.
pub const MAX_ALLOC: usize = 1 << 48;

/// Memory for values of a type (nil: no pointers), zeroed if the type has pointers or `needzero`.
///
/// SAFETY: `typ` is nil or a descriptor; `size` is a multiple of the type's size.
#[inline(always)]
pub unsafe fn mallocgc(size: usize, typ: *const Type, needzero: bool) -> *mut u8 {
    // SAFETY: see above; the P's mcache is ours. Whatever is not at hand is left to `malloc_slow`, so that
    // this path has no frame.
    unsafe {
        let mc = port::mcache();
        if typ.is_null() || (*typ).ptr_bytes == 0 {
            if size.wrapping_sub(TINY_BYTES) <= SMALL_MAX - TINY_BYTES {
                let s = &mut *(&raw mut (*mc).slots)
                    .cast::<Slots>()
                    .add(SpanClass::new(small_class_of(size), true).0 as usize);
                if s.free != 0 && !(needzero && s.needzero) {
                    return take(s);
                }
            }
        } else if size <= MAX_BITS_IN_SPAN_BYTES {
            let s = &mut *(&raw mut (*mc).slots)
                .cast::<Slots>()
                .add(SpanClass::new(small_class_of(size), false).0 as usize);
            if s.free != 0 {
                let obj = take(s);
                write_bits(obj as usize, s.elem_size as usize, size, &*typ);
                return obj;
            }
        }
        malloc_slow(size, typ, needzero)
    }
}

/// The first free slot.
///
/// SAFETY: there is one.
#[inline(always)]
unsafe fn take(s: &mut Slots) -> *mut u8 {
    let free = s.free;
    s.free = free & (free - 1);
    (s.word_base + free.trailing_zeros() as usize * s.elem_size as usize) as *mut u8
}

/// A free slot: its address, size and whether it needs zeroing.
///
/// SAFETY: the P's own mcache.
unsafe fn next_free(mc: *mut Mcache, class: SpanClass) -> (*mut u8, usize, bool) {
    // SAFETY: see above.
    unsafe {
        if (*mc).slots[class.0 as usize].free == 0 {
            refill(mc, class);
        }
        let s = &mut (*mc).slots[class.0 as usize];
        let obj = take(s);
        if (*mc).is_sample_due {
            (*mc).is_sample_due = false;
            sample::add(s.span, obj as usize);
        }
        (obj, s.elem_size as usize, s.needzero)
    }
}

/// SAFETY: as for [`next_free`].
#[cold]
#[inline(never)]
unsafe fn refill(mc: *mut Mcache, class: SpanClass) {
    // SAFETY: see there; no reference into the mcache lives across the collection, which empties it.
    unsafe {
        let Some(bytes) = (*mc).refill(class) else {
            out_of_memory(CLASSES.bytes[class.size_class()] as usize)
        };
        if bytes > 0 && gc::allocated(bytes) {
            gc::collect_for_allocation();
            // A collection took the slots away again.
            if (*mc).slots[class.0 as usize].free == 0 && (*mc).refill(class).is_none() {
                out_of_memory(CLASSES.bytes[class.size_class()] as usize)
            }
        }
    }
}

/// Tiny, headed and large objects, and whatever finds no free slot. Stands for Go's mallocgc in stacks of the
/// heap profile.
///
/// SAFETY: as for [`mallocgc`].
#[inline(never)]
pub unsafe fn malloc_slow(size: usize, typ: *const Type, needzero: bool) -> *mut u8 {
    // SAFETY: see there.
    unsafe {
        let mc = port::mcache();
        if !(*mc).stress {
            return malloc_any(mc, size, typ, needzero);
        }
        gc::stress_allocation();
        let obj = malloc_any(mc, size, typ, needzero);
        // Nothing at hand: the next allocation comes here too.
        (*mc).flush();
        obj
    }
}

/// SAFETY: as for [`mallocgc`].
unsafe fn malloc_any(mc: *mut Mcache, size: usize, typ: *const Type, needzero: bool) -> *mut u8 {
    // SAFETY: see there.
    unsafe {
        if size == 0 {
            return port::zero_base();
        }
        let noscan = typ.is_null() || (*typ).ptr_bytes == 0;
        if noscan {
            if size < TINY_BYTES {
                return malloc_tiny(mc, size);
            }
            if size > MAX_SMALL_BYTES {
                return malloc_large(mc, size, typ, needzero);
            }
            let (obj, elem_size, dirty) = next_free(mc, SpanClass::new(class_of(size), true));
            if needzero && dirty {
                write_bytes(obj, 0, elem_size);
            }
            return obj;
        }
        if size <= MAX_BITS_IN_SPAN_BYTES {
            // The slots of such spans are zeroed in advance.
            let (obj, elem_size, _) = next_free(mc, SpanClass::new(class_of(size), false));
            write_bits(obj as usize, elem_size, size, &*typ);
            return obj;
        }
        if size > MAX_SMALL_BYTES - HEADER_BYTES {
            return malloc_large(mc, size, typ, true);
        }
        let class = SpanClass::new(class_of(size + HEADER_BYTES), false);
        let (slot, elem_size, dirty) = next_free(mc, class);
        if dirty {
            write_bytes(slot, 0, elem_size);
        }
        slot.cast::<*const Type>().write(typ);
        slot.add(HEADER_BYTES)
    }
}

/// Small objects without pointers share a block of 16 bytes; it lives as long as any of them.
///
/// SAFETY: the P's own mcache; 0 < size < 16.
unsafe fn malloc_tiny(mc: *mut Mcache, size: usize) -> *mut u8 {
    let align = 1 << size.trailing_zeros().min(3);
    // SAFETY: see above; a new block of 16 bytes is ours.
    unsafe {
        let offset = (*mc).tiny_offset.next_multiple_of(align);
        if (*mc).tiny != 0 && offset + size <= TINY_BYTES {
            (*mc).tiny_offset = offset + size;
            (*mc).tiny_count += 1;
            return ((*mc).tiny + offset) as *mut u8;
        }
        let (block, _, _) = next_free(mc, SpanClass::new(TINY_CLASS, true));
        write_bytes(block, 0, TINY_BYTES);
        if size < (*mc).tiny_offset || (*mc).tiny == 0 {
            // The block with more room stays the present one.
            (*mc).tiny = block as usize;
            (*mc).tiny_offset = size;
        }
        block
    }
}

/// SAFETY: as for [`mallocgc`].
#[cold]
unsafe fn malloc_large(mc: *mut Mcache, size: usize, typ: *const Type, needzero: bool) -> *mut u8 {
    let Some(rounded) = size.checked_add(PAGE_BYTES - 1).filter(|_| size <= MAX_ALLOC) else {
        out_of_memory(size)
    };
    let npages = rounded / PAGE_BYTES;
    if gc::allocated(npages * PAGE_BYTES) {
        gc::collect_for_allocation();
    }
    // SAFETY: a new span is ours.
    unsafe {
        let noscan = typ.is_null() || (*typ).ptr_bytes == 0;
        let Some(span) = alloc_span(npages, SpanClass::new(0, noscan)) else { out_of_memory(size) };
        (*span).alloc[0] = !0;
        (*span).large_type = if noscan { core::ptr::null() } else { typ };
        let obj = (*span).base as *mut u8;
        if needzero && (*span).needzero {
            write_bytes(obj, 0, npages * PAGE_BYTES);
        }
        (*mc).large_bytes += (npages * PAGE_BYTES) as u64;
        (*mc).large_count += 1;
        if (*mc).samples_large(npages * PAGE_BYTES) {
            sample::add(span, obj as usize);
        }
        super::central::uncache_span(span);
        obj
    }
}

#[cold]
fn out_of_memory(size: usize) -> ! {
    let in_use = HEAP.pages_in_use.load(Relaxed) * PAGE_BYTES;
    port::print_error(format_args!(
        "runtime: out of memory: cannot allocate {size}-byte block ({in_use} in use)\n"
    ));
    port::throw("out of memory")
}

#[unsafe(no_mangle)]
extern "C" fn rt_newobject(typ: *const Type) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor.
    unsafe { mallocgc((*typ).size, typ, true) }
}

#[unsafe(no_mangle)]
extern "C" fn rt_makeslice(elem: *const Type, len: i64, cap: i64) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor.
    unsafe {
        let size = (*elem).size;
        match (cap as usize).checked_mul(size) {
            Some(bytes) if bytes <= MAX_ALLOC && len >= 0 && len <= cap => mallocgc(bytes, elem, true),
            _ => {
                // `make([]T, n)` with a huge n is told of its length.
                let len_fits = (len as usize).checked_mul(size).is_some_and(|b| b <= MAX_ALLOC) && len >= 0;
                port::panic_error(if len_fits {
                    "makeslice: cap out of range"
                } else {
                    "makeslice: len out of range"
                })
            }
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_makeslicebuf(elem: *const Type, len: i64, cap: i64, buffer: *mut u8) -> *mut u8 {
    // SAFETY: compiled code passes a descriptor and a buffer in its frame.
    unsafe {
        let bytes = (cap as usize).checked_mul((*elem).size);
        if 0 <= len && len <= cap && bytes.is_some_and(|n| n <= BUFFER_BYTES) {
            write_bytes(buffer, 0, BUFFER_BYTES);
            return buffer;
        }
    }
    rt_makeslice(elem, len, cap)
}

/// What an append has in its frame for a slice that it begins.
#[repr(C)]
struct GrowBuffer {
    elem: *const Type,
    is_used: u64,
    room: [u8; BUFFER_BYTES],
}

const _: () = assert!(size_of::<GrowBuffer>() == GROW_BUFFER_BYTES);

/// As gc's `append` of what does not escape: the buffer serves once, for a slice that was empty.
#[unsafe(no_mangle)]
extern "C" fn rt_growslicebuf(
    old: *const u8,
    new_len: i64,
    old_cap: i64,
    added: i64,
    buffer: *mut GrowBuffer,
) -> port::Pair<*mut u8, i64> {
    // SAFETY: compiled code passes a slice and a buffer in its frame with its element's descriptor.
    unsafe {
        let size = (*(*buffer).elem).size;
        let most = (BUFFER_BYTES / size.max(1)) as i64;
        if (*buffer).is_used == 0 && new_len == added && 0 < new_len && new_len <= most {
            (*buffer).is_used = 1;
            (*buffer).room = [0; BUFFER_BYTES];
            return port::Pair((&raw mut (*buffer).room).cast(), most);
        }
        rt_growslice(old, new_len, old_cap, added, (*buffer).elem)
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_growslicelisted(
    old: *const u8,
    new_len: i64,
    old_cap: i64,
    added: i64,
    elem: *const Type,
) -> port::Pair<*mut u8, i64> {
    rt_growslice(old, new_len, old_cap, added, elem)
}

#[unsafe(no_mangle)]
extern "C" fn rt_growslice(
    old: *const u8,
    new_len: i64,
    old_cap: i64,
    added: i64,
    elem: *const Type,
) -> port::Pair<*mut u8, i64> {
    // SAFETY: compiled code passes a slice and its element's descriptor.
    unsafe {
        let t = &*elem;
        if new_len < 0 {
            port::panic_error("growslice: len out of range");
        }
        if t.size == 0 {
            return port::Pair(port::zero_base(), new_len);
        }
        let noscan = t.ptr_bytes == 0;
        let Some((cap, bytes)) = grown_slice(new_len as isize, old_cap as isize, t.size, noscan, MAX_ALLOC)
        else {
            port::panic_error("growslice: len out of range")
        };
        let old_bytes = (new_len - added) as usize * t.size;
        let p = if noscan {
            let p = mallocgc(bytes, core::ptr::null(), false);
            let new_bytes = new_len as usize * t.size;
            write_bytes(p.add(new_bytes), 0, bytes - new_bytes);
            p
        } else {
            mallocgc(bytes, elem, true)
        };
        copy_nonoverlapping(old, p, old_bytes);
        port::Pair(p, cap as i64)
    }
}

/// Zeroed memory for `n` values of a type.
///
/// SAFETY: a type descriptor; the product does not overflow.
#[doc(alias = "newarray")]
pub unsafe fn new_array(typ: *const Type, n: usize) -> *mut u8 {
    // SAFETY: see above.
    unsafe { mallocgc((*typ).size * n, typ, true) }
}
