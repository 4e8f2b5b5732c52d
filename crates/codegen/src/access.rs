//! Nil checks that cost nothing: an access close behind the check faults by itself where the pointer
//! is nil, since the first page is never mapped, and the runtime turns the fault into Go's panic.
//!
//! And which loads are kept apart from what is computed of them.

use goxide_ssa::{BinOp, Check, Func, Op};
use rustc_hash::FxHashMap;

/// Accesses at offsets below this fault on a nil pointer.
const HIDDEN_PAGE_BYTES: i32 = 4096;

pub struct Folding {
    /// By instruction: an access that stands for a check.
    pub faulting: Vec<bool>,
    /// By instruction: a check that is stood for.
    pub folded: Vec<bool>,
}

pub fn fold_nil_checks(func: &Func) -> Folding {
    let none = || vec![false; func.insts.len()];
    let mut f = Folding { faulting: none(), folded: none() };
    for block in &func.order {
        let insts = &func.blocks[block.index()].insts;
        for (i, &check) in insts.iter().enumerate() {
            let data = &func.insts[check.index()];
            if data.op != Op::Check(Check::Nil) {
                continue;
            }
            let pointer = func.resolve(data.args[0]);
            for &inst in &insts[i + 1..] {
                let data = &func.insts[inst.index()];
                let same = data.args.first().is_some_and(|&a| func.resolve(a) == pointer);
                if let Op::Load(offset) | Op::Store(offset) | Op::StorePtr(offset) = data.op
                    && same
                    && (0..HIDDEN_PAGE_BYTES).contains(&offset)
                {
                    f.faulting[inst.index()] = true;
                    f.folded[check.index()] = true;
                    break;
                }
                // Nothing that can be seen may happen before the panic. A load that does not fault cannot;
                // one that stands for another check may come first, or its panic would be this one's.
                let harmless =
                    data.op.is_pure() || matches!(data.op, Op::Load(_) if !f.faulting[inst.index()]);
                if !harmless && data.op != Op::Check(Check::Nil) {
                    break;
                }
            }
        }
    }
    f
}

/// Loads of what is stored again in the same block, by instruction. Processors forward what was stored at a base
/// and an offset to a plain load from there without delay (Zen's memory renaming), but not to an operation with an
/// operand in memory: a sum in a variable behind a pointer would wait for its last store each time.
pub fn updated_loads(func: &Func) -> Vec<bool> {
    let mut updated = vec![false; func.insts.len()];
    let mut loads = FxHashMap::default();
    for block in &func.order {
        loads.clear();
        for &inst in &func.blocks[block.index()].insts {
            let data = &func.insts[inst.index()];
            let place = |offset| (func.resolve(data.args[0]), offset);
            match data.op {
                // An index takes part in other addresses.
                Op::Load(offset) if func.def_op(data.args[0]) != Some(&Op::Bin(BinOp::Add)) => {
                    loads.insert(place(offset), inst);
                }
                Op::Store(offset) => {
                    if let Some(load) = loads.get(&place(offset)) {
                        updated[load.index()] = true;
                    }
                }
                _ => {}
            }
        }
    }
    updated
}
