//! Go panics out of Rust: the goroutine goes on in a Go function of std/runtime, as if its entry's thunk had
//! called it. For entries of kind `Full` only: the thunk has saved the goroutine.

use crate::arch::{getm, gohook};
use crate::mem::mallocgc;
use crate::trace::module::module;
use core::ptr::null;
use goxide_abi::module::GoHook;
use goxide_abi::typ::Type;

/// Address of a Go function that the runtime calls.
pub fn hook(hook: GoHook) -> usize {
    // SAFETY: the linker fills the table.
    unsafe { *module().hooks.ptr.add(hook as usize) }
}

fn call(which: GoHook, args: [usize; 4]) -> ! {
    // SAFETY: the goroutine is saved in its entry's thunk, whose frame pointer is above the four registers
    // that it pushed.
    unsafe {
        let g = (*getm()).curg;
        gohook(g, hook(which), (*g).sched_sp + 32, args[0], args[1], args[2], args[3])
    }
}

/// `panic(errorString(text))`: printed as `runtime error: text`.
pub fn error_string(text: &str) -> ! {
    call(GoHook::PanicErrorString, [text.as_ptr() as usize, text.len(), 0, 0])
}

/// The same of several pieces, which need not live on.
pub fn error_parts(parts: &[&[u8]]) -> ! {
    let (ptr, len) = concat(parts);
    call(GoHook::PanicErrorString, [ptr, len, 0, 0])
}

/// `panic(plainError(text))`
pub fn plain_error(text: &str) -> ! {
    call(GoHook::PanicPlainError, [text.as_ptr() as usize, text.len(), 0, 0])
}

/// The same of several pieces, which need not live on.
pub fn plain_error_parts(parts: &[&[u8]]) -> ! {
    let (ptr, len) = concat(parts);
    call(GoHook::PanicPlainError, [ptr, len, 0, 0])
}

/// A value of type `concrete` does not implement `asserted`, for want of a method.
pub fn type_assertion(concrete: *const Type, asserted: *const Type, missing_method: &[u8]) -> ! {
    let (ptr, len) = concat(&[missing_method]);
    call(GoHook::PanicTypeAssertion, [concrete as usize, asserted as usize, ptr, len])
}

/// A Go string.
fn concat(parts: &[&[u8]]) -> (usize, usize) {
    let len = parts.iter().map(|p| p.len()).sum();
    // SAFETY: room for all the parts.
    unsafe {
        let memory = mallocgc(len, null(), false);
        let mut at = 0;
        for part in parts {
            core::ptr::copy_nonoverlapping(part.as_ptr(), memory.add(at), part.len());
            at += part.len();
        }
        (memory as usize, len)
    }
}
