//! Operations on constants, exactly as the machine code would do them.

use crate::ir::Ty;
use crate::op::{BinOp, CmpOp, ConvOp, UnOp};

/// `n` as a value of the type, sign-extended.
pub fn wrap(ty: Ty, n: i64) -> i64 {
    match ty {
        Ty::I8 => i64::from(n as i8),
        Ty::I16 => i64::from(n as i16),
        Ty::I32 => i64::from(n as i32),
        _ => n,
    }
}

/// `n` as an unsigned value of the type.
pub fn unsigned(ty: Ty, n: i64) -> u64 {
    match ty {
        Ty::I8 => u64::from(n as u8),
        Ty::I16 => u64::from(n as u16),
        Ty::I32 => u64::from(n as u32),
        _ => n as u64,
    }
}

pub fn bits(ty: Ty) -> u32 {
    ty.bytes() * 8
}

/// Integers; `None` where the result is not defined.
pub fn bin(op: BinOp, ty: Ty, a: i64, b: i64) -> Option<i64> {
    let (a, b) = (wrap(ty, a), if is_shift(op) { b } else { wrap(ty, b) });
    let (ua, ub) = (unsigned(ty, a), unsigned(ty, b));
    let amount = (b as u64 % u64::from(bits(ty))) as u32;
    let n = match op {
        BinOp::Add => a.wrapping_add(b),
        BinOp::Sub => a.wrapping_sub(b),
        BinOp::Mul => a.wrapping_mul(b),
        BinOp::Div if b != 0 => a.wrapping_div(b),
        BinOp::Rem if b != 0 => a.wrapping_rem(b),
        BinOp::UDiv if b != 0 => (ua / ub) as i64,
        BinOp::URem if b != 0 => (ua % ub) as i64,
        BinOp::And => a & b,
        BinOp::Or => a | b,
        BinOp::Xor => a ^ b,
        BinOp::Shl => a << amount,
        BinOp::Shr => a >> amount,
        BinOp::UShr => (ua >> amount) as i64,
        BinOp::Rotl if amount == 0 => a,
        BinOp::Rotl => ((ua << amount) | (ua >> (bits(ty) - amount))) as i64,
        BinOp::MulHi => ((i128::from(a) * i128::from(b)) >> bits(ty)) as i64,
        BinOp::UMulHi => ((u128::from(ua) * u128::from(ub)) >> bits(ty)) as i64,
        _ => return None,
    };
    Some(wrap(ty, n))
}

pub fn is_shift(op: BinOp) -> bool {
    matches!(op, BinOp::Shl | BinOp::Shr | BinOp::UShr | BinOp::Rotl)
}

pub fn un(op: UnOp, ty: Ty, a: i64) -> Option<i64> {
    let (u, width) = (unsigned(ty, a), bits(ty));
    let n = match op {
        UnOp::Neg => a.wrapping_neg(),
        UnOp::Not => !a,
        UnOp::Clz => i64::from(u.leading_zeros() - (64 - width)),
        UnOp::Ctz => i64::from(u.trailing_zeros().min(width)),
        UnOp::Popcnt => i64::from(u.count_ones()),
        UnOp::Bswap => (u.swap_bytes() >> (64 - width)) as i64,
        _ => return None,
    };
    Some(wrap(ty, n))
}

pub fn cmp(op: CmpOp, ty: Ty, a: i64, b: i64) -> bool {
    let (a, b) = (wrap(ty, a), wrap(ty, b));
    let (ua, ub) = (unsigned(ty, a), unsigned(ty, b));
    match op {
        CmpOp::Eq => a == b,
        CmpOp::Ne => a != b,
        CmpOp::Lt => a < b,
        CmpOp::Le => a <= b,
        CmpOp::Gt => a > b,
        CmpOp::Ge => a >= b,
        CmpOp::ULt => ua < ub,
        CmpOp::ULe => ua <= ub,
        CmpOp::UGt => ua > ub,
        CmpOp::UGe => ua >= ub,
    }
}

/// Integer to integer.
pub fn conv(op: ConvOp, from: Ty, to: Ty, a: i64) -> Option<i64> {
    match op {
        ConvOp::Zext => Some(wrap(to, unsigned(from, a) as i64)),
        ConvOp::Sext => Some(wrap(from, a)),
        ConvOp::Trunc => Some(wrap(to, a)),
        ConvOp::Bits if !from.is_float() && !to.is_float() => Some(a),
        _ => None,
    }
}

pub fn float_bin(op: BinOp, ty: Ty, a: u64, b: u64) -> Option<u64> {
    if ty == Ty::F32 {
        let (a, b) = (f32::from_bits(a as u32), f32::from_bits(b as u32));
        let n = match op {
            BinOp::Add => a + b,
            BinOp::Sub => a - b,
            BinOp::Mul => a * b,
            BinOp::Div => a / b,
            _ => return None,
        };
        // Which NaN comes out is the processor's affair.
        return (!n.is_nan()).then_some(u64::from(n.to_bits()));
    }
    let (a, b) = (f64::from_bits(a), f64::from_bits(b));
    let n = match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mul => a * b,
        BinOp::Div => a / b,
        _ => return None,
    };
    (!n.is_nan()).then_some(n.to_bits())
}

/// The comparison that holds where this one does not; of floats only equality has one.
pub fn inverse(op: CmpOp, is_float: bool) -> Option<CmpOp> {
    Some(match op {
        CmpOp::Eq => CmpOp::Ne,
        CmpOp::Ne => CmpOp::Eq,
        _ if is_float => return None,
        CmpOp::Lt => CmpOp::Ge,
        CmpOp::Le => CmpOp::Gt,
        CmpOp::Gt => CmpOp::Le,
        CmpOp::Ge => CmpOp::Lt,
        CmpOp::ULt => CmpOp::UGe,
        CmpOp::ULe => CmpOp::UGt,
        CmpOp::UGt => CmpOp::ULe,
        CmpOp::UGe => CmpOp::ULt,
    })
}

/// The comparison with its operands exchanged.
pub fn swapped(op: CmpOp) -> CmpOp {
    match op {
        CmpOp::Eq | CmpOp::Ne => op,
        CmpOp::Lt => CmpOp::Gt,
        CmpOp::Le => CmpOp::Ge,
        CmpOp::Gt => CmpOp::Lt,
        CmpOp::Ge => CmpOp::Le,
        CmpOp::ULt => CmpOp::UGt,
        CmpOp::ULe => CmpOp::UGe,
        CmpOp::UGt => CmpOp::ULt,
        CmpOp::UGe => CmpOp::ULe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_wrap_at_their_width() {
        assert_eq!(bin(BinOp::Add, Ty::I8, 127, 1), Some(-128));
        assert_eq!(bin(BinOp::Div, Ty::I8, -128, -1), Some(-128));
        assert_eq!(bin(BinOp::Rem, Ty::I64, i64::MIN, -1), Some(0));
        assert_eq!(bin(BinOp::Div, Ty::I64, 1, 0), None);
        assert_eq!(bin(BinOp::UDiv, Ty::I8, -1, 2), Some(127));
        assert_eq!(bin(BinOp::UShr, Ty::I32, -1, 28), Some(15));
        assert_eq!(bin(BinOp::Shl, Ty::I8, 1, 7), Some(-128));
        assert_eq!(bin(BinOp::Rotl, Ty::I8, 0x81u8 as i8 as i64, 1), Some(3));
        assert_eq!(bin(BinOp::UMulHi, Ty::I64, -1, -1), Some(-2));
        assert_eq!(un(UnOp::Clz, Ty::I16, 1), Some(15));
        assert_eq!(un(UnOp::Ctz, Ty::I8, 0), Some(8));
        assert_eq!(un(UnOp::Bswap, Ty::I32, 0x0102_0304), Some(0x0403_0201));
        assert_eq!(conv(ConvOp::Zext, Ty::I8, Ty::I64, -1), Some(255));
        assert_eq!(conv(ConvOp::Trunc, Ty::I64, Ty::I8, 255), Some(-1));
        assert!(cmp(CmpOp::ULt, Ty::I8, 1, -1));
        assert!(!cmp(CmpOp::Lt, Ty::I8, 1, -1));
    }

    #[test]
    fn not_a_number_is_not_folded() {
        assert_eq!(float_bin(BinOp::Div, Ty::F64, 0, 0), None);
        let (one, three) = (1f32.to_bits().into(), 3f32.to_bits().into());
        assert_eq!(float_bin(BinOp::Div, Ty::F32, one, three), Some((1f32 / 3f32).to_bits().into()));
    }
}
