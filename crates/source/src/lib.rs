//! Positions, files and diagnostics: what every later stage uses to say *where*.
//!
//! Invariant: this crate knows nothing of Go's grammar. A [`Pos`] is one `u32`; only a
//! [`FileSet`] can turn it into file, line and column.
#![forbid(unsafe_code)]

mod diagnostic;
mod fileset;
mod folders;

pub use diagnostic::{COLUMN_SHOWN_MAX, Diagnostic, Note, Severity, drop_repeated, sort_and_dedup};
pub use fileset::{FileId, FileSet, Pos, Position, SourceFile, Span};
pub use folders::Folders;
