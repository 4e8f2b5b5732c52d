//! What of a frame is needed after each of its calls: the tables by which the collector scans stacks
//! ([`goxide_abi::frames`]).
//!
//! Values: each that lives across a call gets a label of Cranelift's, once the optimizer has made its last
//! new ones; Cranelift then tells from the register allocator's live ranges where each is for which bytes
//! of code. It does not do so for cold blocks, so calls in those have no entry and their frames are
//! scanned whole. Stack slots have a data-flow analysis of their own ([`slots`]).

mod slots;

use crate::function::NAMESPACE_ENTRY;
use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::entity::EntitySet;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::instructions::CallInfo;
use cranelift_codegen::ir::{
    self, ExternalName, Function, Inst, StackSlot, StackSlotKey, Value, ValueDef, ValueLabel,
    ValueLabelAssignments, ValueLabelStart,
};
use cranelift_codegen::{CompiledCode, LabelValueLoc};
use goxide_abi::frames::{CALLEE_SAVED, FrameTable, Object, Site};
use goxide_abi::{Entry, EntryKind, entry};
use slots::Slots;
use std::collections::BTreeMap;

/// A slot in which no pointer stands.
pub fn noscan() -> StackSlotKey {
    StackSlotKey::new(0)
}

/// The calls of a function.
pub struct Calls {
    /// In the order in which their code stands.
    calls: Vec<Call>,
}

struct Call {
    inst: Inst,
    /// In a block for which Cranelift tells no places.
    cold: bool,
    to: To,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum To {
    Go,
    /// Rust, which has the arguments.
    Runtime,
    /// What does not return: only the landing pad comes behind it.
    Never,
    /// The collector never sees the frame at such a call, or only with every register saved beside it.
    Unseen,
}

/// Labels the values that may live across a call.
pub fn label_values(func: &mut Function, domtree: &DominatorTree) -> Calls {
    let order: Vec<ir::Block> = domtree.cfg_rpo().copied().collect();
    let mut calls = Vec::new();
    for cold in [false, true] {
        for &block in order.iter().filter(|&&b| func.is_effectively_cold(b) == cold) {
            for inst in func.layout.block_insts(block) {
                if let Some(to) = callee(func, inst) {
                    calls.push(Call { inst, cold, to });
                }
            }
        }
    }
    if calls.iter().any(|c| !c.cold && c.to != To::Unseen) {
        let starts = |v: Value| ValueLabelStart {
            from: ir::RelSourceLoc::default(),
            label: ValueLabel::from_u32(v.as_u32()),
        };
        let labels: BTreeMap<Value, ValueLabelAssignments> = across_calls(func, &order)
            .into_iter()
            .map(|v| (v, ValueLabelAssignments::Starts(vec![starts(v)])))
            .collect();
        func.dfg.values_labels = Some(labels);
    }
    Calls { calls }
}

fn callee(func: &Function, inst: Inst) -> Option<To> {
    if !func.dfg.insts[inst].opcode().is_call() {
        return None;
    }
    let Some(entry) = called_entry(func, inst) else { return Some(To::Go) };
    Some(match entry.info().kind {
        EntryKind::Go => To::Go,
        EntryKind::GoNoReturn | EntryKind::NoReturn => To::Never,
        EntryKind::Leaf | EntryKind::G0 => To::Unseen,
        _ if entry == Entry::LoopYield => To::Unseen,
        EntryKind::Full | EntryKind::Park => To::Runtime,
    })
}

/// The entry of the runtime that is called here.
fn called_entry(func: &Function, inst: Inst) -> Option<Entry> {
    let dfg = &func.dfg;
    let (CallInfo::Direct(f, _) | CallInfo::DirectWithSig(f, ..)) =
        dfg.insts[inst].analyze_call(&dfg.value_lists, &dfg.exception_tables)
    else {
        return None;
    };
    match dfg.ext_funcs[f].name {
        ExternalName::User(name) => {
            let name = &func.params.user_named_funcs()[name];
            (name.namespace == NAMESPACE_ENTRY).then(|| entry::ENTRIES[name.index as usize].0)
        }
        // Cranelift's own: memory is moved.
        _ => Some(Entry::Memmove),
    }
}

/// Values that are used in another stretch of code than the one that makes them, where a stretch ends at
/// each call and at the end of its block. What an instruction without effects makes may be lowered to
/// nothing where its user is: its operands live as long as its results.
fn across_calls(func: &Function, order: &[ir::Block]) -> Vec<Value> {
    let dfg = &func.dfg;
    let mut made_in = vec![0u32; dfg.num_values()];
    let mut ends = Vec::with_capacity(order.len());
    let mut stretch = 0;
    for &block in order {
        stretch += 1;
        for &v in dfg.block_params(block) {
            made_in[v.as_u32() as usize] = stretch;
        }
        for inst in func.layout.block_insts(block) {
            stretch += u32::from(dfg.insts[inst].opcode().is_call());
            for &v in dfg.inst_results(inst) {
                made_in[v.as_u32() as usize] = stretch;
            }
        }
        ends.push(stretch);
    }
    let mut crosses = vec![false; dfg.num_values()];
    for (&block, &end) in order.iter().zip(&ends).rev() {
        let mut stretch = end;
        for inst in func.layout.block_insts(block).rev() {
            let opcode = dfg.insts[inst].opcode();
            stretch -= u32::from(opcode.is_call());
            let lives_on = dfg.inst_results(inst).iter().any(|v| crosses[v.as_u32() as usize]);
            for v in dfg.inst_values(inst) {
                let v = dfg.resolve_aliases(v).as_u32() as usize;
                crosses[v] |= made_in[v] != stretch || lives_on && !opcode.is_call();
            }
        }
    }
    (0..dfg.num_values() as u32).map(Value::from_u32).filter(|v| crosses[v.as_u32() as usize]).collect()
}

/// Whether the code from the recover block on uses only what it makes itself. The runtime goes there from
/// any call and any fault, when values are wherever the register allocator has them at that point, so only
/// stack slots outlast that. Cranelift knows of one way there, from the entry
/// ([`way_to_recovery`](crate::function::Translator::way_to_recovery)): of what is made elsewhere, what
/// dominates a use there was made on the way from the recover block.
pub fn lands_with_slots_alone(func: &Function, recover: ir::Block) -> bool {
    let entry = func.layout.entry_block();
    let of_entry = |v: Value| {
        entry
            == match func.dfg.value_def(v) {
                ValueDef::Result(inst, _) => func.layout.inst_block(inst),
                ValueDef::Param(block, _) => Some(block),
                ValueDef::Union(..) => None,
            }
    };
    let cfg = ControlFlowGraph::with_function(func);
    let mut work = vec![recover];
    let mut seen = EntitySet::new();
    while let Some(block) = work.pop() {
        if seen.insert(block) {
            if func.layout.block_insts(block).any(|i| func.dfg.inst_values(i).any(of_entry)) {
                return false;
            }
            work.extend(cfg.succ_iter(block));
        }
    }
    true
}

/// The table of a compiled function; `body` is where its code begins, `defer_slot` the slot that the
/// runtime finds by itself.
pub fn table(
    func: &Function,
    calls: &Calls,
    code: &CompiledCode,
    recover: Option<ir::Block>,
    defer_slot: Option<StackSlot>,
    body: u32,
) -> Result<FrameTable, String> {
    let frame = code.buffer.frame_layout().ok_or("no frame layout")?;
    let frame_bytes = frame.frame_to_fp_offset;
    let mut table = FrameTable {
        words: frame_bytes / 8,
        saved: saved(code.buffer.data(), frame_bytes),
        ..FrameTable::default()
    };
    let returns: Vec<u32> = code.buffer.call_sites().map(|s| s.ret_addr).collect();
    if returns.len() != calls.calls.len() || !returns.is_sorted() {
        return Err("calls are not where they should be".into());
    }
    let is_told = |c: &Call| c.to == To::Never || c.to != To::Unseen && !c.cold;
    let seen: Vec<(u32, &Call)> =
        returns.iter().copied().zip(&calls.calls).filter(|(_, c)| is_told(c)).collect();
    let site = |at: u32| Site { at, saved: 0, words: vec![0; table.words.div_ceil(64) as usize] };
    table.sites = seen.iter().map(|&(at, _)| site(at + body)).collect();
    // Code of cold blocks comes last.
    let hot = seen.partition_point(|(_, c)| !c.cold);
    for (label, ranges) in &code.value_labels_ranges {
        let bytes = func.dfg.value_type(Value::from_u32(label.as_u32())).bytes();
        for range in ranges {
            // A return address is one past its call.
            let first = seen.partition_point(|&(at, _)| at <= range.start).min(hot);
            let end = seen[..hot].partition_point(|&(at, _)| at <= range.end).max(first);
            for site in &mut table.sites[first..end] {
                match range.loc {
                    LabelValueLoc::Reg(reg) => {
                        let code = reg.to_real_reg().map(|r| r.hw_enc());
                        if let Some(nth) = CALLEE_SAVED.iter().position(|&r| Some(r) == code) {
                            site.saved |= 1 << nth;
                        }
                        if site.saved & !table.saved != 0 {
                            return Err("a register that the prologue does not save".into());
                        }
                    }
                    // The canonical frame address is above the return address and the saved rbp.
                    LabelValueLoc::CFAOffset(offset) => {
                        let below = -(offset + 16);
                        for word in 0..i64::from(bytes.div_ceil(8)) {
                            let index = below / 8 - 1 - word;
                            if below % 8 != 0 || index < 0 || index >= i64::from(table.words) {
                                return Err("a value outside of the frame".into());
                            }
                            set(&mut site.words, index as u32);
                        }
                    }
                }
            }
        }
    }
    table.landing = recover.map(|_| site(0));
    for (site, (_, call)) in table.sites.iter_mut().zip(&seen) {
        if call.to == To::Never {
            site.saved = 0;
            site.words.fill(0);
        }
    }
    let offsets = |s: StackSlot| frame.stackslots[s].offset;
    if let Some(slots) = Slots::new(func, recover, defer_slot) {
        let points: Vec<(Inst, bool)> = seen.iter().map(|(_, c)| (c.inst, c.to == To::Runtime)).collect();
        let live = slots.live_at(&points);
        let landing = table.landing.iter_mut().map(|landing| (landing, slots.always()));
        for (site, live) in table.sites.iter_mut().zip(&live).chain(landing) {
            slots.for_each_live(live, |slot, lo, hi| {
                let at = offsets(slot);
                for index in words_of(frame_bytes, at + lo, at + hi) {
                    set(&mut site.words, index);
                }
            });
        }
        for (slot, noscan) in slots.objects() {
            let at = offsets(slot);
            let size = func.sized_stack_slots[slot].size;
            let words = words_of(frame_bytes, at, at + size);
            table.objects.push(Object { from: *words.start(), to: *words.end() + 1, noscan });
        }
        table.objects.sort_unstable();
    }
    Ok(table)
}

/// Indices of the words that these bytes, counted from the bottom of the frame, lie in; words are counted
/// from the top.
fn words_of(frame_bytes: u32, lo: u32, hi: u32) -> std::ops::RangeInclusive<u32> {
    let index = |byte: u32| (frame_bytes - 1 - byte) / 8;
    index(hi.max(lo + 1) - 1)..=index(lo)
}

fn set(words: &mut [u64], index: u32) {
    words[index as usize / 64] |= 1 << (index % 64);
}

/// Which callee-saved registers the prologue stores, in the order of [`CALLEE_SAVED`], at the top of the
/// frame: `push rbp; mov rbp, rsp; sub rsp, frame; mov [rsp+offset], register; …`.
fn saved(code: &[u8], frame_bytes: u32) -> u8 {
    const SETUP: &[u8] = &[0x55, 0x48, 0x89, 0xe5];
    let Some(rest) = code.strip_prefix(SETUP) else { return 0 };
    let mut rest = match rest {
        [0x48, 0x83, 0xec, _, rest @ ..] => rest,
        [0x48, 0x81, 0xec, _, _, _, _, rest @ ..] => rest,
        _ => return 0,
    };
    let mut stores: Vec<(usize, u32)> = Vec::new();
    // The prologue's stores ascend; the body's first, if it looks like one more, is below them.
    while let Some((nth, offset, len)) = store_to_frame(rest) {
        if stores.last().is_some_and(|&(last, at)| last >= nth || at + 8 != offset) {
            break;
        }
        stores.push((nth, offset));
        rest = &rest[len..];
    }
    let area = (stores.len() as u32 * 8).next_multiple_of(16);
    match stores.first() {
        Some(&(_, first)) if first + area == frame_bytes => {
            stores.iter().fold(0, |mask, &(nth, _)| mask | 1 << nth)
        }
        _ => 0,
    }
}

/// `mov [rsp + offset], register`: which of [`CALLEE_SAVED`], the offset, the instruction's length.
fn store_to_frame(code: &[u8]) -> Option<(usize, u32, usize)> {
    let &[rex @ (0x48 | 0x4c), 0x89, modrm, 0x24, ref rest @ ..] = code else { return None };
    if modrm & 7 != 4 {
        return None;
    }
    let register = (modrm >> 3 & 7) + if rex == 0x4c { 8 } else { 0 };
    let nth = CALLEE_SAVED.iter().position(|&r| r == register)?;
    match (modrm >> 6, rest) {
        (0, _) => Some((nth, 0, 4)),
        (1, &[offset, ..]) => Some((nth, u32::from(offset), 5)),
        (2, &[a, b, c, d, ..]) => Some((nth, u32::from_le_bytes([a, b, c, d]), 8)),
        _ => None,
    }
}
