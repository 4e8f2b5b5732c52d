//! From command-line arguments to packages: which files, in which packages, in which order.
//!
//! Invariant: reads directories, `go.mod` and the heads of Go files; checks and compiles nothing.
#![forbid(unsafe_code)]

mod embed;
mod error;
mod experiments;
mod fsys;
mod godebug;
mod gomod;
mod goroot;
mod graph;
mod headerr;
mod matching;
mod modfile;
mod modules;
mod overlay;
mod package;
mod paths;
mod patterns;
mod select;
mod testfuncs;
mod testprog;
mod vendor;

pub use embed::Embed;
pub use error::{LoadError, os_text};
pub use experiments::Experiments;
pub use fsys::Fsys;
pub use gomod::{GoMod, Replace, find_go_mod};
pub use goroot::{NoGoroot, Places, gopath, version_of};
pub use graph::{NAMED_FILES, Program, RUNTIME, load};
pub use matching::Tags;
pub use modules::ModFlag;
pub use overlay::{Overlay, OverlayPackage};
pub use package::{Cover, Env, GoFile, Module, Package};
pub use paths::shorten;
pub use patterns::is_match;
pub use testprog::{Target, Targets, load_test, targets};

/// The newest language version that is understood, as (1, N).
pub const LANGUAGE_VERSION: (u32, u32) = (1, 27);
