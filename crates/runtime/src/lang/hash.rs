//! Hashes of Go values, keyed by a secret of the process and a seed of the map; and equality, by
//! walking type descriptors. Runs on g0, takes no locks; panics as Go does on values that have no
//! equality.

use super::types::{as_array, as_interface, as_struct, is_direct, kind};
use crate::port;
use core::sync::atomic::{AtomicU64, Ordering::*};
use goxide_abi::typ::{Kind, TFLAG_REGULAR_MEMORY, Type};

/// Odd numbers without structure; the process's secret is mixed in at start.
static SECRET: [AtomicU64; 4] = [
    AtomicU64::new(0xa076_1d64_78bd_642f),
    AtomicU64::new(0xe703_7ed1_a0b4_28db),
    AtomicU64::new(0x8ebc_6af0_9c88_c6e3),
    AtomicU64::new(0x5899_65cc_7537_4cc3),
];

/// Makes the hashes of this process its own.
#[doc(alias = "alginit")]
pub fn init(mut rand: impl FnMut() -> u64) {
    for s in &SECRET {
        s.store(rand() | 1, Relaxed);
    }
}

#[inline(always)]
fn secret(i: usize) -> u64 {
    SECRET[i].load(Relaxed)
}

/// Both halves of a product, folded.
#[inline(always)]
fn mix(a: u64, b: u64) -> u64 {
    let p = a as u128 * b as u128;
    p as u64 ^ (p >> 64) as u64
}

#[inline(always)]
pub fn hash64(v: u64, seed: u64) -> u64 {
    mix(v ^ seed, secret(0))
}

#[inline(always)]
pub fn hash32(v: u32, seed: u64) -> u64 {
    mix(v as u64 ^ seed, secret(0))
}

/// SAFETY (of the three): `p` is readable for as many bytes.
#[inline(always)]
unsafe fn u64_at(p: *const u8) -> u64 {
    // SAFETY: see above.
    unsafe { p.cast::<u64>().read_unaligned() }
}

#[inline(always)]
unsafe fn u32_at(p: *const u8) -> u64 {
    // SAFETY: see above.
    unsafe { p.cast::<u32>().read_unaligned() as u64 }
}

/// Hash of a stretch of memory.
///
/// SAFETY: `p` is readable for `len` bytes.
#[inline(always)]
pub unsafe fn hash_bytes(p: *const u8, len: usize, seed: u64) -> u64 {
    // SAFETY: each read stays inside.
    unsafe {
        let (a, b);
        if len <= 16 {
            if len >= 8 {
                a = u64_at(p);
                b = u64_at(p.add(len - 8));
            } else if len >= 4 {
                a = u32_at(p);
                b = u32_at(p.add(len - 4));
            } else if len > 0 {
                a = (*p as u64) << 16 | (*p.add(len / 2) as u64) << 8 | *p.add(len - 1) as u64;
                b = 0;
            } else {
                a = 0;
                b = 0;
            }
            return mix(mix(a ^ secret(1), b ^ seed) ^ secret(2), len as u64 ^ secret(0));
        }
        hash_long(p, len, seed)
    }
}

/// SAFETY: as for [`hash_bytes`], of more than 16 bytes.
#[inline(never)]
unsafe fn hash_long(mut p: *const u8, len: usize, seed: u64) -> u64 {
    // SAFETY: each read stays inside.
    unsafe {
        let end = p.add(len);
        let (mut x, mut y) = (seed, seed ^ secret(3));
        let mut left = len;
        while left > 32 {
            x = mix(u64_at(p) ^ secret(1), u64_at(p.add(8)) ^ x);
            y = mix(u64_at(p.add(16)) ^ secret(2), u64_at(p.add(24)) ^ y);
            p = p.add(32);
            left -= 32;
        }
        if left > 16 {
            x = mix(u64_at(p) ^ secret(1), u64_at(p.add(8)) ^ x);
        }
        let (a, b) = (u64_at(end.sub(16)), u64_at(end.sub(8)));
        mix(mix(a ^ secret(2), b ^ x ^ y) ^ secret(3), len as u64 ^ secret(0))
    }
}

fn hash_f64(v: f64, seed: u64) -> u64 {
    if v == 0.0 {
        // +0 and -0 are equal.
        hash64(0, seed)
    } else if v.is_nan() {
        // No NaN equals another: they spread.
        hash64(port::rand64(), seed)
    } else {
        hash64(v.to_bits(), seed)
    }
}

fn hash_f32(v: f32, seed: u64) -> u64 {
    hash_f64(v as f64, seed)
}

/// The dynamic type and the address of the value of an interface at `p`; None for nil.
///
/// SAFETY: `p` points to an interface value of that type.
pub unsafe fn interface_value(t: &Type, p: *const u8) -> Option<(&'static Type, *const u8)> {
    // SAFETY: see above.
    unsafe {
        let (first, data) = (*p.cast::<*const Type>(), p.add(8));
        if first.is_null() {
            return None;
        }
        let dynamic = if as_interface(t).nmethods == 0 {
            &*first
        } else {
            let field = first.byte_add(goxide_abi::layout::ITAB_TYPE as usize);
            &**field.cast::<*const Type>()
        };
        Some((dynamic, if is_direct(dynamic) { data } else { *data.cast::<*const u8>() }))
    }
}

fn unhashable(t: &Type) -> ! {
    // SAFETY: a descriptor of the program.
    let name = unsafe { super::types::type_string(t, port::types_base()) };
    port::panic_error_parts(&[b"hash of unhashable type ", name])
}

/// Panics if a map without entries must refuse a key: its error reads otherwise than that of a hash
/// (`mapKeyError` of Go's internal/runtime/maps).
///
/// SAFETY: as for [`type_hash`].
#[doc(alias = "mapKeyError")]
pub unsafe fn check_hashable(t: &Type, p: *const u8) {
    // SAFETY: the descriptor tells what stands at `p`.
    unsafe {
        match kind(t) {
            Kind::Interface => match interface_value(t, p) {
                None => {}
                Some((dynamic, _)) if dynamic.equal == 0 => {
                    let name = super::types::type_string(dynamic, port::types_base());
                    port::panic_plain_parts(&[b"hash of unhashable type: ", name])
                }
                Some((dynamic, value)) => check_hashable(dynamic, value),
            },
            Kind::Array => {
                let a = as_array(t);
                (0..a.len).for_each(|i| check_hashable(&*a.elem, p.add(i * (*a.elem).size)));
            }
            Kind::Struct => {
                let fields = as_struct(t).fields().iter().filter(|f| !f.name.is_blank());
                fields.for_each(|f| check_hashable(&*f.typ, p.add(f.offset)));
            }
            _ => {}
        }
    }
}

/// Whether values of the type are equal where their bytes are.
pub fn is_regular(t: &Type) -> bool {
    t.tflag & TFLAG_REGULAR_MEMORY != 0
        || matches!(
            kind(t),
            Kind::Bool
                | Kind::Int
                | Kind::Int8
                | Kind::Int16
                | Kind::Int32
                | Kind::Int64
                | Kind::Uint
                | Kind::Uint8
                | Kind::Uint16
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Uintptr
                | Kind::Pointer
                | Kind::Chan
                | Kind::UnsafePointer
        )
}

/// Hash of the value of a type at `p`.
///
/// SAFETY: as said.
#[doc(alias = "typehash")]
pub unsafe fn type_hash(t: &Type, p: *const u8, seed: u64) -> u64 {
    // SAFETY: the descriptor tells what stands at `p`.
    unsafe {
        if is_regular(t) {
            return match t.size {
                4 => hash32(p.cast::<u32>().read(), seed),
                8 => hash64(p.cast::<u64>().read(), seed),
                n => hash_bytes(p, n, seed),
            };
        }
        match kind(t) {
            Kind::Float32 => hash_f32(*p.cast(), seed),
            Kind::Float64 => hash_f64(*p.cast(), seed),
            Kind::Complex64 => {
                let [re, im] = *p.cast::<[f32; 2]>();
                hash_f32(im, hash_f32(re, seed))
            }
            Kind::Complex128 => {
                let [re, im] = *p.cast::<[f64; 2]>();
                hash_f64(im, hash_f64(re, seed))
            }
            Kind::String => {
                let [data, len] = *p.cast::<[usize; 2]>();
                hash_bytes(data as *const u8, len, seed)
            }
            Kind::Interface => match interface_value(t, p) {
                None => seed,
                Some((dynamic, value)) => {
                    if dynamic.equal == 0 {
                        unhashable(dynamic);
                    }
                    mix(type_hash(dynamic, value, seed ^ secret(2)), secret(1))
                }
            },
            Kind::Array => {
                let a = as_array(t);
                (0..a.len).fold(seed, |h, i| type_hash(&*a.elem, p.add(i * (*a.elem).size), h))
            }
            Kind::Struct => as_struct(t)
                .fields()
                .iter()
                .filter(|f| !f.name.is_blank())
                .fold(seed, |h, f| type_hash(&*f.typ, p.add(f.offset), h)),
            _ => unhashable(t),
        }
    }
}

/// Whether [`type_hash`] of some value of the type can panic.
pub fn hash_might_panic(t: &Type) -> bool {
    if is_regular(t) {
        return false;
    }
    // SAFETY: kinds are checked before the casts.
    unsafe {
        match kind(t) {
            Kind::Interface => true,
            Kind::Array => hash_might_panic(&*as_array(t).elem),
            Kind::Struct => as_struct(t).fields().iter().any(|f| hash_might_panic(&*f.typ)),
            _ => false,
        }
    }
}

/// Whether every value of the type equals itself: false where a NaN can stand.
pub fn is_reflexive(t: &Type) -> bool {
    if is_regular(t) {
        return true;
    }
    // SAFETY: kinds are checked before the casts.
    unsafe {
        match kind(t) {
            Kind::Float32 | Kind::Float64 | Kind::Complex64 | Kind::Complex128 | Kind::Interface => false,
            Kind::Array => is_reflexive(&*as_array(t).elem),
            Kind::Struct => as_struct(t).fields().iter().all(|f| is_reflexive(&*f.typ)),
            _ => true,
        }
    }
}

/// Whether equal values of the type can differ in their bytes, so that an assignment renews the key.
pub fn needs_key_update(t: &Type) -> bool {
    if is_regular(t) {
        return false;
    }
    // SAFETY: kinds are checked before the casts.
    unsafe {
        match kind(t) {
            // A string, so that the older one's memory can go.
            Kind::Float32
            | Kind::Float64
            | Kind::Complex64
            | Kind::Complex128
            | Kind::Interface
            | Kind::String => true,
            Kind::Array => needs_key_update(&*as_array(t).elem),
            Kind::Struct => as_struct(t).fields().iter().any(|f| needs_key_update(&*f.typ)),
            _ => false,
        }
    }
}

/// SAFETY: both are readable for `len` bytes.
#[inline(always)]
pub unsafe fn bytes_equal(a: *const u8, b: *const u8, len: usize) -> bool {
    // SAFETY: each read stays inside.
    unsafe {
        if len >= 8 {
            let mut i = 0;
            while i + 8 <= len {
                if u64_at(a.add(i)) != u64_at(b.add(i)) {
                    return false;
                }
                i += 8;
            }
            return u64_at(a.add(len - 8)) == u64_at(b.add(len - 8));
        }
        if len >= 4 {
            return u32_at(a) == u32_at(b) && u32_at(a.add(len - 4)) == u32_at(b.add(len - 4));
        }
        for i in 0..len {
            if *a.add(i) != *b.add(i) {
                return false;
            }
        }
        true
    }
}

fn uncomparable(t: &Type) -> ! {
    // SAFETY: a descriptor of the program.
    let name = unsafe { super::types::type_string(t, port::types_base()) };
    port::panic_error_parts(&[b"comparing uncomparable type ", name])
}

/// `==` of two values of a type.
///
/// SAFETY: both pointers point to such values.
pub unsafe fn type_equal(t: &Type, a: *const u8, b: *const u8) -> bool {
    // SAFETY: the descriptor tells what stands there.
    unsafe {
        if is_regular(t) {
            return bytes_equal(a, b, t.size);
        }
        match kind(t) {
            Kind::Float32 => *a.cast::<f32>() == *b.cast::<f32>(),
            Kind::Float64 => *a.cast::<f64>() == *b.cast::<f64>(),
            Kind::Complex64 => *a.cast::<[f32; 2]>() == *b.cast::<[f32; 2]>(),
            Kind::Complex128 => *a.cast::<[f64; 2]>() == *b.cast::<[f64; 2]>(),
            Kind::String => {
                let ([p, n], [q, m]) = (*a.cast::<[usize; 2]>(), *b.cast::<[usize; 2]>());
                n == m && (p == q || bytes_equal(p as *const u8, q as *const u8, n))
            }
            Kind::Interface => {
                if *a.cast::<usize>() != *b.cast::<usize>() {
                    return false;
                }
                match (interface_value(t, a), interface_value(t, b)) {
                    (Some((dynamic, x)), Some((_, y))) => dynamic_equal(dynamic, x, y),
                    _ => true,
                }
            }
            Kind::Array => {
                let (elem, n) = (&*as_array(t).elem, as_array(t).len);
                (0..n).all(|i| type_equal(elem, a.add(i * elem.size), b.add(i * elem.size)))
            }
            Kind::Struct => {
                let fields = || as_struct(t).fields().iter().filter(|f| !f.name.is_blank());
                // What needs no look behind a pointer first, as far as the order of panics allows.
                fields()
                    .take_while(|f| is_regular(&*f.typ) || kind(&*f.typ) == Kind::String)
                    .all(|f| shallow_equal(&*f.typ, a.add(f.offset), b.add(f.offset)))
                    && fields().all(|f| type_equal(&*f.typ, a.add(f.offset), b.add(f.offset)))
            }
            _ => uncomparable(t),
        }
    }
}

/// Whether two values of a regular type or strings may be equal, by their own bytes: strings by their lengths
/// (cmd/compile/internal/compare, EqStruct).
///
/// SAFETY: as for [`type_equal`].
unsafe fn shallow_equal(t: &Type, a: *const u8, b: *const u8) -> bool {
    // SAFETY: see above.
    unsafe {
        match kind(t) {
            Kind::String => a.cast::<[usize; 2]>().read()[1] == b.cast::<[usize; 2]>().read()[1],
            _ => bytes_equal(a, b, t.size),
        }
    }
}

/// `==` of what two interfaces of the same dynamic type hold.
///
/// SAFETY: as for [`type_equal`].
unsafe fn dynamic_equal(t: &Type, a: *const u8, b: *const u8) -> bool {
    if t.equal == 0 {
        uncomparable(t);
    }
    // SAFETY: see above.
    unsafe { (is_direct(t) && *a.cast::<usize>() == *b.cast::<usize>()) || type_equal(t, a, b) }
}

/// (type, data words of two interfaces of that dynamic type)
#[unsafe(no_mangle)]
extern "C" fn rt_efaceeq(t: *const Type, x: *const u8, y: *const u8) -> i64 {
    if t.is_null() {
        return 1;
    }
    // SAFETY: compiled code passes an interface's words.
    unsafe {
        let t = &*t;
        if t.equal == 0 {
            uncomparable(t);
        }
        let equal = if is_direct(t) {
            // Direct values are one pointer.
            x == y
        } else {
            x == y && is_reflexive(t) || type_equal(t, x, y)
        };
        equal as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_spread() {
        let mut low = std::collections::HashSet::new();
        for i in 0..4096u64 {
            low.insert(hash64(i * 8, 77) >> 7 & 0xfffff);
        }
        assert!(low.len() > 4060);
        let text: Vec<u8> = (0..200u8).collect();
        let mut all = std::collections::HashSet::new();
        for from in 0..100 {
            for len in 0..100 {
                if len == 0 && from > 0 {
                    continue;
                }
                // SAFETY: inside the vector.
                assert!(all.insert(unsafe { hash_bytes(text.as_ptr().add(from), len, 5) }));
            }
        }
    }

    #[test]
    fn equality_of_bytes() {
        let a: Vec<u8> = (0..100u8).collect();
        for len in 0..100 {
            let mut b = a.clone();
            // SAFETY: both have 100 bytes.
            assert!(unsafe { bytes_equal(a.as_ptr(), b.as_ptr(), len) });
            for at in 0..len {
                b[at] ^= 1;
                assert!(!unsafe { bytes_equal(a.as_ptr(), b.as_ptr(), len) });
                b[at] ^= 1;
            }
        }
    }
}
