//! Deferred calls (D11), and the `go` statement, which packs a call in the same way.

use crate::call::{Prepared, Target};
use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_abi::layout::defer;
use goxide_source::Pos;
use goxide_ssa::{BinOp, Block, CmpOp, DeferInfo, Op, Slot, Ty, Value};
use goxide_syntax::ast::{Expr, ExprKind, Stmt, unparen};
use goxide_types::{BasicKind, Builtin, TypeId};

/// A function of std/runtime that calls a nil function value.
const NIL_FUNC: &str = "runtime.nilfunc";

/// The record of a function's pending deferred calls.
pub(crate) struct Defers {
    slot: Slot,
    mode: u8,
    recover: Block,
    /// Sites in the function, and how many were lowered.
    count: usize,
    next: usize,
}

impl<'a> FuncLower<'a, '_> {
    pub fn init_defers(&mut self, count: usize, in_loop: bool) {
        let mode = if in_loop || count > defer::MAX_BITS { defer::LIST } else { defer::BITS };
        let words = if mode == defer::BITS { 1 + count } else { 1 };
        let slot = self.b.slot(8 * words as u64, 8, true);
        let recover = self.b.block();
        let at = self.b.slot_addr(slot, 0);
        let zero = self.b.int(0);
        self.b.store(at, 0, zero);
        self.b.f.defer = Some(DeferInfo { slot, mode, recover });
        self.defers = Some(Defers { slot, mode, recover, count, next: 0 });
    }

    pub fn defer(&mut self, e: &'a Expr) {
        let mut closure = self.packed_call(e, "deferwrap");
        if self.b.is_dynamic(closure) {
            // A nil function value panics when the call is made.
            let nil = self.is_null(closure);
            let code = self.p.module.sym(NIL_FUNC);
            let value = self.p.func_value_symbol(code);
            let faults = self.b.sym(value);
            closure = self.b.select(nil, faults, closure);
        }
        let Some(at) = self.defer_record() else { return };
        if let Some(d) = &mut self.defers
            && d.mode == defer::BITS
        {
            let site = d.next;
            d.next += 1;
            self.b.store(at, 8 + 8 * site as i32, closure);
            let bits = self.b.load(Ty::I64, at, 0);
            let bit = self.b.int(1 << site);
            let bits = self.b.bin(BinOp::Or, bits, bit);
            self.b.store(at, 0, bits);
            return;
        }
        let pointer = self.p.store.basic(BasicKind::UnsafePointer);
        let record_ty = self.p.store.new_array(2, pointer);
        let record = self.new_object(record_ty);
        let newest = self.b.load(Ty::Ptr, at, 0);
        self.b.store_ptr(record, defer::RECORD_LINK, newest);
        self.b.store_ptr(record, defer::RECORD_CLOSURE, closure);
        self.b.store(at, 0, record);
    }

    /// The address of the record, which a loop's body has from the function around.
    pub fn defer_record(&mut self) -> Option<Value> {
        if let Some(d) = &self.defers {
            return Some(self.b.slot_addr(d.slot, 0));
        }
        let at = self.range.as_ref()?.defers?;
        Some(self.b.get(at))
    }

    /// Makes the pending calls, the newest first.
    pub fn run_defers(&mut self) {
        let Some(d) = &self.defers else { return };
        let (slot, mode, count) = (d.slot, d.mode, d.count);
        let at = self.b.slot_addr(slot, 0);
        if mode == defer::LIST {
            let (head, body, end) = (self.b.block(), self.b.block(), self.b.block());
            self.b.jump(head);
            self.b.switch_to(head);
            let at = self.b.slot_addr(slot, 0);
            let newest = self.b.load(Ty::Ptr, at, 0);
            let done = self.is_null(newest);
            self.b.branch(done, end, body);
            self.b.start(body);
            let link = self.b.load(Ty::Ptr, newest, defer::RECORD_LINK);
            self.b.store(at, 0, link);
            let closure = self.b.load(Ty::Ptr, newest, defer::RECORD_CLOSURE);
            self.b.emit0(Op::CallClosure, &[closure]);
            self.b.jump(head);
            self.b.seal(head);
            self.b.start(end);
            return;
        }
        for site in (0..count).rev() {
            let bits = self.b.load(Ty::I64, at, 0);
            let bit = self.b.int(1 << site);
            let set = self.b.bin(BinOp::And, bits, bit);
            let is_set = self.b.cmp_const(CmpOp::Ne, set, 0);
            let (call, next) = (self.b.block(), self.b.block());
            self.b.branch(is_set, call, next);
            self.b.start(call);
            let rest = self.b.bin(BinOp::Xor, bits, bit);
            self.b.store(at, 0, rest);
            let closure = self.b.load(Ty::Ptr, at, 8 + 8 * site as i32);
            self.b.emit0(Op::CallClosure, &[closure]);
            self.b.jump(next);
            self.b.start(next);
        }
    }

    /// The block that a recovered panic goes on at: what is still pending, then the results.
    pub fn finish_defers(&mut self, rbrace: Pos) {
        let Some(d) = &self.defers else { return };
        let recover = d.recover;
        self.b.switch_to(recover);
        self.b.seal(recover);
        self.set_pos(rbrace);
        self.return_results();
    }

    pub fn go(&mut self, s: &'a Stmt, e: &'a Expr) {
        let closure = self.packed_call(e, "gowrap");
        self.set_pos(s.pos);
        self.b.rt(Entry::NewProc, &[closure]);
    }

    /// A function value without parameters and results that makes the call; function value and arguments
    /// are evaluated now.
    fn packed_call(&mut self, e: &'a Expr, what: &str) -> Value {
        let e = unparen(e);
        let ExprKind::Call(call) = &e.kind else { return self.b.null() };
        if let Some(b) = self.builtin_of(&call.fun) {
            let mut args = self.with_operands(call, |l| l.builtin_args(b, &call.args));
            self.set_pos(e.pos);
            if b == Builtin::Recover {
                // It recovers for the function that defers it, by whose frame it is told.
                let fp = self.b.emit1(Op::FramePointer, &[], Ty::Ptr);
                let fp = self.b.extend(fp, false);
                args.push((Val::one(fp), self.p.store.basic(BasicKind::Uintptr)));
            }
            return self.thunk(what, e.pos, args, move |l, args| l.builtin_on_values(b, args));
        }
        let prepared = self.prepare(e, call);
        self.set_pos(e.pos);
        let Prepared { target, args, results, held } = prepared;
        if let (Target::Closure(c), true, true) = (&target, args.is_empty(), results.is_empty()) {
            return *c;
        }
        if let (Target::Static(sym), true, true) = (&target, args.is_empty(), results.is_empty()) {
            let value = self.p.func_value_symbol(*sym);
            return self.b.sym(value);
        }
        // What is called travels in front of the arguments, if it is not known by name.
        let pointer = self.p.store.basic(BasicKind::UnsafePointer);
        let mut packed = Vec::new();
        let dynamic = match target {
            Target::Closure(c) => Some((c, true)),
            Target::Method { tab, index } => {
                let code = self.method_address(tab, index);
                Some((code, false))
            }
            Target::Code(code) => Some((code, false)),
            Target::Static(_) | Target::Entry(_) => None,
        };
        packed.extend(dynamic.map(|(v, _)| (Val::one(v), pointer)));
        packed.extend(args);
        let held_at = packed.len() - usize::from(dynamic.is_some());
        packed.extend(held.into_iter().map(|v| (Val::one(v), pointer)));
        self.thunk(what, e.pos, packed, move |l, mut args| {
            let target = match dynamic {
                Some((_, is_closure)) => {
                    let (v, _) = args.remove(0);
                    let v = l.scalar(v);
                    if is_closure { Target::Closure(v) } else { Target::Code(v) }
                }
                None => target,
            };
            let held = args.split_off(held_at).into_iter().map(|(v, _)| l.scalar(v)).collect();
            l.invoke(Prepared { target, args, results, held });
        })
    }

    /// A closure over `values` whose body is made by `body`, at once.
    fn thunk(
        &mut self,
        what: &str,
        pos: Pos,
        values: Vec<(Val, TypeId)>,
        body: impl FnOnce(&mut FuncLower<'a, '_>, Vec<(Val, TypeId)>),
    ) -> Value {
        self.go_made += 1;
        let name = format!("{}.{what}{}", self.name, self.go_made);
        let symbol = self.p.module.sym(&name);
        let types: Vec<TypeId> = values.iter().map(|v| v.1).collect();
        let (_, offsets) = self.p.closure_type(&types);
        let mut f = FuncLower::wrapper(
            self.p,
            symbol,
            self.source,
            self.facts.clone(),
            self.env.clone(),
            pos,
            |l, ctx| {
                let mut args = Vec::new();
                for (&t, &offset) in types.iter().zip(&offsets) {
                    args.push((l.load_mem(ctx, offset as i32, t), t));
                }
                body(l, args);
                if !l.b.is_unreachable() {
                    l.b.ret(&[]);
                }
            },
        );
        // Of an instance, which other packages may make, too.
        f.flags.dupok = self.b.f.flags.dupok;
        self.p.module.funcs.push(f);
        if values.is_empty() {
            let value = self.p.func_value_symbol(symbol);
            return self.b.sym(value);
        }
        self.new_closure(symbol, values)
    }
}
