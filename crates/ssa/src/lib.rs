//! The typed SSA form of Go functions: data, text, verifier, passes.
//!
//! Invariant: nothing here knows Go's types or syntax. Values are machine scalars; a Go string is two
//! values, a struct lives in a slot or is taken apart by lowering. What must not get lost for Go's
//! semantics (checks, allocations, pointer stores, calls that may panic) is an operation of its own,
//! so that passes can see it.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod ir;
pub mod module;
pub mod op;
pub mod passes;
pub mod text;
pub mod verify;

pub use ir::{Block, DeferInfo, Func, FuncFlags, Inst, Loc, LocId, Slot, Ty, Value};
pub use module::{Data, DataReloc, Module, Sym};
pub use op::{AtomicOp, BinOp, Check, CmpOp, ConvOp, Holds, Op, UnOp};
