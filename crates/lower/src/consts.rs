//! Constants.

use crate::func::FuncLower;
use crate::layout::basic_parts;
use crate::value::Val;
use goxide_ssa::{Op, Ty, Value};
use goxide_types::{BasicKind, Const, Type, TypeId};

/// The bits of a constant's scalar `index` in a basic type.
pub(crate) fn const_bits(c: &Const, kind: BasicKind, index: usize) -> u64 {
    let part = |c: &Const| if index == 0 { c.real() } else { c.imag() };
    match basic_parts(kind).first() {
        Some(Ty::F32) => part(&c.to_complex()).to_f32().to_bits().into(),
        Some(Ty::F64) => part(&c.to_complex()).to_f64().to_bits(),
        _ => match c {
            Const::Bool(b) => (*b).into(),
            c => c.to_int().low_u64(),
        },
    }
}

impl FuncLower<'_, '_> {
    pub fn constant(&mut self, c: &Const, t: TypeId) -> Val {
        match self.under(t) {
            Type::Basic(b) => self.basic_constant(c, b.kind),
            Type::Interface(_) => {
                // A constant that is converted to an interface has its default type.
                let kind = match c {
                    Const::Bool(_) => BasicKind::Bool,
                    Const::String(_) => BasicKind::String,
                    Const::Int(_) => BasicKind::Int,
                    Const::Complex(_) => BasicKind::Complex128,
                    _ => BasicKind::Float64,
                };
                let from = self.p.store.basic(kind);
                let v = self.basic_constant(c, kind);
                self.convert_assign(v, from, t)
            }
            _ => {
                let n = c.to_int().low_u64();
                let v = self.b.int(n as i64);
                Val::one(self.b.conv(goxide_ssa::ConvOp::Bits, v, Ty::Ptr))
            }
        }
    }

    fn basic_constant(&mut self, c: &Const, kind: BasicKind) -> Val {
        if let Const::String(s) = c {
            return self.string(s);
        }
        let parts = basic_parts(kind);
        let bits = |i: usize| const_bits(c, kind, i);
        let value = |l: &mut Self, i: usize, ty: Ty| match ty {
            Ty::F32 | Ty::F64 => l.b.emit1(Op::FConst(bits(i)), &[], ty),
            Ty::I8 => l.b.iconst(ty, (bits(i) as i8).into()),
            Ty::I16 => l.b.iconst(ty, (bits(i) as i16).into()),
            Ty::I32 => l.b.iconst(ty, (bits(i) as i32).into()),
            Ty::I64 | Ty::Ptr => l.b.iconst(ty, bits(i) as i64),
        };
        Val::Regs(parts.iter().enumerate().map(|(i, &ty)| value(self, i, ty)).collect())
    }

    pub fn string(&mut self, s: &[u8]) -> Val {
        let ptr = self.string_ptr(s);
        let len = self.b.int(s.len() as i64);
        Val::many(&[ptr, len])
    }

    fn string_ptr(&mut self, s: &[u8]) -> Value {
        if s.is_empty() {
            return self.b.null();
        }
        let sym = self.p.string_symbol(s);
        self.b.sym(sym)
    }
}
