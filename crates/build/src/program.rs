//! A whole program: load, check, compile what the cache has not, link.

use crate::buildinfo::{self, Told};
use crate::cache::{Cache, Key, write_atomically};
use crate::compiler::{Compiler, Outcome};
use crate::cover::Cover;
use crate::initorder::{self, Linked};
use crate::key::{self, Keys};
use crate::linkflags::{LinkFlags, PackageFlags};
use crate::recent;
use crate::render;
use crate::trimpath;
use goxide_abi::object::Object;
use goxide_load::{Env, LoadError, Package, Program};
use rayon::prelude::*;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    /// Who is told how far the build has come.
    pub watch: Option<Arc<dyn Watch>>,
    /// `-work`: objects and program are left in this folder too.
    pub work: Option<PathBuf>,
    /// `-ldflags`
    pub ldflags: PackageFlags,
    pub told: Told,
}

/// Is told how far a build has come: how many of its packages are done, and what is begun.
pub trait Watch: fmt::Debug + Send + Sync {
    fn at(&self, done: usize, all: usize, what: &str);
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
    /// Under which key it stands there.
    pub(crate) key: Option<Key>,
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

impl Failure {
    pub fn load_error(&self) -> Option<&LoadError> {
        match self {
            Failure::Load(e) => Some(e),
            _ => None,
        }
    }
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

impl Options {
    /// Nothing is taken from the cache: all is compiled anew, or shown as if.
    pub fn is_fresh(&self) -> bool {
        self.rebuild || self.print_steps
    }
}

/// Builds what the arguments name.
pub fn build(
    toolchain: &Toolchain,
    cache: &Cache,
    options: &Options,
    args: &[String],
) -> Result<Report, Failure> {
    // What was built lately, and is still as it was.
    let dumps = crate::dump::Dump::from_env().is_wanted();
    if let Some(built) = recent::find(toolchain, cache, options, args).filter(|_| !dumps) {
        return Ok(Report { built: vec![built], log: Vec::new() });
    }
    // Arguments to packages.
    let mut program = goxide_load::load(&options.env, args).map_err(Failure::Load)?;
    let mut warnings = std::mem::take(&mut program.warnings);
    let cover = Cover { toolchain, cache, options };
    let unmatched =
        |pattern| format!("warning: no packages being built depend on matches for pattern {pattern}");
    warnings.extend(cover.unmatched(&program).into_iter().map(unmatched));
    cover.instrument(&mut program)?;
    let mut report = build_program(toolchain, cache, options, &program)?;
    report.log.splice(0..0, warnings);
    recent::note(toolchain, cache, options, args, &program, &report);
    Ok(report)
}

/// Builds the packages that were named, with all that they need.
pub fn build_program(
    toolchain: &Toolchain,
    cache: &Cache,
    options: &Options,
    program: &Program,
) -> Result<Report, Failure> {
    let mut options = options.clone();
    // What comes out of the cache is not compiled, and so not shown.
    options.rebuild |= crate::dump::Dump::from_env().is_wanted();
    // An entry of the cache may be lost between looking and reading it, but not time and again: then nothing is
    // taken from it.
    const TRIES_MAX: usize = 3;
    for _ in 1..TRIES_MAX {
        if let Some(report) = (Build { toolchain, cache, options: &options, program }).run()? {
            return Ok(report);
        }
    }
    options.rebuild = true;
    let build = Build { toolchain, cache, options: &options, program };
    build.run()?.ok_or_else(|| Failure::Cache(cache.root().into(), std::io::ErrorKind::NotFound.into()))
}

struct Build<'a> {
    toolchain: &'a Toolchain,
    cache: &'a Cache,
    options: &'a Options,
    program: &'a Program,
}

impl Build<'_> {
    /// `None`: an entry of the cache was lost on the way.
    fn run(&self) -> Result<Option<Report>, Failure> {
        let (program, options) = (self.program, self.options);
        let mut report = Report::default();
        if options.dry_run {
            let steps = program.packages.iter().map(|p| compile_step(p, options));
            report.log = steps.chain(program.roots.iter().filter_map(|&i| self.link_step(i))).collect();
            return Ok(Some(report));
        }
        // Text to keys, packages to objects.
        let folders = trimpath::folders(program, options);
        let keys = Keys::of(self.toolchain, self.cache, options, program, &folders);
        let compiler = Compiler::new(self.toolchain, self.cache, options, program, &keys, &folders);
        let Some(objects) = self.objects(compiler.run(), &mut report)? else { return Ok(None) };
        let keys: Vec<Key> = (0..program.packages.len())
            .map(|i| compiler.key(i).expect("each package was found or made"))
            .collect();
        drop(compiler);
        // Commands to executables.
        for &root in &program.roots {
            let package = &program.packages[root];
            let is_command = package.link_path() == "main";
            let executable = match is_command {
                true => match self.executable(root, &keys, &objects, &mut report)? {
                    Some(found) => Some(found),
                    None => return Ok(None),
                },
                false => None,
            };
            let (key, executable) = executable.unzip();
            let named = package.import_path == goxide_load::NAMED_FILES;
            report.built.push(Built {
                import_path: package.import_path.clone(),
                name: package.name.clone(),
                dir: package.dir.clone(),
                first_file: named.then(|| package.files[0].source.name.to_string()),
                executable,
                key,
                object: if is_command { None } else { self.cache.get(&keys[root], "o") },
            });
        }
        self.cache.trim();
        Ok(Some(report))
    }

    /// The objects that were made, or the errors that were met; `None` if an entry was lost.
    fn objects(
        &self,
        outcomes: Vec<(usize, Outcome)>,
        report: &mut Report,
    ) -> Result<Option<Vec<Option<Object<'static>>>>, Failure> {
        let (packages, options) = (&self.program.packages, self.options);
        let mut objects: Vec<Option<Object<'static>>> = packages.iter().map(|_| None).collect();
        let mut failures = Vec::new();
        for (i, outcome) in outcomes {
            if options.print_steps {
                report.log.push(compile_step(&packages[i], options));
            }
            if options.verbose {
                report.log.push(packages[i].import_path.clone());
            }
            match outcome {
                Outcome::Object(object) => {
                    if let Some(work) = &options.work {
                        let bytes = postcard::to_stdvec(&object).expect("objects are plain data");
                        save(work, &format!("{i:03}.o"), &bytes)?;
                    }
                    objects[i] = Some(*object);
                }
                Outcome::Errors(errors) => {
                    let (files, cwd) = (&self.program.files, &options.env.cwd);
                    let lines = render::lines(errors, files, cwd, options.all_errors);
                    failures.push(format!("# {}\n{}", self.shown(i), lines.join("\n")));
                }
                Outcome::Lost => return Ok(None),
                Outcome::NoTool(failure) => return Err(failure),
                Outcome::Unsaved(e) => return Err(Failure::Cache(self.cache.root().into(), e)),
            }
        }
        if failures.is_empty() { Ok(Some(objects)) } else { Err(Failure::Compile(failures.join("\n"))) }
    }

    /// The linked program; `None` if an entry of the cache was lost.
    fn executable(
        &self,
        root: usize,
        keys: &[Key],
        made: &[Option<Object<'static>>],
        report: &mut Report,
    ) -> Result<Option<(Key, PathBuf)>, Failure> {
        let order = dependencies(self.program, root);
        let package = &self.program.packages[root];
        let import_path = &package.import_path;
        let mut flags = LinkFlags::parse(self.options.ldflags.of(package, &self.options.env.cwd))
            .map_err(|text| Failure::Compile(format!("# {import_path}\n{text}")))?;
        if package.for_test {
            // What testing.Testing goes by.
            flags.values.push(("testing.testBinary".into(), "1".into()));
        }
        if !self.options.trimpath
            && let Ok(goroot) = self.options.env.places.find(self.toolchain.version)
        {
            // What runtime.GOROOT says where the environment does not.
            flags.values.push(("runtime.defaultGOROOT".into(), goroot.display().to_string()));
        }
        let info = buildinfo::marked(self.program, root, self.options);
        let packages: Vec<Key> = order.iter().map(|&i| keys[i]).collect();
        let key = key::program(self.toolchain, &packages, &flags, &info, &self.program.godebug);
        if !self.options.is_fresh()
            && let Some(path) = self.cache.get_executable(&key)
        {
            return Ok(Some((key, path)));
        }
        if self.options.print_steps {
            report.log.extend(self.link_step(root));
        }
        if let Some(watch) = &self.options.watch {
            let all = self.program.packages.len();
            watch.at(all, all, &format!("linking {}", self.program.packages[root].import_path));
        }
        // What comes out of the cache refers to the bytes it was read from.
        let bytes = |&i: &usize| match made[i] {
            Some(_) => Vec::new(),
            None => self.cache.get(&keys[i], "o").unwrap_or_default(),
        };
        let bytes: Vec<Vec<u8>> = order.par_iter().map(bytes).collect();
        let read: Vec<Option<Object<'_>>> = bytes.par_iter().map(|b| postcard::from_bytes(b).ok()).collect();
        let mut present: Vec<(usize, &Object<'_>)> = Vec::new();
        for (&i, read) in order.iter().zip(&read) {
            let Some(object) = made[i].as_ref().or(read.as_ref()) else {
                self.cache.remove(&keys[i], "m");
                return Ok(None);
            };
            present.push((i, object));
        }
        let linked = self.in_init_order(&present);
        let changes = self.options.env.tags.experiments.changes();
        let version = match changes.as_str() {
            "" => self.toolchain.version.to_string(),
            changes => format!("{}-X:{changes}", self.toolchain.version),
        };
        let input = goxide_link::Input {
            runtime: self.toolchain.runtime,
            objects: &linked,
            build_version: &version,
            build_info: &info,
            godebug: &self.program.godebug,
            values: &flags.values,
            strip: flags.strip,
        };
        let bytes = goxide_link::link(&input)
            .map_err(|error| Failure::Link { package: import_path.clone(), error })?;
        if let Some(work) = &self.options.work {
            save(work, "a.out", &bytes)?;
        }
        let io = |e| Failure::Cache(self.cache.root().into(), e);
        self.cache.put_executable(&key, &bytes).map(|path| Some((key, path))).map_err(io)
    }

    /// How a package is named above its errors.
    fn shown(&self, i: usize) -> String {
        let package = &self.program.packages[i];
        match self.program.roots.first().filter(|&&r| package.for_test && r != i) {
            Some(&root) => format!("{} [{}]", package.import_path, self.program.packages[root].import_path),
            None => package.import_path.clone(),
        }
    }

    /// The objects of a program's packages, as they are initialized.
    fn in_init_order<'o>(&self, present: &[(usize, &'o Object<'o>)]) -> Vec<&'o Object<'o>> {
        let place = |dep: usize| present.iter().position(|(i, _)| *i == dep);
        let linked: Vec<Linked<'_>> = present
            .iter()
            .map(|&(i, object)| Linked {
                path: self.program.packages[i].link_path(),
                has_task: object.init_task.is_some(),
                imports: self.program.needs(i).into_iter().filter_map(place).collect(),
            })
            .collect();
        initorder::order(&linked, goxide_load::RUNTIME).into_iter().map(|i| present[i].1).collect()
    }

    fn link_step(&self, root: usize) -> Option<String> {
        let package = &self.program.packages[root];
        (package.link_path() == "main").then(|| format!("link -o $WORK/exe/a.out # {}", package.import_path))
    }
}

/// The runtime, the package's imports and theirs, itself last: a package behind those that it imports.
fn dependencies(program: &Program, root: usize) -> Vec<usize> {
    let mut needed = vec![false; program.packages.len()];
    needed[root] = true;
    for i in (0..program.packages.len()).rev() {
        if needed[i] {
            program.needs(i).into_iter().for_each(|dep| needed[dep] = true);
        }
    }
    (0..needed.len()).filter(|&i| needed[i]).collect()
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
