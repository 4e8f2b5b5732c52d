//! The type checker: syntax trees to typed packages (as `types2`).
//!
//! Invariant: a user's error never stops the checker; it goes on and reports as gc does. The
//! result's facts are complete for lowering if, and only if, there were no errors.
#![forbid(unsafe_code)]

mod assign;
mod builtins;
mod call;
mod checker;
mod convert;
mod decl;
mod expr;
mod index;
mod initorder;
mod late;
mod limits;
mod literals;
mod mono;
mod operand;
mod range;
mod resolver;
mod returns;
mod signature;
mod stmt;
mod typexpr;
mod unsafes;

use goxide_source::{Diagnostic, FileSet};
use goxide_syntax::ast;
use goxide_types::{PackageInfo, PkgId, Store};
use std::sync::Arc;

pub use late::late_errors;

/// What the checker must know of a package beside its files.
pub struct Config<'c> {
    /// Itself, yet empty: its path is the import path, or `main` for a command.
    pub pkg: PkgId,
    /// A package that is checked already, or why there is none.
    pub importer: &'c (dyn Fn(&str) -> Result<PkgId, String> + Sync),
    /// The language version of the module, as (1, N).
    pub go_version: (u32, u32),
    /// Functions without a body may be in assembly.
    pub has_assembly: bool,
    /// One more than the largest node id.
    pub node_count: usize,
    /// The trees are what importers see of a package that has been checked: bodies without statements say
    /// nothing, and neither does what is unused or initialized.
    pub is_surface: bool,
    /// The numbers of the types declared in functions, in source order, where the trees are not the whole
    /// package; else they are counted from 1.
    pub local_types: Option<&'c [u32]>,
    /// What is left of the caller's stack, at least.
    pub stack_bytes: usize,
}

/// Checks a package's files. The facts are only to be used if there are no errors.
pub fn check_package(
    store: &Store,
    trees: Arc<Vec<ast::File>>,
    files: &FileSet,
    config: &Config<'_>,
) -> (PackageInfo, Vec<Diagnostic>) {
    // Expressions may be nested deeply, chains of operators are long; pages are used only as needed.
    const STACK_BYTES: usize = 1 << 30;
    /// What a node takes that stands in another.
    const NODE_BYTES: usize = 10 << 10;
    let run = || checker::run(store, trees.clone(), files, config);
    if config.node_count < config.stack_bytes / NODE_BYTES {
        return run();
    }
    std::thread::scope(|scope| {
        match std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, run) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => checker::run(store, trees.clone(), files, config),
        }
    })
}
