//! The forms of types, as `types2` has them.

use crate::cell::TypeCell;
use crate::store::{ObjId, TypeId};
use goxide_syntax::ast::ChanDir;
use std::sync::atomic::AtomicU32;
use std::sync::{OnceLock, RwLock};

/// The predeclared basic types, typed and untyped. `kind as u32` is the type's id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u32)]
pub enum BasicKind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
    /// The alias `byte`: identical to `Uint8`, only printed otherwise.
    Byte,
    /// The alias `rune`: identical to `Int32`.
    Rune,
}

impl BasicKind {
    pub const ALL: [BasicKind; 28] = {
        use BasicKind::*;
        [
            Invalid,
            Bool,
            Int,
            Int8,
            Int16,
            Int32,
            Int64,
            Uint,
            Uint8,
            Uint16,
            Uint32,
            Uint64,
            Uintptr,
            Float32,
            Float64,
            Complex64,
            Complex128,
            String,
            UnsafePointer,
            UntypedBool,
            UntypedInt,
            UntypedRune,
            UntypedFloat,
            UntypedComplex,
            UntypedString,
            UntypedNil,
            Byte,
            Rune,
        ]
    };
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Basic {
    /// Never `Byte` or `Rune`: those have the kinds `Uint8` and `Int32` and another name.
    pub kind: BasicKind,
    pub name: &'static str,
}

impl Basic {
    pub fn of(kind: BasicKind) -> Basic {
        use BasicKind::*;
        let name = match kind {
            Invalid => "invalid type",
            Bool => "bool",
            Int => "int",
            Int8 => "int8",
            Int16 => "int16",
            Int32 => "int32",
            Int64 => "int64",
            Uint => "uint",
            Uint8 => "uint8",
            Uint16 => "uint16",
            Uint32 => "uint32",
            Uint64 => "uint64",
            Uintptr => "uintptr",
            Float32 => "float32",
            Float64 => "float64",
            Complex64 => "complex64",
            Complex128 => "complex128",
            String => "string",
            UnsafePointer => "unsafe.Pointer",
            UntypedBool => "untyped bool",
            UntypedInt => "untyped int",
            UntypedRune => "untyped rune",
            UntypedFloat => "untyped float",
            UntypedComplex => "untyped complex",
            UntypedString => "untyped string",
            UntypedNil => "untyped nil",
            Byte => "byte",
            Rune => "rune",
        };
        let kind = match kind {
            Byte => Uint8,
            Rune => Int32,
            k => k,
        };
        Basic { kind, name }
    }
}

#[derive(Debug)]
pub enum Type {
    Basic(Basic),
    /// `len` −1: unknown after an error.
    Array {
        len: i64,
        elem: TypeId,
    },
    Slice {
        elem: TypeId,
    },
    Pointer {
        base: TypeId,
    },
    Map {
        key: TypeId,
        elem: TypeId,
    },
    Chan(Chan),
    Struct(Struct),
    Interface(Interface),
    Signature(Signature),
    /// Parameters, results, and the type of a call with several results.
    Tuple(Vec<ObjId>),
    /// `~A | B` in a constraint.
    Union(Vec<Term>),
    Named(Named),
    TypeParam(TypeParam),
    /// A declared alias, kept for messages; `Store::unalias` sees through it.
    Alias(Alias),
}

#[derive(Clone, Copy, Debug)]
pub struct Chan {
    pub dir: ChanDir,
    pub elem: TypeId,
}

/// Contents are set once, after the type has its id, since they may refer to it.
#[derive(Debug, Default)]
pub struct Struct {
    /// Fields (objects of kind `Var` with `is_field`) and their tags ("" where there is none).
    pub contents: OnceLock<(Vec<ObjId>, Vec<String>)>,
}

impl Struct {
    pub fn fields(&self) -> &[ObjId] {
        self.contents.get().map_or(&[], |c| &c.0)
    }

    pub fn tag(&self, i: usize) -> &str {
        self.contents.get().and_then(|c| c.1.get(i)).map_or("", |t| t)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    pub tilde: bool,
    pub ty: TypeId,
}

#[derive(Debug, Default)]
pub struct Interface {
    pub contents: OnceLock<InterfaceContents>,
    /// Computed on first use by `typeset`.
    pub type_set: OnceLock<TypeSet>,
}

#[derive(Clone, Debug, Default)]
pub struct InterfaceContents {
    /// Explicitly declared methods (objects of kind `Func`).
    pub methods: Vec<ObjId>,
    pub embeddeds: Vec<TypeId>,
    pub embed_pos: Vec<goxide_source::Pos>,
    /// The implicit interface around a constraint literal such as `~int`.
    pub implicit: bool,
    /// Declared in a file older than Go 1.18: what may not be embedded there was an error and counts as
    /// left out.
    pub methods_only: bool,
}

/// A normalized union of terms; `None`: all types, empty: no type.
pub type TermList = Option<Vec<Term>>;

/// What an interface stands for.
#[derive(Clone, Debug, Default)]
pub struct TypeSet {
    /// All methods: exported ones first, by name, then the others by name and package path.
    pub methods: Vec<ObjId>,
    pub terms: TermList,
    /// Only comparable types are meant; implies that `terms` is all types.
    pub comparable: bool,
}

#[derive(Debug, Default)]
pub struct Signature {
    pub contents: OnceLock<SignatureContents>,
    /// The type parameters of a declared function until the contents are known.
    pub early_type_params: OnceLock<Vec<TypeId>>,
}

#[derive(Clone, Debug, Default)]
pub struct SignatureContents {
    pub type_params: Vec<TypeId>,
    pub recv_type_params: Vec<TypeId>,
    pub recv: Option<ObjId>,
    pub params: Vec<ObjId>,
    pub results: Vec<ObjId>,
    /// The last parameter's type is then a slice (or `string`, for append).
    pub variadic: bool,
}

/// A declared type, or an instance of a generic one.
#[derive(Debug)]
pub struct Named {
    pub obj: ObjId,
    /// Of a generic type's declaration.
    pub type_params: OnceLock<Vec<TypeId>>,
    /// Of a type declared inside a generic function: the type parameters around it, which its
    /// declaration may use.
    pub outer_params: Vec<TypeId>,
    /// Of a type declared inside a function: a number that tells it from others of the same name in its
    /// package, counted from 1; 0 of others.
    pub local: u32,
    /// Of an instance.
    pub instance: Option<InstanceOf>,
    /// The right-hand side of the declaration, as soon as it is known; invalid after a cycle. Of an
    /// instance: by substitution, on demand.
    pub rhs: TypeCell,
    /// A cache that `Store::under` fills in from `rhs`: never a `Named` or an `Alias`.
    pub underlying: TypeCell,
    /// Size and alignment, once the type is complete and somebody asked.
    pub layout: OnceLock<crate::sizes::SizeAlign>,
    /// Declared methods in source order; of an instance, made on demand (see `Store::method`).
    pub methods: RwLock<Vec<ObjId>>,
}

#[derive(Clone, Debug)]
pub struct InstanceOf {
    pub origin: TypeId,
    pub targs: Vec<TypeId>,
    /// Types for the origin's `outer_params`; empty where those stand for themselves.
    pub outer: Vec<TypeId>,
}

#[derive(Debug)]
pub struct TypeParam {
    pub obj: ObjId,
    /// Position in its list.
    pub index: AtomicU32,
    /// An interface, or something to be wrapped into one.
    pub bound: TypeCell,
}

#[derive(Debug)]
pub struct Alias {
    pub obj: ObjId,
    pub type_params: OnceLock<Vec<TypeId>>,
    pub instance: Option<InstanceOf>,
    /// The right-hand side; may be another alias.
    pub from: TypeCell,
}
