//! Conversions (as `types2/conversions.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_types::*;

impl<'a> Checker<'a> {
    pub fn conversion(&mut self, x: &mut Operand<'a>, t: TypeId) {
        let s = self.store;
        let const_arg = x.is_const();
        let mut cause = String::new();
        let mut ok = false;
        if const_arg && s.is_const_type(t) {
            match self.const_convertible(x, t) {
                Some(v) => {
                    x.val = v;
                    ok = true;
                }
                None if s.is_integer(x.ty) && s.is_integer(t) => {
                    let text = format!("constant {} overflows {}", x.val, self.ts(t));
                    self.err(x.start(), text);
                    return x.invalidate();
                }
                // Messages show a whole number as such.
                None if s.is_integer(t) && x.val.to_int().is_known() => x.val = x.val.to_int(),
                None => {}
            }
        } else if const_arg && s.is_type_param(t) {
            ok = s.all(t, |p| {
                let Some((_, u)) = p else {
                    cause = format!("{} does not contain specific types", self.ts(t));
                    return false;
                };
                if s.is_string(x.ty) && s.is_bytes_or_runes(u) || self.const_convertible(x, u).is_some() {
                    return true;
                }
                cause = match s.is_integer(x.ty) && s.is_integer(u) {
                    true => format!("constant {} overflows {} (in {})", x.val, self.ts(u), self.ts(t)),
                    false => {
                        format!("cannot convert {} to type {} (in {})", self.os(x), self.ts(u), self.ts(t))
                    }
                };
                false
            });
            x.mode = Mode::Value;
        } else if self.convertible(x, t, &mut cause) {
            ok = true;
            x.mode = Mode::Value;
        }
        if !ok {
            let mut text = format!("cannot convert {} to type {}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                text += &format!(": {cause}");
            }
            self.err(x.start(), text);
            return x.invalidate();
        }
        if s.is_untyped(x.ty) {
            let mut last = t;
            if s.is_untyped_nil(x.ty) {
                // It gets the type as it is.
            } else if s.is_non_type_param_interface(t) || const_arg && !s.is_const_type(t) {
                last = s.default_type(x.ty);
            } else if x.is_const() && s.is_integer(x.ty) && s.all_string(t) {
                last = x.ty;
            }
            if let Src::Expr(e) = x.expr {
                self.update_expr_type(e, last, true);
            }
        }
        x.ty = t;
    }

    fn const_convertible(&self, x: &Operand<'a>, t: TypeId) -> Option<Const> {
        let s = self.store;
        let kind = s.basic_kind(t)?;
        if let Some(v) = x.val.representable(kind) {
            return Some(v);
        }
        if s.is_integer(x.ty) && s.is_string(t) {
            let code = x.val.as_u64().and_then(|c| char::from_u32(u32::try_from(c).ok()?));
            let text = code.unwrap_or('\u{FFFD}').to_string();
            return Some(Const::from_string(text.into_bytes()));
        }
        None
    }

    pub fn convertible(&mut self, x: &Operand<'a>, t: TypeId, cause: &mut String) -> bool {
        let s = self.store;
        if self.assignable(x, t, cause) {
            return true;
        }
        let orig = t;
        let (v, t) = (s.unalias(x.ty), s.unalias(t));
        let (vu, tu) = (s.under(v), s.under(t));
        let (vp, tp) = (s.as_type_param(v), s.as_type_param(t));
        if vp.is_none() && tp.is_none() && s.identical_ignore_tags(vu, tu) {
            return true;
        }
        if let (Type::Pointer { base: a }, Type::Pointer { base: b }) = (s.ty(v), s.ty(t))
            && s.identical_ignore_tags(s.under(*a), s.under(*b))
            && !s.is_type_param(*a)
            && !s.is_type_param(*b)
        {
            return true;
        }
        let kind = |t: TypeId, k: BasicKind| s.basic_kind(t) == Some(k);
        let pointer = |t: TypeId| matches!(s.ty(t), Type::Pointer { .. }) || kind(t, BasicKind::Uintptr);
        if s.is_integer_or_float(vu) && s.is_integer_or_float(tu)
            || s.is_complex(vu) && s.is_complex(tu)
            || (s.is_integer(vu) || s.is_bytes_or_runes(vu)) && s.is_string(tu)
            || s.is_string(vu) && s.is_bytes_or_runes(tu)
            || pointer(vu) && kind(tu, BasicKind::UnsafePointer)
            || kind(vu, BasicKind::UnsafePointer) && pointer(tu)
        {
            return true;
        }
        if let Type::Slice { elem } = s.ty(vu) {
            let (array, minor, what) = match s.ty(tu) {
                Type::Array { elem: e, .. } => (Some(*e), 20, "array"),
                Type::Pointer { base } => (s.under_ty(*base).as_array().map(|a| a.1), 17, "array pointer"),
                _ => (None, 0, ""),
            };
            if array.is_some_and(|e| s.identical(*elem, e)) {
                if self.allows(minor) {
                    return true;
                }
                *cause = format!("conversion of slice to {what} requires go1.{minor} or later");
                return false;
            }
        }
        if vp.is_none() && tp.is_none() {
            return false;
        }
        let vs = vp.map_or(vec![x.ty], |p| self.terms(p).iter().map(|t| t.ty).collect());
        let ts = tp.map_or(vec![t], |p| self.terms(p).iter().map(|t| t.ty).collect());
        for &a in &vs {
            let y = Operand { ty: a, ..x.clone() };
            for &b in &ts {
                if self.convertible(&y, b, cause) {
                    continue;
                }
                let within = |c: &Checker<'a>, p: Option<TypeId>| {
                    p.map_or(String::new(), |p| format!(" (in {})", c.ts(p)))
                };
                let to = if tp.is_some() { b } else { orig };
                let mut msg = format!(
                    "cannot convert {}{} to type {}{}",
                    self.ts(a),
                    within(self, vp),
                    self.ts(to),
                    within(self, tp)
                );
                if !cause.is_empty() {
                    msg += &format!("\n\t{cause}");
                }
                *cause = msg;
                return false;
            }
        }
        !vs.is_empty() && !ts.is_empty()
    }
}
