//! How Go values are laid out in memory and taken apart into scalars.
//!
//! The rule, for variables, parameters and results alike: a value that consists of at most
//! [`MAX_PARTS`] scalars is those scalars, in memory order (a string is pointer and length, a slice
//! pointer, length and capacity, an interface its two words, a complex number two floats, a struct
//! its fields, an array of one element that element). Any other value is memory: a parameter is then
//! the address of a copy that the caller made, a result an address in the caller's frame that the
//! function gets as an argument before all others, and fills in.

use goxide_ssa::Ty;
use goxide_types::{BasicKind, Store, Type, TypeId};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// More scalars than this make a value live in memory.
pub const MAX_PARTS: usize = 4;
/// A variable larger than this is allocated on the heap, as gc's `MaxStackVarSize`.
pub const MAX_STACK_VAR_BYTES: u64 = 128 * 1024;
/// Likewise a value that no variable holds, as gc's `MaxImplicitStackVarSize`.
pub const MAX_TEMP_BYTES: u64 = 64 * 1024;
/// What a function may keep in its frame or have as arguments, as gc's `maxStackSize`.
pub const MAX_FRAME_BYTES: i64 = 1 << 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    pub ty: Ty,
    /// From the value's start.
    pub offset: u32,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    pub size: u64,
    pub align: u32,
    /// The value contains pointers.
    pub ptrs: bool,
    /// `None`: lives in memory.
    pub parts: Option<Vec<Part>>,
}

impl Layout {
    pub fn is_mem(&self) -> bool {
        self.parts.is_none()
    }

    pub fn parts(&self) -> &[Part] {
        self.parts.as_deref().unwrap_or(&[])
    }
}

#[derive(Default)]
pub struct Layouts {
    cache: FxHashMap<TypeId, Rc<Layout>>,
    fields: FxHashMap<TypeId, Rc<[FieldLayout]>>,
}

/// Where a struct's field stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldLayout {
    pub ty: TypeId,
    pub offset: u64,
    /// Index of its first scalar, where the struct is taken apart.
    pub first_part: usize,
}

/// The size for [`goxide_ssa::Op::New`].
pub fn new_bytes(size: u64) -> u32 {
    size.try_into().unwrap_or(u32::MAX)
}

impl Layouts {
    pub fn of(&mut self, store: &Store, t: TypeId) -> Rc<Layout> {
        if let Some(l) = self.cache.get(&t) {
            return l.clone();
        }
        let layout = Rc::new(Layout {
            size: u64::try_from(store.size_of(t)).expect("types that are too large have been reported"),
            align: store.align_of(t) as u32,
            ptrs: has_pointers(store, t),
            parts: self.parts_of(store, t),
        });
        self.cache.insert(t, layout.clone());
        layout
    }

    fn parts_of(&mut self, store: &Store, t: TypeId) -> Option<Vec<Part>> {
        let parts = |tys: &[Ty]| {
            let mut offset = 0;
            let mut out = Vec::with_capacity(tys.len());
            for &ty in tys {
                out.push(Part { ty, offset });
                offset += ty.bytes();
            }
            Some(out)
        };
        match store.under_ty(t) {
            Type::Basic(b) => parts(basic_parts(b.kind)),
            Type::Pointer { .. } | Type::Map { .. } | Type::Chan(_) | Type::Signature(_) => parts(&[Ty::Ptr]),
            Type::Slice { .. } => parts(&[Ty::Ptr, Ty::I64, Ty::I64]),
            Type::Interface(_) => parts(&[Ty::Ptr, Ty::Ptr]),
            Type::Array { len, elem } => match len {
                0 => Some(Vec::new()),
                1 => self.of(store, *elem).parts.clone(),
                _ => None,
            },
            Type::Struct(_) => {
                let mut out = Vec::new();
                for field in self.fields(store, t).iter() {
                    let layout = self.of(store, field.ty);
                    for p in layout.parts.as_ref()? {
                        out.push(Part { ty: p.ty, offset: field.offset as u32 + p.offset });
                    }
                    if out.len() > MAX_PARTS {
                        return None;
                    }
                }
                Some(out)
            }
            _ => Some(Vec::new()),
        }
    }

    /// The fields of a struct type.
    pub fn fields(&mut self, store: &Store, t: TypeId) -> Rc<[FieldLayout]> {
        if let Some(f) = self.fields.get(&t) {
            return f.clone();
        }
        let Type::Struct(s) = store.under_ty(t) else { return Rc::from([]) };
        let offsets = store.offsets_of(s.fields());
        let mut out = Vec::with_capacity(offsets.len());
        let mut first_part = 0;
        for (&f, &offset) in s.fields().iter().zip(&offsets) {
            let ty = store.type_of(f);
            out.push(FieldLayout { ty, offset: offset as u64, first_part });
            first_part += self.of(store, ty).parts().len();
        }
        let out: Rc<[FieldLayout]> = out.into();
        self.fields.insert(t, out.clone());
        out
    }
}

pub fn basic_parts(kind: BasicKind) -> &'static [Ty] {
    use BasicKind::*;
    match kind {
        Bool | UntypedBool | Int8 | Uint8 | Byte => &[Ty::I8],
        Int16 | Uint16 => &[Ty::I16],
        Int32 | Uint32 | Rune | UntypedRune => &[Ty::I32],
        Int | Int64 | Uint | Uint64 | Uintptr | UntypedInt => &[Ty::I64],
        Float32 => &[Ty::F32],
        Float64 | UntypedFloat => &[Ty::F64],
        Complex64 => &[Ty::F32, Ty::F32],
        Complex128 | UntypedComplex => &[Ty::F64, Ty::F64],
        String | UntypedString => &[Ty::Ptr, Ty::I64],
        UnsafePointer | UntypedNil => &[Ty::Ptr],
        Invalid => &[],
    }
}

pub fn has_pointers(store: &Store, t: TypeId) -> bool {
    store.has_pointers(t)
}

/// Values refer to more than the bytes of strings.
#[doc(alias = "hasNonStringPointers")]
pub fn has_non_string_pointers(store: &Store, t: TypeId) -> bool {
    match store.under_ty(t) {
        Type::Basic(b) if b.kind == BasicKind::String => false,
        Type::Array { elem, .. } => has_non_string_pointers(store, *elem),
        Type::Struct(s) => s.fields().iter().any(|&f| has_non_string_pointers(store, store.type_of(f))),
        _ => has_pointers(store, t),
    }
}

/// The value is an interface's data word itself, as gc's `IsDirectIface`.
pub fn is_direct_iface(store: &Store, t: TypeId) -> bool {
    match store.under_ty(t) {
        Type::Pointer { .. } | Type::Map { .. } | Type::Chan(_) | Type::Signature(_) => true,
        Type::Basic(b) => b.kind == BasicKind::UnsafePointer,
        Type::Array { len, elem } => *len == 1 && is_direct_iface(store, *elem),
        Type::Struct(s) => match s.fields() {
            [f] => is_direct_iface(store, store.type_of(*f)),
            _ => false,
        },
        _ => false,
    }
}

/// Functions are called with the scalars of `params`, before them the addresses of results that live
/// in memory; they return the scalars of all other results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abi {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
    /// How many of `params` are addresses of results.
    pub out: usize,
}

impl Layouts {
    pub fn abi(&mut self, store: &Store, params: &[TypeId], results: &[TypeId]) -> Abi {
        let mut abi = Abi::default();
        for &r in results {
            match &self.of(store, r).parts {
                Some(parts) => abi.results.extend(parts.iter().map(|p| p.ty)),
                None => {
                    abi.params.push(Ty::Ptr);
                    abi.out += 1;
                }
            }
        }
        for &p in params {
            match &self.of(store, p).parts {
                Some(parts) => abi.params.extend(parts.iter().map(|p| p.ty)),
                None => abi.params.push(Ty::Ptr),
            }
        }
        abi
    }
}
