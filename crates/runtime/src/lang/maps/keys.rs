//! The kinds of keys that have their own code.

use super::super::hash::{bytes_equal, hash_bytes, hash32, hash64, type_equal, type_hash};
use super::layout::{KeyKind, MapLayout};
use super::table::Keys;
use crate::mem::mallocgc;
use core::ptr::copy_nonoverlapping;

/// A key of four bytes.
#[derive(Clone, Copy)]
pub struct Word32(pub u32);
/// A key of eight bytes.
#[derive(Clone, Copy)]
pub struct Word64(pub u64);
#[derive(Clone, Copy)]
pub struct Str(pub *const u8, pub usize);
/// Any key, by its address.
#[derive(Clone, Copy)]
pub struct General<'a>(pub *const u8, pub &'a MapLayout);

impl Keys for Word32 {
    #[inline(always)]
    fn hash(self, seed: u64) -> u64 {
        hash32(self.0, seed)
    }
    #[inline(always)]
    unsafe fn equals(self, _: &MapLayout, slot: *const u8) -> bool {
        // SAFETY: the slot begins with such a key.
        unsafe { *slot.cast::<u32>() == self.0 }
    }
    #[inline(always)]
    unsafe fn store(self, _: &MapLayout, slot: *mut u8) {
        // SAFETY: as above.
        unsafe { *slot.cast::<u32>() = self.0 };
    }
    #[inline(always)]
    unsafe fn update(self, _: &MapLayout, _: *mut u8) {}
    #[inline(always)]
    unsafe fn hash_slot(_: &MapLayout, slot: *const u8, seed: u64) -> u64 {
        // SAFETY: as above.
        unsafe { hash32(*slot.cast::<u32>(), seed) }
    }
}

impl Keys for Word64 {
    #[inline(always)]
    fn hash(self, seed: u64) -> u64 {
        hash64(self.0, seed)
    }
    #[inline(always)]
    unsafe fn equals(self, _: &MapLayout, slot: *const u8) -> bool {
        // SAFETY: the slot begins with such a key (aligned to four at least).
        unsafe { slot.cast::<u64>().read_unaligned() == self.0 }
    }
    #[inline(always)]
    unsafe fn store(self, _: &MapLayout, slot: *mut u8) {
        // SAFETY: as above.
        unsafe { slot.cast::<u64>().write_unaligned(self.0) };
    }
    #[inline(always)]
    unsafe fn update(self, _: &MapLayout, _: *mut u8) {}
    #[inline(always)]
    unsafe fn hash_slot(_: &MapLayout, slot: *const u8, seed: u64) -> u64 {
        // SAFETY: as above.
        unsafe { hash64(slot.cast::<u64>().read_unaligned(), seed) }
    }
}

impl Keys for Str {
    #[inline(always)]
    fn hash(self, seed: u64) -> u64 {
        // SAFETY: a Go string.
        unsafe { hash_bytes(self.0, self.1, seed) }
    }
    #[inline(always)]
    unsafe fn equals(self, _: &MapLayout, slot: *const u8) -> bool {
        // SAFETY: the slot begins with a string.
        unsafe {
            let (p, n) = (*slot.cast::<*const u8>(), *slot.cast::<usize>().add(1));
            n == self.1 && (p == self.0 || bytes_equal(p, self.0, n))
        }
    }
    #[inline(always)]
    unsafe fn store(self, _: &MapLayout, slot: *mut u8) {
        // SAFETY: as above.
        unsafe {
            *slot.cast::<*const u8>() = self.0;
            *slot.cast::<usize>().add(1) = self.1;
        }
    }
    #[inline(always)]
    unsafe fn update(self, _: &MapLayout, slot: *mut u8) {
        // SAFETY: as above. The older string's memory may go.
        unsafe { *slot.cast::<*const u8>() = self.0 };
    }
    #[inline(always)]
    unsafe fn hash_slot(_: &MapLayout, slot: *const u8, seed: u64) -> u64 {
        // SAFETY: as above.
        unsafe { hash_bytes(*slot.cast::<*const u8>(), *slot.cast::<usize>().add(1), seed) }
    }
}

/// Where the key of a slot stands.
///
/// SAFETY: a slot with a key.
#[inline(always)]
pub unsafe fn key_of(l: &MapLayout, slot: *mut u8) -> *mut u8 {
    // SAFETY: see above.
    if l.indirect_key { unsafe { *slot.cast::<*mut u8>() } } else { slot }
}

/// Where the element of a slot stands.
///
/// SAFETY: a slot with a key.
#[inline(always)]
pub unsafe fn elem_of(l: &MapLayout, slot: *mut u8) -> *mut u8 {
    // SAFETY: see above.
    unsafe {
        let p = slot.add(l.elem_off);
        if l.indirect_elem { *p.cast::<*mut u8>() } else { p }
    }
}

impl Keys for General<'_> {
    fn hash(self, seed: u64) -> u64 {
        // SAFETY: the key is of the layout's type.
        unsafe { hash_general(self.1, self.0, seed) }
    }
    unsafe fn equals(self, l: &MapLayout, slot: *const u8) -> bool {
        // SAFETY: as above; the slot has a key.
        unsafe {
            let other = key_of(l, slot as *mut u8);
            match l.key_kind {
                KeyKind::Str => Str(*self.0.cast(), *self.0.cast::<usize>().add(1)).equals(l, other),
                _ => type_equal(l.key(), self.0, other),
            }
        }
    }
    unsafe fn store(self, l: &MapLayout, slot: *mut u8) {
        // SAFETY: an empty slot, zeroed.
        unsafe {
            if l.indirect_elem {
                let elem = mallocgc(l.elem().size, l.elem, true);
                *slot.add(l.elem_off).cast::<*mut u8>() = elem;
            }
            let mut to = slot;
            if l.indirect_key {
                to = mallocgc(l.key().size, l.key, true);
                *slot.cast::<*mut u8>() = to;
            }
            copy_nonoverlapping(self.0, to, l.key().size);
        }
    }
    unsafe fn update(self, l: &MapLayout, slot: *mut u8) {
        if l.need_key_update {
            // SAFETY: as above.
            unsafe { copy_nonoverlapping(self.0, key_of(l, slot), l.key().size) };
        }
    }
    unsafe fn elem(l: &MapLayout, slot: *mut u8) -> *mut u8 {
        // SAFETY: as above.
        unsafe { elem_of(l, slot) }
    }
    unsafe fn hash_slot(l: &MapLayout, slot: *const u8, seed: u64) -> u64 {
        // SAFETY: as above.
        unsafe { hash_general(l, key_of(l, slot as *mut u8), seed) }
    }
}

/// SAFETY: a key of the layout's type at `key`.
unsafe fn hash_general(l: &MapLayout, key: *const u8, seed: u64) -> u64 {
    // SAFETY: see above. The kinds agree with what the fast entries hash.
    unsafe { type_hash(l.key(), key, seed) }
}
