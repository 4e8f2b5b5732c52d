//! Builds and runs each `tests/run/*.go`. `NAME.out` has what it writes to stdout and stderr, as real
//! Go's program does (of tracebacks functions and lines count, not what differs from run to run),
//! `NAME.exit` the exit status where it is not 0. Each program runs with GOMAXPROCS 1 and 4, and once more with a
//! collection at every few allocations.

#[path = "common/child.rs"]
mod child;
mod common;

use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);
const MODES: &[&[(&str, &str)]] = &[
    &[("GOMAXPROCS", "1")],
    &[("GOMAXPROCS", "4")],
    &[("GOMAXPROCS", "2"), ("GODEBUG", "gcstress=1,clobberdead=1")],
];

fn main() {
    let args = Arguments::from_args();
    let scratch = Arc::new(tempfile::tempdir().expect("a temporary folder"));
    let trial = |source: PathBuf| {
        let name = source.file_stem().expect("a file").to_string_lossy().into_owned();
        let scratch = scratch.clone();
        Trial::test(name, move || check(&source, scratch.path()))
    };
    let trials: Vec<Trial> = common::files(&common::tests_dir("run"), "go").into_iter().map(trial).collect();
    assert!(!trials.is_empty(), "tests/run has programs");
    libtest_mimic::run(&args, trials).exit();
}

fn check(source: &Path, scratch: &Path) -> Result<(), Failed> {
    let read = |extension: &str| fs::read_to_string(source.with_extension(extension));
    let wanted = read("out").map_err(|e| format!("{}: {e}", source.with_extension("out").display()))?;
    let wanted_status: i32 =
        read("exit").map_or(Ok(0), |s| s.trim().parse()).map_err(|_| "bad .exit file")?;
    let exe = scratch.join(source.file_stem().expect("a file"));
    let mut build = Command::new(common::goxide());
    build.arg("build").arg("-o").arg(&exe).arg(source).env("GOXIDECACHE", scratch.join("cache"));
    let built = child::run(&mut build, LIMIT)?;
    if built.status != 0 {
        return Err(format!("does not build:\n{}", built.output).into());
    }
    for mode in MODES {
        let ended = child::run(Command::new(&exe).envs(mode.iter().copied()), LIMIT)
            .map_err(|e| format!("with {mode:?}: {e}"))?;
        if comparable(&ended.output) != comparable(&wanted) || ended.status != wanted_status {
            return Err(format!(
                "with {mode:?}: exit status {} (want {wanted_status}), output:\n{}\nwant:\n{wanted}",
                ended.status, ended.output
            )
            .into());
        }
    }
    Ok(())
}

/// Without addresses, numbers of goroutines but the main one's, arguments, folders, and the runtime's own
/// frames.
fn comparable(output: &str) -> String {
    let Some(traceback) = output.find("\n\ngoroutine ") else { return output.trim_end().to_string() };
    let mut kept = vec![];
    for line in output[..traceback].lines() {
        kept.push(line.split(" pc=0x").next().unwrap_or(line).to_string());
    }
    let mut lines = output[traceback..].lines();
    while let Some(line) = lines.next() {
        let is_runtime =
            |f: &str| ["panic(", "runtime.", "internal/runtime/"].iter().any(|p| f.starts_with(p));
        if let Some(rest) = line.strip_prefix("goroutine ") {
            let (id, state) = rest.split_once(' ').unwrap_or((rest, ""));
            kept.push(format!("goroutine {} {state}", if id == "1" { "1" } else { "N" }));
        } else if let Some(place) = line.strip_prefix('\t') {
            let place = place.rsplit('/').next().unwrap_or(place);
            kept.push(format!("\t{}", place.split(" +0x").next().unwrap_or(place)));
        } else if is_runtime(line) {
            lines.next();
        } else if let Some((name, _)) = line.split_once(" in goroutine ") {
            kept.push(name.to_string());
        } else {
            let end = if line.ends_with(')') { argument_list(line) } else { line.len() };
            kept.push(line[..end].to_string());
        }
    }
    kept.join("\n").trim_end().to_string()
}

/// Where the last parenthesis that is closed at the line's end begins.
fn argument_list(line: &str) -> usize {
    let mut depth = 0;
    for (at, c) in line.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth == 1 => return at,
            '(' => depth -= 1,
            _ => {}
        }
    }
    line.len()
}
