//! Std's own tests under `goxide test -short`. `tests/std/status.tsv` names the packages, and each test
//! of theirs that does not pass, with its reason; it may only get better.
//!
//! A row is package, test, verdict, reason. `ok` with test `*` stands for the package; `fail` names a test
//! that fails, `skip` one that is not run since it would take the others down with it; `fail` with `*` is a
//! package that does not build or dies.

use crate::tools::{self, Result, capture, option};
use regex::Regex;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(600);

/// By package and test: verdict and reason.
type Status = BTreeMap<(String, String), (String, String)>;

pub fn main(args: &[String]) -> Result<()> {
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let bless = args.iter().any(|a| a == "--bless");
    let path = tools::root().join("tests/std/status.tsv");
    let mut status = read(&path)?;
    let goxide = tools::goxide()?;
    let goroot = tools::goroot(&tools::real_go()?)?;
    let mut packages: Vec<String> = status.keys().map(|(package, _)| package.clone()).collect();
    packages.dedup();
    packages.retain(|p| only.as_ref().is_none_or(|re| re.is_match(p)));
    let (mut passed, mut failed, mut skipped, mut worse) = (0, 0, 0, Vec::new());
    for package in &packages {
        let known = |test: &str| status.get(&(package.clone(), test.to_string()));
        let left_out: Vec<&str> = status
            .iter()
            .filter(|((p, _), (verdict, _))| p == package && verdict == "skip")
            .map(|((_, test), _)| test.as_str())
            .collect();
        let mut command = Command::new(&goxide);
        command.args(["test", "-short", "-v", "-count=1", "-timeout=500s"]);
        if !left_out.is_empty() {
            command.arg(format!("-skip=^({})$", left_out.join("|")));
        }
        let ended = capture(command.arg(package).env("GOROOT", &goroot), LIMIT)?;
        let found = Found::read(package, &ended);
        println!(
            "{package:28} {:5} passed, {:3} failed, {:3} left out",
            found.passed,
            found.failed.len(),
            left_out.len()
        );
        passed += found.passed;
        failed += found.failed.len();
        skipped += left_out.len();
        let mut news = Vec::new();
        for (test, reason) in &found.failed {
            if known(test).is_none_or(|(verdict, _)| verdict == "ok") {
                worse.push(format!("{package} {test}: {reason}"));
            }
            news.push((test.clone(), "fail".to_string(), reason.clone()));
        }
        if !found.failed.iter().any(|(test, _)| test == "*") {
            news.push(("*".into(), "ok".into(), String::new()));
        }
        if bless {
            record(&mut status, package, news);
            // Written at once: a run takes long, and may be stopped.
            write(&path, &status)?;
        }
    }
    worse.iter().for_each(|text| println!("failed, but is not listed: {text}"));
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if bless || worse.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of std's tests no longer pass", worse.len()))
    }
}

/// Puts what was found of a package in place of what was known, but for what is left out.
fn record(status: &mut Status, package: &str, news: Vec<(String, String, String)>) {
    let old = status.clone();
    status.retain(|(p, _), (verdict, _)| p != package || verdict == "skip");
    for (test, verdict, reason) in news {
        let key = (package.to_string(), test);
        // A reason that somebody wrote says more than the first line of the output.
        let known = old.get(&key).filter(|(v, r)| *v == verdict && !r.is_empty()).map(|(_, r)| r.clone());
        status.insert(key, (verdict, known.unwrap_or(reason)));
    }
}

struct Found {
    passed: usize,
    /// Top-level tests and examples that failed, or `*`, with a reason.
    failed: Vec<(String, String)>,
}

impl Found {
    fn read(package: &str, ended: &tools::Ended) -> Found {
        let mut found = Found { passed: 0, failed: Vec::new() };
        let lines: Vec<&str> = ended.output.lines().collect();
        for (i, line) in lines.iter().enumerate() {
            if line.starts_with("--- PASS: ") || line.starts_with("--- SKIP: ") {
                found.passed += 1;
            } else if let Some(rest) = line.strip_prefix("--- FAIL: ") {
                let test = rest.split(' ').next().unwrap_or("").to_string();
                // With -v what a test says stands before its verdict, or behind it where it says it at the end.
                let run = lines[..i].iter().rposition(|l| l.strip_prefix("=== RUN   ") == Some(&test));
                let said = |l: &&&str| l.starts_with(' ') && l.contains(".go:");
                let before = lines[run.unwrap_or(i)..i].iter().find(said);
                let reason = before.or(lines[i + 1..].first()).map_or("", |l| l.trim());
                found.failed.push((test, one_line(reason)));
            }
        }
        // A test binary that dies takes the tests behind along.
        let dies =
            |l: &&&str| ["panic: ", "fatal error: ", "SIG", "exit status 2"].iter().any(|p| l.starts_with(p));
        let died = ended.status.is_none() || lines.iter().any(|l| dies(&l));
        if ended.status != Some(0) && (found.failed.is_empty() || died) {
            let why = |l: &&&str| dies(l) || l.contains(".go:");
            let reason = match ended.status {
                None => "does not end",
                Some(_) => {
                    lines.iter().find(why).or(lines.iter().find(|l| !l.starts_with('#'))).unwrap_or(&"")
                }
            };
            // A binary whose time is up names the tests that it was in.
            let at = lines.iter().position(|l| l.trim() == "running tests:");
            let running =
                at.and_then(|i| lines.get(i + 1)).map_or(String::new(), |l| format!(" in {}", l.trim()));
            let reason = &format!("{reason}{running}");
            found.failed.push(("*".into(), one_line(reason)));
        } else if ended.status == Some(0) && !ended.output.contains(&format!("ok  \t{package}")) {
            let tested = !ended.output.contains("[no test files]");
            if tested {
                found.failed.push(("*".into(), "says nothing of how it went".into()));
            }
        }
        found
    }
}

fn one_line(text: &str) -> String {
    text.replace('\t', " ").chars().take(160).collect()
}

fn read(path: &PathBuf) -> Result<Status> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut status = Status::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        let [package, test, verdict, reason] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{}:{}: not four fields", path.display(), number + 1));
        };
        if !["ok", "fail", "skip"].contains(&verdict) {
            return Err(format!("{}:{}: no such verdict: {verdict}", path.display(), number + 1));
        }
        status.insert((package.into(), test.into()), (verdict.into(), reason.into()));
    }
    Ok(status)
}

fn write(path: &PathBuf, status: &Status) -> Result<()> {
    let mut text = String::from("# package\ttest\tverdict\treason; written by `cargo xtask std --bless`\n");
    for ((package, test), (verdict, reason)) in status {
        text.push_str(&format!("{package}\t{test}\t{verdict}\t{reason}\n"));
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
