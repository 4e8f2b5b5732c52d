//! Signals. Faults in Go code become panics: the handler has the goroutine go on in `sigpanic`, as if the
//! instruction at fault had called it. Other faults are the runtime's own and end the program.
//!
//! Handlers run on the signal stack of their thread with all signals blocked; they take no locks.

use crate::arch::{address, getm, gohook_signal, leaf_end, leaf_start, sigpanic};
use crate::lang::raise::hook;
use crate::os::thread::{default_signal, get_signal_mask, handle_signal, raise, set_signal_mask};
use crate::sched::{G, M, threads};
use crate::stack::Seg;
use crate::trace::fatal;
use crate::trace::module::{find_func, module};
use crate::trace::profile::{self, Interrupted};
use crate::trace::unwind::Unwinder;
use core::sync::atomic::{AtomicU64, Ordering::*};
use goxide_abi::module::GoHook;

mod queue;
pub use queue::handled;

const SIGQUIT: usize = 3;
const SIGILL: usize = 4;
const SIGTRAP: usize = 5;
const SIGABRT: usize = 6;
const SIGBUS: usize = 7;
const SIGFPE: usize = 8;
const SIGSEGV: usize = 11;
const SIGPIPE: usize = 13;
const SIGPROF: usize = 27;
/// SIGRTMIN + 1, which libc keeps for the same.
pub const PER_THREAD_CALL: usize = 33;

/// Signals that have our handler from the start, a bit each. Faults; SIGQUIT and SIGABRT, which end the program
/// in our way; and what would end it by default but does not end a Go program (Go's sigtable):
/// SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, and those from 35
/// on. Not by ignoring them: they would be ignored by programs that this one starts, too.
const AT_BOOT: u64 = {
    const SOME: [usize; 17] = [
        SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, 10, SIGSEGV, 12, SIGPIPE, 14, 24, 25, 26, 27, 29,
        30,
    ];
    let mut bits = u64::MAX << 35;
    let mut i = 0;
    while i < SOME.len() {
        bits |= 1 << SOME[i];
        i += 1;
    }
    bits
};

fn is_fault(signal: usize) -> bool {
    matches!(signal, SIGILL | SIGTRAP | SIGBUS | SIGFPE | SIGSEGV)
}

/// Below this an address came from a nil pointer.
const NIL_PAGE_BYTES: usize = 4096;
const FPE_INTDIV: i32 = 1;
/// What an address that is none gives.
const SI_KERNEL: i32 = 0x80;

pub fn name(signal: i32) -> &'static str {
    match signal as usize {
        SIGQUIT => "SIGQUIT",
        SIGABRT => "SIGABRT: abort",
        SIGILL => "SIGILL: illegal instruction",
        SIGTRAP => "SIGTRAP: trace trap",
        SIGBUS => "SIGBUS: bus error",
        SIGFPE => "SIGFPE: floating-point exception",
        SIGSEGV => "SIGSEGV: segmentation violation",
        _ => "unknown signal",
    }
}

static INITIAL_MASK: AtomicU64 = AtomicU64::new(0);

/// Signals that were blocked when the program began: so they are on all its threads.
pub fn initial_mask() -> u64 {
    INITIAL_MASK.load(Relaxed)
}

/// Handlers for the whole process.
#[doc(alias = "initsig")]
pub fn init() {
    INITIAL_MASK.store(get_signal_mask() & !(1 << (PER_THREAD_CALL - 1)), Relaxed);
    set_signal_mask(initial_mask());
    handle_signal(PER_THREAD_CALL, on_call);
    queue::note_handled(PER_THREAD_CALL);
    let mut bits = AT_BOOT;
    while bits != 0 {
        let signal = bits.trailing_zeros() as usize;
        handle_signal(signal, handler);
        queue::note_handled(signal);
        bits &= bits - 1;
    }
}

/// Ends the program by a signal, as if nobody had handled it.
#[doc(alias = "dieFromSignal")]
fn die(signal: usize) {
    default_signal(signal);
    set_signal_mask(0);
    raise(signal);
}

/// `siginfo_t`, as far as it is read.
#[repr(C)]
struct SigInfo {
    signo: i32,
    errno: i32,
    code: i32,
    pad: i32,
    addr: usize,
}

/// `ucontext_t`, as far as it is read.
#[repr(C)]
struct Context {
    flags: usize,
    link: usize,
    stack: [usize; 3],
    r8_to_r15: [usize; 8],
    rdi: usize,
    rsi: usize,
    rbp: usize,
    rbx: usize,
    rdx: usize,
    rax: usize,
    rcx: usize,
    rsp: usize,
    rip: usize,
}

/// Where a thread was interrupted.
struct At {
    m: *mut M,
    g: *mut G,
    /// The segment that rsp is in: the thread is on the goroutine's stack.
    seg: Option<*mut Seg>,
}

/// SAFETY: in a handler.
unsafe fn interrupted(c: &Context) -> At {
    let m = getm();
    // SAFETY: this thread's M, its goroutine's segments.
    unsafe {
        let g = (*m).curg;
        if g.is_null() || (*g).seg.is_null() {
            return At { m, g, seg: None };
        }
        let seg = (*g).seg;
        At { m, g, seg: ((*seg).contains(c.rsp) || c.rsp == (*seg).top).then_some(seg) }
    }
}

unsafe extern "C" fn on_call(_: i32, _: *mut u8, _: *mut u8) {
    // SAFETY: in its handler.
    unsafe { threads::on_signal() }
}

unsafe extern "C" fn handler(signal: i32, info: *mut u8, context: *mut u8) {
    // SAFETY: the kernel's structures.
    unsafe {
        let (info, c) = (&*info.cast::<SigInfo>(), &mut *context.cast::<Context>());
        if signal as usize == SIGPROF {
            let At { m, g, seg } = interrupted(c);
            return profile::sample(&Interrupted { m, g, seg, pc: c.rip, fp: c.rbp });
        }
        let sent = info.code <= 0 || !is_fault(signal as usize);
        let harmless = ![SIGQUIT, SIGABRT].contains(&(signal as usize)) && !is_fault(signal as usize);
        if sent && queue::send(signal as u32) || harmless && AT_BOOT & 1 << signal != 0 {
            return;
        }
        let at = interrupted(c);
        let walk = at.seg.map(|seg| Unwinder::interrupted(c.rip, c.rbp, seg));
        if signal as usize == SIGQUIT {
            fatal::quit(c.rip, (*at.m).id, at.g, walk);
        }
        // Sent by somebody: what it does by default.
        if sent {
            die(signal as usize);
        }
        let panics = matches!(signal as usize, SIGSEGV | SIGBUS | SIGFPE);
        if !panics && find_func(c.rip).is_some() {
            let code = if signal as usize == SIGILL { code_at(c.rip) } else { &[] };
            fatal::signalled(name(signal), info.code, c.rip, (*at.m).id, code, at.g, walk);
        }
        let Some(seg) = at.seg.filter(|_| panics && may_panic(c)) else {
            fatal::fault(signal, info.code, info.addr, c.rip, at.g, walk)
        };
        let g = at.g;
        (*g).sig = signal;
        (*g).sigcode = info.code;
        (*g).sigaddr = info.addr;
        (*g).sigpc = c.rip;
        if find_func(c.rip).is_some() && c.rsp - 8 > (*seg).low() {
            c.rsp -= 8;
            *(c.rsp as *mut usize) = c.rip;
        }
        c.rip = address(sigpanic);
    }
}

/// The instruction at a place in Go code, and what follows it.
fn code_at(pc: usize) -> &'static [u8] {
    const SHOWN_BYTES: usize = 16;
    let len = module().etext.saturating_sub(pc).min(SHOWN_BYTES);
    // SAFETY: code of the program.
    unsafe { core::slice::from_raw_parts(pc as *const u8, len) }
}

/// Whether the fault is the Go program's: in Go code, in a leaf that it called (whose return address is on
/// top of the stack), or on a jump to nowhere.
///
/// SAFETY: rsp is in the goroutine's stack.
unsafe fn may_panic(c: &Context) -> bool {
    let text = module().text..module().etext;
    if text.contains(&c.rip) {
        return true;
    }
    // SAFETY: see above.
    let called_by_go = text.contains(unsafe { &*(c.rsp as *const usize) });
    let in_leaf = (address(leaf_start)..address(leaf_end)).contains(&c.rip);
    called_by_go && (in_leaf || c.rip >= text.end || c.rip < NIL_PAGE_BYTES)
}

/// (frame pointer of sigpanic)
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_sigpanic(fp: usize) -> ! {
    // SAFETY: called by sigpanic, which saved the goroutine.
    unsafe {
        let g = (*getm()).curg;
        let which = match (*g).sig as usize {
            SIGFPE if (*g).sigcode == FPE_INTDIV => GoHook::PanicDivide,
            SIGFPE => fatal::throw("unexpected floating-point exception"),
            _ if (*g).sigaddr < NIL_PAGE_BYTES && (*g).sigcode != SI_KERNEL => GoHook::PanicMem,
            _ if (*g).panics_on_fault => GoHook::PanicMemAddr,
            _ => fatal::unexpected_fault((*g).sigaddr),
        };
        gohook_signal(g, hook(which), fp, (*g).sigaddr)
    }
}
