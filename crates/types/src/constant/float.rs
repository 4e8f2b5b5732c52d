//! Binary floating point of 512 bits, rounded to nearest, ties to even (as `math/big.Float`).

use super::{Const, MAX_FRACTION_BITS, PRECISION_BITS};
use dashu_int::ops::{BitTest, DivRem, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use dashu_ratio::RBig;
use std::cmp::Ordering;
use std::sync::Arc;

/// `mantissa · 2^exponent`; the mantissa is odd or zero and has at most 512 bits
/// (but in values that are only made to be rounded). Values beyond the
/// range of a 32-bit exponent are infinite or zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Float {
    mantissa: IBig,
    exponent: i64,
    infinite: bool,
}

pub(super) fn sign(i: &IBig) -> i32 {
    match (i.is_zero(), i.sign()) {
        (true, _) => 0,
        (_, Sign::Positive) => 1,
        (_, Sign::Negative) => -1,
    }
}

pub(super) fn magnitude(i: &IBig) -> UBig {
    i.unsigned_abs()
}

fn with_sign(negative: bool, m: UBig) -> IBig {
    IBig::from_parts(if negative { Sign::Negative } else { Sign::Positive }, m)
}

/// `m` (`sticky`: and a bit more) shifted right by `shift` bits, rounded to nearest even.
fn shift_round(m: UBig, shift: usize, sticky: bool) -> UBig {
    if shift == 0 {
        return m;
    }
    let half = m.bit(shift - 1);
    let below = sticky || (shift > 1 && m.trailing_zeros().is_some_and(|z| z < shift - 1));
    let q = m >> shift;
    if half && (below || q.bit(0)) { q + 1u8 } else { q }
}

impl Float {
    pub(super) fn zero() -> Float {
        Float { mantissa: IBig::ZERO, exponent: 0, infinite: false }
    }

    /// `m · 2^exponent`, and a bit more in magnitude if `sticky`.
    fn rounded(negative: bool, m: UBig, exponent: i64, sticky: bool, precision: usize) -> Float {
        if m.is_zero() {
            return Float::zero();
        }
        let excess = m.bit_len().saturating_sub(precision);
        let mut m = shift_round(m, excess, sticky);
        let mut exponent = exponent + excess as i64;
        let zeros = m.trailing_zeros().unwrap_or(0);
        m >>= zeros;
        exponent += zeros as i64;
        // The exponent of math/big has 32 bits, of a mantissa below 1.
        let top = exponent + m.bit_len() as i64;
        if top > i64::from(i32::MAX) {
            return Float { mantissa: with_sign(negative, UBig::ONE), exponent: 0, infinite: true };
        }
        if top < i64::from(i32::MIN) {
            return Float::zero();
        }
        Float { mantissa: with_sign(negative, m), exponent, infinite: false }
    }

    pub(super) fn new(m: &IBig, exponent: i64) -> Float {
        Float::rounded(m.sign() == Sign::Negative, magnitude(m), exponent, false, PRECISION_BITS)
    }

    /// The quotient, rounded once.
    pub(super) fn from_ratio(num: &IBig, den: &UBig) -> Float {
        Float::divided(num, den, 0, PRECISION_BITS)
    }

    /// `num / den · 2^exponent`
    pub(super) fn divided(num: &IBig, den: &UBig, exponent: i64, precision: usize) -> Float {
        let n = magnitude(num);
        // Two bits more than needed; the remainder is the sticky bit.
        let shift = (precision + 2 + den.bit_len()).saturating_sub(n.bit_len());
        let (q, r) = (n << shift).div_rem(den);
        Float::rounded(num.sign() == Sign::Negative, q, exponent - shift as i64, !r.is_zero(), precision)
    }

    /// The quotient with the last bit set if there is a remainder, so that rounding it further is as good
    /// as rounding the quotient itself.
    pub(super) fn to_odd(num: &IBig, den: &UBig) -> Float {
        let n = magnitude(num);
        let shift = (PRECISION_BITS + den.bit_len()).saturating_sub(n.bit_len());
        let (q, r) = (n << shift).div_rem(den);
        let q = if r.is_zero() { q } else { q | UBig::ONE };
        Float {
            mantissa: with_sign(num.sign() == Sign::Negative, q),
            exponent: -(shift as i64),
            infinite: false,
        }
    }

    pub fn from_f64(x: f64) -> Float {
        let bits = x.to_bits();
        let biased = (bits >> 52 & 0x7ff) as i64;
        let fraction = bits & ((1 << 52) - 1);
        let m = if biased == 0 { fraction } else { fraction | 1 << 52 };
        Float::rounded(x < 0.0, UBig::from(m), biased.max(1) - 1075, false, PRECISION_BITS)
    }

    pub fn is_infinite(&self) -> bool {
        self.infinite
    }

    pub fn sign(&self) -> i32 {
        sign(&self.mantissa)
    }

    /// The value is whole.
    pub fn is_int(&self) -> bool {
        !self.infinite && self.exponent >= 0
    }

    /// `e` such that the magnitude is in [0.5, 1) · 2^e; 0 of zero.
    pub fn binary_exponent(&self) -> i64 {
        if self.mantissa.is_zero() { 0 } else { self.exponent + magnitude(&self.mantissa).bit_len() as i64 }
    }

    pub(super) fn is_small(&self) -> bool {
        !self.infinite && self.binary_exponent().unsigned_abs() < MAX_FRACTION_BITS as u64
    }

    /// As a fraction, if that is of reasonable size.
    pub(super) fn to_rational(&self) -> Option<RBig> {
        if !self.is_small() {
            return None;
        }
        let (m, e) = (self.mantissa.clone(), self.exponent);
        Some(match e >= 0 {
            true => RBig::from(m << e as usize),
            false => RBig::from_parts(m, UBig::ONE << e.unsigned_abs() as usize),
        })
    }

    pub(super) fn into_const_exact(self) -> Const {
        match self.to_rational() {
            Some(r) => Const::Rational(Arc::new(r)),
            None => Const::from_float(self),
        }
    }

    /// The value with a mantissa of at most `bits`, rounded toward zero or away from it.
    fn truncated(&self, bits: usize, away: bool) -> Float {
        let m = magnitude(&self.mantissa);
        let excess = m.bit_len().saturating_sub(bits);
        let mut q = &m >> excess;
        if away && (&q << excess) != m {
            q += 1u8;
        }
        let m = with_sign(self.mantissa.sign() == Sign::Negative, q);
        Float::new(&m, self.exponent + excess as i64)
    }

    /// The integer that the value is, or is but for a rounding error in the last four bits.
    pub(super) fn to_int(&self) -> Option<IBig> {
        const DELTA_BITS: usize = 4;
        if !self.is_small() {
            return None;
        }
        let exact = |f: &Float| f.is_int().then(|| f.mantissa.clone() << f.exponent as usize);
        exact(self)
            .or_else(|| exact(&self.truncated(PRECISION_BITS - DELTA_BITS, false)))
            .or_else(|| exact(&self.truncated(PRECISION_BITS - DELTA_BITS, true)))
    }

    pub(super) fn neg(&self) -> Float {
        Float { mantissa: -self.mantissa.clone(), ..self.clone() }
    }

    pub(super) fn add(&self, other: &Float) -> Float {
        if self.infinite || self.sign() == 0 {
            return if self.infinite { self.clone() } else { other.clone() };
        }
        if other.infinite || other.sign() == 0 {
            return if other.infinite { other.clone() } else { self.clone() };
        }
        let (hi, lo) =
            if self.binary_exponent() >= other.binary_exponent() { (self, other) } else { (other, self) };
        // What lies far below the last bit of the result only matters by its sign: stand in a tiny value.
        let gap = hi.binary_exponent() - lo.binary_exponent();
        let far = 2 * PRECISION_BITS as i64 + 4;
        let tiny;
        let lo = if gap > far {
            let m = with_sign(lo.mantissa.sign() == Sign::Negative, UBig::ONE);
            tiny = Float { mantissa: m, exponent: hi.binary_exponent() - far, infinite: false };
            &tiny
        } else {
            lo
        };
        let e = hi.exponent.min(lo.exponent);
        let at = |f: &Float| f.mantissa.clone() << (f.exponent - e) as usize;
        Float::new(&(at(hi) + at(lo)), e)
    }

    pub(super) fn sub(&self, other: &Float) -> Float {
        self.add(&other.neg())
    }

    pub(super) fn mul(&self, other: &Float) -> Float {
        self.mul_to(other, PRECISION_BITS)
    }

    pub(super) fn mul_to(&self, other: &Float, precision: usize) -> Float {
        let m = &self.mantissa * &other.mantissa;
        let e = self.exponent + other.exponent;
        let mut f = Float::rounded(m.sign() == Sign::Negative, magnitude(&m), e, false, precision);
        f.infinite |= self.infinite || other.infinite;
        f
    }

    /// `other` is not zero.
    pub(super) fn div(&self, other: &Float) -> Float {
        let num = if sign(&other.mantissa) < 0 { -self.mantissa.clone() } else { self.mantissa.clone() };
        let exponent = self.exponent - other.exponent;
        Float::divided(&num, &magnitude(&other.mantissa), exponent, PRECISION_BITS)
    }

    pub(super) fn cmp(&self, other: &Float) -> Ordering {
        sign(&self.sub(other).mantissa).cmp(&0)
    }

    /// The nearest `f64`, infinite or zero where it is out of range.
    pub fn to_f64(&self) -> f64 {
        f64::from_bits(self.to_ieee(52, 11))
    }

    pub fn to_f32(&self) -> f32 {
        f32::from_bits(self.to_ieee(23, 8) as u32)
    }

    /// The bits of the nearest IEEE number.
    fn to_ieee(&self, fraction_bits: u32, exponent_bits: u32) -> u64 {
        let negative = u64::from(self.sign() < 0) << (fraction_bits + exponent_bits);
        let bias = (1i64 << (exponent_bits - 1)) - 1;
        let infinity = ((1u64 << exponent_bits) - 1) << fraction_bits;
        if self.infinite {
            return negative | infinity;
        }
        if self.sign() == 0 {
            return 0;
        }
        let m = magnitude(&self.mantissa);
        // The exponent of the first bit, and the weight of the last bit that is kept.
        let top = self.binary_exponent() - 1;
        if top > bias {
            return negative | infinity;
        }
        let least = (1 - bias) - i64::from(fraction_bits);
        let unit = (top - i64::from(fraction_bits)).max(least);
        let shift = unit - self.exponent;
        let q = if shift > 0 {
            match usize::try_from(shift) {
                Ok(s) if s <= m.bit_len() + 1 => shift_round(m, s, false),
                _ => UBig::ZERO,
            }
        } else {
            m << shift.unsigned_abs() as usize
        };
        let q = u64::try_from(q).unwrap_or(u64::MAX);
        // A carry out of the fraction moves on into the exponent by itself.
        let biased = if unit == least { 0 } else { unit - least };
        let bits = ((biased as u64) << fraction_bits).saturating_add(q);
        negative | bits.min(infinity)
    }

    /// Mantissa in [0.5, 1) as an `f64`, and exponent.
    pub(super) fn mant_exp(&self) -> (f64, i64) {
        let m = Float { exponent: self.exponent - self.binary_exponent(), ..self.clone() };
        (m.to_f64(), self.binary_exponent())
    }
}
