//! Declared things: packages, constants, types, variables, functions, labels, builtins.

use crate::cell::{PosCell, TypeCell};
use crate::constant::Const;
use crate::store::{ObjId, PkgId, ScopeId};
use goxide_source::Pos;
use goxide_syntax::ast::Name;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{OnceLock, RwLock};

#[derive(Debug)]
pub struct Object {
    pub kind: ObjectKind,
    pub name: Name,
    /// The package it was declared in; `None` in the universe.
    pub pkg: Option<PkgId>,
    pub pos: Pos,
    /// The scope it was declared in; unset for fields and methods.
    pub parent: OnceLock<ScopeId>,
    /// Unset until it is checked; read it by `Store::type_of`, which also expands instances' methods.
    pub ty: TypeCell,
    /// Where its scope begins, for objects inside functions; else `Pos::NONE`.
    pub scope_pos: PosCell,
    /// Order of declaration among the package-level objects. Of a type declared in a function: a number
    /// that no other such type of the package has, the same whichever bodies are checked. 0 for others.
    pub order: AtomicU32,
    /// For "declared and not used".
    pub used: AtomicBool,
}

#[derive(Debug)]
pub enum ObjectKind {
    PkgName {
        imported: PkgId,
    },
    Const {
        value: OnceLock<Const>,
    },
    /// Also aliases: then the type is a `Type::Alias`.
    TypeName,
    Var(Var),
    Func(Func),
    Label,
    Builtin(Builtin),
    Nil,
}

#[derive(Debug, Default)]
pub struct Var {
    pub is_field: bool,
    pub embedded: bool,
    pub is_param: bool,
    pub is_result: bool,
    pub is_recv: bool,
    pub is_package_level: bool,
    /// Of an instance's field: the field of the generic struct.
    pub origin: Option<ObjId>,
}

#[derive(Debug, Default)]
pub struct Func {
    /// Methods of named types: set before the signature is known.
    pub has_pointer_recv: AtomicBool,
    /// A method's receiver base type name, where it is one.
    pub recv_type: TypeCell,
    /// Of an instance's method: the method of the generic type.
    pub origin: Option<ObjId>,
    /// Declared with a body.
    pub has_body: AtomicBool,
    /// A method of an interface.
    pub is_interface_method: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Builtin {
    Append,
    Cap,
    Clear,
    Close,
    Complex,
    Copy,
    Delete,
    Imag,
    Len,
    Make,
    Max,
    Min,
    New,
    Panic,
    Print,
    Println,
    Real,
    Recover,
    /// package unsafe
    Add,
    Alignof,
    Offsetof,
    Sizeof,
    Slice,
    SliceData,
    String,
    StringData,
}

#[derive(Debug)]
pub struct Package {
    /// Import path; `main` for a command.
    pub path: Name,
    pub name: OnceLock<Name>,
    pub scope: ScopeId,
    /// Directly imported.
    pub imports: RwLock<Vec<PkgId>>,
    /// go.mod's language version as (1, N).
    pub go_version: OnceLock<(u32, u32)>,
    /// Of one whose surface was read: the names that it declares and that are not in its scope, a line each.
    pub hidden: OnceLock<String>,
}

#[derive(Debug, Default)]
pub struct Scope {
    pub parent: Option<ScopeId>,
    pub start: Pos,
    pub end: Pos,
    pub is_func: bool,
    pub names: RwLock<FxHashMap<Name, ObjId>>,
}
