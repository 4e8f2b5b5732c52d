//! Variables that `//go:embed` fills: strings, byte slices, and package embed's file systems.

use crate::package::{Package, abs8};
use goxide_abi::object::Section;
use goxide_ssa::Sym;
use goxide_syntax::ast::VarDecl;
use goxide_types::{BasicKind, Qualifier, Type, TypeId};
use std::collections::BTreeSet;
use std::sync::Arc;

type Files = [(String, Arc<[u8]>)];

impl Package<'_> {
    /// Gives an embedding variable its contents; others are left alone.
    pub(crate) fn embed(&mut self, decl: &VarDecl, sym: Sym, t: TypeId) {
        let mut files: Vec<(String, Arc<[u8]>)> = Vec::new();
        let mut is_embedding = false;
        for pragma in decl.pragmas.iter().filter(|p| &*p.verb == "go:embed") {
            is_embedding = true;
            let found = self.embeds.iter().find(|(args, _)| **args == *pragma.args);
            files.extend(found.into_iter().flat_map(|(_, files)| files.iter().cloned()));
        }
        if !is_embedding {
            return;
        }
        files.sort();
        files.dedup();
        let length = |bytes: &[u8]| (bytes.len() as u64).to_le_bytes();
        let pos = decl.names.first().map_or(decl.pos, |n| n.pos);
        match (self.store.ty(self.store.under(t)), files.as_slice()) {
            (Type::Basic(b), [(_, bytes)]) if b.kind == BasicKind::String => {
                let data = self.string_symbol(bytes);
                self.set_static(sym, [[0; 8], length(bytes)].concat(), vec![abs8(0, data)]);
            }
            (Type::Slice { elem }, [(_, bytes)]) if self.is_byte(*elem) => {
                let name = format!("{}.embed", self.module.name(sym));
                let data = self.module.sym(&name);
                self.add_data(data, Section::NoptrData, 1, bytes.to_vec(), Vec::new(), false);
                self.set_static(sym, [[0; 8], length(bytes), length(bytes)].concat(), vec![abs8(0, data)]);
            }
            (Type::Struct(_), _) if self.is_file_system(t) => self.embed_fs(sym, &files),
            (typ, _) => {
                let is_one = match typ {
                    Type::Basic(b) => b.kind == BasicKind::String,
                    Type::Slice { elem } => self.is_byte(*elem),
                    _ => false,
                };
                let shown = self.store.type_string(t, &Qualifier::relative_to(self.pkg.pkg));
                let text = match is_one {
                    true => format!("invalid go:embed: multiple files for type {shown}"),
                    false => format!("go:embed cannot apply to var of type {shown}"),
                };
                self.errors.push(goxide_source::Diagnostic::error(pos, text));
            }
        }
    }

    fn is_byte(&self, t: TypeId) -> bool {
        let under = self.store.ty(self.store.under(t));
        matches!(under, Type::Basic(b) if matches!(b.kind, BasicKind::Uint8 | BasicKind::Byte))
    }

    fn is_file_system(&self, t: TypeId) -> bool {
        self.store.link_string(t) == "embed.FS"
    }

    /// `embed.FS` is a pointer to a slice of files (name, data, 16 bytes of hash), sorted by folder, then
    /// by name; folders are among them, with a slash behind.
    fn embed_fs(&mut self, sym: Sym, files: &Files) {
        let mut entries: BTreeSet<(String, String, Option<usize>)> = BTreeSet::new();
        let split = |name: &str| {
            name.rsplit_once('/').map_or((".".into(), name.into()), |(d, e)| (d.to_string(), e.to_string()))
        };
        for (i, (name, _)) in files.iter().enumerate() {
            let (mut dir, elem) = split(name);
            entries.insert((dir.clone(), elem, Some(i)));
            while dir != "." {
                let (above, elem) = split(&dir);
                entries.insert((above.clone(), elem, None));
                dir = above;
            }
        }
        let (mut bytes, mut relocs) = (Vec::new(), Vec::new());
        for (dir, elem, file) in &entries {
            let slash = if file.is_none() { "/" } else { "" };
            let name = if dir == "." { format!("{elem}{slash}") } else { format!("{dir}/{elem}{slash}") };
            let data: &[u8] = file.map_or(&[], |i| &files[i].1);
            for text in [name.as_bytes(), data] {
                if !text.is_empty() {
                    relocs.push(abs8(bytes.len() as u32, self.string_symbol(text)));
                }
                bytes.extend(0u64.to_le_bytes());
                bytes.extend((text.len() as u64).to_le_bytes());
            }
            bytes.extend([0; 16]);
        }
        let base = self.module.name(sym).to_string();
        let list = self.module.sym(&format!("{base}.files"));
        self.add_data(list, Section::Rodata, 8, bytes, relocs, false);
        let slice = self.module.sym(&format!("{base}.slice"));
        let length = (entries.len() as u64).to_le_bytes();
        self.add_data(
            slice,
            Section::Rodata,
            8,
            [[0; 8], length, length].concat(),
            vec![abs8(0, list)],
            false,
        );
        self.set_static(sym, vec![0; 8], vec![abs8(0, slice)]);
    }
}
