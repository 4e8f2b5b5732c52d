//! Exact constants of any size, as `go/constant`.

use dashu_float::FBig;
use dashu_int::IBig;
use dashu_ratio::RBig;
use std::sync::Arc;

/// A constant's value. Numbers are kept in the simplest form that holds them exactly: integers as
/// `Int`, else `Rational`; `Float` (512 bits of mantissa) only where a fraction would get too large.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    /// After an error: any operation with it is unknown too, without a further message.
    Unknown,
    Bool(bool),
    /// Bytes: a Go string need not be UTF-8.
    String(Arc<[u8]>),
    Int(IBig),
    Rational(Arc<RBig>),
    Float(Arc<FBig>),
    /// Real and imaginary part, neither itself complex.
    Complex(Arc<(Const, Const)>),
}
