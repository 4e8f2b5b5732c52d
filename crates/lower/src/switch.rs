//! Switches on values and on types.

use crate::func::FuncLower;
use crate::stmt::Frame;
use crate::value::Val;
use goxide_ssa::{Block, Value};
use goxide_syntax::ast::{BinaryOp, Expr, ExprKind, Name, Stmt, SwitchStmt};
use goxide_types::{Const, Type, TypeId};
use rustc_hash::FxHashSet;

/// With fewer cases, one is compared after the other.
const MIN_SWITCH_CASES: usize = 4;

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
        if let Some((v, t)) = &tag
            && known.is_none()
            && let Some(cases) = self.int_cases(sw, *t, &bodies)
        {
            let default = sw.clauses.iter().position(|c| c.cases.is_none()).map_or(end, |i| bodies[i]);
            self.set_pos(s.pos);
            let on = self.scalar(v.clone());
            let on = self.b.extend(on, !self.p.store.is_unsigned(*t));
            self.b.switch(on, cases, default);
            return self.clause_bodies(sw, &bodies, end);
        }
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
        self.clause_bodies(sw, &bodies, end);
    }

    /// The cases of a switch on an integer of type `t`, if they are different constants and enough to
    /// search among them.
    fn int_cases(&self, sw: &'a SwitchStmt, t: TypeId, bodies: &[Block]) -> Option<Vec<(i64, Block)>> {
        if !self.p.store.is_integer(t) {
            return None;
        }
        let mut out = Vec::new();
        for (clause, &body) in sw.clauses.iter().zip(bodies) {
            for case in clause.cases.iter().flatten() {
                let value = self.info_of(case)?.value.as_ref()?;
                if self.p.store.is_interface(self.value_ty(case)) {
                    return None;
                }
                out.push((value.to_int().low_u64() as i64, body));
            }
        }
        let different: FxHashSet<i64> = out.iter().map(|c| c.0).collect();
        (out.len() >= MIN_SWITCH_CASES && different.len() == out.len()).then_some(out)
    }

    fn clause_bodies(&mut self, sw: &'a SwitchStmt, bodies: &[Block], end: Block) {
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
        if let Some(text) = self.short_text(case).filter(|_| store.is_string(t)) {
            let s = self.parts(v, t);
            return self.equals_text(s[0], s[1], text);
        }
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
