//! Builds one function: instructions, blocks, and SSA form from variables on the fly (Braun et al.,
//! "Simple and Efficient Construction of Static Single Assignment Form").

use goxide_abi::Entry;
use goxide_ssa::ir::{Likely, Target, Term, ValueDef};
use goxide_ssa::op::scalar_ty;
use goxide_ssa::{BinOp, Block, Check, CmpOp, ConvOp, Func, LocId, Op, Slot, Sym, Ty, UnOp, Value};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// A mutable scalar of the source, replaced by SSA values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Var(pub u32);

pub type Values = SmallVec<[Value; 4]>;

#[derive(Default)]
struct BlockState {
    /// Sources of the edges into the block, and which of the source's edges it is.
    preds: Vec<(Block, usize)>,
    sealed: bool,
    /// Parameters that wait for all edges to be known.
    incomplete: Vec<(Var, Value)>,
    terminated: bool,
}

pub struct Builder {
    pub f: Func,
    pub cur: Block,
    pub loc: LocId,
    vars: Vec<Ty>,
    defs: FxHashMap<(Block, Var), Value>,
    blocks: Vec<BlockState>,
}

fn targets(term: &mut Term) -> Vec<&mut Target> {
    match term {
        Term::Jump(t) => vec![t],
        Term::Branch { then, else_, .. } => vec![then, else_],
        Term::Switch { cases, default, .. } => {
            cases.iter_mut().map(|c| &mut c.1).chain(std::iter::once(default)).collect()
        }
        Term::Return(_) | Term::Unreachable => vec![],
    }
}

fn target(term: &mut Term, edge: usize) -> &mut Target {
    match term {
        Term::Jump(t) => t,
        Term::Branch { then, else_, .. } => {
            if edge == 0 {
                then
            } else {
                else_
            }
        }
        Term::Switch { cases, default, .. } => {
            if edge < cases.len() {
                &mut cases[edge].1
            } else {
                default
            }
        }
        Term::Return(_) | Term::Unreachable => unreachable!("a block without edges is no predecessor"),
    }
}

impl Builder {
    pub fn new(f: Func) -> Builder {
        let entry = f.entry();
        let state = BlockState { sealed: true, ..BlockState::default() };
        Builder {
            f,
            cur: entry,
            loc: LocId(0),
            vars: Vec::new(),
            defs: FxHashMap::default(),
            blocks: vec![state],
        }
    }

    // Blocks.

    /// A new block that edges may still be added to; [`Builder::seal`] it when all are there.
    pub fn block(&mut self) -> Block {
        self.blocks.push(BlockState::default());
        self.f.add_block()
    }

    pub fn switch_to(&mut self, block: Block) {
        self.cur = block;
    }

    /// Goes on in `block`, which gets no more edges.
    pub fn start(&mut self, block: Block) {
        self.seal(block);
        self.cur = block;
    }

    /// No code can come to the current place.
    pub fn is_unreachable(&self) -> bool {
        let state = &self.blocks[self.cur.index()];
        self.cur != self.f.entry() && state.sealed && state.preds.is_empty()
    }

    fn terminate(&mut self, mut term: Term) {
        let cur = self.cur;
        for (edge, t) in targets(&mut term).into_iter().enumerate() {
            debug_assert!(!self.blocks[t.block.index()].sealed, "an edge into a sealed block");
            self.blocks[t.block.index()].preds.push((cur, edge));
        }
        debug_assert!(!self.blocks[cur.index()].terminated);
        self.blocks[cur.index()].terminated = true;
        self.f.blocks[cur.index()].term = term;
        self.f.blocks[cur.index()].term_loc = self.loc;
        let dead = self.block();
        self.blocks[dead.index()].sealed = true;
        self.cur = dead;
    }

    pub fn jump(&mut self, to: Block) {
        self.terminate(Term::Jump(Target::to(to)));
    }

    pub fn branch(&mut self, cond: Value, then: Block, else_: Block) {
        self.branch_likely(cond, then, else_, Likely::Unknown);
    }

    pub fn branch_likely(&mut self, cond: Value, then: Block, else_: Block, likely: Likely) {
        self.terminate(Term::Branch { cond, then: Target::to(then), else_: Target::to(else_), likely });
    }

    pub fn switch(&mut self, on: Value, cases: Vec<(i64, Block)>, default: Block) {
        let cases = cases.into_iter().map(|(n, to)| (n, Target::to(to))).collect();
        self.terminate(Term::Switch { on, cases, default: Target::to(default) });
    }

    pub fn ret(&mut self, values: &[Value]) {
        self.terminate(Term::Return(SmallVec::from_slice(values)));
    }

    pub fn unreachable(&mut self) {
        self.terminate(Term::Unreachable);
    }

    // Variables.

    pub fn var(&mut self, ty: Ty) -> Var {
        self.vars.push(ty);
        Var(self.vars.len() as u32 - 1)
    }

    pub fn def(&mut self, var: Var, value: Value) {
        debug_assert_eq!(self.vars[var.0 as usize], self.f.ty(value));
        self.defs.insert((self.cur, var), value);
    }

    pub fn get(&mut self, var: Var) -> Value {
        self.read(var, self.cur)
    }

    fn read(&mut self, var: Var, block: Block) -> Value {
        // Up through blocks with one predecessor without recursion.
        let mut at = block;
        let mut passed: SmallVec<[Block; 8]> = SmallVec::new();
        let value = loop {
            if let Some(&v) = self.defs.get(&(at, var)) {
                break v;
            }
            let state = &self.blocks[at.index()];
            if !state.sealed {
                let param = self.f.add_param(at, self.vars[var.0 as usize]);
                self.blocks[at.index()].incomplete.push((var, param));
                self.defs.insert((at, var), param);
                break param;
            }
            match state.preds.as_slice() {
                [] => break self.zero_at_start(at, self.vars[var.0 as usize]),
                [(pred, _)] => {
                    passed.push(at);
                    at = *pred;
                }
                _ => {
                    let param = self.f.add_param(at, self.vars[var.0 as usize]);
                    self.defs.insert((at, var), param);
                    self.fill(at, var);
                    break param;
                }
            }
        };
        for b in passed {
            self.defs.insert((b, var), value);
        }
        value
    }

    /// A variable that is read where it was never set: in code that cannot be reached.
    fn zero_at_start(&mut self, block: Block, ty: Ty) -> Value {
        let op = if ty.is_float() { Op::FConst(0) } else { Op::Const(0) };
        let inst = self.f.make_inst(op, &[], &[ty], LocId(0));
        self.f.blocks[block.index()].insts.insert(0, inst);
        self.f.result(inst)
    }

    /// Gives the last parameter of `block` its argument on every edge.
    fn fill(&mut self, block: Block, var: Var) {
        let preds = self.blocks[block.index()].preds.clone();
        let at = self.f.blocks[block.index()].params.len() - 1;
        for (pred, edge) in preds {
            let v = self.read(var, pred);
            let args = &mut target(&mut self.f.blocks[pred.index()].term, edge).args;
            // Reading may have added parameters to this same block, which then come behind.
            while args.len() <= at {
                args.push(v);
            }
            args[at] = v;
        }
    }

    pub fn seal(&mut self, block: Block) {
        let state = &mut self.blocks[block.index()];
        if state.sealed {
            return;
        }
        state.sealed = true;
        let incomplete = std::mem::take(&mut state.incomplete);
        let preds = state.preds.clone();
        for (var, param) in incomplete {
            let at = self.f.blocks[block.index()].params.iter().position(|&p| p == param).unwrap_or(0);
            for &(pred, edge) in &preds {
                let v = self.read(var, pred);
                let args = &mut target(&mut self.f.blocks[pred.index()].term, edge).args;
                while args.len() <= at {
                    args.push(v);
                }
                args[at] = v;
            }
        }
    }

    // Instructions.

    pub fn emit(&mut self, op: Op, args: &[Value], results: &[Ty]) -> Values {
        let inst = self.f.push(self.cur, op, args, results, self.loc);
        SmallVec::from_slice(self.f.results(inst))
    }

    pub fn emit1(&mut self, op: Op, args: &[Value], result: Ty) -> Value {
        let inst = self.f.push(self.cur, op, args, &[result], self.loc);
        self.f.result(inst)
    }

    pub fn emit0(&mut self, op: Op, args: &[Value]) {
        self.f.push(self.cur, op, args, &[], self.loc);
    }

    pub fn ty(&self, v: Value) -> Ty {
        self.f.ty(v)
    }

    pub fn iconst(&mut self, ty: Ty, n: i64) -> Value {
        self.emit1(Op::Const(n), &[], ty)
    }

    pub fn int(&mut self, n: i64) -> Value {
        self.iconst(Ty::I64, n)
    }

    pub fn bool(&mut self, b: bool) -> Value {
        self.iconst(Ty::I8, b as i64)
    }

    pub fn null(&mut self) -> Value {
        self.iconst(Ty::Ptr, 0)
    }

    pub fn zero_of(&mut self, ty: Ty) -> Value {
        if ty.is_float() { self.emit1(Op::FConst(0), &[], ty) } else { self.iconst(ty, 0) }
    }

    /// The constant that `v` is.
    pub fn as_const(&self, v: Value) -> Option<i64> {
        let ValueDef::Result(inst, _) = self.f.values[v.index()].def else { return None };
        match self.f.insts[inst.index()].op {
            Op::Const(n) => Some(n),
            _ => None,
        }
    }

    /// A pointer that is neither a symbol's address nor a new object's: may be nil.
    pub fn is_dynamic(&self, v: Value) -> bool {
        let ValueDef::Result(inst, _) = self.f.values[v.index()].def else { return true };
        !matches!(self.f.insts[inst.index()].op, Op::SymAddr(..) | Op::New { .. })
    }

    pub fn sym(&mut self, sym: Sym) -> Value {
        self.sym_at(sym, 0)
    }

    pub fn sym_at(&mut self, sym: Sym, offset: i64) -> Value {
        self.emit1(Op::SymAddr(sym, offset), &[], Ty::Ptr)
    }

    pub fn slot(&mut self, size: u64, align: u32, ptrs: bool) -> Slot {
        let size = size.try_into().expect("what is large is on the heap");
        self.f.add_slot(size, align, ptrs)
    }

    pub fn slot_addr(&mut self, slot: Slot, offset: i32) -> Value {
        self.emit1(Op::SlotAddr(slot, offset), &[], Ty::Ptr)
    }

    pub fn bin(&mut self, op: BinOp, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(Op::Bin(op), &[a, b], ty)
    }

    pub fn bin_const(&mut self, op: BinOp, a: Value, n: i64) -> Value {
        let ty = match op {
            BinOp::Shl | BinOp::Shr | BinOp::UShr | BinOp::Rotl => Ty::I64,
            _ => self.ty(a),
        };
        let b = self.iconst(ty, n);
        self.bin(op, a, b)
    }

    pub fn un(&mut self, op: UnOp, a: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(Op::Un(op), &[a], ty)
    }

    pub fn cmp(&mut self, op: CmpOp, a: Value, b: Value) -> Value {
        self.emit1(Op::Cmp(op), &[a, b], Ty::I8)
    }

    pub fn cmp_const(&mut self, op: CmpOp, a: Value, n: i64) -> Value {
        let b = self.iconst(self.ty(a), n);
        self.cmp(op, a, b)
    }

    pub fn conv(&mut self, op: ConvOp, a: Value, to: Ty) -> Value {
        self.emit1(Op::Conv(op), &[a], to)
    }

    pub fn select(&mut self, cond: Value, a: Value, b: Value) -> Value {
        let ty = self.ty(a);
        self.emit1(Op::Select, &[cond, a, b], ty)
    }

    pub fn not(&mut self, b: Value) -> Value {
        let one = self.bool(true);
        self.bin(BinOp::Xor, b, one)
    }

    /// `p + n` bytes.
    pub fn offset(&mut self, p: Value, n: i64) -> Value {
        if n == 0 {
            return p;
        }
        let n = self.int(n);
        self.bin(BinOp::Add, p, n)
    }

    /// An integer in 64 bits.
    pub fn extend(&mut self, v: Value, signed: bool) -> Value {
        match self.ty(v) {
            Ty::I64 => v,
            Ty::Ptr => self.conv(ConvOp::Bits, v, Ty::I64),
            _ => self.conv(if signed { ConvOp::Sext } else { ConvOp::Zext }, v, Ty::I64),
        }
    }

    pub fn load(&mut self, ty: Ty, p: Value, offset: i32) -> Value {
        self.emit1(Op::Load(offset), &[p], ty)
    }

    pub fn store(&mut self, p: Value, offset: i32, v: Value) {
        self.emit0(Op::Store(offset), &[p, v]);
    }

    pub fn store_ptr(&mut self, p: Value, offset: i32, v: Value) {
        self.emit0(Op::StorePtr(offset), &[p, v]);
    }

    pub fn check(&mut self, check: Check, args: &[Value]) {
        self.emit0(Op::Check(check), args);
    }

    pub fn nil_check(&mut self, p: Value) {
        self.check(Check::Nil, &[p]);
    }

    pub fn call(&mut self, callee: Sym, args: &[Value], results: &[Ty]) -> Values {
        self.emit(Op::Call { callee, ctx: false }, args, results)
    }

    /// Calls a runtime entry; integer arguments are I64.
    pub fn rt(&mut self, entry: Entry, args: &[Value]) -> Values {
        let results: SmallVec<[Ty; 2]> = entry.info().results.iter().map(|&s| scalar_ty(s)).collect();
        debug_assert_eq!(args.len(), entry.info().params.len(), "{entry:?}");
        let out = self.emit(Op::CallRt(entry), args, &results);
        if !entry.returns() {
            self.unreachable();
        }
        out
    }

    pub fn rt1(&mut self, entry: Entry, args: &[Value]) -> Value {
        self.rt(entry, args)[0]
    }

    /// A runtime entry's boolean.
    pub fn rt_bool(&mut self, entry: Entry, args: &[Value]) -> Value {
        let v = self.rt1(entry, args);
        self.conv(ConvOp::Trunc, v, Ty::I8)
    }

    /// The function, dead blocks and needless parameters dropped.
    pub fn finish(mut self) -> Func {
        for i in 0..self.blocks.len() {
            self.seal(Block(i as u32));
        }
        self.drop_dead();
        self.drop_params();
        self.f
    }

    fn drop_dead(&mut self) {
        let mut live = vec![false; self.f.blocks.len()];
        let mut todo = vec![self.f.entry()];
        todo.extend(self.f.defer.as_ref().map(|d| d.recover));
        while let Some(b) = todo.pop() {
            if !std::mem::replace(&mut live[b.index()], true) {
                todo.extend(targets(&mut self.f.blocks[b.index()].term).iter().map(|t| t.block));
            }
        }
        for (b, state) in self.blocks.iter_mut().enumerate() {
            if live[b] {
                state.preds.retain(|p| live[p.0.index()]);
            }
        }
        self.f.order.retain(|b| live[b.index()]);
    }

    /// Drops parameters that are the same value on all edges.
    fn drop_params(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for b in self.f.order.clone() {
                if b == self.f.entry() {
                    continue;
                }
                let mut n = 0;
                while n < self.f.blocks[b.index()].params.len() {
                    if self.drop_param(b, n) {
                        changed = true;
                    } else {
                        n += 1;
                    }
                }
            }
        }
        let resolve = |f: &Func, vs: &mut [Value]| vs.iter_mut().for_each(|v| *v = f.resolve(*v));
        for b in self.f.order.clone() {
            for inst in self.f.blocks[b.index()].insts.clone() {
                let mut args = std::mem::take(&mut self.f.insts[inst.index()].args);
                resolve(&self.f, &mut args);
                self.f.insts[inst.index()].args = args;
            }
            let mut term = std::mem::replace(&mut self.f.blocks[b.index()].term, Term::Unreachable);
            match &mut term {
                Term::Branch { cond, .. } => *cond = self.f.resolve(*cond),
                Term::Switch { on, .. } => *on = self.f.resolve(*on),
                Term::Return(values) => resolve(&self.f, values),
                Term::Jump(_) | Term::Unreachable => {}
            }
            for t in targets(&mut term) {
                resolve(&self.f, &mut t.args);
            }
            self.f.blocks[b.index()].term = term;
        }
    }

    fn drop_param(&mut self, b: Block, n: usize) -> bool {
        let param = self.f.blocks[b.index()].params[n];
        let mut same: Option<Value> = None;
        let preds = std::mem::take(&mut self.blocks[b.index()].preds);
        let mut trivial = true;
        for &(pred, edge) in &preds {
            let arg = target(&mut self.f.blocks[pred.index()].term, edge).args[n];
            let arg = self.f.resolve(arg);
            if arg != param && same.is_some_and(|s| s != arg) {
                trivial = false;
                break;
            }
            if arg != param {
                same = Some(arg);
            }
        }
        if let (true, Some(same)) = (trivial, same) {
            for &(pred, edge) in &preds {
                target(&mut self.f.blocks[pred.index()].term, edge).args.remove(n);
            }
            let params = &mut self.f.blocks[b.index()].params;
            params.remove(n);
            for (i, p) in params.clone().into_iter().enumerate().skip(n) {
                self.f.values[p.index()].def = ValueDef::Param(b, i as u32);
            }
            self.f.values[param.index()].def = ValueDef::Alias(same);
            self.blocks[b.index()].preds = preds;
            return true;
        }
        self.blocks[b.index()].preds = preds;
        false
    }
}
