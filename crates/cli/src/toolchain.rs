//! What the binary carries: the runtime's ELF and the overlay's Go packages.

use goxide_build::Toolchain;
use goxide_load::Overlay;
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

/// What `std/` says and holds.
pub fn overlay() -> Result<Overlay, String> {
    let text =
        STD.get_file("OVERLAY.toml").and_then(|f| f.contents_utf8()).ok_or("std/OVERLAY.toml is missing")?;
    let mut files = Vec::new();
    collect(&STD, &mut files);
    Overlay::parse(text, files).map_err(|e| format!("std/OVERLAY.toml: {e}"))
}

/// The Go files below a folder: import path, name, contents.
fn collect(dir: &Dir<'static>, files: &mut Vec<(String, String, &'static [u8])>) {
    let is_go = |f: &&include_dir::File<'static>| f.path().extension().is_some_and(|e| e == "go");
    for file in dir.files().filter(is_go) {
        if let Some(name) = file.path().file_name().and_then(|n| n.to_str()) {
            files.push((dir.path().display().to_string(), name.into(), file.contents()));
        }
    }
    dir.dirs().for_each(|d| collect(d, files));
}
