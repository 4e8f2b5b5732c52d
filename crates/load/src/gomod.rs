//! `go.mod` and `go.work`: what a module is called, which language it is written in, and what it requires
//! (`golang.org/x/mod/modfile/rule.go`).

use crate::LoadError;
use crate::fsys::Fsys;
use crate::modfile::{Word, statements};
use std::path::{Path, PathBuf};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoMod {
    /// The folder that go.mod stands in.
    pub root: PathBuf,
    pub module: String,
    /// `go 1.N`; (1, 16) where there is no such line, as in go.
    pub go: (u32, u32),
    /// The version of that line in full, if there is one.
    pub go_text: Option<String>,
    /// (path, version)
    pub requires: Vec<(String, String)>,
    pub replaces: Vec<Replace>,
    /// (path, version): versions not to be used.
    pub excludes: Vec<(String, String)>,
    pub godebugs: Vec<Godebug>,
    /// Folders that `...` does not go into: with `./` one of the module, else all of the name.
    pub ignores: Vec<String>,
}

/// `old [version] => new [version]`; a new one without a version is a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replace {
    pub old: String,
    pub old_version: Option<String>,
    pub new: String,
    pub new_version: Option<String>,
    /// The folder as it was written.
    pub shown: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Godebug {
    pub key: String,
    pub value: String,
    pub line: usize,
}

/// Walks up from `dir` to the closest go.mod. `None` where there is none.
pub fn find_go_mod(dir: &Path) -> Result<Option<GoMod>, LoadError> {
    Ok(match find_up(&Fsys::default(), dir, "go.mod")? {
        Some((root, text)) => Some(GoMod::parse(&root, &text, &shown(&root, "go.mod", dir))?),
        None => None,
    })
}

/// A file's name in messages: short where it stands in the current directory or below.
pub(crate) fn shown(root: &Path, name: &str, cwd: &Path) -> String {
    let file = root.join(name);
    if let Ok(below) = file.strip_prefix(cwd) {
        return below.display().to_string();
    }
    // As go, which prefers a way up to an absolute path where that is shorter.
    let up = cwd.ancestors().position(|a| a == root).map(|n| format!("{}{name}", "../".repeat(n)));
    let absolute = file.display().to_string();
    up.filter(|u| u.len() < absolute.len()).unwrap_or(absolute)
}

/// The closest file of that name: its folder and text.
pub(crate) fn find_up(fsys: &Fsys, dir: &Path, name: &str) -> Result<Option<(PathBuf, String)>, LoadError> {
    for root in dir.ancestors() {
        let file = root.join(name);
        match fsys.read_to_string(&file) {
            Ok(text) => return Ok(Some((root.into(), text))),
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) => {
            }
            Err(e) => return Err(LoadError::Io(file, e)),
        }
    }
    Ok(None)
}

/// What a go.work says.
#[derive(Debug, Default)]
pub struct GoWork {
    pub root: PathBuf,
    pub go_text: Option<String>,
    /// As they are written.
    pub uses: Vec<String>,
    pub replaces: Vec<Replace>,
    pub godebugs: Vec<Godebug>,
}

impl GoWork {
    pub fn parse(root: &Path, text: &str, shown: &str) -> Result<GoWork, LoadError> {
        let mut work = GoWork { root: root.into(), ..GoWork::default() };
        each_statement(root, text, "go.work", shown, |verb, args, line| {
            match verb {
                "go" => work.go_text = Some(go_version(work.go_text.is_some(), args)?),
                "toolchain" => toolchain(args)?,
                "godebug" => work.godebugs.push(godebug(args, line)?),
                "use" => match args {
                    [dir] => work.uses.push(dir.value()?),
                    _ => return Err("usage: use local/dir".into()),
                },
                "replace" => work.replaces.push(replace(root, args)?),
                _ => return Err(format!("unknown directive: {verb}")),
            }
            Ok(())
        })?;
        Ok(work)
    }
}

/// Calls `each` for every statement; what it has to say of them is told together.
fn each_statement(
    root: &Path,
    text: &str,
    name: &'static str,
    shown: &str,
    mut each: impl FnMut(&str, &[Word], usize) -> Result<(), String>,
) -> Result<(), LoadError> {
    let full = root.join(name).display().to_string();
    let list = statements(text, &full).map_err(|e| {
        let column = if e.column > 1 { format!(":{}", e.column) } else { String::new() };
        LoadError::GoMod { file: name, lines: vec![format!("{shown}:{}{column}: {}", e.line, e.text)] }
    })?;
    let mut lines = Vec::new();
    for statement in &list {
        let Some((verb, args)) = statement.words.split_first() else { continue };
        if let Err(text) = each(&verb.raw, args, statement.line) {
            lines.push(format!("{shown}:{}: {text}", statement.line));
        }
    }
    if lines.is_empty() { Ok(()) } else { Err(LoadError::GoMod { file: name, lines }) }
}

fn go_version(is_repeated: bool, args: &[Word]) -> Result<String, String> {
    if is_repeated {
        return Err("repeated go statement".into());
    }
    let [version] = args else { return Err("go directive expects exactly one argument".into()) };
    if !is_go_version(&version.raw) {
        return Err(format!("invalid go version '{}': must match format 1.23.0", version.raw));
    }
    Ok(version.raw.clone())
}

/// `1.21`, `1.21.3` or `1.21rc1`
pub(crate) fn is_go_version(text: &str) -> bool {
    let number =
        |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()) && (t == "0" || !t.starts_with('0'));
    let end = text.find(|c: char| c.is_ascii_lowercase()).unwrap_or(text.len());
    let (numbers, pre) = text.split_at(end);
    let parts: Vec<&str> = numbers.split('.').collect();
    let digits = pre.trim_start_matches(|c: char| c.is_ascii_lowercase());
    matches!(parts.len(), 2 | 3)
        && parts[0] != "0"
        && parts.iter().all(|p| number(p))
        && (pre.is_empty() || !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn toolchain(args: &[Word]) -> Result<(), String> {
    let [name] = args else { return Err("toolchain directive expects exactly one argument".into()) };
    let name = name.raw.as_str();
    if name == "default" || name == "go1" || name.starts_with("go1.") {
        return Ok(());
    }
    Err(format!("invalid toolchain version '{name}': must match format go1.23.0 or default"))
}

fn godebug(args: &[Word], line: usize) -> Result<Godebug, String> {
    let usage = || "usage: godebug key=value".to_string();
    let [word] = args else { return Err(usage()) };
    if word.raw.contains(['"', '`', '\'', ',']) {
        return Err(usage());
    }
    let (key, value) = word.raw.split_once('=').ok_or_else(usage)?;
    Ok(Godebug { key: key.into(), value: value.into(), line })
}

/// What begins a folder, as on the command line.
fn is_folder(path: &str) -> bool {
    matches!(path, "." | "..") || path.starts_with("./") || path.starts_with("../") || path.starts_with('/')
}

fn replace(root: &Path, args: &[Word]) -> Result<Replace, String> {
    let raw: Vec<&str> = args.iter().map(|w| w.raw.as_str()).collect();
    let arrow = if raw.get(1) == Some(&"=>") { 1 } else { 2 };
    if !(arrow + 2..=arrow + 3).contains(&raw.len()) || raw[arrow] != "=>" {
        return Err("usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => ../local/directory".into());
    }
    let old = args[0].value()?;
    let old_version = if arrow == 2 { Some(version("replace", &old, &args[1])?) } else { None };
    let new = args[arrow + 1].value()?;
    let Some(new_version) = args.get(arrow + 2) else {
        if !is_folder(&new) {
            return Err(if new.contains('@') {
                "replacement module must match format 'path version', not 'path@version'".into()
            } else {
                "replacement module without version must be directory path (rooted or starting with . or ..)"
                    .into()
            });
        }
        let dir = crate::paths::normalize(&root.join(&new)).display().to_string();
        return Ok(Replace { old, old_version, new: dir, new_version: None, shown: new });
    };
    let new_version = version("replace", &new, new_version)?;
    if is_folder(&new) {
        return Err(format!("replacement module directory path \"{new}\" cannot have version"));
    }
    Ok(Replace { old, old_version, shown: new.clone(), new, new_version: Some(new_version) })
}

/// A whole semantic version, without build metadata but `+incompatible`.
fn version(verb: &str, path: &str, word: &Word) -> Result<String, String> {
    let text = word.value()?;
    let wrong = || format!("{verb} {path}: version \"{text}\" invalid: must be of the form v1.2.3");
    let (core, _) = text.split_once('+').unwrap_or((&text, ""));
    let (core, pre) = core.split_once('-').map_or((core, None), |(c, p)| (c, Some(p)));
    let numbers: Vec<&str> = core.strip_prefix('v').ok_or_else(wrong)?.split('.').collect();
    let is_number = |n: &&str| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n.len() == 1 || !n.starts_with('0'))
    };
    if numbers.len() != 3 || !numbers.iter().all(is_number) || pre.is_some_and(str::is_empty) {
        return Err(wrong());
    }
    major_fits(path, &text).map_err(|why| format!("{verb} {path}: {why}"))?;
    Ok(text)
}

/// A path that ends in `/vN` is for versions `vN`, another one for `v0` and `v1`.
fn major_fits(path: &str, version: &str) -> Result<(), String> {
    let major = version.split('.').next().unwrap_or("");
    let last = path.rsplit('/').next().unwrap_or("");
    let is_major =
        |t: &str| t.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if let Some(at) = path.strip_prefix("gopkg.in/").and_then(|_| last.rfind('.')) {
        let suffix = &last[at + 1..];
        let fits = suffix.split('-').next() == Some(major) || major == "v0" && version.starts_with("v0.0.0-");
        return if !is_major(suffix) || fits { Ok(()) } else { Err(should_be(version, suffix)) };
    }
    let has_suffix = path.contains('/') && is_major(last) && !matches!(last, "v0" | "v1");
    if has_suffix {
        return if major == last { Ok(()) } else { Err(should_be(version, last)) };
    }
    if matches!(major, "v0" | "v1") || version.ends_with("+incompatible") {
        return Ok(());
    }
    Err(should_be(version, "v0 or v1"))
}

fn should_be(version: &str, major: &str) -> String {
    let found = version.split('.').next().unwrap_or("");
    format!("version \"{version}\" invalid: should be {major}, not {found}")
}

/// `version`, or `[from, to]`.
fn retracted(args: &[Word]) -> Result<(), String> {
    let raw: Vec<&str> = args.iter().map(|w| w.raw.as_str()).collect();
    let behind = match raw.as_slice() {
        [] | ["(", ..] => return Err("expected '[' or version".into()),
        ["["] => return Err("expected version after '['".into()),
        ["[", _] => return Err("expected ',' after version".into()),
        ["[", _, comma, ..] if *comma != "," => return Err("expected ',' after version".into()),
        ["[", _, _] => return Err("expected version after ','".into()),
        ["[", _, _, _, "]", behind @ ..] => behind,
        ["[", ..] => return Err("expected ']' after version".into()),
        [_, behind @ ..] => behind,
    };
    match behind.first() {
        Some(word) => Err(format!("unexpected token after version: \"{word}\"")),
        None => Ok(()),
    }
}

impl GoMod {
    /// Of a main module. `shown` is the file's name in messages.
    pub fn parse(root: &Path, text: &str, shown: &str) -> Result<GoMod, LoadError> {
        let mut m = GoMod {
            root: root.into(),
            module: String::new(),
            go: (1, 16),
            go_text: None,
            requires: Vec::new(),
            replaces: Vec::new(),
            excludes: Vec::new(),
            godebugs: Vec::new(),
            ignores: Vec::new(),
        };
        let (mut has_module, mut has_toolchain) = (false, false);
        each_statement(root, text, "go.mod", shown, |verb, args, line| {
            let one = |what: &str| match args {
                [word] => word.value(),
                _ => Err(format!("{what} directive expects exactly one argument")),
            };
            match verb {
                "module" if has_module => return Err("repeated module statement".into()),
                "module" => {
                    has_module = true;
                    m.module = match args {
                        [path] => path.value()?,
                        _ => return Err("usage: module module/path".into()),
                    };
                }
                "go" => {
                    let version = go_version(m.go_text.is_some(), args)?;
                    m.go = parse_version(&version).unwrap_or(m.go);
                    m.go_text = Some(version);
                }
                "toolchain" if has_toolchain => return Err("repeated toolchain statement".into()),
                "toolchain" => {
                    toolchain(args)?;
                    has_toolchain = true;
                }
                "require" | "exclude" => {
                    let [path, wanted] = args else {
                        return Err(format!("usage: {verb} module/path v1.2.3"));
                    };
                    let path = path.value()?;
                    let wanted = version(verb, &path, wanted)?;
                    if verb == "require" { &mut m.requires } else { &mut m.excludes }.push((path, wanted));
                }
                "replace" => m.replaces.push(replace(root, args)?),
                "retract" => retracted(args)?,
                "godebug" => m.godebugs.push(godebug(args, line)?),
                "tool" => drop(one(verb)?),
                "ignore" => m.ignores.push(one(verb)?),
                _ => return Err(format!("unknown directive: {verb}")),
            }
            Ok(())
        })?;
        if m.module.is_empty() {
            return Err(LoadError::NoModuleLine(shown.into()));
        }
        Ok(m)
    }

    /// Of a module that is required: only what others may ask of it, and no fault is found with it.
    pub fn required(root: &Path, text: &str) -> Option<GoMod> {
        let wanted = ["module", "go", "require"];
        let of_use =
            |s: &crate::modfile::Statement| s.words.first().is_some_and(|w| wanted.contains(&w.raw.as_str()));
        let lines = statements(text, "go.mod").ok()?.into_iter().filter(of_use);
        let text: Vec<String> =
            lines.map(|s| s.words.iter().map(|w| w.raw.as_str()).collect::<Vec<_>>().join(" ")).collect();
        GoMod::parse(root, &text.join("\n"), "go.mod").ok()
    }
}

/// `1.21`, `1.21.3` or `1.21rc1` as (1, 21).
pub(crate) fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

/// Versions of Go in order: `1.21` is older than `1.21rc1`, and that than `1.21.0`.
pub(crate) fn compare_go(a: &str, b: &str) -> std::cmp::Ordering {
    let key = |v: &str| {
        let (major, minor) = parse_version(v).unwrap_or((0, 0));
        let rest = v
            .split_once('.')
            .map(|x| x.1)
            .unwrap_or("")
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .to_string();
        let (rank, number) = match rest.strip_prefix('.') {
            Some(patch) => (2, patch.parse().unwrap_or(0)),
            None if rest.is_empty() => (0, 0u32),
            None => (1, rest.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)),
        };
        (major, minor, rank, if rank == 1 { rest } else { String::new() }, number)
    };
    key(a).cmp(&key(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    fn parse(text: &str) -> Result<GoMod, LoadError> {
        GoMod::parse(Path::new("/m"), text, "go.mod")
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
        let text = parse("module m\n\ngo next\nnonsense x\nrequire a v1\nrequire a/v2 v1.0.0\n")
            .unwrap_err()
            .to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "go.mod:3: invalid go version 'next': must match format 1.23.0");
        assert_eq!(lines[2], "go.mod:4: unknown directive: nonsense");
        assert_eq!(lines[3], "go.mod:5: require a: version \"v1\" invalid: must be of the form v1.2.3");
        assert_eq!(lines[4], "go.mod:6: require a/v2: version \"v1.0.0\" invalid: should be v2, not v1");
    }

    #[test]
    fn versions_of_go_are_ordered() {
        let sorted = ["1.20", "1.20.3", "1.21", "1.21rc1", "1.21rc2", "1.21.0", "1.21.10", "1.27"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare_go(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(compare_go("1.20", "1.20"), Ordering::Equal);
        assert!(
            is_go_version("1.27.3")
                && is_go_version("1.21rc1")
                && !is_go_version("next")
                && !is_go_version("1")
        );
    }
}
