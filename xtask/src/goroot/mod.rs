//! Go's own test files and the type checker's: each is built and run with `goxide`, and must do what it
//! does with real Go. `tests/goroot/status.tsv` says of each what came out; it may only get better.

mod layout;
mod recipe;
mod status;
mod witness;

use crate::tools::{self, Result, option};
use rayon::prelude::*;
use recipe::{Action, Recipe, Roots};
use regex::Regex;
use status::{Entry, Learned, Status};
use std::path::Path;
use witness::Witness;

/// Environments that programs without imports run in besides the plain one.
const MODES: &[&[(&str, &str)]] =
    &[&[("GOMAXPROCS", "1")], &[("GOMAXPROCS", "4")], &[("GODEBUG", "gcstress=1,clobberdead=1")]];

/// How often what passed before and fails now is tried again.
const RETRIES: usize = 2;

pub fn main(args: &[String]) -> Result<()> {
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let go = tools::real_go()?;
    let goroot = tools::goroot(&go)?;
    let roots = Roots { tests: tools::go_tests()?, types: goroot.join("src/internal/types/testdata") };
    let folder = tools::root().join("tests/goroot");
    let (learned_path, status_path) = (folder.join("go1.27.tsv"), folder.join("status.tsv"));
    let mut learned = Learned::read(&learned_path)?;
    let wanted = |path: &str| only.as_ref().is_none_or(|re| re.is_match(path));
    let scratch = tempfile::tempdir().map_err(|e| e.to_string())?;
    let witness =
        |command: &Path| Witness::new(command.into(), goroot.clone(), roots.tests.clone(), scratch.path());
    if has("--learn") {
        learn(&witness(&go)?, &roots, &wanted, &mut learned)?;
        return learned.write(&learned_path);
    }
    let mut status = Status::read(&status_path)?;
    if has("--bless") {
        for path in learned.0.keys() {
            status.add(&Recipe::read(&roots, path)?);
        }
    }
    let witness = witness(&tools::goxide()?)?;
    let judge = Judge { witness, learned, roots, modes: !has("--plain") };
    let chosen: Vec<Entry> = status.entries().filter(|e| wanted(&e.path)).cloned().collect();
    let mut found: Vec<(Entry, Option<String>)> = chosen
        .into_par_iter()
        .map(|entry| {
            let fault = judge.fault(&entry.path);
            (entry, fault)
        })
        .collect();
    // A busy machine may let a program run into a limit: what passed before is tried again, alone, and is told.
    for (entry, fault) in found.iter_mut().filter(|(entry, fault)| entry.passes && fault.is_some()) {
        for _ in 0..RETRIES {
            let first = fault.take().unwrap_or_default();
            *fault = judge.fault(&entry.path);
            if fault.is_none() {
                println!("passed only when tried again: {}: {first}", entry.path);
                break;
            }
        }
    }
    let (mut failed, mut worse) = (0, Vec::new());
    for (entry, fault) in &found {
        match fault {
            None if !entry.passes => println!("passes now, and is to be blessed: {}", entry.path),
            None => {}
            Some(text) => {
                failed += 1;
                if entry.passes {
                    worse.push(format!("{}: {text}", entry.path));
                } else if has("-v") {
                    println!("--- {} ({})\n{text}", entry.path, entry.action);
                }
            }
        }
    }
    if has("--bless") {
        found.iter().for_each(|(entry, fault)| status.record(&entry.path, fault.as_deref()));
        status.write(&status_path)?;
    }
    worse.iter().for_each(|text| println!("failed, but passed before: {text}"));
    by_action(&found);
    println!("{} passed, {failed} failed", found.len() - failed);
    if worse.is_empty() { Ok(()) } else { Err(format!("{} of Go's test files no longer pass", worse.len())) }
}

/// Passed and all, for each action.
fn by_action(found: &[(Entry, Option<String>)]) {
    let mut actions: Vec<&str> = found.iter().map(|(e, _)| e.action.as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    for action in actions {
        let of = found.iter().filter(|(e, _)| e.action == action);
        let (all, passed) = (of.clone().count(), of.filter(|(_, fault)| fault.is_none()).count());
        println!("{action:20} {passed:5} of {all:5}  {:5.1} %", passed as f64 * 100.0 / all as f64);
    }
}

struct Judge {
    witness: Witness,
    learned: Learned,
    roots: Roots,
    modes: bool,
}

impl Judge {
    /// What is wrong, if anything is.
    fn fault(&self, path: &str) -> Option<String> {
        let recipe = match Recipe::read(&self.roots, path) {
            Ok(recipe) => recipe,
            Err(text) => return Some(text),
        };
        let runs = matches!(recipe.action, Action::Run | Action::RunDir);
        let modes = if self.modes && runs && recipe.is_free_of_imports() { MODES } else { &[] };
        [&[][..]].iter().chain(modes).find_map(|mode| {
            let fault = match self.witness.see(&recipe, mode) {
                Ok(seen) => self.learned.difference(path, &seen),
                Err(text) => Some(text),
            }?;
            let mode: String = mode.iter().map(|(name, value)| format!("{name}={value}: ")).collect();
            Some(format!("{mode}{fault}"))
        })
    }
}

/// Notes what real Go does. What it does differently the second time, or does not get done, is left out.
fn learn(
    go: &Witness,
    roots: &Roots,
    wanted: &(dyn Fn(&str) -> bool + Sync),
    learned: &mut Learned,
) -> Result<()> {
    let recipes: Vec<Recipe> = Recipe::all(roots)?.into_iter().filter(|r| wanted(&r.path)).collect();
    let seen: Vec<(String, Option<Vec<String>>)> = recipes
        .par_iter()
        .map(|recipe| {
            let first = go.see(recipe, &[]).ok();
            let again = if recipe.action.checks_errors() { first.clone() } else { go.see(recipe, &[]).ok() };
            (recipe.path.clone(), first.filter(|f| Some(f) == again.as_ref()))
        })
        .collect();
    for (path, seen) in seen {
        match seen {
            Some(seen) => learned.note(&path, &seen),
            None => {
                learned.0.remove(&path);
                println!("left out: {path}");
            }
        }
    }
    Ok(())
}
