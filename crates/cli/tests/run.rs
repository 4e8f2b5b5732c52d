//! Builds and runs each `tests/run/*.go`. `NAME.out` has what it writes to stdout and stderr, as real
//! Go's program does (tracebacks, from the first `goroutine N` line on, are not compared), `NAME.exit`
//! the exit status where it is not 0. Each program runs with GOMAXPROCS 1 and 4, and once more with a
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
const MODES: &[&[(&str, &str)]] =
    &[&[("GOMAXPROCS", "1")], &[("GOMAXPROCS", "4")], &[("GOMAXPROCS", "2"), ("GODEBUG", "gcstress=1")]];

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
        let output = without_traceback(&ended.output);
        if output != without_traceback(&wanted) || ended.status != wanted_status {
            return Err(format!(
                "with {mode:?}: exit status {} (want {wanted_status}), output:\n{}\nwant:\n{wanted}",
                ended.status, ended.output
            )
            .into());
        }
    }
    Ok(())
}

fn without_traceback(output: &str) -> &str {
    let end = output.find("\n\ngoroutine ").unwrap_or(output.len());
    output[..end].trim_end()
}
