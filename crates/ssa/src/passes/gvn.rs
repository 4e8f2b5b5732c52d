//! Values that have been computed before, on every way here: pure operations, checks, and loads of memory
//! that has not changed since, among them what a store has just put there. A store of what is there already
//! goes: `x.s = x.s[0:n]` writes the length alone, as in gc.
//!
//! Blocks are visited in reverse postorder; a value is found again where its block dominates.

use crate::analysis::{Cfg, Dominators, Effect, Loops, Memory, Range, range};
use crate::ir::{Block, Func, Inst, Ty, Value};
use crate::op::{BinOp, Op};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How far back a load looks over stores that do not touch what it reads.
const STEPS_MAX: usize = 24;

/// Memory between two changes of it.
type State = u32;

#[derive(PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    args: SmallVec<[Value; 4]>,
    ty: Option<Ty>,
    state: State,
}

/// Where it has been computed: the result, or nothing for a check, and the block.
type Places = SmallVec<[(Option<Value>, Block); 2]>;

struct Gvn {
    dom: Dominators,
    memory: Memory,
    /// By state: the one before, and what lies between; none: it is not known what does.
    states: Vec<Option<(State, Effect)>>,
    seen: FxHashMap<Key, Places>,
}

fn load_key(pointer: Value, offset: i32, ty: Ty, state: State) -> Key {
    Key { op: Op::Load(offset), args: SmallVec::from_slice(&[pointer]), ty: Some(ty), state }
}

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    let changing = changing_loops(f, &loops);
    let mut g = Gvn { dom, memory: Memory::new(f), states: vec![None], seen: FxHashMap::default() };
    let mut at_end: Vec<State> = vec![0; f.blocks.len()];
    for &b in &cfg.rpo {
        let mut state = g.at_start(&cfg, &loops, &changing, &at_end, b);
        let insts = std::mem::take(&mut f.block_mut(b).insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            for n in 0..f.inst(inst).args.len() {
                let v = f.resolve(f.inst(inst).args[n]);
                f.inst_mut(inst).args[n] = v;
            }
            if g.visit(f, b, inst, &mut state) {
                kept.push(inst);
            }
        }
        f.block_mut(b).insts = kept;
        at_end[b.index()] = state;
    }
    f.resolve_aliases();
}

/// By loop: something in it may change memory. A loop that carries no value round waits for memory to
/// change, which another goroutine does.
fn changing_loops(f: &Func, loops: &Loops) -> Vec<bool> {
    let memory = Memory::new(f);
    let of = |l: &crate::analysis::Loop| {
        f.block(l.header).params.is_empty()
            || l.blocks.iter().any(|&b| f.block(b).insts.iter().any(|&i| memory.effect(f, i) != Effect::None))
    };
    let mut changing: Vec<bool> = loops.loops.iter().map(of).collect();
    // A loop's own list has the blocks that inner loops had not taken yet: ask those too.
    for id in loops.ids().rev() {
        if changing[id.0 as usize]
            && let Some(parent) = loops.get(id).parent
        {
            changing[parent.0 as usize] = true;
        }
    }
    changing
}

impl Gvn {
    fn new_state(&mut self, from: Option<(State, Effect)>) -> State {
        self.states.push(from);
        self.states.len() as State - 1
    }

    fn at_start(&mut self, cfg: &Cfg, loops: &Loops, changing: &[bool], at_end: &[State], b: Block) -> State {
        let mut found: Option<State> = None;
        for edge in cfg.preds(b) {
            if self.dom.dominates(b, edge.from) {
                let header_of = loops.innermost(b).filter(|&l| loops.get(l).header == b);
                match header_of {
                    Some(l) if !changing[l.0 as usize] => continue,
                    _ => return self.new_state(None),
                }
            }
            // A way back into a loop with two entries has not been visited.
            if cfg.number(edge.from) >= cfg.number(b) {
                return self.new_state(None);
            }
            let state = at_end[edge.from.index()];
            match found {
                None => found = Some(state),
                Some(other) if other == state => {}
                Some(_) => return self.new_state(None),
            }
        }
        match found {
            Some(state) => state,
            None => self.new_state(None),
        }
    }

    /// False: the instruction has been done before.
    fn visit(&mut self, f: &mut Func, b: Block, inst: Inst, state: &mut State) -> bool {
        let data = f.inst(inst);
        let mut key = Key { op: data.op.clone(), args: data.args.clone(), ty: None, state: 0 };
        key.ty = data.results.first().map(|&r| f.ty(r));
        match &data.op {
            Op::Bin(BinOp::Add | BinOp::Mul | BinOp::And | BinOp::Or | BinOp::Xor)
                if f.ty(data.args[0]) == f.ty(data.args[1]) =>
            {
                key.args.sort_unstable();
            }
            op if op.is_pure() => {}
            Op::Check(_) | Op::FramePointer => {}
            Op::Load(offset) => {
                let r = range(f, data.args[0], *offset, f.ty(data.results[0]).bytes());
                key.state = self.oldest(*state, &r);
            }
            Op::Store(offset) | Op::StorePtr(offset) => {
                let value = data.args[1];
                let r = range(f, data.args[0], *offset, f.ty(value).bytes());
                key = load_key(data.args[0], *offset, f.ty(value), self.oldest(*state, &r));
                if self.find(&key, b).is_some_and(|there| there.is_some_and(|v| f.resolve(v) == value)) {
                    return false;
                }
                self.change(f, b, inst, state);
                return true;
            }
            _ => {
                self.change(f, b, inst, state);
                return true;
            }
        }
        if let Some(value) = self.find(&key, b) {
            if let (Some(old), Some(&new)) = (value, f.inst(inst).results.first()) {
                f.set_alias(new, old);
            }
            return false;
        }
        let result = f.inst(inst).results.first().copied();
        self.seen.entry(key).or_default().push((result, b));
        true
    }

    /// What has been computed on every way to `b`.
    fn find(&self, key: &Key, b: Block) -> Option<Option<Value>> {
        let places = self.seen.get(key)?;
        places.iter().find(|(_, at)| self.dom.dominates(*at, b)).map(|&(value, _)| value)
    }

    /// The state since which what is at `r` has not changed.
    fn oldest(&self, state: State, r: &Range) -> State {
        let mut at = state;
        for _ in 0..STEPS_MAX {
            match self.states[at as usize] {
                Some((before, effect)) if !self.memory.touches(effect, r) => at = before,
                _ => break,
            }
        }
        at
    }

    fn change(&mut self, f: &Func, b: Block, inst: Inst, state: &mut State) {
        let effect = self.memory.effect(f, inst);
        if effect == Effect::None {
            return;
        }
        *state = self.new_state(Some((*state, effect)));
        let data = f.inst(inst);
        if let Op::Store(offset) | Op::StorePtr(offset) = data.op {
            let (pointer, value) = (data.args[0], data.args[1]);
            let key = load_key(pointer, offset, f.ty(value), *state);
            self.seen.entry(key).or_default().push((Some(value), b));
        }
    }
}
