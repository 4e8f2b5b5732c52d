//! Values that a loop only counts up, or only down, do not pass where they began: if they do not wrap
//! round, which some test or check in each iteration must see to.

use super::facts::{Facts, addition, max_of, min_of};
use crate::analysis::{Cfg, Dominators, LoopId, Loops};
use crate::ir::{Block, Func, Term, Value};
use crate::op::{Check, CmpOp, Op};
use crate::passes::fold;

pub fn learn(f: &Func, cfg: &Cfg, dom: &Dominators, loops: &Loops, id: LoopId, facts: &mut Facts) {
    let header = loops.get(id).header;
    for (n, &p) in f.block(header).params.iter().enumerate() {
        if !f.ty(p).is_int() {
            continue;
        }
        let Some((start, step)) = counter(f, cfg, dom, header, n, p) else { continue };
        let is_bounded =
            loops.get(id).latches.iter().all(|&latch| is_bounded(f, cfg, dom, header, latch, p, step));
        if !is_bounded {
            continue;
        }
        if step > 0 {
            facts.learn(start.into(), p.into(), 0);
        } else {
            facts.learn(p.into(), start.into(), 0);
        }
    }
}

/// Where the parameter begins, and what is added to it every time.
fn counter(f: &Func, cfg: &Cfg, dom: &Dominators, header: Block, n: usize, p: Value) -> Option<(Value, i64)> {
    let (mut start, mut step) = (None, None);
    for edge in cfg.preds(header) {
        let arg = f.resolve(f.block(edge.from).term.targets()[edge.index].args[n]);
        if dom.dominates(header, edge.from) {
            let (z, k) = addition(f, arg.into())?;
            if z != p || step.is_some_and(|s| s != k) {
                return None;
            }
            step = Some(k);
        } else {
            if start.is_some_and(|s| s != arg) {
                return None;
            }
            start = Some(arg);
        }
    }
    Some((start?, step?))
}

/// On every way from the header to this latch something says that the step does not wrap.
fn is_bounded(
    f: &Func,
    cfg: &Cfg,
    dom: &Dominators,
    header: Block,
    latch: Block,
    p: Value,
    step: i64,
) -> bool {
    let mut at = latch;
    loop {
        for &inst in &f.block(at).insts {
            let data = f.inst(inst);
            // A check comes before whatever stands behind it, the step among that: it was made in this block
            // or behind it, since it is the latch's.
            if let Op::Check(Check::Index { .. }) = data.op
                && f.resolve(data.args[0]) == p
                && (step == 1 || step < 0)
            {
                return true;
            }
        }
        if at == header {
            return false;
        }
        if let Some(edge) = super::only_entry(cfg, dom, at)
            && let Term::Branch { cond, then, else_, .. } = &f.block(edge.from).term
            && then.block != else_.block
            && bounds(f, *cond, edge.index == 0, p, step)
        {
            return true;
        }
        match dom.idom(at) {
            Some(up) => at = up,
            None => return false,
        }
    }
}

/// The condition says that `p + step` does not wrap.
fn bounds(f: &Func, cond: Value, is_true: bool, p: Value, step: i64) -> bool {
    let Some(inst) = f.def_inst(cond) else { return false };
    let data = f.inst(inst);
    let Op::Cmp(op) = data.op else { return false };
    if f.ty(data.args[0]).is_float() {
        return false;
    }
    let op = if is_true { Some(op) } else { fold::inverse(op, false) };
    let Some(mut op) = op else { return false };
    let (mut a, mut b) = (f.resolve(data.args[0]), f.resolve(data.args[1]));
    if b == p {
        (a, b) = (b, a);
        op = fold::swapped(op);
    }
    if a != p {
        return false;
    }
    let ty = f.ty(p);
    let limit = f.as_const(b).map(|c| fold::wrap(ty, c));
    match (op, step > 0) {
        // p <= b - 1, and b is at most the largest number.
        (CmpOp::Lt, true) => step == 1 || limit.is_some_and(|c| c <= max_of(ty) - step + 1),
        (CmpOp::Le, true) => limit.is_some_and(|c| c <= max_of(ty) - step),
        (CmpOp::Gt, false) => step == -1 || limit.is_some_and(|c| c >= min_of(ty) - step - 1),
        (CmpOp::Ge, false) => limit.is_some_and(|c| c >= min_of(ty) - step),
        _ => false,
    }
}
