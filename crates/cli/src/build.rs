//! `goxide build`, and what other commands share with it.

use crate::invocation::invocation;
use crate::progress::Progress;
use crate::{FAILED, env, goroot, toolchain};
use goxide_build::program::Report;
use goxide_build::{Built, Cache, Failure, Options};
use std::path::{Path, PathBuf};

/// Builds, and prints what was logged or went wrong.
pub fn build(options: &Options, args: &[String]) -> Result<Report, u8> {
    let root = env::cache_dir().map_err(|text| {
        eprintln!("{text}");
        FAILED
    })?;
    let cache = Cache::open(&root).map_err(|e| {
        eprintln!("goxide: cannot use the build cache {}: {e}", root.display());
        FAILED
    })?;
    let toolchain = toolchain::toolchain();
    let progress = Progress::begin();
    let options = Options { watch: progress.as_ref().map(Progress::watch), ..options.clone() };
    let work = || goxide_build::build(&toolchain, &cache, &options, args);
    let built = goroot::with_goroot(work, Failure::load_error);
    drop(progress);
    match built {
        Ok(report) => {
            report.log.iter().for_each(|line| eprintln!("{line}"));
            Ok(report)
        }
        Err(failure) => {
            eprintln!("{failure}");
            Err(FAILED)
        }
    }
}

pub fn main(args: &[String]) -> u8 {
    match build_and_place(args) {
        Ok(()) => 0,
        Err(status) => status,
    }
}

fn build_and_place(args: &[String]) -> Result<(), u8> {
    let invocation = invocation("build", args)?;
    let report = build(&invocation.options, &invocation.parsed.args)?;
    if invocation.options.dry_run {
        return Ok(());
    }
    let out = invocation.parsed.value("o").filter(|o| !o.is_empty());
    let several = report.built.len() > 1;
    let into_folder = out.is_some_and(|o| Path::new(o).is_dir() || o.ends_with('/'));
    if let Some(out) = out.filter(|o| several && !into_folder && *o != "/dev/null") {
        eprintln!("go: cannot write multiple packages to non-directory {out}");
        return Err(FAILED);
    }
    if into_folder && report.built.iter().all(|b| b.executable.is_none()) && !report.built.is_empty() {
        eprintln!("go: no main packages to build");
        return Err(FAILED);
    }
    for built in &report.built {
        let target = match out {
            Some(out) if into_folder => Path::new(out).join(default_name(built)),
            Some(out) => PathBuf::from(out),
            // As in go: several packages are only checked.
            None if several => continue,
            None => PathBuf::from(default_name(built)),
        };
        match (&built.executable, &built.object) {
            (Some(executable), _) => place_program(executable, &target)?,
            // As in go: a package that is no command is written only where -o says so.
            (None, Some(object)) if out.is_some() && !into_folder && !several => {
                place(object, &target).map_err(|e| unwritten(&target, &e))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn unwritten(target: &Path, error: &std::io::Error) -> u8 {
    if target.is_dir() {
        eprintln!("go: build output \"{}\" already exists and is a directory", target.display());
    } else {
        eprintln!("go: {}: {}", target.display(), goxide_load::os_text(error));
    }
    FAILED
}

/// Copies a program out of the cache.
pub fn place_program(executable: &Path, target: &Path) -> Result<(), u8> {
    let bytes = std::fs::read(executable).map_err(|e| unwritten(executable, &e))?;
    place(&bytes, target).map_err(|e| unwritten(target, &e))
}

/// The name of the executable: of the first file, or of the package's folder; of the one before for a folder
/// that only tells the major version.
pub fn default_name(built: &Built) -> String {
    if let Some(stem) = built.first_file.as_deref().and_then(|f| Path::new(f).file_stem()) {
        return stem.to_string_lossy().into_owned();
    }
    let is_major = |e: &str| {
        e.strip_prefix('v').is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1) && !n.starts_with('0'))
    };
    let mut elements = built.import_path.rsplit('/');
    let last = elements.next().unwrap_or("a.out");
    elements.next().filter(|_| is_major(last)).unwrap_or(last).into()
}

/// Writes what was built to its place. An old program that runs at the moment is not written into.
pub fn place(contents: &[u8], target: &Path) -> std::io::Result<()> {
    if target == Path::new("/dev/null") {
        return Ok(());
    }
    if let Some(dir) = target.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir)?;
    }
    goxide_build::cache::write_atomically(target, &[contents], 0o755)
}
