//! What goes into an entry's key: all that its contents depend on, and nothing else.

use crate::cache::{Cache, Key};
use crate::declarations;
use crate::program::{Options, Toolchain};
use goxide_load::{Package, Program};
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

/// Of each package's object: the package's own text, and what it can see of its imports (which stand
/// before it), theirs included.
pub fn packages(toolchain: &Toolchain, cache: &Cache, options: &Options, program: &Program) -> Vec<Key> {
    let own = |package: &Package| {
        let content = content(toolchain, options, package);
        (content, declarations(toolchain, cache, package, &content))
    };
    let own: Vec<(Key, Key)> = program.packages.par_iter().map(own).collect();
    let mut keys = Vec::new();
    // What importers see of each, and through it.
    let mut visible: Vec<Key> = Vec::new();
    for (package, (content, declarations)) in program.packages.iter().zip(&own) {
        let with_imports = |own: &Key| {
            let mut h = hasher("package", toolchain);
            h.field(&own.0);
            for (path, i) in &package.imports {
                h.field(path.as_bytes()).field(&visible[*i].0);
            }
            h.finish()
        };
        keys.push(with_imports(content));
        let seen = with_imports(declarations);
        visible.push(seen);
    }
    keys
}

/// Of what stands in a package: flags, path, files.
fn content(toolchain: &Toolchain, options: &Options, package: &Package) -> Key {
    let mut h = hasher("content", toolchain);
    h.field(package.import_path.as_bytes());
    h.field(package.name.as_bytes());
    let (major, minor) = options.language.unwrap_or(package.go_version);
    h.field(&[major.to_le_bytes(), minor.to_le_bytes()].concat());
    h.field(&[u8::from(package.has_assembly), u8::from(options.trimpath)]);
    package.dropped.iter().for_each(|name| {
        h.field(name.as_bytes());
    });
    for file in &package.files {
        let name = if options.trimpath {
            file.source.name.rsplit('/').next().unwrap_or("")
        } else {
            &file.source.name
        };
        h.field(name.as_bytes()).field(&file.source.text);
    }
    h.finish()
}

/// Of what importers can see in a package; kept in the cache, since it takes a parser.
fn declarations(toolchain: &Toolchain, cache: &Cache, package: &Package, content: &Key) -> Key {
    let mut h = hasher("declarations of", toolchain);
    let key = h.field(&content.0).finish();
    if let Some(known) = cache.get(&key).and_then(|bytes| bytes.try_into().ok()) {
        return Key(known);
    }
    let found = declarations::hash(package);
    // It is computed anew where it cannot be kept.
    let _ = cache.put(&key, &found.0);
    found
}

/// Of a linked program: its packages, in the order in which they are linked.
pub fn program(toolchain: &Toolchain, packages: &[Key]) -> Key {
    let mut h = hasher("program", toolchain);
    packages.iter().for_each(|k| {
        h.field(&k.0);
    });
    h.finish()
}
