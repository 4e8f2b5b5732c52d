//! Puts a function's body in the place of a call.

use crate::ir::{Block, BlockData, Func, Inst, Loc, LocId, Slot, Target, Term, Value};
use crate::op::Op;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Names of the callee to names of the caller.
struct Map<'a> {
    callee: &'a Func,
    values: FxHashMap<Value, Value>,
    blocks: FxHashMap<Block, Block>,
    first_slot: u32,
    /// Of the call.
    loc: LocId,
    locs: FxHashMap<LocId, LocId>,
}

impl Map<'_> {
    fn value(&self, v: Value) -> Value {
        self.values[&self.callee.resolve(v)]
    }

    /// The callee's place, now inside the call's. A wrapper has no place of its own.
    fn loc(&mut self, caller: &mut Func, loc: LocId) -> LocId {
        if loc.0 == 0 {
            return self.loc;
        }
        if let Some(&known) = self.locs.get(&loc) {
            return known;
        }
        let data = self.callee.locs[loc.0 as usize].clone();
        let here = if data.parent == 0 && self.callee.flags.wrapper {
            self.loc
        } else {
            let parent = match data.parent {
                0 => self.loc.0,
                p => self.loc(caller, LocId(p)).0,
            };
            caller.locs.push(Loc { parent, ..data });
            LocId(caller.locs.len() as u32 - 1)
        };
        self.locs.insert(loc, here);
        here
    }

    fn op(&self, op: &Op) -> Op {
        match op {
            Op::SlotAddr(slot, offset) => Op::SlotAddr(Slot(slot.0 + self.first_slot), *offset),
            op => op.clone(),
        }
    }

    fn target(&self, t: &Target) -> Target {
        Target { block: self.blocks[&t.block], args: t.args.iter().map(|&v| self.value(v)).collect() }
    }

    /// Makes an instruction as in the callee, its arguments still missing.
    fn declare(&mut self, caller: &mut Func, inst: Inst) -> Inst {
        let callee = self.callee;
        let data = callee.inst(inst);
        let tys: SmallVec<[_; 4]> = data.results.iter().map(|&r| callee.ty(r)).collect();
        let loc = self.loc(caller, data.loc);
        let made = caller.make_inst(self.op(&data.op), &[], &tys, loc);
        for (&from, &to) in data.results.iter().zip(caller.results(made)) {
            self.values.insert(from, to);
        }
        made
    }
}

/// Whether a body can take the place of this call at all.
pub fn fits(caller: &Func, call: Inst, callee: &Func) -> bool {
    let data = caller.inst(call);
    let Op::Call { ctx, .. } = data.op else { return false };
    let given = data.args.len() - usize::from(ctx);
    given == callee.params.len()
        && (ctx || !callee.has_ctx)
        && callee.defer.is_none()
        && data.results.len() == callee.results.len()
        && data.args.iter().zip(&callee.params).all(|(&a, &p)| caller.ty(a) == p)
        && data.results.iter().zip(&callee.results).all(|(&r, &t)| caller.ty(r) == t)
}

/// Replaces the call that is instruction `at` of `block`; [`fits`] has agreed. Aliases are left behind.
pub fn splice(caller: &mut Func, block: Block, at: usize, callee: &Func) {
    let call = caller.block(block).insts[at];
    let data = caller.inst(call).clone();
    let mut map = Map {
        callee,
        values: FxHashMap::default(),
        blocks: FxHashMap::default(),
        first_slot: caller.slots.len() as u32,
        loc: data.loc,
        locs: FxHashMap::default(),
    };
    caller.slots.extend(callee.slots.iter().cloned());
    let entry = callee.entry();
    // A call may pass a closure object that the callee has no use for.
    for (&param, &arg) in callee.block(entry).params.iter().zip(&data.args) {
        map.values.insert(param, arg);
    }
    if let ([_], Term::Return(values)) = (&callee.order[..], &callee.block(entry).term) {
        let made: Vec<Inst> = callee.block(entry).insts.iter().map(|&i| map.declare(caller, i)).collect();
        fill(caller, &map, &callee.block(entry).insts, &made);
        for (&result, &v) in data.results.iter().zip(values) {
            let v = map.value(v);
            caller.set_alias(result, v);
        }
        caller.block_mut(block).insts.splice(at..=at, made);
        return;
    }

    // What stands behind the call goes on in a block of its own, which the results are parameters of.
    let rest = caller.block_mut(block).insts.split_off(at + 1);
    caller.block_mut(block).insts.pop();
    let behind = new_block(caller);
    caller.block_mut(behind).insts = rest;
    let term = std::mem::replace(&mut caller.block_mut(block).term, Term::Unreachable);
    let term_loc = caller.block(block).term_loc;
    caller.block_mut(behind).term = term;
    caller.block_mut(behind).term_loc = term_loc;
    for &result in &data.results {
        let param = caller.add_param(behind, caller.ty(result));
        caller.set_alias(result, param);
    }

    let mut placed = Vec::with_capacity(callee.order.len() + 1);
    for &b in &callee.order {
        let here = new_block(caller);
        map.blocks.insert(b, here);
        placed.push(here);
        if b != entry {
            for &param in &callee.block(b).params {
                let to = caller.add_param(here, callee.ty(param));
                map.values.insert(param, to);
            }
        }
    }
    let mut made = Vec::with_capacity(callee.order.len());
    for &b in &callee.order {
        made.push(callee.block(b).insts.iter().map(|&i| map.declare(caller, i)).collect::<Vec<_>>());
    }
    for (&b, insts) in callee.order.iter().zip(made) {
        let from = callee.block(b);
        fill(caller, &map, &from.insts, &insts);
        let term_loc = map.loc(caller, from.term_loc);
        let here = caller.block_mut(map.blocks[&b]);
        here.insts = insts;
        here.term_loc = term_loc;
        here.term = match &from.term {
            Term::Jump(t) => Term::Jump(map.target(t)),
            Term::Branch { cond, then, else_, likely } => Term::Branch {
                cond: map.value(*cond),
                then: map.target(then),
                else_: map.target(else_),
                likely: *likely,
            },
            Term::Switch { on, cases, default } => Term::Switch {
                on: map.value(*on),
                cases: cases.iter().map(|(n, t)| (*n, map.target(t))).collect(),
                default: map.target(default),
            },
            Term::Return(values) => {
                Term::Jump(Target { block: behind, args: values.iter().map(|&v| map.value(v)).collect() })
            }
            Term::Unreachable => Term::Unreachable,
        };
    }
    let to = caller.block_mut(block);
    to.term = Term::Jump(Target::to(map.blocks[&entry]));
    to.term_loc = data.loc;
    placed.push(behind);
    let place = caller.order.iter().position(|&b| b == block).expect("the call's block is laid out");
    caller.order.splice(place + 1..place + 1, placed);
}

/// Gives the copies of instructions their arguments.
fn fill(caller: &mut Func, map: &Map<'_>, from: &[Inst], to: &[Inst]) {
    for (&from, &to) in from.iter().zip(to) {
        caller.inst_mut(to).args = map.callee.inst(from).args.iter().map(|&v| map.value(v)).collect();
    }
}

/// A block that is not laid out yet.
fn new_block(f: &mut Func) -> Block {
    f.blocks.push(BlockData {
        params: Vec::new(),
        insts: Vec::new(),
        term: Term::Unreachable,
        term_loc: LocId(0),
    });
    Block(f.blocks.len() as u32 - 1)
}
