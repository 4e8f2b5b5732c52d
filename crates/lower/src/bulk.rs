//! Moving and clearing memory with pointers, of a size not known to the compiler: a word at a time,
//! so that the write barrier sees each.

use crate::builder::Builder;
use crate::package::Package;
use goxide_ssa::{BinOp, CmpOp, Op, Sym, Ty, Value};

/// Counts `var` from `from` by `step` while it is not `to`, and calls `body` with it.
fn count(b: &mut Builder, from: Value, to: Value, step: i64, body: impl Fn(&mut Builder, Value)) {
    let i = b.var(Ty::I64);
    b.def(i, from);
    let (head, inner, end) = (b.block(), b.block(), b.block());
    b.jump(head);
    b.switch_to(head);
    let at = b.get(i);
    let more = b.cmp(CmpOp::Ne, at, to);
    b.branch(more, inner, end);
    b.start(inner);
    body(b, at);
    let next = b.bin_const(BinOp::Add, at, step);
    b.def(i, next);
    b.emit0(Op::SafePoint, &[]);
    b.jump(head);
    b.seal(head);
    b.start(end);
}

fn at(b: &mut Builder, p: Value, i: Value) -> Value {
    b.bin(BinOp::Add, p, i)
}

impl Package<'_> {
    /// `(dst, src, bytes)`: as memmove.
    pub fn move_ptrs_symbol(&mut self) -> Sym {
        const NAME: &str = "go:moveptrs";
        if let Some(sym) = self.module.find_sym(NAME) {
            return sym;
        }
        let mut b = self.new_func(NAME, vec![Ty::Ptr, Ty::Ptr, Ty::I64], vec![], false);
        let entry = b.f.entry();
        let (dst, src, n) = {
            let p = &b.f.blocks[entry.index()].params;
            (p[0], p[1], p[2])
        };
        let delta = {
            let d = b.extend(dst, false);
            let s = b.extend(src, false);
            b.bin(BinOp::Sub, d, s)
        };
        let overlaps = b.cmp(CmpOp::ULt, delta, n);
        let (down, up) = (b.block(), b.block());
        b.branch(overlaps, down, up);
        b.start(up);
        let zero = b.int(0);
        count(&mut b, zero, n, 8, |b, i| {
            let (from, to) = (at(b, src, i), at(b, dst, i));
            let v = b.load(Ty::Ptr, from, 0);
            b.store_ptr(to, 0, v);
        });
        b.ret(&[]);
        b.start(down);
        let last = b.bin_const(BinOp::Add, n, -8);
        let end = b.int(-8);
        count(&mut b, last, end, -8, |b, i| {
            let (from, to) = (at(b, src, i), at(b, dst, i));
            let v = b.load(Ty::Ptr, from, 0);
            b.store_ptr(to, 0, v);
        });
        b.ret(&[]);
        let sym = b.f.name;
        self.add_func(b);
        sym
    }

    /// `(dst, bytes)`
    pub fn clear_ptrs_symbol(&mut self) -> Sym {
        const NAME: &str = "go:clearptrs";
        if let Some(sym) = self.module.find_sym(NAME) {
            return sym;
        }
        let mut b = self.new_func(NAME, vec![Ty::Ptr, Ty::I64], vec![], false);
        let entry = b.f.entry();
        let (dst, n) = {
            let p = &b.f.blocks[entry.index()].params;
            (p[0], p[1])
        };
        let zero = b.int(0);
        count(&mut b, zero, n, 8, |b, i| {
            let to = at(b, dst, i);
            let null = b.null();
            b.store_ptr(to, 0, null);
        });
        b.ret(&[]);
        let sym = b.f.name;
        self.add_func(b);
        sym
    }
}
