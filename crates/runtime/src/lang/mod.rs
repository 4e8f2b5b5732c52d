//! What the language's own operations need at run time: maps, strings, interfaces, hashing and equality,
//! print. Runs on g0.

pub mod float;
pub mod hash;
pub mod iface;
pub mod maps;
pub mod print;
pub mod strings;
pub mod types;
pub mod utf8;
