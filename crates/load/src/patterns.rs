//! The packages that an argument stands for (`cmd/go/internal/modload/load.go`, `search.go`).

use crate::LoadError;
use crate::gomod::GoMod;
use crate::graph::Loader;
use crate::modules::Found;
use crate::package::Package;
use crate::paths::{normalize, shorten};
use std::path::{Path, PathBuf};

/// The directories an argument stands for, with their import paths.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    pub packages: Vec<(PathBuf, String)>,
    /// Was found, not named.
    pub is_pattern: bool,
}

/// What begins with a folder, as on the command line.
fn is_local(pattern: &str) -> bool {
    matches!(pattern, "." | "..") || pattern.starts_with("./") || pattern.starts_with("../")
}

impl Loader<'_> {
    pub(crate) fn expand(&self, arg: &str) -> Result<Expanded, LoadError> {
        if let "std" | "cmd" = arg {
            return Ok(Expanded { packages: self.std_packages(arg)?, is_pattern: true });
        }
        let arg = arg.strip_suffix('/').filter(|a| !a.is_empty()).unwrap_or(arg);
        if !arg.contains("...") {
            return Ok(Expanded { packages: vec![self.literal(arg)?], is_pattern: false });
        }
        let packages =
            if is_local(arg) || arg.starts_with('/') { self.below(arg)? } else { self.named(arg)? };
        Ok(Expanded { packages, is_pattern: true })
    }

    /// A folder, or an import path.
    fn literal(&self, arg: &str) -> Result<(PathBuf, String), LoadError> {
        if is_local(arg) || arg.starts_with('/') {
            let dir = normalize(&self.env.cwd.join(arg));
            let in_goroot = self.goroot().is_ok_and(|g| dir.starts_with(g));
            if self.modules.main.is_empty() && self.modules.work.is_none() && !in_goroot {
                return Err(LoadError::NoModule);
            }
            if !self.env.fsys.is_dir(&dir) {
                return Err(LoadError::NoSuchDirectory(dir.display().to_string()));
            }
            if !self.has_go_files(&dir, true)? {
                return Err(LoadError::NoGoFiles(dir.display().to_string()));
            }
            let path = self.import_path_of(&dir)?;
            return Ok((dir, path));
        }
        let wrong = |text| LoadError::Import { pos: String::new(), text };
        if let Some(text) = crate::headerr::of_package_path(arg) {
            return Err(wrong(text));
        }
        match self.modules.dir(arg, None) {
            Found::Dir(dir) => Ok((dir, arg.into())),
            Found::Wrong(text) => Err(wrong(text)),
            Found::Nowhere => match self.std_dir(arg)? {
                Some(dir) => Ok((dir, arg.into())),
                None => Err(wrong(self.not_found_text(arg))),
            },
        }
    }

    /// Folders that match a pattern like `./x/...`.
    fn below(&self, arg: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let wild = arg.find("...").unwrap_or(arg.len());
        let base = arg[..wild].rfind('/').map_or(".", |slash| &arg[..slash.max(1)]);
        let root = normalize(&self.env.cwd.join(base));
        if !self.env.fsys.is_dir(&self.env.cwd.join(base)) {
            return Ok(Vec::new());
        }
        let in_goroot = self.goroot().is_ok_and(|g| root.starts_with(g.join("src")));
        if self.modules.main.is_empty() && !in_goroot {
            return Err(LoadError::NoModule);
        }
        if self.modules.main_around(&root).is_none() && !in_goroot {
            let scope = match self.modules.work {
                Some(_) => "modules listed in go.work or their selected dependencies",
                None => "main module or its selected dependencies",
            };
            let short = shorten(&root.display().to_string(), &self.env.cwd);
            let short = if root == self.env.cwd { "." } else { short.trim_start_matches("./") };
            let text = format!("pattern {arg}: directory prefix {short} does not contain {scope}");
            return Err(LoadError::Said(vec![text]));
        }
        let pattern = normalize(&self.env.cwd.join(arg)).display().to_string();
        let path_of = |dir: &Path| self.import_path_of(dir);
        self.walk(&root, true, &path_of, &|dir, _| match_pattern(&pattern, &dir.display().to_string()))
    }

    /// Import paths that match a pattern like `example.com/...`, in the main modules and what they require.
    fn named(&self, arg: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let mut found = Vec::new();
        let is_wanted = |_: &Path, path: &str| match_pattern(arg, path);
        for m in &self.modules.main {
            found.extend(self.walk(&m.root, true, &|dir| self.import_path_of(dir), &is_wanted)?);
        }
        let prefix = arg.split("...").next().unwrap_or_default();
        for (root, module) in self.modules.required_roots() {
            if !prefix.starts_with(module) && !module.starts_with(prefix.trim_end_matches('/')) {
                continue;
            }
            let path_of = |dir: &Path| {
                let below = dir.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default();
                let slash = if module.is_empty() || below.is_empty() { "" } else { "/" };
                Ok(format!("{module}{slash}{below}"))
            };
            found.extend(self.walk(root, !module.is_empty(), &path_of, &is_wanted)?);
        }
        if !arg.split('/').next().is_some_and(|first| first.contains('.') && !first.starts_with("...")) {
            found.extend(self.std_packages("std")?.into_iter().filter(|(_, path)| match_pattern(arg, path)));
        }
        Ok(found)
    }

    /// The packages below a folder that are wanted; without those of other modules that stand there, if so asked.
    fn walk(
        &self,
        root: &Path,
        without_modules: bool,
        path_of: &dyn Fn(&Path) -> Result<String, LoadError>,
        is_wanted: &dyn Fn(&Path, &str) -> bool,
    ) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let fsys = &self.env.fsys;
        let mut found = Vec::new();
        let mut dirs = vec![root.to_path_buf()];
        while let Some(dir) = dirs.pop() {
            let mut below = fsys.list(&dir)?;
            below.retain(|p| fsys.is_dir(p) && !fsys.is_symlink(p) && may_hold_packages(p));
            let is_module = |p: &Path| without_modules && fsys.is_file(&p.join("go.mod"));
            below.retain(|p| !is_module(p) && !self.is_ignored(p));
            dirs.extend(below.into_iter().rev());
            // What has no file for this system is passed over.
            if self.has_go_files(&dir, true)? && self.has_sources(&dir)? {
                let path = path_of(&dir)?;
                if is_wanted(&dir, &path) {
                    found.push((dir, path));
                }
            }
        }
        Ok(found)
    }

    /// Whether go.mod says that patterns leave a folder out.
    fn is_ignored(&self, dir: &Path) -> bool {
        let Some(module) = self.modules.main_around(dir) else { return false };
        let Some(below) = dir.strip_prefix(&module.root).ok().and_then(Path::to_str) else { return false };
        module.ignores.iter().any(|ignored| match ignored.strip_prefix("./") {
            Some(path) => below == path.trim_end_matches('/'),
            None => {
                let path = ignored.trim_matches('/');
                below == path || below.ends_with(&format!("/{path}"))
            }
        })
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
        let inside = |m: &GoMod| Some(dir.strip_prefix(&m.root).ok()?.to_str()?.to_string());
        let short = shorten(&dir.display().to_string(), &self.env.cwd);
        let shown = if *dir == self.env.cwd {
            "current directory".into()
        } else {
            format!("directory {}", short.trim_start_matches("./"))
        };
        let own = crate::gomod::find_up(&self.env.fsys, dir, "go.mod")?.map(|(root, _)| root);
        match self.modules.main_around(dir).and_then(|m| Some((m, inside(m)?))) {
            // Of another module that stands in its folder.
            Some((m, inside)) if own.as_ref().is_some_and(|root| *root != m.root) => {
                let text =
                    format!("main module ({}) does not contain package {}/{inside}", m.module, m.module);
                Err(LoadError::Said(vec![text]))
            }
            Some((m, inside)) if inside.is_empty() => Ok(m.module.clone()),
            Some((m, inside)) => Ok(format!("{}/{inside}", m.module)),
            None => Err(match (&self.modules.work, own) {
                (Some(_), Some(root)) => {
                    let root = shorten(&root.display().to_string(), &self.env.cwd);
                    let root = if root == "./" { "." } else { root.trim_start_matches("./") };
                    LoadError::Said(vec![format!(
                        "{shown} is contained in a module that is not one of the workspace modules listed in go.work. You can add the module to the workspace using:\n\tgo work use {root}"
                    )])
                }
                (Some(_), None) => {
                    let text = "outside modules listed in go.work or their selected dependencies";
                    LoadError::Said(vec![format!("{shown} {text}")])
                }
                (None, _) => {
                    LoadError::Said(vec![format!("{shown} outside main module or its selected dependencies")])
                }
            }),
        }
    }

    /// All packages of the standard library, or of the commands.
    fn std_packages(&self, which: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let src = self.goroot()?.join("src");
        let mut found = Vec::new();
        let mut dirs = vec![if which == "cmd" { src.join("cmd") } else { src.clone() }];
        while let Some(dir) = dirs.pop() {
            let below = self.env.fsys.list(&dir)?.into_iter().filter(|p| self.env.fsys.is_dir(p));
            let skipped = |p: &PathBuf| which == "std" && *p == src.join("cmd");
            let below = below.filter(|p| (may_hold_packages(p) || p.ends_with("vendor")) && !skipped(p));
            dirs.extend(below.collect::<Vec<_>>().into_iter().rev());
            let path = dir.strip_prefix(&src).ok().and_then(Path::to_str).unwrap_or("").to_string();
            // What has no file for this system is left out silently; `builtin` is only documentation.
            if self.has_go_files(&dir, false)?
                && !["", "builtin", "unsafe"].contains(&&*path)
                && self.has_package(&dir)?
            {
                found.push((dir, path));
            }
        }
        Ok(found)
    }

    fn has_go_files(&self, dir: &Path, or_tests: bool) -> Result<bool, LoadError> {
        let is_go = |p: &&PathBuf| {
            p.extension().is_some_and(|e| e == "go")
                && (or_tests || !p.to_string_lossy().ends_with("_test.go"))
                && !p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with(['.', '_']))
        };
        let fsys = &self.env.fsys;
        let entries = fsys.list(dir)?;
        let mut missing = None;
        for path in entries.iter().filter(is_go) {
            match fsys.missing(path) {
                None => return Ok(true),
                Some(text) => missing = missing.or(Some(text)),
            }
        }
        missing.map_or(Ok(false), |text| Err(LoadError::Said(vec![text])))
    }
}

/// Whether a pattern of flags, as of `-ldflags`, is for a package.
pub fn is_match(pattern: &str, package: &Package, cwd: &Path) -> bool {
    match pattern {
        "all" => true,
        "std" => package.is_std,
        "cmd" => package.is_std && package.import_path.starts_with("cmd/"),
        _ if is_local(pattern) => {
            let pattern = normalize(&cwd.join(pattern)).display().to_string();
            match_pattern(&pattern, &package.dir.display().to_string())
        }
        _ => match_pattern(pattern, &package.import_path),
    }
}

/// `...` stands for any text, and `/...` at the end for none, too.
fn match_pattern(pattern: &str, name: &str) -> bool {
    if pattern.strip_suffix("/...").is_some_and(|base| match_pattern(base, name)) {
        return true;
    }
    match pattern.split_once("...") {
        None => pattern == name,
        Some((begin, rest)) => name.strip_prefix(begin).is_some_and(|tail| {
            (0..=tail.len()).filter(|&i| tail.is_char_boundary(i)).any(|i| match_pattern(rest, &tail[i..]))
        }),
    }
}

fn may_hold_packages(dir: &Path) -> bool {
    let name = dir.file_name().and_then(|n| n.to_str()).unwrap_or("");
    !name.starts_with(['.', '_']) && name != "testdata" && name != "vendor"
}

#[cfg(test)]
mod tests {
    use super::match_pattern;

    #[test]
    fn dots_stand_for_any_text() {
        assert!(
            match_pattern("a/...", "a") && match_pattern("a/...", "a/b/c") && match_pattern("...x", "a/x")
        );
        assert!(!match_pattern("a/...", "ab") && !match_pattern("a", "a/b"));
    }
}
