//! Carries out what a test file asks for with a go-like command, and notes what happens. What real Go
//! 1.27.3 does (`go1.27.tsv`) is what Goxide has to do: the files date from 1.19, and some of what they
//! say of themselves is no longer so.

use super::layout::{self, PackageDir};
use super::recipe::{Action, Recipe, read};
use crate::tools::{Ended, Result, capture};
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const BUILD_LIMIT: Duration = Duration::from_secs(120);
const RUN_LIMIT: Duration = Duration::from_secs(40);

/// A go-like command, and where it may write.
pub struct Witness {
    command: PathBuf,
    goroot: PathBuf,
    tests: PathBuf,
    scratch: PathBuf,
    /// In front of the path: a `go` that is the command.
    shim: PathBuf,
}

/// Why a test went no further.
enum Stop {
    /// What was noted is all there is to see.
    Seen,
    /// The compiler or the program is at fault, whatever real Go does.
    Fault(String),
}

impl From<String> for Stop {
    fn from(text: String) -> Stop {
        Stop::Fault(text)
    }
}

type Step<T = ()> = std::result::Result<T, Stop>;

impl Witness {
    pub fn new(command: PathBuf, goroot: PathBuf, tests: PathBuf, scratch: &Path) -> Result<Witness> {
        let shim = scratch.join("bin");
        fs::create_dir_all(&shim).map_err(|e| e.to_string())?;
        let link = shim.join("go");
        if !link.exists() {
            std::os::unix::fs::symlink(&command, &link).map_err(|e| e.to_string())?;
        }
        Ok(Witness { command, goroot, tests, scratch: scratch.into(), shim })
    }

    /// What was seen, a line each; each mode is an environment for the program. `Err`: a fault.
    pub fn see(&self, recipe: &Recipe, mode: &[(&str, &str)]) -> Result<Vec<String>> {
        let dir = tempfile::tempdir_in(&self.scratch).map_err(|e| e.to_string())?;
        let (work, temp) = (dir.path().join("work"), dir.path().join("tmp"));
        for made in [&work, &temp] {
            fs::create_dir(made).map_err(|e| e.to_string())?;
        }
        let mut test = Test { at: self, recipe, work: &work, temp, mode, seen: Vec::new() };
        match test.carry_out() {
            Ok(()) | Err(Stop::Seen) => Ok(test.seen.iter().map(|line| self.anywhere(line)).collect()),
            Err(Stop::Fault(text)) => Err(text),
        }
    }
}

impl Witness {
    /// The text without the folders of this machine.
    fn anywhere(&self, text: &str) -> String {
        let (tests, goroot) = (self.tests.display().to_string(), self.goroot.display().to_string());
        text.replace(&tests, "$TESTS").replace(&goroot, "$GOROOT")
    }
}

struct Test<'a> {
    at: &'a Witness,
    recipe: &'a Recipe,
    work: &'a Path,
    /// The children's temporary files: a go.mod at the root of these would be ignored.
    temp: PathBuf,
    mode: &'a [(&'a str, &'a str)],
    seen: Vec<String>,
}

impl Test<'_> {
    fn carry_out(&mut self) -> Step {
        let (recipe, work) = (self.recipe, self.work);
        match recipe.action {
            Action::Run => {
                self.program(&self.at.tests, &self.named_files())?;
                Ok(())
            }
            Action::BuildRun => {
                let exe = work.join("a.exe");
                self.must_build(&self.at.tests, &self.named_files(), &exe)?;
                self.run(&exe, &[], work).map(drop)
            }
            Action::RunOutput => {
                let text = self.program(&self.at.tests, &self.named_files())?;
                fs::write(work.join("tmp__.go"), text).map_err(|e| e.to_string())?;
                let exe = work.join("b.exe");
                self.must_build(work, &["tmp__.go".into()], &exe)?;
                self.run(&exe, &[], &self.at.tests).map(drop)
            }
            Action::ErrorCheckOutput => {
                let text = self.program(&self.at.tests, &self.named_files())?;
                self.one_file("tmp__.go", &text)
            }
            Action::Compile | Action::ErrorCheck => {
                let name = layout::file_name(&recipe.file);
                self.one_file(&name, &read(&recipe.file)?)
            }
            Action::Build => self.diagnose(&self.at.tests, std::slice::from_ref(&recipe.path)),
            Action::Types => {
                let mut names = Vec::new();
                for file in recipe.sources()? {
                    let (name, text) = (layout::file_name(&file), read(&file)?);
                    let text = if layout::has_main(&text) { text } else { layout::without_main(&text) };
                    fs::write(work.join(&name), text).map_err(|e| e.to_string())?;
                    names.push(name);
                }
                self.diagnose(work, &names)
            }
            Action::CompileDir => {
                for package in layout::packages(recipe, work, false)? {
                    self.must_build(work, &[package.target()], &work.join("out.a"))?;
                }
                Ok(())
            }
            Action::RunDir => {
                let packages = layout::packages(recipe, work, true)?;
                self.run_last(&packages)
            }
            Action::ErrorCheckDir | Action::ErrorCheckAndRunDir => {
                let runs = recipe.action == Action::ErrorCheckAndRunDir;
                let packages = layout::packages(recipe, work, runs)?;
                for package in &packages {
                    self.diagnose(work, &[package.target()])?;
                }
                if runs { self.run_last(&packages) } else { Ok(()) }
            }
            Action::RunInDir => {
                let name = layout::file_name(&recipe.dir());
                let place = work.join(&name);
                layout::copy_tree(&recipe.dir(), &place)?;
                layout::write_go_mod(&place, &name, "1.14")?;
                let exe = work.join("a.exe");
                self.must_build(&place, &[".".into()], &exe)?;
                self.run(&exe, &recipe.args, &place).map(drop)
            }
            Action::BuildDir | Action::BuildRunDir => {
                layout::copy_tree(&recipe.dir(), &work.join("main"))?;
                layout::write_go_mod(work, "test", "1.27")?;
                let exe = work.join("a.exe");
                self.must_build(work, &["./main".into()], &exe)?;
                if recipe.action == Action::BuildDir {
                    return Ok(());
                }
                self.run(&exe, &recipe.args, work).map(drop)
            }
        }
    }

    /// The file and the further Go files among its arguments.
    fn named_files(&self) -> Vec<String> {
        let further = self.recipe.args.iter().filter(|a| a.ends_with(".go"));
        std::iter::once(&self.recipe.path).chain(further).cloned().collect()
    }

    /// Builds and runs; gives what it printed.
    fn program(&mut self, cwd: &Path, files: &[String]) -> Step<String> {
        let exe = self.work.join("a.exe");
        self.must_build(cwd, files, &exe)?;
        let args: Vec<String> = self.recipe.args.iter().filter(|a| !a.ends_with(".go")).cloned().collect();
        self.run(&exe, &args, &self.at.tests)
    }

    fn run_last(&mut self, packages: &[PackageDir]) -> Step {
        let last = packages.last().ok_or_else(|| String::from("no packages"))?;
        let exe = self.work.join("a.exe");
        self.must_build(self.work, &[last.target()], &exe)?;
        self.run(&exe, &self.recipe.args, self.work).map(drop)
    }

    /// One file, put where it can be compiled without being linked.
    fn one_file(&mut self, name: &str, text: &str) -> Step {
        let complete = self.recipe.has("-complete");
        let what = layout::single(self.work, name, text, complete)?;
        self.diagnose(self.work, &[what])
    }

    fn build(&self, cwd: &Path, what: &[String], out: &Path) -> Step<Ended> {
        let mut command = Command::new(&self.at.command);
        command.arg("build").arg(format!("-gcflags={}", self.recipe.compiler_flags().join(" ")));
        command.arg("-o").arg(out).args(what).current_dir(cwd);
        let ended = capture(self.environment(&mut command), BUILD_LIMIT)?;
        match ended.status {
            None => Err(Stop::Fault(format!("the compiler hangs\n{}", ended.output))),
            Some(101) => Err(Stop::Fault(format!("the compiler panicked\n{}", ended.output))),
            Some(n) if n >= 128 => Err(Stop::Fault(format!("the compiler was killed\n{}", ended.output))),
            _ if ended.output.contains("internal compiler error") => Err(Stop::Fault(ended.output)),
            Some(_) => Ok(ended),
        }
    }

    fn environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let at = self.at;
        let path = std::env::var("PATH").unwrap_or_default();
        for (name, value) in [
            ("GOFLAGS", ""),
            ("GOENV", "off"),
            ("GOWORK", "off"),
            ("GOPROXY", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GO111MODULE", "on"),
            ("CGO_ENABLED", "0"),
        ] {
            command.env(name, value);
        }
        command
            .env("GOROOT", &at.goroot)
            .env("GOPATH", at.scratch.join("gopath"))
            .env("GOCACHE", at.scratch.join("gocache"))
            .env("GOXIDECACHE", at.scratch.join("cache"))
            .env("PATH", format!("{}:{path}", at.shim.display()))
            .env("TMPDIR", &self.temp)
    }

    /// As [`Test::diagnose`], but what does not build ends the test.
    fn must_build(&mut self, cwd: &Path, what: &[String], out: &Path) -> Step {
        let ended = self.build(cwd, what, out)?;
        if ended.status == Some(0) {
            self.seen.push("builds".into());
            return Ok(());
        }
        self.seen.extend(diagnostics(&ended.output)?);
        Err(Stop::Seen)
    }

    fn diagnose(&mut self, cwd: &Path, what: &[String]) -> Step {
        let ended = self.build(cwd, what, &self.work.join("out.a"))?;
        if ended.status == Some(0) {
            self.seen.push("builds".into());
        } else {
            self.seen.extend(diagnostics(&ended.output)?);
        }
        Ok(())
    }

    fn run(&mut self, exe: &Path, args: &[String], cwd: &Path) -> Step<String> {
        let mut command = Command::new(exe);
        self.environment(&mut command);
        command.args(args).current_dir(cwd).envs(self.mode.iter().copied());
        let ended = capture(&mut command, RUN_LIMIT)?;
        let Some(status) = ended.status else {
            return Err(Stop::Fault(format!("the program hangs\n{}", ended.output)));
        };
        self.seen.push(format!("exit status {status}"));
        if status != 0 {
            let why = |l: &&str| l.starts_with("panic: ") || l.starts_with("fatal error: ");
            let first = ended.output.lines().find(why).or(ended.output.lines().next());
            self.seen.push(first.unwrap_or_default().into());
            return Err(Stop::Seen);
        }
        self.seen.push(format!("output {:016x}", hash(self.at.anywhere(&ended.output).as_bytes())));
        Ok(ended.output)
    }
}

/// FNV-1a: enough to tell outputs apart.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// A build's diagnostics as sorted `file:line: text`, folders and columns left out.
fn diagnostics(output: &str) -> Result<BTreeSet<String>> {
    let line = Regex::new(r"^(?:[^:\s]*/)?([^:/\s]+):(\d+)(?::\d+)?: (.*)$").map_err(|e| e.to_string())?;
    let place = Regex::new(r#"(?:[^\s:"'(]*/)?([\w.·-]+\.go):(\d+)(?::\d+)?"#).map_err(|e| e.to_string())?;
    let mut found = BTreeSet::new();
    for text in output.lines() {
        if let Some(c) = line.captures(text) {
            found.insert(format!("{}:{}: {}", &c[1], &c[2], place.replace_all(&c[3], "$1:$2")));
        } else if text.ends_with("too many errors") {
            found.insert("too many errors".into());
        }
    }
    if found.is_empty() {
        found.insert("does not build".into());
    }
    Ok(found)
}
