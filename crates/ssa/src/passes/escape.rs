//! Escape analysis: an object that nothing refers to once its function returns, and no older copy of which
//! is in use when it is made again, becomes a stack slot. Stacks never move (D4), so a slot's address may
//! be held and passed on like any other.
//!
//! As in Go's cmd/compile/internal/escape each function gets a summary of what it does with its parameters,
//! callees first, so that a caller need not look into it.

use super::buffers;
use super::callgraph;
use super::escape_build::{Allocation, Solved};
use super::escape_graph::Obj;
use crate::ir::{Block, Func, Value, ValueDef};
use crate::op::Op;
use rustc_hash::FxHashSet;

/// As gc's `MaxImplicitStackVarSize`.
const MAX_OBJECT_BYTES: u32 = 64 << 10;
/// Of all objects of a function together.
const MAX_FRAME_BYTES: u32 = 128 << 10;

/// Turns what need not be on the heap into slots; whether there was any.
pub fn run(f: &mut Func, solved: &Solved) -> bool {
    for &(new, block) in &solved.in_frame {
        if new.is_buffer {
            buffers::give(f, new, block);
        } else {
            to_slot(f, new, block);
        }
    }
    plain_stores(f, solved) || !solved.in_frame.is_empty()
}

/// What need not be on the heap, by what is known so far.
pub fn in_frame(f: &Func, solved: &Solved) -> Vec<(Allocation, Block)> {
    if solved.news.is_empty() {
        return Vec::new();
    }
    let in_cycle = blocks_in_cycles(f);
    let mut place = vec![None; f.insts.len()];
    for &b in &f.order {
        for (at, &inst) in f.block(b).insts.iter().enumerate() {
            place[inst.index()] = Some((b, at));
        }
    }
    let mut room = MAX_FRAME_BYTES.saturating_sub(f.slots.iter().map(|s| s.size).sum());
    let mut found = Vec::new();
    for &new in &solved.news {
        let Allocation { inst, obj, size, .. } = new;
        let Some((block, at)) = place[inst.index()] else { continue };
        if solved.graph.has_escaped(obj) || size > MAX_OBJECT_BYTES.min(room) {
            continue;
        }
        if new.is_buffer && !buffers::has_use(f, inst, block) {
            continue;
        }
        // The buffer of a growing slice serves once.
        let is_shared = in_cycle[block.index()] && !buffers::serves_once(f, inst);
        if is_shared && outlives_its_round(f, solved, obj, block, at) {
            continue;
        }
        room -= size.max(8);
        found.push((new, block));
    }
    found
}

/// By block: control may come back to it.
fn blocks_in_cycles(f: &Func) -> Vec<bool> {
    let next: Vec<Vec<usize>> =
        f.blocks.iter().map(|b| b.term.targets().iter().map(|t| t.block.index()).collect()).collect();
    let mut out = vec![false; f.blocks.len()];
    for group in callgraph::components(f.blocks.len(), |b| &next[b]) {
        if group.len() > 1 || next[group[0]].contains(&group[0]) {
            group.iter().for_each(|&b| out[b] = true);
        }
    }
    out
}

/// A pointer to the object that was made the last time may still be in use when it is made anew.
fn outlives_its_round(f: &Func, solved: &Solved, o: Obj, block: Block, at: usize) -> bool {
    // The object, and what it can be reached from.
    let g = &solved.graph;
    let mut holders: FxHashSet<Obj> = FxHashSet::default();
    holders.insert(o);
    loop {
        let more: Vec<Obj> = g
            .objects()
            .filter(|&h| {
                !holders.contains(&h) && g.points_to(g.contents(h)).iter().any(|o| holders.contains(o))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        holders.extend(more);
    }
    // A slot's address is at hand everywhere: whether its contents are still in use is not looked into.
    if solved.slots.iter().any(|s| holders.contains(s)) {
        return true;
    }
    let mut live = Liveness::new(f, block, at);
    solved.values.iter().enumerate().any(|(v, n)| {
        n.is_some_and(|n| g.points_to(n).iter().any(|o| holders.contains(o))) && live.is_live(Value(v as u32))
    })
}

/// Which values are in use at one place.
struct Liveness<'a> {
    f: &'a Func,
    block: Block,
    at: usize,
    preds: Vec<Vec<Block>>,
    uses: Vec<Vec<(Block, usize)>>,
    defs: Vec<Option<(Block, usize)>>,
}

impl<'a> Liveness<'a> {
    fn new(f: &'a Func, block: Block, at: usize) -> Liveness<'a> {
        let mut l = Liveness {
            f,
            block,
            at,
            preds: vec![Vec::new(); f.blocks.len()],
            uses: vec![Vec::new(); f.values.len()],
            defs: vec![None; f.values.len()],
        };
        for &b in &f.order {
            let data = f.block(b);
            for &p in &data.params {
                l.defs[p.index()] = Some((b, 0));
            }
            for (i, &inst) in data.insts.iter().enumerate() {
                for &a in &f.inst(inst).args {
                    l.uses[f.resolve(a).index()].push((b, i + 1));
                }
                for &r in &f.inst(inst).results {
                    l.defs[r.index()] = Some((b, i + 1));
                }
            }
            data.term.for_each_use(|v| l.uses[f.resolve(v).index()].push((b, usize::MAX)));
            for t in data.term.targets() {
                l.preds[t.block.index()].push(b);
            }
        }
        l
    }

    /// Just before the place.
    fn is_live(&mut self, v: Value) -> bool {
        if matches!(self.f.values[v.index()].def, ValueDef::Alias(_)) {
            return false;
        }
        let Some(def) = self.defs[v.index()] else { return false };
        let here = self.at + 1;
        // Backwards from each use to the definition.
        let mut seen: FxHashSet<Block> = FxHashSet::default();
        let mut work = Vec::new();
        for &(b, i) in &self.uses[v.index()] {
            let defined_before = b == def.0 && def.1 < i;
            if b == self.block && i >= here && !(defined_before && def.1 >= here) {
                return true;
            }
            if !defined_before && seen.insert(b) {
                work.push(b);
            }
        }
        // `v` is in use at the start of these.
        while let Some(b) = work.pop() {
            for &p in &self.preds[b.index()] {
                let is_def = p == def.0;
                if p == self.block && (!is_def || def.1 < here) {
                    return true;
                }
                if !is_def && seen.insert(p) {
                    work.push(p);
                }
            }
        }
        false
    }
}

/// The object's memory is zeroed where it is made.
fn to_slot(f: &mut Func, new: Allocation, block: Block) {
    let inst = new.inst;
    let slot = f.add_slot(new.size, new.align, true);
    let (loc, address) = (f.inst(inst).loc, f.result(inst));
    let data = f.inst_mut(inst);
    data.op = Op::SlotAddr(slot, 0);
    data.args.clear();
    if new.size == 0 {
        return;
    }
    let zero = f.make_inst(Op::Zero { size: f.slots[slot.index()].size, ptrs: false }, &[address], &[], loc);
    let insts = &mut f.block_mut(block).insts;
    let at = insts.iter().position(|&i| i == inst).expect("it stands in its block");
    insts.insert(at + 1, zero);
}

/// What is stored to memory that is surely the frame's needs no write barrier.
fn plain_stores(f: &mut Func, solved: &Solved) -> bool {
    let mut is_own: FxHashSet<Obj> = solved.slots.iter().copied().collect();
    for new in &solved.news {
        if let Op::SlotAddr(..) = f.inst(new.inst).op {
            is_own.insert(new.obj);
        }
    }
    let in_frame = |f: &Func, v: Value| {
        let node = solved.values.get(f.resolve(v).index()).copied().flatten();
        node.is_some_and(|n| {
            let objs = solved.graph.points_to(n);
            !objs.is_empty() && objs.iter().all(|o| is_own.contains(o))
        })
    };
    let mut changed = false;
    for b in f.order.clone() {
        for inst in f.block(b).insts.clone() {
            let Some(&at) = f.inst(inst).args.first() else { continue };
            let plain = match f.inst(inst).op {
                Op::StorePtr(offset) => Op::Store(offset),
                Op::Copy { size, ptrs: true } => Op::Copy { size, ptrs: false },
                Op::Zero { size, ptrs: true } => Op::Zero { size, ptrs: false },
                _ => continue,
            };
            if in_frame(f, at) {
                f.inst_mut(inst).op = plain;
                changed = true;
            }
        }
    }
    changed
}
