//! Assignments and definitions.

use crate::func::FuncLower;
use crate::target::Target;
use crate::value::{Place, Val};
use goxide_abi::Entry;
use goxide_ssa::{ConvOp, Ty, Value};
use goxide_syntax::ast::{BinaryOp, Expr, ExprKind, Stmt, UnaryOp, unparen};
use goxide_types::{BasicKind, ObjId, Type, TypeId};
use smallvec::SmallVec;

impl<'a> FuncLower<'a, '_> {
    /// The type that a value has by itself.
    pub fn value_ty(&self, e: &Expr) -> TypeId {
        let t = self.ty(e);
        if self.p.store.is_untyped(t) { self.p.store.default_type(t) } else { t }
    }

    pub fn chan_elem(&self, c: &Expr) -> TypeId {
        match self.core_ty(self.ty(c)) {
            Type::Chan(c) => c.elem,
            _ => TypeId::INVALID,
        }
    }

    /// `<-x`
    pub fn receive(&mut self, e: &'a Expr, x: &'a Expr) -> (Val, Value) {
        let t = self.chan_elem(x);
        let chan = self.scalar_expr(x);
        self.set_pos(e.pos);
        let p = self.zeroed_temp(t).0;
        let ok = self.b.rt_bool(Entry::ChanRecv, &[chan, p]);
        (self.load_mem(p, 0, t), ok)
    }

    /// The values of an expression that gives several: a call, or a comma-ok form. Frozen.
    pub fn tuple_values(&mut self, e: &'a Expr, n: usize) -> Vec<(Val, TypeId)> {
        let e = unparen(e);
        let bool_ty = self.p.store.basic(BasicKind::Bool);
        let (v, t, ok) = match &e.kind {
            ExprKind::Index(x, list) if n == 2 => {
                let (v, ok) = self.in_order(&[x, &list[0]], |l| l.map_index_ok(e, x, &list[0]));
                let t = match self.core_ty(self.ty(x)) {
                    Type::Map { elem, .. } => *elem,
                    _ => TypeId::INVALID,
                };
                (v, t, ok)
            }
            ExprKind::TypeAssert(x, ty) if n == 2 => {
                let t = self.ty(ty);
                let (v, ok) = self.type_assert_ok(e, x, t);
                (v, t, ok)
            }
            ExprKind::Unary(UnaryOp::Recv, x) if n == 2 => {
                let t = self.chan_elem(x);
                let (v, ok) = self.receive(e, x);
                (v, t, ok)
            }
            _ => {
                let types = self.tuple_types(e).unwrap_or_default();
                let vals = self.call_results(e);
                return vals.into_iter().zip(types).map(|(v, t)| (self.freeze(v, t), t)).collect();
            }
        };
        vec![(self.freeze(v, t), t), (Val::one(ok), bool_ty)]
    }

    /// A new variable with a value of type `from`.
    pub fn define(&mut self, obj: Option<ObjId>, v: Val, from: TypeId) {
        let Some(obj) = obj else { return };
        let t = self.obj_ty(obj);
        let v = self.convert_assign(v, from, t);
        self.declare(obj, t);
        self.init_var(obj, t, v);
    }

    /// The variable that `:=` declares by this name.
    fn declared_by(&self, e: &Expr) -> Option<ObjId> {
        self.source.info.defs.get(&unparen(e).id).copied()
    }

    fn is_blank(e: &Expr) -> bool {
        matches!(&unparen(e).kind, ExprKind::Name(n) if &**n == "_")
    }

    pub fn assign(&mut self, s: &'a Stmt, lhs: &'a Expr, rhs: &'a Expr, define: bool) {
        let (left, right) = (Self::list_of(lhs), Self::list_of(rhs));
        if let ([l], [r]) = (left, right) {
            return self.assign_one(s, l, r, define);
        }
        let is_new = |l: &Self, e: &Expr| if define { l.declared_by(e) } else { None };
        // First the operands of what is assigned to, then the values, then the assignments.
        let targets = |l: &mut Self| -> Vec<Option<Target>> {
            let plain = |l: &Self, e| is_new(l, e).is_some() || Self::is_blank(e);
            left.iter().map(|e| if plain(l, e) { None } else { Some(l.target(e)) }).collect()
        };
        let values = |l: &mut Self| -> Vec<(Val, TypeId)> {
            let one = |(e, r): (&'a Expr, &'a Expr)| {
                let t = match is_new(l, e) {
                    Some(obj) => l.obj_ty(obj),
                    None if Self::is_blank(e) => l.value_ty(r),
                    None => l.ty(e),
                };
                (l.expr_frozen(r, t), t)
            };
            left.iter().zip(right).map(one).collect()
        };
        let mut operands: SmallVec<[&Expr; 4]> = left.iter().collect();
        let (targets, vals) = if left.len() == right.len() {
            operands.extend(right);
            self.in_order(&operands, |l| (targets(l), values(l)))
        } else {
            let n = left.len();
            self.in_order(&operands, |l| {
                let vals = l.on_its_own(|l| l.tuple_values(&right[0], n));
                (targets(l), vals)
            })
        };
        self.set_pos(s.pos);
        for ((l, target), (v, from)) in left.iter().zip(targets).zip(vals) {
            if let Some(obj) = is_new(self, l) {
                self.define(Some(obj), v, from);
            } else if let Some(target) = target {
                let t = self.ty(l);
                self.assign_to(&target, t, v, from);
                self.tell_of_rate(l);
            }
        }
    }

    fn assign_one(&mut self, s: &'a Stmt, l: &'a Expr, r: &'a Expr, define: bool) {
        if define && let Some(obj) = self.declared_by(l) {
            let t = self.obj_ty(obj);
            let v = if Self::is_blank(l) { return self.effects(r) } else { self.expr_as(r, t) };
            let v = if self.storage.contains_key(&obj) { self.freeze(v, t) } else { v };
            self.declare(obj, t);
            self.init_var(obj, t, v);
            return;
        }
        if Self::is_blank(l) {
            let t = self.value_ty(r);
            self.expr_as(r, t);
            return;
        }
        let t = self.ty(l);
        // What the left side panics of is seen after what the right side does.
        let (v, place) = self.in_order(&[l, r], |f| {
            let v = f.expr_as(r, t);
            f.set_pos(s.pos);
            (v, f.place(l))
        });
        self.store(&place, t, v);
        self.tell_of_rate(l);
    }

    /// Behind an assignment to runtime.MemProfileRate, which holds from the next allocation on, and which
    /// allocations do not look at.
    fn tell_of_rate(&mut self, l: &Expr) {
        let l = unparen(l);
        let (name, id) = match &l.kind {
            ExprKind::Name(name) => (&**name, l.id),
            ExprKind::Selector(_, name) => (&*name.name, name.id),
            _ => return,
        };
        if name != "MemProfileRate" {
            return;
        }
        let store = self.p.store;
        let Some(obj) = self.obj_of(id) else { return };
        let is_it = store.obj(obj).as_var().is_some_and(|v| v.is_package_level)
            && store.obj(obj).pkg.is_some_and(|p| &**store.pkg_path(p) == "runtime");
        if is_it && let Place::Mem { ptr, .. } = self.var_place(obj) {
            self.b.rt(Entry::MemProfileRate, &[ptr]);
        }
    }

    pub fn assign_op(&mut self, s: &'a Stmt, op: BinaryOp, lhs: &'a Expr, rhs: &'a Expr) {
        self.in_order(&[lhs, rhs], |l| l.assign_op_in_order(s, op, lhs, rhs));
    }

    fn assign_op_in_order(&mut self, s: &'a Stmt, op: BinaryOp, lhs: &'a Expr, rhs: &'a Expr) {
        let t = self.ty(lhs);
        let mut place = self.place(lhs);
        let v = if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            let old = self.load(&place, t);
            self.set_pos(s.pos);
            self.shift_expr(lhs, op, old, t, rhs)
        } else {
            let w = self.expr_frozen(rhs, t);
            self.set_pos(s.pos);
            // A division by zero leaves no entry behind.
            if !matches!(op, BinaryOp::Div | BinaryOp::Rem) {
                place = self.made_element(place);
            }
            let old = self.load(&place, t);
            self.arith(op, old, w, t)
        };
        self.store(&place, t, v);
    }

    /// A map's element is looked up once for both reading and writing (as by gc's walk).
    fn made_element(&mut self, place: Place) -> Place {
        match place {
            Place::Map { map_ty, map, key } => {
                Place::Mem { ptr: self.map_assign(map_ty, map, key), offset: 0, heap: true }
            }
            other => other,
        }
    }

    pub fn inc_dec(&mut self, op: BinaryOp, x: &'a Expr) {
        let t = self.ty(x);
        let place = self.in_order(&[x], |l| l.place(x));
        let place = self.made_element(place);
        let one = self.one_of(t);
        let old = self.load(&place, t);
        let v = self.arith(op, old, one, t);
        self.store(&place, t, v);
    }

    fn one_of(&mut self, t: TypeId) -> Val {
        self.constant(&goxide_types::Const::from_i64(1), t)
    }

    /// Package variables, in the order of initialization.
    pub fn init_vars(&mut self, lhs: &[ObjId], rhs: &'a Expr) {
        let vals = match lhs {
            [obj] => {
                let blank = &**self.p.store.name(*obj) == "_";
                let t = if blank { self.value_ty(rhs) } else { self.obj_ty(*obj) };
                vec![(self.expr_as(rhs, t), t)]
            }
            _ => self.tuple_values(rhs, lhs.len()),
        };
        for (&obj, (v, from)) in lhs.iter().zip(vals) {
            if &**self.p.store.name(obj) == "_" {
                continue;
            }
            let t = self.obj_ty(obj);
            let v = self.convert_assign(v, from, t);
            let place = self.var_place(obj);
            self.store(&place, t, v);
        }
    }

    pub fn bool_of(&mut self, word: Value) -> Value {
        self.b.conv(ConvOp::Trunc, word, Ty::I8)
    }
}

/// Calls and receives must keep their order.
pub(crate) fn has_calls(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Call(_) | ExprKind::Unary(UnaryOp::Recv, _) => true,
        ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Selector(x, _) | ExprKind::Unary(_, x) => {
            has_calls(x)
        }
        ExprKind::Index(x, list) => has_calls(x) || list.iter().any(has_calls),
        ExprKind::Name(_) | ExprKind::BasicLit(_) | ExprKind::FuncLit(_) => false,
        _ => true,
    }
}
