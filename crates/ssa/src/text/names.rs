//! Words of operations, written once for printing and parsing.

use crate::ir::Ty;
use crate::op::{AtomicOp, BinOp, Check, CmpOp, ConvOp, Holds, UnOp};

pub const TYPES: &[(&str, Ty)] = &[
    ("i8", Ty::I8),
    ("i16", Ty::I16),
    ("i32", Ty::I32),
    ("i64", Ty::I64),
    ("f32", Ty::F32),
    ("f64", Ty::F64),
    ("ptr", Ty::Ptr),
];

pub const BINS: &[(&str, BinOp)] = &[
    ("add", BinOp::Add),
    ("sub", BinOp::Sub),
    ("mul", BinOp::Mul),
    ("div", BinOp::Div),
    ("udiv", BinOp::UDiv),
    ("rem", BinOp::Rem),
    ("urem", BinOp::URem),
    ("and", BinOp::And),
    ("or", BinOp::Or),
    ("xor", BinOp::Xor),
    ("shl", BinOp::Shl),
    ("shr", BinOp::Shr),
    ("ushr", BinOp::UShr),
    ("rotl", BinOp::Rotl),
    ("mulhi", BinOp::MulHi),
    ("umulhi", BinOp::UMulHi),
    ("fmin", BinOp::FMin),
    ("fmax", BinOp::FMax),
];

pub const UNS: &[(&str, UnOp)] = &[
    ("neg", UnOp::Neg),
    ("not", UnOp::Not),
    ("clz", UnOp::Clz),
    ("ctz", UnOp::Ctz),
    ("popcnt", UnOp::Popcnt),
    ("bswap", UnOp::Bswap),
    ("sqrt", UnOp::Sqrt),
    ("floor", UnOp::Floor),
    ("ceil", UnOp::Ceil),
    ("ftrunc", UnOp::Trunc),
    ("abs", UnOp::Abs),
    ("nearest", UnOp::Nearest),
];

pub const CMPS: &[(&str, CmpOp)] = &[
    ("eq", CmpOp::Eq),
    ("ne", CmpOp::Ne),
    ("lt", CmpOp::Lt),
    ("le", CmpOp::Le),
    ("gt", CmpOp::Gt),
    ("ge", CmpOp::Ge),
    ("ult", CmpOp::ULt),
    ("ule", CmpOp::ULe),
    ("ugt", CmpOp::UGt),
    ("uge", CmpOp::UGe),
];

pub const CONVS: &[(&str, ConvOp)] = &[
    ("zext", ConvOp::Zext),
    ("sext", ConvOp::Sext),
    ("trunc", ConvOp::Trunc),
    ("int2float", ConvOp::IntToFloat),
    ("uint2float", ConvOp::UintToFloat),
    ("float2int", ConvOp::FloatToInt),
    ("float2uint", ConvOp::FloatToUint),
    ("fext", ConvOp::FloatExt),
    ("ftruncate", ConvOp::FloatTrunc),
    ("bits", ConvOp::Bits),
    ("hide", ConvOp::Hide),
];

pub const ATOMICS: &[(&str, AtomicOp)] = &[
    ("load", AtomicOp::Load),
    ("store", AtomicOp::Store),
    ("storerel", AtomicOp::StoreRelease),
    ("add", AtomicOp::Add),
    ("and", AtomicOp::And),
    ("or", AtomicOp::Or),
    ("xchg", AtomicOp::Xchg),
    ("cas", AtomicOp::Cas),
];

/// Checks of unsigned indices have a `u` behind the word.
pub const HOLDS: &[(&str, Holds)] =
    &[("scalar", Holds::Scalar), ("text", Holds::Text), ("slice", Holds::Slice)];

pub const CHECKS: &[(&str, Check)] = &[
    ("nil", Check::Nil),
    ("zero", Check::Zero),
    ("shift", Check::Shift),
    ("index", Check::Index { unsigned: false }),
    ("indexu", Check::Index { unsigned: true }),
    ("slicealen", Check::SliceAlen { unsigned: false }),
    ("slicealenu", Check::SliceAlen { unsigned: true }),
    ("sliceacap", Check::SliceAcap { unsigned: false }),
    ("sliceacapu", Check::SliceAcap { unsigned: true }),
    ("sliceb", Check::SliceB { unsigned: false }),
    ("slicebu", Check::SliceB { unsigned: true }),
    ("slice3alen", Check::Slice3Alen { unsigned: false }),
    ("slice3alenu", Check::Slice3Alen { unsigned: true }),
    ("slice3acap", Check::Slice3Acap { unsigned: false }),
    ("slice3acapu", Check::Slice3Acap { unsigned: true }),
    ("slice3b", Check::Slice3B { unsigned: false }),
    ("slice3bu", Check::Slice3B { unsigned: true }),
    ("slice3c", Check::Slice3C { unsigned: false }),
    ("slice3cu", Check::Slice3C { unsigned: true }),
    ("sliceconvert", Check::SliceConvert),
];

pub fn word<T: PartialEq>(table: &'static [(&'static str, T)], of: &T) -> &'static str {
    table.iter().find(|(_, x)| x == of).map_or("?", |(w, _)| w)
}

pub fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|&(_, x)| x)
}
