//! Equality functions of types: `func(p, q unsafe.Pointer) bool`.

use crate::analyze::{self};
use crate::func::FuncLower;
use crate::package::{Package, Source};
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::{CmpOp, ConvOp, Sym, Ty, Value};
use goxide_types::{SubstMap, Type, TypeId};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Default)]
pub(crate) struct EqFuncs {
    queue: VecDeque<TypeId>,
    seen: FxHashSet<Sym>,
}

impl Package<'_> {
    /// Code that compares two values of the comparable type `t` in memory: (Ptr, Ptr) -> I8. Types that are
    /// compared alike share it.
    pub fn eq_symbol(&mut self, t: TypeId) -> Sym {
        let name = if self.is_regular_memory(t) {
            format!("type:.eq.{}bytes", self.layout(t).size)
        } else {
            format!("type:.eq.{}", self.store.link_string(self.store.under(t)))
        };
        let sym = self.module.sym(&name);
        if self.eqs.seen.insert(sym) {
            self.eqs.queue.push_back(t);
        }
        sym
    }

    pub fn drain_eqs(&mut self) -> bool {
        let Some(t) = self.eqs.queue.pop_front() else { return false };
        let sym = self.eq_symbol(t);
        let source = Source { info: &self.pkg.info, version: (1, 27) };
        let facts = Rc::new(analyze::expressions(self.store, source, &[]));
        let env = Rc::new(SubstMap::new(&[], &[]));
        let regular = self.is_regular_memory(t);
        let f = FuncLower::equality(self, sym, source, facts, env, |l, p, q| {
            let is = if regular { l.bytes_equal(p, q, t) } else { l.memory_equal(p, q, t) };
            l.b.ret(&[is]);
        });
        self.module.funcs.push(f);
        true
    }
}

impl FuncLower<'_, '_> {
    fn bytes_equal(&mut self, p: Value, q: Value, t: TypeId) -> Value {
        let n = self.layout(t).size;
        let ty = match n {
            0 => return self.b.bool(true),
            1 => Some(Ty::I8),
            2 => Some(Ty::I16),
            4 => Some(Ty::I32),
            8 => Some(Ty::I64),
            _ => None,
        };
        if let Some(ty) = ty {
            let (a, b) = (self.b.load(ty, p, 0), self.b.load(ty, q, 0));
            return self.b.cmp(CmpOp::Eq, a, b);
        }
        let n = self.b.int(n as i64);
        let r = self.b.rt1(Entry::Memequal, &[p, q, n]);
        self.b.conv(ConvOp::Trunc, r, Ty::I8)
    }

    /// Field by field, element by element; blank fields do not count.
    fn memory_equal(&mut self, p: Value, q: Value, t: TypeId) -> Value {
        let store = self.p.store;
        match store.under_ty(t) {
            Type::Struct(s) => {
                let fields = self.p.layouts.fields(store, t);
                let names: Vec<bool> = s.fields().iter().map(|&f| &**store.name(f) == "_").collect();
                let (no, end) = (self.b.block(), self.b.block());
                let out = self.b.var(Ty::I8);
                for (f, blank) in fields.iter().zip(names) {
                    if blank {
                        continue;
                    }
                    let (a, b) = (self.b.offset(p, f.offset as i64), self.b.offset(q, f.offset as i64));
                    let is = self.part_equal(a, b, f.ty);
                    let next = self.b.block();
                    self.b.branch(is, next, no);
                    self.b.start(next);
                }
                let yes = self.b.bool(true);
                self.b.def(out, yes);
                self.b.jump(end);
                self.b.start(no);
                let not = self.b.bool(false);
                self.b.def(out, not);
                self.b.jump(end);
                self.b.start(end);
                self.b.get(out)
            }
            Type::Array { len, elem } => {
                let (head, body, no, end) = (self.b.block(), self.b.block(), self.b.block(), self.b.block());
                let (i, out) = (self.b.var(Ty::I64), self.b.var(Ty::I8));
                let zero = self.b.int(0);
                self.b.def(i, zero);
                let n = self.b.int(*len);
                self.b.jump(head);
                self.b.switch_to(head);
                let yes = self.b.bool(true);
                self.b.def(out, yes);
                let at = self.b.get(i);
                let go_on = self.b.cmp(CmpOp::Lt, at, n);
                self.b.branch(go_on, body, end);
                self.b.start(body);
                let (a, b) = (self.element(p, at, *elem), self.element(q, at, *elem));
                let is = self.part_equal(a, b, *elem);
                let next = self.b.block();
                self.b.branch(is, next, no);
                self.b.start(next);
                let at = self.b.bin_const(goxide_ssa::BinOp::Add, at, 1);
                self.b.def(i, at);
                self.b.jump(head);
                self.b.seal(head);
                self.b.start(no);
                let not = self.b.bool(false);
                self.b.def(out, not);
                self.b.jump(end);
                self.b.start(end);
                self.b.get(out)
            }
            _ => self.part_equal(p, q, t),
        }
    }

    fn part_equal(&mut self, p: Value, q: Value, t: TypeId) -> Value {
        if matches!(self.under(t), Type::Struct(_) | Type::Array { .. }) {
            let eq = self.p.eq_symbol(t);
            return self.b.call(eq, &[p, q], &[Ty::I8])[0];
        }
        let (a, b): (Val, Val) = (self.load_mem(p, 0, t), self.load_mem(q, 0, t));
        self.equal(t, a, b)
    }
}
