//! Operations on constants. What is not defined for its operands is unknown: the checker has seen to it
//! that this does not happen.

use super::float::{Float, magnitude};
use super::{Const, ConstKind, Text};
use dashu_int::ops::DivRem;
use dashu_int::{IBig, UBig};
use dashu_ratio::RBig;
use goxide_syntax::ast::{BinaryOp, UnaryOp};
use std::cmp::Ordering;
use std::sync::Arc;

/// Two values in one form.
enum Pair {
    Bool(bool, bool),
    String(Text, Text),
    Int(IBig, IBig),
    Rational(RBig, RBig),
    Float(Float, Float),
    Complex((Const, Const), (Const, Const)),
}

impl Const {
    /// As [`Const::Float`].
    pub(super) fn to_big_float(&self) -> Option<Float> {
        Some(match self {
            Const::Int(i) => Float::new(i, 0),
            Const::Rational(r) => Float::from_ratio(r.numerator(), r.denominator()),
            Const::Float(f) => (**f).clone(),
            _ => return None,
        })
    }

    fn to_rational(&self) -> Option<RBig> {
        match self {
            Const::Int(i) => Some(RBig::from(i.clone())),
            Const::Rational(r) => Some((**r).clone()),
            _ => None,
        }
    }

    fn parts(&self) -> Option<(Const, Const)> {
        match self {
            Const::Complex(c) => Some((c.0.clone(), c.1.clone())),
            Const::Int(_) | Const::Rational(_) | Const::Float(_) => Some((self.clone(), Const::from_i64(0))),
            _ => None,
        }
    }

    /// Both in the more general of their forms.
    fn matched(x: &Const, y: &Const) -> Option<Pair> {
        Some(match (x, y) {
            (Const::Bool(a), Const::Bool(b)) => Pair::Bool(*a, *b),
            (Const::String(a), Const::String(b)) => Pair::String(a.clone(), b.clone()),
            (Const::Int(a), Const::Int(b)) => Pair::Int(a.clone(), b.clone()),
            (Const::Complex(_), _) | (_, Const::Complex(_)) => Pair::Complex(x.parts()?, y.parts()?),
            (Const::Float(_), _) | (_, Const::Float(_)) => Pair::Float(x.to_big_float()?, y.to_big_float()?),
            _ => Pair::Rational(x.to_rational()?, y.to_rational()?),
        })
    }

    /// `op x`. With `bits`, the size of an unsigned type, `^` stays within it.
    pub fn unary_op(op: UnaryOp, x: &Const, bits: Option<usize>) -> Const {
        match (op, x) {
            (UnaryOp::Not, Const::Bool(b)) => Const::Bool(!b),
            (UnaryOp::Xor, Const::Int(i)) => {
                let z = -i - IBig::ONE;
                Const::Int(match bits {
                    Some(n) => {
                        let modulus = IBig::from(UBig::ONE << n);
                        if z < IBig::ZERO { z + modulus } else { z }
                    }
                    None => z,
                })
            }
            (UnaryOp::Plus, _) if x.kind() >= ConstKind::Int => x.clone(),
            (UnaryOp::Minus, Const::Int(i)) => Const::Int(-i),
            (UnaryOp::Minus, Const::Rational(r)) => Const::Rational(Arc::new(-(**r).clone())),
            (UnaryOp::Minus, Const::Float(f)) => Const::Float(Arc::new(f.neg())),
            (UnaryOp::Minus, Const::Complex(c)) => {
                let neg = |x: &Const| Const::unary_op(UnaryOp::Minus, x, None);
                Const::complex(neg(&c.0), neg(&c.1))
            }
            _ => Const::Unknown,
        }
    }

    /// `x op y`, not for comparisons and shifts. `integer` asks for the division of integers; else that is
    /// exact. Division by zero is unknown.
    pub fn binary_op(op: BinaryOp, x: &Const, y: &Const, integer: bool) -> Const {
        use BinaryOp::*;
        let Some(pair) = Const::matched(x, y) else { return Const::Unknown };
        match pair {
            Pair::Bool(a, b) => match op {
                AndAnd => Const::Bool(a && b),
                OrOr => Const::Bool(a || b),
                _ => Const::Unknown,
            },
            Pair::String(a, b) if op == Add => Const::String(Text::sum(&a, &b)),
            Pair::String(..) => Const::Unknown,
            Pair::Int(a, b) => {
                if matches!(op, Div | Rem) && b.is_zero() {
                    return Const::Unknown;
                }
                Const::Int(match op {
                    Add => a + b,
                    Sub => a - b,
                    Mul => a * b,
                    Div if integer => a.div_rem(b).0,
                    Div => {
                        let negative = b < IBig::ZERO;
                        return Const::from_rational(RBig::from_parts(
                            if negative { -a } else { a },
                            magnitude(&b),
                        ));
                    }
                    Rem => a.div_rem(b).1,
                    And => a & b,
                    Or => a | b,
                    Xor => a ^ b,
                    AndNot => a & !b,
                    _ => return Const::Unknown,
                })
            }
            Pair::Rational(a, b) => Const::from_rational(match op {
                Add => a + b,
                Sub => a - b,
                Mul => a * b,
                Div if !b.is_zero() => a / b,
                _ => return Const::Unknown,
            }),
            Pair::Float(a, b) => Const::from_float(match op {
                Add => a.add(&b),
                Sub => a.sub(&b),
                Mul => a.mul(&b),
                Div if b.sign() != 0 => a.div(&b),
                _ => return Const::Unknown,
            }),
            Pair::Complex((a, b), (c, d)) => complex_op(op, [&a, &b, &c, &d]),
        }
    }

    /// `x << count` or `x >> count` of an integer. The caller bounds `count`.
    pub fn shift(x: &Const, left: bool, count: usize) -> Const {
        match x {
            Const::Int(i) if left => Const::Int(i << count),
            Const::Int(i) => Const::Int(i >> count),
            _ => Const::Unknown,
        }
    }

    /// `x op y`; false of unknown values.
    pub fn compare(op: BinaryOp, x: &Const, y: &Const) -> bool {
        let Some(pair) = Const::matched(x, y) else { return false };
        let order = match pair {
            Pair::Bool(a, b) => a.cmp(&b),
            Pair::String(a, b) => a.cmp(&*b),
            Pair::Int(a, b) => a.cmp(&b),
            Pair::Rational(a, b) => a.cmp(&b),
            Pair::Float(a, b) => a.cmp(&b),
            Pair::Complex(a, b) => {
                let same = |x: &Const, y: &Const| Const::compare(BinaryOp::Eql, x, y);
                match same(&a.0, &b.0) && same(&a.1, &b.1) {
                    true => Ordering::Equal,
                    false => return op == BinaryOp::Neq,
                }
            }
        };
        match op {
            BinaryOp::Eql => order.is_eq(),
            BinaryOp::Neq => order.is_ne(),
            BinaryOp::Lss => order.is_lt(),
            BinaryOp::Leq => order.is_le(),
            BinaryOp::Gtr => order.is_gt(),
            BinaryOp::Geq => order.is_ge(),
            _ => false,
        }
    }
}

/// `(a + bi) op (c + di)`
fn complex_op(op: BinaryOp, [a, b, c, d]: [&Const; 4]) -> Const {
    let on = |op: BinaryOp, x: &Const, y: &Const| Const::binary_op(op, x, y, false);
    let add = |x: &Const, y: &Const| on(BinaryOp::Add, x, y);
    let sub = |x: &Const, y: &Const| on(BinaryOp::Sub, x, y);
    let mul = |x: &Const, y: &Const| on(BinaryOp::Mul, x, y);
    match op {
        BinaryOp::Add => Const::complex(add(a, c), add(b, d)),
        BinaryOp::Sub => Const::complex(sub(a, c), sub(b, d)),
        BinaryOp::Mul => Const::complex(sub(&mul(a, c), &mul(b, d)), add(&mul(b, c), &mul(a, d))),
        BinaryOp::Div => {
            let s = add(&mul(c, c), &mul(d, d));
            let quo = |x: Const| on(BinaryOp::Div, &x, &s);
            Const::complex(quo(add(&mul(a, c), &mul(b, d))), quo(sub(&mul(b, c), &mul(a, d))))
        }
        _ => Const::Unknown,
    }
}
