//! panic, recover, Goexit (D11), after Go's panic.go.
//!
//! A panic's record stands in the frame of `runtime.gopanic` on the goroutine's stack, from which the
//! deferred calls are made: the frames of the panic's place stay below for the traceback, and a recover
//! finds its caller called from there. Each time round the loop this room, on g0, finds the next deferred
//! call by walking frames, or enters the landing pad of the frame that recovered. It neither allocates
//! nor parks.

use super::raise::hook;
use crate::arch::{address, getm, gohook, gojump, panic_deferred_ret, panic_loop};
use crate::port::Pair;
use crate::sched::G;
use crate::stack::Seg;
use crate::trace::module::find_func;
use crate::trace::unwind::{Frame, Unwinder};
use core::sync::atomic::{AtomicBool, Ordering::*};
use goxide_abi::layout::defer;
use goxide_abi::module::{FUNC_WRAPPER, FuncInfo, GoHook};

/// `_panic`. Type and data are set by the assembly.
#[repr(C)]
pub struct Panic {
    pub typ: usize,
    pub data: usize,
    /// The one before, which this one may abort.
    pub link: *mut Panic,
    pub goexit: bool,
    pub recovered: bool,
    /// Older panics whose loops this one's walk came by: its recovery ends them, too.
    passed: u32,
    /// The loop's own frame: its frame pointer, its rsp, its segment.
    loop_fp: usize,
    loop_sp: usize,
    loop_seg: *mut Seg,
    /// The walk: the frame whose deferred calls are being made.
    walk: Unwinder,
    frame: Frame,
    info: *const FuncInfo,
}

/// `GODEBUG=panicnil=1`: panic(nil) panics with nil, as before Go 1.21.
static NIL_PANICS: AtomicBool = AtomicBool::new(false);

pub fn allow_nil_panics(allow: bool) {
    NIL_PANICS.store(allow, Relaxed);
}

/// A panic or Goexit begins.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_panic_start(p: *mut Panic, fp: usize, goexit: usize) {
    // SAFETY: called by gopanic, with the record in its frame.
    unsafe {
        let g = (*getm()).curg;
        if goexit == 0 && (*p).typ == 0 && !NIL_PANICS.load(Relaxed) {
            gohook(g, hook(GoHook::PanicNil), fp, 0, 0, 0, 0);
        }
        (*p).goexit = goexit != 0;
        (*p).recovered = false;
        (*p).passed = 0;
        (*p).loop_fp = fp;
        (*p).loop_sp = p as usize;
        (*p).loop_seg = (*g).seg;
        (*p).walk = Unwinder::from_frame(fp, (*g).seg);
        (*p).info = core::ptr::null();
        (*p).link = (*g).panic;
        (*g).panic = p;
    }
}

/// The next deferred call's function value; or goes elsewhere for good.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_panic_next(p: *mut Panic) -> usize {
    // SAFETY: called by the panic's loop; frames and records are the goroutine's own.
    unsafe {
        let g = (*getm()).curg;
        if (*p).recovered {
            recovery(g, p);
        }
        loop {
            if !(*p).info.is_null()
                && let Some(closure) = next_deferred(&*(*p).info, (*p).frame.fp)
            {
                return closure;
            }
            (*p).info = core::ptr::null();
            let Some(frame) = (*p).walk.next() else { break };
            if frame.pc == address(panic_deferred_ret) {
                (*p).passed += 1;
                continue;
            }
            if let Some(f) = find_func(frame.pc)
                && f.info.defer_mode != defer::NONE
            {
                (*p).frame = frame;
                (*p).info = f.info;
            }
        }
        if (*p).goexit {
            crate::sched::proc::rt_goexit0();
        }
        gohook(g, hook(GoHook::PrintPanics), (*p).loop_fp, 0, 0, 0, 0)
    }
}

/// Takes the newest pending call out of a frame's record.
///
/// SAFETY: a live frame of that function.
unsafe fn next_deferred(info: &FuncInfo, fp: usize) -> Option<usize> {
    let record = fp.wrapping_add_signed(info.defer_offset as isize) as *mut usize;
    // SAFETY: see above.
    unsafe {
        if info.defer_mode == defer::BITS {
            let bits = *record & ((1 << defer::MAX_BITS) - 1);
            if bits == 0 {
                return None;
            }
            let site = bits.ilog2() as usize;
            *record = bits & !(1 << site);
            return Some(*record.add(1 + site));
        }
        let newest = *record as *const u8;
        if newest.is_null() {
            return None;
        }
        *record = *newest.offset(defer::RECORD_LINK as isize).cast::<usize>();
        Some(*newest.offset(defer::RECORD_CLOSURE as isize).cast::<usize>())
    }
}

/// A deferred call recovered the panic and returned: its frame's function goes on at the landing pad. A
/// Goexit that would be jumped over goes on instead.
///
/// SAFETY: the panic is the newest.
unsafe fn recovery(g: *mut G, p: *mut Panic) -> ! {
    // SAFETY: records of panics that were passed are in frames below this one.
    unsafe {
        let mut rest = (*p).link;
        for _ in 0..(*p).passed {
            if (*rest).goexit {
                (*g).panic = rest;
                set_segment(g, (*rest).loop_seg);
                gojump(g, address(panic_loop), (*rest).loop_sp, (*rest).loop_fp);
            }
            rest = (*rest).link;
        }
        (*g).panic = rest;
        if rest.is_null() {
            (*g).sig = 0;
        }
        let (frame, info) = ((*p).frame, &*(*p).info);
        let Some(f) = find_func(frame.pc) else { crate::trace::fatal::throw("recovery failed: no function") };
        if info.landing_pad == 0 {
            crate::trace::fatal::throw("recovery failed: no landing pad");
        }
        set_segment(g, frame.seg);
        let pad = f.entry + info.landing_pad as usize;
        gojump(g, pad, frame.fp - info.landing_frame as usize, frame.fp)
    }
}

/// SAFETY: a segment of g's stack, in which it goes on.
unsafe fn set_segment(g: *mut G, seg: *mut Seg) {
    // SAFETY: see above.
    unsafe {
        (*g).seg = seg;
        (*g).stackguard.store((*seg).guard, Relaxed);
        if (*g).preempt.load(SeqCst) {
            (*g).stackguard.store(usize::MAX, Relaxed);
        }
    }
}

/// (frame pointer of the function that calls recover, the thunk's own) -> interface
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gorecover(fp: usize, thunk_fp: usize) -> Pair<usize, usize> {
    // SAFETY: called by the thunk; frames are the goroutine's own.
    unsafe {
        let g = (*getm()).curg;
        let p = (*g).panic;
        if p.is_null() || (*p).goexit || (*p).recovered || !may_recover(g, p, fp, thunk_fp) {
            return Pair(0, 0);
        }
        (*p).recovered = true;
        Pair((*p).typ, (*p).data)
    }
}

/// Whether the function of the frame was called by the loop of that panic, wrappers aside.
///
/// SAFETY: as [`rt_gorecover`].
unsafe fn may_recover(g: *mut G, p: *mut Panic, fp: usize, thunk_fp: usize) -> bool {
    let is_wrapper = |pc| find_func(pc).is_some_and(|f| f.info.flags & FUNC_WRAPPER != 0);
    // SAFETY: see above.
    unsafe {
        let mut walk = Unwinder::from_frame(thunk_fp, (*g).seg);
        loop {
            match walk.next() {
                Some(frame) if frame.fp == fp => {
                    if is_wrapper(frame.pc) {
                        return false;
                    }
                    break;
                }
                Some(_) => {}
                None => return false,
            }
        }
        // The functions that reflect makes are wrappers, too: MakeFunc's stub calls callReflect, a method
        // value's callMethod, and that Value.call, which is none in other hands.
        let mut in_value_call = false;
        while let Some(frame) = walk.next() {
            if frame.pc == address(panic_deferred_ret) {
                return frame.fp == (*p).loop_fp && !in_value_call;
            }
            // Between them is reflect's assembly, of which there are no records.
            let Some(f) = find_func(frame.pc) else { continue };
            match f.name() {
                b"reflect.Value.call" if !in_value_call => in_value_call = true,
                b"reflect.callMethod" if in_value_call => in_value_call = false,
                b"reflect.callReflect" if !in_value_call => {}
                _ if in_value_call || f.info.flags & FUNC_WRAPPER == 0 => return false,
                _ => {}
            }
        }
        false
    }
}

/// Whether the loop with that frame pointer makes the deferred calls of a Goexit.
///
/// SAFETY: the frame of a panic's loop, alive.
pub unsafe fn is_goexit_loop(loop_fp: usize) -> bool {
    // Below it are four saved registers, and then the record.
    let record = loop_fp - 32 - size_of::<Panic>().next_multiple_of(16);
    // SAFETY: see above.
    unsafe { (*(record as *const Panic)).goexit }
}

// ---------------------------------------------------------------- for std/runtime's printpanics

/// SAFETY: the goroutine's own records.
unsafe fn nth(index: i64) -> *mut Panic {
    // SAFETY: see above.
    unsafe {
        let mut p = (*(*getm()).curg).panic;
        for _ in 0..index {
            if p.is_null() {
                break;
            }
            p = (*p).link;
        }
        p
    }
}

/// (index from the newest) -> interface
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_panicvalue(index: i64) -> Pair<usize, usize> {
    // SAFETY: an entry.
    unsafe {
        let p = nth(index);
        if p.is_null() { Pair(0, 0) } else { Pair((*p).typ, (*p).data) }
    }
}

/// (index) -> 1 exists, 2 recovered, 4 goexit
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_panicstate(index: i64) -> i64 {
    // SAFETY: an entry.
    unsafe {
        let p = nth(index);
        if p.is_null() {
            return 0;
        }
        1 + (*p).recovered as i64 * 2 + (*p).goexit as i64 * 4
    }
}

const _: () = assert!(core::mem::offset_of!(Panic, typ) == 0 && size_of::<Panic>() <= 192);
