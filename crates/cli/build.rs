//! Builds the freestanding runtime with a nested cargo and gives the CLI its ELF and a hash over all
//! that makes up the toolchain (D1).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Flags of the runtime's image: static, at a fixed address, linked by rustc's own lld.
const RUSTFLAGS: &[&str] = &[
    "-Crelocation-model=static",
    "-Cforce-frame-pointers=yes",
    "-Cstrip=debuginfo",
    "-Clinker=rust-lld",
    "-Clinker-flavor=ld.lld",
    "-Clink-self-contained=no",
    "-Clink-arg=-static",
    "-Clink-arg=--image-base=0x400000",
    "-Clink-arg=-znorelro",
];
const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() {
    let crates = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let runtime = crates.join("runtime");
    for path in
        [runtime.join("src"), runtime.join("Cargo.toml"), runtime.join("Cargo.lock"), crates.join("abi")]
    {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed={}", crates.join("../std").display());
    println!("cargo::rerun-if-changed=build.rs");
    let elf = build_runtime(&runtime, &out.join("runtime"));
    println!("cargo::rustc-env=GOXIDE_RUNTIME_ELF={}", elf.display());
    println!("cargo::rustc-env=GOXIDE_TOOLCHAIN_ID={}", toolchain_id(&crates, &elf));
}

fn build_runtime(runtime: &Path, target_dir: &Path) -> PathBuf {
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo sets it"));
    cargo.current_dir(runtime).args([
        "build",
        "--release",
        "--bin",
        "goxide-rt",
        "--target",
        TARGET,
        "--target-dir",
    ]);
    cargo.arg(target_dir);
    // The outer build's settings (wrappers as clippy's, flags, profile) are not the runtime's.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let keep = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_OFFLINE"].contains(&&*text);
        let leaks =
            ["RUSTFLAGS", "CLIPPY_ARGS", "TARGET", "HOST", "OUT_DIR", "PROFILE", "OPT_LEVEL", "DEBUG"];
        if text.starts_with("CARGO_") && !keep || text.starts_with("RUSTC") || leaks.contains(&&*text) {
            cargo.env_remove(&name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"));
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the runtime does not build");
    target_dir.join(TARGET).join("release/goxide-rt")
}

/// A hash over the runtime, the overlay and the compiler's sources: part of every cache key.
fn toolchain_id(crates: &Path, elf: &Path) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&fs::read(elf).expect("the runtime was built"));
    let mut folders = vec![crates.join("../std")];
    for name in
        ["abi", "source", "syntax", "types", "check", "ssa", "lower", "codegen", "link", "load", "build"]
    {
        folders.push(crates.join(name));
        println!("cargo::rerun-if-changed={}", crates.join(name).join("src").display());
    }
    folders.push(crates.join("../Cargo.lock"));
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a readable folder");
            let mut below: Vec<PathBuf> = entries.map(|e| e.expect("a readable entry").path()).collect();
            below.sort();
            folders.extend(below.into_iter().filter(|p| !p.ends_with("target") && !p.ends_with("tests")));
        } else if let Ok(text) = fs::read(&path) {
            hasher.update(&text);
        }
    }
    hasher.finalize().to_hex().to_string()
}
