//! A whole program: load, check, compile what the cache has not, link.

use crate::cache::{Cache, Key, write_atomically};
use crate::compiler::Outcome;
use crate::{compiler, key, render};
use goxide_abi::object::Object;
use goxide_load::{Env, LoadError, Package, Program};
use rayon::prelude::*;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

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
    // Arguments to packages.
    let program = goxide_load::load(&options.env, args).map_err(Failure::Load)?;
    let keys = key::packages(toolchain, cache, options, &program);
    // What is linked already, and what is missing for the rest.
    let mut report = Report::default();
    let mut roots: Vec<Root> =
        program.roots.iter().map(|&i| Root::find(toolchain, cache, options, &program, &keys, i)).collect();
    let mut needed = vec![false; program.packages.len()];
    roots.iter().filter(|r| r.executable.is_none()).flat_map(|r| &r.order).for_each(|&i| needed[i] = true);
    let mut packages = Objects { program: &program, keys: &keys, objects: Vec::new() };
    packages.provide(cache, options, &needed, &mut report)?;
    // Commands to executables.
    for root in &mut roots {
        if root.is_command && root.executable.is_none() {
            root.executable = packages.link(toolchain, cache, options, root, &mut report)?;
        }
    }
    for root in roots {
        let package = &program.packages[root.index];
        let named = package.import_path == goxide_load::NAMED_FILES;
        report.built.push(Built {
            import_path: package.import_path.clone(),
            name: package.name.clone(),
            dir: package.dir.clone(),
            first_file: named.then(|| package.files[0].source.name.to_string()),
            executable: root.executable,
            object: if root.is_command { None } else { cache.get(&keys[root.index]) },
        });
    }
    cache.trim();
    Ok(report)
}

/// A package named by the arguments.
struct Root {
    index: usize,
    is_command: bool,
    /// What it is linked with, itself last; a package behind those that it imports.
    order: Vec<usize>,
    key: Key,
    executable: Option<PathBuf>,
}

impl Root {
    fn find(
        toolchain: &Toolchain,
        cache: &Cache,
        options: &Options,
        program: &Program,
        keys: &[Key],
        index: usize,
    ) -> Root {
        let order = dependencies(program, index);
        let is_command = program.packages[index].name == "main";
        let key = key::program(toolchain, &order.iter().map(|&i| keys[i]).collect::<Vec<_>>());
        let look = is_command && !options.print_steps && !options.rebuild;
        let executable = if look { cache.get_executable(&key) } else { None };
        Root { index, is_command, order, key, executable }
    }
}

/// The overlay's runtime, the package's imports and theirs, itself last.
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

struct Objects<'a> {
    program: &'a Program,
    keys: &'a [Key],
    /// By package, once it has been compiled or found.
    objects: Vec<Option<Object>>,
}

impl Objects<'_> {
    /// Sees to it that the needed packages' objects are there.
    fn provide(
        &mut self,
        cache: &Cache,
        options: &Options,
        needed: &[bool],
        report: &mut Report,
    ) -> Result<(), Failure> {
        let (packages, keys) = (&self.program.packages, self.keys);
        let look = !options.print_steps && !options.rebuild;
        let find = |i: usize| {
            let bytes = cache.get(&keys[i]).filter(|_| needed[i] && look)?;
            postcard::from_bytes::<Object>(&bytes).ok()
        };
        self.objects = (0..packages.len()).into_par_iter().map(find).collect();
        let missing: Vec<usize> =
            (0..packages.len()).filter(|&i| needed[i] && self.objects[i].is_none()).collect();
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
        let results: Mutex<Vec<(usize, Result<Object, Failure>)>> = Mutex::default();
        let done = |i: usize, keep: bool, outcome: Outcome| {
            let result = match outcome {
                Outcome::Object(object) if keep => {
                    save_object(cache, options, i, &keys[i], &object).map(|()| *object)
                }
                Outcome::Object(object) => Ok(*object),
                Outcome::Errors(errors) => Err(Failure::Compile(self.shown(&packages[i], errors, options))),
            };
            results.lock().expect("not poisoned").push((i, result));
        };
        compiler::Compiler::new(self.program, options, &missing, &self.objects, &done).run();
        let mut results = results.into_inner().expect("not poisoned");
        results.sort_by_key(|(i, _)| *i);
        let mut failures = Vec::new();
        for (i, result) in results {
            match result {
                Ok(object) => self.objects[i] = Some(object),
                Err(Failure::Compile(text)) => failures.push(text),
                Err(other) => return Err(other),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(Failure::Compile(failures.join("\n"))) }
    }

    fn shown(&self, package: &Package, errors: Vec<goxide_source::Diagnostic>, options: &Options) -> String {
        let lines = render::lines(errors, &self.program.files, &options.env.cwd, options.all_errors);
        format!("# {}\n{}", package.import_path, lines.join("\n"))
    }

    fn link(
        &self,
        toolchain: &Toolchain,
        cache: &Cache,
        options: &Options,
        root: &Root,
        report: &mut Report,
    ) -> Result<Option<PathBuf>, Failure> {
        let package = &self.program.packages[root.index];
        if options.print_steps {
            report.log.push(format!("link -o $WORK/exe/a.out # {}", package.import_path));
        }
        if options.dry_run {
            return Ok(None);
        }
        let objects: Vec<Object> =
            root.order.iter().map(|&i| self.objects[i].clone().expect("provided before linking")).collect();
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
        cache.put_executable(&root.key, &bytes).map(Some).map_err(io)
    }
}

/// A package's compilation as a command of its own would do it.
fn compile_step(package: &Package, options: &Options) -> String {
    let (major, minor) = options.language.unwrap_or(package.go_version);
    let files: Vec<String> =
        package.files.iter().map(|f| goxide_load::shorten(&f.source.name, &options.env.cwd)).collect();
    format!("compile -p {} -lang=go{major}.{minor} {}", package.link_path(), files.join(" "))
}

fn save_object(
    cache: &Cache,
    options: &Options,
    i: usize,
    key: &Key,
    object: &Object,
) -> Result<(), Failure> {
    let bytes = postcard::to_stdvec(object).expect("objects are plain data");
    cache.put(key, &bytes).map_err(|e| Failure::Cache(cache.root().into(), e))?;
    match &options.work {
        Some(work) => save(work, &format!("{i:03}.o"), &bytes),
        None => Ok(()),
    }
}

fn save(work: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = work.join(name);
    write_atomically(&path, &[bytes], 0o755).map_err(|e| Failure::Cache(path, e))
}
