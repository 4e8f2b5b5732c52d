//! `-ldflags`: which flags are for which package, and what they ask of the linker.

use goxide_load::Package;
use std::path::Path;

/// Flags by the packages that they are for.
#[derive(Clone, Debug, Default)]
pub struct PackageFlags(Vec<(Option<String>, Vec<String>)>);

impl PackageFlags {
    /// Without a pattern they are for the packages that were named.
    pub fn add(&mut self, pattern: Option<String>, flags: Vec<String>) {
        self.0.push((pattern, flags));
    }

    /// The flags of a named package: the last that are for it.
    pub fn of(&self, package: &Package, cwd: &Path) -> &[String] {
        let is_meant = |pattern: &Option<String>| {
            pattern.as_ref().is_none_or(|p| goxide_load::is_match(p, package, cwd))
        };
        self.0.iter().rev().find(|(pattern, _)| is_meant(pattern)).map_or(&[], |(_, flags)| flags)
    }

    /// What the go command itself refuses.
    pub fn check(&self) -> Result<(), String> {
        match self
            .0
            .iter()
            .flat_map(|(_, flags)| flags)
            .any(|f| f.trim_start_matches('-') == "linkmode=external")
        {
            true => Err("-linkmode=external requires external (cgo) linking, but cgo is not enabled".into()),
            false => Ok(()),
        }
    }
}

/// What is asked of the linker.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LinkFlags {
    /// `-X`: symbols of string variables, and their values.
    pub values: Vec<(String, String)>,
    /// `-s`
    pub strip: bool,
}

/// Flags of gc's linker that have nothing to act on here: no DWARF, no other linker, one layout.
const BOOLS: &[&str] = &["a", "aslr", "c", "checklinkname", "compressdwarf", "d", "e", "g", "n", "v", "w"];
const VALUES: &[&str] = &["B", "buildid", "buildmode", "extar", "extld", "extldflags", "linkmode", "tmpdir"];

impl LinkFlags {
    pub fn parse(words: &[String]) -> Result<LinkFlags, String> {
        let mut flags = LinkFlags::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let Some(body) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                return Err(format!("unexpected argument {word}\n{USAGE}"));
            };
            let (name, value) = match body.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (body, None),
            };
            let is_on = !matches!(value, Some("0" | "f" | "F" | "false" | "FALSE" | "False"));
            let mut argument = || {
                let given = value.or_else(|| rest.next().map(String::as_str));
                given.ok_or_else(|| format!("flag needs an argument: -{name}\n{USAGE}"))
            };
            match name {
                "s" => flags.strip = is_on,
                "X" => flags.values.push(definition(argument()?)?),
                _ if BOOLS.contains(&name) => {}
                _ if VALUES.contains(&name) => {
                    argument()?;
                }
                _ => return Err(format!("flag provided but not defined: -{name}\n{USAGE}")),
            }
        }
        Ok(flags)
    }
}

const USAGE: &str = "usage: link [options] main.o
  -X definition
    	add string value definition of the form importpath.name=value
  -s	disable symbol table
  -w	disable DWARF generation";

/// `importpath.name=value`
fn definition(text: &str) -> Result<(String, String), String> {
    let wrong = || "link: -X flag requires argument of the form importpath.name=value".to_string();
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let (path, name) = name.rsplit_once('.').ok_or_else(wrong)?;
    Ok((format!("{}.{name}", goxide_types::link::escape_path(path)), value.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<LinkFlags, String> {
        LinkFlags::parse(&words.iter().map(|w| w.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn values_are_read() {
        let flags = parse(&["-s", "-X", "a.b/c.d=e=f", "-X=main.v=", "-buildid", "x", "-w"]).unwrap();
        let of = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(flags, LinkFlags { values: vec![of("a.b/c.d", "e=f"), of("main.v", "")], strip: true });
        assert!(parse(&["-X", "v"]).unwrap_err().contains("importpath.name=value"));
        assert!(parse(&["-X"]).unwrap_err().starts_with("flag needs an argument: -X"));
        assert!(parse(&["-q"]).unwrap_err().starts_with("flag provided but not defined: -q"));
    }
}
