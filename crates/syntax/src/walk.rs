//! Visiting every node of a tree, in source order (`cmd/compile/internal/syntax/walk.go`).

use crate::ast::*;

/// Called for each node before those in it; returning false leaves those out.
pub trait Visitor {
    fn decl(&mut self, _: &Decl) -> bool {
        true
    }

    fn field(&mut self, _: &Field) -> bool {
        true
    }

    fn stmt(&mut self, _: &Stmt) -> bool {
        true
    }

    fn expr(&mut self, _: &Expr) -> bool {
        true
    }
}

pub fn walk_file(v: &mut impl Visitor, file: &File) {
    file.decls.iter().for_each(|d| walk_decl(v, d));
}

pub fn walk_decl(v: &mut impl Visitor, decl: &Decl) {
    if !v.decl(decl) {
        return;
    }
    match decl {
        Decl::Import(_) => {}
        Decl::Const(d) => {
            walk_exprs(v, d.ty.as_slice());
            walk_exprs(v, &d.values);
        }
        Decl::Type(d) => {
            walk_fields(v, &d.type_params);
            walk_expr(v, &d.ty);
        }
        Decl::Var(d) => {
            walk_exprs(v, d.ty.as_slice());
            walk_exprs(v, &d.values);
        }
        Decl::Func(d) => {
            walk_fields(v, d.recv.as_slice());
            walk_fields(v, &d.type_params);
            walk_func_type(v, &d.ty);
            if let Some(body) = &d.body {
                walk_stmts(v, &body.stmts);
            }
        }
    }
}

/// A type shared by several fields is visited with the first.
pub fn walk_fields(v: &mut impl Visitor, fields: &[Field]) {
    for field in fields {
        if v.field(field) && !field.type_shared {
            walk_expr(v, &field.ty);
        }
    }
}

pub fn walk_func_type(v: &mut impl Visitor, ty: &FuncType) {
    walk_fields(v, &ty.params);
    walk_fields(v, &ty.results);
}

pub fn walk_stmts(v: &mut impl Visitor, stmts: &[Stmt]) {
    stmts.iter().for_each(|s| walk_stmt(v, s));
}

pub fn walk_stmt(v: &mut impl Visitor, stmt: &Stmt) {
    if !v.stmt(stmt) {
        return;
    }
    match &stmt.kind {
        StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
        StmtKind::Labeled(_, inner) => walk_stmt(v, inner),
        StmtKind::Block(block) => walk_stmts(v, &block.stmts),
        StmtKind::Expr(x) | StmtKind::Go(x) | StmtKind::Defer(x) | StmtKind::IncDec { x, .. } => {
            walk_expr(v, x);
        }
        StmtKind::Send(x, y)
        | StmtKind::Assign { lhs: x, rhs: y, .. }
        | StmtKind::AssignOp { lhs: x, rhs: y, .. } => {
            walk_expr(v, x);
            walk_expr(v, y);
        }
        StmtKind::Decl(decls) => decls.iter().for_each(|d| walk_decl(v, d)),
        StmtKind::Return(results) => walk_exprs(v, results.as_slice()),
        StmtKind::If(s) => {
            walk_stmts(v, s.init.as_slice());
            walk_expr(v, &s.cond);
            walk_stmts(v, &s.then.stmts);
            walk_stmts(v, s.else_.as_slice());
        }
        StmtKind::For(s) => {
            match &s.header {
                ForHeader::Clause { init, cond, post } => {
                    walk_stmts(v, init.as_slice());
                    walk_exprs(v, cond.as_slice());
                    walk_stmts(v, post.as_slice());
                }
                ForHeader::Range { lhs, x, .. } => {
                    walk_exprs(v, lhs.as_slice());
                    walk_expr(v, x);
                }
            }
            walk_stmts(v, &s.body.stmts);
        }
        StmtKind::Switch(s) => {
            walk_stmts(v, s.init.as_slice());
            walk_exprs(v, s.tag.as_slice());
            for clause in &s.clauses {
                walk_exprs(v, clause.cases.as_deref().unwrap_or_default());
                walk_stmts(v, &clause.body);
            }
        }
        StmtKind::Select(s) => {
            for clause in &s.clauses {
                walk_stmts(v, clause.comm.as_slice());
                walk_stmts(v, &clause.body);
            }
        }
    }
}

pub fn walk_exprs(v: &mut impl Visitor, exprs: &[Expr]) {
    exprs.iter().for_each(|x| walk_expr(v, x));
}

pub fn walk_expr(v: &mut impl Visitor, x: &Expr) {
    if let ExprKind::Binary(..) = x.kind {
        return walk_binary(v, x);
    }
    if !v.expr(x) {
        return;
    }
    match &x.kind {
        ExprKind::Bad | ExprKind::Name(_) | ExprKind::BasicLit(_) | ExprKind::Binary(..) => {}
        ExprKind::CompositeLit(lit) => {
            walk_exprs(v, lit.ty.as_slice());
            walk_exprs(v, &lit.elems);
        }
        ExprKind::FuncLit(lit) => {
            walk_func_type(v, &lit.ty);
            walk_stmts(v, &lit.body.stmts);
        }
        ExprKind::KeyValue(x, y) | ExprKind::TypeAssert(x, y) | ExprKind::MapType(x, y) => {
            walk_expr(v, x);
            walk_expr(v, y);
        }
        ExprKind::Paren(x)
        | ExprKind::Selector(x, _)
        | ExprKind::TypeSwitchGuard(_, x)
        | ExprKind::Unary(_, x)
        | ExprKind::Star(x)
        | ExprKind::SliceType(x)
        | ExprKind::DotsType(x)
        | ExprKind::ChanType(_, x) => walk_expr(v, x),
        ExprKind::Index(x, indices) => {
            walk_expr(v, x);
            walk_exprs(v, indices);
        }
        ExprKind::Slice(s) => {
            walk_expr(v, &s.x);
            s.index.iter().flatten().for_each(|i| walk_expr(v, i));
        }
        ExprKind::Call(call) => {
            walk_expr(v, &call.fun);
            walk_exprs(v, &call.args);
        }
        ExprKind::List(list) => walk_exprs(v, list),
        ExprKind::ArrayType(array) => {
            walk_exprs(v, array.len.as_slice());
            walk_expr(v, &array.elem);
        }
        ExprKind::StructType(s) => walk_fields(v, &s.fields),
        ExprKind::InterfaceType(i) => walk_fields(v, &i.elems),
        ExprKind::FuncType(ty) => walk_func_type(v, ty),
    }
}

/// Descends to the left in a loop (see [`Operand`]).
fn walk_binary(v: &mut impl Visitor, x: &Expr) {
    let mut rights: Vec<&Expr> = Vec::new();
    let mut x = x;
    while let ExprKind::Binary(_, left, right) = &x.kind {
        if !v.expr(x) {
            break;
        }
        rights.push(right);
        x = left;
    }
    if !matches!(x.kind, ExprKind::Binary(..)) {
        walk_expr(v, x);
    }
    rights.into_iter().rev().for_each(|right| walk_expr(v, right));
}

/// The names of the types (no aliases) that are declared in the functions of a package-level declaration, in
/// source order.
pub fn local_types(decl: &Decl) -> Vec<NodeId> {
    #[derive(Default)]
    struct Finder(Vec<NodeId>);
    impl Visitor for Finder {
        fn decl(&mut self, decl: &Decl) -> bool {
            if let Decl::Type(d) = decl
                && !d.is_alias
            {
                self.0.push(d.name.id);
            }
            true
        }
    }
    let mut finder = Finder::default();
    // A type's declaration has no functions in it.
    if !matches!(decl, Decl::Type(_)) {
        walk_decl(&mut finder, decl);
    }
    finder.0
}
