//! Strings: concatenation and conversions. Runs on g0; allocates; takes no locks. What is small goes to the
//! buffer in the caller's frame, if it gives one.

use super::utf8;
use crate::mem::mallocgc;
use crate::port::{self, Pair};
use core::ptr::{copy_nonoverlapping, null, write_bytes};
use goxide_abi::layout::{BUFFER_BYTES, RUNE_BUFFER_BYTES};

type Str = Pair<*const u8, i64>;

const EMPTY: Str = Pair(null(), 0);

/// Memory for a string of `len` bytes, not zeroed.
#[doc(alias = "rawstring")]
fn raw(len: usize) -> *mut u8 {
    // SAFETY: no type: memory without pointers.
    unsafe { mallocgc(len, null(), false) }
}

/// Memory for `len` bytes, not zeroed.
fn room(len: usize, buffer: *mut u8) -> *mut u8 {
    if !buffer.is_null() && len <= BUFFER_BYTES { buffer } else { raw(len) }
}

/// SAFETY: `p` is readable for `len` bytes, or `len` is 0.
unsafe fn bytes<'a>(p: *const u8, len: i64) -> &'a [u8] {
    // SAFETY: see above.
    if len <= 0 { &[] } else { unsafe { core::slice::from_raw_parts(p, len as usize) } }
}

/// SAFETY: `to` has room for `len` bytes behind it.
#[inline(always)]
unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: see above.
    unsafe { copy_nonoverlapping(from, to, len) }
}

/// SAFETY (of the entries): compiled code passes strings and slices by their words.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstring2(
    a: *const u8,
    alen: i64,
    b: *const u8,
    blen: i64,
    buffer: *mut u8,
) -> Str {
    if alen == 0 {
        return Pair(b, blen);
    }
    if blen == 0 {
        return Pair(a, alen);
    }
    let Some(len) = alen.checked_add(blen) else { port::throw("string concatenation too long") };
    let p = room(len as usize, buffer);
    // SAFETY: room for both.
    unsafe {
        copy(a, p, alen as usize);
        copy(b, p.add(alen as usize), blen as usize);
    }
    Pair(p, len)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_concatstrings(strings: *const Str, n: i64, buffer: *mut u8) -> Str {
    // SAFETY: an array of n strings.
    let parts = unsafe { core::slice::from_raw_parts(strings, n as usize) };
    let (mut len, mut count, mut only) = (0i64, 0, EMPTY);
    for &s in parts {
        if s.1 == 0 {
            continue;
        }
        len = match len.checked_add(s.1) {
            Some(len) => len,
            None => port::throw("string concatenation too long"),
        };
        count += 1;
        only = s;
    }
    if count <= 1 {
        return only;
    }
    let p = room(len as usize, buffer);
    let mut at = p;
    for s in parts {
        // SAFETY: the lengths add up to the room.
        unsafe {
            copy(s.0, at, s.1 as usize);
            at = at.add(s.1 as usize);
        }
    }
    Pair(p, len)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_intstring(v: i64, buffer: *mut u8) -> Str {
    let mut buf = [0; 4];
    let rune = u32::try_from(v).unwrap_or(utf8::RUNE_ERROR);
    let n = utf8::encode(rune, &mut buf);
    let p = room(n, buffer);
    // SAFETY: room for n bytes.
    unsafe { copy(buf.as_ptr(), p, n) };
    Pair(p, n as i64)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_slicebytetostring(p: *const u8, len: i64, buffer: *mut u8) -> Str {
    if len == 0 {
        return EMPTY;
    }
    if len == 1 {
        // SAFETY: one byte is there; the table has a word for each, little-endian.
        return unsafe { Pair(port::static_uint64s().add(*p as usize).cast(), 1) };
    }
    let to = room(len as usize, buffer);
    // SAFETY: room for len bytes.
    unsafe { copy(p, to, len as usize) };
    Pair(to, len)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stringtoslicebyte(p: *const u8, len: i64, buffer: *mut u8) -> Str {
    let (to, cap) = if !buffer.is_null() && len as usize <= BUFFER_BYTES {
        (buffer, BUFFER_BYTES)
    } else if len == 0 {
        return Pair(port::zero_base(), 0);
    } else {
        let cap = crate::mem::sizeclass::roundupsize(len as usize, true);
        (raw(cap), cap)
    };
    // SAFETY: room for cap bytes, at least len.
    unsafe {
        copy(p, to, len as usize);
        write_bytes(to.add(len as usize), 0, cap - len as usize);
    }
    Pair(to, cap as i64)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_stringtoslicerune(p: *const u8, len: i64, buffer: *mut u8) -> Pair<*mut u32, i64> {
    // SAFETY: a string.
    let s = unsafe { bytes(p, len) };
    let n = utf8::count(s);
    if n == 0 {
        return Pair(port::zero_base().cast(), 0);
    }
    let (to, cap) = if !buffer.is_null() && n * 4 <= RUNE_BUFFER_BYTES {
        (buffer.cast::<u32>(), RUNE_BUFFER_BYTES / 4)
    } else {
        let bytes = crate::mem::sizeclass::roundupsize(n * 4, true);
        (raw(bytes).cast::<u32>(), bytes / 4)
    };
    let mut at = 0;
    for i in 0..n {
        let (rune, w) = utf8::decode(&s[at..]);
        at += w;
        // SAFETY: room for n runes.
        unsafe { to.add(i).write(rune) };
    }
    // SAFETY: room for cap runes.
    unsafe { write_bytes(to.add(n), 0, cap - n) };
    Pair(to, n as i64)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_slicerunetostring(p: *const u32, n: i64, buffer: *mut u8) -> Str {
    if n == 0 {
        return EMPTY;
    }
    // SAFETY: a slice of runes.
    let runes = unsafe { core::slice::from_raw_parts(p, n as usize) };
    let len: usize = runes.iter().map(|&r| utf8::width(r)).sum();
    let to = room(len, buffer);
    let mut at = 0;
    for &r in runes {
        let mut buf = [0; 4];
        let w = utf8::encode(r, &mut buf);
        // SAFETY: the widths add up to the room.
        unsafe { copy(buf.as_ptr(), to.add(at), w) };
        at += w;
    }
    Pair(to, len as i64)
}

/// (string, byte index) -> (rune, next index)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_decoderune(p: *const u8, len: i64, at: i64) -> Pair<i64, i64> {
    // SAFETY: a string; the index is inside.
    let s = unsafe { bytes(p, len) };
    let (rune, w) = utf8::decode(&s[at as usize..]);
    Pair(rune as i64, at + w as i64)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_countrunes(p: *const u8, len: i64) -> i64 {
    // SAFETY: a string.
    utf8::count(unsafe { bytes(p, len) }) as i64
}
