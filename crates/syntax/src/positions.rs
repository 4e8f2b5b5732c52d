//! Where an expression starts and ends (`cmd/compile/internal/syntax/positions.go`), and parentheses.

use crate::ast::*;
use goxide_source::Pos;

/// Position of the first character of `x` (of a slice expression, its `[`, as in gc).
pub fn start_pos(x: &Expr) -> Pos {
    let mut x = x;
    loop {
        x = match &x.kind {
            ExprKind::CompositeLit(lit) => match &lit.ty {
                Some(ty) => ty,
                None => return x.pos,
            },
            ExprKind::KeyValue(key, _) => key,
            ExprKind::Selector(x, _) | ExprKind::Index(x, _) | ExprKind::TypeAssert(x, _) => x,
            ExprKind::TypeSwitchGuard(Some(name), _) => return name.pos,
            ExprKind::TypeSwitchGuard(None, x) => x,
            ExprKind::Binary(_, left, _) => left,
            ExprKind::Call(call) => &call.fun,
            ExprKind::List(list) => match list.first() {
                Some(first) => first,
                None => return x.pos,
            },
            _ => return x.pos,
        }
    }
}

/// Position of about the end of `x`: behind a name or literal, at the `}` of one that has braces; of
/// an expression in parentheses, the end of what is inside. Good enough for scopes.
pub fn end_pos(x: &Expr) -> Pos {
    let mut x = x;
    loop {
        x = match &x.kind {
            ExprKind::Bad => return x.pos,
            ExprKind::Name(name) => return x.pos.offset(name.len() as u32),
            ExprKind::BasicLit(lit) => return x.pos.offset(lit.text.len() as u32),
            ExprKind::CompositeLit(lit) => return lit.rbrace,
            ExprKind::FuncLit(lit) => return lit.body.rbrace,
            ExprKind::KeyValue(_, value) => value,
            ExprKind::Paren(x) | ExprKind::TypeSwitchGuard(_, x) => x,
            ExprKind::Selector(_, name) => return name.pos.offset(name.name.len() as u32),
            ExprKind::Index(x, indices) => indices.last().unwrap_or(x),
            ExprKind::Slice(slice) => slice.index.iter().flatten().next_back().unwrap_or(&slice.x),
            ExprKind::TypeAssert(_, ty) => ty,
            ExprKind::Unary(_, x) | ExprKind::Star(x) | ExprKind::Binary(_, _, x) => x,
            ExprKind::Call(call) => call.args.last().unwrap_or(&call.fun),
            ExprKind::List(list) => match list.last() {
                Some(last) => last,
                None => return x.pos,
            },
            ExprKind::ArrayType(array) => &array.elem,
            ExprKind::SliceType(elem) | ExprKind::DotsType(elem) | ExprKind::ChanType(_, elem) => elem,
            ExprKind::MapType(_, value) => value,
            ExprKind::StructType(s) => match s.fields.last() {
                Some(field) => &field.ty,
                None => return x.pos,
            },
            ExprKind::InterfaceType(i) => match i.elems.last() {
                Some(elem) => &elem.ty,
                None => return x.pos,
            },
            ExprKind::FuncType(f) => match f.results.last().or(f.params.last()) {
                Some(field) => &field.ty,
                None => return x.pos,
            },
        }
    }
}

/// `x` without the parentheses around it.
pub fn unparen(x: &Expr) -> &Expr {
    let mut x = x;
    while let ExprKind::Paren(inner) = &x.kind {
        x = inner;
    }
    x
}

pub fn into_unparen(mut x: Expr) -> Expr {
    while let ExprKind::Paren(inner) = x.kind {
        x = *inner;
    }
    x
}
