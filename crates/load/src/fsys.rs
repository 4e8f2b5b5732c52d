//! The file system as `-overlay` has it: files that are replaced, added or deleted, though not on disk
//! (`cmd/go/internal/fsys`).

use crate::LoadError;
use crate::error::os_text;
use crate::paths::normalize;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::FileType;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, Default)]
pub struct Fsys {
    cwd: PathBuf,
    /// What stands for a file, `None` where it is deleted; sorted: a folder before what is in it.
    replaced: Vec<(PathBuf, Option<PathBuf>)>,
}

/// Where something really is.
enum Place<'a> {
    /// As it is on disk.
    Own,
    /// The file that replaces it.
    File(&'a Path),
    /// Something in it is replaced.
    Dir,
    Deleted,
}

/// What stands in a directory.
pub(crate) struct Entry {
    pub path: PathBuf,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Dir,
    /// A link, or what the directory does not tell: one must ask.
    Unknown,
    /// A file, or something else that is no directory.
    Other,
}

impl Kind {
    fn of(kind: FileType) -> Kind {
        match kind {
            k if k.is_symlink() => Kind::Unknown,
            k if k.is_dir() => Kind::Dir,
            _ => Kind::Other,
        }
    }
}

impl Entry {
    pub fn name(&self) -> Option<&str> {
        self.path.file_name().and_then(|n| n.to_str())
    }

    /// Links are followed.
    pub fn is_dir(&self) -> bool {
        match self.kind {
            Kind::Unknown => self.path.is_dir(),
            kind => kind == Kind::Dir,
        }
    }
}

fn deleted() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "file does not exist")
}

impl Fsys {
    /// `file` is what `-overlay` names.
    pub fn read_overlay(cwd: &Path, file: &str) -> Result<Fsys, String> {
        let text = std::fs::read(cwd.join(file))
            .map_err(|e| format!("reading overlay: open {file}: {}", os_text(&e)))?;
        let absolute = |path: &str| normalize(&cwd.join(path));
        let mut pairs = replacements(&text).map_err(|e| format!("parsing overlay JSON: {e}"))?;
        pairs.sort();
        let mut replaced: Vec<(PathBuf, Option<PathBuf>)> = Vec::new();
        let mut seen: Vec<(PathBuf, String)> = Vec::new();
        for (from, to) in pairs {
            if from.is_empty() {
                return Err("empty string key in overlay map".into());
            }
            let path = absolute(&from);
            if let Some((_, old)) = seen.iter().find(|(p, _)| *p == path) {
                return Err(format!("duplicate paths {old} and {from} in overlay map"));
            }
            seen.push((path.clone(), from));
            replaced.push((path, Some(to).filter(|to| !to.is_empty()).map(|to| absolute(&to))));
        }
        // Elements are compared one by one: a folder stands right before what is in it.
        replaced.sort();
        for (i, (file, to)) in replaced.iter().enumerate() {
            let mut inside = replaced[i + 1..].iter().take_while(|(p, _)| p.starts_with(file));
            if to.is_some()
                && let Some((inner, _)) = inside.find(|(_, to)| to.is_some())
            {
                let (file, inner) = (file.display(), inner.display());
                return Err(format!("inconsistent files {file} and {inner} in overlay map"));
            }
        }
        Ok(Fsys { cwd: cwd.into(), replaced })
    }

    pub fn has_overlay(&self) -> bool {
        !self.replaced.is_empty()
    }

    /// What of a folder, or of those that it is in, is replaced.
    pub fn replaced_in(&self, dir: &Path) -> Option<&Path> {
        let touches = |p: &&PathBuf| p.starts_with(dir) || dir.starts_with(p);
        self.replaced.iter().map(|(p, _)| p).find(touches).map(PathBuf::as_path)
    }

    fn place(&self, path: &Path) -> Place<'_> {
        if self.replaced.is_empty() {
            return Place::Own;
        }
        let path = normalize(&self.cwd.join(path));
        match self.replaced.binary_search_by(|(p, _)| p.as_path().cmp(&path)) {
            Ok(i) => self.replaced[i].1.as_deref().map_or(Place::Deleted, Place::File),
            Err(i) if self.replaced.get(i).is_some_and(|(p, _)| p.starts_with(&path)) => Place::Dir,
            // Where a folder was, there is a file, or nothing.
            Err(i) if i > 0 && path.starts_with(&self.replaced[i - 1].0) => Place::Deleted,
            Err(_) => Place::Own,
        }
    }

    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.place(path) {
            Place::Own => std::fs::read(path),
            Place::File(actual) => std::fs::read(actual),
            Place::Dir => Err(ErrorKind::IsADirectory.into()),
            Place::Deleted => Err(deleted()),
        }
    }

    pub fn read_to_string(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.read(path)?).map_err(|_| ErrorKind::InvalidData.into())
    }

    pub fn is_file(&self, path: &Path) -> bool {
        match self.place(path) {
            Place::Own => path.is_file(),
            Place::File(actual) => actual.is_file(),
            Place::Dir | Place::Deleted => false,
        }
    }

    pub fn is_dir(&self, path: &Path) -> bool {
        match self.place(path) {
            Place::Own => path.is_dir(),
            Place::Dir => true,
            Place::File(_) | Place::Deleted => false,
        }
    }

    /// A link in the overlay is what it leads to.
    pub fn is_symlink(&self, path: &Path) -> bool {
        matches!(self.place(path), Place::Own) && path.is_symlink()
    }

    /// Why a file that should be there is not.
    pub fn missing(&self, path: &Path) -> Option<String> {
        let Place::File(actual) = self.place(path) else { return None };
        let error = actual.metadata().err()?;
        Some(format!("stat {}: {}", actual.display(), os_text(&error)))
    }

    /// The name of the file to open; the error of opening names that.
    pub fn actual<'p>(&'p self, path: &'p Path) -> &'p Path {
        match self.place(path) {
            Place::File(actual) => actual,
            _ => path,
        }
    }

    /// The paths of a directory's entries, sorted by name.
    pub(crate) fn list(&self, dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
        Ok(self.entries(dir)?.into_iter().map(|e| e.path).collect())
    }

    /// The entries of a directory, sorted by name.
    pub(crate) fn entries(&self, dir: &Path) -> Result<Vec<Entry>, LoadError> {
        let place = self.place(dir);
        let on_disk = match place {
            Place::Own | Place::Dir => on_disk(dir),
            Place::File(_) => Err(ErrorKind::NotADirectory.into()),
            Place::Deleted => Err(deleted()),
        };
        let mut entries = match (on_disk, &place) {
            (Err(e), Place::Dir) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                Vec::new()
            }
            (entries, _) => entries.map_err(|e| LoadError::Io(dir.into(), e))?,
        };
        if let Place::Dir = place {
            self.replace_entries(dir, &mut entries)?;
        }
        entries.sort_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
        Ok(entries)
    }

    fn replace_entries(&self, dir: &Path, entries: &mut Vec<Entry>) -> Result<(), LoadError> {
        let absolute = normalize(&self.cwd.join(dir));
        for (path, to) in &self.replaced {
            let Ok(below) = path.strip_prefix(&absolute) else { continue };
            let mut elements = below.components();
            let Some(name) = elements.next() else { continue };
            let is_inner = elements.next().is_some();
            // What is deleted in a folder does not make that be there.
            if is_inner && to.is_none() {
                continue;
            }
            let path = dir.join(name);
            entries.retain(|e| e.path != path);
            match to {
                Some(_) if is_inner => entries.push(Entry { path, kind: Kind::Dir }),
                Some(to) if to.is_dir() => {
                    let name = name.as_os_str().display();
                    let text = format!("read {}: overlay maps child {name} to directory", dir.display());
                    return Err(LoadError::Said(vec![text]));
                }
                Some(_) => entries.push(Entry { path, kind: Kind::Other }),
                None => {}
            }
        }
        Ok(())
    }
}

fn on_disk(dir: &Path) -> io::Result<Vec<Entry>> {
    let entry = |e: std::fs::DirEntry| {
        let kind = e.file_type().map_or(Kind::Unknown, Kind::of);
        Entry { path: e.path(), kind }
    };
    std::fs::read_dir(dir)?.map(|e| e.map(entry)).collect()
}

#[derive(Deserialize)]
struct OverlayJson {
    #[serde(rename = "Replace", alias = "replace")]
    replace: Option<BTreeMap<String, Option<String>>>,
}

/// The pairs under `Replace`.
fn replacements(text: &[u8]) -> Result<Vec<(String, String)>, String> {
    let read: Option<OverlayJson> = serde_json::from_slice(text).map_err(|e| e.to_string())?;
    let pairs = read.and_then(|r| r.replace).unwrap_or_default();
    Ok(pairs.into_iter().map(|(from, to)| (from, to.unwrap_or_default())).collect())
}
