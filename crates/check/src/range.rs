//! Range clauses (as `types2/range.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use crate::stmt::unpack;
use goxide_syntax::ast::*;
use goxide_types::*;

type KeyVal = (Option<TypeId>, Option<TypeId>);

impl<'a> Checker<'a> {
    pub fn range_stmt(
        &mut self,
        st: &'a Stmt,
        f: &'a ForStmt,
        lhs: Option<&'a Expr>,
        define: bool,
        x: &'a Expr,
    ) {
        let s = self.store;
        let names = lhs.map_or(Vec::new(), unpack);
        let (key, val, extra) = (names.first(), names.get(1), names.get(2));
        self.env.has_call_or_recv = false;
        let mut x = self.expr(None, x);
        let mut kinds: KeyVal = (None, None);
        if x.is_valid() {
            let o = self.os(&x);
            match self.range_key_val(x.ty) {
                Err(cause) if cause.is_empty() => {
                    self.err(x.start(), format!("cannot range over {o}"));
                }
                Err(cause) => self.err(x.start(), format!("cannot range over {o}: {cause}")),
                Ok((k, v)) => {
                    if let (None, Some(e)) = (k, key) {
                        self.err(start_pos(e), format!("range over {o} permits no iteration variables"));
                    } else if let (None, Some(e)) = (v, val) {
                        let text = format!("range over {o} permits only one iteration variable");
                        self.err(start_pos(e), text);
                    } else if let Some(e) = extra {
                        let text = "range clause permits at most two iteration variables";
                        self.err(start_pos(e), text.into());
                    }
                    kinds = (k, v);
                }
            }
        }
        self.open_scope(Some(st.id), st.pos, f.body.rbrace);
        let over_int = x.is_valid() && s.is_integer(x.ty);
        let pairs = [(key, kinds.0), (val, kinds.1)];
        if define {
            let mut vars = Vec::new();
            for (e, t) in pairs {
                let Some(&e) = e else { continue };
                let ExprKind::Name(name) = &e.kind else {
                    self.err(start_pos(e), format!("invalid syntax tree: cannot declare {e}"));
                    continue;
                };
                let v = s.new_var(VarKind::Local, e.pos, Some(self.pkg), name.clone(), None);
                self.record_def(&Ident { id: e.id, pos: e.pos, name: name.clone() }, v);
                if &**name != "_" {
                    vars.push(v);
                }
                let Some(t) = t.filter(|&t| s.is_valid(t)) else {
                    s.obj(v).ty.set(TypeId::INVALID);
                    self.set_used(v, true);
                    continue;
                };
                if over_int {
                    self.init_var(v, &mut x, "range clause");
                } else {
                    let mut y = Operand::value(Src::Expr(e), t);
                    self.init_var(v, &mut y, "assignment");
                }
            }
            if vars.is_empty() {
                self.err(st.pos, "no new variables on left side of :=".into());
            }
            for v in vars {
                self.declare(self.env.scope, None, v, f.body.pos);
            }
        } else if key.is_some() {
            for (e, t) in pairs {
                let (Some(&e), Some(t)) = (e, t.filter(|&t| s.is_valid(t))) else { continue };
                if over_int {
                    x = self.assign_var(e, None, Some(x.clone()), "range clause");
                    if x.is_valid() && !s.is_integer(x.ty) {
                        let text = format!("cannot use iteration variable of type {}", self.ts(x.ty));
                        self.err(start_pos(e), text);
                    }
                } else {
                    let y = Operand::value(Src::Expr(e), t);
                    self.assign_var(e, None, Some(y), "assignment");
                }
            }
        } else if over_int {
            self.assignment(&mut x, None, "range clause");
        }
        self.block(&f.body);
    }

    /// The types of key and value in a range over a `t`, or why there is none.
    fn range_key_val(&mut self, t: TypeId) -> Result<KeyVal, String> {
        let s = self.store;
        let u = self.cx().common_under(t, |p| match p {
            Some((t, u)) if s.ty(u).as_chan().is_some_and(|c| c.dir == ChanDir::Send) => {
                Err(format!("receive from send-only channel {}", self.ts(t)))
            }
            _ => Ok(()),
        })?;
        let u = match s.ty(u) {
            Type::Pointer { base } if s.under_ty(*base).as_array().is_some() => s.under(*base),
            _ => u,
        };
        let int = Some(self.basic(BasicKind::Int));
        match s.ty(u) {
            Type::Basic(_) if s.is_string(u) => Ok((int, Some(self.basic(BasicKind::Rune)))),
            Type::Basic(_) if s.is_integer(u) => match self.allows(22) {
                true => Ok((Some(t), None)),
                false => Err("requires go1.22 or later".into()),
            },
            Type::Array { elem, .. } | Type::Slice { elem } => Ok((int, Some(*elem))),
            Type::Map { key, elem } => Ok((Some(*key), Some(*elem))),
            Type::Chan(c) => Ok((Some(c.elem), None)),
            Type::Signature(_) if !self.allows(23) => Err("requires go1.23 or later".into()),
            Type::Signature(sig) => self.range_func(sig.get()),
            _ => Err(String::new()),
        }
    }

    fn range_func(&mut self, sig: &SignatureContents) -> Result<KeyVal, String> {
        let s = self.store;
        let bad = |why: &str| Err(format!("func must be func(yield func(...) bool): {why}"));
        let &[yield_param] = &sig.params[..] else { return bad("wrong argument count") };
        if !sig.results.is_empty() {
            return bad("unexpected results");
        }
        let found = self.cx().common_under(s.type_of(yield_param), |_| Ok(()));
        let u = match found {
            Ok(u) => u,
            Err(why) => return bad(&format!("in yield type, {why}")),
        };
        let Some(cb) = s.ty(u).as_signature() else { return bad("argument is not func") };
        if cb.params.len() > 2 {
            return bad("yield func has too many parameters");
        }
        let result = match cb.results[..] {
            [r] => Some(s.type_of(r)),
            _ => None,
        };
        if !result.is_some_and(|r| s.identical(r, self.basic(BasicKind::Bool))) {
            return match result {
                Some(r) if s.is_boolean(r) => bad("yield func returns user-defined boolean, not bool"),
                _ => bad("yield func does not return bool"),
            };
        }
        if cb.variadic {
            return Err(format!("yield func of type {} cannot be variadic", self.ts(u)));
        }
        Ok((cb.params.first().map(|&p| s.type_of(p)), cb.params.get(1).map(|&p| s.type_of(p))))
    }
}
