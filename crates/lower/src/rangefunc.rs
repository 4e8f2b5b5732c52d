//! Loops over functions: the body becomes a function that the iterator calls
//! (as `cmd/compile/internal/rangefunc/rewrite.go`).
//!
//! Each loop has a record of its own on the heap, which the body's closure holds: a state, by which a body
//! that is called when it must not be panics, and what to do when the iterator has returned. What leaves
//! more than the loop itself puts a code there, ends the loop, and is done behind the iterator's call, in
//! the function around, which may have to leave a loop in the same way.
//!
//! The results of the function around, and its record of deferred calls, are written where they are: the
//! closure holds their addresses. A body that runs when they are gone has panicked before.

use crate::builder::Var;
use crate::call::{Prepared, Target};
use crate::func::{Capture, FuncLower, ResultVar, Storage};
use crate::layout::Abi;
use crate::stmt::Frame;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_abi::layout::range_state;
use goxide_ssa::{CmpOp, Func, Sym, Ty, Value};
use goxide_syntax::ast::{BranchKind, Expr, ForStmt, Name, Stmt, StmtKind};
use goxide_syntax::walk::{self, Visitor};
use goxide_types::{BasicKind, SignatureContents, Type, TypeId};
use rustc_hash::FxHashSet;

/// The record: its state, and the code of an [`Exit`] (0: none).
const STATE: i32 = 0;
const EXIT: i32 = 8;
const RECORD_WORDS: i64 = 2;

/// A way out of a loop that is gone outside of its body.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Exit {
    Return,
    Branch(BranchKind, Name),
}

/// Of a function that is a loop's body.
pub(crate) struct RangeBody {
    record: Var,
    /// Where the function around keeps its deferred calls.
    pub defers: Option<Var>,
    /// Labels inside the body: others are around.
    labels: FxHashSet<Name>,
    /// The code of an exit is its index plus 1.
    exits: Vec<Exit>,
}

/// What a body is made from.
struct Body<'a> {
    stmt: &'a Stmt,
    of: &'a ForStmt,
    vars: Vec<Option<&'a Expr>>,
    define: bool,
    label: Option<Name>,
    params: Vec<TypeId>,
}

impl<'a> FuncLower<'a, '_> {
    pub fn range_func(
        &mut self,
        stmt: &'a Stmt,
        of: &'a ForStmt,
        vars: Vec<Option<&'a Expr>>,
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
    ) {
        let iterator = self.scalar_expr(x);
        let signature = |l: &Self, t: TypeId| match l.core_ty(t) {
            Type::Signature(s) => s.get().clone(),
            _ => SignatureContents::default(),
        };
        let outer = signature(self, self.ty(x));
        let Some(&yield_) = outer.params.first() else { return };
        let yield_ty = self.obj_ty(yield_);
        let params = signature(self, yield_ty).params.iter().map(|&p| self.obj_ty(p)).collect();
        let body = Body { stmt, of, vars, define, label: label.cloned(), params };

        let word = self.p.store.basic(BasicKind::Uintptr);
        let record_ty = self.p.store.new_array(RECORD_WORDS, word);
        let record = self.new_object(record_ty);
        let ready = self.b.int(range_state::READY);
        self.b.store(record, STATE, ready);
        let extra = self.body_values(stmt, record);
        self.ranges_made += 1;
        let name = format!("{}-range{}", self.name, self.ranges_made);
        let symbol = self.p.module.sym(&name);
        let (closure, captures) = self.closure_object(stmt.id, symbol, extra);
        let exits = self.lower_body(body, symbol, &captures);

        self.set_pos(stmt.pos);
        let args = vec![(Val::one(closure), yield_ty)];
        let target = Target::Closure(iterator);
        self.invoke(Prepared { target, args, results: Vec::new(), held: Vec::new() });
        self.behind_iterator(record, exits);
    }

    /// What the closure of a body holds besides captured variables.
    fn body_values(&mut self, stmt: &Stmt, record: Value) -> Vec<(Val, TypeId)> {
        let pointer = self.p.store.basic(BasicKind::UnsafePointer);
        let mut out = vec![(Val::one(record), pointer)];
        let facts = self.facts.clone();
        let facts = facts.body(stmt.id);
        if facts.loop_returns {
            for i in 0..self.results.len() {
                if let Some(storage) = self.results[i].storage.clone() {
                    out.push((Val::one(self.storage_addr(&storage)), pointer));
                }
            }
        }
        if facts.loop_defers
            && let Some(at) = self.defer_record()
        {
            out.push((Val::one(at), pointer));
        }
        out
    }

    /// Checks the state, and goes where the body wanted to.
    fn behind_iterator(&mut self, record: Value, exits: Vec<Exit>) {
        let state = self.b.load(Ty::I64, record, STATE);
        let (bad, ok) = (self.b.block(), self.b.block());
        let lost_panic = self.b.cmp_const(CmpOp::Eq, state, range_state::PANIC);
        self.b.branch_likely(lost_panic, bad, ok, goxide_ssa::ir::Likely::Else);
        self.b.start(bad);
        let missing = self.b.int(range_state::MISSING_PANIC);
        self.b.rt(Entry::PanicRangeState, &[missing]);
        self.b.start(ok);
        let exhausted = self.b.int(range_state::EXHAUSTED);
        self.b.store(record, STATE, exhausted);
        if exits.is_empty() {
            return;
        }
        let code = self.b.load(Ty::I64, record, EXIT);
        for (i, exit) in exits.into_iter().enumerate() {
            let (go, next) = (self.b.block(), self.b.block());
            let is = self.b.cmp_const(CmpOp::Eq, code, i as i64 + 1);
            self.b.branch(is, go, next);
            self.b.start(go);
            match exit {
                Exit::Return => self.return_set(),
                Exit::Branch(kind, label) => self.branch(kind, Some(&label)),
            }
            self.b.start(next);
        }
    }

    /// Lowers the body, at once: the exits it needs.
    fn lower_body(&mut self, body: Body<'a>, symbol: Sym, captures: &[Capture]) -> Vec<Exit> {
        let bool_ty = self.p.store.basic(BasicKind::Bool);
        let abi = self.p.layouts.abi(self.p.store, &body.params, &[bool_ty]);
        let facts = self.facts.clone();
        let body_facts = facts.body(body.stmt.id);
        let mut results = Vec::new();
        if body_facts.loop_returns {
            results.extend(self.results.iter().map(|r| r.ty));
        }
        let (dupok, source, env) = (self.b.f.flags.dupok, self.source, self.env.clone());
        let mut l = FuncLower::new(self.p, symbol, &abi, true, source, facts.clone(), env);
        l.b.f.flags.dupok = dupok;
        l.body_id = Some(body.stmt.id);
        l.set_pos(body.stmt.pos);
        l.b.f.start_line = l.line(body.stmt.pos);
        l.enter_body(&body, &abi, captures, &results, body_facts.loop_defers);
        l.stmts(&body.of.body.stmts);
        l.end_body(&body);
        let exits = l.range.take().map_or(Vec::new(), |r| r.exits);
        let f: Func = l.b.finish();
        self.p.module.funcs.push(f);
        exits
    }

    fn enter_body(
        &mut self,
        body: &Body<'a>,
        abi: &Abi,
        captures: &[Capture],
        results: &[TypeId],
        has_defers: bool,
    ) {
        let values: Vec<Value> = self.b.f.blocks[0].params.clone();
        let ctx = values[abi.params.len()];
        self.bind_captures(captures, ctx);
        let count = 1 + results.len() + usize::from(has_defers);
        let pointer = self.p.store.basic(BasicKind::UnsafePointer);
        let offsets = self.p.closure_type(&vec![pointer; count]).1;
        let mut held = offsets.iter().map(|&offset| {
            let var = self.b.var(Ty::Ptr);
            let ptr = self.b.load(Ty::Ptr, ctx, offset as i32);
            self.b.def(var, ptr);
            var
        });
        let record = held.next().expect("a body holds its record");
        for &ty in results {
            let storage = held.next().map(|var| Storage::Ptr { var, heap: true });
            self.results.push(ResultVar { ty, storage, out: None });
        }
        let defers = held.next();
        let labels = labels_in(&body.of.body.stmts);
        self.range = Some(RangeBody { record, defers, labels, exits: Vec::new() });

        let at = self.b.get(record);
        let state = self.b.load(Ty::I64, at, STATE);
        let running = self.b.int(range_state::PANIC);
        self.b.store(at, STATE, running);
        let (ok, bad) = (self.b.block(), self.b.block());
        let ready = self.b.cmp_const(CmpOp::Eq, state, range_state::READY);
        self.b.branch_likely(ready, ok, bad, goxide_ssa::ir::Likely::Then);
        self.b.start(bad);
        self.b.rt(Entry::PanicRangeState, &[state]);
        self.b.start(ok);

        let (break_, continue_) = (self.b.block(), self.b.block());
        self.frames.push(Frame { label: body.label.clone(), break_, continue_: Some(continue_) });
        let mut at = 0;
        for (i, &t) in body.params.iter().enumerate() {
            let layout = self.layout(t);
            let n = layout.parts.as_ref().map_or(1, Vec::len);
            let part = &values[at..at + n];
            at += n;
            let v = if layout.is_mem() { Val::Mem(part[0]) } else { Val::many(part) };
            self.set_range(body.vars.get(i).copied().flatten(), body.define, v, t);
        }
    }

    /// Behind the last statement, and where break and continue lead.
    fn end_body(&mut self, body: &Body<'a>) {
        self.set_pos(body.of.body.rbrace);
        let Some(Frame { break_, continue_: Some(continue_), .. }) = self.frames.pop() else { return };
        self.b.jump(continue_);
        self.b.start(continue_);
        self.return_to_iterator(true);
        self.b.start(break_);
        self.return_to_iterator(false);
        self.seal_labels();
    }

    fn return_to_iterator(&mut self, go_on: bool) {
        let Some(r) = &self.range else { return };
        let record = self.b.get(r.record);
        let state = self.b.int(if go_on { range_state::READY } else { range_state::DONE });
        self.b.store(record, STATE, state);
        let go_on = self.b.bool(go_on);
        self.b.ret(&[go_on]);
    }

    /// Leaves the loop; the function around goes on by `exit`.
    fn leave_loop(&mut self, exit: Exit) {
        let Some(r) = &mut self.range else { return };
        let code = match r.exits.iter().position(|e| *e == exit) {
            Some(i) => i,
            None => {
                r.exits.push(exit);
                r.exits.len() - 1
            }
        };
        let record = self.b.get(r.record);
        let code = self.b.int(code as i64 + 1);
        self.b.store(record, EXIT, code);
        self.return_to_iterator(false);
    }

    /// Returns what the result variables hold.
    pub fn return_set(&mut self) {
        if self.range.is_some() { self.leave_loop(Exit::Return) } else { self.return_results() }
    }

    /// A branch that leads out of the loop whose body this is; whether it does.
    pub fn branch_out(&mut self, kind: BranchKind, label: Option<&Name>) -> bool {
        let (Some(r), Some(label)) = (&self.range, label) else { return false };
        if kind == BranchKind::Goto && r.labels.contains(label) {
            return false;
        }
        self.leave_loop(Exit::Branch(kind, label.clone()));
        true
    }
}

/// The labels of statements, but for those in function literals.
fn labels_in(stmts: &[Stmt]) -> FxHashSet<Name> {
    struct Labels(FxHashSet<Name>);
    impl Visitor for Labels {
        fn stmt(&mut self, s: &Stmt) -> bool {
            if let StmtKind::Labeled(label, _) = &s.kind {
                self.0.insert(label.name.clone());
            }
            true
        }

        fn expr(&mut self, _: &Expr) -> bool {
            false
        }
    }
    let mut out = Labels(FxHashSet::default());
    walk::walk_stmts(&mut out, stmts);
    out.0
}
