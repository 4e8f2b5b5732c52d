//! For tests that expect errors where comments say so (as `cmd/compile/internal/syntax/testing.go`).

use crate::encoding::Clean;
use crate::scanner::{Comments, Event, Scanner};
use crate::token::Token;
use goxide_source::{Pos, SourceFile};

/// A comment with the tokens around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comment {
    pub pos: Pos,
    /// With its `//` or `/*` and `*/`.
    pub text: String,
    /// Start of the last token before it; an automatic semicolon is none.
    pub token_before: Option<Pos>,
    /// Start of the first token behind it; an automatic semicolon is one.
    pub token_behind: Pos,
}

/// All comments of a file, whatever else is wrong with it.
pub fn comments(source: &SourceFile) -> Vec<Comment> {
    let clean = Clean::new(&source.text);
    let pos = |offset| source.pos(clean.original(offset));
    let mut scanner = Scanner::new(&clean, Comments::All);
    let mut list = Vec::new();
    let mut token_before = None;
    loop {
        scanner.next();
        let token_behind = pos(scanner.start);
        for event in scanner.events.drain(..) {
            if let Event::Comment { offset, end, .. } = event {
                let text = clean.text[offset..end].to_string();
                list.push(Comment { pos: pos(offset), text, token_before, token_behind });
            }
        }
        if scanner.tok == Token::Eof {
            return list;
        }
        if scanner.tok != Token::Semi || scanner.lit() == ";" {
            token_before = Some(token_behind);
        }
    }
}
