//! The whole gate: what CI runs and a newcomer's second command.

use crate::tools::{Result, call, real_go, root};
use crate::{fuzzrun, goroot, real, stdtest, tidy};
use std::process::Command;

pub fn main() -> Result<()> {
    let (root, runtime) = (root(), root().join("crates/runtime"));
    let cargo =
        |dir: &std::path::Path, words: &[&str]| call(Command::new("cargo").args(words).current_dir(dir));
    for dir in [&root, &runtime] {
        cargo(dir, &["fmt", "--all", "--check"])?;
    }
    cargo(&root, &["clippy", "-q", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    cargo(&runtime, &["clippy", "-q", "--all-targets", "--", "-D", "warnings"])?;
    tidy::main()?;
    cargo(&runtime, &["test", "--lib"])?;
    cargo(&runtime.join("models"), &["test"])?;
    // Tests that import the standard library find it where real Go is.
    let go = real_go()?;
    let goroot = go.parent().and_then(std::path::Path::parent).ok_or("go is in no GOROOT")?;
    let mut tests = Command::new("cargo");
    tests.args(["test", "--workspace", "--release"]).current_dir(&root).env("GOROOT", goroot);
    call(&mut tests)?;
    real::gate()?;
    fuzzrun::gate()?;
    goroot::main(&[])?;
    stdtest::gate()
}
