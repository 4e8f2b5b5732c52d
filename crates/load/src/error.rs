//! Why a program could not be loaded, in the go command's words.

use crate::NoGoroot;
use std::fmt;
use std::path::PathBuf;

#[derive(Debug)]
pub enum LoadError {
    /// No go.mod above the current directory, and the arguments need one.
    NoModule,
    NoGoFilesListed,
    /// The named files stand in several directories.
    SeveralDirectories(String, String),
    /// A named file does not end in .go.
    NotGoFile(String),
    Io(PathBuf, std::io::Error),
    NoGoFiles(String),
    /// All files are left out by build constraints: import path and folder.
    Excluded(String, String),
    /// There are only test files.
    OnlyTests(String, String),
    /// `found packages a (x.go) and b (y.go) in dir`
    SeveralPackages {
        dir: String,
        first: (String, String),
        second: (String, String),
    },
    /// What is wrong in go.mod or go.work.
    GoMod {
        file: &'static str,
        lines: Vec<String>,
    },
    NoModuleLine(String),
    /// A file that was asked for by name.
    Open(String, std::io::Error),
    /// What needs a newer Go.
    TooNew {
        what: String,
        version: String,
        running: String,
    },
    /// What go says, a line or more each.
    Said(Vec<String>),
    /// A default of GODEBUG that cannot be.
    Godebug(String),
    Several(Vec<LoadError>),
    /// An import that leads nowhere, at the place of the import: `pos` is already rendered.
    Import {
        pos: String,
        text: String,
    },
    /// An import that is not allowed where it stands: the packages on the way to it.
    Forbidden {
        stack: Vec<String>,
        pos: String,
        text: String,
    },
    /// The packages, each with the file that imports it; and whether a test closes the ring.
    Cycle(Vec<(String, String)>, bool),
    NoSuchDirectory(String),
    OutsideModule(String),
    /// The standard library is needed: the version, and why there is none.
    NoGoroot(String, NoGoroot),
    /// The overlay does not fit GOROOT.
    Overlay {
        package: String,
        text: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NoModule => f.write_str(
                "go: go.mod file not found in current directory or any parent directory; see 'goxide help modules'",
            ),
            LoadError::NoGoFilesListed => f.write_str("go: no go files listed"),
            LoadError::SeveralDirectories(a, b) => {
                write!(f, "named files must all be in one directory; have {a} and {b}")
            }
            LoadError::NotGoFile(name) => write!(f, "named files must be .go files: {name}"),
            LoadError::Io(path, e) => write!(f, "{}: {}", path.display(), os_text(e)),
            LoadError::NoGoFiles(dir) => write!(f, "no Go files in {dir}"),
            LoadError::Excluded(path, dir) => {
                write!(f, "package {path}: build constraints exclude all Go files in {dir}")
            }
            LoadError::OnlyTests(path, dir) => write!(f, "{path}: no non-test Go files in {dir}"),
            LoadError::SeveralPackages { dir, first, second } => {
                write!(f, "found packages {} ({}) and {} ({}) in {dir}", first.0, first.1, second.0, second.1)
            }
            LoadError::GoMod { file, lines } => write!(f, "go: errors parsing {file}:\n{}", lines.join("\n")),
            LoadError::NoModuleLine(file) => write!(
                f,
                "go: error reading {file}: missing module declaration. To specify the module path:\n\tgo mod edit -module=example.com/mod"
            ),
            LoadError::Open(name, e) => write!(f, "go: open {name}: {}", os_text(e)),
            LoadError::TooNew { what, version, running } => {
                write!(f, "go: {what} requires go >= {version} (running go {running}; GOTOOLCHAIN=local)")
            }
            LoadError::Said(lines) => f.write_str(&lines.join("\n")),
            LoadError::Godebug(text) => f.write_str(text),
            LoadError::Several(errors) => {
                let texts: Vec<String> = errors.iter().map(LoadError::to_string).collect();
                f.write_str(&texts.join("\n"))
            }
            LoadError::Forbidden { stack, pos, text } => {
                write!(f, "package {}\n\t{pos}: {text}", stack.join("\n\timports "))
            }
            LoadError::Import { pos, text } if pos.is_empty() => f.write_str(text),
            LoadError::Import { pos, text } => write!(f, "{pos}: {text}"),
            LoadError::Cycle(path, in_test) => {
                let (first, rest) = path.split_first().expect("a cycle has members");
                write!(f, "package {}", first.0)?;
                for (package, file) in rest {
                    write!(f, "\n\timports {package} from {file}")?;
                }
                write!(f, ": import cycle not allowed{}", if *in_test { " in test" } else { "" })
            }
            LoadError::NoSuchDirectory(dir) => write!(f, "stat {dir}: directory not found"),
            LoadError::OutsideModule(dir) => {
                write!(f, "directory {dir} outside main module or its selected dependencies")
            }
            LoadError::NoGoroot(wanted, why) => {
                f.write_str("goxide: ")?;
                match why {
                    NoGoroot::Missing => {
                        let number = wanted.trim_start_matches("go");
                        write!(f, "the standard library of Go {number} is not on this machine")?;
                    }
                    NoGoroot::NotOne(dir) => write!(f, "GOROOT={} is no GOROOT", dir.display())?,
                    NoGoroot::Version { goroot, found } => {
                        write!(f, "GOROOT={} is of {found}, but this goxide needs {wanted}", goroot.display())?;
                    }
                }
                match why {
                    NoGoroot::Missing => f.write_str("\n\tto bring it: goxide toolchain install"),
                    _ => write!(f, "\n\tunset GOROOT, or set it to a {wanted}; 'goxide toolchain install' brings one"),
                }
            }
            LoadError::Overlay { package, text } => {
                write!(f, "goxide: the overlay of package {package} does not fit this GOROOT: {text}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl LoadError {
    /// Of the toolchain: nothing else is worth saying.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, LoadError::NoGoroot(..) | LoadError::Overlay { .. })
    }

    /// As the error of a package that is imported at `pos`.
    pub(crate) fn imported(self, pos: String) -> LoadError {
        let text = match &self {
            _ if pos.is_empty() => return self,
            LoadError::Excluded(_, dir) => format!("build constraints exclude all Go files in {dir}"),
            LoadError::OnlyTests(_, dir) => format!("no non-test Go files in {dir}"),
            LoadError::NoGoFiles(dir) => format!("no Go files in {dir}"),
            _ => return self,
        };
        LoadError::Import { pos, text }
    }
}

/// An I/O error as Go prints it: lower case, without Rust's "(os error N)".
pub fn os_text(e: &std::io::Error) -> String {
    let text = e.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
