//! What the go command says of a file's head before any compiler sees it, in the words of `go/parser` and
//! `go/build` (`readGoInfo`), and of paths that cannot be import paths (`modload.importFromFiles`).

use goxide_source::{Diagnostic, Pos, SourceFile};

/// The first error of a head: our parser's, translated.
pub(crate) fn of_syntax(source: &SourceFile, errors: &[Diagnostic]) -> Option<(Pos, String)> {
    let first = errors.iter().filter(|e| translated(source, e).is_some()).min_by_key(|e| e.pos)?;
    translated(source, first).map(|text| (place(source, first), text))
}

/// A string that its line ends stands, for the go command, where it begins.
fn place(source: &SourceFile, error: &Diagnostic) -> Pos {
    let at = error.pos.0.saturating_sub(source.pos(0).0) as usize;
    let before = source.text.get(..at).unwrap_or_default();
    match before.iter().rposition(|&b| b == b'"') {
        Some(quote) if error.text == "newline in string" => Pos(source.pos(0).0 + quote as u32),
        _ => error.pos,
    }
}

fn translated(source: &SourceFile, error: &Diagnostic) -> Option<String> {
    if error.text == "newline in string" || error.text == "string not terminated" {
        return Some("string literal not terminated".into());
    }
    let text = error.text.strip_prefix("syntax error: ")?;
    if text.starts_with("import path must be a string") {
        return Some("import path must be a string".into());
    }
    if text.contains("missing import path") {
        return Some("missing import path".into());
    }
    let expected = if text.starts_with("package statement must be first") {
        "package"
    } else if text.ends_with("expected name") {
        "IDENT"
    } else {
        ";"
    };
    let at = error.pos.0.checked_sub(source.pos(0).0)? as usize;
    Some(format!("expected '{expected}', found {}", token_at(&source.text, at)))
}

/// The token at a place, as `go/parser` shows it: literals and names bare, all others in quotes.
fn token_at(text: &[u8], at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let Some(&first) = rest.first() else { return "'EOF'".into() };
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80;
    if is_word(&first) {
        let end = rest.iter().position(|b| !is_word(b)).unwrap_or(rest.len());
        let word = shown(&rest[..end]);
        return if KEYWORDS.contains(&word.as_str()) { format!("'{word}'") } else { word };
    }
    match first {
        b'\n' => "newline".into(),
        b'"' | b'`' | b'\'' => {
            let end = rest[1..].iter().position(|&b| b == first || b == b'\n' && first != b'`');
            shown(&rest[..end.map_or(rest.len(), |e| e + 2)])
        }
        _ => {
            let operator = OPERATORS.iter().find(|o| rest.starts_with(o.as_bytes()));
            format!("'{}'", operator.map_or_else(|| shown(&rest[..1]), |o| o.to_string()))
        }
    }
}

const KEYWORDS: [&str; 25] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Those of several characters, the longest first.
const OPERATORS: [&str; 24] = [
    "<<=", ">>=", "&^=", "...", "&&", "||", "<-", "++", "--", "==", "!=", "<=", ">=", ":=", "+=", "-=", "*=",
    "/=", "%=", "&=", "|=", "^=", "<<", ">>",
];

/// Why a path in an import cannot be one, if `go/build` says so.
pub(crate) fn of_import(path: &str) -> Option<String> {
    let bad =
        |c: char| c.is_control() || c.is_whitespace() || "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{FFFD}".contains(c);
    (path.is_empty() || path.contains(bad)).then(|| format!("invalid import path: {path}"))
}

/// Why no package can have a path.
pub(crate) fn of_package_path(path: &str) -> Option<String> {
    if path.contains('@') {
        return Some(format!("import path \"{path}\" should not have @version"));
    }
    if path.starts_with('/') {
        return Some(format!("\"{path}\" is not a package path; see 'go help packages'"));
    }
    let why = if path.starts_with('-') {
        "leading dash"
    } else if path.contains("//") {
        "double slash"
    } else if path.ends_with('/') {
        "trailing slash"
    } else {
        return None;
    };
    Some(format!("malformed import path \"{path}\": {why}"))
}
