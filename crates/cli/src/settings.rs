//! Settings by the names that go gives them: out of the environment, or of the file that `go env -w` writes.

use crate::{FAILED, USAGE_ERROR, quoted};
use goxide_load::Experiments;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The file with settings; `None`: there shall be none.
pub fn file() -> Option<PathBuf> {
    let var = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    match var("GOENV") {
        Some(path) if path.as_os_str() == "off" => None,
        Some(path) => Some(path),
        None => var("XDG_CONFIG_HOME")
            .or_else(|| var("HOME").map(|h| h.join(".config")))
            .map(|d| d.join("go/env")),
    }
}

/// What a text in the form of that file says: a line for each setting, others are passed over.
pub fn parse(text: &str) -> BTreeMap<String, String> {
    let is_setting = |line: &&str| line.starts_with(|c: char| c.is_ascii_uppercase());
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_string(), value.to_string()));
    text.lines().filter(is_setting).filter_map(pair).collect()
}

fn written() -> &'static BTreeMap<String, String> {
    static WRITTEN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let text = file().and_then(|f| std::fs::read_to_string(f).ok());
        text.map(|t| parse(&t)).unwrap_or_default()
    })
}

/// The environment goes before the file.
pub fn get(name: &str) -> Option<OsString> {
    let set = std::env::var_os(name).filter(|v| !v.is_empty());
    set.or_else(|| written().get(name).filter(|v| !v.is_empty()).map(OsString::from))
}

pub fn text(name: &str) -> String {
    get(name).map(|v| v.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What GOEXPERIMENT asks for; what is wrong with it is told. As in go, a bad environment is bad usage.
pub fn experiments() -> Result<Experiments, u8> {
    Experiments::parse(&text("GOEXPERIMENT")).map_err(|e| {
        eprintln!("go: {e}");
        let is_environment = std::env::var_os("GOEXPERIMENT").is_some_and(|v| !v.is_empty());
        if is_environment { USAGE_ERROR } else { FAILED }
    })
}

/// The words of GOFLAGS, each of them a flag that some command knows.
pub fn goflags() -> Result<Vec<String>, String> {
    let words = quoted::split(&text("GOFLAGS")).map_err(|e| format!("go: parsing $GOFLAGS: {e}"))?;
    for word in &words {
        let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or("");
        if name.is_empty() || name.starts_with(['-', '=']) {
            return Err(format!("go: parsing $GOFLAGS: non-flag \"{word}\""));
        }
        let name = name.split('=').next().unwrap_or(name);
        if !crate::invocation::is_flag(name) && !crate::test::is_flag(name) && !OTHERS.contains(&name) {
            return Err(format!("go: parsing $GOFLAGS: unknown flag -{name}"));
        }
    }
    Ok(words)
}

/// Flags of go's commands that have none here.
const OTHERS: &[&str] = &[
    "all",
    "cache",
    "changed",
    "compiled",
    "d",
    "deps",
    "diff",
    "dropexclude",
    "dropreplace",
    "dropretract",
    "e",
    "export",
    "f",
    "find",
    "fix",
    "fuzzcache",
    "go",
    "i",
    "insecure",
    "m",
    "modcache",
    "o",
    "r",
    "retracted",
    "reuse",
    "t",
    "testcache",
    "tool",
    "u",
    "versions",
    "vettool",
];
