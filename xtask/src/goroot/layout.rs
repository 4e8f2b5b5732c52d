//! Puts test files where a go-like command can build them: a file beside nothing else, or the files of
//! a `dir` test as a module `test` with a folder for each package.

use super::recipe::{Recipe, go_files, read};
use crate::tools::Result;
use regex::Regex;
use std::fs;
use std::path::Path;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

pub fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

pub fn has_main(text: &str) -> bool {
    regex(r"(?m)^(?:func|var|const|type)\s+main\b").is_match(text)
}

/// Whether a function is declared only: its line opens no body and does not break off in the signature.
fn has_bodyless(text: &str) -> bool {
    let empty_type = regex(r"\b(?:interface|struct)\s*\{\s*\}");
    let bodyless = regex(r"^func\s[^{]*[^{(,\s]$");
    text.lines().any(|l| {
        let code = l.split("//").next().unwrap_or("");
        bodyless.is_match(empty_type.replace_all(code, "").trim_end())
    })
}

/// The text as a library: it shall be compiled, and never be linked.
pub fn without_main(text: &str) -> String {
    regex(r"(?m)^package main\b").replace(text, "package p").into_owned()
}

fn cannot_link(text: &str) -> bool {
    !has_main(text) || has_bodyless(text) || text.lines().any(|l| l.starts_with("//go:linkname "))
}

pub fn write_go_mod(dir: &Path, module: &str, version: &str) -> Result<()> {
    write(&dir.join("go.mod"), &format!("module {module}\n\ngo {version}\n"))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Puts one file down; gives what to hand to `build`. Functions without a body are legal in a folder
/// that has an assembly file too, unless the compiler is told that there is none.
pub fn single(work: &Path, name: &str, text: &str, complete: bool) -> Result<String> {
    let text = if cannot_link(text) { without_main(text) } else { text.into() };
    if complete || !has_bodyless(&text) {
        write(&work.join(name), &text)?;
        return Ok(name.into());
    }
    let place = work.join("p");
    make_dir(&place)?;
    // A name's suffix must not make it a file for another machine.
    write(&place.join(regex(r"_\w+\.go$").replace(name, ".go").as_ref()), &text)?;
    write(&place.join("empty.s"), "")?;
    write_go_mod(work, "test", "1.27")?;
    Ok("./p".into())
}

/// A package of a `dir` test, in a folder of the module `test`.
pub struct PackageDir {
    key: String,
    folder: String,
    sources: Vec<(String, String)>,
}

impl PackageDir {
    pub fn target(&self) -> String {
        format!("./{}", self.folder)
    }
}

/// Lays the packages out in the order of their first files; relative imports become paths in the module.
pub fn packages(recipe: &Recipe, work: &Path, links_last: bool) -> Result<Vec<PackageDir>> {
    let clause = regex(r"(?m)^package\s+(\w+)");
    let mut packages: Vec<PackageDir> = Vec::new();
    for file in go_files(&recipe.dir())? {
        let (name, text) = (file_name(&file), read(&file)?);
        let package = clause.captures(&text).map(|c| c[1].to_string());
        let key = if recipe.has("-s") { name.clone() } else { package.ok_or("no package clause")? };
        let found = packages.iter().position(|p| p.key == key);
        let stem = name.trim_end_matches(".go");
        let folder = regex(r"[^A-Za-z0-9_.~-]").replace_all(stem, "u").into_owned();
        let at = found.unwrap_or_else(|| {
            packages.push(PackageDir { key, folder, sources: Vec::new() });
            packages.len() - 1
        });
        packages[at].sources.push((name, text));
    }
    write_go_mod(work, "test", "1.27")?;
    // An import names the stem of a package's first file.
    let folders: Vec<(String, String)> = packages
        .iter()
        .map(|p| (p.sources[0].0.trim_end_matches(".go").to_string(), p.folder.clone()))
        .collect();
    let local = regex(r#"(?m)^(\s*(?:import\s*)?\(?\s*(?:[\w.]+\s+)?)"(?:\./|\.\./|test/)([^"\s]+)""#);
    let last = packages.len().saturating_sub(1);
    for (i, package) in packages.iter().enumerate() {
        let place = work.join(&package.folder);
        make_dir(&place)?;
        let whole: String = package.sources.iter().map(|(_, t)| t.as_str()).collect::<Vec<_>>().join("\n");
        let library = cannot_link(&whole) && !(links_last && i == last);
        for (name, text) in &package.sources {
            let text = local.replace_all(text, |c: &regex::Captures<'_>| {
                let folder = folders.iter().find(|(stem, _)| *stem == c[2]).map_or(&c[2], |(_, f)| f);
                format!("{}\"test/{folder}\"", &c[1])
            });
            let text = if library { without_main(&text) } else { text.into_owned() };
            write(&place.join(name.replace("_test.go", "_test_.go")), &text)?;
        }
        if has_bodyless(&whole) && !recipe.has("-complete") {
            write(&place.join("empty.s"), "")?;
        }
    }
    if packages.is_empty() { Err("no sources".into()) } else { Ok(packages) }
}

pub fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    make_dir(to)?;
    for entry in fs::read_dir(from).map_err(|e| format!("{}: {e}", from.display()))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_tree(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    Ok(())
}
