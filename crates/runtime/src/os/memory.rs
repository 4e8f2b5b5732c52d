//! Address space.

use super::sys::{MADVISE, MMAP, MPROTECT, MUNMAP, syscall3, syscall6};

const PROT_NONE: usize = 0;
const PROT_READ_WRITE: usize = 3;
/// MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
const FLAGS: usize = 0x2 | 0x20 | 0x4000;
const MADV_DONTNEED: usize = 4;
const MADV_HUGEPAGE: usize = 14;

fn mmap(hint: usize, bytes: usize, prot: usize) -> Option<usize> {
    // SAFETY: new memory, nothing is replaced.
    let r = unsafe { syscall6(MMAP, [hint, bytes, prot, FLAGS, usize::MAX, 0]) };
    (r > 0).then_some(r as usize)
}

/// Address space without memory, near the hint where that is free.
pub fn reserve(hint: usize, bytes: usize) -> Option<usize> {
    mmap(hint, bytes, PROT_NONE)
}

/// Makes reserved address space usable, zeroed.
pub fn commit(at: usize, bytes: usize) -> bool {
    // SAFETY: the caller's reservation.
    unsafe { syscall3(MPROTECT, at, bytes, PROT_READ_WRITE) == 0 }
}

/// Zeroed memory.
pub fn map(bytes: usize) -> Option<usize> {
    mmap(0, bytes, PROT_READ_WRITE)
}

/// Takes access away: a guard.
pub fn protect(at: usize, bytes: usize) {
    // SAFETY: the caller's memory, in which nothing lives.
    unsafe { syscall3(MPROTECT, at, bytes, PROT_NONE) };
}

/// Gives pages back; they read as zero when touched again.
pub fn release(at: usize, bytes: usize) {
    // SAFETY: the caller's free memory.
    unsafe { syscall3(MADVISE, at, bytes, MADV_DONTNEED) };
}

pub fn prefer_huge_pages(at: usize, bytes: usize) {
    // SAFETY: advice only.
    unsafe { syscall3(MADVISE, at, bytes, MADV_HUGEPAGE) };
}

pub fn unmap(at: usize, bytes: usize) {
    // SAFETY: the caller's memory, in which nothing lives.
    unsafe { syscall3(MUNMAP, at, bytes, 0) };
}
