//! Line directives and `//go:` directives (gc handles the latter in `noder/noder.go`).

use super::Parser;
use crate::ast::{Decl, Pragma, VarDecl};
use crate::constraint;
use crate::directive as rules;
use goxide_source::{Diagnostic, Pos};

const LINE_MAX: u64 = 1 << 30;

impl<'a> Parser<'a> {
    /// Takes the comment at `offset..end` if it is a directive.
    pub(super) fn directive(&mut self, offset: usize, end: usize, blank: bool) {
        self.report_encoding_errors(end);
        let comment = &self.clean.text[offset..end];
        let is_block = comment.starts_with("/*");
        let text =
            if is_block { &comment[2..comment.len() - 2] } else { comment[2..].trim_end_matches('\r') };
        let starts_line = offset == 0 || self.clean.text.as_bytes()[offset - 1] == b'\n';
        if (starts_line || is_block)
            && let Some(rest) = text.strip_prefix("line ")
        {
            // The newline belongs to a line comment.
            let from = if is_block { end } else { end + 1 };
            self.line_directive(from, offset + 2 + "line ".len(), rest);
            return;
        }
        if !text.starts_with("go:") {
            return;
        }
        if self.top && comment.starts_with("//go:build") {
            self.go_build(comment);
        }
        self.pragma(self.pos_of(offset + 2), blank, text);
    }

    fn go_build(&mut self, comment: &'a str) {
        let Some(text) = constraint::go_build_text(comment) else { return };
        self.build_constraint = Some(text.into());
        if let Ok(expr) = constraint::parse(text) {
            self.go_version = expr.go_version().map(Into::into);
        }
    }

    /// `text` (at `offset`) is what follows `line `; it holds from byte `from` on.
    fn line_directive(&mut self, from: usize, offset: usize, text: &str) {
        let Some((start, number)) = trailing_number(text) else { return };
        let invalid = |p: &mut Self, what: &str, at: usize| {
            let message = format!("invalid {what} number: {}", &text[at..]);
            p.error_at(p.pos_of(offset + at), message);
        };
        let Some(number) = number else { return invalid(self, "line", start) };
        let mut file = &text[..start - 1];
        let (mut line, mut line_start, mut column) = (number, start, 0);
        let has_column = match trailing_number(file) {
            Some((start2, Some(number2))) => {
                if number == 0 || number > LINE_MAX {
                    return invalid(self, "column", start);
                }
                (line, line_start, column) = (number2, start2, number);
                file = &text[..start2 - 1];
                true
            }
            _ => false,
        };
        if line == 0 || line > LINE_MAX {
            let line_end = if has_column { start - 1 } else { text.len() };
            let message = format!("invalid line number: {}", &text[line_start..line_end]);
            return self.error_at(self.pos_of(offset + line_start), message);
        }
        let name = if file.is_empty() {
            if has_column { self.line_file.to_string() } else { String::new() }
        } else {
            rules::line_file_name(file, &self.source.name)
        };
        self.line_file = name.as_str().into();
        self.line_directives += 1;
        if from <= self.clean.text.len() && self.line_directives > self.line_directives_known {
            self.source.add_line_directive(self.pos_of(from), &name, line as u32, column as u32);
        }
    }

    fn pragma(&mut self, pos: Pos, blank: bool, text: &'a str) {
        if !blank {
            self.note_error(pos, "misplaced compiler directive");
            return;
        }
        let (verb, args) = text.split_once(' ').unwrap_or((text, ""));
        let pragma = Pragma { pos, verb: self.intern(verb), args: args.trim().into() };
        let mistakes = rules::mistakes(text, self.options);
        let is_wrong = !mistakes.is_empty();
        for mistake in mistakes {
            self.note_error(pos, mistake);
        }
        if is_wrong && rules::needs_arguments(verb) {
            return;
        }
        match verb {
            "go:linkname" | "go:linknamestd" => self.file_pragmas.push(pragma),
            "go:embed" => {
                self.file_pragmas.push(pragma.clone());
                self.pragmas.push(pragma);
            }
            _ => self.pragmas.push(pragma),
        }
    }

    /// An error of a directive does not count as one of the code around it.
    fn note_error(&mut self, pos: Pos, text: impl Into<String>) {
        self.errors.push(Diagnostic::error(pos, text));
    }

    pub(super) fn take_pragmas(&mut self) -> Vec<Pragma> {
        std::mem::take(&mut self.pragmas)
    }

    /// Called where no declaration stands that the waiting directives could belong to.
    pub(super) fn clear_pragmas(&mut self) {
        if self.pragmas.is_empty() {
            return;
        }
        let (embeds, others): (Vec<_>, Vec<_>) =
            self.take_pragmas().into_iter().partition(|p| &*p.verb == "go:embed");
        for pragma in others {
            if rules::has_place(&pragma.verb) {
                self.note_error(pragma.pos, "misplaced compiler directive");
            }
            self.file_pragmas.push(pragma);
        }
        for pragma in embeds {
            self.note_error(pragma.pos, "misplaced go:embed directive");
        }
    }

    /// Collects what gc reports of a declaration's directives once types are checked.
    pub(super) fn check_pragmas(&mut self, pragmas: &[Pragma], place: rules::Place) {
        for pragma in pragmas {
            if let Some(text) = rules::misplaced(&pragma.verb, place) {
                self.late_errors.push(Diagnostic::error(pragma.pos, text));
            }
        }
    }

    /// What is imported stands before all functions, and is checked for variables of packages alone.
    pub(super) fn check_local_embed(&mut self, decl: &VarDecl) {
        if let Some(pragma) = decl.pragmas.iter().find(|p| &*p.verb == "go:embed") {
            let text = rules::embed_error(decl, true).unwrap_or("go:embed cannot apply to var inside func");
            self.late_errors.push(Diagnostic::error(pragma.pos, text));
        }
    }

    pub(super) fn check_file_pragmas(&mut self, decls: &[Decl]) {
        let imports = |path: &str| {
            decls.iter().any(|d| match d {
                Decl::Import(d) => d.path.as_ref().is_some_and(|p| p.text.trim_matches(['"', '`']) == path),
                _ => false,
            })
        };
        let imports_unsafe = imports("unsafe");
        let imports_embed = imports("embed");
        for pragma in &self.file_pragmas {
            if matches!(&*pragma.verb, "go:linkname" | "go:linknamestd") && !imports_unsafe {
                let verb = &pragma.verb;
                let text = format!("//{verb} only allowed in Go files that import \"unsafe\"");
                self.late_errors.push(Diagnostic::error(pragma.pos, text));
            }
        }
        for decl in decls {
            if let Decl::Var(d) = decl
                && let Some(pragma) = d.pragmas.iter().find(|p| &*p.verb == "go:embed")
                && let Some(text) = rules::embed_error(d, imports_embed)
            {
                self.late_errors.push(Diagnostic::error(pragma.pos, text));
            }
        }
    }
}

/// Where the number behind the last colon starts, and the number if it is one.
fn trailing_number(text: &str) -> Option<(usize, Option<u64>)> {
    let start = text.rfind(':')? + 1;
    let digits = &text[start..];
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    Some((start, if is_number { digits.parse().ok() } else { None }))
}
