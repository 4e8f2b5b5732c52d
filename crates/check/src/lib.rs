//! The type checker: syntax trees to typed packages (as `types2`).
//!
//! Invariant: a user's error never stops the checker; it goes on and reports as gc does. The
//! result's facts are complete for lowering if, and only if, there were no errors.
#![forbid(unsafe_code)]
