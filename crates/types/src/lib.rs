//! Go's types, objects, scopes and constants, and the algebra over them: identity, assignability,
//! method sets, type sets, substitution, unification and inference.
//!
//! Invariant: nothing here reads syntax but for the places that objects remember. Types live in one
//! append-only [`Store`], shared by all packages and threads of a build and named by small ids;
//! what is known of a type only later (a named type's underlying type, its methods) is set once.
#![forbid(unsafe_code)]

pub mod constant;
pub mod info;
pub mod object;
pub mod store;
pub mod ty;

pub use constant::Const;
pub use info::{Info, Initializer, Instance, Mode, PackageInfo, Selection, SelectionKind, TypeAndValue};
pub use object::{Object, ObjectKind, Package, Scope};
pub use store::{ObjId, PkgId, ScopeId, Store, TypeId};
pub use ty::{Alias, Basic, BasicKind, Chan, Interface, Named, Signature, Struct, Term, Type, TypeParam};
