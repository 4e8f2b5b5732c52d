//! Repository chores: `cargo xtask COMMAND`.
#![forbid(unsafe_code)]

mod bench;
mod fuzzrun;
mod gate;
mod goroot;
mod modules;
mod real;
mod stdtest;
mod tidy;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  test      the whole gate: formatting, clippy, house rules, all tests, Go's own and std's test files
  goroot    Go's own test files against tests/goroot/status.tsv
              --bless     write what was found into the status file (it may only get better)
              --only RE   only files whose path matches
              --plain     each program once, not with GOMAXPROCS=1, 4 and gcstress=1 too
              --learn     writes what real Go does with each file into tests/goroot/go1.27.tsv
              -v          say of each failure what was wrong
  std       std's own tests against tests/std/status.tsv
              --bless, --only RE
              --gate      as the gate runs them: without what is long or flaky
  real      programs out of GOROOT, built by Goxide, against the same ones built by Go
              --only gofmt|types|compile|ssatest|go|tools
  modules   the tests of modules out of Debian's packages of Go sources, with Goxide and with Go
              --only RE   only packages whose path matches
  fuzzrun   random programs, built by Goxide and by Go, that must write the same
              --seed N, --count N, --funcs N (of a program), --keep DIR (for those that differ)
  bench     programs of bench/ with Goxide and with Go, side by side, as a table
              --only RE (also start-up, builds), --runs N, --bless (writes docs/PERFORMANCE.md)
  tidy      the house rules that a machine can check
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    let done = match command.as_str() {
        "test" => gate::main(),
        "goroot" => goroot::main(rest),
        "std" => stdtest::main(rest),
        "real" => real::main(rest),
        // By `real`, through the go command.
        "toolexec" => real::toolexec(rest),
        "modules" => modules::main(rest),
        "fuzzrun" => fuzzrun::main(rest),
        "bench" => bench::main(rest),
        "tidy" => tidy::main(),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("xtask: {text}");
            ExitCode::FAILURE
        }
    }
}
