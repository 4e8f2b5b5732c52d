//! House rules that a machine can check (docs/ARCHITECTURE.md).

use crate::tools::{Result, root};
use std::fs;
use std::path::{Path, PathBuf};

/// A file longer than this is too long to hold in mind.
const LINES_MAX: usize = 1000;
/// Places that may hold `unsafe`.
const UNSAFE_ROOMS: &[&str] = &["crates/runtime/"];
const UNFINISHED: &[&str] = &["todo!(", "unimplemented!(", "#[ignore", "FIXME", "dbg!("];

pub fn main() -> Result<()> {
    let root = root();
    let mut faults = Vec::new();
    for path in rust_files(&root)? {
        let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        if name == "xtask/src/tidy.rs" {
            continue;
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{name}: {lines} lines, {LINES_MAX} at most"));
        }
        let is_room = UNSAFE_ROOMS.iter().any(|r| name.starts_with(r));
        for (i, line) in text.lines().enumerate() {
            let at = i + 1;
            if let Some(word) = UNFINISHED.iter().find(|w| line.contains(*w)) {
                faults.push(format!("{name}:{at}: unfinished: {word}"));
            }
            if !is_room && (line.contains(" unsafe {") || line.starts_with("unsafe {")) {
                faults.push(format!("{name}:{at}: unsafe outside of {UNSAFE_ROOMS:?}"));
            }
            if line.contains("/work/") {
                faults.push(format!("{name}:{at}: a path of somebody's machine"));
            }
        }
    }
    faults.iter().for_each(|f| eprintln!("{f}"));
    if faults.is_empty() { Ok(()) } else { Err(format!("{} house rules broken", faults.len())) }
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut dirs) = (Vec::new(), vec![root.join("crates"), root.join("xtask")]);
    while let Some(dir) = dirs.pop() {
        let entries = fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for path in entries.flatten().map(|e| e.path()) {
            if path.is_dir() && !path.ends_with("target") {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
