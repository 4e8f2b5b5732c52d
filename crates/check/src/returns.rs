//! Whether a statement ends a function (as `types2/return.go`).

use crate::checker::Checker;
use goxide_syntax::ast::*;

impl<'a> Checker<'a> {
    fn is_terminating(&self, s: &Stmt, label: &str) -> bool {
        match &s.kind {
            StmtKind::Labeled(l, inner) => self.is_terminating(inner, &l.name),
            StmtKind::Expr(e) => {
                let e = unparen(e);
                matches!(e.kind, ExprKind::Call(_)) && self.panics.contains(&e.id)
            }
            StmtKind::Return(_) => true,
            StmtKind::Branch { kind, .. } => matches!(kind, BranchKind::Goto | BranchKind::Fallthrough),
            StmtKind::Block(b) => self.is_terminating_list(&b.stmts),
            StmtKind::If(i) => {
                self.is_terminating_list(&i.then.stmts)
                    && i.else_.as_ref().is_some_and(|e| self.is_terminating(e, ""))
            }
            StmtKind::Switch(sw) => {
                sw.clauses.iter().any(|c| c.cases.is_none())
                    && sw
                        .clauses
                        .iter()
                        .all(|c| self.is_terminating_list(&c.body) && !breaks(&c.body, label, true))
            }
            StmtKind::Select(sel) => {
                sel.clauses.iter().all(|c| self.is_terminating_list(&c.body) && !breaks(&c.body, label, true))
            }
            StmtKind::For(f) => match &f.header {
                ForHeader::Clause { cond: None, .. } => !breaks(&f.body.stmts, label, true),
                _ => false,
            },
            _ => false,
        }
    }

    pub fn is_terminating_list(&self, list: &[Stmt]) -> bool {
        let last = list.iter().rev().find(|s| !matches!(s.kind, StmtKind::Empty));
        last.is_some_and(|s| self.is_terminating(s, ""))
    }
}

/// Whether a `break` leaves the statement called `label`; unlabeled ones count if `implicit`.
fn breaks(list: &[Stmt], label: &str, implicit: bool) -> bool {
    list.iter().any(|s| has_break(s, label, implicit))
}

fn has_break(s: &Stmt, label: &str, implicit: bool) -> bool {
    match &s.kind {
        StmtKind::Labeled(_, inner) => has_break(inner, label, implicit),
        StmtKind::Branch { kind: BranchKind::Break, label: None } => implicit,
        StmtKind::Branch { kind: BranchKind::Break, label: Some(l) } => &*l.name == label,
        StmtKind::Block(b) => breaks(&b.stmts, label, implicit),
        StmtKind::If(i) => {
            breaks(&i.then.stmts, label, implicit)
                || i.else_.as_ref().is_some_and(|e| has_break(e, label, implicit))
        }
        StmtKind::Switch(sw) => !label.is_empty() && sw.clauses.iter().any(|c| breaks(&c.body, label, false)),
        StmtKind::Select(sel) => {
            !label.is_empty() && sel.clauses.iter().any(|c| breaks(&c.body, label, false))
        }
        StmtKind::For(f) => !label.is_empty() && breaks(&f.body.stmts, label, false),
        _ => false,
    }
}
