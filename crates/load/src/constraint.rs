//! `//go:build` expressions (`go/build/constraint`).

use thiserror::Error;

/// A build constraint: tags joined by `||`, `&&` and `!`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Constraint {
    Tag(String),
    Not(Box<Constraint>),
    And(Box<Constraint>, Box<Constraint>),
    Or(Box<Constraint>, Box<Constraint>),
}

#[derive(Debug, Error, PartialEq, Eq)]
#[error("parsing //go:build line: {0}")]
pub struct ConstraintError(&'static str);

/// Nesting deeper than this is refused.
const DEPTH_MAX: usize = 100;

impl Constraint {
    /// Parses what stands behind `//go:build`.
    pub fn parse(text: &str) -> Result<Constraint, ConstraintError> {
        let mut p = Parser { rest: text.trim(), depth: 0 };
        let x = p.or()?;
        if p.rest.is_empty() { Ok(x) } else { Err(ConstraintError("unexpected token")) }
    }

    pub fn holds(&self, tag: &impl Fn(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(t) => tag(t),
            Constraint::Not(x) => !x.holds(tag),
            Constraint::And(x, y) => x.holds(tag) && y.holds(tag),
            Constraint::Or(x, y) => x.holds(tag) || y.holds(tag),
        }
    }

    /// The least N of `go1.N` that the constraint implies (`go/build/constraint.GoVersion`).
    pub fn go_version(&self) -> Option<u32> {
        fn minor(x: &Constraint, sign: bool) -> Option<i64> {
            match x {
                Constraint::Tag(t) if sign => t.strip_prefix("go1").and_then(|n| match n {
                    "" => Some(0),
                    n => n.strip_prefix('.')?.parse().ok(),
                }),
                Constraint::Tag(_) => None,
                Constraint::Not(x) => minor(x, !sign),
                Constraint::And(x, y) => join(minor(x, sign), minor(y, sign), sign),
                Constraint::Or(x, y) => join(minor(x, sign), minor(y, sign), !sign),
            }
        }
        fn join(x: Option<i64>, y: Option<i64>, and: bool) -> Option<i64> {
            if and { x.max(y) } else { x.zip(y).map(|(x, y)| x.min(y)) }
        }
        minor(self, true).and_then(|n| u32::try_from(n).ok())
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl Parser<'_> {
    fn accept(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Result<Constraint, ConstraintError> {
        let mut x = self.and()?;
        while self.accept("||") {
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Ok(x)
    }

    fn and(&mut self) -> Result<Constraint, ConstraintError> {
        let mut x = self.not()?;
        while self.accept("&&") {
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Ok(x)
    }

    fn not(&mut self) -> Result<Constraint, ConstraintError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(ConstraintError("expression nested too deeply"));
        }
        let x = if self.accept("!") {
            Constraint::Not(Box::new(self.not()?))
        } else if self.accept("(") {
            let x = self.or()?;
            if !self.accept(")") {
                return Err(ConstraintError("missing close paren"));
            }
            x
        } else {
            let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
            let (tag, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            if tag.is_empty() {
                return Err(ConstraintError("expected tag"));
            }
            self.rest = rest.trim_start();
            Constraint::Tag(tag.into())
        };
        self.depth -= 1;
        Ok(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        Constraint::parse(text).unwrap().holds(&|t| matches!(t, "linux" | "amd64"))
    }

    #[test]
    fn and_binds_stronger_than_or() {
        assert!(holds("linux || windows && arm64"));
        assert!(!holds("(linux || windows) && arm64"));
        assert!(holds("!windows && !(darwin || arm64)"));
    }

    #[test]
    fn damaged_expressions_are_refused() {
        for text in ["", "linux &&", "(linux", "linux)", "!", "a b"] {
            assert!(Constraint::parse(text).is_err(), "{text}");
        }
        assert!(Constraint::parse(&"!".repeat(100_000)).is_err());
    }

    #[test]
    fn the_go_version_is_what_every_branch_asks_for() {
        let version = |t: &str| Constraint::parse(t).unwrap().go_version();
        assert_eq!(version("go1.21 && linux"), Some(21));
        assert_eq!(version("go1.21 || linux"), None);
        assert_eq!(version("go1.21 || go1.18"), Some(18));
        assert_eq!(version("!go1.21"), None);
    }
}
