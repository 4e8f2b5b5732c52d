//! Results of tests that are kept: as long as the program, its flags, and the files and variables that it
//! looked at are the same (`cmd/go/internal/test/test.go`, `tryCache`).

use goxide_build::Cache;
use goxide_build::cache::Key;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// What a test program looked at, as its log says.
pub struct Inputs(String);

impl Inputs {
    pub fn read(log: &Path) -> Inputs {
        Inputs(std::fs::read_to_string(log).unwrap_or_default())
    }
}

/// Of a program and its arguments, and what it is told of packages that it does not run. The executable's name in
/// the cache says what is in it.
pub fn key(executable: &Path, args: &[String], unrun: Option<Key>) -> Key {
    Key::of(format!("test result\n{}\n{unrun:?}\n{}", executable.display(), args.join("\0")).as_bytes())
}

/// The kept output, and the part of a coverage profile if there must be one.
pub fn find(cache: &Cache, key: &Key, dir: &Path, with_profile: bool) -> Option<(Vec<u8>, Vec<u8>)> {
    let log = String::from_utf8(cache.get(key, "l")?).ok()?;
    let state = state(key, &log, dir)?;
    let profile = if with_profile { cache.get(&state, "p")? } else { Vec::new() };
    Some((cache.get(&state, "r")?, profile))
}

pub fn keep(cache: &Cache, key: &Key, dir: &Path, inputs: &Inputs, output: &[u8], profile: Option<&[u8]>) {
    // Without a log nothing is known of what the program looked at.
    if !inputs.0.starts_with("# test log\n") {
        return;
    }
    let Some(state) = state(key, &inputs.0, dir) else { return };
    // A result that cannot be kept is made again.
    let _ = cache.put(key, "l", inputs.0.as_bytes()).and_then(|()| cache.put(&state, "r", output));
    let _ = profile.map(|profile| cache.put(&state, "p", profile));
}

/// Of all that was looked at; `None` where that is too young to be told from what it may yet become.
fn state(key: &Key, log: &str, dir: &Path) -> Option<Key> {
    let mut text = format!("{:?}\n", key.0);
    let mut at = PathBuf::from(dir);
    let lines: BTreeSet<(usize, &str)> = log.lines().skip(1).enumerate().collect();
    for (_, line) in lines {
        let (verb, name) = line.split_once(' ').unwrap_or((line, ""));
        let path = at.join(name);
        let _ = match verb {
            "getenv" => writeln!(text, "env {name} {:?}", std::env::var_os(name)),
            "chdir" => {
                at = path;
                writeln!(text, "chdir {name}")
            }
            "stat" | "open" => {
                let list = verb == "open" && path.is_dir();
                writeln!(text, "{verb} {name} {}", describe(&path, list)?)
            }
            _ => return None,
        };
    }
    Some(Key::of(text.as_bytes()))
}

fn describe(path: &Path, list: bool) -> Option<String> {
    const YOUNG: Duration = Duration::from_secs(2);
    let Ok(meta) = std::fs::metadata(path) else { return Some("absent".into()) };
    let age = meta.modified().ok().and_then(|t| SystemTime::now().duration_since(t).ok());
    if meta.is_file() && age.is_none_or(|a| a < YOUNG) {
        return None;
    }
    let mut text = format!("{} {:o} {}.{}", meta.len(), meta.mode(), meta.mtime(), meta.mtime_nsec());
    if list {
        let names = std::fs::read_dir(path).ok()?.flatten().map(|e| e.file_name());
        let names: BTreeSet<_> = names.collect();
        let _ = write!(text, " {names:?}");
    }
    Some(text)
}
