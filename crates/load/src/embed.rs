//! The files that `//go:embed` names (`cmd/go/internal/load/pkg.go`, `resolveEmbed`).

use crate::fsys::Fsys;
use std::path::Path;
use std::sync::Arc;

/// What one directive stands for: the words behind it, and the files, sorted by name: names below the
/// package's folder, with `/`, and contents.
pub type Embed = (String, Vec<(String, Arc<[u8]>)>);

/// The arguments of the directives in a file's text, and where they begin.
pub(crate) fn directives(text: &[u8]) -> Vec<(usize, String)> {
    const WORD: &[u8] = b"//go:embed";
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split(|&b| b == b'\n') {
        let begin = line.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(0);
        if let Some(args) =
            line[begin..].strip_prefix(WORD).filter(|r| r.starts_with(b" ") || r.starts_with(b"\t"))
        {
            let white = args.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let args = String::from_utf8_lossy(args).trim().to_string();
            found.push((at + begin + WORD.len() + white, args));
        }
        at += line.len() + 1;
    }
    found
}

/// Finds and reads the files; the error is what go says of a pattern. What cannot be read as patterns is the
/// compiler's to report.
pub(crate) fn resolve(fsys: &Fsys, dir: &Path, args: &str) -> Result<Embed, String> {
    let mut files: Vec<(String, Arc<[u8]>)> = Vec::new();
    let mut patterns = goxide_syntax::parse_embed(args).unwrap_or_default();
    patterns.sort();
    for pattern in patterns {
        let error = |text: &str| format!("pattern {pattern}: {text}");
        let (all, glob) = match pattern.strip_prefix("all:") {
            Some(glob) => (true, glob),
            None => (false, pattern.as_str()),
        };
        if glob.split('/').any(|e| e.is_empty() || e == "." || e == ".." || !is_well_formed(e)) {
            return Err(error("invalid pattern syntax"));
        }
        let mut matched = vec![String::new()];
        for element in glob.split('/') {
            let mut next = Vec::new();
            for base in &matched {
                for path in fsys.list(&dir.join(base)).unwrap_or_default() {
                    let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
                    if matches(element, name) {
                        next.push(if base.is_empty() { name.into() } else { format!("{base}/{name}") });
                    }
                }
            }
            matched = next;
        }
        if matched.is_empty() {
            return Err(error("no matching files found"));
        }
        let before = files.len();
        for name in matched {
            let path = dir.join(&name);
            let what = if fsys.is_dir(&path) { "directory" } else { "file" };
            let above = Path::new(&name).ancestors().filter(|a| !a.as_os_str().is_empty());
            if above.map(|a| dir.join(a)).any(|a| fsys.is_dir(&a) && fsys.is_file(&a.join("go.mod"))) {
                return Err(error(&format!("cannot embed {what} {name}: in different module")));
            }
            if fsys.is_dir(&path) {
                let count = files.len();
                walk(fsys, dir, &name, all, &mut files)?;
                if files.len() == count {
                    return Err(error(&format!(
                        "cannot embed directory {name}: contains no embeddable files"
                    )));
                }
            } else if fsys.is_file(&path) {
                add(fsys, &path, &name, &mut files)?;
            } else {
                return Err(error(&format!("cannot embed irregular file {name}")));
            }
        }
        if files.len() == before {
            return Err(error("no matching files found"));
        }
    }
    files.sort();
    files.dedup();
    Ok((args.into(), files))
}

fn add(fsys: &Fsys, path: &Path, name: &str, files: &mut Vec<(String, Arc<[u8]>)>) -> Result<(), String> {
    let bytes = fsys.read(path).map_err(|e| format!("{name}: {}", crate::error::os_text(&e)))?;
    files.push((name.into(), bytes.into()));
    Ok(())
}

/// The files below a folder, but not those whose names begin with `.` or `_`, and no other module's.
fn walk(
    fsys: &Fsys,
    dir: &Path,
    below: &str,
    all: bool,
    files: &mut Vec<(String, Arc<[u8]>)>,
) -> Result<(), String> {
    for path in fsys.list(&dir.join(below)).map_err(|e| e.to_string())? {
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
        if !all && name.starts_with(['.', '_']) || fsys.is_symlink(&path) {
            continue;
        }
        let full = if below.is_empty() { name.to_string() } else { format!("{below}/{name}") };
        if fsys.is_file(&path) {
            add(fsys, &path, &full, files)?;
        } else if fsys.is_dir(&path) && !fsys.is_file(&path.join("go.mod")) {
            walk(fsys, dir, &full, all, files)?;
        }
    }
    Ok(())
}

/// Whether `path.Match` would take an element of a pattern.
fn is_well_formed(element: &str) -> bool {
    let mut chars = element.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return false,
            '[' => {
                let mut set = chars.as_str();
                set = set.strip_prefix('^').unwrap_or(set);
                let Some(end) = set.find(']').filter(|&end| end > 0) else { return false };
                chars = set[end + 1..].chars();
            }
            _ => {}
        }
    }
    true
}

/// `path.Match` for one element.
fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    let Some(first) = rest.next() else { return name.is_empty() };
    let tail = rest.as_str();
    let mut chars = name.chars();
    match first {
        '*' => (0..=name.len()).filter(|&i| name.is_char_boundary(i)).any(|i| matches(tail, &name[i..])),
        '?' => chars.next().is_some() && matches(tail, chars.as_str()),
        '[' => {
            let Some(c) = chars.next() else { return false };
            let (negated, set) = match tail.strip_prefix('^') {
                Some(set) => (true, set),
                None => (false, tail),
            };
            let Some(end) = set.char_indices().skip(1).find(|&(_, c)| c == ']').map(|(i, _)| i) else {
                return false;
            };
            let members: Vec<char> = set[..end].chars().collect();
            let mut hit = false;
            let mut i = 0;
            while i < members.len() {
                if i + 2 < members.len() && members[i + 1] == '-' {
                    hit |= (members[i]..=members[i + 2]).contains(&c);
                    i += 3;
                } else {
                    hit |= members[i] == c;
                    i += 1;
                }
            }
            hit != negated && matches(&set[end + 1..], chars.as_str())
        }
        '\\' => matches_char(tail, name),
        c => chars.next() == Some(c) && matches(tail, chars.as_str()),
    }
}

fn matches_char(pattern: &str, name: &str) -> bool {
    let (mut p, mut n) = (pattern.chars(), name.chars());
    p.next().is_some_and(|c| n.next() == Some(c)) && matches(p.as_str(), n.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_path() {
        assert!(matches("*.txt", "a.txt") && matches("a?c", "abc") && matches("[a-c]x", "bx"));
        assert!(is_well_formed("[a-c]x") && !is_well_formed("[]a") && !is_well_formed("a["));
        assert!(!matches("*.txt", "a.go") && !matches("[^a]x", "ax") && !matches("a", "ab"));
    }
}
