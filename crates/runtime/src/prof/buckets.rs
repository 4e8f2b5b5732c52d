//! The table of all stacks that a profile knows, with what was counted there.

use crate::mem::persistent_alloc;
use crate::sched::lock::{Mutex, rank};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering::*};

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Kind {
    Heap = 0,
    Block = 1,
    Mutex = 2,
}

#[derive(Clone, Copy, Default)]
pub struct HeapCycle {
    pub allocs: u64,
    pub frees: u64,
}

/// A stack; of the heap's profile with the size of the objects. Its program counters stand behind it.
#[repr(C)]
pub struct Bucket {
    /// In the table.
    next: *mut Bucket,
    /// The one made before it, of its kind.
    older: *mut Bucket,
    kind: Kind,
    hash: usize,
    pub size: usize,
    len: usize,
    /// What is told, and what is counted for cycles to come.
    pub told: HeapCycle,
    pub future: [HeapCycle; 3],
    /// Of the profiles of waiting.
    pub count: f64,
    pub delay_ns: i64,
}

const CHAINS: usize = 1 << 14;

pub struct Buckets {
    chains: *mut *mut Bucket,
    newest: [*mut Bucket; 3],
}

// SAFETY: buckets are reached under the lock only.
unsafe impl Send for Buckets {}

pub static BUCKETS: Mutex<Buckets, { rank::PROFILE }> =
    Mutex::new(Buckets { chains: null_mut(), newest: [null_mut(); 3] });

static TOTAL_BYTES: AtomicU64 = AtomicU64::new(0);

pub fn total_bytes() -> u64 {
    TOTAL_BYTES.load(Relaxed)
}

impl Bucket {
    pub fn stack(&self) -> &[usize] {
        // SAFETY: that many stand behind each bucket.
        unsafe { core::slice::from_raw_parts((&raw const *self).add(1).cast(), self.len) }
    }
}

fn hash_of(kind: Kind, size: usize, stack: &[usize]) -> usize {
    const ODD: usize = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: usize, word: usize| (hash ^ word).wrapping_mul(ODD).rotate_left(29);
    stack.iter().fold(mix(kind as usize, size), |hash, &pc| mix(hash, pc))
}

impl Buckets {
    /// The bucket of that stack, made with the first.
    #[doc(alias = "stkbucket")]
    pub fn of(&mut self, kind: Kind, size: usize, stack: &[usize]) -> &mut Bucket {
        if self.chains.is_null() {
            self.chains = persistent_alloc(CHAINS * size_of::<*mut Bucket>(), 8).cast();
        }
        let hash = hash_of(kind, size, stack);
        // SAFETY: inside the table; buckets live for ever, and are reached under the lock.
        unsafe {
            let chain = self.chains.add(hash % CHAINS);
            let mut at = *chain;
            while let Some(b) = at.as_mut() {
                if b.hash == hash && b.kind == kind && b.size == size && b.stack() == stack {
                    return b;
                }
                at = b.next;
            }
            let bytes = size_of::<Bucket>() + size_of_val(stack);
            TOTAL_BYTES.fetch_add(bytes as u64, Relaxed);
            let new = persistent_alloc(bytes, align_of::<Bucket>()).cast::<Bucket>();
            new.write(Bucket {
                next: *chain,
                older: self.newest[kind as usize],
                kind,
                hash,
                size,
                len: stack.len(),
                told: HeapCycle::default(),
                future: [HeapCycle::default(); 3],
                count: 0.0,
                delay_ns: 0,
            });
            new.add(1).cast::<usize>().copy_from_nonoverlapping(stack.as_ptr(), stack.len());
            *chain = new;
            self.newest[kind as usize] = new;
            &mut *new
        }
    }

    /// The newest first.
    pub fn for_each(&mut self, kind: Kind, mut f: impl FnMut(&mut Bucket)) {
        let mut at = self.newest[kind as usize];
        // SAFETY: buckets live for ever, and are reached under the lock.
        while let Some(b) = unsafe { at.as_mut() } {
            at = b.older;
            f(b);
        }
    }
}

/// (kind, buffer, its length in words) -> words that all records take, which are in the buffer if they fit. A
/// record: two counts, the objects' size, the number of program counters, these.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_profilerecords(kind: usize, out: *mut u64, room: usize) -> usize {
    let kind = [Kind::Heap, Kind::Block, Kind::Mutex][kind];
    let mut buckets = BUCKETS.lock();
    if kind == Kind::Heap {
        super::heap::publish(&mut buckets);
    }
    let mut words = 0;
    buckets.for_each(kind, |b| {
        let counts = match kind {
            Kind::Heap => [b.told.allocs, b.told.frees],
            _ => [b.count as u64, b.delay_ns as u64],
        };
        let record = counts.into_iter().chain([b.size as u64, b.len as u64]);
        for word in record.chain(b.stack().iter().map(|&pc| pc as u64)) {
            if words < room {
                // SAFETY: Go's buffer has that room.
                unsafe { out.add(words).write(word) };
            }
            words += 1;
        }
    });
    words
}
