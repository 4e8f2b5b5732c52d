//! Facts about a function's control flow. None is kept up to date: a pass that changes what a fact
//! rests on makes it anew.

mod cfg;
mod dom;
mod loops;
mod memory;

pub use cfg::{Cfg, Edge, postorder};
pub use dom::Dominators;
pub use loops::{Loop, LoopId, Loops};
pub use memory::{Effect, Memory, Range, Root, range, root};
