//! `goxide test`: builds a package's tests, runs them in its folder, and tells the result in go's lines.

mod cover;
mod flags;
mod json;
mod result;
mod run;

use crate::{FAILED, build, env, goroot, invocation, quoted, settings, toolchain};
use cover::Coverage;
use flags::Words;
use goxide_build::cover::Cover;
use goxide_build::program::Report;
use goxide_build::{Cache, Failure, Options, build_program};
use goxide_load::{LoadError, Program, Target};
use run::Ended;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};

/// What all packages of a run share.
pub struct Settings {
    words: Words,
    cache: Cache,
    json: bool,
    /// Output is shown as it comes.
    streams: bool,
    /// `-cover`
    coverage: Option<Coverage>,
    /// `-exec`
    exec: Option<Vec<String>>,
    goroot: PathBuf,
}

impl Settings {
    /// Whether a package that passes shows its output.
    fn shows_passed(&self) -> bool {
        self.words.test.value("v").is_some_and(|v| v != "false") || self.words.test.value("list").is_some()
    }

    fn is_cacheable(&self) -> bool {
        self.words.is_cacheable && !self.words.packages.is_empty() && self.exec.is_none()
    }

    /// The arguments of the test program.
    fn args(&self) -> Vec<String> {
        let v = if self.json { Some("-test.v=test2json".to_string()) } else { None };
        let others = self.words.pass.iter().filter(|a| !(self.json && a.starts_with("-test.v="))).cloned();
        v.into_iter().chain(others).collect()
    }
}

pub fn main(args: &[String]) -> u8 {
    match test(args) {
        Ok(()) => 0,
        Err(status) => status,
    }
}

/// Whether a flag of `test`, but no build flag, has the name.
pub fn is_flag(name: &str) -> bool {
    flags::is_flag(name)
}

fn failed(text: impl std::fmt::Display) -> u8 {
    eprintln!("{text}");
    FAILED
}

fn test(args: &[String]) -> Result<(), u8> {
    let goflags = settings::goflags().map_err(failed)?;
    let words = flags::parse(args, &goflags).map_err(|e| invocation::usage("test", &e))?;
    let mut invocation = invocation::invocation("test", &words.build)?;
    let is_on = |name: &str| words.test.value(name).is_some_and(|v| !v.is_empty());
    if is_on("coverprofile") {
        if is_on("fuzz") {
            return Err(failed("cannot use -coverprofile flag with -fuzz flag"));
        }
        let cover = || goxide_load::Cover { mode: "set".into(), patterns: None, selected: Vec::new() };
        invocation.options.env.cover.get_or_insert_with(cover);
    }
    let options = &mut invocation.options;
    let root = env::cache_dir().map_err(failed)?;
    let cache = Cache::open(&root)
        .map_err(|e| failed(format!("goxide: cannot use the build cache {}: {e}", root.display())))?;
    let find = || {
        let targets = goxide_load::targets(&options.env, &words.packages)?;
        // Every test program has package testing in it.
        let goroot = options
            .env
            .places
            .find(toolchain::GO_VERSION)
            .map_err(|why| goxide_load::LoadError::NoGoroot(toolchain::GO_VERSION.into(), why))?;
        Ok((targets, goroot))
    };
    let (found, goroot) = goroot::with_goroot(find, itself).map_err(failed)?;
    found.warnings.iter().for_each(|line| eprintln!("{line}"));
    let (targets, wrong) = (found.targets, found.wrong);
    if targets.is_empty() && wrong.is_empty() {
        return Err(failed("no packages to test"));
    }
    if is_on("fuzz") && (targets.len() != 1 || !wrong.is_empty()) {
        return Err(failed("cannot use -fuzz flag with multiple packages"));
    }
    let exec = invocation.parsed.value("exec");
    let coverage = coverage(&cache, options, &words, &targets)?;
    let settings = Settings {
        coverage,
        json: words.test.is_on("json"),
        streams: words.packages.is_empty() || words.test.value("bench").is_some() || is_on("fuzz"),
        exec: exec.map(|e| quoted::split(e).unwrap_or_default()).filter(|w| !w.is_empty()),
        words,
        cache,
        goroot,
    };
    let out = invocation.parsed.value("o");
    let into_folder = out.is_some_and(|o| Path::new(o).is_dir() || o.ends_with('/') || o == "/dev/null");
    if out.is_some() && targets.len() + wrong.len() > 1 && !into_folder {
        return Err(failed("with multiple packages, -o must refer to a directory or /dev/null"));
    }
    let mut has_failed = !wrong.is_empty();
    for (arg, error) in &wrong {
        tell_failed(&settings, arg, "setup", &format!("# {arg}\n{error}"));
    }
    if settings.words.test.is_on("c") {
        has_failed |= compile_only(&settings, options, &targets, out);
    } else {
        has_failed |= run_all(&settings, options, &targets, out);
    }
    if !has_failed {
        return Ok(());
    }
    // A failure may have scrolled out of sight.
    let is_only = settings.words.test.is_on("c") || settings.words.packages.is_empty();
    if !settings.json && !is_only && !is_fuzzing(&settings) {
        println!("FAIL");
    }
    Err(FAILED)
}

/// What `-cover` asks for; which packages `-coverpkg` selects is only known now.
fn coverage(
    cache: &Cache,
    options: &mut Options,
    words: &Words,
    targets: &[Target],
) -> Result<Option<Coverage>, u8> {
    let Some(told) = options.env.cover.clone() else { return Ok(None) };
    let is_written = !words.test.is_on("c");
    let profile = words.test.value("coverprofile").filter(|p| !p.is_empty() && is_written);
    let folder = options.env.cwd.join(words.test.value("outputdir").unwrap_or(""));
    let profile = profile.map(|p| folder.join(p));
    let mut coverage = Coverage::new(&told.mode, profile.as_deref()).map_err(failed)?;
    let Some(patterns) = told.patterns else { return Ok(Some(coverage)) };
    let (mut selected, mut unrun) = (Vec::new(), Vec::new());
    let mut is_matched = vec![false; patterns.len()];
    let toolchain = toolchain::toolchain();
    for target in targets {
        // What is wrong with them is told when they are built.
        let Ok(program) = whole(options, target) else { continue };
        let cover = Cover { toolchain: &toolchain, cache, options };
        for i in cover.selected(&program) {
            let package = &program.packages[i];
            for (pattern, is_matched) in patterns.iter().zip(&mut is_matched) {
                *is_matched |= goxide_load::is_match(pattern, package, &options.env.cwd);
            }
            if package.import_path == target.import_path {
                let made = cover.files(package).map_err(failed)?;
                unrun.push((package.import_path.clone(), made.meta));
            }
            if !selected.contains(&package.import_path) {
                selected.push(package.import_path.clone());
            }
        }
    }
    for (pattern, _) in patterns.iter().zip(is_matched).filter(|(_, is_matched)| !is_matched) {
        eprintln!("warning: no packages being tested depend on matches for pattern {pattern}");
    }
    coverage.tell_unrun(&unrun).map_err(|e| failed(format!("goxide: {e}")))?;
    if let Some(cover) = &mut options.env.cover {
        cover.selected = selected;
    }
    Ok(Some(coverage))
}

/// A package's test program, or the package itself if it has no tests.
fn whole(options: &Options, target: &Target) -> Result<Program, LoadError> {
    match goxide_load::load_test(&options.env, target)? {
        Some(program) => Ok(program),
        None if target.files.is_empty() => {
            goxide_load::load(&options.env, std::slice::from_ref(&target.import_path))
        }
        None => goxide_load::load(&options.env, &target.files),
    }
}

fn is_fuzzing(settings: &Settings) -> bool {
    settings.words.test.value("fuzz").is_some_and(|v| !v.is_empty())
}

/// What go says of a package that could not be set up or built.
fn tell_failed(settings: &Settings, path: &str, what: &str, why: &str) {
    broken(settings, path, what, why).print();
}

/// The end of a package whose tests cannot be run.
fn broken(settings: &Settings, path: &str, what: &str, why: &str) -> Ended {
    let text = format!("FAIL\t{path} [{what} failed]\n").into_bytes();
    if !settings.json {
        return Ended { output: text, has_failed: true, profile: Vec::new(), log: format!("{why}\n") };
    }
    let (mut output, failed) = json::build_failure(why);
    output.extend(json::said(path, &text, true, Some(failed)));
    Ended { output, has_failed: true, ..Ended::default() }
}

fn itself(error: &goxide_load::LoadError) -> Option<&goxide_load::LoadError> {
    Some(error)
}

/// A package whose files have been found.
enum Loaded {
    Program(Box<Program>),
    NoTests,
    /// The errors have been told.
    Failed,
}

/// Finds the files of all packages; what cannot be set up is told first, as in go.
fn load_all(settings: &Settings, options: &Options, targets: &[Target]) -> Vec<Loaded> {
    let load = |target: &Target| goxide_load::load_test(&options.env, target);
    let tell = |(target, result): (&Target, Result<Option<Program>, LoadError>)| match result {
        Ok(Some(program)) => Loaded::Program(Box::new(program)),
        Ok(None) => Loaded::NoTests,
        // Not of the files, but of what is built of them.
        Err(LoadError::Godebug(text)) => {
            tell_failed(settings, &target.import_path, "build", &text);
            Loaded::Failed
        }
        Err(e) => {
            let why = format!("# {}\n{e}", target.import_path);
            tell_failed(settings, &target.import_path, "setup", &why);
            Loaded::Failed
        }
    };
    targets.iter().map(|target| tell((target, load(target)))).collect()
}

/// What building a package's tests came to.
enum Ready {
    Run {
        executable: PathBuf,
    },
    Said(Ended),
    /// Nothing is left to be told.
    Told,
}

/// Builds the packages and runs them, several at a time, and tells of them in order.
fn run_all(settings: &Settings, options: &Options, targets: &[Target], out: Option<&str>) -> bool {
    let jobs_max =
        options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let threads = if settings.streams { 1 } else { jobs_max };
    let loaded = load_all(settings, options, targets);
    let mut has_failed = loaded.iter().any(|l| matches!(l, Loaded::Failed));
    let (to_runners, jobs) = mpsc::channel::<(usize, Ready)>();
    let jobs = Mutex::new(jobs);
    let (to_printer, results) = mpsc::channel::<(usize, Option<Ended>)>();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (to_printer, jobs) = (to_printer.clone(), &jobs);
            scope.spawn(move || {
                loop {
                    let Ok((i, ready)) = jobs.lock().expect("not poisoned").recv() else { return };
                    let target = &targets[i];
                    let ended = match ready {
                        Ready::Said(ended) => Some(ended),
                        Ready::Told => None,
                        Ready::Run { executable } => Some(run::run(settings, target, &executable)),
                    };
                    if to_printer.send((i, ended)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_printer);
        let waiting = Mutex::new(targets.iter().zip(loaded).enumerate());
        scope.spawn(move || {
            let build_next = || {
                let next = waiting.lock().expect("not poisoned").next();
                let Some((i, (target, loaded))) = next else { return false };
                to_runners.send((i, prepare(settings, options, target, loaded, out))).is_ok()
            };
            // The first brings into the cache what all of them need.
            if build_next() {
                std::thread::scope(|builders| {
                    for _ in 0..jobs_max {
                        builders.spawn(|| while build_next() {});
                    }
                });
            }
        });
        let mut waiting: BTreeMap<usize, Option<Ended>> = BTreeMap::new();
        let mut next = 0;
        for (i, ended) in results {
            waiting.insert(i, ended);
            while let Some(ended) = waiting.remove(&next) {
                next += 1;
                let Some(ended) = ended else { continue };
                ended.print();
                has_failed |= ended.has_failed;
                if let Some(Err(text)) = settings.coverage.as_ref().map(|c| c.merge(&ended.profile)) {
                    eprintln!("{text}");
                    has_failed = true;
                }
            }
        }
    });
    has_failed
}

fn prepare(
    settings: &Settings,
    options: &Options,
    target: &Target,
    loaded: Loaded,
    out: Option<&str>,
) -> Ready {
    let path = &target.import_path;
    let said = |text: String, has_failed: bool| {
        let text = text.into_bytes();
        let output = if settings.json { json::said(path, &text, has_failed, None) } else { text };
        Ready::Said(Ended { output, has_failed, ..Ended::default() })
    };
    let not_built = |why: &str| Ready::Said(broken(settings, path, "build", why));
    let program = match loaded {
        Loaded::Failed => return Ready::Told,
        Loaded::NoTests => {
            return match untested(settings, options, target) {
                Ok((text, profile)) => match said(text, false) {
                    Ready::Said(ended) => Ready::Said(Ended { profile, ..ended }),
                    ready => ready,
                },
                Err(failure) => not_built(&failure.to_string()),
            };
        }
        Loaded::Program(program) => program,
    };
    match compile(settings, options, *program) {
        Ok(report) => match executable(&report) {
            Some(executable) => {
                if let Some(out) = out
                    && let Err(e) = place(&executable, &out_path(out, target))
                {
                    return not_built(&format!("# {path}\ngoxide: {out}: {e}"));
                }
                Ready::Run { executable }
            }
            None => not_built(&format!("# {path}\nno program")),
        },
        Err(failure) => not_built(&failure.to_string()),
    }
}

fn compile(settings: &Settings, options: &Options, mut program: Program) -> Result<Report, Failure> {
    let toolchain = toolchain::toolchain();
    let cover = Cover { toolchain: &toolchain, cache: &settings.cache, options };
    cover.instrument(&mut program)?;
    build_program(&toolchain, &settings.cache, options, &program)
}

/// Builds a package without tests: what is said of it, and under `-cover` its part of the profile.
fn untested(settings: &Settings, options: &Options, target: &Target) -> Result<(String, Vec<u8>), Failure> {
    let program = whole(options, target).map_err(Failure::Load)?;
    let toolchain = toolchain::toolchain();
    let cover = Cover { toolchain: &toolchain, cache: &settings.cache, options };
    let is_counted = match &options.env.cover {
        Some(cover) => cover.patterns.is_none() || cover.selected.contains(&target.import_path),
        None => false,
    };
    let package = cover::untested(&program, target).filter(|_| is_counted);
    let said = match package {
        Some(package) => cover::of_unrun(cover, &settings.cache, options, package)?,
        None => None,
    };
    compile(settings, options, program)?;
    Ok(match said {
        Some(unrun) => (String::from_utf8_lossy(&unrun.said).into_owned(), unrun.profile),
        None => (format!("?   \t{}\t[no test files]\n", target.import_path), Vec::new()),
    })
}

fn executable(report: &Report) -> Option<PathBuf> {
    report.log.iter().for_each(|line| eprintln!("{line}"));
    report.built.first().and_then(|b| b.executable.clone())
}

/// `-c`: the programs are written, and not run. Whether something failed.
fn compile_only(settings: &Settings, options: &Options, targets: &[Target], out: Option<&str>) -> bool {
    let mut has_failed = false;
    for (target, loaded) in targets.iter().zip(load_all(settings, options, targets)) {
        let program = match loaded {
            Loaded::Program(program) => program,
            Loaded::NoTests => {
                match untested(settings, options, target) {
                    Ok((text, _)) => print!("{text}"),
                    Err(failure) => {
                        tell_build(settings, &failure);
                        has_failed = true;
                    }
                }
                continue;
            }
            Loaded::Failed => {
                has_failed = true;
                continue;
            }
        };
        let report = match compile(settings, options, *program) {
            Ok(report) => report,
            Err(failure) => {
                tell_build(settings, &failure);
                has_failed = true;
                continue;
            }
        };
        let to = out.map_or_else(|| PathBuf::from(default_name(target)), |out| out_path(out, target));
        if let Some(executable) = executable(&report)
            && let Err(e) = place(&executable, &to)
        {
            eprintln!("goxide: {}: {e}", to.display());
            has_failed = true;
        }
    }
    has_failed
}

fn tell_build(settings: &Settings, failure: &Failure) {
    let (output, log) = match settings.json {
        true => (json::build_failure(&failure.to_string()).0, String::new()),
        false => (Vec::new(), format!("{failure}\n")),
    };
    Ended { output, log, ..Ended::default() }.print();
}

/// What the test program of a package is called.
fn default_name(target: &Target) -> String {
    format!("{}.test", target.name)
}

fn out_path(out: &str, target: &Target) -> PathBuf {
    let path = Path::new(out);
    if path.is_dir() || out.ends_with('/') { path.join(default_name(target)) } else { path.into() }
}

fn place(executable: &Path, to: &Path) -> std::io::Result<()> {
    build::place(&std::fs::read(executable)?, to)
}
