//! How the maps of one type lie in memory, derived from the key's and the element's types when the
//! first such map is made.
//!
//! A group is a control word and eight slots of key and element. A control byte is 0x80 for an empty
//! slot, 0xfe for a deleted one, else the low seven bits of the key's hash (as in Go's maps and Abseil's).

use super::super::hash::{hash_might_panic, is_reflexive, is_regular, needs_key_update};
use super::super::types::{MapType, kind};
use crate::mem::heapbits::add_type;
use crate::mem::persistent::{Lock, persistent_alloc, zeroed};
use core::cell::UnsafeCell;
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicPtr, Ordering::*};
use goxide_abi::layout::ZERO_VAL_BYTES;
use goxide_abi::typ::{Kind, Type};

pub const SLOTS: usize = 8;
/// A bigger key or element stands outside its slot.
const INLINE_BYTES_MAX: usize = 128;

/// How keys are hashed and compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum KeyKind {
    Word32,
    Word64,
    Str,
    /// By walking the key's type.
    General,
}

#[repr(C)]
pub struct MapLayout {
    pub slot_bytes: usize,
    pub elem_off: usize,
    pub group_bytes: usize,
    pub key_kind: KeyKind,
    pub indirect_key: bool,
    pub indirect_elem: bool,
    pub need_key_update: bool,
    pub reflexive_key: bool,
    pub hash_might_panic: bool,
    pub clear_key: bool,
    pub key: *const Type,
    pub elem: *const Type,
    /// Describes a group to the collector.
    pub group: Type,
    map_type: *const MapType,
    /// What stands for the element that is not there.
    zero: AtomicPtr<u8>,
}

impl MapLayout {
    pub fn key(&self) -> &Type {
        // SAFETY: descriptors live for ever.
        unsafe { &*self.key }
    }

    pub fn elem(&self) -> &Type {
        // SAFETY: descriptors live for ever.
        unsafe { &*self.elem }
    }

    #[cold]
    fn make_zero(&self) -> *const u8 {
        let p = persistent_alloc(self.elem().size, 16);
        match self.zero.compare_exchange(null_mut(), p, AcqRel, Acquire) {
            Ok(_) => p,
            Err(other) => other,
        }
    }

    #[inline(always)]
    pub fn zero(&self) -> *const u8 {
        let p = self.zero.load(Acquire);
        if p.is_null() { self.make_zero() } else { p }
    }
}

/// SAFETY: a map type's descriptor.
unsafe fn make(map_type: *const MapType) -> *const MapLayout {
    // SAFETY: see above; the layout is fresh memory.
    unsafe {
        let (key, elem) = (&*(*map_type).key, &*(*map_type).elem);
        let regular = is_regular(key);
        let key_kind = match (kind(key), key.size) {
            (Kind::String, _) => KeyKind::Str,
            (_, 4) if regular => KeyKind::Word32,
            (_, 8) if regular => KeyKind::Word64,
            _ => KeyKind::General,
        };
        let general = key_kind == KeyKind::General;
        let indirect_key = key.size > INLINE_BYTES_MAX;
        let indirect_elem = general && elem.size > INLINE_BYTES_MAX;
        let (key_bytes, key_align) = if indirect_key { (8, 8) } else { (key.size, key.align as usize) };
        let (elem_bytes, elem_align) = if indirect_elem { (8, 8) } else { (elem.size, elem.align as usize) };
        let elem_off = key_bytes.next_multiple_of(elem_align.max(1));
        let align = key_align.max(elem_align).max(1);
        let slot_bytes = (elem_off + elem_bytes).next_multiple_of(align).max(1);
        let group_bytes = (8 + SLOTS * slot_bytes).next_multiple_of(8);

        let layout = zeroed::<MapLayout>();
        let l = &mut *layout;
        let pointers = key.ptr_bytes != 0 || elem.ptr_bytes != 0 || indirect_key || indirect_elem;
        l.group.size = group_bytes;
        l.group.align = 8;
        l.group.kind = Kind::Struct as u8;
        if pointers {
            let mask = persistent_alloc((group_bytes / 8).div_ceil(64) * 8, 8);
            for i in 0..SLOTS {
                let at = (8 + i * slot_bytes) / 8;
                if indirect_key {
                    *mask.add(at / 8) |= 1 << (at % 8);
                } else {
                    add_type(mask, at, key);
                }
                let at = (8 + i * slot_bytes + elem_off) / 8;
                if indirect_elem {
                    *mask.add(at / 8) |= 1 << (at % 8);
                } else {
                    add_type(mask, at, elem);
                }
            }
            l.group.gcdata = mask;
            l.group.ptr_bytes = group_bytes;
        }
        l.slot_bytes = slot_bytes;
        // An element of no bytes is where its key is, so that no pointer leaves the group.
        l.elem_off = if elem_bytes == 0 { 0 } else { elem_off };
        l.group_bytes = group_bytes;
        l.key_kind = key_kind;
        l.indirect_key = indirect_key;
        l.indirect_elem = indirect_elem;
        l.need_key_update = needs_key_update(key);
        l.reflexive_key = is_reflexive(key);
        l.hash_might_panic = hash_might_panic(key);
        l.clear_key = key.ptr_bytes != 0;
        l.key = key;
        l.elem = elem;
        l.map_type = map_type;
        if elem.size <= ZERO_VAL_BYTES {
            l.zero = AtomicPtr::new(crate::port::zero_val());
        }
        layout
    }
}

/// An open-addressed table by the descriptor's address; replaced as a whole when it grows.
struct Table {
    mask: usize,
    slots: *const AtomicPtr<MapLayout>,
}

struct Count(UnsafeCell<usize>);
// SAFETY: guarded by LOCK.
unsafe impl Sync for Count {}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(null_mut());
static LOCK: Lock = Lock::new();
static COUNT: Count = Count(UnsafeCell::new(0));

fn index(map_type: *const MapType) -> usize {
    (map_type as usize >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

fn find(map_type: *const MapType) -> *const MapLayout {
    let table = TABLE.load(Acquire);
    if table.is_null() {
        return null();
    }
    // SAFETY: tables live for ever and have a free slot.
    unsafe {
        let mut i = index(map_type);
        loop {
            let l = (*(*table).slots.add(i & (*table).mask)).load(Acquire);
            if l.is_null() || (*l).map_type == map_type {
                return l;
            }
            i += 1;
        }
    }
}

/// The layout of a map type.
///
/// SAFETY: a map type's descriptor.
#[inline]
pub unsafe fn layout_of(map_type: *const MapType) -> &'static MapLayout {
    let found = find(map_type);
    // SAFETY: layouts live for ever.
    if !found.is_null() { unsafe { &*found } } else { unsafe { &*add(map_type) } }
}

/// SAFETY: as for [`layout_of`].
#[cold]
unsafe fn add(map_type: *const MapType) -> *const MapLayout {
    let _guard = LOCK.lock();
    let found = find(map_type);
    if !found.is_null() {
        return found;
    }
    // SAFETY: see above; the table is published whole.
    unsafe {
        let layout = make(map_type);
        let count = &mut *COUNT.0.get();
        let old = TABLE.load(Relaxed);
        let slots = if old.is_null() { 0 } else { (*old).mask + 1 };
        if (*count + 1) * 2 > slots {
            let n = (slots * 2).max(64);
            let new = zeroed::<Table>();
            (*new).mask = n - 1;
            (*new).slots = persistent_alloc(n * 8, 8).cast();
            for i in 0..slots {
                let l = (*(*old).slots.add(i)).load(Relaxed);
                if !l.is_null() {
                    insert(new, l);
                }
            }
            TABLE.store(new, Release);
        }
        insert(TABLE.load(Relaxed), layout as *mut MapLayout);
        *count += 1;
        layout
    }
}

/// SAFETY: the table has a free slot.
unsafe fn insert(table: *const Table, l: *mut MapLayout) {
    // SAFETY: see above.
    unsafe {
        let mut i = index((*l).map_type);
        loop {
            let slot = &*(*table).slots.add(i & (*table).mask);
            if slot.load(Relaxed).is_null() {
                return slot.store(l, Release);
            }
            i += 1;
        }
    }
}
