//! The functions of package unsafe (as `types2/builtins.go`).

use crate::checker::Checker;
use crate::operand::Operand;
use goxide_syntax::ast::{CallExpr, ExprKind, start_pos, unparen};
use goxide_types::*;

impl<'a> Checker<'a> {
    /// The size depends on type parameters; true, with an error, of a type inside its declaration.
    fn has_var_size(&mut self, t: TypeId) -> bool {
        let s = self.store;
        let t = s.unalias(t);
        match s.ty(t) {
            Type::TypeParam(_) => true,
            Type::Named(_) => {
                if let Some(&known) = self.var_sizes.get(&t) {
                    return known;
                }
                let obj = self.path_obj(t);
                if let Some(i) = self.in_path(obj) {
                    let cycle = self.obj_path[i..].to_vec();
                    let first = self.first_in_source(&cycle);
                    self.cycle_error(&cycle, first);
                    return true;
                }
                self.obj_path.push(obj);
                let found = s.rhs(t).is_some_and(|rhs| self.has_var_size(rhs));
                self.obj_path.pop();
                self.var_sizes.insert(t, found);
                found
            }
            Type::Array { elem, .. } => self.has_var_size(*elem),
            Type::Struct(st) => st.fields().iter().any(|&f| self.has_var_size(s.type_of(f))),
            _ => false,
        }
    }

    fn uintptr(&mut self, x: &mut Operand<'a>, call: &'a CallExpr, of: TypeId, value: Option<i64>) -> bool {
        let t = self.basic(BasicKind::Uintptr);
        match value {
            Some(v) => {
                x.mode = Mode::Constant;
                x.val = Const::from_i64(v);
            }
            None => {
                x.mode = Mode::Value;
                self.note(call, Some(t), &[of]);
            }
        }
        x.ty = t;
        true
    }

    pub fn unsafe_builtin(
        &mut self,
        x: &mut Operand<'a>,
        call: &'a CallExpr,
        mut args: Vec<Operand<'a>>,
        id: Builtin,
    ) -> bool {
        let s = self.store;
        let since = match id {
            Builtin::Add | Builtin::Slice => 17,
            Builtin::SliceData | Builtin::String | Builtin::StringData => 20,
            _ => 0,
        };
        let name = format!("unsafe.{}", id.name());
        self.verify_version(start_pos(&call.fun), since, &name);
        let argument = format!("argument to {name}");
        let byte_ptr = s.new_pointer(self.basic(BasicKind::Byte));
        match id {
            Builtin::Add => {
                let p = self.basic(BasicKind::UnsafePointer);
                self.assignment(x, Some(p), &argument);
                if !x.is_valid() || !self.is_valid_index(&mut args[1], "length", true) {
                    return false;
                }
                x.mode = Mode::Value;
                x.ty = p;
                self.note(call, Some(p), &[p, args[1].ty]);
                true
            }
            Builtin::Alignof | Builtin::Sizeof => {
                self.assignment(x, None, &argument);
                if !x.is_valid() {
                    return false;
                }
                let t = x.ty;
                if self.has_var_size(t) {
                    return self.uintptr(x, call, t, None);
                }
                let n = if id == Builtin::Sizeof { s.size_of(t) } else { s.align_of(t) };
                if n < 0 {
                    let text = format!("{} is too large", self.os(x));
                    return self.bad(x.start(), text);
                }
                self.uintptr(x, call, t, Some(n))
            }
            Builtin::Offsetof => self.offsetof(x, call),
            Builtin::Slice => {
                let Some(base) = s.common_under(x.ty).and_then(|u| s.ty(u).as_pointer()) else {
                    let text = format!("invalid argument: {} is not a pointer", self.os(x));
                    return self.bad(x.start(), text);
                };
                if !self.is_valid_index(&mut args[1], "length", false) {
                    return false;
                }
                let ptr = s.new_pointer(base);
                x.mode = Mode::Value;
                x.ty = s.new_slice(base);
                self.note(call, Some(x.ty), &[ptr, args[1].ty]);
                true
            }
            Builtin::SliceData => {
                let Some(elem) = s.common_under(x.ty).and_then(|u| s.ty(u).as_slice()) else {
                    let text = format!("invalid argument: {} is not a slice", self.os(x));
                    return self.bad(x.start(), text);
                };
                let slice = s.new_slice(elem);
                x.mode = Mode::Value;
                x.ty = s.new_pointer(elem);
                self.note(call, Some(x.ty), &[slice]);
                true
            }
            Builtin::String => {
                self.assignment(x, Some(byte_ptr), &argument);
                if !x.is_valid() || !self.is_valid_index(&mut args[1], "length", false) {
                    return false;
                }
                x.mode = Mode::Value;
                x.ty = self.basic(BasicKind::String);
                self.note(call, Some(x.ty), &[byte_ptr, args[1].ty]);
                true
            }
            _ => {
                let string = self.basic(BasicKind::String);
                self.assignment(x, Some(string), &argument);
                if !x.is_valid() {
                    return false;
                }
                x.mode = Mode::Value;
                x.ty = byte_ptr;
                self.note(call, Some(byte_ptr), &[string]);
                true
            }
        }
    }

    fn offsetof(&mut self, x: &mut Operand<'a>, call: &'a CallExpr) -> bool {
        let s = self.store;
        let arg0 = &call.args[0];
        let sel_expr = unparen(arg0);
        let ExprKind::Selector(inner, sel) = &sel_expr.kind else {
            self.err(start_pos(arg0), format!("invalid argument: {arg0} is not a selector expression"));
            self.use_exprs(&[arg0]);
            return false;
        };
        *x = self.expr(None, inner);
        if !x.is_valid() {
            return false;
        }
        let base = s.deref_struct_pointer(x.ty);
        let bt = self.ts(base);
        let Lookup::Found(found) = s.lookup_field_or_method(base, false, Some(self.pkg), &sel.name, false)
        else {
            let text = format!("invalid argument: {bt} has no single field {}", sel.name);
            return self.bad(x.start(), text);
        };
        if s.obj(found.obj).as_var().is_none() {
            let text = format!("invalid argument: {arg0} is a method value");
            return self.bad(start_pos(arg0), text);
        }
        if found.indirect {
            let text = format!("invalid argument: field {} is embedded via a pointer in {bt}", sel.name);
            return self.bad(x.start(), text);
        }
        let ty = s.type_of(found.obj);
        self.record_selection(sel_expr, sel, SelectionKind::Field, base, &found, ty);
        self.record_type(sel_expr, Mode::Variable, ty, None);
        if self.has_var_size(base) {
            return self.uintptr(x, call, ty, None);
        }
        let mut offset: i64 = 0;
        let mut t = base;
        for &i in &found.path {
            let Type::Struct(st) = s.under_ty(t) else { break };
            let offsets = s.offsets_of(st.fields());
            offset = match offsets.get(i as usize) {
                Some(&o) if o >= 0 && offset >= 0 => offset.saturating_add(o),
                _ => -1,
            };
            t = st.fields().get(i as usize).map_or(TypeId::INVALID, |&f| s.type_of(f));
        }
        if offset < 0 {
            let text = format!("{} is too large", self.os(x));
            return self.bad(x.start(), text);
        }
        self.uintptr(x, call, ty, Some(offset))
    }
}
