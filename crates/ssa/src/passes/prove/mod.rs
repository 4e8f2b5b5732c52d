//! Checks and comparisons whose outcome is known from those before: bounds, nil, division, shift. A walk
//! down the dominator tree, with the facts of the branches and checks passed on the way.
//!
//! That a slice's length is not negative is known only where a check uses it as a length: the same value
//! may be an ordinary number elsewhere.

mod facts;
mod induction;

use crate::analysis::{Cfg, Dominators, Edge, Loops};
use crate::ir::{Block, Func, Inst, Term, Ty, Value};
use crate::op::{BinOp, Check, CmpOp, Op};
use crate::passes::fold;
use crate::passes::simplify::is_address;
use facts::{Facts, Mark, Node, ZERO};
use goxide_abi::Entry;

pub fn run(f: &mut Func) {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let loops = Loops::new(&cfg, &dom, f.blocks.len());
    let mut facts = Facts::new(f);
    // Blocks on the way from the root to where the walk is, and what was known before each.
    let mut path: Vec<(Block, Mark)> = Vec::new();
    for &b in &dom.preorder {
        while let Some(&(up, mark)) = path.last()
            && !dom.dominates(up, b)
        {
            facts.forget(mark);
            path.pop();
        }
        path.push((b, facts.mark()));
        if let Some(edge) = only_entry(&cfg, &dom, b) {
            learn_edge(f, &mut facts, edge.from, edge.index);
        }
        if let Some(l) = loops.innermost(b).filter(|&l| loops.get(l).header == b) {
            induction::learn(f, &cfg, &dom, &loops, l, &mut facts);
        }
        let insts = std::mem::take(&mut f.block_mut(b).insts);
        let mut kept = Vec::with_capacity(insts.len());
        for inst in insts {
            if visit(f, &mut facts, inst) {
                kept.push(inst);
            }
        }
        f.block_mut(b).insts = kept;
    }
}

/// The edge that every way to `b` goes over, if there is one: a loop's ways back come from behind it, and
/// values that are known before it are the same until it is passed again.
fn only_entry(cfg: &Cfg, dom: &Dominators, b: Block) -> Option<Edge> {
    let mut entries = cfg.preds(b).iter().filter(|e| !dom.dominates(b, e.from));
    match (entries.next(), entries.next()) {
        (Some(&edge), None) => Some(edge),
        _ => None,
    }
}

/// What is known on one way out of a block.
fn learn_edge(f: &Func, facts: &mut Facts, from: Block, index: usize) {
    match &f.block(from).term {
        Term::Branch { cond, then, else_, .. } if then.block != else_.block => {
            learn_condition(f, facts, f.resolve(*cond), index == 0);
        }
        Term::Switch { on, cases, .. } => {
            if let Some(&(n, _)) = cases.get(index) {
                facts.learn((*on).into(), ZERO, n);
                if let Some(minus) = n.checked_neg() {
                    facts.learn(ZERO, (*on).into(), minus);
                }
            }
        }
        _ => {}
    }
}

fn learn_condition(f: &Func, facts: &mut Facts, cond: Value, is_true: bool) {
    let Some(inst) = f.def_inst(cond) else { return };
    let data = f.inst(inst);
    match data.op {
        Op::Cmp(op) => {
            let (a, b) = (data.args[0], data.args[1]);
            if f.ty(a).is_float() {
                return;
            }
            let op = if is_true { Some(op) } else { fold::inverse(op, false) };
            if let Some(op) = op {
                learn_comparison(f, facts, op, a, b);
            }
        }
        // Both sides of `and`, neither of `or`.
        Op::Bin(BinOp::And) if is_true => {
            data.args.iter().filter(|&&a| super::cfg::is_boolean(f, a)).for_each(|&a| {
                learn_condition(f, facts, a, true);
            });
        }
        Op::Bin(BinOp::Or) if !is_true => {
            data.args.iter().for_each(|&a| learn_condition(f, facts, a, false));
        }
        _ => {}
    }
}

fn learn_comparison(f: &Func, facts: &mut Facts, op: CmpOp, a: Value, b: Value) {
    if f.ty(a) == Ty::Ptr {
        if op == CmpOp::Ne && f.as_const(b) == Some(0) {
            facts.learn_not_nil(a);
        }
        return;
    }
    let (x, y): (Node, Node) = (a.into(), b.into());
    match op {
        CmpOp::Lt => facts.learn(x, y, -1),
        CmpOp::Le => facts.learn(x, y, 0),
        CmpOp::Gt => facts.learn(y, x, -1),
        CmpOp::Ge => facts.learn(y, x, 0),
        CmpOp::Eq => {
            facts.learn(x, y, 0);
            facts.learn(y, x, 0);
        }
        CmpOp::Ne => {
            facts.learn_different(a, b);
            if facts.holds(f, x, y, 0) {
                facts.learn(x, y, -1);
            } else if facts.holds(f, y, x, 0) {
                facts.learn(y, x, -1);
            }
        }
        CmpOp::ULt => learn_unsigned(f, facts, a, b, true),
        CmpOp::ULe => learn_unsigned(f, facts, a, b, false),
        CmpOp::UGt => learn_unsigned(f, facts, b, a, true),
        CmpOp::UGe => learn_unsigned(f, facts, b, a, false),
    }
}

fn learn_unsigned(f: &Func, facts: &mut Facts, a: Value, b: Value, is_strict: bool) {
    facts.learn_unsigned(a, b, is_strict);
    if facts.is_at_least(f, b, 0) {
        facts.learn(ZERO, a.into(), 0);
        facts.learn(a.into(), b.into(), -i64::from(is_strict));
    }
}

/// False: the instruction is not needed.
fn visit(f: &mut Func, facts: &mut Facts, inst: Inst) -> bool {
    let data = f.inst(inst);
    match data.op {
        Op::Check(check) => {
            let args = data.args.clone();
            if passes(f, facts, check, &args) {
                return false;
            }
            learn_check(f, facts, check, &args);
        }
        // It panics where the length is negative.
        Op::CallRt(Entry::MakeSlice | Entry::MakeSliceBuf) => {
            let (len, cap) = (data.args[1], data.args[2]);
            facts.learn(ZERO, len.into(), 0);
            facts.learn(len.into(), cap.into(), 0);
        }
        Op::Cmp(op) if f.ty(data.args[0]).is_int() => {
            if let Some(outcome) = outcome(f, facts, op, data.args[0], data.args[1]) {
                let data = f.inst_mut(inst);
                data.op = Op::Const(outcome.into());
                data.args.clear();
            }
        }
        // Without the sign they are cheaper.
        Op::Bin(op @ (BinOp::Div | BinOp::Rem)) if f.ty(data.args[0]).is_int() => {
            let (x, y) = (data.args[0], data.args[1]);
            let is_positive = f.as_const(y).is_some_and(|c| fold::wrap(f.ty(y), c) > 0);
            if is_positive && facts.is_at_least(f, x, 0) {
                let op = if op == BinOp::Div { BinOp::UDiv } else { BinOp::URem };
                f.inst_mut(inst).op = Op::Bin(op);
            }
        }
        _ => {}
    }
    true
}

/// Whether the second argument is the length or capacity of something.
fn is_length(check: Check) -> bool {
    !matches!(
        check,
        Check::Nil
            | Check::Zero
            | Check::Shift
            | Check::SliceB { .. }
            | Check::Slice3B { .. }
            | Check::Slice3C { .. }
    )
}

fn passes(f: &Func, facts: &mut Facts, check: Check, args: &[Value]) -> bool {
    let a = args[0];
    match check {
        Check::Nil => facts.is_not_nil(a) || is_address(f, a),
        Check::Zero => {
            facts.are_different(f, a, 0) || facts.is_at_least(f, a, 1) || facts.holds(f, a.into(), ZERO, -1)
        }
        Check::Shift => facts.is_at_least(f, a, 0),
        _ => {
            let b = args[1];
            let is_strict = matches!(check, Check::Index { .. });
            let mark = facts.mark();
            if is_length(check) {
                facts.learn(ZERO, b.into(), 0);
            }
            let known = facts.is_below_unsigned(a, b, is_strict)
                || (facts.is_at_least(f, a, 0) && facts.holds(f, a.into(), b.into(), -i64::from(is_strict)));
            facts.forget(mark);
            known
        }
    }
}

/// What holds behind a check.
fn learn_check(f: &Func, facts: &mut Facts, check: Check, args: &[Value]) {
    let a = args[0];
    match check {
        Check::Nil => facts.learn_not_nil(a),
        Check::Zero => {
            // The constant is looked up by its value: any will do.
            if facts.is_at_least(f, a, 0) {
                facts.learn(ZERO, a.into(), -1);
            }
        }
        Check::Shift => facts.learn(ZERO, a.into(), 0),
        _ => {
            let b = args[1];
            let is_strict = matches!(check, Check::Index { .. });
            facts.learn_unsigned(a, b, is_strict);
            if is_length(check) || facts.is_at_least(f, b, 0) {
                facts.learn(ZERO, b.into(), -i64::from(is_strict));
                facts.learn(ZERO, a.into(), 0);
                facts.learn(a.into(), b.into(), -i64::from(is_strict));
            }
        }
    }
}

/// Of a comparison, if it is known.
fn outcome(f: &Func, facts: &Facts, op: CmpOp, a: Value, b: Value) -> Option<bool> {
    let (x, y): (Node, Node) = (a.into(), b.into());
    let holds = |op: CmpOp| match op {
        CmpOp::Lt => facts.holds(f, x, y, -1),
        CmpOp::Le => facts.holds(f, x, y, 0),
        CmpOp::Gt => facts.holds(f, y, x, -1),
        CmpOp::Ge => facts.holds(f, y, x, 0),
        CmpOp::Ne => facts.holds(f, x, y, -1) || facts.holds(f, y, x, -1),
        // Unsigned where both are not negative.
        CmpOp::ULt | CmpOp::ULe => {
            let is_strict = op == CmpOp::ULt;
            facts.is_below_unsigned(a, b, is_strict)
                || (facts.is_at_least(f, a, 0) && facts.holds(f, x, y, -i64::from(is_strict)))
        }
        CmpOp::UGt | CmpOp::UGe => {
            let is_strict = op == CmpOp::UGt;
            facts.is_below_unsigned(b, a, is_strict)
                || (facts.is_at_least(f, b, 0) && facts.holds(f, y, x, -i64::from(is_strict)))
        }
        CmpOp::Eq => false,
    };
    if holds(op) {
        return Some(true);
    }
    holds(fold::inverse(op, false)?).then_some(false)
}
