//! The contract between the compiler and the runtime: the only crate both depend on.
//!
//! Invariant: plain data and tables, `no_std` without the `object` feature. A layout, an entry's
//! name or a flag's bit stands here once; the compiler emits by it and the runtime reads by it.
//!
//! # Calling convention of Go code (D2, D3)
//! Cranelift's `Tail`, with r15 holding g. Go values are taken apart into scalars (a string is
//! pointer and length, an interface two words, …; see `lower::layout`). Of a signature's integer and
//! pointer scalars the first [`REG_INTS`] go in registers, of its floats the first [`REG_FLOATS`];
//! likewise [`RESULT_INTS`] and [`RESULT_FLOATS`] results. If any scalar does not fit, the caller
//! keeps an *overflow area* in its own frame: eight bytes for each scalar that did not fit, arguments
//! first, then results, in order; then only `REG_INTS - 1` integers go in registers and the area's
//! address is the integer argument after them. A closure body has one more integer
//! argument, last, the pointer to its closure object (`ctx`); a caller of a function value passes it
//! always, and a function that needs none just does not declare it (it never takes a stack slot, since
//! at most six integers are passed).
//!
//! A function value is a pointer to a closure object, whose first word is the code address.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "object")]
extern crate std;

pub mod entry;
pub mod frames;
pub mod layout;
pub mod module;
#[cfg(feature = "object")]
pub mod object;
pub mod typ;

pub use entry::{Entry, EntryKind};

/// Integer and pointer arguments in registers.
pub const REG_INTS: usize = 5;
/// Floating-point arguments in registers.
pub const REG_FLOATS: usize = 8;
/// Integer and pointer results in registers.
pub const RESULT_INTS: usize = 8;
/// Floating-point results in registers.
pub const RESULT_FLOATS: usize = 8;
