//! Calls of predeclared functions.

mod append;
mod print;
mod unsafe_;

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_abi::{Entry, layout as abi};
use goxide_ssa::{BinOp, CmpOp, ConvOp, Op, Ty, Value};
use goxide_syntax::ast::{CallExpr, Expr, ExprKind, unparen};
use goxide_types::{Builtin, Mode, ObjectKind, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    /// The predeclared function that `fun` names.
    pub fn builtin_of(&self, fun: &Expr) -> Option<Builtin> {
        let fun = unparen(fun);
        let obj = match &fun.kind {
            ExprKind::Name(_) => self.obj(fun)?,
            ExprKind::Selector(_, name) if !self.source.info.selections.contains_key(&fun.id) => {
                self.obj_of(name.id)?
            }
            _ => return None,
        };
        match self.p.store.obj(obj).kind {
            ObjectKind::Builtin(b) => Some(b),
            _ => None,
        }
    }

    /// The form of `t`, of a type parameter's core type too.
    pub fn core_ty(&self, t: TypeId) -> &'a Type {
        match self.p.store.common_under(t) {
            Some(u) => self.p.store.ty(u),
            None => self.under(t),
        }
    }

    pub fn builtin(&mut self, e: &'a Expr, b: Builtin, call: &'a CallExpr) -> Vec<Val> {
        let args = &call.args;
        let t = self.ty(e);
        let one = match b {
            Builtin::Append => self.append(e, call, t),
            Builtin::Len | Builtin::Cap => self.length(e, &args[0], b == Builtin::Cap),
            Builtin::Complex => {
                let part = self.complex_part(t);
                let parts = self.operands(args, part);
                Val::Regs(parts.into_iter().map(|v| self.scalar(v)).collect())
            }
            Builtin::Real | Builtin::Imag => {
                let ct = self.ty(&args[0]);
                let v = self.expr(&args[0]);
                let parts = self.parts(v, ct);
                Val::one(parts[(b == Builtin::Imag) as usize])
            }
            Builtin::Make => self.make(e, args, t),
            Builtin::Max | Builtin::Min => self.min_max(e, args, t, b == Builtin::Max),
            Builtin::New => self.new_builtin(&args[0], t),
            Builtin::Recover => {
                let fp = self.b.emit1(Op::FramePointer, &[], Ty::Ptr);
                self.set_pos(e.pos);
                Val::Regs(self.b.rt(Entry::GoRecover, &[fp]))
            }
            Builtin::Copy => {
                let values = self.builtin_args(b, args);
                self.set_pos(e.pos);
                self.copy_slices(values)
            }
            Builtin::Clear
            | Builtin::Close
            | Builtin::Delete
            | Builtin::Panic
            | Builtin::Print
            | Builtin::Println => {
                let values = self.builtin_args(b, args);
                self.set_pos(e.pos);
                self.builtin_on_values(b, values);
                return Vec::new();
            }
            _ => self.unsafe_builtin(e, b, args, t),
        };
        vec![one]
    }

    /// The operands of a builtin that may stand in a go or defer statement.
    pub fn builtin_args(&mut self, b: Builtin, args: &'a [Expr]) -> Vec<(Val, TypeId)> {
        let mut out = Vec::new();
        if let [arg] = args
            && let Some(types) = self.tuple_types(arg)
        {
            let vals = self.call_results(unparen(arg));
            let mut out: Vec<(Val, TypeId)> = vals.into_iter().zip(types).collect();
            if let (Builtin::Delete, [(_, map), key]) = (b, &mut out[..])
                && let Type::Map { key: want, .. } = self.core_ty(*map)
            {
                let v = std::mem::replace(&mut key.0, Val::Zero);
                *key = (self.convert_assign(v, key.1, *want), *want);
            }
            return out;
        }
        for (i, arg) in args.iter().enumerate() {
            let t = match b {
                Builtin::Panic => self.p.store.universe().empty_interface,
                Builtin::Delete if i == 1 => match self.core_ty(out_type(&out)) {
                    Type::Map { key, .. } => *key,
                    _ => self.ty(arg),
                },
                Builtin::Print | Builtin::Println if self.is_nil(arg) => {
                    self.p.store.basic(goxide_types::BasicKind::UnsafePointer)
                }
                _ => {
                    let t = self.ty(arg);
                    if self.p.store.is_untyped(t) { self.p.store.default_type(t) } else { t }
                }
            };
            let v = self.expr_frozen(arg, t);
            out.push((v, t));
        }
        out
    }

    pub fn builtin_on_values(&mut self, b: Builtin, mut args: Vec<(Val, TypeId)>) {
        match b {
            Builtin::Print | Builtin::Println => self.print(args, b == Builtin::Println),
            Builtin::Copy => {
                self.copy_slices(args);
            }
            Builtin::Close => {
                let (v, _) = args.swap_remove(0);
                let c = self.scalar(v);
                self.b.rt(Entry::CloseChan, &[c]);
            }
            Builtin::Panic => {
                let (v, t) = args.swap_remove(0);
                let parts = self.parts(v, t);
                self.b.rt(Entry::GoPanic, &[parts[0], parts[1]]);
            }
            Builtin::Delete => {
                let (key, _) = args.pop().unwrap_or((Val::Zero, TypeId::INVALID));
                let (m, t) = args.swap_remove(0);
                let m = self.scalar(m);
                self.map_delete(t, m, key);
            }
            Builtin::Recover => {
                let (v, _) = args.swap_remove(0);
                let fp = self.scalar(v);
                let fp = self.b.conv(ConvOp::Bits, fp, Ty::Ptr);
                self.b.rt(Entry::GoRecover, &[fp]);
            }
            Builtin::Clear => {
                let (v, t) = args.swap_remove(0);
                match self.core_ty(t) {
                    Type::Map { .. } => {
                        let m = self.scalar(v);
                        let typ = self.type_addr(t);
                        self.b.rt(Entry::MapClear, &[typ, m]);
                    }
                    Type::Slice { elem } => {
                        let parts = self.parts(v, t);
                        let layout = self.layout(*elem);
                        let bytes = self.scale(parts[1], layout.size as i64);
                        // Of pointers, a place for the barrier of many at once, as in `move_elems`.
                        self.b.rt(Entry::Memclr, &[parts[0], bytes]);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn complex_part(&mut self, t: TypeId) -> TypeId {
        use goxide_types::BasicKind::*;
        let kind = if self.layout(t).size == 8 { Float32 } else { Float64 };
        self.p.store.basic(kind)
    }

    fn length(&mut self, e: &'a Expr, x: &'a Expr, cap: bool) -> Val {
        let xt = self.ty(x);
        match self.core_ty(xt) {
            Type::Array { len, .. } => {
                self.effects(x);
                Val::one(self.b.int(*len))
            }
            Type::Pointer { base } => {
                let len = match self.under(*base) {
                    Type::Array { len, .. } => *len,
                    _ => 0,
                };
                self.effects(x);
                Val::one(self.b.int(len))
            }
            Type::Map { .. } => {
                let m = self.scalar_expr(x);
                Val::one(self.word_of(m, abi::MAP_USED))
            }
            Type::Chan(_) => {
                let c = self.scalar_expr(x);
                self.set_pos(e.pos);
                Val::one(self.word_of(c, if cap { abi::CHAN_DATAQSIZ } else { abi::CHAN_QCOUNT }))
            }
            _ => {
                let v = self.expr(x);
                let parts = self.parts(v, xt);
                let i = if cap { 2 } else { 1 };
                Val::one(parts.get(i).copied().unwrap_or(parts[0]))
            }
        }
    }

    /// A word of a map or channel, 0 of nil.
    pub fn word_of(&mut self, p: Value, offset: i32) -> Value {
        let var = self.b.var(Ty::I64);
        let zero = self.b.int(0);
        self.b.def(var, zero);
        let (some, end) = (self.b.block(), self.b.block());
        let nil = self.is_null(p);
        self.b.branch(nil, end, some);
        self.b.start(some);
        let n = self.b.load(Ty::I64, p, offset);
        self.b.def(var, n);
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }

    fn make(&mut self, e: &'a Expr, args: &'a [Expr], t: TypeId) -> Val {
        let sizes: Vec<Value> = args[1..].iter().map(|a| self.size_value(a)).collect();
        self.set_pos(e.pos);
        match self.core_ty(t) {
            Type::Slice { elem } => {
                let len = sizes[0];
                let cap = sizes.get(1).copied().unwrap_or(len);
                let typ = self.type_addr(*elem);
                if let Some(m) = self.b.as_const(cap)
                    && 0 <= m
                    && m.saturating_mul(self.layout(*elem).size as i64) <= 64 << 10
                {
                    // An array, which may stay in the frame.
                    if !self.b.as_const(len).is_some_and(|n| 0 <= n && n <= m) {
                        let (fits, fails) = (self.b.block(), self.b.block());
                        let is_in_range = self.b.cmp(CmpOp::ULe, len, cap);
                        self.b.branch(is_in_range, fits, fails);
                        self.b.start(fails);
                        self.b.rt(Entry::MakeSlice, &[typ, len, cap]);
                        self.b.unreachable();
                        self.b.start(fits);
                    }
                    let array = self.p.store.new_array(m, *elem);
                    let ptr = self.new_object(array);
                    return Val::many(&[ptr, len, cap]);
                }
                let ptr = self.b.rt1(Entry::MakeSlice, &[typ, len, cap]);
                Val::many(&[ptr, len, cap])
            }
            Type::Map { .. } => {
                let hint = sizes.first().copied().unwrap_or_else(|| self.b.int(0));
                Val::one(self.make_map(t, hint))
            }
            _ => {
                let size = sizes.first().copied().unwrap_or_else(|| self.b.int(0));
                let typ = self.type_addr(t);
                Val::one(self.b.rt1(Entry::MakeChan, &[typ, size]))
            }
        }
    }

    /// A size: constants may be untyped floats of integer value.
    pub(super) fn size_value(&mut self, e: &'a Expr) -> Value {
        if let Some(c) = self.info_of(e).and_then(|tv| tv.value.as_ref()) {
            return self.b.int(c.to_int().low_u64() as i64);
        }
        self.index_value(e).0
    }

    fn new_builtin(&mut self, arg: &'a Expr, t: TypeId) -> Val {
        let Type::Pointer { base } = self.under(t) else { return self.zero(t) };
        if self.info_of(arg).is_some_and(|tv| tv.mode == Mode::Type) {
            return Val::one(self.new_object(*base));
        }
        let v = self.expr_as(arg, *base);
        let ptr = self.new_object(*base);
        self.store(&Place::Mem { ptr, offset: 0, heap: true }, *base, v);
        Val::one(ptr)
    }

    fn min_max(&mut self, e: &'a Expr, args: &'a [Expr], t: TypeId, max: bool) -> Val {
        let values = self.operands(args, t);
        self.set_pos(e.pos);
        let mut values = values.into_iter();
        let mut acc = values.next().unwrap_or(Val::Zero);
        for v in values {
            acc = self.pick(acc, v, t, max);
        }
        acc
    }

    /// The operands of a builtin that takes several of type `t`, which one call may give.
    fn operands(&mut self, args: &'a [Expr], t: TypeId) -> Vec<Val> {
        if let [arg] = args
            && let Some(types) = self.tuple_types(arg)
        {
            let vals = self.call_results(unparen(arg));
            return vals.into_iter().zip(types).map(|(v, from)| self.convert_assign(v, from, t)).collect();
        }
        args.iter().map(|a| self.operand(a, t)).collect()
    }

    /// `e` as a value of the basic type `t`: constants may still be untyped.
    fn operand(&mut self, e: &'a Expr, t: TypeId) -> Val {
        match self.info_of(e).and_then(|tv| tv.value.as_ref()) {
            Some(c) => self.constant(c, t),
            None => self.expr_as(e, t),
        }
    }

    fn pick(&mut self, a: Val, b: Val, t: TypeId, max: bool) -> Val {
        if self.p.store.is_float(t) {
            let (a, b) = (self.scalar(a), self.scalar(b));
            return Val::one(self.b.bin(if max { BinOp::FMax } else { BinOp::FMin }, a, b));
        }
        let (x, y) = (self.parts(a, t), self.parts(b, t));
        let better = if self.p.store.is_string(t) {
            let c = self.b.rt1(Entry::CmpString, &[y[0], y[1], x[0], x[1]]);
            self.b.cmp_const(if max { CmpOp::Gt } else { CmpOp::Lt }, c, 0)
        } else {
            let op = match (max, self.p.store.is_unsigned(t)) {
                (true, false) => CmpOp::Gt,
                (true, true) => CmpOp::UGt,
                (false, false) => CmpOp::Lt,
                (false, true) => CmpOp::ULt,
            };
            self.b.cmp(op, y[0], x[0])
        };
        Val::Regs(x.iter().zip(&y).map(|(&x, &y)| self.b.select(better, y, x)).collect())
    }

    fn copy_slices(&mut self, mut args: Vec<(Val, TypeId)>) -> Val {
        if args.len() != 2 {
            return Val::one(self.b.int(0));
        }
        let (src, st) = args.swap_remove(1);
        let (dst, dt) = args.swap_remove(0);
        let (d, s) = (self.parts(dst, dt), self.parts(src, st));
        let less = self.b.cmp(CmpOp::Lt, s[1], d[1]);
        let n = self.b.select(less, s[1], d[1]);
        if let Type::Slice { elem } = self.core_ty(dt) {
            self.move_elems(d[0], s[0], n, *elem);
        }
        Val::one(n)
    }

    /// Moves `n` elements, which may overlap, to memory that the collector looks at.
    pub fn move_elems(&mut self, dst: Value, src: Value, n: Value, elem: TypeId) {
        let layout = self.layout(elem);
        let bytes = self.scale(n, layout.size as i64);
        if layout.size > 0 {
            // Of pointers, a place for the barrier of many at once; as `Op::StorePtr`, it needs none while
            // the collector stops the world to mark.
            self.b.rt(Entry::Memmove, &[dst, src, bytes]);
        }
    }
}

fn out_type(out: &[(Val, TypeId)]) -> TypeId {
    out.first().map_or(TypeId::INVALID, |o| o.1)
}
