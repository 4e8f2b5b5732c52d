//! Text to tokens (`cmd/compile/internal/syntax/scanner.go`).
//!
//! The scanner works on the clean text (see [`crate::encoding`]), in which byte 0 can stand for the
//! end. Errors and comments of interest are queued as events, which the parser takes after each token.

use crate::ast::{BinaryOp, LitKind};
use crate::chars;
use crate::encoding::Clean;
use crate::token::{Op, Token};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Comments {
    /// Only `//go:`, `//line` and `/*line*/`.
    Directives,
    All,
}

#[derive(Debug)]
pub(crate) enum Event {
    Error {
        offset: usize,
        text: String,
    },
    /// `blank`: nothing but white space stands before it on its line.
    Comment {
        offset: usize,
        end: usize,
        blank: bool,
    },
}

/// What a [`Token::Semi`] was in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Semi {
    Semicolon,
    Newline,
    Eof,
}

impl Semi {
    pub fn text(self) -> &'static str {
        match self {
            Semi::Semicolon => "semicolon",
            Semi::Newline => "newline",
            Semi::Eof => "EOF",
        }
    }
}

pub(crate) struct Scanner<'a> {
    text: &'a str,
    src: &'a [u8],
    /// Offset of the next byte to read.
    at: usize,
    comments: Comments,
    /// Where characters were taken out of the file's text (see [`Clean::removed`]).
    removed: &'a [(usize, usize)],
    /// A newline or the end of the file makes a semicolon here.
    nlsemi: bool,
    pub events: Vec<Event>,

    /// The current token, and where it starts.
    pub tok: Token,
    pub start: usize,
    /// Of a [`Token::Semi`].
    pub semi: Semi,
    /// Of a [`Token::Literal`].
    pub kind: LitKind,
    pub bad: bool,
    /// Of the operator tokens.
    pub op: Op,
    pub prec: u8,
}

const LETTER: u8 = 1;
const DECIMAL: u8 = 2;
const HEX: u8 = 4;

static CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            class[b] |= LETTER;
        }
        if c.is_ascii_digit() {
            class[b] |= DECIMAL;
        }
        if c.is_ascii_hexdigit() {
            class[b] |= HEX;
        }
        b += 1;
    }
    class
};

fn is(byte: u8, class: u8) -> bool {
    CLASS[byte as usize] & class != 0
}

fn lower(byte: u8) -> u8 {
    byte | 0x20
}

impl<'a> Scanner<'a> {
    pub fn new(clean: &'a Clean<'_>, comments: Comments) -> Scanner<'a> {
        Scanner {
            text: &clean.text,
            src: clean.text.as_bytes(),
            at: 0,
            comments,
            removed: &clean.removed,
            nlsemi: false,
            events: Vec::new(),
            tok: Token::Eof,
            start: 0,
            semi: Semi::Semicolon,
            kind: LitKind::Int,
            bad: false,
            op: Op::Not,
            prec: 0,
        }
    }

    /// The text of the current token.
    pub fn lit(&self) -> &'a str {
        &self.text[self.start..self.at]
    }

    /// How far the text was read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Goes to an offset between tokens.
    pub fn seek(&mut self, offset: usize) {
        if !self.text.is_char_boundary(offset) {
            return self.abandon();
        }
        self.at = offset;
        self.nlsemi = false;
    }

    /// Goes to the end of the text.
    pub fn abandon(&mut self) {
        self.at = self.src.len();
        self.start = self.at;
        self.nlsemi = false;
        self.tok = Token::Eof;
    }

    #[inline(always)]
    fn peek(&self) -> u8 {
        self.src.get(self.at).copied().unwrap_or(0)
    }

    fn at_end(&self) -> bool {
        self.at >= self.src.len()
    }

    /// The character at hand; only where there is one.
    fn char_at_hand(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('\0')
    }

    fn skip_char(&mut self) {
        if !self.at_end() {
            self.at += self.char_at_hand().len_utf8();
        }
    }

    fn error(&mut self, text: impl Into<String>) {
        self.error_at(self.at, text);
    }

    fn error_at(&mut self, offset: usize, text: impl Into<String>) {
        self.events.push(Event::Error { offset, text: text.into() });
    }

    fn take(&mut self, byte: u8) -> bool {
        let yes = self.peek() == byte;
        self.at += yes as usize;
        yes
    }

    pub fn next(&mut self) {
        let nlsemi = std::mem::take(&mut self.nlsemi);
        loop {
            let before = self.at;
            loop {
                match self.peek() {
                    b' ' | b'\t' | b'\r' => self.at += 1,
                    b'\n' if !nlsemi => self.at += 1,
                    _ => break,
                }
            }
            self.start = self.at;
            let c = self.peek();
            if is(c, LETTER) || c >= 0x80 && self.at_ident_char(true) {
                self.ident();
                return;
            }
            if self.punctuation(c, nlsemi, before) {
                return;
            }
        }
    }

    /// Scans anything but a name. False: a comment or an invalid character, to be followed by a token.
    fn punctuation(&mut self, c: u8, nlsemi: bool, before: usize) -> bool {
        self.at += 1;
        match c {
            0 => {
                self.at -= 1;
                if nlsemi {
                    self.semi = Semi::Eof;
                    self.tok = Token::Semi;
                } else {
                    self.tok = Token::Eof;
                }
            }
            b'\n' => {
                self.semi = Semi::Newline;
                self.tok = Token::Semi;
            }
            b'0'..=b'9' => {
                self.at -= 1;
                self.number(false);
            }
            b'"' => self.std_string(),
            b'`' => self.raw_string(),
            b'\'' => self.rune(),
            b'(' => self.tok = Token::Lparen,
            b'[' => self.tok = Token::Lbrack,
            b'{' => self.tok = Token::Lbrace,
            b',' => self.tok = Token::Comma,
            b';' => {
                self.semi = Semi::Semicolon;
                self.tok = Token::Semi;
            }
            b')' => self.closing(Token::Rparen),
            b']' => self.closing(Token::Rbrack),
            b'}' => self.closing(Token::Rbrace),
            b':' => self.tok = if self.take(b'=') { Token::Define } else { Token::Colon },
            b'.' => {
                if is(self.peek(), DECIMAL) {
                    self.number(true);
                } else if self.src[self.at..].starts_with(b"..") {
                    self.at += 2;
                    self.tok = Token::DotDotDot;
                } else {
                    self.tok = Token::Dot;
                }
            }
            b'+' => self.arithmetic(b'+', BinaryOp::Add),
            b'-' => self.arithmetic(b'-', BinaryOp::Sub),
            b'*' => {
                self.set_op(BinaryOp::Mul);
                self.tok = if self.take(b'=') { Token::AssignOp } else { Token::Star };
            }
            b'/' => {
                if self.take(b'/') {
                    self.line_comment(before);
                    return false;
                }
                if self.take(b'*') {
                    self.full_comment(before);
                    let spans_lines = memchr::memchr(b'\n', &self.src[self.start..self.at]).is_some();
                    if !(nlsemi && spans_lines) {
                        return false;
                    }
                    self.semi = Semi::Newline;
                    self.tok = Token::Semi;
                } else {
                    self.assignable(BinaryOp::Div);
                }
            }
            b'%' => self.assignable(BinaryOp::Rem),
            b'&' => {
                if self.take(b'&') {
                    self.operator(BinaryOp::AndAnd);
                } else if self.take(b'^') {
                    self.assignable(BinaryOp::AndNot);
                } else {
                    self.assignable(BinaryOp::And);
                }
            }
            b'|' => {
                if self.take(b'|') {
                    self.operator(BinaryOp::OrOr);
                } else {
                    self.assignable(BinaryOp::Or);
                }
            }
            b'^' => self.assignable(BinaryOp::Xor),
            b'<' => {
                if self.take(b'=') {
                    self.operator(BinaryOp::Leq);
                } else if self.take(b'<') {
                    self.assignable(BinaryOp::Shl);
                } else if self.take(b'-') {
                    self.tok = Token::Arrow;
                } else {
                    self.operator(BinaryOp::Lss);
                }
            }
            b'>' => {
                if self.take(b'=') {
                    self.operator(BinaryOp::Geq);
                } else if self.take(b'>') {
                    self.assignable(BinaryOp::Shr);
                } else {
                    self.operator(BinaryOp::Gtr);
                }
            }
            b'=' => {
                if self.take(b'=') {
                    self.operator(BinaryOp::Eql);
                } else {
                    self.tok = Token::Assign;
                }
            }
            b'!' => {
                if self.take(b'=') {
                    self.operator(BinaryOp::Neq);
                } else {
                    self.unary(Op::Not);
                }
            }
            b'~' => self.unary(Op::Tilde),
            _ => {
                self.error_at(self.start, format!("invalid character {}", chars::code_point(c.into())));
                return false;
            }
        }
        true
    }

    fn closing(&mut self, tok: Token) {
        self.nlsemi = true;
        self.tok = tok;
    }

    fn set_op(&mut self, op: BinaryOp) {
        self.op = Op::Binary(op);
        self.prec = op.precedence();
    }

    fn unary(&mut self, op: Op) {
        self.op = op;
        self.prec = 0;
        self.tok = Token::Operator;
    }

    fn operator(&mut self, op: BinaryOp) {
        self.set_op(op);
        self.tok = Token::Operator;
    }

    fn assignable(&mut self, op: BinaryOp) {
        self.set_op(op);
        self.tok = if self.take(b'=') { Token::AssignOp } else { Token::Operator };
    }

    fn arithmetic(&mut self, twice: u8, op: BinaryOp) {
        if self.take(twice) {
            self.set_op(op);
            self.nlsemi = true;
            self.tok = Token::IncOp;
        } else {
            self.assignable(op);
        }
    }

    fn ident(&mut self) {
        while is(self.peek(), LETTER | DECIMAL) {
            self.at += 1;
        }
        if self.peek() >= 0x80 {
            while self.at_ident_char(false) {
                self.skip_char();
            }
        }
        // A character that gc only skips with an error keeps a word from being a keyword.
        let is_whole = !self.removed.iter().any(|r| self.start < r.0 && r.0 <= self.at);
        if is_whole && let Some(keyword) = Token::keyword(&self.src[self.start..self.at]) {
            self.nlsemi =
                matches!(keyword, Token::Break | Token::Continue | Token::Fallthrough | Token::Return);
            self.tok = keyword;
            return;
        }
        self.nlsemi = true;
        self.tok = Token::Name;
    }

    fn at_ident_char(&mut self, first: bool) -> bool {
        let byte = self.peek();
        if byte < 0x80 {
            return is(byte, LETTER | DECIMAL);
        }
        let c = self.char_at_hand();
        if chars::is_digit(c) {
            if first {
                self.error(format!("identifier cannot begin with digit {}", chars::code_point(c.into())));
            }
        } else if !chars::is_letter(c) {
            self.error(format!("invalid character {} in identifier", chars::code_point(c.into())));
        }
        true
    }

    fn set_lit(&mut self, kind: LitKind, ok: bool) {
        self.nlsemi = true;
        self.tok = Token::Literal;
        self.kind = kind;
        self.bad = !ok;
    }

    /// Accepts digits and `_`. With a base up to 10 any decimal digit is accepted, and the offset of
    /// the first that is too large recorded. Tells whether there were digits, and separators.
    fn digits(&mut self, base: u8, invalid: &mut Option<usize>) -> (bool, bool) {
        let (mut digits, mut separators) = (false, false);
        let class = if base <= 10 { DECIMAL } else { HEX };
        loop {
            let c = self.peek();
            if c == b'_' {
                separators = true;
            } else if is(c, class) {
                digits = true;
                if base <= 10 && c >= b'0' + base && invalid.is_none() {
                    *invalid = Some(self.at);
                }
            } else {
                return (digits, separators);
            }
            self.at += 1;
        }
    }

    fn number(&mut self, mut seen_point: bool) {
        let mut ok = true;
        let mut kind = LitKind::Int;
        let mut base = 10;
        // 0 (decimal), b'0' (old octal), b'x', b'o' or b'b'.
        let mut prefix = 0;
        let mut digits = false;
        let mut separators = false;
        let mut invalid = None;

        if !seen_point {
            if self.take(b'0') {
                prefix = lower(self.peek());
                base = match prefix {
                    b'x' => 16,
                    b'o' => 8,
                    b'b' => 2,
                    _ => {
                        prefix = b'0';
                        digits = true;
                        8
                    }
                };
                self.at += (prefix != b'0') as usize;
            }
            let (d, s) = self.digits(base, &mut invalid);
            digits |= d;
            separators |= s;
            if self.peek() == b'.' {
                if prefix == b'o' || prefix == b'b' {
                    self.error(format!("invalid radix point in {} literal", base_name(base)));
                    ok = false;
                }
                self.at += 1;
                seen_point = true;
            }
        }
        if seen_point {
            kind = LitKind::Float;
            let (d, s) = self.digits(base, &mut invalid);
            digits |= d;
            separators |= s;
        }
        if !digits && ok {
            self.error(format!("{} literal has no digits", base_name(base)));
            ok = false;
        }

        let e = lower(self.peek());
        if e == b'e' || e == b'p' {
            if ok {
                let needs = match e {
                    b'e' if prefix != 0 && prefix != b'0' => Some("decimal"),
                    b'p' if prefix != b'x' => Some("hexadecimal"),
                    _ => None,
                };
                if let Some(needs) = needs {
                    let quoted = chars::quote_rune(self.peek() as char);
                    self.error(format!("{quoted} exponent requires {needs} mantissa"));
                    ok = false;
                }
            }
            self.at += 1;
            kind = LitKind::Float;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            // Any decimal digit will do in an exponent.
            let (d, s) = self.digits(10, &mut None);
            separators |= s;
            if !d && ok {
                self.error("exponent has no digits");
                ok = false;
            }
        } else if prefix == b'x' && kind == LitKind::Float && ok {
            self.error("hexadecimal mantissa requires a 'p' exponent");
            ok = false;
        }

        if self.take(b'i') {
            kind = LitKind::Imag;
        }
        if kind == LitKind::Int
            && ok
            && let Some(at) = invalid
        {
            let digit = chars::quote_rune(self.src[at] as char);
            self.error_at(at, format!("invalid digit {digit} in {} literal", base_name(base)));
            ok = false;
        }
        if separators
            && ok
            && let Some(i) = invalid_separator(self.lit().as_bytes())
        {
            self.error_at(self.start + i, "'_' must separate successive digits");
            ok = false;
        }
        self.set_lit(kind, ok);
    }

    fn rune(&mut self) {
        let mut ok = true;
        let mut count = 0;
        loop {
            match self.peek() {
                b'\'' => {
                    if ok && count == 0 {
                        self.error("empty rune literal or unescaped '");
                        ok = false;
                    } else if ok && count != 1 {
                        self.error_at(self.start, "more than one character in rune literal");
                        ok = false;
                    }
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'\'');
                }
                b'\n' => {
                    if ok {
                        self.error("newline in rune literal");
                        ok = false;
                    }
                    break;
                }
                0 => {
                    if ok {
                        self.error_at(self.start, "rune literal not terminated");
                        ok = false;
                    }
                    break;
                }
                _ => self.skip_char(),
            }
            count += 1;
        }
        self.set_lit(LitKind::Rune, ok);
    }

    fn std_string(&mut self) {
        let mut ok = true;
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    break;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'"');
                }
                b'\n' => {
                    self.error("newline in string");
                    ok = false;
                    break;
                }
                0 => {
                    self.error_at(self.start, "string not terminated");
                    ok = false;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.set_lit(LitKind::String, ok);
    }

    fn raw_string(&mut self) {
        let end = memchr::memchr(b'`', &self.src[self.at..]);
        if end.is_none() {
            self.error_at(self.start, "string not terminated");
        }
        self.at = end.map_or(self.src.len(), |n| self.at + n + 1);
        self.set_lit(LitKind::String, end.is_some());
    }

    /// Scans what follows a backslash; false if it was wrong and reported.
    fn escape(&mut self, quote: u8) -> bool {
        let c = self.peek();
        let (digits, base, max) = match c {
            _ if c == quote => {
                self.at += 1;
                return true;
            }
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, char::MAX as u32),
            b'U' => (8, 16, char::MAX as u32),
            // The caller reports the end of the file.
            0 => return true,
            _ => {
                self.error("unknown escape");
                return false;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value: u32 = 0;
        for _ in 0..digits {
            if self.at_end() {
                return true;
            }
            let Some(digit) = (self.peek() as char).to_digit(base) else {
                let quoted = chars::quote_rune(self.char_at_hand());
                self.error(format!("invalid character {quoted} in {} escape", base_name(base as u8)));
                return false;
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
            self.at += 1;
        }
        if value > max && base == 8 {
            self.error(format!("octal escape value {value} > 255"));
            return false;
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            self.error(format!("escape is invalid Unicode code point {}", chars::code_point(value)));
            return false;
        }
        true
    }

    fn line_comment(&mut self, before: usize) {
        let rest = &self.src[self.at..];
        let wanted = self.comments == Comments::All || rest.starts_with(b"go:") || rest.starts_with(b"line ");
        self.at = memchr::memchr(b'\n', rest).map_or(self.src.len(), |n| self.at + n);
        if wanted {
            self.comment_event(before);
        }
    }

    fn full_comment(&mut self, before: usize) {
        let rest = &self.src[self.at..];
        let wanted = self.comments == Comments::All || rest.starts_with(b"line ");
        match memchr::memmem::find(rest, b"*/") {
            Some(n) => {
                self.at += n + 2;
                if wanted {
                    self.comment_event(before);
                }
            }
            None => {
                self.at = self.src.len();
                self.error_at(self.start, "comment not terminated");
            }
        }
    }

    fn comment_event(&mut self, before: usize) {
        let at_line_start = before == 0 || self.src[before - 1] == b'\n';
        let blank = at_line_start || self.src[before..self.start].contains(&b'\n');
        self.events.push(Event::Comment { offset: self.start, end: self.at, blank });
    }
}

pub(crate) fn base_name(base: u8) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        10 => "decimal",
        _ => "hexadecimal",
    }
}

/// The index of the first `_` in a number that does not stand between digits (a prefix counts as one).
fn invalid_separator(lit: &[u8]) -> Option<usize> {
    let prefix = if lit.len() >= 2 && lit[0] == b'0' { lower(lit[1]) } else { 0 };
    let prefixed = matches!(prefix, b'x' | b'o' | b'b');
    // Each byte is one of `_`, `0` (a digit) or `.` (anything else).
    let mut class = if prefixed { b'0' } else { b'.' };
    for (i, &c) in lit.iter().enumerate().skip(if prefixed { 2 } else { 0 }) {
        let previous = class;
        class = match c {
            b'_' => b'_',
            _ if is(c, DECIMAL) || prefix == b'x' && is(c, HEX) => b'0',
            _ => b'.',
        };
        if class == b'_' && previous != b'0' {
            return Some(i);
        }
        if class == b'.' && previous == b'_' {
            return Some(i - 1);
        }
    }
    (class == b'_').then(|| lit.len() - 1)
}
