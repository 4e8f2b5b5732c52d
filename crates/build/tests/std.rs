//! The standard library and Go's own commands type-check, and so does what importers see of them, where a
//! GOROOT is at hand.

mod common;

use common::World;
use goxide_build::compile::Part;
use std::time::Duration;

fn check_all(args: &[&str]) {
    if common::goroot().is_none() {
        return println!("skipped: no GOROOT");
    }
    let program = common::load(args);
    let (mut world, mut importers) = (World::new(program.files.clone()), World::new(program.files.clone()));
    let mut errors = Vec::new();
    let mut surfaces = Duration::ZERO;
    let mut times: Vec<(Duration, &str)> = Vec::new();
    for (i, package) in program.packages.iter().enumerate() {
        let outcome = world.add(&program, i, Part::All);
        errors.extend(outcome.errors.iter().map(|e| e.render(&program.files)));
        times.push((outcome.checking, &package.import_path));
        // What importers see stands on what they see of others.
        let surface = world.surface(&program, i);
        let outcome = importers.add(&program, i, Part::Importable(surface.as_ref()));
        errors.extend(outcome.errors.iter().map(|e| e.render(&program.files)));
        surfaces += outcome.checking;
    }
    println!("surfaces: {surfaces:?}");
    times.sort();
    println!("{} packages, {:?}", times.len(), times.iter().map(|t| t.0).sum::<Duration>());
    times.iter().rev().take(10).for_each(|(t, path)| println!("{t:?} {path}"));
    assert!(errors.is_empty(), "{} errors:\n{}", errors.len(), errors.join("\n"));
}

#[test]
fn std_has_no_errors() {
    check_all(&["std"]);
}

#[test]
fn go_commands_have_no_errors() {
    check_all(&["cmd/gofmt", "cmd/compile", "cmd/asm"]);
}
