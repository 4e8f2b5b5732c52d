//! Size classes, derived at compile time by the rules of Go's `mksizeclasses.go`, so that `cap()` after
//! an append is the number Go gives. Pure.

pub const PAGE_SHIFT: usize = 13;
pub const PAGE_BYTES: usize = 1 << PAGE_SHIFT;
pub const MAX_SMALL_BYTES: usize = 32768;
pub const NUM_CLASSES: usize = 68;
/// Objects with pointers up to this size have their pointer bits at the end of their span; larger ones
/// begin with a header word, the address of their type.
pub const MAX_BITS_IN_SPAN_BYTES: usize = 512;
pub const HEADER_BYTES: usize = 8;
/// Objects without pointers below this size share blocks of this size.
pub const TINY_BYTES: usize = 16;
pub const TINY_CLASS: u8 = 2;
pub const MAX_OBJECTS_PER_SPAN: usize = PAGE_BYTES / 8;

const SMALL_DIV: usize = 8;
/// Up to this size classes are found by units of 8 bytes.
pub const SMALL_MAX: usize = 1024;
const LARGE_DIV: usize = 128;

pub struct SizeClasses {
    pub bytes: [u32; NUM_CLASSES],
    pub pages: [u8; NUM_CLASSES],
    /// `n / bytes` is `(n * magic) >> 32` for every offset n in a span.
    pub div_magic: [u32; NUM_CLASSES],
    of_8: [u8; SMALL_MAX / SMALL_DIV + 1],
    of_128: [u8; (MAX_SMALL_BYTES - SMALL_MAX) / LARGE_DIV + 1],
}

pub static CLASSES: SizeClasses = derive();

const fn derive() -> SizeClasses {
    let mut bytes = [0u32; NUM_CLASSES];
    let mut pages = [0u8; NUM_CLASSES];
    let mut n = 1; // class 0 stands for large objects
    let mut align = 8;
    let mut size = align;
    while size <= MAX_SMALL_BYTES {
        if size.is_power_of_two() {
            align = if size >= 2048 {
                256
            } else if size >= 128 {
                size / 8
            } else if size >= 32 {
                16
            } else {
                align
            };
        }
        // As many pages as keep the waste at the end below an eighth.
        let mut span = PAGE_BYTES;
        while span % size > span / 8 {
            span += PAGE_BYTES;
        }
        let np = (span / PAGE_BYTES) as u8;
        if n > 1 && np == pages[n - 1] && span / size == span / bytes[n - 1] as usize {
            // As many objects as the class before has: one class is enough.
            bytes[n - 1] = size as u32;
        } else {
            bytes[n] = size as u32;
            pages[n] = np;
            n += 1;
        }
        size += align;
    }
    assert!(n == NUM_CLASSES);

    let mut div_magic = [0u32; NUM_CLASSES];
    let mut c = 1;
    while c < NUM_CLASSES {
        // Larger objects where as many of them fit.
        let span = pages[c] as usize * PAGE_BYTES;
        let grown = (span / (span / bytes[c] as usize)) & !(LARGE_DIV - 1);
        if grown > bytes[c] as usize {
            bytes[c] = grown as u32;
        }
        div_magic[c] = (u32::MAX / bytes[c]).wrapping_add(1);
        c += 1;
    }

    let mut of_8 = [0u8; SMALL_MAX / SMALL_DIV + 1];
    let mut of_128 = [0u8; (MAX_SMALL_BYTES - SMALL_MAX) / LARGE_DIV + 1];
    let mut c = 0;
    let mut i = 0;
    while i < of_8.len() {
        while (bytes[c] as usize) < i * SMALL_DIV {
            c += 1;
        }
        of_8[i] = c as u8;
        i += 1;
    }
    let mut i = 0;
    while i < of_128.len() {
        while (bytes[c] as usize) < SMALL_MAX + i * LARGE_DIV {
            c += 1;
        }
        of_128[i] = c as u8;
        i += 1;
    }
    SizeClasses { bytes, pages, div_magic, of_8, of_128 }
}

/// The class of objects of `size` bytes, at most [`SMALL_MAX`].
#[inline(always)]
pub fn small_class_of(size: usize) -> u8 {
    CLASSES.of_8[size.div_ceil(SMALL_DIV)]
}

/// The class of objects of `size` bytes, at most [`MAX_SMALL_BYTES`].
pub fn class_of(size: usize) -> u8 {
    if size <= SMALL_MAX {
        small_class_of(size)
    } else {
        CLASSES.of_128[(size - SMALL_MAX).div_ceil(LARGE_DIV)]
    }
}

/// The bytes that an allocation of `size` bytes gives its user.
pub fn roundupsize(size: usize, noscan: bool) -> usize {
    if size <= MAX_SMALL_BYTES - HEADER_BYTES {
        let header = if !noscan && size > MAX_BITS_IN_SPAN_BYTES { HEADER_BYTES } else { 0 };
        return CLASSES.bytes[class_of(size + header) as usize] as usize - header;
    }
    match size.checked_add(PAGE_BYTES - 1) {
        Some(n) => n & !(PAGE_BYTES - 1),
        None => size,
    }
}

/// The capacity that append asks for (before rounding up to a size class): twice the old one, above 256
/// elements going smoothly over to 1.25 times.
#[doc(alias = "nextslicecap")]
pub fn next_slice_cap(new_len: isize, old_cap: isize) -> isize {
    const THRESHOLD: isize = 256;
    let double = old_cap.wrapping_add(old_cap);
    if new_len > double {
        return new_len;
    }
    if old_cap < THRESHOLD {
        return double;
    }
    let mut cap = old_cap;
    loop {
        cap = cap.wrapping_add(cap.wrapping_add(3 * THRESHOLD) >> 2);
        // Unsigned, so that an overflow ends the loop too.
        if cap as usize >= new_len as usize {
            break;
        }
    }
    if cap <= 0 { new_len } else { cap }
}

/// `(capacity, bytes)` that append of elements of `elem_size` bytes (not 0) allocates; None where it is
/// out of range.
pub fn grown_slice(
    new_len: isize,
    old_cap: isize,
    elem_size: usize,
    noscan: bool,
    max_alloc: usize,
) -> Option<(usize, usize)> {
    if new_len < 0 {
        return None;
    }
    let cap = next_slice_cap(new_len, old_cap) as usize;
    let bytes = cap.checked_mul(elem_size)?;
    if bytes > max_alloc {
        return None;
    }
    let cap = roundupsize(bytes, noscan) / elem_size;
    let bytes = cap * elem_size;
    (bytes <= max_alloc).then_some((cap, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_gos() {
        assert_eq!(&CLASSES.bytes[..12], &[0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144]);
        assert_eq!(
            &CLASSES.bytes[48..],
            &[
                6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072,
                20480, 21760, 24576, 27264, 28672, 32768
            ]
        );
        assert_eq!(&CLASSES.pages[48..], &[4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4]);
    }

    #[test]
    fn class_is_the_smallest_that_fits() {
        for size in 0..=MAX_SMALL_BYTES {
            let c = class_of(size) as usize;
            assert!(CLASSES.bytes[c] as usize >= size);
            assert!(c == 0 || (CLASSES.bytes[c - 1] as usize) < size);
        }
    }

    #[test]
    fn magic_divides() {
        for c in 1..NUM_CLASSES {
            for n in 0..=CLASSES.pages[c] as u64 * PAGE_BYTES as u64 {
                let q = (n * CLASSES.div_magic[c] as u64) >> 32;
                assert_eq!(q, n / CLASSES.bytes[c] as u64);
            }
        }
    }

    #[test]
    fn caps_of_append() {
        let caps = |elem: usize, noscan: bool, n: isize| {
            let (mut cap, mut out) = (0, vec![]);
            for len in 1..=n {
                if len > cap {
                    cap = grown_slice(len, cap, elem, noscan, 1 << 47).unwrap().0 as isize;
                    out.push(cap);
                }
            }
            out
        };
        // As `append` of one element at a time gives in Go 1.27.
        assert_eq!(caps(8, true, 3000), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408]);
        assert_eq!(caps(1, true, 600), [8, 16, 32, 64, 128, 256, 512, 896]);
        assert_eq!(caps(24, true, 30), [1, 2, 4, 8, 16, 32]);
        assert_eq!(grown_slice(5, 0, 8, true, 1 << 47).unwrap().0, 6);
        assert_eq!(grown_slice(-1, 0, 8, true, 1 << 47), None);
        assert_eq!(grown_slice(isize::MAX, 0, 8, true, 1 << 47), None);
        assert_eq!(roundupsize(513, false), 568);
        assert_eq!(roundupsize(32768, false), 32768);
    }
}
