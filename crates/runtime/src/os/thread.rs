//! Threads by clone, their thread-local block, and signals' plumbing.

use super::sys::{
    ARCH_PRCTL, GETPID, GETTID, RT_SIGACTION, RT_SIGPROCMASK, SIGALTSTACK, TGKILL, syscall3, syscall6,
};
use crate::arch;

/// VM | FS | FILES | SIGHAND | THREAD | SYSVSEM | SETTLS
const CLONE_FLAGS: usize = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x80000;

/// Starts f(arg) on a thread whose fs is `tls`; its number. All signals are blocked while it is made, so that none
/// arrives before it has its signal stack; f unblocks them.
///
/// SAFETY: stack and TLS must live as long as the thread.
pub unsafe fn spawn(
    stack_top: usize,
    tls: usize,
    f: unsafe extern "C" fn(usize) -> !,
    arg: usize,
) -> Option<usize> {
    let old = set_signal_mask(u64::MAX);
    // SAFETY: see above.
    let r = unsafe { arch::thread_clone(CLONE_FLAGS, stack_top, tls, f, arg, 0) };
    set_signal_mask(old);
    usize::try_from(r).ok()
}

/// Ends this thread and unmaps the memory that its stacks are in.
///
/// SAFETY: nobody else uses that memory.
pub unsafe fn exit_unmapping(low: usize, bytes: usize) -> ! {
    // No signal may want a stack any more.
    set_signal_mask(u64::MAX);
    // SAFETY: see above.
    unsafe { arch::thread_exit(low, bytes) }
}

pub fn set_tls(tls: usize) {
    const ARCH_SET_FS: usize = 0x1002;
    // SAFETY: the caller's block of thread-local memory.
    unsafe { syscall3(ARCH_PRCTL, ARCH_SET_FS, tls, 0) };
}

pub fn gettid() -> usize {
    // SAFETY: asks only.
    unsafe { syscall3(GETTID, 0, 0, 0) as usize }
}

/// Blocks exactly these signals on this thread (bit n - 1 for signal n); the mask before.
pub fn set_signal_mask(mask: u64) -> u64 {
    const SIG_SETMASK: usize = 2;
    let mut old = 0u64;
    // SAFETY: reads and fills 8 bytes each.
    unsafe {
        syscall6(RT_SIGPROCMASK, [SIG_SETMASK, &raw const mask as usize, &raw mut old as usize, 8, 0, 0])
    };
    old
}

/// The signals that this thread blocks.
pub fn get_signal_mask() -> u64 {
    let mut mask = 0u64;
    // SAFETY: fills 8 bytes.
    unsafe { syscall6(RT_SIGPROCMASK, [0, 0, &raw mut mask as usize, 8, 0, 0]) };
    mask
}

#[repr(C)]
struct Sigaction {
    handler: usize,
    flags: usize,
    restorer: usize,
    mask: u64,
}

/// The handler of a signal, called on the alternate stack with all signals blocked.
pub fn handle_signal(signal: usize, handler: unsafe extern "C" fn(i32, *mut u8, *mut u8)) {
    /// SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_RESTORER
    const FLAGS: usize = 4 | 0x0800_0000 | 0x1000_0000 | 0x0400_0000;
    set_action(signal, handler as *const () as usize, FLAGS);
}

pub fn default_signal(signal: usize) {
    set_action(signal, 0, 0x0400_0000);
}

pub fn ignore_signal(signal: usize) {
    set_action(signal, 1, 0x0400_0000);
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    Default,
    Ignore,
    Handler,
}

pub fn disposition(signal: usize) -> Disposition {
    let mut old = Sigaction { handler: 0, flags: 0, restorer: 0, mask: 0 };
    // SAFETY: fills the structure.
    unsafe { syscall6(RT_SIGACTION, [signal, 0, &raw mut old as usize, 8, 0, 0]) };
    match old.handler {
        0 => Disposition::Default,
        1 => Disposition::Ignore,
        _ => Disposition::Handler,
    }
}

fn set_action(signal: usize, handler: usize, flags: usize) {
    let action = Sigaction { handler, flags, restorer: arch::address(arch::signal_return), mask: u64::MAX };
    // SAFETY: reads the structure; the handlers are the runtime's own.
    unsafe { syscall6(RT_SIGACTION, [signal, &raw const action as usize, 0, 8, 0, 0]) };
}

/// Where this thread's signal handlers run.
pub fn set_signal_stack(at: usize, bytes: usize) {
    #[repr(C)]
    struct StackT {
        sp: usize,
        flags: i32,
        size: usize,
    }
    let stack = StackT { sp: at, flags: 0, size: bytes };
    // SAFETY: memory that lives as long as the thread.
    unsafe { syscall3(SIGALTSTACK, &raw const stack as usize, 0, 0) };
}

/// Sends a signal to this thread.
pub fn raise(signal: usize) {
    send(gettid(), signal);
}

/// Sends a signal to a thread of this process.
pub fn send(tid: usize, signal: usize) {
    // SAFETY: a signal to ourselves.
    unsafe { syscall3(TGKILL, syscall3(GETPID, 0, 0, 0) as usize, tid, signal) };
}
