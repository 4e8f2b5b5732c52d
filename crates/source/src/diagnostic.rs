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
const COLUMN_SHOWN_MAX: u32 = 255;

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

/// gc's order: by position; of several on one line with the same text only the first stays.
pub fn sort_and_dedup(diagnostics: &mut Vec<Diagnostic>, files: &FileSet) {
    diagnostics.sort_by_key(|d| d.pos);
    let line_of = |d: &Diagnostic| files.position(d.pos).map(|p| (p.file, p.line));
    diagnostics.dedup_by(|b, a| a.text == b.text && line_of(a) == line_of(b));
}
