//! Assignments and initializations (as `types2/assignments.go`).

use crate::checker::Checker;
use crate::expr::{Misfit, Target};
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::{Expr, ExprKind, Ident, end_pos, start_pos, unparen};
use goxide_types::*;

fn measure(n: usize, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

impl<'a> Checker<'a> {
    /// Makes `x` a value for a variable of type `t`; `None`: of the type that fits it.
    pub fn assignment(&mut self, x: &mut Operand<'a>, t: Option<TypeId>, context: &str) {
        let s = self.store;
        self.single_value(x);
        match x.mode {
            Mode::Invalid => return,
            Mode::NoValue | Mode::Builtin | Mode::Type => {
                let to = t.map_or("<nil>".into(), |t| self.ts(t));
                let text = format!("cannot assign {} to {to} in {context}", self.os(x));
                self.err(x.start(), text);
                return x.invalidate();
            }
            _ => {}
        }
        if s.is_untyped(x.ty) {
            let mut target = t;
            if x.is_nil() {
                if t.is_none() {
                    self.err(x.start(), format!("use of untyped nil in {context}"));
                    return x.invalidate();
                }
            } else if t.is_none_or(|t| s.is_non_type_param_interface(t)) {
                target = Some(s.default_type(x.ty));
            }
            let target = target.unwrap_or(TypeId::INVALID);
            match self.implicit_type(x, target) {
                Ok((t, v)) => self.set_implicit(x, t, v),
                Err(why) => {
                    let mut text =
                        format!("cannot use {} as {} value in {context}", self.os(x), self.ts(target));
                    text += match why {
                        Misfit::Truncated => " (truncated)",
                        Misfit::Overflow => " (overflows)",
                        Misfit::Other => "",
                    };
                    self.err(x.start(), text);
                    return x.invalidate();
                }
            }
        }
        let target = self.target(t, context);
        self.non_generic(target.as_ref(), x);
        let Some(t) = t.filter(|_| x.is_valid()) else { return };
        let mut cause = String::new();
        if !self.assignable(x, t, &mut cause) {
            let mut text = format!("cannot use {} as {} value in {context}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                text += &format!(": {cause}");
            }
            self.err(x.start(), text);
            x.invalidate();
        }
    }

    pub fn init_const(&mut self, obj: ObjId, mut x: Operand<'a>) {
        let s = self.store;
        let o = s.obj(obj);
        let known = o.ty.get();
        if !x.is_valid() || !s.is_valid(x.ty) || known.is_some_and(|t| !s.is_valid(t)) {
            o.ty.set_once(TypeId::INVALID);
            return;
        }
        if !x.is_const() {
            let text = format!("{} is not constant", self.os(&x));
            self.err(x.start(), text);
            o.ty.set_once(TypeId::INVALID);
            return;
        }
        let t = o.ty.set_once(x.ty);
        self.assignment(&mut x, Some(t), "constant declaration");
        if x.is_valid()
            && let ObjectKind::Const { value } = &o.kind
        {
            let _ = value.set(x.val);
        }
    }

    pub fn init_var(&mut self, obj: ObjId, x: &mut Operand<'a>, context: &str) {
        let s = self.store;
        let o = s.obj(obj);
        if !x.is_valid() || !s.is_valid(x.ty) || o.ty.get().is_some_and(|t| !s.is_valid(t)) {
            o.ty.set_once(TypeId::INVALID);
            return x.invalidate();
        }
        if o.ty.get().is_none() {
            if s.is_untyped_nil(x.ty) {
                self.err(x.start(), format!("use of untyped nil in {context}"));
                o.ty.set(TypeId::INVALID);
                return x.invalidate();
            }
            o.ty.set(s.default_type(x.ty));
        }
        self.assignment(x, o.ty.get(), context);
    }

    /// The variable that a name on the left means, if it is one of this package.
    fn own_var(&self, e: &Expr) -> Option<ObjId> {
        let ExprKind::Name(n) = &unparen(e).kind else { return None };
        let obj = self.lookup(n)?;
        let o = self.store.obj(obj);
        (o.as_var().is_some() && o.pkg == Some(self.pkg)).then_some(obj)
    }

    /// The type of what is assigned to; `None` for `_`.
    pub fn lhs_var(&mut self, lhs: &'a Expr) -> Option<TypeId> {
        if let ExprKind::Name(n) = &unparen(lhs).kind
            && &**n == "_"
        {
            return None;
        }
        // To assign a variable is not to use it.
        let var = self.own_var(lhs).map(|v| (v, self.is_used(v)));
        let x = self.expr(None, lhs);
        if let Some((v, used)) = var {
            self.set_used(v, used);
        }
        if !x.is_valid() || !self.store.is_valid(x.ty) {
            return Some(TypeId::INVALID);
        }
        if !matches!(x.mode, Mode::Variable | Mode::MapIndex) {
            if let Src::Expr(e) = x.expr
                && let ExprKind::Selector(inner, _) = &e.kind
            {
                let op = self.expr(None, inner);
                if op.mode == Mode::MapIndex {
                    self.err(x.start(), format!("cannot assign to struct field {e} in map"));
                    return Some(TypeId::INVALID);
                }
            }
            let text =
                format!("cannot assign to {} (neither addressable nor a map index expression)", x.text());
            self.err(x.start(), text);
            return Some(TypeId::INVALID);
        }
        Some(x.ty)
    }

    pub fn assign_var(
        &mut self,
        lhs: &'a Expr,
        rhs: Option<&'a Expr>,
        x: Option<Operand<'a>>,
        context: &str,
    ) -> Operand<'a> {
        let t = self.lhs_var(lhs);
        if t.is_some_and(|t| !self.store.is_valid(t)) {
            if let (None, Some(r)) = (&x, rhs) {
                self.use_exprs(&[r]);
            }
            return Operand::new();
        }
        let mut x = match (x, rhs) {
            (Some(x), _) => x,
            (None, Some(r)) => {
                let target = match t {
                    Some(t) if matches!(self.store.under_ty(t), Type::Signature(_)) => {
                        self.target(Some(t), &lhs.to_string())
                    }
                    _ => None,
                };
                self.expr(target, r)
            }
            (None, None) => return Operand::new(),
        };
        let context = match (t, context) {
            (None, "assignment") => "assignment to _ identifier",
            (_, c) => c,
        };
        self.assignment(&mut x, t, context);
        x
    }

    pub fn types_summary(&self, list: &[TypeId], variadic: bool, has_dots: bool) -> String {
        let s = self.store;
        let one = |(i, &t): (usize, &TypeId)| {
            let mut text = if !s.is_valid(t) {
                "unknown type".to_string()
            } else if s.is_untyped(t) {
                match s.is_numeric(t) {
                    true => "number".into(),
                    false => self.ts(t).replace("untyped ", ""),
                }
            } else {
                self.ts(t)
            };
            if i + 1 == list.len() {
                if variadic {
                    if let Type::Slice { elem } = s.ty(t) {
                        text = self.ts(*elem);
                    }
                    text = format!("...{text}");
                } else if has_dots {
                    text += "...";
                }
            }
            text
        };
        let all: Vec<String> = list.iter().enumerate().map(one).collect();
        format!("({})", all.join(", "))
    }

    fn assign_error(&mut self, rhs: &[&'a Expr], l: usize, r: usize) {
        let (vars, vals) = (measure(l, "variable"), measure(r, "value"));
        let text = match &unparen(rhs[0]).kind {
            ExprKind::Call(call) if rhs.len() == 1 => {
                format!("assignment mismatch: {vars} but {} returns {vals}", call.fun)
            }
            _ => format!("assignment mismatch: {vars} but {vals}"),
        };
        self.err(start_pos(rhs[0]), text);
    }

    fn return_error(&mut self, at: Pos, lhs: &[ObjId], rhs: &[Operand<'a>]) {
        let (l, r) = (lhs.len(), rhs.len());
        let (at, quality) = if r > l {
            (rhs[l].start(), "too many")
        } else if r > 0 {
            (rhs[r - 1].start(), "not enough")
        } else {
            (at, "not enough")
        };
        let have: Vec<TypeId> = rhs.iter().map(|x| x.ty).collect();
        let notes = vec![
            (Pos::NONE, format!("have {}", self.types_summary(&have, false, false))),
            (Pos::NONE, format!("want {}", self.types_summary(&self.store.types_of(lhs), false, false))),
        ];
        self.err_notes(at, format!("{quality} return values"), notes);
    }

    /// Initializes variables; `return_pos`: they are the results of a return statement there.
    pub fn init_vars(&mut self, lhs: &[ObjId], rhs: &[&'a Expr], return_pos: Option<Pos>) {
        let s = self.store;
        let (l, r) = (lhs.len(), rhs.len());
        let context = match return_pos {
            Some(_) => "return statement",
            None if l > 1 => "multiple assignment",
            None => "assignment",
        };
        let is_call = r == 1 && matches!(unparen(rhs[0]).kind, ExprKind::Call(_));
        let give_up = |list: &[ObjId]| {
            list.iter().for_each(|&v| {
                s.obj(v).ty.set_once(TypeId::INVALID);
            });
        };
        if l == r && !is_call {
            for (&v, &e) in lhs.iter().zip(rhs) {
                let o = s.obj(v);
                let desc =
                    if return_pos.is_some() && o.name.is_empty() { "result variable" } else { &*o.name };
                let target = self.target(o.ty.get(), desc);
                let mut x = self.expr(target, e);
                self.init_var(v, &mut x, context);
            }
            return;
        }
        if r != 1 {
            if self.use_exprs(rhs) {
                match return_pos {
                    Some(pos) => {
                        let list: Vec<Operand<'a>> = rhs.iter().map(|&e| self.expr(None, e)).collect();
                        self.return_error(pos, lhs, &list);
                    }
                    None => self.assign_error(rhs, l, r),
                }
            }
            return give_up(lhs);
        }
        let (mut list, comma_ok) = self.multi_expr(rhs[0], l == 2 && return_pos.is_none());
        if list.len() == l {
            for (&v, x) in lhs.iter().zip(&mut list) {
                self.init_var(v, x, context);
            }
            self.note_comma_ok(rhs[0], &list, comma_ok);
            return;
        }
        if list[0].is_valid() {
            match return_pos {
                Some(pos) => self.return_error(pos, lhs, &list),
                None => self.assign_error(rhs, l, list.len()),
            }
        }
        give_up(lhs);
    }

    fn note_comma_ok(&mut self, e: &Expr, list: &[Operand<'a>], comma_ok: bool) {
        if comma_ok && list.iter().all(Operand::is_valid) {
            self.record_comma_ok(e, [list[0].ty, list[1].ty]);
        }
    }

    pub fn assign_vars(&mut self, lhs: &[&'a Expr], rhs: &[&'a Expr]) {
        let (l, r) = (lhs.len(), rhs.len());
        let context = if l > 1 { "multiple assignment" } else { "assignment" };
        let is_call = r == 1 && matches!(unparen(rhs[0]).kind, ExprKind::Call(_));
        if l == r && !is_call {
            for (&a, &b) in lhs.iter().zip(rhs) {
                self.assign_var(a, Some(b), None, context);
            }
            return;
        }
        if r != 1 {
            let ok = self.use_lhs(lhs);
            if self.use_exprs(rhs) && ok {
                self.assign_error(rhs, l, r);
            }
            return;
        }
        let (list, comma_ok) = self.multi_expr(rhs[0], l == 2);
        if list.len() == l {
            let done: Vec<Operand<'a>> =
                lhs.iter().zip(list).map(|(&a, x)| self.assign_var(a, None, Some(x), context)).collect();
            self.note_comma_ok(rhs[0], &done, comma_ok);
            return;
        }
        if list[0].is_valid() {
            self.assign_error(rhs, l, list.len());
        }
        self.use_lhs(lhs);
    }

    pub fn short_var_decl(&mut self, pos: Pos, lhs: &[&'a Expr], rhs: &[&'a Expr]) {
        let s = self.store;
        let top = self.delayed.len();
        let scope = self.env.scope;
        let mut seen: Vec<&str> = Vec::new();
        let mut vars: Vec<ObjId> = Vec::new();
        let mut new_vars: Vec<ObjId> = Vec::new();
        let mut has_err = false;
        for &e in lhs {
            let dummy = |c: &Checker<'a>| s.new_var(VarKind::Local, e.pos, Some(c.pkg), "_".into(), None);
            let ExprKind::Name(name) = &e.kind else {
                self.use_lhs(&[e]);
                self.err(start_pos(e), format!("non-name {e} on left side of :="));
                has_err = true;
                vars.push(dummy(self));
                continue;
            };
            if &**name != "_" {
                if seen.contains(&&**name) {
                    self.err(e.pos, format!("{e} repeated on left side of :="));
                    has_err = true;
                    vars.push(dummy(self));
                    continue;
                }
                seen.push(name);
            }
            if let Some(alt) = s.lookup(scope, name) {
                self.record_use(e.id, alt);
                if s.obj(alt).as_var().is_some() {
                    vars.push(alt);
                } else {
                    self.err(e.pos, format!("cannot assign to {e}"));
                    has_err = true;
                    vars.push(dummy(self));
                }
                continue;
            }
            let obj = s.new_var(VarKind::Local, e.pos, Some(self.pkg), name.clone(), None);
            vars.push(obj);
            if &**name != "_" {
                new_vars.push(obj);
            }
            self.record_def(&Ident { id: e.id, pos: e.pos, name: name.clone() }, obj);
        }
        self.init_vars(&vars, rhs, None);
        self.process_delayed(top);
        if new_vars.is_empty() && !has_err {
            return self.err(pos, "no new variables on left side of :=".into());
        }
        let scope_pos = rhs.last().map_or(pos, |e| end_pos(e));
        for v in new_vars {
            self.declare(scope, None, v, scope_pos);
        }
    }

    // Expressions that are only looked at, after an error elsewhere.

    pub fn use_exprs(&mut self, list: &[&'a Expr]) -> bool {
        self.use_all(list.iter().copied(), false)
    }

    pub fn use_lhs(&mut self, list: &[&'a Expr]) -> bool {
        self.use_all(list.iter().copied(), true)
    }

    /// Looks at all, also behind one that is invalid.
    fn use_all(&mut self, list: impl Iterator<Item = &'a Expr>, lhs: bool) -> bool {
        let mut ok = true;
        for e in list {
            ok &= self.use_expr(e, lhs);
        }
        ok
    }

    fn use_expr(&mut self, e: &'a Expr, lhs: bool) -> bool {
        match &unparen(e).kind {
            ExprKind::Name(n) if &**n == "_" => true,
            ExprKind::Name(_) => {
                let var = if lhs { self.own_var(e).map(|v| (v, self.is_used(v))) } else { None };
                let x = self.expr_or_type(unparen(e), true);
                if let Some((v, used)) = var {
                    self.set_used(v, used);
                }
                x.is_valid()
            }
            ExprKind::List(list) => self.use_all(list.iter(), lhs),
            _ => self.raw_expr(None::<Target>, e, None, true).0.is_valid(),
        }
    }
}
