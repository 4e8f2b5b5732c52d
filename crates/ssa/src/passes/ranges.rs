//! Two tests whether a number is between two constants, made one: `a <= x && x <= b` is
//! `x - a <= b - a`, unsigned (Go's `fuse.go`).

use crate::analysis::Cfg;
use crate::ir::{Block, Func, Likely, Target, Term, Ty, Value};
use crate::op::{BinOp, CmpOp, Op};
use crate::passes::fold;

/// So many instructions may stand before the second test.
const BETWEEN_MAX: usize = 4;

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    let mut is_gone = vec![false; f.blocks.len()];
    for &b in &cfg.rpo {
        if !is_gone[b.index()]
            && let Some(second) = fuse(f, &cfg, b)
        {
            is_gone[second.index()] = true;
        }
    }
    f.order.retain(|b| !is_gone[b.index()]);
}

/// What a condition says of a value: it is at least, or at most, this constant.
struct Bound {
    x: Value,
    is_lower: bool,
    is_signed: bool,
    limit: i64,
}

fn fuse(f: &mut Func, cfg: &Cfg, first: Block) -> Option<Block> {
    let term = f.block(first).term.clone();
    let Term::Branch { cond, then, else_, .. } = &term else { return None };
    for (to, other, is_then) in [(then, else_, true), (else_, then, false)] {
        let second = to.block;
        let data = f.block(second);
        let Term::Branch { cond: cond2, then: then2, else_: else2, .. } = &data.term else { continue };
        let is_plain = data.insts.len() <= BETWEEN_MAX
            && data.insts.iter().all(|&i| {
                let op = &f.inst(i).op;
                op.is_pure() && !matches!(op, Op::Bin(BinOp::Div | BinOp::Rem | BinOp::UDiv | BinOp::URem))
            });
        if !is_plain || !data.params.is_empty() || cfg.preds(second).len() != 1 || second == other.block {
            continue;
        }
        // Where both hold.
        let (inside, is_then2) = match (then2 == other, else2 == other) {
            (false, true) => (then2, true),
            (true, false) => (else2, false),
            _ => continue,
        };
        let Some((low, range)) = interval(f, (*cond, is_then), (*cond2, is_then2)) else { continue };
        let (inside, outside) = (inside.clone(), other.clone());
        let x = bound(f, *cond, is_then)?.x;
        rewrite(f, first, second, x, low, range, inside, outside);
        return Some(second);
    }
    None
}

/// The least number, and how far above it the greatest is.
fn interval(f: &Func, a: (Value, bool), b: (Value, bool)) -> Option<(i64, i64)> {
    let (a, b) = (bound(f, a.0, a.1)?, bound(f, b.0, b.1)?);
    if a.x != b.x || a.is_lower == b.is_lower || a.is_signed != b.is_signed {
        return None;
    }
    let ty = f.ty(a.x);
    let (low, high) = if a.is_lower { (a.limit, b.limit) } else { (b.limit, a.limit) };
    let ordered = if a.is_signed { CmpOp::Le } else { CmpOp::ULe };
    if !fold::cmp(ordered, ty, low, high) {
        return None;
    }
    Some((low, fold::wrap(ty, high.wrapping_sub(low))))
}

/// The condition as a bound, its limit included.
fn bound(f: &Func, cond: Value, is_true: bool) -> Option<Bound> {
    let data = f.inst(f.def_inst(cond)?);
    let Op::Cmp(op) = data.op else { return None };
    let (x, ty) = (f.resolve(data.args[0]), f.ty(data.args[0]));
    if !ty.is_int() {
        return None;
    }
    let limit = fold::wrap(ty, f.as_const(data.args[1])?);
    let op = if is_true { op } else { fold::inverse(op, false)? };
    let (is_lower, is_signed, is_strict) = match op {
        CmpOp::Lt => (false, true, true),
        CmpOp::Le => (false, true, false),
        CmpOp::Gt => (true, true, true),
        CmpOp::Ge => (true, true, false),
        CmpOp::ULt => (false, false, true),
        CmpOp::ULe => (false, false, false),
        CmpOp::UGt => (true, false, true),
        CmpOp::UGe => (true, false, false),
        CmpOp::Eq | CmpOp::Ne => return None,
    };
    let mut limit = limit;
    if is_strict {
        // Nothing is beyond the last number: such a test says nothing.
        let last = if is_signed { CmpOp::Lt } else { CmpOp::ULt };
        let next = fold::wrap(ty, if is_lower { limit.wrapping_add(1) } else { limit.wrapping_sub(1) });
        let is_beyond =
            if is_lower { fold::cmp(last, ty, limit, next) } else { fold::cmp(last, ty, next, limit) };
        if !is_beyond {
            return None;
        }
        limit = next;
    }
    Some(Bound { x, is_lower, is_signed, limit })
}

fn rewrite(
    f: &mut Func,
    first: Block,
    second: Block,
    x: Value,
    low: i64,
    range: i64,
    inside: Target,
    outside: Target,
) {
    // What stood before the second test may be used behind it.
    let moved = std::mem::take(&mut f.block_mut(second).insts);
    f.block_mut(first).insts.extend(moved);
    let (ty, loc) = (f.ty(x), f.block(first).term_loc);
    let constant = |f: &mut Func, n: i64| {
        let inst = f.push(first, Op::Const(fold::wrap(ty, n)), &[], &[ty], loc);
        f.result(inst)
    };
    let mut distance = x;
    if low != 0 {
        let minus = constant(f, low.wrapping_neg());
        let inst = f.push(first, Op::Bin(BinOp::Add), &[x, minus], &[ty], loc);
        distance = f.result(inst);
    }
    let range = constant(f, range);
    let inst = f.push(first, Op::Cmp(CmpOp::ULe), &[distance, range], &[Ty::I8], loc);
    let cond = f.result(inst);
    f.block_mut(first).term = Term::Branch { cond, then: inside, else_: outside, likely: Likely::Unknown };
}
