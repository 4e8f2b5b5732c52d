//! What a test file asks for: `// run`, `// errorcheck -0`, … in its first comment (Go's
//! `test/run.go`).

use crate::tools::Result;
use goxide_source::FileSet;
use goxide_syntax::ast;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: &[&str] = &[
    "",
    "ken",
    "chan",
    "interface",
    "syntax",
    "dwarf",
    "fixedbugs",
    "codegen",
    "runtime",
    "abi",
    "typeparam",
];
const ACTIONS: &[&str] = &["run", "rundir", "compile", "compiledir", "build", "errorcheck", "errorcheckdir"];
/// Flags of gc that change neither what a program does nor whether it compiles.
const TUNING: &[&str] = &["-N", "-l", "-B", "-w=0", "-complete", "-c=", "-l=", "-p=", "-d=panic", "-d=ssa/"];

pub struct Recipe {
    /// Relative to the `test` folder.
    pub path: String,
    pub action: String,
    pub flags: Vec<String>,
    pub args: Vec<String>,
    /// Absolute.
    pub file: PathBuf,
}

impl Recipe {
    /// All files that can be judged: no imports from std, no type parameters, for this machine.
    pub fn all(tests: &Path) -> Result<Vec<Recipe>> {
        let mut found = Vec::new();
        for folder in FOLDERS {
            let dir = tests.join(folder);
            let Ok(entries) = fs::read_dir(&dir) else { continue };
            let mut names: Vec<String> =
                entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
            names.retain(|n| n.ends_with(".go"));
            names.sort();
            for name in names {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if let Ok(recipe) = Recipe::read(tests, &path)
                    && recipe.is_for_us()?
                {
                    found.push(recipe);
                }
            }
        }
        Ok(found)
    }

    pub fn read(tests: &Path, path: &str) -> Result<Recipe> {
        let file = tests.join(path);
        let text = read(&file)?;
        let first = text.lines().find(|l| !l.trim().is_empty() && !is_constraint(l)).unwrap_or("");
        let words: Vec<&str> = first.strip_prefix("//").unwrap_or("").split_whitespace().collect();
        let (action, rest) = words.split_first().ok_or("it asks for nothing")?;
        if !ACTIONS.contains(action) {
            return Err(format!("the action {action} is not for us"));
        }
        let flags = rest.iter().take_while(|w| w.starts_with('-')).map(|w| w.to_string()).collect::<Vec<_>>();
        let args = rest[flags.len()..].iter().map(|w| w.to_string()).collect();
        Ok(Recipe { path: path.into(), action: action.to_string(), flags, args, file })
    }

    /// The folder beside the file, for the `dir` actions.
    pub fn dir(&self) -> PathBuf {
        self.file.with_extension("dir")
    }

    /// `errorcheck -0` means that it must compile.
    pub fn wants_errors(&self) -> bool {
        self.action.starts_with("errorcheck") && !self.flags.iter().any(|f| f == "-0")
    }

    /// Flags for our compiler.
    pub fn compiler_flags(&self) -> Vec<String> {
        self.flags.iter().filter(|f| f.starts_with("-lang=")).cloned().collect()
    }

    fn is_for_us(&self) -> Result<bool> {
        let is_tuning = |f: &String| TUNING.iter().any(|t| f.starts_with(t));
        let plain = |f: &String| {
            ["-0", "-1", "-e", "-s"].contains(&f.as_str()) || f.starts_with("-lang=") || is_tuning(f)
        };
        if !self.flags.iter().all(plain) {
            return Ok(false);
        }
        let mut sources = vec![self.file.clone()];
        if self.action.ends_with("dir") {
            sources = go_files(&self.dir())?;
        }
        for source in sources {
            let text = read(&source)?;
            if text.lines().take_while(|l| !l.starts_with("package")).any(|l| is_constraint(l) && !holds(l)) {
                return Ok(false);
            }
            let files = FileSet::new();
            let file = files.add("x.go", text.into_bytes());
            let parsed = goxide_syntax::parse_file(&file, &mut ast::NodeIds::default(), &Default::default());
            if parsed.file.decls.iter().any(|d| needs_more(d, &self.action)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Imports of std, cgo, and type parameters are not for this suite yet.
fn needs_more(decl: &ast::Decl, action: &str) -> bool {
    match decl {
        ast::Decl::Import(i) => {
            let path = i.path.as_ref().map_or("", |p| p.text.trim_matches(['"', '`']));
            let local = action.ends_with("dir") && path.starts_with("./");
            !(local || path == "unsafe" && !action.starts_with("errorcheck"))
        }
        ast::Decl::Type(t) => !t.type_params.is_empty(),
        ast::Decl::Func(f) => !f.type_params.is_empty(),
        _ => false,
    }
}

/// The Go files below a folder, sorted.
pub fn go_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "go"));
    files.sort();
    Ok(files)
}

pub fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_constraint(line: &str) -> bool {
    line.starts_with("//go:build") || line.starts_with("// +build")
}

/// A `//go:build` line of words that name systems and machines, joined by operators.
fn holds(line: &str) -> bool {
    let Some(text) = line.strip_prefix("//go:build ") else { return true };
    let tag = |t: &str| matches!(t, "linux" | "amd64" | "gc" | "unix") || t.starts_with("go1.");
    let word = |w: &str| {
        let w = w.trim().trim_matches(['(', ')']);
        w.strip_prefix('!').map_or_else(|| tag(w), |w| !tag(w.trim_matches(['(', ')'])))
    };
    text.split("||").any(|part| part.split("&&").all(word))
}
