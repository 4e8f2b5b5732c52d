//! What the language's own operations need at run time: maps, strings, interfaces, hashing and equality,
//! print, panics. Runs on g0.

pub mod float;
pub mod hash;
pub mod iface;
pub mod maps;
#[cfg(not(test))]
pub mod panic;
pub mod print;
#[cfg(not(test))]
pub mod raise;
pub mod reflect;
pub mod strings;
pub mod types;
pub mod utf8;
