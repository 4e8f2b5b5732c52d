//! The run queue on real threads; `models` has it under loom.

use super::runq::RunQueue;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU32, Ordering::*};

#[test]
fn first_in_first_out() {
    let q = RunQueue::new();
    for i in 1..=256 {
        q.put(i).unwrap();
    }
    assert_eq!(q.put(257), Err(257));
    let mut batch = [0; 128];
    assert_eq!(q.grab(&mut batch), 128);
    assert_eq!((batch[0], batch[127]), (1, 128));
    assert_eq!(q.get(), Some(129));
    assert_eq!(q.len(), 127);
}

#[test]
fn nothing_is_lost_or_doubled() {
    const N: usize = 100_000;
    let (q, done) = (RunQueue::new(), AtomicBool::new(false));
    let seen: Vec<AtomicU32> = (0..=N).map(|_| AtomicU32::new(0)).collect();
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(|| {
                let mut batch = [0; 128];
                loop {
                    let last = done.load(Acquire);
                    let n = q.grab(&mut batch);
                    batch[..n].iter().for_each(|&e| {
                        seen[e].fetch_add(1, Relaxed);
                    });
                    if n == 0 && last {
                        break;
                    }
                    if n == 0 {
                        std::thread::yield_now();
                    }
                }
            });
        }
        let mut next = 1;
        while next <= N {
            if q.put(next).is_ok() {
                next += 1;
            }
            if next % 3 == 0
                && let Some(e) = q.get()
            {
                seen[e].fetch_add(1, Relaxed);
            }
        }
        done.store(true, Release);
    });
    assert!(seen[1..].iter().all(|s| s.load(Relaxed) == 1));
}
