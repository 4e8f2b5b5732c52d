//! What memory, collector and language rooms ask of the rest of the runtime, on a host for unit tests:
//! one P to a test, roots by hand, panics as Rust's.

use crate::mem::Mcache;
use core::fmt::Arguments;
use goxide_abi::typ::Type;
use std::cell::UnsafeCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

unsafe extern "C" {
    fn mmap(at: usize, len: usize, prot: i32, flags: i32, fd: i32, off: i64) -> usize;
    fn mprotect(at: usize, len: usize, prot: i32) -> i32;
    fn madvise(at: usize, len: usize, advice: i32) -> i32;
    fn syscall(n: i64, ...) -> i64;
}

const FAILED: usize = usize::MAX;
const PRIVATE_ANON_NORESERVE: i32 = 0x2 | 0x20 | 0x4000;

pub fn reserve(hint: usize, bytes: usize) -> Option<usize> {
    // SAFETY: new memory.
    let p = unsafe { mmap(hint, bytes, 0, PRIVATE_ANON_NORESERVE, -1, 0) };
    (p != FAILED).then_some(p)
}

pub fn commit(at: usize, bytes: usize) -> bool {
    // SAFETY: reserved memory.
    unsafe { mprotect(at, bytes, 3) == 0 }
}

pub fn release(at: usize, bytes: usize) {
    // SAFETY: free pages.
    unsafe { madvise(at, bytes, 4) };
}

pub fn prefer_huge_pages(at: usize, bytes: usize) {
    // SAFETY: advice only.
    unsafe { madvise(at, bytes, 14) };
}

pub fn map(bytes: usize) -> Option<usize> {
    // SAFETY: new memory.
    let p = unsafe { mmap(0, bytes, 3, PRIVATE_ANON_NORESERVE, -1, 0) };
    (p != FAILED).then_some(p)
}

pub fn futex_wait(a: &AtomicU32, v: u32) {
    // SAFETY: a word of ours.
    unsafe { syscall(202, a as *const _, 128, v, 0usize) };
}

pub fn futex_wake(a: &AtomicU32, n: u32) {
    // SAFETY: a word of ours.
    unsafe { syscall(202, a as *const _, 129, n, 0usize) };
}

pub fn throw(text: &str) -> ! {
    panic!("fatal error: {text}")
}

pub fn fatal(text: &str) -> ! {
    panic!("fatal error: {text}")
}

pub fn panic_error(text: &str) -> ! {
    panic!("runtime error: {text}")
}

pub fn panic_error_parts(parts: &[&[u8]]) -> ! {
    panic!("runtime error: {}", String::from_utf8_lossy(&parts.concat()))
}

pub fn panic_plain(text: &str) -> ! {
    panic!("{text}")
}

pub fn panic_plain_parts(parts: &[&[u8]]) -> ! {
    panic!("{}", String::from_utf8_lossy(&parts.concat()))
}

pub fn panic_type_assertion(_: *const Type, _: *const Type, missing: &[u8]) -> ! {
    panic!("interface conversion: missing method {}", String::from_utf8_lossy(missing))
}

pub fn print_error(text: Arguments<'_>) {
    eprint!("{text}");
}

pub fn write_error(text: &[u8]) {
    eprint!("{}", String::from_utf8_lossy(text));
}

struct Host(UnsafeCell<Mcache>);
// SAFETY: tests that allocate hold ONE.
unsafe impl Sync for Host {}
static MCACHE: Host = Host(UnsafeCell::new(Mcache::new()));
pub static ROOTS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());
/// Held by each test that allocates.
pub static ONE: Mutex<bool> = Mutex::new(false);

pub fn with_heap<R>(f: impl FnOnce() -> R) -> R {
    let mut ready = ONE.lock().unwrap_or_else(|e| e.into_inner());
    if !*ready {
        crate::mem::heap::init();
        crate::gc::init(Some(b"100"), i64::MAX as u64, 0, false);
        crate::gc::enable();
        *ready = true;
    }
    f()
}

pub fn mcache() -> *mut Mcache {
    MCACHE.0.get()
}

pub fn for_each_mcache(mut f: impl FnMut(*mut Mcache)) {
    f(mcache());
}

pub fn for_each_stack(_on_g0: bool, _f: impl FnMut(usize, usize)) {}

pub fn suspect_leaks() {}

pub fn is_leaked(_stack: usize) -> bool {
    false
}

pub fn clear_if_known(_stack: usize, _is_known: impl Fn(usize) -> bool) -> bool {
    false
}

pub unsafe fn scan_stack(_stack: usize, _mark: impl FnMut(usize)) {}

pub fn for_each_root(mut f: impl FnMut(usize, usize)) {
    for &(lo, hi) in ROOTS.lock().unwrap().iter() {
        f(lo, hi);
    }
}

pub fn with_world_stopped_to_collect(f: impl FnOnce()) {
    f();
}

pub fn after_mark() {}

pub fn publish_profile(_swept: bool) {}

pub fn after_collection() {}

pub type Bucket = usize;

pub fn mem_profile_rate() -> usize {
    0
}

pub fn sampled(_size: usize) -> Option<Bucket> {
    None
}

pub unsafe fn freed(_bucket: Bucket) {}

pub fn walltime_ns() -> u64 {
    nanotime()
}

pub static MAY_COLLECT: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

pub fn may_collect() -> bool {
    MAY_COLLECT.load(Relaxed)
}

pub fn ncpu() -> usize {
    3
}

pub fn procs() -> u32 {
    1
}

pub fn spawn_thread(f: fn()) -> bool {
    std::thread::spawn(f);
    true
}

pub fn nanotime() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64
}

pub fn start_nanotime() -> u64 {
    0
}

static STATE: AtomicU64 = AtomicU64::new(1);

pub fn rand64() -> u64 {
    let s = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
    let z = (s ^ (s >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z ^ (z >> 27)
}

static ZERO: [u64; 128] = [0; 128];

pub fn zero_base() -> *mut u8 {
    ZERO.as_ptr() as *mut u8
}

pub fn zero_val() -> *mut u8 {
    ZERO.as_ptr() as *mut u8
}

static UINTS: [u64; 256] = {
    let mut t = [0; 256];
    let mut i = 0;
    while i < 256 {
        t[i] = i as u64;
        i += 1;
    }
    t
};

pub fn static_uint64s() -> *const u64 {
    UINTS.as_ptr()
}

pub fn types_base() -> usize {
    0
}

pub fn text_base() -> usize {
    0
}

pub fn thread_number() -> usize {
    1
}

pub fn goroutine_number() -> usize {
    0
}
