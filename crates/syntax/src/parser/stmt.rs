//! Statements.

use super::Parser;
use crate::ast::*;
use crate::scanner::Semi;
use crate::token::{Op, Token};
use goxide_source::Pos;

/// A statement that can stand in the header of another.
enum Simple {
    Stmt(Stmt),
    Range { pos: Pos, lhs: Option<Expr>, define: bool, x: Expr },
}

/// What stands between a control keyword and its `{`.
#[derive(Default)]
struct Header {
    init: Option<Simple>,
    cond: Option<Expr>,
    post: Option<Stmt>,
}

impl Header {
    fn init_stmt(init: Option<Simple>) -> Option<Stmt> {
        match init {
            Some(Simple::Stmt(stmt)) => Some(stmt),
            _ => None,
        }
    }
}

impl<'a> Parser<'a> {
    /// `keyword`: what statement's header this stands in, if it does.
    fn simple_stmt(&mut self, lhs: Option<Expr>, keyword: Option<Token>) -> Simple {
        let in_for = keyword == Some(Token::For);
        if in_for && self.tok == Token::Range {
            return self.range_clause(None, false);
        }
        let lhs = match lhs {
            Some(lhs) => lhs,
            None => self.expr_list(),
        };
        let pos = self.pos();
        let is_assign = matches!(self.tok, Token::Assign | Token::Define);
        if !matches!(lhs.kind, ExprKind::List(_)) && !is_assign {
            return Simple::Stmt(self.single_stmt(pos, lhs));
        }
        if !is_assign {
            self.syntax_error("expected := or = or comma");
            self.advance(&[Token::Semi, Token::Rbrace]);
            let x = match lhs.kind {
                ExprKind::List(list) => list.into_iter().next().unwrap_or_else(|| self.bad_expr()),
                _ => lhs,
            };
            return Simple::Stmt(self.expr_stmt(x));
        }

        let define = self.tok == Token::Define;
        self.next();
        if in_for && self.tok == Token::Range {
            return self.range_clause(Some(lhs), define);
        }
        let mut rhs = self.expr_list();
        if let (ExprKind::TypeSwitchGuard(bound, _), ExprKind::Name(name)) = (&mut rhs.kind, &lhs.kind)
            && keyword == Some(Token::Switch)
            && define
        {
            *bound = Some(Ident { id: lhs.id, pos: lhs.pos, name: name.clone() });
            return Simple::Stmt(self.expr_stmt(rhs));
        }
        Simple::Stmt(self.stmt_node(pos, StmtKind::Assign { lhs, rhs, define }))
    }

    fn expr_stmt(&mut self, x: Expr) -> Stmt {
        self.stmt_node(x.pos, StmtKind::Expr(x))
    }

    /// One expression and what may follow it but an assignment; `pos` is that of the token at hand.
    fn single_stmt(&mut self, pos: Pos, lhs: Expr) -> Stmt {
        let op = match self.scanner.op {
            Op::Binary(op) => op,
            _ => BinaryOp::Add,
        };
        let kind = match self.tok {
            Token::AssignOp => {
                self.next();
                let rhs = self.expr();
                StmtKind::AssignOp { op, lhs, rhs }
            }
            Token::IncOp => {
                self.next();
                StmtKind::IncDec { op, x: lhs }
            }
            Token::Arrow => {
                self.next();
                let value = self.expr();
                StmtKind::Send(lhs, value)
            }
            _ => return self.expr_stmt(lhs),
        };
        self.stmt_node(pos, kind)
    }

    fn range_clause(&mut self, lhs: Option<Expr>, define: bool) -> Simple {
        let pos = self.pos();
        self.next();
        let x = self.expr();
        Simple::Range { pos, lhs, define, x }
    }

    fn labeled_stmt(&mut self, label: Ident) -> Option<Stmt> {
        let pos = self.pos();
        self.want(Token::Colon);
        let stmt = if self.tok == Token::Rbrace {
            // Semicolons may be left out before }, so there is an empty statement.
            Some(self.stmt_node(self.pos(), StmtKind::Empty))
        } else {
            self.stmt_opt()
        };
        match stmt {
            Some(stmt) => Some(self.stmt_node(pos, StmtKind::Labeled(label, Box::new(stmt)))),
            None => {
                self.syntax_error_at(pos, "missing statement after label");
                None
            }
        }
    }

    /// `context`: what the block follows; empty only where `{` is at hand.
    pub(super) fn block(&mut self, context: &str) -> Block {
        let id = self.ids.fresh();
        let pos = self.pos();
        // People coming from C may forget that braces are mandatory.
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Token::Name, Token::Rbrace]);
            let rbrace = self.pos();
            if self.got(Token::Rbrace) {
                return Block { id, pos, stmts: Vec::new(), rbrace };
            }
        }
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block { id, pos, stmts, rbrace }
    }

    fn header(&mut self, keyword: Token) -> Header {
        self.want(keyword);
        let mut header = Header::default();
        if self.tok == Token::Lbrace {
            if keyword == Token::If {
                self.syntax_error("missing condition in if statement");
                header.cond = Some(self.bad_expr());
            }
            return header;
        }
        let outer = std::mem::replace(&mut self.xnest, -1);
        self.header_clauses(keyword, &mut header);
        self.xnest = outer;
        header
    }

    fn header_clauses(&mut self, keyword: Token, header: &mut Header) {
        if self.tok != Token::Semi {
            if self.got(Token::Var) {
                let text = format!("var declaration not allowed in {} initializer", keyword.text());
                self.syntax_error(&text);
            }
            let init = self.simple_stmt(None, Some(keyword));
            let is_range = matches!(init, Simple::Range { .. });
            header.init = Some(init);
            if is_range {
                return;
            }
        }

        let mut semi = None;
        let cond;
        if self.tok == Token::Lbrace {
            cond = header.init.take();
        } else {
            if self.tok == Token::Semi {
                semi = Some((self.pos(), self.scanner.semi));
                self.next();
            } else {
                // Asking for a { leads to a better message than asking for a semicolon.
                self.want(Token::Lbrace);
                if self.tok != Token::Lbrace {
                    self.advance(&[Token::Lbrace, Token::Rbrace]);
                }
            }
            cond = if keyword == Token::For {
                self.for_clauses(header)
            } else if self.tok != Token::Lbrace {
                Some(self.simple_stmt(None, Some(keyword)))
            } else {
                None
            };
        }
        self.set_cond(keyword, cond, semi, header);
    }

    /// Condition and post statement of a `for`, its first semicolon consumed.
    fn for_clauses(&mut self, header: &mut Header) -> Option<Simple> {
        let mut cond = None;
        if self.tok != Token::Semi {
            if self.tok == Token::Lbrace {
                self.syntax_error("expected for loop condition");
                return None;
            }
            cond = Some(self.simple_stmt(None, None));
        }
        self.want(Token::Semi);
        if self.tok != Token::Lbrace
            && let Simple::Stmt(post) = self.simple_stmt(None, None)
        {
            if matches!(post.kind, StmtKind::Assign { define: true, .. }) {
                self.syntax_error_at(post.pos, "cannot declare in post statement of for loop");
            }
            header.post = Some(post);
        }
        cond
    }

    fn set_cond(
        &mut self,
        keyword: Token,
        cond: Option<Simple>,
        semi: Option<(Pos, Semi)>,
        header: &mut Header,
    ) {
        match cond {
            Some(Simple::Stmt(Stmt { kind: StmtKind::Expr(x), .. })) => header.cond = Some(x),
            Some(Simple::Stmt(stmt)) => {
                // Mostly a = that was to be a ==: parentheses make it stand out.
                let text = match &stmt.kind {
                    StmtKind::Assign { lhs, rhs, define: false } => {
                        format!("assignment {} = {}", emphasize(lhs), emphasize(rhs))
                    }
                    _ => stmt.to_string(),
                };
                self.syntax_error_at(stmt.pos, &format!("cannot use {text} as value"));
            }
            Some(Simple::Range { .. }) => {}
            None => {
                if keyword == Token::If
                    && let Some((pos, semi)) = semi
                {
                    if semi == Semi::Semicolon {
                        self.syntax_error_at(pos, "missing condition in if statement");
                    } else {
                        let text = format!("unexpected {}, expected {{ after if clause", semi.text());
                        self.syntax_error_at(pos, &text);
                    }
                    header.cond = Some(self.bad_expr_at(pos));
                }
            }
        }
    }

    fn for_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let header = self.header(Token::For);
        let body = self.block("for clause");
        let header = match header.init {
            Some(Simple::Range { pos, lhs, define, x }) => ForHeader::Range { pos, lhs, define, x },
            init => ForHeader::Clause { init: Header::init_stmt(init), cond: header.cond, post: header.post },
        };
        self.stmt_node(pos, StmtKind::For(Box::new(ForStmt { header, body })))
    }

    fn if_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let header = self.header(Token::If);
        let cond = header.cond.unwrap_or_else(|| self.bad_expr_at(pos));
        let init = Header::init_stmt(header.init);
        let then = self.block("if clause");
        let mut else_ = None;
        if self.got(Token::Else) {
            match self.tok {
                Token::If => else_ = Some(self.nested(Self::if_stmt)),
                Token::Lbrace => else_ = Some(self.block_stmt()),
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(&[Token::Name, Token::Rbrace]);
                }
            }
        }
        self.stmt_node(pos, StmtKind::If(Box::new(IfStmt { init, cond, then, else_ })))
    }

    fn block_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let block = self.block("");
        self.stmt_node(pos, StmtKind::Block(block))
    }

    fn switch_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let header = self.header(Token::Switch);
        let init = Header::init_stmt(header.init);
        let tag = header.cond;
        self.open_clauses("missing { after switch clause");
        let mut clauses = Vec::new();
        while self.tok != Token::Eof && self.tok != Token::Rbrace {
            let (id, pos) = (self.ids.fresh(), self.pos());
            let cases = self.clause_head(Self::expr_vec);
            let (colon, body) = self.clause_body();
            clauses.push(CaseClause { id, pos, cases, colon, body });
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        self.stmt_node(pos, StmtKind::Switch(Box::new(SwitchStmt { init, tag, clauses, rbrace })))
    }

    fn select_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        self.want(Token::Select);
        self.open_clauses("missing { after select clause");
        let mut clauses = Vec::new();
        while self.tok != Token::Eof && self.tok != Token::Rbrace {
            let (id, pos) = (self.ids.fresh(), self.pos());
            // Whether it is a communication is left to the type checker.
            let comm = self.clause_head(|p| Header::init_stmt(Some(p.simple_stmt(None, None)))).flatten();
            let (colon, body) = self.clause_body();
            clauses.push(CommClause { id, pos, comm, colon, body });
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        self.stmt_node(pos, StmtKind::Select(Box::new(SelectStmt { clauses, rbrace })))
    }

    fn open_clauses(&mut self, missing: &str) {
        if !self.got(Token::Lbrace) {
            self.syntax_error(missing);
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        }
    }

    /// `case` and what `head` parses, or `default`.
    fn clause_head<T>(&mut self, head: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match self.tok {
            Token::Case => {
                self.next();
                return Some(head(self));
            }
            Token::Default => self.next(),
            _ => {
                self.syntax_error("expected case or default or }");
                self.advance(&[Token::Colon, Token::Case, Token::Default, Token::Rbrace]);
            }
        }
        None
    }

    fn clause_body(&mut self) -> (Pos, Vec<Stmt>) {
        let colon = self.pos();
        self.want(Token::Colon);
        (colon, self.stmt_list())
    }

    /// `go` and `defer`.
    fn call_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let keyword = self.tok;
        self.next();
        let keep_parens = self.tok == Token::Lparen;
        let mut x = self.nested(|p| p.primary_expr(None, keep_parens));
        if matches!(x.kind, ExprKind::Paren(_)) {
            let text = format!("expression in {} must not be parenthesized", keyword.text());
            self.error_at(x.pos, text);
            x = into_unparen(x);
        }
        let kind = if keyword == Token::Go { StmtKind::Go(x) } else { StmtKind::Defer(x) };
        self.stmt_node(pos, kind)
    }

    fn decl_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let mut decls = Vec::new();
        self.group(&mut decls);
        self.stmt_node(pos, StmtKind::Decl(decls))
    }

    fn branch_stmt(&mut self) -> Stmt {
        let pos = self.pos();
        let kind = match self.tok {
            Token::Break => BranchKind::Break,
            Token::Continue => BranchKind::Continue,
            Token::Goto => BranchKind::Goto,
            _ => BranchKind::Fallthrough,
        };
        self.next();
        let label = match kind {
            BranchKind::Goto => Some(self.name()),
            BranchKind::Break | BranchKind::Continue if self.tok == Token::Name => Some(self.name()),
            _ => None,
        };
        self.stmt_node(pos, StmtKind::Branch { kind, label })
    }

    /// A statement if one stands here, else no error.
    fn stmt_opt(&mut self) -> Option<Stmt> {
        self.nested(Self::stmt)
    }

    fn stmt(&mut self) -> Option<Stmt> {
        if self.tok == Token::Name {
            self.clear_pragmas();
            let lhs = self.expr_list();
            if self.tok == Token::Colon
                && let ExprKind::Name(name) = lhs.kind
            {
                return self.labeled_stmt(Ident { id: lhs.id, pos: lhs.pos, name });
            }
            return match self.simple_stmt(Some(lhs), None) {
                Simple::Stmt(stmt) => Some(stmt),
                Simple::Range { .. } => None,
            };
        }
        if matches!(self.tok, Token::Var | Token::Const | Token::Type) {
            return Some(self.decl_stmt());
        }
        self.clear_pragmas();
        let stmt = match self.tok {
            Token::Lbrace => self.block_stmt(),
            Token::Operator | Token::Star => match self.scanner.op {
                Op::Not
                | Op::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::And | BinaryOp::Xor) =>
                {
                    return Header::init_stmt(Some(self.simple_stmt(None, None)));
                }
                _ => return None,
            },
            Token::Literal
            | Token::Func
            | Token::Lparen
            | Token::Lbrack
            | Token::Struct
            | Token::Map
            | Token::Chan
            | Token::Interface
            | Token::Arrow => return Header::init_stmt(Some(self.simple_stmt(None, None))),
            Token::For => self.for_stmt(),
            Token::Switch => self.switch_stmt(),
            Token::Select => self.select_stmt(),
            Token::If => self.if_stmt(),
            Token::Fallthrough | Token::Break | Token::Continue | Token::Goto => self.branch_stmt(),
            Token::Go | Token::Defer => self.call_stmt(),
            Token::Return => {
                let pos = self.pos();
                self.next();
                let has_results = self.tok != Token::Semi && self.tok != Token::Rbrace;
                let results = has_results.then(|| self.expr_list());
                self.stmt_node(pos, StmtKind::Return(results))
            }
            Token::Semi => self.stmt_node(self.pos(), StmtKind::Empty),
            _ => return None,
        };
        Some(stmt)
    }

    fn stmt_list(&mut self) -> Vec<Stmt> {
        let mut list = Vec::new();
        while !matches!(self.tok, Token::Eof | Token::Rbrace | Token::Case | Token::Default) {
            let stmt = self.stmt_opt();
            self.clear_pragmas();
            let Some(stmt) = stmt else { break };
            list.push(stmt);
            // Optional before }.
            if !self.got(Token::Semi) && self.tok != Token::Rbrace {
                self.syntax_error("at end of statement");
                self.advance(&[Token::Semi, Token::Rbrace, Token::Case, Token::Default]);
                self.got(Token::Semi);
            }
        }
        list
    }
}

/// The expression as text, a binary one in parentheses.
fn emphasize(x: &Expr) -> String {
    if matches!(x.kind, ExprKind::Binary(..)) { format!("({x})") } else { x.to_string() }
}
