//! Checked syntax to SSA: what Go's constructs mean, spelled out.
//!
//! Invariant: input is a package without errors. Go's semantics are all here; behind it there are only
//! scalars, memory and calls.
#![forbid(unsafe_code)]
