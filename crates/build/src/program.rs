//! A whole program: load, check, compile what the cache has not, link.

use crate::cache::{Cache, Key, write_atomically};
use crate::compile::{Checked, Rejected, check_package, compile_package};
use crate::{key, render};
use goxide_abi::object::Object;
use goxide_load::{Env, LoadError, Package, Program};
use goxide_types::{PackageInfo, PkgId, Store};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What the `goxide` binary carries.
pub struct Toolchain {
    /// Changes whenever the compiler or the runtime does.
    pub id: String,
    pub runtime: &'static [u8],
    /// As `runtime.Version` gives it.
    pub version: &'static str,
}

/// The flags that matter to a build.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub env: Env,
    /// `-gcflags=-lang=go1.N`
    pub language: Option<(u32, u32)>,
    /// `-gcflags=-e`
    pub all_errors: bool,
    pub trimpath: bool,
    /// `-v`: names of the packages that were compiled.
    pub verbose: bool,
    /// `-x` and `-n`: the steps as commands; `-n` runs none of them.
    pub print_steps: bool,
    pub dry_run: bool,
    /// `-a`: takes nothing from the cache.
    pub rebuild: bool,
    /// What imports a package with errors is checked and compiled too, to see its own errors.
    pub keep_going: bool,
    /// `-p`: threads that compile; `None`: one for each processor.
    pub jobs: Option<usize>,
    /// `-work`: objects and program are left in this folder too.
    pub work: Option<PathBuf>,
}

/// A program, or a package that compiles.
#[derive(Debug)]
pub struct Built {
    /// Import path of the package named by the arguments.
    pub import_path: String,
    pub name: String,
    pub dir: PathBuf,
    /// First of the named files, if files were named.
    pub first_file: Option<String>,
    /// In the cache; `None` for a package that is not a command.
    pub executable: Option<PathBuf>,
    /// Of a package that is no command: its object.
    pub object: Option<Vec<u8>>,
}

/// Everything that a build gives.
#[derive(Debug, Default)]
pub struct Report {
    pub built: Vec<Built>,
    /// For stderr, in order: steps and names of packages.
    pub log: Vec<String>,
}

#[derive(Debug)]
pub enum Failure {
    Load(LoadError),
    /// Diagnostics under `# package` headers, as the go command prints them.
    Compile(String),
    Link {
        package: String,
        error: goxide_link::LinkError,
    },
    Cache(PathBuf, std::io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Load(e) => e.fmt(f),
            Failure::Compile(text) => f.write_str(text),
            Failure::Link { package, error } => write!(f, "# {package}\n{error}"),
            Failure::Cache(path, e) => write!(f, "goxide: {}: {e}", path.display()),
        }
    }
}

impl std::error::Error for Failure {}

/// Builds what the arguments name.
pub fn build(
    toolchain: &Toolchain,
    cache: &Cache,
    options: &Options,
    args: &[String],
) -> Result<Report, Failure> {
    let mut options = options.clone();
    // What comes out of the cache is not compiled, and so not shown.
    options.rebuild |= crate::dump::Dump::from_env().is_wanted();
    let options = &options;
    let program = goxide_load::load(&options.env, args).map_err(Failure::Load)?;
    let mut report = Report::default();
    let keys = package_keys(toolchain, options, &program);
    let mut packages = Compiled { program: &program, keys: &keys, objects: Vec::new() };
    for &root in &program.roots {
        let order = dependencies(&program, root);
        let package = &program.packages[root];
        let link_key = key::program(toolchain, &order.iter().map(|&i| keys[i]).collect::<Vec<_>>());
        let mut executable = None;
        let is_command = package.name == "main";
        if is_command && !options.print_steps && !options.rebuild {
            executable = cache.get_executable(&link_key);
        }
        if executable.is_none() {
            packages.provide(cache, options, &order, &mut report)?;
            if is_command {
                executable =
                    packages.link(toolchain, cache, options, root, &order, &link_key, &mut report)?;
            }
        }
        let named = package.import_path == goxide_load::NAMED_FILES;
        report.built.push(Built {
            import_path: package.import_path.clone(),
            name: package.name.clone(),
            dir: package.dir.clone(),
            first_file: named.then(|| package.files[0].source.name.to_string()),
            executable,
            object: if is_command { None } else { cache.get(&keys[root]) },
        });
    }
    cache.trim();
    Ok(report)
}

/// A package's key depends on those of its imports, which stand before it.
fn package_keys(toolchain: &Toolchain, options: &Options, program: &Program) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for package in &program.packages {
        let imports: Vec<Key> = package.imports.iter().map(|(_, i)| keys[*i]).collect();
        keys.push(key::package(toolchain, options, package, &imports));
    }
    keys
}

/// What a package is linked with: the overlay, its imports and theirs, itself last; a package behind
/// those that it imports.
fn dependencies(program: &Program, root: usize) -> Vec<usize> {
    let mut needed = vec![false; program.packages.len()];
    needed[root] = true;
    for (i, p) in program.packages.iter().enumerate() {
        needed[i] |= p.import_path == goxide_load::RUNTIME;
    }
    for i in (0..program.packages.len()).rev() {
        if needed[i] {
            program.packages[i].imports.iter().for_each(|(_, dep)| needed[*dep] = true);
        }
    }
    (0..needed.len()).filter(|&i| needed[i]).collect()
}

/// Packages after checking, by index.
struct Typed {
    checked: Vec<Option<Checked>>,
    /// With errors, or above one that has some: their objects are not kept.
    doubtful: Vec<bool>,
}

struct Compiled<'a> {
    program: &'a Program,
    keys: &'a [Key],
    /// By package, once it has been compiled or found.
    objects: Vec<Option<Object>>,
}

impl Compiled<'_> {
    /// Sees to it that the packages' objects are there.
    fn provide(
        &mut self,
        cache: &Cache,
        options: &Options,
        order: &[usize],
        report: &mut Report,
    ) -> Result<(), Failure> {
        let packages = &self.program.packages;
        self.objects.resize(packages.len(), None);
        for &i in order {
            if self.objects[i].is_none() && !options.print_steps && !options.rebuild {
                self.objects[i] =
                    cache.get(&self.keys[i]).and_then(|bytes| postcard::from_bytes::<Object>(&bytes).ok());
            }
        }
        let missing: Vec<usize> = order.iter().copied().filter(|&i| self.objects[i].is_none()).collect();
        for &i in &missing {
            if options.print_steps {
                report.log.push(compile_step(&packages[i], options));
            }
            if options.verbose {
                report.log.push(packages[i].import_path.clone());
            }
        }
        if options.dry_run || missing.is_empty() {
            return Ok(());
        }
        // Importers need the types of what they import, whether or not its object is at hand.
        let mut typed = vec![false; packages.len()];
        missing.iter().for_each(|&i| typed[i] = true);
        for i in (0..packages.len()).rev().filter(|&i| typed[i]).collect::<Vec<_>>() {
            mark_imports(packages, i, &mut typed);
        }
        let store = Store::new();
        let mut failures = String::new();
        let Typed { checked, doubtful } = self.check(&store, options, &typed, &mut failures);
        let by_pkg: FxHashMap<PkgId, &PackageInfo> =
            checked.iter().flatten().map(|c| (c.info.pkg, &c.info)).collect();
        let by_id = |id: PkgId| by_pkg.get(&id).copied();
        let compiled: Vec<(usize, _)> = missing
            .par_iter()
            .filter_map(|&i| {
                let checked = checked[i].as_ref()?;
                let files = &self.program.files;
                Some((i, compile_package(&store, files, &packages[i], checked, &by_id)))
            })
            .collect();
        for (i, result) in compiled {
            match result {
                Ok(object) => {
                    let bytes = postcard::to_stdvec(&object).expect("objects are plain data");
                    if doubtful[i] {
                        continue;
                    }
                    cache.put(&self.keys[i], &bytes).map_err(|e| Failure::Cache(cache.root().into(), e))?;
                    if let Some(work) = &options.work {
                        save(work, &format!("{i:03}.o"), &bytes)?;
                    }
                    self.objects[i] = Some(object);
                }
                Err(errors) => self.fail(&mut failures, &packages[i], errors, options),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(Failure::Compile(failures.trim_end().into())) }
    }

    /// Checks the packages marked in `wanted`, in waves of those whose imports are checked.
    fn check(&self, store: &Store, options: &Options, wanted: &[bool], failures: &mut String) -> Typed {
        let packages = &self.program.packages;
        let mut typed =
            Typed { checked: packages.iter().map(|_| None).collect(), doubtful: vec![false; packages.len()] };
        let mut ids: Vec<Option<PkgId>> = vec![None; packages.len()];
        let mut waiting: Vec<usize> = (0..packages.len()).filter(|&i| wanted[i]).collect();
        loop {
            let is_ready = |&i: &usize| packages[i].imports.iter().all(|(_, dep)| ids[*dep].is_some());
            let (ready, rest): (Vec<usize>, Vec<usize>) = waiting.into_iter().partition(is_ready);
            if ready.is_empty() {
                // What is left imports what has failed, and said so.
                return typed;
            }
            waiting = rest;
            let results: Vec<(usize, Result<Checked, Rejected>)> = ready
                .into_par_iter()
                .map(|i| {
                    let imports = &packages[i].imports;
                    let import =
                        |path: &str| imports.iter().find(|(p, _)| p == path).and_then(|(_, dep)| ids[*dep]);
                    (i, check_package(store, &self.program.files, &packages[i], options, &import))
                })
                .collect();
            for (i, result) in results {
                typed.doubtful[i] = packages[i].imports.iter().any(|(_, dep)| typed.doubtful[*dep]);
                match result {
                    Ok(done) => {
                        ids[i] = Some(done.info.pkg);
                        typed.checked[i] = Some(done);
                    }
                    Err(rejected) => {
                        typed.doubtful[i] = true;
                        ids[i] = rejected.pkg.filter(|_| options.keep_going);
                        self.fail(failures, &packages[i], rejected.errors, options);
                    }
                }
            }
        }
    }

    fn fail(
        &self,
        out: &mut String,
        package: &Package,
        errors: Vec<goxide_source::Diagnostic>,
        options: &Options,
    ) {
        let lines = render::lines(errors, &self.program.files, &options.env.cwd, options.all_errors);
        out.push_str(&format!("# {}\n{}\n", package.import_path, lines.join("\n")));
    }

    fn link(
        &mut self,
        toolchain: &Toolchain,
        cache: &Cache,
        options: &Options,
        root: usize,
        order: &[usize],
        key: &Key,
        report: &mut Report,
    ) -> Result<Option<PathBuf>, Failure> {
        let package = &self.program.packages[root];
        if options.print_steps {
            report.log.push(format!("link -o $WORK/exe/a.out # {}", package.import_path));
        }
        if options.dry_run {
            return Ok(None);
        }
        let objects: Vec<Object> =
            order.iter().map(|&i| self.objects[i].clone().expect("provided before linking")).collect();
        let input = goxide_link::Input {
            runtime: toolchain.runtime,
            objects: &objects,
            build_version: toolchain.version,
        };
        let bytes = goxide_link::link(&input)
            .map_err(|error| Failure::Link { package: package.import_path.clone(), error })?;
        if let Some(work) = &options.work {
            save(work, "a.out", &bytes)?;
        }
        let io = |e| Failure::Cache(cache.root().into(), e);
        cache.put_executable(key, &bytes).map(Some).map_err(io)
    }
}

fn mark_imports(packages: &[Package], i: usize, typed: &mut [bool]) {
    for &(_, dep) in &packages[i].imports {
        if !std::mem::replace(&mut typed[dep], true) {
            mark_imports(packages, dep, typed);
        }
    }
}

/// A package's compilation as a command of its own would do it.
fn compile_step(package: &Package, options: &Options) -> String {
    let (major, minor) = options.language.unwrap_or(package.go_version);
    let files: Vec<String> =
        package.files.iter().map(|f| goxide_load::shorten(&f.source.name, &options.env.cwd)).collect();
    format!("compile -p {} -lang=go{major}.{minor} {}", package.link_path(), files.join(" "))
}

fn save(work: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = work.join(name);
    write_atomically(&path, &[bytes], 0o755).map_err(|e| Failure::Cache(path, e))
}
