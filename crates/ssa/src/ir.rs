//! Functions, blocks, instructions and values. Blocks have parameters instead of phis.

use crate::module::Sym;
use crate::op::Op;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

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

    pub fn add_slot(&mut self, size: u32, align: u32) -> Slot {
        self.slots.push(SlotData { size: size.max(8).next_multiple_of(8), align: align.max(8) });
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
}
