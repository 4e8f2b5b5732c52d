//! Addresses: sections one behind the other, above the runtime's image, each on pages of its own.

use crate::live::Live;
use crate::symbols::{DefId, Table, Target};
use goxide_abi::object::{Section, SymId};

/// Go text begins here, above the runtime's image at 4 MiB and within reach of its code; like gc's, low enough
/// that variables stand in the first 256 MiB.
pub const TEXT_BASE: u64 = 0x100_0000;
pub const PAGE: u64 = 4096;
const FUNC_ALIGN: u64 = 32;
const LINE: u64 = 64;

pub fn page_up(x: u64) -> u64 {
    x.next_multiple_of(PAGE)
}

/// The order of the sections in memory. The linker's own tables stand behind `Rodata`.
pub const ORDER: [Section; 7] = [
    Section::Text,
    Section::Types,
    Section::Rodata,
    Section::Data,
    Section::NoptrData,
    Section::Bss,
    Section::NoptrBss,
];

#[derive(Clone, Copy, Default, Debug)]
pub struct Extent {
    pub start: u64,
    pub size: u64,
}

impl Extent {
    pub fn end(self) -> u64 {
        self.start + self.size
    }
}

pub struct Layout<'a> {
    live: &'a Live,
    /// By definition; 0: not linked in.
    addresses: Vec<u64>,
    extents: [Extent; 7],
    /// Live symbols by section, ascending by address.
    pub members: [Vec<DefId>; 7],
    /// Where the linker's tables go, read-only: behind everything of a fixed size.
    pub tables: u64,
}

pub fn slot_of(section: Section) -> usize {
    ORDER.iter().position(|&s| s == section).expect("every section has its place")
}

impl<'a> Layout<'a> {
    pub fn assign(table: &Table<'_>, live: &'a Live) -> Layout<'a> {
        let mut members: [Vec<DefId>; 7] = Default::default();
        for &id in &live.defs {
            members[slot_of(table.def(id).symbol.section)].push(id);
        }
        let mut addresses = vec![0; table.defs.len()];
        let mut extents = [Extent::default(); 7];
        let mut at = TEXT_BASE;
        for (slot, &section) in ORDER.iter().enumerate() {
            // Text, read-only and writable parts have different rights, so different pages; GC roots
            // are told apart by address alone.
            at = match section {
                Section::Text | Section::Types | Section::Data => page_up(at),
                _ => at.next_multiple_of(64),
            };
            let start = at;
            if section == Section::Types {
                at += 8; // No descriptor has the offset 0, which means "none".
            }
            for &id in &members[slot] {
                let symbol = table.def(id).symbol;
                let least = if section == Section::Text { FUNC_ALIGN } else { 1 };
                at = match symbol.func.as_ref().and_then(|f| f.place) {
                    Some(place) => at + (u64::from(place) + LINE - at % LINE) % LINE,
                    None => at.next_multiple_of(u64::from(symbol.align).max(least)),
                };
                addresses[id.0 as usize] = at;
                // Objects without bytes still have addresses of their own.
                at += symbol.size.max(symbol.bytes.len() as u64).max(1);
            }
            extents[slot] = Extent { start, size: at - start };
        }
        Layout { live, addresses, extents, members, tables: page_up(at) }
    }

    pub fn extent(&self, section: Section) -> Extent {
        self.extents[slot_of(section)]
    }

    /// Where the symbol's bytes begin.
    pub fn address(&self, id: DefId) -> Option<u64> {
        self.live.contains(id).then(|| self.addresses[id.0 as usize])
    }

    /// Where references to the symbol go: of a function its entry.
    pub fn reference(&self, table: &Table<'_>, id: DefId) -> Option<u64> {
        let entry = table.def(id).symbol.func.as_ref().map_or(0, |f| u64::from(f.entry));
        self.address(id).map(|a| a + entry)
    }

    pub fn target_address(&self, table: &Table<'_>, object: usize, name: SymId) -> Option<u64> {
        match table.target(object, name) {
            Target::Def(id) => self.reference(table, id),
            Target::Runtime(address) => Some(address),
            Target::Undefined => None,
        }
    }
}
