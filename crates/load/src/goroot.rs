//! Where Go's standard library is: `GOROOT`, the tree of a `go` on the path, or goxide's own folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the environment says of it.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The variable `GOROOT`.
    pub goroot: Option<PathBuf>,
    /// The variable `PATH`.
    pub path: Option<OsString>,
    /// Where `goxide toolchain install` unpacks: a folder for each version, as `go1.27.3`.
    pub data: Option<PathBuf>,
    /// The module cache.
    pub modules: Option<PathBuf>,
    /// The variable `GOWORK`: a file, or `off`.
    pub workspace: Option<PathBuf>,
}

/// Why there is none to use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoGoroot {
    /// None was found.
    Missing,
    /// `GOROOT` names a folder that is no GOROOT.
    NotOne(PathBuf),
    /// `GOROOT` names one of another version.
    Version { goroot: PathBuf, found: String },
}

impl Places {
    pub fn from_env() -> Places {
        Places::from_settings(|name| std::env::var_os(name).filter(|v| !v.is_empty()))
    }

    /// `get` gives settings of go's names, or of the environment.
    pub fn from_settings(get: impl Fn(&str) -> Option<OsString>) -> Places {
        let var = |name| get(name).map(PathBuf::from);
        let home = || var("HOME").map(|h| h.join(".local/share"));
        let data = var("XDG_DATA_HOME").filter(|d| d.is_absolute()).or_else(home);
        Places {
            modules: var("GOMODCACHE").or_else(|| gopath(&get).map(|g| g.join("pkg/mod"))),
            workspace: var("GOWORK"),
            goroot: var("GOROOT"),
            path: get("PATH"),
            data: var("GOXIDEDATA").or_else(|| data.map(|d| d.join("goxide"))),
        }
    }

    /// The file with a workspace that holds in the current directory, if there is one.
    pub fn work_file(&self) -> String {
        if let Some(named) = &self.workspace {
            return named.display().to_string();
        }
        let above = std::env::current_dir().unwrap_or_default();
        let found = above.ancestors().map(|d| d.join("go.work")).find(|f| f.is_file());
        found.map_or(String::new(), |f| f.display().to_string())
    }

    /// The GOROOT of the version `wanted`. A `GOROOT` that is set must be it; what is on the path is only
    /// taken if it is.
    pub fn find(&self, wanted: &str) -> Result<PathBuf, NoGoroot> {
        if let Some(goroot) = &self.goroot {
            return match version_of(goroot) {
                Some(found) if found == wanted => Ok(goroot.clone()),
                Some(found) => Err(NoGoroot::Version { goroot: goroot.clone(), found }),
                None => Err(NoGoroot::NotOne(goroot.clone())),
            };
        }
        let fits = |dir: &PathBuf| version_of(dir).is_some_and(|v| v == wanted);
        let on_path = || self.path.as_deref().and_then(on_path).filter(fits);
        let own = self.data.as_ref().map(|d| d.join(wanted)).filter(fits);
        own.or_else(on_path).ok_or(NoGoroot::Missing)
    }
}

/// The first folder of GOPATH; `go` in the user's home if it is not set.
pub fn gopath(get: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let first = |list: OsString| std::env::split_paths(&list).next();
    get("GOPATH").and_then(first).or_else(|| get("HOME").map(|h| PathBuf::from(h).join("go")))
}

/// The first line of its file VERSION.
pub fn version_of(goroot: &Path) -> Option<String> {
    let text = std::fs::read_to_string(goroot.join("VERSION")).ok()?;
    let first = text.lines().next().unwrap_or("").trim();
    (first.starts_with("go") && goroot.join("src").is_dir()).then(|| first.to_string())
}

/// The tree that the `go` on the path belongs to: the folder above `bin`, or what that go says if it is
/// some other program's script.
fn on_path(path: &std::ffi::OsStr) -> Option<PathBuf> {
    let go = std::env::split_paths(path).map(|d| d.join("go")).find(|f| f.is_file())?;
    let real = go.canonicalize().ok()?;
    let above = real.parent().and_then(Path::parent)?;
    if version_of(above).is_some() {
        return Some(above.into());
    }
    let out = std::process::Command::new(&go).args(["env", "GOROOT"]).env("GOTOOLCHAIN", "local").output();
    let text = String::from_utf8(out.ok()?.stdout).ok()?;
    let dir = text.trim();
    (!dir.is_empty()).then(|| dir.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goroot_that_is_set_must_fit() {
        let dir = std::env::temp_dir().join(format!("goxide-goroot-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("src")).unwrap();
        let places = Places { goroot: Some(dir.clone()), ..Places::default() };
        assert_eq!(places.find("go1.27.3"), Err(NoGoroot::NotOne(dir.clone())));
        std::fs::write(dir.join("VERSION"), "go1.26.1\ntime x\n").unwrap();
        let other = NoGoroot::Version { goroot: dir.clone(), found: "go1.26.1".into() };
        assert_eq!(places.find("go1.27.3"), Err(other));
        assert_eq!(places.find("go1.26.1"), Ok(dir.clone()));
        assert_eq!(Places::default().find("go1.27.3"), Err(NoGoroot::Missing));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
