//! The slow way of morestack, and that of assembly.

use super::growth::{MAX_STACK_BYTES, next_segment_bytes};
use super::pool;
use crate::port::Pair;
use crate::sched::{G, OnG0, proc};
use crate::trace::fatal::throw;
use crate::trace::module::find_func;
use core::sync::atomic::{AtomicUsize, Ordering::*};
use goxide_abi::layout::{ASM_NOSPLIT_BYTES, ASMCALL_BYTES};
use goxide_abi::module::FUNC_ASSEMBLY;

static LIMIT_BYTES: AtomicUsize = AtomicUsize::new(MAX_STACK_BYTES);

/// `debug.SetMaxStack`: gives the limit before.
pub fn set_limit(bytes: usize) -> usize {
    LIMIT_BYTES.swap(bytes, Relaxed)
}

/// The prologue of a function with a frame of `frame_bytes` found no room, or a poisoned guard. `sp` is
/// where morestack's return address is. -> 1: there is a next segment; 0: the frame fits where it is.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_morestack(g: *mut G, frame_bytes: usize, sp: usize) -> usize {
    // SAFETY: g runs on this M and is saved; its chain of segments is its own.
    unsafe {
        let seg = (*g).seg;
        let fits = sp + 8 >= (*seg).guard + frame_bytes;
        if proc::asked_to_yield(g) {
            (*g).ret[0] = !fits as usize;
            proc::preempted(OnG0::assume(), g);
        }
        (*g).stackguard.store((*seg).guard, Relaxed);
        if fits {
            return 0;
        }
        let next = (*seg).next;
        if !next.is_null() && (*next).room >= frame_bytes {
            return 1;
        }
        pool::free_above(seg);
        let room = next_segment_bytes((*seg).stack_bytes, (*seg).bytes, frame_bytes)
            .filter(|bytes| (*seg).stack_bytes + bytes <= LIMIT_BYTES.load(Relaxed));
        let Some(bytes) = room else { crate::trace::fatal::stack_overflow(g, sp) };
        let next = pool::alloc(bytes);
        (*next).prev = seg;
        (*next).stack_bytes = (*seg).stack_bytes + (*next).bytes;
        (*seg).next = next;
        1
    }
}

/// Of a function in assembly whose prologue called from before `pc`: its code, and (size of arguments and results,
/// what a call takes of the stack).
#[unsafe(no_mangle)]
extern "C" fn rt_asm_frame(pc: usize) -> Pair<usize, usize> {
    let Some(func) = find_func(pc - 1).filter(|f| f.info.flags & FUNC_ASSEMBLY != 0) else {
        throw("morestack of assembly: not called by assembly")
    };
    if func.info.args_words == u16::MAX {
        throw("morestack of assembly: the size of the arguments is not known")
    }
    let args_bytes = 8 * u32::from(func.info.args_words);
    let need_bytes = func.info.frame_size + args_bytes + ASM_NOSPLIT_BYTES + ASMCALL_BYTES;
    Pair(func.entry, (args_bytes as usize) << 32 | need_bytes as usize)
}
