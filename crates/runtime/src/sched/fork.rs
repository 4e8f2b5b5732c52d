//! What package syscall asks around fork and exec (Go's syscall_runtime_BeforeFork and so on).
//!
//! Between a vfork and its child's exec both share this memory, and the parent's thread sleeps: the child runs
//! on its stacks. It must change nothing that the parent sees.

use super::proc;
use super::threads::THREADS;
use crate::arch::getm;
use crate::os::thread::{default_signal, set_signal_mask};
use crate::signal;

/// No signal, and no preemption: the child has no other threads.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_beforefork() {
    // SAFETY: an entry.
    unsafe {
        let m = getm();
        (*(*m).curg).pinned += 1;
        (*m).fork_mask = set_signal_mask(u64::MAX);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_afterfork() {
    // SAFETY: an entry, behind rt_beforefork.
    unsafe {
        let m = getm();
        let g = (*m).curg;
        proc::unpin(g);
        set_signal_mask((*m).fork_mask);
    }
}

/// In the child: handlers are the parent's program's.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_afterforkinchild() {
    let mut handled = signal::handled();
    while handled != 0 {
        default_signal(handled.trailing_zeros() as usize);
        handled &= handled - 1;
    }
    // SAFETY: an entry, behind rt_beforefork.
    unsafe { set_signal_mask((*getm()).fork_mask) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_beforeexec() {
    // SAFETY: an entry. Whoever holds the lock is not preempted: its M may need a thread to go on.
    unsafe { (*(*getm()).curg).pinned += 1 };
    THREADS.lock();
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_afterexec() {
    THREADS.unlock();
    // SAFETY: an entry.
    unsafe { proc::unpin((*getm()).curg) };
}
