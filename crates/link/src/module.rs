//! The [`goxide_abi::module::ModuleData`] of the program and the tables that it points to.

use crate::LinkError;
use crate::layout::Layout;
use crate::pcln::Pcln;
use crate::symbols::{Table, Target};
use goxide_abi::module::{GO_HOOKS, MODULE_MAGIC, ModuleData};
use goxide_abi::object::{RelocKind, Section};
use goxide_abi::typ;

pub struct Module {
    /// Stands at `layout.tables` + the length of pclntab, rounded up to 8.
    pub bytes: Vec<u8>,
    /// Of the `ModuleData` itself.
    pub address: u64,
}

struct Writer {
    base: u64,
    bytes: Vec<u8>,
}

impl Writer {
    /// Appends a table of words; its address and length in elements.
    fn table(&mut self, words: impl IntoIterator<Item = u64>) -> [u64; 2] {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = self.base + self.bytes.len() as u64;
        let mut len = 0;
        for w in words {
            self.bytes.extend_from_slice(&w.to_le_bytes());
            len += 1;
        }
        [address, len]
    }

    fn halves(&mut self, halves: impl IntoIterator<Item = u32>) -> [u64; 2] {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let address = self.base + self.bytes.len() as u64;
        let mut len = 0;
        for h in halves {
            self.bytes.extend_from_slice(&h.to_le_bytes());
            len += 1;
        }
        [address, len]
    }
}

/// The string of an unnamed type's descriptor, by which reflect finds it (`abi.Name`: a flag byte, the
/// length as a varint, the text).
fn type_string<'a>(
    table: &Table<'a>,
    object: usize,
    symbol: &'a goxide_abi::object::Symbol,
) -> Option<&'a [u8]> {
    const STR_OFFSET: u32 = 40;
    let reloc = symbol.relocs.iter().find(|r| r.offset == STR_OFFSET && r.kind == RelocKind::TypeOff)?;
    let Target::Def(name) = table.target(object, reloc.target) else { return None };
    let bytes = table.def(name).symbol.bytes.get(1..)?;
    let digits = bytes.iter().position(|b| b & 0x80 == 0)? + 1;
    let len = bytes[..digits].iter().rev().fold(0, |n, &b| n << 7 | usize::from(b & 0x7f));
    let text = bytes.get(digits..digits + len)?;
    let star = symbol.bytes.get(typ::TYPE_TFLAG)? & typ::TFLAG_EXTRA_STAR != 0;
    Some(if star { text.get(1..)? } else { text })
}

/// Offsets of the descriptors that reflect can look up: unnamed types, sorted by their string.
fn typelinks(table: &Table<'_>, layout: &Layout<'_>) -> Vec<u32> {
    let start = layout.extent(Section::Types).start;
    let mut links = Vec::new();
    for &id in &layout.members[crate::layout::slot_of(Section::Types)] {
        let def = table.def(id);
        let named = def.symbol.bytes.get(typ::TYPE_TFLAG).is_none_or(|f| f & typ::TFLAG_NAMED != 0);
        if named || !def.name.starts_with("type:") || def.name.starts_with("type:.") {
            continue;
        }
        if let Some(text) = type_string(table, def.object, def.symbol) {
            let address = layout.address(id).expect("members are live");
            links.push((text, (address - start) as u32));
        }
    }
    links.sort();
    links.into_iter().map(|(_, offset)| offset).collect()
}

pub fn build(
    table: &Table<'_>,
    layout: &mut Layout<'_>,
    pcln: &Pcln,
    texts: [&[u8]; 3],
) -> Result<Module, LinkError> {
    let pclntab = [layout.tables, pcln.bytes.len() as u64];
    let mut w = Writer { base: (layout.tables + pclntab[1]).next_multiple_of(8), bytes: Vec::new() };
    let functab = w.halves(pcln.functab.iter().flat_map(|f| [f.entry, f.info]));
    let functab = [functab[0], functab[1] / 2];
    let mut itabs: Vec<u64> = Vec::new();
    for section in [Section::Rodata, Section::Data, Section::NoptrData] {
        for &id in &layout.members[crate::layout::slot_of(section)] {
            if table.def(id).name.starts_with("go:itab.") {
                itabs.extend(layout.address(id));
            }
        }
    }
    let itabs = w.table(itabs);
    let typelinks = w.halves(typelinks(table, layout));
    let tasks = table
        .objects
        .iter()
        .enumerate()
        .filter_map(|(index, object)| layout.target_address(table, index, object.init_task?));
    let tasks = w.table(tasks.collect::<Vec<_>>());
    let main = table.find("main.main").and_then(|id| layout.reference(table, id)).ok_or(LinkError::NoMain)?;
    let hooks = GO_HOOKS
        .iter()
        .map(|name| {
            let at = table.find(name).and_then(|id| layout.reference(table, id));
            at.ok_or_else(|| LinkError::Undefined(vec![((*name).into(), "the runtime".into())]))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let hooks = w.table(hooks);
    let texts = texts.map(|text| {
        let address = w.base + w.bytes.len() as u64;
        w.bytes.extend_from_slice(text);
        [address, text.len() as u64]
    });
    let [text, types, data, bss] =
        [Section::Text, Section::Types, Section::Data, Section::Bss].map(|s| layout.extent(s));
    let mut words = vec![MODULE_MAGIC];
    for extent in [text, types, data, bss] {
        words.extend([extent.start, extent.end()]);
    }
    for pair in [functab, pclntab, itabs, typelinks, tasks] {
        words.extend(pair);
    }
    words.push(main);
    words.extend(hooks);
    words.extend(texts.as_flattened());
    // As cmd/link sets runtime.disableMemoryProfiling.
    let reads_profile =
        table.find("runtime.memProfileInternal").is_some_and(|id| layout.address(id).is_some());
    words.push(reads_profile.into());
    debug_assert_eq!(words.len() * 8, size_of::<ModuleData>());
    let [address, _] = w.table(words);
    Ok(Module { bytes: w.bytes, address })
}
