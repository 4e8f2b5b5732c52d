//! Operands: what an expression turns out to be (as `types2/operand.go`).

use crate::checker::Checker;
use goxide_source::Pos;
use goxide_syntax::ast::{Expr, start_pos};
use goxide_types::*;
use std::rc::Rc;

/// Where an operand comes from.
#[derive(Clone)]
pub(crate) enum Src<'a> {
    None,
    Expr(&'a Expr),
    /// Something described in words.
    Text(Pos, Rc<str>),
}

#[derive(Clone)]
pub(crate) struct Operand<'a> {
    pub mode: Mode,
    pub expr: Src<'a>,
    pub ty: TypeId,
    pub val: Const,
    pub builtin: Option<Builtin>,
}

impl<'a> Operand<'a> {
    pub fn new() -> Operand<'a> {
        Operand {
            mode: Mode::Invalid,
            expr: Src::None,
            ty: TypeId::INVALID,
            val: Const::Unknown,
            builtin: None,
        }
    }

    pub fn value(expr: Src<'a>, ty: TypeId) -> Operand<'a> {
        Operand { mode: Mode::Value, expr, ty, ..Operand::new() }
    }

    pub fn is_valid(&self) -> bool {
        self.mode != Mode::Invalid
    }

    pub fn invalidate(&mut self) {
        self.mode = Mode::Invalid;
    }

    pub fn is_nil(&self) -> bool {
        self.mode == Mode::NilValue
    }

    pub fn is_const(&self) -> bool {
        self.mode == Mode::Constant
    }

    /// Where errors of it are reported.
    pub fn start(&self) -> Pos {
        match &self.expr {
            Src::None => Pos::NONE,
            Src::Expr(e) => start_pos(e),
            Src::Text(p, _) => *p,
        }
    }

    /// The position of the expression's node.
    pub fn pos(&self) -> Pos {
        match &self.expr {
            Src::Expr(e) => e.pos,
            _ => self.start(),
        }
    }

    pub fn text(&self) -> String {
        match &self.expr {
            Src::None => String::new(),
            Src::Expr(e) => e.to_string(),
            Src::Text(_, s) => s.to_string(),
        }
    }
}

pub(crate) fn mode_string(m: Mode) -> &'static str {
    match m {
        Mode::Invalid => "invalid operand",
        Mode::NoValue => "no value",
        Mode::Builtin => "built-in",
        Mode::Type => "type",
        Mode::Constant => "constant",
        Mode::Variable => "variable",
        Mode::MapIndex => "map index expression",
        Mode::Value => "value",
        Mode::NilValue => "nil",
        Mode::CommaOk => "comma, ok expression",
        Mode::CommaErr => "comma, error expression",
    }
}

impl<'a> Checker<'a> {
    /// The operand as messages describe it: `x (variable of type T)`.
    pub fn os(&self, x: &Operand<'a>) -> String {
        let s = self.store;
        if x.mode == Mode::NilValue {
            return match x.ty {
                TypeId::INVALID => "nil (with invalid type)".into(),
                t if s.is_untyped_nil(t) => "nil".into(),
                t => format!("nil (of type {})", self.ts(t)),
            };
        }
        let mut expr = x.text();
        if expr.is_empty() {
            expr = match x.mode {
                Mode::Builtin => x.builtin.map_or("", |b| b.name()).to_string(),
                Mode::Type => self.ts(x.ty),
                Mode::Constant => x.val.to_string(),
                _ => String::new(),
            };
        }
        let mut out = String::new();
        if !expr.is_empty() {
            out = format!("{expr} (");
        }
        let mut has_type = false;
        if !matches!(x.mode, Mode::Invalid | Mode::NoValue | Mode::Builtin | Mode::Type) {
            if s.is_untyped(x.ty) {
                out += &self.ts(x.ty);
                out.push(' ');
            } else {
                has_type = true;
            }
        }
        out += mode_string(x.mode);
        if x.is_const() {
            let v = x.val.to_string();
            if v != expr {
                out.push(' ');
                out += &v;
            }
        }
        if has_type {
            out += &self.type_description(x.ty);
        }
        if !expr.is_empty() {
            out.push(')');
        }
        out
    }

    fn type_description(&self, t: TypeId) -> String {
        let s = self.store;
        if !s.is_valid(t) {
            return " with invalid type".into();
        }
        let mut desc = String::new();
        if s.is_generic(t) {
            desc += "generic ";
        }
        let tparam = s.as_type_param(t);
        if tparam.is_none() && matches!(s.ty(t), Type::Alias(_) | Type::Named(_)) {
            let what = self.composite_kind(t);
            desc += match what {
                "" => s.under_ty(t).as_basic().map_or("", |b| b.name.trim_start_matches("unsafe.")),
                w => w,
            };
            desc.push(' ');
        }
        let mut out = format!(" of {desc}type {}", self.ts(t));
        if let Some(p) = tparam {
            out += &format!(" constrained by {}", self.ts(s.constraint(p)));
            if s.has_empty_typeset(p) {
                out += " with empty type set";
            }
        }
        out
    }

    pub fn composite_kind(&self, t: TypeId) -> &'static str {
        match self.store.under_ty(t) {
            Type::Array { .. } => "array",
            Type::Slice { .. } => "slice",
            Type::Struct(_) => "struct",
            Type::Pointer { .. } => "pointer",
            Type::Signature(_) => "func",
            Type::Interface(_) => "interface",
            Type::Map { .. } => "map",
            Type::Chan(_) => "chan",
            Type::Tuple(_) => "tuple",
            Type::Union(_) => "union",
            _ => "",
        }
    }

    /// Whether `x` may be assigned to a variable of type `t`. `cause` says why not.
    pub fn assignable(&mut self, x: &Operand<'a>, t: TypeId, cause: &mut String) -> bool {
        let s = self.store;
        if !x.is_valid() || !s.is_valid(t) {
            return true;
        }
        let orig = t;
        let (v, t) = (s.unalias(x.ty), s.unalias(t));
        if s.identical(v, t) {
            return true;
        }
        let (vu, tu) = (s.under(v), s.under(t));
        let (vp, tp) = (s.as_type_param(v), s.as_type_param(t));
        if s.is_untyped(vu) {
            if let Some(tp) = tp {
                let terms = self.terms(tp);
                return !terms.is_empty() && terms.iter().all(|term| self.implicit_type(x, term.ty).is_ok());
            }
            return self.implicit_type(x, t).is_ok();
        }
        let named = |t| s.has_name(t);
        if s.identical(vu, tu) && (!named(v) || !named(t)) && vp.is_none() && tp.is_none() {
            return true;
        }
        let t_is_iface = matches!(s.ty(tu), Type::Interface(_)) && tp.is_none();
        if t_is_iface || s.is_interface_ptr(tu) {
            let mut why = String::new();
            if self.with(|cx| cx.implements(v, t, false, Some(&mut why))) {
                return true;
            }
            if vp.is_none() {
                *cause = why;
                return false;
            }
            cause.clear();
        }
        if matches!(s.ty(vu), Type::Interface(_))
            && vp.is_none()
            && self.with(|cx| cx.implements(t, v, false, None))
        {
            *cause = "need type assertion".into();
            return false;
        }
        if let (Type::Chan(vc), Type::Chan(tc)) = (s.ty(vu), s.ty(tu))
            && vc.dir == goxide_syntax::ast::ChanDir::Both
            && s.identical(vc.elem, tc.elem)
        {
            return !named(v) || !named(t);
        }
        let explain = |c: &mut Checker<'a>,
                       cause: &mut String,
                       a: TypeId,
                       ai: Option<TypeId>,
                       b: TypeId,
                       bi: Option<TypeId>| {
            let within = |c: &Checker<'a>, p: Option<TypeId>| {
                p.map_or(String::new(), |p| format!(" (in {})", c.ts(p)))
            };
            let mut msg =
                format!("cannot assign {}{} to {}{}", c.ts(a), within(c, ai), c.ts(b), within(c, bi));
            if !cause.is_empty() {
                msg += &format!("\n\t{cause}");
            }
            *cause = msg;
        };
        if let Some(tp) = tp
            && !named(v)
        {
            let terms = self.terms(tp);
            for term in &terms {
                if !self.assignable(x, term.ty, cause) {
                    explain(self, cause, x.ty, None, term.ty, Some(tp));
                    return false;
                }
            }
            return !terms.is_empty();
        }
        if let Some(vp) = vp
            && !named(t)
        {
            let terms = self.terms(vp);
            for term in &terms {
                let y = Operand { ty: term.ty, ..x.clone() };
                if !self.assignable(&y, t, cause) {
                    explain(self, cause, term.ty, Some(vp), orig, None);
                    return false;
                }
            }
            return !terms.is_empty();
        }
        false
    }

    /// The specific terms of a type parameter's type set.
    pub fn terms(&self, p: TypeId) -> Vec<Term> {
        self.store.type_set(self.store.bound_interface(p)).specific_terms().to_vec()
    }
}
