//! The prelinked runtime: an ELF executable whose symbols programs refer to.

use crate::LinkError;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{ElfFile64, FileHeader, ProgramHeader};
use object::{Endianness, Object as _, ObjectSection, ObjectSymbol, SymbolKind};
use rustc_hash::FxHashMap;

/// A symbol of the runtime, for the program's symbol table.
pub struct RuntimeSymbol<'a> {
    pub name: &'a str,
    pub address: u64,
    pub size: u64,
    pub is_text: bool,
}

pub struct Runtime<'a> {
    pub bytes: &'a [u8],
    pub by_name: FxHashMap<&'a str, u64>,
    pub symbols: Vec<RuntimeSymbol<'a>>,
    /// Program headers as they stand in the file, 56 bytes each.
    pub program_headers: &'a [u8],
    /// Sections that are in memory, for the program's section table: name, address, offset, size, flags.
    pub sections: Vec<RuntimeSection<'a>>,
    /// Where the address of the module data goes: an offset in the file.
    pub module_slot: usize,
}

pub struct RuntimeSection<'a> {
    pub name: &'a str,
    pub address: u64,
    pub offset: u64,
    pub size: u64,
    pub kind: u32,
    pub flags: u64,
}

fn damaged(what: impl std::fmt::Display) -> LinkError {
    LinkError::Runtime(what.to_string())
}

impl<'a> Runtime<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Runtime<'a>, LinkError> {
        let file = ElfFile64::<Endianness>::parse(bytes).map_err(damaged)?;
        let (mut by_name, mut symbols) = (FxHashMap::default(), Vec::new());
        // Labels of assembly have no type, so "is a definition" would leave them out.
        for s in file.symbols().filter(|s| !s.is_undefined() && s.kind() != SymbolKind::File) {
            let name = s.name().map_err(damaged)?;
            if name.is_empty() || s.kind() == SymbolKind::Section {
                continue;
            }
            by_name.entry(name).or_insert(s.address());
            let in_text = s.section_index().and_then(|i| file.section_by_index(i).ok());
            let is_text = in_text.is_some_and(|s| s.kind() == object::SectionKind::Text);
            symbols.push(RuntimeSymbol { name, address: s.address(), size: s.size(), is_text });
        }
        symbols.sort_by(|a, b| (a.address, a.name).cmp(&(b.address, b.name)));
        let mut sections = Vec::new();
        for s in file.sections() {
            let header = s.elf_section_header();
            let flags = header.sh_flags.get(Endianness::Little);
            if s.address() == 0 || flags & u64::from(object::elf::SHF_ALLOC) == 0 {
                continue;
            }
            sections.push(RuntimeSection {
                name: s.name().map_err(damaged)?,
                address: s.address(),
                offset: header.sh_offset.get(Endianness::Little),
                size: s.size(),
                kind: header.sh_type.get(Endianness::Little),
                flags,
            });
        }
        let slot =
            *by_name.get(goxide_abi::module::MODULE_SLOT).ok_or_else(|| damaged("it has no module slot"))?;
        let home = file
            .sections()
            .find(|s| s.address() <= slot && slot + 8 <= s.address() + s.size())
            .and_then(|s| s.file_range().map(|(offset, _)| offset + (slot - s.address())))
            .ok_or_else(|| damaged("the module slot is in no section of the file"))?;
        let header: &FileHeader64<Endianness> = file.elf_header();
        let start = header.e_phoff(Endianness::Little) as usize;
        let len = usize::from(header.e_phnum(Endianness::Little)) * 56;
        let program_headers =
            bytes.get(start..start + len).ok_or_else(|| damaged("its program headers are cut off"))?;
        let end = file
            .elf_program_headers()
            .iter()
            .filter(|p| p.p_type(Endianness::Little) == PT_LOAD)
            .map(|p| p.p_vaddr(Endianness::Little) + p.p_memsz(Endianness::Little))
            .max()
            .ok_or_else(|| damaged("it has no segments"))?;
        if end > crate::layout::TEXT_BASE {
            return Err(damaged("it reaches into the program's text"));
        }
        Ok(Runtime { bytes, by_name, symbols, program_headers, sections, module_slot: home as usize })
    }
}
