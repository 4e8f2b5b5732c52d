//! SSA to machine code through Cranelift: the only crate that names it.
//!
//! Invariant: [`goxide_ssa::Module`] in, [`goxide_abi::object::Object`] out; what Go means has all been
//! decided before.
#![forbid(unsafe_code)]
