//! `go.mod`: the module's path and language version.

use crate::LoadError;
use std::path::{Path, PathBuf};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GoMod {
    /// The folder that go.mod stands in.
    pub root: PathBuf,
    pub module: String,
    /// `go 1.N`; (1, 16) where there is no such line, as in go.
    pub go: (u32, u32),
}

/// Walks up from `dir` to the closest go.mod. `None` where there is none.
pub fn find_go_mod(dir: &Path) -> Result<Option<GoMod>, LoadError> {
    for root in dir.ancestors() {
        let file = root.join("go.mod");
        match std::fs::read_to_string(&file) {
            Ok(text) => return GoMod::parse(root, &text).map(Some),
            Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::IsADirectory) => {
            }
            Err(e) => return Err(LoadError::Io(file, e)),
        }
    }
    Ok(None)
}

impl GoMod {
    pub fn parse(root: &Path, text: &str) -> Result<GoMod, LoadError> {
        let error = |line, text: String| LoadError::GoMod { file: "go.mod".into(), line, text };
        let mut module = None;
        let mut go = (1, 16);
        for (number, line) in text.lines().enumerate() {
            let line = line.split("//").next().unwrap_or("").trim();
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("module"), Some(path)) => {
                    if module.is_some() {
                        return Err(error(number + 1, "repeated module statement".into()));
                    }
                    module = Some(path.trim_matches(['"', '`']).to_string());
                }
                (Some("go"), Some(version)) => {
                    go = parse_version(version).ok_or_else(|| {
                        error(number + 1, format!("invalid go version '{version}': must match format 1.23.0"))
                    })?;
                }
                _ => {}
            }
        }
        let module = module.ok_or_else(|| error(1, "no module declaration in go.mod".into()))?;
        Ok(GoMod { root: root.into(), module, go })
    }
}

/// `1.21`, `1.21.3` or `1.21rc1` as (1, 21).
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, rest) = text.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<GoMod, LoadError> {
        GoMod::parse(Path::new("/m"), text)
    }

    #[test]
    fn path_and_version_are_read() {
        let m =
            parse("// c\nmodule example.com/m // x\n\ngo 1.21.3\nrequire (\n\ta.b/c v1.0.0\n)\n").unwrap();
        assert_eq!((m.module.as_str(), m.go), ("example.com/m", (1, 21)));
        assert_eq!(parse("module \"m\"\n").unwrap().go, (1, 16));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        assert!(parse("go 1.21\n").is_err());
        assert!(parse("module m\n\ngo next\n").unwrap_err().to_string().contains("go.mod:3"));
    }
}
