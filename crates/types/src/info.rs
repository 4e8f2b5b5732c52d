//! What the checker says of a package's syntax: the input of lowering.

use crate::constant::Const;
use crate::store::{ObjId, PkgId, ScopeId, TypeId};
use goxide_syntax::ast::{self, NodeId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What kind of operand an expression is, as types2's `operandMode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Invalid,
    NoValue,
    Builtin,
    Type,
    Constant,
    /// Addressable.
    Variable,
    MapIndex,
    Value,
    NilValue,
    /// `x, ok` may be taken of it.
    CommaOk,
    CommaErr,
}

#[derive(Clone, Debug)]
pub struct TypeAndValue {
    pub mode: Mode,
    /// Final: untyped operands have the type they were converted to. Of a comma-ok use: a tuple.
    pub ty: TypeId,
    pub value: Option<Const>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectionKind {
    Field,
    /// `x.m`, a method value or call.
    Method,
    /// `T.m`
    MethodExpr,
}

#[derive(Clone, Debug)]
pub struct Selection {
    pub kind: SelectionKind,
    /// Type of `x` in `x.f`.
    pub recv: TypeId,
    /// The field or method.
    pub obj: ObjId,
    /// Type of `x.f`: of a method value without, of a method expression with the receiver as parameter.
    pub ty: TypeId,
    /// Field indices from `x` through embedded fields to `f`; the last of a method is its index among
    /// the methods of the type it was found in.
    pub path: Vec<u32>,
    /// A pointer was followed on the way.
    pub indirect: bool,
}

/// A use of a generic function or type.
#[derive(Clone, Debug)]
pub struct Instance {
    pub targs: Vec<TypeId>,
    pub ty: TypeId,
}

/// One step of package initialization: `lhs = rhs`, in order.
#[derive(Clone, Debug)]
pub struct Initializer {
    pub lhs: Vec<ObjId>,
    /// Id of the right-hand expression: it stands in a package-level `VarDecl`.
    pub rhs: NodeId,
}

/// Facts about syntax, by node.
#[derive(Debug, Default)]
pub struct Info {
    /// Indexed by [`NodeId`]: every expression that was checked. Type expressions have `Mode::Type`.
    pub types: Vec<Option<TypeAndValue>>,
    /// Declaring identifiers (also of fields, parameters, labels); none for a type switch's
    /// symbolic name (see `implicits`).
    pub defs: FxHashMap<NodeId, ObjId>,
    /// Identifiers that refer to an object: of a selector its selected name.
    pub uses: FxHashMap<NodeId, ObjId>,
    /// By the selector expression's id. Qualified identifiers `pkg.X` have none.
    pub selections: FxHashMap<NodeId, Selection>,
    /// By the id of the identifier that was instantiated.
    pub instances: FxHashMap<NodeId, Instance>,
    /// By clause id: a type switch's variable. (Import declarations need none here.)
    pub implicits: FxHashMap<NodeId, ObjId>,
    /// Scopes by the id of the block, clause, statement or function type.
    pub scopes: FxHashMap<NodeId, ScopeId>,
    pub init_order: Vec<Initializer>,
}

/// A package, checked.
#[derive(Debug)]
pub struct PackageInfo {
    pub pkg: PkgId,
    pub files: Arc<Vec<ast::File>>,
    pub info: Info,
    /// Language version of each file, (1, N).
    pub file_versions: Vec<(u32, u32)>,
}
