//! What the binary carries: the runtime's ELF and the overlay's Go packages.

use goxide_build::Toolchain;
use goxide_load::OverlayPackage;
use include_dir::{Dir, include_dir};

/// The version of Go whose language and library this is.
pub const GO_VERSION: &str = "go1.27.3";

static STD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../std");

pub fn toolchain() -> Toolchain {
    Toolchain {
        id: env!("GOXIDE_TOOLCHAIN_ID").into(),
        runtime: include_bytes!(env!("GOXIDE_RUNTIME_ELF")),
        version: GO_VERSION,
    }
}

/// Each folder of `std/` that has Go files is a package.
pub fn overlay() -> Vec<OverlayPackage> {
    let mut packages = Vec::new();
    collect(&STD, &mut packages);
    packages.sort_by(|a, b| a.import_path.cmp(&b.import_path));
    packages
}

fn collect(dir: &Dir<'_>, packages: &mut Vec<OverlayPackage>) {
    let mut files: Vec<(String, std::sync::Arc<[u8]>)> = dir
        .files()
        .filter(|f| f.path().extension().is_some_and(|e| e == "go"))
        .filter_map(|f| Some((f.path().file_name()?.to_str()?.to_string(), f.contents().into())))
        .collect();
    files.sort();
    if !files.is_empty() {
        packages.push(OverlayPackage { import_path: dir.path().display().to_string(), files });
    }
    dir.dirs().for_each(|d| collect(d, packages));
}
