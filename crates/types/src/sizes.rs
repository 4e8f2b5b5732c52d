//! Sizes, alignments and offsets on amd64 as gc lays types out (`types2/gcsizes.go`).

use crate::store::{ObjId, Store, TypeId};
use crate::ty::{BasicKind, Type};

pub const WORD_BYTES: i64 = 8;

/// Deeper nesting only comes from erroneous types.
const MAX_DEPTH: u32 = 500;

/// Of a type in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SizeAlign {
    /// In bytes; −1: too large.
    pub size: i64,
    /// In bytes, at least 1.
    pub align: i64,
    pub has_pointers: bool,
}

/// `None`: too large.
fn align_up(x: i64, a: i64) -> Option<i64> {
    Some(x.checked_add(a - 1)? & !(a - 1))
}

impl Store {
    /// In bytes; −1: too large. Type parameters and unions have none.
    pub fn size_of(&self, t: TypeId) -> i64 {
        self.size_align(t, 0).0.size
    }

    /// In bytes, at least 1.
    pub fn align_of(&self, t: TypeId) -> i64 {
        self.size_align(t, 0).0.align
    }

    /// Whether the garbage collector must look at it.
    pub fn has_pointers(&self, t: TypeId) -> bool {
        self.size_align(t, 0).0.has_pointers
    }

    /// Of a struct's fields; −1 from where it is too large.
    pub fn offsets_of(&self, fields: &[ObjId]) -> Vec<i64> {
        let mut offsets = Vec::with_capacity(fields.len());
        self.struct_layout(fields, 0, |offset| offsets.push(offset));
        offsets
    }

    /// Also whether that is final: no part of the type is still to be declared. What is final of a
    /// declared type is kept, so that types which contain others several times over take no time.
    fn size_align(&self, t: TypeId, depth: u32) -> (SizeAlign, bool) {
        if let Some(n) = self.as_named(t) {
            if let Some(&known) = n.layout.get() {
                return (known, true);
            }
            let (layout, is_final) = self.compute_layout(t, depth);
            if is_final {
                let _ = n.layout.set(layout);
            }
            return (layout, is_final);
        }
        self.compute_layout(t, depth)
    }

    fn compute_layout(&self, t: TypeId, depth: u32) -> (SizeAlign, bool) {
        use BasicKind::*;
        let plain = |size, align| (SizeAlign { size, align, has_pointers: false }, true);
        let equal = |bytes| plain(bytes, bytes);
        let pointers =
            |words| (SizeAlign { size: words * WORD_BYTES, align: WORD_BYTES, has_pointers: true }, true);
        if depth > MAX_DEPTH {
            return (SizeAlign { size: -1, align: 1, has_pointers: true }, false);
        }
        match self.under_ty(t) {
            Type::Basic(b) => match b.kind {
                Invalid => (equal(WORD_BYTES).0, false),
                Bool | Int8 | Uint8 => equal(1),
                Int16 | Uint16 => equal(2),
                Int32 | Uint32 | Float32 => equal(4),
                Complex64 => plain(8, 4),
                Complex128 => plain(16, 8),
                String | UntypedString => pointers(2),
                UnsafePointer | UntypedNil => pointers(1),
                _ => equal(WORD_BYTES),
            },
            &Type::Array { len, elem } => {
                let (elem, is_final) = self.size_align(elem, depth + 1);
                let size = match elem.size {
                    _ if len <= 0 => 0,
                    size if size < 0 => -1,
                    size => size.checked_mul(len).unwrap_or(-1),
                };
                let has_pointers = len > 0 && elem.has_pointers;
                (SizeAlign { size, align: elem.align, has_pointers }, is_final)
            }
            Type::Slice { .. } => pointers(3),
            Type::Struct(s) => {
                let (layout, is_final) = self.struct_layout(s.fields(), depth, |_| {});
                match s.fields().is_empty() && self.is_sync_atomic_align64(t) {
                    true => (SizeAlign { align: 8, ..layout }, true),
                    false => (layout, is_final),
                }
            }
            Type::Interface(_) => pointers(2),
            _ => pointers(1),
        }
    }

    fn struct_layout(&self, fields: &[ObjId], depth: u32, mut offset: impl FnMut(i64)) -> (SizeAlign, bool) {
        let (mut at, mut align, mut is_final) = (Some(0), 1, true);
        let (mut last_is_empty, mut has_pointers) = (false, false);
        for &f in fields {
            let (field, known) = self.size_align(self.type_of(f), depth + 1);
            is_final &= known;
            has_pointers |= field.has_pointers;
            align = align.max(field.align);
            at = at.and_then(|at| align_up(at, field.align));
            offset(at.unwrap_or(-1));
            last_is_empty = field.size == 0;
            at = if field.size < 0 { None } else { at.and_then(|at: i64| at.checked_add(field.size)) };
        }
        // A pointer to a last field of size zero must not point past the struct.
        let size = at.and_then(|at| align_up(if at > 0 && last_is_empty { at + 1 } else { at }, align));
        (SizeAlign { size: size.unwrap_or(-1), align, has_pointers }, is_final)
    }

    /// The marker type that makes a struct 8-byte aligned.
    fn is_sync_atomic_align64(&self, t: TypeId) -> bool {
        let Some(obj) = self.as_named(t).map(|n| self.obj(n.obj)) else { return false };
        let path = obj.pkg.map(|p| &**self.pkg_path(p));
        &*obj.name == "align64" && matches!(path, Some("sync/atomic" | "internal/runtime/atomic"))
    }
}
