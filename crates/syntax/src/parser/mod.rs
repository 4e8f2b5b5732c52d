//! Tokens to trees (`cmd/compile/internal/syntax/parser.go`), with gc's recovery, messages and positions.
//!
//! The parser recurses. [`Parser::nested`] bounds the recursion, the stack it uses and the height of
//! what it builds; where the bound is met, an error is reported and the rest of the file left.

mod decl;
mod directive;
mod expr;
mod params;
mod stmt;
mod surface;
mod types;

use crate::ast::*;
use crate::encoding::Clean;
use crate::scanner::{Comments, Event, Scanner};
use crate::surface::FileSurface;
use crate::token::{Token, TokenSet};
use crate::{Options, Parsed};
use goxide_source::{Diagnostic, Pos, SourceFile};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How deep productions may nest.
const DEPTH_MAX: u32 = 1_000;
/// What a tree may weigh: a binary operator of a chain `a + b + …` weighs [`LINK`], any other level
/// [`NEST`]. So a chain may have 100,000 operators, and every other path 2,000 levels.
const WEIGHT_MAX: u32 = 100_000;
const LINK: u32 = 1;
const NEST: u32 = 50;

/// What a parse on the caller's stack may use of it; beyond, it starts again on a stack of its own.
const CALLER_STACK_BYTES: usize = 256 << 10;
const OWN_STACK_BYTES: usize = 256 << 20;

/// Keywords that start a statement: good places to go on after an error.
const STATEMENT_STARTS: TokenSet = TokenSet::of(&[
    Token::Break,
    Token::Const,
    Token::Continue,
    Token::Defer,
    Token::Fallthrough,
    Token::For,
    Token::Go,
    Token::Goto,
    Token::If,
    Token::Return,
    Token::Select,
    Token::Switch,
    Token::Type,
    Token::Var,
]);

pub(crate) struct Parser<'a> {
    source: &'a Arc<SourceFile>,
    clean: &'a Clean<'a>,
    /// The position of byte 0.
    base: Pos,
    scanner: Scanner<'a>,
    tok: Token,
    names: FxHashMap<&'a str, Name>,
    ids: &'a mut NodeIds,
    options: &'a Options,
    errors: Vec<Diagnostic>,
    late_errors: Vec<Diagnostic>,
    /// How many of `clean.errors` were reported.
    encoding_errors: usize,
    /// Errors that keep branches from being checked: all but those of directives and branches.
    error_count: usize,
    groups: u32,

    /// Directives waiting for the declaration that takes them.
    pragmas: Vec<Pragma>,
    file_pragmas: Vec<Pragma>,
    build_constraint: Option<Name>,
    go_version: Option<Name>,
    /// The file name that line directives are in effect for.
    line_file: Arc<str>,
    /// Line directives met, and how many of them an earlier attempt has recorded already.
    line_directives: usize,
    line_directives_known: usize,

    /// Before the package clause.
    top: bool,
    /// Function nesting level (for recovery).
    fnest: u32,
    /// Expression nesting level; negative in a control clause, where `{` starts a block.
    xnest: i32,

    depth: u32,
    /// The weight of what the innermost [`Parser::nested`] has built so far.
    weight: u32,
    stack_base: usize,
    stack_bytes: usize,
    stack_exhausted: bool,
    too_deep: bool,
}

enum Part<'s> {
    File,
    Imports,
    Surface(&'s FileSurface),
}

pub(crate) fn parse_file(source: &Arc<SourceFile>, ids: &mut NodeIds, options: &Options) -> Parsed {
    parse(source, ids, options, Part::File)
}

pub(crate) fn parse_imports(source: &Arc<SourceFile>, options: &Options) -> Parsed {
    parse(source, &mut NodeIds::default(), options, Part::Imports)
}

pub(crate) fn parse_surface(
    source: &Arc<SourceFile>,
    surface: &FileSurface,
    ids: &mut NodeIds,
    options: &Options,
) -> Parsed {
    parse(source, ids, options, Part::Surface(surface))
}

fn parse(source: &Arc<SourceFile>, ids: &mut NodeIds, options: &Options, part: Part<'_>) -> Parsed {
    let clean = Clean::new(&source.text);
    let first_id = ids.mark();
    let mut parser = Parser::new(source, &clean, ids, options, CALLER_STACK_BYTES);
    let file = parser.run(&part);
    if !parser.stack_exhausted {
        return parser.finish(file);
    }
    let directives = parser.line_directives;
    drop(parser);
    ids.reset(first_id);
    let on_own_stack = || {
        let mut parser = Parser::new(source, &clean, ids, options, OWN_STACK_BYTES - (1 << 20));
        parser.line_directives_known = directives;
        let file = parser.run(&part);
        parser.finish(file)
    };
    let name = "deep parse".to_string();
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name(name).stack_size(OWN_STACK_BYTES);
        let thread = builder.spawn_scoped(scope, on_own_stack).expect("a thread can be started");
        thread.join().expect("parsing does not panic")
    })
}

impl<'a> Parser<'a> {
    fn new(
        source: &'a Arc<SourceFile>,
        clean: &'a Clean<'a>,
        ids: &'a mut NodeIds,
        options: &'a Options,
        stack_bytes: usize,
    ) -> Parser<'a> {
        Parser {
            source,
            clean,
            base: source.pos(0),
            scanner: Scanner::new(clean, Comments::Directives),
            tok: Token::Eof,
            names: FxHashMap::default(),
            ids,
            options,
            errors: Vec::new(),
            late_errors: Vec::new(),
            encoding_errors: 0,
            error_count: 0,
            groups: 0,
            pragmas: Vec::new(),
            file_pragmas: Vec::new(),
            build_constraint: None,
            go_version: None,
            line_file: source.name.clone(),
            line_directives: 0,
            line_directives_known: 0,
            top: true,
            fnest: 0,
            xnest: 0,
            depth: 0,
            weight: 0,
            stack_base: stack_pointer(),
            stack_bytes,
            stack_exhausted: false,
            too_deep: false,
        }
    }

    fn run(&mut self, part: &Part<'_>) -> File {
        self.next();
        match part {
            Part::File => self.file(false),
            Part::Imports => self.file(true),
            Part::Surface(surface) => self.surface(surface),
        }
    }

    fn finish(self, file: File) -> Parsed {
        Parsed { file, errors: self.errors, late_errors: self.late_errors }
    }

    // Tokens.

    fn next(&mut self) {
        self.scanner.next();
        self.tok = self.scanner.tok;
        if !self.scanner.events.is_empty() || self.encoding_errors < self.clean.errors.len() {
            self.take_events();
        }
    }

    fn take_events(&mut self) {
        for event in std::mem::take(&mut self.scanner.events) {
            match event {
                Event::Error { offset, text } => {
                    self.report_encoding_errors(offset);
                    self.error_at(self.pos_of(offset), text);
                }
                Event::Comment { offset, end, blank } => self.directive(offset, end, blank),
            }
        }
        self.report_encoding_errors(self.scanner.offset());
    }

    /// Those that gc's reader meets before it has the character at `offset`.
    fn report_encoding_errors(&mut self, offset: usize) {
        while let Some(&(at, original, text)) = self.clean.errors.get(self.encoding_errors)
            && at <= offset
        {
            self.encoding_errors += 1;
            self.error_at(self.source.pos(original), text);
        }
    }

    /// Goes on at `offset`, where a token or a directive starts.
    fn seek(&mut self, offset: u32) {
        self.scanner.seek(offset as usize);
        self.next();
    }

    fn got(&mut self, tok: Token) -> bool {
        let yes = self.tok == tok;
        if yes {
            self.next();
        }
        yes
    }

    fn want(&mut self, tok: Token) {
        if !self.got(tok) {
            self.syntax_error(&format!("expected {}", tok.describe()));
            self.advance(&[]);
        }
    }

    /// Accepts `=`, and `:=` with an error.
    fn got_assign(&mut self) -> bool {
        if self.tok == Token::Define {
            self.syntax_error("expected =");
        }
        let yes = matches!(self.tok, Token::Define | Token::Assign);
        if yes {
            self.next();
        }
        yes
    }

    /// Skips to a token of `follow` (or, in a function, a statement's start); without any, one token.
    fn advance(&mut self, follow: &[Token]) {
        if follow.is_empty() {
            if self.tok != Token::Eof {
                self.next();
            }
            return;
        }
        let mut stop = TokenSet::of(follow).union(TokenSet::of(&[Token::Eof]));
        if self.fnest > 0 {
            stop = stop.union(STATEMENT_STARTS);
        }
        while !stop.contains(self.tok) {
            self.next();
        }
    }

    // Positions and nodes.

    fn pos_of(&self, offset: usize) -> Pos {
        self.base.offset(self.clean.original(offset) as u32)
    }

    fn pos(&self) -> Pos {
        self.pos_of(self.scanner.start)
    }

    fn intern(&mut self, text: &'a str) -> Name {
        self.names.entry(text).or_insert_with(|| text.into()).clone()
    }

    fn expr_node(&mut self, pos: Pos, kind: ExprKind) -> Expr {
        Expr { id: self.ids.fresh(), pos, kind }
    }

    fn stmt_node(&mut self, pos: Pos, kind: StmtKind) -> Stmt {
        Stmt { id: self.ids.fresh(), pos, kind }
    }

    fn bad_expr(&mut self) -> Expr {
        self.bad_expr_at(self.pos())
    }

    fn bad_expr_at(&mut self, pos: Pos) -> Expr {
        self.expr_node(pos, ExprKind::Bad)
    }

    fn ident_at(&mut self, pos: Pos, name: &'a str) -> Ident {
        Ident { id: self.ids.fresh(), pos, name: self.intern(name) }
    }

    // Errors.

    fn error_at(&mut self, pos: Pos, text: impl Into<String>) {
        self.error_count += 1;
        self.errors.push(Diagnostic::error(pos, text));
    }

    fn error(&mut self, text: impl Into<String>) {
        self.error_at(self.pos(), text);
    }

    fn syntax_error(&mut self, text: &str) {
        self.syntax_error_at(self.pos(), text);
    }

    /// Reports `text`; one that starts with in, at, after or expected (or is empty) is put behind
    /// "unexpected" and the token at hand.
    fn syntax_error_at(&mut self, pos: Pos, text: &str) {
        if self.tok == Token::Eof && self.error_count > 0 {
            return;
        }
        let joint = if text.is_empty() {
            ""
        } else if ["in ", "at ", "after "].iter().any(|p| text.starts_with(p)) {
            " "
        } else if text.starts_with("expected ") {
            ", "
        } else {
            self.error_at(pos, format!("syntax error: {text}"));
            return;
        };
        let tok = self.token_text();
        self.error_at(pos, format!("syntax error: unexpected {tok}{joint}{text}"));
    }

    fn token_text(&self) -> String {
        let op = self.scanner.op.text();
        match self.tok {
            Token::Name => format!("name {}", self.scanner.lit()),
            Token::Semi => self.scanner.semi.text().into(),
            Token::Literal => format!("literal {}", self.scanner.lit()),
            Token::Operator => op.into(),
            Token::AssignOp => format!("{op}="),
            Token::IncOp => format!("{op}{op}"),
            tok => tok.describe(),
        }
    }

    // Bounds.

    /// Runs a production that may contain itself.
    fn nested<R>(&mut self, production: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.weight, 0);
        self.depth += 1;
        if stack_pointer().abs_diff(self.stack_base) > self.stack_bytes {
            self.stack_exhausted = true;
            self.abandon();
        } else if self.depth > DEPTH_MAX {
            self.abandon();
        }
        let result = production(self);
        self.depth -= 1;
        self.weight = outer.max(self.weight + NEST);
        result
    }

    /// Notes that what was built so far has become an operand of something larger.
    fn grow(&mut self, weight: u32) {
        self.weight += weight;
        if self.weight > WEIGHT_MAX {
            self.abandon();
        }
    }

    fn abandon(&mut self) {
        if !std::mem::replace(&mut self.too_deep, true) {
            self.error("syntax error: nested too deeply");
            self.scanner.abandon();
            self.tok = Token::Eof;
        }
    }

    // Common productions.

    /// A possibly empty list of elements up to `close`, separated by `sep`, which may also stand
    /// behind the last. `element` returns true after an element that must be the last. Returns the
    /// position of the closing token.
    fn list(
        &mut self,
        context: &str,
        sep: Token,
        close: Token,
        mut element: impl FnMut(&mut Self) -> bool,
    ) -> Pos {
        let mut done = false;
        while self.tok != Token::Eof && self.tok != close && !done {
            done = element(self);
            if !self.got(sep) && self.tok != close {
                let (sep, end) = (sep.describe(), close.describe());
                self.syntax_error(&format!("in {context}; possibly missing {sep} or {end}"));
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                if self.tok != close {
                    return self.pos();
                }
            }
        }
        let pos = self.pos();
        self.want(close);
        pos
    }

    fn name(&mut self) -> Ident {
        if self.tok == Token::Name {
            let ident = self.ident_at(self.pos(), self.scanner.lit());
            self.next();
            return ident;
        }
        let ident = self.ident_at(self.pos(), "_");
        self.syntax_error("expected name");
        self.advance(&[]);
        ident
    }

    fn name_list(&mut self, first: Ident) -> Vec<Ident> {
        let mut list = vec![first];
        while self.got(Token::Comma) {
            list.push(self.name());
        }
        list
    }

    fn literal(&mut self) -> Option<BasicLit> {
        if self.tok != Token::Literal {
            return None;
        }
        let text = self.scanner.lit();
        // Short literals repeat.
        let text = if text.len() <= 16 { self.intern(text) } else { text.into() };
        let lit = BasicLit { pos: self.pos(), kind: self.scanner.kind, text, bad: self.scanner.bad };
        self.next();
        Some(lit)
    }
}

fn stack_pointer() -> usize {
    let here = 0u8;
    std::hint::black_box(&raw const here) as usize
}

pub(crate) fn name_expr(ident: Ident) -> Expr {
    Expr { id: ident.id, pos: ident.pos, kind: ExprKind::Name(ident.name) }
}
