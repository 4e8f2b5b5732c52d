//! Single operations.

use crate::abi::clif_type;
use crate::function::Translator;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{
    self, AtomicRmwOp, InstBuilder, MemFlagsData, StackSlotData, StackSlotKind, types,
};
use goxide_abi::Entry;
use goxide_ssa::{AtomicOp, BinOp, Check, CmpOp, ConvOp, Inst, LocId, Op, Ty, UnOp, Value};

/// Memory up to this size is copied and zeroed in place.
pub const INLINE_BYTES_MAX: u32 = 128;

impl Translator<'_, '_> {
    pub fn inst(&mut self, inst: Inst) {
        let func = self.func;
        let data = &func.insts[inst.index()];
        let arg = |t: &Self, n: usize| t.value(data.args[n]);
        let arg_ty = |n: usize| func.ty(data.args[n]);
        let result_ty = || clif_type(func.ty(data.results[0]));
        let value = match &data.op {
            Op::Const(c) => {
                let ty = result_ty();
                self.b.ins().iconst(ty, truncated(*c, ty))
            }
            Op::FConst(bits) => match func.ty(data.results[0]) {
                Ty::F32 => self.b.ins().f32const(Ieee32::with_bits(*bits as u32)),
                _ => self.b.ins().f64const(Ieee64::with_bits(*bits)),
            },
            Op::SymAddr(sym, offset) => self.sym_addr(*sym, *offset),
            Op::SlotAddr(slot, offset) => {
                self.b.ins().stack_addr(types::I64, self.slots[slot.index()], *offset)
            }
            Op::Bin(op) => {
                let divisor = self.constant(data.args[1]);
                self.bin(*op, arg_ty(0), arg(self, 0), arg(self, 1), divisor)
            }
            Op::Un(op) => self.un(*op, arg_ty(0), arg(self, 0)),
            Op::Cmp(op) => self.cmp(*op, arg_ty(0), arg(self, 0), arg(self, 1)),
            Op::Conv(op) => self.conv(*op, arg_ty(0), func.ty(data.results[0]), arg(self, 0)),
            Op::Select => {
                let (c, x, y) = (arg(self, 0), arg(self, 1), arg(self, 2));
                self.b.ins().select(c, x, y)
            }
            Op::Fma => {
                let (x, y, z) = (arg(self, 0), arg(self, 1), arg(self, 2));
                self.b.ins().fma(x, y, z)
            }
            Op::Atomic(op) => {
                let args: Vec<ir::Value> = (0..data.args.len()).map(|i| arg(self, i)).collect();
                match self.atomic(*op, &args, data.results.first().map(|_| result_ty())) {
                    Some(value) => value,
                    None => return,
                }
            }
            Op::Load(offset) => {
                let (flags, p) = (self.flags(inst), arg(self, 0));
                let loaded = self.b.ins().load(result_ty(), flags, p, *offset);
                if self.updated[inst.index()] {
                    // Makes no code, but no load goes past it to its use.
                    self.b.ins().sequence_point();
                }
                loaded
            }
            Op::Store(offset) => {
                let (flags, p, v) = (self.flags(inst), arg(self, 0), arg(self, 1));
                self.b.ins().store(flags, v, p, *offset);
                return;
            }
            Op::StorePtr(offset) => {
                let (flags, p, v) = (self.flags(inst), arg(self, 0), arg(self, 1));
                self.store_pointer(flags, p, *offset, v);
                return;
            }
            Op::Copy { size, ptrs: _ } => {
                let (dst, src) = (arg(self, 0), arg(self, 1));
                self.copy(dst, src, *size);
                return;
            }
            Op::Zero { size, ptrs: _ } => {
                let dst = arg(self, 0);
                self.zero(dst, *size);
                return;
            }
            Op::Check(check) => {
                let args: Vec<ir::Value> = (0..data.args.len()).map(|i| arg(self, i)).collect();
                if !self.folded[inst.index()] {
                    self.go_check(*check, &args, data.loc);
                }
                return;
            }
            Op::New { typ, .. } => {
                let typ = self.sym_addr(*typ, 0);
                self.entry_call(Entry::NewObject, &[typ])[0]
            }
            Op::Call { .. } | Op::CallClosure | Op::CallPtr | Op::CallRt(_) => {
                self.call_inst(inst, &data.op, &data.args);
                return;
            }
            Op::FramePointer => self.b.ins().get_frame_pointer(types::I64),
            Op::SafePoint => {
                // Whoever counts the bytes of his stack is not preempted either.
                if !func.flags.nosplit {
                    self.safe_point();
                }
                return;
            }
            // What is stored here is needed up to this place. Behind it half of it is gone; all of it, and
            // Cranelift would see a store in vain.
            Op::KeepAlive => {
                let v = arg(self, 0);
                let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3);
                let slot = self.b.create_sized_stack_slot(slot);
                let nothing = self.b.ins().iconst(types::I32, 0);
                self.b.ins().stack_store(types::I64, v, slot, 0);
                self.b.ins().stack_store(types::I64, nothing, slot, 0);
                return;
            }
        };
        self.set(data.results[0], value);
    }

    /// An access behind a nil check of its own cannot fault; one that stands for the check must be
    /// allowed to.
    fn flags(&self, inst: Inst) -> MemFlagsData {
        if self.faulting[inst.index()] { MemFlagsData::new() } else { MemFlagsData::new().with_notrap() }
    }

    /// Every pointer that is stored where the collector looks goes through here: the place of the write
    /// barrier. The collector stops the world while it marks, so none is needed yet.
    fn store_pointer(&mut self, flags: MemFlagsData, base: ir::Value, offset: i32, value: ir::Value) {
        self.b.ins().store(flags, value, base, offset);
    }

    /// A pointer that is stored is one more place of the write barrier, see [`Self::store_pointer`].
    fn atomic(&mut self, op: AtomicOp, args: &[ir::Value], result: Option<ir::Type>) -> Option<ir::Value> {
        let flags = MemFlagsData::new();
        let p = args[0];
        let rmw = |op: AtomicRmwOp, t: &mut Self, v: ir::Value| {
            let ty = t.b.func.dfg.value_type(v);
            t.b.ins().atomic_rmw(ty, flags, op, p, v)
        };
        Some(match op {
            AtomicOp::Load => self.b.ins().atomic_load(result?, flags, p),
            AtomicOp::Store => {
                // An exchange orders as a store and a fence do, and costs less.
                rmw(AtomicRmwOp::Xchg, self, args[1]);
                return None;
            }
            AtomicOp::StoreRelease => {
                self.b.ins().store(flags, args[1], p, 0);
                return None;
            }
            AtomicOp::Add => rmw(AtomicRmwOp::Add, self, args[1]),
            AtomicOp::And => rmw(AtomicRmwOp::And, self, args[1]),
            AtomicOp::Or => rmw(AtomicRmwOp::Or, self, args[1]),
            AtomicOp::Xchg => rmw(AtomicRmwOp::Xchg, self, args[1]),
            AtomicOp::Cas => {
                let seen = self.b.ins().atomic_cas(flags, p, args[1], args[2]);
                self.b.ins().icmp(IntCC::Equal, seen, args[1])
            }
        })
    }

    fn constant(&self, v: Value) -> Option<i64> {
        match self.func.values[self.func.resolve(v).index()].def {
            goxide_ssa::ir::ValueDef::Result(inst, 0) => match self.func.insts[inst.index()].op {
                Op::Const(c) => Some(c),
                _ => None,
            },
            _ => None,
        }
    }

    fn bin(&mut self, op: BinOp, ty: Ty, x: ir::Value, y: ir::Value, constant: Option<i64>) -> ir::Value {
        if ty.is_float() {
            return match op {
                BinOp::Add => self.b.ins().fadd(x, y),
                BinOp::Sub => self.b.ins().fsub(x, y),
                BinOp::Mul => self.b.ins().fmul(x, y),
                BinOp::Div => self.b.ins().fdiv(x, y),
                BinOp::FMin => self.b.ins().fmin(x, y),
                BinOp::FMax => self.b.ins().fmax(x, y),
                other => unreachable!("{other:?} of floats"),
            };
        }
        match op {
            BinOp::Add => self.b.ins().iadd(x, y),
            BinOp::Sub => self.b.ins().isub(x, y),
            BinOp::Mul => self.b.ins().imul(x, y),
            BinOp::Div | BinOp::Rem => self.signed_division(op, x, y, constant),
            BinOp::UDiv => self.b.ins().udiv(x, y),
            BinOp::URem => self.b.ins().urem(x, y),
            BinOp::And => self.b.ins().band(x, y),
            BinOp::Or => self.b.ins().bor(x, y),
            BinOp::Xor => self.b.ins().bxor(x, y),
            BinOp::Shl => self.b.ins().ishl(x, y),
            BinOp::Shr => self.b.ins().sshr(x, y),
            BinOp::UShr => self.b.ins().ushr(x, y),
            BinOp::Rotl => self.b.ins().rotl(x, y),
            BinOp::MulHi => self.b.ins().smulhi(x, y),
            BinOp::UMulHi => self.b.ins().umulhi(x, y),
            BinOp::FMin | BinOp::FMax => unreachable!("{op:?} of integers"),
        }
    }

    /// The processor traps where the quotient is too large, the smallest number by −1: there one divides
    /// by 1 and negates.
    fn signed_division(&mut self, op: BinOp, x: ir::Value, y: ir::Value, constant: Option<i64>) -> ir::Value {
        let is_quotient = op == BinOp::Div;
        if let Some(c) = constant
            && c != -1
        {
            return if is_quotient { self.b.ins().sdiv(x, y) } else { self.b.ins().srem(x, y) };
        }
        let ty = self.b.func.dfg.value_type(x);
        let (one, minus_one) = (self.b.ins().iconst(ty, 1), self.b.ins().iconst(ty, truncated(-1, ty)));
        let is_minus_one = self.b.ins().icmp(IntCC::Equal, y, minus_one);
        let safe = self.b.ins().select(is_minus_one, one, y);
        if !is_quotient {
            return self.b.ins().srem(x, safe);
        }
        let quotient = self.b.ins().sdiv(x, safe);
        let negated = self.b.ins().ineg(x);
        self.b.ins().select(is_minus_one, negated, quotient)
    }

    fn un(&mut self, op: UnOp, ty: Ty, x: ir::Value) -> ir::Value {
        match op {
            UnOp::Neg if ty.is_float() => self.b.ins().fneg(x),
            UnOp::Neg => self.b.ins().ineg(x),
            UnOp::Not => self.b.ins().bnot(x),
            UnOp::Clz => self.b.ins().clz(x),
            UnOp::Ctz => self.b.ins().ctz(x),
            UnOp::Popcnt => self.b.ins().popcnt(x),
            UnOp::Bswap => self.b.ins().bswap(x),
            UnOp::Sqrt => self.b.ins().sqrt(x),
            UnOp::Floor => self.b.ins().floor(x),
            UnOp::Ceil => self.b.ins().ceil(x),
            UnOp::Trunc => self.b.ins().trunc(x),
            UnOp::Abs => self.b.ins().fabs(x),
            UnOp::Nearest => self.b.ins().nearest(x),
        }
    }

    fn cmp(&mut self, op: CmpOp, ty: Ty, x: ir::Value, y: ir::Value) -> ir::Value {
        if ty.is_float() {
            let cc = match op {
                CmpOp::Eq => FloatCC::Equal,
                CmpOp::Ne => FloatCC::NotEqual,
                CmpOp::Lt => FloatCC::LessThan,
                CmpOp::Le => FloatCC::LessThanOrEqual,
                CmpOp::Gt => FloatCC::GreaterThan,
                CmpOp::Ge => FloatCC::GreaterThanOrEqual,
                other => unreachable!("{other:?} of floats"),
            };
            return self.b.ins().fcmp(cc, x, y);
        }
        let cc = match op {
            CmpOp::Eq => IntCC::Equal,
            CmpOp::Ne => IntCC::NotEqual,
            CmpOp::Lt => IntCC::SignedLessThan,
            CmpOp::Le => IntCC::SignedLessThanOrEqual,
            CmpOp::Gt => IntCC::SignedGreaterThan,
            CmpOp::Ge => IntCC::SignedGreaterThanOrEqual,
            CmpOp::ULt => IntCC::UnsignedLessThan,
            CmpOp::ULe => IntCC::UnsignedLessThanOrEqual,
            CmpOp::UGt => IntCC::UnsignedGreaterThan,
            CmpOp::UGe => IntCC::UnsignedGreaterThanOrEqual,
        };
        self.b.ins().icmp(cc, x, y)
    }

    fn conv(&mut self, op: ConvOp, from: Ty, to: Ty, x: ir::Value) -> ir::Value {
        let ty = clif_type(to);
        match op {
            ConvOp::Zext if from.bytes() < to.bytes() => self.b.ins().uextend(ty, x),
            ConvOp::Sext if from.bytes() < to.bytes() => self.b.ins().sextend(ty, x),
            ConvOp::Trunc if from.bytes() > to.bytes() => self.b.ins().ireduce(ty, x),
            ConvOp::Zext | ConvOp::Sext | ConvOp::Trunc => x,
            ConvOp::IntToFloat => {
                let x = if from.bytes() < 4 { self.b.ins().sextend(types::I32, x) } else { x };
                self.b.ins().fcvt_from_sint(ty, x)
            }
            ConvOp::UintToFloat => {
                let x = if from.bytes() < 4 { self.b.ins().uextend(types::I32, x) } else { x };
                self.b.ins().fcvt_from_uint(ty, x)
            }
            ConvOp::FloatToInt => {
                let wide = if to.bytes() < 8 { types::I32 } else { types::I64 };
                let v = self.truncate_float(from, wide, x);
                if to.bytes() < 4 { self.b.ins().ireduce(ty, v) } else { v }
            }
            ConvOp::FloatToUint => match to {
                Ty::I64 => self.float_to_uint64(from, x),
                Ty::I32 => {
                    let v = self.truncate_float(from, types::I64, x);
                    self.b.ins().ireduce(ty, v)
                }
                _ => {
                    let v = self.truncate_float(from, types::I32, x);
                    self.b.ins().ireduce(ty, v)
                }
            },
            ConvOp::FloatExt => self.b.ins().fpromote(ty, x),
            ConvOp::FloatTrunc => self.b.ins().fdemote(ty, x),
            ConvOp::Bits if from.is_float() != to.is_float() => {
                self.b.ins().bitcast(ty, MemFlagsData::new(), x)
            }
            ConvOp::Bits | ConvOp::Hide => x,
        }
    }

    fn float_const(&mut self, ty: Ty, value: f64) -> ir::Value {
        match ty {
            Ty::F32 => self.b.ins().f32const(Ieee32::with_float(value as f32)),
            _ => self.b.ins().f64const(Ieee64::with_float(value)),
        }
    }

    /// As `CVTTSD2SQ`: the smallest integer for NaN and what is out of range.
    fn truncate_float(&mut self, from: Ty, wide: ir::Type, x: ir::Value) -> ir::Value {
        let bits = wide.bits();
        let limit = self.float_const(from, 2f64.powi(bits as i32 - 1));
        let least = self.b.ins().iconst(wide, truncated(i64::MIN >> (64 - bits), wide));
        let saturated = self.b.ins().fcvt_to_sint_sat(wide, x);
        // False for NaN.
        let fits = self.b.ins().fcmp(FloatCC::LessThan, x, limit);
        self.b.ins().select(fits, saturated, least)
    }

    /// As gc: what is 2⁶³ or more is converted less 2⁶³, and gets the top bit.
    fn float_to_uint64(&mut self, from: Ty, x: ir::Value) -> ir::Value {
        let limit = self.float_const(from, 2f64.powi(63));
        let small = self.truncate_float(from, types::I64, x);
        let less = self.b.ins().fsub(x, limit);
        let less = self.truncate_float(from, types::I64, less);
        let top = self.b.ins().iconst(types::I64, i64::MIN);
        let large = self.b.ins().bor(less, top);
        let is_small = self.b.ins().fcmp(FloatCC::LessThan, x, limit);
        self.b.ins().select(is_small, small, large)
    }

    fn go_check(&mut self, check: Check, args: &[ir::Value], loc: LocId) {
        let above = |t: &mut Self, cc: IntCC| t.b.ins().icmp(cc, args[0], args[1]);
        let (fails, entry) = match check {
            Check::Nil => {
                // One byte, for the fault alone.
                self.b.ins().load(types::I8, MemFlagsData::new(), args[0], 0);
                return;
            }
            Check::Zero => {
                let zero = self.b.func.dfg.value_type(args[0]);
                let zero = self.b.ins().iconst(zero, 0);
                let fails = self.b.ins().icmp(IntCC::Equal, args[0], zero);
                return self.check(fails, Entry::PanicDivide, &[], loc);
            }
            Check::Shift => {
                let ty = self.b.func.dfg.value_type(args[0]);
                let zero = self.b.ins().iconst(ty, 0);
                let fails = self.b.ins().icmp(IntCC::SignedLessThan, args[0], zero);
                return self.check(fails, Entry::PanicShift, &[], loc);
            }
            Check::Index { unsigned } => (
                above(self, IntCC::UnsignedGreaterThanOrEqual),
                if unsigned { Entry::PanicIndexU } else { Entry::PanicIndex },
            ),
            other => (above(self, IntCC::UnsignedGreaterThan), slice_panic(other)),
        };
        self.check(fails, entry, args, loc);
    }

    fn copy(&mut self, dst: ir::Value, src: ir::Value, size: u32) {
        if size > INLINE_BYTES_MAX {
            let size = self.b.ins().iconst(types::I64, i64::from(size));
            self.entry_call(Entry::Memmove, &[dst, src, size]);
            return;
        }
        let flags = MemFlagsData::new().with_notrap();
        // All is read before anything is written: source and destination may be the same.
        let parts: Vec<(ir::Value, i32)> =
            pieces(size).map(|(ty, offset)| (self.b.ins().load(ty, flags, src, offset), offset)).collect();
        for (part, offset) in parts {
            self.b.ins().store(flags, part, dst, offset);
        }
    }

    fn zero(&mut self, dst: ir::Value, size: u32) {
        if size > INLINE_BYTES_MAX {
            let size = self.b.ins().iconst(types::I64, i64::from(size));
            self.entry_call(Entry::Memclr, &[dst, size]);
            return;
        }
        let flags = MemFlagsData::new().with_notrap();
        for (ty, offset) in pieces(size) {
            let zero = if ty.is_vector() {
                let byte = self.b.ins().iconst(types::I8, 0);
                self.b.ins().splat(ty, byte)
            } else {
                self.b.ins().iconst(ty, 0)
            };
            self.b.ins().store(flags, zero, dst, offset);
        }
    }
}

/// Pieces of 16, 8, 4, 2 and 1 bytes, and their offsets.
fn pieces(size: u32) -> impl Iterator<Item = (ir::Type, i32)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let ty = match size - at {
            0 => return None,
            16.. => types::I8X16,
            8.. => types::I64,
            4.. => types::I32,
            2.. => types::I16,
            _ => types::I8,
        };
        at += ty.bytes();
        Some((ty, (at - ty.bytes()) as i32))
    })
}

/// Cranelift wants an immediate without bits above the type's width.
fn truncated(value: i64, ty: ir::Type) -> i64 {
    match ty.bits() {
        64 => value,
        bits => value & ((1 << bits) - 1),
    }
}

fn slice_panic(check: Check) -> Entry {
    let pick = |unsigned: bool, signed: Entry, other: Entry| if unsigned { other } else { signed };
    match check {
        Check::SliceAlen { unsigned } => pick(unsigned, Entry::PanicSliceAlen, Entry::PanicSliceAlenU),
        Check::SliceAcap { unsigned } => pick(unsigned, Entry::PanicSliceAcap, Entry::PanicSliceAcapU),
        Check::SliceB { unsigned } => pick(unsigned, Entry::PanicSliceB, Entry::PanicSliceBU),
        Check::Slice3Alen { unsigned } => pick(unsigned, Entry::PanicSlice3Alen, Entry::PanicSlice3AlenU),
        Check::Slice3Acap { unsigned } => pick(unsigned, Entry::PanicSlice3Acap, Entry::PanicSlice3AcapU),
        Check::Slice3B { unsigned } => pick(unsigned, Entry::PanicSlice3B, Entry::PanicSlice3BU),
        Check::Slice3C { unsigned } => pick(unsigned, Entry::PanicSlice3C, Entry::PanicSlice3CU),
        Check::SliceConvert => Entry::PanicSliceConvert,
        Check::Nil | Check::Zero | Check::Shift | Check::Index { .. } => {
            unreachable!("{check:?} is no slice check")
        }
    }
}
