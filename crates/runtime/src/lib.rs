#![cfg_attr(not(test), no_std)]
pub mod gc;
pub mod lang;
pub mod mem;
pub mod port;
