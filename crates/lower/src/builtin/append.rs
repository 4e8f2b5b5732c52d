//! `append`.

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_abi::Entry;
use goxide_ssa::ir::Likely;
use goxide_ssa::{BinOp, CmpOp, Ty, Value};
use goxide_syntax::ast::{CallExpr, Expr, ExprKind, unparen};
use goxide_types::{Builtin, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    pub fn append(&mut self, e: &'a Expr, call: &'a CallExpr, t: TypeId) -> Val {
        let Type::Slice { elem } = self.core_ty(t) else { return self.zero(t) };
        let elem = *elem;
        // append(f()) with several results of f.
        if let [arg] = &call.args[..]
            && let Some(types) = self.tuple_types(arg)
        {
            let mut vals = self.call_results(unparen(arg)).into_iter().zip(types);
            let s = vals.next().map_or(Val::Zero, |v| v.0);
            let s = self.parts(s, t);
            let rest: Vec<Val> = vals.map(|(v, from)| self.convert_assign(v, from, elem)).collect();
            return self.append_values(&s, rest, elem);
        }
        let s = self.expr_as(&call.args[0], t);
        let s = self.parts(s, t);
        if call.has_dots {
            let x = &call.args[1];
            if self.is_nil(x) {
                return Val::many(&s);
            }
            if let Some(len) = self.length_of_make(x) {
                let len = self.size_value(len);
                self.set_pos(e.pos);
                return self.append_zeros(&s, len, elem);
            }
            let xt = self.ty(x);
            let v = self.expr(x);
            let more = self.parts(v, xt);
            self.set_pos(e.pos);
            return self.append_slice(&s, more[0], more[1], elem);
        }
        let values: Vec<Val> = call.args[1..].iter().map(|a| self.expr_frozen(a, elem)).collect();
        self.set_pos(e.pos);
        self.append_values(&s, values, elem)
    }

    /// Room for `n` more elements behind a slice: pointer, new length, capacity.
    fn grow(&mut self, entry: Entry, s: &[Value], n: Value, elem: TypeId) -> (Value, Value, Value) {
        let (ptr, cap) = (self.b.var(Ty::Ptr), self.b.var(Ty::I64));
        self.b.def(ptr, s[0]);
        self.b.def(cap, s[2]);
        let len = self.b.bin(BinOp::Add, s[1], n);
        let (more, end) = (self.b.block(), self.b.block());
        let fits = self.b.cmp(CmpOp::ULe, len, s[2]);
        self.b.branch_likely(fits, end, more, Likely::Then);
        self.b.start(more);
        let typ = self.type_addr(elem);
        let r = self.b.rt(entry, &[s[0], len, s[2], n, typ]);
        self.b.def(ptr, r[0]);
        self.b.def(cap, r[1]);
        self.b.jump(end);
        self.b.start(end);
        (self.b.get(ptr), len, self.b.get(cap))
    }

    fn append_values(&mut self, s: &[Value], values: Vec<Val>, elem: TypeId) -> Val {
        if values.is_empty() {
            return Val::many(s);
        }
        let n = self.b.int(values.len() as i64);
        let (ptr, len, cap) = self.grow(Entry::GrowSliceListed, s, n, elem);
        let at = self.element(ptr, s[1], elem);
        let size = self.layout(elem).size as i64;
        for (i, v) in values.into_iter().enumerate() {
            let offset = i as i64 * size;
            let place = match i32::try_from(offset) {
                Ok(offset) => Place::Mem { ptr: at, offset, heap: true },
                Err(_) => Place::Mem { ptr: self.b.offset(at, offset), offset: 0, heap: true },
            };
            self.store(&place, elem, v);
        }
        Val::many(&[ptr, len, cap])
    }

    fn append_slice(&mut self, s: &[Value], from: Value, n: Value, elem: TypeId) -> Val {
        self.append_memory(s, n, elem, |l, at| l.move_elems(at, from, n, elem))
    }

    /// The elements of `make([]T, len)` need not be made to be appended, as in gc (`walk.extendSlice`).
    fn append_zeros(&mut self, s: &[Value], n: Value, elem: TypeId) -> Val {
        let (panics, end) = (self.b.block(), self.b.block());
        let negative = self.b.cmp_const(CmpOp::Lt, n, 0);
        self.b.branch_likely(negative, panics, end, Likely::Else);
        self.b.start(panics);
        let typ = self.type_addr(elem);
        self.b.rt(Entry::MakeSlice, &[typ, n, n]);
        self.b.unreachable();
        self.b.start(end);
        let size = self.layout(elem).size as i64;
        self.append_memory(s, n, elem, |l, at| {
            let bytes = l.scale(n, size);
            l.b.rt(Entry::Memclr, &[at, bytes]);
        })
    }

    /// The length of a `make([]T, len)`.
    fn length_of_make(&self, x: &'a Expr) -> Option<&'a Expr> {
        let ExprKind::Call(call) = &unparen(x).kind else { return None };
        let is_make = self.builtin_of(&call.fun) == Some(Builtin::Make);
        let [_, len] = &call.args[..] else { return None };
        (is_make && matches!(self.core_ty(self.ty(x)), Type::Slice { .. })).then_some(len)
    }

    /// Of an append's operands what is evaluated in place of `x`, the last one.
    pub fn appended_operand(&self, call: &'a CallExpr, x: &'a Expr) -> &'a Expr {
        self.length_of_make(x).filter(|_| call.has_dots).unwrap_or(x)
    }

    /// Appends `n` elements, which `fill` writes.
    fn append_memory(
        &mut self,
        s: &[Value],
        n: Value,
        elem: TypeId,
        fill: impl FnOnce(&mut Self, Value),
    ) -> Val {
        let (ptr, len, cap) = self.grow(Entry::GrowSlice, s, n, elem);
        // Nothing to write must not make a pointer behind the array.
        let (some, end) = (self.b.block(), self.b.block());
        let none = self.b.cmp_const(CmpOp::Eq, n, 0);
        self.b.branch(none, end, some);
        self.b.start(some);
        let at = self.element(ptr, s[1], elem);
        fill(self, at);
        self.b.jump(end);
        self.b.start(end);
        Val::many(&[ptr, len, cap])
    }
}
