//! Itabs: those the linker made and those made here, found without a lock by interface and concrete
//! type. Runs on g0; takes the itab lock to add one; allocates persistent memory only.

use super::types::{InterfaceType, as_interface, name_at, type_at, type_pkg_path, type_string, uncommon};
use crate::mem::mallocgc;
use crate::mem::persistent::{Lock, persistent_alloc, zeroed};
use crate::port::{self, Pair};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::*};
use goxide_abi::layout::{ITAB_FUN, ITAB_HASH, ITAB_INTER, ITAB_TYPE};
use goxide_abi::typ::Type;

/// What is not larger than this is not stored twice.
const MAX_SHARED: u64 = 255;

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convscalar(typ: *const Type, bits: u64) -> *const u8 {
    // SAFETY: compiled code passes a descriptor, of a type of 2, 4 or 8 bytes. The table has words, little-endian.
    unsafe {
        if bits <= MAX_SHARED {
            return port::static_uint64s().add(bits as usize).cast();
        }
        let p = mallocgc((*typ).size, typ, false);
        match (*typ).size {
            2 => *p.cast() = bits as u16,
            4 => *p.cast() = bits as u32,
            _ => *p.cast() = bits,
        }
        p
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convstring(typ: *const Type, data: *const u8, len: i64) -> *const u8 {
    if len == 0 {
        return port::zero_val();
    }
    // SAFETY: as above; an object of two words that nobody knows yet.
    unsafe {
        let p = mallocgc((*typ).size, typ, true);
        *p.cast() = (data, len);
        p
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_convslice(typ: *const Type, data: *const u8, len: i64, cap: i64) -> *const u8 {
    if data.is_null() {
        return port::zero_val();
    }
    // SAFETY: as above, of three words.
    unsafe {
        let p = mallocgc((*typ).size, typ, true);
        *p.cast() = [data as usize, len as usize, cap as usize];
        p
    }
}

#[repr(C)]
pub struct Itab {
    inter: *const Type,
    typ: *const Type,
    hash: u32,
    pad: u32,
    /// The first of the code addresses; 0: the type does not implement the interface.
    fun0: usize,
}

const _: () = {
    assert!(core::mem::offset_of!(Itab, inter) == ITAB_INTER as usize);
    assert!(core::mem::offset_of!(Itab, typ) == ITAB_TYPE as usize);
    assert!(core::mem::offset_of!(Itab, hash) == ITAB_HASH as usize);
    assert!(core::mem::offset_of!(Itab, fun0) == ITAB_FUN as usize);
};

/// Open-addressed; replaced as a whole when it is three quarters full.
struct Table {
    mask: usize,
    slots: *const AtomicPtr<Itab>,
}

struct Count(UnsafeCell<usize>);
// SAFETY: guarded by LOCK.
unsafe impl Sync for Count {}

static TABLE: AtomicPtr<Table> = AtomicPtr::new(null_mut());
static COUNT: Count = Count(UnsafeCell::new(0));
static LOCK: Lock = Lock::new();

/// SAFETY: both are descriptors.
unsafe fn index(inter: *const Type, typ: *const Type) -> usize {
    // SAFETY: see above.
    unsafe { ((*inter).hash ^ (*typ).hash) as usize }
}

/// SAFETY: both are descriptors.
unsafe fn find(inter: *const Type, typ: *const Type) -> *const Itab {
    let table = TABLE.load(Acquire);
    if table.is_null() {
        return null_mut();
    }
    // SAFETY: tables live for ever and have a free slot.
    unsafe {
        let (mut i, mut step) = (index(inter, typ), 0);
        loop {
            let tab = (*(*table).slots.add(i & (*table).mask)).load(Acquire);
            if tab.is_null() || (*tab).inter == inter && (*tab).typ == typ {
                return tab;
            }
            step += 1;
            i += step;
        }
    }
}

/// SAFETY: the table has a free slot.
unsafe fn insert(table: *const Table, tab: *const Itab) {
    // SAFETY: see above.
    unsafe {
        let (mut i, mut step) = (index((*tab).inter, (*tab).typ), 0);
        loop {
            let slot = &*(*table).slots.add(i & (*table).mask);
            if slot.load(Relaxed).is_null() {
                return slot.store(tab as *mut Itab, Release);
            }
            step += 1;
            i += step;
        }
    }
}

/// SAFETY: the lock is held; no itab of the pair is in the table.
unsafe fn add(tab: *const Itab) {
    // SAFETY: see above.
    unsafe {
        let count = &mut *COUNT.0.get();
        let old = TABLE.load(Relaxed);
        let slots = if old.is_null() { 0 } else { (*old).mask + 1 };
        if (*count + 1) * 4 > slots * 3 {
            let n = (slots * 2).max(512);
            let new = zeroed::<Table>();
            (*new).mask = n - 1;
            (*new).slots = persistent_alloc(n * 8, 8).cast();
            for i in 0..slots {
                let t = (*(*old).slots.add(i)).load(Relaxed);
                if !t.is_null() {
                    insert(new, t);
                }
            }
            TABLE.store(new, Release);
        }
        insert(TABLE.load(Relaxed), tab);
        *count += 1;
    }
}

/// Enters the linker's itabs.
///
/// SAFETY: addresses of itabs.
#[doc(alias = "itabsinit")]
pub unsafe fn init(itabs: &[usize]) {
    let _guard = LOCK.lock();
    for &tab in itabs {
        let tab = tab as *const Itab;
        // SAFETY: see above.
        unsafe {
            if find((*tab).inter, (*tab).typ).is_null() {
                add(tab);
            }
        }
    }
}

/// Finds the type's code for each of the interface's methods, and calls `found` with their number and
/// address; both lists are sorted by name. The name of the first that the type lacks.
///
/// SAFETY: descriptors of the program.
unsafe fn match_methods(
    inter: &InterfaceType,
    typ: &Type,
    mut found: impl FnMut(usize, usize),
) -> Option<&'static [u8]> {
    let (types, text) = (port::types_base(), port::text_base());
    // SAFETY: see above.
    unsafe {
        let methods = uncommon(typ).map_or(&[][..], |u| u.methods());
        let mut j = 0;
        'wanted: for (k, want) in inter.methods().iter().enumerate() {
            let name = name_at(types, want.name);
            let signature = type_at(types, want.typ);
            let mut pkg = name.pkg_path(types);
            if pkg.is_empty() {
                pkg = inter.pkg_path.bytes();
            }
            while j < methods.len() {
                let have = &methods[j];
                j += 1;
                let have_name = name_at(types, have.name);
                if type_at(types, have.mtyp) != signature || have_name.bytes() != name.bytes() {
                    continue;
                }
                let mut have_pkg = have_name.pkg_path(types);
                if have_pkg.is_empty() {
                    have_pkg = uncommon(typ).map_or(b"", |u| name_at(types, u.pkg_path).bytes());
                }
                if have_name.is_exported() || have_pkg == pkg {
                    let code = if have.ifn < -1 {
                        super::reflect::resolve(have.ifn)
                    } else {
                        text.wrapping_add(have.ifn as usize)
                    };
                    found(k, code);
                    continue 'wanted;
                }
            }
            return Some(name.bytes());
        }
    }
    None
}

/// The itab, or nil where the type does not implement the interface.
///
/// SAFETY: an interface type with methods and a concrete type.
#[inline]
pub unsafe fn getitab(inter: *const Type, typ: *const Type) -> *const Itab {
    // SAFETY: see above.
    unsafe {
        let mut tab = find(inter, typ);
        if tab.is_null() {
            if uncommon(&*typ).is_none() {
                return null_mut();
            }
            tab = make(inter, typ);
        }
        if (*tab).fun0 == 0 { null_mut() } else { tab }
    }
}

/// SAFETY: as for [`getitab`].
#[cold]
unsafe fn make(inter: *const Type, typ: *const Type) -> *const Itab {
    let _guard = LOCK.lock();
    // SAFETY: see above.
    unsafe {
        let tab = find(inter, typ);
        if !tab.is_null() {
            return tab;
        }
        let n = as_interface(&*inter).nmethods;
        let tab = persistent_alloc(size_of::<Itab>() + n.saturating_sub(1) * 8, 8).cast::<Itab>();
        (*tab).inter = inter;
        (*tab).typ = typ;
        (*tab).hash = (*typ).hash;
        let funs = &raw mut (*tab).fun0;
        if match_methods(as_interface(&*inter), &*typ, |k, code| funs.add(k).write(code)).is_some() {
            // Remembered as a refusal.
            (*tab).fun0 = 0;
        }
        add(tab);
        tab
    }
}

/// SAFETY (of the entries): compiled code passes descriptors.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_getitab(inter: *const Type, typ: *const Type) -> *const Itab {
    if typ.is_null() {
        return null_mut();
    }
    // SAFETY: see above.
    unsafe { getitab(inter, typ) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_asserte2i(inter: *const Type, typ: *const Type) -> *const Itab {
    // SAFETY: see above.
    unsafe {
        if typ.is_null() {
            port::panic_type_assertion(core::ptr::null(), inter, b"");
        }
        if as_interface(&*inter).nmethods == 0 {
            // There is no itab, and whatever is not nil will do.
            return null_mut();
        }
        let tab = getitab(inter, typ);
        if tab.is_null() {
            let missing = match_methods(as_interface(&*inter), &*typ, |_, _| {});
            port::panic_type_assertion(typ, inter, missing.unwrap_or(b""));
        }
        tab
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typestring(t: *const Type) -> Pair<*const u8, i64> {
    // SAFETY: see above.
    let s = unsafe { type_string(&*t, port::types_base()) };
    Pair(s.as_ptr(), s.len() as i64)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typepkgpath(t: *const Type) -> Pair<*const u8, i64> {
    // SAFETY: see above.
    let s = unsafe { type_pkg_path(&*t, port::types_base()) };
    Pair(s.as_ptr(), s.len() as i64)
}
