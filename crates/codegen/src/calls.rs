//! Calls, and what a call is behind the scenes: failed checks, allocations, preemption.

use crate::abi::{Place, Plan};
use crate::function::{Callee, Cold, NAMESPACE_ENTRY, NAMESPACE_SYM, Translator};
use cranelift_codegen::ir::{
    self, AbiParam, ExceptionTableData, ExceptionTableItem, ExtFuncData, ExternalName, FuncRef, InstBuilder,
    MemFlagsData, Signature, StackSlotData, StackSlotKind, TrapCode, UserExternalName, types,
};
use cranelift_codegen::isa::CallConv;
use goxide_abi::entry::EntryKind;
use goxide_abi::{Entry, layout};
use goxide_ssa::op::scalar_ty;
use goxide_ssa::{Inst, LocId, Op, Sym, Ty, Value};

/// What is called.
enum To {
    Direct(FuncRef),
    Indirect(ir::Value),
}

impl Translator<'_, '_> {
    pub fn call_inst(&mut self, inst: Inst, op: &Op, args: &[Value]) {
        let results = self.func.insts[inst.index()].results.clone();
        let tys: Vec<Ty> = results.iter().map(|&r| self.func.ty(r)).collect();
        let given = match op {
            Op::Call { callee, ctx } => {
                let split = args.len() - usize::from(*ctx);
                let params: Vec<Ty> = args[..split].iter().map(|&a| self.func.ty(a)).collect();
                let plan = Plan::new(&params, &tys, *ctx);
                let target = self.direct(*callee, params, tys, *ctx, &plan);
                let values: Vec<ir::Value> = args[..split].iter().map(|&a| self.value(a)).collect();
                let ctx = ctx.then(|| self.value(args[split]));
                self.go_call(To::Direct(target), &plan, &values, ctx)
            }
            Op::CallClosure => {
                let closure = self.value(args[0]);
                // A nil function value faults here, as any nil pointer.
                let code = self.b.ins().load(types::I64, MemFlagsData::new(), closure, 0);
                self.indirect(code, &args[1..], &tys, Some(closure))
            }
            Op::CallPtr => {
                let code = self.value(args[0]);
                self.indirect(code, &args[1..], &tys, None)
            }
            Op::CallRt(entry) => {
                let values: Vec<ir::Value> = args.iter().map(|&a| self.value(a)).collect();
                self.entry_call(*entry, &values)
            }
            other => unreachable!("{other:?} is no call"),
        };
        for (&result, value) in results.iter().zip(given) {
            self.set(result, value);
        }
    }

    fn indirect(
        &mut self,
        code: ir::Value,
        args: &[Value],
        results: &[Ty],
        ctx: Option<ir::Value>,
    ) -> Vec<ir::Value> {
        let params: Vec<Ty> = args.iter().map(|&a| self.func.ty(a)).collect();
        let plan = Plan::new(&params, results, ctx.is_some());
        let values: Vec<ir::Value> = args.iter().map(|&a| self.value(a)).collect();
        self.go_call(To::Indirect(code), &plan, &values, ctx)
    }

    fn direct(&mut self, sym: Sym, params: Vec<Ty>, results: Vec<Ty>, ctx: bool, plan: &Plan) -> FuncRef {
        let key = Callee::Func(sym, params, results, ctx);
        if let Some(&f) = self.callees.get(&key) {
            return f;
        }
        let f = self.declare(UserExternalName::new(NAMESPACE_SYM, sym.0), plan.signature.clone());
        self.callees.insert(key, f);
        f
    }

    fn declare(&mut self, name: UserExternalName, signature: Signature) -> FuncRef {
        let name = self.b.func.declare_imported_user_function(name);
        let signature = self.b.import_signature(signature);
        let data =
            ExtFuncData { name: ExternalName::user(name), signature, colocated: true, patchable: false };
        self.b.import_function(data)
    }

    /// A call in Go's convention: scalars in, scalars out.
    fn go_call(&mut self, to: To, plan: &Plan, args: &[ir::Value], ctx: Option<ir::Value>) -> Vec<ir::Value> {
        let area = (plan.overflow_bytes > 0).then(|| {
            let data = StackSlotData::new(StackSlotKind::ExplicitSlot, plan.overflow_bytes, 3);
            let slot = self.b.create_sized_stack_slot(data);
            self.b.ins().stack_addr(types::I64, slot, 0)
        });
        let mut passed = Vec::new();
        for (&arg, place) in args.iter().zip(&plan.params) {
            match (place, area) {
                (Place::Overflow(offset), Some(area)) => {
                    self.b.ins().store(MemFlagsData::trusted(), arg, area, *offset);
                }
                _ => passed.push(arg),
            }
        }
        passed.extend(area.filter(|_| plan.area.is_some()));
        passed.extend(ctx);
        let call = match to {
            To::Direct(f) => self.b.ins().call(f, &passed),
            To::Indirect(code) => {
                let sig = self.b.import_signature(plan.signature.clone());
                self.b.ins().call_indirect(sig, code, &passed)
            }
        };
        let returned = self.b.inst_results(call).to_vec();
        let tys = plan.results.clone();
        let mut wanted = Vec::new();
        for (i, place) in tys.iter().enumerate() {
            wanted.push(match (place, area) {
                (Place::Overflow(offset), Some(area)) => {
                    let ty = plan.result_types[i];
                    self.b.ins().load(ty, MemFlagsData::trusted(), area, *offset)
                }
                (Place::Register(n), _) => returned[*n],
                (Place::Overflow(_), None) => unreachable!("overflow needs an area"),
            });
        }
        wanted
    }

    /// The way to the recover block, taken only by the runtime, from any call and any fault: so nothing may
    /// live there but what is in stack slots. Cranelift is told of a way from the very beginning, which no
    /// value that is made later dominates, by a call that never happens; since everything is clobbered on
    /// its exceptional edge, the function saves every register of its caller.
    pub fn way_to_recovery(&mut self, recover: ir::Block) {
        let (aside, never, next) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(aside);
        self.b.set_cold_block(never);
        let g = self.b.ins().get_pinned_reg(types::I64);
        let zero = self.b.ins().iconst(types::I64, 0);
        let no_g = self.b.ins().icmp(ir::condcodes::IntCC::Equal, g, zero);
        // What comes last here stands first in the code.
        self.b.ins().brif(no_g, aside, &[], next, &[]);
        self.b.switch_to_block(aside);
        let f = self.entry_ref(Entry::PanicNil);
        let sig = self.b.func.dfg.ext_funcs[f].signature;
        let dfg = &mut self.b.func.dfg;
        let (normal, handler) = (dfg.block_call(never, &[]), dfg.block_call(recover, &[]));
        let table = ExceptionTableData::new(sig, normal, [ExceptionTableItem::Default(handler)]);
        let table = dfg.exception_tables.push(table);
        self.b.ins().try_call(f, &[], table);
        self.b.switch_to_block(never);
        self.b.ins().trap(TrapCode::unwrap_user(1));
        self.b.switch_to_block(next);
    }

    /// A call of a runtime entry.
    pub fn entry_call(&mut self, entry: Entry, args: &[ir::Value]) -> Vec<ir::Value> {
        let f = self.entry_ref(entry);
        let call = self.b.ins().call(f, args);
        self.b.inst_results(call).to_vec()
    }

    fn entry_ref(&mut self, entry: Entry) -> FuncRef {
        if let Some(&f) = self.callees.get(&Callee::Entry(entry)) {
            return f;
        }
        let info = entry.info();
        let signature = if entry == Entry::LoopYield {
            Signature::new(CallConv::PreserveAll)
        } else if matches!(info.kind, EntryKind::Go | EntryKind::GoNoReturn) {
            let tys = |s: &[goxide_abi::entry::Scalar]| s.iter().map(|&s| scalar_ty(s)).collect::<Vec<_>>();
            Plan::new(&tys(info.params), &tys(info.results), false).signature
        } else {
            let mut signature = Signature::new(CallConv::Tail);
            signature.params = vec![AbiParam::new(types::I64); info.params.len()];
            signature.returns = vec![AbiParam::new(types::I64); info.results.len()];
            signature
        };
        let name = UserExternalName::new(NAMESPACE_ENTRY, entry as u32);
        let f = self.declare(name, signature);
        self.callees.insert(Callee::Entry(entry), f);
        f
    }

    /// The block that calls a panic function: without bounds one for all at one place. With some each check has its
    /// own, which takes them from wherever they are: with a common one they would have to be brought together in
    /// front of the branches.
    fn cold_panic(&mut self, entry: Entry, bounds: &[ir::Value], loc: LocId) -> ir::Block {
        if let (true, Some(&block)) = (bounds.is_empty(), self.cold_by_place.get(&(entry, loc))) {
            return block;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.colds.push(Cold { block, entry, bounds: bounds.into(), loc });
        self.cold_by_place.insert((entry, loc), block);
        block
    }

    pub fn cold_blocks(&mut self) {
        for Cold { block, entry, bounds, loc } in std::mem::take(&mut self.colds) {
            self.b.switch_to_block(block);
            self.set_loc(loc);
            for (v, offset) in bounds.into_iter().zip([layout::G_BOUNDS, layout::G_BOUNDS + 8]) {
                let g = self.b.ins().get_pinned_reg(types::I64);
                self.b.ins().store(MemFlagsData::trusted(), v, g, offset);
            }
            self.entry_call(entry, &[]);
            self.b.ins().trap(TrapCode::unwrap_user(1));
        }
    }

    /// Goes on where `holds`, and calls the panic function where not.
    pub fn check(&mut self, fails: ir::Value, entry: Entry, bounds: &[ir::Value], loc: LocId) {
        let cold = self.cold_panic(entry, bounds, loc);
        let next = self.b.create_block();
        // Cranelift goes through what a block dominates from the last target to the first: a loop is not left
        // before the rest of the block, see `anchors::Lost`.
        self.b.ins().brif(fails, cold, &[], next, &[]);
        self.b.switch_to_block(next);
    }

    /// Preemption point (D6). The call behind it preserves every register: nothing that lives across a loop
    /// is in the frame because of it.
    pub fn safe_point(&mut self) {
        // A value of its own at each point, so that no point is taken for another.
        let g = self.b.ins().get_pinned_reg(types::I64);
        let asked = self.b.ins().load(types::I64, MemFlagsData::trusted(), g, layout::G_PREEMPT);
        let yields = self.b.ins().icmp(ir::condcodes::IntCC::UnsignedLessThan, g, asked);
        let (cold, next) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        self.b.ins().brif(yields, cold, &[], next, &[]);
        self.b.switch_to_block(cold);
        self.entry_call(Entry::LoopYield, &[]);
        self.b.ins().jump(next, &[]);
        self.has_safe_point = true;
        self.b.switch_to_block(next);
    }
}
