//! Select statements.

use crate::func::FuncLower;
use crate::stmt::Frame;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::{CmpOp, Op, Value};
use goxide_syntax::ast::{CommClause, Expr, ExprKind, Name, SelectStmt, Stmt, StmtKind, UnaryOp, unparen};
use goxide_types::{BasicKind, TypeId};

/// What a clause waits for.
enum Comm<'a> {
    Send { chan: &'a Expr, value: &'a Expr },
    Recv { chan: &'a Expr, lhs: Option<(&'a Expr, bool)> },
}

/// A clause whose operands are evaluated.
struct Case {
    clause: usize,
    is_send: bool,
    chan: Value,
    elem: Value,
    ty: TypeId,
}

fn comm_of(s: &Stmt) -> Option<Comm<'_>> {
    fn received(e: &Expr) -> Option<&Expr> {
        match &unparen(e).kind {
            ExprKind::Unary(UnaryOp::Recv, x) => Some(x),
            _ => None,
        }
    }
    match &s.kind {
        StmtKind::Send(chan, value) => Some(Comm::Send { chan, value }),
        StmtKind::Expr(e) => received(e).map(|chan| Comm::Recv { chan, lhs: None }),
        StmtKind::Assign { lhs, rhs, define } => {
            received(rhs).map(|chan| Comm::Recv { chan, lhs: Some((lhs, *define)) })
        }
        _ => None,
    }
}

impl<'a> FuncLower<'a, '_> {
    pub fn select_stmt(&mut self, s: &'a Stmt, sel: &'a SelectStmt, label: Option<&Name>) {
        if sel.clauses.is_empty() {
            self.b.rt(Entry::Block, &[]);
            return;
        }
        let mut cases = Vec::new();
        for (clause, c) in sel.clauses.iter().enumerate() {
            let Some(comm) = c.comm.as_ref().and_then(comm_of) else { continue };
            self.set_pos(c.pos);
            cases.push(self.select_case(clause, comm));
        }
        self.set_pos(s.pos);
        let default = sel.clauses.iter().position(|c| c.comm.is_none());
        let end = self.b.block();
        self.frames.push(Frame { label: label.cloned(), break_: end, continue_: None });
        // Sends first, as the runtime wants them.
        let order: Vec<usize> = (0..cases.len())
            .filter(|&i| cases[i].is_send)
            .chain((0..cases.len()).filter(|&i| !cases[i].is_send))
            .collect();
        if let [case] = &cases[..] {
            return self.select_one(sel, case, default, end);
        }
        let nsends = cases.iter().filter(|c| c.is_send).count();
        let (index, ok) = self.select_go(&cases, &order, nsends, default.is_some());
        for (n, &i) in order.iter().enumerate() {
            let (body, next) = (self.b.block(), self.b.block());
            let is = self.b.cmp_const(CmpOp::Eq, index, n as i64);
            self.b.branch(is, body, next);
            self.b.start(body);
            self.select_body(&sel.clauses[cases[i].clause], &cases[i], ok);
            self.b.jump(end);
            self.b.start(next);
        }
        match default {
            Some(d) => {
                self.stmts(&sel.clauses[d].body);
                self.b.jump(end);
            }
            None => self.b.unreachable(),
        }
        self.frames.pop();
        self.b.start(end);
    }

    /// One channel, ready or waited for.
    fn select_one(
        &mut self,
        sel: &'a SelectStmt,
        case: &Case,
        default: Option<usize>,
        end: goxide_ssa::Block,
    ) {
        let yes = self.b.bool(true);
        let (ready, ok) = match (case.is_send, default.is_some()) {
            (true, false) => {
                self.b.rt(Entry::ChanSend, &[case.chan, case.elem]);
                (None, yes)
            }
            (false, false) => (None, self.b.rt_bool(Entry::ChanRecv, &[case.chan, case.elem])),
            (true, true) => (Some(self.b.rt_bool(Entry::SelectNbSend, &[case.chan, case.elem])), yes),
            (false, true) => {
                let r = self.b.rt(Entry::SelectNbRecv, &[case.elem, case.chan]);
                (Some(self.bool_of(r[0])), self.bool_of(r[1]))
            }
        };
        if let (Some(ready), Some(default)) = (ready, default) {
            let (body, other) = (self.b.block(), self.b.block());
            self.b.branch(ready, body, other);
            self.b.start(other);
            self.stmts(&sel.clauses[default].body);
            self.b.jump(end);
            self.b.start(body);
        }
        let ok = self.b.extend(ok, false);
        self.select_body(&sel.clauses[case.clause], case, ok);
        self.b.jump(end);
        self.frames.pop();
        self.b.start(end);
    }

    fn select_case(&mut self, clause: usize, comm: Comm<'a>) -> Case {
        match comm {
            Comm::Send { chan, value } => {
                let ty = self.chan_elem(chan);
                let chan = self.scalar_expr(chan);
                let v = self.expr_as(value, ty);
                let elem = self.spill(v, ty);
                Case { clause, is_send: true, chan, elem, ty }
            }
            Comm::Recv { chan, .. } => {
                let ty = self.chan_elem(chan);
                let chan = self.scalar_expr(chan);
                let elem = self.zeroed_temp(ty).0;
                Case { clause, is_send: false, chan, elem, ty }
            }
        }
    }

    /// Waits: the index of the case in `order` (-1: none was ready), and whether a value was received.
    fn select_go(
        &mut self,
        cases: &[Case],
        order: &[usize],
        nsends: usize,
        has_default: bool,
    ) -> (Value, Value) {
        const CASE_BYTES: u64 = 16;
        let slot = self.b.slot(CASE_BYTES * order.len().max(1) as u64, 8, true);
        let table = self.b.slot_addr(slot, 0);
        for (n, &i) in order.iter().enumerate() {
            let at = n as i32 * CASE_BYTES as i32;
            self.b.store(table, at, cases[i].chan);
            self.b.store(table, at + 8, cases[i].elem);
        }
        let sends = self.b.int(nsends as i64);
        let recvs = self.b.int((order.len() - nsends) as i64);
        let block = self.b.int(i64::from(!has_default));
        let r = self.b.rt(Entry::SelectGo, &[table, sends, recvs, block]);
        (r[0], r[1])
    }

    fn select_body(&mut self, clause: &'a CommClause, case: &Case, ok: Value) {
        if let Some(Comm::Recv { lhs: Some((lhs, define)), .. }) = clause.comm.as_ref().and_then(comm_of) {
            let v = self.load_mem(case.elem, 0, case.ty);
            let bool_ty = self.p.store.basic(BasicKind::Bool);
            let ok = self.bool_of(ok);
            let vals = [(v, case.ty), (Val::one(ok), bool_ty)];
            for (e, (v, from)) in Self::list_of(lhs).iter().zip(vals) {
                let e = unparen(e);
                if matches!(&e.kind, ExprKind::Name(n) if &**n == "_") {
                    continue;
                }
                if define && let Some(&obj) = self.source.info.defs.get(&e.id) {
                    self.define(Some(obj), v, from);
                    continue;
                }
                let t = self.ty(e);
                let place = self.place(e);
                let v = self.convert_assign(v, from, t);
                self.store(&place, t, v);
            }
        }
        self.b.emit0(Op::KeepAlive, &[case.elem]);
        self.stmts(&clause.body);
    }
}
