//! Checked syntax to SSA: what Go's constructs mean, spelled out.
//!
//! Invariant: input is a package without errors. Go's semantics are all here; behind it there are only
//! scalars, memory and calls. What is not supported yet is a diagnostic, never a panic.
#![forbid(unsafe_code)]

mod abi0;
mod analyze;
mod assign;
mod builder;
mod builtin;
mod call;
mod closure;
mod consts;
mod conv;
mod defers;
mod embed;
mod eqalg;
mod expr;
mod func;
mod held;
mod iface;
mod index;
mod intrinsic;
mod layout;
mod literal;
mod map;
mod names;
mod ops;
mod order;
mod package;
mod range;
mod rangefunc;
mod rtype;
mod select;
mod statics;
mod stmt;
mod switch;
mod target;
mod value;
mod var;
mod wrappers;

use goxide_source::{Diagnostic, FileSet, Folders};
use goxide_ssa::Module;
use goxide_types::{PackageInfo, PkgId, Store};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What lowering must know beside the package itself.
pub struct Options<'a> {
    /// The checked package of that id: its generic functions may be instantiated here, and its
    /// directives name symbols.
    pub packages: &'a (dyn Fn(PkgId) -> Option<&'a PackageInfo> + Sync),
    /// The files that the arguments of a `//go:embed` stand for.
    pub embeds: &'a [Embed],
    /// Under which names the program shows files.
    pub folders: &'a Folders,
    /// What stands in the package's assembly.
    pub assembly: Arc<Assembly>,
}

/// A package's assembly files, as Go sees them; symbols by the names in assembly.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    pub functions: FxHashMap<String, AssemblyFunc>,
    /// What is referred to, wherever it is.
    pub references: Vec<AssemblyRef>,
}

#[derive(Clone, Copy, Debug)]
pub struct AssemblyFunc {
    /// What a call may take of the stack beside arguments and results.
    pub stack_bytes: u32,
}

#[derive(Clone, Debug)]
pub struct AssemblyRef {
    pub name: String,
    /// A function that goes on there, with the same arguments and results.
    pub jumped_to_by: Option<String>,
}

/// A directive's pattern, and the files that it stands for: names and contents.
pub type Embed = (String, Vec<(String, Arc<[u8]>)>);

/// Lowers a package; what is not supported is reported.
pub fn lower_package<'a>(
    store: &'a Store,
    pkg: &'a PackageInfo,
    files: &'a FileSet,
    options: &Options<'a>,
) -> Result<Module, Vec<Diagnostic>> {
    package::lower(store, pkg, files, options)
}
