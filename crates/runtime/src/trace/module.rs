//! The program's tables.

use super::leb;
use core::ptr::null;
use goxide_abi::module::{FuncInfo, FuncTab, Loc, MODULE_MAGIC, ModuleData};

/// Patched by the linker.
struct Slot(*const ModuleData);
// SAFETY: written before the program starts.
unsafe impl Sync for Slot {}
#[unsafe(no_mangle)]
#[unsafe(link_section = ".data.module")]
static GOXIDE_MODULE: Slot = Slot(null());

/// None: all is well.
#[doc(alias = "moduledataverify1")]
pub fn verify() -> Option<&'static str> {
    // SAFETY: the slot is read as what is in the file, not as what this file says; the linker's tables.
    unsafe {
        let m = core::ptr::read_volatile(&raw const GOXIDE_MODULE.0);
        if m.is_null() {
            return Some("no program is linked in");
        }
        if (*m).magic != MODULE_MAGIC {
            return Some("the program's module data is of another version");
        }
        let table: &[FuncTab] = core::slice::from_raw_parts((*m).functab.ptr, (*m).functab.len);
        if !table.is_sorted_by(|a, b| a.entry < b.entry) {
            return Some("the program's table of functions is not sorted by address");
        }
        let Some(last) = table.last() else { return Some("the program's table of functions is empty") };
        if (*m).text + last.entry as usize != (*m).etext {
            return Some("the program's table of functions does not end with its code");
        }
        None
    }
}

/// Whether each descriptor that reflect may look up lies among the types.
#[doc(alias = "typelinksinit")]
pub fn typelinks_are_types() -> bool {
    let m = module();
    // SAFETY: the linker's table.
    let links = unsafe { core::slice::from_raw_parts(m.typelinks.ptr, m.typelinks.len) };
    links.iter().all(|&offset| offset >= 0 && m.types + (offset as usize) < m.etypes)
}

#[inline]
pub fn module() -> &'static ModuleData {
    // SAFETY: verified at boot.
    unsafe { &*core::ptr::read_volatile(&raw const GOXIDE_MODULE.0) }
}

/// One of the texts that the linker left, by its place.
pub fn build_text(which: usize) -> &'static [u8] {
    let text = &module().build_texts[which];
    // SAFETY: the linker's bytes.
    unsafe { core::slice::from_raw_parts(text.ptr, text.len) }
}

/// A function of the program.
#[derive(Clone, Copy)]
pub struct Func {
    pub entry: usize,
    pub info: &'static FuncInfo,
}

/// All but the one that marks the end.
fn functab() -> &'static [FuncTab] {
    let table = &module().functab;
    // SAFETY: the linker's table.
    unsafe { core::slice::from_raw_parts(table.ptr, table.len.saturating_sub(1)) }
}

/// The function that has code at pc.
#[doc(alias = "findfunc")]
pub fn find_func(pc: usize) -> Option<Func> {
    let m = module();
    if pc < m.text || pc >= m.etext {
        return None;
    }
    let offset = (pc - m.text) as u32;
    func_at(functab().partition_point(|f| f.entry <= offset).checked_sub(1)?)
}

/// By its number in the table.
pub fn func_at(index: usize) -> Option<Func> {
    let m = module();
    let f = functab().get(index)?;
    // SAFETY: the linker's tables.
    let info = unsafe { &*m.pclntab.ptr.add(f.info as usize).cast::<FuncInfo>() };
    Some(Func { entry: m.text + f.entry as usize, info })
}

pub fn func_index(f: &Func) -> usize {
    let offset = (f.entry - module().text) as u32;
    functab().partition_point(|other| other.entry < offset)
}

pub fn pclntab() -> &'static [u8] {
    let t = &module().pclntab;
    // SAFETY: the linker's table.
    unsafe { core::slice::from_raw_parts(t.ptr, t.len) }
}

fn text(at: u32, len: u32) -> &'static [u8] {
    pclntab().get(at as usize..(at + len) as usize).unwrap_or(b"?")
}

/// A place of the source, and the function that it is in.
#[derive(Clone, Copy)]
pub struct Place {
    pub func: &'static [u8],
    pub file: &'static [u8],
    pub line: u32,
    /// Inlined into what comes next.
    pub inlined: bool,
}

impl Func {
    pub fn name(&self) -> &'static [u8] {
        text(self.info.name, self.info.name_len)
    }

    /// The places of the code at pc, innermost first: more than one where calls were inlined.
    pub fn places(&self, pc: usize) -> Places {
        let (bytes, mut at) = (pclntab(), self.info.lines as usize);
        let target = (pc - self.entry) as u64;
        let (mut offset, mut loc) = (0u64, 0i64);
        loop {
            let (step, change) = (leb::unsigned(bytes, &mut at), leb::signed(bytes, &mut at));
            if change == 0 || offset + step > target {
                break;
            }
            offset += step;
            loc += change;
        }
        self.places_from(loc as u32)
    }

    /// From an index into the function's places outwards.
    pub fn places_from(&self, loc: u32) -> Places {
        Places { func: *self, loc, first: true }
    }
}

pub struct Places {
    func: Func,
    loc: u32,
    first: bool,
}

impl Places {
    /// The index of the place that comes next.
    pub fn at(&self) -> u32 {
        self.loc
    }
}

impl Iterator for Places {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let info = self.func.info;
        if self.loc == 0 || self.loc >= info.nlocs {
            let unknown = self.first;
            self.first = false;
            let place = Place { func: self.func.name(), file: b"?", line: info.start_line, inlined: false };
            return unknown.then_some(place);
        }
        self.first = false;
        // SAFETY: inside the function's table.
        let loc =
            unsafe { &*module().pclntab.ptr.add(info.locs as usize).cast::<Loc>().add(self.loc as usize) };
        self.loc = loc.parent;
        Some(Place {
            func: text(loc.func, loc.func_len),
            file: text(loc.file, loc.file_len),
            line: loc.line,
            inlined: loc.parent != 0,
        })
    }
}
