//! The driver: from arguments to an executable, through the cache.
//!
//! Invariant: this is the only crate that knows the order of the stages; [`compile::compile_package`]
//! and [`program::build`] are their tables of contents. It prints nothing: what a user shall see is
//! returned.
#![forbid(unsafe_code)]

mod assembly;
mod buildinfo;
pub mod cache;
pub mod compile;
mod compiler;
pub mod cover;
mod declarations;
mod dropped;
mod dump;
mod initorder;
mod key;
mod linkflags;
mod plan;
pub mod program;
mod recent;
mod render;
pub mod surface;
pub mod tool;
mod trimpath;

pub use buildinfo::Told;
pub use cache::Cache;
pub use linkflags::PackageFlags;
pub use program::{Built, Failure, Options, Toolchain, Watch, build, build_program};
