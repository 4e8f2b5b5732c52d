//! Memory that is never freed, for the runtime's own structures, and the lock of this room. Outside the
//! Go heap: the collector does not look into it unless it is told to (`gc::add_root`).

use crate::parking;
use crate::port;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

/// A lock for short sections: spins a little, then sleeps in the kernel. Never held while Go memory is
/// allocated, a goroutine parks or the world stops.
pub struct Lock(AtomicU32);

pub struct Guard<'a>(&'a Lock);

impl Default for Lock {
    fn default() -> Lock {
        Lock::new()
    }
}

impl Lock {
    pub const fn new() -> Lock {
        Lock(AtomicU32::new(0))
    }

    #[inline]
    pub fn lock(&self) -> Guard<'_> {
        parking::lock(&self.0);
        Guard(self)
    }

    /// SAFETY: the caller holds the lock, by a guard it has forgotten.
    #[inline]
    pub unsafe fn unlock(&self) {
        parking::unlock(&self.0);
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the guard is the proof.
        unsafe { self.0.unlock() };
    }
}

struct Bump {
    at: usize,
    end: usize,
}

struct Persistent {
    lock: Lock,
    bump: UnsafeCell<Bump>,
}

// SAFETY: `bump` is guarded by `lock`.
unsafe impl Sync for Persistent {}

static PERSISTENT: Persistent =
    Persistent { lock: Lock::new(), bump: UnsafeCell::new(Bump { at: 0, end: 0 }) };

const CHUNK_BYTES: usize = 256 << 10;

static TOTAL_BYTES: AtomicU64 = AtomicU64::new(0);

/// Handed out so far.
pub fn total_bytes() -> u64 {
    TOTAL_BYTES.load(Relaxed)
}

/// Zeroed memory for ever.
#[doc(alias = "persistentalloc")]
pub fn persistent_alloc(bytes: usize, align: usize) -> *mut u8 {
    TOTAL_BYTES.fetch_add(bytes as u64, Relaxed);
    if bytes >= CHUNK_BYTES / 4 {
        return match port::map(bytes) {
            Some(p) => p as *mut u8,
            None => port::throw("runtime: cannot allocate memory"),
        };
    }
    let _guard = PERSISTENT.lock.lock();
    // SAFETY: under the lock.
    let bump = unsafe { &mut *PERSISTENT.bump.get() };
    let mut at = bump.at.next_multiple_of(align.max(8));
    if bump.end == 0 || at + bytes > bump.end {
        match port::map(CHUNK_BYTES) {
            Some(p) => {
                at = p;
                bump.end = p + CHUNK_BYTES;
            }
            None => port::throw("runtime: cannot allocate memory"),
        }
    }
    bump.at = at + bytes;
    at as *mut u8
}

/// Persistent zeroed memory for a T.
pub fn zeroed<T>() -> *mut T {
    persistent_alloc(size_of::<T>(), align_of::<T>()).cast()
}

/// A zeroed table whose memory appears as it is touched.
///
/// SAFETY: all zeroes must be a T.
pub unsafe fn reserve_table<T>(len: usize) -> &'static mut [T] {
    match port::map(len * size_of::<T>()) {
        // SAFETY: fresh memory of that size.
        Some(p) => unsafe { core::slice::from_raw_parts_mut(p as *mut T, len) },
        None => port::throw("cannot reserve the heap's tables"),
    }
}
