//! Maps: one table of groups of eight slots with control bytes (Swiss tables), grown by doubling.
//! Meaning as Go's `internal/runtime/maps`; the layout is our own (see `layout`).
//!
//! Runs on g0. No locks; insertion allocates. A hash that panics does so before the map is touched.

mod iter;
mod keys;
mod layout;
mod table;
#[cfg(test)]
mod tests;

use super::types::MapType;
use crate::mem::mallocgc;
use crate::port::{self, Pair};
use core::ptr::{null, write_bytes};
use goxide_abi::layout::MAP_BYTES;
use goxide_abi::typ::Type;
use keys::{General, Str, Word32, Word64};
pub use layout::{MapLayout, layout_of};
use table::{Keys, Map, groups_for};

/// Describes [`Map`] to the collector: its third word is a pointer.
struct HeaderType(Type);
// SAFETY: constant.
unsafe impl Sync for HeaderType {}
static HEADER_MASK: [u8; 1] = [0b100];
static HEADER: HeaderType = HeaderType(Type {
    size: size_of::<Map>(),
    ptr_bytes: 24,
    hash: 0,
    tflag: 0,
    align: 8,
    field_align: 8,
    kind: goxide_abi::typ::Kind::Struct as u8,
    equal: 0,
    gcdata: HEADER_MASK.as_ptr(),
    str: 0,
    ptr_to_this: 0,
});

/// SAFETY (of all entries): compiled code passes a map type's descriptor, a map of it or nil, and the
/// address or the bits of a key of it.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makemap(t: *const MapType, hint: i64) -> *mut Map {
    // SAFETY: see above.
    unsafe {
        let m = mallocgc(size_of::<Map>(), &HEADER.0, true).cast::<Map>();
        begin(m, layout_of(t), hint);
        m
    }
}

/// With a buffer in the caller's frame the header is there, and the first group if there is room.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_makemapbuf(t: *const MapType, hint: i64, buffer: *mut u8, bytes: i64) -> *mut Map {
    // SAFETY: see above; the buffer is the map's alone.
    unsafe {
        if buffer.is_null() {
            return rt_makemap(t, hint);
        }
        let (m, l) = (buffer.cast::<Map>(), layout_of(t));
        write_bytes(m, 0, 1);
        begin(m, l, hint);
        if (*m).groups.is_null() && MAP_BYTES + l.group_bytes <= bytes as usize {
            (*m).set_first_group(buffer.add(MAP_BYTES));
        }
        m
    }
}

/// SAFETY: zeroed memory for a header.
unsafe fn begin(m: *mut Map, l: &'static MapLayout, hint: i64) {
    // SAFETY: see above.
    unsafe {
        (*m).seed = port::rand64();
        (*m).layout = l;
        if hint > table::growth_limit(1) as i64 {
            // An absurd hint is no hint.
            let groups = groups_for(hint as usize)
                .filter(|g| g.checked_mul(l.group_bytes).is_some_and(|b| b <= crate::mem::malloc::MAX_ALLOC));
            if let Some(n) = groups {
                (*m).set_groups(n);
            }
        }
    }
}

#[cold]
fn fatal(text: &str) -> ! {
    port::fatal(text)
}

/// The slot of a key; nil where there is none, or no map.
///
/// SAFETY: as for [`rt_makemap`].
#[inline(always)]
unsafe fn lookup<K: Keys>(m: *const Map, key: K) -> *mut u8 {
    // SAFETY: see above.
    unsafe {
        if m.is_null() || (*m).used == 0 {
            return core::ptr::null_mut();
        }
        if (*m).writing != 0 {
            fatal("concurrent map read and map write");
        }
        (*m).find(key, key.hash((*m).seed))
    }
}

/// SAFETY: as for [`rt_makemap`].
#[cold]
#[inline(never)]
unsafe fn zero_of(t: *const MapType) -> *const u8 {
    // SAFETY: see above.
    unsafe { layout_of(t).zero() }
}

/// SAFETY: as for [`rt_makemap`].
#[inline(always)]
unsafe fn access<K: Keys>(t: *const MapType, m: *const Map, key: K) -> Pair<*const u8, i64> {
    // SAFETY: see above.
    unsafe {
        let slot = lookup(m, key);
        if slot.is_null() {
            return Pair(if m.is_null() { zero_of(t) } else { (*m).layout().zero() }, 0);
        }
        Pair(K::elem((*m).layout(), slot), 1)
    }
}

/// SAFETY: as for [`rt_makemap`].
#[inline(always)]
unsafe fn assign<K: Keys>(m: *mut Map, key: K) -> *mut u8 {
    // SAFETY: see above.
    unsafe {
        if m.is_null() {
            port::panic_plain("assignment to entry in nil map");
        }
        let m = &mut *m;
        if m.writing != 0 {
            fatal("concurrent map writes");
        }
        let hash = key.hash(m.seed);
        m.writing ^= 1;
        let slot = m.find_or_insert(key, hash);
        if m.writing == 0 {
            fatal("concurrent map writes");
        }
        m.writing ^= 1;
        K::elem(m.layout(), slot)
    }
}

/// SAFETY: as for [`rt_makemap`].
#[inline(always)]
unsafe fn delete<K: Keys>(m: *mut Map, key: K) {
    // SAFETY: see above.
    unsafe {
        if m.is_null() || (*m).used == 0 {
            return;
        }
        let m = &mut *m;
        if m.writing != 0 {
            fatal("concurrent map writes");
        }
        let hash = key.hash(m.seed);
        m.writing ^= 1;
        let slot = m.find(key, hash);
        if !slot.is_null() {
            m.remove(slot);
        }
        if m.writing == 0 {
            fatal("concurrent map writes");
        }
        m.writing ^= 1;
    }
}

/// A key that cannot be hashed panics even where there is nothing to find.
///
/// SAFETY: as for [`rt_makemap`].
unsafe fn check_key(t: *const MapType, m: *const Map, key: *const u8) -> &'static MapLayout {
    // SAFETY: see above.
    unsafe {
        let l = if m.is_null() { layout_of(t) } else { (*m).layout() };
        if l.hash_might_panic && (m.is_null() || (*m).used == 0) {
            super::hash::check_hashable(l.key(), key);
        }
        l
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mapaccess1(t: *const MapType, m: *const Map, key: *const u8) -> *const u8 {
    // SAFETY: as for `rt_makemap`.
    unsafe { access(t, m, General(key, check_key(t, m, key))).0 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mapaccess2(t: *const MapType, m: *const Map, key: *const u8) -> Pair<*const u8, i64> {
    // SAFETY: as for `rt_makemap`.
    unsafe { access(t, m, General(key, check_key(t, m, key))) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mapassign(_: *const MapType, m: *mut Map, key: *const u8) -> *mut u8 {
    // SAFETY: as for `rt_makemap`.
    unsafe {
        if m.is_null() {
            port::panic_plain("assignment to entry in nil map");
        }
        assign(m, General(key, (*m).layout()))
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mapdelete(t: *const MapType, m: *mut Map, key: *const u8) {
    // SAFETY: as for `rt_makemap`.
    unsafe { delete(m, General(key, check_key(t, m, key))) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_mapclear(_: *const MapType, m: *mut Map) {
    // SAFETY: as for `rt_makemap`.
    unsafe {
        if m.is_null() {
            return;
        }
        if (*m).writing != 0 {
            fatal("concurrent map writes");
        }
        (*m).writing ^= 1;
        (*m).clear();
        (*m).writing ^= 1;
    }
}

/// The entries of one kind of fast key.
macro_rules! fast {
    ($access1:ident $access2:ident $assign:ident $delete:ident, $key:ident($($p:ident: $ty:ty),*)) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $access1(t: *const MapType, m: *const Map, $($p: $ty),*) -> *const u8 {
            // SAFETY: as for `rt_makemap`.
            unsafe { access(t, m, $key($($p as _),*)).0 }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $access2(t: *const MapType, m: *const Map, $($p: $ty),*) -> Pair<*const u8, i64> {
            // SAFETY: as for `rt_makemap`.
            unsafe { access(t, m, $key($($p as _),*)) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $assign(_: *const MapType, m: *mut Map, $($p: $ty),*) -> *mut u8 {
            // SAFETY: as for `rt_makemap`.
            unsafe { assign(m, $key($($p as _),*)) }
        }

        #[unsafe(no_mangle)]
        unsafe extern "C" fn $delete(_: *const MapType, m: *mut Map, $($p: $ty),*) {
            // SAFETY: as for `rt_makemap`.
            unsafe { delete(m, $key($($p as _),*)) }
        }
    };
}

fast!(rt_mapaccess1_fast32 rt_mapaccess2_fast32 rt_mapassign_fast32 rt_mapdelete_fast32, Word32(key: i64));
fast!(rt_mapaccess1_fast64 rt_mapaccess2_fast64 rt_mapassign_fast64 rt_mapdelete_fast64, Word64(key: i64));
fast!(rt_mapaccess1_faststr rt_mapaccess2_faststr rt_mapassign_faststr rt_mapdelete_faststr,
    Str(key: *const u8, len: i64));

/// The element of a key, by the key's address; nil where there is none.
///
/// SAFETY: as for [`rt_makemap`].
unsafe fn get(m: *const Map, key: *const u8) -> *mut u8 {
    // SAFETY: see above.
    unsafe { if m.is_null() { null::<u8>() as *mut u8 } else { lookup(m, General(key, (*m).layout())) } }
}
