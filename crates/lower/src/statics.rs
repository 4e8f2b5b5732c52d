//! Values known at compile time, as data.

use crate::package::{Package, Source};
use goxide_ssa::DataReloc;
use goxide_syntax::ast::Expr;
use goxide_types::TypeId;

impl<'a> Package<'a> {
    /// The bytes of `e` as a value of type `t`, if they are known now.
    pub fn static_value(
        &mut self,
        _source: Source<'a>,
        _e: &'a Expr,
        _t: TypeId,
    ) -> Option<(Vec<u8>, Vec<DataReloc>)> {
        None
    }
}
