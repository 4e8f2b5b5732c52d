//! Conversions between strings and bytes that need no copy: where the bytes are only read, and, of a string
//! made from bytes, nothing is written while it is in use. (gc: `OSTR2BYTESTMP`, `OBYTES2STRTMP`, and the rules of
//! `generic.rules` for `slicebytetostring`.)

use crate::ir::{Block, Func, Inst, Term, Value};
use crate::module::Sym;
use crate::op::{BinOp, Check, Op};
use goxide_abi::Entry;
use rustc_hash::FxHashSet;

/// Whether the entry does no more with what argument `n` points to than read it while it runs.
fn only_reads(entry: Entry, n: usize) -> bool {
    use Entry::*;
    match entry {
        Memequal | CmpString => n == 0 || n == 2 || n == 1 && entry == Memequal,
        MapAccess1FastStr | MapAccess2FastStr => n == 2,
        CountRunes | DecodeRune | StringToSliceByte | StringToSliceRune | SliceByteToString => n == 0,
        HashBytes => n == 0,
        Memmove => n == 1,
        _ => false,
    }
}

/// Clones the string that it keeps.
pub const MAKE_UNIQUE: &str = "unique.Make[string]";

/// Nothing that the program can see is written, and no other code runs.
fn writes_nothing(op: &Op, makes_unique: impl Fn(Sym) -> bool) -> bool {
    use Entry::*;
    op.is_pure()
        || matches!(op, Op::Call { callee, .. } if makes_unique(*callee))
        || matches!(op, Op::Load(_) | Op::Check(_) | Op::KeepAlive)
        || matches!(
            op,
            Op::CallRt(
                Memequal | CmpString | MapAccess1FastStr | MapAccess2FastStr | CountRunes | DecodeRune
            )
        )
}

struct Uses<'a> {
    /// The function is [`MAKE_UNIQUE`].
    makes_unique: &'a dyn Fn(Sym) -> bool,
    /// By value: instructions that use it, and which of their arguments it is.
    insts: Vec<Vec<(Block, Inst, usize)>>,
    /// By value: parameters that it is passed on to.
    params: Vec<Vec<Value>>,
    /// By value: it is returned, or decides a branch.
    elsewhere: Vec<bool>,
    preds: Vec<Vec<Block>>,
}

impl Uses<'_> {
    fn new<'a>(f: &Func, makes_unique: &'a dyn Fn(Sym) -> bool) -> Uses<'a> {
        let n = f.values.len();
        let mut u = Uses {
            makes_unique,
            insts: vec![Vec::new(); n],
            params: vec![Vec::new(); n],
            elsewhere: vec![false; n],
            preds: vec![Vec::new(); f.blocks.len()],
        };
        for &b in &f.order {
            for &inst in &f.block(b).insts {
                for (i, &a) in f.inst(inst).args.iter().enumerate() {
                    u.insts[f.resolve(a).index()].push((b, inst, i));
                }
            }
            let term = &f.block(b).term;
            match term {
                Term::Branch { cond: v, .. } | Term::Switch { on: v, .. } => {
                    u.elsewhere[f.resolve(*v).index()] = true;
                }
                Term::Return(values) => {
                    values.iter().for_each(|&v| u.elsewhere[f.resolve(v).index()] = true);
                }
                Term::Jump(_) | Term::Unreachable => {}
            }
            for t in term.targets() {
                u.preds[t.block.index()].push(b);
                for (&arg, &param) in t.args.iter().zip(&f.block(t.block).params) {
                    u.params[f.resolve(arg).index()].push(param);
                }
            }
        }
        u
    }

    /// Calls `visit` with each place where what `v` points to is read; `false` where anything else is done
    /// with it.
    fn is_only_read(&self, f: &Func, v: Value, mut visit: impl FnMut(Block, Inst)) -> bool {
        let (mut seen, mut todo) = (vec![v], vec![v]);
        while let Some(v) = todo.pop() {
            if self.elsewhere[v.index()] {
                return false;
            }
            let mut next: Vec<Value> = self.params[v.index()].clone();
            for &(b, inst, n) in &self.insts[v.index()] {
                let data = f.inst(inst);
                visit(b, inst);
                match data.op {
                    Op::Load(_) | Op::KeepAlive => {}
                    Op::Check(check) if check != Check::Nil => {}
                    Op::Bin(BinOp::Add) if n == 0 => next.push(data.results[0]),
                    Op::Select if n > 0 => next.push(data.results[0]),
                    Op::CallRt(entry) if only_reads(entry, n) => {}
                    Op::Call { callee, .. } if (self.makes_unique)(callee) => {}
                    _ => return false,
                }
            }
            for v in next {
                if !seen.contains(&v) {
                    seen.push(v);
                    todo.push(v);
                }
            }
        }
        true
    }
}

impl Uses<'_> {
    /// Whether nothing is written on any way from the instruction at a place to those that use what it makes.
    fn nothing_is_written(&self, f: &Func, block: Block, at: usize, used: &[(Block, Inst)]) -> bool {
        let is_quiet =
            |insts: &[Inst]| insts.iter().all(|&i| writes_nothing(&f.inst(i).op, self.makes_unique));
        let mut todo: Vec<Block> = Vec::new();
        for &(b, inst) in used {
            let insts = &f.block(b).insts;
            let Some(place) = insts.iter().position(|&i| i == inst) else { return false };
            let is_behind = b == block && place > at;
            if !is_quiet(&insts[if is_behind { at + 1 } else { 0 }..=place]) {
                return false;
            }
            if !is_behind {
                todo.extend(&self.preds[b.index()]);
            }
        }
        let mut seen: FxHashSet<Block> = FxHashSet::default();
        while let Some(b) = todo.pop() {
            let from = if b == block { at + 1 } else { 0 };
            if seen.insert(b) {
                if !is_quiet(&f.block(b).insts[from..]) {
                    return false;
                }
                if b != block {
                    todo.extend(&self.preds[b.index()]);
                }
            }
        }
        true
    }
}

/// Whether anything was done.
pub fn run(f: &mut Func, makes_unique: &dyn Fn(Sym) -> bool) -> bool {
    let mut found = Vec::new();
    for &b in &f.order {
        for (at, &inst) in f.block(b).insts.iter().enumerate() {
            if let Op::CallRt(entry @ (Entry::StringToSliceByte | Entry::SliceByteToString)) = f.inst(inst).op
            {
                found.push((b, at, inst, entry));
            }
        }
    }
    if found.is_empty() {
        return false;
    }
    let uses = Uses::new(f, makes_unique);
    // From behind, so that the places of the others stay.
    let mut removed: Vec<Inst> = Vec::new();
    for &(b, at, inst, entry) in found.iter().rev() {
        let pointer = f.result(inst);
        let mut used = Vec::new();
        let is_read = uses.is_only_read(f, pointer, |block, inst| used.push((block, inst)));
        let needs_none = if used.iter().any(|(_, inst)| removed.contains(inst)) {
            // What was made of it is now the same, and used where nobody has looked.
            false
        } else if entry == Entry::StringToSliceByte {
            is_read
        } else {
            is_read && uses.nothing_is_written(f, b, at, &used)
        };
        if needs_none {
            let (args, results) = (f.inst(inst).args.clone(), f.inst(inst).results.clone());
            f.set_alias(results[0], args[0]);
            f.set_alias(results[1], args[1]);
            f.block_mut(b).insts.remove(at);
            removed.push(inst);
        }
    }
    if !removed.is_empty() {
        f.resolve_aliases();
    }
    !removed.is_empty()
}
