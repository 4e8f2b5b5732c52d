//! x86-64: everything in assembly, and the processor's features. The only room that knows registers.
//!
//! Goroutine stacks hold compiled Go frames and the thunks' own; Rust is always called on g0 (D3).

mod cpu;
pub mod thunk;

pub use cpu::{Cpu, cpu_init, cpuid_features};

use crate::lang::panic::Panic;
use crate::sched::{G, M, P};
use crate::stack::Seg;
use core::arch::global_asm;
use core::mem::offset_of;

#[cfg(not(test))]
global_asm!(".macro LIBC name", ".globl \\name", ".type \\name, @function", "\\name:", ".endm", options(raw));
// A test binary has a C library already.
#[cfg(test)]
global_asm!(".macro LIBC name", ".endm", options(raw));

// Together, so that `leaf_start..leaf_end` is all of them.
global_asm!(
    ".section .text.goxide,\"axR\",@progbits",
    include_str!("mem.s"),
    include_str!("std.s"),
    include_str!("digest.s"),
    include_str!("big.s"),
    ".globl leaf_end",
    "leaf_end:",
    options(raw)
);
// std.s: getGOAMD64level.
const _: () = assert!(goxide_abi::layout::AMD64_LEVEL == 3);
#[cfg(not(test))]
global_asm!(".section .text.goxide,\"axR\",@progbits", include_str!("start.s"), options(raw));
global_asm!(".section .text.goxide,\"axR\",@progbits", include_str!("thread.s"), options(raw));
global_asm!(
    ".section .text.goxide,\"axR\",@progbits",
    include_str!("goroutine.s"),
    MORESTACK_RETURN_TO_BODY = const goxide_abi::layout::MORESTACK_RETURN_TO_BODY,
    G_STACKGUARD = const offset_of!(G, stackguard),
    G_SEG = const offset_of!(G, seg),
    G_M = const offset_of!(G, m),
    G_SCHED_SP = const offset_of!(G, sched_sp),
    G_RET = const offset_of!(G, ret),
    G_PREEMPT = const offset_of!(G, preempt),
    M_G0SP = const offset_of!(M, g0sp),
    SEG_ROOM = const offset_of!(Seg, room),
    SEG_GUARD = const offset_of!(Seg, guard),
    SEG_TOP = const offset_of!(Seg, top),
    SEG_OLDSP = const offset_of!(Seg, oldsp),
    SEG_PREV = const offset_of!(Seg, prev),
    SEG_NEXT = const offset_of!(Seg, next),
    PANIC_BYTES = const size_of::<Panic>().next_multiple_of(16),
    PANIC_TYPE = const offset_of!(Panic, typ),
    PANIC_DATA = const offset_of!(Panic, data),
);

global_asm!(
    ".section .text.goxide,\"axR\",@progbits",
    include_str!("reflect.s"),
    MORESTACK_RETURN_TO_BODY = const goxide_abi::layout::MORESTACK_RETURN_TO_BODY,
    G_STACKGUARD = const offset_of!(G, stackguard),
    G_M = const offset_of!(G, m),
    G_PREEMPT = const offset_of!(G, preempt),
    G_PREEMPT_LATER = const offset_of!(G, preempt_later),
    G_BOUNDS = const offset_of!(G, bounds),
    G_PINNED = const offset_of!(G, pinned),
    M_P = const offset_of!(M, p),
    P_ID = const offset_of!(P, id),
);

global_asm!(
    ".section .text.goxide,\"axR\",@progbits",
    include_str!("abi0.s"),
    MORESTACK_RETURN_TO_BODY = const goxide_abi::layout::MORESTACK_RETURN_TO_BODY,
    ASM_NOSPLIT_BYTES = const goxide_abi::layout::ASM_NOSPLIT_BYTES,
    G_STACKGUARD = const offset_of!(G, stackguard),
    G_SEG = const offset_of!(G, seg),
    G_ASM_GUARD = const offset_of!(G, asm_guard),
    G_M = const offset_of!(G, m),
    M_G0SP = const offset_of!(M, g0sp),
    M_CURG = const offset_of!(M, curg),
    SEG_GUARD = const offset_of!(Seg, guard),
);

global_asm!(
    ".section .text.goxide,\"axR\",@progbits",
    include_str!("syscall.s"),
    G_STACKGUARD = const offset_of!(G, stackguard),
    G_SEG = const offset_of!(G, seg),
    SEG_GUARD = const offset_of!(Seg, guard),
);

const _: () = assert!(offset_of!(G, stackguard) as i32 == goxide_abi::layout::G_STACKGUARD);
const _: () = assert!(offset_of!(G, seg) as i32 == goxide_abi::layout::G_SEG);
const _: () = assert!(offset_of!(G, m) as i32 == goxide_abi::layout::G_M);
const _: () = assert!(offset_of!(G, preempt) as i32 == goxide_abi::layout::G_PREEMPT);
const _: () = assert!(offset_of!(G, bounds) as i32 == goxide_abi::layout::G_BOUNDS);
const _: () = assert!(offset_of!(G, asm_guard) as i32 == goxide_abi::layout::G_ASM_GUARD);
const _: () = assert!(offset_of!(M, curg) as i32 == goxide_abi::layout::M_CURG);
const _: () = assert!(offset_of!(M, this) == 0);

/// A code label of the assembly.
#[allow(non_camel_case_types)]
pub type label = unsafe extern "C" fn();

// Opaque to the assembly but for the offsets given above.
#[allow(improper_ctypes)]
unsafe extern "C" {
    /// Continues g: its entry returns `g.ret`.
    pub fn gogo(g: *mut G) -> !;
    pub fn gojump(g: *mut G, pc: usize, sp: usize, fp: usize) -> !;
    pub fn gohook(g: *mut G, f: usize, fp: usize, a0: usize, a1: usize, a2: usize, a3: usize) -> !;
    pub fn gohook_signal(g: *mut G, f: usize, fp: usize, a0: usize) -> !;
    pub fn gohook_ret();
    pub fn gohook_signal_ret();
    pub fn gostart();
    pub fn gostart_ret();
    pub fn gomain();
    pub fn gomain_ret();
    #[link_name = "runtime.lessstack"]
    pub fn lessstack();
    pub fn morestack_slow_ret();
    pub fn panic_loop();
    pub fn panic_deferred_ret();
    pub fn sigpanic();
    pub fn asmcall_sites();
    pub fn asmcall_sites_end();
    pub fn leaf_start();
    pub fn leaf_end();
    pub fn signal_return();
    pub fn thread_exit(address: usize, bytes: usize) -> !;
    pub fn thread_clone(
        flags: usize,
        stack: usize,
        tls: usize,
        f: unsafe extern "C" fn(usize) -> !,
        arg: usize,
        child_tid: usize,
    ) -> isize;
    pub fn with_stack_pointer(f: unsafe extern "C" fn(arg: usize, sp: usize), arg: usize);
}

pub fn address(l: label) -> usize {
    l as *const () as usize
}

/// Whether assembly that the runtime called returns there.
pub fn is_asmcall(pc: usize) -> bool {
    address(asmcall_sites) < pc && pc <= address(asmcall_sites_end)
}

/// The M of this thread: TLS begins with its own address.
#[inline(always)]
pub fn getm() -> *mut M {
    let m;
    // SAFETY: every thread of the runtime has its M behind fs, set before anything asks for it.
    unsafe {
        core::arch::asm!("mov {}, fs:[0]", out(reg) m, options(nostack, pure, readonly, preserves_flags))
    };
    m
}
