//! Values known at compile time, as data.

use crate::consts::const_bits;
use crate::package::{Package, Source, abs8};
use goxide_ssa::DataReloc;
use goxide_syntax::ast::Expr;
use goxide_types::{BasicKind, Type, TypeId};

impl<'a> Package<'a> {
    /// The bytes of `e` as a value of type `t`, if they are known now: constants of basic types.
    pub fn static_value(
        &mut self,
        source: Source<'a>,
        e: &'a Expr,
        t: TypeId,
    ) -> Option<(Vec<u8>, Vec<DataReloc>)> {
        let value = source.info.types.get(e.id.0 as usize)?.as_ref()?.value.as_ref()?;
        let Type::Basic(basic) = self.store.under_ty(t) else { return None };
        if basic.kind == BasicKind::String {
            let text = value.as_bytes()?.to_vec();
            let mut bytes = vec![0; 16];
            bytes[8..].copy_from_slice(&(text.len() as u64).to_le_bytes());
            let relocs = if text.is_empty() { Vec::new() } else { vec![abs8(0, self.string_symbol(&text))] };
            return Some((bytes, relocs));
        }
        let layout = self.layout(t);
        let mut bytes = vec![0; layout.size as usize];
        for (i, part) in layout.parts().iter().enumerate() {
            let (at, n) = (part.offset as usize, part.ty.bytes() as usize);
            let bits = const_bits(value, basic.kind, i).to_le_bytes();
            bytes[at..at + n].copy_from_slice(&bits[..n]);
        }
        Some((bytes, Vec::new()))
    }
}
