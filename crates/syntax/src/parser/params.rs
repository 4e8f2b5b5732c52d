//! Lists of parameters, results and type parameters, of which `a, b T` and `T, U` look alike up to
//! their end.

use super::types::ArrayOrArgs;
use super::{Parser, name_expr};
use crate::ast::*;
use crate::token::{Op, Token};
use goxide_source::Pos;
use std::sync::Arc;

/// One element as written: a lone name may yet turn out to be a type.
struct Param {
    pos: Pos,
    name: Option<Ident>,
    ty: Option<Expr>,
}

impl<'a> Parser<'a> {
    /// A list up to `close`, its opening token consumed. `first`: the name that was read already, with
    /// its type if that was too. `require_names`: type parameters. `dots_ok`: the last may be `...T`.
    pub(super) fn param_list(
        &mut self,
        first: Option<(Ident, Option<Expr>)>,
        close: Token,
        require_names: bool,
        dots_ok: bool,
    ) -> Vec<Field> {
        let (mut name, mut ty) = first.map_or((None, None), |(name, ty)| (Some(name), ty));
        if let Some(name) = &name
            && self.tok == close
            && let Some(ty) = ty.take()
        {
            self.next();
            return vec![Field { name: Some(name.clone()), ..Field::unnamed(name.pos, ty) }];
        }

        let mut list: Vec<Param> = Vec::new();
        let end = self.list("parameter list", Token::Comma, close, |p| {
            let param = match (name.take(), ty.take()) {
                (Some(name), Some(ty)) => Some(Param { pos: name.pos, name: Some(name), ty: Some(ty) }),
                (name, _) => p.param_decl(name, close),
            };
            list.extend(param);
            false
        });
        if list.is_empty() {
            return Vec::new();
        }
        let named = list.iter().filter(|p| p.name.is_some() && p.ty.is_some()).count();
        let typed = list.iter().filter(|p| p.ty.is_some()).count();
        if named == 0 && !require_names {
            for param in &mut list {
                if let Some(name) = param.name.take() {
                    param.ty = Some(name_expr(name));
                }
            }
        }
        if named != list.len() && (named > 0 || require_names) {
            self.name_all(&mut list, named, typed, end, require_names);
        }
        self.check_dots(&mut list, dots_ok);
        fields(list)
    }

    /// Some have a name, or all need one: those without a type share that of the next that has one.
    fn name_all(&mut self, list: &mut [Param], named: usize, typed: usize, end: Pos, require_names: bool) {
        let mut error_pos = None;
        let mut seen_type = false;
        for param in list.iter_mut().rev() {
            if let Some(ty) = &param.ty {
                seen_type = true;
                if param.name.is_none() {
                    let pos = start_pos(ty);
                    error_pos = Some(pos);
                    param.name = Some(self.ident_at(pos, "_"));
                }
            } else if !seen_type {
                let pos = param.name.as_ref().map_or(param.pos, |n| n.pos);
                error_pos = Some(pos);
                param.ty = Some(self.bad_expr_at(pos));
            }
        }
        let Some(pos) = error_pos else { return };
        if named == typed {
            // Those without a type stand at the end of the list.
            let text = if require_names { "missing type constraint" } else { "missing parameter type" };
            self.syntax_error_at(end, text);
        } else if !require_names {
            self.syntax_error_at(pos, "missing parameter name");
        } else if list.len() == 1 {
            self.syntax_error_at(pos, "missing type parameter name or invalid array length");
        } else {
            self.syntax_error_at(pos, "missing type parameter name");
        }
    }

    /// Reports the first `...T` in a wrong place and takes `T` for each.
    fn check_dots(&mut self, list: &mut [Param], dots_ok: bool) {
        let last = list.len() - 1;
        let mut reported = false;
        for i in 0..list.len() {
            // In `a, b ...T` the first name makes it wrong.
            let shared = i > 0 && list[i - 1].ty.is_none();
            if let Some(ty) = &mut list[i].ty
                && !(dots_ok && i == last && !shared)
                && matches!(ty.kind, ExprKind::DotsType(_))
                && let ExprKind::DotsType(elem) = std::mem::replace(&mut ty.kind, ExprKind::Bad)
            {
                let pos = std::mem::replace(ty, *elem).pos;
                if !std::mem::replace(&mut reported, true) {
                    let text =
                        if dots_ok { "can only use ... with final parameter" } else { "invalid use of ..." };
                    self.error_at(pos, text);
                }
            }
        }
    }

    /// `follow` is what closes the list; in type parameters, constraints may be unions.
    fn param_decl(&mut self, name: Option<Ident>, follow: Token) -> Option<Param> {
        let unions_ok = follow == Token::Rbrack;
        let pos = name.as_ref().map_or(self.pos(), |n| n.pos);
        if name.is_none() && unions_ok && self.at_tilde() {
            return Some(Param { pos, name: None, ty: Some(self.embedded_elem(None)) });
        }

        let mut own_name = name;
        if own_name.is_none() && self.tok == Token::Name {
            own_name = Some(self.name());
        }
        if let Some(name) = own_name.take() {
            let (name, ty) = match self.tok {
                Token::Lbrack => match self.array_or_args() {
                    ArrayOrArgs::Type(ty) => (Some(name), Some(ty)),
                    ArrayOrArgs::Args(pos, args) => {
                        let kind = ExprKind::Index(Box::new(name_expr(name)), args);
                        (None, Some(self.expr_node(pos, kind)))
                    }
                },
                Token::Dot => (None, Some(self.qualified_name(Some(name)))),
                _ if unions_ok && self.at_or() => (None, Some(name_expr(name))),
                _ => (Some(name), None),
            };
            if let Some(mut ty) = ty {
                if unions_ok && self.at_or() {
                    ty = self.embedded_elem(Some(ty));
                }
                return Some(Param { pos, name, ty: Some(ty) });
            }
            own_name = name;
        }

        if self.tok == Token::DotDotDot {
            let dots = self.pos();
            self.next();
            let ty = match self.type_opt() {
                Some(elem) => self.expr_node(dots, ExprKind::DotsType(Box::new(elem))),
                None => {
                    let bad = self.bad_expr();
                    self.syntax_error("... is missing type");
                    bad
                }
            };
            return Some(Param { pos, name: own_name, ty: Some(ty) });
        }
        if unions_ok && self.at_tilde() {
            let ty = self.embedded_elem(None);
            return Some(Param { pos, name: own_name, ty: Some(ty) });
        }
        let mut ty = self.type_opt();
        if unions_ok && self.at_or() {
            ty = ty.map(|ty| self.embedded_elem(Some(ty)));
        }
        if own_name.is_some() || ty.is_some() {
            return Some(Param { pos, name: own_name, ty });
        }
        self.syntax_error(&format!("expected {}", follow.describe()));
        self.advance(&[Token::Comma, follow]);
        None
    }

    fn at_or(&self) -> bool {
        self.tok == Token::Operator && self.scanner.op == Op::Binary(BinaryOp::Or)
    }
}

/// Those without a type share that of the next that has one.
fn fields(list: Vec<Param>) -> Vec<Field> {
    let mut fields = Vec::with_capacity(list.len());
    let mut shared: Option<Arc<Expr>> = None;
    for param in list.into_iter().rev() {
        let ty = match (param.ty, &shared) {
            (Some(ty), _) => Arc::new(ty),
            (None, Some(ty)) => ty.clone(),
            (None, None) => continue,
        };
        shared = Some(ty.clone());
        fields.push(Field {
            pos: param.pos,
            name: param.name,
            ty,
            type_shared: false,
            tag: None,
            embedded: false,
        });
    }
    fields.reverse();
    for i in 1..fields.len() {
        fields[i].type_shared = Arc::ptr_eq(&fields[i - 1].ty, &fields[i].ty);
    }
    fields
}
