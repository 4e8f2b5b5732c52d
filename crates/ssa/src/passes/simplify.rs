//! Single operations made simpler: constants folded, identities, one form for what can be written in
//! several, rotations found, addresses gathered in the access.

use super::cfg::is_boolean;
use super::fold;
use crate::analysis::Cfg;
use crate::ir::{Block, Func, Inst, Ty, Value};
use crate::op::{BinOp, Check, CmpOp, ConvOp, Op, UnOp};
use smallvec::{SmallVec, smallvec};

/// What an instruction with one result is instead.
enum New {
    Value(Value),
    Op(Op, SmallVec<[Value; 4]>),
    /// An operation with an integer constant as its last argument.
    WithConst(Op, Value, i64, Ty),
    WithFConst(Op, Value, u64, Ty),
    Const(i64),
    FConst(u64),
}

pub fn run(f: &mut Func) {
    // Definitions before uses; values that come round a loop are seen the next time.
    for b in Cfg::new(f).rpo {
        let mut out = Vec::with_capacity(f.block(b).insts.len());
        for inst in std::mem::take(&mut f.block_mut(b).insts) {
            for n in 0..f.inst(inst).args.len() {
                let v = f.resolve(f.inst(inst).args[n]);
                f.inst_mut(inst).args[n] = v;
            }
            if simplify(f, inst, &mut out) {
                out.push(inst);
            }
        }
        f.block_mut(b).insts = out;
        fold_term(f, b);
    }
    f.resolve_aliases();
}

/// A branch on a comparison of a boolean, on what it compares.
fn fold_term(f: &mut Func, b: Block) {
    let mut term = std::mem::replace(&mut f.block_mut(b).term, crate::ir::Term::Unreachable);
    term.for_each_use_mut(|v| *v = f.resolve(*v));
    f.block_mut(b).term = term;
}

/// Simplifies until nothing changes; false: the instruction goes.
fn simplify(f: &mut Func, inst: Inst, out: &mut Vec<Inst>) -> bool {
    // The forms lead to one another in few steps.
    for _ in 0..8 {
        canonical_order(f, inst);
        let data = f.inst(inst);
        if let Op::Check(check) = data.op {
            return !holds(f, check, &data.args);
        }
        if fold_address(f, inst) {
            continue;
        }
        let [result] = f.inst(inst).results[..] else { return true };
        let Some(new) = simpler(f, inst, f.ty(result)) else { return true };
        let loc = f.inst(inst).loc;
        let (op, args) = match new {
            New::Value(v) => {
                f.set_alias(result, v);
                return false;
            }
            New::Const(c) => (Op::Const(c), smallvec![]),
            New::FConst(bits) => (Op::FConst(bits), smallvec![]),
            New::Op(op, args) => (op, args),
            New::WithConst(op, v, c, ty) => {
                let k = f.make_inst(Op::Const(c), &[], &[ty], loc);
                out.push(k);
                (op, smallvec![v, f.result(k)])
            }
            New::WithFConst(op, v, bits, ty) => {
                let k = f.make_inst(Op::FConst(bits), &[], &[ty], loc);
                out.push(k);
                (op, smallvec![v, f.result(k)])
            }
        };
        let data = f.inst_mut(inst);
        data.op = op;
        data.args = args;
    }
    true
}

/// Constants stand on the right.
fn canonical_order(f: &mut Func, inst: Inst) {
    let data = f.inst(inst);
    let is_const = |v: Value| matches!(f.def_op(v), Some(Op::Const(_) | Op::FConst(_)));
    let [a, b] = data.args[..] else { return };
    if !is_const(a) || is_const(b) {
        return;
    }
    let op = match data.op {
        Op::Bin(op) if is_commutative(op) && f.ty(a) == f.ty(b) => Op::Bin(op),
        Op::Cmp(op) => Op::Cmp(fold::swapped(op)),
        _ => return,
    };
    let data = f.inst_mut(inst);
    data.op = op;
    data.args = smallvec![b, a];
}

fn is_commutative(op: BinOp) -> bool {
    use BinOp::*;
    matches!(op, Add | Mul | And | Or | Xor | MulHi | UMulHi)
}

/// A check that constants decide. What decides it against the program stays: the panic must come.
fn holds(f: &Func, check: Check, args: &[Value]) -> bool {
    let c = |n: usize| args.get(n).and_then(|&v| f.as_const(v));
    match check {
        Check::Nil => is_address(f, args[0]),
        Check::Zero => c(0).is_some_and(|n| fold::wrap(f.ty(args[0]), n) != 0),
        Check::Shift => c(0).is_some_and(|n| fold::wrap(f.ty(args[0]), n) >= 0),
        Check::Index { .. } => matches!((c(0), c(1)), (Some(i), Some(n)) if (i as u64) < n as u64),
        _ => args[0] == args[1] || matches!((c(0), c(1)), (Some(i), Some(n)) if (i as u64) <= n as u64),
    }
}

/// Never nil: the address of a symbol, a slot, or a new object, or within one.
pub fn is_address(f: &Func, v: Value) -> bool {
    let Some(inst) = f.def_inst(v) else { return false };
    let data = f.inst(inst);
    match data.op {
        Op::SymAddr(..) | Op::SlotAddr(..) | Op::New { .. } => true,
        // Within an object, since nobody computes addresses outside of one.
        Op::Bin(BinOp::Add) => is_address(f, data.args[0]),
        _ => false,
    }
}

/// Offsets go from the pointer into the access.
fn fold_address(f: &mut Func, inst: Inst) -> bool {
    let data = f.inst(inst);
    let (Op::Load(at) | Op::Store(at) | Op::StorePtr(at)) = data.op else { return false };
    let Some(def) = f.def_inst(data.args[0]) else { return false };
    let def = f.inst(def);
    let Op::Bin(BinOp::Add) = def.op else { return false };
    let (base, Some(c)) = (def.args[0], f.as_const(def.args[1])) else { return false };
    let Ok(sum) = i32::try_from(i64::from(at) + c) else { return false };
    if sum < 0 {
        return false;
    }
    let data = f.inst_mut(inst);
    data.args[0] = base;
    match &mut data.op {
        Op::Load(at) | Op::Store(at) | Op::StorePtr(at) => *at = sum,
        _ => {}
    }
    true
}

fn simpler(f: &Func, inst: Inst, ty: Ty) -> Option<New> {
    let data = f.inst(inst);
    let args = &data.args;
    match data.op {
        Op::Bin(op) if ty.is_float() => float_bin(f, op, ty, args[0], args[1]),
        Op::Bin(op) => bin(f, op, ty, args[0], args[1]),
        Op::Un(op) => un(f, op, ty, args[0]),
        Op::Cmp(op) => cmp(f, op, args[0], args[1]),
        Op::Conv(op) => conv(f, op, ty, args[0]),
        Op::Select => select(f, ty, args[0], args[1], args[2]),
        _ => None,
    }
}

/// The operation that defines `v`, and its arguments.
fn def(f: &Func, v: Value) -> Option<(&Op, &[Value])> {
    let inst = f.def_inst(v)?;
    Some((&f.inst(inst).op, &f.inst(inst).args))
}

fn fconst(f: &Func, v: Value) -> Option<u64> {
    match f.def_op(v) {
        Some(Op::FConst(bits)) => Some(*bits),
        _ => None,
    }
}

fn float_bin(f: &Func, op: BinOp, ty: Ty, x: Value, y: Value) -> Option<New> {
    let c = fconst(f, y)?;
    if let Some(a) = fconst(f, x) {
        return fold::float_bin(op, ty, a, c).map(New::FConst);
    }
    let n = if ty == Ty::F32 { f64::from(f32::from_bits(c as u32)) } else { f64::from_bits(c) };
    match op {
        BinOp::Mul if n == 2.0 => Some(New::Op(Op::Bin(BinOp::Add), smallvec![x, x])),
        BinOp::Mul | BinOp::Div if n == 1.0 => Some(New::Value(x)),
        // A power of two has an exact reciprocal.
        BinOp::Div if n.is_normal() && n.to_bits() << 12 == 0 && n.abs() < 1e30 && n.abs() > 1e-30 => {
            let r = 1.0 / n;
            let bits = if ty == Ty::F32 { u64::from((r as f32).to_bits()) } else { r.to_bits() };
            Some(New::WithFConst(Op::Bin(BinOp::Mul), x, bits, ty))
        }
        _ => None,
    }
}

fn bin(f: &Func, op: BinOp, ty: Ty, x: Value, y: Value) -> Option<New> {
    let width = fold::bits(ty);
    if let Some(c) = f.as_const(y) {
        if let Some(a) = f.as_const(x) {
            return fold::bin(op, ty, a, c).map(New::Const);
        }
        let amount = i64::from(c as u32 % width);
        let c = if fold::is_shift(op) { amount } else { fold::wrap(ty, c) };
        match (op, c) {
            (BinOp::Add | BinOp::Sub | BinOp::Or | BinOp::Xor, 0) => return Some(New::Value(x)),
            (BinOp::Shl | BinOp::Shr | BinOp::UShr | BinOp::Rotl, 0) => return Some(New::Value(x)),
            (BinOp::Mul | BinOp::Div | BinOp::UDiv, 1) => return Some(New::Value(x)),
            (BinOp::Mul | BinOp::And, 0) | (BinOp::Rem | BinOp::URem, 1) => return Some(New::Const(0)),
            (BinOp::And, -1) => return Some(New::Value(x)),
            (BinOp::Or, -1) => return Some(New::Const(-1)),
            (BinOp::Xor, -1) => return Some(New::Op(Op::Un(UnOp::Not), smallvec![x])),
            // One form for both.
            (BinOp::Sub, c) => return Some(New::WithConst(Op::Bin(BinOp::Add), x, c.wrapping_neg(), ty)),
            (BinOp::Mul, c) if c > 0 && c.count_ones() == 1 => {
                return Some(New::WithConst(Op::Bin(BinOp::Shl), x, c.trailing_zeros().into(), Ty::I64));
            }
            (BinOp::UDiv, c) if fold::unsigned(ty, c).is_power_of_two() => {
                let log = fold::unsigned(ty, c).trailing_zeros().into();
                return Some(New::WithConst(Op::Bin(BinOp::UShr), x, log, Ty::I64));
            }
            (BinOp::URem, c) if fold::unsigned(ty, c).is_power_of_two() => {
                return Some(New::WithConst(Op::Bin(BinOp::And), x, c.wrapping_sub(1), ty));
            }
            _ => {}
        }
        if let Some((&Op::Bin(inner), args)) = def(f, x)
            && let Some(d) = f.as_const(args[1])
        {
            let (z, d_amount) = (args[0], i64::from(d as u32 % width));
            match (inner, op) {
                // Also of a pointer and two offsets.
                (BinOp::Add, BinOp::Add) => {
                    let c_ty = f.ty(y);
                    return Some(New::WithConst(Op::Bin(op), z, fold::wrap(c_ty, c.wrapping_add(d)), c_ty));
                }
                (BinOp::And, BinOp::And) => return Some(New::WithConst(Op::Bin(op), z, c & d, ty)),
                (BinOp::Or, BinOp::Or) => return Some(New::WithConst(Op::Bin(op), z, c | d, ty)),
                (BinOp::Xor, BinOp::Xor) => return Some(New::WithConst(Op::Bin(op), z, c ^ d, ty)),
                (BinOp::Mul, BinOp::Mul) => {
                    return fold::bin(op, ty, c, d).map(|n| New::WithConst(Op::Bin(op), z, n, ty));
                }
                (BinOp::Shl, BinOp::Shl) | (BinOp::UShr, BinOp::UShr) => {
                    let sum = amount + d_amount;
                    return Some(if sum < i64::from(width) {
                        New::WithConst(Op::Bin(op), z, sum, Ty::I64)
                    } else {
                        New::Const(0)
                    });
                }
                _ => {}
            }
        }
        if op == BinOp::Add
            && ty == Ty::Ptr
            && let Some((base, _)) = def(f, x)
        {
            match *base {
                Op::SymAddr(sym, at) => {
                    return Some(New::Op(Op::SymAddr(sym, at.checked_add(c)?), smallvec![]));
                }
                Op::SlotAddr(slot, at) => {
                    let sum = i32::try_from(i64::from(at) + c).ok()?;
                    let is_inside = sum >= 0 && sum as u32 <= f.slots[slot.index()].size;
                    return is_inside.then(|| New::Op(Op::SlotAddr(slot, sum), smallvec![]));
                }
                _ => {}
            }
        }
    }
    match op {
        BinOp::Sub | BinOp::Xor if x == y => return Some(New::Const(0)),
        BinOp::And | BinOp::Or if x == y => return Some(New::Value(x)),
        // A comparison that is negated.
        BinOp::Xor if f.as_const(y) == Some(1) && ty == Ty::I8 => {
            if let Some((&Op::Cmp(op), args)) = def(f, x) {
                let op = fold::inverse(op, f.ty(args[0]).is_float())?;
                return Some(New::Op(Op::Cmp(op), SmallVec::from_slice(args)));
            }
        }
        BinOp::Or | BinOp::Xor | BinOp::Add => return rotation(f, ty, x, y),
        _ => {}
    }
    None
}

/// `x<<k | x>>(w-k)`
fn rotation(f: &Func, ty: Ty, x: Value, y: Value) -> Option<New> {
    let (Op::Bin(a), x_args) = def(f, x)? else { return None };
    let (Op::Bin(b), y_args) = def(f, y)? else { return None };
    let (left, right) = match (a, b) {
        (BinOp::Shl, BinOp::UShr) => (x_args, y_args),
        (BinOp::UShr, BinOp::Shl) => (y_args, x_args),
        _ => return None,
    };
    let width = i64::from(fold::bits(ty));
    let (k, rest) = (f.as_const(left[1])?, f.as_const(right[1])?);
    let is_rotation = left[0] == right[0] && k > 0 && rest > 0 && k + rest == width;
    is_rotation.then(|| New::Op(Op::Bin(BinOp::Rotl), smallvec![left[0], left[1]]))
}

fn un(f: &Func, op: UnOp, ty: Ty, x: Value) -> Option<New> {
    if let Some(c) = f.as_const(x) {
        return fold::un(op, ty, c).map(New::Const);
    }
    match (op, fconst(f, x)) {
        (UnOp::Neg, Some(bits)) => {
            let sign = if ty == Ty::F32 { 1 << 31 } else { 1 << 63 };
            return Some(New::FConst(bits ^ sign));
        }
        (UnOp::Sqrt, Some(bits)) if ty == Ty::F64 && f64::from_bits(bits) >= 0.0 => {
            return Some(New::FConst(f64::from_bits(bits).sqrt().to_bits()));
        }
        _ => {}
    }
    match (op, def(f, x)?) {
        (UnOp::Neg, (Op::Un(UnOp::Neg), args)) | (UnOp::Not, (Op::Un(UnOp::Not), args)) => {
            Some(New::Value(args[0]))
        }
        _ => None,
    }
}

fn cmp(f: &Func, op: CmpOp, x: Value, y: Value) -> Option<New> {
    let ty = f.ty(x);
    if ty.is_float() {
        return None;
    }
    if x == y {
        return Some(New::Const(fold::cmp(op, ty, 0, 0).into()));
    }
    let c = f.as_const(y);
    if c == Some(0) && matches!(op, CmpOp::Eq | CmpOp::Ne) && is_address(f, x) {
        return Some(New::Const((op == CmpOp::Ne).into()));
    }
    let c = fold::wrap(ty, c?);
    if let Some(a) = f.as_const(x) {
        return Some(New::Const(fold::cmp(op, ty, a, c).into()));
    }
    match (op, c) {
        (CmpOp::ULt, 0) => return Some(New::Const(0)),
        (CmpOp::UGe, 0) => return Some(New::Const(1)),
        (CmpOp::ULt, 1) => return Some(New::WithConst(Op::Cmp(CmpOp::Eq), x, 0, ty)),
        (CmpOp::UGt, 0) => return Some(New::WithConst(Op::Cmp(CmpOp::Ne), x, 0, ty)),
        (CmpOp::Ne, 0) if is_boolean(f, x) => return Some(New::Value(x)),
        (CmpOp::Eq, 1) if is_boolean(f, x) => return Some(New::Value(x)),
        (CmpOp::Eq, 0) | (CmpOp::Ne, 1) if is_boolean(f, x) => {
            return Some(New::WithConst(Op::Bin(BinOp::Xor), x, 1, Ty::I8));
        }
        _ => {}
    }
    // Extended values are compared as they were, where the constant allows it.
    let (Op::Conv(conv), args) = def(f, x)? else { return None };
    let narrow = f.ty(args[0]);
    let is_equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    let same_op = match conv {
        ConvOp::Zext if fold::unsigned(narrow, c) as i64 == c => match op {
            CmpOp::Lt => CmpOp::ULt,
            CmpOp::Le => CmpOp::ULe,
            CmpOp::Gt => CmpOp::UGt,
            CmpOp::Ge => CmpOp::UGe,
            same => same,
        },
        ConvOp::Sext if fold::wrap(narrow, c) == c && (is_equality || is_signed(op)) => op,
        _ => return None,
    };
    Some(New::WithConst(Op::Cmp(same_op), args[0], fold::wrap(narrow, c), narrow))
}

fn is_signed(op: CmpOp) -> bool {
    matches!(op, CmpOp::Lt | CmpOp::Le | CmpOp::Gt | CmpOp::Ge)
}

fn conv(f: &Func, op: ConvOp, to: Ty, x: Value) -> Option<New> {
    let from = f.ty(x);
    if let Some(c) = f.as_const(x) {
        if let Some(n) = fold::conv(op, from, to, c) {
            return Some(New::Const(n));
        }
        return match (op, to) {
            (ConvOp::IntToFloat, Ty::F64) => Some(New::FConst((fold::wrap(from, c) as f64).to_bits())),
            (ConvOp::UintToFloat, Ty::F64) => Some(New::FConst((fold::unsigned(from, c) as f64).to_bits())),
            _ => None,
        };
    }
    if from == to && !matches!(op, ConvOp::FloatExt | ConvOp::FloatTrunc | ConvOp::Hide) {
        return Some(New::Value(x));
    }
    let (&Op::Conv(inner), args) = def(f, x)? else { return None };
    let (z, first) = (args[0], f.ty(args[0]));
    match (inner, op) {
        (ConvOp::Zext, ConvOp::Zext) | (ConvOp::Sext, ConvOp::Sext) | (ConvOp::Trunc, ConvOp::Trunc) => {
            Some(New::Op(Op::Conv(op), smallvec![z]))
        }
        // What was widened and not filled stays below the sign.
        (ConvOp::Zext, ConvOp::Sext) if first.bytes() < from.bytes() => {
            Some(New::Op(Op::Conv(ConvOp::Zext), smallvec![z]))
        }
        (ConvOp::Zext | ConvOp::Sext, ConvOp::Trunc) => Some(match first.bytes().cmp(&to.bytes()) {
            std::cmp::Ordering::Equal => New::Value(z),
            std::cmp::Ordering::Greater => New::Op(Op::Conv(ConvOp::Trunc), smallvec![z]),
            std::cmp::Ordering::Less => New::Op(Op::Conv(inner), smallvec![z]),
        }),
        (ConvOp::Bits, ConvOp::Bits) if first == to => Some(New::Value(z)),
        _ => None,
    }
}

fn select(f: &Func, ty: Ty, c: Value, x: Value, y: Value) -> Option<New> {
    if x == y {
        return Some(New::Value(x));
    }
    if let Some(c) = f.as_const(c) {
        return Some(New::Value(if c != 0 { x } else { y }));
    }
    if ty == Ty::I8 && is_boolean(f, c) {
        match (f.as_const(x), f.as_const(y)) {
            (Some(1), Some(0)) => return Some(New::Value(c)),
            (Some(0), Some(1)) => return Some(New::WithConst(Op::Bin(BinOp::Xor), c, 1, Ty::I8)),
            _ => {}
        }
    }
    None
}
