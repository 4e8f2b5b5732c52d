//! Index and slice expressions.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_ssa::{BinOp, Check, CmpOp, Ty, Value};
use goxide_syntax::ast::{Expr, SliceExpr};
use goxide_types::{Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    pub fn index(&mut self, e: &'a Expr, x: &'a Expr, list: &'a [Expr]) -> Val {
        let t = self.ty(e);
        let xt = self.ty(x);
        match self.under(xt) {
            // An instantiation.
            Type::Signature(_) => self.expr(x),
            Type::Map { .. } => self.map_index(e, x, &list[0]).0,
            Type::Basic(_) => {
                let v = self.expr(x);
                let parts = self.parts(v, xt);
                let (i, unsigned) = self.index_value(&list[0]);
                self.set_pos(e.pos);
                self.check_index(i, unsigned, parts[1]);
                let at = self.b.bin(BinOp::Add, parts[0], i);
                Val::one(self.b.load(Ty::I8, at, 0))
            }
            Type::Array { len, elem } => {
                if self.is_variable(x) {
                    let place = self.place(e);
                    return self.load(&place, t);
                }
                let v = self.expr_frozen(x, xt);
                let (i, unsigned) = self.index_value(&list[0]);
                self.set_pos(e.pos);
                let n = self.b.int(*len);
                self.check_index(i, unsigned, n);
                match v {
                    Val::Mem(p) => {
                        let at = self.element(p, i, *elem);
                        self.load_mem(at, 0, *elem)
                    }
                    Val::Regs(vs) if *len == 1 => Val::Regs(vs),
                    _ => self.zero(*elem),
                }
            }
            _ => {
                let place = self.place(e);
                self.load(&place, t)
            }
        }
    }

    /// `x` can be read in place.
    fn is_variable(&self, x: &Expr) -> bool {
        use goxide_types::Mode;
        self.info_of(x).is_some_and(|tv| tv.mode == Mode::Variable)
    }

    /// The address of element `i`, which was checked.
    pub fn element(&mut self, base: Value, i: Value, elem: TypeId) -> Value {
        let size = self.layout(elem).size as i64;
        if let Some(i) = self.b.as_const(i) {
            return self.b.offset(base, i.wrapping_mul(size));
        }
        let at = self.scale(i, size);
        self.b.bin(BinOp::Add, base, at)
    }

    pub fn scale(&mut self, i: Value, size: i64) -> Value {
        match size {
            1 => i,
            s if s > 0 && s & (s - 1) == 0 => self.b.bin_const(BinOp::Shl, i, s.trailing_zeros().into()),
            s => self.b.bin_const(BinOp::Mul, i, s),
        }
    }

    pub fn slice_expr(&mut self, e: &'a Expr, s: &'a SliceExpr) -> Val {
        let xt = self.ty(&s.x);
        // (pointer, length, capacity, element size); the length is the capacity of arrays.
        let (ptr, len, cap, size, is_string) = match self.under(xt) {
            Type::Slice { elem } => {
                let v = self.expr(&s.x);
                let p = self.parts(v, xt);
                (p[0], p[1], p[2], self.layout(*elem).size, false)
            }
            Type::Basic(_) => {
                let v = self.expr(&s.x);
                let p = self.parts(v, xt);
                (p[0], p[1], p[1], 1, true)
            }
            Type::Pointer { base } => {
                let ptr = self.scalar_expr(&s.x);
                self.set_pos(e.pos);
                self.b.nil_check(ptr);
                let Type::Array { len, elem } = self.under(*base) else { return Val::Zero };
                let n = self.b.int(*len);
                (ptr, n, n, self.layout(*elem).size, false)
            }
            Type::Array { len, elem } => {
                let ptr = self.address_of(&s.x);
                let n = self.b.int(*len);
                (ptr, n, n, self.layout(*elem).size, false)
            }
            _ => return self.zero(self.ty(e)),
        };
        let is_slice = matches!(self.under(xt), Type::Slice { .. });
        let index: Vec<Option<(Value, bool)>> =
            s.index.iter().map(|i| i.as_ref().map(|i| self.index_value(i))).collect();
        self.set_pos(e.pos);
        let (low, low_unsigned) = index[0].unwrap_or_else(|| (self.b.int(0), true));
        let (high, max) = if s.full {
            let (max, max_unsigned) = index[2].unwrap_or((cap, true));
            let check = if is_slice {
                Check::Slice3Acap { unsigned: max_unsigned }
            } else {
                Check::Slice3Alen { unsigned: max_unsigned }
            };
            self.check_bound(check, max, cap);
            let (high, high_unsigned) = index[1].unwrap_or((max, true));
            self.check_bound(Check::Slice3B { unsigned: high_unsigned }, high, max);
            self.check_bound(Check::Slice3C { unsigned: low_unsigned }, low, high);
            (high, max)
        } else {
            let high = match index[1] {
                Some((high, unsigned)) => {
                    let check =
                        if is_slice { Check::SliceAcap { unsigned } } else { Check::SliceAlen { unsigned } };
                    self.check_bound(check, high, cap);
                    high
                }
                None => len,
            };
            self.check_bound(Check::SliceB { unsigned: low_unsigned }, low, high);
            (high, cap)
        };
        let new_len = self.sub(high, low);
        let new_cap = if is_string { new_len } else { self.sub(max, low) };
        let ptr = if self.b.as_const(low) == Some(0) {
            ptr
        } else {
            // A slice without capacity must not point behind its array.
            let delta = self.scale(low, size as i64);
            let zero = self.b.int(0);
            let some = self.b.cmp(CmpOp::Ne, new_cap, zero);
            let delta = self.b.select(some, delta, zero);
            self.b.bin(BinOp::Add, ptr, delta)
        };
        if is_string { Val::many(&[ptr, new_len]) } else { Val::many(&[ptr, new_len, new_cap]) }
    }

    fn sub(&mut self, a: Value, b: Value) -> Value {
        match (self.b.as_const(a), self.b.as_const(b)) {
            (_, Some(0)) => a,
            (Some(a), Some(b)) => self.b.int(a - b),
            _ => self.b.bin(BinOp::Sub, a, b),
        }
    }

    fn check_bound(&mut self, check: Check, a: Value, b: Value) {
        let known = match (self.b.as_const(a), self.b.as_const(b)) {
            (Some(0), _) => true,
            (Some(a), Some(b)) => 0 <= a && a <= b,
            _ => a == b,
        };
        if !known {
            self.b.check(check, &[a, b]);
        }
    }
}
