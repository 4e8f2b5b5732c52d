//! What is assigned to. Its operands are evaluated before any of the assignments of a statement, but it panics
//! only when its turn comes: `m[k], *p = 1, 2` sets the map's element even if `p` is nil (cf. `ascompatee` of
//! cmd/compile/internal/walk/assign.go).

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_source::Pos;
use goxide_ssa::Value;
use goxide_syntax::ast::{Expr, ExprKind, unparen};
use goxide_types::{Type, TypeId};

/// A place whose operands are known, and what remains to be checked of it.
pub(crate) enum Target {
    Ready(Place),
    /// What a pointer points to.
    Pointee {
        ptr: Value,
        pos: Pos,
    },
    Field {
        base: Box<Target>,
        of: TypeId,
        field: usize,
    },
    ArrayElement {
        base: Box<Target>,
        index: (Value, bool),
        len: i64,
        elem: TypeId,
        pos: Pos,
    },
    SliceElement {
        ptr: Value,
        index: (Value, bool),
        len: Value,
        elem: TypeId,
        pos: Pos,
    },
}

impl<'a> FuncLower<'a, '_> {
    /// Evaluates the operands of what is assigned to.
    pub fn target(&mut self, e: &'a Expr) -> Target {
        let e = unparen(e);
        match &e.kind {
            ExprKind::Star(x) => Target::Pointee { ptr: self.scalar_expr(x), pos: e.pos },
            ExprKind::Selector(x, name) => match self.selection(e) {
                Some(_) => self.field_target(e, x),
                None => Target::Ready(match self.obj_of(name.id) {
                    Some(obj) => self.var_place(obj),
                    None => Place::Blank,
                }),
            },
            ExprKind::Index(x, list) => self.index_target(e, x, list),
            _ => Target::Ready(self.place(e)),
        }
    }

    fn field_target(&mut self, e: &'a Expr, x: &'a Expr) -> Target {
        let Some(sel) = self.selection(e) else { return Target::Ready(Place::Blank) };
        let mut t = sel.recv;
        let mut target = if let Type::Pointer { base } = self.under(t) {
            t = *base;
            Target::Pointee { ptr: self.scalar_expr(x), pos: e.pos }
        } else {
            self.target(x)
        };
        for &i in &sel.path {
            if let Type::Pointer { base } = self.under(t) {
                // An embedded pointer is an operand.
                let place = self.reach(&target);
                self.set_pos(e.pos);
                let v = self.load(&place, t);
                target = Target::Pointee { ptr: self.scalar(v), pos: e.pos };
                t = *base;
            }
            let field = i as usize;
            target = Target::Field { base: Box::new(target), of: t, field };
            t = self.p.layouts.fields(self.p.store, t)[field].ty;
        }
        target
    }

    fn index_target(&mut self, e: &'a Expr, x: &'a Expr, list: &'a [Expr]) -> Target {
        let xt = self.ty(x);
        let pos = e.pos;
        match self.under(xt) {
            Type::Slice { elem } => {
                let v = self.expr(x);
                let parts = self.parts(v, xt);
                let index = self.index_value(&list[0]);
                Target::SliceElement { ptr: parts[0], index, len: parts[1], elem: *elem, pos }
            }
            Type::Pointer { base } => {
                let ptr = self.scalar_expr(x);
                let index = self.index_value(&list[0]);
                let Type::Array { len, elem } = self.under(*base) else { return Target::Ready(Place::Blank) };
                let base = Box::new(Target::Pointee { ptr, pos });
                Target::ArrayElement { base, index, len: *len, elem: *elem, pos }
            }
            Type::Array { len, elem } => {
                let base = Box::new(self.target(x));
                let index = self.index_value(&list[0]);
                Target::ArrayElement { base, index, len: *len, elem: *elem, pos }
            }
            Type::Map { key, .. } => {
                let map = self.scalar_expr(x);
                let key = self.expr_frozen(&list[0], *key);
                Target::Ready(Place::Map { map_ty: xt, map, key })
            }
            _ => Target::Ready(Place::Blank),
        }
    }

    /// The place, after the checks that remain.
    pub fn reach(&mut self, target: &Target) -> Place {
        match target {
            Target::Ready(place) => place.clone(),
            Target::Pointee { ptr, pos } => {
                self.set_pos(*pos);
                self.b.nil_check(*ptr);
                Place::Mem { ptr: *ptr, offset: 0, heap: true }
            }
            Target::Field { base, of, field } => {
                let place = self.reach(base);
                self.field_place(place, *of, *field)
            }
            Target::ArrayElement { base, index: (i, unsigned), len, elem, pos } => {
                let place = self.reach(base);
                self.set_pos(*pos);
                let n = self.b.int(*len);
                self.check_index(*i, *unsigned, n);
                match place {
                    // The check has failed.
                    _ if *len == 0 => Place::Blank,
                    Place::Mem { ptr, offset, heap } => {
                        let base = self.b.offset(ptr, offset.into());
                        Place::Mem { ptr: self.element(base, *i, *elem), offset: 0, heap }
                    }
                    place => place,
                }
            }
            Target::SliceElement { ptr, index: (i, unsigned), len, elem, pos } => {
                self.set_pos(*pos);
                self.check_index(*i, *unsigned, *len);
                Place::Mem { ptr: self.element(*ptr, *i, *elem), offset: 0, heap: true }
            }
        }
    }

    /// Stores a value of type `from` where an assignment wants it.
    pub fn assign_to(&mut self, target: &Target, t: TypeId, v: Val, from: TypeId) {
        let place = self.reach(target);
        let v = self.convert_assign(v, from, t);
        self.store(&place, t, v);
    }
}
