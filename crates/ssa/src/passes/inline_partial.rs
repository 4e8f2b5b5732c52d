//! The base case of a function that calls itself is taken into its callers in the function itself: half of
//! the calls of a recursion over a tree end there. (DESIGN D2: this brings fib to 0.85 of Go's time.)

use super::inline_body;
use crate::ir::{Block, Func, Inst, LocId, Target, Term};
use crate::op::{Check, Op};
use smallvec::SmallVec;

const MAX_TEST: usize = 12;
const MAX_BASE: usize = 6;
/// Blocks between the test and the return.
const MAX_CHAIN: usize = 2;
/// More calls than these would grow the function too much.
const MAX_CALLS: usize = 8;

/// Whether anything was done.
pub fn run(f: &mut Func) -> bool {
    let calls: Vec<(Block, usize, Inst)> = f
        .order
        .iter()
        .filter(|&&b| f.block(b).term != Term::Unreachable)
        .flat_map(|&b| f.block(b).insts.iter().enumerate().map(move |(at, &i)| (b, at, i)))
        .filter(|&(_, _, i)| matches!(f.inst(i).op, Op::Call { callee, .. } if callee == f.name))
        .collect();
    if calls.is_empty() || calls.len() > MAX_CALLS || f.defer.is_some() || f.flags.noinline {
        return false;
    }
    let Some(shell) = base_case(f) else { return false };
    let mut changed = false;
    for &(block, at, call) in calls.iter().rev() {
        if inline_body::fits(f, call, &shell) {
            inline_body::splice(f, block, at, &shell);
            changed = true;
        }
    }
    if changed {
        f.resolve_aliases();
    }
    changed
}

/// The function as its test, its base case, and a call of itself for all else.
fn base_case(f: &Func) -> Option<Func> {
    let entry = f.block(f.entry());
    let test = |&i: &Inst| {
        let op = &f.inst(i).op;
        (op.is_pure() && !matches!(op, Op::SlotAddr(..))) || matches!(op, Op::Load(_) | Op::Check(Check::Nil))
    };
    if entry.insts.len() > MAX_TEST || !entry.insts.iter().all(test) {
        return None;
    }
    let Term::Branch { then, else_, .. } = &entry.term else { return None };
    let (chain, is_then) = match (base_chain(f, then.block), base_chain(f, else_.block)) {
        (Some(chain), None) => (chain, true),
        (None, Some(chain)) => (chain, false),
        _ => return None,
    };
    let mut shell = f.clone();
    shell.slots.clear();
    let again = shell.add_block();
    let op = Op::Call { callee: f.name, ctx: f.has_ctx };
    // At the place of the call that this stands for.
    let call = shell.push(again, op, &entry.params, &f.results, LocId(0));
    let results: SmallVec<[_; 4]> = shell.results(call).iter().copied().collect();
    shell.block_mut(again).term = Term::Return(results);
    if let Term::Branch { then, else_, .. } = &mut shell.blocks[0].term {
        *(if is_then { else_ } else { then }) = Target::to(again);
    }
    shell.order = std::iter::once(f.entry()).chain(chain).chain([again]).collect();
    Some(shell)
}

/// The blocks from `block` to a return, if that is all there is.
fn base_chain(f: &Func, block: Block) -> Option<Vec<Block>> {
    let mut chain = Vec::new();
    let mut at = block;
    loop {
        let data = f.block(at);
        let is_plain = |&i: &Inst| f.inst(i).op.is_pure() && !matches!(f.inst(i).op, Op::SlotAddr(..));
        if data.insts.len() > MAX_BASE || !data.insts.iter().all(is_plain) || chain.len() == MAX_CHAIN {
            return None;
        }
        chain.push(at);
        match &data.term {
            Term::Return(_) => return Some(chain),
            Term::Jump(t) if !chain.contains(&t.block) && t.block != f.entry() => at = t.block,
            _ => return None,
        }
    }
}
