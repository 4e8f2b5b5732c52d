//! What a loop needs is used once more in front of it, by a store to a slot that nobody reads.
//!
//! Cranelift makes a pure value where it is first used, and so in the loop, if something has left the loop before, see
//! [`Lost`]. And its register allocator splits the life of a value behind a call, lets what follows begin at the next
//! use, and keeps the value in the frame up to there: if that is in the loop, each iteration stores it and loads it
//! again (regalloc2, `split_and_requeue_bundle`).

use crate::ops::INLINE_BYTES_MAX;
use goxide_ssa::analysis::{Cfg, Dominators, LoopId, Loops, postorder};
use goxide_ssa::ir::{Likely, Term};
use goxide_ssa::{Block, Func, Op, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// More do not fit into registers anyway.
const ANCHORS_MAX: usize = 10;

/// By block: what is to be used at its end.
pub fn find(func: &Func, folded: &[bool]) -> FxHashMap<Block, Vec<Value>> {
    let mut anchors = FxHashMap::default();
    let cfg = Cfg::new(func);
    let dom = Dominators::new(func, &cfg);
    let loops = Loops::new(&cfg, &dom, func.blocks.len());
    if loops.loops.is_empty() {
        return anchors;
    }
    let mut line = Line::new(func, &cfg);
    let lost = Lost::new(func, &dom, &loops, folded);
    for id in loops.ids() {
        // A call in the loop takes the registers away again.
        if loops.get(id).blocks.iter().any(|&b| line.calls_in(b)) {
            continue;
        }
        let header = loops.get(id).header;
        let needed = needed(func, &line, &loops, id, &lost);
        for edge in cfg.preds(header).iter().filter(|e| !loops.contains(id, e.from)) {
            let end = line.places[edge.from.index()].end;
            let call = line.last_call(end);
            let args = &func.block(edge.from).term.targets()[edge.index].args;
            let mut here: Vec<Value> = needed
                .iter()
                .filter(|&&(v, sinks)| {
                    line.is_far(v, call, end) || sinks && line.is_sunk(func, &dom, v, edge.from)
                })
                .map(|&(v, _)| v)
                .chain(
                    args.iter()
                        .map(|&v| func.resolve(v))
                        .filter(|&v| !is_remade(func, v) && line.is_far(v, call, end)),
                )
                .collect();
            here.sort_unstable_by_key(|v| v.0);
            here.dedup();
            if (1..=ANCHORS_MAX).contains(&here.len()) {
                for v in &here {
                    line.uses[v.index()].push((end, edge.from));
                    line.uses[v.index()].sort_unstable_by_key(|u| u.0);
                }
                let at: &mut Vec<Value> = anchors.entry(edge.from).or_default();
                at.extend(here);
                at.sort_unstable_by_key(|v| v.0);
                at.dedup();
            }
        }
    }
    anchors
}

/// The function's instructions one behind the other, as machine code will stand, but for what is rarely reached:
/// that stands behind everything.
struct Line {
    /// By block; of what is rarely reached: none.
    places: Vec<Range<u32>>,
    calls: Vec<u32>,
    /// By value: where it is defined, and used by what is not moved.
    defs: Vec<u32>,
    uses: Vec<Vec<(u32, Block)>>,
    is_cold: Vec<bool>,
}

impl Line {
    fn new(func: &Func, cfg: &Cfg) -> Line {
        let mut line = Line {
            places: vec![0..0; func.blocks.len()],
            calls: Vec::new(),
            defs: vec![0; func.values.len()],
            uses: vec![Vec::new(); func.values.len()],
            is_cold: cold_blocks(func, cfg),
        };
        let mut at = 0;
        for &block in &cfg.rpo {
            for &param in &func.block(block).params {
                line.defs[param.index()] = at;
            }
            if line.is_cold[block.index()] {
                continue;
            }
            let start = at + 1;
            for &inst in &func.block(block).insts {
                at += 1;
                let data = func.inst(inst);
                if !data.op.is_pure() {
                    for &arg in &data.args {
                        line.uses[func.resolve(arg).index()].push((at, block));
                    }
                }
                for &result in &data.results {
                    line.defs[result.index()] = at;
                }
                if clobbers(&data.op) {
                    line.calls.push(at);
                }
            }
            at += 1;
            func.block(block).term.for_each_use(|v| line.uses[func.resolve(v).index()].push((at, block)));
            line.places[block.index()] = start..at;
        }
        line
    }

    fn last_call(&self, end: u32) -> Option<u32> {
        self.calls[..self.calls.partition_point(|&c| c < end)].last().copied()
    }

    fn calls_in(&self, block: Block) -> bool {
        let Range { start, end } = self.places[block.index()];
        self.last_call(end).is_some_and(|call| call >= start)
    }

    /// Lives at the call, and is not used from there to the end.
    fn is_far(&self, v: Value, call: Option<u32>, end: u32) -> bool {
        let uses = &self.uses[v.index()];
        let next = |call| uses.get(uses.partition_point(|u| u.0 <= call));
        call.is_some_and(|call| self.defs[v.index()] < call && next(call).is_none_or(|u| u.0 > end))
    }

    /// Nothing makes it be there at the end of the block. What a branch alone needs is better made there.
    fn is_sunk(&self, func: &Func, dom: &Dominators, v: Value, block: Block) -> bool {
        let end = self.places[block.index()].end;
        func.def_op(v).is_some_and(|op| op.is_pure() && !matches!(op, Op::Cmp(_)))
            && !self.uses[v.index()].iter().any(|&(at, user)| at <= end && dom.dominates(user, block))
    }
}

/// Blocks with one way in, which is seldom gone.
fn cold_blocks(func: &Func, cfg: &Cfg) -> Vec<bool> {
    let mut cold = vec![false; func.blocks.len()];
    for &block in &cfg.rpo {
        let seldom = match &func.block(block).term {
            Term::Branch { else_, likely: Likely::Then, .. } => Some(else_.block),
            Term::Branch { then, likely: Likely::Else, .. } => Some(then.block),
            _ => None,
        };
        if let Some(to) = seldom {
            cold[to.index()] = cfg.preds(to).len() == 1;
        }
    }
    cold
}

/// Values from outside that the loop uses, but for those that are made anew where they are used; and which of them
/// are used only where the loop is lost.
fn needed(func: &Func, line: &Line, loops: &Loops, id: LoopId, lost: &Lost) -> Vec<(Value, bool)> {
    let (mut used, mut within) = (Vec::new(), FxHashSet::default());
    for &block in &loops.get(id).blocks {
        within.extend(func.block(block).params.iter().copied());
        let mut uses = |v: Value| used.push((func.resolve(v), lost.is_lost[block.index()]));
        for &inst in &func.block(block).insts {
            within.extend(func.inst(inst).results.iter().copied());
            if !line.is_cold[block.index()] {
                func.inst(inst).args.iter().for_each(|&v| uses(v));
            }
        }
        if !line.is_cold[block.index()] {
            func.block(block).term.for_each_use(uses);
        }
    }
    // Uses where the loop is not lost come first, and stay.
    used.sort_unstable_by_key(|&(v, is_lost)| (v.0, is_lost));
    used.dedup_by_key(|(v, _)| *v);
    used.retain(|(v, _)| !within.contains(v) && !is_remade(func, *v));
    used
}

/// Cranelift goes through the blocks along the dominator tree, and keeps the loops that it is in on a stack. What lies
/// outside a loop takes it off, and it is not put there again for blocks of the loop that come later: what they need
/// is not moved in front of the loop (`Elaborator::start_block`).
struct Lost {
    /// By block: the stack lacks one of the loops around it.
    is_lost: Vec<bool>,
}

impl Lost {
    fn new(func: &Func, dom: &Dominators, loops: &Loops, folded: &[bool]) -> Lost {
        let mut children: Vec<Vec<Block>> = vec![Vec::new(); func.blocks.len()];
        for block in last_target_first(func) {
            if let Some(parent) = dom.idom(block) {
                children[parent.index()].push(block);
            }
        }
        let panics = |block: Block| {
            let insts = &func.block(block).insts;
            insts.iter().any(|&i| matches!(func.inst(i).op, Op::Check(_)) && !folded[i.index()])
        };
        let mut lost = Lost { is_lost: vec![false; func.blocks.len()] };
        let mut around: Vec<LoopId> = Vec::new();
        let mut todo: Vec<(Block, bool)> = func.roots().map(|b| (b, false)).collect();
        while let Some((block, is_done)) = todo.pop() {
            if is_done {
                // The block of the panic comes behind all that the check dominates.
                if panics(block) {
                    around.clear();
                }
                continue;
            }
            while around.last().is_some_and(|&l| !loops.contains(l, block)) {
                around.pop();
            }
            if let Some(l) = loops.innermost(block).filter(|&l| loops.get(l).header == block) {
                around.push(l);
            }
            lost.is_lost[block.index()] = around.len() < loops.depth(block) as usize;
            todo.push((block, true));
            todo.extend(children[block.index()].iter().rev().map(|&b| (b, false)));
        }
        lost
    }
}

/// The reverse postorder in which Cranelift lists what a block dominates.
fn last_target_first(func: &Func) -> Vec<Block> {
    let targets = |b: Block| func.block(b).term.targets().iter().rev().map(|t| t.block).collect();
    let mut order = postorder(func.blocks.len(), func.roots(), targets);
    order.reverse();
    order
}

fn is_remade(func: &Func, v: Value) -> bool {
    matches!(func.def_op(v), Some(Op::Const(_) | Op::FConst(_) | Op::SymAddr(..) | Op::SlotAddr(..)))
}

/// Becomes a call that comes back, and leaves few registers as they were.
fn clobbers(op: &Op) -> bool {
    match op {
        Op::Call { .. } | Op::CallClosure | Op::CallPtr | Op::CallRt(_) | Op::New { .. } => true,
        Op::Copy { size, .. } | Op::Zero { size, .. } => *size > INLINE_BYTES_MAX,
        _ => false,
    }
}
