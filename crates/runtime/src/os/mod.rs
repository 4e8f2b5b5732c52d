//! The operating system: Linux on x86-64, by raw system calls. The only room that knows the kernel.
//!
//! Everything here may be called on any stack of the runtime and takes no locks. What is not a function of
//! the program's input comes through [`clock`] and [`random`] alone (D7).

pub mod chacha8;
pub mod clock;
pub mod cpus;
pub mod file;
pub mod futex;
pub mod memory;
pub mod random;
pub mod sys;
#[cfg(not(test))]
pub mod thread;
