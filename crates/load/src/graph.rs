//! The packages of a program, each behind those that it imports.

use crate::gomod::GoMod;
use crate::headerr;
use crate::modules::{Found, Modules};
use crate::overlay::OverlayPackage;
use crate::package::{Env, GoFile, Package};
use crate::paths::shorten;
use crate::testprog::UnderTest;
use crate::{LANGUAGE_VERSION, LoadError, NoGoroot};
use crate::{embed, select};
use goxide_source::{FileSet, Pos};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The import path of a package made of files named on the command line.
pub const NAMED_FILES: &str = "command-line-arguments";
/// The package that every program has.
pub const RUNTIME: &str = "runtime";

#[derive(Debug)]
pub struct Program {
    pub files: Arc<FileSet>,
    /// A package stands behind all that it imports; `runtime` is first.
    pub packages: Vec<Package>,
    /// Indices of the packages named by the arguments.
    pub roots: Vec<usize>,
    pub module: Option<GoMod>,
}

impl Program {
    /// What a package cannot be built without: its imports, each once, and the runtime.
    pub fn needs(&self, index: usize) -> Vec<usize> {
        let mut needs: Vec<usize> = self.packages[index].imports.iter().map(|(_, i)| *i).collect();
        // What the runtime itself imports stands before it.
        let runtime = self.packages[..index].iter().position(|p| p.import_path == RUNTIME);
        needs.extend(runtime);
        needs.sort_unstable();
        needs.dedup();
        needs
    }
}

/// Loads what the arguments name: `.go` files of one directory, or package directories (`.`, `./x`,
/// import paths inside the module, `./...`). No arguments mean `.`.
pub fn load(env: &Env, args: &[String]) -> Result<Program, LoadError> {
    let mut loader = Loader::new(env)?;
    loader.runtime()?;
    let mut roots = Vec::new();
    if args.iter().any(|a| a.ends_with(".go")) {
        roots.push(loader.named_files(args)?);
    } else {
        let here = [String::from(".")];
        for arg in if args.is_empty() { &here } else { args } {
            for (dir, import_path) in loader.expand(arg)? {
                let root = loader.directory(&dir, &import_path)?;
                if !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
    }
    let module = loader.modules.here().cloned();
    let Loader { files, packages, .. } = loader;
    Ok(Program { files, packages, roots, module })
}

pub(crate) struct Loader<'a> {
    pub env: &'a Env,
    pub modules: Modules,
    /// Looked for when it is first needed.
    goroot: OnceCell<Result<PathBuf, NoGoroot>>,
    pub files: Arc<FileSet>,
    pub packages: Vec<Package>,
    /// The package whose test program is loaded.
    pub under_test: Option<UnderTest>,
    /// By import path.
    done: FxHashMap<String, usize>,
    /// The packages being loaded, outermost first.
    path: Vec<Importing>,
}

struct Importing {
    import_path: String,
    dir: PathBuf,
    is_std: bool,
}

/// A file whose head has been read.
pub(crate) struct Head {
    pub file: GoFile,
    pub package: String,
    pub imports: Vec<(String, Pos)>,
    /// The first error in it, in the go command's words.
    pub error: Option<(Pos, String)>,
}

impl<'a> Loader<'a> {
    pub fn new(env: &'a Env) -> Result<Loader<'a>, LoadError> {
        Ok(Loader {
            env,
            modules: Modules::find(env)?,
            goroot: OnceCell::new(),
            files: Arc::new(FileSet::new()),
            packages: Vec::new(),
            under_test: None,
            done: FxHashMap::default(),
            path: Vec::new(),
        })
    }

    /// The package that all others stand on.
    pub fn runtime(&mut self) -> Result<(), LoadError> {
        if self.env.overlay.packages.contains_key(RUNTIME) {
            self.import(RUNTIME, Pos::NONE)?;
        }
        Ok(())
    }

    fn named_files(&mut self, args: &[String]) -> Result<usize, LoadError> {
        let mut heads = Vec::new();
        let mut dir: Option<(PathBuf, String)> = None;
        for arg in args {
            if !arg.ends_with(".go") {
                return Err(LoadError::NotGoFile(arg.clone()));
            }
            let path = Path::new(arg);
            let shown = path
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .map_or(".".into(), |p| p.display().to_string());
            let absolute = self.env.cwd.join(path);
            let parent = absolute.parent().map(Path::to_path_buf).unwrap_or_default();
            match &dir {
                Some((first, name)) if *first != parent => {
                    return Err(LoadError::SeveralDirectories(name.clone(), shown));
                }
                Some(_) => {}
                None => dir = Some((parent, shown)),
            }
            let text = std::fs::read(&absolute).map_err(|e| LoadError::Io(path.into(), e))?;
            heads.push(select::head(&self.files, &absolute, text));
        }
        let (dir, shown) = dir.ok_or(LoadError::NoGoFilesListed)?;
        let version = self.modules.here().map_or(LANGUAGE_VERSION, |m| m.go);
        self.package(NAMED_FILES.into(), dir, &shown, heads, version, false, false)
    }

    /// The package in a directory.
    pub fn directory(&mut self, dir: &Path, import_path: &str) -> Result<usize, LoadError> {
        if let Some(&index) = self.done.get(import_path) {
            return Ok(index);
        }
        let is_std = self.is_in_goroot(dir);
        let overlay = self.overlay(import_path, is_std);
        let with_tests = self.under_test.as_ref().is_some_and(|t| t.import_path == import_path);
        let mut selected =
            select::directory(&self.files, &self.env.tags, dir, import_path, overlay, with_tests)?;
        if let Some(under_test) = self.under_test.as_mut().filter(|_| with_tests) {
            selected.heads.append(&mut selected.inside_tests);
            under_test.outside = std::mem::take(&mut selected.outside_tests);
        }
        let shown = dir.display().to_string();
        if selected.heads.is_empty() {
            let error = if selected.has_excluded { LoadError::Excluded } else { LoadError::NoGoFiles };
            return Err(error(shown));
        }
        let version = if is_std { LANGUAGE_VERSION } else { self.modules.go_version(dir) };
        let has_assembly = selected.has_assembly || is_std;
        let index = self.package(
            import_path.into(),
            dir.into(),
            &shown,
            selected.heads,
            version,
            has_assembly,
            is_std,
        )?;
        self.packages[index].dropped = overlay.map_or(Vec::new(), |o| o.drop.clone());
        Ok(index)
    }

    /// A package of files whose heads have been read, behind what it imports.
    pub fn package(
        &mut self,
        import_path: String,
        dir: PathBuf,
        shown: &str,
        heads: Vec<Head>,
        go_version: (u32, u32),
        has_assembly: bool,
        is_std: bool,
    ) -> Result<usize, LoadError> {
        if let Some((pos, text)) = heads.iter().find_map(|h| h.error.clone()) {
            return Err(self.import_error(pos, text));
        }
        let base = |h: &Head| h.file.source.name.rsplit('/').next().unwrap_or("").to_string();
        let named: Vec<&Head> = heads.iter().filter(|h| !h.package.is_empty()).collect();
        if let Some(other) = named.iter().find(|h| h.package != named[0].package) {
            let first = (named[0].package.clone(), base(named[0]));
            let second = (other.package.clone(), base(other));
            return Err(LoadError::SeveralPackages { dir: shown.into(), first, second });
        }
        let name = named.first().map_or(String::new(), |h| h.package.clone());
        self.path.push(Importing { import_path: import_path.clone(), dir: dir.clone(), is_std });
        let mut imports: Vec<(String, usize)> = Vec::new();
        for (path, pos) in heads.iter().flat_map(|h| &h.imports) {
            if path == "unsafe" || imports.iter().any(|(p, _)| p == path) {
                continue;
            }
            imports.push((path.clone(), self.import(path, *pos)?));
        }
        imports.sort();
        self.path.pop();
        let mut embeds = Vec::new();
        for head in heads.iter().filter(|h| h.imports.iter().any(|(p, _)| p == "embed")) {
            for args in embed::directives(&head.file.source.text) {
                let resolved = embed::resolve(&dir, &args);
                let name = shorten(&head.file.source.name, &self.env.cwd);
                embeds.push(resolved.map_err(|text| LoadError::Import { pos: name, text })?);
            }
        }
        let index = self.packages.len();
        self.done.insert(import_path.clone(), index);
        self.packages.push(Package {
            import_path,
            name,
            dir,
            files: heads.into_iter().map(|h| h.file).collect(),
            imports,
            go_version,
            has_assembly,
            is_std,
            embeds,
            ..Package::default()
        });
        Ok(index)
    }

    /// The package that an import path stands for.
    fn import(&mut self, path: &str, pos: Pos) -> Result<usize, LoadError> {
        if self.path.iter().any(|p| p.import_path == path) {
            let mut cycle: Vec<String> = self.path.iter().map(|p| p.import_path.clone()).collect();
            cycle.push(path.into());
            return Err(LoadError::Cycle(cycle));
        }
        if let Some(&index) = self.done.get(path) {
            return self.check_importable(index, path, pos);
        }
        if let Some(text) = headerr::of_package_path(path) {
            return Err(self.import_error(pos, text));
        }
        let env = self.env;
        if let Some(overlay) = env.overlay.packages.get(path).filter(|o| o.replace) {
            let dir = PathBuf::from(format!("$GOROOT/src/{path}"));
            let heads = select::overlay_files(&self.files, &dir, overlay);
            let shown = dir.display().to_string();
            return self.package(path.into(), dir, &shown, heads, LANGUAGE_VERSION, true, true);
        }
        match self.modules.dir(path) {
            Found::Dir(dir) => {
                self.check_internal(path, pos)?;
                let index = self.directory(&dir, path)?;
                return self.check_importable(index, path, pos);
            }
            Found::NotDownloaded { module, version } => {
                let text = format!(
                    "module {module}@{version} provides package {path}, but is not in the module cache; to bring it:\n\tgo mod download {module}"
                );
                return Err(self.import_error(pos, text));
            }
            Found::Nowhere => {}
        }
        let (path, dir) = self.vendored(path).map_or((path.to_string(), None), |(p, d)| (p, Some(d)));
        let dir = match dir {
            Some(dir) => Some(dir),
            None => self.std_dir(&path)?,
        };
        let Some(dir) = dir else { return Err(self.import_error(pos, self.not_found_text(&path))) };
        if let Some(&index) = self.done.get(&path) {
            return Ok(index);
        }
        self.check_internal(&path, pos)?;
        let index = self.directory(&dir, &path)?;
        self.check_importable(index, &path, pos)
    }

    // The standard library.

    pub fn goroot(&self) -> Result<&Path, LoadError> {
        let found = self.goroot.get_or_init(|| self.env.places.find(&self.env.overlay.go));
        found.as_deref().map_err(|e| LoadError::NoGoroot(self.env.overlay.go.clone(), e.clone()))
    }

    fn is_in_goroot(&self, dir: &Path) -> bool {
        matches!(self.goroot.get(), Some(Ok(goroot)) if dir.starts_with(goroot.join("src")))
    }

    /// What the toolchain changes of a package: of std, or of another module's, whose path has a dot,
    /// wherever it is vendored.
    fn overlay(&self, import_path: &str, is_std: bool) -> Option<&'a OverlayPackage> {
        let vendored = import_path.split_once("vendor/").filter(|_| is_std);
        let path = vendored.map_or(import_path, |(_, path)| path);
        let has_dot = path.split('/').next().is_some_and(|first| first.contains('.'));
        self.env.overlay.packages.get(path).filter(|_| is_std || has_dot)
    }

    /// The directory of a package of the standard library: its path's first element has no dot.
    pub fn std_dir(&self, path: &str) -> Result<Option<PathBuf>, LoadError> {
        if path.split('/').next().is_some_and(|first| first.contains('.')) {
            return Ok(None);
        }
        let dir = self.goroot()?.join("src").join(path);
        Ok(Some(dir).filter(|d| d.is_dir()))
    }

    /// What the standard library imports from other modules is vendored in it.
    fn vendored(&self, path: &str) -> Option<(String, PathBuf)> {
        let importer = self.path.last().filter(|p| p.is_std)?.import_path.as_str();
        let src = self.goroot.get()?.as_ref().ok()?.join("src");
        if !path.split('/').next()?.contains('.') {
            return None;
        }
        let home = if importer.starts_with("cmd/") { "cmd/vendor" } else { "vendor" };
        let path = format!("{home}/{path}");
        let dir = src.join(&path);
        dir.is_dir().then_some((path, dir))
    }

    /// Whether a directory has test files of its package, and of one that tests it from outside.
    pub fn test_heads(&self, dir: &Path, import_path: &str) -> Result<(bool, bool), LoadError> {
        let overlay = self.overlay(import_path, self.is_in_goroot(dir));
        let found = select::directory(&FileSet::new(), &self.env.tags, dir, import_path, overlay, true)?;
        Ok((!found.inside_tests.is_empty(), !found.outside_tests.is_empty()))
    }

    /// The package of the test files that test `import_path` from outside.
    pub fn outside_package(
        &mut self,
        dir: &Path,
        import_path: &str,
        heads: Vec<Head>,
    ) -> Result<usize, LoadError> {
        let is_std = self.is_in_goroot(dir);
        let version = if is_std { LANGUAGE_VERSION } else { self.modules.go_version(dir) };
        let shown = dir.display().to_string();
        self.package(format!("{import_path}_test"), dir.into(), &shown, heads, version, is_std, is_std)
    }

    /// Whether a directory has a package for this system.
    pub fn has_package(&self, dir: &Path) -> Result<bool, LoadError> {
        let found = select::directory(&FileSet::new(), &self.env.tags, dir, "", None, false)?;
        Ok(!found.heads.is_empty())
    }

    /// What to say of a package that is nowhere: a path whose first element has no dot is std's.
    pub fn not_found_text(&self, path: &str) -> String {
        if path.split('/').next().is_some_and(|first| first.contains('.')) {
            return format!("no required module provides package {path}; to add it:\n\tgo get {path}");
        }
        let src = self.goroot().map_or("$GOROOT/src".into(), |g| g.join("src").display().to_string());
        format!("package {path} is not in std ({src}/{path})")
    }

    fn check_importable(&self, index: usize, path: &str, pos: Pos) -> Result<usize, LoadError> {
        let package = &self.packages[index];
        // A command may be tested from outside.
        let is_same_folder = self.path.last().is_some_and(|p| p.dir == package.dir);
        if package.name == "main" && pos.is_known() && !is_same_folder {
            return Err(
                self.import_error(pos, format!("import \"{path}\" is a program, not an importable package"))
            );
        }
        Ok(index)
    }

    /// A path with an element `internal` is only for the tree that its parent roots.
    fn check_internal(&self, path: &str, pos: Pos) -> Result<(), LoadError> {
        let elements: Vec<&str> = path.split('/').collect();
        let Some(at) = elements.iter().rposition(|&e| e == "internal") else { return Ok(()) };
        let parent = elements[..at].join("/");
        let Some(importer) = self.path.last() else { return Ok(()) };
        // What is internal in the root of the standard library is for all of it.
        if parent.is_empty() && importer.is_std {
            return Ok(());
        }
        // The generated main of tests knows package testing from inside.
        if path == "testing/internal/testdeps" && importer.import_path.ends_with(".test") {
            return Ok(());
        }
        let importer = importer.import_path.as_str();
        let importer = importer.strip_suffix("_test").unwrap_or(importer);
        // Named files count as the directory they stand in.
        if importer == NAMED_FILES && !parent.is_empty()
            || importer == parent
            || importer.starts_with(&format!("{parent}/"))
        {
            return Ok(());
        }
        Err(self.import_error(pos, format!("use of internal package {path} not allowed")))
    }

    fn import_error(&self, pos: Pos, text: String) -> LoadError {
        let shown = self.files.position(pos).map_or(String::new(), |mut p| {
            p.file = shorten(&p.file, &self.env.cwd).into();
            p.to_string()
        });
        let shown = shown.strip_prefix("./").unwrap_or(&shown).to_string();
        LoadError::Import { pos: shown, text }
    }
}
