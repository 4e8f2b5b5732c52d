//! Go source text to syntax trees: scanner, parser, tree.
//!
//! Invariant: parsing never fails. It returns a tree and the errors met on the way; the tree holds
//! [`ast::ExprKind::Bad`] and its kin where the text made no sense.
#![forbid(unsafe_code)]

pub mod ast;
