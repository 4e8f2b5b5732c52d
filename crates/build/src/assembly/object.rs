//! From Go's object files to ours.

use super::goobj::{
    ABI_STATIC, Damaged, FLAG_DUPOK, FLAG_NOSPLIT, GoObj, GoReloc, Index, Sym as GoSym, Target, value_at,
};
use super::nosplit::{Chain, Chains};
use goxide_abi::layout::{ASM_LEAF_BYTES, ASM_NOSPLIT_BYTES, ASMCALL_BYTES, M_CURG};
use goxide_abi::module::{FUNC_ASSEMBLY, FUNC_NO_PARAMS};
use goxide_abi::object::{ABI0, ABI0_ARGS, FuncMeta, Loc, Object, Reloc, RelocKind, Section, SymId, Symbol};
use goxide_lower::{Assembly, AssemblyFunc, AssemblyRef};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use thiserror::Error;

/// What cannot be linked of an assembled file.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("the assembler wrote an object of an unknown form")]
    Damaged,
    #[error("{0}: thread-local data is not supported")]
    ThreadLocal(String),
    #[error("{0}: a relocation of kind {1} is not supported")]
    Relocation(String, u16),
}

// `cmd/internal/objabi.SymKind`
const STEXT: u8 = 1;
const SRODATA: u8 = 3;
const SNOPTRDATA: u8 = 5;
const SDATA: u8 = 7;
const SBSS: u8 = 9;
const SNOPTRBSS: u8 = 10;
const STLSBSS: u8 = 11;

// `cmd/internal/objabi.RelocType`
const R_ADDR: u16 = 1;
const R_CALL: u16 = 7;
const R_CALLIND: u16 = 10;
const R_PCREL: u16 = 14;
const R_TLS_LE: u16 = 15;
const R_KEEP: u16 = 27;

/// The first byte of a jump whose target is the four bytes behind it.
const JMP: u8 = 0xe9;
/// Data is aligned by its size, up to this (`cmd/link/internal/ld.symalign`).
const DATA_ALIGN_MAX: u32 = 32;
const TEXT_ALIGN: u32 = 32;
/// What the prologues of assembly call where there is no room.
const MORESTACK: &str = "runtime.morestack_noctxt·abi0";

fn section(kind: u8) -> Option<Section> {
    Some(match kind {
        STEXT => Section::Text,
        SRODATA => Section::Rodata,
        SNOPTRDATA => Section::NoptrData,
        SDATA => Section::Data,
        SBSS => Section::Bss,
        SNOPTRBSS => Section::NoptrBss,
        _ => return None,
    })
}

/// The symbols that are linked: what is for debuggers, and what only tells of others, is not.
fn linked<'a>(obj: &GoObj<'a>) -> Result<Vec<(Index, GoSym<'a>, Section)>, Damaged> {
    let mut out = Vec::new();
    for i in (0..obj.defined()).map(Index) {
        let symbol = obj.symbol(i)?;
        // The tables of functions have no name.
        if let Some(section) = section(symbol.kind).filter(|_| !symbol.name.is_empty()) {
            out.push((i, symbol, section));
        }
    }
    Ok(out)
}

pub fn summarize(obj: &GoObj<'_>, out: &mut Assembly, chains: &mut Chains) -> Result<(), Fault> {
    for (i, symbol, section) in linked(obj)? {
        let relocs = obj.relocs(i)?;
        let code = obj.data(i)?;
        let is_func = section == Section::Text;
        if is_func {
            let chain = chain(obj, i, &symbol, &relocs)?;
            let is_leaf = chain.nosplit && chain.calls.is_empty();
            chains.funcs.insert(symbol.name.into(), chain);
            if symbol.abi == ABI_STATIC {
                continue;
            }
            let info = obj.func_info(i)?;
            let below = if is_leaf { ASM_LEAF_BYTES } else { ASM_NOSPLIT_BYTES };
            let func = AssemblyFunc { stack_bytes: info.locals + below + ASMCALL_BYTES };
            out.functions.insert(symbol.name.into(), func);
        }
        for reloc in relocs {
            let Target::Symbol(target) = reloc.target else { continue };
            let target = obj.symbol(target)?;
            if target.abi == ABI_STATIC || !matches!(reloc.kind, R_ADDR | R_CALL | R_PCREL) {
                continue;
            }
            let opcode = (reloc.offset as usize).checked_sub(1).and_then(|at| code.get(at));
            let jumps = is_func && reloc.kind == R_CALL && opcode == Some(&JMP);
            out.references.push(AssemblyRef {
                name: target.name.into(),
                jumped_to_by: jumps.then(|| symbol.name.into()),
            });
        }
    }
    Ok(())
}

fn chain(obj: &GoObj<'_>, i: Index, symbol: &GoSym<'_>, relocs: &[GoReloc]) -> Result<Chain, Fault> {
    let stack = obj.func_info(i)?.stack;
    let mut calls = Vec::new();
    for reloc in relocs {
        let target = match (reloc.kind, reloc.target) {
            (R_CALL, Target::Symbol(target)) => Some(obj.symbol(target)?.name.into()),
            (R_CALLIND, _) => None,
            _ => continue,
        };
        calls.push((value_at(&stack, reloc.offset).unwrap_or(0), target));
    }
    let local_bytes = stack.iter().map(|&(_, bytes)| bytes).max().unwrap_or(0);
    Ok(Chain { nosplit: symbol.flags & FLAG_NOSPLIT != 0, local_bytes, calls })
}

/// Adds object files to an object, whose Go files have been compiled.
pub struct Merge<'o> {
    object: &'o mut Object<'static>,
    names: FxHashMap<String, SymId>,
    strings: FxHashMap<String, u32>,
    /// What stands in assembly, by the names there.
    functions: FxHashSet<String>,
    /// Whatever is defined, by our names; of data of the Go files, where.
    defined: FxHashMap<SymId, usize>,
    /// What assembly refers to of Go, in our names.
    entries: Vec<String>,
}

impl<'o> Merge<'o> {
    pub fn new(object: &'o mut Object<'static>) -> Merge<'o> {
        let by_name = |(i, name): (usize, &_)| (String::clone(name), SymId(i as u32));
        let names: Vec<String> = object.names.iter().map(|n| n.to_string()).collect();
        let strings = object.strings.iter().enumerate().map(|(i, s)| (s.to_string(), i as u32)).collect();
        let defined = object.symbols.iter().enumerate().map(|(i, s)| (s.name, i)).collect();
        Merge {
            names: names.iter().enumerate().map(by_name).collect(),
            strings,
            functions: FxHashSet::default(),
            defined,
            entries: Vec::new(),
            object,
        }
    }

    fn id(&mut self, name: &str) -> SymId {
        if let Some(&id) = self.names.get(name) {
            return id;
        }
        let id = SymId(self.object.names.len() as u32);
        self.object.names.push(name.into());
        self.names.insert(name.into(), id);
        id
    }

    fn string(&mut self, text: &str) -> u32 {
        let strings = &mut self.object.strings;
        *self.strings.entry(text.into()).or_insert_with(|| {
            strings.push(text.into());
            strings.len() as u32 - 1
        })
    }

    fn is_defined(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|id| self.defined.contains_key(id))
    }

    /// Notes what a file defines.
    pub fn define(&mut self, file: &str, obj: &GoObj<'_>) -> Result<(), Fault> {
        for (_, symbol, section) in linked(obj)? {
            if section == Section::Text {
                self.functions.insert(qualified(file, &symbol));
            }
        }
        Ok(())
    }

    /// Adds what a file defines. A variable that is only declared in Go, without a value, has that of assembly.
    pub fn add(&mut self, file: &str, obj: &GoObj<'_>) -> Result<(), Fault> {
        for i in (0..obj.defined()).map(Index) {
            let symbol = obj.symbol(i)?;
            if symbol.kind == STLSBSS {
                return Err(Fault::ThreadLocal(symbol.name.into()));
            }
        }
        for (i, symbol, section) in linked(obj)? {
            let added = self.symbol(file, obj, i, &symbol, section)?;
            match self.defined.get(&added.name) {
                Some(&at) if is_blank(&self.object.symbols[at]) => {
                    let size = self.object.symbols[at].size.max(added.size);
                    self.object.symbols[at] = Symbol { size, ..added };
                }
                // Two definitions are the linker's to report.
                _ => {
                    self.defined.insert(added.name, self.object.symbols.len());
                    self.object.symbols.push(added);
                }
            }
        }
        Ok(())
    }

    fn symbol(
        &mut self,
        file: &str,
        obj: &GoObj<'_>,
        i: Index,
        symbol: &GoSym<'_>,
        section: Section,
    ) -> Result<Symbol<'static>, Fault> {
        let mut bytes = obj.data(i)?.to_vec();
        let mut relocs = Vec::new();
        for reloc in obj.relocs(i)? {
            relocs.extend(self.reloc(file, obj, symbol, &reloc, &mut bytes)?);
        }
        let func = if section == Section::Text { Some(self.meta(obj, i, symbol)?) } else { None };
        let align = match (section, symbol.align) {
            (Section::Text, align) => align.max(TEXT_ALIGN),
            (_, 0) => data_align(symbol.size),
            (_, align) => align,
        };
        let name = self.own_name(file, symbol);
        let size = symbol.size.max(bytes.len() as u64);
        let dupok = symbol.flags & FLAG_DUPOK != 0;
        let is_bss = matches!(section, Section::Bss | Section::NoptrBss);
        let bytes: Cow<'static, [u8]> = if is_bss { Vec::new() } else { bytes }.into();
        Ok(Symbol { name, section, align, bytes, size, relocs, dupok, func })
    }

    /// How a symbol of a file is named here.
    fn own_name(&mut self, file: &str, symbol: &GoSym<'_>) -> SymId {
        let name = qualified(file, symbol);
        let is_func = self.functions.contains(&name);
        self.id(&if is_func { name + ABI0 } else { name })
    }

    fn reloc(
        &mut self,
        file: &str,
        obj: &GoObj<'_>,
        from: &GoSym<'_>,
        reloc: &GoReloc,
        bytes: &mut [u8],
    ) -> Result<Option<Reloc>, Fault> {
        let (offset, addend) = (reloc.offset, reloc.addend);
        let kind = match (reloc.kind, reloc.size) {
            (R_ADDR, 8) => RelocKind::Abs8,
            (R_ADDR, 4) => RelocKind::Abs4,
            (R_CALL | R_PCREL, 4) => RelocKind::Pc4,
            // g is not at a fixed place of the thread's memory, but in the thread's M.
            (R_TLS_LE, 4) => {
                let value = M_CURG + addend as i32;
                let place = bytes.get_mut(offset as usize..offset as usize + 4).ok_or(Damaged)?;
                place.copy_from_slice(&value.to_le_bytes());
                return Ok(None);
            }
            (R_KEEP, _) | (_, 0) => return Ok(None),
            (kind, _) => return Err(Fault::Relocation(from.name.into(), kind)),
        };
        // Go counts from the end of the four bytes.
        let addend = if kind == RelocKind::Pc4 { addend - 4 } else { addend };
        let target = match reloc.target {
            Target::None => return Ok(None),
            Target::Symbol(target) => {
                let target = obj.symbol(target)?;
                self.target(file, &target, reloc.kind == R_CALL)
            }
            Target::Builtin(nth) => {
                let name = builtin(nth).ok_or_else(|| Fault::Relocation(from.name.into(), reloc.kind))?;
                self.id(name)
            }
        };
        Ok(Some(Reloc { offset, kind, target, addend, weak: false }))
    }

    /// What a name in assembly stands for here.
    fn target(&mut self, file: &str, symbol: &GoSym<'_>, is_call: bool) -> SymId {
        let name = qualified(file, symbol);
        if self.functions.contains(&name) {
            return self.id(&(name + ABI0));
        }
        if self.is_defined(&format!("{name}{ABI0_ARGS}")) {
            if !self.entries.contains(&name) {
                self.entries.push(name.clone());
            }
            return self.id(&(name + ABI0));
        }
        let is_code = is_call && !self.is_defined(&name);
        self.id(&if is_code { name + ABI0 } else { name })
    }

    fn meta(&mut self, obj: &GoObj<'_>, i: Index, symbol: &GoSym<'_>) -> Result<FuncMeta, Fault> {
        let info = obj.func_info(i)?;
        let mut meta = self.named(symbol.name);
        meta.frame_size = info.locals;
        meta.args_words = info.args.map_or(u16::MAX, |a| u16::try_from(a.div_ceil(8)).unwrap_or(u16::MAX));
        meta.start_line = info.start_line;
        // Of those that do not say so tracebacks tell of none.
        if info.args.unwrap_or(0) == 0 {
            meta.flags |= FUNC_NO_PARAMS;
        }
        for (pc, file, line) in info.lines {
            let loc = Loc { file: self.string(obj.file(file)?), line, ..meta.locs[1] };
            let known = meta.locs.iter().position(|l| *l == loc);
            let index = known.unwrap_or_else(|| {
                meta.locs.push(loc);
                meta.locs.len() - 1
            });
            meta.lines.push((pc, index as u32));
        }
        Ok(meta)
    }

    /// Of a function that tracebacks show by that name.
    fn named(&mut self, name: &str) -> FuncMeta {
        let func = self.string(name);
        let locs = vec![Loc::default(), Loc { func, ..Loc::default() }];
        FuncMeta { locs, flags: FUNC_ASSEMBLY, ..FuncMeta::default() }
    }

    /// Adds the code by which assembly calls Go.
    pub fn finish(mut self) {
        for name in std::mem::take(&mut self.entries) {
            let target = self.id(&format!("{name}{ABI0_ARGS}"));
            let dupok = self.defined.get(&target).is_some_and(|&at| self.object.symbols[at].dupok);
            // mov r15, fs:[M_CURG]; lea rdi, [rsp + 8]; jmp target
            let mut bytes = vec![0x64, 0x4c, 0x8b, 0x3c, 0x25];
            bytes.extend(M_CURG.to_le_bytes());
            bytes.extend([0x48, 0x8d, 0x7c, 0x24, 0x08, JMP]);
            let offset = bytes.len() as u32;
            bytes.extend([0; 4]);
            let func = Some(self.named(&name));
            let symbol = Symbol {
                name: self.id(&(name + ABI0)),
                section: Section::Text,
                align: TEXT_ALIGN,
                size: bytes.len() as u64,
                bytes: bytes.into(),
                relocs: vec![Reloc { offset, kind: RelocKind::Pc4, target, addend: -4, weak: false }],
                dupok,
                func,
            };
            self.object.symbols.push(symbol);
        }
    }
}

/// A symbol that only its file knows is named by that file too.
fn qualified(file: &str, symbol: &GoSym<'_>) -> String {
    if symbol.abi == ABI_STATIC { format!("{}<>{file}", symbol.name) } else { symbol.name.into() }
}

fn is_blank(symbol: &Symbol<'_>) -> bool {
    matches!(symbol.section, Section::Bss | Section::NoptrBss)
}

fn data_align(size: u64) -> u32 {
    let mut align = DATA_ALIGN_MAX;
    while u64::from(align) > size.max(1) {
        align /= 2;
    }
    align
}

/// The names that assembly may have by number: of those in ABI0 for this machine, the runtime's
/// (`cmd/internal/goobj/builtinlist.go`).
fn builtin(nth: usize) -> Option<&'static str> {
    Some(match nth {
        215 => "runtime.x86HasAVX",
        216 => "runtime.x86HasFMA",
        217 => "runtime.x86HasPOPCNT",
        218 => "runtime.x86HasSSE41",
        246 => MORESTACK,
        _ => return None,
    })
}
