//! Loads that are put together by shifts.

use super::{Address, int_of};
use crate::analysis::{Effect, Memory, range};
use crate::ir::{Block, Func, Inst, LocId, Ty, Value};
use crate::op::{BinOp, ConvOp, Op, UnOp};
use crate::passes::fold;

/// Bytes of a load, and where they go.
struct Leaf {
    load: Inst,
    address: Address,
    bytes: u32,
    is_swapped: bool,
    shift: i64,
}

pub fn run(f: &mut Func, memory: &Memory, uses: &[u32], b: Block) -> bool {
    let mut changed = false;
    // What is not needed any more.
    let mut done = Vec::new();
    // The whole of a sum comes before its parts.
    for root in f.block(b).insts.clone().into_iter().rev() {
        if let Op::Bin(op @ (BinOp::Or | BinOp::Xor | BinOp::Add)) = f.inst(root).op
            && !done.contains(&root)
        {
            let mut sums = vec![root];
            if combine(f, memory, uses, b, root, op, &mut sums).is_some() {
                done.extend(sums);
                changed = true;
            }
        }
    }
    if changed {
        f.block_mut(b).insts.retain(|i| !done.contains(i));
    }
    changed
}

fn combine(
    f: &mut Func,
    memory: &Memory,
    uses: &[u32],
    b: Block,
    root: Inst,
    op: BinOp,
    sums: &mut Vec<Inst>,
) -> Option<()> {
    let result = f.result(root);
    let ty = f.ty(result);
    if !ty.is_int() || ty == Ty::I8 {
        return None;
    }
    let mut leaves = Vec::new();
    gather(f, uses, root, op, sums, &mut leaves)?;
    leaves.sort_by_key(|l| l.address.offset);
    let (first, last) = (&leaves[0], &leaves[leaves.len() - 1]);
    let bytes: u32 = leaves.iter().map(|l| l.bytes).sum();
    let wide = int_of(bytes)?;
    let is_swapped = first.shift > last.shift;
    let shift = if is_swapped { last.shift } else { first.shift };
    let mut at = 0;
    for l in &leaves {
        let place = if is_swapped { bytes - at - l.bytes } else { at };
        let fits = l.address.is_near(&first.address)
            && l.address.offset == first.address.offset.wrapping_add(i64::from(at))
            && l.shift == shift + i64::from(place) * 8
            && (l.bytes == 1 || l.is_swapped == is_swapped);
        if !fits {
            return None;
        }
        at += l.bytes;
    }
    let place = may_move(f, memory, b, &leaves)?;
    let (load, loc) = (f.inst(first.load).clone(), f.inst(root).loc);
    let inst = f.make_inst(load.op, &load.args, &[wide], load.loc);
    f.block_mut(b).insts.insert(place + 1, inst);
    let mut v = f.result(inst);
    if is_swapped {
        v = before(f, b, root, Op::Un(UnOp::Bswap), &[v], wide, loc);
    }
    if wide != ty {
        v = before(f, b, root, Op::Conv(ConvOp::Zext), &[v], ty, loc);
    }
    if shift != 0 {
        let k = before(f, b, root, Op::Const(shift), &[], Ty::I64, loc);
        v = before(f, b, root, Op::Bin(BinOp::Shl), &[v, k], ty, loc);
    }
    f.set_alias(result, v);
    Some(())
}

/// The leaves of a sum that is used for nothing else; none, if one is no load.
fn gather(
    f: &Func,
    uses: &[u32],
    root: Inst,
    op: BinOp,
    sums: &mut Vec<Inst>,
    leaves: &mut Vec<Leaf>,
) -> Option<()> {
    for &arg in &f.inst(root).args {
        match f.def_inst(arg) {
            Some(inner) if f.inst(inner).op == Op::Bin(op) => {
                is_used_once(f, uses, arg).then_some(())?;
                sums.push(inner);
                gather(f, uses, inner, op, sums, leaves)?;
            }
            _ => leaves.push(leaf(f, uses, arg)?),
        }
        if leaves.len() > 8 {
            return None;
        }
    }
    Some(())
}

fn is_used_once(f: &Func, uses: &[u32], v: Value) -> bool {
    uses.get(f.resolve(v).index()) == Some(&1)
}

/// Through extensions and shifts that lose nothing.
fn leaf(f: &Func, uses: &[u32], v: Value) -> Option<Leaf> {
    let (mut v, mut shift, mut is_swapped) = (v, 0, false);
    // By each type on the way: so many bits are left above the shift there.
    let mut room = i64::from(fold::bits(f.ty(v)));
    loop {
        is_used_once(f, uses, v).then_some(())?;
        let inst = f.def_inst(v)?;
        let data = f.inst(inst);
        match data.op {
            Op::Conv(ConvOp::Zext) if !is_swapped => {
                v = data.args[0];
                room = room.min(i64::from(fold::bits(f.ty(v))) + shift);
            }
            Op::Bin(BinOp::Shl) if !is_swapped => {
                shift += f.as_const(data.args[1]).filter(|k| (0..64).contains(k))?;
                v = data.args[0];
            }
            Op::Un(UnOp::Bswap) if !is_swapped => {
                is_swapped = true;
                v = data.args[0];
            }
            Op::Load(offset) => {
                let bytes = f.ty(v).bytes();
                if !f.ty(v).is_int() || shift + i64::from(bytes) * 8 > room {
                    return None;
                }
                let address = Address::new(f, data.args[0], offset);
                return Some(Leaf { load: inst, address, bytes, is_swapped, shift });
            }
            _ => return None,
        }
    }
}

/// Where in the block the last load stands, if nothing changes what the others read before that.
fn may_move(f: &Func, memory: &Memory, b: Block, leaves: &[Leaf]) -> Option<usize> {
    let insts = &f.block(b).insts;
    let mut places = Vec::new();
    for l in leaves {
        places.push(insts.iter().position(|&i| i == l.load)?);
    }
    let (first, last) = (*places.iter().min()?, *places.iter().max()?);
    for (at, &inst) in insts.iter().enumerate().take(last).skip(first) {
        let effect = memory.effect(f, inst);
        if effect == Effect::None {
            continue;
        }
        for l in leaves.iter().zip(&places).filter(|(_, p)| **p < at).map(|(l, _)| l) {
            let data = f.inst(l.load);
            let Op::Load(offset) = data.op else { return None };
            if memory.touches(effect, &range(f, data.args[0], offset, l.bytes)) {
                return None;
            }
        }
    }
    Some(last)
}

fn before(f: &mut Func, b: Block, root: Inst, op: Op, args: &[Value], ty: Ty, loc: LocId) -> Value {
    let inst = f.make_inst(op, args, &[ty], loc);
    let insts = &mut f.block_mut(b).insts;
    let at = insts.iter().position(|&i| i == root).unwrap_or(insts.len());
    insts.insert(at, inst);
    f.result(inst)
}
