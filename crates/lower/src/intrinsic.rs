//! Functions of std that are instructions: atomics, bit counting, rounding. A call becomes the
//! instructions; where a package declares such a function without a body, it gets one made of them, for
//! function values and for calls by other names.

use crate::builder::Values;
use crate::func::FuncLower;
use crate::layout::{Abi, has_non_string_pointers};
use crate::package::{Declared, Package};
use crate::value::Val;
use goxide_ssa::{AtomicOp, BinOp, CmpOp, ConvOp, Func, Op, Ty, UnOp, Value};
use goxide_syntax::ast::{CallExpr, Expr, unparen};
use goxide_types::{ObjId, Type, TypeId};
use std::rc::Rc;

/// What a read-modify-write gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    Old,
    New,
    Nothing,
}

#[derive(Clone, Copy)]
enum Intrinsic {
    Load,
    Store,
    StoreRelease,
    /// Without a write barrier.
    StoreRaw,
    Rmw(AtomicOp, Gives),
    Cas,
    Len,
    /// Of integers of so many bits.
    LeadingZeros(u32),
    TrailingZeros(u32),
    OnesCount,
    ReverseBytes(u32),
    RotateLeft,
    /// (high, low)
    Mul128,
    /// (product, whether it overflowed)
    MulOverflow,
    AddCarry,
    SubBorrow,
    Float(UnOp),
    Copysign,
    Fma,
    /// The same bits.
    Bits,
    /// The same pointer, but not to escape analysis.
    Hide,
    Nothing,
    CallerPc,
    CallerSp,
    KeepAlive,
    /// The code address of a function value.
    CodeAddress,
    /// Whether values of the argument's type refer to more than the bytes of strings.
    RefersToMore,
}

fn lookup(path: &str, name: &str) -> Option<Intrinsic> {
    use AtomicOp::{Add, And, Or, Xchg};
    use Intrinsic::*;
    Some(match path {
        "internal/runtime/atomic" => match name {
            "Load" | "Loadp" | "LoadAcq" | "Load64" | "LoadAcq64" | "LoadAcquintptr" | "Load8"
            | "Loaduintptr" | "Loaduint" | "Loadint32" | "Loadint64" => Load,
            "Store" | "Store8" | "Store64" | "Storeint32" | "Storeint64" | "Storeuintptr"
            | "storePointer" => Store,
            "StoreRel" | "StoreRel64" | "StoreReluintptr" => StoreRelease,
            "StorepNoWB" => StoreRaw,
            "Xadd" | "Xadd64" | "Xadduintptr" | "Xaddint32" | "Xaddint64" => Rmw(Add, Gives::New),
            "Xchg8" | "Xchg" | "Xchg64" | "Xchguintptr" | "Xchgint32" | "Xchgint64" => Rmw(Xchg, Gives::Old),
            "And8" | "And" => Rmw(And, Gives::Nothing),
            "Or8" | "Or" => Rmw(Or, Gives::Nothing),
            "And32" | "And64" | "Anduintptr" => Rmw(And, Gives::Old),
            "Or32" | "Or64" | "Oruintptr" => Rmw(Or, Gives::Old),
            "Cas" | "Cas64" | "CasRel" | "Casint32" | "Casint64" | "Casuintptr" | "Casp1" | "casPointer" => {
                Cas
            }
            _ => return None,
        },
        "sync/atomic" => {
            let is = |prefix: &str| {
                let kind = name.strip_prefix(prefix).unwrap_or("");
                matches!(kind, "Int32" | "Uint32" | "Int64" | "Uint64" | "Uintptr" | "Pointer")
            };
            match () {
                _ if is("Load") => Load,
                _ if is("Store") => Store,
                _ if is("Add") => Rmw(Add, Gives::New),
                _ if is("And") => Rmw(And, Gives::Old),
                _ if is("Or") => Rmw(Or, Gives::Old),
                _ if is("Swap") => Rmw(Xchg, Gives::Old),
                _ if is("CompareAndSwap") => Cas,
                _ => return None,
            }
        }
        "math/bits" | "internal/runtime/sys" | "internal/runtime/math" => match name {
            "Len" | "Len64" | "Len32" | "Len16" | "Len8" => Len,
            "LeadingZeros" | "LeadingZeros64" => LeadingZeros(64),
            "LeadingZeros32" => LeadingZeros(32),
            "LeadingZeros16" => LeadingZeros(16),
            "LeadingZeros8" => LeadingZeros(8),
            "TrailingZeros" | "TrailingZeros64" => TrailingZeros(64),
            "TrailingZeros32" => TrailingZeros(32),
            "TrailingZeros16" => TrailingZeros(16),
            "TrailingZeros8" => TrailingZeros(8),
            "OnesCount" | "OnesCount64" | "OnesCount32" | "OnesCount16" | "OnesCount8" => OnesCount,
            "ReverseBytes" | "ReverseBytes64" | "Bswap64" => ReverseBytes(64),
            "ReverseBytes32" | "Bswap32" => ReverseBytes(32),
            "ReverseBytes16" => ReverseBytes(16),
            "RotateLeft" | "RotateLeft64" | "RotateLeft32" | "RotateLeft16" | "RotateLeft8" => RotateLeft,
            "Mul" | "Mul64" => Mul128,
            "MulUintptr" => MulOverflow,
            "Add" | "Add64" => AddCarry,
            "Sub" | "Sub64" => SubBorrow,
            "Prefetch" | "PrefetchStreamed" => Nothing,
            "GetCallerPC" => CallerPc,
            "GetCallerSP" => CallerSp,
            _ => return None,
        },
        "math" => match name {
            "Sqrt" | "sqrt" => Float(UnOp::Sqrt),
            "Floor" => Float(UnOp::Floor),
            "Ceil" => Float(UnOp::Ceil),
            "Trunc" => Float(UnOp::Trunc),
            "RoundToEven" => Float(UnOp::Nearest),
            "Abs" => Float(UnOp::Abs),
            "Copysign" => Copysign,
            "FMA" => Fma,
            "Float64bits" | "Float64frombits" | "Float32bits" | "Float32frombits" => Bits,
            _ => return None,
        },
        "runtime" if name == "KeepAlive" => KeepAlive,
        "internal/abi" if matches!(name, "FuncPCABI0" | "FuncPCABIInternal") => CodeAddress,
        "internal/abi" if name == "NoEscape" => Hide,
        "internal/abi" if name == "hasNonStringPointers" => RefersToMore,
        _ => return None,
    })
}

impl Package<'_> {
    fn intrinsic_of(&self, obj: ObjId) -> Option<Intrinsic> {
        let o = self.store.obj(obj);
        let is_method = self.store.func_signature(obj).is_some_and(|s| s.recv.is_some());
        if is_method { None } else { lookup(self.store.pkg_path(o.pkg?), &o.name) }
    }
}

impl<'a, 'p> FuncLower<'a, 'p> {
    /// A call that is instructions.
    pub fn intrinsic(&mut self, e: &'a Expr, call: &'a CallExpr) -> Option<Vec<Val>> {
        let obj = self.static_callee(&call.fun)?;
        let op = self.p.intrinsic_of(obj)?;
        match op {
            Intrinsic::KeepAlive => {
                let t = self.value_ty(&call.args[0]);
                let v = self.on_its_own(|l| l.expr_as(&call.args[0], t));
                self.set_pos(e.pos);
                self.keep_alive(v);
                return Some(Vec::new());
            }
            Intrinsic::CodeAddress => {
                let code = self.code_address(&call.args[0])?;
                return Some(vec![Val::one(code)]);
            }
            Intrinsic::RefersToMore => {
                let t = self.value_ty(&call.args[0]);
                let answer = has_non_string_pointers(self.p.store, t);
                return Some(vec![Val::one(self.b.bool(answer))]);
            }
            _ => {}
        }
        let sig = self.p.store.func_signature(obj)?.clone();
        let mut args = Vec::new();
        self.with_operands(call, |l| l.arguments(e, call, &sig, &mut args, &mut None));
        self.set_pos(e.pos);
        let mut scalars = Values::new();
        for (v, t) in args {
            scalars.extend(self.parts(v, t));
        }
        let results: Vec<TypeId> = sig.results.iter().map(|&r| self.obj_ty(r)).collect();
        let abi = self.p.layouts.abi(self.p.store, &[], &results);
        let values = self.emit_intrinsic(op, &scalars, &abi.results);
        Some(values.into_iter().map(Val::one).collect())
    }

    /// The body of a function that is an intrinsic and declared without one.
    pub fn intrinsic_body(p: &'p mut Package<'a>, d: Declared<'a>, obj: ObjId, symbol: &str) -> Option<Func> {
        let op = p.intrinsic_of(obj)?;
        let sig = p.store.func_signature(obj)?.clone();
        let types = |objs: &[ObjId]| p.store.types_of(objs);
        let (params, results) = (types(&sig.params), types(&sig.results));
        let abi: Abi = p.layouts.abi(p.store, &params, &results);
        let name = p.module.sym(symbol);
        let facts = Rc::new(p.facts_of_exprs(d.source, &[]));
        let mut l = FuncLower::new(p, name, &abi, false, d.source, facts, Rc::default());
        l.set_pos(d.decl.pos);
        l.b.f.start_line = l.line(d.decl.pos);
        let args = l.b.f.blocks[0].params.clone();
        let values = l.emit_intrinsic(op, &args, &abi.results);
        l.b.ret(&values);
        Some(l.b.finish())
    }

    fn keep_alive(&mut self, v: Val) {
        let values = match v {
            Val::Regs(vs) => vs,
            Val::Mem(p) => Values::from_slice(&[p]),
            Val::Zero => Values::new(),
        };
        for v in values {
            if self.b.ty(v) == Ty::Ptr {
                self.b.emit0(Op::KeepAlive, &[v]);
            }
        }
    }

    /// The code of the function that `arg`, converted to an interface or not, is.
    fn code_address(&mut self, arg: &'a Expr) -> Option<Value> {
        let fun = unparen(arg);
        let code = match self.static_callee(fun) {
            Some(obj) => {
                let targs = self.targs(fun);
                let sym = self.p.func_symbol(obj, &targs);
                self.b.sym(sym)
            }
            None if matches!(self.under(self.ty(fun)), Type::Signature(_)) => {
                let closure = self.scalar_expr(fun);
                self.b.nil_check(closure);
                self.b.load(Ty::Ptr, closure, 0)
            }
            None => return None,
        };
        Some(self.b.conv(ConvOp::Bits, code, Ty::I64))
    }

    fn emit_intrinsic(&mut self, op: Intrinsic, args: &[Value], results: &[Ty]) -> Values {
        let b = &mut self.b;
        let one = |v: Value| Values::from_slice(&[v]);
        match op {
            Intrinsic::Load => one(b.emit1(Op::Atomic(AtomicOp::Load), args, results[0])),
            Intrinsic::Store => b.emit(Op::Atomic(AtomicOp::Store), args, &[]),
            Intrinsic::StoreRelease => b.emit(Op::Atomic(AtomicOp::StoreRelease), args, &[]),
            Intrinsic::StoreRaw => {
                let bits = b.conv(ConvOp::Bits, args[1], Ty::I64);
                b.emit(Op::Atomic(AtomicOp::Store), &[args[0], bits], &[])
            }
            Intrinsic::Rmw(rmw, gives) => {
                let old = b.emit1(Op::Atomic(rmw), args, b.ty(args[1]));
                match gives {
                    Gives::Old => one(old),
                    Gives::New => one(b.bin(BinOp::Add, old, args[1])),
                    Gives::Nothing => Values::new(),
                }
            }
            Intrinsic::Cas => one(b.emit1(Op::Atomic(AtomicOp::Cas), args, Ty::I8)),
            Intrinsic::Len => {
                let x = b.extend(args[0], false);
                let zeros = b.un(UnOp::Clz, x);
                let bits = b.int(64);
                one(b.bin(BinOp::Sub, bits, zeros))
            }
            Intrinsic::LeadingZeros(bits) => {
                let x = b.extend(args[0], false);
                let zeros = b.un(UnOp::Clz, x);
                one(if bits == 64 { zeros } else { b.bin_const(BinOp::Add, zeros, i64::from(bits) - 64) })
            }
            Intrinsic::TrailingZeros(bits) => {
                let mut x = b.extend(args[0], false);
                if bits < 64 {
                    x = b.bin_const(BinOp::Or, x, 1 << bits);
                }
                one(b.un(UnOp::Ctz, x))
            }
            Intrinsic::OnesCount => {
                let x = b.extend(args[0], false);
                one(b.un(UnOp::Popcnt, x))
            }
            Intrinsic::ReverseBytes(16) => one(b.bin_const(BinOp::Rotl, args[0], 8)),
            Intrinsic::ReverseBytes(_) => one(b.un(UnOp::Bswap, args[0])),
            Intrinsic::RotateLeft => one(b.bin(BinOp::Rotl, args[0], args[1])),
            Intrinsic::Mul128 => {
                let (high, low) =
                    (b.bin(BinOp::UMulHi, args[0], args[1]), b.bin(BinOp::Mul, args[0], args[1]));
                Values::from_slice(&[high, low])
            }
            Intrinsic::MulOverflow => {
                let (high, low) =
                    (b.bin(BinOp::UMulHi, args[0], args[1]), b.bin(BinOp::Mul, args[0], args[1]));
                let over = b.cmp_const(CmpOp::Ne, high, 0);
                Values::from_slice(&[low, over])
            }
            Intrinsic::AddCarry => {
                let sum = b.bin(BinOp::Add, args[0], args[1]);
                let first = b.cmp(CmpOp::ULt, sum, args[0]);
                let total = b.bin(BinOp::Add, sum, args[2]);
                let second = b.cmp(CmpOp::ULt, total, sum);
                let carry = b.bin(BinOp::Or, first, second);
                Values::from_slice(&[total, b.extend(carry, false)])
            }
            Intrinsic::SubBorrow => {
                let difference = b.bin(BinOp::Sub, args[0], args[1]);
                let first = b.cmp(CmpOp::ULt, args[0], args[1]);
                let total = b.bin(BinOp::Sub, difference, args[2]);
                let second = b.cmp(CmpOp::ULt, difference, args[2]);
                let borrow = b.bin(BinOp::Or, first, second);
                Values::from_slice(&[total, b.extend(borrow, false)])
            }
            Intrinsic::Float(op) => one(b.un(op, args[0])),
            Intrinsic::Copysign => {
                let (f, sign) =
                    (b.conv(ConvOp::Bits, args[0], Ty::I64), b.conv(ConvOp::Bits, args[1], Ty::I64));
                let f = b.bin_const(BinOp::And, f, i64::MAX);
                let sign = b.bin_const(BinOp::And, sign, i64::MIN);
                let bits = b.bin(BinOp::Or, f, sign);
                one(b.conv(ConvOp::Bits, bits, Ty::F64))
            }
            Intrinsic::Fma => one(b.emit1(Op::Fma, args, Ty::F64)),
            Intrinsic::Bits => one(b.conv(ConvOp::Bits, args[0], results[0])),
            Intrinsic::Hide => one(b.conv(ConvOp::Hide, args[0], Ty::Ptr)),
            Intrinsic::Nothing => Values::new(),
            Intrinsic::CallerPc => {
                let fp = b.emit1(Op::FramePointer, &[], Ty::Ptr);
                one(b.load(Ty::I64, fp, 8))
            }
            Intrinsic::CallerSp => {
                let fp = b.emit1(Op::FramePointer, &[], Ty::Ptr);
                let sp = b.offset(fp, 16);
                one(b.conv(ConvOp::Bits, sp, Ty::I64))
            }
            // Not from here: they look at their argument's form.
            Intrinsic::KeepAlive | Intrinsic::CodeAddress | Intrinsic::RefersToMore => Values::new(),
        }
    }
}
