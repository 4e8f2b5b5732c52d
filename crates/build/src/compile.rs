//! One package through all stages.

use crate::dump::Dump;
use crate::program::Options;
use crate::surface::Surface;
use crate::{declarations, dropped};
use goxide_abi::object::Object;
use goxide_load::Package;
use goxide_source::{Diagnostic, FileSet, Folders};
use goxide_ssa::Module;
use goxide_ssa::passes::{Exports, Imports};
use goxide_syntax::ast;
use goxide_types::{PackageInfo, PkgId, Store};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A package that has been parsed and checked.
pub struct Checked {
    pub info: PackageInfo,
    /// Errors in what importers see: there are none in a surface that has all that it needs.
    pub ignored: Vec<Diagnostic>,
}

/// What is looked at of a package.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    All,
    /// What importers see: all was checked when the package was compiled. Without a surface, that is all
    /// declarations, and the bodies that importers compile.
    Importable(Option<&'a Surface>),
}

/// A package with errors. If it could be parsed, something may be known of it all the same.
pub struct Rejected {
    pub is_parsed: bool,
    pub errors: Vec<Diagnostic>,
}

impl Rejected {
    fn unread(errors: Vec<Diagnostic>) -> Rejected {
        Rejected { is_parsed: false, errors }
    }
}

/// What a thread of the build has of stack, and what may have been used of it before a package is checked.
pub const STACK_BYTES: usize = 1 << 28;
const USED_STACK_BYTES: usize = 1 << 20;

/// Source text to typed trees, on a thread with [`STACK_BYTES`]. `pkg` is the package, yet empty; `import` finds
/// those that are already checked.
pub fn check_package(
    store: &Store,
    pkg: PkgId,
    files: &FileSet,
    package: &Package,
    options: &Options,
    part: Part<'_>,
    import: &(dyn Fn(&str) -> Option<PkgId> + Sync),
) -> Result<Checked, Rejected> {
    let mut ids = ast::NodeIds::default();
    let mut trees = Vec::new();
    let (mut errors, mut late_errors) = (Vec::new(), Vec::new());
    // What the toolchain brings itself may use all directives.
    let syntax_options = goxide_syntax::Options { std: package.is_std, runtime: package.is_runtime() };
    let mut dropped = FxHashSet::default();
    let mut has_syntax_error = false;
    let (mut local_count, mut local_types) = (0, Vec::new());
    for (i, file) in package.files.iter().enumerate() {
        let mut tree = match part {
            Part::Importable(Some(surface)) => {
                let mut tree =
                    goxide_syntax::parse_surface(&file.source, &surface.files[i], &mut ids, &syntax_options);
                surface.strip_imports(&mut tree);
                tree
            }
            _ => {
                let parsed = goxide_syntax::parse_file(&file.source, &mut ids, &syntax_options);
                has_syntax_error |= parsed.has_syntax_error();
                errors.extend(parsed.errors);
                late_errors.extend(parsed.late_errors);
                parsed.file
            }
        };
        if !package.dropped.is_empty() && !file.is_overlay {
            dropped::remove(&mut tree, &package.dropped, &mut dropped);
        }
        if matches!(part, Part::Importable(None)) {
            declarations::strip(&mut tree, &mut local_count, &mut local_types);
        }
        trees.push(tree);
    }
    let is_importable = matches!(part, Part::Importable(_));
    if let Some(name) = package.dropped.iter().find(|&name| !is_importable && !dropped.contains(name)) {
        let text = format!("goxide: the overlay does not fit this GOROOT: it has no declaration {name}");
        return Err(Rejected::unread(vec![Diagnostic::error(goxide_source::Pos::NONE, text)]));
    }
    // As in gc, types are not looked at where the syntax is wrong; but they are behind a wrong label,
    // literal or directive.
    if has_syntax_error {
        return Err(Rejected::unread(errors));
    }
    let config = goxide_check::Config {
        pkg,
        importer: &|path: &str| import(path).ok_or_else(|| format!("could not import {path}")),
        // The flag is for the user's packages, not for what the toolchain brings.
        go_version: options.language.filter(|_| !package.is_std).unwrap_or(package.go_version),
        has_assembly: package.has_assembly,
        node_count: ids.count(),
        is_surface: is_importable,
        local_types: match part {
            Part::All => None,
            Part::Importable(None) => Some(&local_types),
            Part::Importable(Some(surface)) => Some(&surface.local_types),
        },
        stack_bytes: STACK_BYTES - USED_STACK_BYTES,
    };
    let (info, type_errors) = goxide_check::check_package(store, Arc::new(trees), files, &config);
    if let Part::Importable(surface) = part {
        if let Some(surface) = surface {
            let _ = store.pkg(pkg).hidden.set(surface.hidden.clone());
        }
        return Ok(Checked { info, ignored: type_errors });
    }
    errors.extend(type_errors);
    if errors.is_empty() {
        errors = late_errors;
        errors.extend(goxide_check::late_errors(store, files, &info, &config));
    }
    if errors.is_empty() {
        Ok(Checked { info, ignored: Vec::new() })
    } else {
        Err(Rejected { is_parsed: true, errors })
    }
}

/// Typed trees to the optimized form of the package, and what that tells importers. `packages` finds what
/// is checked of the others, `imports` is what they tell.
pub fn optimize<'a>(
    store: &'a Store,
    files: &'a FileSet,
    checked: &'a Checked,
    imports: &Imports<'_>,
    packages: &'a (dyn Fn(PkgId) -> Option<&'a PackageInfo> + Sync),
    embeds: &'a [goxide_load::Embed],
    assembly: Arc<goxide_lower::Assembly>,
    folders: &'a Folders,
) -> Result<(Module, Exports), Vec<Diagnostic>> {
    // What Go means, spelled out.
    let lowering = goxide_lower::Options { packages, embeds, assembly, folders };
    let mut module = goxide_lower::lower_package(store, &checked.info, files, &lowering)?;
    // The same, faster.
    let exports = goxide_ssa::passes::optimize(&mut module, imports, &Dump::from_env().passes());
    Ok((module, exports))
}

/// The optimized form to machine code.
pub fn generate(package: &Package, module: &Module) -> Result<Object<'static>, Vec<Diagnostic>> {
    goxide_codegen::compile_module(module, &Dump::from_env().codegen()).map_err(|e| {
        vec![Diagnostic::error(goxide_source::Pos::NONE, format!("{}: {e}", package.import_path))]
    })
}
