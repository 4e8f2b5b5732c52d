//! `runtime.main`: what the main goroutine does, one Go function after the other (`arch/goroutine.s`:
//! gomain asks for the next).

use super::trace::BootTrace;
use crate::lang::raise::hook;
use crate::os::file;
use crate::sched::MAIN_STARTED;
use crate::trace::module::module;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use goxide_abi::module::{GoHook, InitTask};

struct Trace(UnsafeCell<Option<BootTrace>>);
// SAFETY: set before the main goroutine runs, and then only its own.
unsafe impl Sync for Trace {}
static TRACE: Trace = Trace(UnsafeCell::new(None));

pub fn set_boot_trace(t: BootTrace) {
    // SAFETY: see above.
    unsafe { *TRACE.0.get() = Some(t) }
}

fn trace() -> Option<BootTrace> {
    // SAFETY: see above.
    unsafe { *TRACE.0.get() }
}

static TASK: AtomicUsize = AtomicUsize::new(0);
static FUNC: AtomicUsize = AtomicUsize::new(0);
static IN_MAIN: AtomicBool = AtomicBool::new(false);
static HAS_RETURNED: AtomicBool = AtomicBool::new(false);

/// The code address of the next function that the main goroutine calls; ends the program behind the last.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_main_next() -> usize {
    let m = module();
    if !MAIN_STARTED.swap(true, AcqRel) {
        if let Some(mut t) = trace() {
            t.total("mstart, schedule: runtime.main");
            t.step("runtime.main: gcenable", crate::gc::enable);
            t.begin();
            set_boot_trace(t);
        } else {
            crate::gc::enable();
        }
    }
    loop {
        let task = TASK.load(Relaxed);
        if task >= m.inittasks.len {
            break;
        }
        // SAFETY: the linker's tables.
        let func = unsafe {
            let task: *const InitTask = *m.inittasks.ptr.add(task);
            let n = FUNC.fetch_add(1, Relaxed);
            (n < (*task).nfns).then(|| *task.add(1).cast::<usize>().add(n))
        };
        if let Some(func) = func {
            return func;
        }
        FUNC.store(0, Relaxed);
        TASK.store(task + 1, Relaxed);
    }
    if !IN_MAIN.swap(true, AcqRel) {
        if let Some(t) = trace() {
            t.end("runtime.main: init tasks");
            t.total("main.main");
        }
        // SAFETY: called by the main goroutine.
        unsafe {
            let m = crate::arch::getm();
            crate::sched::locked::unlock(m, (*m).curg);
        }
        return m.main_main;
    }
    if !HAS_RETURNED.swap(true, AcqRel) {
        return hook(GoHook::MainReturned);
    }
    file::exit(0)
}

/// The write barrier's slow path: the collector marks with the world stopped, so there is none yet to do
/// but the store.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_gcwritebarrier(slot: *mut usize, value: usize) {
    // SAFETY: compiled code gives a slot of its own.
    unsafe { *slot = value }
}

/// `math.Mod` of bits, as C's fmod: exact.
#[unsafe(no_mangle)]
extern "C" fn rt_fmod(x: u64, y: u64) -> u64 {
    (f64::from_bits(x) % f64::from_bits(y)).to_bits()
}
