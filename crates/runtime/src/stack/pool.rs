//! Pools of free segments by order.

use super::Seg;
use super::growth::{ORDER_BYTES, order_of};
use crate::os::memory;
use crate::sched::lock::{Mutex, rank};
use core::ptr::null_mut;

/// Free segments of one order, linked by `next`.
struct Pool {
    head: *mut Seg,
    count: usize,
    /// Memory not yet cut into segments.
    at: usize,
    end: usize,
}

// SAFETY: the segments of a pool belong to nobody else.
unsafe impl Send for Pool {}

impl Pool {
    /// False: the system has no memory.
    fn add_chunk(&mut self) -> bool {
        let Some(chunk) = memory::map(CHUNK_BYTES) else { return false };
        self.at = chunk;
        self.end = chunk + CHUNK_BYTES;
        true
    }
}

/// Memory for the first goroutines' stacks. False: the system has none.
#[doc(alias = "stackinit")]
pub fn init() -> bool {
    POOLS[0].lock().add_chunk()
}

const POOLED_ORDERS: usize = 3;
/// Segments are cut from chunks of this size.
const CHUNK_BYTES: usize = 4 << 20;
/// What a pool keeps of each order; more goes back to the system.
const KEPT_MAX: [usize; POOLED_ORDERS] = [usize::MAX, 1024, 16];

static POOLS: [Mutex<Pool, { rank::STACK_POOL }>; POOLED_ORDERS] =
    [const { Mutex::new(Pool { head: null_mut(), count: 0, at: 0, end: 0 }) }; POOLED_ORDERS];

/// A new segment; `stack_bytes` and links are for the caller to set.
#[doc(alias = "stackalloc")]
pub fn alloc(bytes: usize) -> *mut Seg {
    match order_of(bytes) {
        Some(order) if order < POOLED_ORDERS => alloc_pooled(order),
        _ => alloc_large(bytes),
    }
}

pub fn alloc_first() -> *mut Seg {
    alloc_pooled(0)
}

fn alloc_pooled(order: usize) -> *mut Seg {
    let bytes = ORDER_BYTES[order];
    let mut pool = POOLS[order].lock();
    let seg = pool.head;
    if !seg.is_null() {
        // SAFETY: a free segment.
        unsafe {
            pool.head = (*seg).next;
            pool.count -= 1;
            return Seg::init((*seg).low(), bytes);
        }
    }
    if pool.at == pool.end && !pool.add_chunk() {
        out_of_memory()
    }
    let low = pool.at;
    pool.at += bytes;
    // SAFETY: fresh memory.
    unsafe { Seg::init(low, bytes) }
}

#[doc(alias = "stackLarge")]
fn alloc_large(bytes: usize) -> *mut Seg {
    let Some(low) = memory::map(bytes) else { out_of_memory() };
    memory::prefer_huge_pages(low, bytes);
    // SAFETY: fresh memory.
    unsafe { Seg::init(low, bytes) }
}

fn out_of_memory() -> ! {
    crate::trace::fatal::throw("out of memory (goroutine stack)")
}

/// SAFETY: nothing may use the segment any more.
#[doc(alias = "stackfree")]
unsafe fn free(seg: *mut Seg) {
    // SAFETY: see above.
    unsafe {
        let (low, bytes) = ((*seg).low(), (*seg).bytes);
        let Some(order) = order_of(bytes).filter(|&o| o < POOLED_ORDERS) else {
            return memory::unmap(low, bytes);
        };
        let mut pool = POOLS[order].lock();
        if pool.count >= KEPT_MAX[order] {
            let page = 4096;
            // The header's page stays.
            let whole = ((*seg).top & !(page - 1)).saturating_sub(low);
            memory::release(low, whole);
        }
        (*seg).next = pool.head;
        pool.head = seg;
        pool.count += 1;
    }
}

/// Frees the segments above this one.
///
/// SAFETY: nothing may use them any more.
pub unsafe fn free_above(seg: *mut Seg) {
    // SAFETY: see above.
    unsafe {
        let mut next = (*seg).next;
        (*seg).next = null_mut();
        while !next.is_null() {
            let newer = (*next).next;
            free(next);
            next = newer;
        }
    }
}
