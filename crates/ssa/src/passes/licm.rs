//! What gives the same in every iteration, computed once before the loop: loads of memory that the loop
//! does not change, and checks, as far as both come first in the first iteration. What they rest on goes
//! with them; other pure values Cranelift moves by itself.
//!
//! Loops should be rotated: then the head is reached only if the loop is entered.

use crate::analysis::{Cfg, Dominators, Edge, Effect, LoopId, Loops, Memory, range};
use crate::ir::{Block, Func, Inst, Target, Term, Value, ValueDef};
use crate::op::{BinOp, Op};
use smallvec::SmallVec;

/// Loops that change memory in more places are taken to change all of it.
const EFFECTS_MAX: usize = 64;
/// As much leaves a loop at most.
const HOISTED_MAX: usize = 48;

pub fn run(f: &mut Func) {
    if !make_preheaders(f) {
        return;
    }
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    let memory = Memory::new(f);
    let mut home = homes(f);
    // Inner loops first: what leaves them may leave the next one too.
    for id in loops.ids().rev() {
        hoist(f, &cfg, &loops, &memory, id, &mut home);
    }
}

/// Sees to it that one block jumps into each loop; false: there are no loops.
fn make_preheaders(f: &mut Func) -> bool {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    for id in loops.ids() {
        let header = loops.get(id).header;
        let entries: SmallVec<[Edge; 4]> =
            cfg.preds(header).iter().copied().filter(|e| !dom.dominates(header, e.from)).collect();
        if let [entry] = entries[..]
            && matches!(f.block(entry.from).term, Term::Jump(_))
        {
            continue;
        }
        let before = f.add_block();
        f.order.pop();
        let at = f.order.iter().position(|&b| b == header).unwrap_or(f.order.len());
        f.order.insert(at, before);
        let args = f.block(header).params.clone().into_iter().map(|p| f.add_param(before, f.ty(p))).collect();
        f.block_mut(before).term = Term::Jump(Target { block: header, args });
        f.block_mut(before).term_loc = f.block(entries[0].from).term_loc;
        for e in entries {
            f.block_mut(e.from).term.targets_mut().swap_remove(e.index).block = before;
        }
    }
    !loops.loops.is_empty()
}

/// By instruction: the block it stands in.
fn homes(f: &Func) -> Vec<Block> {
    let mut home = vec![Block(0); f.insts.len()];
    for &b in &f.order {
        f.block(b).insts.iter().for_each(|i| home[i.index()] = b);
    }
    home
}

struct Hoist<'a> {
    loops: &'a Loops,
    id: LoopId,
    home: &'a mut Vec<Block>,
    /// In order, to stand before the loop.
    out: Vec<Inst>,
}

fn hoist(f: &mut Func, cfg: &Cfg, loops: &Loops, memory: &Memory, id: LoopId, home: &mut Vec<Block>) {
    let header = loops.get(id).header;
    let blocks = &loops.get(id).blocks;
    let mut effects = Vec::new();
    for &b in blocks {
        for &i in &f.block(b).insts {
            let effect = memory.effect(f, i);
            if effect != Effect::None {
                effects.push(effect);
            }
        }
    }
    if effects.len() > EFFECTS_MAX {
        effects = vec![Effect::Any];
    }
    // A loop that carries no value round waits for memory to change.
    let waits = f.block(header).params.is_empty();
    let mut h = Hoist { loops, id, home, out: Vec::new() };
    let mut at = header;
    // Once something can be seen, or a check stays, later checks must not come before it.
    'prefix: loop {
        for inst in f.block(at).insts.clone() {
            let data = f.inst(inst);
            match data.op {
                Op::Load(offset) => {
                    let r = range(f, data.args[0], offset, f.ty(data.results[0]).bytes());
                    let is_changed = waits || effects.iter().any(|&e| memory.touches(e, &r));
                    if !is_changed {
                        h.take(f, inst);
                    }
                }
                Op::Check(_) => {
                    if !h.take(f, inst) {
                        break 'prefix;
                    }
                }
                Op::SafePoint => {}
                ref op if op.is_pure() => {}
                _ => break 'prefix,
            }
        }
        match &f.block(at).term {
            Term::Jump(t)
                if t.block != header && cfg.preds(t.block).len() == 1 && loops.contains(id, t.block) =>
            {
                at = t.block;
            }
            _ => break,
        }
    }
    let out = std::mem::take(&mut h.out);
    let entry = cfg.preds(header).iter().find(|e| !loops.contains(id, e.from));
    let (false, Some(entry)) = (out.is_empty(), entry) else { return };
    for &b in blocks {
        f.block_mut(b).insts.retain(|i| !out.contains(i));
    }
    out.iter().for_each(|i| home[i.index()] = entry.from);
    f.block_mut(entry.from).insts.extend(out);
}

impl Hoist<'_> {
    /// Takes an instruction and what it rests on, if all of that is the same in every iteration.
    fn take(&mut self, f: &Func, inst: Inst) -> bool {
        let mut wanted: SmallVec<[Inst; 8]> = SmallVec::new();
        if self.out.len() > HOISTED_MAX {
            return false;
        }
        if !self.invariant_args(f, inst, &mut wanted, 0) {
            return false;
        }
        wanted.push(inst);
        for i in wanted {
            if !self.out.contains(&i) {
                self.out.push(i);
            }
        }
        true
    }

    fn invariant_args(&self, f: &Func, inst: Inst, wanted: &mut SmallVec<[Inst; 8]>, depth: u32) -> bool {
        f.inst(inst).args.iter().all(|&v| self.is_invariant(f, v, wanted, depth))
    }

    fn is_invariant(&self, f: &Func, v: Value, wanted: &mut SmallVec<[Inst; 8]>, depth: u32) -> bool {
        match f.values[f.resolve(v).index()].def {
            ValueDef::Param(b, _) => !self.loops.contains(self.id, b),
            ValueDef::Result(def, _) => {
                if self.out.contains(&def) || !self.loops.contains(self.id, self.home[def.index()]) {
                    return true;
                }
                let can_move = is_movable(f, def) && depth < 6;
                if can_move && self.invariant_args(f, def, wanted, depth + 1) {
                    if !wanted.contains(&def) {
                        wanted.push(def);
                    }
                    return true;
                }
                false
            }
            ValueDef::Alias(_) => false,
        }
    }
}

/// Pure, and cannot trap where it would not have run.
fn is_movable(f: &Func, inst: Inst) -> bool {
    let data = f.inst(inst);
    match data.op {
        Op::Bin(BinOp::Div | BinOp::Rem | BinOp::UDiv | BinOp::URem) => {
            f.ty(data.results[0]).is_float() || f.as_const(data.args[1]).is_some_and(|c| c != 0)
        }
        ref op => op.is_pure(),
    }
}
