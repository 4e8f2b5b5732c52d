//! Std's own tests under `goxide test -short`. `tests/std/status.tsv` names the packages, and each test
//! of theirs that does not pass, with its reason; it may only get better.
//!
//! A row is package, test, verdict, reason. `ok` with test `*` stands for the package; `fail` names a test
//! that fails, `skip` one that is not run since it would take the others down with it; `fail` with `*` is a
//! package that does not build or dies. `flaky` is a test or package whose outcome hangs on the machine,
//! `long` a package that takes long: the gate leaves them out.

use crate::tools::{self, Result, capture, option};
use rayon::prelude::*;
use regex::Regex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(600);

/// Packages at a time: many tests wait most of their time, and each build uses all cores.
const JOBS: usize = 2;

const VERDICTS: &[&str] = &["ok", "fail", "skip", "flaky", "long"];

/// By package and test: verdict and reason.
type Status = BTreeMap<(String, String), (String, String)>;

/// What the gate runs: no package that is long, no test that is flaky.
pub fn gate() -> Result<()> {
    main(&["--gate".into()])
}

pub fn main(args: &[String]) -> Result<()> {
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let (bless, is_gate) = (has("--bless"), has("--gate"));
    let path = tools::root().join("tests/std/status.tsv");
    let status = read(&path)?;
    let runner = Runner {
        goxide: tools::goxide()?,
        goroot: tools::goroot(&tools::real_go()?)?,
        left_out: if is_gate { &["skip", "flaky"] } else { &["skip"] },
        status: &status,
    };
    let mut packages: Vec<&str> = status.keys().map(|(package, _)| package.as_str()).collect();
    packages.dedup();
    packages.retain(|p| only.as_ref().is_none_or(|re| re.is_match(p)));
    packages.retain(|p| !is_gate || !["flaky", "long"].contains(&runner.verdict(p, "*")));
    let begun = Instant::now();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(JOBS).build().map_err(|e| e.to_string())?;
    let run = |package: &&str| {
        let found = runner.run(package, &[])?;
        if !is_gate {
            println!("{package:28} {:5} passed, {:3} failed", found.passed, found.failed.len());
        }
        Ok(found)
    };
    // One at a time off the list: those that are next to each other take equally long.
    let mut found =
        pool.install(|| packages.par_iter().with_max_len(1).map(run).collect::<Result<Vec<Found>>>())?;
    let mut worse = Vec::new();
    for (package, found) in packages.iter().zip(&mut found) {
        runner.try_again(package, found)?;
        let news = found.failed.iter().filter(|(test, _)| runner.is_expected_to_pass(package, test));
        worse.extend(news.map(|(test, reason)| format!("{package} {test}: {reason}")));
        for (_, test) in runner.rows(package, "fail").filter(|(_, t)| found.failed.iter().all(|f| f.0 != *t))
        {
            println!("passes now, and is to be blessed: {package} {test}");
        }
    }
    let failed: usize = found.iter().map(|f| f.failed.len()).sum();
    worse.iter().for_each(|text| println!("failed, but is not listed: {text}"));
    println!(
        "std: {} tests passed, {failed} failed, in {} packages, in {} s",
        found.iter().map(|f| f.passed).sum::<usize>(),
        packages.len(),
        begun.elapsed().as_secs()
    );
    if bless {
        let mut status = status.clone();
        packages.iter().zip(found).for_each(|(package, found)| record(&mut status, package, found));
        return write(&path, &status);
    }
    if worse.is_empty() { Ok(()) } else { Err(format!("{} of std's tests no longer pass", worse.len())) }
}

struct Runner<'a> {
    goxide: PathBuf,
    goroot: PathBuf,
    /// The verdicts of tests that are not run.
    left_out: &'a [&'a str],
    status: &'a Status,
}

impl Runner<'_> {
    fn verdict(&self, package: &str, test: &str) -> &str {
        self.status.get(&(package.into(), test.into())).map_or("ok", |(verdict, _)| verdict)
    }

    fn is_expected_to_pass(&self, package: &str, test: &str) -> bool {
        ["ok", "long"].contains(&self.verdict(package, test))
    }

    /// Package and test of the rows of a package with a verdict.
    fn rows(&self, package: &str, verdict: &str) -> impl Iterator<Item = (&str, &str)> {
        let of = self.status.iter().filter(move |((p, _), (v, _))| p == package && v == verdict);
        of.map(|((package, test), _)| (package.as_str(), test.as_str()))
    }

    /// Runs a package's tests, or these of them.
    fn run(&self, package: &str, tests: &[&str]) -> Result<Found> {
        let mut command = Command::new(&self.goxide);
        command.args(["test", "-short", "-v", "-count=1", "-timeout=500s"]);
        let left_out: Vec<&str> =
            self.left_out.iter().flat_map(|v| self.rows(package, v)).map(|(_, test)| test).collect();
        for (option, tests) in [("skip", &left_out[..]), ("run", tests)] {
            if !tests.is_empty() {
                command.arg(format!("-{option}=^({})$", tests.join("|")));
            }
        }
        let ended = capture(command.arg(package).env("GOROOT", &self.goroot), LIMIT)?;
        Ok(Found::read(package, &ended))
    }

    /// A busy machine may let a test run into a limit: what passed before is tried once more, alone, and is told.
    fn try_again(&self, package: &str, found: &mut Found) -> Result<()> {
        let failed: Vec<(String, String)> = found
            .failed
            .iter()
            .filter(|(test, _)| self.is_expected_to_pass(package, test))
            .cloned()
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        let died = failed.iter().any(|(test, _)| test == "*");
        let tests: Vec<&str> = failed.iter().map(|(test, _)| test.as_str()).filter(|_| !died).collect();
        let again = self.run(package, &tests)?;
        if died {
            *found = again;
        } else {
            found.failed.retain(|f| !failed.contains(f));
            found.passed += failed.len().saturating_sub(again.failed.len());
            found.failed.extend(again.failed);
        }
        for (test, reason) in failed.iter().filter(|(test, _)| found.failed.iter().all(|f| f.0 != *test)) {
            println!("passed only when tried again: {package} {test}: {reason}");
        }
        Ok(())
    }
}

/// Puts what was found of a package in place of what was known, but for what somebody decided.
fn record(status: &mut Status, package: &str, found: Found) {
    let old = status.clone();
    status.retain(|(p, _), (verdict, _)| p != package || !["ok", "fail"].contains(&verdict.as_str()));
    for (test, reason) in found.failed {
        let key = (package.to_string(), test);
        // A reason that somebody wrote says more than the first line of the output.
        let known = old.get(&key).filter(|(v, r)| v == "fail" && !r.is_empty()).map(|(_, r)| r.clone());
        status.entry(key).or_insert(("fail".into(), known.unwrap_or(reason)));
    }
    status.entry((package.into(), "*".into())).or_insert(("ok".into(), String::new()));
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

fn read(path: &Path) -> Result<Status> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut status = Status::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        let [package, test, verdict, reason] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{}:{}: not four fields", path.display(), number + 1));
        };
        if !VERDICTS.contains(&verdict) {
            return Err(format!("{}:{}: no such verdict: {verdict}", path.display(), number + 1));
        }
        status.insert((package.into(), test.into()), (verdict.into(), reason.into()));
    }
    Ok(status)
}

fn write(path: &Path, status: &Status) -> Result<()> {
    let mut text = String::from("# package\ttest\tverdict\treason; written by `cargo xtask std --bless`\n");
    for ((package, test), (verdict, reason)) in status {
        text.push_str(&format!("{package}\t{test}\t{verdict}\t{reason}\n"));
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
