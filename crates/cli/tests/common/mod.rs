//! Shared by the suites that drive the built `goxide` from outside.

use std::fs;
use std::path::{Path, PathBuf};

pub fn goxide() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_goxide"))
}

/// A folder of the repository's `tests/`.
pub fn tests_dir(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(name)
}

/// The files of a folder with an extension, sorted.
pub fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let mut paths: Vec<PathBuf> = entries.map(|e| e.expect("a readable entry").path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == extension));
    paths.sort();
    paths
}
