//! The bytes of each section, relocations applied.

use crate::LinkError;
use crate::layout::{Layout, ORDER};
use crate::symbols::{Def, Table};
use goxide_abi::object::{Reloc, RelocKind, Section};

/// Contents of the sections that have some, in [`ORDER`]; then the linker's tables.
pub struct Sections {
    pub bytes: [Vec<u8>; 7],
    pub tables: Vec<u8>,
    /// Where in `tables` the text begins that `debug/buildinfo` looks for.
    pub build_info: usize,
}

impl Sections {
    pub fn append_tables(&mut self, mut pclntab: Vec<u8>, module: Vec<u8>, texts: &[&[u8]]) {
        pclntab.resize(pclntab.len().next_multiple_of(8), 0);
        self.tables = pclntab;
        self.tables.extend(module);
        // The form of Go 1.18: a magic word, the size of pointers, a flag for "the strings follow",
        // filled up to 32 bytes; version and information behind their lengths.
        const MAGIC: &[u8] = b"\xff Go buildinf:\x08\x02";
        self.tables.resize(self.tables.len().next_multiple_of(16), 0);
        self.build_info = self.tables.len();
        self.tables.extend(MAGIC);
        self.tables.resize(self.build_info + 32, 0);
        for text in &texts[..2] {
            let mut len = text.len();
            while len >= 0x80 {
                self.tables.push(len as u8 | 0x80);
                len >>= 7;
            }
            self.tables.push(len as u8);
            self.tables.extend(*text);
        }
    }
}

/// A padding byte of text is `int3`.
const PADDING: u8 = 0xcc;

pub fn fill(table: &Table<'_>, layout: &Layout<'_>) -> Result<Sections, LinkError> {
    let mut bytes: [Vec<u8>; 7] = Default::default();
    for (slot, &section) in ORDER.iter().enumerate() {
        if matches!(section, Section::Bss | Section::NoptrBss) {
            continue;
        }
        let extent = layout.extent(section);
        let filler = if section == Section::Text { PADDING } else { 0 };
        let mut out = vec![filler; extent.size as usize];
        for &id in &layout.members[slot] {
            let def = table.def(id);
            let address = layout.address(id).expect("members are live");
            let at = (address - extent.start) as usize;
            let place = &mut out[at..at + def.symbol.size.max(def.symbol.bytes.len() as u64) as usize];
            place[..def.symbol.bytes.len()].copy_from_slice(&def.symbol.bytes);
            place[def.symbol.bytes.len()..].fill(0);
            for reloc in &def.symbol.relocs {
                apply(table, layout, def, reloc, address, place)?;
            }
        }
        bytes[slot] = out;
    }
    Ok(Sections { bytes, tables: Vec::new(), build_info: 0 })
}

fn apply(
    table: &Table<'_>,
    layout: &Layout<'_>,
    def: &Def<'_>,
    reloc: &Reloc,
    address: u64,
    place: &mut [u8],
) -> Result<(), LinkError> {
    let target = layout.target_address(table, def.object, reloc.target);
    let at = reloc.offset as usize;
    let range =
        || LinkError::OutOfRange { name: table.name(def.object, reloc.target).into(), from: def.name.into() };
    let Some(target) = target else {
        // A method that nobody can call: its slots say so.
        let none: i32 = if reloc.kind == RelocKind::TextOff { -1 } else { 0 };
        let width = if reloc.kind == RelocKind::Abs8 { 8 } else { 4 };
        let value = i64::from(none).to_le_bytes();
        place.get_mut(at..at + width).ok_or_else(range)?.copy_from_slice(&value[..width]);
        return Ok(());
    };
    let value = target.wrapping_add_signed(reloc.addend);
    let four = match reloc.kind {
        RelocKind::Abs8 => {
            place.get_mut(at..at + 8).ok_or_else(range)?.copy_from_slice(&value.to_le_bytes());
            return Ok(());
        }
        RelocKind::Abs4 => u32::try_from(value).map_err(|_| range())?,
        RelocKind::Pc4 => signed(value.wrapping_sub(address + u64::from(reloc.offset))).ok_or_else(range)?,
        RelocKind::TypeOff => {
            signed(value.wrapping_sub(layout.extent(Section::Types).start)).ok_or_else(range)?
        }
        RelocKind::TextOff => {
            signed(value.wrapping_sub(layout.extent(Section::Text).start)).ok_or_else(range)?
        }
    };
    place.get_mut(at..at + 4).ok_or_else(range)?.copy_from_slice(&four.to_le_bytes());
    Ok(())
}

/// The 32-bit two's complement form of a difference, if it fits.
fn signed(difference: u64) -> Option<u32> {
    i32::try_from(difference as i64).ok().map(|v| v as u32)
}
