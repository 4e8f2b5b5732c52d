//! What the program's tables say of code addresses; walking frames; the texts of tracebacks and fatal errors.
//!
//! Runs on g0 or a signal stack, takes no locks but that of the output, never allocates: it must work when
//! all else is broken.

#[cfg(not(test))]
pub mod callers;
#[cfg(not(test))]
pub mod fatal;
pub mod leb;
#[cfg(not(test))]
pub mod module;
#[cfg(not(test))]
pub mod print;
#[cfg(not(test))]
pub mod profile;
#[cfg(not(test))]
pub mod unwind;
