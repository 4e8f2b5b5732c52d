//! Expressions.

use super::{LINK, NEST, Parser, name_expr};
use crate::ast::*;
use crate::token::{Op, Token};
use goxide_source::Pos;

impl<'a> Parser<'a> {
    pub(super) fn expr(&mut self) -> Expr {
        self.binary_expr(0)
    }

    /// `a, b, …` as the node it is on a side of an assignment.
    pub(super) fn expr_list(&mut self) -> Expr {
        let x = self.expr();
        if self.tok != Token::Comma {
            return x;
        }
        let pos = x.pos;
        let list = self.expr_list_rest(x);
        self.expr_node(pos, ExprKind::List(list))
    }

    pub(super) fn expr_vec(&mut self) -> Vec<Expr> {
        let x = self.expr();
        self.expr_list_rest(x)
    }

    fn expr_list_rest(&mut self, first: Expr) -> Vec<Expr> {
        let mut list = vec![first];
        while self.got(Token::Comma) {
            list.push(self.expr());
        }
        list
    }

    fn binary_expr(&mut self, prec: u8) -> Expr {
        self.nested(|p| {
            let x = p.unary_expr();
            p.binary_rest(x, prec)
        })
    }

    /// The operators that bind tighter than `prec` and their right operands.
    pub(super) fn binary_rest(&mut self, mut x: Expr, prec: u8) -> Expr {
        while matches!(self.tok, Token::Operator | Token::Star) && self.scanner.prec > prec {
            let Op::Binary(op) = self.scanner.op else { break };
            let pos = self.pos();
            self.next();
            let y = self.binary_expr(op.precedence());
            self.grow(LINK);
            x = self.expr_node(pos, ExprKind::Binary(op, Operand::new(x), Box::new(y)));
        }
        x
    }

    fn unary_expr(&mut self) -> Expr {
        let pos = self.pos();
        match self.tok {
            Token::Operator | Token::Star => {
                let op = match self.scanner.op {
                    Op::Binary(BinaryOp::Mul) => None,
                    Op::Binary(BinaryOp::Add) => Some(UnaryOp::Plus),
                    Op::Binary(BinaryOp::Sub) => Some(UnaryOp::Minus),
                    Op::Binary(BinaryOp::Xor) => Some(UnaryOp::Xor),
                    Op::Binary(BinaryOp::And) => Some(UnaryOp::And),
                    Op::Not => Some(UnaryOp::Not),
                    Op::Tilde => Some(UnaryOp::Tilde),
                    _ => return self.primary_expr(None, true),
                };
                self.next();
                let mut x = self.nested(Self::unary_expr);
                if op == Some(UnaryOp::And) {
                    // It may be a composite literal in parentheses.
                    x = into_unparen(x);
                }
                let x = Box::new(x);
                let kind = match op {
                    Some(op) => ExprKind::Unary(op, x),
                    None => ExprKind::Star(x),
                };
                self.expr_node(pos, kind)
            }
            Token::Arrow => {
                // Only behind the operand is it clear whether this receives or is of a channel type.
                self.next();
                let mut x = self.nested(Self::unary_expr);
                if matches!(x.kind, ExprKind::ChanType(..)) {
                    self.associate_arrow(&mut x);
                    return x;
                }
                self.expr_node(pos, ExprKind::Unary(UnaryOp::Recv, Box::new(x)))
            }
            _ => self.primary_expr(None, true),
        }
    }

    /// `<-` stands before the channel type `x`: `<-(chan E)` is `(<-chan E)`, and `<-(chan<- E)` is
    /// `(<-chan (<-E))`.
    fn associate_arrow(&mut self, x: &mut Expr) {
        let mut dir = ChanDir::Send;
        let mut t = x;
        while dir == ChanDir::Send {
            if !matches!(t.kind, ExprKind::ChanType(..)) {
                let text = format!("unexpected {t}, expected chan");
                self.syntax_error(&text);
                return;
            }
            let ExprKind::ChanType(own, elem) = &mut t.kind else { return };
            dir = *own;
            if dir == ChanDir::Recv {
                self.syntax_error("unexpected <-, expected chan");
            }
            *own = ChanDir::Recv;
            t = elem;
        }
    }

    fn operand(&mut self, mut keep_parens: bool) -> Expr {
        match self.tok {
            Token::Name => name_expr(self.name()),
            Token::Literal => {
                let pos = self.pos();
                match self.literal() {
                    Some(lit) => self.expr_node(pos, ExprKind::BasicLit(lit)),
                    None => self.bad_expr(),
                }
            }
            Token::Lparen => {
                let pos = self.pos();
                self.next();
                self.xnest += 1;
                let x = self.expr();
                self.xnest -= 1;
                self.want(Token::Rparen);
                // Parentheses matter only where they are an error: around the type of a composite
                // literal (which a { may start), around the call of go and defer, and around a name
                // that := declares.
                keep_parens |= self.tok == Token::Lbrace;
                if keep_parens { self.expr_node(pos, ExprKind::Paren(Box::new(x))) } else { x }
            }
            Token::Func => {
                let pos = self.pos();
                self.next();
                let (_, ty) = self.func_type("function type");
                if self.tok != Token::Lbrace {
                    return func_type_expr(ty);
                }
                self.xnest += 1;
                let body = self.func_body();
                self.xnest -= 1;
                self.expr_node(pos, ExprKind::FuncLit(Box::new(FuncLit { ty, body })))
            }
            Token::Lbrack | Token::Chan | Token::Map | Token::Struct | Token::Interface => self.type_(),
            _ => {
                let x = self.bad_expr();
                self.syntax_error("expected expression");
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                x
            }
        }
    }

    /// An operand (`x`, where it was read already) with what follows it: selectors, indices, calls.
    pub(super) fn primary_expr(&mut self, x: Option<Expr>, keep_parens: bool) -> Expr {
        let mut x = match x {
            Some(x) => x,
            None => self.operand(keep_parens),
        };
        loop {
            let pos = self.pos();
            x = match self.tok {
                Token::Dot => self.selector(pos, x),
                Token::Lbrack => self.index_or_slice(pos, x),
                Token::Lparen => {
                    self.next();
                    let (args, has_dots, rparen) = self.arg_list();
                    let call = CallExpr { fun: x, args, has_dots, rparen };
                    self.expr_node(pos, ExprKind::Call(Box::new(call)))
                }
                Token::Lbrace => {
                    let t = unparen(&x);
                    let may_be_type = match &t.kind {
                        ExprKind::Name(_) | ExprKind::Selector(..) => self.xnest >= 0,
                        ExprKind::Index(..) => self.xnest >= 0 && !is_value(t),
                        ExprKind::ArrayType(_)
                        | ExprKind::SliceType(_)
                        | ExprKind::StructType(_)
                        | ExprKind::MapType(..) => true,
                        _ => false,
                    };
                    if !may_be_type {
                        return x;
                    }
                    if matches!(x.kind, ExprKind::Paren(_)) {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    self.composite_lit(Some(x))
                }
                _ => return x,
            };
            self.grow(NEST);
        }
    }

    fn selector(&mut self, pos: Pos, x: Expr) -> Expr {
        self.next();
        match self.tok {
            Token::Name => {
                let name = self.name();
                self.expr_node(pos, ExprKind::Selector(Box::new(x), name))
            }
            Token::Lparen => {
                self.next();
                let kind = if self.got(Token::Type) {
                    ExprKind::TypeSwitchGuard(None, Box::new(x))
                } else {
                    let ty = self.type_();
                    ExprKind::TypeAssert(Box::new(x), Box::new(ty))
                };
                let node = self.expr_node(pos, kind);
                self.want(Token::Rparen);
                node
            }
            _ => {
                self.syntax_error("expected name or (");
                self.advance(&[Token::Semi, Token::Rparen]);
                x
            }
        }
    }

    fn index_or_slice(&mut self, pos: Pos, x: Expr) -> Expr {
        self.next();
        let mut first = None;
        if self.tok != Token::Colon {
            let mut comma = false;
            let mut indices;
            if self.tok == Token::Rbrack {
                self.syntax_error("expected operand");
                indices = vec![self.bad_expr()];
            } else {
                (indices, comma) = self.type_list(false);
            }
            if comma || self.tok == Token::Rbrack {
                self.want(Token::Rbrack);
                return self.expr_node(pos, ExprKind::Index(Box::new(x), indices));
            }
            first = indices.pop();
        }

        // The message says more than one that only wants a colon.
        if !self.got(Token::Colon) {
            self.syntax_error("expected comma, : or ]");
            self.advance(&[Token::Comma, Token::Colon, Token::Rbrack]);
        }
        self.xnest += 1;
        let mut index = [first, None, None];
        let mut full = false;
        if self.tok != Token::Colon && self.tok != Token::Rbrack {
            index[1] = Some(self.expr());
        }
        if self.tok == Token::Colon {
            full = true;
            if index[1].is_none() {
                self.error("middle index required in 3-index slice");
                index[1] = Some(self.bad_expr());
            }
            self.next();
            index[2] = Some(if self.tok == Token::Rbrack {
                self.error("final index required in 3-index slice");
                self.bad_expr()
            } else {
                self.expr()
            });
        }
        self.xnest -= 1;
        self.want(Token::Rbrack);
        self.expr_node(pos, ExprKind::Slice(Box::new(SliceExpr { x, index, full })))
    }

    /// Arguments up to the closing parenthesis, whether `...` is behind the last, and the position of
    /// the parenthesis.
    fn arg_list(&mut self) -> (Vec<Expr>, bool, Pos) {
        let mut args = Vec::new();
        let mut has_dots = false;
        self.xnest += 1;
        let rparen = self.list("argument list", Token::Comma, Token::Rparen, |p| {
            args.push(p.expr());
            has_dots = p.got(Token::DotDotDot);
            has_dots
        });
        self.xnest -= 1;
        (args, has_dots, rparen)
    }

    fn composite_lit(&mut self, ty: Option<Expr>) -> Expr {
        let pos = self.pos();
        let mut elems = Vec::new();
        let mut nkeys = 0;
        self.xnest += 1;
        self.want(Token::Lbrace);
        let rbrace = self.list("composite literal", Token::Comma, Token::Rbrace, |p| {
            let mut elem = p.element();
            if p.tok == Token::Colon {
                let pos = p.pos();
                p.next();
                let value = p.element();
                elem = p.expr_node(pos, ExprKind::KeyValue(Box::new(elem), Box::new(value)));
                nkeys += 1;
            }
            elems.push(elem);
            false
        });
        self.xnest -= 1;
        let lit = CompositeLit { ty, elems, nkeys, rbrace };
        self.expr_node(pos, ExprKind::CompositeLit(Box::new(lit)))
    }

    fn element(&mut self) -> Expr {
        if self.tok == Token::Lbrace {
            return self.nested(|p| p.composite_lit(None));
        }
        self.expr()
    }

    /// Types, of which the first may be an expression if not `strict`, and whether there was a comma.
    pub(super) fn type_list(&mut self, strict: bool) -> (Vec<Expr>, bool) {
        self.xnest += 1;
        let first = if strict { self.type_() } else { self.expr() };
        let mut list = vec![first];
        let mut comma = false;
        while self.got(Token::Comma) {
            comma = true;
            match self.type_opt() {
                Some(ty) => list.push(ty),
                None => break,
            }
        }
        self.xnest -= 1;
        (list, comma)
    }
}

pub(super) fn func_type_expr(ty: FuncType) -> Expr {
    Expr { id: ty.id, pos: ty.pos, kind: ExprKind::FuncType(Box::new(ty)) }
}

/// Whether `x` can by its form only be a value, never a type.
fn is_value(x: &Expr) -> bool {
    let mut x = x;
    loop {
        x = match &x.kind {
            ExprKind::BasicLit(_)
            | ExprKind::CompositeLit(_)
            | ExprKind::FuncLit(_)
            | ExprKind::Slice(_)
            | ExprKind::TypeAssert(..)
            | ExprKind::TypeSwitchGuard(..)
            | ExprKind::Call(_)
            | ExprKind::Unary(..)
            | ExprKind::Binary(..) => return true,
            ExprKind::Paren(x) => x,
            ExprKind::Index(x, indices) => {
                if let [index] = &indices[..]
                    && is_value(index)
                {
                    return true;
                }
                x
            }
            _ => return false,
        }
    }
}
