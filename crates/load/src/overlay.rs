//! What the toolchain changes of GOROOT's packages: `std/OVERLAY.toml` and the files beside it.

use rustc_hash::FxHashMap;
use serde::Deserialize;

/// By import path.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// The version of the GOROOT it fits, as `go1.27.3`.
    pub go: String,
    pub packages: FxHashMap<String, OverlayPackage>,
}

#[derive(Clone, Debug, Default)]
pub struct OverlayPackage {
    /// Nothing of GOROOT's package is taken.
    pub replace: bool,
    /// GOROOT's files left out.
    pub exclude: Vec<String>,
    /// GOROOT's files taken although their build constraint does not hold.
    pub include: Vec<String>,
    /// Declarations removed from GOROOT's files.
    pub drop: Vec<String>,
    /// Files added: names, sorted, and contents.
    pub files: Vec<(String, &'static [u8])>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    go: String,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    exclude: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
    #[serde(default)]
    drop: Vec<String>,
    /// For the reader of the file; each entry must say it.
    #[serde(rename = "why")]
    _why: String,
}

impl Overlay {
    /// `text` is that of OVERLAY.toml, `files` are (import path, file name, contents).
    pub fn parse(
        text: &str,
        files: impl IntoIterator<Item = (String, String, &'static [u8])>,
    ) -> Result<Overlay, String> {
        let text: Text = toml::from_str(text).map_err(|e| e.to_string())?;
        let mut packages: FxHashMap<String, OverlayPackage> = FxHashMap::default();
        for Entry { path, replace, exclude, include, drop, .. } in text.package {
            let package = OverlayPackage { replace, exclude, include, drop, files: Vec::new() };
            if packages.insert(path.clone(), package).is_some() {
                return Err(format!("package {path} stands there twice"));
            }
        }
        for (path, name, contents) in files {
            let package =
                packages.get_mut(&path).ok_or_else(|| format!("no entry says why std/{path}/{name} is"))?;
            package.files.push((name, contents));
        }
        packages.values_mut().for_each(|p| p.files.sort());
        Ok(Overlay { go: format!("go{}", text.go), packages })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "go = \"1.27.3\"\n[[package]]\npath = \"a/b\"\ndrop = [\"f\"]\nwhy = \"x\"\n";

    #[test]
    fn files_need_an_entry() {
        let file = |path: &str| (path.to_string(), "x.go".to_string(), &b"package b"[..]);
        let overlay = Overlay::parse(TEXT, [file("a/b")]).unwrap();
        assert_eq!(overlay.go, "go1.27.3");
        assert_eq!(overlay.packages["a/b"].files.len(), 1);
        assert!(Overlay::parse(TEXT, [file("a")]).is_err());
    }

    #[test]
    fn entries_are_checked() {
        assert!(Overlay::parse(&TEXT.replace("why", "because"), []).is_err());
        let twice = format!("{TEXT}{}", TEXT.strip_prefix("go = \"1.27.3\"\n").unwrap());
        assert!(Overlay::parse(&twice, []).is_err());
    }
}
