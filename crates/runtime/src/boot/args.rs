//! What the kernel gives a new process: arguments, environment, auxiliary vector.

use crate::os::cpus::parse_u64;
use core::slice;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::*};

pub const AT_PAGESZ: usize = 6;
pub const AT_SECURE: usize = 23;
pub const AT_RANDOM: usize = 25;
pub const AT_SYSINFO_EHDR: usize = 33;

/// They stay where the kernel put them.
#[derive(Clone, Copy)]
pub struct Args {
    argc: usize,
    argv: *const *const u8,
    envp: *const *const u8,
    auxv: *const [usize; 2],
}

static ARGC: AtomicUsize = AtomicUsize::new(0);
static ARGV: AtomicPtr<*const u8> = AtomicPtr::new(core::ptr::null_mut());

impl Args {
    /// SAFETY: `sp` is the stack pointer that the kernel started the process with.
    pub unsafe fn read(sp: *const usize) -> Args {
        // SAFETY: see above.
        unsafe {
            let argc = *sp;
            let argv = sp.add(1).cast::<*const u8>();
            let envp = argv.add(argc + 1);
            let mut end = envp;
            while !(*end).is_null() {
                end = end.add(1);
            }
            Args { argc, argv, envp, auxv: end.add(1).cast() }
        }
    }

    pub fn argc(&self) -> usize {
        self.argc
    }

    /// Kept for the program (`os.Args`).
    pub fn publish(&self) {
        ARGC.store(self.argc, Relaxed);
        ARGV.store(self.argv.cast_mut(), Relaxed);
    }

    pub fn aux(&self, kind: usize) -> Option<usize> {
        let mut at = self.auxv;
        // SAFETY: ended by a pair of kind 0.
        unsafe {
            while (*at)[0] != 0 {
                if (*at)[0] == kind {
                    return Some((*at)[1]);
                }
                at = at.add(1);
            }
        }
        None
    }

    pub fn page_size(&self) -> usize {
        self.aux(AT_PAGESZ).unwrap_or(0)
    }

    pub fn random_bytes(&self) -> Option<[u8; 16]> {
        let at = self.aux(AT_RANDOM)? as *const [u8; 16];
        // SAFETY: the kernel's 16 bytes.
        (!at.is_null()).then(|| unsafe { *at })
    }

    /// The value of an environment variable.
    pub fn env(&self, name: &[u8]) -> Option<&'static [u8]> {
        let mut at = self.envp;
        // SAFETY: terminated strings, ended by a null pointer.
        unsafe {
            while !(*at).is_null() {
                if let Some(value) = text(*at).strip_prefix(name).and_then(|rest| rest.strip_prefix(b"=")) {
                    return Some(value);
                }
                at = at.add(1);
            }
        }
        None
    }

    pub fn number(&self, name: &[u8]) -> Option<u64> {
        self.env(name).and_then(parse_u64)
    }

    /// A setting of GODEBUG: the last of its name counts.
    pub fn setting(&self, name: &[u8]) -> Option<&'static [u8]> {
        setting_of(self.env(b"GODEBUG")?, name)
    }
}

/// The value of a setting in the text of GODEBUG, of which the last counts.
pub fn setting_of<'a>(all: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    all.rsplit(|&c| c == b',').find_map(|s| s.strip_prefix(name)?.strip_prefix(b"="))
}

/// The program's arguments, its name first.
pub fn program_args() -> &'static [*const u8] {
    // SAFETY: published at boot.
    unsafe { slice::from_raw_parts(ARGV.load(Relaxed), ARGC.load(Relaxed)) }
}

/// The environment, by `KEY=value`.
pub fn environment() -> &'static [*const u8] {
    // SAFETY: behind the arguments and their null pointer; ended by another.
    unsafe {
        let first = ARGV.load(Relaxed).add(ARGC.load(Relaxed) + 1);
        let mut n = 0;
        while !(*first.add(n)).is_null() {
            n += 1;
        }
        slice::from_raw_parts(first, n)
    }
}

/// The auxiliary vector as words, without the pair that ends it (`runtime.auxv`).
pub fn aux_words() -> &'static [usize] {
    let environment = environment();
    // SAFETY: it stands behind the environment's null pointer, and a pair of kind 0 ends it.
    unsafe {
        let first = environment.as_ptr().add(environment.len() + 1).cast::<usize>();
        let mut n = 0;
        while *first.add(n) != 0 {
            n += 2;
        }
        slice::from_raw_parts(first, n)
    }
}

pub fn text_of(at: Option<&*const u8>) -> &'static [u8] {
    // SAFETY: one of the kernel's strings.
    at.map_or(b"", |&at| unsafe { text(at) })
}

/// SAFETY: a terminated string that lives for ever.
unsafe fn text(at: *const u8) -> &'static [u8] {
    let mut len = 0;
    // SAFETY: see above.
    unsafe {
        while *at.add(len) != 0 {
            len += 1;
        }
        slice::from_raw_parts(at, len)
    }
}
