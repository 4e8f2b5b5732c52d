//! The packages of a program, each behind those that it imports.

use crate::gomod::{GoMod, find_go_mod};
use crate::package::{Env, GoFile, Package};
use crate::{LANGUAGE_VERSION, LoadError};
use goxide_source::{FileSet, Pos};
use goxide_syntax::ast;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The import path of a package made of files named on the command line.
pub const NAMED_FILES: &str = "command-line-arguments";

#[derive(Debug)]
pub struct Program {
    pub files: Arc<FileSet>,
    /// A package stands behind all that it imports; the overlay's `runtime` is first.
    pub packages: Vec<Package>,
    /// Indices of the packages named by the arguments.
    pub roots: Vec<usize>,
    pub module: Option<GoMod>,
}

/// Loads what the arguments name: `.go` files of one directory, or package directories (`.`, `./x`,
/// import paths inside the module, `./...`). No arguments mean `.`.
pub fn load(env: &Env, args: &[String]) -> Result<Program, LoadError> {
    let module = find_go_mod(&env.cwd)?;
    let mut loader = Loader {
        env,
        module,
        files: Arc::new(FileSet::new()),
        packages: Vec::new(),
        done: FxHashMap::default(),
        path: Vec::new(),
    };
    for overlay in &env.overlay {
        loader.import(&overlay.import_path, Pos::NONE)?;
    }
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
    let Loader { files, packages, module, .. } = loader;
    Ok(Program { files, packages, roots, module })
}

struct Loader<'a> {
    env: &'a Env,
    module: Option<GoMod>,
    files: Arc<FileSet>,
    packages: Vec<Package>,
    /// By import path.
    done: FxHashMap<String, usize>,
    /// Import paths of the packages being loaded, outermost first.
    path: Vec<String>,
}

/// A file whose head has been read.
struct Head {
    file: GoFile,
    package: String,
    imports: Vec<(String, Pos)>,
}

impl Loader<'_> {
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
            heads.push(self.head(&absolute, text)?);
        }
        let (dir, shown) = dir.ok_or(LoadError::NoGoFilesListed)?;
        let version = self.module.as_ref().map_or(LANGUAGE_VERSION, |m| m.go);
        self.package(NAMED_FILES.into(), dir, &shown, heads, version, false)
    }

    /// The directories an argument stands for, with their import paths.
    fn expand(&self, arg: &str) -> Result<Vec<(PathBuf, String)>, LoadError> {
        let module = self.module.as_ref().ok_or(LoadError::NoModule)?;
        let (base, recursive) = match arg.strip_suffix("/...") {
            Some(base) => (base, true),
            None => (arg, false),
        };
        let is_local = base == "." || base == ".." || base.starts_with("./") || base.starts_with("../");
        let dir = if is_local || base.starts_with('/') {
            normalize(&self.env.cwd.join(base))
        } else {
            match inside_module(module, base) {
                Some(dir) => dir,
                None => {
                    return Err(LoadError::Import {
                        pos: format!("package {base}"),
                        text: not_found_text(base),
                    });
                }
            }
        };
        if !dir.is_dir() {
            return Err(LoadError::NoSuchDirectory(dir.display().to_string()));
        }
        let import_path = |dir: &Path| {
            let inside = dir.strip_prefix(&module.root).ok()?;
            let inside = inside.to_str()?;
            Some(if inside.is_empty() {
                module.module.clone()
            } else {
                format!("{}/{inside}", module.module)
            })
        };
        let mut found = Vec::new();
        let mut dirs = vec![dir.clone()];
        while let Some(dir) = dirs.pop() {
            if recursive {
                let mut below: Vec<PathBuf> = list(&dir)?.into_iter().filter(|p| p.is_dir()).collect();
                below.retain(|p| {
                    let name = p.file_name().and_then(|n| n.to_str()).unwrap_or("");
                    !name.starts_with(['.', '_'])
                        && name != "testdata"
                        && name != "vendor"
                        && !p.join("go.mod").exists()
                });
                dirs.extend(below.into_iter().rev());
            }
            let path =
                import_path(&dir).ok_or_else(|| LoadError::OutsideModule(dir.display().to_string()))?;
            if !recursive || has_go_files(&dir)? {
                found.push((dir, path));
            }
        }
        Ok(found)
    }

    /// The package in a directory.
    fn directory(&mut self, dir: &Path, import_path: &str) -> Result<usize, LoadError> {
        if let Some(&index) = self.done.get(import_path) {
            return Ok(index);
        }
        let shown = dir.display().to_string();
        let (mut heads, mut assembly, mut excluded) = (Vec::new(), false, false);
        for path in list(dir)? {
            let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
            if name.ends_with(".s") && self.env.tags.name_matches(name) {
                assembly = true;
            }
            if !name.ends_with(".go") || name.ends_with("_test.go") || path.is_dir() {
                continue;
            }
            if !self.env.tags.name_matches(name) {
                excluded = true;
                continue;
            }
            let text = std::fs::read(&path).map_err(|e| LoadError::Io(path.clone(), e))?;
            if build_line(&text).is_some_and(|line| !self.env.tags.constraint_holds(&line)) {
                excluded = true;
                continue;
            }
            heads.push(self.head(&path, text)?);
        }
        if heads.is_empty() {
            return Err(if excluded { LoadError::Excluded(shown) } else { LoadError::NoGoFiles(shown) });
        }
        let version = self.module.as_ref().map_or(LANGUAGE_VERSION, |m| m.go);
        self.package(import_path.into(), dir.into(), &shown, heads, version, assembly)
    }

    fn head(&mut self, path: &Path, text: Vec<u8>) -> Result<Head, LoadError> {
        let source = self.files.add(&path.display().to_string(), text);
        // Syntax errors are the compiler's to report, with all others of the package.
        let header = goxide_syntax::parse_imports(&source, &goxide_syntax::Options::default()).file;
        let import = |d: &ast::Decl| match d {
            ast::Decl::Import(i) => {
                let path = i.path.as_ref().filter(|p| !p.bad)?;
                let text = goxide_syntax::literal::unquote(&path.text)?;
                Some((String::from_utf8(text).ok()?, path.pos))
            }
            _ => None,
        };
        let imports = header.decls.iter().filter_map(import).collect();
        Ok(Head { file: GoFile { source }, package: header.package.name.to_string(), imports })
    }

    fn package(
        &mut self,
        import_path: String,
        dir: PathBuf,
        shown: &str,
        heads: Vec<Head>,
        go_version: (u32, u32),
        has_assembly: bool,
    ) -> Result<usize, LoadError> {
        let base = |h: &Head| h.file.source.name.rsplit('/').next().unwrap_or("").to_string();
        let named: Vec<&Head> = heads.iter().filter(|h| !h.package.is_empty()).collect();
        if let Some(other) = named.iter().find(|h| h.package != named[0].package) {
            let first = (named[0].package.clone(), base(named[0]));
            let second = (other.package.clone(), base(other));
            return Err(LoadError::SeveralPackages { dir: shown.into(), first, second });
        }
        let name = named.first().map_or(String::new(), |h| h.package.clone());
        self.path.push(import_path.clone());
        let mut imports: Vec<(String, usize)> = Vec::new();
        for (path, pos) in heads.iter().flat_map(|h| &h.imports) {
            if path == "unsafe" || imports.iter().any(|(p, _)| p == path) {
                continue;
            }
            imports.push((path.clone(), self.import(path, *pos)?));
        }
        imports.sort();
        self.path.pop();
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
            is_overlay: false,
        });
        Ok(index)
    }

    /// The package that an import path stands for.
    fn import(&mut self, path: &str, pos: Pos) -> Result<usize, LoadError> {
        if self.path.iter().any(|p| p == path) {
            let mut cycle = self.path.clone();
            cycle.push(path.into());
            return Err(LoadError::Cycle(cycle));
        }
        if let Some(&index) = self.done.get(path) {
            return self.check_importable(index, path, pos);
        }
        if let Some(overlay) = self.env.overlay.iter().find(|o| o.import_path == path) {
            let dir = PathBuf::from(format!("$GOROOT/src/{path}"));
            let heads = overlay
                .files
                .iter()
                .map(|(name, text)| self.head(&dir.join(name), text.to_vec()))
                .collect::<Result<Vec<_>, _>>()?;
            let shown = dir.display().to_string();
            let index = self.package(path.into(), dir, &shown, heads, LANGUAGE_VERSION, true)?;
            self.packages[index].is_overlay = true;
            return Ok(index);
        }
        let dir = self.module.as_ref().and_then(|m| inside_module(m, path));
        match dir.filter(|d| d.is_dir()) {
            Some(dir) => {
                self.check_internal(path, pos)?;
                let index = self.directory(&dir, path)?;
                self.check_importable(index, path, pos)
            }
            None => Err(self.import_error(pos, not_found_text(path))),
        }
    }

    fn check_importable(&self, index: usize, path: &str, pos: Pos) -> Result<usize, LoadError> {
        if self.packages[index].name == "main" && pos.is_known() {
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
        let importer = match self.path.last().map(String::as_str) {
            // Named files count as the directory they stand in.
            Some(NAMED_FILES) | None => return Ok(()),
            Some(p) => p,
        };
        if importer == parent || importer.starts_with(&format!("{parent}/")) {
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

/// What to say of a package that is nowhere: a path whose first element has no dot is std's.
fn not_found_text(path: &str) -> String {
    if path.split('/').next().is_some_and(|first| first.contains('.')) {
        format!("no required module provides package {path}; to add it:\n\tgo get {path}")
    } else {
        format!("package {path}: importing the standard library is not supported yet")
    }
}

fn inside_module(module: &GoMod, path: &str) -> Option<PathBuf> {
    let rest = path.strip_prefix(module.module.as_str())?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(module.root.join(rest)),
        None => rest.is_empty().then(|| module.root.clone()),
    }
}

/// The entries of a directory, sorted by name.
fn list(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let io = |e| LoadError::Io(dir.into(), e);
    let mut paths = std::fs::read_dir(dir)
        .map_err(io)?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(io)?;
    paths.sort();
    Ok(paths)
}

fn has_go_files(dir: &Path) -> Result<bool, LoadError> {
    let go =
        |p: &PathBuf| p.extension().is_some_and(|e| e == "go") && !p.to_string_lossy().ends_with("_test.go");
    Ok(list(dir)?.iter().any(go))
}

/// `a/./b/../c` as `a/c`, without asking the file system.
fn normalize(path: &Path) -> PathBuf {
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

/// The `//go:build` line in a file's head, behind the keyword.
fn build_line(text: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&text[..text.len().min(1 << 16)]).into_owned();
    let mut in_comment = false;
    for line in head.lines() {
        let line = line.trim();
        if in_comment {
            in_comment = !line.contains("*/");
        } else if let Some(rest) = line.strip_prefix("//go:build ") {
            return Some(rest.trim().into());
        } else if line.starts_with("/*") {
            in_comment = !line.contains("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            return None;
        }
    }
    None
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
    fn build_lines_stand_before_the_package_clause() {
        assert_eq!(build_line(b"// x\n\n//go:build linux\n\npackage p\n").as_deref(), Some("linux"));
        assert_eq!(build_line(b"/* x\n y */\n//go:build a\npackage p\n").as_deref(), Some("a"));
        assert_eq!(build_line(b"package p\n//go:build linux\n"), None);
    }

    #[test]
    fn shown_paths_are_short() {
        let cwd = Path::new("/w");
        assert_eq!(shorten("/w/x.go", cwd), "./x.go");
        assert_eq!(shorten("/w/a/x.go", cwd), "a/x.go");
        assert_eq!(shorten("/v/x.go", cwd), "/v/x.go");
    }
}
