//! What Ms wait by: a lock and a note on one futex word each. Written over [`crate::sync`], so that loom runs
//! these very functions (`models`).

use crate::port::{futex_wait, futex_wake};
use crate::sync::{AtomicU32, LOCK_SPINS, Ordering::*, backoff};

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody sleeps until it is free.
const WANTED: u32 = 2;

#[inline(always)]
pub fn lock(word: &AtomicU32) {
    if word.compare_exchange(FREE, HELD, Acquire, Relaxed).is_err() {
        lock_slow(word);
    }
}

/// The holder works on for a while with the word in its own cache: looking often would take it away each time,
/// and sections are a few nanoseconds long where a word's way between processors is a hundred.
#[cold]
#[inline(never)]
fn lock_slow(word: &AtomicU32) {
    for round in 0..LOCK_SPINS {
        backoff(round);
        if word.load(Relaxed) == FREE && word.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok() {
            return;
        }
    }
    while word.swap(WANTED, Acquire) != FREE {
        futex_wait(word, WANTED);
    }
}

/// Whether the lock was free.
pub fn try_lock(word: &AtomicU32) -> bool {
    word.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok()
}

/// By the holder.
#[inline(always)]
pub fn unlock(word: &AtomicU32) {
    if word.swap(FREE, Release) == WANTED {
        futex_wake(word, 1);
    }
}

/// One sleeper, one wake-up.
pub fn note_wakeup(word: &AtomicU32) {
    word.store(1, Release);
    futex_wake(word, 1);
}

pub fn note_sleep(word: &AtomicU32) {
    while word.load(Acquire) == 0 {
        futex_wait(word, 0);
    }
}
