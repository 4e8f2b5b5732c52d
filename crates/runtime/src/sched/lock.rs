//! The runtime's own locks. Each has a rank, which its guards carry; one M takes them in rising order.

use crate::parking;
use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::AtomicU32;

/// What is taken later has the higher rank. Channels are of one rank among themselves: a select locks
/// several, by address.
pub mod rank {
    pub const CHAN: u8 = 10;
    pub const POLL_DESC: u8 = 11;
    pub const SEMA: u8 = 12;
    pub const BUBBLE: u8 = 13;
    pub const TIMERS: u8 = 15;
    pub const SCHED: u8 = 20;
    pub const STACK_POOL: u8 = 30;
    pub const RANDOM: u8 = 35;
    pub const PROFILE: u8 = 36;
    pub const PRINT: u8 = 40;
}

/// Spins a little, then sleeps in the kernel. Held for short sections, never while a goroutine parks or Go
/// memory is allocated.
#[repr(C)]
pub struct RawLock(AtomicU32);

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock(AtomicU32::new(0))
    }

    #[inline(always)]
    pub fn lock(&self) {
        parking::lock(&self.0);
    }

    pub fn try_lock(&self) -> bool {
        parking::try_lock(&self.0)
    }

    #[inline(always)]
    pub fn unlock(&self) {
        parking::unlock(&self.0);
    }
}

impl Default for RawLock {
    fn default() -> RawLock {
        RawLock::new()
    }
}

pub struct Mutex<T, const RANK: u8> {
    raw: RawLock,
    value: UnsafeCell<T>,
}

// SAFETY: the value is touched under the lock only.
unsafe impl<T: Send, const RANK: u8> Sync for Mutex<T, RANK> {}

impl<T, const RANK: u8> Mutex<T, RANK> {
    pub const fn new(value: T) -> Self {
        Mutex { raw: RawLock::new(), value: UnsafeCell::new(value) }
    }

    #[inline]
    pub fn lock(&self) -> Guard<'_, T, RANK> {
        self.raw.lock();
        Guard(self)
    }

    pub fn try_lock(&self) -> Option<Guard<'_, T, RANK>> {
        self.raw.try_lock().then_some(Guard(self))
    }
}

/// The right to a value whose lock has that rank.
pub struct Guard<'a, T, const RANK: u8>(&'a Mutex<T, RANK>);

impl<T, const RANK: u8> Deref for Guard<'_, T, RANK> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: under the lock.
        unsafe { &*self.0.value.get() }
    }
}

impl<T, const RANK: u8> DerefMut for Guard<'_, T, RANK> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: under the lock.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T, const RANK: u8> Drop for Guard<'_, T, RANK> {
    #[inline]
    fn drop(&mut self) {
        self.0.raw.unlock();
    }
}
