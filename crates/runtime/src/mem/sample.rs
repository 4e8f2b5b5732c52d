//! Which allocations the heap profile samples, and which objects it knows: each span has a list of its own, which
//! whoever has the span may touch (the P that allocates from it, the thread that sweeps it).

use super::persistent::{Lock, persistent_alloc};
use super::span::Span;
use crate::port;
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// An object whose allocation was sampled.
pub struct Sample {
    /// Of the same span, or in the list of those not in use.
    next: *mut Sample,
    index: usize,
    /// What the profile knows its stack by.
    bucket: port::Bucket,
}

struct Free(UnsafeCell<*mut Sample>);
// SAFETY: under the lock.
unsafe impl Sync for Free {}
static LOCK: Lock = Lock::new();
static FREE: Free = Free(UnsafeCell::new(null_mut()));

/// Bytes to the next sample, whose distances have the mean `rate`: 0 where each allocation is one (Go's
/// nextSample).
pub fn distance(rate: usize, random: impl FnMut() -> u64) -> usize {
    if rate <= 1 { 0 } else { (exponential(random) * rate as f64) as usize }
}

/// Of an exponential distribution with mean 1, by comparisons alone (von Neumann, "Various techniques used in
/// connection with random digits"): a falling run of random numbers is of odd length with the probability
/// e^-first.
fn exponential(mut random: impl FnMut() -> u64) -> f64 {
    const ONE: f64 = 18_446_744_073_709_551_616.0;
    let mut whole = 0.0;
    loop {
        let first = random();
        let (mut last, mut is_odd) = (first, true);
        loop {
            let next = random();
            if next > last {
                break;
            }
            last = next;
            is_odd = !is_odd;
        }
        if is_odd {
            return whole + first as f64 / ONE;
        }
        whole += 1.0;
    }
}

/// The object at `at` is sampled, with the stack of the goroutine at hand.
///
/// SAFETY: the caller has the span.
#[cold]
pub unsafe fn add(span: *mut Span, at: usize) {
    // SAFETY: see above; samples in the list are nobody's.
    unsafe {
        let Some(bucket) = port::sampled((*span).elem_size) else { return };
        let sample = {
            let _guard = LOCK.lock();
            let free = FREE.0.get();
            match *free {
                s if s.is_null() => persistent_alloc(size_of::<Sample>(), 8).cast(),
                s => {
                    *free = (*s).next;
                    s
                }
            }
        };
        let index = (*span).index_of(at - (*span).base);
        sample.write(Sample { next: (*span).samples, index, bucket });
        (*span).samples = sample;
    }
}

/// The addresses of the span's sampled objects, and their buckets. With the world stopped.
pub fn for_each(span: &Span, mut f: impl FnMut(usize, port::Bucket)) {
    let mut sample = span.samples;
    // SAFETY: samples in the list are the span's.
    while let Some(s) = unsafe { sample.as_ref() } {
        f(span.base + s.index * span.elem_size, s.bucket);
        sample = s.next;
    }
}

/// Forgets the objects that are not marked.
///
/// SAFETY: the caller sweeps the span.
#[cold]
pub unsafe fn sweep(span: *mut Span) {
    // SAFETY: see above.
    unsafe {
        let mut link = &raw mut (*span).samples;
        while !(*link).is_null() {
            let sample = *link;
            if (*span).is_marked((*sample).index) {
                link = &raw mut (*sample).next;
                continue;
            }
            *link = (*sample).next;
            port::freed((*sample).bucket);
            let _guard = LOCK.lock();
            let free = FREE.0.get();
            (*sample).next = *free;
            *free = sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_exponential() {
        let mut rng = crate::os::chacha8::ChaCha8::new([7; 32]);
        let (n, rate) = (100_000, 512 << 10);
        let all: Vec<usize> = (0..n).map(|_| distance(rate, || rng.next_u64())).collect();
        let mean = all.iter().sum::<usize>() as f64 / n as f64 / rate as f64;
        let beyond = all.iter().filter(|&&d| d > 2 * rate).count() as f64 / n as f64;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert!((beyond - (-2f64).exp()).abs() < 0.01, "{beyond}");
        assert_eq!((distance(1, || 0), distance(0, || 0)), (0, 0));
    }
}
