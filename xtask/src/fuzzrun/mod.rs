//! Random programs, built by Goxide and by Go: what they write must be the same.
//!
//! A program is a function of its seed: well typed, ending, and of one result whatever is left open by the
//! language, as the order of maps. `H` of each line that it writes sums up all that a call saw.

mod expr;
mod program;
mod rng;
mod stmt;
mod types;

use crate::tools::{Result, capture, real_go, root};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);
/// Functions of a program.
const FUNCS: usize = 40;
const GATE_SEEDS: std::ops::Range<u64> = 1..3;

pub fn main(args: &[String]) -> Result<()> {
    let (mut seed, mut count, mut funcs, mut keep) = (1, 20, FUNCS, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|e| format!("{arg} {value}: {e}"));
        match arg.as_str() {
            "--seed" => seed = number()?,
            "--count" => count = number()?,
            "--funcs" => funcs = number()? as usize,
            "--keep" => keep = Some(PathBuf::from(value)),
            _ => return Err(format!("fuzzrun knows no {arg}")),
        }
    }
    run(seed..seed + count, funcs, keep.as_deref())
}

pub fn gate() -> Result<()> {
    run(GATE_SEEDS, FUNCS, None)
}

/// `keep`: a folder for the programs that differ.
fn run(seeds: std::ops::Range<u64>, funcs: usize, keep: Option<&Path>) -> Result<()> {
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let go = real_go()?;
    let mut differ = Vec::new();
    let count = seeds.end - seeds.start;
    for seed in seeds {
        if let Some(text) = differs(seed, funcs, scratch.path(), &go)? {
            println!("seed {seed}: {text}");
            differ.push(seed);
            if let Some(keep) = keep {
                let copy = |e: std::io::Error| format!("{}: {e}", keep.display());
                std::fs::create_dir_all(keep).map_err(copy)?;
                std::fs::copy(scratch.path().join("a.go"), keep.join(format!("{seed}.go"))).map_err(copy)?;
            }
        }
    }
    println!("{count} programs of {funcs} functions, {} differ", differ.len());
    if differ.is_empty() { Ok(()) } else { Err(format!("cargo xtask fuzzrun: seeds {differ:?}")) }
}

fn differs(seed: u64, funcs: usize, scratch: &Path, go: &Path) -> Result<Option<String>> {
    let source = scratch.join("a.go");
    let text = program::Gen::new(seed).program(funcs);
    std::fs::write(&source, text).map_err(|e| e.to_string())?;
    let build = |compiler: &Path, flags: &[&str], name: &str| {
        let exe = scratch.join(name);
        let mut command = Command::new(compiler);
        command.arg("build").args(flags).arg("-o").arg(&exe).arg(&source).current_dir(scratch);
        let built = capture(&mut command, LIMIT)?;
        let text = if built.status.is_none() { "it takes too long".into() } else { built.output };
        Ok::<_, String>(if built.status == Some(0) { Ok(exe) } else { Err(text) })
    };
    let goxide =
        std::env::var_os("GOXIDE").map_or_else(|| root().join("target/release/goxide"), PathBuf::from);
    let (go, goxide) = (build(go, &[], "go")?, build(&goxide, &[], "goxide")?);
    let (go, goxide) = match (go, goxide) {
        (Ok(go), Ok(goxide)) => (go, goxide),
        (Err(text), _) => return Ok(Some(format!("go does not build it:\n{text}"))),
        (_, Err(text)) => return Ok(Some(format!("goxide does not build it:\n{text}"))),
    };
    let wanted = capture(&mut Command::new(go), LIMIT)?;
    // A value that holds itself has no hash: its addresses would be compared.
    if wanted.output.contains("stack overflow") {
        return Ok(None);
    }
    for godebug in ["", "gcstress=1,clobberdead=1"] {
        let got = capture(Command::new(&goxide).env("GODEBUG", godebug), LIMIT)?;
        if got.status != wanted.status {
            return Ok(Some(format!(
                "GODEBUG={godebug}: status {:?}, go's {:?}\n{}",
                got.status,
                wanted.status,
                tail(&got.output)
            )));
        }
        let mut lines = wanted.output.lines().zip(got.output.lines()).enumerate();
        if let Some((n, (go, goxide))) = lines.find(|(_, (a, b))| a != b) {
            return Ok(Some(format!("GODEBUG={godebug}: line {}: {goxide}, go's: {go}", n + 1)));
        }
        if got.output != wanted.output {
            return Ok(Some(format!("GODEBUG={godebug}: ends otherwise\n{}", tail(&got.output))));
        }
    }
    Ok(None)
}

fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(1500).map_or(0, |(i, _)| i);
    &text[from..]
}
