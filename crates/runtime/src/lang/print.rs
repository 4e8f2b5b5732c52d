//! `print` and `println`: what stands between printlock and printunlock goes to fd 2 with one write (or
//! as many as the buffer needs). Runs on g0; holds the print lock from printlock to printunlock, in which
//! a goroutine neither parks nor allocates.

use super::float::{format32, format64};
use crate::mem::persistent::Lock;
use crate::port;
use core::cell::UnsafeCell;

const BUFFER_BYTES: usize = 4096;

struct Buffer {
    bytes: [u8; BUFFER_BYTES],
    len: usize,
    /// The thread that holds the lock, and how often.
    owner: usize,
    depth: usize,
}

struct Printer {
    lock: Lock,
    buffer: UnsafeCell<Buffer>,
}

// SAFETY: the buffer is guarded by the lock; `owner` is only compared with the reader's own number.
unsafe impl Sync for Printer {}

static PRINTER: Printer = Printer {
    lock: Lock::new(),
    buffer: UnsafeCell::new(Buffer { bytes: [0; BUFFER_BYTES], len: 0, owner: 0, depth: 0 }),
};

#[unsafe(no_mangle)]
extern "C" fn rt_printlock() {
    let b = PRINTER.buffer.get();
    let me = port::thread_number();
    // SAFETY: the owner reads its own number only where it holds the lock.
    unsafe {
        if (*b).owner != me {
            core::mem::forget(PRINTER.lock.lock());
            (*b).owner = me;
        }
        (*b).depth += 1;
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_printunlock() {
    // SAFETY: the lock is held.
    let b = unsafe { &mut *PRINTER.buffer.get() };
    b.depth -= 1;
    if b.depth == 0 {
        flush(b);
        b.owner = 0;
        // SAFETY: taken in `rt_printlock`.
        unsafe { PRINTER.lock.unlock() };
    }
}

fn flush(b: &mut Buffer) {
    port::write_error(&b.bytes[..b.len]);
    b.len = 0;
}

#[doc(alias = "gwrite")]
fn put(mut text: &[u8]) {
    // SAFETY: compiled code holds the print lock.
    let b = unsafe { &mut *PRINTER.buffer.get() };
    while !text.is_empty() {
        if b.len == BUFFER_BYTES {
            flush(b);
        }
        let n = text.len().min(BUFFER_BYTES - b.len);
        b.bytes[b.len..b.len + n].copy_from_slice(&text[..n]);
        b.len += n;
        text = &text[n..];
    }
}

fn put_number(v: u64, base: u64, prefix: &[u8]) {
    let mut buf = [0u8; 20];
    let mut i = buf.len();
    let mut v = v;
    loop {
        i -= 1;
        buf[i] = b"0123456789abcdef"[(v % base) as usize];
        v /= base;
        if v == 0 {
            break;
        }
    }
    put(prefix);
    put(&buf[i..]);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printbool(v: i64) {
    put(if v != 0 { b"true" } else { b"false" });
}

#[unsafe(no_mangle)]
extern "C" fn rt_printint(v: i64) {
    put_number(v.unsigned_abs(), 10, if v < 0 { b"-" } else { b"" });
}

#[unsafe(no_mangle)]
extern "C" fn rt_printuint(v: i64) {
    put_number(v as u64, 10, b"");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printhex(v: i64) {
    put_number(v as u64, 16, b"0x");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printpointer(p: *const u8) {
    put_number(p as u64, 16, b"0x");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printfloat64(bits: i64) {
    put(format64(f64::from_bits(bits as u64)).as_bytes());
}

#[unsafe(no_mangle)]
extern "C" fn rt_printfloat32(bits: i64) {
    put(format32(f32::from_bits(bits as u32)).as_bytes());
}

/// The imaginary part always has a sign.
fn put_complex(re: &[u8], im: &[u8]) {
    put(b"(");
    put(re);
    if !matches!(im.first(), Some(b'+' | b'-')) {
        put(b"+");
    }
    put(im);
    put(b"i)");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printcomplex128(re: i64, im: i64) {
    let of = |bits: i64| format64(f64::from_bits(bits as u64));
    put_complex(of(re).as_bytes(), of(im).as_bytes());
}

#[unsafe(no_mangle)]
extern "C" fn rt_printcomplex64(re: i64, im: i64) {
    let of = |bits: i64| format32(f32::from_bits(bits as u32));
    put_complex(of(re).as_bytes(), of(im).as_bytes());
}

/// SAFETY: compiled code passes a string.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_printstring(p: *const u8, len: i64) {
    if len > 0 {
        // SAFETY: see above.
        put(unsafe { core::slice::from_raw_parts(p, len as usize) });
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_printslice(p: *const u8, len: i64, cap: i64) {
    put(b"[");
    rt_printint(len);
    put(b"/");
    rt_printint(cap);
    put(b"]");
    rt_printpointer(p);
}

#[unsafe(no_mangle)]
extern "C" fn rt_printiface(first: *const u8, data: *const u8) {
    put(b"(");
    rt_printpointer(first);
    put(b",");
    rt_printpointer(data);
    put(b")");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printsp() {
    put(b" ");
}

#[unsafe(no_mangle)]
extern "C" fn rt_printnl() {
    put(b"\n");
}
