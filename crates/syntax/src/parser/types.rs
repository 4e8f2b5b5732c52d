//! Types.

use super::expr::func_type_expr;
use super::{LINK, Parser, name_expr};
use crate::ast::*;
use crate::token::{Op, Token};
use goxide_source::Pos;
use std::sync::Arc;

/// What `name [` can go on to be where both are possible.
pub(super) enum ArrayOrArgs {
    /// The name has an array or slice type.
    Type(Expr),
    /// The name is a generic type with arguments.
    Args(Pos, Vec<Expr>),
}

impl<'a> Parser<'a> {
    pub(super) fn type_(&mut self) -> Expr {
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected type");
            self.advance(&[
                Token::Comma,
                Token::Colon,
                Token::Semi,
                Token::Rparen,
                Token::Rbrack,
                Token::Rbrace,
            ]);
            bad
        })
    }

    /// A type if one stands here, else no error.
    pub(super) fn type_opt(&mut self) -> Option<Expr> {
        match self.tok {
            Token::Name => Some(self.qualified_name(None)),
            Token::Star
            | Token::Arrow
            | Token::Func
            | Token::Lbrack
            | Token::Chan
            | Token::Map
            | Token::Struct
            | Token::Interface
            | Token::Lparen => Some(self.nested(Self::type_literal)),
            _ => None,
        }
    }

    fn type_literal(&mut self) -> Expr {
        let pos = self.pos();
        let tok = self.tok;
        self.next();
        match tok {
            Token::Star => {
                let elem = self.type_();
                self.expr_node(pos, ExprKind::Star(Box::new(elem)))
            }
            Token::Arrow => {
                self.want(Token::Chan);
                let elem = self.chan_elem();
                self.expr_node(pos, ExprKind::ChanType(ChanDir::Recv, Box::new(elem)))
            }
            Token::Func => func_type_expr(self.func_type("function type").1),
            Token::Lbrack => {
                if self.got(Token::Rbrack) {
                    self.slice_type(pos)
                } else {
                    self.array_type(pos, None)
                }
            }
            Token::Chan => {
                let dir = if self.got(Token::Arrow) { ChanDir::Send } else { ChanDir::Both };
                let elem = self.chan_elem();
                self.expr_node(pos, ExprKind::ChanType(dir, Box::new(elem)))
            }
            Token::Map => {
                self.want(Token::Lbrack);
                let key = self.type_();
                self.want(Token::Rbrack);
                let value = self.type_();
                self.expr_node(pos, ExprKind::MapType(Box::new(key), Box::new(value)))
            }
            Token::Struct => self.struct_type(pos),
            Token::Interface => self.interface_type(pos),
            _ => {
                let ty = self.type_();
                self.want(Token::Rparen);
                ty
            }
        }
    }

    fn chan_elem(&mut self) -> Expr {
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("missing channel element type");
            bad
        })
    }

    /// Behind `[` at `pos`; `len` where it was read already.
    pub(super) fn array_type(&mut self, pos: Pos, mut len: Option<Expr>) -> Expr {
        if len.is_none() && !self.got(Token::DotDotDot) {
            self.xnest += 1;
            len = Some(self.expr());
            self.xnest -= 1;
        }
        if self.tok == Token::Comma {
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Token::Rbrack);
        let elem = self.type_();
        self.expr_node(pos, ExprKind::ArrayType(Box::new(ArrayType { len, elem })))
    }

    /// Behind `[]`, the `[` at `pos`.
    pub(super) fn slice_type(&mut self, pos: Pos) -> Expr {
        let elem = self.type_();
        self.expr_node(pos, ExprKind::SliceType(Box::new(elem)))
    }

    pub(super) fn array_or_args(&mut self) -> ArrayOrArgs {
        let pos = self.pos();
        self.want(Token::Lbrack);
        if self.got(Token::Rbrack) {
            return ArrayOrArgs::Type(self.slice_type(pos));
        }
        let (mut list, comma) = self.type_list(false);
        self.want(Token::Rbrack);
        if !comma && let Some(elem) = self.type_opt() {
            let array = ArrayType { len: list.pop(), elem };
            return ArrayOrArgs::Type(self.expr_node(pos, ExprKind::ArrayType(Box::new(array))));
        }
        ArrayOrArgs::Args(pos, list)
    }

    /// A possibly qualified type name with its type arguments; `name` where it was read already.
    pub(super) fn qualified_name(&mut self, name: Option<Ident>) -> Expr {
        let mut x = match name {
            Some(name) => name_expr(name),
            None if self.tok == Token::Name => name_expr(self.name()),
            None => {
                let blank = self.ident_at(self.pos(), "_");
                self.syntax_error("expected name");
                self.advance(&[Token::Dot, Token::Semi, Token::Rbrace]);
                name_expr(blank)
            }
        };
        if self.tok == Token::Dot {
            let pos = self.pos();
            self.next();
            let name = self.name();
            x = self.expr_node(pos, ExprKind::Selector(Box::new(x), name));
        }
        if self.tok == Token::Lbrack { self.nested(|p| p.type_instance(x)) } else { x }
    }

    fn type_instance(&mut self, generic: Expr) -> Expr {
        let pos = self.pos();
        self.want(Token::Lbrack);
        let args = if self.tok == Token::Rbrack {
            self.syntax_error("expected type argument list");
            vec![self.bad_expr()]
        } else {
            self.type_list(true).0
        };
        self.want(Token::Rbrack);
        self.expr_node(pos, ExprKind::Index(Box::new(generic), args))
    }

    /// Type parameters and signature; with a `context`, type parameters are an error.
    pub(super) fn func_type(&mut self, context: &str) -> (Vec<Field>, FuncType) {
        let id = self.ids.fresh();
        let pos = self.pos();
        let mut type_params = Vec::new();
        if self.got(Token::Lbrack) {
            if !context.is_empty() {
                self.syntax_error_at(pos, &format!("{context} must have no type parameters"));
            }
            if self.tok == Token::Rbrack {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                type_params = self.param_list(None, Token::Rbrack, true, false);
            }
        }
        self.want(Token::Lparen);
        let params = self.param_list(None, Token::Rparen, false, true);
        let results = self.results();
        (type_params, FuncType { id, pos, params, results })
    }

    fn results(&mut self) -> Vec<Field> {
        if self.got(Token::Lparen) {
            return self.param_list(None, Token::Rparen, false, false);
        }
        let pos = self.pos();
        self.type_opt().map(|ty| Field::unnamed(pos, ty)).into_iter().collect()
    }

    /// Behind `struct`.
    fn struct_type(&mut self, pos: Pos) -> Expr {
        let mut fields = Vec::new();
        self.want(Token::Lbrace);
        self.list("struct type", Token::Semi, Token::Rbrace, |p| {
            p.field_decl(&mut fields);
            false
        });
        self.expr_node(pos, ExprKind::StructType(Box::new(StructType { fields })))
    }

    fn field_decl(&mut self, fields: &mut Vec<Field>) {
        let pos = self.pos();
        let ty = match self.tok {
            Token::Name => {
                let name = self.name();
                if matches!(self.tok, Token::Dot | Token::Literal | Token::Semi | Token::Rbrace) {
                    self.qualified_name(Some(name))
                } else {
                    match self.named_fields(name, fields) {
                        Some(embedded) => embedded,
                        None => return,
                    }
                }
            }
            Token::Star => {
                self.next();
                let ty = if self.tok == Token::Lparen {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                    let ty = self.qualified_name(None);
                    self.got(Token::Rparen);
                    ty
                } else {
                    self.qualified_name(None)
                };
                self.expr_node(pos, ExprKind::Star(Box::new(ty)))
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let ty = if self.tok == Token::Star {
                    let pos = self.pos();
                    self.next();
                    let ty = self.qualified_name(None);
                    self.expr_node(pos, ExprKind::Star(Box::new(ty)))
                } else {
                    self.qualified_name(None)
                };
                self.got(Token::Rparen);
                ty
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Token::Semi, Token::Rbrace]);
                return;
            }
        };
        let tag = self.literal();
        fields.push(Field { tag, embedded: true, ..Field::unnamed(pos, ty) });
    }

    /// `a, b T "tag"`; returns the type where it turns out that `first` starts an embedded one.
    fn named_fields(&mut self, first: Ident, fields: &mut Vec<Field>) -> Option<Expr> {
        let names = self.name_list(first);
        let ty = if names.len() == 1 && self.tok == Token::Lbrack {
            // A field of array or slice type, or an embedded `T[P]`.
            match self.array_or_args() {
                ArrayOrArgs::Type(ty) => ty,
                ArrayOrArgs::Args(pos, args) => {
                    let generic = names.into_iter().next().map(name_expr)?;
                    return Some(self.expr_node(pos, ExprKind::Index(Box::new(generic), args)));
                }
            }
        } else {
            self.type_()
        };
        let ty = Arc::new(ty);
        let tag = self.literal();
        for (i, name) in names.into_iter().enumerate() {
            fields.push(Field {
                pos: name.pos,
                name: Some(name),
                ty: ty.clone(),
                type_shared: i > 0,
                tag: tag.clone(),
                embedded: false,
            });
        }
        None
    }

    /// Behind `interface`.
    fn interface_type(&mut self, pos: Pos) -> Expr {
        let mut elems = Vec::new();
        self.want(Token::Lbrace);
        self.list("interface type", Token::Semi, Token::Rbrace, |p| {
            let elem = p.interface_elem();
            elems.push(elem);
            false
        });
        self.expr_node(pos, ExprKind::InterfaceType(Box::new(InterfaceType { elems })))
    }

    fn interface_elem(&mut self) -> Field {
        let pos = self.pos();
        let mut first = None;
        if self.tok == Token::Name {
            let (name, ty) = self.method_or_type();
            if name.is_some() {
                return Field { name, ..Field::unnamed(pos, ty) };
            }
            first = Some(ty);
        }
        let ty = self.embedded_elem(first);
        Field::unnamed(pos, ty)
    }

    /// A method, or (without a name) an embedded type.
    fn method_or_type(&mut self) -> (Option<Ident>, Expr) {
        const CONTEXT: &str = "interface method";
        let name = self.name();
        match self.tok {
            Token::Lparen => self.method(name, CONTEXT),
            Token::Lbrack => {
                // A generic method (an error), or a generic type with arguments.
                let pos = self.pos();
                self.next();
                if self.tok == Token::Rbrack {
                    let rbrack = self.pos();
                    self.next();
                    if self.tok == Token::Lparen {
                        self.error_at(rbrack, "empty type parameter list");
                        return self.method(name, CONTEXT);
                    }
                    self.error_at(rbrack, "empty type argument list");
                    return (None, name_expr(name));
                }
                // Arguments look like parameters without names.
                let list = self.param_list(None, Token::Rbrack, false, false);
                match list.first() {
                    None if self.tok == Token::Lparen => self.method(name, CONTEXT),
                    None => (None, name_expr(name)),
                    Some(first) if first.name.is_some() => {
                        let method = self.method(name, CONTEXT);
                        self.error_at(pos, "interface method must have no type parameters");
                        method
                    }
                    Some(_) => {
                        let args = list.into_iter().filter_map(|f| Arc::into_inner(f.ty)).collect();
                        let kind = ExprKind::Index(Box::new(name_expr(name)), args);
                        (None, self.expr_node(pos, kind))
                    }
                }
            }
            _ => (None, self.qualified_name(Some(name))),
        }
    }

    fn method(&mut self, name: Ident, context: &str) -> (Option<Ident>, Expr) {
        let (_, ty) = self.func_type(context);
        (Some(name), func_type_expr(ty))
    }

    /// A union of terms; `first` where it was read already.
    pub(super) fn embedded_elem(&mut self, first: Option<Expr>) -> Expr {
        self.nested(|p| p.union(first))
    }

    fn union(&mut self, first: Option<Expr>) -> Expr {
        let mut x = match first {
            Some(x) => x,
            None => self.embedded_term(),
        };
        while self.tok == Token::Operator && self.scanner.op == Op::Binary(BinaryOp::Or) {
            let pos = self.pos();
            self.next();
            let y = self.embedded_term();
            self.grow(LINK);
            x = self.expr_node(pos, ExprKind::Binary(BinaryOp::Or, Operand::new(x), Box::new(y)));
        }
        x
    }

    pub(super) fn at_tilde(&self) -> bool {
        self.tok == Token::Operator && self.scanner.op == Op::Tilde
    }

    fn embedded_term(&mut self) -> Expr {
        if self.at_tilde() {
            let pos = self.pos();
            self.next();
            let ty = self.type_();
            return self.expr_node(pos, ExprKind::Unary(UnaryOp::Tilde, Box::new(ty)));
        }
        self.type_opt().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("expected ~ term or type");
            self.advance(&[Token::Operator, Token::Semi, Token::Rparen, Token::Rbrack, Token::Rbrace]);
            bad
        })
    }
}
