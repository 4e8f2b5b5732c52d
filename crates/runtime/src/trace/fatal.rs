//! The ways in which a program ends badly: uncaught panics, fatal errors, faults of the runtime itself. Exit
//! status 2.

use super::print;
use super::unwind::Unwinder;
use crate::arch::getm;
use crate::os::file::{Out, Stderr, begin_crash, exit};
use crate::os::futex::Note;
use crate::sched::G;
use crate::stack::growth::MAX_STACK_BYTES;
use core::fmt::Write as _;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::*};

/// Who ends the program: the M's id and one.
static PANICKING: AtomicUsize = AtomicUsize::new(0);
static LEVEL: AtomicU8 = AtomicU8::new(Traceback::Single as u8);

/// GOTRACEBACK.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Traceback {
    None,
    Single,
    All,
    System,
    Crash,
}

impl Traceback {
    #[doc(alias = "SetTraceback")]
    pub fn parse(text: &[u8]) -> Traceback {
        match text {
            b"none" | b"0" => Traceback::None,
            b"all" | b"1" => Traceback::All,
            b"system" | b"2" => Traceback::System,
            b"crash" => Traceback::Crash,
            _ => Traceback::Single,
        }
    }
}

pub fn set_traceback(level: Traceback) {
    LEVEL.store(level as u8, Relaxed);
}

fn at_least(level: Traceback) -> bool {
    LEVEL.load(Relaxed) >= level as u8
}

pub fn is_panicking() -> bool {
    PANICKING.load(Acquire) != 0
}

/// Only one thread tells of the end. A second failure while telling ends it in a few words.
#[doc(alias = "startpanic_m")]
fn begin() {
    // SAFETY: this thread's M.
    let me = unsafe { (*getm()).id as usize + 1 };
    match PANICKING.compare_exchange(0, me, AcqRel, Acquire) {
        Ok(_) => {
            begin_crash();
            crate::sched::world::freeze_the_world()
        }
        Err(other) if other == me => {
            crate::eprint!("panic during panic\n");
            exit(3);
        }
        Err(_) => wait_for_the_end(),
    }
}

pub fn wait_for_the_end() -> ! {
    let never = Note::new();
    loop {
        never.sleep();
    }
}

fn end() -> ! {
    if at_least(Traceback::Crash) {
        const SIGABRT: usize = 6;
        crate::os::thread::default_signal(SIGABRT);
        crate::os::thread::set_signal_mask(0);
        crate::os::thread::raise(SIGABRT);
    }
    exit(2)
}

/// The program did what cannot be gone on from.
pub fn fatal(text: &str) -> ! {
    fatal_bytes(text.as_bytes(), Traceback::All)
}

/// An invariant of the runtime does not hold.
pub fn throw(text: &str) -> ! {
    fatal_bytes(text.as_bytes(), Traceback::Single)
}

fn fatal_bytes(text: &[u8], others_from: Traceback) -> ! {
    begin();
    let mut out = Stderr::new();
    let _ = out.write_str("fatal error: ");
    out.bytes(text);
    let _ = out.write_str("\n");
    goroutines(&mut out, others_from);
    drop(out);
    end()
}

/// The goroutine at hand, then all others, if there is none or GOTRACEBACK is at least that.
#[doc(alias = "dopanic_m")]
fn goroutines(out: &mut dyn Out, others_from: Traceback) {
    if !at_least(Traceback::Single) {
        return;
    }
    // SAFETY: an entry saved the goroutine at hand, if there is one.
    unsafe {
        let g = (*getm()).curg;
        if !g.is_null() {
            let _ = out.write_str("\n");
            print::header(out, g);
            print::goroutine(out, g, Unwinder::of_saved(g));
        }
        if g.is_null() || at_least(others_from) {
            print::others(out, g);
        }
    }
}

/// Nobody recovered, and printpanics has told of the panics.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt_fatalpanic() -> ! {
    begin();
    let mut out = Stderr::new();
    // SAFETY: an entry with the goroutine saved.
    unsafe { signal_line(&mut out, (*getm()).curg) };
    goroutines(&mut out, Traceback::All);
    drop(out);
    end()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rt_fatalthrow(text: *const u8, len: usize) -> ! {
    // SAFETY: a Go string.
    fatal_bytes(unsafe { core::slice::from_raw_parts(text, len) }, Traceback::Single)
}

#[unsafe(no_mangle)]
extern "C" fn rt_throwinit() -> ! {
    throw("recursive call during initialization - linker skew")
}

#[unsafe(no_mangle)]
extern "C" fn rt_exit(code: i64) -> ! {
    exit(code as i32)
}

/// A fault at an address that no nil pointer gives.
pub fn unexpected_fault(addr: usize) -> ! {
    begin();
    let mut out = Stderr::new();
    let _ = write!(out, "unexpected fault address {addr:#x}\nfatal error: fault\n");
    // SAFETY: an entry with the goroutine saved, which faulted.
    unsafe { signal_line(&mut out, (*getm()).curg) };
    goroutines(&mut out, Traceback::Single);
    drop(out);
    end()
}

/// The signal that made a goroutine panic, if one did.
///
/// SAFETY: a G.
unsafe fn signal_line(out: &mut Stderr, g: *mut G) {
    // SAFETY: see above.
    unsafe {
        if (*g).sig != 0 {
            let (name, code) = (crate::signal::name((*g).sig), (*g).sigcode);
            let (addr, pc) = ((*g).sigaddr, (*g).sigpc);
            let _ = writeln!(out, "[signal {name} code={code:#x} addr={addr:#x} pc={pc:#x}]");
        }
    }
}

/// A stack would pass its limit.
///
/// SAFETY: g is saved by morestack.
pub unsafe fn stack_overflow(g: *mut G, sp: usize) -> ! {
    begin();
    // SAFETY: see above.
    let (low, top) = unsafe { ((*(*g).seg).low(), (*(*g).seg).top) };
    let mut out = Stderr::new();
    let _ = write!(
        out,
        "runtime: goroutine stack exceeds {MAX_STACK_BYTES}-byte limit\n\
         runtime: sp={sp:#x} stack=[{low:#x}, {top:#x}]\n\
         fatal error: stack overflow\n"
    );
    goroutines(&mut out, Traceback::Single);
    drop(out);
    end()
}

/// A fault in the runtime's own code, with the goroutine's walk where its frames can be shown.
pub fn fault(signal: i32, code: i32, addr: usize, pc: usize, g: *mut G, walk: Option<Unwinder>) -> ! {
    begin();
    let mut out = Stderr::new();
    let name = crate::signal::name(signal);
    let _ = write!(
        out,
        "fatal error: unexpected signal during runtime execution\n\
         [signal {name} code={code:#x} addr={addr:#x} pc={pc:#x}]\n"
    );
    show(&mut out, g, walk);
    drop(out);
    end()
}

/// SIGQUIT: where everything stands.
pub fn quit(pc: usize, mid: u64, g: *mut G, walk: Option<Unwinder>) -> ! {
    signalled("SIGQUIT: quit", 0, pc, mid, &[], g, walk)
}

/// A signal that stands for nothing in Go; `code` are the bytes of the instruction, where they matter.
pub fn signalled(
    name: &str,
    sigcode: i32,
    pc: usize,
    mid: u64,
    code: &[u8],
    g: *mut G,
    walk: Option<Unwinder>,
) -> ! {
    begin();
    let mut out = Stderr::new();
    let _ = write!(out, "{name}\nPC={pc:#x} m={mid} sigcode={sigcode}\n");
    if !code.is_empty() {
        let _ = out.write_str("instruction bytes:");
        for byte in code {
            let _ = write!(out, " {byte:#x}");
        }
        let _ = out.write_str("\n");
    }
    show(&mut out, g, walk);
    drop(out);
    end()
}

fn show(out: &mut dyn Out, g: *mut G, walk: Option<Unwinder>) {
    // SAFETY: frames of a goroutine that this thread interrupted.
    unsafe {
        if let Some(walk) = walk {
            let _ = out.write_str("\n");
            print::header(out, g);
            print::goroutine(out, g, walk);
        }
        print::others(out, if walk.is_some() { g } else { null_mut() });
    }
}

#[panic_handler]
fn rust_panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::eprint!("fatal error: the runtime panicked: {info}\n");
    exit(2)
}
