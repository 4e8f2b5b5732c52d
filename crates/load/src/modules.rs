//! Which module provides a package: those being worked on, the vendor folder, or the module cache, which is
//! only read (`cmd/go/internal/modload/import.go`).

use crate::LoadError;
use crate::fsys::Fsys;
use crate::gomod::{GoMod, GoWork, Replace, compare_go, find_up, shown};
use crate::package::{Env, Module};
use crate::vendor::{self, Vendor};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `-mod`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ModFlag {
    #[default]
    Unset,
    Mod,
    Readonly,
    Vendor,
}

#[derive(Debug, Default)]
pub struct Modules {
    /// The module around the current directory, or those of the workspace.
    pub main: Vec<GoMod>,
    pub work: Option<GoWork>,
    replaces: Vec<Replace>,
    cache: Option<PathBuf>,
    vendor: Option<Vendor>,
    flag: ModFlag,
    cwd: PathBuf,
    fsys: Arc<Fsys>,
    /// Modules that are required: longest paths first.
    list: Vec<Required>,
    /// go.sum: the hash of each `module version`.
    sums: FxHashMap<String, String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Required {
    pub path: String,
    pub version: String,
    /// Where its files are, if they are anywhere.
    pub root: PathBuf,
    pub go: (u32, u32),
    pub replace: Option<Replace>,
}

/// Where a package is.
pub enum Found {
    Dir(PathBuf),
    /// There is a reason, in go's words, why it cannot be had.
    Wrong(String),
    Nowhere,
}

impl Modules {
    pub fn find(env: &Env) -> Result<Modules, LoadError> {
        let mut modules = Modules {
            cache: env.places.modules.clone(),
            flag: env.mod_flag,
            cwd: env.cwd.clone(),
            fsys: env.fsys.clone(),
            ..Modules::default()
        };
        modules.work = work_file(env)?;
        match &modules.work {
            Some(work) => modules.main = used(work, env)?,
            None => modules.main.extend(main_module(env)?),
        }
        if modules.main.is_empty() {
            return Ok(modules);
        }
        for m in &modules.main {
            modules.replaces.extend(m.replaces.iter().cloned());
        }
        if let Some(work) = &modules.work {
            // What the workspace replaces goes before what its modules do.
            modules
                .replaces
                .retain(|r| !work.replaces.iter().any(|w| w.old == r.old && w.old_version == r.old_version));
            modules.replaces.extend(work.replaces.iter().cloned());
        }
        if let Some(dir) = modules.vendor_folder() {
            let vendor = vendor::read(&env.fsys, &dir)?;
            vendor.check(&modules.main, &modules.replaces, modules.work.is_some())?;
            modules.list = vendor.modules.clone();
            modules.vendor = Some(vendor);
            return Ok(modules);
        }
        modules.read_sums();
        modules.list = modules.selected();
        Ok(modules)
    }

    /// The vendor folder, if packages are taken from there.
    fn vendor_folder(&self) -> Option<PathBuf> {
        let (root, is_new) = match &self.work {
            Some(work) => {
                (&work.root, work.go_text.as_deref().is_some_and(|v| compare_go(v, "1.22") != Ordering::Less))
            }
            None => (&self.main[0].root, self.main[0].go >= (1, 14)),
        };
        let dir = root.join("vendor");
        let is_default = self.flag == ModFlag::Unset && is_new && self.fsys.is_file(&dir.join("modules.txt"));
        (is_default || self.flag == ModFlag::Vendor).then_some(dir)
    }

    fn read_sums(&mut self) {
        let files = self.main.iter().map(|m| m.root.join("go.sum"));
        let files: Vec<PathBuf> = files.chain(self.work.iter().map(|w| w.root.join("go.work.sum"))).collect();
        for text in files.iter().filter_map(|f| self.fsys.read_to_string(f).ok()) {
            for line in text.lines() {
                if let [path, version, hash] = line.split_whitespace().collect::<Vec<_>>()[..] {
                    self.sums.insert(format!("{path} {version}"), hash.into());
                }
            }
        }
    }

    /// The module around the current directory.
    pub fn here(&self) -> Option<&GoMod> {
        self.main_around(&self.cwd)
    }

    /// The main module that a folder stands in.
    pub fn main_around(&self, dir: &Path) -> Option<&GoMod> {
        self.main.iter().filter(|m| dir.starts_with(&m.root)).max_by_key(|m| m.root.as_os_str().len())
    }

    /// Folders that hold the packages of what is required, each with the path of its module; of the vendor folder
    /// the path is empty.
    pub fn required_roots(&self) -> Vec<(&Path, &str)> {
        match &self.vendor {
            Some(vendor) => vec![(&vendor.dir, "")],
            None => {
                let at_hand = self.list.iter().filter(|m| m.root.is_dir());
                at_hand.map(|m| (m.root.as_path(), m.path.as_str())).collect()
            }
        }
    }

    /// The folder that an import path stands for; `importer` is the path of the package that imports it.
    pub fn dir(&self, path: &str, importer: Option<&str>) -> Found {
        let holds_go = |dir: &PathBuf| self.fsys.is_dir(dir) && self.has_go_files(dir);
        let in_main = || self.main.iter().filter_map(|m| inside(&m.module, &m.root, path));
        if let Some(dir) = in_main().find(holds_go) {
            return Found::Dir(dir);
        }
        let is_std = path.split('/').next().is_some_and(|first| !first.contains('.'));
        if let Some(vendor) = &self.vendor {
            let dir = vendor.dir.join(path);
            if self.fsys.is_dir(&dir) {
                return Found::Dir(dir);
            }
            return if is_std { Found::Nowhere } else { Found::Wrong(self.not_vendored(path)) };
        }
        let mut wrong = None;
        for m in &self.list {
            let Some(dir) = inside(&m.path, &m.root, path) else { continue };
            if let Some(text) = self.not_usable(m, path, importer) {
                wrong.get_or_insert(text);
            } else if self.fsys.is_dir(&dir) {
                return Found::Dir(dir);
            }
        }
        let wrong = wrong.or_else(|| self.replaced_only(path));
        wrong.map_or(Found::Nowhere, Found::Wrong)
    }

    fn has_go_files(&self, dir: &Path) -> bool {
        let is_go = |p: &PathBuf| p.extension().is_some_and(|e| e == "go");
        self.fsys.list(dir).is_ok_and(|entries| entries.iter().any(is_go))
    }

    /// Why nothing of a module that is required can be used.
    fn not_usable(&self, m: &Required, path: &str, importer: Option<&str>) -> Option<String> {
        if let Some(Replace { shown: dir, new_version: None, .. }) = &m.replace {
            if !self.fsys.is_dir(&m.root) {
                return Some(format!("{}@{}: replacement directory {dir} does not exist", m.path, m.version));
            }
            let file = m.root.join("go.mod");
            return (!self.fsys.is_file(&file)).then(|| {
                let short = shown(&m.root, "go.mod", &self.cwd);
                format!("module {dir}: reading {short}: open {}: no such file or directory", file.display())
            });
        }
        let (real, version) = m.source();
        if self.flag != ModFlag::Mod && !self.sums.contains_key(&format!("{real} {version}")) {
            let text = format!("missing go.sum entry for module providing package {path}");
            return Some(match importer {
                Some(importer) => format!("{text} (imported by {importer}); to add:\n\tgo get {importer}"),
                None => format!("{text}; to add:\n\tgo mod download {}", m.path),
            });
        }
        (!self.fsys.is_dir(&m.root)).then(|| {
            format!(
                "module {}@{} provides package {path}, but is not in the module cache; to bring it:\n\tgo mod download {}",
                m.path, m.version, m.path
            )
        })
    }

    /// A module that is replaced, but not required.
    fn replaced_only(&self, path: &str) -> Option<String> {
        let has = |r: &&Replace| {
            r.new_version.is_none()
                && inside(&r.old, Path::new(&r.new), path).is_some_and(|d| self.fsys.is_dir(&d))
                && self.list.iter().all(|m| m.path != r.old)
        };
        let r = self.replaces.iter().find(has)?;
        let wanted = r.old_version.as_ref().map_or(r.old.clone(), |v| format!("{}@{v}", r.old));
        Some(format!(
            "module {} provides package {path} and is replaced but not required; to add it:\n\tgo get {wanted}",
            r.old
        ))
    }

    fn not_vendored(&self, path: &str) -> String {
        let text =
            format!("cannot find module providing package {path}: import lookup disabled by -mod=vendor");
        match self.flag {
            ModFlag::Vendor => text,
            _ => format!("{text}\n\t(Go version in go.mod is at least 1.14 and vendor directory exists.)"),
        }
    }

    /// What to say of a package that no module has.
    pub fn not_provided(&self, path: &str) -> String {
        if self.main.is_empty() {
            return format!(
                "no required module provides package {path}: go.mod file not found in current directory or any parent directory; see 'goxide help modules'"
            );
        }
        if self.flag == ModFlag::Mod {
            return format!("cannot find module providing package {path}");
        }
        format!("no required module provides package {path}; to add it:\n\tgo get {path}")
    }

    /// The language version of what stands in a folder.
    pub fn go_version(&self, dir: &Path) -> (u32, u32) {
        match self.main_of(dir) {
            Some(m) => m.go,
            None => self.required_around(dir).map_or(crate::LANGUAGE_VERSION, |m| m.go),
        }
    }

    /// The main module whose folder that is, and not one of a module that stands in it.
    fn main_of(&self, dir: &Path) -> Option<&GoMod> {
        let m = self.main_around(dir)?;
        let depth = |root: &Path| root.as_os_str().len();
        let other = self.required_around(dir).is_some_and(|r| depth(&r.root) > depth(&m.root));
        (!other).then_some(m)
    }

    fn required_around(&self, dir: &Path) -> Option<&Required> {
        self.list.iter().filter(|m| dir.starts_with(&m.root)).max_by_key(|m| m.root.as_os_str().len())
    }

    /// The module that a folder belongs to, as programs are told.
    pub fn owner(&self, dir: &Path) -> Option<Module> {
        if let Some(m) = self.main_of(dir) {
            let path = m.module.clone();
            return Some(Module { path, version: None, replace: None, sum: String::new() });
        }
        let m = self.required_around(dir)?;
        let sum = |path: &str, version: &str| match self.vendor {
            Some(_) => String::new(),
            None => self.sums.get(&format!("{path} {version}")).cloned().unwrap_or_default(),
        };
        let replace = m.replace.as_ref().map(|r| {
            let (path, version) = match &r.new_version {
                Some(version) => (r.new.clone(), Some(version.clone())),
                None => (r.shown.clone(), None),
            };
            let sum = version.as_ref().map_or(String::new(), |v| sum(&path, v));
            Box::new(Module { path, version, replace: None, sum })
        });
        Some(Module {
            sum: if replace.is_some() { String::new() } else { sum(&m.path, &m.version) },
            path: m.path.clone(),
            version: Some(m.version.clone()),
            replace,
        })
    }

    /// The newest version that anything needs of each module (minimal version selection).
    fn selected(&self) -> Vec<Required> {
        let mut chosen: FxHashMap<String, Required> = FxHashMap::default();
        let mut work: Vec<(String, String)> = self.main.iter().flat_map(|m| m.requires.clone()).collect();
        // Since 1.17 go.mod lists all that is needed.
        let is_complete = self.main.iter().all(|m| m.go >= (1, 17));
        let excluded: FxHashSet<&(String, String)> = self.main.iter().flat_map(|m| &m.excludes).collect();
        while let Some((path, version)) = work.pop() {
            let is_known = chosen.get(&path).is_some_and(|r| compare(&r.version, &version) != Ordering::Less);
            let wanted = (path, version);
            if is_known || self.main.iter().any(|m| m.module == wanted.0) || excluded.contains(&wanted) {
                continue;
            }
            let (path, version) = wanted;
            let (replace, root, go_mod) = self.place(&path, &version);
            let text = self.fsys.read_to_string(&go_mod).ok();
            let parsed = text.and_then(|text| GoMod::required(&root, &text));
            let go = parsed.as_ref().map_or((1, 16), |m| m.go);
            if !is_complete {
                work.extend(parsed.into_iter().flat_map(|m| m.requires));
            }
            chosen.insert(path.clone(), Required { path, version, root, go, replace });
        }
        let mut list: Vec<Required> = chosen.into_values().collect();
        longest_first(&mut list);
        list
    }

    /// What replaces a module, the folder of its files, and its go.mod.
    fn place(&self, path: &str, version: &str) -> (Option<Replace>, PathBuf, PathBuf) {
        let fits = |r: &&Replace| r.old == path && r.old_version.as_deref().is_none_or(|v| v == version);
        // One for the version goes before one for all.
        let replace = self.replaces.iter().filter(fits).max_by_key(|r| r.old_version.is_some()).cloned();
        let (path, version) = match &replace {
            Some(Replace { new, new_version: None, .. }) => {
                let root = PathBuf::from(new);
                let go_mod = root.join("go.mod");
                return (replace, root, go_mod);
            }
            Some(Replace { new, new_version: Some(version), .. }) => (new.as_str(), version.as_str()),
            None => (path, version),
        };
        let cache = self.cache.clone().unwrap_or_default();
        let root = cache.join(format!("{}@{}", escape(path), escape(version)));
        let downloaded = cache.join("cache/download").join(escape(path)).join("@v");
        let go_mod = downloaded.join(format!("{}.mod", escape(version)));
        (replace, root, go_mod)
    }
}

impl Required {
    /// The module and version that the files are of.
    fn source(&self) -> (&str, &str) {
        match &self.replace {
            Some(Replace { new, new_version: Some(version), .. }) => (new, version),
            _ => (&self.path, &self.version),
        }
    }
}

pub(crate) fn longest_first(list: &mut [Required]) {
    list.sort_by(|a, b| (b.path.len(), &a.path).cmp(&(a.path.len(), &b.path)));
}

/// The go.mod around the current directory, or what `-modfile` says in its place.
fn main_module(env: &Env) -> Result<Option<GoMod>, LoadError> {
    let Some((root, mut text)) = find_up(&env.fsys, &env.cwd, "go.mod")? else { return Ok(None) };
    let mut name = shown(&root, "go.mod", &env.cwd);
    if let Some(file) = &env.mod_file {
        name = crate::shorten(&file.display().to_string(), &env.cwd).trim_start_matches("./").into();
        text = env.fsys.read_to_string(file).map_err(|e| LoadError::Open(name.clone(), e))?;
    }
    let module = GoMod::parse(&root, &text, &name)?;
    not_too_new(env, &name, module.go_text.as_deref())?;
    if let Some(goroot) = env.places.find(&env.overlay.go).ok().filter(|_| !module.godebugs.is_empty()) {
        let table = crate::godebug::Table::read(&goroot);
        for g in &module.godebugs {
            table.check("godebug", &g.key, &g.value).map_err(|text| {
                LoadError::Godebug(format!("go: error loading go.mod:\n{name}:{}: {text}", g.line))
            })?;
        }
    }
    Ok(Some(module))
}

/// The workspace file that holds here.
fn work_file(env: &Env) -> Result<Option<GoWork>, LoadError> {
    let found = match &env.places.workspace {
        Some(off) if off.as_os_str() == "off" => None,
        Some(file) => {
            let text = env.fsys.read_to_string(file);
            let text = text.map_err(|e| LoadError::Open(file.display().to_string(), e))?;
            Some((file.parent().map(Path::to_path_buf).unwrap_or_default(), text))
        }
        None => find_up(&env.fsys, &env.cwd, "go.work")?,
    };
    let Some((root, text)) = found else { return Ok(None) };
    let name = shown(&root, "go.work", &env.cwd);
    let work = GoWork::parse(&root, &text, &name)?;
    not_too_new(env, &name, work.go_text.as_deref())?;
    Ok(Some(work))
}

fn not_too_new(env: &Env, what: &str, version: Option<&str>) -> Result<(), LoadError> {
    let running = env.overlay.go.trim_start_matches("go");
    match version.filter(|v| !running.is_empty() && compare_go(v, running) == Ordering::Greater) {
        Some(v) => Err(LoadError::TooNew { what: what.into(), version: v.into(), running: running.into() }),
        None => Ok(()),
    }
}

/// The modules of a workspace.
fn used(work: &GoWork, env: &Env) -> Result<Vec<GoMod>, LoadError> {
    // What go takes for the version where there is no such line.
    const NO_LINE: &str = "1.18";
    let workspace = work.go_text.as_deref().unwrap_or(NO_LINE);
    let mut modules = Vec::new();
    let mut wrong = Vec::new();
    for dir in &work.uses {
        let dir = crate::paths::normalize(&work.root.join(dir));
        let name = shown(&dir, "go.mod", &env.cwd);
        let short = name.strip_suffix("/go.mod").unwrap_or(".");
        let text = match env.fsys.read_to_string(&dir.join("go.mod")) {
            Ok(text) => text,
            Err(e) => {
                let e = crate::error::os_text(&e);
                wrong
                    .push(format!("go: cannot load module {short} listed in go.work file: open {name}: {e}"));
                continue;
            }
        };
        let module = match GoMod::parse(&dir, &text, &name) {
            Ok(module) => module,
            Err(e) => {
                let e = e.to_string();
                let e = e.strip_prefix("go: ").unwrap_or(&e);
                wrong.push(format!("go: cannot load module {short} listed in go.work file: {e}"));
                continue;
            }
        };
        let version = module.go_text.as_deref().unwrap_or("1.16");
        // Versions before 1.21 were not binding.
        if compare_go(version, workspace) == Ordering::Greater
            && compare_go(version, "1.21") != Ordering::Less
        {
            let verb = if work.go_text.is_some() { "lists" } else { "implicitly requires" };
            wrong.push(format!(
                "go: module {short} listed in go.work file requires go >= {version}, but go.work {verb} go {workspace}; to download and use go {version}:\n\tgo work use"
            ));
            continue;
        }
        modules.push(module);
    }
    if wrong.is_empty() { Ok(modules) } else { Err(LoadError::Said(wrong)) }
}

/// The folder of a package of the module `module` at `root`.
pub(crate) fn inside(module: &str, root: &Path, path: &str) -> Option<PathBuf> {
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
