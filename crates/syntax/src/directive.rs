//! The rules of `//go:` directives, as gc has them in `noder/noder.go`, `noder/lex.go` and
//! `noder/writer.go`.

use crate::Options;
use crate::ast::VarDecl;
use crate::literal;
use std::path::{Component, Path, PathBuf};

/// What takes a directive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    File,
    /// Imports, constants and types have none.
    None,
    Var,
    Func,
}

const RUNTIME_ONLY: [&str; 4] =
    ["go:systemstack", "go:nowritebarrier", "go:nowritebarrierrec", "go:yeswritebarrierrec"];

const OF_FUNCTIONS: [&str; 8] = [
    "go:noescape",
    "go:norace",
    "go:nosplit",
    "go:noinline",
    "go:nocheckptr",
    "go:uintptrkeepalive",
    "go:uintptrescapes",
    "go:registerparams",
];

const IN_STD: [&str; 9] = [
    "go:cgo_export_static",
    "go:cgo_export_dynamic",
    "go:cgo_import_static",
    "go:cgo_import_dynamic",
    "go:cgo_ldflag",
    "go:cgo_dynamic_linker",
    "go:embed",
    "go:fix",
    "go:generate",
];

fn is_of_functions(verb: &str) -> bool {
    OF_FUNCTIONS.contains(&verb) || RUNTIME_ONLY.contains(&verb) || verb == "go:cgo_unsafe_args"
}

/// Whether gc gives the directive a meaning, so that it must stand in a place it has one in.
pub(crate) fn has_place(verb: &str) -> bool {
    verb == "go:build" || is_of_functions(verb)
}

pub(crate) fn misplaced(verb: &str, place: Place) -> Option<&'static str> {
    match (verb, place) {
        ("go:embed", Place::Var) | ("go:build", Place::File) => None,
        ("go:embed", _) => Some("misplaced go:embed directive"),
        (_, Place::Func) if is_of_functions(verb) => None,
        _ => has_place(verb).then_some("misplaced compiler directive"),
    }
}

/// Whether a directive with mistakes is dropped.
pub(crate) fn needs_arguments(verb: &str) -> bool {
    matches!(verb, "go:linkname" | "go:linknamestd" | "go:embed" | "go:wasmimport" | "go:wasmexport")
}

pub(crate) fn mistakes(text: &str, options: &Options) -> Vec<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let verb = text.split(' ').next().unwrap_or(text);
    let has_args = text.len() > verb.len();
    let usage = |of: &str| vec![format!("usage: //{of}")];
    match verb {
        "go:wasmimport" if has_args && fields.len() != 3 => usage("go:wasmimport importmodule importname"),
        "go:wasmexport" if has_args && fields.len() != 2 => usage("go:wasmexport exportname"),
        "go:linkname" | "go:linknamestd" if has_args && !matches!(fields.len(), 2 | 3) => {
            usage(&format!("{verb} localname [linkname]"))
        }
        "go:embed" => match parse_embed(&text["go:embed".len()..]) {
            Ok(patterns) if !patterns.is_empty() => Vec::new(),
            Ok(_) => usage("go:embed pattern..."),
            Err(message) => vec![message, "usage: //go:embed pattern...".into()],
        },
        // Open to all, since Solaris code in golang.org/x/sys relies on it.
        "go:cgo_import_dynamic" if fields.len() >= 4 => {
            let library = fields[3].trim_matches('"');
            let is_safe =
                |c: char| c.is_ascii_alphanumeric() || ['.', '_', '/'].contains(&c) || !c.is_ascii();
            if library.chars().next().is_none_or(is_safe) {
                Vec::new()
            } else {
                vec![format!("invalid library name {library:?} in cgo_import_dynamic directive")]
            }
        }
        _ if verb.starts_with("go:cgo_") => {
            let mut list = Vec::new();
            if !options.std {
                list.push(format!("//{text} only allowed in cgo-generated code"));
            }
            list.extend(cgo_usage(verb, &fields));
            list
        }
        _ if RUNTIME_ONLY.contains(&verb) && !options.runtime => {
            vec![format!("//{verb} only allowed in runtime")]
        }
        "go:uintptrkeepalive" if !options.std => {
            vec![format!("//{verb} is only allowed in the standard library")]
        }
        _ if options.std && !has_place(verb) && !IN_STD.contains(&verb) && !needs_arguments(verb) => {
            vec![format!("//{verb} is not allowed in the standard library")]
        }
        _ => Vec::new(),
    }
}

/// How a cgo directive is to be written, if `fields` are not (`pragcgo` in `noder/lex.go`).
fn cgo_usage(verb: &str, fields: &[&str]) -> Option<String> {
    let is_quoted = |s: &&str| s.len() >= 2 && s.starts_with('"') && s.ends_with('"');
    let quoted: Vec<bool> = fields.iter().skip(1).map(is_quoted).collect();
    let (right, arguments): (&[&[bool]], _) = match verb {
        "go:cgo_export_static" | "go:cgo_export_dynamic" => (&[&[false], &[false, false]], "local [remote]"),
        "go:cgo_import_dynamic" => {
            (&[&[false], &[false, false], &[false, false, true]], "local [remote [\"library\"]]")
        }
        "go:cgo_import_static" => (&[&[false]], "local"),
        "go:cgo_dynamic_linker" => (&[&[true]], "\"path\""),
        "go:cgo_ldflag" => (&[&[true]], "\"arg\""),
        _ => return None,
    };
    (!right.contains(&&quoted[..])).then(|| format!("usage: //{verb} {arguments}"))
}

/// The patterns behind `//go:embed`: separated by space, or Go strings.
pub fn parse_embed(args: &str) -> Result<Vec<String>, String> {
    let mut list = Vec::new();
    let mut rest = args.trim();
    while !rest.is_empty() {
        let invalid = || format!("invalid quoted string in //go:embed: {rest}");
        let length = match rest.as_bytes()[0] {
            b'`' => rest[1..].find('`').ok_or_else(invalid)? + 2,
            b'"' => closing_quote(rest).ok_or_else(invalid)? + 1,
            _ => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(length);
        if word.starts_with(['`', '"']) {
            let path = literal::unquote(word)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| format!("invalid quoted string in //go:embed: {word}"))?;
            list.push(path);
        } else {
            list.push(word.into());
        }
        if behind.chars().next().is_some_and(|c| !c.is_whitespace()) {
            return Err(format!("invalid quoted string in //go:embed: {behind}"));
        }
        rest = behind.trim_start();
    }
    Ok(list)
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().enumerate().skip(1).find_map(|(i, b)| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes.then_some(i)
    })
}

pub(crate) fn embed_error(decl: &VarDecl, imports_embed: bool) -> Option<&'static str> {
    if !imports_embed {
        return Some("go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)");
    }
    if decl.names.len() > 1 {
        return Some("go:embed cannot apply to multiple vars");
    }
    if !decl.values.is_empty() {
        return Some("go:embed cannot apply to var with initializer");
    }
    decl.ty.is_none().then_some("go:embed cannot apply to var without type")
}

/// The file a line directive names: cleaned, and relative to the folder of the file it stands in.
pub(crate) fn line_file_name(name: &str, in_file: &str) -> String {
    let path = Path::new(name);
    let folder = Path::new(in_file).parent().filter(|f| !f.as_os_str().is_empty());
    let joined = match folder {
        Some(folder) if !path.is_absolute() => folder.join(path),
        _ => path.to_path_buf(),
    };
    let mut clean = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match clean.components().next_back() {
                Some(Component::Normal(_)) => {
                    clean.pop();
                }
                Some(Component::RootDir) => {}
                _ => clean.push(".."),
            },
            _ => clean.push(part),
        }
    }
    if clean.as_os_str().is_empty() {
        clean.push(".");
    }
    clean.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embed_patterns() {
        assert_eq!(parse_embed(" a b/*.txt \"c d\" `e`").unwrap(), ["a", "b/*.txt", "c d", "e"]);
        assert!(parse_embed("\"a").is_err());
        assert!(parse_embed("\"a\"b").is_err());
    }

    #[test]
    fn line_files_are_cleaned() {
        assert_eq!(line_file_name("./x/../y.go", "a.go"), "y.go");
        assert_eq!(line_file_name("y.go", "d/a.go"), "d/y.go");
        assert_eq!(line_file_name("/y.go", "d/a.go"), "/y.go");
        assert_eq!(line_file_name("../../y.go", "d/a.go"), "../y.go");
    }
}
