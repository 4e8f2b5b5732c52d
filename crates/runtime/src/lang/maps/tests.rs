//! Maps against std's, on a heap of the test's own.

use super::super::types::MapType;
use super::*;
use crate::port::with_heap;
use goxide_abi::typ::{Kind, TFLAG_REGULAR_MEMORY, Type};
use std::collections::{BTreeMap, HashMap, HashSet};

pub fn typ(kind: Kind, size: usize, tflag: u8, ptr_mask: Option<&'static [u8]>) -> &'static Type {
    // With zeroes behind it, where the parts of a kind would stand.
    #[repr(C)]
    struct Padded(Type, [usize; 8]);
    // SAFETY: plain data.
    let padded = Box::leak(Box::new(unsafe { core::mem::zeroed::<Padded>() }));
    let t = &mut padded.0;
    t.size = size;
    t.kind = kind as u8;
    t.tflag = tflag;
    t.align = size.clamp(1, 8) as u8;
    t.equal = 1;
    if let Some(m) = ptr_mask {
        t.ptr_bytes = (8 - m[0].leading_zeros() as usize) * 8;
        t.gcdata = m.as_ptr();
    }
    t
}

fn map_type(key: &'static Type, elem: &'static Type) -> *const MapType {
    // SAFETY: plain data.
    let mut t = unsafe { core::mem::zeroed::<MapType>() };
    t.key = key;
    t.elem = elem;
    Box::leak(Box::new(t))
}

fn int() -> &'static Type {
    typ(Kind::Int, 8, TFLAG_REGULAR_MEMORY, None)
}

fn string() -> &'static Type {
    typ(Kind::String, 16, 0, Some(&[1]))
}

/// Next of a simple generator.
fn next(x: &mut u64) -> u64 {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    *x
}

unsafe fn entries(t: *const MapType, m: *mut Map) -> Vec<(i64, i64)> {
    let mut it = [0u64; 16];
    let mut out = vec![];
    unsafe {
        iter::rt_mapiterstart(t, m, it.as_mut_ptr().cast());
        while it[0] != 0 {
            out.push((*(it[0] as *const i64), *(it[1] as *const i64)));
            iter::rt_mapiternext(it.as_mut_ptr().cast());
        }
    }
    out
}

#[test]
fn int_map_agrees_with_a_model() {
    with_heap(|| unsafe {
        let t = map_type(int(), int());
        for (seed, hint) in [(1, 0), (2, 8), (3, 100), (4, -5)] {
            let m = rt_makemap(t, hint);
            let mut model = BTreeMap::new();
            let mut x = seed * 77;
            for step in 0..60000u64 {
                let range = [10, 100, 5000, 30][(step / 15000) as usize];
                let k = (next(&mut x) % range) as i64;
                match next(&mut x) % 8 {
                    0..4 => {
                        *rt_mapassign_fast64(t, m, k).cast::<i64>() += step as i64;
                        *model.entry(k).or_insert(0) += step as i64;
                    }
                    4..6 => {
                        rt_mapdelete_fast64(t, m, k);
                        model.remove(&k);
                    }
                    _ => {
                        let Pair(p, ok) = rt_mapaccess2_fast64(t, m, k);
                        let want = model.get(&k);
                        assert_eq!(ok != 0, want.is_some(), "step {step}");
                        assert_eq!(*p.cast::<i64>(), want.copied().unwrap_or(0));
                    }
                }
                assert_eq!((*m).used, model.len());
                if step % 9973 == 0 {
                    let mut all = entries(t, m);
                    all.sort();
                    assert_eq!(all, model.iter().map(|(&k, &v)| (k, v)).collect::<Vec<_>>());
                }
            }
            rt_mapclear(t, m);
            assert_eq!((*m).used, 0);
            assert!(entries(t, m).is_empty());
            *rt_mapassign_fast64(t, m, 5).cast::<i64>() = 6;
            assert_eq!(entries(t, m), [(5, 6)]);
        }
    });
}

#[test]
fn string_map() {
    with_heap(|| unsafe {
        let t = map_type(string(), int());
        let m = rt_makemap(t, 0);
        let words: Vec<String> = (0..5000).map(|i| format!("{}{}", "word".repeat(i % 7), i % 1500)).collect();
        let mut model: HashMap<&str, i64> = HashMap::new();
        for w in &words {
            *rt_mapassign_faststr(t, m, w.as_ptr(), w.len() as i64).cast::<i64>() += 1;
            *model.entry(w).or_default() += 1;
        }
        assert_eq!((*m).used, model.len());
        for (w, &n) in &model {
            assert_eq!(*rt_mapaccess1_faststr(t, m, w.as_ptr(), w.len() as i64).cast::<i64>(), n);
            // The general entries see the same map.
            let key = [w.as_ptr() as usize, w.len()];
            assert_eq!(*rt_mapaccess1(t, m, key.as_ptr().cast()).cast::<i64>(), n);
        }
        assert_eq!(rt_mapaccess2_faststr(t, m, b"nope".as_ptr(), 4).1, 0);
    });
}

#[test]
fn iteration_while_the_map_changes() {
    with_heap(|| unsafe {
        let t = map_type(int(), int());
        let mut x = 99;
        for n in [3i64, 8, 9, 60, 1000] {
            for _ in 0..20 {
                let m = rt_makemap(t, 0);
                for k in 0..n {
                    *rt_mapassign_fast64(t, m, k).cast::<i64>() = k;
                }
                let mut it = [0u64; 16];
                let (mut seen, mut deleted) = (HashSet::new(), HashSet::new());
                iter::rt_mapiterstart(t, m, it.as_mut_ptr().cast());
                while it[0] != 0 {
                    let k = *(it[0] as *const i64);
                    assert!(seen.insert(k), "{k} twice");
                    assert!(!deleted.contains(&k), "{k} was deleted");
                    if k < n {
                        let want = if next(&mut x).is_multiple_of(2) { -k } else { k };
                        *rt_mapassign_fast64(t, m, k).cast::<i64>() = want;
                    }
                    // Delete one, add two.
                    let victim = (next(&mut x) % n as u64) as i64;
                    rt_mapdelete_fast64(t, m, victim);
                    deleted.insert(victim);
                    for _ in 0..2 {
                        if seen.len() < 3000 {
                            let k = n + (next(&mut x) % 1_000_000) as i64;
                            *rt_mapassign_fast64(t, m, k).cast::<i64>() = k;
                        }
                    }
                    deleted.retain(|d| rt_mapaccess2_fast64(t, m, *d).1 == 0);
                    iter::rt_mapiternext(it.as_mut_ptr().cast());
                }
                for k in 0..n {
                    assert!(seen.contains(&k) || rt_mapaccess2_fast64(t, m, k).1 == 0, "{k} missed");
                }
            }
        }
    });
}

#[test]
fn floats_and_nan() {
    with_heap(|| unsafe {
        let t = map_type(typ(Kind::Float64, 8, 0, None), int());
        let m = rt_makemap(t, 0);
        let put = |k: f64, v: i64| *rt_mapassign(t, m, (&raw const k).cast()).cast::<i64>() = v;
        put(0.0, 1);
        put(-0.0, 2);
        assert_eq!((*m).used, 1);
        for i in 0..20 {
            put(f64::NAN, i);
        }
        assert_eq!((*m).used, 21);
        let nan = f64::NAN;
        assert_eq!(rt_mapaccess2(t, m, (&raw const nan).cast()).1, 0);
        assert_eq!(entries(t, m).len(), 21);
        // Growing while iterating still shows each NaN once.
        let mut it = [0u64; 16];
        iter::rt_mapiterstart(t, m, it.as_mut_ptr().cast());
        let mut nans = 0;
        while it[0] != 0 {
            nans += (*(it[0] as *const f64)).is_nan() as i32;
            if nans == 5 {
                (0..100).for_each(|i| put(i as f64, i));
            }
            iter::rt_mapiternext(it.as_mut_ptr().cast());
        }
        assert_eq!(nans, 20);
        rt_mapclear(t, m);
        assert_eq!((*m).used, 0);
    });
}

#[test]
fn odd_shapes() {
    with_heap(|| unsafe {
        let unit = typ(Kind::Struct, 0, TFLAG_REGULAR_MEMORY, None);
        let big = typ(Kind::Array, 400, TFLAG_REGULAR_MEMORY, None);
        let byte = typ(Kind::Uint8, 1, TFLAG_REGULAR_MEMORY, None);
        // A set of nothing.
        let t = map_type(unit, unit);
        let m = rt_makemap(t, 0);
        rt_mapassign(t, m, b"".as_ptr());
        rt_mapassign(t, m, b"".as_ptr());
        assert_eq!((*m).used, 1);
        rt_mapdelete(t, m, b"".as_ptr());
        assert_eq!((*m).used, 0);
        // Keys and elements outside their slots.
        let t = map_type(big, big);
        let m = rt_makemap(t, 0);
        for i in 0..100u8 {
            let key = [i; 400];
            rt_mapassign(t, m, key.as_ptr()).write_bytes(i ^ 1, 400);
        }
        for i in 0..100u8 {
            let Pair(p, ok) = rt_mapaccess2(t, m, [i; 400].as_ptr());
            assert_eq!((ok, *p.add(399)), (1, i ^ 1));
        }
        // Elements bigger than the common zero value.
        let t = map_type(byte, typ(Kind::Array, 5000, TFLAG_REGULAR_MEMORY, None));
        let Pair(p, ok) = rt_mapaccess2(t, core::ptr::null(), [3u8].as_ptr());
        assert_eq!((ok, *p.add(4999)), (0, 0));
        let m = rt_makemap(t, 0);
        for i in 0..=255u8 {
            *rt_mapassign(t, m, &i) = i;
        }
        assert_eq!((*m).used, 256);
    });
}

#[test]
#[should_panic(expected = "assignment to entry in nil map")]
fn nil_map() {
    with_heap(|| unsafe {
        assign(core::ptr::null_mut(), Word64(1));
    });
}
