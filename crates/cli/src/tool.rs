//! `goxide tool` and `goxide fmt`: commands of GOROOT, built by Goxide itself.

use crate::flags::{self, FlagError, Spec};
use crate::invocation::invocation;
use crate::progress::Progress;
use crate::{FAILED, USAGE_ERROR, env, goroot, toolchain};
use goxide_build::tool::{Tool, tool};
use goxide_build::{Cache, Failure, Options};
use goxide_load::Target;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOOL_FLAGS: &[Spec] = &[Spec::boolean("n")];
const TOOL_USAGE: &str = "usage: goxide tool [-n] command [args...]\nRun 'goxide help tool' for details.";
const FMT_FLAGS: &[Spec] = &[Spec::boolean("n"), Spec::boolean("x")];
const FMT_USAGE: &str = "usage: goxide fmt [-n] [-x] [packages]\nRun 'goxide help fmt' for details.";
/// Commands of GOROOT that are no tools of go's.
const NOT_TOOLS: &[&str] = &["api", "dist", "distpack", "go", "gofmt", "relnote"];
/// Files that one gofmt is given.
const BATCH: usize = 200;

fn usage(error: &FlagError, usage: &str) -> u8 {
    if *error != FlagError::Help {
        eprintln!("{error}");
    }
    eprintln!("{usage}");
    USAGE_ERROR
}

fn failed(text: impl std::fmt::Display) -> u8 {
    eprintln!("{text}");
    FAILED
}

/// The tool's own status, or why there is none.
pub fn main(args: &[String]) -> u8 {
    let parsed = match flags::parse(TOOL_FLAGS, args) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error, TOOL_USAGE),
    };
    let run = || {
        let options = invocation("tool", &[])?.options;
        let root = places(&options)?;
        let Some((name, rest)) = parsed.args.split_first() else {
            tools(&root).iter().for_each(|name| println!("{name}"));
            return Ok(0);
        };
        if !tools(&root).contains(name) {
            eprintln!("go: no such tool {name:?}");
            return Err(USAGE_ERROR);
        }
        let tool = built(&options, name)?;
        if parsed.is_on("n") {
            println!("{} {}", tool.executable.display(), rest.join(" "));
            return Ok(0);
        }
        let status = Command::new(&tool.executable).args(rest).env("GOROOT", &tool.goroot).status();
        let status = status.map_err(|e| failed(format!("go tool {name}: {e}")))?;
        Ok(status.code().map_or(FAILED, |code| u8::try_from(code).unwrap_or(FAILED)))
    };
    run().unwrap_or_else(|status| status)
}

/// The folder of GOROOT, brought if it is not there.
fn places(options: &Options) -> Result<PathBuf, u8> {
    let find = || {
        let found = options.env.places.find(toolchain::GO_VERSION);
        found.map_err(|why| goxide_load::LoadError::NoGoroot(toolchain::GO_VERSION.into(), why))
    };
    goroot::with_goroot(find, |error| Some(error)).map_err(failed)
}

fn tools(goroot: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(goroot.join("src/cmd")).into_iter().flatten().flatten();
    let is_command = |dir: &PathBuf| dir.join("main.go").is_file() || dir.join("doc.go").is_file();
    let commands = entries.map(|e| e.path()).filter(is_command);
    let names = commands.filter_map(|dir| Some(dir.file_name()?.to_str()?.to_string()));
    let mut names: Vec<String> = names.filter(|name| !NOT_TOOLS.contains(&name.as_str())).collect();
    names.sort();
    names
}

fn built(options: &Options, name: &str) -> Result<Tool, u8> {
    let root = env::cache_dir().map_err(failed)?;
    let cache = Cache::open(&root)
        .map_err(|e| failed(format!("goxide: cannot use the build cache {}: {e}", root.display())))?;
    let progress = Progress::begin();
    let options = Options { watch: progress.as_ref().map(Progress::watch), ..options.clone() };
    let find = || tool(&toolchain::toolchain(), &cache, &options, name);
    let found = goroot::with_goroot(find, Failure::load_error);
    drop(progress);
    found.map_err(failed)
}

pub fn fmt(args: &[String]) -> u8 {
    let parsed = match flags::parse(FMT_FLAGS, args) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error, FMT_USAGE),
    };
    let (is_dry, shows) = (parsed.is_on("n"), parsed.is_on("n") || parsed.is_on("x"));
    let run = || {
        let options = invocation("fmt", &[])?.options;
        let find = || goxide_load::targets(&options.env, &parsed.args);
        let found = goroot::with_goroot(find, |error| Some(error)).map_err(failed)?;
        let mut status = 0;
        for (_, error) in &found.wrong {
            status = failed(error);
        }
        let files: Vec<String> = found.targets.iter().flat_map(|t| files(t, &options.env.cwd)).collect();
        let gofmt = built(&options, "gofmt")?;
        for batch in files.chunks(BATCH) {
            if shows {
                eprintln!("{} -l -w {}", gofmt.executable.display(), batch.join(" "));
            }
            if is_dry {
                continue;
            }
            let ended = Command::new(&gofmt.executable).args(["-l", "-w"]).args(batch).status();
            if !ended.map_err(|e| failed(format!("goxide: gofmt: {e}")))?.success() {
                status = FAILED;
            }
        }
        Ok(status)
    };
    run().unwrap_or_else(|status: u8| status)
}

/// All Go files of a package, whether they are part of a build or not.
fn files(target: &Target, cwd: &Path) -> Vec<String> {
    if !target.files.is_empty() {
        return target.files.clone();
    }
    let entries = std::fs::read_dir(&target.dir).into_iter().flatten().flatten().map(|e| e.path());
    let is_go = |path: &PathBuf| {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        name.ends_with(".go") && !name.starts_with(['.', '_']) && path.is_file()
    };
    let short = |path: PathBuf| {
        let short = goxide_load::shorten(&path.display().to_string(), cwd);
        short.strip_prefix("./").map_or(short.clone(), String::from)
    };
    let mut files: Vec<String> = entries.filter(is_go).map(short).collect();
    files.sort();
    files
}
