//! Conversions between kinds of constants, and what a basic type can hold (as `types2/const.go`).

use super::float::Float;
use super::{Const, ConstKind, MAX_FRACTION_BITS};
use crate::ty::BasicKind;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use goxide_syntax::ast::BinaryOp;
use std::sync::Arc;

impl Const {
    /// The same value as `Int`, or unknown if it is none.
    pub fn to_int(&self) -> Const {
        match self {
            Const::Int(_) => self.clone(),
            Const::Rational(r) if *r.denominator() == UBig::ONE => Const::Int(r.numerator().clone()),
            Const::Float(f) => f.to_int().map_or(Const::Unknown, Const::Int),
            Const::Complex(_) => match self.to_float() {
                Const::Unknown => Const::Unknown,
                re => re.to_int(),
            },
            _ => Const::Unknown,
        }
    }

    /// The same value as `Rational` or `Float`, or unknown if it is no real number.
    pub fn to_float(&self) -> Const {
        match self {
            Const::Int(i) if self.bit_len() < MAX_FRACTION_BITS => {
                Const::Rational(Arc::new(RBig::from(i.clone())))
            }
            Const::Int(i) => Const::from_float(Float::new(i, 0)),
            Const::Rational(_) | Const::Float(_) => self.clone(),
            Const::Complex(c) if c.1.sign() == 0 => c.0.to_float(),
            _ => Const::Unknown,
        }
    }

    /// The same value as `Complex`, or unknown if it is no number.
    pub fn to_complex(&self) -> Const {
        match self {
            Const::Complex(_) => self.clone(),
            Const::Int(_) | Const::Rational(_) | Const::Float(_) => {
                Const::complex(self.clone(), Const::from_i64(0))
            }
            _ => Const::Unknown,
        }
    }

    /// The nearest `f64` of a real number, infinite or zero out of range; 0 of others.
    pub fn to_f64(&self) -> f64 {
        self.to_float().round_with(Float::to_f64).unwrap_or(0.0)
    }

    /// The nearest `f32`, rounded once.
    pub fn to_f32(&self) -> f32 {
        self.to_float().round_with(Float::to_f32).unwrap_or(0.0)
    }

    /// Rounds a fraction in one step: an odd sticky bit at 512 bits of precision leaves the second
    /// rounding right, since no `f64` has more than 53.
    fn round_with<T>(&self, round: fn(&Float) -> T) -> Option<T> {
        match self {
            Const::Rational(r) => Some(round(&Float::to_odd(r.numerator(), r.denominator()))),
            Const::Float(f) => Some(round(f)),
            _ => None,
        }
    }

    /// An integer's low 64 bits in two's complement.
    pub fn low_u64(&self) -> u64 {
        let Const::Int(i) = self else { return 0 };
        let mask = IBig::from(u64::MAX);
        u64::try_from(i & mask).unwrap_or(0)
    }

    /// The value as a constant of basic type `kind`, rounded to it; `None` if it does not fit.
    /// Unknown values fit everywhere.
    pub fn representable(&self, kind: BasicKind) -> Option<Const> {
        use BasicKind::*;
        if !self.is_known() {
            return Some(Const::Unknown);
        }
        let real = |f: fn(&Const) -> Option<Const>| match self.to_float() {
            Const::Unknown => None,
            x => f(&x),
        };
        let parts = |f: fn(&Const) -> Option<Const>| match self.to_complex() {
            Const::Complex(c) => {
                let (re, im) = (f(&c.0)?, f(&c.1)?);
                Some(Const::binary_op(BinaryOp::Add, &re, &Const::make_imag(&im), false))
            }
            _ => None,
        };
        let (bits, signed) = match kind {
            Int8 => (8, true),
            Int16 => (16, true),
            Int32 | Rune => (32, true),
            Int | Int64 => (64, true),
            Uint8 | Byte => (8, false),
            Uint16 => (16, false),
            Uint32 => (32, false),
            Uint | Uint64 | Uintptr => (64, false),
            UntypedInt | UntypedRune => return Some(self.to_int()).filter(Const::is_known),
            Float32 => return real(round_f32),
            Float64 => return real(round_f64),
            UntypedFloat => return Some(self.to_float()).filter(Const::is_known),
            Complex64 => return parts(round_f32),
            Complex128 => return parts(round_f64),
            UntypedComplex => return Some(self.to_complex()).filter(Const::is_known),
            String | UntypedString => {
                return (self.kind() == ConstKind::String).then(|| self.clone());
            }
            Bool | UntypedBool => return (self.kind() == ConstKind::Bool).then(|| self.clone()),
            Invalid | UnsafePointer | UntypedNil => return None,
        };
        match self.to_int() {
            Const::Int(i) => fits(&i, bits, signed).then(|| Const::Int(i)),
            _ => None,
        }
    }
}

fn fits(i: &IBig, bits: usize, signed: bool) -> bool {
    let magnitude_bits = if signed { bits - 1 } else { bits };
    let limit = IBig::from(UBig::ONE << magnitude_bits);
    let least = if signed { -limit.clone() } else { IBig::ZERO };
    least <= *i && *i < limit
}

fn round_f32(x: &Const) -> Option<Const> {
    Some(x.to_f32()).filter(|f| f.is_finite()).map(|f| Const::from_f64(f64::from(f)))
}

fn round_f64(x: &Const) -> Option<Const> {
    Some(x.to_f64()).filter(|f| f.is_finite()).map(Const::from_f64)
}
