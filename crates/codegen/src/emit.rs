//! Cranelift's output to an object's symbol: prefix, relocations, line table, landing pad.

use crate::frames;
use crate::function::{NAMESPACE_ENTRY, Scratch, Translated};
use crate::placement;
use crate::prefix::{self, PREFIX_BYTES};
use cranelift_codegen::binemit::Reloc as ClifReloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, LibCall};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{Context, FinalizedMachExceptionHandler, FinalizedRelocTarget};
use goxide_abi::layout::{NOSPLIT_FRAME_BYTES, SAFEPOINT_BYTES, defer};
use goxide_abi::module::{FUNC_NO_PARAMS, FUNC_REFLECT_METHOD, FUNC_RUNTIME, FUNC_WRAPPER};
use goxide_abi::object::{FuncMeta, Loc, Reloc, RelocKind, Section, SymId, Symbol, Text};
use goxide_abi::{Entry, EntryKind, entry};
use goxide_ssa::{Func, Sym};
use rustc_hash::FxHashMap;

const MORESTACK: &str = "runtime.morestack";
const TEXT_ALIGN: u32 = 32;

/// A reference before names are numbered: those of the runtime are not the module's.
enum To {
    Sym(Sym),
    Runtime(&'static str),
}

pub struct Compiled {
    name: Sym,
    bytes: Vec<u8>,
    relocs: Vec<(u32, RelocKind, To, i64)>,
    meta: FuncMeta,
    dupok: bool,
}

/// The object's names, to which those of runtime entries are added.
pub struct Names<'a> {
    names: &'a mut Vec<Text<'static>>,
    runtime: FxHashMap<&'static str, SymId>,
}

impl<'a> Names<'a> {
    pub fn new(names: &'a mut Vec<Text<'static>>) -> Names<'a> {
        Names { names, runtime: FxHashMap::default() }
    }

    fn runtime(&mut self, name: &'static str) -> SymId {
        *self.runtime.entry(name).or_insert_with(|| {
            let known = self.names.iter().position(|n| **n == *name);
            let index = known.unwrap_or_else(|| {
                self.names.push(name.into());
                self.names.len() - 1
            });
            SymId(index as u32)
        })
    }
}

impl Compiled {
    pub fn into_symbol(self, names: &mut Names<'_>) -> Symbol<'static> {
        let reloc = |(offset, kind, to, addend)| {
            let target = match to {
                To::Sym(sym) => SymId(sym.0),
                To::Runtime(name) => names.runtime(name),
            };
            Reloc { offset, kind, target, addend, weak: false }
        };
        Symbol {
            name: SymId(self.name.0),
            section: Section::Text,
            align: TEXT_ALIGN,
            size: self.bytes.len() as u64,
            bytes: self.bytes.into(),
            relocs: self.relocs.into_iter().map(reloc).collect(),
            dupok: self.dupok,
            func: Some(self.meta),
        }
    }
}

pub fn emit(
    func: &Func,
    translated: Translated,
    isa: &dyn TargetIsa,
    scratch: &mut Scratch,
    want_asm: bool,
) -> Result<Compiled, String> {
    let mut context = Context::for_function(translated.clif);
    let control = &mut ControlPlane::default();
    context.optimize(isa, control).map_err(|e| format!("{e:?}"))?;
    if translated.recover.is_some_and(|r| !frames::lands_with_slots_alone(&context.func, r)) {
        return Err("a recovered panic needs a value of before".into());
    }
    let calls = frames::label_values(&mut context.func, &context.domtree);
    let code = isa
        .compile_function(&context.func, &context.domtree, &mut scratch.registers, want_asm, control)
        .map_err(|e| format!("{e:?}"))?
        .apply_params(&context.func.params);
    if want_asm {
        eprintln!("{}", code.vcode.as_deref().unwrap_or(""));
    }
    let buffer = &code.buffer;
    let frame = buffer.frame_layout().ok_or("no frame layout")?;
    let frame_bytes = frame.frame_to_fp_offset;
    // What panics does not come back, and checks the stack itself.
    let is_leaf = buffer.call_sites().all(|site| {
        buffer.relocs().iter().any(|r| r.offset + 4 == site.ret_addr && is_panic(&context.func, &r.target))
    });
    let is_small_leaf = is_leaf && frame_bytes as usize <= NOSPLIT_FRAME_BYTES;
    let needs_check = !func.flags.nosplit && !is_small_leaf;

    let mut meta = FuncMeta { frame_size: frame_bytes, start_line: func.start_line, ..FuncMeta::default() };
    let (mut bytes, mut relocs) = (Vec::new(), Vec::new());
    if needs_check {
        let below = if translated.has_safe_point { SAFEPOINT_BYTES as u32 } else { 0 };
        let prefix = prefix::stack_check(frame_bytes + below);
        meta.entry = prefix.entry;
        relocs.push((prefix.morestack, RelocKind::Pc4, To::Runtime(MORESTACK), -4));
        bytes = prefix.bytes;
    }
    let body = bytes.len() as u32;
    debug_assert!(body == 0 || body as usize == PREFIX_BYTES);
    bytes.extend_from_slice(buffer.data());
    let code_end = buffer.data().len() as u32;
    meta.place = placement::in_line(&code.bb_starts, &code.bb_edges, code_end, body, buffer.alignment);
    for r in buffer.relocs() {
        let to = match &r.target {
            FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
                let name = &context.func.params.user_named_funcs()[*name];
                if name.namespace == NAMESPACE_ENTRY {
                    To::Runtime(entry::ENTRIES[name.index as usize].1.symbol)
                } else {
                    To::Sym(Sym(name.index))
                }
            }
            FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) => To::Runtime(libcall(*call)?),
            other => return Err(format!("relocation to {other:?}")),
        };
        let kind = match r.kind {
            ClifReloc::Abs8 => RelocKind::Abs8,
            ClifReloc::Abs4 => RelocKind::Abs4,
            ClifReloc::X86PCRel4 | ClifReloc::X86CallPCRel4 => RelocKind::Pc4,
            other => return Err(format!("relocation of kind {other:?}")),
        };
        relocs.push((r.offset + body, kind, to, r.addend));
    }
    for site in buffer.call_sites() {
        for handler in site.exception_handlers {
            if let FinalizedMachExceptionHandler::Default(offset) = handler {
                meta.landing_pad = offset + body;
                meta.landing_frame = site.frame_offset.ok_or("a call site without a frame offset")?;
            }
        }
    }
    if let (Some(info), Some(slot)) = (&func.defer, translated.defer_slot) {
        meta.defer_mode = info.mode;
        meta.defer_offset = frame.stackslots[slot].offset as i32 - frame_bytes as i32;
    } else {
        meta.defer_mode = defer::NONE;
    }
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    meta.flags = flag(func.flags.wrapper, FUNC_WRAPPER)
        | flag(func.flags.runtime, FUNC_RUNTIME)
        | flag(func.params.is_empty(), FUNC_NO_PARAMS)
        | flag(func.flags.reflect_method, FUNC_REFLECT_METHOD);
    let table = frames::table(&context.func, &calls, &code, translated.recover, translated.defer_slot, body)?;
    meta.frames = if table.sites.is_empty() && table.saved == 0 && table.landing.is_none() {
        Vec::new()
    } else {
        table.encode()
    };
    meta.lines = lines(buffer.get_srclocs_sorted().iter().map(|l| (l.start, l.end, l.loc.bits())), body);
    meta.locs = func
        .locs
        .iter()
        .map(|l| Loc { parent: l.parent, func: l.func, file: l.file, line: l.line })
        .collect();
    Ok(Compiled { name: func.name, bytes, relocs, meta, dupok: func.flags.dupok })
}

/// A Go function of package runtime that does not return.
fn is_panic(func: &cranelift_codegen::ir::Function, target: &FinalizedRelocTarget) -> bool {
    let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = target else { return false };
    let name = &func.params.user_named_funcs()[*name];
    name.namespace == NAMESPACE_ENTRY && entry::ENTRIES[name.index as usize].1.kind == EntryKind::GoNoReturn
}

/// Ranges of code to (offset, location), ascending; gaps keep the location before them.
fn lines(ranges: impl Iterator<Item = (u32, u32, u32)>, body: u32) -> Vec<(u32, u32)> {
    let mut lines: Vec<(u32, u32)> = Vec::new();
    for (start, end, loc) in ranges {
        // Unknown places come as all ones.
        if start == end || loc == 0 || loc == u32::MAX {
            continue;
        }
        if lines.last().is_none_or(|&(_, last)| last != loc) {
            lines.push((if lines.is_empty() { 0 } else { start + body }, loc));
        }
    }
    lines
}

/// Functions that Cranelift invents calls to.
fn libcall(call: LibCall) -> Result<&'static str, String> {
    match call {
        LibCall::Memcpy | LibCall::Memmove => Ok(Entry::Memmove.info().symbol),
        other => Err(format!("a call of {other:?}")),
    }
}
