//! A goroutine's stack as roots of the collector.
//!
//! A frame that is at a call has a table of what it still needs ([`goxide_abi::frames`]): only these words
//! are looked at, and of the registers that functions preserve for their callers those that the frame
//! needs, where the frames below it saved them. All else (frames at a fault or a loop's safepoint, frames
//! of the runtime's assembly, arguments that morestack saved) is looked at word by word. A slot whose
//! address was given away is also needed while something that is needed points into it.
//!
//! Runs with the world stopped, on g0 or a helper of the collector, by one thread for each stack.

use super::Seg;
use crate::arch::{address, gohook_ret, gohook_signal_ret, gostart, panic_deferred_ret};
use crate::lang::panic::Panic;
use crate::mem::persistent::{Lock, persistent_alloc};
use crate::sched::G;
use crate::trace::fatal::throw;
use crate::trace::leb;
use crate::trace::module::{Func, find_func, pclntab};
use crate::trace::unwind::Unwinder;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering::*};
use goxide_abi::frames::{BITS_WORDS_MAX, CALLEE_SAVED, SAVED_BITS};

/// `GODEBUG=gcconservative=1`: every word of every stack may be a pointer.
static CONSERVATIVE: AtomicBool = AtomicBool::new(false);
/// `GODEBUG=clobberdead=1`: what no table says is needed is overwritten at each scan, so that a table that
/// is wrong shows.
static CLOBBERS: AtomicBool = AtomicBool::new(false);
const CLOBBER: usize = 0xdead_dead_dead_dead;

pub fn init(conservative: bool, clobbers: bool) {
    CONSERVATIVE.store(conservative, Relaxed);
    CLOBBERS.store(clobbers && !conservative, Relaxed);
}

const REGISTERS: usize = CALLEE_SAVED.len();
/// Below rbp, in the frame of whoever saves them all: rbx, r12, r13, r14.
const SAVE_BYTES: usize = 8 * REGISTERS;

/// A frame at a call that its function's table tells of.
struct Known {
    fp: usize,
    words: usize,
    func: Func,
    /// The registers that are the function's own: it saved them for its caller.
    saved: u8,
    /// Where their values are.
    registers: [usize; REGISTERS],
    /// Which of them are needed.
    needed: u8,
    /// Where the bits or runs of its words begin. None: it needs none.
    set: Option<usize>,
}

impl Known {
    /// Calls `f` with the address of each word and whether it is needed, but for words that hold the
    /// caller's registers.
    fn for_each_word(&self, mut f: impl FnMut(usize, bool)) {
        let top = (self.saved.count_ones() as usize).next_multiple_of(2);
        let mut word = |index: usize, needed: bool| {
            if index >= top {
                f(self.fp - 8 * (index + 1), needed);
            }
        };
        let Some(set) = self.set else { return (0..self.words).for_each(|index| word(index, false)) };
        let bytes = pclntab();
        if self.words <= BITS_WORDS_MAX as usize {
            let mut bits = bits_of(bytes, set, self.words) >> SAVED_BITS;
            for index in 0..self.words {
                word(index, bits & 1 != 0);
                bits >>= 1;
            }
            return;
        }
        let (mut at, mut index, mut needed) = (set + 1, 0, false);
        while index < self.words {
            for _ in 0..leb::unsigned(bytes, &mut at) {
                word(index, needed);
                index += 1;
            }
            needed = !needed;
        }
    }

    /// Calls `f` with the bounds of each slot that is kept while something points into it.
    fn for_each_object(&self, mut f: impl FnMut(usize, usize)) {
        let (bytes, mut at) = (pclntab(), self.func.info.frames as usize);
        leb::unsigned(bytes, &mut at);
        for _ in 0..leb::unsigned(bytes, &mut at) {
            let first = leb::unsigned(bytes, &mut at) as usize;
            let words = leb::unsigned(bytes, &mut at) as usize;
            f(self.fp - 8 * (first + words), self.fp - 8 * first);
        }
    }
}

fn bits_of(bytes: &[u8], at: usize, words: usize) -> u64 {
    let len = (words + SAVED_BITS as usize).div_ceil(8);
    bytes[at..at + len].iter().rev().fold(0, |bits, &b| bits << 8 | b as u64)
}

/// Which registers a function's prologue saves; what it needs where it calls something that returns to
/// `pc`, or, at a fault, where deferred calls may let it go on. None: nothing is known.
fn lookup(func: &Func, pc: usize, faulted: bool) -> (u8, Option<Needed>) {
    let (bytes, mut at) = (pclntab(), func.info.frames as usize);
    if at == 0 {
        return (0, None);
    }
    let words = func.info.frame_size as usize / 8;
    let saved = leb::unsigned(bytes, &mut at) as u8;
    for _ in 0..2 * leb::unsigned(bytes, &mut at) {
        leb::unsigned(bytes, &mut at);
    }
    let count = leb::unsigned(bytes, &mut at);
    let sets = at;
    let skip = |at: &mut usize, count: u64| {
        if words <= BITS_WORDS_MAX as usize {
            *at += (words + SAVED_BITS as usize).div_ceil(8) * count as usize;
            return;
        }
        for _ in 0..count {
            *at += 1;
            let mut told = 0;
            while told < words {
                told += leb::unsigned(bytes, at) as usize;
            }
        }
    };
    if faulted {
        let needed = if func.info.landing_pad == 0 { NOTHING } else { (0, Some(sets)) };
        return (saved, Some(needed));
    }
    skip(&mut at, count);
    let mut left = (pc - func.entry) as u64;
    loop {
        let step = leb::unsigned(bytes, &mut at);
        if step == 0 || step > left {
            return (saved, None);
        }
        let number = leb::unsigned(bytes, &mut at);
        left -= step;
        if left == 0 {
            let mut set = sets;
            skip(&mut set, number);
            let is_bits = words <= BITS_WORDS_MAX as usize;
            let registers = if is_bits { bits_of(bytes, set, words) as u8 & 0xf } else { bytes[set] };
            return (saved, Some((registers, Some(set))));
        }
    }
}

/// Registers, and the place of the set of words.
type Needed = (u8, Option<usize>);
const NOTHING: Needed = (0, None);

/// What a walk calls, from the newest frame outwards.
trait Visitor {
    /// Words that may be anything.
    ///
    /// SAFETY: they are the stack's.
    unsafe fn whole(&mut self, lo: usize, hi: usize);

    /// SAFETY: as it says.
    unsafe fn known(&mut self, frame: &Known);
}

/// Where the registers are that were pushed below this address.
fn saved_below(fp: usize) -> [usize; REGISTERS] {
    core::array::from_fn(|nth| fp - 8 * (nth + 1))
}

/// SAFETY: g does not run, and was saved by its entry.
unsafe fn walk(g: *mut G, visitor: &mut impl Visitor) {
    // SAFETY: see above; frames and tables tell where what is.
    unsafe {
        let (mut seg, sp) = ((*g).seg, (*g).sched_sp);
        // gopanic's frame has the panic below the registers.
        let panics = !(*g).panic.is_null() && (*g).panic as usize == sp;
        let fp = sp + SAVE_BYTES + if panics { size_of::<Panic>().next_multiple_of(16) } else { 0 };
        let mut unwinder = Unwinder::from_frame(fp, seg);
        // Where the values are that the registers had in the next frame.
        let mut registers = saved_below(fp);
        let mut low = if panics { sp } else { fp + 16 };
        while let Some(frame) = unwinder.next() {
            while seg != frame.seg {
                visitor.whole(low, (*seg).top);
                low = (*seg).oldsp;
                seg = (*seg).prev;
            }
            if frame.frameless {
                continue;
            }
            let pc = frame.pc;
            let Some(func) = find_func(frame.symbol_pc()) else {
                if pc == address(panic_deferred_ret) || pc == address(gohook_ret) {
                    registers = saved_below(frame.fp);
                } else if pc == address(gohook_signal_ret) {
                    registers = saved_below(frame.fp & !15);
                } else if pc == address(gostart) {
                    registers.iter().for_each(|&r| visitor.whole(r, r + 8));
                }
                continue;
            };
            let bottom = frame.fp - func.info.frame_size as usize;
            if bottom < low || frame.fp >= (*seg).top {
                throw("a frame is not where it should be");
            }
            visitor.whole(low, bottom);
            low = frame.fp + 16;
            let (saved, site) = lookup(&func, pc, frame.exact);
            if let Some((needed, set)) = site {
                let words = func.info.frame_size as usize / 8;
                visitor.known(&Known { fp: frame.fp, words, func, saved, registers, needed, set });
            } else {
                visitor.whole(bottom, frame.fp);
                each_bit(saved, |nth| visitor.whole(registers[nth], registers[nth] + 8));
            }
            let mut at = frame.fp - 8 * (saved.count_ones() as usize).next_multiple_of(2);
            each_bit(saved, |nth| {
                registers[nth] = at;
                at += 8;
            });
        }
        while !seg.is_null() {
            visitor.whole(low, (*seg).top);
            low = (*seg).oldsp;
            seg = (*seg).prev;
        }
    }
}

fn each_bit(mut bits: u8, mut f: impl FnMut(usize)) {
    while bits != 0 {
        f(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// A slot whose address was given away.
#[derive(Clone, Copy)]
struct Object {
    lo: usize,
    hi: usize,
    needed: bool,
}

/// Memory that is kept for the next time.
struct Buffer<T> {
    ptr: *mut T,
    cap: usize,
    len: usize,
}

impl<T: Copy> Buffer<T> {
    const fn new() -> Buffer<T> {
        Buffer { ptr: null_mut(), cap: 0, len: 0 }
    }

    fn push(&mut self, value: T) {
        if self.len == self.cap {
            let cap = (self.cap * 2).max(256);
            let new = persistent_alloc(cap * size_of::<T>(), align_of::<T>()).cast::<T>();
            // SAFETY: room for `cap`, of which `len` are filled.
            unsafe { core::ptr::copy_nonoverlapping(self.ptr, new, self.len) };
            (self.ptr, self.cap) = (new, cap);
        }
        // SAFETY: inside the room.
        unsafe { self.ptr.add(self.len).write(value) };
        self.len += 1;
    }

    fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: it was filled.
        Some(unsafe { self.ptr.add(self.len).read() })
    }

    fn slice(&mut self) -> &mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: `len` are filled.
        unsafe { core::slice::from_raw_parts_mut(self.ptr, self.len) }
    }
}

/// What one scan needs; a free one is linked to the next.
struct Scratch {
    objects: Buffer<Object>,
    /// Addresses on the stack itself that were found.
    pointers: Buffer<usize>,
    next: *mut Scratch,
}

struct Pool(UnsafeCell<*mut Scratch>);
// SAFETY: guarded by POOL_LOCK.
unsafe impl Sync for Pool {}
static POOL: Pool = Pool(UnsafeCell::new(null_mut()));
static POOL_LOCK: Lock = Lock::new();

fn take_scratch() -> *mut Scratch {
    let _guard = POOL_LOCK.lock();
    // SAFETY: under the lock.
    unsafe {
        let free = *POOL.0.get();
        if !free.is_null() {
            *POOL.0.get() = (*free).next;
            return free;
        }
        let new = persistent_alloc(size_of::<Scratch>(), align_of::<Scratch>()).cast::<Scratch>();
        new.write(Scratch { objects: Buffer::new(), pointers: Buffer::new(), next: null_mut() });
        new
    }
}

fn give_scratch(scratch: *mut Scratch) {
    let _guard = POOL_LOCK.lock();
    // SAFETY: under the lock.
    unsafe {
        (*scratch).next = *POOL.0.get();
        *POOL.0.get() = scratch;
    }
}

struct Scan<'a, F> {
    mark: F,
    /// The stack's lowest and highest address.
    lo: usize,
    hi: usize,
    scratch: &'a mut Scratch,
}

impl<F: FnMut(usize)> Scan<'_, F> {
    #[inline]
    fn word(&mut self, word: usize) {
        if word.wrapping_sub(self.lo) < self.hi - self.lo {
            self.scratch.pointers.push(word);
        } else {
            (self.mark)(word);
        }
    }

    /// Slots that something points into, and what these point to.
    fn pointed_to(&mut self) {
        self.scratch.objects.slice().sort_unstable_by_key(|o| o.lo);
        while let Some(pointer) = self.scratch.pointers.pop() {
            let objects = self.scratch.objects.slice();
            let Some(at) = objects.partition_point(|o| o.lo <= pointer).checked_sub(1) else { continue };
            let object = &mut objects[at];
            if pointer < object.hi && !object.needed {
                object.needed = true;
                let (lo, hi) = (object.lo, object.hi);
                // SAFETY: a slot of a live frame.
                unsafe { self.whole(lo, hi) };
            }
        }
    }
}

impl<F: FnMut(usize)> Visitor for Scan<'_, F> {
    unsafe fn whole(&mut self, lo: usize, hi: usize) {
        for at in (lo & !7..hi).step_by(8) {
            // SAFETY: the caller's promise.
            self.word(unsafe { (at as *const usize).read_volatile() });
        }
    }

    unsafe fn known(&mut self, frame: &Known) {
        // SAFETY: the table tells of the frame's words; registers were saved by frames below.
        unsafe {
            frame.for_each_word(|at, needed| {
                if needed {
                    self.word(*(at as *const usize));
                }
            });
            each_bit(frame.saved & frame.needed, |nth| self.word(*(frame.registers[nth] as *const usize)));
        }
        frame.for_each_object(|lo, hi| self.scratch.objects.push(Object { lo, hi, needed: false }));
    }
}

/// Overwrites what is not needed. Copies of what is needed stay: the register allocator leaves out moves to
/// where a value still is, though that place is not the value's any more.
struct Clobber<'a>(&'a mut Scratch);

impl Visitor for Clobber<'_> {
    unsafe fn whole(&mut self, _: usize, _: usize) {}

    unsafe fn known(&mut self, frame: &Known) {
        // SAFETY: the frame's words, and registers where frames below saved them; nobody needs them if the
        // tables are right.
        unsafe {
            let values = &mut self.0.pointers;
            values.len = 0;
            frame.for_each_word(|at, needed| {
                if needed {
                    values.push(*(at as *const usize));
                }
            });
            each_bit(frame.saved & frame.needed, |nth| values.push(*(frame.registers[nth] as *const usize)));
            values.slice().sort_unstable();
            let values = values.slice();
            let clobber = |at: usize| {
                let word = at as *mut usize;
                if values.binary_search(&*word).is_err() {
                    *word = CLOBBER;
                }
            };
            let objects = self.0.objects.slice();
            frame.for_each_word(|at, needed| {
                let before = objects.partition_point(|o| o.lo <= at);
                let kept = before > 0 && objects[before - 1].needed && at < objects[before - 1].hi;
                if !needed && !kept {
                    clobber(at);
                }
            });
            each_bit(frame.saved & !frame.needed, |nth| clobber(frame.registers[nth]));
        }
    }
}

/// Calls `mark` with each word of the stack that may be needed. `own_frames`: those of the Rust code that
/// runs for g.
///
/// SAFETY: the world is stopped, g is alive, and nobody else scans its stack.
pub unsafe fn scan(g: *mut G, own_frames: Option<(usize, usize)>, mark: impl FnMut(usize)) {
    // SAFETY: see above; the scratch is ours until given back.
    unsafe {
        let (mut lo, mut hi) = (usize::MAX, 0);
        let mut seg = (*g).seg;
        while !seg.is_null() {
            lo = lo.min((*seg).low());
            hi = hi.max((*seg).top);
            seg = (*seg).prev;
        }
        let scratch = take_scratch();
        (*scratch).objects.len = 0;
        (*scratch).pointers.len = 0;
        let mut scan = Scan { mark, lo, hi, scratch: &mut *scratch };
        if let Some((lo, hi)) = own_frames {
            scan.whole(lo, hi);
        }
        // Another entry than the one that holds these returns to another place.
        let held = &raw const (*g).held as usize;
        if (*g).held_pc == *(((*g).sched_sp + SAVE_BYTES + 8) as *const usize) {
            scan.whole(held, held + size_of_val(&(*g).held));
        }
        if CONSERVATIVE.load(Relaxed) {
            let (mut low, mut seg) = ((*g).sched_sp, (*g).seg);
            while !seg.is_null() {
                scan.whole(low, (*seg).top);
                low = (*seg).oldsp;
                seg = (*seg).prev;
            }
        } else {
            walk(g, &mut scan);
            scan.pointed_to();
            if CLOBBERS.load(Relaxed) {
                walk(g, &mut Clobber(&mut *scratch));
            }
        }
        give_scratch(scratch);
    }
}
