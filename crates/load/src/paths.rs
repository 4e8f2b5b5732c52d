//! Directories and how paths are shown.

use std::path::{Path, PathBuf};

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
