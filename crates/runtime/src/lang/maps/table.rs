//! Finding, inserting and removing slots; growth. Generic over how keys are hashed and compared, so
//! that each kind of key has its own code.

use super::layout::{MapLayout, SLOTS};
use crate::mem::new_array;
use crate::port;
use core::ptr::{copy_nonoverlapping, null_mut, write_bytes};
use goxide_abi::layout::MAP_BYTES;

const LSB: u64 = 0x0101_0101_0101_0101;
const MSB: u64 = 0x8080_8080_8080_8080;
pub const EMPTY: u8 = 0x80;
const DELETED: u8 = 0xfe;
const ALL_EMPTY: u64 = LSB * EMPTY as u64;

/// A map's header: an object of the Go heap, of whose words only `groups` is a pointer into it.
#[repr(C)]
pub struct Map {
    /// Entries; `len(m)` reads it.
    pub used: usize,
    pub seed: u64,
    /// Nil before the first insertion.
    pub groups: *mut u8,
    /// Groups less one; a map of one group is small: it fills all its slots and has no deleted ones.
    pub mask: usize,
    /// Empty slots that may still be taken before the map grows.
    pub growth_left: usize,
    pub layout: *const MapLayout,
    /// A write is under way; toggled, so that two at once show.
    pub writing: u8,
    /// Rises with each clear.
    pub clear_seq: u32,
}

const _: () = assert!(size_of::<Map>() == MAP_BYTES);

/// Keys as one kind of entry sees them.
pub trait Keys: Copy {
    fn hash(self, seed: u64) -> u64;
    /// SAFETY: `slot` is a slot with a key.
    unsafe fn equals(self, l: &MapLayout, slot: *const u8) -> bool;
    /// Puts the key into an empty slot.
    ///
    /// SAFETY: the slot is the caller's.
    unsafe fn store(self, l: &MapLayout, slot: *mut u8);
    /// An equal key is there: renews it where that can be seen.
    ///
    /// SAFETY: as for `store`.
    unsafe fn update(self, l: &MapLayout, slot: *mut u8);
    /// The element of a slot.
    ///
    /// SAFETY: a slot with a key.
    #[inline(always)]
    unsafe fn elem(l: &MapLayout, slot: *mut u8) -> *mut u8 {
        // SAFETY: see above.
        unsafe { slot.add(l.elem_off) }
    }
    /// Hash of the key that stands in a slot.
    ///
    /// SAFETY: a slot with a key.
    unsafe fn hash_slot(l: &MapLayout, slot: *const u8, seed: u64) -> u64;
}

/// Slots whose control byte may be `h2`: bit 7 of each byte. A false match costs a comparison.
#[inline(always)]
fn match_h2(ctrl: u64, h2: u64) -> u64 {
    let v = ctrl ^ (LSB * h2);
    v.wrapping_sub(LSB) & !v & MSB
}

#[inline(always)]
fn match_empty(ctrl: u64) -> u64 {
    ctrl & !(ctrl << 6) & MSB
}

#[inline(always)]
fn match_free(ctrl: u64) -> u64 {
    ctrl & MSB
}

#[inline(always)]
fn match_full(ctrl: u64) -> u64 {
    !ctrl & MSB
}

#[inline(always)]
fn first(m: u64) -> usize {
    (m.trailing_zeros() / 8) as usize
}

#[inline(always)]
fn h1(hash: u64) -> usize {
    (hash >> 7) as usize
}

#[inline(always)]
fn h2(hash: u64) -> u64 {
    hash & 0x7f
}

/// Groups in the order of probing: each once, by rising steps.
struct Probe {
    mask: usize,
    at: usize,
    step: usize,
}

impl Probe {
    #[inline(always)]
    fn new(hash: u64, mask: usize) -> Probe {
        Probe { mask, at: h1(hash) & mask, step: 0 }
    }

    #[inline(always)]
    fn next(&mut self) {
        self.step += 1;
        self.at = (self.at + self.step) & self.mask;
    }
}

/// SAFETY (of these): a group of the layout, a slot's index.
#[inline(always)]
unsafe fn slot_at(l: &MapLayout, group: *mut u8, i: usize) -> *mut u8 {
    // SAFETY: see above.
    unsafe { group.add(8 + i * l.slot_bytes) }
}

#[inline(always)]
unsafe fn ctrl_of(group: *const u8) -> u64 {
    // SAFETY: see above.
    unsafe { *group.cast::<u64>() }
}

#[inline(always)]
unsafe fn set_ctrl(group: *mut u8, i: usize, c: u8) {
    // SAFETY: see above.
    unsafe { *group.add(i) = c };
}

/// Slots that a table of that many groups fills before it grows.
pub fn growth_limit(groups: usize) -> usize {
    if groups == 1 { SLOTS } else { groups * SLOTS / 8 * 7 }
}

/// Groups for `n` entries; None where that is absurd.
pub fn groups_for(n: usize) -> Option<usize> {
    if n <= SLOTS {
        return Some(1);
    }
    n.checked_mul(8).map(|s| s / 7)?.div_ceil(SLOTS).checked_next_power_of_two()
}

fn new_groups(l: &MapLayout, n: usize) -> *mut u8 {
    // SAFETY: the layout's own type; empty control words make valid groups.
    unsafe {
        let p = new_array(&l.group, n);
        for g in 0..n {
            p.add(g * l.group_bytes).cast::<u64>().write(ALL_EMPTY);
        }
        p
    }
}

impl Map {
    #[inline(always)]
    pub fn layout(&self) -> &'static MapLayout {
        // SAFETY: set when the map was made; layouts live for ever.
        unsafe { &*self.layout }
    }

    /// Makes `n` empty groups the map's own.
    pub fn set_groups(&mut self, n: usize) {
        let groups = new_groups(self.layout(), n);
        self.groups = groups;
        self.mask = n - 1;
        self.growth_left = growth_limit(n) - self.used;
    }

    /// The same with one group, in memory of the map's maker.
    ///
    /// SAFETY: room for a group.
    pub unsafe fn set_first_group(&mut self, group: *mut u8) {
        // SAFETY: see above.
        unsafe {
            write_bytes(group, 0, self.layout().group_bytes);
            group.cast::<u64>().write(ALL_EMPTY);
        }
        self.groups = group;
        self.growth_left = growth_limit(1);
    }

    /// The slot of a key, or nil.
    ///
    /// SAFETY: a map with entries, whose keys are K.
    #[inline(always)]
    pub unsafe fn find<K: Keys>(&self, key: K, hash: u64) -> *mut u8 {
        let l = self.layout();
        let mut probe = Probe::new(hash, self.mask);
        let tag = h2(hash);
        // SAFETY: groups up to the mask are there.
        unsafe {
            loop {
                let group = self.groups.add(probe.at * l.group_bytes);
                let ctrl = ctrl_of(group);
                let mut m = match_h2(ctrl, tag);
                while m != 0 {
                    let slot = slot_at(l, group, first(m));
                    if key.equals(l, slot) {
                        return slot;
                    }
                    m &= m - 1;
                }
                if match_empty(ctrl) != 0 || self.mask == 0 {
                    return null_mut();
                }
                probe.next();
            }
        }
    }

    /// The slot of a key, made where there is none.
    ///
    /// SAFETY: a map whose keys are K.
    #[inline(always)]
    pub unsafe fn find_or_insert<K: Keys>(&mut self, key: K, hash: u64) -> *mut u8 {
        let l = self.layout();
        if self.groups.is_null() {
            self.set_groups(1);
        }
        let tag = h2(hash);
        let mut probe = Probe::new(hash, self.mask);
        let mut reusable: *mut u8 = null_mut();
        let mut reusable_slot = 0;
        // SAFETY: groups up to the mask are there.
        unsafe {
            loop {
                let group = self.groups.add(probe.at * l.group_bytes);
                let ctrl = ctrl_of(group);
                let mut m = match_h2(ctrl, tag);
                while m != 0 {
                    let slot = slot_at(l, group, first(m));
                    if key.equals(l, slot) {
                        key.update(l, slot);
                        return slot;
                    }
                    m &= m - 1;
                }
                let empty = match_empty(ctrl);
                if empty != 0 || self.mask == 0 {
                    if !reusable.is_null() {
                        // A deleted slot costs no empty one.
                        return self.fill(key, tag, reusable, reusable_slot);
                    }
                    if self.growth_left > 0 {
                        self.growth_left -= 1;
                        return self.fill(key, tag, group, first(empty));
                    }
                    self.grow::<K>();
                    let (group, i) = self.first_empty(hash);
                    self.growth_left -= 1;
                    return self.fill(key, tag, group, i);
                }
                if reusable.is_null() {
                    let free = match_free(ctrl);
                    if free != 0 {
                        reusable = group;
                        reusable_slot = first(free);
                    }
                }
                probe.next();
            }
        }
    }

    /// SAFETY: slot `i` of the group is free.
    #[inline(always)]
    unsafe fn fill<K: Keys>(&mut self, key: K, tag: u64, group: *mut u8, i: usize) -> *mut u8 {
        let l = self.layout();
        // SAFETY: see above.
        unsafe {
            let slot = slot_at(l, group, i);
            key.store(l, slot);
            set_ctrl(group, i, tag as u8);
            self.used += 1;
            slot
        }
    }

    /// SAFETY: the map has an empty slot.
    #[inline(always)]
    unsafe fn first_empty(&self, hash: u64) -> (*mut u8, usize) {
        let l = self.layout();
        let mut probe = Probe::new(hash, self.mask);
        loop {
            // SAFETY: groups up to the mask are there.
            unsafe {
                let group = self.groups.add(probe.at * l.group_bytes);
                let m = match_free(ctrl_of(group));
                if m != 0 {
                    return (group, first(m));
                }
            }
            probe.next();
        }
    }

    /// Moves the entries to new groups: twice as many, or as many where deleted slots have used up the
    /// room. The old ones stay as they are, for iterators.
    ///
    /// SAFETY: a map whose keys are K.
    #[cold]
    #[inline(never)]
    unsafe fn grow<K: Keys>(&mut self) {
        let l = self.layout();
        let (old, n) = (self.groups, self.mask + 1);
        let crowded = self.used > growth_limit(n) / 2;
        self.set_groups(if crowded { n * 2 } else { n });
        // SAFETY: the old groups are `n`.
        unsafe {
            for g in 0..n {
                let group = old.add(g * l.group_bytes);
                let mut m = match_full(ctrl_of(group));
                while m != 0 {
                    let slot = slot_at(l, group, first(m));
                    let hash = K::hash_slot(l, slot, self.seed);
                    let (to, i) = self.first_empty(hash);
                    copy_nonoverlapping(slot, slot_at(l, to, i), l.slot_bytes);
                    set_ctrl(to, i, h2(hash) as u8);
                    m &= m - 1;
                }
            }
        }
    }

    /// Removes the entry of a slot.
    ///
    /// SAFETY: the slot is one of this map's, with a key.
    pub unsafe fn remove(&mut self, slot: *mut u8) {
        let l = self.layout();
        // SAFETY: see above.
        unsafe {
            let offset = slot.offset_from(self.groups) as usize;
            let group = self.groups.add(offset / l.group_bytes * l.group_bytes);
            let i = (offset % l.group_bytes - 8) / l.slot_bytes;
            if l.indirect_key {
                *slot.cast::<usize>() = 0;
            } else if l.clear_key {
                write_bytes(slot, 0, l.key().size);
            }
            // Compound assignment relies on an empty slot's element being zero.
            let bytes = if l.indirect_elem { 8 } else { l.elem().size };
            write_bytes(slot.add(l.elem_off), 0, bytes);
            self.used -= 1;
            if self.mask == 0 || match_empty(ctrl_of(group)) != 0 {
                // No probe has gone past this group.
                set_ctrl(group, i, EMPTY);
                self.growth_left += 1;
            } else {
                set_ctrl(group, i, DELETED);
            }
            if self.used == 0 {
                // Makes collisions harder to find by trying.
                self.seed = port::rand64();
            }
        }
    }

    /// Removes all entries in place.
    pub fn clear(&mut self) {
        let l = self.layout();
        self.clear_seq = self.clear_seq.wrapping_add(1);
        self.used = 0;
        self.seed = port::rand64();
        if self.groups.is_null() {
            return;
        }
        let n = self.mask + 1;
        self.growth_left = growth_limit(n);
        // SAFETY: the map's own groups.
        unsafe {
            for g in 0..n {
                let group = self.groups.add(g * l.group_bytes);
                if ctrl_of(group) != ALL_EMPTY {
                    write_bytes(group, 0, l.group_bytes);
                    group.cast::<u64>().write(ALL_EMPTY);
                }
            }
        }
    }
}

/// The slot of an iterator's entry in groups it remembers; nil if it is free.
///
/// SAFETY: `groups` has more than `entry / 8` groups of the layout.
pub unsafe fn full_slot(l: &MapLayout, groups: *mut u8, entry: usize) -> *mut u8 {
    // SAFETY: see above.
    unsafe {
        let group = groups.add(entry / SLOTS * l.group_bytes);
        let i = entry % SLOTS;
        if *group.add(i) & EMPTY != 0 { null_mut() } else { slot_at(l, group, i) }
    }
}

/// The next entry with a key from `entry` on in its group, or the group's size.
///
/// SAFETY: as for [`full_slot`].
pub unsafe fn group_is_empty(l: &MapLayout, groups: *mut u8, group: usize) -> bool {
    // SAFETY: see above.
    unsafe { match_full(ctrl_of(groups.add(group * l.group_bytes))) == 0 }
}
