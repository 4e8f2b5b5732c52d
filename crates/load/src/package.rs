//! A package's files on disk.

use crate::embed::Embed;
use crate::fsys::Fsys;
use crate::goroot::Places;
use crate::matching::Tags;
use crate::modules::ModFlag;
use crate::overlay::Overlay;
use goxide_source::SourceFile;
use std::path::PathBuf;
use std::sync::Arc;

/// What loading depends on.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The absolute current directory; relative arguments and shown paths start here.
    pub cwd: PathBuf,
    /// Files as `-overlay` has them.
    pub fsys: Arc<Fsys>,
    /// Further build tags (`-tags`).
    pub tags: Tags,
    /// What the toolchain changes of the standard library.
    pub overlay: Arc<Overlay>,
    /// Where the standard library may be.
    pub places: Places,
    pub mod_flag: ModFlag,
    /// `-cover`
    pub cover: Option<Cover>,
    /// `-modfile`: read in the place of go.mod.
    pub mod_file: Option<PathBuf>,
}

/// What is to be counted of a program's run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cover {
    /// `-covermode`: set, count or atomic.
    pub mode: String,
    /// `-coverpkg`; `None`: the package that is tested, or the packages of the main module.
    pub patterns: Option<Vec<String>>,
    /// The import paths that the patterns select, where tests are built.
    pub selected: Vec<String>,
}

#[derive(Debug)]
pub struct GoFile {
    pub source: Arc<SourceFile>,
    /// One that the toolchain's overlay adds.
    pub is_overlay: bool,
}

/// What a package's directory has for the assembler.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    /// `.s` files by name.
    pub files: Vec<TextFile>,
    /// `.h` files, whatever of them is included.
    pub headers: Vec<TextFile>,
}

/// A file that is not Go's.
#[derive(Clone, Debug)]
pub struct TextFile {
    pub path: PathBuf,
    pub text: Vec<u8>,
}

/// A module, as `runtime/debug.Module` has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Module {
    pub path: String,
    /// `None`: one that is being worked on.
    pub version: Option<String>,
    pub replace: Option<Box<Module>>,
    /// What go.sum says of it.
    pub sum: String,
}

/// A package to be compiled.
#[derive(Debug, Default)]
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
    /// Functions without bodies are declared elsewhere: there are assembly files, or it is std's.
    pub has_assembly: bool,
    /// Its assembly files, and the headers that these may include; of std, whose assembly has counterparts, none.
    pub assembly: Assembly,
    /// Of GOROOT or the toolchain.
    pub is_std: bool,
    pub module: Option<Module>,
    /// What `//go:debug` lines ask for.
    pub godebugs: Vec<(String, String)>,
    /// A command that is imported, by its tests.
    pub is_library: bool,
    /// Part of a test program for that package only.
    pub for_test: bool,
    /// What its `//go:embed` directives stand for.
    pub embeds: Vec<Embed>,
    /// Names of declarations to be removed from the files that are GOROOT's.
    pub dropped: Vec<String>,
}

impl Package {
    /// What linker symbols begin with: commands are `main`.
    pub fn link_path(&self) -> &str {
        if self.name == "main" && !self.is_library { "main" } else { &self.import_path }
    }

    /// The generated program that runs tests.
    pub fn is_test_main(&self) -> bool {
        self.for_test && self.link_path() == "main"
    }

    /// Whether the package is the runtime or bound to it, and may use its directives
    /// (`objabi.LookupPkgSpecial`).
    pub fn is_runtime(&self) -> bool {
        let path = self.import_path.as_str();
        let bound = [
            "internal/abi",
            "internal/bytealg",
            "internal/chacha8rand",
            "internal/coverage/rtcov",
            "internal/cpu",
            "internal/goarch",
            "internal/godebugs",
            "internal/goexperiment",
            "internal/goos",
            "internal/profilerecord",
            "internal/race",
            "internal/stringslite",
            "reflect",
            "runtime",
            "sync/atomic",
            "syscall",
        ];
        self.is_std
            && (bound.contains(&path)
                || path.starts_with("runtime/")
                || path.starts_with("internal/runtime/"))
    }
}
