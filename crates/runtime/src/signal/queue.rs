//! Signals that the program asked for (os/signal, Go's sigqueue.go): handlers set bits, and one goroutine of
//! package os/signal sleeps in [`rt_signalrecv`] until there are some.

use super::{handler, is_fault};
use crate::os::futex;
use crate::os::thread::{Disposition, default_signal, disposition, handle_signal, ignore_signal};
use crate::sched::syscall;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

/// Bit n for signal n; 0 to 63, and the last one is not to be had.
static PENDING: AtomicU64 = AtomicU64::new(0);
static WANTED: AtomicU64 = AtomicU64::new(0);
/// Ignored at the program's wish, or from the start.
static IGNORED: AtomicU64 = AtomicU64::new(0);
/// Whose disposition at the start is known, and which of them were ignored.
static KNOWN: AtomicU64 = AtomicU64::new(0);
static IGNORED_AT_START: AtomicU64 = AtomicU64::new(0);
/// Has our handler.
static HANDLED: AtomicU64 = AtomicU64::new(0);

const IDLE: u32 = 0;
/// The receiver sleeps, or is about to.
const RECEIVING: u32 = 1;
/// Bits were set while nobody slept.
const SENDING: u32 = 2;
static STATE: AtomicU32 = AtomicU32::new(IDLE);
/// Handlers that have not yet set their bits.
static DELIVERING: AtomicU32 = AtomicU32::new(0);

fn bit(signal: u32) -> u64 {
    if signal < 64 { 1 << signal } else { 0 }
}

/// That our handler stands since the boot.
pub fn note_handled(signal: usize) {
    HANDLED.fetch_or(bit(signal as u32), Relaxed);
}

/// Signals with our handler, for the child of a fork.
pub fn handled() -> u64 {
    HANDLED.load(Acquire)
}

/// From a handler: whether the program wants the signal.
#[doc(alias = "sigsend")]
pub fn send(signal: u32) -> bool {
    DELIVERING.fetch_add(1, SeqCst);
    let wanted = WANTED.load(SeqCst) & bit(signal) != 0;
    if wanted && PENDING.fetch_or(bit(signal), SeqCst) & bit(signal) == 0 {
        loop {
            match STATE.load(SeqCst) {
                IDLE if STATE.compare_exchange(IDLE, SENDING, SeqCst, Relaxed).is_ok() => break,
                SENDING => break,
                RECEIVING if STATE.compare_exchange(RECEIVING, IDLE, SeqCst, Relaxed).is_ok() => {
                    futex::wake(&STATE, 1);
                    break;
                }
                _ => {}
            }
        }
    }
    DELIVERING.fetch_sub(1, SeqCst);
    wanted
}

/// Sleeps, without a P, until there may be signals.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_signalwait() {
    // SAFETY: an entry with the goroutine saved.
    unsafe {
        if STATE.compare_exchange(SENDING, IDLE, SeqCst, Relaxed).is_ok() {
            return;
        }
        if STATE.compare_exchange(IDLE, RECEIVING, SeqCst, Relaxed).is_ok() {
            syscall::block(|| {
                while STATE.load(SeqCst) == RECEIVING {
                    futex::wait(&STATE, RECEIVING);
                }
                0
            });
        }
    }
}

/// The lowest of the pending signals, taken; 0: none.
#[unsafe(no_mangle)]
extern "C" fn rt_signaltake() -> u64 {
    let taken = |bits: u64| (bits != 0).then(|| bits & (bits - 1));
    PENDING.fetch_update(SeqCst, SeqCst, taken).map_or(0, |bits| bits.trailing_zeros() as u64)
}

/// Whether all signals of before have been received: 0 while some are under way.
#[unsafe(no_mangle)]
extern "C" fn rt_signalidle() -> u64 {
    (DELIVERING.load(SeqCst) == 0 && STATE.load(SeqCst) == RECEIVING) as u64
}

/// Those that a program may be notified of (Go's sigtable).
fn can_notify(signal: u32) -> bool {
    const SIGKILL: u32 = 9;
    const SIGSTKFLT: u32 = 16;
    const SIGSTOP: u32 = 19;
    const SIGSYS: u32 = 31;
    signal > 0
        && signal < 64
        && !is_fault(signal as usize)
        && ![SIGKILL, SIGSTKFLT, SIGSTOP, SIGSYS, 32, 33, 34].contains(&signal)
}

/// What became of a signal before we touched it.
fn learn(signal: u32) {
    if KNOWN.fetch_or(bit(signal), Relaxed) & bit(signal) == 0
        && disposition(signal as usize) == Disposition::Ignore
    {
        IGNORED_AT_START.fetch_or(bit(signal), Relaxed);
        IGNORED.fetch_or(bit(signal), Relaxed);
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_signalenable(signal: u32) {
    if !can_notify(signal) {
        return;
    }
    learn(signal);
    WANTED.fetch_or(bit(signal), SeqCst);
    IGNORED.fetch_and(!bit(signal), SeqCst);
    handle_signal(signal as usize, handler);
    note_handled(signal as usize);
}

#[unsafe(no_mangle)]
extern "C" fn rt_signaldisable(signal: u32) {
    if !can_notify(signal) {
        return;
    }
    learn(signal);
    WANTED.fetch_and(!bit(signal), SeqCst);
    if super::AT_BOOT & bit(signal) != 0 {
        return handle_signal(signal as usize, handler);
    }
    HANDLED.fetch_and(!bit(signal), SeqCst);
    if IGNORED_AT_START.load(Relaxed) & bit(signal) != 0 {
        ignore_signal(signal as usize);
    } else {
        default_signal(signal as usize);
    }
}

#[unsafe(no_mangle)]
extern "C" fn rt_signalignore(signal: u32) {
    if !can_notify(signal) {
        return;
    }
    learn(signal);
    WANTED.fetch_and(!bit(signal), SeqCst);
    IGNORED.fetch_or(bit(signal), SeqCst);
    HANDLED.fetch_and(!bit(signal), SeqCst);
    ignore_signal(signal as usize);
}

#[unsafe(no_mangle)]
extern "C" fn rt_signalignored(signal: u32) -> u64 {
    if can_notify(signal) {
        learn(signal);
    }
    (IGNORED.load(SeqCst) & bit(signal) != 0) as u64
}

/// A write to standard output or error found nobody to read it.
#[unsafe(no_mangle)]
extern "C" fn rt_sigpipe() {
    const SIGPIPE: u32 = 13;
    if rt_signalignored(SIGPIPE) == 0 && !send(SIGPIPE) {
        super::die(SIGPIPE as usize);
    }
}
