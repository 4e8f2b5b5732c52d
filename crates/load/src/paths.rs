//! Directories and how paths are shown.

use crate::LoadError;
use std::fs::FileType;
use std::path::{Path, PathBuf};

/// What stands in a directory.
pub(crate) struct Entry {
    pub path: PathBuf,
    /// As the directory says; of a symbolic link one must ask.
    kind: Option<FileType>,
}

impl Entry {
    pub fn name(&self) -> Option<&str> {
        self.path.file_name().and_then(|n| n.to_str())
    }

    /// Links are followed.
    pub fn is_dir(&self) -> bool {
        match self.kind {
            Some(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => self.path.is_dir(),
        }
    }
}

/// The paths of a directory's entries, sorted by name.
pub(crate) fn list(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    Ok(entries(dir)?.into_iter().map(|e| e.path).collect())
}

/// The entries of a directory, sorted by name.
pub(crate) fn entries(dir: &Path) -> Result<Vec<Entry>, LoadError> {
    let io = |e| LoadError::Io(dir.into(), e);
    let entry = |e: std::fs::DirEntry| Entry { path: e.path(), kind: e.file_type().ok() };
    let mut entries = std::fs::read_dir(dir)
        .map_err(io)?
        .map(|e| e.map(entry))
        .collect::<Result<Vec<_>, _>>()
        .map_err(io)?;
    entries.sort_by(|a, b| a.path.as_os_str().cmp(b.path.as_os_str()));
    Ok(entries)
}

/// `a/./b/../c` as `a/c`, without asking the file system.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                out.pop();
            }
            p => out.push(p),
        }
    }
    out
}

/// A path as the go command shows it: relative to the current directory where that is shorter, and
/// then with `./` before a name in it.
pub fn shorten(path: &str, cwd: &Path) -> String {
    let Ok(inside) = Path::new(path).strip_prefix(cwd) else { return path.into() };
    let inside = inside.display().to_string();
    if inside.contains('/') { inside } else { format!("./{inside}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_paths_are_short() {
        let cwd = Path::new("/w");
        assert_eq!(shorten("/w/x.go", cwd), "./x.go");
        assert_eq!(shorten("/w/a/x.go", cwd), "a/x.go");
        assert_eq!(shorten("/v/x.go", cwd), "/v/x.go");
    }
}
