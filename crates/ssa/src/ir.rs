//! Functions, blocks, instructions and values. Blocks have parameters instead of phis.

use crate::module::Sym;
use crate::op::Op;
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}
ids! {
    /// An SSA value, printed `v7`.
    Value;
    /// A basic block, printed `b3`. `b0` is the entry; its parameters are the function's.
    Block;
    /// An instruction.
    Inst;
    /// A stack slot, printed `s2`.
    Slot;
    /// Index into [`Func::locs`]; 0 is "none".
    LocId;
}

/// Machine types. `Ptr` is a 64-bit pointer that the collector must see; booleans are `I8`, 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Ty {
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    Ptr,
}

impl Ty {
    pub fn bytes(self) -> u32 {
        match self {
            Ty::I8 => 1,
            Ty::I16 => 2,
            Ty::I32 | Ty::F32 => 4,
            Ty::I64 | Ty::F64 | Ty::Ptr => 8,
        }
    }

    pub fn is_float(self) -> bool {
        matches!(self, Ty::F32 | Ty::F64)
    }

    pub fn is_int(self) -> bool {
        matches!(self, Ty::I8 | Ty::I16 | Ty::I32 | Ty::I64)
    }
}

/// A place in the source; where `parent` is not 0 the instruction was inlined there.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Loc {
    pub parent: u32,
    /// Index into [`crate::Module::strings`]: the function's name, and the file's as tracebacks print it.
    pub func: u32,
    pub file: u32,
    pub line: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuncFlags {
    /// `//go:noinline`, or holds something that must keep its own frame (recover, defer).
    pub noinline: bool,
    /// A generated method wrapper: recover and tracebacks look through it.
    pub wrapper: bool,
    /// No stack check, must not grow the stack: `//go:nosplit` of std/runtime.
    pub nosplit: bool,
    /// Left out of tracebacks: runtime internals.
    pub runtime: bool,
    /// Calls methods by reflection, so that the linker keeps them all.
    pub reflect_method: bool,
    /// May be defined in several objects (instances, wrappers, equality functions).
    pub dupok: bool,
}

/// Deferred calls of a function, see `abi::layout::defer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferInfo {
    /// Holds the record.
    pub slot: Slot,
    /// `abi::layout::defer::{BITS, LIST}`
    pub mode: u8,
    /// Entered when a panic was recovered in this function's frame: runs what is still pending and
    /// returns the named results. Has no parameters, and uses only constants, symbols and slots.
    pub recover: Block,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueData {
    pub ty: Ty,
    pub def: ValueDef,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueDef {
    /// The nth parameter of a block.
    Param(Block, u32),
    /// The nth result of an instruction.
    Result(Inst, u32),
    /// Replaced; follow it.
    Alias(Value),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstData {
    pub op: Op,
    pub args: SmallVec<[Value; 4]>,
    pub results: SmallVec<[Value; 2]>,
    pub loc: LocId,
}

/// A control-flow edge: the block and the values for its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub block: Block,
    pub args: SmallVec<[Value; 4]>,
}

impl Target {
    pub fn to(block: Block) -> Target {
        Target { block, args: SmallVec::new() }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Term {
    Jump(Target),
    /// On an `I8` condition; `likely` steers code layout.
    Branch {
        cond: Value,
        then: Target,
        else_: Target,
        likely: Likely,
    },
    /// Dense or sparse cases on an `I64`.
    Switch {
        on: Value,
        cases: Vec<(i64, Target)>,
        default: Target,
    },
    Return(SmallVec<[Value; 4]>),
    /// Behind a call that does not return.
    Unreachable,
}

impl Term {
    /// The edges: for a switch its cases, then the default.
    pub fn targets(&self) -> SmallVec<[&Target; 2]> {
        match self {
            Term::Jump(t) => smallvec![t],
            Term::Branch { then, else_, .. } => smallvec![then, else_],
            Term::Switch { cases, default, .. } => cases.iter().map(|c| &c.1).chain([default]).collect(),
            Term::Return(_) | Term::Unreachable => smallvec![],
        }
    }

    pub fn targets_mut(&mut self) -> SmallVec<[&mut Target; 2]> {
        match self {
            Term::Jump(t) => smallvec![t],
            Term::Branch { then, else_, .. } => smallvec![then, else_],
            Term::Switch { cases, default, .. } => {
                cases.iter_mut().map(|c| &mut c.1).chain([default]).collect()
            }
            Term::Return(_) | Term::Unreachable => smallvec![],
        }
    }

    /// Every value that the terminator uses, those for block parameters included.
    pub fn for_each_use(&self, mut f: impl FnMut(Value)) {
        match self {
            Term::Branch { cond, .. } => f(*cond),
            Term::Switch { on, .. } => f(*on),
            Term::Return(values) => values.iter().for_each(|&v| f(v)),
            Term::Jump(_) | Term::Unreachable => {}
        }
        self.targets().iter().for_each(|t| t.args.iter().for_each(|&v| f(v)));
    }

    pub fn for_each_use_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        match self {
            Term::Branch { cond, .. } => f(cond),
            Term::Switch { on, .. } => f(on),
            Term::Return(values) => values.iter_mut().for_each(&mut f),
            Term::Jump(_) | Term::Unreachable => {}
        }
        self.targets_mut().into_iter().for_each(|t| t.args.iter_mut().for_each(&mut f));
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Likely {
    #[default]
    Unknown,
    Then,
    Else,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockData {
    pub params: Vec<Value>,
    pub insts: Vec<Inst>,
    pub term: Term,
    pub term_loc: LocId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlotData {
    /// Multiple of 8; at least 8.
    pub size: u32,
    pub align: u32,
    /// Whether a pointer may stand in it.
    pub ptrs: bool,
}

/// One function. Parameters and results are scalars, in order; how they travel is codegen's matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Func {
    pub name: Sym,
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
    /// A closure body: the entry block has one more parameter, last, the closure object (`Ptr`).
    pub has_ctx: bool,
    pub flags: FuncFlags,
    pub blocks: Vec<BlockData>,
    /// Code layout; blocks not in it are dead.
    pub order: Vec<Block>,
    pub insts: Vec<InstData>,
    pub values: Vec<ValueData>,
    pub slots: Vec<SlotData>,
    pub defer: Option<DeferInfo>,
    /// Element 0 is "none".
    pub locs: Vec<Loc>,
    pub start_line: u32,
}

impl Func {
    /// A function with an entry block that has its parameters and ends in `Unreachable`.
    pub fn new(name: Sym, params: Vec<Ty>, results: Vec<Ty>, has_ctx: bool) -> Func {
        let mut f = Func {
            name,
            params,
            results,
            has_ctx,
            flags: FuncFlags::default(),
            blocks: Vec::new(),
            order: Vec::new(),
            insts: Vec::new(),
            values: Vec::new(),
            slots: Vec::new(),
            defer: None,
            locs: vec![Loc::default()],
            start_line: 0,
        };
        let entry = f.add_block();
        for ty in f.params.clone() {
            f.add_param(entry, ty);
        }
        if has_ctx {
            f.add_param(entry, Ty::Ptr);
        }
        f
    }

    pub fn entry(&self) -> Block {
        Block(0)
    }

    /// A new block, last in the layout.
    pub fn add_block(&mut self) -> Block {
        let block = Block(self.blocks.len() as u32);
        self.blocks.push(BlockData {
            params: Vec::new(),
            insts: Vec::new(),
            term: Term::Unreachable,
            term_loc: LocId(0),
        });
        self.order.push(block);
        block
    }

    pub fn add_param(&mut self, block: Block, ty: Ty) -> Value {
        let n = self.blocks[block.index()].params.len() as u32;
        let v = self.add_value(ty, ValueDef::Param(block, n));
        self.blocks[block.index()].params.push(v);
        v
    }

    pub fn add_slot(&mut self, size: u32, align: u32, ptrs: bool) -> Slot {
        self.slots.push(SlotData { size: size.max(8).next_multiple_of(8), align: align.max(8), ptrs });
        Slot(self.slots.len() as u32 - 1)
    }

    fn add_value(&mut self, ty: Ty, def: ValueDef) -> Value {
        self.values.push(ValueData { ty, def });
        Value(self.values.len() as u32 - 1)
    }

    /// Makes an instruction that stands in no block yet.
    pub fn make_inst(&mut self, op: Op, args: &[Value], results: &[Ty], loc: LocId) -> Inst {
        let inst = Inst(self.insts.len() as u32);
        let results = results
            .iter()
            .enumerate()
            .map(|(n, &ty)| self.add_value(ty, ValueDef::Result(inst, n as u32)))
            .collect();
        self.insts.push(InstData { op, args: SmallVec::from_slice(args), results, loc });
        inst
    }

    /// Appends an instruction to a block.
    pub fn push(&mut self, block: Block, op: Op, args: &[Value], results: &[Ty], loc: LocId) -> Inst {
        let inst = self.make_inst(op, args, results, loc);
        self.blocks[block.index()].insts.push(inst);
        inst
    }

    pub fn result(&self, inst: Inst) -> Value {
        self.insts[inst.index()].results[0]
    }

    pub fn results(&self, inst: Inst) -> &[Value] {
        &self.insts[inst.index()].results
    }

    /// The value that `v` stands for, aliases followed.
    pub fn resolve(&self, mut v: Value) -> Value {
        while let ValueDef::Alias(to) = self.values[v.index()].def {
            v = to;
        }
        v
    }

    pub fn ty(&self, v: Value) -> Ty {
        self.values[v.index()].ty
    }

    pub fn block(&self, b: Block) -> &BlockData {
        &self.blocks[b.index()]
    }

    pub fn block_mut(&mut self, b: Block) -> &mut BlockData {
        &mut self.blocks[b.index()]
    }

    pub fn inst(&self, i: Inst) -> &InstData {
        &self.insts[i.index()]
    }

    pub fn inst_mut(&mut self, i: Inst) -> &mut InstData {
        &mut self.insts[i.index()]
    }

    /// The instruction that `v` is a result of.
    pub fn def_inst(&self, v: Value) -> Option<Inst> {
        match self.values[self.resolve(v).index()].def {
            ValueDef::Result(inst, _) => Some(inst),
            _ => None,
        }
    }

    /// The operation whose first result `v` is.
    pub fn def_op(&self, v: Value) -> Option<&Op> {
        match self.values[self.resolve(v).index()].def {
            ValueDef::Result(inst, 0) => Some(&self.inst(inst).op),
            _ => None,
        }
    }

    /// The integer constant that `v` is.
    pub fn as_const(&self, v: Value) -> Option<i64> {
        match self.def_op(v) {
            Some(Op::Const(c)) => Some(*c),
            _ => None,
        }
    }

    /// By value: how often it is used.
    pub fn use_counts(&self) -> Vec<u32> {
        let mut uses = vec![0; self.values.len()];
        for &b in &self.order {
            for &inst in &self.block(b).insts {
                self.inst(inst).args.iter().for_each(|v| uses[self.resolve(*v).index()] += 1);
            }
            self.block(b).term.for_each_use(|v| uses[self.resolve(v).index()] += 1);
        }
        uses
    }

    /// Where control enters from outside: the entry and, after a recovered panic, the recover block.
    pub fn roots(&self) -> impl Iterator<Item = Block> + use<> {
        std::iter::once(Block(0)).chain(self.defer.as_ref().map(|d| d.recover))
    }

    /// From now on `from` is another name of `to`.
    pub fn set_alias(&mut self, from: Value, to: Value) {
        let to = self.resolve(to);
        debug_assert!(from != to, "an alias of itself");
        self.values[from.index()].def = ValueDef::Alias(to);
    }

    /// Replaces every use of an alias by what it stands for. Passes leave no alias in use behind.
    pub fn resolve_aliases(&mut self) {
        for b in self.order.clone() {
            for i in 0..self.block(b).insts.len() {
                let inst = self.block(b).insts[i];
                for n in 0..self.inst(inst).args.len() {
                    let v = self.resolve(self.inst(inst).args[n]);
                    self.inst_mut(inst).args[n] = v;
                }
            }
            let mut term = std::mem::replace(&mut self.block_mut(b).term, Term::Unreachable);
            term.for_each_use_mut(|v| *v = self.resolve(*v));
            self.block_mut(b).term = term;
        }
    }
}
