//! Carries out what a test file asks for.

use super::recipe::{Recipe, go_files, read};
use crate::tools::{Ended, Result, capture};
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const BUILD_LIMIT: Duration = Duration::from_secs(60);
const RUN_LIMIT: Duration = Duration::from_secs(60);

pub enum Verdict {
    Pass,
    Fail(String),
}

pub struct Judge {
    pub goxide: PathBuf,
    pub tests: PathBuf,
    pub scratch: PathBuf,
}

impl Judge {
    pub fn judge(&self, recipe: &Recipe) -> Verdict {
        match self.carry_out(recipe) {
            Ok(()) => Verdict::Pass,
            Err(text) => Verdict::Fail(text),
        }
    }

    fn carry_out(&self, recipe: &Recipe) -> Result<()> {
        let dir = tempfile::tempdir_in(&self.scratch).map_err(|e| e.to_string())?;
        let work = dir.path();
        match recipe.action.as_str() {
            "run" => {
                let exe = work.join("a.out");
                self.must_build(work, recipe, &[recipe.file.display().to_string()], &exe)?;
                self.run(&exe, recipe, &recipe.file.with_extension("out"))
            }
            "compile" | "build" | "errorcheck" => {
                self.module(work, recipe, std::slice::from_ref(&recipe.file))?;
                let built = self.build(work, recipe, &["./...".into()], None)?;
                self.diagnose(recipe, &built, std::slice::from_ref(&recipe.file))
            }
            "compiledir" | "errorcheckdir" => {
                let files = go_files(&recipe.dir())?;
                self.module(work, recipe, &files)?;
                let built = self.build(work, recipe, &["./...".into()], None)?;
                self.diagnose(recipe, &built, &files)
            }
            "rundir" => {
                self.module(work, recipe, &go_files(&recipe.dir())?)?;
                let exe = work.join("a.out");
                self.must_build(work, recipe, &["./main".into()], &exe)?;
                self.run(&exe, recipe, &recipe.dir().join("main.out"))
            }
            other => Err(format!("no such action: {other}")),
        }
    }

    /// Lays the files out as a module `test`: a folder for each package, `main` for the command, relative
    /// imports made absolute; beside functions without bodies an empty assembly file.
    fn module(&self, work: &Path, recipe: &Recipe, files: &[PathBuf]) -> Result<()> {
        fs::write(work.join("go.mod"), "module test\n\ngo 1.27\n").map_err(|e| e.to_string())?;
        let package = Regex::new(r"(?m)^package\s+(\w+)").map_err(|e| e.to_string())?;
        let relative =
            Regex::new(r#"(?m)^(\s*(?:import\s*)?(?:[\w.]+\s+)?)"\./"#).map_err(|e| e.to_string())?;
        let several = recipe.action.ends_with("dir");
        for file in files {
            let text = read(file)?;
            let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = match package.captures(&text).map(|c| c[1].to_string()) {
                Some(name) if several && name == "main" => "main".into(),
                // Several files may make up a package: they are then named by it.
                _ if several => stem,
                _ => "p".into(),
            };
            let dir = work.join(folder);
            fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
            let text = relative.replace_all(&text, "$1\"test/");
            let name = file.file_name().ok_or("a file has a name")?;
            fs::write(dir.join(name), text.as_bytes()).map_err(|e| e.to_string())?;
            fs::write(dir.join("empty.s"), "").map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn build(&self, cwd: &Path, recipe: &Recipe, what: &[String], out: Option<&Path>) -> Result<Ended> {
        let mut command = Command::new(&self.goxide);
        let mut flags = recipe.compiler_flags();
        if recipe.action.starts_with("errorcheck") {
            flags.push("-e".into());
        }
        command.arg("build").arg(format!("-gcflags={}", flags.join(" ")));
        if let Some(out) = out {
            command.arg("-o").arg(out);
        }
        command.args(what).current_dir(cwd).env("GOXIDECACHE", self.scratch.join("cache"));
        let ended = capture(&mut command, BUILD_LIMIT)?;
        match ended.status {
            None => Err(format!("the compiler hangs\n{}", ended.output)),
            Some(101) => Err(format!("the compiler panicked\n{}", ended.output)),
            Some(n) if n >= 128 => Err(format!("the compiler was killed\n{}", ended.output)),
            Some(_) => Ok(ended),
        }
    }

    fn must_build(&self, cwd: &Path, recipe: &Recipe, what: &[String], out: &Path) -> Result<()> {
        let built = self.build(cwd, recipe, what, Some(out))?;
        if built.status == Some(0) { Ok(()) } else { Err(built.output) }
    }

    fn run(&self, exe: &Path, recipe: &Recipe, golden: &Path) -> Result<()> {
        let mut command = Command::new(exe);
        let ended = capture(command.args(&recipe.args).current_dir(&self.tests), RUN_LIMIT)?;
        match ended.status {
            Some(0) => {}
            Some(n) => return Err(format!("exit status {n}\n{}", ended.output)),
            None => return Err(format!("the program hangs\n{}", ended.output)),
        }
        let wanted = if golden.exists() { read(golden)? } else { return Ok(()) };
        if ended.output == wanted { Ok(()) } else { Err(format!("output differs\n{}", ended.output)) }
    }

    fn diagnose(&self, recipe: &Recipe, built: &Ended, files: &[PathBuf]) -> Result<()> {
        if !recipe.wants_errors() {
            return if built.status == Some(0) { Ok(()) } else { Err(built.output.clone()) };
        }
        if built.status == Some(0) {
            return Err("compiles, but must not".into());
        }
        match_errors(files, &built.output)
    }
}

/// Compares diagnostics with the `ERROR "regexp"` comments of the files, line by line.
fn match_errors(files: &[PathBuf], output: &str) -> Result<()> {
    let line = Regex::new(r"^(?:.*/)?([^/:]+\.go):(\d+)(?::\d+)?: (.*)$").map_err(|e| e.to_string())?;
    let mut found: BTreeMap<(String, usize), Vec<String>> = BTreeMap::new();
    let mut last: Option<(String, usize)> = None;
    for text in output.lines() {
        if let Some(c) = line.captures(text) {
            let place = (c[1].to_string(), c[2].parse().unwrap_or(0));
            found.entry(place.clone()).or_default().push(c[3].to_string());
            last = Some(place);
        } else if text.starts_with('\t')
            && let Some(errors) = last.as_ref().and_then(|place| found.get_mut(place))
            && let Some(error) = errors.last_mut()
        {
            error.push_str(&format!("\n{text}"));
        }
    }
    let mut faults = Vec::new();
    for file in files {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        for (number, patterns) in wanted_errors(&read(file)?, &name)? {
            let errors = found.remove(&(name.clone(), number)).unwrap_or_default();
            for pattern in patterns {
                if !errors.iter().any(|e| pattern.is_match(e)) {
                    faults.push(format!("{name}:{number}: no error matches {pattern:?}: {errors:?}"));
                }
            }
        }
    }
    for ((file, number), errors) in found {
        faults.extend(errors.iter().map(|e| format!("{file}:{number}: unexpected: {e}")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The lines that must have errors, and the patterns that these must match.
fn wanted_errors(text: &str, name: &str) -> Result<Vec<(usize, Vec<Regex>)>> {
    let marker = Regex::new(r"(?:^|[^A-Z_])(?:GC_)?ERROR(?:AUTO)? (.*)").map_err(|e| e.to_string())?;
    let quoted = Regex::new(r#""([^"]*)"|`([^`]*)`"#).map_err(|e| e.to_string())?;
    let offset = Regex::new(r"LINE(([+-])(\d+))?").map_err(|e| e.to_string())?;
    let mut wanted = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let Some(c) = line.contains("//").then(|| marker.captures(line)).flatten() else { continue };
        let mut patterns = Vec::new();
        for q in quoted.captures_iter(&c[1]) {
            let pattern = q.get(1).or(q.get(2)).map_or("", |m| m.as_str());
            let pattern = offset.replace_all(pattern, |c: &regex::Captures<'_>| {
                let n: usize = c.get(3).and_then(|m| m.as_str().parse().ok()).unwrap_or(0);
                let at = if c.get(2).is_some_and(|m| m.as_str() == "-") { i + 1 - n } else { i + 1 + n };
                format!("{name}:{at}")
            });
            let pattern = pattern.replace("\\(", "[(]").replace("\\)", "[)]");
            patterns.push(Regex::new(&pattern).map_err(|e| format!("{name}:{}: {e}", i + 1))?);
        }
        wanted.push((i + 1, patterns));
    }
    Ok(wanted)
}
