//! The textual form: what dumps show and filetests are written in. Prints and parses, without loss but
//! for dead blocks, aliases and the numbering of instructions.
//!
//! ```text
//! func "main.f"(i64, ptr) -> (i64) ctx noinline line 7 {
//!   s0 = slot 16 align 8
//!   defer s0 bits recover b3
//!   @1 = "main.f" "main.go" 8
//! b0(v0: i64, v1: ptr, v2: ptr):
//!   v3: i64 = load v1+8 @1
//!   check index v0, v3 @1
//!   branch v4 then b1(v3) else b2 likely then
//! }
//! ```

mod names;
mod parse;
mod print;

pub use parse::{ParseError, parse_module};
pub use print::{print_func, print_module};
