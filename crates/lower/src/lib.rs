//! Checked syntax to SSA: what Go's constructs mean, spelled out.
//!
//! Invariant: input is a package without errors. Go's semantics are all here; behind it there are only
//! scalars, memory and calls. What is not supported yet is a diagnostic, never a panic.
#![forbid(unsafe_code)]

pub mod builder;
pub mod layout;
pub mod names;
