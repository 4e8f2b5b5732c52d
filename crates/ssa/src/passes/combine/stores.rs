//! Stores of a number's parts, or of constants, to neighbouring places.

use super::{Address, int_of};
use crate::ir::{Block, Func, Inst, LocId, Ty, Value};
use crate::op::{BinOp, ConvOp, Op, UnOp};
use crate::passes::fold;

struct Store {
    inst: Inst,
    address: Address,
    bytes: u32,
    part: Part,
}

/// What is stored.
#[derive(Clone, Copy)]
enum Part {
    Const(i64),
    /// A number from this bit on.
    Of(Value, i64),
}

pub fn run(f: &mut Func, b: Block) {
    let mut run: Vec<Store> = Vec::new();
    for inst in f.block(b).insts.clone() {
        let data = f.inst(inst);
        if data.op.is_pure() {
            continue;
        }
        let found = match data.op {
            Op::Store(offset) => store(f, inst, offset, data.args[0], data.args[1]),
            _ => None,
        };
        let goes_on = |s: &Store| run.last().is_none_or(|l| l.address.is_near(&s.address));
        match found {
            Some(s) if goes_on(&s) => run.push(s),
            other => {
                combine(f, b, std::mem::take(&mut run));
                run.extend(other);
            }
        }
    }
    combine(f, b, run);
}

fn store(f: &Func, inst: Inst, offset: i32, pointer: Value, value: Value) -> Option<Store> {
    let ty = f.ty(value);
    if !ty.is_int() {
        return None;
    }
    let part = match f.as_const(value) {
        Some(c) => Part::Const(c),
        None => part(f, value),
    };
    Some(Store { inst, address: Address::new(f, pointer, offset), bytes: ty.bytes(), part })
}

/// Through shifts and conversions that give the stored bits.
fn part(f: &Func, value: Value) -> Part {
    let bits = i64::from(fold::bits(f.ty(value)));
    let (mut v, mut from) = (f.resolve(value), 0);
    while let Some(inst) = f.def_inst(v) {
        let data = f.inst(inst);
        let is_within = |of: Value| from + bits <= i64::from(fold::bits(f.ty(of)));
        match data.op {
            Op::Conv(ConvOp::Trunc) => {}
            Op::Conv(ConvOp::Zext | ConvOp::Sext) if is_within(data.args[0]) => {}
            Op::Bin(BinOp::UShr | BinOp::Shr) => {
                let Some(k) = f.as_const(data.args[1]) else { break };
                if k < 0 || from + k + bits > i64::from(fold::bits(f.ty(v))) {
                    break;
                }
                from += k;
            }
            _ => break,
        }
        v = f.resolve(data.args[0]);
    }
    Part::Of(v, from)
}

/// Of stores that follow each other and touch nothing else: those that make a word together.
fn combine(f: &mut Func, b: Block, mut run: Vec<Store>) {
    if run.len() < 2 {
        return;
    }
    let order: Vec<Inst> = run.iter().map(|s| s.inst).collect();
    run.sort_by_key(|s| s.address.offset);
    // Where two write the same byte the order matters.
    let end = |s: &Store| s.address.offset.saturating_add(i64::from(s.bytes));
    if run.windows(2).any(|w| end(&w[0]) > w[1].address.offset) {
        return;
    }
    let mut at = 0;
    while at < run.len() {
        let taken = [8, 4, 2].into_iter().find_map(|bytes| {
            let group = group(&run[at..], bytes)?;
            let (part, is_swapped) = whole(f, group, bytes)?;
            replace(f, b, group, &order, part, is_swapped, bytes);
            Some(group.len())
        });
        at += taken.unwrap_or(1);
    }
}

/// The first stores, if they fill so many bytes.
fn group(run: &[Store], bytes: u32) -> Option<&[Store]> {
    let mut sum = 0;
    for (n, s) in run.iter().enumerate() {
        if s.address.offset != run[0].address.offset.wrapping_add(i64::from(sum)) {
            return None;
        }
        sum += s.bytes;
        if sum >= bytes {
            return (sum == bytes && n > 0).then(|| &run[..=n]);
        }
    }
    None
}

/// What they store as one, and whether with its bytes swapped.
fn whole(f: &Func, group: &[Store], bytes: u32) -> Option<(Part, bool)> {
    let is_const = |s: &Store| matches!(s.part, Part::Const(_));
    if group.iter().all(is_const) {
        let (mut c, mut at) = (0u64, 0);
        for s in group {
            let Part::Const(part) = s.part else { return None };
            c |= fold::unsigned(int_of(s.bytes)?, part) << at;
            at += s.bytes * 8;
        }
        return Some((Part::Const(c as i64), false));
    }
    let of = |s: &Store| match s.part {
        Part::Of(v, from) => Some((v, from)),
        Part::Const(_) => None,
    };
    let (first, last) = (of(&group[0])?, of(&group[group.len() - 1])?);
    let is_swapped = first.1 > last.1;
    let base = first.1.min(last.1);
    if base + i64::from(bytes) * 8 > i64::from(fold::bits(f.ty(first.0))) || !f.ty(first.0).is_int() {
        return None;
    }
    let mut at = 0;
    for s in group {
        let place = if is_swapped { bytes - at - s.bytes } else { at };
        if of(s)? != (first.0, base + i64::from(place) * 8) || (is_swapped && s.bytes != 1) {
            return None;
        }
        at += s.bytes;
    }
    Some((Part::Of(first.0, base), is_swapped))
}

fn replace(
    f: &mut Func,
    b: Block,
    group: &[Store],
    order: &[Inst],
    part: Part,
    is_swapped: bool,
    bytes: u32,
) {
    let Some(ty) = int_of(bytes) else { return };
    let is_in = |i: &Inst| group.iter().any(|s| s.inst == *i);
    let Some(&last) = order.iter().rev().find(|i| is_in(i)) else { return };
    let (data, loc) = (f.inst(group[0].inst).clone(), f.inst(last).loc);
    let mut made = Vec::new();
    let mut v = match part {
        Part::Const(c) => emit(f, &mut made, Op::Const(fold::wrap(ty, c)), &[], ty, loc),
        Part::Of(v, from) => {
            let wide = f.ty(v);
            let mut v = v;
            if from != 0 {
                let k = emit(f, &mut made, Op::Const(from), &[], Ty::I64, loc);
                v = emit(f, &mut made, Op::Bin(BinOp::UShr), &[v, k], wide, loc);
            }
            if wide != ty {
                v = emit(f, &mut made, Op::Conv(ConvOp::Trunc), &[v], ty, loc);
            }
            v
        }
    };
    if is_swapped {
        v = emit(f, &mut made, Op::Un(UnOp::Bswap), &[v], ty, loc);
    }
    made.push(f.make_inst(data.op, &[data.args[0], v], &[], loc));
    let insts = &mut f.block_mut(b).insts;
    let at = insts.iter().position(|&i| i == last).unwrap_or(insts.len());
    insts.splice(at..at, made);
    insts.retain(|i| !is_in(i));
}

fn emit(f: &mut Func, made: &mut Vec<Inst>, op: Op, args: &[Value], ty: Ty, loc: LocId) -> Value {
    let inst = f.make_inst(op, args, &[ty], loc);
    made.push(inst);
    f.result(inst)
}
