//! Index and slice expressions (as `types2/index.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_syntax::ast::{Expr, SliceExpr, start_pos};
use goxide_types::*;

impl<'a> Checker<'a> {
    /// True: `x` is a generic function to be instantiated with `list`.
    pub fn index_expr(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        inner: &'a Expr,
        list: &'a [Expr],
    ) -> bool {
        let s = self.store;
        *x = self.expr_or_type(inner, true);
        let indices: Vec<&'a Expr> = list.iter().collect();
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(&indices);
                return false;
            }
            Mode::Type => {
                x.invalidate();
                x.ty = self.var_type(e);
                if s.is_valid(x.ty) {
                    x.mode = Mode::Type;
                }
                return false;
            }
            Mode::Value if !s.type_params(s.under(x.ty)).is_empty() => return true,
            _ => {}
        }
        self.non_generic(None, x);
        if !x.is_valid() {
            return false;
        }
        let inner_type = match s.under_ty(x.ty) {
            Type::Pointer { base } => Some(*base),
            Type::Map { elem, .. } => Some(*elem),
            _ => None,
        };
        if !self.is_complete(x.ty) || inner_type.is_some_and(|t| !self.is_complete(t)) {
            x.invalidate();
            return false;
        }
        let mut valid = false;
        let mut length: i64 = -1;
        match s.under_ty(x.ty) {
            Type::Basic(_) if s.is_string(x.ty) => {
                valid = true;
                if x.is_const() {
                    length = x.val.len_bytes().map_or(-1, |n| n as i64);
                }
                x.mode = Mode::Value;
                x.ty = self.basic(BasicKind::Byte);
            }
            &Type::Array { len, elem } => {
                valid = true;
                length = len;
                if x.mode != Mode::Variable {
                    x.mode = Mode::Value;
                }
                x.ty = elem;
            }
            Type::Pointer { base } => {
                if let &Type::Array { len, elem } = s.under_ty(*base) {
                    valid = true;
                    length = len;
                    x.mode = Mode::Variable;
                    x.ty = elem;
                }
            }
            &Type::Slice { elem } => {
                valid = true;
                x.mode = Mode::Variable;
                x.ty = elem;
            }
            &Type::Map { key, elem } => {
                self.map_index(x, e, list, key, elem);
                return false;
            }
            Type::Interface(_) if s.is_type_param(x.ty) => {
                if let Some((key, elem, len, addressable)) = self.common_index(x) {
                    if let Some(key) = key {
                        self.map_index(x, e, list, key, elem);
                        return false;
                    }
                    valid = true;
                    length = len;
                    x.mode = if addressable { Mode::Variable } else { Mode::Value };
                    x.ty = elem;
                }
            }
            _ => {}
        }
        if !valid {
            let text = format!("cannot index {}", self.os(x));
            self.err(e.pos, text);
            self.use_exprs(&indices);
            x.invalidate();
            return false;
        }
        let index = self.single_index(list);
        self.index(index, length);
        false
    }

    fn map_index(&mut self, x: &mut Operand<'a>, e: &'a Expr, list: &'a [Expr], key: TypeId, elem: TypeId) {
        let index = self.single_index(list);
        let mut k = self.generic_expr(index, None);
        self.assignment(&mut k, Some(key), "map index");
        x.mode = Mode::MapIndex;
        x.ty = elem;
        x.expr = Src::Expr(e);
    }

    /// Of a type parameter: the key if all are maps, the element, the least length, addressability.
    fn common_index(&self, x: &Operand<'a>) -> Option<(Option<TypeId>, TypeId, i64, bool)> {
        let s = self.store;
        let mut found: Option<(Option<TypeId>, TypeId, i64)> = None;
        let mut addressable = true;
        for p in s.typeset(x.ty) {
            let (_, u) = p?;
            let (k, e, l) = match s.ty(u) {
                Type::Basic(_) if s.is_string(u) => {
                    addressable = false;
                    (None, self.basic(BasicKind::Byte), -1)
                }
                &Type::Array { len, elem } => {
                    addressable &= x.mode == Mode::Variable;
                    (None, elem, len)
                }
                Type::Pointer { base } => match s.under_ty(*base) {
                    &Type::Array { len, elem } => (None, elem, len),
                    _ => return None,
                },
                &Type::Slice { elem } => (None, elem, -1),
                &Type::Map { key, elem } => (Some(key), elem, -1),
                _ => return None,
            };
            match &mut found {
                None => found = Some((k, e, l)),
                Some((key, elem, len)) => {
                    let same_key = match (*key, k) {
                        (None, None) => true,
                        (Some(a), Some(b)) => s.identical(a, b),
                        _ => false,
                    };
                    if !same_key || !s.identical(*elem, e) {
                        return None;
                    }
                    if l >= 0 && l < *len {
                        *len = l;
                    }
                }
            }
        }
        found.map(|(k, e, l)| (k, e, l, addressable))
    }

    fn single_index(&mut self, list: &'a [Expr]) -> &'a Expr {
        if list.len() > 1 {
            self.err(start_pos(&list[1]), "invalid operation: more than one index".into());
        }
        &list[0]
    }

    /// An index: its type, and its value if that is constant (else −1).
    pub fn index(&mut self, e: &'a Expr, max: i64) -> (TypeId, i64) {
        let mut x = self.expr(None, e);
        if !self.is_valid_index(&mut x, "index", false) {
            return (TypeId::INVALID, -1);
        }
        if !x.is_const() {
            return (x.ty, -1);
        }
        let Some(v) = x.val.as_i64() else { return (TypeId::INVALID, -1) };
        if max >= 0 && v >= max {
            let text = format!("invalid argument: index {v} out of bounds [0:{max}]");
            self.err(x.start(), text);
            return (TypeId::INVALID, -1);
        }
        (x.ty, v)
    }

    pub fn is_valid_index(&mut self, x: &mut Operand<'a>, what: &str, allow_negative: bool) -> bool {
        if !x.is_valid() {
            return false;
        }
        self.convert_untyped(x, self.basic(BasicKind::Int));
        if !x.is_valid() {
            return false;
        }
        let why = if !self.store.all_integer(x.ty) {
            "must be integer"
        } else if x.is_const() && !allow_negative && x.val.is_known() && x.val.sign() < 0 {
            "must not be negative"
        } else if x.is_const() {
            match x.val.representable(BasicKind::Int) {
                Some(v) => {
                    x.val = v;
                    return true;
                }
                None => "overflows int",
            }
        } else {
            return true;
        };
        let text = format!("invalid argument: {what} {} {why}", self.os(x));
        self.err(x.start(), text);
        false
    }

    pub fn slice_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr, sl: &'a SliceExpr) {
        let s = self.store;
        *x = self.expr(None, &sl.x);
        if !x.is_valid() {
            let all: Vec<&'a Expr> = sl.index.iter().flatten().collect();
            self.use_exprs(&all);
            return;
        }
        let mut common: Option<(TypeId, TypeId)> = None;
        let mut has_string = false;
        for p in s.typeset(x.ty) {
            let Some((t, mut u)) = p else {
                let text = format!("cannot slice {}: no specific type in {}", self.os(x), self.ts(x.ty));
                self.err(x.start(), text);
                return x.invalidate();
            };
            if s.is_string(u) {
                u = s.new_slice(self.basic(BasicKind::Byte));
                has_string = true;
            }
            match common {
                None => common = Some((t, u)),
                Some((ct, cu)) if !s.identical(cu, u) => {
                    let text = format!(
                        "cannot slice {}: {} and {} have different underlying types",
                        self.os(x),
                        self.ts(ct),
                        self.ts(t)
                    );
                    self.err(x.start(), text);
                    return x.invalidate();
                }
                _ => {}
            }
        }
        let mut cu = common.map_or(TypeId::INVALID, |c| c.1);
        if has_string {
            cu = if s.is_type_param(x.ty) { self.basic(BasicKind::String) } else { s.under(x.ty) };
        }
        if let Type::Pointer { base } = s.under_ty(x.ty)
            && !self.is_complete(*base)
        {
            return x.invalidate();
        }
        let mut valid = false;
        let mut length: i64 = -1;
        match s.ty(cu) {
            Type::Basic(_) if s.is_string(cu) => {
                if sl.full {
                    let pos = sl.index[2].as_ref().map_or(e.pos, start_pos);
                    self.err(pos, "invalid operation: 3-index slice of string".into());
                    return x.invalidate();
                }
                valid = true;
                if x.is_const() {
                    length = x.val.len_bytes().map_or(-1, |n| n as i64);
                }
                if s.is_untyped(x.ty) {
                    x.ty = self.basic(BasicKind::String);
                    if let Src::Expr(xe) = x.expr {
                        self.update_expr_type(xe, x.ty, true);
                    }
                }
            }
            &Type::Array { len, elem } => {
                valid = true;
                length = len;
                if x.mode != Mode::Variable {
                    let text = format!("cannot slice unaddressable value {}", self.os(x));
                    self.err(x.start(), text);
                    return x.invalidate();
                }
                x.ty = s.new_slice(elem);
            }
            Type::Pointer { base } => {
                if let &Type::Array { len, elem } = s.under_ty(*base) {
                    valid = true;
                    length = len;
                    x.ty = s.new_slice(elem);
                }
            }
            Type::Slice { .. } => valid = true,
            _ => {}
        }
        if !valid {
            let text = format!("cannot slice {}", self.os(x));
            self.err(x.start(), text);
            return x.invalidate();
        }
        x.mode = Mode::Value;
        let mut at = [-1i64; 3];
        for (i, index) in sl.index.iter().enumerate() {
            at[i] = match index {
                Some(ie) => self.index(ie, if length >= 0 { length + 1 } else { -1 }).1,
                None if i == 0 => 0,
                None => length,
            };
        }
        for i in 0..2 {
            if at[i] <= 0 {
                continue;
            }
            for j in i + 1..3 {
                if at[j] >= 0 && at[j] < at[i] {
                    let pos = sl.index[j].as_ref().map_or(e.pos, start_pos);
                    self.err(pos, format!("invalid slice indices: {} < {}", at[j], at[i]));
                    return;
                }
            }
        }
    }
}
