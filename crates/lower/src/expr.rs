//! Expressions: values, places and conditions.

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_abi::Entry;
use goxide_ssa::{Block, Check, CmpOp, Ty, UnOp, Value};
use goxide_syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp, unparen};
use goxide_types::{Mode, ObjectKind, Selection, SelectionKind, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    /// The value of `e` converted to `t`, to which it is assignable.
    pub fn expr_as(&mut self, e: &'a Expr, t: TypeId) -> Val {
        if self.is_nil(e) {
            return self.zero(t);
        }
        let from = self.ty(e);
        let v = self.expr(e);
        self.convert_assign(v, from, t)
    }

    /// As [`FuncLower::expr_as`], safe from later changes of memory.
    pub fn expr_frozen(&mut self, e: &'a Expr, t: TypeId) -> Val {
        let v = self.expr_as(e, t);
        self.freeze(v, t)
    }

    pub fn scalar_expr(&mut self, e: &'a Expr) -> Value {
        let v = self.expr(e);
        self.scalar(v)
    }

    pub fn is_nil(&self, e: &Expr) -> bool {
        let e = unparen(e);
        if let Some(tv) = self.info_of(e)
            && (tv.mode == Mode::NilValue)
        {
            return true;
        }
        matches!(e.kind, ExprKind::Name(_))
            && self.obj(e).is_some_and(|o| matches!(self.p.store.obj(o).kind, ObjectKind::Nil))
    }

    /// The value of `e`, of type `self.ty(e)`.
    pub fn expr(&mut self, e: &'a Expr) -> Val {
        if let Some(tv) = self.info_of(e)
            && let Some(value) = &tv.value
        {
            let t = self.subst(tv.ty);
            return self.constant(value, t);
        }
        if let Some(values) = self.made(e) {
            return values.into_iter().next().unwrap_or(Val::Zero);
        }
        match &e.kind {
            ExprKind::Binary(..)
            | ExprKind::Index(..)
            | ExprKind::Slice(_)
            | ExprKind::CompositeLit(_)
            | ExprKind::Selector(..)
            | ExprKind::Star(_)
            | ExprKind::Unary(UnaryOp::And, _)
                if !self.is_settled() =>
            {
                self.in_order(&[e], |l| l.expr(e))
            }
            _ => self.expr_of_kind(e),
        }
    }

    fn expr_of_kind(&mut self, e: &'a Expr) -> Val {
        match &e.kind {
            ExprKind::Paren(x) => self.expr(x),
            ExprKind::Name(_) => self.name(e),
            ExprKind::FuncLit(lit) => self.func_lit(lit, self.ty(e)),
            ExprKind::CompositeLit(lit) => {
                let t = self.ty(e);
                self.composite(lit, t)
            }
            ExprKind::Selector(x, _) => self.selector(e, x),
            ExprKind::Index(x, list) => self.index(e, x, list),
            ExprKind::Slice(s) => self.slice_expr(e, s),
            ExprKind::TypeAssert(x, _) => {
                let t = self.ty(e);
                self.type_assert(e, x, t)
            }
            ExprKind::Unary(op, x) => self.unary(e, *op, x),
            ExprKind::Binary(op, x, y) => self.binary(e, *op, x, y),
            ExprKind::Star(x) => {
                let ptr = self.scalar_expr(x);
                self.set_pos(e.pos);
                self.b.nil_check(ptr);
                self.load_mem(ptr, 0, self.ty(e))
            }
            ExprKind::Call(_) => self.call_value(e),
            _ => {
                self.unsupported(e.pos, "this expression is");
                let t = self.ty(e);
                self.zero(t)
            }
        }
    }

    fn name(&mut self, e: &'a Expr) -> Val {
        let t = self.ty(e);
        let Some(obj) = self.obj(e) else { return self.zero(t) };
        match &self.p.store.obj(obj).kind {
            ObjectKind::Var(_) => {
                let place = self.var_place(obj);
                self.load(&place, t)
            }
            ObjectKind::Func(_) => {
                let targs = self.targs(e);
                self.func_value(obj, &targs)
            }
            _ => self.zero(t),
        }
    }

    /// The type arguments that a name or selected name was instantiated with.
    pub fn targs(&self, e: &Expr) -> Vec<TypeId> {
        let e = unparen(e);
        let id = match &e.kind {
            ExprKind::Selector(_, name) => name.id,
            ExprKind::Index(x, _) => return self.targs(x),
            _ => e.id,
        };
        match self.source.info.instances.get(&id) {
            Some(i) => i.targs.iter().map(|&t| self.subst(t)).collect(),
            None => Vec::new(),
        }
    }

    /// The selection of a selector expression as it is for this instance's types.
    pub fn selection(&self, e: &Expr) -> Option<Selection> {
        let sel = self.source.info.selections.get(&e.id)?;
        if self.env.is_empty() {
            return Some(sel.clone());
        }
        let recv = self.subst(sel.recv);
        let o = self.p.store.obj(sel.obj);
        let found = self.p.store.lookup_field_or_method(recv, true, o.pkg, &o.name, false).found()?;
        Some(Selection {
            kind: sel.kind,
            recv,
            obj: found.obj,
            ty: self.subst(sel.ty),
            path: found.path,
            indirect: found.indirect,
        })
    }

    fn selector(&mut self, e: &'a Expr, x: &'a Expr) -> Val {
        let t = self.ty(e);
        let Some(sel) = self.selection(e) else {
            // A qualified identifier.
            let ExprKind::Selector(_, name) = &e.kind else { return self.zero(t) };
            let Some(obj) = self.obj_of(name.id) else { return self.zero(t) };
            return match &self.p.store.obj(obj).kind {
                ObjectKind::Var(_) => {
                    let place = self.var_place(obj);
                    self.load(&place, t)
                }
                ObjectKind::Func(_) => {
                    let targs = self.targs(e);
                    self.func_value(obj, &targs)
                }
                _ => self.zero(t),
            };
        };
        match sel.kind {
            SelectionKind::Field => {
                if self.is_addressable_path(x) {
                    let place = self.place(e);
                    return self.load(&place, t);
                }
                let v = self.expr(x);
                self.set_pos(e.pos);
                self.walk_fields(v, sel.recv, &sel.path).0
            }
            SelectionKind::Method => self.method_value(e, x, &sel),
            SelectionKind::MethodExpr => self.method_expr(e, &sel),
        }
    }

    /// The field that a path leads to from a value of type `t`, with its type.
    pub fn walk_fields(&mut self, v: Val, t: TypeId, path: &[u32]) -> (Val, TypeId) {
        let (mut v, mut t) = (v, t);
        for &i in path {
            if let Type::Pointer { base } = self.under(t) {
                let ptr = self.scalar(v);
                self.b.nil_check(ptr);
                let place = self.field_place(Place::Mem { ptr, offset: 0, heap: true }, *base, i as usize);
                t = self.p.layouts.fields(self.p.store, *base)[i as usize].ty;
                v = self.load(&place, t);
            } else {
                v = self.field_of(v, t, i as usize);
                t = self.p.layouts.fields(self.p.store, t)[i as usize].ty;
            }
        }
        (v, t)
    }

    /// `x` is a variable, or reached through a pointer: a field of it can be read in place.
    pub fn is_addressable_path(&self, x: &Expr) -> bool {
        let x = unparen(x);
        if matches!(self.under(self.ty(x)), Type::Pointer { .. }) {
            return true;
        }
        match &x.kind {
            ExprKind::Name(_) => {
                self.obj(x).is_some_and(|o| matches!(self.p.store.obj(o).kind, ObjectKind::Var(_)))
            }
            ExprKind::Star(_) => true,
            ExprKind::Selector(y, name) => match self.source.info.selections.get(&x.id) {
                Some(s) => s.kind == SelectionKind::Field && self.is_addressable_path(y),
                None => self
                    .obj_of(name.id)
                    .is_some_and(|o| matches!(self.p.store.obj(o).kind, ObjectKind::Var(_))),
            },
            ExprKind::Index(y, _) => match self.under(self.ty(y)) {
                Type::Slice { .. } | Type::Pointer { .. } => true,
                Type::Array { .. } => self.is_addressable_path(y),
                _ => false,
            },
            _ => false,
        }
    }

    /// The place that an addressable expression, a map element or a variable is.
    pub fn place(&mut self, e: &'a Expr) -> Place {
        match &e.kind {
            ExprKind::Paren(x) => self.place(x),
            ExprKind::Name(name) => {
                if &**name == "_" {
                    return Place::Blank;
                }
                match self.obj(e) {
                    Some(obj) => self.var_place(obj),
                    None => Place::Blank,
                }
            }
            ExprKind::Star(_) | ExprKind::Selector(..) | ExprKind::Index(..) => {
                let target = self.target(e);
                self.reach(&target)
            }
            ExprKind::CompositeLit(lit) => {
                // Only of `&T{…}`, and of slices of literals.
                let t = self.ty(e);
                let ptr = self.new_composite(lit, t);
                Place::Mem { ptr, offset: 0, heap: true }
            }
            _ => {
                // A value that a method with a pointer receiver or a slice expression is applied to.
                let t = self.ty(e);
                let v = self.expr(e);
                let ptr = self.spill(v, t);
                Place::Mem { ptr, offset: 0, heap: false }
            }
        }
    }

    /// `&x`
    pub fn address_of(&mut self, x: &'a Expr) -> Value {
        let place = self.place(x);
        self.place_addr(&place)
    }

    fn unary(&mut self, e: &'a Expr, op: UnaryOp, x: &'a Expr) -> Val {
        let t = self.ty(e);
        match op {
            UnaryOp::And => {
                let x = unparen(x);
                let ptr = match &x.kind {
                    ExprKind::CompositeLit(lit) => {
                        let elem = self.ty(x);
                        self.new_composite(lit, elem)
                    }
                    _ => self.address_of(x),
                };
                Val::one(ptr)
            }
            UnaryOp::Recv => self.receive(e, x).0,
            UnaryOp::Not => {
                let v = self.scalar_expr(x);
                Val::one(self.b.not(v))
            }
            UnaryOp::Plus | UnaryOp::Tilde => self.expr(x),
            UnaryOp::Xor => {
                let v = self.scalar_expr(x);
                Val::one(self.b.un(UnOp::Not, v))
            }
            UnaryOp::Minus => {
                let v = self.expr(x);
                let parts = self.parts(v, t);
                Val::Regs(parts.into_iter().map(|v| self.b.un(UnOp::Neg, v)).collect())
            }
        }
    }

    /// Goes to `then` or `else_` by the boolean `e`.
    pub fn cond(&mut self, e: &'a Expr, then: Block, else_: Block) {
        let constant = self.info_of(e).and_then(|tv| tv.value.as_ref()).and_then(|v| v.as_bool());
        if let Some(b) = constant {
            self.b.jump(if b { then } else { else_ });
            return;
        }
        match &e.kind {
            ExprKind::Paren(x) => self.cond(x, then, else_),
            ExprKind::Unary(UnaryOp::Not, x) => self.cond(x, else_, then),
            ExprKind::Binary(BinaryOp::AndAnd, x, y) => {
                let next = self.b.block();
                self.cond(x, next, else_);
                self.b.start(next);
                self.cond(y, then, else_);
            }
            ExprKind::Binary(BinaryOp::OrOr, x, y) => {
                let next = self.b.block();
                self.cond(x, then, next);
                self.b.start(next);
                self.cond(y, then, else_);
            }
            _ => {
                let c = self.scalar_expr(e);
                self.b.branch(c, then, else_);
            }
        }
    }

    /// A boolean that is 1 where control comes to `then`.
    pub fn cond_value(&mut self, e: &'a Expr) -> Value {
        let var = self.b.var(Ty::I8);
        let (then, else_, end) = (self.b.block(), self.b.block(), self.b.block());
        self.cond(e, then, else_);
        for (block, value) in [(then, true), (else_, false)] {
            self.b.start(block);
            let v = self.b.bool(value);
            self.b.def(var, v);
            self.b.jump(end);
        }
        self.b.start(end);
        self.b.get(var)
    }

    /// An index or length in 64 bits, and whether its type is unsigned.
    pub fn index_value(&mut self, e: &'a Expr) -> (Value, bool) {
        let t = self.ty(e);
        let unsigned = self.p.store.is_unsigned(t);
        let v = self.scalar_expr(e);
        (self.b.extend(v, !unsigned), unsigned)
    }

    pub fn check_index(&mut self, index: Value, unsigned: bool, len: Value) {
        if let (Some(i), Some(n)) = (self.b.as_const(index), self.b.as_const(len))
            && i >= 0
            && i < n
        {
            return;
        }
        self.b.check(Check::Index { unsigned }, &[index, len]);
    }

    /// Evaluates `e` for its effects.
    pub fn effects(&mut self, e: &'a Expr) {
        if let ExprKind::Call(_) = unparen(e).kind {
            self.call_results(unparen(e));
        } else {
            self.expr(e);
        }
    }

    /// `a == nil` of the first scalar.
    pub fn is_null(&mut self, v: Value) -> Value {
        self.b.cmp_const(CmpOp::Eq, v, 0)
    }

    pub fn panic_entry(&mut self, entry: Entry) {
        self.b.rt(entry, &[]);
    }
}
