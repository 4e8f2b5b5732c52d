//! The whole gate: what CI runs and a newcomer's second command.

use crate::tools::{Result, call, root};
use crate::{goroot, tidy};
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
    cargo(&root, &["test", "--workspace", "--release"])?;
    goroot::main(&[])
}
