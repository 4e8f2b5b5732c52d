//! Defaults of GODEBUG: what `//go:debug` lines, go.mod and the language version ask for
//! (`cmd/go/internal/load/godebug.go`).

use crate::gomod::{is_go_version, parse_version};
use crate::matching::head_comments;
use std::collections::BTreeMap;
use std::path::Path;

/// The settings that GOROOT's `internal/godebugs/table.go` lists.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    /// Go 1.N changed the default; to go without that, `old` is set.
    changed: u32,
    old: String,
    /// Go 1.N took it out.
    removed: u32,
}

impl Table {
    pub fn read(goroot: &Path) -> Table {
        let text = std::fs::read_to_string(goroot.join("src/internal/godebugs/table.go")).unwrap_or_default();
        let field = |line: &str, name: &str| {
            let rest = &line[line.find(&format!("{name}: "))? + name.len() + 2..];
            let end = rest.find([',', '}'])?;
            Some(rest[..end].trim_matches('"').to_string())
        };
        let number = |line: &str, name: &str| field(line, name).and_then(|n| n.parse().ok()).unwrap_or(0);
        let entry = |line: &str| {
            Some(Entry {
                name: field(line, "Name")?,
                changed: number(line, "Changed"),
                old: field(line, "Old").unwrap_or_default(),
                removed: number(line, "Removed"),
            })
        };
        Table {
            entries: text
                .lines()
                .filter(|l| l.trim_start().starts_with("{Name:"))
                .filter_map(entry)
                .collect(),
        }
    }

    /// `verb` says what kind of line it is.
    pub fn check(&self, verb: &str, key: &str, value: &str) -> Result<(), String> {
        for (what, text) in [("key", key), ("value", value)] {
            if text.contains([' ', '\t']) {
                return Err(format!("{what} contains space"));
            }
            if text.contains(',') {
                return Err(format!("{what} contains comma"));
            }
        }
        if key == "default" {
            return match value.strip_prefix("go").filter(|v| is_go_version(v)) {
                Some(_) => Ok(()),
                None => Err("value for default= must be goVERSION".into()),
            };
        }
        match self.entries.iter().any(|e| e.name == key) || self.entries.is_empty() {
            true => Ok(()),
            false => Err(format!("unknown {verb} \"{key}\"")),
        }
    }

    /// What a program of a language version gets, with what was asked for on top.
    pub fn defaults(&self, version: &str, asked: &[(String, String)]) -> String {
        let mut version = version;
        let mut settings: BTreeMap<&str, &str> = BTreeMap::new();
        if let Some((_, v)) = asked.iter().rev().find(|(k, _)| k == "default") {
            version = v.trim_start_matches("go");
        }
        let minor = parse_version(version).map_or(u32::MAX, |(_, minor)| minor);
        for e in self.entries.iter().filter(|e| e.removed == 0 && minor < e.changed) {
            settings.insert(&e.name, &e.old);
        }
        settings.extend(asked.iter().filter(|(k, _)| k != "default").map(|(k, v)| (k.as_str(), v.as_str())));
        let list: Vec<String> = settings.iter().map(|(k, v)| format!("{k}={v}")).collect();
        list.join(",")
    }
}

/// Key and value, or what is wrong.
type Directive = Result<(String, String), String>;

/// The `//go:debug` lines in the head of a file, by offset.
pub(crate) fn directives(text: &[u8]) -> Vec<(usize, Directive)> {
    let directive = |line: &[u8]| {
        let rest = String::from_utf8_lossy(line.strip_prefix(b"//go:debug")?).into_owned();
        if !rest.trim().is_empty() && !rest.starts_with([' ', '\t']) {
            return None;
        }
        let pair = rest.trim().split_once('=').ok_or_else(|| "missing key=value".to_string());
        Some(pair.map(|(k, v)| (k.into(), v.into())))
    };
    head_comments(text).into_iter().filter_map(|(at, line)| Some((at, directive(line)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_stand_in_the_head() {
        let found = directives(b"// x\n//go:debug a=1\n//go:debug\npackage p\n//go:debug b=2\n");
        assert_eq!(found[0], (5, Ok(("a".into(), "1".into()))));
        assert_eq!(found[1], (20, Err("missing key=value".into())));
        assert_eq!(found.len(), 2);
    }
}
