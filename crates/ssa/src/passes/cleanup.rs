//! Blocks that cannot be reached, aliases, instructions whose results nobody uses.

use crate::analysis::Cfg;
use crate::ir::{Func, ValueDef};
use crate::op::Op;

pub fn run(f: &mut Func) {
    let cfg = drop_unreachable(f);
    f.resolve_aliases();
    drop_unused(f, &cfg);
}

/// The control flow is that of what is left.
pub fn drop_unreachable(f: &mut Func) -> Cfg {
    let cfg = Cfg::new(f);
    f.order.retain(|&b| cfg.is_reachable(b));
    cfg
}

/// Whether an instruction matters only by its results.
fn is_removable(op: &Op) -> bool {
    op.is_pure() || matches!(op, Op::Load(_) | Op::FramePointer | Op::New { .. })
}

/// Instructions and block parameters that nothing with an effect rests on.
fn drop_unused(f: &mut Func, cfg: &Cfg) {
    let mut live = vec![false; f.values.len()];
    let mut todo = Vec::new();
    for &b in &f.order {
        for &inst in &f.block(b).insts {
            if !is_removable(&f.inst(inst).op) {
                todo.extend(f.inst(inst).args.iter().copied());
            }
        }
        match &f.block(b).term {
            crate::ir::Term::Branch { cond, .. } => todo.push(*cond),
            crate::ir::Term::Switch { on, .. } => todo.push(*on),
            crate::ir::Term::Return(values) => todo.extend(values.iter().copied()),
            _ => {}
        }
    }
    while let Some(v) = todo.pop() {
        let v = f.resolve(v);
        if std::mem::replace(&mut live[v.index()], true) {
            continue;
        }
        match f.values[v.index()].def {
            ValueDef::Result(inst, _) => todo.extend(f.inst(inst).args.iter().copied()),
            ValueDef::Param(b, n) => {
                for edge in cfg.preds(b) {
                    todo.push(f.block(edge.from).term.targets()[edge.index].args[n as usize]);
                }
            }
            ValueDef::Alias(_) => {}
        }
    }
    for b in f.order.clone() {
        let mut insts = std::mem::take(&mut f.block_mut(b).insts);
        insts.retain(|&i| {
            let data = f.inst(i);
            !is_removable(&data.op) || data.results.iter().any(|r| live[r.index()])
        });
        f.block_mut(b).insts = insts;
    }
    drop_params(f, cfg, |v| !live[v.index()]);
}

/// Takes out the block parameters for which `is_dead`.
pub fn drop_params(f: &mut Func, cfg: &Cfg, is_dead: impl Fn(crate::ir::Value) -> bool) {
    for b in f.order.clone() {
        if b == f.entry() || !f.block(b).params.iter().any(|&p| is_dead(p)) {
            continue;
        }
        let dead: Vec<bool> = f.block(b).params.iter().map(|&p| is_dead(p)).collect();
        let retain = |list: &mut dyn FnMut(&mut dyn FnMut() -> bool)| {
            let mut n = 0;
            list(&mut || {
                n += 1;
                !dead[n - 1]
            });
        };
        retain(&mut |keep| f.block_mut(b).params.retain(|_| keep()));
        for edge in cfg.preds(b) {
            retain(&mut |keep| {
                f.block_mut(edge.from).term.targets_mut()[edge.index].args.retain(|_| keep());
            });
        }
        for (i, p) in f.block(b).params.clone().into_iter().enumerate() {
            f.values[p.index()].def = ValueDef::Param(b, i as u32);
        }
    }
}
