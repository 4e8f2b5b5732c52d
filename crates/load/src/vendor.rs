//! The vendor folder: which modules its `modules.txt` names, and whether that is what go.mod asks for
//! (`cmd/go/internal/modload/vendor.go`).

use crate::LoadError;
use crate::fsys::Fsys;
use crate::gomod::{GoMod, Replace, parse_version};
use crate::modules::{Required, longest_first};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub(crate) struct Vendor {
    pub dir: PathBuf,
    pub modules: Vec<Required>,
    entries: Vec<Entry>,
}

/// A line `# path [version] [=> path [version]]`, with what stands below it.
#[derive(Debug)]
struct Entry {
    path: String,
    version: Option<String>,
    /// Path and version.
    replaced_by: Option<(String, Option<String>)>,
    is_explicit: bool,
    go: (u32, u32),
    has_packages: bool,
}

pub(crate) fn read(fsys: &Fsys, dir: &Path) -> Result<Vendor, LoadError> {
    let file = dir.join("modules.txt");
    let text = match fsys.read_to_string(&file) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(LoadError::Io(file, e)),
        text => text.unwrap_or_default(),
    };
    let entries = parse(&text);
    let required = |e: &Entry| {
        let replace = e.replaced_by.as_ref().map(|(new, new_version)| Replace {
            old: e.path.clone(),
            old_version: e.version.clone(),
            new: new.clone(),
            new_version: new_version.clone(),
            shown: new.clone(),
        });
        let version = e.version.clone().unwrap_or_default();
        Required { root: dir.join(&e.path), path: e.path.clone(), version, go: e.go, replace }
    };
    let mut modules: Vec<Required> = entries.iter().filter(|e| e.version.is_some()).map(required).collect();
    longest_first(&mut modules);
    Ok(Vendor { dir: dir.into(), modules, entries })
}

fn parse(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["#", path, rest @ ..] if !rest.is_empty() => {
                let (version, rest) = match rest {
                    ["=>", ..] => (None, rest),
                    [version, rest @ ..] => (Some(version.to_string()), rest),
                    [] => continue,
                };
                let replaced_by = match rest {
                    ["=>", new] => Some((new.to_string(), None)),
                    ["=>", new, version] => Some((new.to_string(), Some(version.to_string()))),
                    _ => None,
                };
                entries.push(Entry {
                    path: path.to_string(),
                    version,
                    replaced_by,
                    is_explicit: false,
                    go: (1, 16),
                    has_packages: false,
                });
            }
            ["##", ..] => {
                let Some(last) = entries.last_mut() else { continue };
                for note in line[2..].split(';').map(str::trim) {
                    last.is_explicit |= note == "explicit";
                    last.go = note.strip_prefix("go ").and_then(parse_version).unwrap_or(last.go);
                }
            }
            [_] => {
                if let Some(last) = entries.last_mut() {
                    last.has_packages = true;
                }
            }
            _ => {}
        }
    }
    entries
}

impl Vendor {
    /// Whether the folder is what the modules' requirements and replacements ask for.
    pub fn check(&self, main: &[GoMod], replaces: &[Replace], is_workspace: bool) -> Result<(), LoadError> {
        let mut text = String::new();
        let mut say = |path: &str, version: Option<&str>, what: &str| {
            let version = version.map_or(String::new(), |v| format!("@{v}"));
            let _ = write!(text, "\n\t{path}{version}: {what}");
        };
        let entry = |path: &str, version: Option<&str>| {
            self.entries.iter().find(|e| e.path == path && e.version.as_deref() == version)
        };
        for (path, version) in main.iter().filter(|m| m.go >= (1, 14)).flat_map(|m| &m.requires) {
            if !entry(path, Some(version)).is_some_and(|e| e.is_explicit) {
                let what =
                    "is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt";
                say(path, Some(version), what);
            }
        }
        let describe =
            |path: &str, version: Option<&str>| version.map_or(path.to_string(), |v| format!("{path}@{v}"));
        let source = if is_workspace { "the workspace" } else { "go.mod" };
        for r in replaces {
            let version = r.old_version.as_deref();
            let new = (r.shown.as_str(), r.new_version.as_deref());
            match entry(&r.old, version).and_then(|e| e.replaced_by.as_ref()) {
                None => {
                    let what =
                        format!("is replaced in {source}, but not marked as replaced in vendor/modules.txt");
                    say(&r.old, version, &what);
                }
                Some((path, v)) if (path.as_str(), v.as_deref()) != new => {
                    let (new, was) = (describe(new.0, new.1), describe(path, v.as_deref()));
                    let what = format!(
                        "is replaced by {new} in {source}, but marked as replaced by {was} in vendor/modules.txt"
                    );
                    say(&r.old, version, &what);
                }
                Some(_) => {}
            }
        }
        for e in self.entries.iter().filter(|e| e.is_explicit && e.has_packages) {
            let is_it = |r: &&(String, String)| r.0 == e.path && Some(r.1.as_str()) == e.version.as_deref();
            if main.iter().flat_map(|m| &m.requires).find(is_it).is_none() {
                let article = if is_workspace { "a " } else { "" };
                let what = format!(
                    "is marked as explicit in vendor/modules.txt, but not explicitly required in {article}go.mod"
                );
                say(&e.path, e.version.as_deref(), &what);
            }
        }
        for e in self.entries.iter().filter(|e| e.replaced_by.is_some()) {
            let fits =
                |r: &Replace| r.old == e.path && (r.old_version.is_none() || r.old_version == e.version);
            if !replaces.iter().any(fits) {
                let what =
                    format!("is marked as replaced in vendor/modules.txt, but not replaced in {source}");
                say(&e.path, e.version.as_deref(), &what);
            }
        }
        if text.is_empty() {
            return Ok(());
        }
        let root = self.dir.parent().unwrap_or(&self.dir).display();
        let command = if is_workspace { "work" } else { "mod" };
        Err(LoadError::Said(vec![format!(
            "go: inconsistent vendoring in {root}:{text}\n\n\tTo ignore the vendor directory, use -mod=readonly or -mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo {command} vendor"
        )]))
    }
}
