//! `goxide test`: builds a package's tests, runs them in its folder, and tells the result in go's lines.

mod flags;
mod json;
mod result;
mod run;

use crate::flags::FlagError;
use crate::{FAILED, USAGE_ERROR, build, env, help, install, toolchain};
use flags::Words;
use goxide_build::program::Report;
use goxide_build::{Cache, Failure, Options, build_test};
use goxide_load::Target;
use run::Ended;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};

/// What all packages of a run share.
pub struct Settings {
    words: Words,
    cache: Cache,
    json: bool,
    /// Output is shown as it comes.
    streams: bool,
    /// `-exec`
    exec: Option<Vec<String>>,
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

fn usage(error: &FlagError) -> u8 {
    if *error != FlagError::Help {
        eprintln!("{error}");
    }
    eprintln!("usage: {}\nRun 'goxide help test' for details.", help::usage("test"));
    USAGE_ERROR
}

fn test(args: &[String]) -> Result<(), u8> {
    let words = flags::parse(args).map_err(|e| usage(&e))?;
    for name in ["cover", "coverprofile", "coverpkg", "covermode"] {
        if words.test.value(name).is_some_and(|v| v != "false") {
            eprintln!("goxide test: -{name} is not supported yet");
            return Err(USAGE_ERROR);
        }
    }
    if let Some(text) = words.test.value("timeout").filter(|t| run::duration(t).is_none()) {
        eprintln!("invalid value \"{text}\" for flag -timeout: parse error");
        return Err(USAGE_ERROR);
    }
    let invocation = build::invocation("test", &words.build)?;
    let options = &invocation.options;
    let root = env::cache_dir().map_err(|text| {
        eprintln!("{text}");
        FAILED
    })?;
    let cache = Cache::open(&root).map_err(|e| {
        eprintln!("goxide: cannot use the build cache {}: {e}", root.display());
        FAILED
    })?;
    let find = || {
        let targets = goxide_load::targets(&options.env, &words.packages)?;
        // Every test program has package testing in it.
        options
            .env
            .places
            .find(toolchain::GO_VERSION)
            .map_err(|why| goxide_load::LoadError::NoGoroot(toolchain::GO_VERSION.into(), why))?;
        Ok(targets)
    };
    let targets = install::with_goroot(find, itself).map_err(|e| {
        eprintln!("{e}");
        FAILED
    })?;
    let has_bench = words.test.value("bench").is_some();
    let exec = invocation.parsed.value("exec");
    let settings = Settings {
        json: words.test.is_on("json"),
        streams: words.packages.is_empty() || has_bench,
        exec: exec
            .map(|e| e.split_whitespace().map(String::from).collect())
            .filter(|w: &Vec<_>| !w.is_empty()),
        words,
        cache,
    };
    let out = invocation.parsed.value("o");
    if settings.words.test.is_on("c") {
        return compile_only(&settings, options, &targets, out);
    }
    if out.is_some() && targets.len() > 1 {
        eprintln!("goxide: cannot use -o flag with multiple packages");
        return Err(USAGE_ERROR);
    }
    let threads = match settings.streams {
        true => 1,
        false => options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
    };
    let has_failed = run_all(&settings, options, &targets, out, threads);
    if !has_failed {
        return Ok(());
    }
    // A failure may have scrolled out of sight.
    if !settings.json && !settings.words.packages.is_empty() {
        println!("FAIL");
    }
    Err(FAILED)
}

fn itself(error: &goxide_load::LoadError) -> Option<&goxide_load::LoadError> {
    Some(error)
}

/// What building a package's tests came to.
enum Ready {
    Run { executable: PathBuf },
    Said(Ended),
}

/// Builds one package after the other, runs several at a time, and tells of them in order.
fn run_all(
    settings: &Settings,
    options: &Options,
    targets: &[Target],
    out: Option<&str>,
    threads: usize,
) -> bool {
    let (to_runners, jobs) = mpsc::channel::<(usize, Ready)>();
    let jobs = Mutex::new(jobs);
    let (to_printer, results) = mpsc::channel::<(usize, Ended)>();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (to_printer, jobs) = (to_printer.clone(), &jobs);
            scope.spawn(move || {
                loop {
                    let Ok((i, ready)) = jobs.lock().expect("not poisoned").recv() else { return };
                    let target = &targets[i];
                    let ended = match ready {
                        Ready::Said(ended) => ended,
                        Ready::Run { executable } => {
                            run::run(settings, &target.import_path, &target.dir, &executable)
                        }
                    };
                    if to_printer.send((i, ended)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_printer);
        scope.spawn(move || {
            for (i, target) in targets.iter().enumerate() {
                let ready = prepare(settings, options, target, out);
                if to_runners.send((i, ready)).is_err() {
                    return;
                }
            }
        });
        let mut has_failed = false;
        let mut waiting: BTreeMap<usize, Ended> = BTreeMap::new();
        let mut next = 0;
        for (i, ended) in results {
            waiting.insert(i, ended);
            while let Some(ended) = waiting.remove(&next) {
                let mut stdout = std::io::stdout().lock();
                // A reader that has gone away needs no output.
                let _ = stdout.write_all(&ended.output).and_then(|()| stdout.flush());
                has_failed |= ended.has_failed;
                next += 1;
            }
        }
        has_failed
    })
}

fn prepare(settings: &Settings, options: &Options, target: &Target, out: Option<&str>) -> Ready {
    let path = &target.import_path;
    match build_test(&toolchain::toolchain(), &settings.cache, options, target) {
        Ok(None) => {
            let line = format!("?   \t{path}\t[no test files]\n");
            Ready::Said(Ended { output: line.into_bytes(), has_failed: false })
        }
        Ok(Some(report)) => match executable(&report) {
            Some(executable) => {
                if let Some(out) = out
                    && let Err(e) = place(&executable, &out_path(out, target))
                {
                    return failed(format!("goxide: {out}: {e}\nFAIL\t{path} [build failed]\n"));
                }
                Ready::Run { executable }
            }
            None => failed(format!("FAIL\t{path} [build failed]\n")),
        },
        Err(Failure::Load(e)) => {
            eprintln!("# {path}\n{e}");
            failed(format!("FAIL\t{path} [setup failed]\n"))
        }
        Err(failure) => {
            eprintln!("{failure}");
            failed(format!("FAIL\t{path} [build failed]\n"))
        }
    }
}

fn failed(text: String) -> Ready {
    Ready::Said(Ended { output: text.into_bytes(), has_failed: true })
}

fn executable(report: &Report) -> Option<PathBuf> {
    report.log.iter().for_each(|line| eprintln!("{line}"));
    report.built.first().and_then(|b| b.executable.clone())
}

/// `-c`: the programs are written, and not run.
fn compile_only(
    settings: &Settings,
    options: &Options,
    targets: &[Target],
    out: Option<&str>,
) -> Result<(), u8> {
    let mut has_failed = false;
    for target in targets {
        let report = match build_test(&toolchain::toolchain(), &settings.cache, options, target) {
            Ok(Some(report)) => report,
            Ok(None) => {
                println!("?   \t{}\t[no test files]", target.import_path);
                continue;
            }
            Err(failure) => {
                eprintln!("{failure}");
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
    if has_failed { Err(FAILED) } else { Ok(()) }
}

fn default_name(target: &Target) -> String {
    format!("{}.test", target.import_path.rsplit('/').next().unwrap_or("a"))
}

fn out_path(out: &str, target: &Target) -> PathBuf {
    let path = Path::new(out);
    if path.is_dir() || out.ends_with('/') { path.join(default_name(target)) } else { path.into() }
}

fn place(executable: &Path, to: &Path) -> std::io::Result<()> {
    build::place(&std::fs::read(executable)?, to)
}
