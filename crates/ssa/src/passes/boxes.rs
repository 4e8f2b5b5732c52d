//! Objects that interfaces point to and that have stayed on the heap: the runtime makes them, with their value,
//! where it has no such value at hand (gc's `convT64`, `convTstring` and their kin).

use crate::ir::{Func, Inst, LocId, Ty, Value};
use crate::op::{ConvOp, Holds, Op};
use goxide_abi::Entry;
use smallvec::SmallVec;

pub fn run(f: &mut Func) {
    for b in f.order.clone() {
        let insts = std::mem::take(&mut f.block_mut(b).insts);
        let mut out: Vec<Inst> = Vec::with_capacity(insts.len());
        let mut at = 0;
        while let Some(&inst) = insts.get(at) {
            match boxed(f, &insts[at..]) {
                Some((len, args)) => {
                    make(f, inst, &args, &mut out);
                    at += len;
                }
                None => {
                    out.push(inst);
                    at += 1;
                }
            }
        }
        f.block_mut(b).insts = out;
    }
}

/// A new object whose words are stored at once: how many instructions these are, and the words.
fn boxed(f: &Func, insts: &[Inst]) -> Option<(usize, SmallVec<[Value; 4]>)> {
    let Op::New { size, holds, .. } = f.inst(insts[0]).op else { return None };
    let words = match holds {
        Holds::Anything => return None,
        Holds::Scalar => 1,
        Holds::Text => 2,
        Holds::Slice => 3,
    };
    let object = f.result(insts[0]);
    let mut args = SmallVec::new();
    for n in 0..words {
        let data = f.inst(*insts.get(n + 1)?);
        let (Op::Store(offset) | Op::StorePtr(offset)) = data.op else { return None };
        let (to, value) = (f.resolve(data.args[0]), f.resolve(data.args[1]));
        let bytes = if words == 1 { size } else { 8 };
        if to != object || value == object || offset != 8 * n as i32 || f.ty(value).bytes() != bytes {
            return None;
        }
        args.push(value);
    }
    Some((1 + words, args))
}

fn make(f: &mut Func, new: Inst, words: &[Value], out: &mut Vec<Inst>) {
    let Op::New { typ, .. } = f.inst(new).op else { return };
    let loc = f.inst(new).loc;
    let descriptor = f.make_inst(Op::SymAddr(typ, 0), &[], &[Ty::Ptr], loc);
    out.push(descriptor);
    let mut args: SmallVec<[Value; 4]> = SmallVec::from_slice(&[f.result(descriptor)]);
    let entry = match words {
        [bits] => {
            args.push(widened(f, *bits, loc, out));
            Entry::ConvScalar
        }
        [_, _] => Entry::ConvString,
        _ => Entry::ConvSlice,
    };
    if words.len() > 1 {
        args.extend(words.iter().copied());
    }
    let data = f.inst_mut(new);
    data.op = Op::CallRt(entry);
    data.args = args;
    out.push(new);
}

/// The bits of a scalar.
fn widened(f: &mut Func, v: Value, loc: LocId, out: &mut Vec<Inst>) -> Value {
    let mut conv = |f: &mut Func, op, v, ty| {
        let inst = f.make_inst(Op::Conv(op), &[v], &[ty], loc);
        out.push(inst);
        f.result(inst)
    };
    let v = match f.ty(v) {
        Ty::F32 => conv(f, ConvOp::Bits, v, Ty::I32),
        Ty::F64 | Ty::Ptr => conv(f, ConvOp::Bits, v, Ty::I64),
        _ => v,
    };
    if f.ty(v) == Ty::I64 { v } else { conv(f, ConvOp::Zext, v, Ty::I64) }
}
