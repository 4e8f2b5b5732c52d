//! Binary operations and comparisons.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::{Entry, layout as abi};
use goxide_ssa::ir::Likely;
use goxide_ssa::{BinOp, Check, CmpOp, ConvOp, Ty, UnOp, Value};
use goxide_syntax::ast::{BinaryOp, Expr, ExprKind, unparen};
use goxide_types::{BasicKind, Mode, Type, TypeId};

/// Values in memory up to this size are compared in place.
const MAX_INLINE_EQ_BYTES: u64 = 64;

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(op, Eql | Neq | Lss | Leq | Gtr | Geq)
}

impl<'a> FuncLower<'a, '_> {
    pub fn binary(&mut self, e: &'a Expr, op: BinaryOp, x: &'a Expr, y: &'a Expr) -> Val {
        if matches!(op, BinaryOp::AndAnd | BinaryOp::OrOr) {
            return Val::one(self.cond_value(e));
        }
        if is_comparison(op) {
            return Val::one(self.comparison(e, op, x, y));
        }
        let t = self.ty(e);
        if op == BinaryOp::Add && self.p.store.is_string(t) {
            return self.concat(e);
        }
        // Down the left side of a chain without recursion.
        let mut chain = vec![(e, op, y)];
        let mut left = x;
        while let ExprKind::Binary(op, x, y) = &left.kind
            && !is_comparison(*op)
            && !matches!(op, BinaryOp::AndAnd | BinaryOp::OrOr)
            && self.info_of(left).is_some_and(|tv| tv.value.is_none())
        {
            chain.push((left, *op, y));
            left = x;
        }
        let mut v = self.expr(left);
        for (e, op, y) in chain.into_iter().rev() {
            v = if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
                let t = self.ty(e);
                self.shift_expr(e, op, v, t, y)
            } else {
                let w = self.expr(y);
                self.set_pos(e.pos);
                self.arith(op, v, w, t)
            };
        }
        v
    }

    /// `a + b + …` of strings.
    fn concat(&mut self, e: &'a Expr) -> Val {
        let mut parts: Vec<&'a Expr> = Vec::new();
        let mut at = e;
        loop {
            let x = unparen(at);
            match &x.kind {
                ExprKind::Binary(BinaryOp::Add, left, right)
                    if self.info_of(x).is_some_and(|tv| tv.value.is_none()) =>
                {
                    parts.push(right);
                    at = left;
                }
                _ => {
                    parts.push(x);
                    break;
                }
            }
        }
        parts.reverse();
        let mut values = Vec::new();
        for (i, p) in parts.iter().enumerate() {
            let rest_calls = parts[i + 1..].iter().any(|e| crate::assign::has_calls(e));
            values.push(if rest_calls { self.string_operand(p) } else { self.borrowed_string(p) });
        }
        self.set_pos(e.pos);
        self.concat_values(&values)
    }

    pub fn concat_values(&mut self, values: &[(Value, Value)]) -> Val {
        let no_buffer = self.b.null();
        if let [(p, n), (q, m)] = values {
            return Val::Regs(self.b.rt(Entry::ConcatString2, &[*p, *n, *q, *m, no_buffer]));
        }
        let slot = self.b.slot(16 * values.len() as u64, 8, true);
        let at = self.b.slot_addr(slot, 0);
        for (i, &(p, n)) in values.iter().enumerate() {
            self.b.store(at, 16 * i as i32, p);
            self.b.store(at, 16 * i as i32 + 8, n);
        }
        let n = self.b.int(values.len() as i64);
        Val::Regs(self.b.rt(Entry::ConcatStrings, &[at, n, no_buffer]))
    }

    /// An operation on two values of type `t`.
    pub fn arith(&mut self, op: BinaryOp, v: Val, w: Val, t: TypeId) -> Val {
        let store = self.p.store;
        if store.is_string(t) {
            let (a, b) = (self.parts(v, t), self.parts(w, t));
            return self.concat_values(&[(a[0], a[1]), (b[0], b[1])]);
        }
        if store.is_complex(t) {
            return self.complex_arith(op, v, w, t);
        }
        let (a, b) = (self.scalar(v), self.scalar(w));
        let float = self.b.ty(a).is_float();
        let unsigned = store.is_unsigned(t);
        let bin = match op {
            BinaryOp::Add => BinOp::Add,
            BinaryOp::Sub => BinOp::Sub,
            BinaryOp::Mul => BinOp::Mul,
            BinaryOp::Div | BinaryOp::Rem => {
                if !float && self.b.as_const(b).is_none_or(|n| n == 0) {
                    self.b.check(Check::Zero, &[b]);
                }
                match (op, unsigned) {
                    (BinaryOp::Div, false) => BinOp::Div,
                    (BinaryOp::Div, true) => BinOp::UDiv,
                    (_, false) => BinOp::Rem,
                    (_, true) => BinOp::URem,
                }
            }
            BinaryOp::And => BinOp::And,
            BinaryOp::Or => BinOp::Or,
            BinaryOp::Xor => BinOp::Xor,
            BinaryOp::AndNot => {
                let b = self.b.un(UnOp::Not, b);
                return Val::one(self.b.bin(BinOp::And, a, b));
            }
            _ => return Val::one(a),
        };
        Val::one(self.b.bin(bin, a, b))
    }

    fn complex_arith(&mut self, op: BinaryOp, v: Val, w: Val, t: TypeId) -> Val {
        let (a, b) = (self.parts(v, t), self.parts(w, t));
        let ty = self.b.ty(a[0]);
        match op {
            BinaryOp::Add | BinaryOp::Sub => {
                let op = if op == BinaryOp::Add { BinOp::Add } else { BinOp::Sub };
                let (re, im) = (self.b.bin(op, a[0], b[0]), self.b.bin(op, a[1], b[1]));
                Val::many(&[re, im])
            }
            BinaryOp::Mul => {
                // As gc, in double precision: re = ac - bd, im = ad + bc.
                let wide = |l: &mut Self, v: Value| match ty {
                    Ty::F32 => l.b.conv(ConvOp::FloatExt, v, Ty::F64),
                    _ => v,
                };
                let (ar, ai) = (wide(self, a[0]), wide(self, a[1]));
                let (br, bi) = (wide(self, b[0]), wide(self, b[1]));
                let (ac, bd) = (self.b.bin(BinOp::Mul, ar, br), self.b.bin(BinOp::Mul, ai, bi));
                let (ad, bc) = (self.b.bin(BinOp::Mul, ar, bi), self.b.bin(BinOp::Mul, ai, br));
                let (re, im) = (self.b.bin(BinOp::Sub, ac, bd), self.b.bin(BinOp::Add, ad, bc));
                self.narrow_complex(re, im, ty)
            }
            _ => {
                let wide = |l: &mut Self, v: Value| match ty {
                    Ty::F32 => l.b.conv(ConvOp::FloatExt, v, Ty::F64),
                    _ => v,
                };
                let args: Vec<Value> = a.iter().chain(&b).map(|&v| wide(self, v)).collect();
                let callee = self.p.module.sym("runtime.complex128div");
                let r = self.b.call(callee, &args, &[Ty::F64, Ty::F64]);
                self.narrow_complex(r[0], r[1], ty)
            }
        }
    }

    fn narrow_complex(&mut self, re: Value, im: Value, ty: Ty) -> Val {
        if ty == Ty::F64 {
            return Val::many(&[re, im]);
        }
        let (re, im) =
            (self.b.conv(ConvOp::FloatTrunc, re, Ty::F32), self.b.conv(ConvOp::FloatTrunc, im, Ty::F32));
        Val::many(&[re, im])
    }

    /// `v << y`, `v >> y`; `t` is the type of `v`.
    pub fn shift_expr(&mut self, e: &'a Expr, op: BinaryOp, v: Val, t: TypeId, y: &'a Expr) -> Val {
        let a = self.scalar(v);
        // A constant may still be of any untyped kind: what counts is its value, which fits in a uint.
        if let Some(c) = self.info_of(y).and_then(|tv| tv.value.as_ref()) {
            let count = self.b.int(c.to_int().low_u64() as i64);
            self.set_pos(e.pos);
            return Val::one(self.shift(op, a, !self.p.store.is_unsigned(t), count, true));
        }
        let yt = self.ty(y);
        let unsigned = self.p.store.is_unsigned(yt);
        let count = self.scalar_expr(y);
        self.set_pos(e.pos);
        let known = self.b.as_const(count);
        let count = match known {
            // Constants were stored with their sign.
            Some(n) if self.b.ty(count) != Ty::I64 && n >= 0 => self.b.int(n),
            _ => self.b.extend(count, !unsigned),
        };
        Val::one(self.shift(op, a, !self.p.store.is_unsigned(t), count, unsigned))
    }

    fn shift(&mut self, op: BinaryOp, a: Value, signed: bool, count: Value, unsigned: bool) -> Value {
        let ty = self.b.ty(a);
        let bits = i64::from(ty.bytes()) * 8;
        let right = op == BinaryOp::Shr;
        let bin = match (right, signed) {
            (false, _) => BinOp::Shl,
            (true, true) => BinOp::Shr,
            (true, false) => BinOp::UShr,
        };
        if let Some(n) = self.b.as_const(count).filter(|&n| unsigned || n >= 0) {
            if (0..bits).contains(&n) {
                return if n == 0 { a } else { self.b.bin(bin, a, count) };
            }
            return if bin == BinOp::Shr { self.b.bin_const(bin, a, bits - 1) } else { self.b.iconst(ty, 0) };
        }
        if !unsigned {
            self.b.check(Check::Shift, &[count]);
        }
        let fits = self.b.cmp_const(CmpOp::ULt, count, bits);
        if bin == BinOp::Shr {
            let last = self.b.int(bits - 1);
            let n = self.b.select(fits, count, last);
            return self.b.bin(bin, a, n);
        }
        let shifted = self.b.bin(bin, a, count);
        let zero = self.b.iconst(ty, 0);
        self.b.select(fits, shifted, zero)
    }

    // Comparisons.

    fn comparison(&mut self, e: &'a Expr, op: BinaryOp, x: &'a Expr, y: &'a Expr) -> Value {
        let negate = op == BinaryOp::Neq;
        if matches!(op, BinaryOp::Eql | BinaryOp::Neq) {
            for (nil, other) in [(y, x), (x, y)] {
                if self.is_nil(nil) {
                    let t = self.ty(other);
                    if self.is_nil(other) {
                        return self.b.bool(!negate);
                    }
                    let v = self.expr(other);
                    let first = self.parts(v, t)[0];
                    self.set_pos(e.pos);
                    return self.b.cmp_const(if negate { CmpOp::Ne } else { CmpOp::Eq }, first, 0);
                }
            }
        }
        let (xt, yt) = (self.ty(x), self.ty(y));
        let store = self.p.store;
        // An interface and another type: compared as the interface.
        let (xi, yi) = (store.is_interface(xt), store.is_interface(yt));
        let t = match (xi, yi) {
            (true, false) => xt,
            (false, true) => yt,
            // Of two interfaces one implements the other: the one with fewer methods is more general.
            (true, true) if methods(store, yt) < methods(store, xt) => yt,
            _ if store.is_untyped(xt) => yt,
            _ => xt,
        };
        if store.is_string(t) {
            return self.compare_strings(e, op, x, y);
        }
        // Compared where it is, if nothing is written before.
        let a = if crate::assign::has_calls(y) { self.expr_frozen(x, t) } else { self.expr_as(x, t) };
        let b = self.expr_as(y, t);
        self.set_pos(e.pos);
        match op {
            BinaryOp::Eql => self.equal(t, a, b),
            BinaryOp::Neq => {
                if let (Val::Regs(a), Val::Regs(b)) = (&a, &b)
                    && a.len() == 1
                    && self.is_scalar_comparable(t)
                {
                    return self.b.cmp(CmpOp::Ne, a[0], b[0]);
                }
                let eq = self.equal(t, a, b);
                self.b.not(eq)
            }
            _ => self.ordered(op, t, a, b),
        }
    }

    fn compare_strings(&mut self, e: &'a Expr, op: BinaryOp, x: &'a Expr, y: &'a Expr) -> Value {
        let is_equality = matches!(op, BinaryOp::Eql | BinaryOp::Neq);
        for (text, other) in [(y, x), (x, y)] {
            if let Some(text) = self.short_text(text).filter(|_| is_equality) {
                let s = self.borrowed_string(other);
                self.set_pos(e.pos);
                let eq = self.equals_text(s.0, s.1, text);
                return if op == BinaryOp::Neq { self.b.not(eq) } else { eq };
            }
        }
        let a = if crate::assign::has_calls(y) { self.string_operand(x) } else { self.borrowed_string(x) };
        let b = self.borrowed_string(y);
        self.set_pos(e.pos);
        if !is_equality {
            let c = self.b.rt1(Entry::CmpString, &[a.0, a.1, b.0, b.1]);
            return self.b.cmp_const(cmp_op(op, false), c, 0);
        }
        let eq = self.strings_equal(a.0, a.1, b.0, b.1);
        if op == BinaryOp::Neq { self.b.not(eq) } else { eq }
    }

    fn string_operand(&mut self, e: &'a Expr) -> (Value, Value) {
        let string = self.p.store.basic(BasicKind::String);
        let v = self.expr(e);
        let parts = self.parts(v, string);
        (parts[0], parts[1])
    }

    /// A string that is looked at before anything else happens: of `string(bytes)` the bytes themselves.
    pub fn borrowed_string(&mut self, e: &'a Expr) -> (Value, Value) {
        if let ExprKind::Call(call) = &unparen(e).kind
            && self.info_of(&call.fun).is_some_and(|tv| tv.mode == Mode::Type)
            && self.info_of(e).is_some_and(|tv| tv.value.is_none())
            && self.p.store.is_string(self.ty(&call.fun))
        {
            let x = &call.args[0];
            let xt = self.ty(x);
            if let Type::Slice { elem } = self.under(xt)
                && self.layout(*elem).size == 1
            {
                let v = self.expr(x);
                let parts = self.parts(v, xt);
                return (parts[0], parts[1]);
            }
        }
        self.string_operand(e)
    }

    /// The bytes of a constant string that is compared word by word.
    pub fn short_text(&self, e: &'a Expr) -> Option<&'a [u8]> {
        const MAX_TEXT_BYTES: usize = 16;
        let text = self.info_of(e)?.value.as_ref()?.as_bytes()?;
        (text.len() <= MAX_TEXT_BYTES).then_some(text)
    }

    /// Whether a string is that text.
    pub fn equals_text(&mut self, p: Value, n: Value, text: &[u8]) -> Value {
        let same_len = self.b.cmp_const(CmpOp::Eq, n, text.len() as i64);
        if text.is_empty() {
            return same_len;
        }
        let var = self.b.var(Ty::I8);
        self.b.def(var, same_len);
        let (bytes, end) = (self.b.block(), self.b.block());
        self.b.branch(same_len, bytes, end);
        self.b.start(bytes);
        let (mut at, mut all) = (0, None);
        while at < text.len() {
            let (ty, size) = match text.len() - at {
                8.. => (Ty::I64, 8),
                4.. => (Ty::I32, 4),
                2.. => (Ty::I16, 2),
                _ => (Ty::I8, 1),
            };
            let mut word = [0; 8];
            word[..size].copy_from_slice(&text[at..at + size]);
            let shift = 64 - 8 * size as u32;
            let want = ((u64::from_le_bytes(word) << shift) as i64) >> shift;
            let have = self.b.load(ty, p, at as i32);
            let eq = self.b.cmp_const(CmpOp::Eq, have, want);
            all = Some(match all {
                Some(before) => self.b.bin(BinOp::And, before, eq),
                None => eq,
            });
            at += size;
        }
        if let Some(all) = all {
            self.b.def(var, all);
        }
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }

    fn is_scalar_comparable(&self, t: TypeId) -> bool {
        !matches!(self.under(t), Type::Struct(_) | Type::Array { .. })
    }

    pub fn ordered(&mut self, op: BinaryOp, t: TypeId, a: Val, b: Val) -> Value {
        let store = self.p.store;
        if store.is_string(t) {
            let (a, b) = (self.parts(a, t), self.parts(b, t));
            let c = self.b.rt1(Entry::CmpString, &[a[0], a[1], b[0], b[1]]);
            let cmp = cmp_op(op, false);
            return self.b.cmp_const(cmp, c, 0);
        }
        let (a, b) = (self.scalar(a), self.scalar(b));
        self.b.cmp(cmp_op(op, store.is_unsigned(t)), a, b)
    }

    /// Whether two values of the comparable type `t` are equal; panics as Go does where interfaces hold
    /// what cannot be compared.
    pub fn equal(&mut self, t: TypeId, a: Val, b: Val) -> Value {
        match self.under(t) {
            Type::Basic(basic) => {
                let (a, b) = (self.parts(a, t), self.parts(b, t));
                match basic.kind {
                    BasicKind::String | BasicKind::UntypedString => {
                        self.strings_equal(a[0], a[1], b[0], b[1])
                    }
                    _ => self.all_equal(&a, &b),
                }
            }
            Type::Interface(_) => {
                let (a, b) = (self.parts(a, t), self.parts(b, t));
                let empty = self.is_empty_interface(t);
                self.interfaces_equal(&a, &b, empty)
            }
            Type::Struct(_) | Type::Array { .. } if self.layout(t).is_mem() => {
                let (p, q) = (self.in_memory(a, t), self.in_memory(b, t));
                let size = self.layout(t).size;
                if size <= MAX_INLINE_EQ_BYTES && size.is_multiple_of(8) && self.p.is_regular_memory(t) {
                    let words = |l: &mut Self, p: Value| -> Vec<Value> {
                        (0..size as i32 / 8).map(|i| l.b.load(Ty::I64, p, 8 * i)).collect()
                    };
                    let (a, b) = (words(self, p), words(self, q));
                    return self.all_equal(&a, &b);
                }
                let eq = self.p.eq_symbol(t);
                self.b.call(eq, &[p, q], &[Ty::I8])[0]
            }
            Type::Struct(s) => {
                let fields = self.p.layouts.fields(self.p.store, t);
                let mut pairs = Vec::new();
                for (i, &f) in s.fields().iter().enumerate() {
                    if &**self.p.store.name(f) != "_" {
                        let x = self.field_of(a.clone(), t, i);
                        let y = self.field_of(b.clone(), t, i);
                        pairs.push((fields[i].ty, x, y));
                    }
                }
                self.pairs_equal(pairs)
            }
            Type::Array { len, elem } => match len {
                1 => self.equal(*elem, a, b),
                _ => self.b.bool(true),
            },
            _ => {
                let (a, b) = (self.parts(a, t), self.parts(b, t));
                self.all_equal(&a, &b)
            }
        }
    }

    /// One after the other, until a pair differs.
    fn pairs_equal(&mut self, pairs: Vec<(TypeId, Val, Val)>) -> Value {
        let Some(last) = pairs.len().checked_sub(1) else { return self.b.bool(true) };
        let var = self.b.var(Ty::I8);
        let end = self.b.block();
        for (i, (t, a, b)) in pairs.into_iter().enumerate() {
            let eq = self.equal(t, a, b);
            self.b.def(var, eq);
            if i == last {
                self.b.jump(end);
            } else {
                let next = self.b.block();
                self.b.branch(eq, next, end);
                self.b.start(next);
            }
        }
        self.b.start(end);
        self.b.get(var)
    }

    fn all_equal(&mut self, a: &[Value], b: &[Value]) -> Value {
        let mut out: Option<Value> = None;
        for (&a, &b) in a.iter().zip(b) {
            let eq = self.b.cmp(CmpOp::Eq, a, b);
            out = Some(match out {
                Some(o) => self.b.bin(BinOp::And, o, eq),
                None => eq,
            });
        }
        out.unwrap_or_else(|| self.b.bool(true))
    }

    pub fn strings_equal(&mut self, p: Value, n: Value, q: Value, m: Value) -> Value {
        let var = self.b.var(Ty::I8);
        let same_len = self.b.cmp(CmpOp::Eq, n, m);
        if self.b.as_const(m) == Some(0) || self.b.as_const(n) == Some(0) {
            return same_len;
        }
        self.b.def(var, same_len);
        let (bytes, end) = (self.b.block(), self.b.block());
        self.b.branch(same_len, bytes, end);
        self.b.start(bytes);
        let eq = self.b.rt_bool(Entry::Memequal, &[p, q, m]);
        self.b.def(var, eq);
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }

    fn interfaces_equal(&mut self, a: &[Value], b: &[Value], empty: bool) -> Value {
        let var = self.b.var(Ty::I8);
        let (same, some, end) = (self.b.block(), self.b.block(), self.b.block());
        let eq = self.b.cmp(CmpOp::Eq, a[0], b[0]);
        self.b.def(var, eq);
        self.b.branch(eq, same, end);
        self.b.start(same);
        let nil = self.is_null(a[0]);
        self.b.branch_likely(nil, end, some, Likely::Else);
        self.b.start(some);
        let typ = if empty { a[0] } else { self.b.load(Ty::Ptr, a[0], abi::ITAB_TYPE) };
        let eq = self.b.rt_bool(Entry::EfaceEq, &[typ, a[1], b[1]]);
        self.b.def(var, eq);
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }
}

fn methods(store: &goxide_types::Store, t: TypeId) -> usize {
    store.type_set(store.under(t)).methods.len()
}

pub(crate) fn cmp_op(op: BinaryOp, unsigned: bool) -> CmpOp {
    match (op, unsigned) {
        (BinaryOp::Eql, _) => CmpOp::Eq,
        (BinaryOp::Neq, _) => CmpOp::Ne,
        (BinaryOp::Lss, false) => CmpOp::Lt,
        (BinaryOp::Lss, true) => CmpOp::ULt,
        (BinaryOp::Leq, false) => CmpOp::Le,
        (BinaryOp::Leq, true) => CmpOp::ULe,
        (BinaryOp::Gtr, false) => CmpOp::Gt,
        (BinaryOp::Gtr, true) => CmpOp::UGt,
        (_, false) => CmpOp::Ge,
        (_, true) => CmpOp::UGe,
    }
}
