//! Files and declarations.

use super::{Parser, name_expr};
use crate::ast::*;
use crate::directive::Place;
use crate::token::Token;
use goxide_source::Pos;

const DECL_STARTS: [Token; 5] = [Token::Import, Token::Const, Token::Type, Token::Var, Token::Func];

impl<'a> Parser<'a> {
    /// `header`: stop at the first declaration that is no import.
    pub(super) fn file(&mut self, header: bool) -> File {
        let pos = self.pos();
        self.top = false;
        let mut decls = Vec::new();
        let mut package = Ident { id: self.ids.fresh(), pos, name: "_".into() };
        if !self.got(Token::Package) {
            self.syntax_error("package statement must be first");
        } else {
            let pragmas = self.take_pragmas();
            self.check_pragmas(&pragmas, Place::File);
            self.file_pragmas.extend(pragmas);
            package = self.name();
            self.want(Token::Semi);
            if self.error_count == 0 {
                self.decls(&mut decls, header);
            }
        }
        self.check_file_pragmas(&decls);
        File {
            source: self.source.clone(),
            pos,
            package,
            decls,
            eof: self.pos(),
            build_constraint: self.build_constraint.take(),
            go_version: self.go_version.take(),
            pragmas: std::mem::take(&mut self.file_pragmas),
        }
    }

    fn decls(&mut self, decls: &mut Vec<Decl>, header: bool) {
        let mut previous = Token::Import;
        while self.tok != Token::Eof {
            if header && self.tok != Token::Import {
                return;
            }
            if self.tok == Token::Import && previous != Token::Import {
                self.syntax_error("imports must appear before other declarations");
            }
            previous = self.tok;
            match self.tok {
                Token::Import | Token::Const | Token::Type | Token::Var => self.group(decls),
                Token::Func => {
                    self.next();
                    let decl = self.func_decl(None);
                    decls.push(Decl::Func(decl));
                }
                _ => {
                    let after_header = matches!(decls.last(), Some(Decl::Func(f)) if f.body.is_none());
                    if self.tok == Token::Lbrace && after_header {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(&DECL_STARTS);
                    continue;
                }
            }
            // Before the semicolon is consumed: comments behind it are of the next declaration.
            self.clear_pragmas();
            if self.tok != Token::Eof && !self.got(Token::Semi) {
                self.syntax_error("after top level declaration");
                self.advance(&DECL_STARTS);
            }
        }
        self.clear_pragmas();
    }

    /// A keyword with one declaration or a parenthesized list.
    pub(super) fn group(&mut self, decls: &mut Vec<Decl>) {
        let keyword = self.tok;
        self.next();
        if self.tok != Token::Lparen {
            let decl = self.spec(keyword, None, 0);
            decls.push(decl);
            return;
        }
        self.groups += 1;
        let group = Some(GroupId(self.groups - 1));
        self.clear_pragmas();
        self.next();
        let mut index = 0;
        self.list("grouped declaration", Token::Semi, Token::Rparen, |p| {
            decls.push(p.spec(keyword, group, index));
            index += 1;
            false
        });
    }

    fn spec(&mut self, keyword: Token, group: Option<GroupId>, index: u32) -> Decl {
        match keyword {
            Token::Import => Decl::Import(self.import_decl(group)),
            Token::Const => Decl::Const(self.const_decl(group, index)),
            Token::Type => Decl::Type(self.type_decl(group)),
            _ => Decl::Var(self.var_decl(group)),
        }
    }

    fn take_pragmas_for(&mut self, place: Place) -> Vec<Pragma> {
        let pragmas = self.take_pragmas();
        if !pragmas.is_empty() {
            self.check_pragmas(&pragmas, place);
        }
        pragmas
    }

    fn import_decl(&mut self, group: Option<GroupId>) -> ImportDecl {
        let pos = self.pos();
        self.take_pragmas_for(Place::None);
        let local_name = match self.tok {
            Token::Name => Some(self.name()),
            Token::Dot => {
                let dot = self.ident_at(self.pos(), ".");
                self.next();
                Some(dot)
            }
            _ => None,
        };
        let mut path = self.literal();
        match &mut path {
            None => {
                self.syntax_error("missing import path");
                self.advance(&[Token::Semi, Token::Rparen]);
            }
            Some(lit) if !lit.bad && lit.kind != LitKind::String => {
                self.syntax_error_at(lit.pos, "import path must be a string");
                lit.bad = true;
            }
            Some(_) => {}
        }
        ImportDecl { pos, group, local_name, path }
    }

    pub(super) fn const_decl(&mut self, group: Option<GroupId>, iota: u32) -> ConstDecl {
        let pos = self.pos();
        self.take_pragmas_for(Place::None);
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if !matches!(self.tok, Token::Eof | Token::Semi | Token::Rparen) {
            ty = self.type_opt();
            if self.got_assign() {
                values = self.expr_vec();
            }
        }
        ConstDecl { pos, group, iota, names, ty, values }
    }

    pub(super) fn type_decl(&mut self, group: Option<GroupId>) -> TypeDecl {
        let pos = self.pos();
        let pragmas = self.take_pragmas_for(Place::None);
        let name = self.name();
        let mut type_params = Vec::new();
        let mut is_alias = false;
        let ty;
        if self.tok == Token::Lbrack {
            let lbrack = self.pos();
            self.next();
            match self.tok {
                Token::Name => match self.type_param_or_len() {
                    Ok((param, bound)) => {
                        type_params = self.param_list(Some((param, bound)), Token::Rbrack, true, false);
                        is_alias = self.got_assign();
                        ty = self.type_opt();
                    }
                    Err(len) => ty = Some(self.array_type(lbrack, Some(len))),
                },
                Token::Rbrack => {
                    self.next();
                    ty = Some(self.slice_type(lbrack));
                }
                _ => ty = Some(self.array_type(lbrack, None)),
            }
        } else {
            is_alias = self.got_assign();
            ty = self.type_opt();
        }
        let ty = ty.unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("in type declaration");
            self.advance(&[Token::Semi, Token::Rparen]);
            bad
        });
        TypeDecl { pos, group, pragmas, name, type_params, is_alias, ty }
    }

    /// Behind `type T [` stands a name: the start of type parameters (the first, with its bound where
    /// it was read already), or of an array's length.
    fn type_param_or_len(&mut self) -> Result<(Ident, Option<Expr>), Expr> {
        // `P []E` is no expression; a name with `[` behind it can only be a parameter, since an index
        // or slice expression is no constant.
        let name = self.name();
        let mut x = name_expr(name);
        if self.tok != Token::Lbrack {
            self.xnest += 1;
            x = self.nested(|p| {
                let x = p.primary_expr(Some(x), false);
                p.binary_rest(x, 0)
            });
            self.xnest -= 1;
        }
        match split_name(x, self.tok == Token::Comma) {
            Ok((name, None)) if self.tok == Token::Rbrack => Err(name_expr(name)),
            split => split,
        }
    }

    pub(super) fn var_decl(&mut self, group: Option<GroupId>) -> VarDecl {
        let pos = self.pos();
        let pragmas = self.take_pragmas_for(Place::Var);
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if self.got_assign() {
            values = self.expr_vec();
        } else {
            ty = Some(self.type_());
            if self.got_assign() {
                values = self.expr_vec();
            }
        }
        let decl = VarDecl { pos, group, pragmas, names, ty, values };
        if self.fnest > 0 {
            self.check_local_embed(&decl);
        }
        decl
    }

    /// `rbrace`: where a body ends whose statements are left out.
    pub(super) fn func_decl(&mut self, rbrace: Option<Pos>) -> FuncDecl {
        let pos = self.pos();
        let pragmas = self.take_pragmas_for(Place::Func);
        let mut recv = None;
        let mut has_recv = false;
        if self.got(Token::Lparen) {
            has_recv = true;
            let mut list = self.param_list(None, Token::Rparen, false, false);
            match list.len() {
                0 => self.error("method has no receiver"),
                1 => {}
                _ => self.error("method has multiple receivers"),
            }
            recv = list.drain(..).next();
        }
        let name;
        let (type_params, ty);
        if self.tok == Token::Name {
            name = self.name();
            (type_params, ty) = self.func_type("");
        } else {
            name = self.ident_at(self.pos(), "_");
            type_params = Vec::new();
            ty = FuncType { id: self.ids.fresh(), pos: self.pos(), params: Vec::new(), results: Vec::new() };
            self.syntax_error(if has_recv { "expected name" } else { "expected name or (" });
            self.advance(&[Token::Lbrace, Token::Semi]);
        }
        let body = (self.tok == Token::Lbrace).then(|| match rbrace {
            Some(rbrace) => Block { id: self.ids.fresh(), pos: self.pos(), stmts: Vec::new(), rbrace },
            None => self.func_body(),
        });
        FuncDecl { pos, pragmas, recv, name, type_params, ty, body }
    }

    pub(super) fn func_body(&mut self) -> Block {
        self.fnest += 1;
        let errors = self.error_count;
        let body = self.block("");
        self.fnest -= 1;
        // After a syntax error the labels may be incomplete.
        if errors == self.error_count {
            crate::branches::check(&body, self.source, &mut self.errors);
        }
        body
    }
}

/// Splits an expression that can be read as a name and a type behind it: `P *T`, `P (T)`, `P *T|U`.
/// Where it can be an ordinary expression too, only if `force`. A lone name has no type.
fn split_name(mut x: Expr, mut force: bool) -> Result<(Ident, Option<Expr>), Expr> {
    if let ExprKind::Name(name) = x.kind {
        return Ok((Ident { id: x.id, pos: x.pos, name }, None));
    }
    let mut leaf = &mut x;
    while let ExprKind::Binary(BinaryOp::Or, _, right) = &leaf.kind {
        force |= is_type_elem(right);
        let ExprKind::Binary(_, left, _) = &mut leaf.kind else { unreachable!("it was just matched") };
        leaf = left;
    }
    match leaf_parts(leaf, force) {
        Some(name) => Ok((name, Some(x))),
        None => Err(x),
    }
}

fn leaf_parts(leaf: &mut Expr, force: bool) -> Option<Ident> {
    let take = |x: &mut Expr| {
        let bad = Expr { id: x.id, pos: x.pos, kind: ExprKind::Bad };
        std::mem::replace(x, bad)
    };
    let name_of = |x: &Expr| match &x.kind {
        ExprKind::Name(name) => Some(Ident { id: x.id, pos: x.pos, name: name.clone() }),
        _ => None,
    };
    match &mut leaf.kind {
        ExprKind::Binary(BinaryOp::Mul, left, right) => {
            let name = name_of(left)?;
            if !force && !is_type_elem(right) {
                return None;
            }
            let elem = take(right);
            leaf.kind = ExprKind::Star(Box::new(elem));
            Some(name)
        }
        ExprKind::Call(call) => {
            let name = name_of(&call.fun)?;
            let [arg] = &mut call.args[..] else { return None };
            if call.has_dots || !force && !is_type_elem(arg) {
                return None;
            }
            let arg = into_unparen(take(arg));
            *leaf = arg;
            Some(name)
        }
        _ => None,
    }
}

/// Whether `x` can only be a type or a constraint, never a value.
fn is_type_elem(x: &Expr) -> bool {
    let mut x = x;
    loop {
        match &x.kind {
            ExprKind::ArrayType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::SliceType(_)
            | ExprKind::MapType(..)
            | ExprKind::ChanType(..)
            | ExprKind::Unary(UnaryOp::Tilde, _) => return true,
            ExprKind::Binary(_, left, right) => {
                if is_type_elem(right) {
                    return true;
                }
                x = left;
            }
            ExprKind::Unary(_, y) | ExprKind::Star(y) | ExprKind::Paren(y) => x = y,
            _ => return false,
        }
    }
}
