//! Walking a goroutine's frames by frame pointers, across segments and the runtime's own frames.

use crate::arch::{address, gohook_signal_ret, lessstack, morestack_slow_ret};
use crate::sched::G;
use crate::stack::Seg;

/// A function that has not returned.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Frame {
    /// Where it goes on when what it called returns; for one that faulted, the instruction at fault.
    pub pc: usize,
    pub fp: usize,
    /// Where its frame is.
    pub seg: *mut Seg,
    /// `pc` is not behind a call.
    pub exact: bool,
    /// The function has none yet: `fp` is its caller's.
    pub frameless: bool,
}

impl Frame {
    /// An address inside the instruction that the function is at.
    pub fn symbol_pc(&self) -> usize {
        if self.exact { self.pc } else { self.pc - 1 }
    }
}

/// Stands at a frame; `next` gives its caller.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Unwinder {
    fp: usize,
    seg: *mut Seg,
    /// The frame at `fp` is sigpanic's: what it returns to has not called.
    faulted: bool,
    /// The frame at `fp` is that of morestack's slow way: the function that wants more has none yet.
    growing: bool,
    /// A frame pointer may be anything: the walk ends where it is none.
    checks: bool,
    /// Known already, given first.
    pending: Option<Frame>,
}

impl Unwinder {
    /// From a function's frame, which is in that segment; its callers come next.
    pub fn from_frame(fp: usize, seg: *mut Seg) -> Unwinder {
        Unwinder { fp, seg, faulted: false, growing: false, checks: false, pending: None }
    }

    /// From a goroutine that is in its entry's thunk.
    ///
    /// SAFETY: g does not run Go code, and its entry saved it.
    pub unsafe fn of_saved(g: *mut G) -> Unwinder {
        // SAFETY: r14 r13 r12 rbx are below rbp.
        unsafe { Unwinder::from_frame((*g).sched_sp + 32, (*g).seg) }
    }

    /// From the registers of a goroutine that was interrupted by a signal.
    pub fn interrupted(pc: usize, fp: usize, seg: *mut Seg) -> Unwinder {
        let pending = Some(Frame { pc, fp, seg, exact: true, frameless: false });
        Unwinder { fp, seg, faulted: false, growing: false, checks: false, pending }
    }

    /// From a place where frames may not be whole.
    pub fn checked(self) -> Unwinder {
        Unwinder { checks: true, ..self }
    }

    /// SAFETY: the frames must be alive.
    pub unsafe fn next(&mut self) -> Option<Frame> {
        if let Some(frame) = self.pending.take() {
            return Some(frame);
        }
        if self.fp == 0 || self.seg.is_null() {
            return None;
        }
        // SAFETY: segments live while they are the goroutine's.
        if self.checks && !(self.fp.is_multiple_of(8) && unsafe { (*self.seg).contains(self.fp + 16) }) {
            return None;
        }
        // SAFETY: a frame begins with the caller's frame pointer and the return address.
        unsafe {
            let at = self.fp as *const usize;
            let (caller_fp, mut pc) = (*at, *at.add(1));
            if self.growing {
                // The function without a frame, then its caller, whose return address is above.
                self.growing = false;
                let seg = self.seg;
                let above = *at.add(2);
                let real = if above == address(lessstack) { self.cross() } else { above };
                self.pending =
                    Some(Frame { pc: real, fp: caller_fp, seg: self.seg, exact: false, frameless: false });
                self.fp = caller_fp;
                return Some(Frame { pc, fp: caller_fp, seg, exact: true, frameless: true });
            }
            if pc == address(lessstack) {
                pc = self.cross();
            }
            let exact = self.faulted;
            self.faulted = pc == address(gohook_signal_ret);
            self.growing = pc == address(morestack_slow_ret);
            self.fp = caller_fp;
            Some(Frame { pc, fp: caller_fp, seg: self.seg, exact, frameless: false })
        }
    }

    /// The return address in the older segment.
    ///
    /// SAFETY: the frame is the first of its segment.
    unsafe fn cross(&mut self) -> usize {
        // SAFETY: morestack left rsp there, with its own return address and its caller's.
        unsafe {
            let pc = *(((*self.seg).oldsp + 8) as *const usize);
            self.seg = (*self.seg).prev;
            pc
        }
    }
}
