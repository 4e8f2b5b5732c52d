//! Slots that are values: one whose address is used for accesses at known offsets only becomes a variable
//! for each scalar in it. Lowering puts what it cannot take apart into slots, and inlining and escape
//! analysis make more of them.
//!
//! In a function with deferred calls nothing is promoted: a panic may leave it by its recover block at
//! any call, and what that and the deferred functions see must stand in the frame.

use super::repair::{Repair, Var};
use crate::analysis::Cfg;
use crate::ir::{Block, Func, Inst, LocId, Slot, Ty, Value};
use crate::op::Op;
use rustc_hash::FxHashMap;

/// Slots with more scalars stay.
const CELLS_MAX: usize = 32;

/// A scalar in a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cell {
    offset: u32,
    ty: Ty,
    var: Var,
}

#[derive(Default)]
struct SlotUse {
    cells: Vec<(u32, Ty)>,
    /// Parts that are zeroed or copied as a whole.
    spans: Vec<(u32, u32)>,
    is_out: bool,
}

pub fn run(f: &mut Func) {
    if f.slots.is_empty() || f.defer.is_some() {
        return;
    }
    let mut uses = slot_uses(f);
    loop {
        for u in &mut uses {
            u.is_out |= !fit(u);
        }
        // A copy from a slot that stays needs nothing of the other; one between two needs both alike.
        if !share_copies(f, &mut uses) {
            break;
        }
    }
    if uses.iter().all(|u| u.is_out || u.cells.is_empty()) {
        return;
    }
    promote(f, &uses);
}

/// The slot that an address is in, and where.
fn place(f: &Func, v: Value) -> Option<(Slot, u32)> {
    match f.def_op(v)? {
        Op::SlotAddr(slot, offset) => Some((*slot, *offset as u32)),
        _ => None,
    }
}

fn slot_uses(f: &Func) -> Vec<SlotUse> {
    let mut uses: Vec<SlotUse> = f.slots.iter().map(|_| SlotUse::default()).collect();
    let at = |v: Value, offset: i32| place(f, v).map(|(s, o)| (s, i64::from(o) + i64::from(offset)));
    for &b in &f.order {
        for &inst in &f.block(b).insts {
            let data = f.inst(inst);
            let out = |uses: &mut Vec<SlotUse>, v: Value| {
                if let Some((s, _)) = place(f, v) {
                    uses[s.index()].is_out = true;
                }
            };
            match data.op {
                Op::Load(offset) | Op::Store(offset) | Op::StorePtr(offset) => {
                    let is_load = matches!(data.op, Op::Load(_));
                    let ty = f.ty(if is_load { data.results[0] } else { data.args[1] });
                    if let Some((s, o)) = at(data.args[0], offset) {
                        let u = &mut uses[s.index()];
                        match u32::try_from(o) {
                            Ok(o) if o + ty.bytes() <= f.slots[s.index()].size => {
                                if !u.cells.contains(&(o, ty)) {
                                    u.cells.push((o, ty));
                                }
                            }
                            _ => u.is_out = true,
                        }
                    }
                    if !is_load {
                        out(&mut uses, data.args[1]);
                    }
                }
                Op::Zero { size, .. } => {
                    if let Some((s, o)) = place(f, data.args[0]) {
                        uses[s.index()].spans.push((o, o + size));
                    }
                }
                Op::Copy { size, .. } => {
                    for &v in &data.args {
                        if let Some((s, o)) = place(f, v) {
                            uses[s.index()].spans.push((o, o + size));
                        }
                    }
                }
                Op::Check(crate::op::Check::Nil) => {}
                _ => data.args.iter().for_each(|&v| out(&mut uses, v)),
            }
        }
        f.block(b).term.for_each_use(|v| {
            if let Some((s, _)) = place(f, v) {
                uses[s.index()].is_out = true;
            }
        });
    }
    uses
}

/// Whether the scalars do not overlap, and whole parts do not cut one.
fn fit(u: &mut SlotUse) -> bool {
    u.cells.sort_unstable();
    let apart = u.cells.windows(2).all(|w| w[0].0 + w[0].1.bytes() <= w[1].0);
    let whole = u.spans.iter().all(|&(from, to)| {
        u.cells
            .iter()
            .all(|&(o, ty)| (o >= from && o + ty.bytes() <= to) || o + ty.bytes() <= from || o >= to)
    });
    apart && whole && u.cells.len() <= CELLS_MAX
}

/// The scalars of a copied part, from 0 on; what none covers is given words, as it may be read elsewhere.
fn part(u: &SlotUse, from: u32, size: u32) -> Vec<(u32, Ty)> {
    let inside = |&&(o, _): &&(u32, Ty)| o >= from && o < from + size;
    let mut known: Vec<(u32, Ty)> = u.cells.iter().filter(inside).map(|&(o, ty)| (o - from, ty)).collect();
    known.sort_unstable();
    let (mut all, mut at) = (Vec::new(), 0);
    for (o, ty) in known.into_iter().chain([(size, Ty::I8)]) {
        while at < o {
            let ty = [Ty::I64, Ty::I32, Ty::I16, Ty::I8]
                .into_iter()
                .find(|t| at + t.bytes() <= o && (from + at).is_multiple_of(t.bytes()))
                .unwrap_or(Ty::I8);
            all.push((at, ty));
            at += ty.bytes();
        }
        if o < size {
            all.push((o, ty));
            at = o + ty.bytes();
        }
    }
    all
}

/// Gives both sides of a copy the same scalars; true: something changed.
fn share_copies(f: &Func, uses: &mut [SlotUse]) -> bool {
    let mut changed = false;
    for &b in &f.order {
        for &inst in &f.block(b).insts {
            let data = f.inst(inst);
            let Op::Copy { size, .. } = data.op else { continue };
            for (one, other) in [(1, 0), (0, 1)] {
                let Some((s, o)) = place(f, data.args[one]) else { continue };
                if uses[s.index()].is_out {
                    continue;
                }
                let parts = part(&uses[s.index()], o, size);
                // A word that nobody names may be a pointer: it must be stored as one, and between two slots,
                // too, escape analysis must see it go.
                let cells = &uses[s.index()].cells;
                if parts.iter().any(|&(p, ty)| ty == Ty::I64 && !cells.contains(&(o + p, ty))) {
                    uses[s.index()].is_out = true;
                    changed = true;
                    continue;
                }
                let sides = [Some((s, o)), place(f, data.args[other])];
                for (side, at) in sides.into_iter().flatten() {
                    let u = &mut uses[side.index()];
                    if u.is_out {
                        continue;
                    }
                    for &(p, ty) in &parts {
                        if !u.cells.contains(&(at + p, ty)) {
                            u.cells.push((at + p, ty));
                            changed = true;
                        }
                    }
                }
            }
        }
    }
    changed
}

struct Promoter<'a> {
    cells: Vec<Vec<Cell>>,
    repair: Repair<'a>,
    /// Of the block that is being rewritten.
    now: FxHashMap<Var, Value>,
    block: Block,
    out: Vec<Inst>,
}

fn promote(f: &mut Func, uses: &[SlotUse]) {
    let cfg = Cfg::new(f);
    let mut repair = Repair::new(&cfg);
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    for u in uses {
        let mut list = Vec::new();
        if !u.is_out {
            for &(offset, ty) in &u.cells {
                list.push(Cell { offset, ty, var: repair.var(ty) });
            }
        }
        cells.push(list);
    }
    let mut p = Promoter { cells, repair, now: FxHashMap::default(), block: f.entry(), out: Vec::new() };
    // Loads are answered once all stores are known: until then by placeholders.
    let mut waiting: Vec<(Block, Value, Var)> = Vec::new();
    for &b in &cfg.rpo {
        p.block = b;
        p.now.clear();
        for inst in std::mem::take(&mut f.block_mut(b).insts) {
            p.visit(f, inst, &mut waiting);
        }
        f.block_mut(b).insts = std::mem::take(&mut p.out);
        for (&var, &v) in &p.now {
            p.repair.define(b, var, v);
        }
    }
    for (b, load, var) in waiting {
        let value = p.repair.at_start(f, b, var);
        if f.resolve(value) != load {
            f.set_alias(load, value);
        }
    }
    f.resolve_aliases();
}

impl Promoter<'_> {
    fn cell(&self, f: &Func, address: Value, offset: i32) -> Option<Cell> {
        let (s, o) = place(f, address)?;
        let at = u32::try_from(i64::from(o) + i64::from(offset)).ok()?;
        self.cells[s.index()].iter().find(|c| c.offset == at).copied()
    }

    fn visit(&mut self, f: &mut Func, inst: Inst, waiting: &mut Vec<(Block, Value, Var)>) {
        let data = f.inst(inst).clone();
        match data.op {
            Op::Load(offset) => {
                if let Some(cell) = self.cell(f, data.args[0], offset) {
                    let load = data.results[0];
                    match self.now.get(&cell.var) {
                        Some(&v) => f.set_alias(load, v),
                        None => {
                            waiting.push((self.block, load, cell.var));
                            self.now.insert(cell.var, load);
                        }
                    }
                    return;
                }
            }
            Op::Store(offset) | Op::StorePtr(offset) => {
                if let Some(cell) = self.cell(f, data.args[0], offset) {
                    let v = f.resolve(data.args[1]);
                    self.now.insert(cell.var, v);
                    return;
                }
            }
            Op::Zero { size, .. } => {
                if let Some((s, o)) = place(f, data.args[0])
                    && !self.cells[s.index()].is_empty()
                {
                    for cell in self.within(s, o, size) {
                        let op = if cell.ty.is_float() { Op::FConst(0) } else { Op::Const(0) };
                        let v = self.emit(f, op, &[], Some(cell.ty), data.loc);
                        self.now.extend(v.map(|v| (cell.var, v)));
                    }
                    return;
                }
            }
            Op::Copy { size, ptrs }
                if self.copy(f, data.args[0], data.args[1], size, ptrs, data.loc, waiting) =>
            {
                return;
            }
            // The address of a slot is not nil.
            Op::Check(crate::op::Check::Nil) if place(f, data.args[0]).is_some() => return,
            _ => {}
        }
        self.out.push(inst);
    }

    fn within(&self, s: Slot, from: u32, size: u32) -> Vec<Cell> {
        self.cells[s.index()].iter().filter(|c| c.offset >= from && c.offset < from + size).copied().collect()
    }

    fn emit(&mut self, f: &mut Func, op: Op, args: &[Value], ty: Option<Ty>, loc: LocId) -> Option<Value> {
        let inst = f.make_inst(op, args, ty.as_slice(), loc);
        self.out.push(inst);
        f.results(inst).first().copied()
    }

    /// False: neither side is promoted.
    fn copy(
        &mut self,
        f: &mut Func,
        dst: Value,
        src: Value,
        size: u32,
        ptrs: bool,
        loc: LocId,
        waiting: &mut Vec<(Block, Value, Var)>,
    ) -> bool {
        let cells = |p: &Self, v: Value| {
            let (s, o) = place(f, v)?;
            let cells = p.within(s, o, size);
            (!cells.is_empty()).then_some((cells, o))
        };
        let (from, to) = (cells(self, src), cells(self, dst));
        let Some((shape, base)) = from.as_ref().or(to.as_ref()) else { return false };
        let shape: Vec<(u32, Ty)> = shape.iter().map(|c| (c.offset - base, c.ty)).collect();
        // All is read before anything is written.
        let mut values = Vec::new();
        for &(at, ty) in &shape {
            let cell = from.as_ref().and_then(|(cells, o)| cells.iter().find(|c| c.offset == o + at));
            values.push(match cell {
                Some(cell) => match self.now.get(&cell.var) {
                    Some(&v) => v,
                    None => {
                        // A name for what the variable is where the block begins.
                        let inst = f.make_inst(Op::KeepAlive, &[], &[ty], loc);
                        let v = f.result(inst);
                        waiting.push((self.block, v, cell.var));
                        self.now.insert(cell.var, v);
                        v
                    }
                },
                None => self.emit(f, Op::Load(at as i32), &[src], Some(ty), loc).unwrap_or(src),
            });
        }
        for (&(at, ty), v) in shape.iter().zip(values) {
            let cell = to.as_ref().and_then(|(cells, o)| cells.iter().find(|c| c.offset == o + at));
            match cell {
                Some(cell) => {
                    self.now.insert(cell.var, v);
                }
                None => {
                    let is_pointer = ptrs && ty == Ty::Ptr;
                    let op = if is_pointer { Op::StorePtr(at as i32) } else { Op::Store(at as i32) };
                    self.emit(f, op, &[dst, v], None, loc);
                }
            }
        }
        true
    }
}
