//! Constants from literals as they are written.

use super::float::Float;
use super::{Const, PRECISION_BITS};
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use goxide_syntax::ast::LitKind;
use std::sync::Arc;

impl Const {
    /// The value of a literal; unknown if it is malformed, or too large for a 32-bit binary exponent.
    pub fn from_literal(kind: LitKind, text: &str) -> Const {
        match kind {
            LitKind::Int => integer(text).map_or(Const::Unknown, Const::Int),
            LitKind::Float => floating(text),
            LitKind::Imag => match text.strip_suffix('i') {
                Some(number) => Const::complex(Const::from_i64(0), floating(number)),
                None => Const::Unknown,
            },
            LitKind::Rune => match unquote(text).as_deref().map(decode_rune) {
                Some(code) => Const::from_i64(code),
                None => Const::Unknown,
            },
            LitKind::String => unquote(text).map_or(Const::Unknown, Const::from_string),
        }
    }
}

fn digits(text: &str, radix: u32) -> Option<UBig> {
    let clean: String = text.chars().filter(|&c| c != '_').collect();
    if clean.is_empty() { None } else { UBig::from_str_radix(&clean, radix).ok() }
}

/// Radix by prefix, and the rest.
fn prefix(text: &str) -> Option<(u32, &str)> {
    let b = text.as_bytes();
    let radix = match (b.first()?, b.get(1)?) {
        (b'0', b'x' | b'X') => 16,
        (b'0', b'o' | b'O') => 8,
        (b'0', b'b' | b'B') => 2,
        _ => return None,
    };
    Some((radix, &text[2..]))
}

fn integer(text: &str) -> Option<IBig> {
    let (radix, rest) = match prefix(text) {
        Some(p) => p,
        None if text.len() > 1 && text.starts_with('0') => (8, &text[1..]),
        None => (10, text),
    };
    digits(rest, radix).map(IBig::from)
}

/// A number with or without fraction and exponent; here a leading zero alone does not mean octal.
fn floating(text: &str) -> Const {
    parse_float(text).unwrap_or(Const::Unknown)
}

fn parse_float(text: &str) -> Option<Const> {
    let (radix, rest) = prefix(text).unwrap_or((10, text));
    let marks: &[char] = if radix == 16 { &['p', 'P'] } else { &['e', 'E'] };
    let (mantissa, exponent) = match rest.find(marks) {
        Some(i) => (&rest[..i], parse_exponent(&rest[i + 1..])?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = fraction.chars().filter(|&c| c != '_').count() as i64;
    let m = digits(&format!("{whole}{fraction}"), radix)?;
    if m.is_zero() {
        return Some(Const::Rational(Arc::new(RBig::ZERO)));
    }
    let m = IBig::from(m);
    Some(match radix {
        10 => decimal(m, exponent - places),
        16 => Float::new(&m, exponent - 4 * places).into_const_exact_or(&m, exponent - 4 * places),
        _ => Const::from_rational(RBig::from(m)),
    })
}

/// Saturates far beyond any number's range.
fn parse_exponent(text: &str) -> Option<i64> {
    const LIMIT: i64 = 1 << 40;
    let (negative, text) = match text.strip_prefix('-') {
        Some(t) => (true, t),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut e: i64 = 0;
    for c in text.chars().filter(|&c| c != '_') {
        e = (e * 10 + i64::from(c.to_digit(10)?)).min(LIMIT);
    }
    Some(if negative { -e } else { e })
}

impl Float {
    /// The exact fraction `m · 2^exponent`, of which `self` is the rounded value, if that is small.
    fn into_const_exact_or(self, m: &IBig, exponent: i64) -> Const {
        if !self.is_small() {
            return Const::from_float(self);
        }
        if self.sign() == 0 {
            return Const::Rational(Arc::new(RBig::ZERO));
        }
        let shift = exponent.unsigned_abs() as usize;
        let r = match exponent >= 0 {
            true => RBig::from(m << shift),
            false => RBig::from_parts(m.clone(), UBig::ONE << shift),
        };
        Const::Rational(Arc::new(r))
    }
}

/// `m · 10^exponent`
fn decimal(m: IBig, exponent: i64) -> Const {
    use dashu_int::ops::BitTest;
    /// Beyond it the value is a [`Float`], however many digits the mantissa has within reason.
    const EXACT_LIMIT: u64 = 100_000;
    let bits = super::float::magnitude(&m).bit_len() as i64;
    let approx = bits + exponent.saturating_mul(3322) / 1000;
    if exponent.unsigned_abs() <= EXACT_LIMIT && approx.unsigned_abs() < 5_000 {
        let power = UBig::from(10u8).pow(exponent.unsigned_abs() as usize);
        let r = match exponent >= 0 {
            true => RBig::from(m * IBig::from(power)),
            false => RBig::from_parts(m, power),
        };
        let f = Float::from_ratio(r.numerator(), r.denominator());
        return if f.is_small() { Const::Rational(Arc::new(r)) } else { Const::from_float(f) };
    }
    let power = power_of_5(exponent.unsigned_abs());
    let f = match (exponent >= 0, power.is_infinite()) {
        (true, _) => Float::new(&m, exponent).mul(&power),
        (false, true) => Float::zero(),
        (false, false) => Float::new(&m, exponent).div(&power),
    };
    match f.sign() {
        0 => Const::Rational(Arc::new(RBig::ZERO)),
        _ => Const::from_float(f),
    }
}

/// With some bits more than a [`Float`] has.
fn power_of_5(n: u64) -> Float {
    let mut square = Float::new(&IBig::from(5), 0);
    let mut out = Float::new(&IBig::ONE, 0);
    let mut n = n;
    while n > 0 {
        if n & 1 == 1 {
            out = out.mul_to(&square, PRECISION_BITS + 64);
        }
        square = square.mul_to(&square, PRECISION_BITS + 64);
        n >>= 1;
    }
    out
}

/// The code point of a rune literal's content.
fn decode_rune(bytes: &[u8]) -> i64 {
    match std::str::from_utf8(bytes) {
        Ok(s) => s.chars().next().map_or(0, |c| i64::from(u32::from(c))),
        // An escape such as '\xff' stands for its value; invalid UTF-8 in the source for U+FFFD.
        Err(_) if bytes.len() == 1 => i64::from(bytes[0]),
        Err(_) => 0xFFFD,
    }
}

/// What a string or rune literal stands for; `None` if it is malformed.
pub fn unquote(text: &str) -> Option<Vec<u8>> {
    let b = text.as_bytes();
    let (&quote, rest) = b.split_first()?;
    let (&last, inner) = rest.split_last()?;
    if last != quote {
        return None;
    }
    match quote {
        b'`' => Some(inner.iter().copied().filter(|&c| c != b'\r').collect()),
        b'"' | b'\'' => unescape(inner, quote),
        _ => None,
    }
}

fn unescape(mut s: &[u8], quote: u8) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(s.len());
    while let Some((&c, rest)) = s.split_first() {
        s = rest;
        if c != b'\\' {
            out.push(c);
            continue;
        }
        let (&e, rest) = s.split_first()?;
        s = rest;
        let simple = match e {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'\\' => b'\\',
            b'\'' | b'"' if e == quote => e,
            b'x' | b'u' | b'U' | b'0'..=b'7' => {
                let (radix, len) = match e {
                    b'x' => (16, 2),
                    b'u' => (16, 4),
                    b'U' => (16, 8),
                    _ => (8, 2),
                };
                let first = if radix == 8 { u32::from(e - b'0') } else { 0 };
                let text = std::str::from_utf8(s.get(..len)?).ok()?;
                let mut code = first;
                for d in text.chars() {
                    code = code.checked_mul(radix)? + d.to_digit(radix)?;
                }
                s = &s[len..];
                if matches!(e, b'u' | b'U') {
                    let c = char::from_u32(code)?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    out.push(u8::try_from(code).ok()?);
                }
                continue;
            }
            _ => return None,
        };
        out.push(simple);
    }
    Some(out)
}
