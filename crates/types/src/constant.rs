//! Exact constants of any size (as `go/constant`).

mod convert;
mod float;
mod format;
mod literal;
mod op;
mod text;

pub use float::Float;
pub use format::quote;
pub use literal::unquote;
pub use text::Text;

use dashu_int::IBig;
use dashu_ratio::RBig;
use std::sync::Arc;

/// A constant's value. What is spelled with a fraction or an exponent stays a `Rational` or `Float` even
/// where it is whole, as in gc: the kind tells which operations are meant.
#[derive(Clone, PartialEq, Debug)]
pub enum Const {
    /// After an error: any operation with it is unknown too, without a further message.
    Unknown,
    Bool(bool),
    String(Text),
    Int(IBig),
    Rational(Arc<RBig>),
    /// Rounded to 512 bits: a fraction would get too large.
    Float(Arc<Float>),
    /// Real and imaginary part, neither itself complex.
    Complex(Arc<(Const, Const)>),
}

/// Which operations a value is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ConstKind {
    Unknown,
    Bool,
    String,
    Int,
    Float,
    Complex,
}

/// Bits of precision of a [`Float`]; integers beyond it are an overflow where they are untyped.
pub const PRECISION_BITS: usize = 512;

/// A numerator or denominator of as many bits makes a [`Float`] of the value.
const MAX_FRACTION_BITS: usize = 4 << 10;

impl Const {
    pub fn kind(&self) -> ConstKind {
        match self {
            Const::Unknown => ConstKind::Unknown,
            Const::Bool(_) => ConstKind::Bool,
            Const::String(_) => ConstKind::String,
            Const::Int(_) => ConstKind::Int,
            Const::Rational(_) | Const::Float(_) => ConstKind::Float,
            Const::Complex(_) => ConstKind::Complex,
        }
    }

    pub fn is_known(&self) -> bool {
        *self != Const::Unknown
    }

    pub fn from_i64(x: i64) -> Const {
        Const::Int(IBig::from(x))
    }

    pub fn from_u64(x: u64) -> Const {
        Const::Int(IBig::from(x))
    }

    pub fn from_string(s: impl Into<Arc<[u8]>>) -> Const {
        Const::String(Text::new(s))
    }

    /// Unknown if `x` is not finite; −0 becomes 0.
    pub fn from_f64(x: f64) -> Const {
        if !x.is_finite() { Const::Unknown } else { Float::from_f64(x).into_const_exact() }
    }

    pub(crate) fn from_rational(r: RBig) -> Const {
        use dashu_int::ops::BitTest;
        let small = |bits: usize| bits < MAX_FRACTION_BITS;
        if small(r.numerator().bit_len()) && small(r.denominator().bit_len()) {
            return Const::Rational(Arc::new(r));
        }
        Const::from_float(Float::from_ratio(r.numerator(), r.denominator()))
    }

    fn from_float(f: Float) -> Const {
        if f.is_infinite() { Const::Unknown } else { Const::Float(Arc::new(f)) }
    }

    fn complex(re: Const, im: Const) -> Const {
        match (&re, &im) {
            (Const::Unknown, _) | (_, Const::Unknown) => Const::Unknown,
            _ => Const::Complex(Arc::new((re, im))),
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Const::Bool(b) = self { Some(*b) } else { None }
    }

    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Const::String(s) = self { Some(s) } else { None }
    }

    /// Length of a string, which need not be put together for it.
    pub fn len_bytes(&self) -> Option<usize> {
        if let Const::String(s) = self { Some(s.len_bytes()) } else { None }
    }

    /// An integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Const::Int(i) = self { i64::try_from(i).ok() } else { None }
    }

    /// An integer that fits.
    pub fn as_u64(&self) -> Option<u64> {
        if let Const::Int(i) = self { u64::try_from(i).ok() } else { None }
    }

    /// −1, 0 or 1; of a complex number 0 only if it is zero; 1 of an unknown value, so that nothing is
    /// taken for a division by zero.
    pub fn sign(&self) -> i32 {
        match self {
            Const::Int(i) => float::sign(i),
            Const::Rational(r) => float::sign(r.numerator()),
            Const::Float(f) => f.sign(),
            Const::Complex(c) => c.0.sign() | c.1.sign(),
            _ => 1,
        }
    }

    /// Bits of an integer's absolute value; 0 of others.
    pub fn bit_len(&self) -> usize {
        use dashu_int::ops::BitTest;
        if let Const::Int(i) = self { float::magnitude(i).bit_len() } else { 0 }
    }

    /// The real part of a number.
    pub fn real(&self) -> Const {
        match self {
            Const::Complex(c) => c.0.clone(),
            Const::Int(_) | Const::Rational(_) | Const::Float(_) => self.clone(),
            _ => Const::Unknown,
        }
    }

    /// The imaginary part of a number.
    pub fn imag(&self) -> Const {
        match self {
            Const::Complex(c) => c.1.clone(),
            Const::Int(_) | Const::Rational(_) | Const::Float(_) => Const::from_i64(0),
            _ => Const::Unknown,
        }
    }

    /// `x·i`
    pub fn make_imag(x: &Const) -> Const {
        match x {
            Const::Int(_) | Const::Rational(_) | Const::Float(_) => {
                Const::complex(Const::from_i64(0), x.clone())
            }
            _ => Const::Unknown,
        }
    }
}
