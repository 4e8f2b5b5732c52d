//! The tests, benchmarks and examples in a package's test files, and the `main` that runs them
//! (`cmd/go/internal/load/test.go`, `go/doc.Examples`).

use crate::package::Cover;
use goxide_source::SourceFile;
use goxide_syntax::ast::{Decl, ExprKind, FuncDecl, NodeIds};
use std::fmt::Write;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct TestFuncs {
    tests: Vec<(Half, String)>,
    benchmarks: Vec<(Half, String)>,
    fuzz_targets: Vec<(Half, String)>,
    examples: Vec<Example>,
    main: Option<Half>,
}

/// Test files are of the package itself or of the one that tests it from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Half {
    Inside,
    Outside,
}

impl Half {
    fn name(self) -> &'static str {
        match self {
            Half::Inside => "_test",
            Half::Outside => "_xtest",
        }
    }
}

struct Example {
    half: Half,
    name: String,
    output: String,
    unordered: bool,
}

impl TestFuncs {
    /// Finds what a file has; the error is (position in the file, text).
    pub fn scan(&mut self, half: Half, source: &Arc<SourceFile>) -> Result<(), (String, String)> {
        let options = goxide_syntax::Options::default();
        let parsed = goxide_syntax::parse_file(source, &mut NodeIds::default(), &options);
        for decl in &parsed.file.decls {
            let Decl::Func(f) = decl else { continue };
            if f.recv.is_some() {
                continue;
            }
            let name = f.name.name.to_string();
            let check = |arg: &str| check_signature(f, arg, source);
            if name == "TestMain" && !is_test_func(f, "T") {
                check("M")?;
                if self.main.replace(half).is_some() {
                    return Err((String::new(), "multiple definitions of TestMain".into()));
                }
            } else if is_test_name(&name, "Test") {
                check("T")?;
                self.tests.push((half, name));
            } else if is_test_name(&name, "Benchmark") {
                check("B")?;
                self.benchmarks.push((half, name));
            } else if is_test_name(&name, "Fuzz") {
                check("F")?;
                self.fuzz_targets.push((half, name));
            } else if is_test_name(&name, "Example")
                && f.ty.params.is_empty()
                && f.type_params.is_empty()
                && let Some(body) = &f.body
            {
                let text = &source.text[source.offset(body.pos) + 1..source.offset(body.rbrace)];
                if let Some((output, unordered)) = example_output(&String::from_utf8_lossy(text)) {
                    self.examples.push(Example { half, name, output, unordered });
                }
            }
        }
        Ok(())
    }

    /// The text of the program that runs the tests of the package `path`.
    pub fn main_text(
        &self,
        path: &str,
        module: &str,
        has_inside: bool,
        has_outside: bool,
        cover: Option<&Cover>,
    ) -> String {
        let mut out = String::from("package main\n\nimport (\n\t\"os\"\n");
        if self.main.is_some() {
            out.push_str("\t\"reflect\"\n");
        }
        out.push_str("\t\"testing\"\n\t\"testing/internal/testdeps\"\n");
        if cover.is_some() {
            out.push_str("\t\"internal/coverage/cfile\"\n");
        }
        for (has, half, path) in [
            (has_inside, Half::Inside, path.to_string()),
            (has_outside, Half::Outside, format!("{path}_test")),
        ] {
            if has {
                let name = if self.uses(half) { half.name() } else { "_" };
                let _ = writeln!(out, "\t{name} {path:?}");
            }
        }
        out.push_str(")\n\n");
        let tables = [
            ("tests", "InternalTest", &self.tests),
            ("benchmarks", "InternalBenchmark", &self.benchmarks),
            ("fuzzTargets", "InternalFuzzTarget", &self.fuzz_targets),
        ];
        for (table, kind, list) in tables {
            let _ = writeln!(out, "var {table} = []testing.{kind}{{");
            for (half, name) in list {
                let _ = writeln!(out, "\t{{\"{name}\", {}.{name}}},", half.name());
            }
            out.push_str("}\n\n");
        }
        out.push_str("var examples = []testing.InternalExample{\n");
        for Example { half, name, output, unordered } in &self.examples {
            let _ =
                writeln!(out, "\t{{\"{name}\", {}.{name}, {}, {unordered}}},", half.name(), quote(output));
        }
        out.push_str("}\n\n");
        let (path, module) = (quote(path), quote(module));
        let _ = writeln!(
            out,
            "func init() {{\n\ttestdeps.ImportPath = {path}\n\ttestdeps.ModulePath = {module}\n}}\n"
        );
        if let Some(cover) = cover {
            let (covered, selected) = match &cover.patterns {
                Some(patterns) => {
                    let quoted = cover.selected.iter().map(|p| quote(p)).collect::<Vec<_>>();
                    (format!(" in {}", patterns.join(", ")), quoted.join(", "))
                }
                None => (String::new(), path),
            };
            let (mode, covered) = (quote(&cover.mode), quote(&covered));
            let _ = writeln!(
                out,
                "func init() {{\n\ttestdeps.CoverMode = {mode}\n\ttestdeps.Covered = {covered}\n\ttestdeps.CoverSelectedPackages = []string{{{selected}}}"
            );
            for (variable, func) in [
                ("CoverSnapshotFunc", "Snapshot"),
                ("CoverProcessTestDirFunc", "ProcessCoverTestDir"),
                ("CoverMarkProfileEmittedFunc", "MarkProfileEmitted"),
            ] {
                let _ = writeln!(out, "\ttestdeps.{variable} = cfile.{func}");
            }
            out.push_str("\tcfile.InitHook(true)\n}\n\n");
        }
        out.push_str("func main() {\n");
        out.push_str(
            "\tm := testing.MainStart(testdeps.TestDeps{}, tests, benchmarks, fuzzTargets, examples)\n",
        );
        match self.main {
            Some(half) => {
                let _ = writeln!(out, "\t{}.TestMain(m)", half.name());
                out.push_str(
                    "\tos.Exit(int(reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int()))\n}\n",
                );
            }
            None => out.push_str("\tos.Exit(m.Run())\n}\n"),
        }
        out
    }

    fn uses(&self, half: Half) -> bool {
        let lists = [&self.tests, &self.benchmarks, &self.fuzz_targets];
        self.main == Some(half)
            || lists.iter().any(|l| l.iter().any(|(h, _)| *h == half))
            || self.examples.iter().any(|e| e.half == half)
    }
}

/// A Go string literal.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for b in text.bytes() {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(b)]),
            b' '..=b'~' => out.push(char::from(b)),
            _ => {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// `TestX`, `Test`, `Test_x`, but not `Testify`.
fn is_test_name(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| !rest.chars().next().is_some_and(char::is_lowercase))
}

/// One parameter of a type `*T` or `*testing.T`, and no result.
fn is_test_func(f: &FuncDecl, arg: &str) -> bool {
    let [param] = f.ty.params.as_slice() else { return false };
    let ExprKind::Star(inner) = &param.ty.kind else { return false };
    let name = match &inner.kind {
        ExprKind::Name(name) => name,
        ExprKind::Selector(_, sel) => &sel.name,
        _ => return false,
    };
    f.ty.results.is_empty() && &**name == arg
}

fn check_signature(f: &FuncDecl, arg: &str, source: &SourceFile) -> Result<(), (String, String)> {
    let name = &f.name.name;
    let why = if !f.type_params.is_empty() {
        "test functions cannot have type parameters".into()
    } else if is_test_func(f, arg) {
        return Ok(());
    } else {
        format!("must be: func {name}({} *testing.{arg})", arg.to_lowercase())
    };
    let (line, column) = source.physical(f.name.pos);
    let column = column.saturating_sub("func ".len() as u32);
    Err((format!("{}:{line}:{column}", source.name), format!("wrong signature for {name}, {why}")))
}

/// What the last comment of an example's body says is written, and whether in any order.
fn example_output(body: &str) -> Option<(String, bool)> {
    let text = last_comment(body)?;
    let head = text.trim_start();
    let unordered =
        strip_word(head, "unordered").filter(|rest| rest.starts_with([' ', '\t'])).map(str::trim_start);
    let output = strip_word(unordered.unwrap_or(head), "output:")?.trim_start_matches(' ');
    Some((output.strip_prefix('\n').unwrap_or(output).into(), unordered.is_some()))
}

/// Without a word of ASCII in front, in whichever case.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (front, rest) = text.split_at_checked(word.len())?;
    front.eq_ignore_ascii_case(word).then_some(rest)
}

/// The text of the last group of comments, without its marks.
fn last_comment(body: &str) -> Option<String> {
    let mut group: Option<Vec<&str>> = None;
    // Ends of lines since the last comment; anything else in between ends a group.
    let mut is_open = false;
    let mut newlines = 0;
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") || rest.starts_with("/*") {
            let length = match rest.starts_with("//") {
                true => rest.find('\n').unwrap_or(rest.len()),
                false => rest[2..].find("*/").map_or(rest.len(), |i| i + 4),
            };
            if !is_open || newlines > 1 {
                group = Some(Vec::new());
            }
            group.get_or_insert_default().push(&rest[..length]);
            (is_open, newlines) = (true, 0);
            length
        } else if c == '\n' {
            newlines += 1;
            1
        } else if c.is_whitespace() {
            c.len_utf8()
        } else {
            is_open = false;
            literal_length(rest)
        };
        rest = &rest[length..];
    }
    let mut lines: Vec<&str> = Vec::new();
    for comment in group? {
        match comment.strip_prefix("//") {
            Some(line) if line.starts_with("go:") || line.starts_with("line ") => {}
            Some(line) => lines.push(line.strip_prefix(' ').unwrap_or(line)),
            None => lines.extend(comment[2..].strip_suffix("*/").unwrap_or(&comment[2..]).split('\n')),
        }
    }
    // Empty lines in front and behind are dropped, several become one.
    let mut out = String::new();
    let mut blank = false;
    for line in lines.iter().map(|l| l.trim_end_matches([' ', '\t', '\r', '\n'])) {
        if line.is_empty() {
            blank = !out.is_empty();
            continue;
        }
        if std::mem::take(&mut blank) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
    }
    Some(out)
}

/// The length of a string or rune literal, else of a character.
fn literal_length(text: &str) -> usize {
    let Some(quote) = text.chars().next() else { return 0 };
    if !matches!(quote, '"' | '`' | '\'') {
        return quote.len_utf8();
    }
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return i + 1;
        }
        escaped = c == '\\' && !escaped && quote != '`';
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_examples_output_is_its_last_comment() {
        let output = |body: &str| example_output(body);
        assert_eq!(
            output("\n\tf() // Output: x\n\n\t// Output:\n\t// a\n\t//\n\t//  b\n"),
            Some(("a\n\n b\n".into(), false))
        );
        assert_eq!(output("\tf(\"// Output:\")\n"), None);
        assert_eq!(output("\t// Unordered output: 1\n"), Some(("1\n".into(), true)));
        assert_eq!(output("\t/* Output:\nx\n*/\n"), Some(("x\n".into(), false)));
        assert_eq!(output("\t// OUTPUT: \u{130}\n"), Some(("\u{130}\n".into(), false)));
        assert_eq!(output("\t// Output:\n"), Some((String::new(), false)));
        assert_eq!(output("\t// Output: 1\n\n\t// more\n"), None);
    }

    #[test]
    fn names_of_tests_have_no_lower_case_behind_the_prefix() {
        for name in ["Test", "TestX", "Test_x", "Test1"] {
            assert!(is_test_name(name, "Test"), "{name}");
        }
        assert!(!is_test_name("Testify", "Test") && !is_test_name("XTest", "Test"));
    }
}
