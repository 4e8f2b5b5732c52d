//! Control flow made simple: branches whose outcome is known, blocks that only jump on, chains of blocks.

use super::{cleanup, params};
use crate::analysis::Cfg;
use crate::ir::{Block, Func, Likely, Target, Term, Value, ValueDef};
use crate::op::{BinOp, CmpOp, Op};

const ROUNDS_MAX: usize = 4;

pub fn run(f: &mut Func) {
    for _ in 0..ROUNDS_MAX {
        let mut changed = false;
        for b in f.order.clone() {
            changed |= simplify_term(f, b);
        }
        changed |= thread(f);
        let cfg = cleanup::drop_unreachable(f);
        params::run_with(f, &cfg);
        changed |= merge(f, &cfg);
        if !changed {
            break;
        }
    }
    cleanup::run(f);
}

/// A branch on a constant, on a negation, or with one target.
fn simplify_term(f: &mut Func, b: Block) -> bool {
    let new = match &f.block(b).term {
        Term::Branch { cond, then, else_, likely } => {
            if let Some(c) = f.as_const(*cond) {
                Term::Jump(if c != 0 { then } else { else_ }.clone())
            } else if then == else_ {
                Term::Jump(then.clone())
            } else if let Some((cond, is_same)) = condition(f, *cond) {
                let (then, else_) = (then.clone(), else_.clone());
                let likely = match (likely, is_same) {
                    (Likely::Then, false) => Likely::Else,
                    (Likely::Else, false) => Likely::Then,
                    (l, _) => *l,
                };
                if is_same {
                    Term::Branch { cond, then, else_, likely }
                } else {
                    Term::Branch { cond, then: else_, else_: then, likely }
                }
            } else {
                return false;
            }
        }
        Term::Switch { on, cases, default } => match f.as_const(*on) {
            Some(n) => Term::Jump(cases.iter().find(|c| c.0 == n).map_or(default, |c| &c.1).clone()),
            None if cases.iter().all(|c| c.1 == *default) => Term::Jump(default.clone()),
            None => return false,
        },
        _ => return false,
    };
    f.block_mut(b).term = new;
    true
}

/// What stands behind `x ^ 1`, `x == 0` and `x != 0` of booleans, and whether it is the same or the opposite.
fn condition(f: &Func, cond: Value) -> Option<(Value, bool)> {
    let inst = f.def_inst(cond)?;
    let data = f.inst(inst);
    let against = |n: i64| f.as_const(*data.args.get(1)?).filter(|&c| c == n);
    let is_bool = |v: Value| is_boolean(f, v);
    match data.op {
        Op::Bin(BinOp::Xor) if is_bool(data.args[0]) => against(1).map(|_| (data.args[0], false)),
        Op::Cmp(CmpOp::Eq) if is_bool(data.args[0]) => against(0).map(|_| (data.args[0], false)),
        Op::Cmp(CmpOp::Ne) if is_bool(data.args[0]) => against(0).map(|_| (data.args[0], true)),
        _ => None,
    }
}

/// Known to be 0 or 1.
pub fn is_boolean(f: &Func, v: Value) -> bool {
    let Some(inst) = f.def_inst(v) else { return false };
    let data = f.inst(inst);
    match data.op {
        Op::Cmp(_) => true,
        Op::Const(c) => c == 0 || c == 1,
        Op::Bin(BinOp::And | BinOp::Or | BinOp::Xor) if f.ty(v) == crate::ir::Ty::I8 => {
            data.args.iter().all(|&a| is_boolean(f, a))
        }
        _ => false,
    }
}

/// Edges into blocks without instructions go where those lead, if what they hand on is known.
fn thread(f: &mut Func) -> bool {
    let mut uses = f.use_counts();
    let mut changed = false;
    for b in f.order.clone() {
        let mut term = std::mem::replace(&mut f.block_mut(b).term, Term::Unreachable);
        for t in term.targets_mut() {
            // A few steps: empty blocks may lead in a circle.
            for _ in 0..4 {
                match onward(f, &uses, b, t) {
                    Some(next) => {
                        // What is handed on is used here too from now on.
                        next.args.iter().for_each(|v| uses[f.resolve(*v).index()] += 1);
                        *t = next;
                    }
                    None => break,
                }
                changed = true;
            }
        }
        f.block_mut(b).term = term;
    }
    changed
}

fn onward(f: &Func, uses: &[u32], from: Block, t: &Target) -> Option<Target> {
    let via = t.block;
    let data = f.block(via);
    if via == from || via == f.entry() {
        return None;
    }
    let substituted = |v: Value| {
        let v = f.resolve(v);
        match f.values[v.index()].def {
            ValueDef::Param(b, n) if b == via => t.args[n as usize],
            _ => v,
        }
    };
    // Its parameters, and constants of its own, must be used by its terminator alone.
    let mut used_here = 0;
    data.term.for_each_use(|v| {
        let v = f.resolve(v);
        used_here += u32::from(matches!(f.values[v.index()].def, ValueDef::Param(b, _) if b == via));
    });
    let used: u32 = data.params.iter().map(|p| uses[p.index()]).sum();
    if !data.insts.is_empty() || used != used_here {
        return None;
    }
    let next = match &data.term {
        Term::Jump(next) => next,
        Term::Branch { cond, then, else_, .. } => match f.as_const(substituted(*cond))? {
            0 => else_,
            _ => then,
        },
        _ => return None,
    };
    if next.block == via {
        return None;
    }
    Some(Target { block: next.block, args: next.args.iter().map(|&v| substituted(v)).collect() })
}

/// A block with one way out, to a block with one way in, takes that block's instructions over.
fn merge(f: &mut Func, cfg: &Cfg) -> bool {
    let mut is_gone = vec![false; f.blocks.len()];
    let mut changed = false;
    for &b in &cfg.rpo {
        if is_gone[b.index()] {
            continue;
        }
        while let Term::Jump(t) = &f.block(b).term {
            let (next, args) = (t.block, t.args.clone());
            let is_root = f.roots().any(|r| r == next);
            if next == b || is_root || cfg.preds(next).len() != 1 || is_gone[next.index()] {
                break;
            }
            for (p, a) in f.block(next).params.clone().into_iter().zip(args) {
                f.set_alias(p, a);
            }
            let taken = std::mem::take(&mut f.block_mut(next).insts);
            f.block_mut(next).params.clear();
            f.block_mut(b).insts.extend(taken);
            f.block_mut(b).term = std::mem::replace(&mut f.block_mut(next).term, Term::Unreachable);
            f.block_mut(b).term_loc = f.block(next).term_loc;
            is_gone[next.index()] = true;
            changed = true;
        }
    }
    if changed {
        f.order.retain(|b| !is_gone[b.index()]);
        f.resolve_aliases();
    }
    changed
}
