//! The rules of the form, checked between passes: operand types, definitions before uses, edges against
//! block parameters, and what the recover block may rest on.

use crate::analysis::{Cfg, Dominators};
use crate::ir::{Block, Func, Inst, Term, Ty, Value, ValueDef};
use crate::op::{AtomicOp, BinOp, Check, CmpOp, ConvOp, Op, UnOp, scalar_ty};

/// Everything that is wrong with `f`, a line each.
pub fn verify(f: &Func) -> Result<(), String> {
    let cfg = Cfg::new(f);
    let dom = Dominators::new(f, &cfg);
    let mut v = Verifier { f, cfg, dom, place: vec![None; f.insts.len()], errors: Vec::new() };
    v.blocks();
    if v.errors.is_empty() {
        v.uses();
    }
    if v.errors.is_empty() { Ok(()) } else { Err(v.errors.join("\n")) }
}

struct Verifier<'a> {
    f: &'a Func,
    cfg: Cfg,
    dom: Dominators,
    /// By instruction: its block and index there.
    place: Vec<Option<(Block, u32)>>,
    errors: Vec<String>,
}

impl Verifier<'_> {
    fn fail(&mut self, b: Block, inst: Option<Inst>, text: &str) {
        let op = inst.map_or(String::new(), |i| format!(" {:?}", self.f.inst(i).op));
        let args = inst.map_or(String::new(), |i| format!(" {:?}", self.f.inst(i).args));
        self.errors.push(format!("b{}{op}{args}: {text}", b.0));
    }

    fn tys(&self, vs: &[Value]) -> Vec<Ty> {
        vs.iter().map(|&v| self.f.ty(self.f.resolve(v))).collect()
    }

    fn blocks(&mut self) {
        let f = self.f;
        let mut in_order = vec![false; f.blocks.len()];
        for &b in &f.order {
            if std::mem::replace(&mut in_order[b.index()], true) {
                self.fail(b, None, "stands twice in the layout");
            }
        }
        if f.order.first() != Some(&f.entry()) {
            self.fail(f.entry(), None, "the entry is not the first block");
        }
        let mut expected = f.params.clone();
        expected.extend(f.has_ctx.then_some(Ty::Ptr));
        if self.tys(&f.block(f.entry()).params) != expected {
            self.fail(f.entry(), None, "the entry's parameters are not the function's");
        }
        for root in f.roots() {
            if !self.cfg.preds(root).is_empty() {
                self.fail(root, None, "an edge leads to where control enters from outside");
            }
        }
        if let Some(d) = &f.defer {
            if !f.block(d.recover).params.is_empty() {
                self.fail(d.recover, None, "the recover block has parameters");
            }
            if d.slot.index() >= f.slots.len() {
                self.fail(d.recover, None, "the defer record's slot does not exist");
            }
        }
        for b in self.cfg.rpo.clone() {
            if !in_order[b.index()] {
                self.fail(b, None, "can be reached, but is not in the layout");
            }
            for (n, &p) in f.block(b).params.iter().enumerate() {
                if f.values[p.index()].def != ValueDef::Param(b, n as u32) {
                    self.fail(b, None, &format!("its parameter v{} says that it is something else", p.0));
                }
            }
            for (n, &inst) in f.block(b).insts.iter().enumerate() {
                if self.place[inst.index()].replace((b, n as u32)).is_some() {
                    self.fail(b, Some(inst), "stands in two places");
                }
                for (n, &r) in f.inst(inst).results.iter().enumerate() {
                    let def = f.values[r.index()].def;
                    if def != ValueDef::Result(inst, n as u32) && !matches!(def, ValueDef::Alias(_)) {
                        self.fail(b, Some(inst), &format!("its result v{} says otherwise", r.0));
                    }
                }
                if let Err(text) = self.types(inst) {
                    self.fail(b, Some(inst), &text);
                }
            }
            self.term(b);
        }
    }

    fn term(&mut self, b: Block) {
        let f = self.f;
        let term = &f.block(b).term;
        match term {
            Term::Branch { cond, .. } if self.tys(&[*cond]) != [Ty::I8] => {
                self.fail(b, None, "branches on what is no I8");
            }
            Term::Switch { on, cases, .. } => {
                if self.tys(&[*on]) != [Ty::I64] {
                    self.fail(b, None, "switches on what is no I64");
                }
                let mut values: Vec<i64> = cases.iter().map(|c| c.0).collect();
                values.sort_unstable();
                values.dedup();
                if values.len() != cases.len() {
                    self.fail(b, None, "a switch with the same case twice");
                }
            }
            Term::Return(values) if self.tys(values) != f.results => {
                self.fail(b, None, "returns what is not of the results' types");
            }
            _ => {}
        }
        for t in term.targets() {
            if self.tys(&t.args) != self.tys(&f.block(t.block).params) {
                let text = format!("the edge to b{} does not fit that block's parameters", t.block.0);
                self.fail(b, None, &text);
            }
        }
    }

    fn uses(&mut self) {
        let f = self.f;
        for b in self.cfg.rpo.clone() {
            for (n, &inst) in f.block(b).insts.iter().enumerate() {
                for &arg in &f.inst(inst).args {
                    self.usage(b, n as u32, Some(inst), arg);
                }
            }
            let end = f.block(b).insts.len() as u32;
            let mut used = Vec::new();
            f.block(b).term.for_each_use(|v| used.push(v));
            used.into_iter().for_each(|v| self.usage(b, end, None, v));
        }
    }

    /// `v` is used in `b` by its `n`th instruction.
    fn usage(&mut self, b: Block, n: u32, inst: Option<Inst>, v: Value) {
        let v = self.f.resolve(v);
        let is_defined = match self.f.values[v.index()].def {
            ValueDef::Param(from, i) => {
                self.f.block(from).params.get(i as usize) == Some(&v)
                    && self.cfg.is_reachable(from)
                    && self.dom.dominates(from, b)
            }
            ValueDef::Result(def, i) => match self.place[def.index()] {
                Some((from, at)) => {
                    self.f.inst(def).results.get(i as usize) == Some(&v)
                        && if from == b { at < n } else { self.dom.dominates(from, b) }
                }
                None => false,
            },
            ValueDef::Alias(_) => false,
        };
        if !is_defined {
            self.fail(b, inst, &format!("uses v{}, which is not defined on every way there", v.0));
        }
    }

    /// Types of arguments and results.
    fn types(&self, inst: Inst) -> Result<(), String> {
        use Ty::*;
        let data = self.f.inst(inst);
        let (args, results) = (self.tys(&data.args), self.tys(&data.results));
        let (args, results) = (args.as_slice(), results.as_slice());
        let is_ok = match &data.op {
            Op::Const(_) => args.is_empty() && matches!(results, [I8 | I16 | I32 | I64 | Ptr]),
            Op::FConst(_) => args.is_empty() && matches!(results, [F32 | F64]),
            Op::SymAddr(..) => args.is_empty() && results == [Ptr],
            Op::SlotAddr(slot, offset) => {
                let Some(slot) = self.f.slots.get(slot.index()) else {
                    return Err("no such slot".into());
                };
                // The end itself may be named, as the address of a field without bytes.
                if *offset < 0 || *offset as u32 > slot.size {
                    return Err("outside of the slot".into());
                }
                args.is_empty() && results == [Ptr]
            }
            Op::Bin(op) => bin(*op, args, results),
            Op::Un(op) => match (args, results) {
                ([a], [r]) if a == r => match op {
                    UnOp::Neg => *a != Ptr,
                    UnOp::Not | UnOp::Clz | UnOp::Ctz | UnOp::Popcnt | UnOp::Bswap => a.is_int(),
                    _ => a.is_float(),
                },
                _ => false,
            },
            Op::Cmp(op) => match (args, results) {
                ([a, b], [I8]) if a == b => {
                    !a.is_float() || !matches!(op, CmpOp::ULt | CmpOp::ULe | CmpOp::UGt | CmpOp::UGe)
                }
                _ => false,
            },
            Op::Conv(op) => match (args, results) {
                ([a], [r]) => conv(*op, *a, *r),
                _ => false,
            },
            Op::Select => matches!((args, results), ([I8, a, b], [r]) if a == b && b == r),
            Op::Fma => {
                matches!((args, results), ([a, b, c], [r]) if a == b && b == c && c == r && a.is_float())
            }
            Op::Atomic(op) => match (op, args, results) {
                (AtomicOp::Load, [Ptr], [r]) => !r.is_float(),
                (AtomicOp::Store | AtomicOp::StoreRelease, [Ptr, v], []) => !v.is_float(),
                (AtomicOp::Add | AtomicOp::And | AtomicOp::Or, [Ptr, v], [r]) => v == r && v.is_int(),
                (AtomicOp::Xchg, [Ptr, v], [r]) => v == r && !v.is_float(),
                (AtomicOp::Cas, [Ptr, a, b], [I8]) => a == b && !a.is_float(),
                _ => false,
            },
            Op::Load(_) => args == [Ptr] && results.len() == 1,
            Op::Store(_) => matches!(args, [Ptr, _]) && results.is_empty(),
            Op::StorePtr(_) => args == [Ptr, Ptr] && results.is_empty(),
            Op::Copy { .. } => args == [Ptr, Ptr] && results.is_empty(),
            Op::Zero { .. } => args == [Ptr] && results.is_empty(),
            Op::Check(check) => {
                results.is_empty()
                    && match check {
                        Check::Nil => args == [Ptr],
                        Check::Zero | Check::Shift => matches!(args, [a] if a.is_int()),
                        _ => args == [I64, I64],
                    }
            }
            Op::New { .. } => args.is_empty() && results == [Ptr],
            Op::Call { ctx, .. } => !ctx || args.last() == Some(&Ptr),
            Op::CallClosure | Op::CallPtr => args.first() == Some(&Ptr),
            Op::CallRt(entry) => {
                let info = entry.info();
                args.iter().copied().eq(info.params.iter().map(|&s| scalar_ty(s)))
                    && results.iter().copied().eq(info.results.iter().map(|&s| scalar_ty(s)))
            }
            Op::FramePointer => args.is_empty() && results == [Ptr],
            Op::SafePoint => args.is_empty() && results.is_empty(),
            Op::KeepAlive => args.len() == 1 && results.is_empty(),
        };
        if is_ok { Ok(()) } else { Err(format!("types {args:?} -> {results:?} do not fit")) }
    }
}

fn bin(op: BinOp, args: &[Ty], results: &[Ty]) -> bool {
    let (&[a, b], &[r]) = (args, results) else { return false };
    match op {
        BinOp::Add if a == Ty::Ptr => b == Ty::I64 && r == Ty::Ptr,
        BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div => a == b && b == r && a != Ty::Ptr,
        BinOp::FMin | BinOp::FMax => a == b && b == r && a.is_float(),
        BinOp::Shl | BinOp::Shr | BinOp::UShr | BinOp::Rotl => a.is_int() && b == Ty::I64 && a == r,
        _ => a == b && b == r && a.is_int(),
    }
}

fn conv(op: ConvOp, from: Ty, to: Ty) -> bool {
    match op {
        ConvOp::Zext | ConvOp::Sext => from.is_int() && to.is_int() && from.bytes() <= to.bytes(),
        ConvOp::Trunc => from.is_int() && to.is_int() && from.bytes() >= to.bytes(),
        ConvOp::IntToFloat | ConvOp::UintToFloat => from.is_int() && to.is_float(),
        ConvOp::FloatToInt | ConvOp::FloatToUint => from.is_float() && to.is_int(),
        ConvOp::FloatExt => from == Ty::F32 && to == Ty::F64,
        ConvOp::FloatTrunc => from == Ty::F64 && to == Ty::F32,
        ConvOp::Bits => from.bytes() == to.bytes(),
        ConvOp::Hide => from == Ty::Ptr && to == Ty::Ptr,
    }
}
