//! `goxide version`: its own, or that of programs.

use crate::flags::{self, Spec};
use crate::{FAILED, help, invocation, settings, toolchain};
use std::path::Path;

const FLAGS: &[Spec] = &[Spec::boolean("m"), Spec::boolean("v")];
/// See `debug/buildinfo`: the mark, and what behind it says that the texts follow.
const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER_BYTES: usize = 32;
const INLINE: u8 = 2;
/// Of the marks before and behind the information.
const MARK_BYTES: usize = 16;

pub fn main(args: &[String]) -> u8 {
    if let Err(text) = settings::goflags() {
        eprintln!("{text}");
        return FAILED;
    }
    let parsed = match flags::parse(FLAGS, args) {
        Ok(parsed) => parsed,
        Err(error) => return invocation::usage("version", &error),
    };
    if parsed.args.is_empty() {
        if parsed.is_on("m") || parsed.is_on("v") {
            eprintln!("goxide version: flags can only be used with arguments");
            eprintln!("usage: {}", help::usage("version"));
            return crate::USAGE_ERROR;
        }
        println!("goxide version {} {} linux/amd64", env!("CARGO_PKG_VERSION"), toolchain::GO_VERSION);
        return 0;
    }
    let mut status = 0;
    for file in &parsed.args {
        if let Err(text) = tell(Path::new(file), parsed.is_on("m")) {
            eprintln!("{text}");
            status = FAILED;
        }
    }
    status
}

fn tell(path: &Path, with_info: bool) -> Result<(), String> {
    let shown = path.display();
    let meta = std::fs::metadata(path).map_err(|e| format!("stat {shown}: {}", goxide_load::os_text(&e)))?;
    if meta.is_dir() {
        let entries =
            std::fs::read_dir(path).map_err(|e| format!("{shown}: {}", goxide_load::os_text(&e)))?;
        let mut files: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect();
        files.sort();
        // Of a folder, what is no program is passed over.
        files.iter().for_each(|f| drop(tell(f, with_info)));
        return Ok(());
    }
    let bytes = std::fs::read(path).map_err(|e| format!("open {shown}: {}", goxide_load::os_text(&e)))?;
    let (version, info) = read(&bytes).ok_or_else(|| format!("{shown}: not a Go executable"))?;
    println!("{shown}: {version}");
    if with_info {
        info.lines().filter(|l| !l.is_empty()).for_each(|line| println!("\t{line}"));
    }
    Ok(())
}

/// The version and the information that stand in a program.
fn read(bytes: &[u8]) -> Option<(String, String)> {
    // It is aligned.
    let at =
        (0..bytes.len().saturating_sub(HEADER_BYTES)).step_by(16).find(|&i| bytes[i..].starts_with(MAGIC))?;
    if bytes[at + MAGIC.len() + 1] & INLINE == 0 {
        return None;
    }
    let mut rest = &bytes[at + HEADER_BYTES..];
    let mut text = || {
        let (mut len, mut shift) = (0usize, 0);
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            len |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        let (text, behind) = rest.split_at_checked(len)?;
        rest = behind;
        Some(text)
    };
    let version = String::from_utf8_lossy(text()?).into_owned();
    let info = text()?;
    let info = info.get(MARK_BYTES..info.len().saturating_sub(MARK_BYTES)).unwrap_or_default();
    Some((version, String::from_utf8_lossy(info).into_owned()))
}
