//! Function and line tables, as [`goxide_abi::module`] lays them out.

use crate::layout::Layout;
use crate::symbols::Table;
use goxide_abi::frames::uleb;
use goxide_abi::module::{FUNC_ASSEMBLY, FuncInfo, FuncTab};
use goxide_abi::object::{FuncMeta, Section, Text};
use rustc_hash::FxHashMap;

pub struct Pcln {
    /// What `FuncInfo`'s offsets count in.
    pub bytes: Vec<u8>,
    pub functab: Vec<FuncTab>,
}

#[derive(Default)]
struct Builder {
    bytes: Vec<u8>,
    strings: FxHashMap<String, u32>,
}

impl Builder {
    fn string(&mut self, text: &str) -> [u32; 2] {
        let len = text.len() as u32;
        if let Some(&at) = self.strings.get(text) {
            return [at, len];
        }
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.strings.insert(text.into(), at);
        [at, len]
    }

    fn align(&mut self, to: usize) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
        self.bytes.len() as u32
    }

    fn words(&mut self, words: &[u32]) {
        for w in words {
            self.bytes.extend_from_slice(&w.to_le_bytes());
        }
    }

    fn sleb(&mut self, mut v: i64) {
        loop {
            let byte = v as u8 & 0x7f;
            v >>= 7;
            if (v == 0 && byte & 0x40 == 0) || (v == -1 && byte & 0x40 != 0) {
                self.bytes.push(byte);
                return;
            }
            self.bytes.push(byte | 0x80);
        }
    }

    fn lines(&mut self, meta: &FuncMeta) -> u32 {
        let at = self.bytes.len() as u32;
        let (mut pc, mut loc) = (0, 0);
        for &(offset, index) in &meta.lines {
            if index == loc {
                continue;
            }
            uleb(&mut self.bytes, u64::from(offset - pc));
            self.sleb(i64::from(index) - i64::from(loc));
            (pc, loc) = (offset, index);
        }
        self.bytes.extend_from_slice(&[0, 0]);
        at
    }

    fn info(&mut self, name: &str, meta: &FuncMeta, strings: &[Text<'_>]) -> u32 {
        let lines = self.lines(meta);
        let text = |i: u32| strings.get(i as usize).map_or("", |s| s);
        // What assembly's symbols are named is not what users call it.
        let is_assembly = meta.flags & FUNC_ASSEMBLY != 0;
        let name = meta.locs.get(1).filter(|_| is_assembly).map_or(name, |l| text(l.func));
        let [name, name_len] = self.string(name);
        let locs: Vec<[u32; 6]> = meta
            .locs
            .iter()
            .map(|l| {
                let ([func, func_len], [file, file_len]) =
                    (self.string(text(l.func)), self.string(text(l.file)));
                [l.parent, func, func_len, file, file_len, l.line]
            })
            .collect();
        let frames = if meta.frames.is_empty() { 0 } else { self.bytes.len() as u32 };
        self.bytes.extend_from_slice(&meta.frames);
        let locs_at = self.align(4);
        for l in &locs {
            self.words(l);
        }
        let at = self.align(8);
        let flags =
            u32::from(meta.defer_mode) | u32::from(meta.flags) << 8 | u32::from(meta.args_words) << 16;
        self.words(&[name, name_len, meta.frame_size, meta.start_line, lines, locs_at, locs.len() as u32]);
        self.words(&[meta.landing_pad, meta.landing_frame, meta.defer_offset as u32, frames, flags]);
        debug_assert_eq!(self.bytes.len() - at as usize, size_of::<FuncInfo>());
        at
    }
}

pub fn build(table: &Table<'_>, layout: &Layout<'_>) -> Pcln {
    let mut builder = Builder::default();
    builder.bytes.push(0);
    let text = layout.extent(Section::Text);
    let mut functab = Vec::new();
    for &id in &layout.members[crate::layout::slot_of(Section::Text)] {
        let def = table.def(id);
        let none = FuncMeta::default();
        let meta = def.symbol.func.as_ref().unwrap_or(&none);
        let address = layout.address(id).expect("members are live");
        let info = builder.info(def.name, meta, &table.objects[def.object].strings);
        functab.push(FuncTab { entry: (address - text.start) as u32, info });
    }
    functab.push(FuncTab { entry: text.size as u32, info: 0 });
    Pcln { bytes: builder.bytes, functab }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leb128_takes_the_fewest_bytes() {
        let mut b = Builder::default();
        for v in [0, 63, -64, 64, -65] {
            b.sleb(v);
        }
        uleb(&mut b.bytes, 300);
        assert_eq!(b.bytes, [0, 63, 0x40, 0xc0, 0, 0xbf, 0x7f, 0xac, 2]);
    }
}
