//! Accesses to neighbouring bytes made one: `uint32(b[0]) | uint32(b[1])<<8 | …` is a load of four bytes,
//! `b[0], b[1], … = byte(v), byte(v>>8), …` a store; the other way round with the bytes swapped. (Go's
//! `memcombine.go`.) std's `encoding/binary`, hashes, ciphers and compression are written so.

mod loads;
mod stores;

use crate::analysis::{Cfg, Memory};
use crate::ir::{Func, Ty, Value};
use crate::op::{BinOp, Op};

/// What has become one load may be a part of a larger one.
const ROUNDS_MAX: usize = 3;

/// Loads alone: what stands between them may panic, so these pay before checks are known to pass.
pub fn run_loads(f: &mut Func) {
    let cfg = Cfg::new(f);
    for _ in 0..ROUNDS_MAX {
        let memory = Memory::new(f);
        let uses = f.use_counts();
        let mut changed = false;
        for &b in &cfg.rpo {
            changed |= loads::run(f, &memory, &uses, b);
        }
        if !changed {
            break;
        }
        f.resolve_aliases();
    }
}

pub fn run(f: &mut Func) {
    run_loads(f);
    for b in f.order.clone() {
        stores::run(f, b);
    }
}

/// An address as a sum: two with the same base and index are as far apart as their offsets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Address {
    base: Value,
    index: Option<Value>,
    offset: i64,
}

impl Address {
    fn new(f: &Func, pointer: Value, offset: i32) -> Address {
        let mut a = Address { base: f.resolve(pointer), index: None, offset: i64::from(offset) };
        while let Some((x, y)) = sum(f, a.base) {
            if let Some(c) = f.as_const(y) {
                a.offset = a.offset.wrapping_add(c);
            } else if a.index.is_none() {
                let mut index = y;
                while let Some((x, y)) = sum(f, index)
                    && let Some(c) = f.as_const(y)
                {
                    a.offset = a.offset.wrapping_add(c);
                    index = x;
                }
                a.index = Some(index);
            } else {
                break;
            }
            a.base = x;
        }
        a
    }

    fn is_near(&self, other: &Address) -> bool {
        (self.base, self.index) == (other.base, other.index)
    }
}

fn sum(f: &Func, v: Value) -> Option<(Value, Value)> {
    let data = f.inst(f.def_inst(v)?);
    (data.op == Op::Bin(BinOp::Add) && matches!(f.ty(v), Ty::Ptr | Ty::I64))
        .then(|| (f.resolve(data.args[0]), f.resolve(data.args[1])))
}

fn int_of(bytes: u32) -> Option<Ty> {
    match bytes {
        1 => Some(Ty::I8),
        2 => Some(Ty::I16),
        4 => Some(Ty::I32),
        8 => Some(Ty::I64),
        _ => None,
    }
}
