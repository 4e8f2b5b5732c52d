//! The protocols between threads, in every order that loom can make of them:
//! the runtime's own files, with what they use of it replaced by models.
#![cfg(test)]

/// In place of the runtime's own: loom's atomics, and a queue too short to make models endless.
mod sync {
    pub use loom::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
    pub const LOCK_SPINS: u32 = 0;
    pub const RUNQ_CAPACITY: u32 = 4;

    pub fn backoff(_: u32) {
        loom::thread::yield_now();
    }
}

/// A futex whose sleepers are woken by nothing but a wake: one that is lost is a deadlock, which loom reports.
mod port {
    use super::sync::{AtomicU32, Ordering::*};
    use loom::sync::{Condvar, Mutex};

    loom::lazy_static! {
        static ref KERNEL: Mutex<()> = Mutex::new(());
        static ref SLEEPERS: Condvar = Condvar::new();
    }

    pub fn futex_wait(word: &AtomicU32, value: u32) {
        let kernel = KERNEL.lock().unwrap();
        if word.load(SeqCst) == value {
            drop(SLEEPERS.wait(kernel).unwrap());
        }
    }

    pub fn futex_wake(_: &AtomicU32, count: u32) {
        let _kernel = KERNEL.lock().unwrap();
        if count == 1 { SLEEPERS.notify_one() } else { SLEEPERS.notify_all() }
    }
}

#[path = "../../src/parking.rs"]
mod parking;
#[allow(dead_code, reason = "the models do not call all of the file that they share with the runtime")]
#[path = "../../src/sched/runq.rs"]
mod runq;

use loom::sync::Arc;
use loom::thread;
use runq::{CAPACITY, RunQueue};
use sync::AtomicU32;

fn bounded() -> loom::model::Builder {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model
}

#[test]
fn a_lock_excludes_and_loses_no_wake() {
    bounded().check(|| {
        let word = Arc::new((AtomicU32::new(0), loom::cell::UnsafeCell::new(0)));
        let work = |shared: &(AtomicU32, loom::cell::UnsafeCell<i32>)| {
            parking::lock(&shared.0);
            // loom says if two threads are here at once.
            shared.1.with_mut(|n| unsafe { *n += 1 });
            parking::unlock(&shared.0);
        };
        let other = word.clone();
        let t = thread::spawn(move || work(&other));
        work(&word);
        t.join().unwrap();
        word.1.with(|n| assert_eq!(unsafe { *n }, 2));
    });
}

#[test]
fn a_note_wakes_its_sleeper() {
    bounded().check(|| {
        let note = Arc::new((AtomicU32::new(0), loom::cell::UnsafeCell::new(0)));
        let other = note.clone();
        let t = thread::spawn(move || {
            other.1.with_mut(|n| unsafe { *n = 7 });
            parking::note_wakeup(&other.0);
        });
        parking::note_sleep(&note.0);
        note.1.with(|n| assert_eq!(unsafe { *n }, 7));
        t.join().unwrap();
    });
}

/// The owner puts and gets while a thief grabs: each element comes out once.
#[test]
fn a_run_queue_loses_and_doubles_nothing() {
    bounded().check(|| {
        let queue = Arc::new(RunQueue::new());
        let theirs = queue.clone();
        let thief = thread::spawn(move || {
            let mut batch = [0; CAPACITY as usize / 2];
            let n = theirs.grab(&mut batch);
            batch[..n].to_vec()
        });
        let mut seen = vec![];
        for element in 1..=3 {
            if queue.put(element).is_err() {
                seen.push(element);
            }
        }
        seen.extend(queue.get());
        seen.extend(thief.join().unwrap());
        while let Some(element) = queue.get() {
            seen.push(element);
        }
        seen.sort();
        assert_eq!(seen, [1, 2, 3]);
    });
}

/// What a thief reads was written before the element was put.
#[test]
fn a_run_queue_publishes() {
    bounded().check(|| {
        let shared = Arc::new((RunQueue::new(), loom::cell::UnsafeCell::new(0)));
        let theirs = shared.clone();
        let thief = thread::spawn(move || {
            let mut batch = [0; CAPACITY as usize / 2];
            if theirs.0.grab(&mut batch) != 0 {
                theirs.1.with(|n| assert_eq!(unsafe { *n }, 9));
            }
        });
        shared.1.with_mut(|n| unsafe { *n = 9 });
        shared.0.put(1).unwrap();
        thief.join().unwrap();
    });
}
