//! Channels: send, receive, close, select, as in Go's chan.go and select.go.
//!
//! Runs on g0. Takes channels' locks (several at once in a select, by address), allocates only in makechan,
//! parks goroutines. A value goes from the sender's memory straight to the receiver's where one waits:
//! stacks do not move, so their addresses stay good while they wait.

#[cfg(not(test))]
mod hchan;
pub mod order;
#[cfg(not(test))]
mod select;
#[cfg(not(test))]
mod sudog;

#[cfg(not(test))]
pub use hchan::{Hchan, wake};
#[cfg(not(test))]
pub use sudog::Sudog;
