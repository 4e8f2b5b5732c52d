//! Block parameters that are one value on every way in.

use super::cleanup::drop_params;
use crate::analysis::Cfg;
use crate::ir::{Func, LocId, Value};
use crate::op::Op;

/// What the parameter is on every edge, itself not counted.
enum Same {
    Value(Value),
    /// Constants of one value, made in different places.
    Const(Op, Value),
}

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    run_with(f, &cfg);
}

pub fn run_with(f: &mut Func, cfg: &Cfg) {
    let mut changed = true;
    let mut any = false;
    let mut is_alias = vec![false; f.values.len()];
    while changed {
        changed = false;
        for &b in &cfg.rpo {
            for n in 0..f.block(b).params.len() {
                let param = f.block(b).params[n];
                if b == f.entry() || is_alias[param.index()] {
                    continue;
                }
                let to = match same(f, cfg, b, n) {
                    Some(Same::Value(v)) => v,
                    Some(Same::Const(op, like)) => {
                        let ty = f.ty(like);
                        let inst = f.make_inst(op, &[], &[ty], LocId(0));
                        f.block_mut(b).insts.insert(0, inst);
                        is_alias.push(false);
                        f.result(inst)
                    }
                    None => continue,
                };
                f.set_alias(param, to);
                is_alias[param.index()] = true;
                changed = true;
                any = true;
            }
        }
    }
    if any {
        drop_params(f, cfg, |v| is_alias.get(v.index()).is_some_and(|&a| a));
        f.resolve_aliases();
    }
}

fn same(f: &Func, cfg: &Cfg, b: crate::ir::Block, n: usize) -> Option<Same> {
    let param = f.block(b).params[n];
    let mut found: Option<Value> = None;
    let mut is_one_value = true;
    for edge in cfg.preds(b) {
        let arg = f.resolve(f.block(edge.from).term.targets()[edge.index].args[n]);
        if arg == param {
            continue;
        }
        match found {
            None => found = Some(arg),
            Some(v) if v == arg => {}
            Some(v) => {
                let is_const = matches!(f.def_op(v), Some(Op::Const(_) | Op::FConst(_)));
                if !is_const || f.def_op(v) != f.def_op(arg) {
                    return None;
                }
                is_one_value = false;
            }
        }
    }
    let v = found?;
    if is_one_value { Some(Same::Value(v)) } else { Some(Same::Const(f.def_op(v)?.clone(), v)) }
}
