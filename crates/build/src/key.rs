//! What goes into an entry's key: all that its contents depend on, and nothing else.

use crate::cache::Key;
use crate::program::{Options, Toolchain};
use goxide_load::Package;

/// Hashes fields with their lengths, so that no two lists of fields collide.
struct Hasher(blake3::Hasher);

impl Hasher {
    fn field(&mut self, bytes: &[u8]) -> &mut Hasher {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    fn finish(&self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}

fn hasher(kind: &str, toolchain: &Toolchain) -> Hasher {
    let mut h = Hasher(blake3::Hasher::new());
    h.field(kind.as_bytes()).field(toolchain.id.as_bytes());
    h
}

/// Of a package's object: toolchain, flags, path, files, and the keys of what it imports.
pub fn package(toolchain: &Toolchain, options: &Options, package: &Package, imports: &[Key]) -> Key {
    let mut h = hasher("package", toolchain);
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
    for ((path, _), key) in package.imports.iter().zip(imports) {
        h.field(path.as_bytes()).field(&key.0);
    }
    h.finish()
}

/// Of a linked program: its packages.
pub fn program(toolchain: &Toolchain, packages: &[Key]) -> Key {
    let mut h = hasher("program", toolchain);
    packages.iter().for_each(|k| {
        h.field(&k.0);
    });
    h.finish()
}
