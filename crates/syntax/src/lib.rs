//! Go source text to syntax trees: scanner, parser, tree.
//!
//! Invariant: parsing never fails. It returns a tree and the errors met on the way; the tree holds
//! [`ast::ExprKind::Bad`] and its kin where the text made no sense. Neither parsing nor dropping what
//! it returns can overflow the stack, whatever the text.
#![forbid(unsafe_code)]

pub mod ast;
mod branches;
mod chars;
pub mod constraint;
mod directive;
mod encoding;
pub mod literal;
mod parser;
mod positions;
mod printer;
mod scanner;
pub mod surface;
pub mod testing;
mod token;
pub mod walk;

pub use directive::parse_embed;

use goxide_source::{Diagnostic, SourceFile};
use std::sync::Arc;

/// What gc's flags say that matters here.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// The package is of the standard library (gc's `-std`).
    pub std: bool,
    /// The package is the runtime or of it (gc's `-+`).
    pub runtime: bool,
}

#[derive(Debug)]
pub struct Parsed {
    pub file: ast::File,
    /// All of them, in the order gc's parser meets them; [`goxide_source::sort_and_dedup`] leaves those
    /// that gc shows. If one starts with `syntax error`, gc does not go on to
    /// check types; after others (labels, literals, directives) it does.
    pub errors: Vec<Diagnostic>,
    /// What gc says of misplaced directives, only once types are checked without error.
    pub late_errors: Vec<Diagnostic>,
}

impl Parsed {
    /// Whether gc would stop here.
    pub fn has_syntax_error(&self) -> bool {
        self.errors.iter().any(|e| e.text.starts_with("syntax error"))
    }
}

/// Parses a whole file. `ids` numbers the nodes of all files of a package.
pub fn parse_file(source: &Arc<SourceFile>, ids: &mut ast::NodeIds, options: &Options) -> Parsed {
    parser::parse_file(source, ids, options)
}

/// Parses up to the first declaration that is no import: [`ast::File`] has the package name, the
/// imports and the build constraint, and its ids count from 0.
pub fn parse_imports(source: &Arc<SourceFile>, options: &Options) -> Parsed {
    parser::parse_imports(source, options)
}

/// Parses what a file's surface says of it, which must have been made of the same text: [`ast::File`] as
/// [`parse_file`] gives it, with those declarations only. All errors have been reported of the whole file.
pub fn parse_surface(
    source: &Arc<SourceFile>,
    surface: &surface::FileSurface,
    ids: &mut ast::NodeIds,
    options: &Options,
) -> ast::File {
    parser::parse_surface(source, surface, ids, options).file
}
