//! What programs show for the folders of this machine (`-trimpath`; `gc.go` in package `work` of cmd/go).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Names by folder; empty where files are shown as they are.
#[derive(Debug, Default)]
pub struct Folders(HashMap<PathBuf, String>);

impl Folders {
    pub fn insert(&mut self, dir: &Path, shown: impl FnOnce() -> String) {
        if !self.0.contains_key(dir) {
            self.0.insert(dir.into(), shown());
        }
    }

    /// The name that a program shows for a file, if it is another.
    pub fn trim(&self, name: &str) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let path = Path::new(name);
        let (dir, shown) = path.ancestors().skip(1).find_map(|dir| Some((dir, self.0.get(dir)?)))?;
        Some(format!("{shown}/{}", path.strip_prefix(dir).ok()?.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_folder_counts() {
        let mut folders = Folders::default();
        assert_eq!(folders.trim("/w/x.go"), None);
        folders.insert(Path::new("/w"), || "m".into());
        folders.insert(Path::new("/w/a"), || "m/a".into());
        folders.insert(Path::new("/w/a"), || "again".into());
        let trim = |name| folders.trim(name);
        assert_eq!(trim("/w/x.go").as_deref(), Some("m/x.go"));
        assert_eq!(trim("/w/a/b/x.go").as_deref(), Some("m/a/b/x.go"));
        assert_eq!((trim("/v/x.go"), trim("x.go")), (None, None));
    }
}
