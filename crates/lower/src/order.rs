//! Order of evaluation. The language orders calls, receives and `&&`, `||` among each other, and leaves open
//! when variables are read and operands checked between them. Programs see what gc makes of that
//! (`return n, walk(func() { n++ })` gives the new `n`), so it is done as there (cf. cmd/compile/internal/walk/order.go):
//! of the operands of a statement or call, all calls are made first, from left to right; what remains is
//! evaluated behind them. With the calls go the bounds of slice expressions that are more than a name, and what
//! an interface holds the address of.

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
        if self.needs_order(operands) {
            operands.iter().for_each(|e| self.make_calls(e));
        }
        self.settled(eval)
    }

    fn needs_order(&self, operands: &[&'a Expr]) -> bool {
        !self.order.is_settled && operands.iter().any(|e| self.has_calls(e))
    }

    /// As [`FuncLower::in_order`], for the operands of a call, which are converted to the types of its parameters.
    pub fn call_in_order<R>(
        &mut self,
        call: &'a CallExpr,
        operands: &[&'a Expr],
        eval: impl FnOnce(&mut Self) -> R,
    ) -> R {
        if self.needs_order(operands) {
            self.make_calls(operands[0]);
            let sig = self.signature_of(&call.fun);
            let params: Vec<TypeId> = sig.params.iter().map(|&p| self.obj_ty(p)).collect();
            let fixed = if sig.variadic { params.len() - 1 } else { params.len() };
            for (i, e) in operands[1..].iter().enumerate() {
                let to = match params.get(i.min(fixed)).map(|&t| (t, self.under(t))) {
                    Some((_, Type::Slice { elem })) if i >= fixed && !call.has_dots => Some(*elem),
                    found => found.map(|(t, _)| t),
                };
                match to {
                    Some(to) => self.make_converted(e, to),
                    None => self.make_calls(e),
                }
            }
        }
        self.settled(eval)
    }

    /// `eval` evaluates operands whose calls were made.
    fn settled<R>(&mut self, eval: impl FnOnce(&mut Self) -> R) -> R {
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

    /// Evaluates `e`, whose calls were made.
    fn make_early(&mut self, e: &'a Expr) {
        let t = self.ty(e);
        let v = self.settled(|l| {
            let v = l.expr(e);
            l.freeze(v, t)
        });
        self.order.made.insert(e.id, vec![v]);
    }

    /// Makes the calls in `e`, and evaluates it if it is to be copied where an interface can refer to it: `to` is
    /// the type that it is converted to.
    fn make_converted(&mut self, e: &'a Expr, to: TypeId) {
        self.make_calls(e);
        let copied = |mode| matches!(mode, Mode::Value | Mode::MapIndex | Mode::CommaOk);
        if !self.info_of(e).is_some_and(|tv| tv.value.is_none() && copied(tv.mode)) {
            return;
        }
        let from = self.p.store.default_type(self.ty(e));
        let is_converted = matches!(self.under(to), Type::Interface(_))
            && !matches!(self.under(from), Type::Interface(_) | Type::Tuple(_));
        if is_converted && !self.order.made.contains_key(&e.id) && !self.is_converted_by_value(from) {
            self.make_early(e);
        }
    }

    /// Values of the type are given to the runtime when they are made part of an interface, and not their address
    /// (`walk.dataWordFuncName`).
    fn is_converted_by_value(&mut self, t: TypeId) -> bool {
        let (store, mut t) = (self.p.store, t);
        let layout = self.layout(t);
        let is_number = matches!((layout.size, layout.align), (2, 2) | (4, 4) | (8, 8));
        if is_number && !crate::layout::has_pointers(store, t) {
            return true;
        }
        loop {
            t = match self.under(t) {
                Type::Array { len: 1, elem } => *elem,
                Type::Struct(s) => match s.fields() {
                    [f] => store.type_of(*f),
                    _ => return false,
                },
                Type::Slice { .. } => return true,
                Type::Basic(_) => return store.is_string(t),
                _ => return false,
            }
        }
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
                    let v = self.settled(|l| l.type_assert(e, x, t));
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
                for bound in s.index.iter().flatten() {
                    self.make_calls(bound);
                    if !self.is_known(bound) && !matches!(unparen(bound).kind, ExprKind::Name(_)) {
                        self.make_early(bound);
                    }
                }
                let v = self.settled(|l| l.slice_expr(e, s));
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
