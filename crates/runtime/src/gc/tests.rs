//! The collector on a heap of the test's own: random graphs against a model.

use super::*;
use crate::mem::{mallocgc, new_array};
use crate::port::{self, with_heap};
use goxide_abi::typ::Type;

fn typ(words: usize, mask: &'static [u8]) -> &'static Type {
    // SAFETY: plain data.
    let mut t = unsafe { core::mem::zeroed::<Type>() };
    t.size = words * 8;
    t.ptr_bytes = if mask.is_empty() { 0 } else { words * 8 };
    t.gcdata = mask.as_ptr();
    Box::leak(Box::new(t))
}

/// An object: id, number of pointers, pointers (at odd places for one of the types).
unsafe fn check(root: *const u64, depth: usize) -> usize {
    unsafe {
        if root.is_null() || depth == 0 {
            return 0;
        }
        assert_eq!(*root >> 32, 0xabcd_ef01, "object {root:?} was freed");
        let n = (*root & 0xffff_ffff) as usize;
        let mut count = 1;
        for i in 0..n {
            count += check(*root.add(1 + i) as *const u64, depth - 1);
        }
        count
    }
}

#[test]
fn reachable_objects_stay() {
    with_heap(|| unsafe {
        let masks: &[u8] =
            &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let mut types = vec![];
        for words in [2usize, 3, 5, 9, 33, 65, 100] {
            types.push(typ(words, Box::leak(masks[..words.div_ceil(8)].to_vec().into_boxed_slice())));
        }
        let roots = vec![0u64; 512].leak();
        let lo = roots.as_ptr() as usize;
        port::ROOTS.lock().unwrap().push((lo, lo + 512 * 8));
        STRESS.store(1, Relaxed);
        port::MAY_COLLECT.store(true, Relaxed);
        let mut x = 7u64;
        let mut next = move || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x as usize
        };
        for round in 0..30 {
            for _ in 0..4000 {
                let t = types[next() % types.len()];
                let p = new_array(t, 1).cast::<u64>();
                let n = t.size / 8 - 1;
                for i in 0..=n {
                    assert_eq!(*p.add(i), 0, "not zeroed");
                }
                *p = 0xabcd_ef01 << 32 | n as u64;
                for i in 0..n.min(4) {
                    // Interior pointers do not occur in the heap here; roots have them.
                    let r = roots[next() % 512] & !7;
                    *p.add(1 + i) = if r == 0 { 0 } else { base_of(r) };
                }
                roots[next() % 512] = p as u64 + (next() % 8) as u64;
                // Garbage without pointers, of all sizes.
                let junk = mallocgc(1 + next() % 3000, core::ptr::null(), false);
                junk.write_bytes(0xee, 1);
            }
            for _ in 0..5 {
                let big = new_array(types[1], 5000);
                *big.cast::<u64>() = 0;
            }
            collect(round % 2 == 0, true);
            for r in roots.iter() {
                check(base_of(*r & !7) as *const u64, 4);
            }
            for r in roots.iter_mut() {
                if next() % 3 == 0 {
                    *r = 0;
                }
            }
        }
        port::MAY_COLLECT.store(false, Relaxed);
        STRESS.store(0, Relaxed);
        assert!(HEAP_LIVE.load(Relaxed) < 200 << 20);
        port::ROOTS.lock().unwrap().clear();
    });
}

/// The object's start: what the span says.
unsafe fn base_of(p: u64) -> u64 {
    unsafe {
        if p == 0 {
            return 0;
        }
        let s = &*crate::mem::heap::span_of(p as usize);
        let at = s.base + s.index_of(p as usize - s.base) * s.elem_size;
        (at + if s.layout == crate::mem::span::Layout::Header { 8 } else { 0 }) as u64
    }
}
