//! Time, by the vDSO where there is one: a door of nondeterminism (D7).

use super::sys::{CLOCK_GETTIME, NANOSLEEP, SCHED_YIELD, syscall3};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::*};

#[repr(C)]
pub struct Timespec {
    pub sec: i64,
    pub nsec: i64,
}

impl Timespec {
    pub fn from_ns(ns: u64) -> Timespec {
        Timespec { sec: (ns / 1_000_000_000) as i64, nsec: (ns % 1_000_000_000) as i64 }
    }
}

pub const CLOCK_REALTIME: usize = 0;
pub const CLOCK_MONOTONIC: usize = 1;

type ClockGettime = unsafe extern "C" fn(clock: usize, t: *mut Timespec) -> i32;

/// Address of the vDSO's function, 0 for none.
static VDSO: AtomicUsize = AtomicUsize::new(0);
static START: AtomicU64 = AtomicU64::new(0);

pub fn now(clock: usize) -> Timespec {
    let mut t = Timespec { sec: 0, nsec: 0 };
    // SAFETY: the vDSO's function has that type; it and the kernel fill t.
    unsafe {
        match VDSO.load(Relaxed) {
            0 => {
                syscall3(CLOCK_GETTIME, clock, &raw mut t as usize, 0);
            }
            f => {
                core::mem::transmute::<usize, ClockGettime>(f)(clock, &raw mut t);
            }
        }
    }
    t
}

/// Nanoseconds of the monotonic clock.
pub fn nanotime() -> u64 {
    let t = now(CLOCK_MONOTONIC);
    t.sec as u64 * 1_000_000_000 + t.nsec as u64
}

/// CPU time of the process, in nanoseconds.
pub fn process_ns() -> u64 {
    const CLOCK_PROCESS_CPUTIME_ID: usize = 2;
    let t = now(CLOCK_PROCESS_CPUTIME_ID);
    t.sec as u64 * 1_000_000_000 + t.nsec as u64
}

/// The time of day: seconds and nanoseconds since 1970.
pub fn walltime() -> (i64, i64) {
    let t = now(CLOCK_REALTIME);
    (t.sec, t.nsec)
}

/// The processor's own counter: cheaper than the clock, in units of its own (some 0.2 to 1 ns).
#[inline(always)]
pub fn ticks() -> u64 {
    // SAFETY: every x86-64 has it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// When the process began.
pub fn start_nanotime() -> u64 {
    START.load(Relaxed)
}

pub fn usleep(us: u64) {
    let t = Timespec::from_ns(us * 1000);
    // SAFETY: reads t.
    unsafe { syscall3(NANOSLEEP, &raw const t as usize, 0, 0) };
}

#[doc(alias = "osyield")]
pub fn yield_thread() {
    // SAFETY: nothing but that.
    unsafe { syscall3(SCHED_YIELD, 0, 0, 0) };
}

/// Finds clock_gettime in the vDSO at `base` (AT_SYSINFO_EHDR; 0 for none).
pub fn init(base: usize) {
    if base != 0 {
        // SAFETY: the kernel says that a vDSO is mapped there.
        let f = unsafe { vdso_symbol(base, b"__vdso_clock_gettime\0") };
        VDSO.store(f.unwrap_or(0), Relaxed);
    }
}

/// The program's time begins.
#[doc(alias = "ticks.init")]
pub fn start() {
    START.store(nanotime(), Relaxed);
}

/// An address in an ELF image in memory, by its dynamic symbol table.
///
/// SAFETY: `base` must be a whole image, mapped as its program headers say.
unsafe fn vdso_symbol(base: usize, want: &[u8]) -> Option<usize> {
    const PT_LOAD: u32 = 1;
    const PT_DYNAMIC: u32 = 2;
    const DT_HASH: usize = 4;
    const DT_STRTAB: usize = 5;
    const DT_SYMTAB: usize = 6;
    const DT_GNU_HASH: usize = 0x6fff_fef5;
    // SAFETY: all reads stay in the image as its own headers give it.
    unsafe {
        let word = |at: usize| *(at as *const usize);
        let half = |at: usize| *(at as *const u32);
        let (headers, count) = (base + word(base + 32), *((base + 56) as *const u16) as usize);
        let (mut dynamic, mut bias) = (0, None);
        for header in (0..count).map(|i| headers + i * 56) {
            match half(header) {
                PT_LOAD if bias.is_none() => {
                    bias = Some((base + word(header + 8)).wrapping_sub(word(header + 16)))
                }
                PT_DYNAMIC => dynamic = base + word(header + 8),
                _ => {}
            }
        }
        let bias = bias?;
        if dynamic == 0 {
            return None;
        }
        let (mut symbols, mut strings, mut count) = (0, 0, 0);
        let mut at = dynamic;
        while word(at) != 0 {
            let value = word(at + 8).wrapping_add(bias);
            match word(at) {
                DT_HASH => count = half(value + 4) as usize,
                DT_GNU_HASH if count == 0 => count = gnu_hash_symbols(value),
                DT_STRTAB => strings = value,
                DT_SYMTAB => symbols = value,
                _ => {}
            }
            at += 16;
        }
        (0..count).map(|i| symbols + i * 24).find_map(|symbol| {
            let name = (strings + half(symbol) as usize) as *const u8;
            let same = want.iter().enumerate().all(|(i, &c)| *name.add(i) == c);
            same.then(|| word(symbol + 8).wrapping_add(bias))
        })
    }
}

/// How many symbols a GNU hash table covers: one past the last of its longest chain.
///
/// SAFETY: the address of such a table.
unsafe fn gnu_hash_symbols(at: usize) -> usize {
    // SAFETY: see above.
    unsafe {
        let half = |at: usize| *(at as *const u32);
        let (buckets, first, bloom) = (half(at) as usize, half(at + 4) as usize, half(at + 8) as usize);
        let bucket = at + 16 + bloom * 8;
        let chains = bucket + buckets * 4;
        let last = (0..buckets).map(|i| half(bucket + i * 4) as usize).max().unwrap_or(0);
        if last < first {
            return first;
        }
        let mut i = last - first;
        while half(chains + i * 4) & 1 == 0 {
            i += 1;
        }
        first + i + 1
    }
}
