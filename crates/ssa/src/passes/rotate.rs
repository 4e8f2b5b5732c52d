//! Loop rotation: a loop that tests at its head is entered by a copy of the test, and tests at its end.
//! One jump an iteration less, and what stands at the new head runs as often as the loop is entered.

use super::params;
use super::repair::Repair;
use crate::analysis::{Cfg, Dominators, Loops};
use crate::ir::{Block, Func, Inst, Target, Term, Value};
use rustc_hash::FxHashMap;

/// A head with more instructions is not copied.
const INSTS_MAX: usize = 10;

pub fn run(f: &mut Func) {
    // Each rotation changes the control flow; a loop is not rotated again, its head ends in a jump inside.
    let mut done: Vec<Block> = Vec::new();
    let mut changed = false;
    loop {
        let cfg = Cfg::new(f);
        let dom = Dominators::new(f, &cfg);
        let loops = Loops::new(&cfg, &dom, f.blocks.len());
        let mut batch = Vec::new();
        let mut touched = vec![false; f.blocks.len()];
        for id in loops.ids().rev() {
            let header = loops.get(id).header;
            if done.contains(&header) {
                continue;
            }
            let Some(body) = rotatable(f, &loops, id) else { continue };
            // Those that share no block can be done together.
            let near = [header, body].into_iter().chain(loops.get(id).latches.iter().copied());
            if near.clone().any(|b| touched[b.index()]) {
                continue;
            }
            near.for_each(|b| touched[b.index()] = true);
            done.push(header);
            batch.push((header, loops.get(id).latches.clone()));
        }
        if batch.is_empty() {
            break;
        }
        changed = true;
        for (header, latches) in batch {
            rotate(f, header, &latches);
        }
    }
    if changed {
        params::run(f);
    }
}

/// The target within the loop, where the header is a test that leaves it and worth copying.
fn rotatable(f: &Func, loops: &Loops, id: crate::analysis::LoopId) -> Option<Block> {
    let l = loops.get(id);
    let head = f.block(l.header);
    let Term::Branch { then, else_, .. } = &head.term else { return None };
    let body = match (loops.contains(id, then.block), loops.contains(id, else_.block)) {
        (true, false) => then.block,
        (false, true) => else_.block,
        _ => return None,
    };
    let is_small = head.insts.len() <= INSTS_MAX
        && head.insts.iter().all(|&i| {
            let op = &f.inst(i).op;
            op.is_pure() || matches!(op, crate::op::Op::Load(_) | crate::op::Op::Check(_))
        });
    // A latch that tests already: the loop is as it should be.
    let leaves = |b: Block| f.block(b).term.targets().iter().any(|t| !loops.contains(id, t.block));
    let is_bottom_tested = body == l.header || l.latches.iter().any(|&b| leaves(b));
    (is_small && !is_bottom_tested).then_some(body)
}

fn rotate(f: &mut Func, header: Block, latches: &[Block]) {
    // The copy of the test, which the latches go to.
    let copy = f.add_block();
    let at = f.order.iter().position(|&b| Some(&b) == latches.last()).unwrap_or(f.order.len() - 1);
    f.order.pop();
    f.order.insert((at + 1).min(f.order.len()), copy);
    let mut map: FxHashMap<Value, Value> = FxHashMap::default();
    for p in f.block(header).params.clone() {
        let new = f.add_param(copy, f.ty(p));
        map.insert(p, new);
    }
    let mapped = |map: &FxHashMap<Value, Value>, v: Value| map.get(&v).copied().unwrap_or(v);
    for inst in f.block(header).insts.clone() {
        let data = f.inst(inst).clone();
        let args: Vec<Value> = data.args.iter().map(|&a| mapped(&map, f.resolve(a))).collect();
        let tys: Vec<_> = data.results.iter().map(|&r| f.ty(r)).collect();
        let new = f.push(copy, data.op, &args, &tys, data.loc);
        for (&old, &r) in data.results.iter().zip(&f.results(new).to_vec()) {
            map.insert(old, r);
        }
    }
    let mut term = f.block(header).term.clone();
    term.for_each_use_mut(|v| *v = mapped(&map, f.resolve(*v)));
    let term_loc = f.block(header).term_loc;
    let new = f.block_mut(copy);
    new.term = term;
    new.term_loc = term_loc;
    for &latch in latches {
        for t in f.block_mut(latch).term.targets_mut() {
            if t.block == header {
                t.block = copy;
            }
        }
    }
    split_joint_edges(f, header, copy);
    mend(f, header, copy, &map);
}

/// Both tests lead to the same blocks; a switch's worth of edges into one block is no trouble, but edges
/// of one branch to one block would be.
fn split_joint_edges(f: &mut Func, header: Block, copy: Block) {
    for b in [header, copy] {
        if let Term::Branch { then, else_, .. } = &f.block(b).term
            && then.block == else_.block
        {
            let target = then.clone();
            let between = f.add_block();
            f.block_mut(between).term = Term::Jump(target);
            if let Term::Branch { then, .. } = &mut f.block_mut(b).term {
                *then = Target::to(between);
            }
        }
    }
}

/// Uses of what the header defines, in blocks that the copy leads to as well.
fn mend(f: &mut Func, header: Block, copy: Block, map: &FxHashMap<Value, Value>) {
    let cfg = Cfg::new(f);
    let mut repair = Repair::new(&cfg);
    let mut vars = FxHashMap::default();
    let mut old: Vec<(Value, Value)> = map.iter().map(|(&o, &n)| (o, n)).collect();
    old.sort_unstable();
    for (o, n) in old {
        let var = repair.var(f.ty(o));
        repair.define(header, var, o);
        repair.define(copy, var, n);
        vars.insert(o, var);
    }
    for &b in &cfg.rpo {
        if b == header || b == copy {
            continue;
        }
        for inst in f.block(b).insts.clone() {
            replace_inst_uses(f, &mut repair, &vars, b, inst);
        }
        let mut used = Vec::new();
        f.block(b).term.for_each_use(|v| used.push(v));
        for v in used {
            if let Some(&var) = vars.get(&v) {
                let new = repair.at_start(f, b, var);
                f.block_mut(b).term.for_each_use_mut(|u| {
                    if *u == v {
                        *u = new;
                    }
                });
            }
        }
    }
}

fn replace_inst_uses(
    f: &mut Func,
    repair: &mut Repair<'_>,
    vars: &FxHashMap<Value, u32>,
    b: Block,
    inst: Inst,
) {
    for n in 0..f.inst(inst).args.len() {
        let v = f.inst(inst).args[n];
        if let Some(&var) = vars.get(&v) {
            let new = repair.at_start(f, b, var);
            f.inst_mut(inst).args[n] = new;
        }
    }
}
