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
    /// All files are left out by build constraints.
    Excluded(String),
    /// `found packages a (x.go) and b (y.go) in dir`
    SeveralPackages {
        dir: String,
        first: (String, String),
        second: (String, String),
    },
    GoMod {
        file: String,
        line: usize,
        text: String,
    },
    /// An import that leads nowhere, at the place of the import: `pos` is already rendered.
    Import {
        pos: String,
        text: String,
    },
    Cycle(Vec<String>),
    /// Errors in the heads of files, rendered.
    Syntax(Vec<String>),
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
            LoadError::Excluded(dir) => {
                write!(f, "package {dir}: build constraints exclude all Go files in {dir}")
            }
            LoadError::SeveralPackages { dir, first, second } => {
                write!(f, "found packages {} ({}) and {} ({}) in {dir}", first.0, first.1, second.0, second.1)
            }
            LoadError::GoMod { file, line, text } => write!(f, "go: errors parsing go.mod:\n{file}:{line}: {text}"),
            LoadError::Import { pos, text } if pos.is_empty() => f.write_str(text),
            LoadError::Import { pos, text } => write!(f, "{pos}: {text}"),
            LoadError::Cycle(path) => {
                let (first, rest) = path.split_first().expect("a cycle has members");
                write!(f, "package {first}")?;
                for p in rest {
                    write!(f, "\n\timports {p}")?;
                }
                f.write_str(": import cycle not allowed")
            }
            LoadError::Syntax(lines) => f.write_str(&lines.join("\n")),
            LoadError::NoSuchDirectory(dir) => write!(f, "stat {dir}: directory not found"),
            LoadError::OutsideModule(dir) => write!(
                f,
                "go: cannot find main module, but {dir} is outside of it\n\tto create a module there, write a go.mod"
            ),
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

/// An I/O error as Go prints it: lower case, without Rust's "(os error N)".
pub fn os_text(e: &std::io::Error) -> String {
    let text = e.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
