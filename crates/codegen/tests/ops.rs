//! Compiles functions made of every operation; Cranelift's verifier runs on each in a debug build.

use goxide_abi::Entry;
use goxide_abi::layout::defer;
use goxide_codegen::{Options, compile_module};
use goxide_ssa::ir::{Target, Term};
use goxide_ssa::{BinOp, Check, CmpOp, ConvOp, DeferInfo, Func, Holds, LocId, Module, Op, Ty, UnOp};

const NONE: LocId = LocId(0);

fn compiled(build: impl Fn(&mut Module) -> Func) -> goxide_abi::object::Object<'static> {
    let mut module = Module::new("p");
    let func = build(&mut module);
    module.funcs.push(func);
    let first = compile_module(&module, &Options::default()).unwrap();
    let again = compile_module(&module, &Options::default()).unwrap();
    assert_eq!(first.symbols[0].bytes, again.symbols[0].bytes);
    first
}

fn ret(f: &mut Func, v: &[goxide_ssa::Value]) {
    f.blocks[0].term = Term::Return(v.iter().copied().collect());
}

#[test]
fn integer_operations_at_every_width() {
    use BinOp::*;
    for ty in [Ty::I8, Ty::I16, Ty::I32, Ty::I64] {
        compiled(|m| {
            let mut f = Func::new(m.sym("p.f"), vec![ty, ty, Ty::I64], vec![ty], false);
            let b = f.entry();
            let (x, y, n) = (f.blocks[0].params[0], f.blocks[0].params[1], f.blocks[0].params[2]);
            let mut v = x;
            for op in [Add, Sub, Mul, Div, UDiv, Rem, URem, And, Or, Xor] {
                let i = f.push(b, Op::Bin(op), &[v, y], &[ty], NONE);
                v = f.result(i);
            }
            for op in [Shl, Shr, UShr, Rotl] {
                let i = f.push(b, Op::Bin(op), &[v, n], &[ty], NONE);
                v = f.result(i);
            }
            for op in [UnOp::Neg, UnOp::Not, UnOp::Clz, UnOp::Ctz, UnOp::Popcnt] {
                let i = f.push(b, Op::Un(op), &[v], &[ty], NONE);
                v = f.result(i);
            }
            for op in [CmpOp::Eq, CmpOp::Lt, CmpOp::UGe] {
                let c = f.push(b, Op::Cmp(op), &[v, y], &[Ty::I8], NONE);
                let c = f.result(c);
                let i = f.push(b, Op::Select, &[c, v, y], &[ty], NONE);
                v = f.result(i);
            }
            let i = f.push(b, Op::Check(Check::Zero), &[v], &[], NONE);
            assert!(f.results(i).is_empty());
            ret(&mut f, &[v]);
            f
        });
    }
}

#[test]
fn conversions_between_all_types() {
    let ints = [Ty::I8, Ty::I16, Ty::I32, Ty::I64];
    for float in [Ty::F32, Ty::F64] {
        for int in ints {
            compiled(|m| {
                let mut f = Func::new(m.sym("p.f"), vec![int], vec![int], false);
                let b = f.entry();
                let mut v = f.blocks[0].params[0];
                let steps = [
                    (ConvOp::IntToFloat, float),
                    (ConvOp::FloatToInt, int),
                    (ConvOp::UintToFloat, float),
                    (ConvOp::FloatToUint, int),
                ];
                for (op, to) in steps {
                    let i = f.push(b, Op::Conv(op), &[v], &[to], NONE);
                    v = f.result(i);
                }
                ret(&mut f, &[v]);
                f
            });
        }
    }
}

#[test]
fn more_scalars_than_registers() {
    let many: Vec<Ty> = [Ty::I64, Ty::F64, Ty::I8, Ty::Ptr, Ty::F32].repeat(5);
    let object = compiled(|m| {
        let name = m.sym("p.f");
        let mut f = Func::new(name, many.clone(), many.clone(), true);
        let b = f.entry();
        let args = f.blocks[0].params.clone();
        let call = f.push(b, Op::Call { callee: name, ctx: true }, &args, &many, NONE);
        let results = f.results(call).to_vec();
        ret(&mut f, &results);
        f
    });
    let meta = object.symbols[0].func.as_ref().unwrap();
    assert!(meta.entry > 0, "a function that calls has a stack check");
    assert!(object.names.iter().any(|n| &**n == "runtime.morestack"));
}

#[test]
fn deferred_calls_get_a_landing_pad() {
    let object = compiled(|m| {
        let callee = m.sym("p.g");
        let mut f = Func::new(m.sym("p.f"), vec![Ty::Ptr], vec![Ty::I64], false);
        let slot = f.add_slot(16, 8, true);
        let (b, recover) = (f.entry(), f.add_block());
        f.defer = Some(DeferInfo { slot, mode: defer::BITS, recover });
        let p = f.blocks[0].params[0];
        f.push(b, Op::Check(Check::Nil), &[p], &[], NONE);
        let v = f.push(b, Op::Load(8), &[p], &[Ty::I64], NONE);
        let v = f.result(v);
        let len = f.push(b, Op::Const(4), &[], &[Ty::I64], NONE);
        let len = f.result(len);
        f.push(b, Op::Check(Check::Index { unsigned: false }), &[v, len], &[], NONE);
        let call = f.push(b, Op::Call { callee, ctx: false }, &[v], &[Ty::I64], NONE);
        let r = f.result(call);
        f.push(b, Op::SafePoint, &[], &[], NONE);
        f.push(b, Op::CallRt(Entry::PrintInt), &[r], &[], NONE);
        f.blocks[0].term = Term::Jump(Target::to(recover));
        let zero = f.push(recover, Op::Const(0), &[], &[Ty::I64], NONE);
        let zero = f.result(zero);
        f.blocks[recover.index()].term = Term::Return([zero].into_iter().collect());
        f
    });
    let meta = object.symbols[0].func.as_ref().unwrap();
    assert_ne!(meta.landing_pad, 0);
    assert_eq!(meta.defer_mode, defer::BITS);
    assert!(meta.defer_offset < 0 && meta.defer_offset >= -(meta.frame_size as i32));
}

#[test]
fn memory_and_switches() {
    compiled(|m| {
        let data = m.sym("p.data");
        let mut f = Func::new(m.sym("p.f"), vec![Ty::Ptr, Ty::I64], vec![Ty::I64], false);
        let b = f.entry();
        let (p, n) = (f.blocks[0].params[0], f.blocks[0].params[1]);
        let slot = f.add_slot(40, 8, true);
        let s = f.push(b, Op::SlotAddr(slot, 0), &[], &[Ty::Ptr], NONE);
        let s = f.result(s);
        for size in [1, 7, 40, 200] {
            f.push(b, Op::Zero { size, ptrs: false }, &[p], &[], NONE);
            f.push(b, Op::Copy { size, ptrs: true }, &[p, s], &[], NONE);
        }
        let g = f.push(b, Op::SymAddr(data, 8), &[], &[Ty::Ptr], NONE);
        let g = f.result(g);
        f.push(b, Op::StorePtr(0), &[g, p], &[], NONE);
        let new = f.push(
            b,
            Op::New { typ: data, size: 8, align: 8, ptrs: true, holds: Holds::Anything },
            &[],
            &[Ty::Ptr],
            NONE,
        );
        let new = f.result(new);
        f.push(b, Op::Store(0), &[new, n], &[], NONE);
        let (one, two) = (f.add_block(), f.add_block());
        let param = f.add_param(two, Ty::I64);
        let to_two = || Target { block: two, args: [n].into_iter().collect() };
        f.blocks[0].term = Term::Switch {
            on: n,
            cases: vec![(1, Target::to(one)), (-5, to_two()), (7, to_two())],
            default: to_two(),
        };
        f.blocks[one.index()].term = Term::Unreachable;
        f.blocks[two.index()].term = Term::Return([param].into_iter().collect());
        f
    });
}
