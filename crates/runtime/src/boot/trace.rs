//! `GODEBUG=boottrace=1`: a line to stderr for each step of the boot.

use crate::os::clock::nanotime;
use crate::os::file::Stderr;
use core::fmt::Write;

#[derive(Clone, Copy)]
pub struct BootTrace {
    is_on: bool,
    start_ns: u64,
    /// Of the step that is under way over several calls.
    begun_ns: u64,
}

impl BootTrace {
    pub fn new(is_on: bool) -> BootTrace {
        BootTrace { is_on, start_ns: if is_on { nanotime() } else { 0 }, begun_ns: 0 }
    }

    /// Does a step; prints its name, when it began and how long it took, in nanoseconds.
    pub fn step(&mut self, name: &str, f: impl FnOnce()) {
        if !self.is_on {
            return f();
        }
        self.begin();
        f();
        self.end(name);
    }

    pub fn begin(&mut self) {
        self.begun_ns = if self.is_on { nanotime() } else { 0 };
    }

    pub fn end(&self, name: &str) {
        if self.is_on {
            let (at, took) = (self.begun_ns - self.start_ns, nanotime() - self.begun_ns);
            // Nobody can be told that stderr does not take it.
            let _ = writeln!(Stderr::new(), "boot {at:>9} ns {took:>8} ns  {name}");
        }
    }

    /// Before the program's own code.
    pub fn total(&self, name: &str) {
        if self.is_on {
            let at = nanotime() - self.start_ns;
            let _ = writeln!(Stderr::new(), "boot {at:>9} ns              {name}");
        }
    }
}
