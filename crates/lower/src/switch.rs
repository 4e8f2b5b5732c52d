//! Switches on values and on types.

use crate::func::FuncLower;
use crate::stmt::Frame;
use crate::value::Val;
use goxide_ssa::{Block, Value};
use goxide_syntax::ast::{BinaryOp, Expr, ExprKind, Name, Stmt, SwitchStmt};
use goxide_types::{Const, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    pub fn switch_stmt(&mut self, s: &'a Stmt, sw: &'a SwitchStmt, label: Option<&Name>) {
        if let Some(init) = &sw.init {
            self.stmt(init, None);
        }
        let end = self.b.block();
        self.frames.push(Frame { label: label.cloned(), break_: end, continue_: None });
        match sw.tag.as_ref().map(|t| (&t.kind, t)) {
            Some((ExprKind::TypeSwitchGuard(_, x), _)) => self.type_switch(sw, x, end),
            Some((_, tag)) => self.value_switch(s, sw, Some(tag), end),
            None => self.value_switch(s, sw, None, end),
        }
        self.frames.pop();
        self.b.start(end);
    }

    fn value_switch(&mut self, s: &'a Stmt, sw: &'a SwitchStmt, tag: Option<&'a Expr>, end: Block) {
        let known = tag.and_then(|e| self.info_of(e)).and_then(|tv| tv.value.as_ref());
        let tag = tag.map(|e| {
            let t = self.value_ty(e);
            (self.expr_frozen(e, t), t)
        });
        let bodies: Vec<Block> = sw.clauses.iter().map(|_| self.b.block()).collect();
        let mut default = end;
        for (clause, &body) in sw.clauses.iter().zip(&bodies) {
            let Some(cases) = &clause.cases else {
                default = body;
                continue;
            };
            for case in cases {
                self.set_pos(case.pos);
                let next = self.b.block();
                let case_value = self.info_of(case).and_then(|tv| tv.value.as_ref());
                match &tag {
                    // Decided here, so that what is never called need not exist.
                    Some(_) if let (Some(x), Some(y)) = (known, case_value) => {
                        let is = Const::compare(BinaryOp::Eql, x, y);
                        self.b.jump(if is { body } else { next });
                    }
                    Some((v, t)) => {
                        let is = self.case_matches(v.clone(), *t, case);
                        self.b.branch(is, body, next);
                    }
                    None => self.cond(case, body, next),
                }
                self.b.start(next);
            }
        }
        self.set_pos(s.pos);
        self.b.jump(default);
        for (i, clause) in sw.clauses.iter().enumerate() {
            // A fallthrough above may still lead here, so that the block is sealed by `start` only now.
            self.b.start(bodies[i]);
            let saved = std::mem::replace(&mut self.fallthrough, bodies.get(i + 1).copied());
            self.stmts(&clause.body);
            self.fallthrough = saved;
            self.b.jump(end);
        }
    }

    /// `tag == case`, where one of them may be an interface.
    fn case_matches(&mut self, v: Val, t: TypeId, case: &'a Expr) -> Value {
        let store = self.p.store;
        if self.is_nil(case) {
            let w = self.zero(t);
            return self.equal(t, v, w);
        }
        let ct = self.value_ty(case);
        let (tag_iface, case_iface) = (store.is_interface(t), store.is_interface(ct));
        if case_iface && !tag_iface {
            let w = self.expr(case);
            let v = self.convert_assign(v, t, ct);
            return self.equal(ct, v, w);
        }
        let w = self.expr_as(case, t);
        self.equal(t, v, w)
    }

    fn type_switch(&mut self, sw: &'a SwitchStmt, x: &'a Expr, end: Block) {
        let iface = self.ty(x);
        let v = self.expr(x);
        let parts = self.parts(v, iface);
        let (word, data) = (parts[0], parts[1]);
        let mut default = None;
        for (i, clause) in sw.clauses.iter().enumerate() {
            let Some(cases) = &clause.cases else {
                default = Some(i);
                continue;
            };
            let body = self.b.block();
            let after = self.b.block();
            let obj = self.source.info.implicits.get(&clause.id).copied();
            let single = cases.len() == 1 && !self.is_nil(&cases[0]);
            let mut bound = None;
            for case in cases {
                self.set_pos(case.pos);
                let next = self.b.block();
                let is = if self.is_nil(case) {
                    self.is_null(word)
                } else {
                    let t = self.ty(case);
                    if single {
                        let (v, is) = self.assert_parts(word, data, iface, t);
                        bound = Some((v, t));
                        is
                    } else if matches!(self.under(t), Type::Interface(_)) {
                        let w = self.interface_word_of(word, iface, t);
                        let null = self.is_null(w);
                        self.b.not(null)
                    } else {
                        self.is_concrete(word, iface, t)
                    }
                };
                self.b.branch(is, body, next);
                self.b.start(next);
            }
            self.b.jump(after);
            self.b.start(body);
            let (v, t) = bound.unwrap_or((Val::many(&[word, data]), iface));
            if let Some(obj) = obj {
                self.define(Some(obj), v, t);
            }
            self.stmts(&clause.body);
            self.b.jump(end);
            self.b.start(after);
        }
        if let Some(i) = default {
            let clause = &sw.clauses[i];
            if let Some(&obj) = self.source.info.implicits.get(&clause.id) {
                self.define(Some(obj), Val::many(&[word, data]), iface);
            }
            self.stmts(&clause.body);
        }
        self.b.jump(end);
    }
}
