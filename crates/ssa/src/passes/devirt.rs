//! Calls whose target is known become direct calls: of closure objects made in sight, of constant function
//! values, of methods through a known itab. Comparisons of type words that are known are folded with it.

use super::callgraph::code_of_value;
use super::typedata::{DataIndex, ITAB_PREFIX, TYPE_PREFIX};
use crate::ir::{Func, Inst, Slot, Value};
use crate::module::{Module, Sym};
use crate::op::{Check, CmpOp, Op};
use goxide_abi::Entry;
use goxide_abi::layout::{ITAB_FUN, ITAB_TYPE};
use rustc_hash::FxHashMap;

/// What a function is known to keep at an address: the words of its closure objects, and what is stored in
/// its slots.
#[derive(Default)]
pub struct Closures {
    /// By the value that is a new object: its code. The lowering alone makes objects that begin with the
    /// address of code, and never changes them.
    code: FxHashMap<Value, Sym>,
    words: FxHashMap<(Value, i32), Value>,
    /// The only value ever stored at that place of a slot; `None`: there are several, or parts are copied.
    slots: FxHashMap<(Slot, i32), Option<Value>>,
    /// Slots whose address goes elsewhere, so that their contents are not known.
    open: Vec<bool>,
}

/// A slot and the offset in it that an address is.
fn slot_place(f: &Func, v: Value) -> Option<(Slot, i32)> {
    match f.def_op(v) {
        Some(Op::SlotAddr(slot, offset)) => Some((*slot, *offset)),
        _ => None,
    }
}

fn sym_of(f: &Func, v: Value) -> Option<Sym> {
    match f.def_op(v) {
        Some(Op::SymAddr(sym, 0)) => Some(*sym),
        _ => None,
    }
}

impl Closures {
    /// `is_code` tells code from data.
    pub fn new(f: &Func, is_code: &dyn Fn(Sym) -> bool) -> Closures {
        let mut c = Closures { open: vec![false; f.slots.len()], ..Closures::default() };
        let mut words: FxHashMap<(Value, i32), Option<Value>> = FxHashMap::default();
        for &b in &f.order {
            for &inst in &f.block(b).insts {
                let data = f.inst(inst);
                match data.op {
                    Op::Store(offset) | Op::StorePtr(offset) => {
                        let (base, value) = (f.resolve(data.args[0]), f.resolve(data.args[1]));
                        if let Some((slot, at)) = slot_place(f, base) {
                            let known = c.slots.entry((slot, at + offset)).or_insert(Some(value));
                            if *known != Some(value) {
                                *known = None;
                            }
                        } else if let Some(Op::New { .. }) = f.def_op(base) {
                            words.entry((base, offset)).and_modify(|v| *v = None).or_insert(Some(value));
                            if let (0, Some(sym)) = (offset, sym_of(f, value))
                                && is_code(sym)
                            {
                                c.code.insert(base, sym);
                            }
                        }
                        if let Some((slot, _)) = slot_place(f, value) {
                            c.open[slot.index()] = true;
                        }
                    }
                    Op::Load(_) | Op::Zero { .. } | Op::Check(_) | Op::KeepAlive => {}
                    _ => {
                        for &a in &data.args {
                            if let Some((slot, _)) = slot_place(f, a) {
                                c.open[slot.index()] = true;
                            }
                        }
                    }
                }
            }
            f.block(b).term.for_each_use(|v| {
                if let Some((slot, _)) = slot_place(f, v) {
                    c.open[slot.index()] = true;
                }
            });
        }
        let code = &c.code;
        c.words = words
            .into_iter()
            .filter_map(|(at, v)| v.filter(|_| code.contains_key(&at.0)).map(|v| (at, v)))
            .collect();
        c
    }

    /// The code of the function value `v`.
    pub fn code(&self, module: &Module, f: &Func, v: Value) -> Option<Sym> {
        let v = f.resolve(v);
        if let Some(&code) = self.code.get(&v) {
            return Some(code);
        }
        match f.def_op(v)? {
            Op::SymAddr(sym, 0) => code_of_value(module, *sym),
            // A closure object in the frame: its code is stored there once, like every closure's.
            Op::SlotAddr(slot, at) => self.slot_code(f, *slot, *at),
            Op::Load(offset) => {
                let inst = f.def_inst(v)?;
                let stored = self.only_value_at(f, f.inst(inst).args[0], *offset)?;
                // One step only: what a slot holds that holds a slot is for the passes to find out.
                match f.def_op(stored)? {
                    Op::New { .. } => self.code.get(&stored).copied(),
                    Op::SymAddr(sym, 0) => code_of_value(module, *sym),
                    Op::SlotAddr(slot, at) => self.slot_code(f, *slot, *at),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn slot_code(&self, f: &Func, slot: Slot, at: i32) -> Option<Sym> {
        let code = self.slots.get(&(slot, at)).copied().flatten()?;
        sym_of(f, code)
    }

    /// What a slot that keeps one value for good holds at an address. It may hold nothing yet.
    fn only_value_at(&self, f: &Func, base: Value, offset: i32) -> Option<Value> {
        let (slot, at) = slot_place(f, base)?;
        if self.open[slot.index()] {
            return None;
        }
        self.slots.get(&(slot, at + offset)).copied().flatten()
    }
}

/// Whether anything changed. `has_ctx` tells of a function whether it takes its closure object, if that
/// is known.
pub fn run(
    module: &Module,
    data: &DataIndex,
    f: &mut Func,
    closures: &Closures,
    has_ctx: &dyn Fn(Sym) -> Option<bool>,
) -> bool {
    let mut changed = false;
    for b in f.order.clone() {
        let mut dropped = false;
        for inst in f.block(b).insts.clone() {
            let args = f.inst(inst).args.clone();
            match f.inst(inst).op.clone() {
                Op::CallClosure => {
                    let Some(code) = closures.code(module, f, args[0]) else { continue };
                    let ctx = has_ctx(code).unwrap_or(true);
                    let to = f.inst_mut(inst);
                    to.op = Op::Call { callee: code, ctx };
                    to.args.remove(0);
                    if ctx {
                        to.args.push(args[0]);
                    }
                    changed = true;
                }
                Op::CallPtr => {
                    let Some(callee) = itab_method(module, data, f, args[0]) else { continue };
                    let to = f.inst_mut(inst);
                    to.op = Op::Call { callee, ctx: false };
                    to.args.remove(0);
                    changed = true;
                }
                Op::Load(offset) => {
                    let base = f.resolve(args[0]);
                    let result = f.inst(inst).results[0];
                    if let Some(&word) = closures.words.get(&(base, offset))
                        && f.ty(word) == f.ty(result)
                        && f.resolve(word) != result
                    {
                        f.set_alias(result, word);
                        changed = true;
                    } else if let Some(v) = closures.only_value_at(f, base, offset)
                        && matches!(f.def_op(v), Some(Op::SlotAddr(..) | Op::SymAddr(..)))
                        && f.defer.is_some()
                        && f.ty(result) == f.ty(v)
                        && closures.code(module, f, v).is_some()
                    {
                        // A deferred call's closure object.
                        if let Some(op) = f.def_op(v).cloned() {
                            let to = f.inst_mut(inst);
                            to.op = op;
                            to.args.clear();
                            changed = true;
                        }
                    } else if offset == ITAB_TYPE
                        && let Some(itab) = sym_of(f, base)
                        && let Some(typ) = data.itab_word(module, itab, ITAB_TYPE)
                    {
                        let to = f.inst_mut(inst);
                        to.op = Op::SymAddr(typ, 0);
                        to.args.clear();
                        changed = true;
                    }
                }
                Op::Cmp(op @ (CmpOp::Eq | CmpOp::Ne)) => {
                    let Some(equal) = same_word(module, data, f, args[0], args[1]) else { continue };
                    let to = f.inst_mut(inst);
                    to.op = Op::Const(i64::from(equal == (op == CmpOp::Eq)));
                    to.args.clear();
                    changed = true;
                }
                Op::Check(Check::Nil) if is_never_nil(f, args[0]) => {
                    f.block_mut(b).insts.retain(|&i| i != inst);
                    dropped = true;
                }
                _ => {}
            }
        }
        changed |= dropped;
    }
    if changed {
        f.resolve_aliases();
    }
    changed
}

/// An object, a slot or a symbol.
fn is_never_nil(f: &Func, v: Value) -> bool {
    matches!(f.def_op(v), Some(Op::New { .. } | Op::SlotAddr(..) | Op::SymAddr(..)))
}

fn itab_method(module: &Module, data: &DataIndex, f: &Func, code: Value) -> Option<Sym> {
    let Some(Op::Load(offset)) = f.def_op(code) else { return None };
    let load: Inst = f.def_inst(code)?;
    let itab = f.inst(load).args[0];
    let method = usize::try_from(*offset - ITAB_FUN).ok()? / 8;
    match sym_of(f, itab) {
        Some(itab) => data.itab_word(module, itab, *offset),
        None => asserted(module, data, f, itab)?.get(method).copied(),
    }
}

/// The methods in the itab that an assertion of a known type gives, if it is known not to fail.
fn asserted(module: &Module, data: &DataIndex, f: &Func, itab: Value) -> Option<Vec<Sym>> {
    let Some(Op::CallRt(Entry::AssertE2I | Entry::GetItab)) = f.def_op(itab) else { return None };
    let args = &f.inst(f.def_inst(itab)?).args;
    data.implementation(module, sym_of(f, args[0])?, sym_of(f, args[1])?)
}

/// Whether two words are the same address, where that can be said: of type descriptors and itabs, of which
/// there is one by each name, and of nil.
fn same_word(module: &Module, data: &DataIndex, f: &Func, a: Value, b: Value) -> Option<bool> {
    let (a, b) = (f.resolve(a), f.resolve(b));
    match (f.def_op(a)?, f.def_op(b)?) {
        (Op::SymAddr(x, 0), Op::SymAddr(y, 0)) => {
            let unique = |s: Sym| {
                let name = module.name(s);
                name.starts_with(ITAB_PREFIX) || name.starts_with(TYPE_PREFIX)
            };
            (x == y || (unique(*x) && unique(*y))).then_some(x == y)
        }
        (Op::SymAddr(..) | Op::SlotAddr(..) | Op::New { .. }, Op::Const(0))
        | (Op::Const(0), Op::SymAddr(..) | Op::SlotAddr(..) | Op::New { .. }) => Some(false),
        (Op::CallRt(Entry::GetItab), Op::Const(0)) => asserted(module, data, f, a).map(|_| false),
        _ => None,
    }
}
