//! Statements: sequence, branches, loops, labels, return.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::{Block, Op};
use goxide_syntax::ast::{
    BranchKind, Decl, Expr, ExprKind, ForHeader, ForStmt, IfStmt, Name, Stmt, StmtKind, unparen,
};
use goxide_types::ObjId;
use smallvec::SmallVec;

/// A statement that break or continue may leave.
pub(crate) struct Frame {
    pub label: Option<Name>,
    pub break_: Block,
    /// `None`: not a loop.
    pub continue_: Option<Block>,
}

impl<'a> FuncLower<'a, '_> {
    pub fn stmts(&mut self, list: &'a [Stmt]) {
        for s in list {
            self.stmt(s, None);
        }
    }

    /// `label`: that of a labeled statement.
    pub fn stmt(&mut self, s: &'a Stmt, label: Option<&Name>) {
        self.set_pos(s.pos);
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Labeled(name, inner) => {
                let block = self.label_block(&name.name);
                self.b.jump(block);
                self.b.switch_to(block);
                self.stmt(inner, Some(&name.name));
            }
            StmtKind::Block(b) => self.stmts(&b.stmts),
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send(c, v) => self.send(s, c, v),
            StmtKind::Decl(decls) => self.local_decls(decls),
            StmtKind::Assign { lhs, rhs, define } => self.assign(s, lhs, rhs, *define),
            StmtKind::AssignOp { op, lhs, rhs } => self.assign_op(s, *op, lhs, rhs),
            StmtKind::IncDec { op, x } => self.inc_dec(*op, x),
            StmtKind::Branch { kind, label } => {
                self.branch(*kind, label.as_ref().map(|l| &l.name));
            }
            StmtKind::Go(e) => self.go(s, e),
            StmtKind::Defer(e) => self.defer(e),
            StmtKind::Return(e) => self.return_stmt(s, e.as_ref()),
            StmtKind::If(i) => self.if_stmt(i),
            StmtKind::For(f) => self.for_stmt(s, f, label),
            StmtKind::Switch(sw) => self.switch_stmt(s, sw, label),
            StmtKind::Select(sel) => self.select_stmt(s, sel, label),
        }
    }

    fn expr_stmt(&mut self, e: &'a Expr) {
        match &unparen(e).kind {
            ExprKind::Call(_) => {
                self.call_results(unparen(e));
            }
            _ => self.effects(e),
        }
    }

    fn send(&mut self, s: &'a Stmt, c: &'a Expr, v: &'a Expr) {
        let t = self.chan_elem(c);
        let (chan, v) = self.in_order(&[c, v], |l| (l.scalar_expr(c), l.expr_as(v, t)));
        self.set_pos(s.pos);
        let p = self.spill(v, t);
        self.b.rt(Entry::ChanSend, &[chan, p]);
    }

    fn local_decls(&mut self, decls: &'a [Decl]) {
        for d in decls {
            let Decl::Var(d) = d else { continue };
            let objs: Vec<Option<ObjId>> = d
                .names
                .iter()
                .map(|n| self.source.info.defs.get(&n.id).copied().filter(|_| !n.is_blank()))
                .collect();
            self.set_pos(d.pos);
            match (&d.values[..], d.names.len()) {
                ([], _) => {
                    for obj in objs.into_iter().flatten() {
                        let t = self.obj_ty(obj);
                        self.declare(obj, t);
                        self.zero_var(obj, t);
                    }
                }
                ([rhs], n) if n > 1 => {
                    let vals = self.tuple_values(rhs, n);
                    for (obj, (v, from)) in objs.into_iter().zip(vals) {
                        self.define(obj, v, from);
                    }
                }
                (values, _) => {
                    let operands: SmallVec<[&Expr; 4]> = values.iter().collect();
                    let vals: Vec<_> = self.in_order(&operands, |l| {
                        let declared = d.ty.as_ref().map(|t| l.ty(t));
                        let one = |(rhs, obj): (&'a Expr, &Option<ObjId>)| {
                            let own = obj.map(|o| l.obj_ty(o));
                            let t = declared.or(own).unwrap_or_else(|| l.value_ty(rhs));
                            (l.expr_frozen(rhs, t), t)
                        };
                        values.iter().zip(&objs).map(one).collect()
                    });
                    for (obj, (v, t)) in objs.into_iter().zip(vals) {
                        self.define(obj, v, t);
                    }
                }
            }
        }
    }

    fn return_stmt(&mut self, s: &'a Stmt, e: Option<&'a Expr>) {
        let Some(e) = e else { return self.return_set() };
        let types: Vec<_> = self.results.iter().map(|r| r.ty).collect();
        let list = match &e.kind {
            ExprKind::List(list) => list.as_slice(),
            _ => std::slice::from_ref(e),
        };
        let vals: Vec<Val> = if list.len() == 1 && types.len() != 1 {
            let vals = self.tuple_values(&list[0], types.len());
            vals.into_iter().zip(&types).map(|((v, from), &to)| self.convert_assign(v, from, to)).collect()
        } else {
            let operands: SmallVec<[&Expr; 4]> = list.iter().collect();
            self.in_order(&operands, |l| list.iter().zip(&types).map(|(e, &t)| l.expr_frozen(e, t)).collect())
        };
        self.set_pos(s.pos);
        self.return_values(vals);
    }

    fn if_stmt(&mut self, i: &'a IfStmt) {
        if let Some(init) = &i.init {
            self.stmt(init, None);
        }
        let (then, end) = (self.b.block(), self.b.block());
        let else_ = if i.else_.is_some() { self.b.block() } else { end };
        self.cond(&i.cond, then, else_);
        self.b.start(then);
        self.stmts(&i.then.stmts);
        self.b.jump(end);
        if let Some(e) = &i.else_ {
            self.b.start(else_);
            self.stmt(e, None);
            self.b.jump(end);
        }
        self.b.start(end);
    }

    fn for_stmt(&mut self, s: &'a Stmt, f: &'a ForStmt, label: Option<&Name>) {
        let (init, cond, post) = match &f.header {
            ForHeader::Range { lhs, define, x, .. } => {
                return self.range_stmt(s, f, lhs.as_ref(), *define, x, label);
            }
            ForHeader::Clause { init, cond, post } => (init, cond, post),
        };
        if let Some(init) = init {
            self.stmt(init, None);
        }
        let fresh = self.loop_vars(init.as_ref());
        let (head, body, next, end) = (self.b.block(), self.b.block(), self.b.block(), self.b.block());
        self.b.jump(head);
        self.b.switch_to(head);
        match cond {
            Some(c) => {
                self.set_pos(c.pos);
                self.cond(c, body, end);
            }
            None => self.b.jump(body),
        }
        self.b.start(body);
        self.frames.push(Frame { label: label.cloned(), break_: end, continue_: Some(next) });
        self.stmts(&f.body.stmts);
        self.frames.pop();
        self.b.jump(next);
        self.b.start(next);
        // Each iteration has variables of its own, which begin as copies.
        for obj in fresh {
            let t = self.obj_ty(obj);
            let place = self.var_place(obj);
            let v = self.load(&place, t);
            self.declare(obj, t);
            self.init_var(obj, t, v);
        }
        if let Some(post) = post {
            self.stmt(post, None);
        }
        self.back_edge(head);
        self.b.start(end);
    }

    /// To the head of a loop, by a safepoint.
    pub fn back_edge(&mut self, head: Block) {
        self.b.emit0(Op::SafePoint, &[]);
        self.b.jump(head);
        self.b.seal(head);
    }

    /// Variables of a loop that each iteration needs anew: those that something may still refer to.
    fn loop_vars(&mut self, init: Option<&'a Stmt>) -> Vec<ObjId> {
        let Some(Stmt { kind: StmtKind::Assign { lhs, define: true, .. }, .. }) = init else {
            return Vec::new();
        };
        if self.source.version < (1, 22) {
            return Vec::new();
        }
        let list = match &lhs.kind {
            ExprKind::List(list) => list.as_slice(),
            _ => std::slice::from_ref(lhs),
        };
        let objs: Vec<ObjId> =
            list.iter().filter_map(|e| self.source.info.defs.get(&unparen(e).id).copied()).collect();
        objs.into_iter().filter(|&o| self.needs_heap(o)).collect()
    }

    pub fn branch(&mut self, kind: BranchKind, label: Option<&Name>) {
        if kind == BranchKind::Goto {
            if self.branch_out(kind, label) {
                return;
            }
            self.b.emit0(Op::SafePoint, &[]);
        }
        match self.branch_target(kind, label) {
            Some(to) => self.b.jump(to),
            None => {
                let left = self.branch_out(kind, label);
                debug_assert!(left, "the checker lets no branch lead nowhere");
            }
        }
    }

    fn branch_target(&mut self, kind: BranchKind, label: Option<&Name>) -> Option<Block> {
        match (kind, label) {
            (BranchKind::Goto, Some(name)) => Some(self.label_block(name)),
            (BranchKind::Fallthrough, _) => self.fallthrough,
            (BranchKind::Goto, None) => None,
            (_, label) => {
                let found = self.frames.iter().rev().find(|f| match label {
                    Some(l) => f.label.as_ref() == Some(l),
                    None => kind == BranchKind::Break || f.continue_.is_some(),
                })?;
                if kind == BranchKind::Break { Some(found.break_) } else { found.continue_ }
            }
        }
    }

    fn label_block(&mut self, name: &Name) -> Block {
        if let Some(&block) = self.labels.get(name) {
            return block;
        }
        let block = self.b.block();
        self.labels.insert(name.clone(), block);
        block
    }

    /// All gotos are known at the end of the function.
    pub fn seal_labels(&mut self) {
        let mut blocks: Vec<Block> = self.labels.values().copied().collect();
        blocks.sort();
        blocks.into_iter().for_each(|b| self.b.seal(b));
    }

    pub fn list_of(e: &'a Expr) -> &'a [Expr] {
        match &e.kind {
            ExprKind::List(list) => list,
            _ => std::slice::from_ref(e),
        }
    }
}
