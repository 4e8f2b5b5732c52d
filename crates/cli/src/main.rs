//! `goxide`: the command line, in the manner of `go`.
#![forbid(unsafe_code)]

mod build;
mod clean;
mod env;
mod flags;
mod help;
mod install;
mod progress;
mod run;
mod sha256;
mod test;
mod toolchain;

use std::process::ExitCode;

/// What a command ends with when the words of the call are wrong.
pub const USAGE_ERROR: u8 = 2;
/// What a command ends with when it could not do its work.
pub const FAILED: u8 = 1;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect();
    let Some((command, rest)) = args.split_first() else {
        eprint!("{}", help::OVERVIEW);
        return ExitCode::from(USAGE_ERROR);
    };
    let status = match command.as_str() {
        "build" => build::main(rest),
        "clean" => clean::main(rest),
        "run" => run::main(rest),
        "toolchain" => install::main(rest),
        "test" => test::main(rest),
        "version" => version(rest),
        "env" => env::main(rest),
        "help" | "-h" | "-help" | "--help" => help::main(rest),
        other => {
            eprintln!("goxide {other}: unknown command\nRun 'goxide help' for usage.");
            USAGE_ERROR
        }
    };
    ExitCode::from(status)
}

fn version(args: &[String]) -> u8 {
    if let Some(arg) = args.first() {
        eprintln!("usage: goxide version\ngoxide version: unexpected argument {arg}");
        return USAGE_ERROR;
    }
    println!("goxide version {} {} linux/amd64", env!("CARGO_PKG_VERSION"), toolchain::GO_VERSION);
    0
}
