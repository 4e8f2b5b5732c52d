//! What a call's constants make of a body: a function that switches on a parameter is small where the call says
//! which way. An estimate for [`super::inline`]; the passes behind it do what is counted on here.

use super::fold;
use super::inline::{block_cost, saved_by_no_call, term_cost};
use crate::analysis::Cfg;
use crate::ir::{Block, Func, Inst, Target, Term, Value};
use crate::op::Op;
use rustc_hash::{FxHashMap, FxHashSet};

/// Bit i: a branch or switch depends on parameter i and constants alone.
pub fn deciding_params(f: &Func) -> u64 {
    // By value: the parameters that it is computed from; none where something else is in it.
    let mut sources: FxHashMap<Value, u64> = FxHashMap::default();
    for (i, &param) in f.block(f.entry()).params.iter().enumerate().take(64) {
        sources.insert(param, 1 << i);
    }
    let mut deciding = 0;
    for b in Cfg::new(f).rpo {
        for &inst in &f.block(b).insts {
            let data = f.inst(inst);
            let of = |v: &Value| sources.get(&f.resolve(*v)).copied();
            let all = data.args.iter().try_fold(0, |all, v| Some(all | of(v)?));
            if let (Some(all), true, &[result]) = (all, is_foldable(&data.op), &data.results[..]) {
                sources.insert(result, all);
            }
        }
        if let Term::Branch { cond: on, .. } | Term::Switch { on, .. } = &f.block(b).term {
            deciding |= sources.get(&f.resolve(*on)).unwrap_or(&0);
        }
    }
    deciding
}

fn is_foldable(op: &Op) -> bool {
    matches!(op, Op::Const(_) | Op::Bin(_) | Op::Un(_) | Op::Cmp(_) | Op::Conv(_))
}

/// The cost of what is left of the body where parameter i is `constants[i]`.
pub fn cost(f: &Func, constants: &[Option<i64>]) -> u32 {
    let mut known: FxHashMap<Value, i64> = FxHashMap::default();
    for (&param, c) in f.block(f.entry()).params.iter().zip(constants) {
        known.extend(c.map(|c| (param, c)));
    }
    let mut reached: FxHashSet<Block> = f.roots().collect();
    let mut sum = 0;
    for b in Cfg::new(f).rpo {
        if !reached.contains(&b) {
            continue;
        }
        for &inst in &f.block(b).insts {
            if let (Some(c), &[result]) = (value_of(f, inst, &known), &f.inst(inst).results[..]) {
                known.insert(result, c);
            }
        }
        let is_left = |inst: Inst| !f.inst(inst).results.iter().any(|r| known.contains_key(r));
        sum += block_cost(f, b, &is_left);
        let term = &f.block(b).term;
        match decided(f, term, &known) {
            Some(t) => {
                reached.insert(t.block);
            }
            None => {
                sum += term_cost(term);
                reached.extend(term.targets().iter().map(|t| t.block));
            }
        }
    }
    sum.saturating_sub(saved_by_no_call(f))
}

fn value_of(f: &Func, inst: Inst, known: &FxHashMap<Value, i64>) -> Option<i64> {
    let data = f.inst(inst);
    let arg = |i: usize| known.get(&f.resolve(data.args[i])).copied();
    let &[result] = &data.results[..] else { return None };
    if let Op::Const(c) = data.op {
        return Some(c);
    }
    let ty = f.ty(*data.args.first()?);
    if ty.is_float() {
        return None;
    }
    match data.op {
        Op::Bin(op) => fold::bin(op, ty, arg(0)?, arg(1)?),
        Op::Un(op) => fold::un(op, ty, arg(0)?),
        Op::Cmp(op) => Some(i64::from(fold::cmp(op, ty, arg(0)?, arg(1)?))),
        Op::Conv(op) => fold::conv(op, ty, f.ty(result), arg(0)?),
        _ => None,
    }
}

/// The one way that a terminator goes.
fn decided<'a>(f: &Func, term: &'a Term, known: &FxHashMap<Value, i64>) -> Option<&'a Target> {
    let of = |v: &Value| known.get(&f.resolve(*v)).copied();
    match term {
        Term::Branch { cond, then, else_, .. } => Some(if of(cond)? != 0 { then } else { else_ }),
        Term::Switch { on, cases, default } => {
            let on = of(on)?;
            Some(cases.iter().find(|c| c.0 == on).map_or(default, |c| &c.1))
        }
        _ => None,
    }
}
