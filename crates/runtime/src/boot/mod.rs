//! From the kernel's entry to `main.main` and the exit, in the order of Go's `rt0_go`, `schedinit` and
//! `runtime.main`. `GODEBUG=boottrace=1` tells of each step.
//!
//! Runs on the first stack, which is m0's g0. Allocates only what lives as long as the program.

pub mod args;
mod main_goroutine;
mod trace;

use crate::arch;
use crate::os::{clock, cpus, file, random, thread};
use crate::sched::{self, M, OnG0, SCHED, api, idle, proc};
use crate::stack::scan;
use crate::trace::fatal::{Traceback, set_traceback};
use crate::{gc, mem, signal};
use args::Args;
use core::cell::UnsafeCell;
use core::ptr::null_mut;

/// g0 of the first thread keeps clear of the stack's end by this much.
const FIRST_STACK_BYTES: usize = 256 << 10;

/// Ends a program that cannot begin.
pub(crate) fn refuse(text: &str) -> ! {
    file::write(2, b"goxide: ");
    file::write(2, text.as_bytes());
    file::write(2, b"\n");
    file::exit(2)
}

struct FirstM(UnsafeCell<core::mem::MaybeUninit<M>>);
// SAFETY: only the first thread touches it before there are others.
unsafe impl Sync for FirstM {}
static M0: FirstM = FirstM(UnsafeCell::new(core::mem::MaybeUninit::zeroed()));

macro_rules! steps {
    ($trace:ident: $($name:literal => $step:expr;)*) => { $( $trace.step($name, || $step); )* };
}

/// SAFETY: called by `_start` with the kernel's stack pointer.
#[unsafe(no_mangle)]
unsafe extern "C" fn rt0_go(sp: *const usize) -> ! {
    // SAFETY: what the kernel laid out for a new process.
    let args = unsafe { args::Args::read(sp) };
    let mut t = trace::BootTrace::new(args.setting(b"boottrace").is_some_and(|v| v != b"0"));
    let m0 = M0.0.get().cast::<M>();
    let mut cpu = arch::Cpu::default();
    steps! { t:
        "rt0_go: argc and argv" => if args.argc() == 0 { refuse("the kernel gave no arguments") };
        "rt0_go: g0 on the first stack" => first_g0(m0, sp as usize);
        "rt0_go: cpuid" => cpu = check_cpu();
        "rt0_go: TLS, g0 and m0" => bind(m0);
        "check" => check_layouts();
        "args" => auxv(&args);
        "osinit" => osinit();
    }
    schedinit(&mut t, &args, m0, cpu);
    t.step("newproc(runtime.main)", new_main);
    main_goroutine::set_boot_trace(t);
    // mstart
    // SAFETY: on g0, with a P.
    proc::schedule(unsafe { OnG0::assume() })
}

fn first_g0(m0: *mut M, sp: usize) {
    // SAFETY: nobody else knows m0 yet.
    unsafe {
        (*m0).this = m0;
        (*m0).g0_low = sp - FIRST_STACK_BYTES;
    }
}

fn check_cpu() -> arch::Cpu {
    let cpu = arch::cpuid_features();
    if let Some(missing) = cpu.missing() {
        file::write(2, b"goxide: this program needs a processor of level x86-64-v3: this one lacks ");
        file::write(2, missing.as_bytes());
        file::write(2, b"\n");
        file::exit(1)
    }
    cpu
}

/// This thread's M behind fs, and tested.
fn bind(m0: *mut M) {
    thread::set_tls(m0 as usize);
    if arch::getm() != m0 {
        refuse("the thread's own memory (TLS) is not where it was set");
    }
}

/// What compiled code and this runtime must see alike; most of it is asserted at compile time.
#[doc(alias = "check")]
fn check_layouts() {
    if size_of::<usize>() != 8 || (1u16).to_le_bytes()[0] != 1 {
        refuse("not a 64-bit little-endian machine");
    }
}

fn auxv(args: &Args) {
    if args.page_size() == 0 {
        refuse("the kernel's auxiliary vector cannot be read");
    }
    clock::init(args.aux(args::AT_SYSINFO_EHDR).unwrap_or(0));
}

fn osinit() {
    sched::set_ncpu(cpus::affinity() as u32);
}

/// Everything before the first goroutine, in Go's order. Lock ranks are types here and checked by the compiler;
/// early debug variables were read for the trace itself; objects on stacks are scanned word by word, so that
/// there is nothing to set up for them.
fn schedinit(t: &mut trace::BootTrace, args: &Args, m0: *mut M, cpu: arch::Cpu) {
    let checked = |found: Option<&str>| {
        if let Some(text) = found {
            refuse(text)
        }
    };
    steps! { t:
        "schedinit: ticks" => clock::start();
        "schedinit: moduledataverify" => checked(crate::trace::module::verify());
        "schedinit: stackinit" => {
            if !crate::stack::init() { refuse("no memory for stacks") }
            first_stack(m0)
        };
        "schedinit: randinit" => random::init(args.random_bytes(), args.number(b"GOXIDE_SEED"));
        "schedinit: mallocinit" => mem::heap::init();
        "schedinit: cpuinit" => arch::cpu_init(cpu, |name| args.setting(name) == Some(b"off"));
        "schedinit: alginit" => alginit();
        "schedinit: mcommoninit" => mcommoninit(m0);
        "schedinit: modulesinit" => modules();
        "schedinit: typelinksinit" => {
            if !crate::trace::module::typelinks_are_types() {
                refuse("the program's table of types is damaged")
            }
        };
        "schedinit: itabsinit" => itabs();
        "schedinit: signal mask, handlers" => signal::init();
        "schedinit: goargs, goenvs" => args.publish();
        "schedinit: secure mode" => secure(args);
        "schedinit: fds 0-2" => check_fds();
        "schedinit: parsedebugvars" => debug_vars(args);
        "schedinit: gcinit" => gc_init(args);
        "schedinit: crash stack" => idle::init_signal_stack();
        "schedinit: procresize" => proc_resize(args);
    }
}

/// The secret that hashes are keyed by.
fn alginit() {
    let mut rng = random::stream();
    crate::lang::hash::init(|| rng.next_u64());
}

/// Package variables are the collector's roots as long as the program runs.
fn modules() {
    let m = crate::trace::module::module();
    gc::add_root(m.data, m.edata);
    gc::add_root(m.bss, m.ebss);
}

/// A program with the rights of another user than the one who started it tells that one nothing of its inside.
fn secure(args: &Args) {
    if is_secure(args) {
        set_traceback(Traceback::None);
    }
}

fn is_secure(args: &Args) -> bool {
    args.aux(args::AT_SECURE).is_some_and(|v| v != 0)
}

/// Room for entries below the frames of the boot, which never return.
fn first_stack(m0: *mut M) {
    unsafe extern "C" fn below(m0: usize, sp: usize) {
        // SAFETY: this thread's M.
        unsafe { (*(m0 as *mut M)).g0sp = (sp - 4096) & !15 };
    }
    // SAFETY: the first stack is large; what lies below the boot's frames is free.
    unsafe { arch::with_stack_pointer(below, m0 as usize) }
}

fn mcommoninit(m0: *mut M) {
    // SAFETY: the only M.
    unsafe {
        (&raw mut (*m0).rng).write(random::stream());
        (&raw mut (*m0).park).write(crate::os::futex::Note::new());
        (*m0).id = 0;
        (*m0).curg = null_mut();
        sched::threads::add(m0, thread::gettid());
    }
    SCHED.lock().mcount = 1;
}

fn itabs() {
    let table = crate::trace::module::module().itabs;
    // SAFETY: the linker's table; nothing looks up itabs yet.
    unsafe { crate::lang::iface::init(core::slice::from_raw_parts(table.ptr, table.len)) }
}

/// A closed standard descriptor would be taken by the next file that is opened.
#[doc(alias = "checkfds")]
fn check_fds() {
    for fd in 0..3 {
        if !file::is_open(fd) && file::open_null() != fd as isize {
            refuse("a standard descriptor is closed, and /dev/null cannot be opened in its place");
        }
    }
}

fn debug_vars(args: &Args) {
    if let Some(level) = args.env(b"GOTRACEBACK").filter(|_| !is_secure(args)) {
        set_traceback(Traceback::parse(level));
    }
    set_godebug(args.env(b"GODEBUG").unwrap_or_default());
}

/// The settings that may change while the program runs (`dbgVar.atomic` in `runtime1.go`). What the program was
/// built with holds where the environment says nothing.
pub fn set_godebug(text: &[u8]) {
    let default = args::setting_of(crate::trace::module::build_text(2), b"panicnil");
    crate::lang::panic::allow_nil_panics(args::setting_of(text, b"panicnil").or(default) == Some(b"1"));
}

fn gc_init(args: &Args) {
    let stress = args.setting(b"gcstress").and_then(cpus::parse_u64).unwrap_or(0) as u32;
    let trace = args.setting(b"gctrace").is_some_and(|v| v != b"0");
    let limit = args.env(b"GOMEMLIMIT").unwrap_or(b"off");
    let Some(limit_bytes) = gc::pacer::parse_limit(limit) else {
        refuse("malformed GOMEMLIMIT: a number of bytes, or one followed by B, KiB, MiB, GiB or TiB, or off")
    };
    gc::init(args.env(b"GOGC"), limit_bytes, stress, trace);
    let is_set = |name: &[u8]| args.setting(name).is_some_and(|v| v != b"0");
    scan::init(is_set(b"gcconservative"), is_set(b"clobberdead"));
}

fn proc_resize(args: &Args) {
    let asked = args.number(b"GOMAXPROCS").filter(|&n| n > 0);
    let n = asked.map_or_else(api::default_procs, |n| n.min(proc::PROCS_MAX as u64) as u32);
    // SAFETY: at boot, on m0.
    unsafe { proc::first_procs(n) }
}

fn new_main() {
    // SAFETY: m0 holds the first P.
    unsafe {
        let p = (*arch::getm()).p;
        let g = proc::new_goroutine(p, arch::address(arch::gomain), 0);
        sched::locked::lock_main(arch::getm(), g);
        proc::runq_put(p, g, true);
    }
}
