//! The packages of a program, each behind those that it imports.

use crate::godebug;
use crate::gomod::GoMod;
use crate::headerr;
use crate::modules::{Found, Modules};
use crate::overlay::OverlayPackage;
use crate::package::{Env, GoFile, Package};
use crate::paths::shorten;
use crate::testprog::UnderTest;
use crate::{LANGUAGE_VERSION, LoadError, NoGoroot, Tags};
use crate::{embed, select};
use goxide_source::{FileSet, Pos};
use rustc_hash::{FxHashMap, FxHashSet};
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
    /// What holds of GODEBUG in its commands, unless the environment says otherwise.
    pub godebug: String,
    /// For stderr: patterns that found nothing.
    pub warnings: Vec<String>,
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
    let mut warnings = Vec::new();
    if loader.are_files(args) {
        roots.push(loader.named_files(args)?);
    } else {
        let here = [String::from(".")];
        for arg in if args.is_empty() { &here } else { args } {
            let expanded = match loader.expand(arg) {
                Ok(expanded) => expanded,
                Err(e) if e.is_fatal() => return Err(e),
                Err(e) => {
                    loader.note(e);
                    continue;
                }
            };
            if expanded.packages.is_empty() {
                warnings.push(format!("go: warning: \"{arg}\" matched no packages"));
            }
            for (dir, import_path) in expanded.packages {
                match loader.directory(&dir, &import_path) {
                    Ok(root) if !roots.contains(&root) => roots.push(root),
                    // What a pattern finds may be there for its tests only.
                    Ok(_) | Err(LoadError::OnlyTests(..)) if expanded.is_pattern => {}
                    Ok(_) => {}
                    Err(e) if e.is_fatal() => return Err(e),
                    Err(e) => loader.note(e),
                }
            }
        }
    }
    loader.finish(roots, warnings)
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
    /// The files of a test program that were written by hand.
    pub test_sources: Vec<Arc<goxide_source::SourceFile>>,
    /// By import path.
    done: FxHashMap<String, usize>,
    /// The packages being loaded, outermost first.
    path: Vec<Importing>,
    /// The file with the import that is followed.
    importing_file: String,
    /// In the order in which go tells them: a package's behind those of what it imports.
    errors: Vec<LoadError>,
    /// Import paths that lead nowhere, which is said once.
    missing: FxHashSet<String>,
}

struct Importing {
    import_path: String,
    dir: PathBuf,
    is_std: bool,
    /// The file that the one before imports it in.
    from: String,
    /// The ring that an import of this one closes.
    cycle: Option<LoadError>,
}

/// A file whose head has been read.
pub(crate) struct Head {
    pub file: GoFile,
    pub package: String,
    pub imports: Vec<(String, Pos)>,
    /// The first error in it, in the go command's words.
    pub error: Option<(Pos, String)>,
}

/// Files that arguments name, of one directory.
pub(crate) struct Named {
    pub dir: PathBuf,
    /// The directory as the arguments have it.
    pub shown: String,
    pub heads: Vec<Head>,
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
            test_sources: Vec::new(),
            done: FxHashMap::default(),
            path: Vec::new(),
            importing_file: String::new(),
            errors: Vec::new(),
            missing: FxHashSet::default(),
        })
    }

    /// Notes an error, and goes on to find others.
    pub fn note(&mut self, error: LoadError) {
        let text = error.to_string();
        if self.errors.iter().all(|e| e.to_string() != text) {
            self.errors.push(error);
        }
    }

    /// The program, unless there were errors.
    pub fn finish(mut self, roots: Vec<usize>, warnings: Vec<String>) -> Result<Program, LoadError> {
        match self.errors.len() {
            0 => {}
            1 => return Err(self.errors.remove(0)),
            _ => return Err(LoadError::Several(self.errors)),
        }
        let godebug = self.default_godebug(&roots)?;
        let module = self.modules.here().cloned();
        let Loader { files, packages, .. } = self;
        Ok(Program { files, packages, roots, module, godebug, warnings })
    }

    /// The settings of GODEBUG for the commands among the packages. Lines in one file that ask for some are
    /// checked here, as go does before it builds.
    fn default_godebug(&self, roots: &[usize]) -> Result<String, LoadError> {
        let running = self.env.overlay.go.trim_start_matches("go");
        let version = match (&self.modules.work, self.modules.main.as_slice()) {
            (Some(work), _) => work.go_text.as_deref().unwrap_or("1.18"),
            (None, [m]) => m.go_text.as_deref().unwrap_or("1.16"),
            (None, _) => running,
        };
        let mut asked: Vec<(String, String)> = Vec::new();
        let from_files = match &self.modules.work {
            Some(work) => work.godebugs.iter().collect::<Vec<_>>(),
            None => self.modules.main.iter().flat_map(|m| &m.godebugs).collect(),
        };
        asked.extend(from_files.into_iter().map(|g| (g.key.clone(), g.value.clone())));
        let mut directives = Vec::new();
        for &root in roots {
            let package = &self.packages[root];
            let shown = |source: &goxide_source::SourceFile, at: usize| {
                let mut place = self.files.position(source.pos(at));
                place.as_mut().map_or(String::new(), |p| {
                    p.file = shorten(&p.file, &self.env.cwd).into();
                    p.to_string().trim_start_matches("./").to_string()
                })
            };
            for file in package.files.iter().filter(|_| !package.is_std) {
                for (at, directive) in godebug::directives(&file.source.text) {
                    directives.push((shown(&file.source, at), root, directive));
                }
            }
            for source in &self.test_sources {
                for (at, directive) in godebug::directives(&source.text) {
                    directives.push((shown(source, at), root, directive));
                }
            }
        }
        let is_old = crate::gomod::parse_version(version).is_some_and(|v| v < LANGUAGE_VERSION);
        if directives.is_empty() && asked.is_empty() && !is_old {
            return Ok(String::new());
        }
        let table = self.goroot().map(godebug::Table::read).unwrap_or_default();
        for (pos, root, directive) in directives {
            let package = &self.packages[root];
            let is_program = package.name == "main";
            let wrong = match directive {
                _ if !is_program => "//go:debug directive only valid in package main or test".into(),
                Ok((key, value)) => match table.check("//go:debug setting", &key, &value) {
                    Ok(()) => {
                        asked.push((key, value));
                        continue;
                    }
                    Err(text) => format!("invalid //go:debug: {text}"),
                },
                Err(text) => format!("invalid //go:debug: {text}"),
            };
            return Err(LoadError::Godebug(format!("# {}\n{pos}: {wrong}", package.import_path)));
        }
        Ok(table.defaults(version, &asked))
    }

    /// The package that all others stand on.
    pub fn runtime(&mut self) -> Result<(), LoadError> {
        if self.env.overlay.packages.contains_key(RUNTIME) {
            self.import(RUNTIME, Pos::NONE)?;
        }
        if let Some(cover) = &self.env.cover {
            // What all instrumented packages import stands in front of them.
            let atomic = Some("sync/atomic").filter(|_| cover.mode == "atomic");
            let always = ["internal/coverage/rtcov", "internal/coverage/cfile", "runtime/coverage"];
            for path in atomic.into_iter().chain(always) {
                self.import(path, Pos::NONE)?;
            }
        }
        Ok(())
    }

    /// Whether the arguments are files; what ends in `.go` may be a package, too.
    fn are_files(&self, args: &[String]) -> bool {
        args.iter().any(|a| a.ends_with(".go") && self.env.fsys.is_file(&self.env.cwd.join(a)))
    }

    fn named_files(&mut self, args: &[String]) -> Result<usize, LoadError> {
        let Named { dir, shown, heads } = self.named_heads(args)?;
        self.named_package(dir, &shown, heads)
    }

    pub fn named_package(&mut self, dir: PathBuf, shown: &str, heads: Vec<Head>) -> Result<usize, LoadError> {
        let version = self.modules.here().map_or(LANGUAGE_VERSION, |m| m.go);
        self.package(NAMED_FILES.into(), dir, shown, heads, version, false, false)
    }

    pub fn named_heads(&self, args: &[String]) -> Result<Named, LoadError> {
        let mut heads = Vec::new();
        let mut dir: Option<(PathBuf, String)> = None;
        if let Some(other) = args.iter().find(|a| !a.ends_with(".go")) {
            return Err(LoadError::NotGoFile(other.clone()));
        }
        for arg in args {
            let path = Path::new(arg);
            let shown = crate::paths::normalize(path.parent().unwrap_or(path)).display().to_string();
            let shown = if shown.is_empty() { ".".to_string() } else { shown };
            let absolute = crate::paths::normalize(&self.env.cwd.join(path));
            let text =
                self.env.fsys.read(&absolute).map_err(|e| {
                    LoadError::Said(vec![format!("stat {arg}: {}", crate::error::os_text(&e))])
                })?;
            let parent = absolute.parent().map(Path::to_path_buf).unwrap_or_default();
            match &dir {
                Some((first, name)) if *first != parent => {
                    return Err(LoadError::SeveralDirectories(name.clone(), shown));
                }
                Some(_) => {}
                None => dir = Some((parent, shown)),
            }
            heads.push(select::head(&self.files, &absolute, text));
        }
        let (dir, shown) = dir.ok_or(LoadError::NoGoFilesListed)?;
        Ok(Named { dir, shown, heads })
    }

    /// The package in a directory.
    pub fn directory(&mut self, dir: &Path, import_path: &str) -> Result<usize, LoadError> {
        if let Some(&index) = self.done.get(import_path) {
            return Ok(index);
        }
        let is_std = self.is_in_goroot(dir);
        let overlay = self.overlay(import_path, is_std);
        let with_tests = self.under_test.as_ref().is_some_and(|t| t.import_path == import_path);
        let mut selected = select::directory(
            &self.files,
            &self.env.fsys,
            &self.tags(is_std),
            dir,
            import_path,
            overlay,
            with_tests,
        )?;
        if let Some(under_test) = self.under_test.as_mut().filter(|_| with_tests) {
            selected.heads.append(&mut selected.inside_tests);
            under_test.outside = std::mem::take(&mut selected.outside_tests);
        }
        let shown = dir.display().to_string();
        if selected.heads.is_empty() {
            return Err(match (selected.has_excluded, selected.has_tests) {
                (true, _) => LoadError::Excluded(import_path.into(), shown),
                (false, true) => LoadError::OnlyTests(import_path.into(), shown),
                (false, false) => LoadError::NoGoFiles(shown),
            });
        }
        let version = if is_std { LANGUAGE_VERSION } else { self.modules.go_version(dir) };
        let has_assembly = !selected.assembly.files.is_empty() || is_std;
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
        if !is_std {
            self.packages[index].assembly = selected.assembly;
        }
        Ok(index)
    }

    /// A package of files whose heads have been read, behind what it imports. What is wrong with it is noted.
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
        // Of its own errors only the first is told.
        let mut own =
            heads.iter().find_map(|h| h.error.clone()).map(|(pos, text)| self.import_error(pos, text));
        let base = |h: &Head| h.file.source.name.rsplit('/').next().unwrap_or("").to_string();
        let named: Vec<&Head> = heads.iter().filter(|h| !h.package.is_empty()).collect();
        if let Some(other) = named.iter().find(|h| h.package != named[0].package) {
            let first = (named[0].package.clone(), base(named[0]));
            let second = (other.package.clone(), base(other));
            own.get_or_insert(LoadError::SeveralPackages { dir: shown.into(), first, second });
        }
        let name = named.first().map_or(String::new(), |h| h.package.clone());
        let from = std::mem::take(&mut self.importing_file);
        let importing =
            Importing { import_path: import_path.clone(), dir: dir.clone(), is_std, from, cycle: None };
        self.path.push(importing);
        let mut wanted: Vec<(&str, Pos, String)> = Vec::new();
        for head in &heads {
            for (path, pos) in &head.imports {
                if path != "unsafe" && wanted.iter().all(|(p, ..)| p != path) {
                    wanted.push((path, *pos, base(head)));
                }
            }
        }
        wanted.sort();
        let mut imports: Vec<(String, usize)> = Vec::new();
        for (path, pos, file) in wanted {
            self.importing_file = file;
            match self.import(path, pos) {
                Ok(found) => imports.extend(found.map(|index| (path.to_string(), index))),
                Err(e) if e.is_fatal() => return Err(e),
                Err(e) => {
                    own.get_or_insert(e);
                }
            }
        }
        own = own.or(self.path.pop().and_then(|p| p.cycle));
        let mut embeds = Vec::new();
        // As go, which goes through the patterns of a package in their order.
        let mut wrong: Option<(String, Pos)> = None;
        for head in heads.iter().filter(|h| h.imports.iter().any(|(p, _)| p == "embed")) {
            for (at, args) in embed::directives(&head.file.source.text) {
                match embed::resolve(&self.env.fsys, &dir, &args) {
                    Ok(embed) => embeds.push(embed),
                    Err(text) if wrong.as_ref().is_none_or(|(first, _)| text < *first) => {
                        wrong = Some((text, head.file.source.pos(at)));
                    }
                    Err(_) => {}
                }
            }
        }
        own = own.or(wrong.map(|(text, pos)| self.import_error(pos, text)));
        if let Some(error) = own {
            self.note(error);
        }
        let module = if is_std { None } else { self.modules.owner(&dir) };
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
            module,
            embeds,
            ..Package::default()
        });
        Ok(index)
    }

    /// The package that an import path stands for; `None`: what is wrong with it has been noted. An error is
    /// one of the package that imports it.
    fn import(&mut self, path: &str, pos: Pos) -> Result<Option<usize>, LoadError> {
        let vendored = self.vendored(path);
        let path = vendored.as_deref().unwrap_or(path);
        if let Some(at) = self.path.iter().position(|p| p.import_path == path) {
            let mut stack: Vec<(String, String)> =
                self.path.iter().map(|p| (p.import_path.clone(), p.from.clone())).collect();
            stack.push((path.into(), self.importing_file.clone()));
            let in_test = self.under_test.is_some();
            self.path[at].cycle.get_or_insert(LoadError::Cycle(stack, in_test));
            return Ok(None);
        }
        if let Some(&index) = self.done.get(path) {
            self.check_internal(path, pos)?;
            return self.check_importable(index, path, pos).map(Some);
        }
        if self.missing.contains(path) {
            return Ok(None);
        }
        if path.starts_with("./") || path.starts_with("../") {
            let text =
                format!("\"{path}\" is relative, but relative import paths are not supported in module mode");
            let error = self.import_error(pos, text);
            self.note(error);
            return Err(self.import_error(pos, format!("local import \"{path}\" in non-local package")));
        }
        if let Some(text) = headerr::of_package_path(path) {
            return Err(self.import_error(pos, text));
        }
        let env = self.env;
        if let Some(overlay) = env.overlay.packages.get(path).filter(|o| o.replace) {
            let dir = PathBuf::from(format!("$GOROOT/src/{path}"));
            let heads = select::overlay_files(&self.files, &dir, overlay);
            let shown = dir.display().to_string();
            return self.package(path.into(), dir, &shown, heads, LANGUAGE_VERSION, true, true).map(Some);
        }
        let dir = match self.find(path)? {
            Ok(dir) => dir,
            Err(text) => {
                self.missing.insert(path.into());
                let error = self.import_error(pos, text);
                self.note(error);
                return Ok(None);
            }
        };
        self.check_internal(path, pos)?;
        match self.directory(&dir, path) {
            Ok(index) => self.check_importable(index, path, pos).map(Some),
            Err(e) if e.is_fatal() => Err(e),
            Err(e) => {
                self.missing.insert(path.into());
                let pos = self.shown_place(pos);
                self.note(e.imported(pos));
                Ok(None)
            }
        }
    }

    /// The folder of a package that is imported, or why there is none.
    fn find(&self, path: &str) -> Result<Result<PathBuf, String>, LoadError> {
        if self.path.last().is_some_and(|p| p.is_std)
            && let Some(dir) = self.std_dir(path)?
        {
            return Ok(Ok(dir));
        }
        let importer = self.path.last().map(|p| p.import_path.as_str());
        match self.modules.dir(path, importer) {
            Found::Dir(dir) => return Ok(Ok(dir)),
            Found::Wrong(text) => return Ok(Err(text)),
            Found::Nowhere => {}
        }
        Ok(self.std_dir(path)?.ok_or_else(|| self.not_found_text(path)))
    }

    // The standard library.

    pub fn goroot(&self) -> Result<&Path, LoadError> {
        let found = self.goroot.get_or_init(|| self.env.places.find(&self.env.overlay.go));
        found.as_deref().map_err(|e| LoadError::NoGoroot(self.env.overlay.go.clone(), e.clone()))
    }

    /// GOROOT is looked for only if a package was taken from it, or if the main module may be its own.
    fn is_in_goroot(&self, dir: &Path) -> bool {
        if self.modules.here().is_some_and(|m| matches!(m.module.as_str(), "std" | "cmd")) {
            let _ = self.goroot();
        }
        matches!(self.goroot.get(), Some(Ok(goroot)) if dir.starts_with(goroot.join("src")))
    }

    fn tags(&self, is_std: bool) -> Tags {
        Tags { std: is_std, ..self.env.tags.clone() }
    }

    fn tags_in(&self, dir: &Path) -> Tags {
        self.tags(self.is_in_goroot(dir))
    }

    /// What the toolchain changes of a package of std, or of another module's that is vendored there.
    fn overlay(&self, import_path: &str, is_std: bool) -> Option<&'a OverlayPackage> {
        let path = import_path.split_once("vendor/").map_or(import_path, |(_, path)| path);
        self.env.overlay.packages.get(path).filter(|_| is_std)
    }

    /// The directory of a package of the standard library: its path's first element has no dot.
    pub fn std_dir(&self, path: &str) -> Result<Option<PathBuf>, LoadError> {
        if path.split('/').next().is_some_and(|first| first.contains('.')) {
            return Ok(None);
        }
        let dir = self.goroot()?.join("src").join(path);
        Ok(Some(dir).filter(|d| self.env.fsys.is_dir(d)))
    }

    /// What the standard library imports from other modules is vendored in it: its path there.
    fn vendored(&self, path: &str) -> Option<String> {
        let importer = self.path.last().filter(|p| p.is_std)?.import_path.as_str();
        // The generated main of tests counts as one of std, but names what it tests by its path.
        if importer.ends_with(".test") {
            return None;
        }
        let src = self.goroot.get()?.as_ref().ok()?.join("src");
        if !path.split('/').next()?.contains('.') {
            return None;
        }
        let home = if importer.starts_with("cmd/") { "cmd/vendor" } else { "vendor" };
        let path = format!("{home}/{path}");
        self.env.fsys.is_dir(&src.join(&path)).then_some(path)
    }

    /// Whether a directory has test files of its package, and of one that tests it from outside.
    pub fn test_heads(&self, dir: &Path, import_path: &str) -> Result<(bool, bool), LoadError> {
        let is_std = self.is_in_goroot(dir);
        let overlay = self.overlay(import_path, is_std);
        let found = select::directory(
            &FileSet::new(),
            &self.env.fsys,
            &self.tags(is_std),
            dir,
            import_path,
            overlay,
            true,
        )?;
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
        let found =
            select::directory(&FileSet::new(), &self.env.fsys, &self.tags_in(dir), dir, "", None, false)?;
        Ok(!found.heads.is_empty())
    }

    /// Whether a directory has Go files for this system, if only tests.
    pub fn has_sources(&self, dir: &Path) -> Result<bool, LoadError> {
        let found =
            select::directory(&FileSet::new(), &self.env.fsys, &self.tags_in(dir), dir, "", None, true)?;
        Ok(!found.heads.is_empty() || !found.inside_tests.is_empty() || !found.outside_tests.is_empty())
    }

    /// What to say of a package that is nowhere: a path whose first element has no dot is std's.
    pub fn not_found_text(&self, path: &str) -> String {
        if path.split('/').next().is_some_and(|first| first.contains('.')) {
            return self.modules.not_provided(path);
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
        let stack = self.path.iter().map(|p| p.import_path.clone()).collect();
        let text = format!("use of internal package {path} not allowed");
        Err(LoadError::Forbidden { stack, pos: self.shown_place(pos), text })
    }

    fn import_error(&self, pos: Pos, text: String) -> LoadError {
        LoadError::Import { pos: self.shown_place(pos), text }
    }

    fn shown_place(&self, pos: Pos) -> String {
        let shown = self.files.position(pos).map_or(String::new(), |mut p| {
            p.file = shorten(&p.file, &self.env.cwd).into();
            p.to_string()
        });
        shown.strip_prefix("./").unwrap_or(&shown).to_string()
    }
}
