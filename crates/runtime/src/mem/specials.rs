//! What is remembered of single objects: finalizers, cleanups, weak pointers (Go's mheap.go: specials).
//!
//! A table of its own outside the Go heap. Functions and arguments in it are roots; the objects are
//! hidden from the collector, but for what a finalizer's object points to, which must live until the
//! finalizer has run. When marking is done, with the world stopped, entries of dead objects become due, and a
//! goroutine of the runtime takes them one after the other. Entries of the program take the table's lock.

use super::heap::span_of;
use super::heapbits::{ptrmask, read_bits};
use super::malloc::mallocgc;
use super::persistent::{Lock, persistent_alloc, reserve_table};
use super::sizeclass::{HEADER_BYTES, TINY_CLASS};
use super::span::{Layout, Span, SpanClass};
use crate::port::Pair;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering::*};
use goxide_abi::typ::Type;

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
enum Kind {
    Finalizer = 0,
    Cleanup = 1,
    Weak = 2,
    /// Its object is dead: `p` is visible, and the entry is in the list of those that are due.
    DueFinalizer = 3,
    DueCleanup = 4,
    Free = 5,
    /// The object belongs to the bubble (testing/synctest) whose number is in `arg`.
    Bubble = 6,
}

/// Index 0 stands for none.
#[derive(Clone, Copy)]
#[repr(C)]
struct Special {
    kind: Kind,
    /// In the bucket, the free list or the list of those that are due.
    next: usize,
    /// Complement of the object's address, and of the address that it was made for.
    hidden_base: usize,
    hidden_p: usize,
    /// A weak pointer's handle stands in `f`.
    f: *mut u8,
    arg: *mut u8,
}

const ENTRIES_MAX: usize = 1 << 24;

struct Table {
    entries: *mut Special,
    len: usize,
    free: usize,
    buckets: *mut usize,
    mask: usize,
    used: usize,
    due_first: usize,
    due_last: usize,
}

struct Guarded(UnsafeCell<Table>);
// SAFETY: under LOCK, or with the world stopped.
unsafe impl Sync for Guarded {}

/// Finalizers and cleanups that became due, and those that were handed over.
pub static QUEUED: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
pub static TAKEN: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

static LOCK: Lock = Lock::new();
static TABLE: Guarded = Guarded(UnsafeCell::new(Table {
    entries: null_mut(),
    len: 0,
    free: 0,
    buckets: null_mut(),
    mask: 0,
    used: 0,
    due_first: 0,
    due_last: 0,
}));

fn with_table<R>(f: impl FnOnce(&mut Table) -> R) -> R {
    let _guard = LOCK.lock();
    // SAFETY: under the lock.
    f(unsafe { &mut *TABLE.0.get() })
}

/// The object that an address lies in: its span and number.
fn object(p: usize) -> Option<(&'static Span, usize)> {
    let span = span_of(p);
    if span.is_null() {
        return None;
    }
    // SAFETY: a span in the table is valid.
    let span = unsafe { &*span };
    let index = span.index_of(p - span.base);
    (index < span.nelems as usize && !span.is_free(index)).then_some((span, index))
}

/// First byte that the program knows of an object, and how many there are.
pub fn extent(span: &Span, index: usize) -> (usize, usize) {
    let header = if span.layout == Layout::Header { HEADER_BYTES } else { 0 };
    (span.base + index * span.elem_size + header, span.elem_size - header)
}

impl Table {
    fn entry(&mut self, i: usize) -> &mut Special {
        debug_assert!(i != 0 && i < self.len);
        // SAFETY: entries below `len` have been written.
        unsafe { &mut *self.entries.add(i) }
    }

    fn bucket(&mut self, base: usize) -> &mut usize {
        let hash = (base >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        // SAFETY: the mask keeps it inside the table.
        unsafe { &mut *self.buckets.add(hash & self.mask) }
    }

    fn grow(&mut self) {
        let n = ((self.mask + 1) * 2).max(256);
        self.buckets = persistent_alloc(n * size_of::<usize>(), 8).cast();
        self.mask = n - 1;
        for i in 1..self.len {
            let s = *self.entry(i);
            if matches!(s.kind, Kind::Finalizer | Kind::Cleanup | Kind::Weak | Kind::Bubble) {
                self.link(i, !s.hidden_base);
            }
        }
    }

    fn link(&mut self, i: usize, base: usize) {
        let next = core::mem::replace(self.bucket(base), i);
        self.entry(i).next = next;
    }

    /// None: the table is full.
    fn add(&mut self, kind: Kind, base: usize, p: usize, f: *mut u8, arg: *mut u8) -> Option<usize> {
        if self.entries.is_null() {
            // SAFETY: zeroed entries are finalizers without an object; none is read before it is written.
            self.entries = unsafe { reserve_table::<Special>(ENTRIES_MAX).as_mut_ptr() };
            self.len = 1;
        }
        if self.buckets.is_null() || self.used > self.mask {
            self.grow();
        }
        let i = if self.free != 0 {
            let i = self.free;
            self.free = self.entry(i).next;
            i
        } else if self.len < ENTRIES_MAX {
            self.len += 1;
            self.len - 1
        } else {
            return None;
        };
        self.used += 1;
        *self.entry(i) = Special { kind, next: 0, hidden_base: !base, hidden_p: !p, f, arg };
        self.link(i, base);
        Some(i)
    }

    fn find(&mut self, base: usize, wanted: impl Fn(usize, &Special) -> bool) -> usize {
        if self.buckets.is_null() {
            return 0;
        }
        let mut i = *self.bucket(base);
        while i != 0 {
            let s = *self.entry(i);
            if s.hidden_base == !base && wanted(i, &s) {
                return i;
            }
            i = s.next;
        }
        0
    }

    fn unlink(&mut self, i: usize) {
        let s = *self.entry(i);
        let base = !s.hidden_base;
        let first = *self.bucket(base);
        if first == i {
            *self.bucket(base) = s.next;
        } else {
            let mut at = first;
            while self.entry(at).next != i {
                at = self.entry(at).next;
            }
            self.entry(at).next = s.next;
        }
        self.used -= 1;
    }

    fn release(&mut self, i: usize) {
        let next = self.free;
        *self.entry(i) =
            Special { kind: Kind::Free, next, hidden_base: 0, hidden_p: 0, f: null_mut(), arg: null_mut() };
        self.free = i;
    }

    fn make_due(&mut self, i: usize, kind: Kind) {
        self.unlink(i);
        let last = self.due_last;
        let s = self.entry(i);
        s.kind = kind;
        s.next = 0;
        QUEUED[(kind == Kind::DueCleanup) as usize].fetch_add(1, Relaxed);
        // From here on a root.
        s.hidden_p = if kind == Kind::DueFinalizer { !s.hidden_p } else { 0 };
        if last == 0 {
            self.due_first = i;
        } else {
            self.entry(last).next = i;
        }
        self.due_last = i;
    }

    /// Marks the objects of the finalizers that became due after entry `before`, only when all of them are: the
    /// tiny objects of one block have finalizers of their own. Gives the objects' bytes.
    fn revive(&mut self, before: usize) -> usize {
        let mut kept_bytes = 0;
        let mut i = if before == 0 { self.due_first } else { self.entry(before).next };
        while i != 0 {
            let s = *self.entry(i);
            if let Some((span, index)) = object(!s.hidden_base)
                && !span.is_marked(index)
            {
                span.set_mark(index);
                kept_bytes += span.elem_size;
            }
            i = s.next;
        }
        kept_bytes
    }
}

/// What the collector has to scan: the table, and the objects that wait for their finalizer. With the world
/// stopped.
pub fn for_each_root(mut f: impl FnMut(usize, usize)) {
    // SAFETY: the world is stopped.
    let table = unsafe { &mut *TABLE.0.get() };
    if table.len == 0 {
        return;
    }
    let lo = table.entries as usize;
    f(lo, lo + table.len * size_of::<Special>());
    for i in 1..table.len {
        let s = *table.entry(i);
        if s.kind == Kind::Finalizer
            && let Some((span, index)) = object(!s.hidden_base)
            && span.layout != Layout::Noscan
        {
            let (at, bytes) = extent(span, index);
            f(at, at + bytes);
        }
    }
}

/// Marking is done: entries of unmarked objects become due. Gives the bytes of the objects that live on for
/// their finalizers. With the world stopped.
pub fn after_mark() -> usize {
    // SAFETY: the world is stopped.
    let table = unsafe { &mut *TABLE.0.get() };
    let is_dead = |s: &Special| object(!s.hidden_base).is_some_and(|(span, index)| !span.is_marked(index));
    let mut kept_bytes = 0;
    let before = table.due_last;
    // Weak pointers go before finalizers bring objects back, and cleanups wait until nothing does.
    for pass in [Kind::Weak, Kind::Finalizer, Kind::Cleanup, Kind::Bubble] {
        for i in 1..table.len {
            let s = *table.entry(i);
            if s.kind != pass || !is_dead(&s) {
                continue;
            }
            match pass {
                Kind::Weak => {
                    // SAFETY: a handle of `rt_weakhandle`, kept by this entry.
                    unsafe { s.f.cast::<usize>().write(0) };
                    table.unlink(i);
                    table.release(i);
                }
                Kind::Bubble => {
                    table.unlink(i);
                    table.release(i);
                }
                Kind::Finalizer => table.make_due(i, Kind::DueFinalizer),
                _ => table.make_due(i, Kind::DueCleanup),
            }
        }
        if pass == Kind::Finalizer {
            kept_bytes = table.revive(before);
        }
    }
    kept_bytes
}

/// Whether it is due, the object, the function value and what is kept beside it, of each finalizer. With the world
/// stopped.
pub fn for_each_finalizer(mut f: impl FnMut(bool, usize, usize, usize)) {
    // SAFETY: the world is stopped.
    let table = unsafe { &mut *TABLE.0.get() };
    for i in 1..table.len {
        let s = *table.entry(i);
        match s.kind {
            Kind::Finalizer => f(false, !s.hidden_p, s.f as usize, s.arg as usize),
            Kind::DueFinalizer => f(true, s.hidden_p, s.f as usize, s.arg as usize),
            _ => {}
        }
    }
}

pub fn is_any_due() -> bool {
    // SAFETY: a look; whoever takes one looks again under the lock.
    unsafe { (*TABLE.0.get()).due_first != 0 }
}

/// `runtime.dueSpecial`
#[repr(C)]
pub struct Due {
    kind: usize,
    obj: usize,
    f: *mut u8,
    arg: *mut u8,
}

/// The one that has been due for longest.
pub fn take_due() -> Option<Due> {
    with_table(|t| {
        let i = t.due_first;
        if i == 0 {
            return None;
        }
        let s = *t.entry(i);
        t.due_first = s.next;
        if s.next == 0 {
            t.due_last = 0;
        }
        t.release(i);
        let kind = if s.kind == Kind::DueFinalizer { Kind::Finalizer } else { Kind::Cleanup };
        TAKEN[kind as usize].fetch_add(1, Relaxed);
        Some(Due { kind: kind as usize, obj: s.hidden_p, f: s.f, arg: s.arg })
    })
}

/// (kind, address in an object, function, argument) -> number; 0: not in the heap; -1: it has a finalizer.
#[unsafe(no_mangle)]
extern "C" fn rt_addspecial(kind: i64, p: usize, f: *mut u8, arg: *mut u8) -> i64 {
    let Some((span, index)) = object(p) else { return 0 };
    let base = extent(span, index).0;
    with_table(|t| {
        let kind = if kind == 0 { Kind::Finalizer } else { Kind::Cleanup };
        if kind == Kind::Finalizer && t.find(base, |_, s| s.kind == kind && s.hidden_p == !p) != 0 {
            return -1;
        }
        t.add(kind, base, p, f, arg).map_or(0, |i| i as i64)
    })
}

/// (kind, address in an object, a cleanup's number)
#[unsafe(no_mangle)]
extern "C" fn rt_removespecial(kind: i64, p: usize, id: usize) {
    let Some((span, index)) = object(p) else { return };
    let base = extent(span, index).0;
    with_table(|t| {
        let found = match kind {
            0 => t.find(base, |_, s| s.kind == Kind::Finalizer && s.hidden_p == !p),
            _ => t.find(base, |i, s| i == id && s.kind == Kind::Cleanup),
        };
        if found != 0 {
            t.unlink(found);
            t.release(found);
        }
    });
}

/// (address) -> the object's start and size, or nil. The size is 0 where tiny objects may share a block.
#[unsafe(no_mangle)]
extern "C" fn rt_objectbase(p: usize) -> Pair<usize, usize> {
    object(p).map_or(Pair(0, 0), |(span, index)| {
        let (base, bytes) = extent(span, index);
        let is_shared = span.class == SpanClass::new(TINY_CLASS, true);
        Pair(base, if is_shared { 0 } else { bytes })
    })
}

/// (what `rt_objectbase` gave, a zero byte for each of its words): those of pointers become 1
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_pointermask(p: usize, mask: *mut u8) {
    let Some((span, index)) = object(p) else { return };
    // SAFETY: the mask is as long as the object.
    for_each_pointer(span, index, |offset| unsafe { *mask.add(offset / 8) = 1 });
}

/// Where in an object pointers are, in bytes.
pub fn for_each_pointer(span: &Span, index: usize, mut f: impl FnMut(usize)) {
    let (base, bytes) = extent(span, index);
    // SAFETY: an allocated object.
    unsafe {
        match span.layout {
            Layout::Noscan => {}
            Layout::Bits => {
                let bits = read_bits(base, bytes);
                (0..bytes / 8).filter(|w| bits >> w & 1 != 0).for_each(|w| f(w * 8));
            }
            Layout::Header | Layout::Large => {
                let is_large = span.layout == Layout::Large;
                let typ =
                    if is_large { span.large_type } else { *((base - HEADER_BYTES) as *const *const Type) };
                let Some(t) = typ.as_ref() else { return };
                let bits = ptrmask(t);
                for value in (0..=bytes - t.size).step_by(t.size) {
                    for w in (0..t.ptr_bytes / 8).filter(|w| *bits.add(w / 8) >> (w % 8) & 1 != 0) {
                        f(value + w * 8);
                    }
                }
            }
        }
    }
}

/// The number of the bubble that an object belongs to, 0 for none; -1: it is no object of the heap. With `add` an
/// object of none belongs to that bubble from now on, until it is dead.
pub fn bubble_of(p: usize, add: Option<u64>) -> i64 {
    let Some((span, index)) = object(p) else { return -1 };
    let base = extent(span, index).0;
    with_table(|t| {
        let found = t.find(base, |_, s| s.kind == Kind::Bubble && s.hidden_p == !p);
        match add {
            _ if found != 0 => t.entry(found).arg as i64,
            Some(id) => {
                t.add(Kind::Bubble, base, p, null_mut(), id as *mut u8);
                id as i64
            }
            None => 0,
        }
    })
}

/// The object belongs to no bubble.
pub fn leave_bubble(p: usize) {
    let Some((span, index)) = object(p) else { return };
    with_table(|t| {
        let found = t.find(extent(span, index).0, |_, s| s.kind == Kind::Bubble && s.hidden_p == !p);
        if found != 0 {
            t.unlink(found);
            t.release(found);
        }
    });
}

#[unsafe(no_mangle)]
extern "C" fn rt_inheap(p: usize) -> i64 {
    !span_of(p).is_null() as i64
}

/// (address) -> a word that holds it until its object is dead
#[unsafe(no_mangle)]
extern "C" fn rt_weakhandle(p: usize) -> *mut u8 {
    /// An object of its own, not part of a tiny one's block.
    const HANDLE_BYTES: usize = 16;
    // SAFETY: memory of the handle's size; it is in this frame until the table has it.
    unsafe {
        let handle = |table: &mut Table, base| {
            let i = table.find(base, |_, s| s.kind == Kind::Weak && s.hidden_p == !p);
            if i == 0 { null_mut() } else { table.entry(i).f }
        };
        // A variable of the program is an object that is never dead.
        let base = object(p).map_or(p, |(span, index)| extent(span, index).0);
        let old = with_table(|t| handle(t, base));
        if !old.is_null() {
            return old;
        }
        let new = mallocgc(HANDLE_BYTES, core::ptr::null(), true);
        new.cast::<usize>().write(p);
        with_table(|t| {
            let old = handle(t, base);
            if !old.is_null() {
                return old;
            }
            t.add(Kind::Weak, base, p, new, null_mut());
            new
        })
    }
}
