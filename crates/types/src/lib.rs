//! Go's types, objects, scopes and constants, and the algebra over them: identity, type sets, lookup,
//! method sets, substitution, unification, inference and sizes.
//!
//! Invariant: nothing here reads syntax but for the places that objects remember. Types live in one
//! append-only [`Store`], shared by all packages and threads of a build and named by small ids;
//! what is known of a type only later (a named type's underlying type, its methods) is set once.
//! Erroneous types are the invalid type, of which nothing complains.
#![forbid(unsafe_code)]

pub mod access;
pub mod build;
pub mod cell;
pub mod constant;
pub mod context;
pub mod identical;
pub mod implements;
pub mod infer;
pub mod info;
pub mod instance;
pub mod link;
pub mod lookup;
pub mod object;
pub mod objectstring;
pub mod predicates;
pub mod sizes;
pub mod store;
pub mod subst;
pub mod term;
pub mod ty;
pub mod typeset;
pub mod typestring;
pub mod under;
pub mod unify;
pub mod universe;
pub mod validity;

pub use access::is_exported;
pub use build::VarKind;
pub use constant::{Const, ConstKind};
pub use context::{Cx, Qualifier};
pub use implements::Missing;
pub use infer::{InferArg, InferError};
pub use info::{Info, Initializer, Instance, Mode, PackageInfo, Selection, SelectionKind, TypeAndValue};
pub use lookup::{Found, Lookup};
pub use object::{Builtin, Object, ObjectKind, Package, Scope};
pub use predicates::Incomparable;
pub use store::{ObjId, PkgId, ScopeId, Store, TypeId};
pub use subst::SubstMap;
pub use ty::{
    Alias, Basic, BasicKind, Chan, InstanceOf, Interface, InterfaceContents, Named, Signature,
    SignatureContents, Struct, Term, TermList, Type, TypeParam, TypeSet,
};
pub use typeset::TypeSetError;
pub use universe::Universe;
