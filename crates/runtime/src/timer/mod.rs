//! Timers in the scheduler (Go's time.go): each P has a heap of deadlines, which it and idle Ms look at.
//!
//! Runs on g0. A timer belongs to one heap, its home, whose lock guards all of it; a channel's timer changes
//! under the channel's lock as well, which is taken first. Nothing is called under these locks: what is due
//! is taken out, then done. What must run Go code is a goroutine. Timers of channels are in a heap only
//! while somebody waits at the channel, so that forgotten ones are collected; those of functions are the
//! collector's roots while they are in one.

pub mod heap;

#[cfg(not(test))]
mod channel;
#[cfg(not(test))]
mod entries;
#[cfg(not(test))]
mod set;
#[cfg(not(test))]
pub use channel::{block, take, unblock};
#[cfg(not(test))]
pub use entries::{start, stop};
#[cfg(not(test))]
pub use set::{Action, Timer, Timers, next_of_all};
