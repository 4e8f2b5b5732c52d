//! Goroutine stacks that never move: chains of segments (D4). The fast way from one segment to the next and
//! back is in `arch/goroutine.s`; here are a new segment, the end of a chain, and the pools.
//!
//! Runs on g0. Takes the lock of a pool, never while another is held; maps memory, does not touch the Go
//! heap.

pub mod growth;
#[cfg(not(test))]
mod pool;
#[cfg(not(test))]
pub use pool::{alloc_first, free_above, init};
#[cfg(not(test))]
pub mod grow;
#[cfg(not(test))]
pub mod scan;

use core::ptr::null_mut;

pub const HEADER_BYTES: usize = size_of::<Seg>();

/// The header of a segment, at its high end, so that a stack that is hardly used touches one page.
#[repr(C, align(16))]
pub struct Seg {
    /// The largest frame that fits when the segment is empty.
    pub room: usize,
    pub guard: usize,
    /// Where frames begin, downwards: the address of this header.
    pub top: usize,
    /// rsp of the older segment while this one is in use: address of morestack's return address, above
    /// which is that of the function that needed more.
    pub oldsp: usize,
    pub prev: *mut Seg,
    /// Kept for the next time, even when not in use: a call in a loop may need it again and again.
    pub next: *mut Seg,
    /// With this header.
    pub bytes: usize,
    /// Of this and all older segments.
    pub stack_bytes: usize,
}

impl Seg {
    /// Makes a segment of fresh memory.
    ///
    /// SAFETY: `bytes` at `low` must be unused memory, 16-aligned at both ends.
    pub unsafe fn init(low: usize, bytes: usize) -> *mut Seg {
        let top = low + bytes - HEADER_BYTES;
        let guard = low + goxide_abi::layout::STACK_SMALL_BYTES;
        let seg = top as *mut Seg;
        // SAFETY: see above.
        unsafe {
            seg.write(Seg {
                room: top - 8 - guard,
                guard,
                top,
                oldsp: 0,
                prev: null_mut(),
                next: null_mut(),
                bytes,
                stack_bytes: bytes,
            });
        }
        seg
    }

    pub fn low(&self) -> usize {
        self.top + HEADER_BYTES - self.bytes
    }

    pub fn contains(&self, address: usize) -> bool {
        self.low() <= address && address < self.top
    }
}
