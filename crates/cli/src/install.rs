//! `goxide install`: builds commands into the folder GOBIN, or `bin` below GOPATH.

use crate::invocation::invocation;
use crate::{FAILED, build, settings};
use std::path::PathBuf;

pub fn main(args: &[String]) -> u8 {
    match install(args) {
        Ok(()) => 0,
        Err(status) => status,
    }
}

fn install(args: &[String]) -> Result<(), u8> {
    let invocation = invocation("install", args)?;
    let words = &invocation.parsed.args;
    if let Some(remote) = words.iter().find(|w| w.contains('@')) {
        eprintln!(
            "go: {remote}: goxide fetches no modules: install it from a checkout, or bring it by 'go mod download'"
        );
        return Err(FAILED);
    }
    let report = build::build(&invocation.options, words)?;
    if invocation.options.dry_run {
        return Ok(());
    }
    let folder = folder().map_err(|text| {
        eprintln!("{text}");
        FAILED
    })?;
    for built in &report.built {
        // A package that is no command is only built.
        if let Some(executable) = &built.executable {
            build::place_program(executable, &folder.join(build::default_name(built)))?;
        }
    }
    Ok(())
}

fn folder() -> Result<PathBuf, &'static str> {
    match settings::get("GOBIN").map(PathBuf::from) {
        Some(dir) if dir.is_absolute() => Ok(dir),
        Some(_) => Err("cannot install, GOBIN must be an absolute path"),
        None => goxide_load::gopath(settings::get)
            .map(|dir| dir.join("bin"))
            .ok_or("go: no install location: GOPATH is not set, nor is HOME"),
    }
}
