//! The flags that `build`, `run`, `install` and `test` share, as go has them, and what they ask of a build.

use crate::flags::{self, FlagError, Parsed, Spec};
use crate::{FAILED, USAGE_ERROR, help, quoted, settings, toolchain};
use goxide_build::{Options, PackageFlags};
use goxide_load::{Cover, Fsys, ModFlag, Places};
use std::path::Path;
use std::sync::Arc;

/// The build flags, common to all commands that build.
const BUILD_FLAGS: &[Spec] = &[
    Spec::checked("C", |_| Err("-C flag must be first flag on command line".into())),
    Spec::boolean("a"),
    Spec::boolean("asan"),
    Spec::checked("asmflags", package_flags),
    Spec::text("buildmode"),
    Spec::boolean_or("buildvcs", "auto"),
    Spec::checked("compiler", compiler),
    Spec::boolean("cover"),
    Spec::checked("covermode", cover_mode),
    Spec::text("coverpkg"),
    Spec::checked("gccgoflags", package_flags),
    Spec::checked("gcflags", package_flags),
    Spec::text("installsuffix"),
    Spec::boolean("json"),
    Spec::checked("ldflags", package_flags),
    Spec::boolean("linkshared"),
    Spec::text("mod"),
    Spec::boolean("modcacherw"),
    Spec::text("modfile"),
    Spec::boolean("msan"),
    Spec::boolean("n"),
    Spec::text("overlay"),
    Spec::number("p"),
    Spec::text("pgo"),
    Spec::text("pkgdir"),
    Spec::boolean("race"),
    Spec::checked("tags", |v| tags(v).map(|_| ())),
    Spec::text("toolexec"),
    Spec::boolean("trimpath"),
    Spec::boolean("v"),
    Spec::boolean("work"),
    Spec::boolean("x"),
];
const OUTPUT: Spec = Spec::text("o");
const EXEC: Spec = Spec::checked("exec", |v| quoted::split(v).map(|_| ()));

/// What a command takes.
pub fn specs(command: &str) -> Vec<Spec> {
    let own: &[Spec] = match command {
        "build" => &[OUTPUT],
        "run" => &[EXEC],
        "test" => &[OUTPUT, EXEC],
        _ => &[],
    };
    BUILD_FLAGS.iter().chain(own).copied().collect()
}

/// Whether a build flag has the name, `-o` aside: GOFLAGS cannot give that.
pub fn is_flag(name: &str) -> bool {
    BUILD_FLAGS.iter().chain(&[EXEC]).any(|s| s.name == name)
}

fn package_flags(value: &str) -> Result<(), String> {
    let mut flags = PackageFlags::default();
    add_package_flags(&mut flags, value)
}

/// `[pattern=]flags`
fn add_package_flags(flags: &mut PackageFlags, value: &str) -> Result<(), String> {
    let value = value.trim();
    let (pattern, list) = if value.is_empty() || value.starts_with('-') {
        (None, value)
    } else {
        let (pattern, list) = value.split_once('=').ok_or("missing =<value> in <pattern>=<value>")?;
        if pattern.is_empty() {
            return Err("missing <pattern> in <pattern>=<value>".into());
        }
        if let Some(quote) = pattern.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            return Err(format!("parameter may not start with quote character {quote}"));
        }
        (Some(pattern.trim().to_string()), list)
    };
    flags.add(pattern, quoted::split(list)?);
    Ok(())
}

fn compiler(name: &str) -> Result<(), String> {
    match name {
        "gc" => Ok(()),
        "gccgo" => Err("gccgo is not supported".into()),
        _ => Err(format!("unknown compiler \"{name}\"")),
    }
}

/// A list parted by commas, or by white space, as it was once.
fn tags(value: &str) -> Result<Vec<String>, String> {
    if value.contains([' ', '\'']) {
        return quoted::split(value);
    }
    Ok(value.split(',').filter(|t| !t.is_empty()).map(String::from).collect())
}

/// An invocation that was understood.
pub struct Invocation {
    pub parsed: Parsed,
    pub options: Options,
}

/// Tells what is wrong with the words of a call.
pub fn usage(command: &str, error: &FlagError) -> u8 {
    if *error != FlagError::Help {
        eprintln!("{error}");
    }
    eprintln!("usage: {}\nRun 'goxide help {command}' for details.", help::usage(command));
    USAGE_ERROR
}

fn failed(text: impl std::fmt::Display) -> u8 {
    eprintln!("{text}");
    FAILED
}

/// Reads flags and environment; prints what is wrong with them.
pub fn invocation(command: &str, args: &[String]) -> Result<Invocation, u8> {
    let specs = specs(command);
    let goflags = settings::goflags().map_err(failed)?;
    let mut parsed = flags::parse(&specs, args).map_err(|e| usage(command, &e))?;
    let given = flags::from_goflags(&specs, &goflags).map_err(|e| usage(command, &e))?;
    parsed.flags.splice(0..0, given);
    refuse_unsupported(&parsed)?;
    let cwd = std::env::current_dir()
        .map_err(|e| failed(format!("goxide: cannot determine current directory: {e}")))?;
    let mut options = Options {
        trimpath: parsed.is_on("trimpath"),
        verbose: parsed.is_on("v"),
        print_steps: parsed.is_on("x") || parsed.is_on("n"),
        dry_run: parsed.is_on("n"),
        rebuild: parsed.is_on("a"),
        keep_going: std::env::var_os("GOXIDE_KEEPGOING").is_some_and(|v| v == "1"),
        ..Options::default()
    };
    let overlay = toolchain::overlay().map_err(|text| failed(format!("goxide: {text}")))?;
    options.env.overlay = overlay.into();
    options.env.places = Places::from_settings(settings::get);
    if let Some(value) = parsed.value("tags") {
        let list = tags(value).unwrap_or_default();
        if list.iter().any(|t| t.contains(',')) {
            eprintln!("go: -tags space-separated list contains comma");
            return Err(USAGE_ERROR);
        }
        options.env.tags.user = list;
    }
    options.env.tags.experiments = settings::experiments()?;
    if let Some(name) = options.env.tags.experiments.lacking() {
        return Err(failed(format!(
            "goxide: GOEXPERIMENT {name} is not supported: it needs gc's own runtime or compiler"
        )));
    }
    options.env.cover = cover(&parsed);
    options.env.mod_flag = mod_flag(&parsed)?;
    options.env.mod_file = parsed.value("modfile").filter(|f| !f.is_empty()).map(|f| cwd.join(f));
    options.env.fsys =
        fsys(&parsed, &cwd, &options.env.places).map_err(|text| failed(format!("go: {text}")))?;
    options.env.cwd = cwd;
    if let Some(jobs) = parsed.value("p") {
        let jobs: i64 = jobs.parse().unwrap_or(0);
        let jobs = usize::try_from(jobs).ok().filter(|&n| n > 0);
        options.jobs = Some(jobs.ok_or_else(|| {
            failed(format!("go: -p must be a positive integer: {}", parsed.value("p").unwrap_or("")))
        })?);
    }
    for (name, value) in &parsed.flags {
        // The form of the values has been checked.
        let told = &mut options.told;
        match *name {
            "asmflags" => told.asmflags = Some(value.clone()),
            "gcflags" => {
                told.gcflags.clone_from(value);
                compiler_flags(value, &mut options).map_err(|text| failed(format!("compile: {text}")))?;
            }
            "ldflags" => {
                told.ldflags.clone_from(value);
                let _ = add_package_flags(&mut options.ldflags, value);
            }
            _ => {}
        }
    }
    options.ldflags.check().map_err(failed)?;
    if parsed.is_on("work") {
        let dir = tempfile::Builder::new().prefix("goxide-build").tempdir();
        let path = dir.map_err(|e| failed(format!("goxide: creating work dir: {e}")))?.keep();
        eprintln!("WORK={}", path.display());
        options.work = Some(path);
    }
    Ok(Invocation { parsed, options })
}

fn cover_mode(value: &str) -> Result<(), String> {
    match value {
        "" | "set" | "count" | "atomic" => Ok(()),
        _ => Err("valid modes are \"set\", \"count\", or \"atomic\"".into()),
    }
}

/// `-cover`, which the flags that say more of it imply.
fn cover(parsed: &Parsed) -> Option<Cover> {
    let (mode, patterns) = (parsed.value("covermode"), parsed.value("coverpkg"));
    let is_given = parsed.is_on("cover") || mode.is_some() || patterns.is_some();
    is_given.then(|| Cover {
        mode: mode.filter(|m| !m.is_empty()).unwrap_or("set").into(),
        patterns: patterns.filter(|p| !p.is_empty()).map(|p| p.split(',').map(String::from).collect()),
        selected: Vec::new(),
    })
}

/// Files as `-overlay` has them.
fn fsys(parsed: &Parsed, cwd: &Path, places: &Places) -> Result<Arc<Fsys>, String> {
    let Some(file) = parsed.value("overlay").filter(|f| !f.is_empty()) else { return Ok(Arc::default()) };
    let fsys = Fsys::read_overlay(cwd, file)?;
    if let Some(cache) = &places.modules
        && let Some(from) = fsys.replaced_in(cache)
    {
        let (from, cache) = (from.display(), cache.display());
        return Err(format!(
            "overlay contains a replacement for {from}. Files beneath GOMODCACHE ({cache}) must not be replaced."
        ));
    }
    Ok(fsys.into())
}

/// What go does and goxide does not is said, not passed over.
fn refuse_unsupported(parsed: &Parsed) -> Result<(), u8> {
    for name in ["race", "msan", "asan", "linkshared", "json"] {
        if parsed.is_on(name) {
            eprintln!("goxide: -{name} is not supported");
            return Err(USAGE_ERROR);
        }
    }
    if parsed.value("toolexec").is_some_and(|v| !v.is_empty()) {
        eprintln!("goxide: -toolexec is not supported: there are no tools to be run");
        return Err(USAGE_ERROR);
    }
    match parsed.value("buildmode").unwrap_or("default") {
        "default" | "exe" => {}
        mode @ ("archive" | "c-archive" | "c-shared" | "pie" | "plugin" | "shared") => {
            return Err(failed(format!("-buildmode={mode} not supported on goxide")));
        }
        mode => return Err(failed(format!("buildmode={mode} not supported"))),
    }
    Ok(())
}

fn mod_flag(parsed: &Parsed) -> Result<ModFlag, u8> {
    match parsed.value("mod").unwrap_or("") {
        "" => Ok(ModFlag::Unset),
        "mod" => Ok(ModFlag::Mod),
        "readonly" => Ok(ModFlag::Readonly),
        "vendor" => Ok(ModFlag::Vendor),
        other => {
            Err(failed(format!("-mod={other} not supported (can be '', 'mod', 'readonly', or 'vendor')")))
        }
    }
}

/// `-gcflags`: `-e` and `-lang` mean something here; gc's tuning flags are taken and ignored.
fn compiler_flags(value: &str, options: &mut Options) -> Result<(), String> {
    let list = match value.split_once('=') {
        Some((pattern, list)) if !pattern.starts_with('-') => list,
        _ => value,
    };
    for flag in quoted::split(list)? {
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
                "N",
                "l",
                "B",
                "C",
                "S",
                "m",
                "w",
                "d",
                "c",
                "p",
                "complete",
                "live",
                "race",
                "shared",
                "std",
                "+",
                "dwarf",
                "trimpath",
                "spectre",
                "smallframes",
            ];
            let word = name.split('=').next().unwrap_or(name);
            if !known.contains(&word) {
                return Err(format!("flag provided but not defined: -{word}"));
            }
        }
    }
    Ok(())
}
