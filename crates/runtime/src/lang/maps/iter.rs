//! Iteration. An iterator walks the groups that the map had when it began, from a random entry. Where
//! the map has grown since, those groups tell which keys to visit, and the map what they hold now.

use super::super::hash::type_equal;
use super::super::types::MapType;
use super::keys::{elem_of, key_of};
use super::layout::SLOTS;
use super::table::{Map, full_slot, group_is_empty};
use super::{fatal, get};
use crate::port;
use core::ptr::null_mut;
use goxide_abi::layout::{MAP_ITER_BYTES, MAP_ITER_ELEM, MAP_ITER_KEY};

/// In the goroutine's frame, which is scanned word by word.
#[repr(C)]
pub struct Iter {
    key: *mut u8,
    elem: *mut u8,
    map: *mut Map,
    groups: *mut u8,
    mask: usize,
    /// Added to each entry's number.
    offset: usize,
    /// Entries visited.
    next: usize,
    clear_seq: u32,
}

const _: () = {
    assert!(size_of::<Iter>() <= MAP_ITER_BYTES);
    assert!(core::mem::offset_of!(Iter, key) == MAP_ITER_KEY as usize);
    assert!(core::mem::offset_of!(Iter, elem) == MAP_ITER_ELEM as usize);
};

/// SAFETY: compiled code passes its type's map or nil, and zeroed memory for the iterator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_mapiterstart(_: *const MapType, m: *mut Map, it: *mut Iter) {
    // SAFETY: see above.
    unsafe {
        if m.is_null() || (*m).used == 0 {
            return;
        }
        it.write(Iter {
            key: null_mut(),
            elem: null_mut(),
            map: m,
            groups: (*m).groups,
            mask: (*m).mask,
            offset: port::rand64() as usize,
            next: 0,
            clear_seq: (*m).clear_seq,
        });
        rt_mapiternext(it);
    }
}

/// SAFETY: an iterator that `rt_mapiterstart` has seen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_mapiternext(it: *mut Iter) {
    // SAFETY: see above.
    unsafe {
        let it = &mut *it;
        it.key = null_mut();
        it.elem = null_mut();
        if it.map.is_null() {
            return;
        }
        let m = it.map;
        if (*m).writing != 0 {
            fatal("concurrent map iteration and map write");
        }
        let l = (*m).layout();
        let entries = (it.mask + 1) * SLOTS;
        while it.next < entries {
            let entry = it.next.wrapping_add(it.offset) & (entries - 1);
            if entry.is_multiple_of(SLOTS)
                && entries - it.next >= SLOTS
                && group_is_empty(l, it.groups, entry / SLOTS)
            {
                it.next += SLOTS;
                continue;
            }
            it.next += 1;
            let slot = full_slot(l, it.groups, entry);
            if slot.is_null() {
                continue;
            }
            let key = key_of(l, slot);
            if it.groups == (*m).groups {
                it.key = key;
                it.elem = elem_of(l, slot);
                return;
            }
            let now = get(m, key);
            if !now.is_null() {
                it.key = key_of(l, now);
                it.elem = elem_of(l, now);
                return;
            }
            // A key that is not equal to itself cannot be found, nor deleted but by clear.
            if !l.reflexive_key && it.clear_seq == (*m).clear_seq && !type_equal(l.key(), key, key) {
                it.key = key;
                it.elem = elem_of(l, slot);
                return;
            }
        }
    }
}
