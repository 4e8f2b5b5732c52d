//! Loops that end soon need no preemption point: those that count between constants. They must be rotated:
//! the test stands at the end. Where many ways lead back by the point alone, it goes to the head of the loop, so
//! that they lead there.

use crate::analysis::{Cfg, Dominators, LoopId, Loops};
use crate::ir::{Func, Term};
use crate::op::{CmpOp, Op};
use crate::passes::fold;

/// Iterations; of loops within each other all together.
const TRIPS_MAX: i64 = 4096;

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    for id in loops.ids() {
        let header = loops.get(id).header;
        if let [latch] = loops.get(id).latches[..]
            && cfg.preds(latch).len() > 1
            && let Term::Jump(_) = f.block(latch).term
            && let [only] = f.block(latch).insts[..]
            && f.inst(only).op == Op::SafePoint
        {
            f.block_mut(latch).insts.clear();
            f.block_mut(header).insts.insert(0, only);
        }
    }
    // By loop: how often it runs each time that it is entered, loops within included.
    let mut trips: Vec<Option<i64>> = Vec::new();
    for id in loops.ids() {
        trips.push(trip_count(f, &cfg, &loops, id));
    }
    for id in loops.ids().rev() {
        if let Some(parent) = loops.get(id).parent {
            let within = trips[id.0 as usize];
            let of = &mut trips[parent.0 as usize];
            *of = of.zip(within).and_then(|(a, b)| a.checked_mul(b));
        }
    }
    for id in loops.ids() {
        if trips[id.0 as usize].is_none_or(|n| n > TRIPS_MAX) {
            continue;
        }
        for &b in loops.get(id).blocks.iter().filter(|&&b| loops.innermost(b) == Some(id)) {
            let mut insts = std::mem::take(&mut f.block_mut(b).insts);
            insts.retain(|&i| f.inst(i).op != Op::SafePoint);
            f.block_mut(b).insts = insts;
        }
    }
}

fn trip_count(f: &Func, cfg: &Cfg, loops: &Loops, id: LoopId) -> Option<i64> {
    let l = loops.get(id);
    let &[latch] = l.latches.as_slice() else { return None };
    let Term::Branch { cond, then, else_, .. } = &f.block(latch).term else { return None };
    let stays = match (then.block == l.header, else_.block == l.header) {
        (true, false) => true,
        (false, true) => false,
        _ => return None,
    };
    let data = f.inst(f.def_inst(*cond)?);
    let Op::Cmp(op) = data.op else { return None };
    let op = if stays { op } else { fold::inverse(op, false)? };
    let (next, limit) = (f.resolve(data.args[0]), f.as_const(data.args[1])?);
    let inst = f.inst(f.def_inst(next)?);
    let Op::Bin(crate::op::BinOp::Add) = inst.op else { return None };
    let (p, step) = (f.resolve(inst.args[0]), f.as_const(inst.args[1])?);
    let n = f.block(l.header).params.iter().position(|&q| q == p)?;
    let mut start = None;
    for edge in cfg.preds(l.header) {
        let arg = f.resolve(f.block(edge.from).term.targets()[edge.index].args[n]);
        if edge.from == latch {
            if arg != next {
                return None;
            }
        } else {
            let c = f.as_const(arg)?;
            if start.is_some_and(|s| s != c) {
                return None;
            }
            start = Some(c);
        }
    }
    let start = start?;
    // So many steps, one more at most, and not so far that the counter wraps round.
    let far = 1i64 << (fold::bits(f.ty(p)) - 2);
    if [start, limit, step].iter().any(|n| n.checked_abs().is_none_or(|n| n >= far)) {
        return None;
    }
    let distance = match (op, step > 0) {
        (CmpOp::Lt | CmpOp::Le, true) => limit - start,
        (CmpOp::Gt | CmpOp::Ge, false) => start - limit,
        (CmpOp::Ne, true) if (limit - start) % step == 0 && limit >= start => limit - start,
        _ => return None,
    };
    (step != 0).then(|| distance.max(0) / step.abs() + 2)
}
