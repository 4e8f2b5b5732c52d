//! `//go:build` lines, and the `// +build` lines that came before them (`go/build/constraint`).

use crate::chars;

/// A build constraint over tags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Constraint {
    Tag(Box<str>),
    Not(Box<Constraint>),
    And(Vec<Constraint>),
    Or(Vec<Constraint>),
}

/// How many tags one constraint may have.
const SIZE_MAX: usize = 1000;

/// The expression of a `//go:build` comment; `None` if it is another comment.
pub fn go_build_text(comment: &str) -> Option<&str> {
    let rest = comment.trim().strip_prefix("//go:build")?;
    let text = rest.trim();
    (rest.is_empty() || text.len() < rest.len()).then_some(text)
}

/// The words of a `// +build` comment; `None` if it is another comment.
pub fn plus_build_text(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix("//")?.trim().strip_prefix("+build")?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// The meaning of the words of a `// +build` comment: an "or" of "and"s by commas. What is no tag never holds.
pub fn parse_plus(text: &str) -> Constraint {
    let literal = |word: &str| {
        let (is_negated, tag) = word.strip_prefix('!').map_or((false, word), |tag| (true, tag));
        let never = || Constraint::Tag(NEVER.into());
        match tag {
            "" if is_negated => never(),
            _ if is_negated && tag.starts_with('!') => never(),
            _ => {
                let is_tag = !tag.is_empty() && tag.chars().all(is_tag_char);
                let tag = if is_tag { Constraint::Tag(tag.into()) } else { never() };
                if is_negated { Constraint::Not(Box::new(tag)) } else { tag }
            }
        }
    };
    let clause = |words: &str| Constraint::And(words.split(',').map(literal).collect());
    Constraint::Or(text.split_whitespace().map(clause).collect())
}

/// A tag that nobody sets.
const NEVER: &str = "ignore";

/// Parses an expression of tags, `!`, `&&`, `||` and parentheses.
pub fn parse(text: &str) -> Result<Constraint, String> {
    let mut parser = Parser { rest: text, token: "", size: 0 };
    let constraint = parser.or()?;
    match parser.token {
        "" => Ok(constraint),
        token => Err(format!("unexpected token {token}")),
    }
}

impl Constraint {
    pub fn eval(&self, tag_holds: &mut dyn FnMut(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(tag) => tag_holds(tag),
            Constraint::Not(x) => !x.eval(tag_holds),
            // All tags are looked at, as in Go, so that the caller can collect them.
            Constraint::And(list) => list.iter().filter(|x| !x.eval(tag_holds)).count() == 0,
            Constraint::Or(list) => list.iter().filter(|x| x.eval(tag_holds)).count() > 0,
        }
    }

    /// The least language version the constraint implies: `go1.N`.
    pub fn go_version(&self) -> Option<String> {
        match self.min_version(true) {
            ..0 => None,
            0 => Some("go1".into()),
            n => Some(format!("go1.{n}")),
        }
    }

    /// The least minor version implied (of the negation, if not `sign`); negative: none.
    fn min_version(&self, sign: bool) -> i64 {
        match self {
            Constraint::Tag(_) if !sign => -1,
            Constraint::Tag(tag) if &**tag == "go1" => 0,
            Constraint::Tag(tag) => match tag.split_once("go1.") {
                Some((_, minor)) => minor.parse().unwrap_or(-1),
                None => -1,
            },
            Constraint::Not(x) => x.min_version(!sign),
            Constraint::And(list) | Constraint::Or(list) => {
                let versions = list.iter().map(|x| x.min_version(sign));
                let all_hold = matches!(self, Constraint::And(_)) == sign;
                if all_hold { versions.max() } else { versions.min() }.unwrap_or(-1)
            }
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    /// The token read last; empty at the end.
    token: &'a str,
    size: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Constraint, String> {
        let mut list = vec![self.and()?];
        while self.token == "||" {
            list.push(self.and()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Constraint::Or(list) })
    }

    fn and(&mut self) -> Result<Constraint, String> {
        let mut list = vec![self.not()?];
        while self.token == "&&" {
            list.push(self.not()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Constraint::And(list) })
    }

    fn not(&mut self) -> Result<Constraint, String> {
        self.size += 1;
        if self.size > SIZE_MAX {
            return Err("build expression too large".into());
        }
        self.lex()?;
        if self.token != "!" {
            return self.atom();
        }
        self.lex()?;
        if self.token == "!" {
            return Err("double negation not allowed".into());
        }
        Ok(Constraint::Not(Box::new(self.atom()?)))
    }

    fn atom(&mut self) -> Result<Constraint, String> {
        if self.token == "(" {
            let missing = || "missing close paren".to_string();
            let inner = self.or().map_err(|e| if e == END { missing() } else { e })?;
            if self.token != ")" {
                return Err(missing());
            }
            self.lex()?;
            return Ok(inner);
        }
        match self.token {
            "" => Err(END.into()),
            tag if tag.starts_with(is_tag_char) => {
                self.lex()?;
                Ok(Constraint::Tag(tag.into()))
            }
            token => Err(format!("unexpected token {token}")),
        }
    }

    fn lex(&mut self) -> Result<(), String> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let Some(first) = self.rest.chars().next() else {
            self.token = "";
            return Ok(());
        };
        let invalid = || format!("invalid syntax at {first}");
        let length = match first {
            '(' | ')' | '!' => 1,
            '&' | '|' => {
                let twice = self.rest[1..].starts_with(first);
                if !twice {
                    return Err(invalid());
                }
                2
            }
            _ => self.rest.find(|c| !is_tag_char(c)).unwrap_or(self.rest.len()),
        };
        if length == 0 {
            return Err(invalid());
        }
        (self.token, self.rest) = self.rest.split_at(length);
        Ok(())
    }
}

const END: &str = "unexpected end of expression";

fn is_tag_char(c: char) -> bool {
    matches!(c, '_' | '.') || chars::is_letter(c) || chars::is_digit(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluates() {
        let holds =
            |text: &str| parse(text).map(|c| c.eval(&mut |tag| matches!(tag, "linux" | "amd64" | "go1.21")));
        assert_eq!(holds("linux && !cgo"), Ok(true));
        assert_eq!(holds("(windows || linux) && arm64"), Ok(false));
        assert_eq!(holds("linux &&"), Err("unexpected end of expression".into()));
        assert_eq!(holds("(linux"), Err("missing close paren".into()));
        assert_eq!(holds("!!linux"), Err("double negation not allowed".into()));
        assert_eq!(holds("linux & cgo"), Err("invalid syntax at &".into()));
        assert_eq!(holds("linux cgo"), Err("unexpected token cgo".into()));
    }

    #[test]
    fn evaluates_what_came_before() {
        let holds = |comment: &str| {
            let words = plus_build_text(comment)?;
            Some(parse_plus(words).eval(&mut |tag| matches!(tag, "linux" | "amd64" | "386")))
        };
        assert_eq!(holds("// +build linux,!amd64 386"), Some(true));
        assert_eq!(holds("//+build linux,!amd64"), Some(false));
        assert_eq!(holds("// +build !!linux !"), Some(false));
        assert_eq!(holds("// +build !a-b"), Some(true));
        assert_eq!(holds("// +build"), Some(false));
        assert_eq!(holds("// +builds linux"), None);
        assert_eq!(holds("//go:build linux"), None);
    }

    #[test]
    fn implies_versions() {
        let version = |text: &str| parse(text).unwrap().go_version();
        assert_eq!(version("linux && go1.22").as_deref(), Some("go1.22"));
        assert_eq!(version("(linux && go1.22) || (windows && go1.20)").as_deref(), Some("go1.20"));
        assert_eq!(version("linux || (windows && go1.22)"), None);
        assert_eq!(version("!go1.22"), None);
        assert_eq!(version("go1").as_deref(), Some("go1"));
    }
}
