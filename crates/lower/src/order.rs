//! Order of evaluation. The language orders calls, receives and `&&`, `||` among each other, and leaves open
//! when variables are read and operands checked between them. Programs see what gc makes of that
//! (`return n, walk(func() { n++ })` gives the new `n`), so it is done as there (cf. cmd/compile/internal/walk/order.go):
//! of the operands of a statement or call, all calls are made first, from left to right; what remains is
//! evaluated behind them.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_syntax::ast::{BinaryOp, CallExpr, CompositeLit, Expr, ExprKind, UnaryOp, unparen};
use goxide_types::{Builtin, Mode, SelectionKind, Type, TypeId};

/// Of the operands that are evaluated together.
#[derive(Default)]
pub(crate) struct Order {
    /// The values of calls that were made, until the expression that they are part of is evaluated.
    made: rustc_hash::FxHashMap<goxide_syntax::ast::NodeId, Vec<Val>>,
    /// What is evaluated now is part of operands whose calls were made.
    is_settled: bool,
}

impl<'a> FuncLower<'a, '_> {
    /// `eval` evaluates `operands`, whose calls are made first.
    pub fn in_order<R>(&mut self, operands: &[&'a Expr], eval: impl FnOnce(&mut Self) -> R) -> R {
        if !self.order.is_settled && operands.iter().any(|e| self.has_calls(e)) {
            operands.iter().for_each(|e| self.make_calls(e));
        }
        let outer = std::mem::replace(&mut self.order.is_settled, true);
        let result = eval(self);
        self.order.is_settled = outer;
        result
    }

    /// What `eval` evaluates is no part of the operands around.
    pub fn on_its_own<R>(&mut self, eval: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.order.is_settled, false);
        let result = eval(self);
        self.order.is_settled = outer;
        result
    }

    pub fn is_settled(&self) -> bool {
        self.order.is_settled
    }

    /// The values of `e`, if it was evaluated early.
    pub fn made(&mut self, e: &Expr) -> Option<Vec<Val>> {
        if self.order.made.is_empty() { None } else { self.order.made.remove(&e.id) }
    }

    /// What a map literal that was made early is known by.
    pub fn made_map(&mut self, lit: &CompositeLit) -> Option<Vec<Val>> {
        self.made(lit.elems.first()?)
    }

    fn is_known(&self, e: &Expr) -> bool {
        self.info_of(e).is_some_and(|tv| tv.value.is_some() || tv.mode == Mode::Type)
    }

    /// Something in `e` may change what its neighbours see.
    fn has_calls(&self, mut e: &Expr) -> bool {
        loop {
            if self.is_known(e) {
                return false;
            }
            e = match &e.kind {
                ExprKind::Unary(UnaryOp::Recv, _) => return true,
                ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Unary(_, x) | ExprKind::Selector(x, _) => {
                    x
                }
                ExprKind::TypeAssert(x, _) => x,
                ExprKind::KeyValue(k, v) => {
                    if self.has_calls(v) {
                        return true;
                    }
                    k
                }
                ExprKind::Binary(_, x, y) => {
                    if self.has_calls(y) {
                        return true;
                    }
                    x
                }
                ExprKind::Index(x, list) => {
                    if list.iter().any(|i| self.has_calls(i)) {
                        return true;
                    }
                    x
                }
                ExprKind::Slice(s) => {
                    if s.index.iter().flatten().any(|i| self.has_calls(i)) {
                        return true;
                    }
                    &s.x
                }
                ExprKind::CompositeLit(lit) => return lit.elems.iter().any(|e| self.has_calls(e)),
                ExprKind::Call(call) => {
                    return self
                        .changes_nothing(call)
                        .is_none_or(|args| args.iter().any(|a| self.has_calls(a)));
                }
                _ => return false,
            }
        }
    }

    fn is_conversion(&self, call: &CallExpr) -> bool {
        self.info_of(&call.fun).is_some_and(|tv| tv.mode == Mode::Type)
    }

    /// The operands of a conversion, or of a builtin without effects.
    fn changes_nothing<'e>(&self, call: &'e CallExpr) -> Option<&'e [Expr]> {
        use Builtin::*;
        let is_pure = match self.builtin_of(&call.fun) {
            None => self.is_conversion(call),
            Some(b) => {
                !matches!(b, Append | Clear | Close | Copy | Delete | Panic | Print | Println | Recover)
            }
        };
        is_pure.then_some(&call.args)
    }

    fn keep(&mut self, e: &'a Expr, eval: impl FnOnce(&mut Self) -> Vec<Val>) {
        let values = self.on_its_own(eval);
        self.order.made.insert(e.id, values);
    }

    /// Makes the calls in `e`.
    fn make_calls(&mut self, e: &'a Expr) {
        if self.is_known(e) {
            return;
        }
        match &e.kind {
            ExprKind::Unary(UnaryOp::Recv, x) => self.keep(e, |l| vec![l.receive(e, x).0]),
            ExprKind::Paren(x) | ExprKind::Star(x) | ExprKind::Unary(_, x) => self.make_calls(x),
            ExprKind::Selector(x, _)
                if self.selection(e).is_some_and(|s| s.kind != SelectionKind::MethodExpr) =>
            {
                self.make_calls(x);
            }
            ExprKind::TypeAssert(x, _) => {
                self.make_calls(x);
                let t = self.ty(e);
                if !crate::layout::is_direct_iface(self.p.store, t) {
                    let v = self.in_order(&[], |l| l.type_assert(e, x, t));
                    self.order.made.insert(e.id, vec![v]);
                }
            }
            ExprKind::Binary(BinaryOp::AndAnd | BinaryOp::OrOr, ..) => {
                self.keep(e, |l| vec![Val::one(l.cond_value(e))]);
            }
            ExprKind::Binary(..) => {
                // Down the left side of a chain without recursion.
                let (mut rest, mut left) = (Vec::new(), e);
                while let ExprKind::Binary(op, x, y) = &left.kind
                    && !matches!(op, BinaryOp::AndAnd | BinaryOp::OrOr)
                    && !self.is_known(left)
                {
                    rest.push(&**y);
                    left = x;
                }
                self.make_calls(left);
                rest.into_iter().rev().for_each(|y| self.make_calls(y));
            }
            ExprKind::Index(x, list) => {
                self.make_calls(x);
                list.iter().for_each(|i| self.make_calls(i));
            }
            ExprKind::Slice(s) => {
                self.make_calls(&s.x);
                s.index.iter().flatten().for_each(|i| self.make_calls(i));
                let v = self.in_order(&[], |l| l.slice_expr(e, s));
                self.order.made.insert(e.id, vec![v]);
            }
            ExprKind::CompositeLit(lit) => self.make_calls_of_literal(lit, self.ty(e)),
            ExprKind::Call(call) if self.is_conversion(call) => {
                call.args.iter().for_each(|a| self.make_calls(a));
            }
            ExprKind::Call(_) => self.keep(e, |l| l.call_results(e)),
            _ => {}
        }
    }

    fn make_calls_of_literal(&mut self, lit: &'a CompositeLit, t: TypeId) {
        let elem = match self.core_ty(t) {
            Type::Pointer { base } => return self.make_calls_of_literal(lit, *base),
            // Entry by entry: a value is evaluated behind the entries before it.
            Type::Map { .. } => {
                if let Some(first) = lit.elems.first()
                    && lit.elems.iter().any(|e| self.has_calls(e))
                {
                    self.keep(first, |l| vec![l.composite(lit, t)]);
                }
                return;
            }
            Type::Slice { elem } | Type::Array { elem, .. } => Some(*elem),
            _ => None,
        };
        for e in &lit.elems {
            let value = match &e.kind {
                ExprKind::KeyValue(_, v) => v,
                _ => e,
            };
            match (&unparen(value).kind, elem) {
                (ExprKind::CompositeLit(lit), Some(elem)) if lit.ty.is_none() => {
                    self.make_calls_of_literal(lit, elem);
                }
                _ => self.make_calls(value),
            }
        }
    }
}
