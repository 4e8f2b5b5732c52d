//! One package through all stages.

use crate::dump::Dump;
use crate::program::Options;
use crate::{declarations, dropped};
use goxide_abi::object::Object;
use goxide_load::Package;
use goxide_source::{Diagnostic, FileSet};
use goxide_ssa::Module;
use goxide_ssa::passes::{Exports, Imports};
use goxide_syntax::ast;
use goxide_types::{PackageInfo, PkgId, Store};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A package that has been parsed and checked.
pub struct Checked {
    pub info: PackageInfo,
}

/// Which bodies of functions are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bodies {
    All,
    /// Those that importers compile. The others have been checked when the package was compiled.
    Generic,
}

/// A package with errors: what is known of it all the same, if it could be parsed.
pub struct Rejected {
    pub pkg: Option<PkgId>,
    pub errors: Vec<Diagnostic>,
}

impl Rejected {
    fn unread(errors: Vec<Diagnostic>) -> Rejected {
        Rejected { pkg: None, errors }
    }
}

/// Source text to typed trees. `import` finds the packages that are already checked.
pub fn check_package(
    store: &Store,
    files: &FileSet,
    package: &Package,
    options: &Options,
    bodies: Bodies,
    import: &(dyn Fn(&str) -> Option<PkgId> + Sync),
) -> Result<Checked, Rejected> {
    let mut ids = ast::NodeIds::default();
    let mut trees = Vec::new();
    let (mut errors, mut late_errors) = (Vec::new(), Vec::new());
    // What the toolchain brings itself may use all directives.
    let syntax_options = goxide_syntax::Options { std: package.is_std, runtime: package.is_runtime() };
    let mut dropped = FxHashSet::default();
    let mut has_syntax_error = false;
    for file in &package.files {
        let parsed = goxide_syntax::parse_file(&file.source, &mut ids, &syntax_options);
        has_syntax_error |= parsed.has_syntax_error();
        errors.extend(parsed.errors);
        late_errors.extend(parsed.late_errors);
        let mut tree = parsed.file;
        if !package.dropped.is_empty() && !file.is_overlay {
            dropped::remove(&mut tree, &package.dropped, &mut dropped);
        }
        if bodies == Bodies::Generic {
            declarations::strip(&mut tree);
        }
        trees.push(tree);
    }
    if let Some(name) = package.dropped.iter().find(|&name| !dropped.contains(name)) {
        let text = format!("goxide: the overlay does not fit this GOROOT: it has no declaration {name}");
        return Err(Rejected::unread(vec![Diagnostic::error(goxide_source::Pos::NONE, text)]));
    }
    // As in gc, types are not looked at where the syntax is wrong; but they are behind a wrong label,
    // literal or directive.
    if has_syntax_error {
        return Err(Rejected::unread(errors));
    }
    let config = goxide_check::Config {
        path: package.link_path(),
        importer: &|path: &str| import(path).ok_or_else(|| format!("could not import {path}")),
        // The flag is for the user's packages, not for what the toolchain brings.
        go_version: options.language.filter(|_| !package.is_std).unwrap_or(package.go_version),
        has_assembly: package.has_assembly,
        node_count: ids.count(),
    };
    let (info, type_errors) = goxide_check::check_package(store, Arc::new(trees), files, &config);
    if bodies == Bodies::Generic {
        // Imports are unused and results missing, where the bodies are.
        return Ok(Checked { info });
    }
    errors.extend(type_errors);
    if errors.is_empty() {
        errors = late_errors;
        errors.extend(goxide_check::late_errors(store, files, &info, &config));
    }
    if errors.is_empty() { Ok(Checked { info }) } else { Err(Rejected { pkg: Some(info.pkg), errors }) }
}

/// Typed trees to the optimized form of the package, and what that tells importers. `packages` finds what
/// is checked of the others, `imports` is what they tell.
pub fn optimize<'a>(
    store: &'a Store,
    files: &'a FileSet,
    checked: &'a Checked,
    imports: &Imports,
    packages: &'a (dyn Fn(PkgId) -> Option<&'a PackageInfo> + Sync),
    embeds: &'a [goxide_load::Embed],
) -> Result<(Module, Exports), Vec<Diagnostic>> {
    // What Go means, spelled out.
    let lowering = goxide_lower::Options { packages, embeds };
    let mut module = goxide_lower::lower_package(store, &checked.info, files, &lowering)?;
    // The same, faster.
    let exports = goxide_ssa::passes::optimize(&mut module, imports, &Dump::from_env().passes());
    Ok((module, exports))
}

/// The optimized form to machine code.
pub fn generate(package: &Package, module: &Module) -> Result<Object, Vec<Diagnostic>> {
    goxide_codegen::compile_module(module, &Dump::from_env().codegen()).map_err(|e| {
        vec![Diagnostic::error(goxide_source::Pos::NONE, format!("{}: {e}", package.import_path))]
    })
}
