//! The executable file: the runtime's image with more segments, and one symbol table over both.

use crate::image::Runtime;
use crate::layout::{Layout, ORDER, PAGE, slot_of};
use crate::reloc::Sections;
use crate::symbols::Table;
use goxide_abi::object::Section;
use object::elf;

/// One new segment; `memory` is at least the number of its bytes in the file.
struct Segment<'a> {
    address: u64,
    parts: Vec<(u64, &'a [u8])>,
    memory: u64,
    flags: u32,
}

struct File {
    out: Vec<u8>,
}

impl File {
    fn pad(&mut self, to: u64) {
        self.out.resize(self.out.len().next_multiple_of(to as usize), 0);
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.out[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Appends the segment; its program header and file offset.
    fn segment(&mut self, s: &Segment<'_>) -> ([u8; 56], u64) {
        self.pad(PAGE);
        let offset = self.out.len() as u64;
        for (address, bytes) in &s.parts {
            self.out.resize((offset + (address - s.address)) as usize, 0);
            self.out.extend_from_slice(bytes);
        }
        let in_file = self.out.len() as u64 - offset;
        let mut header = [0; 56];
        header[0..4].copy_from_slice(&elf::PT_LOAD.to_le_bytes());
        header[4..8].copy_from_slice(&s.flags.to_le_bytes());
        let fields = [offset, s.address, s.address, in_file, s.memory.max(in_file), PAGE];
        for (slot, field) in header[8..].chunks_exact_mut(8).zip(fields) {
            slot.copy_from_slice(&field.to_le_bytes());
        }
        (header, offset)
    }
}

#[derive(Default)]
struct Strings {
    bytes: Vec<u8>,
}

impl Strings {
    fn add(&mut self, text: &str) -> u32 {
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        at
    }
}

/// A section header, its fields in the order of the format.
fn section_header(
    name: u32,
    kind: u32,
    flags: u64,
    rest: [u64; 3],
    link: u32,
    info: u32,
    tail: [u64; 2],
) -> Vec<u8> {
    let mut h = Vec::with_capacity(64);
    h.extend(name.to_le_bytes());
    h.extend(kind.to_le_bytes());
    h.extend(flags.to_le_bytes());
    rest.iter().for_each(|v| h.extend(v.to_le_bytes()));
    h.extend(link.to_le_bytes());
    h.extend(info.to_le_bytes());
    tail.iter().for_each(|v| h.extend(v.to_le_bytes()));
    h
}

fn symbol(name: u32, is_text: bool, section: u16, address: u64, size: u64) -> Vec<u8> {
    let kind = if is_text { elf::STT_FUNC } else { elf::STT_OBJECT };
    let mut s = Vec::with_capacity(24);
    s.extend(name.to_le_bytes());
    s.push(elf::STB_GLOBAL << 4 | kind);
    s.push(0);
    s.extend(section.to_le_bytes());
    s.extend(address.to_le_bytes());
    s.extend(size.to_le_bytes());
    s
}

pub fn write(
    runtime: &Runtime<'_>,
    table: &Table<'_>,
    layout: &Layout<'_>,
    sections: &Sections,
    module_data: u64,
    strip: bool,
) -> Vec<u8> {
    let mut file = File { out: runtime.bytes.to_vec() };
    file.put(runtime.module_slot, &module_data.to_le_bytes());

    let extent = |s: Section| layout.extent(s);
    let part = |s: Section| (extent(s).start, sections.bytes[slot_of(s)].as_slice());
    let segments = [
        Segment {
            address: extent(Section::Text).start,
            parts: vec![part(Section::Text)],
            memory: 0,
            flags: elf::PF_R | elf::PF_X,
        },
        Segment {
            address: extent(Section::Types).start,
            parts: vec![part(Section::Types), part(Section::Rodata)],
            memory: 0,
            flags: elf::PF_R,
        },
        Segment {
            address: extent(Section::Data).start,
            parts: vec![part(Section::Data), part(Section::NoptrData)],
            memory: extent(Section::NoptrBss).end() - extent(Section::Data).start,
            flags: elf::PF_R | elf::PF_W,
        },
        Segment {
            address: layout.tables,
            parts: vec![(layout.tables, &sections.tables)],
            memory: 0,
            flags: elf::PF_R,
        },
    ];
    // The runtime's PT_PHDR would say that its headers are where they no longer are.
    let mut headers = runtime.program_headers.to_vec();
    for h in headers.chunks_exact_mut(56) {
        if h[..4] == elf::PT_PHDR.to_le_bytes() {
            h[..4].copy_from_slice(&elf::PT_NULL.to_le_bytes());
        }
    }
    let mut offsets = Vec::new();
    for s in &segments {
        let (header, offset) = file.segment(s);
        headers.extend(header);
        offsets.push(offset);
    }
    file.pad(8);
    let phoff = file.out.len() as u64;
    let phnum = (headers.len() / 56) as u16;
    file.out.extend(headers);

    let (shoff, shnum) = tables_for_tools(&mut file, runtime, table, layout, sections, &offsets, strip);
    file.put(32, &phoff.to_le_bytes());
    file.put(40, &shoff.to_le_bytes());
    file.put(56, &phnum.to_le_bytes());
    file.put(60, &shnum.to_le_bytes());
    file.put(62, &(shnum - 1).to_le_bytes());
    file.out
}

/// Section headers and the symbol table, by which gdb and perf name functions. Offset and number of the
/// headers; the last one is that of the section names.
fn tables_for_tools(
    file: &mut File,
    runtime: &Runtime<'_>,
    table: &Table<'_>,
    layout: &Layout<'_>,
    sections: &Sections,
    segment_offsets: &[u64],
    strip: bool,
) -> (u64, u16) {
    let mut names = Strings::default();
    names.add("");
    let mut headers = vec![vec![0; 64]];
    for s in &runtime.sections {
        let name = names.add(s.name);
        headers.push(section_header(name, s.kind, s.flags, [s.address, s.offset, s.size], 0, 0, [16, 0]));
    }
    let first_go = headers.len() as u16;
    let shown =
        [".go.text", ".go.types", ".go.rodata", ".go.data", ".go.noptrdata", ".go.bss", ".go.noptrbss"];
    for (&section, name) in ORDER.iter().zip(shown) {
        let extent = layout.extent(section);
        let home = match section {
            Section::Text => 0,
            Section::Types | Section::Rodata => 1,
            _ => 2,
        };
        let home_start = [Section::Text, Section::Types, Section::Data][home];
        let offset = segment_offsets[home] + (extent.start - layout.extent(home_start).start);
        let rights = [elf::SHF_EXECINSTR, 0, elf::SHF_WRITE][home];
        let empty = matches!(section, Section::Bss | Section::NoptrBss);
        let kind = if empty { elf::SHT_NOBITS } else { elf::SHT_PROGBITS };
        let flags = u64::from(elf::SHF_ALLOC | rights);
        let name = names.add(name);
        headers.push(section_header(name, kind, flags, [extent.start, offset, extent.size], 0, 0, [16, 0]));
    }
    let info = sections.build_info as u64;
    for (name, at, end) in [(".go.tables", 0, info), (".go.buildinfo", info, sections.tables.len() as u64)] {
        let name = names.add(name);
        let rest = [layout.tables + at, segment_offsets[3] + at, end - at];
        headers.push(section_header(name, elf::SHT_PROGBITS, u64::from(elf::SHF_ALLOC), rest, 0, 0, [16, 0]));
    }
    if !strip {
        symbol_table(file, &mut names, &mut headers, runtime, table, layout, first_go);
    }
    let name = names.add(".shstrtab");
    let rest = [0, file.out.len() as u64, names.bytes.len() as u64];
    headers.push(section_header(name, elf::SHT_STRTAB, 0, rest, 0, 0, [1, 0]));
    file.out.extend(names.bytes);
    file.pad(8);
    let shoff = file.out.len() as u64;
    let shnum = headers.len() as u16;
    file.out.extend(headers.concat());
    (shoff, shnum)
}

/// The sections `.symtab` and `.strtab`.
fn symbol_table(
    file: &mut File,
    names: &mut Strings,
    headers: &mut Vec<Vec<u8>>,
    runtime: &Runtime<'_>,
    table: &Table<'_>,
    layout: &Layout<'_>,
    first_go: u16,
) {
    let index_of = |address: u64| {
        let found =
            runtime.sections.iter().position(|s| s.address <= address && address < s.address + s.size);
        found.map_or(elf::SHN_ABS, |i| i as u16 + 1)
    };
    let (mut symbols, mut strings) = (vec![0; 24], Strings::default());
    strings.add("");
    for s in &runtime.symbols {
        let name = strings.add(s.name);
        symbols.extend(symbol(name, s.is_text, index_of(s.address), s.address, s.size));
    }
    for (slot, members) in layout.members.iter().enumerate() {
        for &id in members {
            let def = table.def(id);
            let name = strings.add(def.name);
            // A debugger's breakpoint goes to the first byte, so a function begins at its entry.
            let (start, address) = (layout.address(id), layout.reference(table, id));
            let (start, address) = start.zip(address).expect("members are live");
            let size = def.symbol.size - (address - start);
            let is_text = ORDER[slot] == Section::Text;
            symbols.extend(symbol(name, is_text, first_go + slot as u16, address, size));
        }
    }
    file.pad(8);
    let symtab = headers.len() as u32;
    let rest = [0, file.out.len() as u64, symbols.len() as u64];
    let name = names.add(".symtab");
    // All symbols are global but the first, empty one.
    headers.push(section_header(name, elf::SHT_SYMTAB, 0, rest, symtab + 1, 1, [8, 24]));
    file.out.extend(symbols);
    let name = names.add(".strtab");
    let rest = [0, file.out.len() as u64, strings.bytes.len() as u64];
    headers.push(section_header(name, elf::SHT_STRTAB, 0, rest, 0, 0, [1, 0]));
    file.out.extend(strings.bytes);
}
