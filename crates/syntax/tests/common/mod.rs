//! Expected errors in comments: `/* ERROR regexp */` just before the token that has the error,
//! `// ERROR regexp` on its line.
#![allow(dead_code, reason = "not every test uses all of it")]

use goxide_source::{FileSet, SourceFile};
use goxide_syntax::{Options, Parsed, ast::NodeIds, testing};
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub fn parse(name: &str, text: &[u8], options: &Options) -> (FileSet, Arc<SourceFile>, Parsed) {
    let files = FileSet::new();
    let source = files.add(name, text.to_vec());
    let parsed = goxide_syntax::parse_file(&source, &mut NodeIds::default(), options);
    (files, source, parsed)
}

/// What differs between the errors that comments announce and those reported, one line each.
pub fn check_announced(path: &Path) -> Vec<String> {
    let text = std::fs::read(path).expect("a test file can be read");
    let name = path.display().to_string();
    let (_, source, parsed) = parse(&name, &text, &Options::default());

    // By line and column; column 0: anywhere on the line.
    let mut announced = BTreeMap::new();
    for comment in testing::comments(&source) {
        let token = source.physical(comment.token_behind);
        if let Some(pattern) = comment.text.strip_prefix("// ERROR ") {
            announced.insert((source.physical(comment.pos).0, 0), pattern.trim().to_string());
        } else if let Some(pattern) = comment.text.strip_prefix("/* ERROR ") {
            announced.insert(token, pattern.trim_end_matches("*/").trim().to_string());
        }
    }

    let mut differences = Vec::new();
    for error in &parsed.errors {
        let (line, column) = source.physical(error.pos);
        let place = if announced.contains_key(&(line, column)) { (line, column) } else { (line, 0) };
        match announced.remove(&place) {
            None => differences.push(format!("{name}:{line}:{column}: unexpected error: {}", error.text)),
            Some(pattern) => {
                // As in Go's regexps, a brace that is no repetition stands for itself.
                let escaped = pattern.replace('{', r"\{").replace(r"\\{", r"\{").replace('}', r"\}");
                let regex = Regex::new(&escaped.replace(r"\\}", r"\}")).expect("a valid pattern");
                if !regex.is_match(&error.text) {
                    let text = &error.text;
                    differences.push(format!("{name}:{line}:{column}: {text:?} does not match {pattern:?}"));
                }
            }
        }
    }
    for ((line, column), pattern) in announced {
        differences.push(format!("{name}:{line}:{column}: missing error: {pattern}"));
    }
    differences
}

/// The Go files of a folder and those below it, sorted.
pub fn go_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "go") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

pub fn own_files() -> Vec<PathBuf> {
    go_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/syntax"))
}

/// Go's own tree, by `GOROOT` or the `go` command.
pub fn goroot() -> Option<PathBuf> {
    let from_go = || {
        let out = std::process::Command::new("go").args(["env", "GOROOT"]).output().ok()?;
        String::from_utf8(out.stdout).ok()
    };
    let root = std::env::var("GOROOT").ok().or_else(from_go)?;
    let root = PathBuf::from(root.trim());
    root.join("src").is_dir().then_some(root)
}
