//! Pointers that travel as integers. A function without a body, or one with `//go:uintptrkeepalive` or
//! `//go:uintptrescapes`, may use what `uintptr(p)` among its arguments points to until it returns (gc's
//! `escape.rewriteArgument`). A pointer made an integer and passed on is on the heap anyway: what is left to
//! do is to hold it.

use crate::func::FuncLower;
use crate::package::{Declared, has_pragma};
use crate::value::Val;
use goxide_ssa::{ConvOp, Op, Ty, Value};
use goxide_syntax::ast::{Expr, ExprKind, unparen};
use goxide_types::{BasicKind, Mode, TypeId};

/// The pointers that a call holds until it returns; `None` of a callee that does not ask for it.
pub(crate) type Held = Option<Vec<Value>>;

impl<'a> FuncLower<'a, '_> {
    /// What a call of `fun` is to hold, yet empty.
    pub fn held_by(&self, fun: &Expr) -> Held {
        let callee = self.static_callee(fun).or_else(|| Some(self.selection(fun)?.obj))?;
        let origin = self.p.store.obj(callee).as_func().and_then(|f| f.origin).unwrap_or(callee);
        self.p.declared(origin).is_some_and(holds).then(Vec::new)
    }

    /// An argument, as [`FuncLower::expr_frozen`]; what it is a pointer in disguise of is noted.
    pub fn argument(&mut self, arg: &'a Expr, t: TypeId, held: &mut Held) -> Val {
        let Some(pointers) = held else { return self.expr_frozen(arg, t) };
        let Some(pointer) = self.disguised(arg) else { return self.expr_frozen(arg, t) };
        let pointer = self.scalar_expr(pointer);
        pointers.push(pointer);
        Val::one(self.b.conv(ConvOp::Bits, pointer, Ty::I64))
    }

    /// The pointer in `uintptr(pointer)`.
    fn disguised(&self, arg: &'a Expr) -> Option<&'a Expr> {
        let ExprKind::Call(call) = &unparen(arg).kind else { return None };
        let [x] = &call.args[..] else { return None };
        let is = |t: TypeId, kind| self.p.store.basic_kind(t) == Some(kind);
        let converts = self.info_of(&call.fun).is_some_and(|tv| tv.mode == Mode::Type)
            && is(self.ty(&call.fun), BasicKind::Uintptr)
            && is(self.ty(x), BasicKind::UnsafePointer);
        converts.then_some(x)
    }

    /// Behind the call.
    pub fn release(&mut self, held: &[Value]) {
        if self.b.is_unreachable() {
            return;
        }
        for &pointer in held {
            self.b.emit0(Op::KeepAlive, &[pointer]);
        }
    }
}

fn holds(d: Declared) -> bool {
    d.decl.body.is_none()
        || has_pragma(&d.decl.pragmas, "go:uintptrkeepalive")
        || has_pragma(&d.decl.pragmas, "go:uintptrescapes")
}
