//! All threads of the process, and one system call on each of them (syscall.AllThreadsSyscall).
//!
//! The list and the making and ending of threads are under [`THREADS`]. The call runs with the world stopped, on
//! g0 of the M that asks for it, and on the others in their handler of a signal that is kept for this.

use super::idle::thread_memory;
use super::lock::RawLock;
use super::*;
use crate::arch::getm;
use crate::os::clock::yield_thread;
use crate::os::sys::syscall6;
use crate::os::thread;
use crate::port::{self, Pair};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

/// Held while a thread is made or ends, while all of them make a call, and while the process turns into another.
pub static THREADS: RawLock = RawLock::new();

/// Ms with a thread, linked by `alllink`; under the lock.
static ALLM: AtomicPtr<M> = AtomicPtr::new(null_mut());

/// What is called: the number, six arguments, and the result that all must have.
static CALL: [AtomicUsize; 8] = [const { AtomicUsize::new(0) }; 8];

/// SAFETY: m's thread exists, and will look at its signals; [`THREADS`] is held, or there is no other thread yet.
pub unsafe fn add(m: *mut M, tid: usize) {
    // SAFETY: see above.
    unsafe {
        (*m).tid = tid;
        (*m).alllink = ALLM.load(Relaxed);
    }
    ALLM.store(m, Relaxed);
}

/// Ends this thread, and gives back what was mapped for it.
///
/// SAFETY: m is this thread's and not the first one's; nothing on its stacks is needed.
pub unsafe fn end(m: *mut M) -> ! {
    // SAFETY: see above; the list is under the lock.
    unsafe {
        THREADS.lock();
        if ALLM.load(Relaxed) == m {
            ALLM.store((*m).alllink, Relaxed);
        } else {
            let mut before = ALLM.load(Relaxed);
            while (*before).alllink != m {
                before = (*before).alllink;
            }
            (*before).alllink = (*m).alllink;
        }
        THREADS.unlock();
        let (low, bytes) = thread_memory(m);
        thread::exit_unmapping(low, bytes)
    }
}

/// All threads.
pub fn for_each(mut f: impl FnMut(*mut M)) {
    THREADS.lock();
    let mut m = ALLM.load(Relaxed);
    while !m.is_null() {
        f(m);
        // SAFETY: under the lock; Ms live for ever.
        m = unsafe { (*m).alllink };
    }
    THREADS.unlock();
}

/// The threads other than this one.
///
/// SAFETY: [`THREADS`] is held.
unsafe fn others() -> impl Iterator<Item = &'static M> {
    // SAFETY: see above; Ms live for ever.
    unsafe {
        let me = getm();
        let first = ALLM.load(Relaxed).as_ref();
        core::iter::successors(first, |m| m.alllink.as_ref()).filter(move |m| m.this != me)
    }
}

/// (address of number and six arguments) -> (result, errno). If the call fails here, nobody else makes it.
#[doc(alias = "syscall_runtime_doAllThreadsSyscall")]
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_allthreadssyscall(args: *const [usize; 7]) -> Pair<usize, usize> {
    const ERRNO_MAX: isize = 4095;
    let mut result = 0;
    port::with_world_stopped(|| {
        THREADS.lock();
        // SAFETY: an entry with the goroutine saved; the memory is the caller's frame. The caller of the entry
        // answers for the call.
        unsafe {
            for (to, from) in CALL.iter().zip(*args) {
                to.store(from, Relaxed);
            }
            result = call();
            CALL[7].store(result as usize, Relaxed);
            if !(-ERRNO_MAX..0).contains(&result) {
                for m in others() {
                    m.has_call.store(true, Release);
                    thread::send(m.tid, crate::signal::PER_THREAD_CALL);
                }
                for m in others() {
                    while m.has_call.load(Acquire) {
                        yield_thread();
                    }
                }
            }
        }
        THREADS.unlock();
    });
    if (-ERRNO_MAX..0).contains(&result) {
        return Pair(usize::MAX, -result as usize);
    }
    Pair(result as usize, 0)
}

/// SAFETY: [`CALL`] is filled.
unsafe fn call() -> isize {
    let [number, args @ .., _] = CALL.each_ref().map(|word| word.load(Relaxed));
    // SAFETY: see above.
    unsafe { syscall6(number, args) }
}

/// This thread's share.
///
/// SAFETY: in the handler of the signal.
#[doc(alias = "runPerThreadSyscall")]
pub unsafe fn on_signal() {
    // SAFETY: this thread's M; who asks waits until the flag falls.
    unsafe {
        let has_call = &(*getm()).has_call;
        if !has_call.load(Acquire) {
            return;
        }
        let (got, want) = (call(), CALL[7].load(Relaxed) as isize);
        if got != want {
            crate::eprint!("system call {}: got {got}, want {want}\n", CALL[0].load(Relaxed));
            crate::trace::fatal::fatal(
                "AllThreadsSyscall6 results differ between threads; runtime corrupted",
            );
        }
        has_call.store(false, Release);
    }
}
