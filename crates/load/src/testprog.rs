//! The program that runs a package's tests: the package with its test files, the package that tests it
//! from outside, and a generated `main`.

use crate::graph::{Head, Loader, Program};
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
            let target = Target { dir, import_path };
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
    let found = loader.test_heads(&target.dir, path)?;
    if found == (false, false) {
        // As go, which still says of a package with errors that it has some.
        loader.directory(&target.dir, path)?;
        return loader.finish(Vec::new(), Vec::new()).map(|_| None);
    }
    let (has_inside, has_outside) = found;
    let mut funcs = TestFuncs::default();
    // The package with its own tests; only tests from outside may leave it without any file.
    let mut inside_index = None;
    if loader.has_package(&target.dir)? || has_inside {
        inside_index = Some(loader.directory(&target.dir, path)?);
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
    let text = funcs.main_text(path, &module, inside_index.is_some(), has_outside);
    let head = select::head(&loader.files, Path::new("_testmain.go"), text.into_bytes());
    let main_path = format!("{path}.test");
    let root =
        loader.package(main_path, target.dir.clone(), "", vec![head], LANGUAGE_VERSION, false, true)?;
    loader.packages[root].for_test = true;
    loader.finish(vec![root], Vec::new()).map(Some)
}

fn wrong((pos, text): (String, String)) -> LoadError {
    LoadError::Import { pos, text }
}
