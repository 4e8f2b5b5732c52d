//! From command-line arguments to packages: which files, in which packages, in which order.
//!
//! Invariant: reads directories, `go.mod` and the heads of Go files; checks and compiles nothing.
#![forbid(unsafe_code)]

mod error;
mod gomod;
mod graph;
mod matching;
mod package;

pub use error::LoadError;
pub use gomod::{GoMod, find_go_mod};
pub use graph::{NAMED_FILES, Program, load, shorten};
pub use matching::Tags;
pub use package::{Env, GoFile, OverlayPackage, Package};

/// The newest language version that is understood, as (1, N).
pub const LANGUAGE_VERSION: (u32, u32) = (1, 27);
