//! Basic, function and composite literals (as `types2/literals.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_syntax::ast::{BasicLit, CompositeLit, Expr, ExprKind, FuncLit, LitKind, start_pos};
use goxide_types::*;
use rustc_hash::{FxHashMap, FxHashSet};

impl<'a> Checker<'a> {
    /// Forms of numbers that came with Go 1.13 (`langCompat`).
    fn check_literal_version(&mut self, e: &Expr, lit: &BasicLit) {
        let text = lit.text.to_ascii_lowercase();
        let what = if text.len() <= 2 || self.allows(13) {
            return;
        } else if text.contains('_') {
            "underscore in numeric literal"
        } else if text.starts_with("0b") {
            "binary literal"
        } else if text.starts_with("0o") {
            "0o/0O-style octal literal"
        } else if text.starts_with("0x") && lit.kind != LitKind::Int {
            "hexadecimal floating-point literal"
        } else {
            return;
        };
        self.verify_version(e.pos, 13, what);
    }

    pub fn basic_lit(&mut self, x: &mut Operand<'a>, e: &'a Expr, lit: &'a BasicLit) {
        const LIMIT: usize = 10_000;
        let numeric = matches!(lit.kind, LitKind::Int | LitKind::Float | LitKind::Imag);
        if numeric && lit.text.len() > LIMIT {
            let text =
                format!("excessively long constant: {}... ({} chars)", &lit.text[..10], lit.text.len());
            return self.err(e.pos, text);
        }
        if numeric {
            self.check_literal_version(e, lit);
        }
        let kind = match lit.kind {
            LitKind::Int => BasicKind::UntypedInt,
            LitKind::Float => BasicKind::UntypedFloat,
            LitKind::Imag => BasicKind::UntypedComplex,
            LitKind::Rune => BasicKind::UntypedRune,
            LitKind::String => BasicKind::UntypedString,
        };
        x.val = Const::from_literal(lit.kind, &lit.text);
        if !x.val.is_known() {
            return self.err(e.pos, format!("malformed constant: {}", lit.text));
        }
        x.mode = Mode::Constant;
        x.ty = self.basic(kind);
        x.expr = Src::Expr(e);
        self.overflow(x, Some(e));
    }

    pub fn func_lit(&mut self, x: &mut Operand<'a>, lit: &'a FuncLit) {
        let sig = self.store.add_type(Type::Signature(Signature::default()));
        let scope = self.func_type(sig, None, &[], &lit.ty);
        let (decl, iota) = (self.env.decl, self.env.iota.clone());
        self.later(move |c| c.func_body(decl, sig, scope, &lit.body, iota));
        x.mode = Mode::Value;
        x.ty = sig;
    }

    pub fn composite_lit(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        lit: &'a CompositeLit,
        hint: Option<TypeId>,
    ) {
        let s = self.store;
        let mut open_array: Option<TypeId> = None;
        let (mut ty, base);
        match (&lit.ty, hint) {
            (Some(t), _) => {
                match &t.kind {
                    ExprKind::ArrayType(a) if a.len.is_none() => {
                        let elem = self.var_type(&a.elem);
                        open_array = Some(elem);
                        ty = s.new_array(-1, elem);
                    }
                    _ => ty = self.typ(t),
                }
                base = ty;
            }
            (None, Some(h)) => {
                ty = h;
                base = s.common_under(h).and_then(|u| s.ty(u).as_pointer()).unwrap_or(h);
            }
            (None, None) => {
                self.err(start_pos(e), "missing type in composite literal".into());
                ty = TypeId::INVALID;
                base = ty;
            }
        }
        if !self.is_complete(base) {
            return x.invalidate();
        }
        let u = s.common_under(base);
        match u.map(|u| s.ty(u)) {
            Some(Type::Struct(st)) => {
                if !lit.elems.is_empty() {
                    self.struct_elems(lit, base, u.unwrap_or(base), st.fields());
                }
            }
            Some(&Type::Array { len, elem }) => {
                let n = self.indexed_elems(&lit.elems, elem, len);
                if let (Some(elem), Some(t)) = (open_array, &lit.ty) {
                    ty = s.new_array(n, elem);
                    self.record_type(t, Mode::Type, ty, None);
                }
            }
            Some(&Type::Slice { elem }) => {
                self.indexed_elems(&lit.elems, elem, -1);
            }
            Some(&Type::Map { key, elem }) => self.map_elems(lit, key, elem),
            other => {
                for el in &lit.elems {
                    let v = if let ExprKind::KeyValue(_, v) = &el.kind { v } else { el };
                    self.use_exprs(&[v]);
                }
                if u.is_none_or(|u| s.is_valid(u)) {
                    let what = if lit.ty.is_none() && hint.is_some() { " element" } else { "" };
                    let cause = if other.is_none() { " (no common underlying type)" } else { "" };
                    let text = format!("invalid composite literal{what} type {}{cause}", self.ts(ty));
                    self.err(start_pos(e), text);
                    return x.invalidate();
                }
            }
        }
        x.mode = Mode::Value;
        x.ty = ty;
    }

    fn struct_elems(&mut self, lit: &'a CompositeLit, base: TypeId, u: TypeId, fields: &'a [ObjId]) {
        const MIXTURE: &str = "mixture of field:value and value elements in struct literal";
        let s = self.store;
        if matches!(lit.elems[0].kind, ExprKind::KeyValue(..)) {
            let mut visited: Vec<Vec<u32>> = Vec::new();
            for el in &lit.elems {
                match &el.kind {
                    ExprKind::KeyValue(k, v) => self.keyed_field(el, k, v, base, u, &mut visited),
                    _ => self.err(start_pos(el), MIXTURE.into()),
                }
            }
            return;
        }
        let inaccessible = |c: &Checker<'a>, f: ObjId| {
            let o = c.store.obj(f);
            !o.is_exported() && o.pkg != Some(c.pkg)
        };
        for (i, el) in lit.elems.iter().enumerate() {
            if matches!(el.kind, ExprKind::KeyValue(..)) {
                self.err(start_pos(el), MIXTURE.into());
                continue;
            }
            let mut v = self.generic_expr(el, None);
            let Some(&f) = fields.get(i) else {
                let text = format!("too many values in struct literal of type {}", self.ts(base));
                self.err(v.start(), text);
                break;
            };
            if inaccessible(self, f) {
                let text = format!(
                    "implicit assignment to unexported field {} in struct literal of type {}",
                    s.name(f),
                    self.ts(base)
                );
                self.err(v.start(), text);
                continue;
            }
            self.assignment(&mut v, Some(s.type_of(f)), "struct literal");
        }
        if lit.elems.len() < fields.len() {
            let hidden = fields.iter().any(|&f| inaccessible(self, f));
            let hint = if hidden { " (type has unexported fields - use key:value pairs)" } else { "" };
            let text = format!("too few values in struct literal of type {}{hint}", self.ts(base));
            self.err(lit.rbrace, text);
        }
    }

    fn keyed_field(
        &mut self,
        el: &'a Expr,
        k: &'a Expr,
        v: &'a Expr,
        base: TypeId,
        u: TypeId,
        visited: &mut Vec<Vec<u32>>,
    ) {
        let s = self.store;
        let mut x = self.generic_expr(v, None);
        let ExprKind::Name(name) = &k.kind else {
            return self.err(start_pos(el), format!("invalid field name {k} in struct literal"));
        };
        let found = match s.lookup_field_or_method(u, false, Some(self.pkg), name, false) {
            Lookup::Found(f) => f,
            _ => {
                let alt = s.lookup_field_or_method(u, false, Some(self.pkg), name, true).obj();
                let text = self.lookup_error(base, name, alt, true);
                return self.err(k.pos, text);
            }
        };
        if s.obj(found.obj).as_var().is_none() {
            return self.err(k.pos, format!("{k} is not a field"));
        }
        if found.path.len() > 1 {
            let path = s.field_path(u, &found.path);
            let what = format!("use of promoted field {path} in struct literal of type {}", self.ts(base));
            if !self.verify_version(k.pos, 27, &what) {
                return;
            }
        }
        if found.indirect {
            return self.err(k.pos, format!("invalid implicit pointer indirection to reach {k}"));
        }
        self.record_use(k.id, found.obj);
        self.assignment(&mut x, Some(s.type_of(found.obj)), "struct literal");
        let same = visited.iter().find(|p| {
            let n = p.len().min(found.path.len());
            p[..n] == found.path[..n]
        });
        if let Some(p) = same {
            let text = if *p == found.path {
                format!("duplicate field name {name} in struct literal")
            } else {
                let other = s.field_path(u, p);
                let other = other.rsplit('.').next().unwrap_or("");
                match p.len() < found.path.len() {
                    true => {
                        format!("cannot specify promoted field {name} and enclosing embedded field {other}")
                    }
                    false => {
                        format!("cannot specify embedded field {name} and enclosed promoted field {other}")
                    }
                }
            };
            return self.err(start_pos(el), text);
        }
        visited.push(found.path);
    }

    fn map_elems(&mut self, lit: &'a CompositeLit, key: TypeId, elem: TypeId) {
        let s = self.store;
        let by_type = s.is_non_type_param_interface(key);
        let mut visited: FxHashMap<String, Vec<TypeId>> = FxHashMap::default();
        for el in &lit.elems {
            let ExprKind::KeyValue(k, v) = &el.kind else {
                self.err(start_pos(el), "missing key in map literal".into());
                continue;
            };
            let mut x = self.generic_expr(k, Some(key));
            self.assignment(&mut x, Some(key), "map literal");
            if !x.is_valid() {
                continue;
            }
            if x.is_const() && x.val.is_known() {
                let whole = x.val.to_int();
                let value = if whole.is_known() { whole } else { x.val.clone() };
                let text = format!("{:?} {}", value.kind(), value.exact_string());
                let seen = visited.get(&text);
                let duplicate = seen.is_some_and(|l| !by_type || l.iter().any(|&t| s.identical(t, x.ty)));
                visited.entry(text).or_default().push(x.ty);
                if duplicate {
                    let text = format!("duplicate key {} in map literal", x.val);
                    self.err(x.start(), text);
                    continue;
                }
            }
            let mut y = self.generic_expr(v, Some(elem));
            self.assignment(&mut y, Some(elem), "map literal");
        }
    }

    fn indexed_elems(&mut self, elems: &'a [Expr], elem: TypeId, length: i64) -> i64 {
        let mut visited: FxHashSet<i64> = FxHashSet::default();
        let (mut index, mut max) = (0i64, 0i64);
        for el in elems {
            let mut valid = false;
            let mut value = el;
            if let ExprKind::KeyValue(k, v) = &el.kind {
                let (t, i) = self.index(k, length);
                if self.store.is_valid(t) {
                    if i >= 0 {
                        index = i;
                        valid = true;
                    } else {
                        self.err(start_pos(el), format!("index {k} must be integer constant"));
                    }
                }
                value = v;
            } else if length >= 0 && index >= length {
                self.err(start_pos(el), format!("index {index} is out of bounds (>= {length})"));
            } else {
                valid = true;
            }
            if valid && !visited.insert(index) {
                self.err(start_pos(el), format!("duplicate index {index} in array or slice literal"));
            }
            index += 1;
            max = max.max(index);
            let mut x = self.generic_expr(value, Some(elem));
            self.assignment(&mut x, Some(elem), "array or slice literal");
        }
        max
    }
}
