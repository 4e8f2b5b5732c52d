//! Sleeping on a word.

use super::clock::Timespec;
use super::sys::{FUTEX, syscall6};
use crate::parking;
use core::sync::atomic::{AtomicU32, Ordering::*};

const WAIT_PRIVATE: usize = 128;
const WAKE_PRIVATE: usize = 129;

/// Sleeps while the word is `value`; may wake for no reason.
pub fn wait(word: &AtomicU32, value: u32) {
    // SAFETY: a word of ours.
    unsafe { syscall6(FUTEX, [word.as_ptr() as usize, WAIT_PRIVATE, value as usize, 0, 0, 0]) };
}

pub fn wait_for(word: &AtomicU32, value: u32, ns: u64) {
    let t = Timespec::from_ns(ns);
    // SAFETY: a word of ours.
    unsafe {
        syscall6(FUTEX, [word.as_ptr() as usize, WAIT_PRIVATE, value as usize, &raw const t as usize, 0, 0])
    };
}

pub fn wake(word: &AtomicU32, count: u32) {
    // SAFETY: a word of ours.
    unsafe { syscall6(FUTEX, [word.as_ptr() as usize, WAKE_PRIVATE, count as usize, 0, 0, 0]) };
}

/// One sleeper, one wake-up, then [`Note::clear`].
#[doc(alias = "note")]
pub struct Note(AtomicU32);

impl Note {
    pub const fn new() -> Note {
        Note(AtomicU32::new(0))
    }

    #[doc(alias = "noteclear")]
    pub fn clear(&self) {
        self.0.store(0, Relaxed);
    }

    #[doc(alias = "notewakeup")]
    pub fn wakeup(&self) {
        parking::note_wakeup(&self.0);
    }

    #[doc(alias = "notesleep")]
    pub fn sleep(&self) {
        parking::note_sleep(&self.0);
    }

    /// Whether it was woken within that time.
    #[doc(alias = "notetsleep")]
    pub fn sleep_for(&self, ns: u64) -> bool {
        if self.0.load(Acquire) == 0 {
            wait_for(&self.0, 0, ns);
        }
        self.0.load(Acquire) != 0
    }
}

impl Default for Note {
    fn default() -> Note {
        Note::new()
    }
}
