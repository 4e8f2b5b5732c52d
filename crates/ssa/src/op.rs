//! The operations. Argument and result types are checked by the verifier.

use crate::ir::{Slot, Ty};
use crate::module::Sym;
use goxide_abi::Entry;
use serde::{Deserialize, Serialize};

/// Two arguments and a result of one type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BinOp {
    /// Integers wrap; also F32 and F64. `Ptr + I64` gives `Ptr`.
    Add,
    Sub,
    Mul,
    /// Signed; the smallest number divided by −1 is itself. Float division too. The divisor is not 0
    /// (a `Check::Zero` stands before it).
    Div,
    UDiv,
    Rem,
    URem,
    And,
    Or,
    Xor,
    /// The amount is taken modulo the width: lowering handles larger ones. Amounts are `I64`.
    Shl,
    Shr,
    UShr,
    /// Rotate left by an `I64` amount modulo the width.
    Rotl,
    /// High half of the 128-bit product.
    MulHi,
    UMulHi,
    /// Floats, with Go's rules for NaN and −0 (builtin min and max).
    FMin,
    FMax,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum UnOp {
    /// Integers and floats.
    Neg,
    Not,
    Clz,
    Ctz,
    Popcnt,
    Bswap,
    Sqrt,
    Floor,
    Ceil,
    Trunc,
    Abs,
    /// Round to nearest even.
    Nearest,
}

/// Two arguments of one type, an `I8` of 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum CmpOp {
    /// Integers, pointers, floats (ordered: NaN is unequal to all).
    Eq,
    Ne,
    /// Signed for integers; floats: false where one is NaN.
    Lt,
    Le,
    Gt,
    Ge,
    /// Unsigned.
    ULt,
    ULe,
    UGt,
    UGe,
}

/// One argument; the result's type is the target.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ConvOp {
    Zext,
    Sext,
    Trunc,
    /// Signed and unsigned integer to float.
    IntToFloat,
    UintToFloat,
    /// Float to integer as gc on amd64 does it.
    FloatToInt,
    FloatToUint,
    /// F32 to F64 and back.
    FloatExt,
    FloatTrunc,
    /// Same bits: I32/F32, I64/F64, I64/Ptr.
    Bits,
    /// The same pointer, which escape analysis does not follow: `abi.NoEscape`.
    Hide,
}

/// Arguments are `I64` unless said otherwise; a check that fails calls the panic function named.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Check {
    /// (pointer): not nil.
    Nil,
    /// (divisor, any integer type): not 0.
    Zero,
    /// (shift count): not negative.
    Shift,
    /// (index, len): `index < len`, unsigned. `unsigned` says how the panic prints the index.
    Index {
        unsigned: bool,
    },
    /// (high, len or cap): `high <= len`, unsigned. x[?:high]
    SliceAlen {
        unsigned: bool,
    },
    SliceAcap {
        unsigned: bool,
    },
    /// (low, high): `low <= high`. x[low:high]
    SliceB {
        unsigned: bool,
    },
    /// x[::max], x[:high:max], x[low:high:]
    Slice3Alen {
        unsigned: bool,
    },
    Slice3Acap {
        unsigned: bool,
    },
    Slice3B {
        unsigned: bool,
    },
    Slice3C {
        unsigned: bool,
    },
    /// (array length, slice length): `array <= slice`.
    SliceConvert,
}

/// Sequentially consistent accesses to an integer or pointer in memory. Of a pointer stored they are, as
/// `StorePtr`, a place of the write barrier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum AtomicOp {
    /// (pointer) -> value
    Load,
    /// (pointer, value)
    Store,
    /// (pointer, value), ordered only behind what comes before.
    StoreRelease,
    /// (pointer, operand) -> the value before
    Add,
    And,
    Or,
    Xchg,
    /// (pointer, old, new) -> whether it was `old`, and is now `new`
    Cas,
}

/// What is written to a new object, once: what an interface points to never changes, so that a small or empty
/// value can be had without an object of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Holds {
    /// And may change.
    Anything,
    Scalar,
    Text,
    Slice,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Op {
    /// An integer or pointer constant; sign-extended.
    Const(i64),
    /// A float by its bits (of F32: the low 32).
    FConst(u64),
    /// Address of a symbol plus an offset.
    SymAddr(Sym, i64),
    /// Address in a stack slot.
    SlotAddr(Slot, i32),
    Bin(BinOp),
    Un(UnOp),
    Cmp(CmpOp),
    Conv(ConvOp),
    /// (I8 condition, a, b)
    Select,
    /// (a, b, c): a × b + c of floats, rounded once
    Fma,
    Atomic(AtomicOp),
    /// (pointer): a value of the result's type at pointer + offset. The pointer is known not to be nil,
    /// or a `Check::Nil` of it stands before.
    Load(i32),
    /// (pointer, value)
    Store(i32),
    /// (slot address, pointer): a pointer stored where the collector looks: heap or package variables.
    /// The one place of the write barrier. A store into a stack slot is a plain `Store`.
    StorePtr(i32),
    /// (dst, src): `size` bytes that do not overlap in part; `ptrs`: may hold pointers and `dst` may be heap.
    Copy {
        size: u32,
        ptrs: bool,
    },
    /// (dst): zeroes `size` bytes.
    Zero {
        size: u32,
        ptrs: bool,
    },
    Check(Check),
    /// A new zeroed object of the type whose descriptor the symbol is. Escape analysis may turn it into
    /// a stack slot.
    New {
        typ: Sym,
        /// `u32::MAX`: that or more.
        size: u32,
        align: u32,
        ptrs: bool,
        holds: Holds,
    },
    /// A function of the program. With `ctx` the last argument is its closure object.
    Call {
        callee: Sym,
        ctx: bool,
    },
    /// (closure object, arguments …): loads the code address from the object, which it also passes.
    CallClosure,
    /// (code address, arguments …): interface methods.
    CallPtr,
    /// A runtime entry.
    CallRt(Entry),
    /// This function's frame pointer, for recover.
    FramePointer,
    /// Preemption point on a loop's back-edge (D6).
    SafePoint,
    /// Keeps its argument alive up to here.
    KeepAlive,
}

impl Op {
    /// May run arbitrary code, panic or block: what a function with deferred calls must be able to
    /// leave by its landing pad.
    pub fn is_call(&self) -> bool {
        matches!(self, Op::Call { .. } | Op::CallClosure | Op::CallPtr | Op::CallRt(_) | Op::New { .. })
            || matches!(self, Op::Check(_) | Op::SafePoint)
    }

    /// Neither reads nor writes memory nor has any other effect: may be moved, merged and dropped.
    pub fn is_pure(&self) -> bool {
        matches!(
            self,
            Op::Const(_)
                | Op::FConst(_)
                | Op::SymAddr(..)
                | Op::SlotAddr(..)
                | Op::Bin(_)
                | Op::Un(_)
                | Op::Cmp(_)
                | Op::Conv(_)
                | Op::Select
                | Op::Fma
        )
    }
}

/// The machine type of a runtime entry's scalar.
pub fn scalar_ty(s: goxide_abi::entry::Scalar) -> Ty {
    match s {
        goxide_abi::entry::Scalar::Int => Ty::I64,
        goxide_abi::entry::Scalar::Ptr => Ty::Ptr,
    }
}
