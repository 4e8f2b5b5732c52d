//! What reflect asks of the runtime: types, names and code by offset, those that it made itself too; memory
//! and hashes by descriptor.

use super::hash::{hash_bytes, type_hash};
use crate::mem::mallocgc;
use crate::mem::persistent::{Lock, reserve_table};
use crate::port;
use core::cell::UnsafeCell;
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};
use goxide_abi::typ::Type;

/// Types and names that reflect made: offset -i - 1 stands for entry i. Roots.
const OFFSETS_MAX: usize = 1 << 22;
/// Two slots an entry.
const BUCKETS: usize = 2 * OFFSETS_MAX;

static LOCK: Lock = Lock::new();
static ENTRIES: AtomicPtr<usize> = AtomicPtr::new(null_mut());
static LEN: AtomicUsize = AtomicUsize::new(0);

/// Entry numbers by address, 0 for none.
struct Buckets(UnsafeCell<*mut u32>);
// SAFETY: under LOCK.
unsafe impl Sync for Buckets {}
static BY_ADDRESS: Buckets = Buckets(UnsafeCell::new(null_mut()));

/// (address) -> offset
#[unsafe(no_mangle)]
extern "C" fn rt_addreflectoff(p: usize) -> i64 {
    let _guard = LOCK.lock();
    // SAFETY: under the lock; each number in the buckets is that of an entry.
    unsafe {
        let mut entries = ENTRIES.load(Relaxed);
        if entries.is_null() {
            entries = reserve_table::<usize>(OFFSETS_MAX).as_mut_ptr();
            *BY_ADDRESS.0.get() = reserve_table::<u32>(BUCKETS).as_mut_ptr();
            ENTRIES.store(entries, Release);
        }
        let buckets = *BY_ADDRESS.0.get();
        let mut at = (p >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        loop {
            let slot = &mut *buckets.add(at % BUCKETS);
            if *slot == 0 {
                let i = LEN.load(Relaxed);
                if i == OFFSETS_MAX {
                    port::throw("reflect: too many types made at run time");
                }
                entries.add(i).write(p);
                LEN.store(i + 1, Release);
                *slot = i as u32 + 1;
                return -(i as i64) - 2;
            }
            if *entries.add(*slot as usize - 1) == p {
                return -(*slot as i64) - 1;
            }
            at += 1;
        }
    }
}

/// What stands for an offset below -1.
pub fn resolve(off: i32) -> usize {
    let i = (-(off as i64) - 2) as usize;
    if i >= LEN.load(Acquire) {
        return 0;
    }
    // SAFETY: entries below the length are written.
    unsafe { *ENTRIES.load(Acquire).add(i) }
}

#[unsafe(no_mangle)]
extern "C" fn rt_resolvereflectoff(off: i64) -> usize {
    resolve(off as i32)
}

/// With the world stopped.
pub fn for_each_root(mut f: impl FnMut(usize, usize)) {
    let lo = ENTRIES.load(Acquire) as usize;
    if lo != 0 {
        f(lo, lo + LEN.load(Acquire) * size_of::<usize>());
    }
}

/// (bytes) -> memory that is not zeroed
#[unsafe(no_mangle)]
extern "C" fn rt_rawbytes(n: usize) -> *mut u8 {
    if n > crate::mem::malloc::MAX_ALLOC {
        port::panic_error("makeslice: len out of range");
    }
    // SAFETY: no type.
    unsafe { mallocgc(n, null(), false) }
}

/// (bytes) -> what an allocation of so many without pointers gives
#[unsafe(no_mangle)]
extern "C" fn rt_roundupsize(n: usize) -> usize {
    crate::mem::sizeclass::roundupsize(n, true)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_hashbytes(p: *const u8, seed: u64, n: usize) -> u64 {
    // SAFETY: Go's memory of that length.
    unsafe { hash_bytes(p, n, seed) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_typehashed(t: *const Type, p: *const u8, seed: u64) -> u64 {
    // SAFETY: a descriptor and a value of its type.
    unsafe { type_hash(&*t, p, seed) }
}

#[unsafe(no_mangle)]
extern "C" fn rt_rand64() -> u64 {
    port::rand64()
}

/// (`runtime.moduleTypes` and so on) -> a word of the program's tables
#[cfg(not(test))]
#[unsafe(no_mangle)]
extern "C" fn rt_moduleword(which: i64) -> usize {
    let m = crate::trace::module::module();
    match which {
        0 => m.types,
        1 => m.text,
        2 => m.typelinks.len,
        3 => m.typelinks.ptr as usize,
        _ => port::static_uint64s() as usize,
    }
}
