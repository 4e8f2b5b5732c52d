//! A package's files on disk.

use crate::matching::Tags;
use goxide_source::SourceFile;
use std::path::PathBuf;
use std::sync::Arc;

/// What loading depends on.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The absolute current directory; relative arguments and shown paths start here.
    pub cwd: PathBuf,
    /// Further build tags (`-tags`).
    pub tags: Tags,
    /// Packages that the toolchain brings itself, by import path.
    pub overlay: Vec<OverlayPackage>,
}

/// A package whose text is in the toolchain: (file name, text) pairs.
#[derive(Clone, Debug)]
pub struct OverlayPackage {
    pub import_path: String,
    pub files: Vec<(String, Arc<[u8]>)>,
}

#[derive(Debug)]
pub struct GoFile {
    pub source: Arc<SourceFile>,
}

/// A package to be compiled.
#[derive(Debug)]
pub struct Package {
    /// As the go command prints it: `command-line-arguments` for named files.
    pub import_path: String,
    pub name: String,
    pub dir: PathBuf,
    /// In the order in which the compiler sees them: by name, or as named.
    pub files: Vec<GoFile>,
    /// Import paths in the source and the packages they stand for, sorted by path; `unsafe` left out.
    pub imports: Vec<(String, usize)>,
    /// The language version of its module.
    pub go_version: (u32, u32),
    /// Has assembly files: functions without bodies are declared elsewhere.
    pub has_assembly: bool,
    /// From the toolchain's overlay.
    pub is_overlay: bool,
}

impl Package {
    /// What linker symbols begin with: commands are `main`.
    pub fn link_path(&self) -> &str {
        if self.name == "main" { "main" } else { &self.import_path }
    }
}
