//! Go's own test files: each is built and run with `goxide` and judged by what it says of itself.
//! `tests/goroot/status.tsv` says of each what came out; it may only get better.

mod judge;
mod recipe;
mod status;

use crate::tools::{self, Result, option};
use judge::Verdict;
use rayon::prelude::*;
use recipe::Recipe;
use regex::Regex;
use status::{Entry, Status};

pub fn main(args: &[String]) -> Result<()> {
    let tests = tools::go_tests()?;
    let goxide = tools::goxide()?;
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let path = tools::root().join("tests/goroot/status.tsv");
    let mut status = Status::read(&path)?;
    if has("--bless") && only.is_none() {
        for recipe in Recipe::all(&tests)? {
            status.add(&recipe);
        }
    }
    let wanted = |e: &Entry| !e.is_skipped() && only.as_ref().is_none_or(|re| re.is_match(&e.path));
    let chosen: Vec<Entry> = status.entries().filter(|e| wanted(e)).cloned().collect();
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let judge = judge::Judge { goxide, tests: tests.clone(), scratch: scratch.path().into() };
    let found: Vec<(Entry, Verdict)> = chosen
        .into_par_iter()
        .map(|entry| {
            let verdict = match Recipe::read(&tests, &entry.path) {
                Ok(recipe) => {
                    // A busy machine may let a program run into its limit: what passed before is tried again.
                    let again = |v: Verdict| match v {
                        Verdict::Fail(_) if entry.passes() => judge.judge(&recipe),
                        v => v,
                    };
                    again(again(judge.judge(&recipe)))
                }
                Err(text) => Verdict::Fail(text),
            };
            (entry, verdict)
        })
        .collect();
    let (mut passed, mut failed, mut worse, mut better) = (0, 0, Vec::new(), Vec::new());
    for (entry, verdict) in &found {
        match verdict {
            Verdict::Pass => {
                passed += 1;
                if !entry.passes() {
                    better.push(entry.path.clone());
                }
            }
            Verdict::Fail(text) => {
                failed += 1;
                if entry.passes() {
                    worse.push(format!("{}: {}", entry.path, text));
                }
                if has("-v") {
                    println!("--- {} ({})\n{text}", entry.path, entry.action);
                }
            }
        }
    }
    if has("--bless") {
        found.iter().for_each(|(entry, verdict)| status.record(entry, verdict));
        status.write(&path)?;
    }
    better.iter().for_each(|path| println!("passes now, and is to be blessed: {path}"));
    worse.iter().for_each(|text| println!("failed, but passed before: {text}"));
    println!(
        "{passed} passed, {failed} failed, {} skipped",
        status.entries().filter(|e| e.is_skipped()).count()
    );
    if worse.is_empty() { Ok(()) } else { Err(format!("{} of Go's test files no longer pass", worse.len())) }
}
