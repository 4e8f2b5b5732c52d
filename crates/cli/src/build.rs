//! `goxide build`, and what `run` shares with it.

use crate::flags::{self, FlagError, Parsed, Spec};
use crate::progress::Progress;
use crate::{FAILED, USAGE_ERROR, env, help, install, toolchain};
use goxide_build::program::Report;
use goxide_build::{Built, Cache, Failure, Options};
use std::path::{Path, PathBuf};

/// The build flags, common to `build` and `run`.
pub const BUILD_FLAGS: &[Spec] = &[
    Spec { name: "o", is_bool: false },
    Spec { name: "v", is_bool: true },
    Spec { name: "x", is_bool: true },
    Spec { name: "n", is_bool: true },
    Spec { name: "a", is_bool: true },
    Spec { name: "work", is_bool: true },
    Spec { name: "trimpath", is_bool: true },
    Spec { name: "p", is_bool: false },
    Spec { name: "tags", is_bool: false },
    Spec { name: "gcflags", is_bool: false },
    Spec { name: "ldflags", is_bool: false },
    Spec { name: "exec", is_bool: false },
];

/// An invocation that was understood.
pub struct Invocation {
    pub parsed: Parsed,
    pub options: Options,
}

/// Reads flags and environment; prints what is wrong with them.
pub fn invocation(command: &str, args: &[String]) -> Result<Invocation, u8> {
    let parsed = flags::parse(BUILD_FLAGS, args).map_err(|e| {
        if e == FlagError::Help {
            eprintln!("usage: {}\nRun 'goxide help {command}' for details.", help::usage(command));
        } else {
            eprintln!("{e}\nusage: {}\nRun 'goxide help {command}' for details.", help::usage(command));
        }
        USAGE_ERROR
    })?;
    let cwd = std::env::current_dir().map_err(|e| {
        eprintln!("goxide: cannot determine current directory: {e}");
        FAILED
    })?;
    let mut options = Options {
        trimpath: parsed.is_on("trimpath"),
        verbose: parsed.is_on("v"),
        print_steps: parsed.is_on("x") || parsed.is_on("n"),
        dry_run: parsed.is_on("n"),
        rebuild: parsed.is_on("a"),
        keep_going: std::env::var_os("GOXIDE_KEEPGOING").is_some_and(|v| v == "1"),
        ..Options::default()
    };
    options.env.cwd = cwd;
    let overlay = toolchain::overlay().map_err(|text| {
        eprintln!("goxide: {text}");
        FAILED
    })?;
    options.env.overlay = overlay.into();
    options.env.places = goxide_load::Places::from_env();
    options.env.tags.user = parsed
        .value("tags")
        .unwrap_or("")
        .split([',', ' '])
        .filter(|t| !t.is_empty())
        .map(String::from)
        .collect();
    if let Some(jobs) = parsed.value("p") {
        options.jobs = Some(jobs.parse().ok().filter(|&n: &usize| n > 0).ok_or_else(|| {
            eprintln!("invalid value \"{jobs}\" for flag -p: parse error");
            USAGE_ERROR
        })?);
    }
    for (name, value) in parsed.flags.iter().filter(|(n, _)| *n == "gcflags") {
        compiler_flags(value, &mut options).map_err(|text| {
            eprintln!("goxide: -{name}: {text}");
            USAGE_ERROR
        })?;
    }
    if parsed.is_on("work") {
        let dir = tempfile::Builder::new().prefix("goxide-build").tempdir().map_err(|e| {
            eprintln!("goxide: creating work dir: {e}");
            FAILED
        })?;
        let path = dir.keep();
        eprintln!("WORK={}", path.display());
        options.work = Some(path);
    }
    Ok(Invocation { parsed, options })
}

/// `-gcflags`: `-e` and `-lang` mean something here; gc's tuning flags are taken and ignored.
fn compiler_flags(value: &str, options: &mut Options) -> Result<(), String> {
    // A pattern before `=` says for which packages; there are no others in a build of files.
    let list = match value.split_once('=') {
        Some((pattern, list)) if !pattern.starts_with('-') => list,
        _ => value,
    };
    for flag in list.split_whitespace() {
        let name = flag.trim_start_matches('-');
        if let Some(on) = name.strip_prefix('e').filter(|rest| rest.is_empty() || rest.starts_with('=')) {
            options.all_errors = !matches!(on, "=0" | "=false");
        } else if let Some(version) = name.strip_prefix("lang=") {
            let minor = version.strip_prefix("go1.").and_then(|n| n.parse().ok());
            let minor = minor.ok_or_else(|| {
                format!("invalid value \"{version}\" for -lang: should be something like \"go1.12\"")
            })?;
            if minor > goxide_load::LANGUAGE_VERSION.1 {
                let (major, ours) = goxide_load::LANGUAGE_VERSION;
                return Err(format!(
                    "invalid value \"{version}\" for -lang: max known version is \"go{major}.{ours}\""
                ));
            }
            options.language = Some((1, minor));
        } else {
            let known = [
                "N", "l", "B", "C", "S", "m", "w", "d", "c", "p", "complete", "live", "race", "shared",
                "std", "+",
            ];
            let word = name.split('=').next().unwrap_or(name);
            if !known.contains(&word) {
                return Err(format!("flag provided but not defined: -{word}"));
            }
        }
    }
    Ok(())
}

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
    let built = install::with_goroot(work, Failure::load_error);
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
    let out = invocation.parsed.value("o");
    let several = report.built.len() > 1;
    for built in &report.built {
        let contents = match (&built.executable, &built.object) {
            (Some(executable), _) => std::fs::read(executable).map_err(|e| {
                eprintln!("goxide: {}: {e}", executable.display());
                FAILED
            })?,
            // As in go: a package that is no command is written only where -o says so.
            (None, Some(object)) if out.is_some() && !several => object.clone(),
            _ => continue,
        };
        let target = match out {
            Some(out) if Path::new(out).is_dir() || out.ends_with('/') => {
                Path::new(out).join(default_name(built))
            }
            Some(_) if several => {
                eprintln!("goxide: no such directory: with several packages -o must name one");
                return Err(FAILED);
            }
            Some(out) => PathBuf::from(out),
            // As in go: several packages are only checked.
            None if several => continue,
            None => PathBuf::from(default_name(built)),
        };
        place(&contents, &target).map_err(|e| {
            eprintln!("goxide: {}: {e}", target.display());
            FAILED
        })?;
    }
    Ok(())
}

/// The name of the executable: of the first file, or of the package's folder.
fn default_name(built: &Built) -> String {
    let from_file = built.first_file.as_deref().and_then(|f| Path::new(f).file_stem());
    let last = built.import_path.rsplit('/').next().unwrap_or("a.out");
    from_file.map_or_else(|| last.to_string(), |s| s.to_string_lossy().into_owned())
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
