//! `go.mod` and `go.work`: what a module is called, which language it is written in, and what it requires.

use crate::LoadError;
use std::path::{Path, PathBuf};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoMod {
    /// The folder that go.mod stands in.
    pub root: PathBuf,
    pub module: String,
    /// `go 1.N`; (1, 16) where there is no such line, as in go.
    pub go: (u32, u32),
    /// (path, version)
    pub requires: Vec<(String, String)>,
    pub replaces: Vec<Replace>,
    /// (path, version): versions not to be used.
    pub excludes: Vec<(String, String)>,
}

/// `old [version] => new [version]`; a new one without a version is a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replace {
    pub old: String,
    pub old_version: Option<String>,
    pub new: String,
    pub new_version: Option<String>,
}

/// Walks up from `dir` to the closest go.mod. `None` where there is none.
pub fn find_go_mod(dir: &Path) -> Result<Option<GoMod>, LoadError> {
    Ok(match find_up(dir, "go.mod")? {
        Some((root, text)) => Some(GoMod::parse(&root, &text)?),
        None => None,
    })
}

/// The closest file of that name: its folder and text.
fn find_up(dir: &Path, name: &str) -> Result<Option<(PathBuf, String)>, LoadError> {
    for root in dir.ancestors() {
        let file = root.join(name);
        match std::fs::read_to_string(&file) {
            Ok(text) => return Ok(Some((root.into(), text))),
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) => {
            }
            Err(e) => return Err(LoadError::Io(file, e)),
        }
    }
    Ok(None)
}

/// The modules that a go.work uses, and what it replaces.
pub struct GoWork {
    pub modules: Vec<GoMod>,
    pub replaces: Vec<Replace>,
}

/// The closest go.work.
pub fn find_go_work(dir: &Path) -> Result<Option<GoWork>, LoadError> {
    let Some((root, text)) = find_up(dir, "go.work")? else { return Ok(None) };
    let (mut modules, mut replaces) = (Vec::new(), Vec::new());
    for (number, words) in statements(&text) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["use", dir] => {
                let dir = crate::paths::normalize(&root.join(dir));
                let file = dir.join("go.mod");
                let text = std::fs::read_to_string(&file).map_err(|e| LoadError::Io(file, e))?;
                modules.push(GoMod::parse(&dir, &text)?);
            }
            ["replace", rest @ ..] => replaces.push(replace(&root, rest).ok_or_else(|| LoadError::GoMod {
                file: "go.work".into(),
                line: number,
                text: "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory".into(),
            })?),
            _ => {}
        }
    }
    Ok(Some(GoWork { modules, replaces }))
}

/// The statements of a file, those in parentheses with their verb: line number and words.
fn statements(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut verb: Option<String> = None;
    for (number, line) in text.lines().enumerate() {
        let line = strip_comment(line).trim();
        let mut words: Vec<String> =
            line.split_whitespace().map(|w| w.trim_matches(['"', '`']).to_string()).collect();
        match (&verb, words.as_slice()) {
            (_, []) => continue,
            (Some(_), [end]) if end == ")" => {
                verb = None;
                continue;
            }
            (None, [name, open]) if open == "(" => {
                verb = Some(name.clone());
                continue;
            }
            (Some(name), _) => words.insert(0, name.clone()),
            (None, _) => {}
        }
        found.push((number + 1, words));
    }
    found
}

/// A comment begins a line or follows white space: paths may have slashes.
fn strip_comment(line: &str) -> &str {
    let starts = |i: usize| i == 0 || line[..i].ends_with(char::is_whitespace);
    let at = line.match_indices("//").map(|(i, _)| i).find(|&i| starts(i));
    at.map_or(line, |i| &line[..i])
}

/// A folder is told by its first character, and made absolute.
fn replace(root: &Path, words: &[&str]) -> Option<Replace> {
    let arrow = words.iter().position(|w| *w == "=>")?;
    let (old, new) = (&words[..arrow], &words[arrow + 1..]);
    let pair = |w: &[&str]| match w {
        [path] => Some((path.to_string(), None)),
        [path, version] => Some((path.to_string(), Some(version.to_string()))),
        _ => None,
    };
    let (old, old_version) = pair(old)?;
    let (mut new, new_version) = pair(new)?;
    if new_version.is_none() {
        new = crate::paths::normalize(&root.join(&new)).display().to_string();
    }
    Some(Replace { old, old_version, new, new_version })
}

impl GoMod {
    pub fn parse(root: &Path, text: &str) -> Result<GoMod, LoadError> {
        let error = |line, text: String| LoadError::GoMod { file: "go.mod".into(), line, text };
        let mut module = None;
        let mut m = GoMod {
            root: root.into(),
            module: String::new(),
            go: (1, 16),
            requires: Vec::new(),
            replaces: Vec::new(),
            excludes: Vec::new(),
        };
        for (number, words) in statements(text) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["module", path] => {
                    if module.is_some() {
                        return Err(error(number, "repeated module statement".into()));
                    }
                    module = Some(path.to_string());
                }
                ["go", version] => {
                    m.go = parse_version(version).ok_or_else(|| {
                        error(number, format!("invalid go version '{version}': must match format 1.23.0"))
                    })?;
                }
                ["require", path, version] => m.requires.push((path.to_string(), version.to_string())),
                ["exclude", path, version] => m.excludes.push((path.to_string(), version.to_string())),
                ["require" | "exclude", ..] => {
                    return Err(error(number, format!("usage: {} module/path v1.2.3", words[0])));
                }
                ["replace", rest @ ..] => m.replaces.push(replace(root, rest).ok_or_else(|| {
                    error(number, "usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory".into())
                })?),
                ["toolchain" | "retract" | "tool" | "godebug" | "ignore" | "use" | "module" | "go", ..] => {}
                [verb, ..] => return Err(error(number, format!("unknown directive: {verb}"))),
                [] => {}
            }
        }
        m.module = module.ok_or_else(|| error(1, "no module declaration in go.mod".into()))?;
        Ok(m)
    }
}

/// `1.21`, `1.21.3` or `1.21rc1` as (1, 21).
pub(crate) fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<GoMod, LoadError> {
        GoMod::parse(Path::new("/m"), text)
    }

    #[test]
    fn path_version_and_requirements_are_read() {
        let m = parse("// c\nmodule example.com/m // x\n\ngo 1.21.3\nrequire (\n\ta.b/c v1.0.0 // indirect\n)\nreplace a.b/c => ../c\n")
            .unwrap();
        assert_eq!((m.module.as_str(), m.go), ("example.com/m", (1, 21)));
        assert_eq!(m.requires, [("a.b/c".to_string(), "v1.0.0".to_string())]);
        assert_eq!(m.replaces[0].new, "/c");
        assert_eq!(parse("module \"m\"\n").unwrap().go, (1, 16));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        assert!(parse("go 1.21\n").is_err());
        assert!(parse("module m\n\ngo next\n").unwrap_err().to_string().contains("go.mod:3"));
        assert!(parse("module m\nnonsense x\n").unwrap_err().to_string().contains("unknown directive"));
    }
}
