//! Modules that programs use, out of Debian's packages of Go sources: their own tests, run by Go and by Goxide, must
//! end alike.

use crate::tools::{self, Result, call, option};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What is fetched, with all that it depends on.
const PACKAGES: &[&str] = &[
    "golang-github-burntsushi-toml-dev",
    "golang-github-dop251-goja-dev",
    "golang-github-gin-gonic-gin-dev",
    "golang-github-go-git-go-git-dev",
    "golang-github-google-btree-dev",
    "golang-github-google-go-cmp-dev",
    "golang-github-gorilla-mux-dev",
    "golang-github-hashicorp-hcl-dev",
    "golang-github-itchyny-gojq-dev",
    "golang-github-klauspost-compress-dev",
    "golang-github-miekg-dns-dev",
    "golang-github-pelletier-go-toml-dev",
    "golang-github-prometheus-client-golang-dev",
    "golang-github-spf13-cobra-dev",
    "golang-github-stretchr-testify-dev",
    "golang-github-tidwall-gjson-dev",
    "golang-github-yuin-goldmark-dev",
    "golang-go.uber-zap-dev",
    "golang-golang-x-crypto-dev",
    "golang-golang-x-net-dev",
    "golang-golang-x-text-dev",
    "golang-golang-x-tools-dev",
    "golang-google-grpc-dev",
    "golang-google-protobuf-dev",
    "golang-gopkg-yaml.v3-dev",
    "golang-starlark-dev",
];

/// For the tests of one package, the build included.
const LIMIT: Duration = Duration::from_secs(300);

pub fn main(args: &[String]) -> Result<()> {
    let only = option(args, "--only").map(Regex::new).transpose().map_err(|e| e.to_string())?;
    let module = module()?;
    let (go, goxide) = (tools::real_go()?, tools::goxide()?);
    let goroot = tools::goroot(&go)?;
    let command = |program: &Path, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).current_dir(&module).env("GOROOT", &goroot).env("CGO_ENABLED", "0");
        command
    };
    // Those with tests for which nothing is missing.
    let format = "{{if and .ForTest (not .DepsErrors) (not .Error)}}{{.ForTest}}{{end}}";
    let vendored = packages(&module.join("vendor"))?;
    let mut words = vec!["list", "-e", "-test", "-deps", "-f", format];
    words.extend(vendored.values().flatten().map(String::as_str));
    let listed = command(&go, &words).output().map_err(|e| e.to_string())?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let wanted: BTreeSet<&str> =
        listed.lines().filter(|p| only.as_ref().is_none_or(|re| re.is_match(p))).collect();
    let mut differ = Vec::new();
    for package in &wanted {
        let words = ["test", "-short", "-vet=off", "-timeout=120s", package];
        let run = |program| tools::capture(&mut command(program, &words), LIMIT);
        let (real, ours) = (run(&go)?, run(&goxide)?);
        if verdict(&real.output) == verdict(&ours.output) {
            continue;
        }
        println!("{package}: Go: {}\nhere:\n{}", verdict(&real.output).join(" "), ours.output);
        differ.push(*package);
    }
    println!("{} of {} packages as with Go", wanted.len() - differ.len(), wanted.len());
    if differ.is_empty() { Ok(()) } else { Err(format!("not as with Go: {}", differ.join(", "))) }
}

/// How the package ended, and which tests failed; times and what tests print are not compared.
fn verdict(output: &str) -> Vec<String> {
    let word = |line: &str| {
        let failed = line.trim_start().strip_prefix("--- FAIL: ").and_then(|l| l.split(' ').next());
        let is_end = line.starts_with("ok  \t") || line.starts_with("FAIL\t") || line.starts_with("panic: ");
        failed
            .map(str::to_string)
            .or_else(|| is_end.then(|| line.split(['\t', ' ']).next().unwrap_or("").into()))
    };
    let found: BTreeSet<String> = output.lines().filter_map(word).collect();
    found.into_iter().collect()
}

/// A module with all that was fetched in its vendor folder.
fn module() -> Result<PathBuf> {
    let dir = tools::downloads()?.join("debian-go");
    let module = dir.join("module");
    if module.join("go.mod").is_file() {
        return Ok(module);
    }
    let text = |e: std::io::Error| format!("{}: {e}", dir.display());
    let archives = dir.join("archives");
    fs::create_dir_all(&archives).map_err(text)?;
    let mut depends = Command::new("apt-cache");
    depends.args([
        "depends",
        "--recurse",
        "--no-recommends",
        "--no-suggests",
        "--no-conflicts",
        "--no-breaks",
    ]);
    let listed = depends.args(["--no-replaces", "--no-enhances"]).args(PACKAGES).output().map_err(text)?;
    let listed = String::from_utf8_lossy(&listed.stdout);
    let names: BTreeSet<&str> =
        listed.lines().filter(|l| l.starts_with("golang-") && l.ends_with("-dev")).collect();
    if names.is_empty() {
        return Err("apt-cache knows no packages of Go sources; `apt-get update` brings the lists".into());
    }
    call(Command::new("apt-get").args(["-q", "download"]).args(&names).current_dir(&archives))?;
    let unpacked = tempfile::tempdir_in(&dir).map_err(text)?;
    for archive in fs::read_dir(&archives).map_err(text)? {
        call(Command::new("dpkg").arg("-x").arg(archive.map_err(text)?.path()).arg(unpacked.path()))?;
    }
    fs::create_dir_all(&module).map_err(text)?;
    let vendor = module.join("vendor");
    fs::rename(unpacked.path().join("usr/share/gocode/src"), &vendor).map_err(text)?;
    let (mut requires, mut vendored) = (String::new(), String::new());
    for (path, packages) in packages(&vendor)? {
        let version = version(&path);
        let go = go_line(&vendor.join(&path)).unwrap_or_else(|| "1.16".into());
        let _ = writeln!(requires, "require {path} {version}");
        let _ = writeln!(vendored, "# {path} {version}\n## explicit; go {go}\n{}", packages.join("\n"));
    }
    fs::write(vendor.join("modules.txt"), vendored).map_err(text)?;
    // Written last: that it is there says that all is.
    fs::write(module.join("go.mod"), format!("module m\n\ngo 1.27\n\n{requires}")).map_err(text)?;
    Ok(module)
}

/// The packages below a vendor folder, by the modules that they are of.
fn packages(vendor: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut work = vec![String::new()];
    while let Some(path) = work.pop() {
        let mut has_go = false;
        for entry in fs::read_dir(vendor.join(&path)).map_err(|e| format!("{path}: {e}"))? {
            let file = entry.map_err(|e| e.to_string())?.path();
            let name = file.file_name().and_then(|n| n.to_str()).unwrap_or("").to_string();
            // Folders may be links: Debian makes some paths of others.
            if file.is_dir() && !name.starts_with(['_', '.']) && name != "testdata" {
                work.push(if path.is_empty() { name } else { format!("{path}/{name}") });
            } else {
                has_go |= name.ends_with(".go");
            }
        }
        if has_go {
            found.entry(module_of(vendor, &path)).or_default().push(path);
        }
    }
    found.values_mut().for_each(|list| list.sort());
    Ok(found)
}

/// The module of a package: the nearest folder whose go.mod names it, or what its path looks like.
fn module_of(vendor: &Path, path: &str) -> String {
    let names = |p: &&str| {
        let text = fs::read_to_string(vendor.join(p).join("go.mod")).unwrap_or_default();
        text.lines().any(|l| l.strip_prefix("module ").is_some_and(|m| m.trim().trim_matches('"') == *p))
    };
    let around = std::iter::successors(Some(path), |p| p.rsplit_once('/').map(|(above, _)| above));
    if let Some(named) = around.into_iter().find(names) {
        return named.into();
    }
    let elements: Vec<&str> = path.split('/').collect();
    let mut n = match elements[0] {
        "gopkg.in" if elements.get(1).is_some_and(|e| e.contains(".v")) => 2,
        "github.com" | "bitbucket.org" | "gitlab.com" | "golang.org" | "gopkg.in" => 3,
        _ => 2,
    };
    let is_major = |e: &&str| e.strip_prefix('v').is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()));
    n += usize::from(elements.get(n).is_some_and(is_major));
    elements[..n.min(elements.len())].join("/")
}

/// A version that fits a module's path.
fn version(module: &str) -> String {
    let last = module.rsplit('/').next().unwrap_or(module);
    let major = last.strip_prefix('v').or_else(|| last.rsplit_once(".v").map(|(_, v)| v));
    let major = major.filter(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()));
    format!("v{}.0.0", major.unwrap_or("0"))
}

fn go_line(dir: &Path) -> Option<String> {
    let text = fs::read_to_string(dir.join("go.mod")).ok()?;
    text.lines().find_map(|l| l.strip_prefix("go ").map(|v| v.trim().to_string()))
}
