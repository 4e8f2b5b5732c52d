//! Go's calling convention on top of Cranelift's `Tail` (see `goxide_abi`).

use cranelift_codegen::ir::{AbiParam, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use goxide_abi::{REG_FLOATS, REG_INTS, RESULT_FLOATS, RESULT_INTS};
use goxide_ssa::Ty;

pub fn clif_type(ty: Ty) -> Type {
    match ty {
        Ty::I8 => types::I8,
        Ty::I16 => types::I16,
        Ty::I32 => types::I32,
        Ty::I64 | Ty::Ptr => types::I64,
        Ty::F32 => types::F32,
        Ty::F64 => types::F64,
    }
}

/// Where a scalar travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a register: the nth Cranelift parameter or result.
    Register(usize),
    /// In the overflow area, at this offset.
    Overflow(i32),
}

/// How a signature's scalars travel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub params: Vec<Place>,
    pub results: Vec<Place>,
    pub result_types: Vec<Type>,
    /// Size of the overflow area; 0: there is none.
    pub overflow_bytes: u32,
    /// The Cranelift parameter that is the area's address.
    pub area: Option<usize>,
    /// The Cranelift parameter that is the closure object.
    pub ctx: Option<usize>,
    pub signature: Signature,
}

impl Plan {
    pub fn new(params: &[Ty], results: &[Ty], ctx: bool) -> Plan {
        let floats = |tys: &[Ty]| tys.iter().filter(|t| t.is_float()).count();
        let ints = |tys: &[Ty]| tys.len() - floats(tys);
        let fits = ints(params) <= REG_INTS
            && floats(params) <= REG_FLOATS
            && ints(results) <= RESULT_INTS
            && floats(results) <= RESULT_FLOATS;
        let arg_ints = if fits { REG_INTS } else { REG_INTS - 1 };
        let mut signature = Signature::new(CallConv::Tail);
        let mut overflow_bytes = 0;
        let mut place = |tys: &[Ty], ints: usize, floats: usize, out: &mut Vec<AbiParam>| {
            let (mut ints, mut floats) = (ints, floats);
            let one = |&ty: &Ty| {
                let left = if ty.is_float() { &mut floats } else { &mut ints };
                if *left == 0 {
                    overflow_bytes += 8;
                    return Place::Overflow(overflow_bytes as i32 - 8);
                }
                *left -= 1;
                out.push(AbiParam::new(clif_type(ty)));
                Place::Register(out.len() - 1)
            };
            tys.iter().map(one).collect::<Vec<_>>()
        };
        let params = place(params, arg_ints, REG_FLOATS, &mut signature.params);
        let result_types = results.iter().map(|&t| clif_type(t)).collect();
        let results = place(results, RESULT_INTS, RESULT_FLOATS, &mut signature.returns);
        let mut pointer = |wanted: bool| {
            wanted.then(|| {
                signature.params.push(AbiParam::new(types::I64));
                signature.params.len() - 1
            })
        };
        let area = pointer(!fits);
        let ctx = pointer(ctx);
        Plan { params, results, result_types, overflow_bytes, area, ctx, signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_travels_in_registers() {
        let plan = Plan::new(&[Ty::Ptr, Ty::F64, Ty::I8, Ty::I64, Ty::I64, Ty::I64], &[Ty::I64; 8], true);
        assert_eq!(plan.overflow_bytes, 0);
        assert_eq!(plan.area, None);
        assert_eq!(plan.ctx, Some(6));
        assert_eq!(plan.signature.params.len(), 7);
    }

    #[test]
    fn the_rest_goes_through_one_area() {
        let plan = Plan::new(&[Ty::I64; 7], &[Ty::I64; 9], true);
        assert_eq!(plan.params[3], Place::Register(3));
        assert_eq!(plan.params[4..], [Place::Overflow(0), Place::Overflow(8), Place::Overflow(16)]);
        assert_eq!(plan.results[8], Place::Overflow(24));
        assert_eq!((plan.area, plan.ctx, plan.overflow_bytes), (Some(4), Some(5), 32));
        let floats = Plan::new(&[Ty::F32; 9], &[], false);
        assert_eq!((floats.params[8], floats.area), (Place::Overflow(0), Some(8)));
    }
}
