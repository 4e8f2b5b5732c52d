//! What the compiler tells its user.

use crate::{FileSet, Pos};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    Error,
    Warning,
}

/// A further place that explains a diagnostic; printed as gc does, indented by a tab.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    pub pos: Pos,
    pub text: String,
}

/// An error at a place in the user's source, worded as gc words it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub pos: Pos,
    pub severity: Severity,
    /// types2's error code where there is one (`UnusedVar`, `MismatchedTypes`, …), else "".
    pub code: &'static str,
    pub text: String,
    pub notes: Vec<Note>,
}

/// gc has 8 bits for columns (`cmd/internal/src/pos.go`), and shows none that does not fit.
pub const COLUMN_SHOWN_MAX: u32 = 255;

impl Diagnostic {
    pub fn error(pos: Pos, text: impl Into<String>) -> Diagnostic {
        Diagnostic { pos, severity: Severity::Error, code: "", text: text.into(), notes: Vec::new() }
    }

    pub fn with_code(mut self, code: &'static str) -> Diagnostic {
        self.code = code;
        self
    }

    pub fn with_note(mut self, pos: Pos, text: impl Into<String>) -> Diagnostic {
        self.notes.push(Note { pos, text: text.into() });
        self
    }

    /// `file:line:col: text`, each note on a line of its own behind it.
    pub fn render(&self, files: &FileSet) -> String {
        let place = |pos| {
            let Some(mut p) = files.position(pos) else { return String::new() };
            if p.column >= COLUMN_SHOWN_MAX {
                p.column = 0;
            }
            format!("{p}: ")
        };
        let mut out = place(self.pos) + &self.text;
        for note in &self.notes {
            out.push_str("\n\t");
            out.push_str(&place(note.pos));
            out.push_str(&note.text);
        }
        out
    }
}

/// Leaves of errors, in the order they were met, what gc shows (`cmd/compile/internal/base/print.go`):
/// the first syntax error of each line, and of other errors no two alike on one line in a row.
pub fn drop_repeated(diagnostics: &mut Vec<Diagnostic>, files: &FileSet) {
    // Lines of different line directives are different lines.
    let line_of = |pos| {
        files.file(pos).map(|f| {
            let shown = f.position(pos);
            (f.id, f.physical(pos).0, shown.file, shown.line)
        })
    };
    let mut last_syntax = None;
    let mut last_other = (None, String::new());
    diagnostics.retain(|d| {
        let line = line_of(d.pos);
        if d.text.starts_with("syntax error") {
            let is_new = line.is_none() || last_syntax != line;
            last_syntax = line;
            return is_new;
        }
        let is_new = line.is_none() || last_other.0 != line || last_other.1 != d.text;
        if is_new {
            last_other = (line, d.text.clone());
        }
        is_new
    });
}

/// What gc prints of errors given in the order they were met: by position, none twice.
pub fn sort_and_dedup(diagnostics: &mut Vec<Diagnostic>, files: &FileSet) {
    drop_repeated(diagnostics, files);
    diagnostics.sort_by_key(|d| d.pos);
    diagnostics.dedup_by(|b, a| a.text == b.text && a.pos == b.pos);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_syntax_error_a_line_and_no_repetitions() {
        let files = FileSet::new();
        let f = files.add("a.go", &b"one two\nthree\n"[..]);
        let error = |offset, text: &str| Diagnostic::error(f.pos(offset), text);
        let mut list = vec![
            error(8, "syntax error: c"),
            error(0, "x"),
            error(4, "x"),
            error(0, "syntax error: a"),
            error(4, "syntax error: b"),
            error(4, "y"),
            error(2, "x"),
        ];
        sort_and_dedup(&mut list, &files);
        let shown: Vec<_> = list.iter().map(|d| d.render(&files)).collect();
        let expected = [
            "a.go:1:1: x",
            "a.go:1:1: syntax error: a",
            "a.go:1:3: x",
            "a.go:1:5: y",
            "a.go:2:1: syntax error: c",
        ];
        assert_eq!(shown, expected);
    }
}
