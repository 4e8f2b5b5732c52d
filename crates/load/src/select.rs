//! The files of a directory that make up its package (`go/build.Context.Import`).

use crate::fsys::Fsys;
use crate::graph::Head;
use crate::headerr;
use crate::overlay::OverlayPackage;
use crate::package::{Assembly, GoFile, TextFile};
use crate::{LoadError, Tags};
use goxide_source::FileSet;
use goxide_syntax::ast;
use std::path::Path;

/// What a directory holds.
#[derive(Default)]
pub(crate) struct Selected {
    pub heads: Vec<Head>,
    /// Test files of the package, and of the one that tests it from outside, where they were asked for.
    pub inside_tests: Vec<Head>,
    pub outside_tests: Vec<Head>,
    pub assembly: Assembly,
    /// Test files were passed over.
    pub has_tests: bool,
    /// Some Go file was left out by a constraint.
    pub has_excluded: bool,
}

/// Reads a directory. `overlay` is what the toolchain says of it.
pub(crate) fn directory(
    files: &FileSet,
    fsys: &Fsys,
    tags: &Tags,
    dir: &Path,
    import_path: &str,
    overlay: Option<&OverlayPackage>,
    with_tests: bool,
) -> Result<Selected, LoadError> {
    let mut found = Selected::default();
    let mut named: Vec<(&str, bool)> = Vec::new();
    if let Some(o) = overlay {
        named = o.exclude.iter().chain(&o.include).map(|n| (n.as_str(), false)).collect();
    }
    for entry in fsys.entries(dir)? {
        let Some(name) = entry.name() else { continue };
        let is_header = name.ends_with(".h");
        if (is_header || name.ends_with(".s")) && !entry.is_dir() && tags.name_matches(name) {
            let path = entry.path.clone();
            let text = fsys.read(&path).map_err(|e| unread(fsys, &path, &e))?;
            if text_matches(name, tags, &text)? {
                let list = if is_header { &mut found.assembly.headers } else { &mut found.assembly.files };
                list.push(TextFile { path, text });
            }
        }
        if !name.ends_with(".go") || entry.is_dir() {
            continue;
        }
        named.iter_mut().filter(|(n, _)| *n == name).for_each(|(_, seen)| *seen = true);
        let is_test = name.ends_with("_test.go");
        found.has_tests |= is_test;
        if is_test && !with_tests || overlay.is_some_and(|o| o.exclude.iter().any(|n| n == name)) {
            continue;
        }
        let forced = overlay.is_some_and(|o| o.include.iter().any(|n| n == name));
        if !forced && !tags.name_matches(name) {
            found.has_excluded = true;
            continue;
        }
        let path = &entry.path;
        let text = fsys.read(path).map_err(|e| unread(fsys, path, &e))?;
        let matches = forced || text_matches(name, tags, &text)?;
        if !matches {
            found.has_excluded = true;
            continue;
        }
        if overlay.is_some_and(|o| o.files.iter().any(|(n, _)| n == name)) {
            return Err(misfit(import_path, format!("{name} is in GOROOT too, and is not excluded")));
        }
        let head = head(files, path, text);
        // Without cgo, files that use it have no part in the package; those of `documentation` never have.
        if head.package == "documentation" || head.imports.iter().any(|(p, _)| p == "C") {
            found.has_excluded = true;
            continue;
        }
        match (is_test, head.package.ends_with("_test")) {
            (false, _) => found.heads.push(head),
            (true, false) => found.inside_tests.push(head),
            (true, true) => found.outside_tests.push(head),
        }
    }
    if let Some((name, _)) = named.iter().find(|(_, seen)| !seen) {
        return Err(misfit(import_path, format!("GOROOT has no file {name}")));
    }
    if let Some(o) = overlay {
        found.heads.extend(overlay_files(files, dir, o));
        found.heads.sort_by(|a, b| a.file.source.name.cmp(&b.file.source.name));
    }
    Ok(found)
}

fn unread(fsys: &Fsys, path: &Path, error: &std::io::Error) -> LoadError {
    LoadError::Said(vec![format!("open {}: {}", fsys.actual(path).display(), crate::os_text(error))])
}

pub(crate) fn misfit(import_path: &str, text: String) -> LoadError {
    LoadError::Overlay { package: import_path.into(), text }
}

/// The files that the toolchain adds to a package, as if they stood in its directory.
pub(crate) fn overlay_files(files: &FileSet, dir: &Path, overlay: &OverlayPackage) -> Vec<Head> {
    let head = |(name, text): &(String, &'static [u8])| {
        let mut head = head(files, &dir.join(name), text.to_vec());
        head.file.is_overlay = true;
        head
    };
    overlay.files.iter().map(head).collect()
}

/// Adds a file to the set and reads its head. Syntax errors behind the imports are the compiler's to report,
/// with all others of the package.
pub(crate) fn head(files: &FileSet, path: &Path, text: Vec<u8>) -> Head {
    let source = files.add(&path.display().to_string(), text);
    let parsed = goxide_syntax::parse_imports(&source, &goxide_syntax::Options::default());
    let mut error = headerr::of_syntax(&source, &parsed.errors);
    let header = parsed.file;
    let mut imports = Vec::new();
    for decl in &header.decls {
        let ast::Decl::Import(import) = decl else { continue };
        let Some(path) = import.path.as_ref().filter(|p| !p.bad) else { continue };
        let Some(text) = goxide_syntax::literal::unquote(&path.text) else { continue };
        let text = String::from_utf8_lossy(&text).into_owned();
        if let Some(what) = headerr::of_import(&text) {
            error.get_or_insert((import.pos, what));
            continue;
        }
        imports.push((text, import.pos));
    }
    let package = header.package.name.to_string();
    Head { file: GoFile { source, is_overlay: false }, package, imports, error }
}

/// Whether the constraints in a file's head let it take part.
fn text_matches(name: &str, tags: &Tags, text: &[u8]) -> Result<bool, LoadError> {
    tags.text_matches(text).map_err(|e| LoadError::Said(vec![format!("{name}: {e}")]))
}
