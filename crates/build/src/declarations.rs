//! What importers can see of a package: its declarations without the bodies that only it compiles.

use crate::cache::Key;
use crate::key::Hasher;
use goxide_load::Package;
use goxide_source::Pos;
use goxide_syntax::ast::{Block, Decl, ExprKind, File, FuncDecl, NodeIds, unparen};
use goxide_syntax::walk::local_types;

/// Whether importers compile the function's body: they make the instances they need.
pub fn is_generic(f: &FuncDecl) -> bool {
    let recv = f.recv.as_ref().map(|r| unparen(&r.ty));
    let recv = recv.map(|t| if let ExprKind::Star(inner) = &t.kind { unparen(inner) } else { t });
    !f.type_params.is_empty() || recv.is_some_and(|t| matches!(t.kind, ExprKind::Index(..)))
}

/// Empties the bodies that importers have no use for. Types declared in functions are counted, and the numbers
/// of those that stay are added to `kept`.
pub fn strip(file: &mut File, count: &mut u32, kept: &mut Vec<u32>) {
    for decl in &mut file.decls {
        let first = *count + 1;
        *count += local_types(decl).len() as u32;
        match decl {
            Decl::Func(f) if !is_generic(f) => {
                if let Some(body) = &mut f.body {
                    body.stmts.clear();
                }
            }
            _ => kept.extend(first..=*count),
        }
    }
}

/// A hash that changes whenever something does that importers can see in the package's own files.
/// Comments are left out, and line numbers but in the bodies that importers compile.
pub fn hash(package: &Package) -> Key {
    let mut ids = NodeIds::default();
    let mut h = Hasher::new("declarations");
    for file in &package.files {
        let parsed = goxide_syntax::parse_file(&file.source, &mut ids, &goxide_syntax::Options::default());
        let text = &file.source.text;
        let offset = |pos: Pos| file.source.offset(pos);
        let mut out = Vec::with_capacity(text.len() / 2);
        let mut done = 0;
        for decl in &parsed.file.decls {
            let Decl::Func(f) = decl else { continue };
            let Some(Block { pos, rbrace, .. }) = &f.body else { continue };
            let (start, end) = (offset(*pos) + 1, offset(*rbrace));
            if start > end || start < done {
                continue; // Damaged; its errors will be reported.
            }
            squeeze(&text[done..start], false, &mut out);
            if is_generic(f) {
                out.extend(file.source.physical(*pos).0.to_le_bytes());
                squeeze(&text[start..end], true, &mut out);
            }
            done = end;
        }
        squeeze(&text[done..], false, &mut out);
        h.field(file.source.name.as_bytes()).field(&out);
    }
    h.finish()
}

/// Copies Go text without comments other than directives, and without what white space there is but for
/// ends of lines: all of them, or one for each run.
fn squeeze(text: &[u8], keep_lines: bool, out: &mut Vec<u8>) {
    let mut rest = text;
    let (mut lines, mut blank) = (0, false);
    while let Some(&c) = rest.first() {
        let length = match c {
            b'\n' => {
                lines += 1;
                1
            }
            b' ' | b'\t' | b'\r' => {
                blank = true;
                1
            }
            b'/' if rest.starts_with(b"//") || rest.starts_with(b"/*") => {
                let length = comment_length(rest);
                if rest.starts_with(b"//go:") || rest[2..].starts_with(b"line ") {
                    out.extend_from_slice(&rest[..length]);
                }
                lines += rest[..length].iter().filter(|&&b| b == b'\n').count();
                blank = true;
                length
            }
            _ => {
                let wanted = if keep_lines { lines } else { lines.min(1) };
                out.extend(std::iter::repeat_n(b'\n', wanted));
                if blank && lines == 0 {
                    out.push(b' ');
                }
                (lines, blank) = (0, false);
                let length = token_length(rest);
                out.extend_from_slice(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
}

/// Up to the end of the line, or behind `*/`.
fn comment_length(text: &[u8]) -> usize {
    let find = |what: &[u8], from: usize| text[from..].windows(what.len()).position(|w| w == what);
    match text[1] {
        b'/' => find(b"\n", 0).unwrap_or(text.len()),
        _ => find(b"*/", 2).map_or(text.len(), |i| i + 4),
    }
}

/// A string or rune literal as a whole, else one byte.
fn token_length(text: &[u8]) -> usize {
    let quote = text[0];
    if !matches!(quote, b'"' | b'`' | b'\'') {
        return 1;
    }
    let mut i = 1;
    while i < text.len() {
        match text[i] {
            c if c == quote => return i + 1,
            b'\\' if quote != b'`' => i += 2,
            b'\n' if quote != b'`' => return i,
            _ => i += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use goxide_source::FileSet;

    fn hash_of(text: &str) -> Key {
        let source = FileSet::new().add("a.go", text.as_bytes());
        let files = vec![goxide_load::GoFile { source, is_overlay: false }];
        hash(&Package { files, ..Package::default() })
    }

    const TEXT: &str = "package p\n\nfunc f() int { return 1 }\n\nfunc g[T any](x T) T {\n\treturn x\n}\n";

    #[test]
    fn importers_see_declarations_and_generic_bodies() {
        let seen = |from: &str, to: &str| hash_of(TEXT) != hash_of(&TEXT.replace(from, to));
        assert!(!seen("return 1", "return 2 /* two */"));
        assert!(!seen("package p\n", "package p // f\n"));
        assert!(seen("f() int", "f() uint"));
        assert!(seen("return x", "return (x)"));
        assert!(seen("\treturn x", "\n\treturn x"));
        assert!(seen("\n\nfunc g", "\n\n\nfunc g"));
    }

    #[test]
    fn comments_in_strings_are_none() {
        let mut out = Vec::new();
        squeeze(b"a = \"//\" + `/*`  // x\n\n+ '\\''/* y */", false, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), "a = \"//\" + `/*`\n+ '\\''");
    }
}
