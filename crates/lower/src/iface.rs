//! Type assertions and what interfaces hold.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::ir::Likely;
use goxide_ssa::{CmpOp, Ty, Value};
use goxide_syntax::ast::Expr;
use goxide_types::{Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    /// `x.(T)` that panics.
    pub fn type_assert(&mut self, e: &'a Expr, x: &'a Expr, t: TypeId) -> Val {
        let iface = self.ty(x);
        // Of a use with two results the recorded type is a tuple.
        let v = self.expr(x);
        let parts = self.parts(v, iface);
        self.set_pos(e.pos);
        if let Type::Interface(_) = self.under(t) {
            let typ = self.type_word(parts[0], iface);
            let want = self.type_addr(t);
            let tab = self.b.rt1(Entry::AssertE2I, &[want, typ]);
            let word = if self.is_empty_interface(t) { typ } else { tab };
            return Val::many(&[word, parts[1]]);
        }
        let is = self.is_concrete(parts[0], iface, t);
        let (ok, bad) = (self.b.block(), self.b.block());
        self.b.branch_likely(is, ok, bad, Likely::Then);
        self.b.start(bad);
        let have = self.type_word(parts[0], iface);
        let (want, itype) = (self.type_addr(t), self.type_addr(iface));
        self.b.rt(Entry::PanicDottype, &[have, want, itype]);
        self.b.start(ok);
        self.data_value(parts[1], t)
    }

    /// `v, ok := x.(T)`
    pub fn type_assert_ok(&mut self, e: &'a Expr, x: &'a Expr, t: TypeId) -> (Val, Value) {
        let iface = self.ty(x);
        let v = self.expr(x);
        let parts = self.parts(v, iface);
        self.set_pos(e.pos);
        self.assert_parts(parts[0], parts[1], iface, t)
    }

    pub fn assert_parts(&mut self, word: Value, data: Value, iface: TypeId, t: TypeId) -> (Val, Value) {
        let is_iface = matches!(self.under(t), Type::Interface(_));
        let (is, new_word) = if is_iface {
            let w = self.interface_word_of(word, iface, t);
            (self.b.cmp_const(CmpOp::Ne, w, 0), w)
        } else {
            (self.is_concrete(word, iface, t), word)
        };
        if is_iface {
            let null = self.b.null();
            let data = self.b.select(is, data, null);
            return (Val::many(&[new_word, data]), is);
        }
        let layout = self.layout(t);
        let (yes, no, end) = (self.b.block(), self.b.block(), self.b.block());
        match &layout.parts {
            Some(parts) => {
                let vars: Vec<_> = parts.iter().map(|p| self.b.var(p.ty)).collect();
                self.b.branch(is, yes, no);
                for (block, some) in [(yes, true), (no, false)] {
                    self.b.start(block);
                    let v = if some { self.data_value(data, t) } else { self.zero(t) };
                    let values = self.parts(v, t);
                    for (&var, &v) in vars.iter().zip(&values) {
                        self.b.def(var, v);
                    }
                    self.b.jump(end);
                }
                self.b.start(end);
                (Val::Regs(vars.iter().map(|&v| self.b.get(v)).collect()), is)
            }
            None => {
                let (to, heap) = self.temp(t);
                self.b.branch(is, yes, no);
                for (block, some) in [(yes, true), (no, false)] {
                    self.b.start(block);
                    let v = if some { Val::Mem(data) } else { Val::Zero };
                    self.store_mem(to, 0, heap, t, v);
                    self.b.jump(end);
                }
                self.b.start(end);
                (Val::Mem(to), is)
            }
        }
    }

    /// The first word of interface type `t` for what an interface holds: nil if that is nil or does not
    /// implement `t`.
    pub fn interface_word_of(&mut self, word: Value, iface: TypeId, t: TypeId) -> Value {
        let typ = self.type_word(word, iface);
        if self.is_empty_interface(t) {
            return typ;
        }
        let var = self.b.var(Ty::Ptr);
        self.b.def(var, typ);
        let (some, end) = (self.b.block(), self.b.block());
        let nil = self.is_null(typ);
        self.b.branch(nil, end, some);
        self.b.start(some);
        let want = self.type_addr(t);
        let tab = self.b.rt1(Entry::GetItab, &[want, typ]);
        self.b.def(var, tab);
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }

    /// Whether an interface with that first word holds a `t`.
    pub fn is_concrete(&mut self, word: Value, iface: TypeId, t: TypeId) -> Value {
        let want = if self.is_empty_interface(iface) {
            self.type_addr(t)
        } else {
            let sym = self.p.itab_symbol(t, iface);
            self.b.sym(sym)
        };
        self.b.cmp(CmpOp::Eq, word, want)
    }

    /// The value of concrete type `t` behind an interface's data word.
    pub fn data_value(&mut self, data: Value, t: TypeId) -> Val {
        if crate::layout::is_direct_iface(self.p.store, t) {
            return Val::one(data);
        }
        self.load_mem(data, 0, t)
    }
}
