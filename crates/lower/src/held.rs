//! Pointers that travel as integers. A function without a body, or one with `//go:uintptrkeepalive` or
//! `//go:uintptrescapes`, may use what `uintptr(p)` among its arguments points to until it returns (gc's
//! `escape.rewriteArgument`): it is held as long. With `//go:uintptrescapes` it is on the heap, as any pointer
//! that is made an integer and passed on; the others keep nothing, and what it points to may stay in a frame.

use crate::func::FuncLower;
use crate::package::has_pragma;
use crate::value::Val;
use goxide_ssa::{ConvOp, Op, Ty, Value};
use goxide_syntax::ast::{Expr, ExprKind, unparen};
use goxide_types::{BasicKind, Mode, TypeId};

/// The pointers that a call holds until it returns; `None` of a callee that does not ask for it.
pub(crate) type Held = Option<Holding>;

pub(crate) struct Holding {
    pub pointers: Vec<Value>,
    /// The callee may keep them.
    escapes: bool,
}

impl<'a> FuncLower<'a, '_> {
    /// What a call of `fun` is to hold, yet empty.
    pub fn held_by(&self, fun: &Expr) -> Held {
        let callee = self.static_callee(fun).or_else(|| Some(self.selection(fun)?.obj))?;
        let origin = self.p.store.obj(callee).as_func().and_then(|f| f.origin).unwrap_or(callee);
        let declared = self.p.declared(origin)?;
        let escapes = has_pragma(&declared.decl.pragmas, "go:uintptrescapes");
        let holds = escapes
            || declared.decl.body.is_none()
            || has_pragma(&declared.decl.pragmas, "go:uintptrkeepalive");
        holds.then_some(Holding { pointers: Vec::new(), escapes })
    }

    /// An argument, as [`FuncLower::expr_frozen`]; what it is a pointer in disguise of is noted.
    pub fn argument(&mut self, arg: &'a Expr, t: TypeId, held: &mut Held) -> Val {
        let Some(holding) = held else { return self.expr_frozen(arg, t) };
        let Some(pointer) = self.disguised(arg) else { return self.expr_frozen(arg, t) };
        let mut pointer = self.scalar_expr(pointer);
        holding.pointers.push(pointer);
        if !holding.escapes {
            pointer = self.b.conv(ConvOp::Hide, pointer, Ty::Ptr);
        }
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
