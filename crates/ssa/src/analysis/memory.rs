//! Which accesses can touch the same memory.

use crate::ir::{Func, Inst, Slot, Value, ValueDef};
use crate::module::Sym;
use crate::op::{BinOp, Op};
use goxide_abi::Entry;

/// What an address is computed from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    Slot(Slot),
    Sym(Sym),
    /// An object that this function has made.
    New(Value),
    /// A parameter of the function: older than whatever it makes.
    Param(Value),
    Other(Value),
}

/// Bytes that an access touches; without a size it may be any of the root's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    pub base: Value,
    pub root: Root,
    pub offset: i64,
    pub size: u32,
}

/// What an instruction does to memory that others can see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    None,
    Write(Range),
    /// Anything but slots whose address stays in the function.
    Any,
}

pub struct Memory {
    /// By slot: its address is used for accesses alone.
    private: Vec<bool>,
}

impl Memory {
    pub fn new(f: &Func) -> Memory {
        let mut private = vec![true; f.slots.len()];
        // What panics and the recover block see.
        if let Some(d) = &f.defer {
            private[d.slot.index()] = false;
        }
        let mut expose = |f: &Func, v: Value| {
            if let Root::Slot(s) = root(f, v) {
                private[s.index()] = false;
            }
        };
        for &b in &f.order {
            for &inst in &f.block(b).insts {
                let data = f.inst(inst);
                match data.op {
                    Op::Load(_) | Op::Zero { .. } | Op::Copy { .. } | Op::Check(_) | Op::Cmp(_) => {}
                    Op::Store(_) | Op::StorePtr(_) => expose(f, data.args[1]),
                    // What is added to is followed; what is added is no address.
                    Op::Bin(BinOp::Add) => expose_unless_ptr(f, &data.args, &mut expose),
                    _ => data.args.iter().for_each(|&v| expose(f, v)),
                }
            }
            f.block(b).term.for_each_use(|v| expose(f, v));
        }
        // A landing pad reads slots behind the back of whatever follows the control flow.
        if f.defer.is_some() {
            private.fill(false);
        }
        Memory { private }
    }

    pub fn is_private(&self, s: Slot) -> bool {
        self.private[s.index()]
    }

    pub fn effect(&self, f: &Func, inst: Inst) -> Effect {
        let data = f.inst(inst);
        let write = |offset: i32, size: u32| Effect::Write(range(f, data.args[0], offset, size));
        match &data.op {
            Op::Store(offset) | Op::StorePtr(offset) => write(*offset, f.ty(data.args[1]).bytes()),
            Op::Copy { size, .. } | Op::Zero { size, .. } => write(0, *size),
            Op::Load(_) | Op::Check(_) | Op::New { .. } | Op::SafePoint => Effect::None,
            Op::FramePointer | Op::KeepAlive => Effect::None,
            Op::CallRt(entry) if !writes(*entry) => Effect::None,
            op if op.is_pure() => Effect::None,
            _ => Effect::Any,
        }
    }

    /// What is read at `r` may be changed by the effect.
    pub fn touches(&self, effect: Effect, r: &Range) -> bool {
        match effect {
            Effect::None => false,
            Effect::Any => !matches!(r.root, Root::Slot(s) if self.is_private(s)),
            Effect::Write(w) => self.overlap(&w, r),
        }
    }

    fn overlap(&self, a: &Range, b: &Range) -> bool {
        if a.base == b.base {
            return a.offset < b.offset + i64::from(b.size) && b.offset < a.offset + i64::from(a.size);
        }
        if a.root == b.root {
            return true;
        }
        match (a.root, b.root) {
            (Root::Slot(s), _) | (_, Root::Slot(s)) if self.is_private(s) => false,
            (Root::Slot(_) | Root::Sym(_) | Root::New(_), Root::Slot(_) | Root::Sym(_) | Root::New(_)) => {
                false
            }
            // A new object and an older pointer; the slots of a function are newer than its parameters.
            (Root::New(_) | Root::Slot(_), Root::Param(_))
            | (Root::Param(_), Root::New(_) | Root::Slot(_)) => false,
            _ => true,
        }
    }
}

fn expose_unless_ptr(f: &Func, args: &[Value], expose: &mut impl FnMut(&Func, Value)) {
    for &v in args.iter().filter(|&&v| f.ty(v) != crate::ir::Ty::Ptr) {
        expose(f, v);
    }
}

/// Entries that change nothing that compiled code has seen before: they make new objects, compare, print.
fn writes(entry: Entry) -> bool {
    use Entry::*;
    !matches!(
        entry,
        NewObject
            | MakeSlice
            | MakeSliceBuf
            | GrowSlice
            | GrowSliceListed
            | GrowSliceBuf
            | Memequal
            | ConcatStrings
            | ConcatString2
            | CmpString
            | IntString
            | SliceByteToString
            | StringToSliceByte
            | StringToSliceRune
            | SliceRuneToString
            | DecodeRune
            | CountRunes
            | MakeMap
            | MakeMapBuf
            | MakeChan
            | PrintLock
            | PrintUnlock
            | PrintBool
            | PrintInt
            | PrintUint
            | PrintHex
            | PrintFloat64
            | PrintFloat32
            | PrintString
            | PrintPointer
            | PrintSp
            | PrintNl
    )
}

pub fn range(f: &Func, pointer: Value, offset: i32, size: u32) -> Range {
    let base = f.resolve(pointer);
    Range { base, root: root(f, base), offset: i64::from(offset), size }
}

/// Through additions to what they are added to.
pub fn root(f: &Func, v: Value) -> Root {
    let mut at = f.resolve(v);
    for _ in 0..16 {
        match f.values[at.index()].def {
            ValueDef::Param(b, _) if b == f.entry() => return Root::Param(at),
            ValueDef::Result(inst, 0) => {
                let data = f.inst(inst);
                match data.op {
                    Op::SlotAddr(s, _) => return Root::Slot(s),
                    Op::SymAddr(s, _) => return Root::Sym(s),
                    Op::New { .. } => return Root::New(at),
                    Op::Bin(BinOp::Add) => at = f.resolve(data.args[0]),
                    _ => return Root::Other(at),
                }
            }
            _ => return Root::Other(at),
        }
    }
    Root::Other(at)
}
