//! What a test file asks for: `// run`, `// errorcheck -0`, … in its first comment (Go's
//! `cmd/internal/testdir`), or, of the type checker's own files, to be compiled.

use crate::tools::Result;
use goxide_source::FileSet;
use goxide_syntax::ast;
use goxide_syntax::constraint;
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that Go's driver looks into.
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
    "typeparam/mdempsky",
];
/// Flags of gc that change neither what a program does nor whether it compiles.
const TUNING: &[&str] = &["-N", "-l", "-B", "-w=0", "-complete", "-c=", "-l=", "-p=", "-d=panic", "-d=ssa/"];
/// In front of the paths of the type checker's files.
pub const TYPES: &str = "types:";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Run,
    RunOutput,
    RunDir,
    RunInDir,
    Compile,
    CompileDir,
    Build,
    BuildDir,
    BuildRun,
    BuildRunDir,
    ErrorCheck,
    ErrorCheckDir,
    ErrorCheckOutput,
    ErrorCheckAndRunDir,
    /// A file or folder of the type checker.
    Types,
}

impl Action {
    fn parse(word: &str) -> Option<Action> {
        Some(match word {
            "run" => Action::Run,
            "runoutput" => Action::RunOutput,
            "rundir" => Action::RunDir,
            "runindir" => Action::RunInDir,
            "compile" => Action::Compile,
            "compiledir" => Action::CompileDir,
            "build" => Action::Build,
            "builddir" => Action::BuildDir,
            "buildrun" => Action::BuildRun,
            "buildrundir" => Action::BuildRunDir,
            "errorcheck" => Action::ErrorCheck,
            "errorcheckdir" => Action::ErrorCheckDir,
            "errorcheckoutput" => Action::ErrorCheckOutput,
            "errorcheckandrundir" => Action::ErrorCheckAndRunDir,
            _ => return None,
        })
    }

    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub fn checks_errors(self) -> bool {
        self.name().starts_with("errorcheck") || self == Action::Types
    }

    fn has_folder(self) -> bool {
        self.name().ends_with("dir")
    }
}

pub struct Recipe {
    /// Relative to the `test` folder, or behind [`TYPES`] to the type checker's.
    pub path: String,
    pub action: Action,
    pub flags: Vec<String>,
    pub args: Vec<String>,
    /// Absolute.
    pub file: PathBuf,
}

/// Where the files are.
pub struct Roots {
    pub tests: PathBuf,
    /// `internal/types/testdata` of a GOROOT.
    pub types: PathBuf,
}

impl Recipe {
    /// All files that say something of us: none for gc's internals, the race detector, cgo or other machines.
    pub fn all(roots: &Roots) -> Result<Vec<Recipe>> {
        let mut found = Vec::new();
        for folder in FOLDERS {
            let Ok(names) = names_in(&roots.tests.join(folder)) else { continue };
            for name in names.iter().filter(|n| n.ends_with(".go")) {
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if let Ok(recipe) = Recipe::read(roots, &path)
                    && recipe.is_for_us()?
                {
                    found.push(recipe);
                }
            }
        }
        for folder in ["check", "examples", "fixedbugs", "spec"] {
            for name in names_in(&roots.types.join(folder))? {
                let recipe = Recipe::read(roots, &format!("{TYPES}{folder}/{name}"))?;
                if recipe.flags.iter().all(|f| f.starts_with("-lang=")) {
                    found.push(recipe);
                }
            }
        }
        Ok(found)
    }

    pub fn read(roots: &Roots, path: &str) -> Result<Recipe> {
        if let Some(inside) = path.strip_prefix(TYPES) {
            return Recipe::read_types(path, roots.types.join(inside));
        }
        let file = roots.tests.join(path);
        let text = read(&file)?;
        let first = text.lines().find(|l| !l.trim().is_empty() && !is_constraint(l)).unwrap_or("");
        let words: Vec<&str> = first.strip_prefix("//").unwrap_or("").split_whitespace().collect();
        let (action, rest) = words.split_first().ok_or("it asks for nothing")?;
        let action = Action::parse(action).ok_or_else(|| format!("the action {action} is not for us"))?;
        let (mut flags, mut args) = (Vec::new(), Vec::new());
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            match *word {
                "-t" => drop(rest.next()), // A limit of time, in seconds.
                w if w.starts_with('-') && args.is_empty() => flags.push(w.to_string()),
                w => args.push(w.to_string()),
            }
        }
        Ok(Recipe { path: path.into(), action, flags, args, file })
    }

    fn read_types(path: &str, file: PathBuf) -> Result<Recipe> {
        let first = if file.is_dir() { go_files(&file)?.first().cloned() } else { Some(file.clone()) };
        let text = first.map_or(Ok(String::new()), |f| read(&f))?;
        let head = text.lines().next().unwrap_or("");
        let words = head.strip_prefix("// -").map(|w| format!("-{w}")).unwrap_or_default();
        let flags = words.split_whitespace().map(String::from).collect();
        Ok(Recipe { path: path.into(), action: Action::Types, flags, args: Vec::new(), file })
    }

    /// The folder beside the file, for the `dir` actions.
    pub fn dir(&self) -> PathBuf {
        self.file.with_extension("dir")
    }

    /// The files of a `dir` action, or the file itself.
    pub fn sources(&self) -> Result<Vec<PathBuf>> {
        match self.action {
            Action::Types if self.file.is_dir() => go_files(&self.file),
            a if a.has_folder() => go_files(&self.dir()),
            _ => Ok(vec![self.file.clone()]),
        }
    }

    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    /// Flags for the compiler: the language version, and all errors where errors are looked at.
    pub fn compiler_flags(&self) -> Vec<String> {
        let all = self.action.checks_errors().then(|| String::from("-e"));
        all.into_iter().chain(self.flags.iter().filter(|f| f.starts_with("-lang=")).cloned()).collect()
    }

    fn is_for_us(&self) -> Result<bool> {
        let is_tuning = |f: &String| TUNING.iter().any(|t| f.starts_with(t));
        let plain = |f: &String| {
            ["-0", "-1", "-e", "-s"].contains(&f.as_str()) || f.starts_with("-lang=") || is_tuning(f)
        };
        let text = read(&self.file)?;
        let head = text.split("\npackage").next().unwrap_or("");
        let drives_tools =
            Regex::new(r#""tool",|\bgo tool (compile|link|asm)\b"#).map_err(|e| e.to_string())?;
        if !self.flags.iter().all(plain)
            || head.lines().any(|l| is_constraint(l) && !holds(l))
            || drives_tools.is_match(&text)
        {
            return Ok(false);
        }
        for source in self.sources()?.iter().chain([&self.file]) {
            if imports(&read(source)?).iter().any(|path| path == "C") {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether it builds with the runtime alone.
    pub fn is_free_of_imports(&self) -> bool {
        let Ok(sources) = self.sources() else { return false };
        let of = |f: &PathBuf| read(f).map(|text| imports(&text)).unwrap_or_default();
        sources.iter().flat_map(of).all(|path| path == "unsafe" || path.starts_with('.'))
    }
}

fn imports(text: &str) -> Vec<String> {
    let files = FileSet::new();
    let file = files.add("x.go", text.as_bytes().to_vec());
    let parsed = goxide_syntax::parse_file(&file, &mut ast::NodeIds::default(), &Default::default());
    let path = |d: &ast::Decl| match d {
        ast::Decl::Import(i) => i.path.as_ref().map(|p| p.text.trim_matches(['"', '`']).to_string()),
        _ => None,
    };
    parsed.file.decls.iter().filter_map(path).collect()
}

fn names_in(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

/// The Go files in a folder, sorted.
pub fn go_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let names = names_in(dir)?;
    Ok(names.iter().filter(|n| n.ends_with(".go")).map(|n| dir.join(n)).collect())
}

pub fn read(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_constraint(line: &str) -> bool {
    line.starts_with("//go:build ") || line.starts_with("// +build")
}

/// Whether a `//go:build` or `// +build` line (blanks are "or", commas "and") allows this machine.
fn holds(line: &str) -> bool {
    let mut tag = |t: &str| matches!(t, "linux" | "amd64" | "gc" | "unix") || t.starts_with("go1.");
    if let Some(text) = constraint::go_build_text(line) {
        return constraint::parse(text).is_ok_and(|c| c.eval(&mut tag));
    }
    let text = line.trim_start_matches("// +build");
    let mut one = |t: &str| t.strip_prefix('!').map_or_else(|| tag(t), |t| !tag(t));
    text.split_whitespace().any(|choice| choice.split(',').all(&mut one))
}
