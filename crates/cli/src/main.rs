//! `goxide`: the command line, in the manner of `go`.
#![forbid(unsafe_code)]

mod build;
mod clean;
mod env;
mod flags;
mod goroot;
mod help;
mod install;
mod invocation;
mod progress;
mod quoted;
mod run;
mod settings;
mod sha256;
mod test;
mod tool;
mod toolchain;
mod version;

use std::process::ExitCode;

/// What a command ends with when the words of the call are wrong.
pub const USAGE_ERROR: u8 = 2;
/// What a command ends with when it could not do its work.
pub const FAILED: u8 = 1;

fn main() -> ExitCode {
    let mut args: Vec<String> =
        std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    if let Err(text) = change_folder(&mut args) {
        eprintln!("{text}");
        return ExitCode::from(FAILED);
    }
    let Some((command, rest)) = args.split_first() else {
        eprint!("{}", help::OVERVIEW);
        return ExitCode::from(USAGE_ERROR);
    };
    // Of a bad setting env may still rid one.
    let is_free = matches!(command.as_str(), "env" | "help") || command.starts_with('-');
    if !is_free && let Err(status) = settings::experiments() {
        return ExitCode::from(status);
    }
    let status = match command.as_str() {
        "build" => build::main(rest),
        "clean" => clean::main(rest),
        "run" => run::main(rest),
        "install" => install::main(rest),
        "toolchain" => goroot::main(rest),
        "test" => test::main(rest),
        "version" => version::main(rest),
        "env" => env::main(rest),
        "fmt" => tool::fmt(rest),
        "tool" => tool::main(rest),
        "help" | "-h" | "-help" | "--help" => help::main(rest),
        flag if flag.starts_with('-') => {
            eprintln!("flag provided but not defined: -{}", flag.trim_start_matches('-'));
            eprint!("{}", help::OVERVIEW);
            USAGE_ERROR
        }
        "bug" | "doc" | "fix" | "generate" | "get" | "list" | "mod" | "telemetry" | "vet" | "work" => {
            eprintln!("goxide {command}: goxide has no such command; use the go command's");
            USAGE_ERROR
        }
        other => {
            eprintln!("goxide {other}: unknown command\nRun 'goxide help' for usage.");
            USAGE_ERROR
        }
    };
    ExitCode::from(status)
}

/// `-C dir` before or right behind the command: all else happens in that folder.
fn change_folder(args: &mut Vec<String>) -> Result<(), String> {
    let at = usize::from(args.first().is_some_and(|a| !a.starts_with('-')));
    let Some(word) = args.get(at).cloned() else { return Ok(()) };
    let Some(rest) = word.strip_prefix("--C").or_else(|| word.strip_prefix("-C")) else { return Ok(()) };
    let (dir, used) = match (rest.strip_prefix('='), args.get(at + 1)) {
        (Some(dir), _) => (dir.to_string(), 1),
        (None, Some(dir)) if rest.is_empty() => (dir.clone(), 2),
        _ => return Ok(()),
    };
    args.drain(at..at + used);
    std::env::set_current_dir(&dir).map_err(|e| format!("go: chdir {dir}: {}", goxide_load::os_text(&e)))
}
