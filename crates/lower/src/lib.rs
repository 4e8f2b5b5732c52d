//! Checked syntax to SSA: what Go's constructs mean, spelled out.
//!
//! Invariant: input is a package without errors. Go's semantics are all here; behind it there are only
//! scalars, memory and calls. What is not supported yet is a diagnostic, never a panic.
#![forbid(unsafe_code)]

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

use goxide_source::{Diagnostic, FileSet};
use goxide_ssa::Module;
use goxide_types::{PackageInfo, PkgId, Store};
use std::sync::Arc;

/// What lowering must know beside the package itself.
pub struct Options<'a> {
    /// The checked package of that id: its generic functions may be instantiated here, and its
    /// directives name symbols.
    pub packages: &'a (dyn Fn(PkgId) -> Option<&'a PackageInfo> + Sync),
    /// The files that the arguments of a `//go:embed` stand for.
    pub embeds: &'a [Embed],
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
