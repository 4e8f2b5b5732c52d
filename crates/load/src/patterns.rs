//! The packages that an argument stands for.

use crate::LoadError;
use crate::gomod::GoMod;
use crate::graph::Loader;
use crate::modules::Found;
use crate::paths::{list, normalize};
use std::path::{Path, PathBuf};

impl Loader<'_> {
    /// The directories an argument stands for, with their import paths.
    pub(crate) fn expand(&self, arg: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let is_local = |p: &str| p == "." || p == ".." || p.starts_with("./") || p.starts_with("../");
        let (base, recursive) = match arg.strip_suffix("/...") {
            Some(base) => (base, true),
            None => (arg, false),
        };
        if arg == "std" || arg == "cmd" {
            return self.std_packages(arg);
        }
        let dir = if is_local(base) || base.starts_with('/') {
            let dir = normalize(&self.env.cwd.join(base));
            if !dir.is_dir() {
                return Err(LoadError::NoSuchDirectory(dir.display().to_string()));
            }
            dir
        } else if let Found::Dir(dir) = self.modules.dir(base) {
            if !self.modules.main.iter().any(|m| dir.starts_with(&m.root)) && !recursive {
                return Ok(vec![(dir, base.into())]);
            }
            dir
        } else {
            self.std_dir(base)?
                .ok_or_else(|| LoadError::Import { pos: String::new(), text: self.not_found_text(base) })?
        };
        let mut found = Vec::new();
        let mut dirs = vec![dir];
        while let Some(dir) = dirs.pop() {
            if recursive {
                let mut below: Vec<PathBuf> = list(&dir)?.into_iter().filter(|p| p.is_dir()).collect();
                below.retain(|p| may_hold_packages(p) && !p.join("go.mod").exists());
                dirs.extend(below.into_iter().rev());
            }
            if !recursive || has_go_files(&dir)? {
                let path = self.import_path_of(&dir)?;
                found.push((dir, path));
            }
        }
        Ok(found)
    }

    /// The import path of a directory of the module, or of GOROOT.
    fn import_path_of(&self, dir: &Path) -> Result<String, LoadError> {
        let src = self.goroot().ok().map(|g| g.join("src"));
        if let Some(inside) = src.and_then(|src| Some(dir.strip_prefix(src).ok()?.to_str()?.to_string()))
            && !inside.is_empty()
        {
            return Ok(inside);
        }
        if self.modules.main.is_empty() {
            return Err(LoadError::NoModule);
        }
        let module = self.modules.main.iter().filter(|m| dir.starts_with(&m.root));
        let module = module.max_by_key(|m| m.root.as_os_str().len());
        let inside = |m: &GoMod| Some(dir.strip_prefix(&m.root).ok()?.to_str()?.to_string());
        match module.and_then(|m| Some((m, inside(m)?))) {
            None => Err(LoadError::OutsideModule(dir.display().to_string())),
            Some((m, inside)) if inside.is_empty() => Ok(m.module.clone()),
            Some((m, inside)) => Ok(format!("{}/{inside}", m.module)),
        }
    }

    /// All packages of the standard library, or of the commands.
    fn std_packages(&self, which: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let src = self.goroot()?.join("src");
        let mut found = Vec::new();
        let mut dirs = vec![if which == "cmd" { src.join("cmd") } else { src.clone() }];
        while let Some(dir) = dirs.pop() {
            let below = list(&dir)?.into_iter().filter(|p| p.is_dir());
            let skipped = |p: &PathBuf| which == "std" && *p == src.join("cmd");
            let below = below.filter(|p| (may_hold_packages(p) || p.ends_with("vendor")) && !skipped(p));
            dirs.extend(below.collect::<Vec<_>>().into_iter().rev());
            let path = dir.strip_prefix(&src).ok().and_then(Path::to_str).unwrap_or("").to_string();
            // What has no file for this system is left out silently; `builtin` is only documentation.
            if has_go_files(&dir)?
                && !["", "builtin", "unsafe"].contains(&&*path)
                && self.has_package(&dir)?
            {
                found.push((dir, path));
            }
        }
        Ok(found)
    }
}

fn may_hold_packages(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|n| n.to_str()).unwrap_or("");
    !name.starts_with(['.', '_']) && name != "testdata" && name != "vendor"
}

fn has_go_files(dir: &Path) -> Result<bool, LoadError> {
    let go =
        |p: &PathBuf| p.extension().is_some_and(|e| e == "go") && !p.to_string_lossy().ends_with("_test.go");
    Ok(list(dir)?.iter().any(go))
}
