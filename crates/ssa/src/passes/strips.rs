//! Loops that count up or down to a limit run in strips: a loop around each does so many iterations of it, and has
//! its preemption point. What is left of the point in an iteration is nothing (HotSpot calls it strip mining).
//!
//! ```text
//! header(i): …                        around(i):  strip = min(limit, i + step × STRIP); jump header(i)
//!            next = i + step          header(i):  …
//!            safepoint         →                  next = i + step
//!            next < limit?                        next < strip? then header(next) else end
//!                                     end:        next < limit? then point else where it went
//!                                     point:      safepoint; jump around(next)
//! ```
//!
//! Where `i + step × STRIP` wraps round, or a step from outside the loop leads away from the limit, the strip ends too
//! early, and that is all.
//!
//! With a step of 1, and a strip of one iteration at least, `next` is `strip` at the end, and is called so from there
//! on: `i` would live on if `next` did, since Cranelift computes such sums again where they are used.

use super::fold;
use crate::analysis::{Cfg, Dominators, LoopId, Loops};
use crate::ir::{Block, Func, Inst, Likely, LocId, Target, Term, Ty, Value, ValueDef};
use crate::op::{BinOp, CmpOp, Op};

/// Iterations without a point between them. At some nanoseconds each, and without calls.
const STRIP: i64 = 1 << STRIP_BITS;
const STRIP_BITS: i64 = 10;
const STEP_MAX: i64 = 4096;
/// In a loop with more instructions a point is nothing.
const INSTS_MAX: usize = 64;

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    for id in loops.ids().filter(|&id| loops.ids().all(|other| loops.get(other).parent != Some(id))) {
        if let Some(counted) = counted(f, &cfg, &loops, id) {
            strip(f, &dom, &loops, id, counted);
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Const(i64),
    /// From outside the loop.
    Value(Value),
}

/// A loop that goes on while `op(next, limit)`.
struct Counted {
    entry: Block,
    latch: Block,
    op: CmpOp,
    /// The header's parameter that counts.
    counter: usize,
    step: Step,
    next: Value,
    limit: Value,
    /// Instead of `limit`, if it is a constant.
    constant: Option<i64>,
    back: Target,
    exit: Target,
    /// Nothing else leads to the block of `exit`.
    is_only_exit_there: bool,
}

fn counted(f: &Func, cfg: &Cfg, loops: &Loops, id: LoopId) -> Option<Counted> {
    let l = loops.get(id);
    let insts = || l.blocks.iter().flat_map(|&b| &f.block(b).insts).map(|&i| &f.inst(i).op);
    let is_call = |op: &Op| op.is_call() && !matches!(op, Op::Check(_) | Op::SafePoint);
    if insts().count() > INSTS_MAX || insts().any(is_call) || !insts().any(|op| *op == Op::SafePoint) {
        return None;
    }
    let &[latch] = l.latches.as_slice() else { return None };
    let mut entries = cfg.preds(l.header).iter().filter(|e| !loops.contains(id, e.from));
    let (entry, None) = (entries.next()?.from, entries.next()) else { return None };
    let Term::Jump(_) = f.block(entry).term else { return None };
    let Term::Branch { cond, then, else_, .. } = &f.block(latch).term else { return None };
    let (stays, back, exit) = match (then.block == l.header, else_.block == l.header) {
        (true, false) => (true, then, else_),
        (false, true) => (false, else_, then),
        _ => return None,
    };
    let data = f.inst(f.def_inst(*cond)?);
    let Op::Cmp(op) = data.op else { return None };
    let op = if stays { op } else { fold::inverse(op, f.ty(data.args[0]).is_float())? };
    let (x, y) = (f.resolve(data.args[0]), f.resolve(data.args[1]));
    let is_outside = |v: Value| match f.values[v.index()].def {
        ValueDef::Param(b, _) => !loops.contains(id, b),
        ValueDef::Result(inst, _) => !l.blocks.iter().any(|&b| f.block(b).insts.contains(&inst)),
        ValueDef::Alias(_) => false,
    };
    let is_step = |next: Value| {
        let counter = back.args.iter().position(|&a| f.resolve(a) == next)?;
        let add = f.inst(f.def_inst(next)?);
        let is_add = add.op == Op::Bin(BinOp::Add)
            && f.resolve(add.args[0]) == f.block(l.header).params[counter]
            && matches!(f.ty(next), Ty::I32 | Ty::I64);
        let by = f.resolve(*add.args.get(1)?);
        let step = match f.as_const(by) {
            Some(n) => Step::Const(n),
            None => Step::Value(Some(by).filter(|&v| is_outside(v))?),
        };
        Some((counter, step)).filter(|_| is_add)
    };
    let (op, next, limit, (counter, step)) = match is_step(x) {
        Some(found) => (op, x, y, found),
        None => (fold::swapped(op), y, x, is_step(y)?),
    };
    let counts_to_it = match (op, step) {
        (CmpOp::Eq | CmpOp::Ne, _) => false,
        (_, Step::Value(_)) => true,
        (CmpOp::Lt | CmpOp::Le | CmpOp::ULt | CmpOp::ULe, Step::Const(n)) => (1..=STEP_MAX).contains(&n),
        (CmpOp::Gt | CmpOp::Ge | CmpOp::UGt | CmpOp::UGe, Step::Const(n)) => (-STEP_MAX..=-1).contains(&n),
    };
    let constant = f.as_const(limit);
    if !counts_to_it || !(is_outside(limit) || constant.is_some()) {
        return None;
    }
    let is_only_exit_there = cfg.preds(exit.block).len() == 1;
    let (back, exit) = (back.clone(), exit.clone());
    Some(Counted { entry, latch, op, counter, step, next, limit, constant, back, exit, is_only_exit_there })
}

fn strip(f: &mut Func, dom: &Dominators, loops: &Loops, id: LoopId, c: Counted) {
    let header = loops.get(id).header;
    let loc = f.block(c.latch).term_loc;
    for &b in &loops.get(id).blocks {
        let mut insts = std::mem::take(&mut f.block_mut(b).insts);
        insts.retain(|&i| f.inst(i).op != Op::SafePoint);
        f.block_mut(b).insts = insts;
    }

    let around = place(f, header, 0, loc);
    let tys: Vec<Ty> = f.block(header).params.iter().map(|&p| f.ty(p)).collect();
    let params: Vec<Value> = tys.into_iter().map(|ty| f.add_param(around, ty)).collect();
    let ty = f.ty(c.next);
    let op = |f: &mut Func, b, op, args: &[Value], ty| {
        let inst: Inst = f.push(b, op, args, &[ty], loc);
        f.result(inst)
    };
    let limit = match c.constant {
        Some(n) => op(f, around, Op::Const(n), &[], ty),
        None => c.limit,
    };
    let length = match c.step {
        Step::Const(n) => op(f, around, Op::Const(n * STRIP), &[], ty),
        Step::Value(v) => {
            let bits = op(f, around, Op::Const(STRIP_BITS), &[], Ty::I64);
            op(f, around, Op::Bin(BinOp::Shl), &[v, bits], ty)
        }
    };
    let far = op(f, around, Op::Bin(BinOp::Add), &[params[c.counter], length], ty);
    let nearer = match c.op {
        CmpOp::Lt | CmpOp::Le => CmpOp::Lt,
        CmpOp::Gt | CmpOp::Ge => CmpOp::Gt,
        CmpOp::ULt | CmpOp::ULe => CmpOp::ULt,
        _ => CmpOp::UGt,
    };
    let is_nearer = op(f, around, Op::Cmp(nearer), &[far, limit], Ty::I8);
    let mut strip = op(f, around, Op::Select, &[is_nearer, far, limit], ty);
    let exact = match (c.op, c.step) {
        (CmpOp::Lt | CmpOp::ULt, Step::Const(1)) => Some(1),
        (CmpOp::Gt | CmpOp::UGt, Step::Const(-1)) => Some(-1),
        _ => None,
    };
    if let Some(n) = exact {
        let step = op(f, around, Op::Const(n), &[], ty);
        let least = op(f, around, Op::Bin(BinOp::Add), &[params[c.counter], step], ty);
        let is_less = op(f, around, Op::Cmp(c.op), &[strip, least], Ty::I8);
        strip = op(f, around, Op::Select, &[is_less, least, strip], ty);
    }
    f.block_mut(around).term = Term::Jump(Target { block: header, args: params.into_iter().collect() });
    if let Term::Jump(t) = &mut f.block_mut(c.entry).term {
        t.block = around;
    }

    let end = place(f, c.latch, 1, loc);
    let reached = if exact.is_some() { strip } else { c.next };
    let renamed = |t: &Target| {
        let args = t.args.iter().map(|&v| if f.resolve(v) == c.next { reached } else { v }).collect();
        Target { block: t.block, args }
    };
    let (again, exit) = (Target { block: around, ..renamed(&c.back) }, renamed(&c.exit));
    if exact.is_some() && c.is_only_exit_there {
        rename_behind(f, dom, exit.block, c.next, strip);
    }
    let goes_on = op(f, end, Op::Cmp(c.op), &[reached, limit], Ty::I8);
    let point = place(f, end, 1, loc);
    f.push(point, Op::SafePoint, &[], &[], loc);
    f.block_mut(point).term = Term::Jump(again);
    f.block_mut(end).term =
        Term::Branch { cond: goes_on, then: Target::to(point), else_: exit, likely: Likely::Else };

    let stays = op(f, c.latch, Op::Cmp(c.op), &[c.next, strip], Ty::I8);
    f.block_mut(c.latch).term =
        Term::Branch { cond: stays, then: c.back, else_: Target::to(end), likely: Likely::Unknown };
}

/// In `from` and what it dominates.
fn rename_behind(f: &mut Func, dom: &Dominators, from: Block, old: Value, new: Value) {
    for &b in dom.preorder.iter().filter(|&&b| dom.dominates(from, b)) {
        for inst in f.block(b).insts.clone() {
            f.inst_mut(inst).args.iter_mut().filter(|v| **v == old).for_each(|v| *v = new);
        }
        f.block_mut(b).term.for_each_use_mut(|v| {
            if *v == old {
                *v = new;
            }
        });
    }
}

/// A new block, laid out before (0) or behind (1) another.
fn place(f: &mut Func, by: Block, behind: usize, loc: LocId) -> Block {
    let block = f.add_block();
    f.order.pop();
    let at = f.order.iter().position(|&b| b == by).expect("a loop's block is laid out");
    f.order.insert(at + behind, block);
    f.block_mut(block).term_loc = loc;
    block
}
