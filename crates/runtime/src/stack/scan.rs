//! A goroutine's stack as roots of the collector.
//!
//! A frame that is at a call has a table of what it still needs ([`goxide_abi::frames`]): only these words
//! are looked at, and of the registers that functions preserve for their callers those that the frame
//! needs, where the frames below it saved them. All else (frames at a fault or a loop's safepoint, frames
//! of the runtime's assembly, arguments that morestack saved) is looked at word by word. A slot whose
//! address was given away is also needed while something that is needed points into it.
//!
//! Runs with the world stopped, on g0 or a helper of the collector, by one thread for each stack.

use crate::arch::{address, gohook_ret, gohook_signal_ret, gostart, is_asmcall, panic_deferred_ret};
use crate::lang::panic::Panic;
use crate::mem::persistent::{Lock, persistent_alloc};
use crate::sched::G;
use crate::trace::fatal::throw;
use crate::trace::leb;
use crate::trace::module::{Func, find_func, pclntab};
use crate::trace::unwind::{Frame, Unwinder};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering::*};
use goxide_abi::frames::{BITS_WORDS_MAX, CALLEE_SAVED, SAVED_BITS};
use goxide_abi::module::FUNC_ASSEMBLY;

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

/// A frame at a place that its function's table tells of.
struct Known {
    fp: usize,
    place: Place,
    /// Where the values are of the registers that the function saved for its caller, so that they are its
    /// own.
    registers: [usize; REGISTERS],
}

/// What a function's table tells of a place.
#[derive(Clone, Copy)]
struct Place {
    func: Func,
    /// Of the frame.
    words: usize,
    /// The registers that the prologue saves.
    saved: u8,
    /// Whether the rest is known.
    known: bool,
    /// Which of the registers are needed.
    needed: u8,
    /// Where the bits or runs of the words that are needed begin. None: no word is.
    set: Option<usize>,
}

impl Known {
    /// Calls `f` with runs of words, by their indices, and whether they are needed, in ascending order.
    fn for_each_run(&self, mut f: impl FnMut(usize, usize, bool)) {
        let words = self.place.words;
        let Some(set) = self.place.set else { return f(0, words, false) };
        let bytes = pclntab();
        let (mut index, mut needed) = (0, false);
        if words <= BITS_WORDS_MAX as usize {
            let mut bits = bits_of(bytes, set, words) >> SAVED_BITS;
            while index < words {
                let same = if needed { bits.trailing_ones() } else { bits.trailing_zeros() } as usize;
                let len = same.min(words - index);
                f(index, index + len, needed);
                (index, needed, bits) = (index + len, !needed, bits.unbounded_shr(same as u32));
            }
            return;
        }
        let mut at = set + 1;
        while index < words {
            let len = leb::unsigned(bytes, &mut at) as usize;
            f(index, index + len, needed);
            (index, needed) = (index + len, !needed);
        }
    }

    /// Calls `f` with the address of each word that is needed, or of each that is not; those that hold the
    /// caller's registers are neither.
    fn for_each_word(&self, which: bool, mut f: impl FnMut(usize)) {
        let top = (self.place.saved.count_ones() as usize).next_multiple_of(2);
        self.for_each_run(|from, to, needed| {
            if needed == which {
                (from.max(top)..to).for_each(|index| f(self.fp - 8 * (index + 1)));
            }
        });
    }

    /// Calls `f` with the bounds of each slot that is kept while something points into it, or that has no
    /// pointers, and whether it is the latter.
    fn for_each_object(&self, mut f: impl FnMut(usize, usize, bool)) {
        let (bytes, mut at) = (pclntab(), self.place.func.info.frames as usize);
        leb::unsigned(bytes, &mut at);
        for _ in 0..leb::unsigned(bytes, &mut at) {
            let first = leb::unsigned(bytes, &mut at) as usize;
            let told = leb::unsigned(bytes, &mut at) as usize;
            f(self.fp - 8 * (first + (told >> 1)), self.fp - 8 * first, told & 1 != 0);
        }
    }
}

fn bits_of(bytes: &[u8], at: usize, words: usize) -> u64 {
    let len = (words + SAVED_BITS as usize).div_ceil(8);
    bytes[at..at + len].iter().rev().fold(0, |bits, &b| bits << 8 | b as u64)
}

/// Reads a function's table: for where it calls something that returns to `pc`, or, at a fault, where
/// deferred calls may let it go on.
fn read_place(func: Func, pc: usize, faulted: bool) -> Place {
    // Where the frame of assembly begins and ends is not known.
    let is_assembly = func.info.flags & FUNC_ASSEMBLY != 0;
    let words = if is_assembly { 0 } else { func.info.frame_size as usize / 8 };
    let unknown = Place { func, words, saved: 0, known: false, needed: 0, set: None };
    let (bytes, mut at) = (pclntab(), func.info.frames as usize);
    if at == 0 {
        return unknown;
    }
    let saved = leb::unsigned(bytes, &mut at) as u8;
    let unknown = Place { saved, ..unknown };
    for _ in 0..2 * leb::unsigned(bytes, &mut at) {
        leb::unsigned(bytes, &mut at);
    }
    let count = leb::unsigned(bytes, &mut at);
    let sets = at;
    let is_bits = words <= BITS_WORDS_MAX as usize;
    let skip = |at: &mut usize, count: u64| {
        if is_bits {
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
        let set = (func.info.landing_pad != 0).then_some(sets);
        return Place { known: true, set, ..unknown };
    }
    skip(&mut at, count);
    let mut left = (pc - func.entry) as u64;
    loop {
        let step = leb::unsigned(bytes, &mut at);
        if step == 0 || step > left {
            return unknown;
        }
        let number = leb::unsigned(bytes, &mut at);
        left -= step;
        if left == 0 {
            let mut set = sets;
            skip(&mut set, number);
            let needed = if is_bits { bits_of(bytes, set, words) as u8 & 0xf } else { bytes[set] };
            return Place { known: true, needed, set: Some(set), ..unknown };
        }
    }
}

/// Places that were looked up before, by their addresses: stacks are deep where functions call themselves.
struct Cache([(usize, Option<Place>); CACHED]);
const CACHED: usize = 128;

impl Cache {
    /// None: no Go function is there.
    fn place(&mut self, frame: &Frame) -> Option<Place> {
        let (pc, place) = &mut self.0[frame.pc % CACHED];
        // Nothing returns to an instruction at fault.
        let key = if frame.exact { !frame.pc } else { frame.pc };
        if *pc != key {
            let func = find_func(frame.symbol_pc());
            *place = func.map(|func| read_place(func, frame.pc, frame.exact));
            *pc = key;
        }
        *place
    }
}

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
unsafe fn walk(g: *mut G, cache: &mut Cache, visitor: &mut impl Visitor) {
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
            let Some(place) = cache.place(&frame) else {
                // Frames that saved the registers; whose these are is known.
                let top = if pc == address(panic_deferred_ret) || pc == address(gohook_ret) || is_asmcall(pc)
                {
                    frame.fp
                } else if pc == address(gohook_signal_ret) {
                    frame.fp & !15
                } else {
                    if pc == address(gostart) {
                        registers.iter().for_each(|&r| visitor.whole(r, r + 8));
                    }
                    continue;
                };
                registers = saved_below(top);
                visitor.whole(low, top - SAVE_BYTES);
                low = top;
                continue;
            };
            let bottom = frame.fp - 8 * place.words;
            if bottom < low || frame.fp >= (*seg).top {
                throw("a frame is not where it should be");
            }
            visitor.whole(low, bottom);
            low = frame.fp + 16;
            let saved = place.saved;
            if place.known {
                visitor.known(&Known { fp: frame.fp, place, registers });
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

/// A slot whose address was given away, or one without pointers.
#[derive(Clone, Copy)]
struct Object {
    lo: usize,
    hi: usize,
    /// Stays, and need not be looked into (again).
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
    pointers: Buffer<usize>,
    cache: Cache,
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
        new.write(Scratch {
            objects: Buffer::new(),
            pointers: Buffer::new(),
            cache: Cache([(0, None); CACHED]),
            next: null_mut(),
        });
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
    objects: &'a mut Buffer<Object>,
    /// Addresses on the stack itself that were found.
    pointers: &'a mut Buffer<usize>,
}

impl<F: FnMut(usize)> Scan<'_, F> {
    #[inline]
    fn word(&mut self, word: usize) {
        if word.wrapping_sub(self.lo) < self.hi - self.lo {
            self.pointers.push(word);
        } else {
            (self.mark)(word);
        }
    }

    /// Slots that something points into, and what these point to.
    fn pointed_to(&mut self) {
        self.objects.slice().sort_unstable_by_key(|o| o.lo);
        while let Some(pointer) = self.pointers.pop() {
            let objects = self.objects.slice();
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
            frame.for_each_word(true, |at| self.word(*(at as *const usize)));
            let needed = frame.place.saved & frame.place.needed;
            each_bit(needed, |nth| self.word(*(frame.registers[nth] as *const usize)));
        }
        frame.for_each_object(|lo, hi, noscan| self.objects.push(Object { lo, hi, needed: noscan }));
    }
}

/// Overwrites what is not needed. Copies of what is needed stay: the register allocator leaves out moves to
/// where a value still is, though that place is not the value's any more.
struct Clobber<'a> {
    objects: &'a mut Buffer<Object>,
    /// What the frame needs.
    values: &'a mut Buffer<usize>,
    /// Frames that are left to do: older ones were done when they were the newest.
    frames: usize,
}

const CLOBBERED_FRAMES: usize = 100;

impl Visitor for Clobber<'_> {
    unsafe fn whole(&mut self, _: usize, _: usize) {}

    unsafe fn known(&mut self, frame: &Known) {
        let Some(left) = self.frames.checked_sub(1) else { return };
        self.frames = left;
        let Place { saved, needed, .. } = frame.place;
        // SAFETY: the frame's words, and registers where frames below saved them; nobody needs them if the
        // tables are right.
        unsafe {
            self.values.len = 0;
            frame.for_each_word(true, |at| self.values.push(*(at as *const usize)));
            each_bit(saved & needed, |nth| self.values.push(*(frame.registers[nth] as *const usize)));
            let (values, objects) = (self.values.slice(), self.objects.slice());
            values.sort_unstable();
            let clobber = |at: usize| {
                let word = at as *mut usize;
                if values.binary_search(&*word).is_err() {
                    *word = CLOBBER;
                }
            };
            frame.for_each_word(false, |at| {
                let before = objects.partition_point(|o| o.lo <= at);
                if before == 0 || !objects[before - 1].needed || at >= objects[before - 1].hi {
                    clobber(at);
                }
            });
            each_bit(saved & !needed, |nth| clobber(frame.registers[nth]));
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
        let Scratch { objects, pointers, cache, .. } = &mut *scratch;
        (objects.len, pointers.len) = (0, 0);
        let mut scan = Scan { mark, lo, hi, objects, pointers };
        if let Some((lo, hi)) = own_frames {
            scan.whole(lo, hi);
        }
        // Another entry than the one that holds these returns to another place.
        let held = &raw const (*g).held as usize;
        if (*g).held_pc == *(((*g).sched_sp + SAVE_BYTES + 8) as *const usize) {
            scan.whole(held, held + 8 * (*g).held_count as usize);
        }
        if CONSERVATIVE.load(Relaxed) {
            let (mut low, mut seg) = ((*g).sched_sp, (*g).seg);
            while !seg.is_null() {
                scan.whole(low, (*seg).top);
                low = (*seg).oldsp;
                seg = (*seg).prev;
            }
        } else {
            walk(g, cache, &mut scan);
            scan.pointed_to();
            if CLOBBERS.load(Relaxed) {
                let Scan { objects, pointers, .. } = scan;
                walk(g, cache, &mut Clobber { objects, values: pointers, frames: CLOBBERED_FRAMES });
            }
        }
        give_scratch(scratch);
    }
}
