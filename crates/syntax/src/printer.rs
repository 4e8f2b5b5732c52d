//! Expressions and simple statements as messages show them: on one line, with `…` for the bodies of
//! function and composite literals (`cmd/compile/internal/syntax/printer.go`, ShortForm).

use crate::ast::*;
use std::fmt::{Display, Formatter, Result};
use std::sync::Arc;

impl Display for Ident {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.name)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ExprKind::Bad => f.write_str("<bad expr>"),
            ExprKind::Name(name) => f.write_str(name),
            ExprKind::BasicLit(lit) => f.write_str(&lit.text),
            ExprKind::CompositeLit(lit) => {
                if let Some(ty) = &lit.ty {
                    write!(f, "{ty}")?;
                }
                f.write_str(if lit.elems.is_empty() { "{}" } else { "{…}" })
            }
            ExprKind::KeyValue(key, value) => write!(f, "{key}: {value}"),
            ExprKind::FuncLit(lit) => {
                write!(f, "{} {}", lit.ty, if lit.body.stmts.is_empty() { "{}" } else { "{…}" })
            }
            ExprKind::Paren(x) => write!(f, "({x})"),
            ExprKind::Selector(x, name) => write!(f, "{x}.{name}"),
            ExprKind::Index(x, indices) => {
                write!(f, "{x}[")?;
                list(f, indices)?;
                f.write_str("]")
            }
            ExprKind::Slice(s) => {
                write!(f, "{}[", s.x)?;
                let [low, high, max] = &s.index;
                optional(f, low)?;
                f.write_str(":")?;
                optional(f, high)?;
                if let Some(max) = max {
                    write!(f, ":{max}")?;
                }
                f.write_str("]")
            }
            ExprKind::TypeAssert(x, ty) => write!(f, "{x}.({ty})"),
            ExprKind::TypeSwitchGuard(Some(name), x) => write!(f, "{name} := {x}.(type)"),
            ExprKind::TypeSwitchGuard(None, x) => write!(f, "{x}.(type)"),
            ExprKind::Unary(op, x) => write!(f, "{}{x}", op.text()),
            ExprKind::Binary(..) => binary(f, self),
            ExprKind::Star(x) => write!(f, "*{x}"),
            ExprKind::Call(call) => {
                write!(f, "{}(", call.fun)?;
                list(f, &call.args)?;
                f.write_str(if call.has_dots { "...)" } else { ")" })
            }
            ExprKind::List(exprs) => list(f, exprs),
            ExprKind::ArrayType(array) => match &array.len {
                Some(len) => write!(f, "[{len}]{}", array.elem),
                None => write!(f, "[...]{}", array.elem),
            },
            ExprKind::SliceType(elem) => write!(f, "[]{elem}"),
            ExprKind::DotsType(elem) => write!(f, "...{elem}"),
            ExprKind::StructType(s) => struct_type(f, &s.fields),
            ExprKind::InterfaceType(i) => interface_type(f, &i.elems),
            ExprKind::FuncType(ty) => write!(f, "{ty}"),
            ExprKind::MapType(key, value) => write!(f, "map[{key}]{value}"),
            ExprKind::ChanType(dir, elem) => match (dir, &elem.kind) {
                (ChanDir::Recv, _) => write!(f, "<-chan {elem}"),
                (ChanDir::Send, _) => write!(f, "chan<- {elem}"),
                (ChanDir::Both, ExprKind::ChanType(ChanDir::Recv, _)) => write!(f, "chan ({elem})"),
                (ChanDir::Both, _) => write!(f, "chan {elem}"),
            },
        }
    }
}

impl Display for FuncType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("func")?;
        signature(f, self)
    }
}

/// Simple statements; of others, nothing is ever shown.
impl Display for Stmt {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            StmtKind::Expr(x) => write!(f, "{x}"),
            StmtKind::Send(ch, value) => write!(f, "{ch} <- {value}"),
            StmtKind::Assign { lhs, rhs, define: false } => write!(f, "{lhs} = {rhs}"),
            StmtKind::Assign { lhs, rhs, define: true } => write!(f, "{lhs} := {rhs}"),
            StmtKind::AssignOp { op, lhs, rhs } => write!(f, "{lhs} {}= {rhs}", op.text()),
            StmtKind::IncDec { op, x } => write!(f, "{x}{0}{0}", op.text()),
            _ => Ok(()),
        }
    }
}

/// The left operands are printed in a loop, being many at times.
fn binary(f: &mut Formatter<'_>, x: &Expr) -> Result {
    let mut rest = Vec::new();
    let mut x = x;
    while let ExprKind::Binary(op, left, right) = &x.kind {
        rest.push((op, right));
        x = left;
    }
    write!(f, "{x}")?;
    rest.iter().rev().try_for_each(|(op, right)| write!(f, " {} {right}", op.text()))
}

fn list(f: &mut Formatter<'_>, exprs: &[Expr]) -> Result {
    for (i, x) in exprs.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{x}")?;
    }
    Ok(())
}

fn optional(f: &mut Formatter<'_>, x: &Option<Expr>) -> Result {
    x.iter().try_for_each(|x| write!(f, "{x}"))
}

fn signature(f: &mut Formatter<'_>, ty: &FuncType) -> Result {
    f.write_str("(")?;
    params(f, &ty.params)?;
    f.write_str(")")?;
    match &ty.results[..] {
        [] => Ok(()),
        [Field { name: None, ty, .. }] => write!(f, " {ty}"),
        results => {
            f.write_str(" (")?;
            params(f, results)?;
            f.write_str(")")
        }
    }
}

fn params(f: &mut Formatter<'_>, fields: &[Field]) -> Result {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        if let Some(name) = &field.name {
            f.write_str(&name.name)?;
            let next = fields.get(i + 1);
            if next.is_some_and(|n| n.name.is_some() && Arc::ptr_eq(&n.ty, &field.ty)) {
                continue;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}", field.ty)?;
    }
    Ok(())
}

fn struct_type(f: &mut Formatter<'_>, fields: &[Field]) -> Result {
    f.write_str("struct{")?;
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            f.write_str(if field.type_shared { ", " } else { "; " })?;
        }
        if let Some(name) = &field.name {
            f.write_str(&name.name)?;
            if fields.get(i + 1).is_some_and(|n| n.type_shared) {
                continue;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}", field.ty)?;
        if let Some(tag) = &field.tag {
            write!(f, " {}", tag.text)?;
        }
    }
    f.write_str("}")
}

fn interface_type(f: &mut Formatter<'_>, elems: &[Field]) -> Result {
    f.write_str("interface{")?;
    for (i, elem) in elems.iter().enumerate() {
        if i > 0 {
            f.write_str("; ")?;
        }
        match (&elem.name, &elem.ty.kind) {
            (Some(name), ExprKind::FuncType(ty)) => {
                f.write_str(&name.name)?;
                signature(f, ty)?;
            }
            _ => write!(f, "{}", elem.ty)?,
        }
    }
    f.write_str("}")
}
