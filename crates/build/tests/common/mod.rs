//! Packages in one process: what is loaded from GOROOT, and texts that a test makes up.
#![allow(dead_code, reason = "not every test uses all of it")]

use goxide_build::compile::{Checked, Part, check_package, generate, optimize};
use goxide_build::program::Options;
use goxide_build::surface::Surface;
use goxide_load::{Env, GoFile, Overlay, Package, Places, Program};
use goxide_source::{Diagnostic, FileSet, Folders};
use goxide_ssa::passes::Imports;
use goxide_types::{PkgId, Store};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub fn root() -> PathBuf {
    // The fuzz target, which takes this file too, stands less deep.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.find(|d| d.join("std/OVERLAY.toml").is_file()).expect("the repository is there").into()
}

/// `GOROOT`, where it is set to a folder that is there.
pub fn goroot() -> Option<PathBuf> {
    std::env::var_os("GOROOT").map(PathBuf::from).filter(|p| p.join("src").is_dir())
}

/// All Go files under a folder, sorted.
pub fn go_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut dirs = vec![dir.to_path_buf()];
    while let Some(dir) = dirs.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == "go") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn overlay() -> Overlay {
    let std = root().join("std");
    let files = go_files(&std).into_iter().map(|file| {
        let text: &'static [u8] = std::fs::read(&file).expect("a file of the overlay can be read").leak();
        let inside = file.strip_prefix(&std).expect("it is under std");
        let package = inside.parent().and_then(Path::to_str).expect("its path is text").to_string();
        let name = inside.file_name().and_then(|n| n.to_str()).expect("its name is text").to_string();
        (package, name, text)
    });
    let text = std::fs::read_to_string(std.join("OVERLAY.toml")).expect("OVERLAY.toml is there");
    Overlay::parse(&text, files).expect("OVERLAY.toml is right")
}

/// As the go command reads its arguments.
pub fn load(args: &[&str]) -> Program {
    let env = Env { cwd: root(), overlay: Arc::new(overlay()), places: Places::from_env(), ..Env::default() };
    let args: Vec<String> = args.iter().map(|a| a.to_string()).collect();
    goxide_load::load(&env, &args).unwrap_or_else(|e| panic!("{args:?}: {e}"))
}

/// Packages that are checked already, for others to import.
pub struct World {
    pub store: Store,
    pub files: Arc<FileSet>,
    by_path: FxHashMap<String, PkgId>,
    checked: FxHashMap<PkgId, Checked>,
}

/// What became of a package.
pub struct Outcome {
    pub errors: Vec<Diagnostic>,
    pub checking: Duration,
}

impl World {
    pub fn new(files: Arc<FileSet>) -> World {
        World { store: Store::new(), files, by_path: FxHashMap::default(), checked: FxHashMap::default() }
    }

    /// What import paths in `program`'s package stand for.
    pub fn add(&mut self, program: &Program, index: usize, part: Part<'_>) -> Outcome {
        let package = &program.packages[index];
        let import = |path: &str| self.import(program, index, path);
        let start = std::time::Instant::now();
        let options = Options::default();
        let pkg = self.store.new_package(package.link_path().into(), None);
        let result = check_package(&self.store, pkg, &self.files, package, &options, part, &import);
        let checking = start.elapsed();
        match result {
            Ok(mut done) => {
                let errors = std::mem::take(&mut done.ignored);
                self.by_path.insert(package.import_path.clone(), done.info.pkg);
                self.checked.insert(done.info.pkg, done);
                Outcome { errors, checking }
            }
            Err(rejected) => Outcome { errors: rejected.errors, checking },
        }
    }

    fn import(&self, program: &Program, index: usize, path: &str) -> Option<PkgId> {
        let (_, i) = program.packages[index].imports.iter().find(|(p, _)| p == path)?;
        self.by_path.get(&program.packages[*i].import_path).copied()
    }

    /// What importers see of a package that was added.
    pub fn surface(&self, program: &Program, index: usize) -> Option<Surface> {
        let package = &program.packages[index];
        let info = &self.checked[&self.by_path[&package.import_path]].info;
        Surface::of(&self.store, package, info, &|path| self.import(program, index, path))
    }

    /// A command of one file through all stages, as far as it is right.
    pub fn compile(&self, name: &str, text: &[u8]) -> Vec<Diagnostic> {
        let source = self.files.add(name, text.to_vec());
        let package = Package {
            import_path: goxide_load::NAMED_FILES.into(),
            name: "main".into(),
            files: vec![GoFile { source, is_overlay: false }],
            go_version: goxide_load::LANGUAGE_VERSION,
            ..Package::default()
        };
        let import = |path: &str| self.by_path.get(path).copied();
        let options = Options::default();
        let pkg = self.store.new_package(package.link_path().into(), None);
        match check_package(&self.store, pkg, &self.files, &package, &options, Part::All, &import) {
            Err(rejected) => rejected.errors,
            Ok(done) => {
                let packages = |p: PkgId| match p == done.info.pkg {
                    true => Some(&done.info),
                    false => self.checked.get(&p).map(|c| &c.info),
                };
                optimize(
                    &self.store,
                    &self.files,
                    &done,
                    &Imports::default(),
                    &packages,
                    &[],
                    Default::default(),
                    &Folders::default(),
                )
                .and_then(|(module, _)| generate(&package, &module))
                .map_or_else(|errors| errors, |_| Vec::new())
            }
        }
    }
}

/// Std as far as inputs import it, where a GOROOT is at hand.
pub fn world() -> World {
    if goroot().is_none() {
        println!("without std: no GOROOT");
        return World::new(Arc::new(FileSet::new()));
    }
    let program = load(&["errors", "fmt", "os", "runtime", "sort", "strings", "sync", "time", "unsafe"]);
    let mut world = World::new(program.files.clone());
    for i in 0..program.packages.len() {
        world.add(&program, i, Part::Importable(None));
    }
    world
}
