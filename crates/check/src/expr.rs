//! Expressions (as `types2/expr.go`). Untyped ones are remembered by node until their context gives
//! them a type, which is then passed down the tree.

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::{BinaryOp, ChanDir, Expr, ExprKind, UnaryOp, start_pos, unparen};
use goxide_types::*;

/// What an expression may be used for as a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Conversion,
    Expression,
    Statement,
}

/// The function type that a generic function is assigned to, and what has that type.
#[derive(Clone)]
pub(crate) struct Target {
    pub sig: TypeId,
    pub desc: String,
}

/// Why a constant does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misfit {
    Truncated,
    Overflow,
    Other,
}

pub(crate) fn op_str(op: BinaryOp) -> &'static str {
    use BinaryOp::*;
    match op {
        OrOr => "||",
        AndAnd => "&&",
        Eql => "==",
        Neq => "!=",
        Lss => "<",
        Leq => "<=",
        Gtr => ">",
        Geq => ">=",
        Add => "+",
        Sub => "-",
        Or => "|",
        Xor => "^",
        Mul => "*",
        Div => "/",
        Rem => "%",
        And => "&",
        AndNot => "&^",
        Shl => "<<",
        Shr => ">>",
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::*;
    matches!(op, Eql | Neq | Lss | Leq | Gtr | Geq)
}

fn is_shift(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::Shl | BinaryOp::Shr)
}

/// The operation's name in overflow messages.
fn op_name(x: Option<&Expr>) -> &'static str {
    match x.map(|x| &x.kind) {
        Some(ExprKind::Unary(UnaryOp::Xor, _)) => "bitwise complement ",
        Some(ExprKind::Binary(op, _, _)) => match op {
            BinaryOp::Add => "addition ",
            BinaryOp::Sub => "subtraction ",
            BinaryOp::Xor => "bitwise XOR ",
            BinaryOp::Mul => "multiplication ",
            BinaryOp::Shl => "shift ",
            _ => "",
        },
        _ => "",
    }
}

fn op_pos(x: Option<&Expr>) -> Pos {
    match x {
        None => Pos::NONE,
        Some(x) if matches!(x.kind, ExprKind::Unary(..) | ExprKind::Binary(..) | ExprKind::Star(_)) => x.pos,
        Some(x) => start_pos(x),
    }
}

impl<'a> Checker<'a> {
    pub fn target(&self, t: Option<TypeId>, desc: &str) -> Option<Target> {
        let u = self.store.common_under(t?)?;
        matches!(self.store.ty(u), Type::Signature(_)).then(|| Target { sig: u, desc: desc.into() })
    }

    // Constants.

    /// A constant operation's result: too large, or not representable in its type.
    pub fn overflow(&mut self, x: &mut Operand<'a>, e: Option<&Expr>) {
        if !x.val.is_known() {
            self.err(op_pos(e), "constant result is not representable".into());
            return;
        }
        // gc's limit (`cmd/internal/obj.MaxSymSize`); for typed strings it runs out of memory first.
        const STRING_BYTES_MAX: usize = 2_000_000_000;
        if let Some(len) = x.val.len_bytes().filter(|&n| n > STRING_BYTES_MAX) {
            let text = format!("constant string too long ({len} bytes > {STRING_BYTES_MAX} bytes)");
            self.err(op_pos(e), text);
            x.val = Const::Unknown;
            return;
        }
        if self.store.is_typed(x.ty) {
            self.representable(x, self.store.under(x.ty));
            return;
        }
        if x.val.kind() == ConstKind::Int && x.val.bit_len() > constant::PRECISION_BITS {
            self.err(op_pos(e), format!("constant {}overflow", op_name(e)));
            x.val = Const::Unknown;
        }
    }

    pub fn representation(&self, x: &Operand<'a>, kind: BasicKind) -> Result<Const, Misfit> {
        let s = self.store;
        x.val.representable(kind).ok_or_else(|| {
            let b = s.basic(kind);
            if s.is_numeric(x.ty) && s.is_numeric(b) {
                if !s.is_integer(x.ty) && s.is_integer(b) { Misfit::Truncated } else { Misfit::Overflow }
            } else {
                Misfit::Other
            }
        })
    }

    /// Makes the constant `x` one of the basic type `t`, which an error then names.
    pub fn representable(&mut self, x: &mut Operand<'a>, t: TypeId) {
        let Some(kind) = self.store.basic_kind(t) else { return };
        match self.representation(x, kind) {
            Ok(v) => x.val = v,
            Err(why) => {
                self.invalid_conversion(why, x, t);
                x.invalidate();
            }
        }
    }

    fn invalid_conversion(&mut self, why: Misfit, x: &Operand<'a>, t: TypeId) {
        let (o, t) = (self.os(x), self.ts(t));
        let text = match why {
            Misfit::Truncated => format!("{o} truncated to {t}"),
            Misfit::Overflow => format!("{o} overflows {t}"),
            Misfit::Other => format!("cannot convert {o} to type {t}"),
        };
        self.err(x.start(), text);
    }

    // Untyped operands.

    /// The type that an untyped operand gets where `target` is wanted, and its value then.
    pub fn implicit_type(&self, x: &Operand<'a>, target: TypeId) -> Result<(TypeId, Option<Const>), Misfit> {
        let s = self.store;
        if !x.is_valid() || s.is_typed(x.ty) || !s.is_valid(target) {
            return Ok((x.ty, None));
        }
        if s.is_untyped(target) {
            return s.max_type(x.ty, target).map(|m| (m, None)).ok_or(Misfit::Other);
        }
        if x.is_nil() {
            return if s.has_nil(target) { Ok((target, None)) } else { Err(Misfit::Other) };
        }
        match s.under_ty(target) {
            Type::Basic(b) => {
                if x.is_const() {
                    return self.representation(x, b.kind).map(|v| (target, Some(v)));
                }
                let fits = match s.basic_kind(x.ty) {
                    Some(BasicKind::UntypedBool) => s.is_boolean(target),
                    Some(BasicKind::UntypedString) => s.is_string(target),
                    Some(k) if k.info() & predicates::info::NUMERIC != 0 => s.is_numeric(target),
                    _ => false,
                };
                if fits { Ok((target, None)) } else { Err(Misfit::Other) }
            }
            Type::Interface(_) if s.is_type_param(target) => {
                let fits = s.under_is(target, |u| u.is_some_and(|u| self.implicit_type(x, u).is_ok()));
                if fits { Ok((target, None)) } else { Err(Misfit::Other) }
            }
            Type::Interface(_) => {
                let empty = s.type_set(s.under(target)).is_all();
                if empty { Ok((s.default_type(x.ty), None)) } else { Err(Misfit::Other) }
            }
            _ => Err(Misfit::Other),
        }
    }

    pub fn convert_untyped(&mut self, x: &mut Operand<'a>, target: TypeId) {
        match self.implicit_type(x, target) {
            Ok((t, val)) => self.set_implicit(x, t, val),
            Err(why) => {
                let t = if self.store.is_type_param(target) { target } else { self.store.under(target) };
                self.invalid_conversion(why, x, t);
                x.invalidate();
            }
        }
    }

    pub fn set_implicit(&mut self, x: &mut Operand<'a>, t: TypeId, val: Option<Const>) {
        if let Some(v) = val {
            x.val = v.clone();
            if let Src::Expr(e) = x.expr
                && let Some(u) = self.untyped.get_mut(&e.id)
            {
                u.value = Some(v);
            }
        }
        if t != x.ty {
            x.ty = t;
            if let Src::Expr(e) = x.expr {
                self.update_expr_type(e, t, false);
            }
        }
    }

    /// Gives an untyped expression, and the operands it consists of, a type.
    pub fn update_expr_type(&mut self, e: &'a Expr, t: TypeId, is_final: bool) {
        let mut e = e;
        // Down the left of long chains in a loop; the right operands are done on the way.
        loop {
            let Some(old) = self.untyped.get(&e.id).cloned() else { return };
            let mut next = None;
            match &e.kind {
                ExprKind::Paren(x) => next = Some(&**x),
                ExprKind::Unary(_, x) if old.value.is_none() => next = Some(&**x),
                ExprKind::Binary(op, l, r) if old.value.is_none() && !is_comparison(*op) => {
                    next = Some(&**l);
                    if !is_shift(*op) {
                        self.update_expr_type(r, t, is_final);
                    }
                }
                _ => {}
            }
            self.finish_type(e, old, t, is_final);
            match next {
                Some(n) => e = n,
                None => return,
            }
        }
    }

    fn finish_type(&mut self, e: &'a Expr, old: crate::checker::Untyped, t: TypeId, is_final: bool) {
        let s = self.store;
        if !is_final && s.is_untyped(t) {
            self.untyped.insert(e.id, crate::checker::Untyped { ty: s.under(t), ..old });
            return;
        }
        self.untyped.remove(&e.id);
        if old.is_lhs && !s.all_integer(t) {
            let text =
                format!("invalid operation: shifted operand {e} (type {}) must be integer", self.ts(t));
            return self.err(start_pos(e), text);
        }
        let mut value = old.value.clone();
        if let Some(v) = &old.value {
            let mut c =
                Operand { mode: old.mode, expr: Src::Expr(e), ty: old.ty, val: v.clone(), builtin: None };
            self.convert_untyped(&mut c, t);
            if !c.is_valid() {
                return;
            }
            // A constant is recorded as its type holds it.
            if s.basic_kind(t).is_some() {
                value = Some(c.val);
            }
        }
        self.record_type(e, old.mode, t, value);
    }

    // Operators.

    fn unary(&mut self, x: &mut Operand<'a>, e: &'a Expr, op: UnaryOp, operand: &'a Expr) {
        *x = self.expr(None, operand);
        if !x.is_valid() {
            return;
        }
        let s = self.store;
        let mut op = op;
        match op {
            UnaryOp::And => {
                let lit = matches!(unparen(operand).kind, ExprKind::CompositeLit(_));
                if !lit && x.mode != Mode::Variable {
                    let text = format!("invalid operation: cannot take address of {}", self.os(x));
                    self.err(x.start(), text);
                    return x.invalidate();
                }
                x.mode = Mode::Value;
                x.ty = s.new_pointer(x.ty);
                return;
            }
            UnaryOp::Recv => {
                match self.chan_elem(x.start(), x, true) {
                    Some(elem) if self.is_complete(elem) => {
                        x.mode = Mode::CommaOk;
                        x.ty = elem;
                        self.env.has_call_or_recv = true;
                    }
                    _ => x.invalidate(),
                }
                return;
            }
            UnaryOp::Tilde => {
                let text = "cannot use ~ outside of interface or type constraint";
                if !s.all_integer(x.ty) {
                    self.err(start_pos(e), text.into());
                    return x.invalidate();
                }
                self.err(start_pos(e), format!("{text} (use ^ for bitwise complement)"));
                op = UnaryOp::Xor;
            }
            _ => {}
        }
        let (defined, sign) = match op {
            UnaryOp::Plus => (s.all_numeric(x.ty), "+"),
            UnaryOp::Minus => (s.all_numeric(x.ty), "-"),
            UnaryOp::Xor => (s.all_integer(x.ty), "^"),
            _ => (s.all_boolean(x.ty), "!"),
        };
        if !defined {
            let text = format!("invalid operation: operator {sign} not defined on {}", self.os(x));
            self.err(x.start(), text);
            return x.invalidate();
        }
        if x.is_const() {
            if !x.val.is_known() {
                return;
            }
            let bits = s.is_unsigned(x.ty).then(|| s.size_of(x.ty) as usize * 8);
            x.val = Const::unary_op(op, &x.val, bits);
            x.expr = Src::Expr(e);
            return self.overflow(x, Some(e));
        }
        x.mode = Mode::Value;
    }

    pub fn chan_elem(&mut self, pos: Pos, x: &Operand<'a>, recv: bool) -> Option<TypeId> {
        let s = self.store;
        let found = self.cx().common_under(x.ty, |p| {
            let Some((t, u)) = p else { return Err("no specific channel type".into()) };
            match s.ty(u) {
                Type::Chan(c) if recv && c.dir == ChanDir::Send => {
                    Err(format!("send-only channel {}", self.ts(t)))
                }
                Type::Chan(c) if !recv && c.dir == ChanDir::Recv => {
                    Err(format!("receive-only channel {}", self.ts(t)))
                }
                Type::Chan(_) => Ok(()),
                _ => Err(format!("non-channel {}", self.ts(t))),
            }
        });
        match found {
            Ok(u) => s.ty(u).as_chan().map(|c| c.elem),
            Err(cause) => {
                let verb = if recv { "receive from" } else { "send to" };
                let o = self.os(x);
                let text = match s.is_type_param(x.ty) {
                    true => format!("invalid operation: cannot {verb} {o}: {cause}"),
                    false => format!("invalid operation: cannot {verb} {cause} {o}"),
                };
                self.err(pos, text);
                None
            }
        }
    }

    pub fn match_types(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>) {
        let s = self.store;
        let may = || {
            if s.is_typed(x.ty) && s.is_typed(y.ty) || s.all_numeric(x.ty) != s.all_numeric(y.ty) {
                return false;
            }
            if s.is_non_type_param_interface(x.ty) || s.is_non_type_param_interface(y.ty) {
                return true;
            }
            if s.all_boolean(x.ty) != s.all_boolean(y.ty) || s.all_string(x.ty) != s.all_string(y.ty) {
                return false;
            }
            if x.is_nil() {
                return s.has_nil(y.ty);
            }
            if y.is_nil() {
                return s.has_nil(x.ty);
            }
            let ptr = |t| matches!(s.under_ty(t), Type::Pointer { .. });
            !ptr(x.ty) && !ptr(y.ty)
        };
        if may() {
            self.convert_untyped(x, y.ty);
            if !x.is_valid() {
                return;
            }
            self.convert_untyped(y, x.ty);
            if !y.is_valid() {
                x.invalidate();
            }
        }
    }

    pub fn comparison(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>, op: BinaryOp, switch_case: bool) {
        let s = self.store;
        if !s.is_valid(x.ty) || !s.is_valid(y.ty) {
            return x.invalidate();
        }
        let op = if switch_case { BinaryOp::Eql } else { op };
        // Of the operands, which is to blame (true: x), and why if that is not just the operator.
        let mut blame: Option<(bool, String)> = None;
        let mut ignored = String::new();
        if !self.assignable(x, y.ty, &mut ignored) && !self.assignable(y, x.ty, &mut ignored) {
            let text = format!("mismatched types {} and {}", self.ts(x.ty), self.ts(y.ty));
            blame = Some((false, text));
        } else if matches!(op, BinaryOp::Eql | BinaryOp::Neq) {
            if x.is_nil() || y.is_nil() {
                let t = if x.is_nil() { y.ty } else { x.ty };
                if !s.has_nil(t) {
                    blame = Some((false, String::new()));
                }
            } else if !s.comparable(x.ty) {
                blame = Some((true, self.incomparable(x.ty)));
            } else if !s.comparable(y.ty) {
                blame = Some((false, self.incomparable(y.ty)));
            }
        } else if !s.all_ordered(x.ty) {
            blame = Some((true, String::new()));
        } else if !s.all_ordered(y.ty) {
            blame = Some((false, String::new()));
        }
        if let Some((mut on_x, mut cause)) = blame {
            if cause.is_empty() {
                if s.is_type_param(x.ty) || s.is_type_param(y.ty) {
                    on_x &= s.is_type_param(x.ty);
                    let t = if on_x { x.ty } else { y.ty };
                    cause = format!("type parameter {} cannot use operator {}", self.ts(t), op_str(op));
                } else {
                    let t = if on_x { x.ty } else { y.ty };
                    let what = match self.composite_kind(t) {
                        "" => self.ts(t),
                        w => w.to_string(),
                    };
                    cause = format!("operator {} not defined on {what}", op_str(op));
                }
            }
            if switch_case {
                let text = format!("invalid case {} in switch on {} ({cause})", x.text(), y.text());
                self.err(x.start(), text);
            } else {
                let text = format!("invalid operation: {} {} {} ({cause})", x.text(), op_str(op), y.text());
                let pos = if on_x { x.start() } else { y.start() };
                self.err(pos, text);
            }
            return x.invalidate();
        }
        if x.is_const() && y.is_const() {
            x.val = Const::Bool(Const::compare(op, &x.val, &y.val));
        } else {
            x.mode = Mode::Value;
            for o in [&*x, &*y] {
                if let Src::Expr(e) = o.expr {
                    self.update_expr_type(e, s.default_type(o.ty), true);
                }
            }
        }
        x.ty = self.basic(BasicKind::UntypedBool);
    }

    fn incomparable(&self, t: TypeId) -> String {
        if matches!(self.store.under_ty(t), Type::Slice { .. } | Type::Signature(_) | Type::Map { .. }) {
            return format!("{} can only be compared to nil", self.composite_kind(t));
        }
        match self.store.comparable_type(t, true) {
            Err(why) => self.cx().incomparable_cause(why),
            Ok(()) => String::new(),
        }
    }

    fn shift(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>, e: Option<&'a Expr>, op: BinaryOp) {
        let s = self.store;
        let xval = if x.is_const() { x.val.to_int() } else { Const::Unknown };
        let whole = x.is_const() && xval.kind() == ConstKind::Int;
        if !(s.all_integer(x.ty) || s.is_untyped(x.ty) && whole) {
            let text = format!("invalid operation: shifted operand {} must be integer", self.os(x));
            self.err(x.start(), text);
            return x.invalidate();
        }
        let mut yval = Const::Unknown;
        if y.is_const() {
            yval = y.val.to_int();
            if yval.kind() == ConstKind::Int && yval.sign() < 0 {
                let text = format!("invalid operation: negative shift count {}", self.os(y));
                self.err(y.start(), text);
                return x.invalidate();
            }
            if s.is_untyped(y.ty) {
                self.representable(y, self.basic(BasicKind::Uint));
                if !y.is_valid() {
                    return x.invalidate();
                }
            }
        } else if s.all_integer(y.ty) {
            if !s.all_unsigned(y.ty) {
                let what = format!("invalid operation: signed shift count {}", self.os(y));
                if !self.verify_version(y.start(), 13, &what) {
                    return x.invalidate();
                }
            }
        } else if s.is_untyped(y.ty) {
            self.convert_untyped(y, self.basic(BasicKind::Uint));
            if !y.is_valid() {
                return x.invalidate();
            }
        } else {
            let text = format!("invalid operation: shift count {} must be integer", self.os(y));
            self.err(y.start(), text);
            return x.invalidate();
        }
        if x.is_const() {
            if y.is_const() {
                if !x.val.is_known() || !y.val.is_known() {
                    x.val = Const::Unknown;
                    if !s.is_integer(x.ty) {
                        x.ty = self.basic(BasicKind::UntypedInt);
                    }
                    return;
                }
                // Enough for the smallest float64.
                const MAX_COUNT: u64 = 1023 - 1 + 52;
                let Some(count) = yval.as_u64().filter(|&c| c <= MAX_COUNT) else {
                    let text = format!("invalid operation: invalid shift count {}", self.os(y));
                    self.err(y.start(), text);
                    return x.invalidate();
                };
                if !s.is_integer(x.ty) {
                    x.ty = self.basic(BasicKind::UntypedInt);
                }
                x.val = Const::shift(&xval, op == BinaryOp::Shl, count as usize);
                if let Some(e) = e {
                    x.expr = Src::Expr(e);
                }
                return self.overflow(x, e);
            }
            if s.is_untyped(x.ty) {
                // Its type is what the whole expression's context asks for.
                if let Src::Expr(xe) = x.expr
                    && let Some(u) = self.untyped.get_mut(&xe.id)
                {
                    u.is_lhs = true;
                }
                x.mode = Mode::Value;
                return;
            }
        }
        if !s.all_integer(x.ty) {
            let text = format!("invalid operation: shifted operand {} must be integer", self.os(x));
            self.err(x.start(), text);
            return x.invalidate();
        }
        x.mode = Mode::Value;
    }

    /// `lhs op rhs`; `e` is the whole, `None` in `lhs op= rhs`.
    pub fn binary(&mut self, e: Option<&'a Expr>, lhs: &'a Expr, rhs: &'a Expr, op: BinaryOp) -> Operand<'a> {
        let s = self.store;
        let mut x = self.expr(None, lhs);
        let mut y = self.expr(None, rhs);
        if !x.is_valid() {
            return x;
        }
        if !y.is_valid() {
            x.invalidate();
            x.expr = y.expr;
            return x;
        }
        if is_shift(op) {
            self.shift(&mut x, &mut y, e, op);
            return x;
        }
        self.match_types(&mut x, &mut y);
        if !x.is_valid() {
            return x;
        }
        if is_comparison(op) {
            self.comparison(&mut x, &mut y, op, false);
            return x;
        }
        if !s.identical(x.ty, y.ty) {
            if s.is_valid(x.ty) && s.is_valid(y.ty) {
                let what = match e {
                    Some(e) => e.to_string(),
                    None => format!("{lhs} {}= {rhs}", op_str(op)),
                };
                let (a, b) = (self.ts(x.ty), self.ts(y.ty));
                self.err(x.start(), format!("invalid operation: {what} (mismatched types {a} and {b})"));
            }
            x.invalidate();
            return x;
        }
        use BinaryOp::*;
        let defined = match op {
            Add => s.all_numeric_or_string(x.ty),
            Sub | Mul | Div => s.all_numeric(x.ty),
            Rem | And | Or | Xor | AndNot => s.all_integer(x.ty),
            _ => s.all_boolean(x.ty),
        };
        if !defined {
            let text = format!("invalid operation: operator {} not defined on {}", op_str(op), self.os(&x));
            self.err(x.start(), text);
            x.invalidate();
            return x;
        }
        if matches!(op, Div | Rem)
            && y.is_const()
            && y.val.is_known()
            && y.val.sign() == 0
            && (x.is_const() || s.all_integer(x.ty))
        {
            self.err(y.start(), "invalid operation: division by zero".into());
            x.invalidate();
            return x;
        }
        if op == Div && x.is_const() && y.is_const() && y.val.is_known() && s.is_complex(x.ty) {
            // The divisor's square may be too small for any number.
            let square = |p: Const| Const::binary_op(Mul, &p, &p, false);
            if square(y.val.real()).sign() == 0 && square(y.val.imag()).sign() == 0 {
                self.err(y.start(), "invalid operation: division by zero".into());
                x.invalidate();
                return x;
            }
        }
        if x.is_const() && y.is_const() {
            if !x.val.is_known() || !y.val.is_known() {
                x.val = Const::Unknown;
                return x;
            }
            x.val = Const::binary_op(op, &x.val, &y.val, op == Div && s.is_integer(x.ty));
            if let Some(e) = e {
                x.expr = Src::Expr(e);
            }
            self.overflow(&mut x, e);
            return x;
        }
        x.mode = Mode::Value;
        x
    }

    // Dispatch.

    pub fn raw_expr(
        &mut self,
        target: Option<Target>,
        e: &'a Expr,
        hint: Option<TypeId>,
        allow_generic: bool,
    ) -> (Operand<'a>, Kind) {
        let mut x = Operand::new();
        let kind = self.expr_internal(target.as_ref(), &mut x, e, hint);
        if !allow_generic {
            self.non_generic(target.as_ref(), &mut x);
        }
        self.record(&x);
        (x, kind)
    }

    /// A generic type or function that is not instantiated is an error, unless the target says how.
    pub fn non_generic(&mut self, target: Option<&Target>, x: &mut Operand<'a>) {
        if !x.is_valid() || x.mode == Mode::NoValue {
            return;
        }
        let s = self.store;
        let what = match s.ty(x.ty) {
            Type::Alias(_) | Type::Named(_) if s.is_generic(x.ty) => "type",
            Type::Signature(sig) if !sig.get().type_params.is_empty() => {
                if let Some(t) = target {
                    self.func_inst(Some(t), x.pos(), x, None, true);
                    return;
                }
                "function"
            }
            _ => return,
        };
        let text = format!("cannot use generic {what} {} without instantiation", x.text());
        self.err(x.start(), text);
        x.invalidate();
        x.ty = TypeId::INVALID;
    }

    fn expr_internal(
        &mut self,
        target: Option<&Target>,
        x: &mut Operand<'a>,
        e: &'a Expr,
        hint: Option<TypeId>,
    ) -> Kind {
        match &e.kind {
            ExprKind::Bad => {}
            ExprKind::Name(n) => {
                *x = self.ident(e, n, false);
                x.expr = Src::Expr(e);
                return Kind::Expression;
            }
            ExprKind::BasicLit(lit) => {
                if !lit.bad {
                    self.basic_lit(x, e, lit);
                }
            }
            ExprKind::FuncLit(lit) => self.func_lit(x, lit),
            ExprKind::CompositeLit(lit) => self.composite_lit(x, e, lit, hint),
            ExprKind::Paren(inner) => {
                let (y, kind) = self.raw_expr(None, inner, None, false);
                *x = y;
                x.expr = Src::Expr(e);
                return kind;
            }
            ExprKind::Selector(inner, sel) => {
                *x = self.selector(e, inner, sel, false);
                x.expr = Src::Expr(e);
                return Kind::Expression;
            }
            ExprKind::Index(inner, list) => {
                if self.index_expr(x, e, inner, list) {
                    self.func_inst(target, e.pos, x, Some((e, list)), true);
                }
            }
            ExprKind::Slice(sl) => self.slice_expr(x, e, sl),
            ExprKind::TypeAssert(inner, t) => self.type_assert(x, e, inner, t),
            ExprKind::TypeSwitchGuard(_, inner) => {
                self.err(start_pos(e), "invalid syntax tree: use of .(type) outside type switch".into());
                self.use_exprs(&[inner]);
            }
            ExprKind::Call(call) => return self.call_expr(x, e, call),
            ExprKind::List(_) => {
                self.err(start_pos(e), "invalid syntax tree: unexpected list of expressions".into())
            }
            ExprKind::Star(inner) => self.star(x, inner),
            ExprKind::Unary(op, inner) => {
                self.unary(x, e, *op, inner);
                if x.is_valid() && *op == UnaryOp::Recv {
                    x.expr = Src::Expr(e);
                    return Kind::Statement;
                }
            }
            ExprKind::Binary(op, l, r) => *x = self.binary(Some(e), l, r, *op),
            ExprKind::KeyValue(..) => {
                self.err(start_pos(e), "invalid syntax tree: no key:value expected".into())
            }
            ExprKind::DotsType(_) => self.err(e.pos, "invalid syntax tree: invalid use of ...".into()),
            ExprKind::ArrayType(_)
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..) => {
                x.ty = self.typ(e);
                x.mode = Mode::Type;
            }
        }
        x.expr = Src::Expr(e);
        if x.is_valid() { Kind::Expression } else { Kind::Statement }
    }

    fn star(&mut self, x: &mut Operand<'a>, inner: &'a Expr) {
        let s = self.store;
        *x = self.expr_or_type(inner, false);
        match x.mode {
            Mode::Invalid => {}
            Mode::Type => {
                self.valid_var_type(start_pos(inner), x.ty);
                x.ty = s.new_pointer(x.ty);
            }
            _ => {
                let mut base: Option<TypeId> = None;
                for p in s.typeset(x.ty) {
                    let b = p.and_then(|(_, u)| s.ty(u).as_pointer());
                    let text = match (b, base) {
                        (None, _) => format!("invalid operation: cannot indirect {}", self.os(x)),
                        (Some(b), Some(o)) if !s.identical(b, o) => {
                            format!(
                                "invalid operation: pointers of {} must have identical base types",
                                self.os(x)
                            )
                        }
                        (b, _) => {
                            base = b;
                            continue;
                        }
                    };
                    self.err(x.start(), text);
                    return x.invalidate();
                }
                let Some(b) = base else { return x.invalidate() };
                if !self.is_complete(b) {
                    return x.invalidate();
                }
                x.mode = Mode::Variable;
                x.ty = b;
            }
        }
    }

    fn type_assert(&mut self, x: &mut Operand<'a>, e: &'a Expr, inner: &'a Expr, t: &'a Expr) {
        let s = self.store;
        *x = self.expr(None, inner);
        if !x.is_valid() {
            return;
        }
        let text = if s.is_type_param(x.ty) {
            format!("invalid operation: cannot use type assertion on type parameter value {}", self.os(x))
        } else if !s.is_interface(x.ty) {
            format!("invalid operation: {} is not an interface", self.os(x))
        } else {
            String::new()
        };
        if !text.is_empty() {
            self.err(x.start(), text);
            return x.invalidate();
        }
        let ty = self.var_type(t);
        if !s.is_valid(ty) || !self.is_complete(ty) {
            return x.invalidate();
        }
        self.type_assertion(e, x, ty, false);
        x.mode = Mode::CommaOk;
        x.ty = ty;
    }

    pub fn type_assertion(&mut self, e: &'a Expr, x: &Operand<'a>, t: TypeId, is_switch: bool) {
        let mut cause = String::new();
        if self.with(|cx| cx.assertable_to(x.ty, t, Some(&mut cause))) {
            return;
        }
        let ts = self.ts(t);
        let text = match is_switch {
            true => {
                let o = self.os(x);
                format!("impossible type switch case: {e}\n\t{o} cannot have dynamic type {ts} {cause}")
            }
            false => {
                let v = self.ts(x.ty);
                format!("impossible type assertion: {e}\n\t{ts} does not implement {v} {cause}")
            }
        };
        self.err(start_pos(e), text);
    }

    pub fn expr(&mut self, target: Option<Target>, e: &'a Expr) -> Operand<'a> {
        let (mut x, _) = self.raw_expr(target, e, None, false);
        self.exclude_non_values(&mut x);
        self.single_value(&mut x);
        x
    }

    pub fn generic_expr(&mut self, e: &'a Expr, hint: Option<TypeId>) -> Operand<'a> {
        let (mut x, _) = self.raw_expr(None, e, hint, true);
        self.exclude_non_values(&mut x);
        self.single_value(&mut x);
        x
    }

    pub fn expr_or_type(&mut self, e: &'a Expr, allow_generic: bool) -> Operand<'a> {
        let (mut x, _) = self.raw_expr(None, e, None, allow_generic);
        self.exclude(&mut x, &[Mode::NoValue]);
        self.single_value(&mut x);
        x
    }

    /// The values of an expression: of a call all results; with `allow_comma_ok`, a second `ok` value.
    pub fn multi_expr(&mut self, e: &'a Expr, allow_comma_ok: bool) -> (Vec<Operand<'a>>, bool) {
        let (mut x, _) = self.raw_expr(None, e, None, false);
        self.exclude_non_values(&mut x);
        if x.is_valid()
            && let Type::Tuple(vars) = self.store.ty(x.ty)
        {
            let list = vars.iter().enumerate().map(|(i, &v)| {
                let ext = ["st", "nd", "rd"].get(i).unwrap_or(&"th");
                let name = format!("{}{ext} function result", i + 1);
                Operand::value(Src::Text(start_pos(e), name.as_str().into()), self.store.type_of(v))
            });
            return (list.collect(), false);
        }
        let mode = x.mode;
        let mut list = vec![x];
        if allow_comma_ok && matches!(mode, Mode::MapIndex | Mode::CommaOk | Mode::CommaErr) {
            let text = "ok value of (comma, ok) expression";
            let src = Src::Text(start_pos(e), text.into());
            list.push(Operand::value(src, self.basic(BasicKind::UntypedBool)));
            return (list, true);
        }
        (list, false)
    }

    pub fn exclude_non_values(&mut self, x: &mut Operand<'a>) {
        self.exclude(x, &[Mode::NoValue, Mode::Builtin, Mode::Type]);
    }

    pub fn exclude(&mut self, x: &mut Operand<'a>, modes: &[Mode]) {
        if !modes.contains(&x.mode) {
            return;
        }
        let o = self.os(x);
        let text = match x.mode {
            Mode::NoValue if modes.contains(&Mode::Type) => format!("{o} used as value"),
            Mode::NoValue => format!("{o} used as value or type"),
            Mode::Builtin => format!("{o} must be called"),
            _ => format!("{o} is not an expression"),
        };
        self.err(x.start(), text);
        x.invalidate();
    }

    pub fn single_value(&mut self, x: &mut Operand<'a>) {
        if x.mode == Mode::Value && matches!(self.store.ty(x.ty), Type::Tuple(_)) {
            let text = format!("multiple-value {} in single-value context", self.os(x));
            self.err(x.start(), text);
            x.invalidate();
        }
    }
}
