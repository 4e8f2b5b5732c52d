//! Sizes, alignments and offsets on amd64 as gc lays types out (`types2/gcsizes.go`).

use crate::store::{ObjId, Store, TypeId};
use crate::ty::{BasicKind, Type};

pub const WORD_BYTES: i64 = 8;

/// Deeper nesting only comes from erroneous types.
const MAX_DEPTH: u32 = 500;

fn align_up(x: i64, a: i64) -> i64 {
    x.wrapping_add(a - 1) & !(a - 1)
}

impl Store {
    /// In bytes; −1: too large. Type parameters and unions have none.
    pub fn size_of(&self, t: TypeId) -> i64 {
        self.size(t, 0)
    }

    /// In bytes, at least 1.
    pub fn align_of(&self, t: TypeId) -> i64 {
        self.align(t, 0)
    }

    /// Of a struct's fields; −1 from where it is too large.
    pub fn offsets_of(&self, fields: &[ObjId]) -> Vec<i64> {
        self.offsets(fields, 0)
    }

    fn align(&self, t: TypeId, depth: u32) -> i64 {
        if depth > MAX_DEPTH {
            return 1;
        }
        match self.under_ty(t) {
            Type::Array { elem, .. } => return self.align(*elem, depth + 1),
            Type::Struct(s) => {
                if s.fields().is_empty() && self.is_sync_atomic_align64(t) {
                    return 8;
                }
                let fields = s.fields().iter().map(|&f| self.align(self.type_of(f), depth + 1));
                return fields.max().unwrap_or(1);
            }
            Type::Slice { .. } | Type::Interface(_) => return WORD_BYTES,
            Type::Basic(b) if b.kind.info() & crate::predicates::info::STRING != 0 => return WORD_BYTES,
            _ => {}
        }
        let size = self.size(t, depth + 1).max(1);
        let size = if self.is_complex(t) { size / 2 } else { size };
        size.min(WORD_BYTES)
    }

    fn offsets(&self, fields: &[ObjId], depth: u32) -> Vec<i64> {
        let mut at: i64 = 0;
        fields
            .iter()
            .map(|&f| {
                if at < 0 {
                    return -1;
                }
                let t = self.type_of(f);
                at = align_up(at, self.align(t, depth + 1));
                let offset = at;
                let size = self.size(t, depth + 1);
                at = if size >= 0 && at >= 0 { at.wrapping_add(size) } else { -1 };
                offset
            })
            .collect()
    }

    fn size(&self, t: TypeId, depth: u32) -> i64 {
        use BasicKind::*;
        if depth > MAX_DEPTH {
            return -1;
        }
        match self.under_ty(t) {
            Type::Basic(b) => match b.kind {
                Bool | Int8 | Uint8 => 1,
                Int16 | Uint16 => 2,
                Int32 | Uint32 | Float32 => 4,
                Complex128 | String | UntypedString => 16,
                _ => WORD_BYTES,
            },
            &Type::Array { len, elem } => {
                if len <= 0 {
                    return 0;
                }
                match self.size(elem, depth + 1) {
                    size if size < 0 => -1,
                    size => size.checked_mul(len).unwrap_or(-1),
                }
            }
            Type::Slice { .. } => 3 * WORD_BYTES,
            Type::Struct(s) => {
                let (Some(&last), offsets) = (s.fields().last(), self.offsets(s.fields(), depth)) else {
                    return 0;
                };
                let offset = offsets.last().copied().unwrap_or(0);
                let size = self.size(self.type_of(last), depth + 1);
                if offset < 0 || size < 0 {
                    return -1;
                }
                // A pointer to a last field of size zero must not point past the struct.
                let size = if offset > 0 && size == 0 { 1 } else { size };
                let align = s.fields().iter().map(|&f| self.align(self.type_of(f), depth + 1)).max();
                align_up(offset.wrapping_add(size), align.unwrap_or(1))
            }
            Type::Interface(_) => 2 * WORD_BYTES,
            _ => WORD_BYTES,
        }
    }

    /// The marker type that makes a struct 8-byte aligned.
    fn is_sync_atomic_align64(&self, t: TypeId) -> bool {
        let Some(obj) = self.as_named(t).map(|n| self.obj(n.obj)) else { return false };
        let path = obj.pkg.map(|p| &**self.pkg_path(p));
        &*obj.name == "align64" && matches!(path, Some("sync/atomic" | "internal/runtime/atomic"))
    }
}
