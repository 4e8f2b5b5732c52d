//! Runs each `tests/script/*.txtar`: a script in front, then files. A line of the script is a command:
//!
//! - `goxide ARGS`, `exec PROGRAM ARGS`: must end with status 0; with `!` before it must not
//! - `status N`: how the last one ended; `stdout RE`, `stderr RE` (with `!`: no match): what it wrote
//! - `env NAME=VALUE`, `cd DIR`, `exists FILE` (with `!`: does not), `cmp A B`, `rm FILE`, `cp A B`,
//!   `append FILE TEXT`
//!
//! Words may be quoted by `'`; `$WORK` is the folder that the files are unpacked into, `$GOROOT` that of the
//! environment.

mod common;

use libtest_mimic::{Arguments, Failed, Trial};
use regex::RegexBuilder;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let args = Arguments::from_args();
    let trial = |path: PathBuf| {
        let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
        Trial::test(name, move || run_script(&path))
    };
    let trials: Vec<Trial> =
        common::files(&common::tests_dir("script"), "txtar").into_iter().map(trial).collect();
    assert!(!trials.is_empty(), "tests/script has scripts");
    libtest_mimic::run(&args, trials).exit();
}

struct State {
    work: PathBuf,
    cwd: PathBuf,
    env: Vec<(String, String)>,
    status: i32,
    stdout: String,
    stderr: String,
}

fn run_script(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let work = dir.path().canonicalize().map_err(|e| e.to_string())?;
    let script = unpack(&text, &work)?;
    let cache = work.join(".cache").display().to_string();
    let mut state = State {
        cwd: work.clone(),
        env: [("GOXIDECACHE", cache.as_str()), ("GOENV", "off"), ("GOFLAGS", "")]
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        work,
        status: 0,
        stdout: String::new(),
        stderr: String::new(),
    };
    let goroot = std::env::var("GOROOT").unwrap_or_default();
    for (number, line) in script.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.replace("$WORK", &state.work.display().to_string()).replace("$GOROOT", &goroot);
        let words = split(&line);
        let (negated, words) = match words.split_first() {
            Some((first, rest)) if first == "!" => (true, rest),
            _ => (false, &words[..]),
        };
        state.step(negated, words).map_err(|e| {
            format!(
                "{}:{}: {line}: {e}\nstdout:\n{}\nstderr:\n{}",
                path.display(),
                number + 1,
                state.stdout,
                state.stderr
            )
        })?;
    }
    Ok(())
}

/// Writes the archive's files below `work`; gives the script.
fn unpack(text: &str, work: &Path) -> Result<String, String> {
    let (mut script, mut file): (String, Option<(PathBuf, String)>) = (String::new(), None);
    let save = |file: Option<(PathBuf, String)>| -> Result<(), String> {
        let Some((path, text)) = file else { return Ok(()) };
        fs::create_dir_all(path.parent().expect("below work")).map_err(|e| e.to_string())?;
        fs::write(path, text).map_err(|e| e.to_string())
    };
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|l| l.strip_suffix(" --"));
        match (name, &mut file) {
            (Some(name), _) => save(file.replace((work.join(name.trim()), String::new())))?,
            (None, Some((_, body))) => body.push_str(line),
            (None, None) => script.push_str(line),
        }
    }
    save(file)?;
    Ok(script)
}

fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut open) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => (quoted, open) = (!quoted, true),
            c if c.is_whitespace() && !quoted => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            c => {
                word.push(c);
                open = true;
            }
        }
    }
    if open {
        words.push(word);
    }
    words
}

impl State {
    fn step(&mut self, negated: bool, words: &[String]) -> Result<(), String> {
        let (command, args) = words.split_first().ok_or("no command")?;
        let path = |i: usize| args.get(i).map(|a| self.cwd.join(a)).ok_or("an argument is missing");
        let io = |e: std::io::Error| e.to_string();
        match command.as_str() {
            "goxide" => self.run(common::goxide().into(), args, negated),
            "exec" => {
                let (program, rest) = args.split_first().ok_or("exec what?")?;
                let program = if program.contains('/') { self.cwd.join(program) } else { program.into() };
                self.run(program, rest, negated)
            }
            "status" => {
                let wanted: i32 = args.first().and_then(|n| n.parse().ok()).ok_or("status N")?;
                if self.status == wanted { Ok(()) } else { Err(format!("it was {}", self.status)) }
            }
            "stdout" | "stderr" => {
                let text = if command == "stdout" { &self.stdout } else { &self.stderr };
                let pattern = args.first().ok_or("which pattern?")?;
                let re = RegexBuilder::new(pattern).multi_line(true).build().map_err(|e| e.to_string())?;
                if re.is_match(text) != negated { Ok(()) } else { Err("not so".into()) }
            }
            "env" => {
                let (name, value) = args.first().and_then(|a| a.split_once('=')).ok_or("env NAME=VALUE")?;
                self.env.push((name.into(), value.into()));
                Ok(())
            }
            "cd" => {
                self.cwd = path(0)?;
                Ok(())
            }
            "exists" => {
                if path(0)?.exists() != negated {
                    Ok(())
                } else {
                    Err("not so".into())
                }
            }
            "cmp" => {
                let same = fs::read(path(0)?).map_err(io)? == fs::read(path(1)?).map_err(io)?;
                if same != negated { Ok(()) } else { Err("not so".into()) }
            }
            "cp" => fs::copy(path(0)?, path(1)?).map(|_| ()).map_err(io),
            "rm" => fs::remove_file(path(0)?).map_err(io),
            "append" => {
                let mut text = fs::read_to_string(path(0)?).map_err(io)?;
                text.push_str(args.get(1).ok_or("append FILE TEXT")?);
                text.push('\n');
                fs::write(path(0)?, text).map_err(io)
            }
            other => Err(format!("no such command: {other}")),
        }
    }

    fn run(&mut self, program: PathBuf, args: &[String], negated: bool) -> Result<(), String> {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.cwd).envs(self.env.iter().cloned());
        let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
        self.status = done.status.code().unwrap_or(-1);
        self.stdout = String::from_utf8_lossy(&done.stdout).into_owned();
        self.stderr = String::from_utf8_lossy(&done.stderr).into_owned();
        match (done.status.success(), negated) {
            (true, false) | (false, true) => Ok(()),
            (true, true) => Err("it succeeded".into()),
            (false, false) => Err(format!("exit status {}", self.status)),
        }
    }
}
