//! What goes into an entry's key: all that its contents depend on, and nothing else.

use crate::cache::{Cache, Key};
use crate::declarations;
use crate::linkflags::LinkFlags;
use crate::program::{Options, Toolchain};
use goxide_load::{Package, Program};
use goxide_source::Folders;
use rayon::prelude::*;

/// Hashes fields with their lengths, so that no two lists of fields collide.
pub struct Hasher(blake3::Hasher);

impl Hasher {
    pub fn new(kind: &str) -> Hasher {
        let mut h = Hasher(blake3::Hasher::new());
        h.field(kind.as_bytes());
        h
    }

    pub fn field(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub fn finish(&self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}

fn hasher(kind: &str, toolchain: &Toolchain) -> Hasher {
    let mut h = Hasher::new(kind);
    h.field(toolchain.id.as_bytes());
    h
}

/// What is known of the packages from their text alone.
pub struct Keys {
    pub own: Vec<Own>,
}

pub struct Own {
    /// Of all that stands in the package.
    pub content: Key,
    /// Of what importers can see in its text.
    declarations: Key,
    /// The text was never seen before: nothing made of it is in the cache.
    pub is_new: bool,
}

impl Keys {
    pub fn of(
        toolchain: &Toolchain,
        cache: &Cache,
        options: &Options,
        program: &Program,
        folders: &Folders,
    ) -> Keys {
        let own = |package: &Package| {
            let content = content(toolchain, options, package, folders);
            let (declarations, is_new) = declarations(toolchain, cache, package, &content);
            Own { content, declarations, is_new }
        };
        Keys { own: program.packages.par_iter().map(own).collect() }
    }
}

/// Of a package's object: its text, and what it can see of its imports (`visible`, in their order).
pub fn object(own: &Own, visible: &[Key]) -> Key {
    with_imports("object", &own.content, visible)
}

/// Of what importers can see of a package, through it too: its declarations and what it exports.
pub fn visible(own: &Own, exports: &Key, visible: &[Key]) -> Key {
    let own = Hasher::new("own").field(&own.declarations.0).field(&exports.0).finish();
    with_imports("visible", &own, visible)
}

fn with_imports(kind: &str, own: &Key, visible: &[Key]) -> Key {
    let mut h = Hasher::new(kind);
    h.field(&own.0);
    visible.iter().for_each(|k| {
        h.field(&k.0);
    });
    h.finish()
}

/// Of what stands in a package: flags, path, files.
fn content(toolchain: &Toolchain, options: &Options, package: &Package, folders: &Folders) -> Key {
    let mut h = hasher("content", toolchain);
    h.field(package.import_path.as_bytes());
    h.field(package.name.as_bytes());
    let (major, minor) = options.language.unwrap_or(package.go_version);
    h.field(&[major.to_le_bytes(), minor.to_le_bytes()].concat());
    h.field(&[u8::from(package.has_assembly), u8::from(options.trimpath), u8::from(package.is_library)]);
    package.dropped.iter().for_each(|name| {
        h.field(name.as_bytes());
    });
    // Under which paths they are imported.
    package.imports.iter().for_each(|(path, _)| {
        h.field(path.as_bytes());
    });
    for (name, contents) in package.embeds.iter().flat_map(|(_, files)| files) {
        h.field(name.as_bytes()).field(contents);
    }
    // What is told of a file's path.
    let shown = |name: &str| folders.trim(name).unwrap_or_else(|| name.into());
    for file in package.assembly.files.iter().chain(&package.assembly.headers) {
        h.field(shown(&file.path.to_string_lossy()).as_bytes()).field(&file.text);
    }
    for file in &package.files {
        h.field(shown(&file.source.name).as_bytes()).field(&file.source.text);
    }
    h.finish()
}

/// Of what importers can see in a package; kept in the cache, since it takes a parser. And whether it was
/// not there.
fn declarations(toolchain: &Toolchain, cache: &Cache, package: &Package, content: &Key) -> (Key, bool) {
    let mut h = hasher("declarations of", toolchain);
    let key = h.field(&content.0).finish();
    if let Some(known) = cache.get(&key, "d").and_then(|bytes| bytes.try_into().ok()) {
        return (Key(known), false);
    }
    let found = declarations::hash(package);
    // It is computed anew where it cannot be kept.
    let _ = cache.put(&key, "d", &found.0);
    (found, true)
}

/// Of a linked program: its packages, in the order in which they are linked, and what else the linker is told.
pub fn program(
    toolchain: &Toolchain,
    packages: &[Key],
    flags: &LinkFlags,
    info: &[u8],
    godebug: &str,
) -> Key {
    let mut h = hasher("program", toolchain);
    h.field(format!("{flags:?}").as_bytes()).field(info).field(godebug.as_bytes());
    packages.iter().for_each(|k| {
        h.field(&k.0);
    });
    h.finish()
}
