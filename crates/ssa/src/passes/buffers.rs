//! Buffers in the frame for what runtime entries make and does not escape: short strings and slices whose
//! length is not known, maps with few entries. gc has the same sizes (`walk/convert.go`,
//! `VariableMakeThreshold`); a program can see them by `cap`.

use super::escape_build::Allocation;
use crate::ir::{Block, Func, Inst, Ty};
use crate::module::Sym;
use crate::op::Op;
use goxide_abi::Entry;
use goxide_abi::layout::{BUFFER_BYTES, GROW_BUFFER_BYTES, RUNE_BUFFER_BYTES};
use rustc_hash::FxHashSet;

/// The bytes of a slice whose capacity is constant.
pub fn constant_slice(f: &Func, inst: Inst, size_of: &dyn Fn(Sym) -> Option<u32>) -> Option<u32> {
    let data = f.inst(inst);
    if data.op != Op::CallRt(Entry::MakeSlice) {
        return None;
    }
    let Some(Op::SymAddr(elem, 0)) = f.def_op(data.args[0]) else { return None };
    let (len, cap) = (f.as_const(data.args[1])?, f.as_const(data.args[2])?);
    let bytes = i64::from(size_of(*elem)?).checked_mul(cap)?;
    if 0 <= len && len <= cap { bytes.try_into().ok() } else { None }
}

/// Which argument is the buffer, nil as yet.
fn argument(entry: Entry) -> Option<usize> {
    use Entry::*;
    Some(match entry {
        IntString => 1,
        ConcatStrings | SliceByteToString | StringToSliceByte | StringToSliceRune | SliceRuneToString => 2,
        MakeMapBuf => 2,
        ConcatString2 => 4,
        _ => return None,
    })
}

/// The bytes of the buffer that a call could use.
pub fn size(f: &Func, inst: Inst, size_of: &dyn Fn(Sym) -> Option<u32>) -> Option<u32> {
    let data = f.inst(inst);
    let Op::CallRt(entry) = data.op else { return None };
    let fits = |elem| match f.def_op(data.args[elem]) {
        Some(Op::SymAddr(elem, 0)) => size_of(*elem).is_some_and(|n| 0 < n && n <= BUFFER_BYTES as u32),
        _ => false,
    };
    let bytes = match entry {
        Entry::MakeSlice if fits(0) => BUFFER_BYTES,
        Entry::GrowSliceListed if fits(4) => GROW_BUFFER_BYTES,
        Entry::MakeMapBuf => usize::try_from(f.as_const(data.args[3])?).ok()?,
        Entry::StringToSliceRune => RUNE_BUFFER_BYTES,
        _ => {
            argument(entry)?;
            BUFFER_BYTES
        }
    };
    if let Some(n) = argument(entry)
        && f.as_const(data.args[n]) != Some(0)
    {
        return None;
    }
    u32::try_from(bytes).ok()
}

pub fn is_map(f: &Func, inst: Inst) -> bool {
    f.inst(inst).op == Op::CallRt(Entry::MakeMapBuf)
}

/// Once used, the buffer is not used again.
pub fn serves_once(f: &Func, inst: Inst) -> bool {
    f.inst(inst).op == Op::CallRt(Entry::GrowSliceListed)
}

/// It could be used, and what it takes to do so be added.
pub fn has_use(f: &Func, inst: Inst, block: Block) -> bool {
    // What is set up in the entry block must be set up once, and known where it is used.
    let is_entered_once =
        || f.order.iter().all(|&b| f.block(b).term.targets().iter().all(|t| t.block != f.entry()));
    !serves_once(f, inst) || is_entered_once() && !follows_recovery(f, block)
}

/// Control may come there by the recover block.
fn follows_recovery(f: &Func, block: Block) -> bool {
    let mut work: Vec<Block> = f.defer.iter().map(|d| d.recover).collect();
    let mut seen: FxHashSet<Block> = work.iter().copied().collect();
    while let Some(b) = work.pop() {
        work.extend(f.block(b).term.targets().iter().map(|t| t.block).filter(|&to| seen.insert(to)));
    }
    seen.contains(&block)
}

/// Makes the call use a slot.
pub fn give(f: &mut Func, new: Allocation, block: Block) {
    let Op::CallRt(entry) = f.inst(new.inst).op else { return };
    let (slot, loc) = (f.add_slot(new.size, new.align, true), f.inst(new.inst).loc);
    let addr = f.make_inst(Op::SlotAddr(slot, 0), &[], &[Ty::Ptr], loc);
    let buffer = f.result(addr);
    if entry == Entry::GrowSliceListed {
        // The type, and that it is not yet in use, where the function begins.
        let elem = f.inst(new.inst).args[4];
        let Some(op) = f.def_op(elem).cloned() else { return };
        let typ = f.make_inst(op, &[], &[Ty::Ptr], loc);
        let zero = f.make_inst(Op::Const(0), &[], &[Ty::I64], loc);
        let (typ_value, zero_value) = (f.result(typ), f.result(zero));
        let set_type = f.make_inst(Op::Store(0), &[buffer, typ_value], &[], loc);
        let set_unused = f.make_inst(Op::Store(8), &[buffer, zero_value], &[], loc);
        let entry_block = f.entry();
        f.block_mut(entry_block).insts.splice(0..0, [addr, typ, zero, set_type, set_unused]);
        let data = f.inst_mut(new.inst);
        data.op = Op::CallRt(Entry::GrowSliceBuf);
        data.args[4] = buffer;
        return;
    }
    let insts = &mut f.block_mut(block).insts;
    let at = insts.iter().position(|&i| i == new.inst).unwrap_or(0);
    insts.insert(at, addr);
    let data = f.inst_mut(new.inst);
    match argument(entry) {
        Some(n) => data.args[n] = buffer,
        None => {
            data.op = Op::CallRt(Entry::MakeSliceBuf);
            data.args.push(buffer);
        }
    }
}
