//! Which module provides a package: those being worked on, the vendor folder, or the module cache, which is
//! only read (`cmd/go/internal/modload/import.go`).

use crate::LoadError;
use crate::gomod::{GoMod, GoWork, Replace, find_go_mod, find_go_work, parse_version};
use crate::package::Env;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub struct Modules {
    /// The module around the current directory, and others of the workspace.
    pub main: Vec<GoMod>,
    replaces: Vec<Replace>,
    cache: Option<PathBuf>,
    vendor: Option<PathBuf>,
    /// Modules that are required: longest paths first.
    list: Vec<Required>,
}

#[derive(Clone, Debug)]
struct Required {
    path: String,
    version: String,
    /// Where its files are, if they are anywhere.
    root: PathBuf,
    go: (u32, u32),
}

/// Where a package is.
pub enum Found {
    Dir(PathBuf),
    /// A module that is required, but not on this machine.
    NotDownloaded {
        module: String,
        version: String,
    },
    Nowhere,
}

impl Modules {
    pub fn find(env: &Env) -> Result<Modules, LoadError> {
        let mut modules = Modules { cache: env.places.modules.clone(), ..Modules::default() };
        modules.main.extend(find_go_mod(&env.cwd)?);
        if !env.places.no_workspace
            && let Some(GoWork { modules: used, replaces }) = find_go_work(&env.cwd)?
        {
            modules.replaces.extend(replaces);
            modules.main.extend(
                used.into_iter()
                    .filter(|m| modules.main.iter().all(|n| n.root != m.root))
                    .collect::<Vec<_>>(),
            );
        }
        let Some(first) = modules.main.first() else { return Ok(modules) };
        let vendor = first.root.join("vendor");
        if modules.main.len() == 1 && first.go >= (1, 14) && vendor.join("modules.txt").is_file() {
            modules.list = vendored(&vendor)?;
            modules.vendor = Some(vendor);
            return Ok(modules);
        }
        for m in &modules.main {
            modules.replaces.extend(m.replaces.iter().cloned());
        }
        modules.list = modules.selected()?;
        Ok(modules)
    }

    /// The module around the current directory.
    pub fn here(&self) -> Option<&GoMod> {
        self.main.first()
    }

    /// The folder that an import path stands for.
    pub fn dir(&self, path: &str) -> Found {
        if let Some(dir) =
            self.main.iter().filter_map(|m| inside(&m.module, &m.root, path)).find(|d| d.is_dir())
        {
            return Found::Dir(dir);
        }
        if let Some(vendor) = &self.vendor {
            let dir = vendor.join(path);
            return if dir.is_dir() { Found::Dir(dir) } else { Found::Nowhere };
        }
        let mut missing = Found::Nowhere;
        for m in &self.list {
            let Some(dir) = inside(&m.path, &m.root, path) else { continue };
            if dir.is_dir() {
                return Found::Dir(dir);
            }
            if !m.root.is_dir() && matches!(missing, Found::Nowhere) {
                missing = Found::NotDownloaded { module: m.path.clone(), version: m.version.clone() };
            }
        }
        missing
    }

    /// The language version of what stands in a folder.
    pub fn go_version(&self, dir: &Path) -> (u32, u32) {
        if let Some(vendor) = &self.vendor
            && let Ok(inside_vendor) = dir.strip_prefix(vendor)
        {
            let path = inside_vendor.to_string_lossy();
            let owner = self.list.iter().find(|m| inside(&m.path, vendor, &path).is_some());
            return owner.map_or((1, 16), |m| m.go);
        }
        let main =
            self.main.iter().filter(|m| dir.starts_with(&m.root)).max_by_key(|m| m.root.as_os_str().len());
        let required = self.list.iter().find(|m| dir.starts_with(&m.root));
        main.map(|m| m.go).or(required.map(|m| m.go)).unwrap_or(crate::LANGUAGE_VERSION)
    }

    /// The newest version that anything needs of each module (minimal version selection).
    fn selected(&self) -> Result<Vec<Required>, LoadError> {
        let mut chosen: FxHashMap<String, Required> = FxHashMap::default();
        let mut work: Vec<(String, String)> = self.main.iter().flat_map(|m| m.requires.clone()).collect();
        // Since 1.17 go.mod lists all that is needed.
        let is_complete = self.main.iter().all(|m| m.go >= (1, 17));
        while let Some((path, version)) = work.pop() {
            if self
                .main
                .iter()
                .any(|m| m.module == path || m.excludes.contains(&(path.clone(), version.clone())))
            {
                continue;
            }
            if chosen.get(&path).is_some_and(|r| compare(&r.version, &version) != Ordering::Less) {
                continue;
            }
            let (root, go_mod) = self.place(&path, &version);
            let text = std::fs::read_to_string(&go_mod).ok();
            let parsed = text.and_then(|text| GoMod::parse(&root, &text).ok());
            let go = parsed.as_ref().map_or((1, 16), |m| m.go);
            if !is_complete {
                work.extend(parsed.into_iter().flat_map(|m| m.requires));
            }
            chosen.insert(path.clone(), Required { path, version, root, go });
        }
        let mut list: Vec<Required> = chosen.into_values().collect();
        list.sort_by(|a, b| (b.path.len(), &a.path).cmp(&(a.path.len(), &b.path)));
        Ok(list)
    }

    /// The folder of a module's files, and its go.mod.
    fn place(&self, path: &str, version: &str) -> (PathBuf, PathBuf) {
        let fits = |r: &&Replace| r.old == path && r.old_version.as_deref().is_none_or(|v| v == version);
        // One for the version goes before one for all.
        let replace = self.replaces.iter().filter(fits).max_by_key(|r| r.old_version.is_some());
        let (path, version) = match replace {
            Some(Replace { new, new_version: None, .. }) => {
                let root = PathBuf::from(new);
                return (root.clone(), root.join("go.mod"));
            }
            Some(Replace { new, new_version: Some(version), .. }) => (new.as_str(), version.as_str()),
            None => (path, version),
        };
        let cache = self.cache.clone().unwrap_or_default();
        let root = cache.join(format!("{}@{}", escape(path), escape(version)));
        let downloaded = cache.join("cache/download").join(escape(path)).join("@v");
        (root, downloaded.join(format!("{}.mod", escape(version))))
    }
}

/// The folder of a package of the module `module` at `root`.
fn inside(module: &str, root: &Path, path: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix(module)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(root.join(rest)),
        None => rest.is_empty().then(|| root.into()),
    }
}

/// Upper case letters are written `!x` in the cache, for file systems that do not tell them apart.
fn escape(path: &str) -> String {
    let mut out = String::new();
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The modules in a vendor folder, by its modules.txt.
fn vendored(vendor: &Path) -> Result<Vec<Required>, LoadError> {
    let file = vendor.join("modules.txt");
    let text = std::fs::read_to_string(&file).map_err(|e| LoadError::Io(file, e))?;
    let mut list: Vec<Required> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["#", path, version, ..] => {
                let root = vendor.join(path);
                list.push(Required { path: (*path).into(), version: (*version).into(), root, go: (1, 16) });
            }
            ["##", notes @ ..] => {
                let go = notes.windows(2).find(|w| w[0] == "go").and_then(|w| parse_version(w[1]));
                if let (Some(last), Some(go)) = (list.last_mut(), go) {
                    last.go = go;
                }
            }
            _ => {}
        }
    }
    list.sort_by(|a, b| (b.path.len(), &a.path).cmp(&(a.path.len(), &b.path)));
    Ok(list)
}

/// Semantic versions: numbers, then what has a pre-release is older, those by their parts.
fn compare(a: &str, b: &str) -> Ordering {
    let parts = |v: &str| {
        let v = v.trim_start_matches('v').split('+').next().unwrap_or("").to_string();
        let (core, pre) = v.split_once('-').map_or((v.clone(), String::new()), |(c, p)| (c.into(), p.into()));
        let numbers: Vec<u64> = core.split('.').map(|n| n.parse().unwrap_or(0)).collect();
        (numbers, pre)
    };
    let ((a, a_pre), (b, b_pre)) = (parts(a), parts(b));
    a.cmp(&b).then_with(|| match (a_pre.is_empty(), b_pre.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare_pre(&a_pre, &b_pre),
    })
}

/// Numbers are less than words, and compared as such.
fn compare_pre(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered() {
        let sorted = [
            "v0.0.0-2020-a",
            "v0.9.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.b",
            "v1.0.0",
            "v1.2.0",
            "v1.10.0",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(compare("v2.0.0+incompatible", "v2.0.0"), Ordering::Equal);
    }

    #[test]
    fn the_cache_escapes_upper_case() {
        assert_eq!(escape("github.com/BurntSushi/toml"), "github.com/!burnt!sushi/toml");
    }
}
