//! One function: blocks, values, control flow.

use crate::abi::{Place, Plan, clif_type};
use crate::access;
use crate::anchors;
use crate::frames;
use cranelift_codegen::ir::{
    self, BlockArg, FuncRef, GlobalValue, InstBuilder, MemFlagsData, SourceLoc, StackSlotData, StackSlotKind,
    TrapCode, UserExternalName, UserFuncName, types,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use goxide_abi::Entry;
use goxide_ssa::analysis::postorder;
use goxide_ssa::ir::{Likely, Target, Term, ValueDef};
use goxide_ssa::{Block, Func, Inst, LocId, Op, Sym, Value};
use rustc_hash::FxHashMap;

/// Reused from function to function.
#[derive(Default)]
pub struct Scratch {
    builder: FunctionBuilderContext,
    /// The register allocator's.
    pub registers: regalloc2::Ctx,
}

/// A function in Cranelift's form.
pub struct Translated {
    pub clif: ir::Function,
    /// The stack slot of the defer record.
    pub defer_slot: Option<ir::StackSlot>,
    /// Where the function goes on after deferred calls that recover.
    pub recover: Option<ir::Block>,
    /// Calls the entry that saves every register on this goroutine's stack.
    pub has_safe_point: bool,
}

/// What stands in `UserExternalName::namespace`.
pub const NAMESPACE_SYM: u32 = 0;
/// `index` is a runtime entry's.
pub const NAMESPACE_ENTRY: u32 = 1;

/// A panic call off the hot path.
pub(crate) struct Cold {
    pub block: ir::Block,
    pub entry: Entry,
    /// What goes into `layout::G_BOUNDS`.
    pub bounds: Vec<ir::Value>,
    pub loc: LocId,
}

pub(crate) struct Translator<'a, 'b> {
    pub func: &'a Func,
    pub b: FunctionBuilder<'b>,
    pub values: Vec<Option<ir::Value>>,
    pub blocks: Vec<ir::Block>,
    pub slots: Vec<ir::StackSlot>,
    pub plan: Plan,
    /// Address of the caller's overflow area, and where the recover block finds it.
    area: Option<ir::Value>,
    kept_area: Option<ir::StackSlot>,
    pub callees: FxHashMap<Callee, FuncRef>,
    globals: FxHashMap<Sym, GlobalValue>,
    pub colds: Vec<Cold>,
    pub cold_by_place: FxHashMap<(Entry, LocId), ir::Block>,
    /// Instructions whose access stands for the nil check before it.
    pub faulting: Vec<bool>,
    /// Nil checks that an access behind them stands for.
    pub folded: Vec<bool>,
    /// Loads that stay instructions of their own.
    pub updated: Vec<bool>,
    pub has_safe_point: bool,
    anchors: FxHashMap<Block, Vec<Value>>,
}

/// A function that is called by name; the signature takes part since closures may be called either way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Callee {
    Func(Sym, Vec<goxide_ssa::Ty>, Vec<goxide_ssa::Ty>, bool),
    Entry(Entry),
}

pub fn translate(func: &Func, isa: &dyn TargetIsa, scratch: &mut Scratch) -> Translated {
    let plan = Plan::new(&func.params, &func.results, func.has_ctx);
    let name = UserFuncName::user(NAMESPACE_SYM, func.name.0);
    let mut clif = ir::Function::with_name_signature(name, plan.signature.clone());
    let mut b = FunctionBuilder::new(&mut clif, &mut scratch.builder);
    let blocks: Vec<ir::Block> = func.blocks.iter().map(|_| b.create_block()).collect();
    let slot = |s: &goxide_ssa::ir::SlotData| {
        let align = s.align.trailing_zeros() as u8;
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, s.size, align);
        StackSlotData { key: (!s.ptrs).then(frames::noscan), ..data }
    };
    let slots: Vec<ir::StackSlot> = func.slots.iter().map(|s| b.create_sized_stack_slot(slot(s))).collect();
    let defer_slot = func.defer.as_ref().map(|d| slots[d.slot.index()]);
    let folding = access::fold_nil_checks(func);
    let anchors = anchors::find(func, &folding.folded);
    let mut t = Translator {
        func,
        b,
        values: vec![None; func.values.len()],
        blocks,
        slots,
        plan,
        area: None,
        kept_area: None,
        callees: FxHashMap::default(),
        globals: FxHashMap::default(),
        colds: Vec::new(),
        cold_by_place: FxHashMap::default(),
        faulting: folding.faulting,
        folded: folding.folded,
        updated: access::updated_loads(func),
        has_safe_point: false,
        anchors,
    };
    let order = reverse_postorder(func);
    for &block in &order {
        t.block(block);
    }
    t.cold_blocks();
    let recover = func.defer.as_ref().map(|d| t.blocks[d.recover.index()]);
    t.b.seal_all_blocks();
    let has_safe_point = t.has_safe_point;
    t.b.finalize(isa.frontend_config());
    Translated { clif, defer_slot, recover, has_safe_point }
}

/// Blocks such that each stands behind its dominators; the recover block can be reached from anywhere,
/// so it counts as a successor of the entry.
fn reverse_postorder(func: &Func) -> Vec<Block> {
    let successors = |block: Block| {
        let recover = func.defer.as_ref().filter(|_| block == func.entry()).map(|d| d.recover);
        func.block(block).term.targets().into_iter().map(|t| t.block).chain(recover).collect()
    };
    let mut order = postorder(func.blocks.len(), [func.entry()], successors);
    order.reverse();
    order
}

impl Translator<'_, '_> {
    /// The Cranelift value of an SSA value that has been defined.
    pub fn value(&self, v: Value) -> ir::Value {
        let v = self.func.resolve(v);
        self.values[v.index()].expect("definitions are translated before uses")
    }

    pub fn set(&mut self, v: Value, to: ir::Value) {
        self.values[v.index()] = Some(to);
    }

    pub fn set_loc(&mut self, loc: LocId) {
        self.b.set_srcloc(SourceLoc::new(loc.0));
    }

    fn block(&mut self, block: Block) {
        let data = &self.func.blocks[block.index()];
        let target = self.blocks[block.index()];
        self.b.switch_to_block(target);
        if block == self.func.entry() {
            self.entry_params(target);
        } else {
            for &param in &data.params {
                let v = self.b.append_block_param(target, clif_type(self.func.ty(param)));
                self.set(param, v);
            }
        }
        for &inst in &data.insts {
            self.set_loc(self.loc_of(inst));
            self.inst(inst);
        }
        self.set_loc(data.term_loc);
        self.anchor(block);
        self.term(&data.term);
    }

    /// Uses what the loop behind the block needs, see [`anchors`].
    fn anchor(&mut self, block: Block) {
        let Some(values) = self.anchors.remove(&block) else { return };
        let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8 * values.len() as u32, 3);
        let slot = self.b.create_sized_stack_slot(slot);
        for (i, v) in values.into_iter().enumerate() {
            let v = self.value(v);
            self.b.ins().stack_store(types::I64, v, slot, 8 * i as i32);
        }
    }

    /// Cranelift may merge a load into the instruction that uses it: a fault is still the load's.
    fn loc_of(&self, inst: Inst) -> LocId {
        let data = &self.func.insts[inst.index()];
        let is_merging = matches!(data.op, Op::Conv(_) | Op::Bin(_) | Op::Cmp(_));
        let faulting = |&v: &Value| match self.func.values[self.func.resolve(v).index()].def {
            ValueDef::Result(load, _) if self.faulting[load.index()] => Some(load),
            _ => None,
        };
        let load = if is_merging { data.args.iter().find_map(faulting) } else { None };
        self.func.insts[load.unwrap_or(inst).index()].loc
    }

    /// Takes the parameters from where they travel.
    fn entry_params(&mut self, entry: ir::Block) {
        self.b.append_block_params_for_function_params(entry);
        let incoming: Vec<ir::Value> = self.b.block_params(entry).to_vec();
        self.area = self.plan.area.map(|i| incoming[i]);
        if let Some(defer) = &self.func.defer {
            self.way_to_recovery(self.blocks[defer.recover.index()]);
            self.kept_area = self.area.map(|area| {
                let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, 8, 3);
                let slot = self.b.create_sized_stack_slot(slot);
                let at = self.b.ins().stack_addr(types::I64, slot, 0);
                self.b.ins().store(MemFlagsData::trusted(), area, at, 0);
                slot
            });
        }
        let params = self.func.blocks[0].params.clone();
        for (i, &param) in params.iter().enumerate() {
            let v = match self.plan.params.get(i) {
                Some(Place::Register(n)) => incoming[*n],
                Some(Place::Overflow(offset)) => {
                    let area = self.area.expect("overflow needs an area");
                    let ty = clif_type(self.func.ty(param));
                    self.b.ins().load(ty, MemFlagsData::trusted(), area, *offset)
                }
                None => incoming[self.plan.ctx.expect("one parameter more is the closure object")],
            };
            self.set(param, v);
        }
    }

    pub fn args(&self, target: &Target) -> Vec<BlockArg> {
        target.args.iter().map(|&v| BlockArg::Value(self.value(v))).collect()
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Jump(target) => {
                let args = self.args(target);
                self.b.ins().jump(self.blocks[target.block.index()], &args);
            }
            Term::Branch { cond, then, else_, likely } => {
                let cond = self.value(*cond);
                let (then_args, else_args) = (self.args(then), self.args(else_));
                let (to_then, to_else) = (self.blocks[then.block.index()], self.blocks[else_.block.index()]);
                // Only a block with one way in is cold because that way is.
                match likely {
                    Likely::Then if self.is_entered_once(else_.block) => self.b.set_cold_block(to_else),
                    Likely::Else if self.is_entered_once(then.block) => self.b.set_cold_block(to_then),
                    _ => {}
                }
                self.b.ins().brif(cond, to_then, &then_args, to_else, &else_args);
            }
            Term::Switch { on, cases, default } => self.switch(*on, cases, default),
            Term::Return(values) => {
                let mut out = Vec::new();
                let area = match self.kept_area {
                    Some(slot) => {
                        let at = self.b.ins().stack_addr(types::I64, slot, 0);
                        Some(self.b.ins().load(types::I64, MemFlagsData::trusted(), at, 0))
                    }
                    None => self.area,
                };
                for (&v, place) in values.iter().zip(self.plan.results.clone()) {
                    let v = self.value(v);
                    match place {
                        Place::Register(_) => out.push(v),
                        Place::Overflow(offset) => {
                            let area = area.expect("overflow needs an area");
                            self.b.ins().store(MemFlagsData::trusted(), v, area, offset);
                        }
                    }
                }
                self.b.ins().return_(&out);
            }
            Term::Unreachable => {
                self.b.ins().trap(TrapCode::unwrap_user(1));
            }
        }
    }

    fn is_entered_once(&self, block: Block) -> bool {
        let ways = |t: &Term| match t {
            Term::Jump(t) => usize::from(t.block == block),
            Term::Branch { then, else_, .. } => {
                usize::from(then.block == block) + usize::from(else_.block == block)
            }
            Term::Switch { cases, default, .. } => {
                cases.iter().filter(|(_, t)| t.block == block).count() + usize::from(default.block == block)
            }
            Term::Return(_) | Term::Unreachable => 0,
        };
        self.func.order.iter().map(|b| ways(&self.func.blocks[b.index()].term)).sum::<usize>() == 1
    }

    pub fn sym_addr(&mut self, sym: Sym, offset: i64) -> ir::Value {
        let global = match self.globals.get(&sym) {
            Some(&g) => g,
            None => {
                let name =
                    self.b.func.declare_imported_user_function(UserExternalName::new(NAMESPACE_SYM, sym.0));
                let data = ir::GlobalValueData::Symbol {
                    name: ir::ExternalName::user(name),
                    offset: 0.into(),
                    colocated: true,
                    tls: false,
                };
                let g = self.b.create_global_value(data);
                self.globals.insert(sym, g);
                g
            }
        };
        let base = self.b.ins().symbol_value(types::I64, global);
        self.add_const(base, offset)
    }

    pub fn add_const(&mut self, base: ir::Value, offset: i64) -> ir::Value {
        if offset == 0 {
            return base;
        }
        let offset = self.b.ins().iconst(types::I64, offset);
        self.b.ins().iadd(base, offset)
    }
}
