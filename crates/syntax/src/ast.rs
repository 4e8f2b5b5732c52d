//! The syntax tree of Go 1.27. Shapes follow `cmd/compile/internal/syntax/nodes.go`, since gc's
//! error positions follow from them: a node's `pos` is where gc reports an error in it.
//!
//! Every expression has a [`NodeId`], dense within one package, by which later stages attach facts.

pub use crate::positions::{end_pos, into_unparen, start_pos, unparen};
use goxide_source::{Pos, SourceFile};
use std::sync::Arc;

/// Names are shared; comparing two is a string comparison.
pub type Name = Arc<str>;

/// Numbers the expressions (and function literals, statements with scopes) of one package.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(pub u32);

/// Hands out [`NodeId`]s; one for all files of a package.
#[derive(Debug, Default)]
pub struct NodeIds {
    next: u32,
}

impl NodeIds {
    pub fn fresh(&mut self) -> NodeId {
        self.next += 1;
        NodeId(self.next - 1)
    }

    /// One more than the largest id handed out: the length of a table by id.
    pub fn count(&self) -> usize {
        self.next as usize
    }

    /// For [`NodeIds::reset`].
    pub(crate) fn mark(&self) -> u32 {
        self.next
    }

    /// Takes back the ids handed out since `mark`, their nodes being dropped.
    pub(crate) fn reset(&mut self, mark: u32) {
        self.next = mark;
    }
}

/// `//go:noinline` and its kin, as they stand before a declaration or in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pragma {
    pub pos: Pos,
    /// `go:noinline`, `go:linkname`, `go:embed`, …
    pub verb: Name,
    /// The rest of the line, trimmed.
    pub args: Name,
}

#[derive(Debug)]
pub struct File {
    pub source: Arc<SourceFile>,
    /// Position of `package`.
    pub pos: Pos,
    pub package: Ident,
    pub decls: Vec<Decl>,
    /// Position of the end of the file.
    pub eof: Pos,
    /// The value of a `//go:build` line before `package`, if any.
    pub build_constraint: Option<Name>,
    /// The language version that a `//go:build go1.N` line implies (`go1.21`), if any.
    pub go_version: Option<Name>,
    /// The directives that belong to no declaration, and all `//go:embed` (which are with their variable
    /// too).
    pub pragmas: Vec<Pragma>,
}

/// A name where it is used or declared.
#[derive(Clone, Debug)]
pub struct Ident {
    pub id: NodeId,
    pub pos: Pos,
    pub name: Name,
}

impl Ident {
    pub fn is_blank(&self) -> bool {
        &*self.name == "_"
    }
}

/// Declarations; those of one parenthesized group carry the same `group` number.
#[derive(Debug)]
pub enum Decl {
    Import(ImportDecl),
    Const(ConstDecl),
    Type(TypeDecl),
    Var(VarDecl),
    Func(FuncDecl),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupId(pub u32);

#[derive(Debug)]
pub struct ImportDecl {
    pub pos: Pos,
    pub group: Option<GroupId>,
    /// `None`, a name, `_` or `.`.
    pub local_name: Option<Ident>,
    /// As written, quotes included; `None` after a syntax error.
    pub path: Option<BasicLit>,
}

#[derive(Debug)]
pub struct ConstDecl {
    pub pos: Pos,
    pub group: Option<GroupId>,
    /// Position in the group: the value of `iota`.
    pub iota: u32,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    /// Empty: type and values are those of the closest spec before it in the group.
    pub values: Vec<Expr>,
}

#[derive(Debug)]
pub struct TypeDecl {
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub pragmas: Vec<Pragma>,
    pub name: Ident,
    pub type_params: Vec<Field>,
    pub is_alias: bool,
    pub ty: Expr,
}

#[derive(Debug)]
pub struct VarDecl {
    pub pos: Pos,
    pub group: Option<GroupId>,
    pub pragmas: Vec<Pragma>,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    /// Empty, one for each name, or one call that gives all.
    pub values: Vec<Expr>,
}

#[derive(Debug)]
pub struct FuncDecl {
    /// Position behind `func`: of the name, or of the receiver's `(`.
    pub pos: Pos,
    pub pragmas: Vec<Pragma>,
    pub recv: Option<Field>,
    pub name: Ident,
    pub type_params: Vec<Field>,
    pub ty: FuncType,
    /// `None`: declared without a body.
    pub body: Option<Block>,
}

/// A parameter, result, struct field, type parameter or interface element. A group `a, b T` becomes
/// one field a name; all but the first then share the type by `type_shared`.
#[derive(Debug)]
pub struct Field {
    pub pos: Pos,
    /// `None`: unnamed parameter, embedded field or embedded interface element.
    pub name: Option<Ident>,
    /// For `a, b T`: `Arc` of the one tree of `T`, so that its nodes have one id each.
    pub ty: Arc<Expr>,
    /// Not the first name of its group: `ty` was already seen with the field before it.
    pub type_shared: bool,
    /// Struct fields only.
    pub tag: Option<BasicLit>,
    /// Struct fields only: an embedded field.
    pub embedded: bool,
}

impl Field {
    pub(crate) fn unnamed(pos: Pos, ty: Expr) -> Field {
        Field { pos, name: None, ty: Arc::new(ty), type_shared: false, tag: None, embedded: false }
    }
}

#[derive(Debug)]
pub struct FuncType {
    pub id: NodeId,
    pub pos: Pos,
    /// A variadic last parameter has the type [`ExprKind::DotsType`].
    pub params: Vec<Field>,
    pub results: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LitKind {
    Int,
    Float,
    Imag,
    Rune,
    String,
}

/// A literal as written. `bad`: the scanner has already reported it.
#[derive(Clone, Debug)]
pub struct BasicLit {
    pub pos: Pos,
    pub kind: LitKind,
    pub text: Name,
    pub bad: bool,
}

#[derive(Debug)]
pub struct Expr {
    pub id: NodeId,
    /// gc's position: of a binary expression its operator, of a call its `(`, of an index or slice its
    /// `[`, of a selector, type assertion or type switch guard its `.`, of a composite literal its `{`,
    /// of a key and value the `:`, of a function type the `(` or `[` behind `func`, else its first
    /// character. [`start_pos`] gives the first character of any.
    pub pos: Pos,
    pub kind: ExprKind,
}

/// How a channel type may be used.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ChanDir {
    Both,
    Send,
    Recv,
}

#[derive(Debug)]
pub enum ExprKind {
    /// Made no sense; already reported.
    Bad,
    /// The id of the name is the id of the expression.
    Name(Name),
    BasicLit(BasicLit),
    CompositeLit(Box<CompositeLit>),
    /// `key: value` inside a composite literal.
    KeyValue(Box<Expr>, Box<Expr>),
    FuncLit(Box<FuncLit>),
    Paren(Box<Expr>),
    Selector(Box<Expr>, Ident),
    /// `x[i]`, and `x[i, j]` (an instantiation), its indices one or more.
    Index(Box<Expr>, Vec<Expr>),
    Slice(Box<SliceExpr>),
    /// `x.(T)`
    TypeAssert(Box<Expr>, Box<Expr>),
    /// `x.(type)`, with the name bound in `y := x.(type)`. Only as the tag of a switch.
    TypeSwitchGuard(Option<Ident>, Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Operand, Box<Expr>),
    /// `*x`, also the pointer type.
    Star(Box<Expr>),
    Call(Box<CallExpr>),
    /// `a, b` on a side of an assignment, in a return or a range clause.
    List(Vec<Expr>),
    ArrayType(Box<ArrayType>),
    SliceType(Box<Expr>),
    /// `...T` of a last parameter.
    DotsType(Box<Expr>),
    StructType(Box<StructType>),
    InterfaceType(Box<InterfaceType>),
    FuncType(Box<FuncType>),
    MapType(Box<Expr>, Box<Expr>),
    ChanType(ChanDir, Box<Expr>),
}

/// The left operand of a binary expression, used like a `Box<Expr>`. A chain `a + b + …` may have
/// 100,000 operators (all other paths of a tree are at most 2,000 levels long): code that descends to the
/// left must do so in a loop, as dropping this does.
#[derive(Debug)]
pub struct Operand(Box<Expr>);

impl Operand {
    pub fn new(x: Expr) -> Operand {
        Operand(Box::new(x))
    }

    pub fn into_inner(mut self) -> Expr {
        self.take()
    }

    fn take(&mut self) -> Expr {
        let bad = Expr { id: self.id, pos: self.pos, kind: ExprKind::Bad };
        std::mem::replace(&mut self.0, bad)
    }
}

impl std::ops::Deref for Operand {
    type Target = Expr;

    fn deref(&self) -> &Expr {
        &self.0
    }
}

impl std::ops::DerefMut for Operand {
    fn deref_mut(&mut self) -> &mut Expr {
        &mut self.0
    }
}

impl Drop for Operand {
    fn drop(&mut self) {
        if !matches!(self.kind, ExprKind::Binary(..)) {
            return;
        }
        let mut chain = self.take();
        while let ExprKind::Binary(_, left, _) = &mut chain.kind {
            chain = left.take();
        }
    }
}

#[derive(Debug)]
pub struct CompositeLit {
    /// `None`: elided inside another literal.
    pub ty: Option<Expr>,
    pub elems: Vec<Expr>,
    /// How many of `elems` are [`ExprKind::KeyValue`].
    pub nkeys: usize,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct FuncLit {
    pub ty: FuncType,
    pub body: Block,
}

#[derive(Debug)]
pub struct SliceExpr {
    pub x: Expr,
    pub index: [Option<Expr>; 3],
    /// `x[i:j:k]`
    pub full: bool,
}

#[derive(Debug)]
pub struct CallExpr {
    pub fun: Expr,
    pub args: Vec<Expr>,
    pub has_dots: bool,
    pub rparen: Pos,
}

#[derive(Debug)]
pub struct ArrayType {
    /// `None`: `[...]T`.
    pub len: Option<Expr>,
    pub elem: Expr,
}

#[derive(Debug)]
pub struct StructType {
    pub fields: Vec<Field>,
}

#[derive(Debug)]
pub struct InterfaceType {
    /// A method has a name and a [`ExprKind::FuncType`]; an embedded element has no name, and is a
    /// type, `~T`, or a union of those (`Binary(Or, …)`).
    pub elems: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Plus,
    Minus,
    /// `!`
    Not,
    /// `^`
    Xor,
    /// `&`
    And,
    /// `<-`
    Recv,
    /// `~`
    Tilde,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    OrOr,
    AndAnd,
    Eql,
    Neq,
    Lss,
    Leq,
    Gtr,
    Geq,
    Add,
    Sub,
    Or,
    Xor,
    Mul,
    Div,
    Rem,
    And,
    AndNot,
    Shl,
    Shr,
}

#[derive(Debug)]
pub struct Block {
    pub id: NodeId,
    /// Position of `{`.
    pub pos: Pos,
    pub stmts: Vec<Stmt>,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct Stmt {
    pub id: NodeId,
    /// gc's position: of an assignment, `++` or send its operator, of a label its `:`, of an expression
    /// that of the expression, else its first character.
    pub pos: Pos,
    pub kind: StmtKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BranchKind {
    Break,
    Continue,
    Fallthrough,
    Goto,
}

#[derive(Debug)]
pub enum StmtKind {
    Bad,
    Empty,
    Labeled(Ident, Box<Stmt>),
    Block(Block),
    Expr(Expr),
    Send(Expr, Expr),
    Decl(Vec<Decl>),
    /// `lhs = rhs`, `lhs := rhs` (`define`).
    Assign {
        lhs: Expr,
        rhs: Expr,
        define: bool,
    },
    /// `lhs op= rhs`.
    AssignOp {
        op: BinaryOp,
        lhs: Expr,
        rhs: Expr,
    },
    /// `x++` (Add) and `x--` (Sub).
    IncDec {
        op: BinaryOp,
        x: Expr,
    },
    Branch {
        kind: BranchKind,
        label: Option<Ident>,
    },
    Go(Expr),
    Defer(Expr),
    Return(Option<Expr>),
    If(Box<IfStmt>),
    For(Box<ForStmt>),
    Switch(Box<SwitchStmt>),
    Select(Box<SelectStmt>),
}

#[derive(Debug)]
pub struct IfStmt {
    pub init: Option<Stmt>,
    pub cond: Expr,
    pub then: Block,
    /// An `If` or a `Block`.
    pub else_: Option<Stmt>,
}

#[derive(Debug)]
pub struct ForStmt {
    pub header: ForHeader,
    pub body: Block,
}

#[derive(Debug)]
pub enum ForHeader {
    Clause {
        init: Option<Stmt>,
        cond: Option<Expr>,
        post: Option<Stmt>,
    },
    /// `for lhs = range x`; `lhs` is `None` for `for range x`, a `List` for two.
    Range {
        pos: Pos,
        lhs: Option<Expr>,
        define: bool,
        x: Expr,
    },
}

#[derive(Debug)]
pub struct SwitchStmt {
    pub init: Option<Stmt>,
    /// [`ExprKind::TypeSwitchGuard`] makes it a type switch.
    pub tag: Option<Expr>,
    pub clauses: Vec<CaseClause>,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct CaseClause {
    pub id: NodeId,
    pub pos: Pos,
    /// `None`: `default`.
    pub cases: Option<Vec<Expr>>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}

#[derive(Debug)]
pub struct SelectStmt {
    pub clauses: Vec<CommClause>,
    pub rbrace: Pos,
}

#[derive(Debug)]
pub struct CommClause {
    pub id: NodeId,
    pub pos: Pos,
    /// `None`: `default`; else a send, a receive expression, or an assignment from a receive.
    pub comm: Option<Stmt>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
}
