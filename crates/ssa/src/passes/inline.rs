//! Inlining: which calls are replaced by the body of what they call. Functions are visited callees first,
//! so a body that is put somewhere has already had its own calls inlined; what then still looks dear stays
//! a call. After Go's cmd/compile/internal/inline in what it is for, not in its numbers: the cost here
//! counts instructions, not nodes of the syntax tree.

use super::devirt::Closures;
use super::inline_body;
use super::inline_decided;
use super::world::World;
use crate::ir::{Block, Func, Inst, Term, Value, ValueDef};
use crate::module::Sym;
use crate::op::{Check, ConvOp, Op};
use goxide_abi::layout::ITAB_FUN;
use smallvec::SmallVec;

/// A body of at most this cost is inlined anywhere.
const MAX_COST: u32 = 40;
/// Where it branches on a parameter for which this call gives a constant; what is left of it then must be
/// small all the same.
const MAX_COST_DECIDED: u32 = 160;
/// Where it makes a call through a parameter for which this call gives a known function.
const MAX_COST_KNOWN_FUNC: u32 = 220;
/// A closure's body or other private function that is used nowhere else.
const MAX_COST_ONLY_USE: u32 = 160;
/// One that returns an object that it makes, which may then stay in the caller's frame.
const MAX_COST_MAKES_RESULT: u32 = 100;
/// On the way to a panic, or in a function that has grown large.
const MAX_COST_UNIMPORTANT: u32 = 10;
/// Instructions; inlining into a larger function costs more than it brings.
const LARGE_FUNC: usize = 4000;
/// A body with larger slots keeps them in a frame of its own.
const MAX_SLOT_BYTES: u32 = 1024;

const COST_CALL: u32 = 7;

/// What the decision needs to know of a function.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    pub cost: u32,
    /// `false`: never inlined.
    pub allowed: bool,
    /// Calls Go functions.
    pub calls: bool,
    /// Returns an object that it makes.
    pub makes_result: bool,
    /// Bit i: parameter i is called, as a function value or through an itab, or handed to a function that
    /// does so.
    pub called_params: u64,
    /// Bit i: with a constant for parameter i it may be known which way a branch goes.
    pub deciding_params: u64,
}

impl Facts {
    pub fn new(f: &Func, makes_result: bool, called_params: &dyn Fn(Sym) -> u64) -> Facts {
        let deciding_params = inline_decided::deciding_params(f);
        let mut facts = Facts { allowed: is_allowed(f), makes_result, deciding_params, ..Facts::default() };
        for &b in &f.order {
            let block = f.block(b);
            facts.cost += block_cost(f, b, &|_| true) + term_cost(&block.term);
            for &inst in &block.insts {
                let data = f.inst(inst);
                match data.op {
                    Op::CallClosure => facts.param_called(f, data.args[0]),
                    Op::CallPtr => {
                        if let Some(Op::Load(offset)) = f.def_op(data.args[0])
                            && *offset >= ITAB_FUN
                            && let Some(load) = f.def_inst(data.args[0])
                        {
                            facts.param_called(f, f.inst(load).args[0]);
                        }
                    }
                    Op::Call { callee, .. } => {
                        let called = called_params(callee);
                        for (i, &a) in data.args.iter().enumerate().filter(|(i, _)| *i < 64) {
                            if called & (1 << i) != 0 {
                                facts.param_called(f, a);
                            }
                        }
                    }
                    _ => {}
                }
                facts.calls |= matches!(data.op, Op::Call { .. } | Op::CallClosure | Op::CallPtr);
            }
        }
        facts.cost = facts.cost.saturating_sub(saved_by_no_call(f));
        facts
    }

    fn param_called(&mut self, f: &Func, v: Value) {
        if let ValueDef::Param(b, n) = f.values[f.resolve(v).index()].def
            && b == f.entry()
            && n < 64
        {
            self.called_params |= 1 << n;
        }
    }

    /// The dearest that is put where nothing is known of the arguments.
    fn max_cost(&self) -> u32 {
        if self.makes_result { MAX_COST_MAKES_RESULT } else { MAX_COST }
    }

    /// At least where the call tells more than this.
    pub fn may_inline(&self) -> bool {
        let most = match self {
            Facts { called_params: 1.., .. } => MAX_COST_KNOWN_FUNC,
            Facts { deciding_params: 1.., .. } => MAX_COST_DECIDED,
            _ => self.max_cost(),
        };
        self.allowed && self.cost <= most
    }
}

fn is_allowed(f: &Func) -> bool {
    let slots: u64 = f.slots.iter().map(|s| u64::from(s.size)).sum();
    if f.flags.noinline || f.flags.runtime || f.defer.is_some() || slots > u64::from(MAX_SLOT_BYTES) {
        return false;
    }
    f.order.iter().all(|&b| {
        let block = f.block(b);
        // recover looks at the frame that it is called in.
        !block.insts.iter().any(|&i| f.inst(i).op == Op::FramePointer)
            && block.term.targets().iter().all(|t| t.block != f.entry())
    })
}

fn cost(op: &Op, args: usize) -> u32 {
    match op {
        Op::Const(_) | Op::FConst(_) | Op::SymAddr(..) | Op::SlotAddr(..) | Op::KeepAlive => 0,
        Op::Conv(ConvOp::Bits | ConvOp::Hide) | Op::Check(Check::Nil) => 0,
        Op::Copy { size, .. } | Op::Zero { size, .. } => 1 + (size / 64).min(4),
        Op::Call { .. } | Op::CallClosure | Op::CallPtr => COST_CALL + args as u32,
        Op::CallRt(_) | Op::New { .. } => 4 + args as u32 / 2,
        _ => 1,
    }
}

/// Of those instructions of a block that `counts` is true for.
pub fn block_cost(f: &Func, b: Block, counts: &dyn Fn(Inst) -> bool) -> u32 {
    let block = f.block(b);
    let is_cold = block.term == Term::Unreachable;
    let of = |&inst: &Inst| {
        let data = f.inst(inst);
        if is_cold { 1 } else { cost(&data.op, data.args.len()) }
    };
    block.insts.iter().filter(|&&inst| counts(inst)).map(of).sum()
}

pub fn term_cost(term: &Term) -> u32 {
    match term {
        Term::Branch { .. } => 1,
        Term::Switch { cases, .. } => 2 + cases.len() as u32,
        Term::Jump(_) | Term::Return(_) | Term::Unreachable => 0,
    }
}

/// What the call itself would take.
pub fn saved_by_no_call(f: &Func) -> u32 {
    4 + f.params.len() as u32
}

/// A call that may be replaced.
struct Candidate {
    block: Block,
    at: usize,
    inst: Inst,
    callee: Sym,
}

/// Inlines calls of `f`, which is not among the world's functions now; whether any was.
pub fn run(world: &mut World<'_>, f: &mut Func, closures: &Closures, group: &[Sym]) -> bool {
    let mut size: usize = f.order.iter().map(|&b| f.block(b).insts.len()).sum();
    let mut found = Vec::new();
    for &b in &f.order {
        for (at, &inst) in f.block(b).insts.iter().enumerate() {
            if let Op::Call { callee, .. } = f.inst(inst).op
                && !group.contains(&callee)
            {
                found.push(Candidate { block: b, at, inst, callee });
            }
        }
    }
    let wanted: Vec<Candidate> =
        found.into_iter().filter(|c| wants(world, f, closures, c, &mut size)).collect();
    // From behind, so that the places of the others stay.
    for c in wanted.iter().rev() {
        world.with_body(c.callee, |callee| inline_body::splice(f, c.block, c.at, callee));
    }
    if !wanted.is_empty() {
        f.resolve_aliases();
    }
    !wanted.is_empty()
}

fn wants(world: &mut World<'_>, f: &Func, closures: &Closures, c: &Candidate, size: &mut usize) -> bool {
    let Some(facts) = world.facts(c.callee) else { return false };
    if !facts.allowed {
        return false;
    }
    let args = &f.inst(c.inst).args;
    let is_known = |v: Value| {
        closures.code(world.module, f, v).is_some()
            || matches!(f.def_op(v), Some(Op::SymAddr(sym, 0)) if world.module.name(*sym).starts_with("go:itab."))
    };
    let mut most = facts.max_cost();
    if (0..args.len().min(64)).any(|i| facts.called_params & (1 << i) != 0 && is_known(args[i])) {
        most = MAX_COST_KNOWN_FUNC;
    } else if world.is_only_use(c.callee) {
        most = MAX_COST_ONLY_USE.max(most);
    }
    let is_on_way_to_panic = f.block(c.block).term == Term::Unreachable;
    if *size > LARGE_FUNC || is_on_way_to_panic || f.flags.nosplit {
        most = MAX_COST_UNIMPORTANT;
    }
    // A wrapper's frame is looked through: by recover, which must not look through anything else.
    let would_hide_a_caller = f.flags.wrapper && facts.calls;
    if would_hide_a_caller {
        return false;
    }
    if facts.cost > most {
        let constant =
            |i: usize| (facts.deciding_params & (1 << i) != 0).then(|| f.as_const(args[i])).flatten();
        let constants: SmallVec<[_; 8]> = (0..args.len().min(64)).map(constant).collect();
        let is_decided = most >= MAX_COST
            && facts.cost <= MAX_COST_DECIDED
            && constants.iter().any(Option::is_some)
            && world.with_body(c.callee, |callee| inline_decided::cost(callee, &constants)) <= Some(MAX_COST);
        if !is_decided {
            return false;
        }
    }
    let mut grows = 0;
    let fits = world.with_body(c.callee, |callee| {
        grows = callee.order.iter().map(|&b| callee.block(b).insts.len()).sum();
        inline_body::fits(f, c.inst, callee)
    });
    if fits == Some(true) {
        *size += grows;
    }
    fits == Some(true)
}
