//! The program that runs a package's tests: the package with its test files, the package that tests it
//! from outside, and a generated `main`.

use crate::graph::{Head, Loader, NAMED_FILES, Named, Program};
use crate::package::Env;
use crate::select;
use crate::testfuncs::{Half, TestFuncs};
use crate::{LANGUAGE_VERSION, LoadError};
use std::path::{Path, PathBuf};

/// A package to be tested.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    pub dir: PathBuf,
    pub import_path: String,
    /// Files that were named in place of a package.
    pub files: Vec<String>,
    /// What its test program is called, but for `.test`.
    pub name: String,
}

/// What replaces the package under test while its test program is loaded.
pub(crate) struct UnderTest {
    pub import_path: String,
    /// The files that test it from outside, once the package has been read.
    pub outside: Vec<Head>,
}

/// What arguments name.
#[derive(Debug)]
pub struct Targets {
    pub targets: Vec<Target>,
    /// Arguments that name nothing, and why.
    pub wrong: Vec<(String, LoadError)>,
    pub warnings: Vec<String>,
}

pub fn targets(env: &Env, args: &[String]) -> Result<Targets, LoadError> {
    let loader = Loader::new(env)?;
    if args.iter().any(|a| a.ends_with(".go")) {
        let Named { dir, heads, .. } = loader.named_heads(args)?;
        let name = heads.first().map_or("", |h| h.package.trim_end_matches("_test")).to_string();
        let targets = vec![Target { dir, import_path: NAMED_FILES.into(), files: args.to_vec(), name }];
        return Ok(Targets { targets, wrong: Vec::new(), warnings: Vec::new() });
    }
    let (mut wrong, mut warnings) = (Vec::new(), Vec::new());
    let here = [String::from(".")];
    let mut targets: Vec<Target> = Vec::new();
    for arg in if args.is_empty() { &here } else { args } {
        let expanded = match loader.expand(arg) {
            Ok(expanded) => expanded,
            Err(e) if e.is_fatal() => return Err(e),
            Err(e) => {
                wrong.push((arg.clone(), e));
                continue;
            }
        };
        if expanded.packages.is_empty() {
            warnings.push(format!("go: warning: \"{arg}\" matched no packages"));
        }
        for (dir, import_path) in expanded.packages {
            let name = import_path.rsplit('/').next().unwrap_or_default().to_string();
            let target = Target { dir, import_path, files: Vec::new(), name };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
    }
    Ok(Targets { targets, wrong, warnings })
}

/// The test program of a package: its only root. `None`: there are no test files.
pub fn load_test(env: &Env, target: &Target) -> Result<Option<Program>, LoadError> {
    let mut loader = Loader::new(env)?;
    loader.runtime()?;
    // Package testing is there.
    loader.goroot()?;
    let path = target.import_path.as_str();
    loader.under_test = Some(UnderTest { import_path: path.into(), outside: Vec::new() });
    let found = match target.files.as_slice() {
        [] => {
            let (has_inside, has_outside) = loader.test_heads(&target.dir, path)?;
            let has_package = has_inside || loader.has_package(&target.dir)?;
            Found { has_inside, has_outside, has_package, named: None }
        }
        files => Found::of_named(&mut loader, files)?,
    };
    let Found { has_inside, has_outside, has_package, named } = found;
    if !has_inside && !has_outside {
        // As go, which still says of a package with errors that it has some.
        own_package(&mut loader, target, named)?;
        return loader.finish(Vec::new(), Vec::new()).map(|_| None);
    }
    let mut funcs = TestFuncs::default();
    // The package with its own tests; only tests from outside may leave it without any file.
    let mut inside_index = None;
    if has_package {
        inside_index = Some(own_package(&mut loader, target, named)?);
    }
    let mut module = String::new();
    if let Some(i) = inside_index {
        let package = &mut loader.packages[i];
        package.is_library = true;
        package.for_test = true;
        module = if package.is_std { "std".into() } else { String::new() };
        let tests: Vec<_> = package
            .files
            .iter()
            .filter(|f| f.source.name.ends_with("_test.go"))
            .map(|f| f.source.clone())
            .collect();
        for source in tests {
            funcs.scan(Half::Inside, &source).map_err(wrong)?;
        }
    }
    if module.is_empty() {
        module = loader.modules.here().map_or(String::new(), |m| m.module.clone());
    }
    if has_outside {
        let heads = loader.under_test.as_mut().map(|t| std::mem::take(&mut t.outside)).unwrap_or_default();
        for head in &heads {
            funcs.scan(Half::Outside, &head.file.source).map_err(wrong)?;
        }
        let i = loader.outside_package(&target.dir, path, heads)?;
        loader.packages[i].for_test = true;
    }
    let text = funcs.main_text(path, &module, inside_index.is_some(), has_outside, env.cover.as_ref());
    let head = select::head(&loader.files, Path::new("_testmain.go"), text.into_bytes());
    let main_path = format!("{path}.test");
    let root =
        loader.package(main_path, target.dir.clone(), "", vec![head], LANGUAGE_VERSION, false, true)?;
    loader.packages[root].for_test = true;
    loader.finish(vec![root], Vec::new()).map(Some)
}

/// Which files there are.
struct Found {
    has_inside: bool,
    has_outside: bool,
    /// Files of the package itself, tests or not.
    has_package: bool,
    named: Option<Named>,
}

impl Found {
    fn of_named(loader: &mut Loader<'_>, files: &[String]) -> Result<Found, LoadError> {
        let mut named = loader.named_heads(files)?;
        let is_test = |h: &Head| h.file.source.name.ends_with("_test.go");
        let is_outside = |h: &Head| is_test(h) && h.package.ends_with("_test");
        let (outside, own): (Vec<Head>, Vec<Head>) = named.heads.into_iter().partition(is_outside);
        let (has_inside, has_outside) = (own.iter().any(is_test), !outside.is_empty());
        let has_package = !own.is_empty();
        named.heads = own;
        if let Some(under_test) = &mut loader.under_test {
            under_test.outside = outside;
        }
        Ok(Found { has_inside, has_outside, has_package, named: Some(named) })
    }
}

/// The package under test, with its own tests.
fn own_package(loader: &mut Loader<'_>, target: &Target, named: Option<Named>) -> Result<usize, LoadError> {
    match named {
        Some(Named { dir, shown, heads }) => loader.named_package(dir, &shown, heads),
        None => loader.directory(&target.dir, &target.import_path),
    }
}

fn wrong((pos, text): (String, String)) -> LoadError {
    LoadError::Import { pos, text }
}
