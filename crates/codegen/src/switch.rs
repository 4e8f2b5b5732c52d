//! Switches: a jump table where the cases are many and close together, else a search among them.

use crate::function::Translator;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, JumpTableData, types};
use goxide_ssa::ir::Target;
use goxide_ssa::{ConvOp, Op, Value};
use rustc_hash::FxHashMap;

/// As many are compared one after the other.
const LINEAR_MAX: usize = 4;
/// A jump through a table costs as much as some compares (gc: 8).
const TABLE_MIN: usize = 8;
/// Entries of a table for each run of cases (gc: 4).
const SPREAD_MAX: u64 = 4;
const ENTRIES_MAX: u64 = 1 << 16;

/// Values from `lo` to `hi`, which all lead to one block.
#[derive(Clone, Copy)]
struct Run {
    lo: i64,
    hi: i64,
    to: ir::Block,
}

impl Translator<'_, '_> {
    pub fn switch(&mut self, on: Value, cases: &[(i64, Target)], default: &Target) {
        // Extended from 32 bits or less.
        let is_narrow = self.func.def_inst(on).is_some_and(|inst| {
            let inst = self.func.inst(inst);
            matches!(inst.op, Op::Conv(ConvOp::Zext | ConvOp::Sext))
                && self.func.ty(inst.args[0]).bytes() <= 4
        });
        let on = self.value(on);
        // Edges with arguments get a block in between.
        let mut between = Vec::new();
        let mut known = FxHashMap::default();
        let mut plain = |t: &mut Self, target: &Target| {
            if target.args.is_empty() {
                return t.blocks[target.block.index()];
            }
            *known.entry((target.block, target.args.clone())).or_insert_with(|| {
                let block = t.b.create_block();
                between.push((block, target.clone()));
                block
            })
        };
        let otherwise = plain(self, default);
        let mut runs: Vec<Run> =
            cases.iter().map(|(n, t)| Run { lo: *n, hi: *n, to: plain(self, t) }).collect();
        runs.sort_by_key(|r| r.lo);
        runs.dedup_by(|next, run| {
            let is_next = run.to == next.to && run.hi.checked_add(1) == Some(next.lo);
            if is_next {
                run.hi = next.hi;
            }
            is_next
        });
        self.search(on, is_narrow, &runs, otherwise);
        for (block, target) in between {
            self.b.switch_to_block(block);
            let args = self.args(&target);
            self.b.ins().jump(self.blocks[target.block.index()], &args);
        }
    }

    /// Among runs in ascending order.
    fn search(&mut self, on: ir::Value, is_narrow: bool, runs: &[Run], otherwise: ir::Block) {
        if runs.len() <= LINEAR_MAX {
            for run in runs {
                let next = self.b.create_block();
                let is_it = self.is_in(on, run.lo, run.hi);
                self.b.ins().brif(is_it, run.to, &[], next, &[]);
                self.b.switch_to_block(next);
            }
            self.b.ins().jump(otherwise, &[]);
            return;
        }
        let (lo, hi) = (runs[0].lo, runs[runs.len() - 1].hi);
        let span = lo.abs_diff(hi);
        if runs.len() >= TABLE_MIN && span < ENTRIES_MAX && span / SPREAD_MAX <= runs.len() as u64 {
            return self.table(on, is_narrow, runs, otherwise);
        }
        let (left, right) = runs.split_at(runs.len() / 2);
        let middle = self.b.ins().iconst(types::I64, right[0].lo);
        let is_left = self.b.ins().icmp(IntCC::SignedLessThan, on, middle);
        let (to_left, to_right) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(is_left, to_left, &[], to_right, &[]);
        self.b.switch_to_block(to_left);
        self.search(on, is_narrow, left, otherwise);
        self.b.switch_to_block(to_right);
        self.search(on, is_narrow, right, otherwise);
    }

    fn is_in(&mut self, on: ir::Value, lo: i64, hi: i64) -> ir::Value {
        if lo == hi {
            let lo = self.b.ins().iconst(types::I64, lo);
            return self.b.ins().icmp(IntCC::Equal, on, lo);
        }
        let from_lo = self.add_const(on, lo.wrapping_neg());
        let last = self.b.ins().iconst(types::I64, hi.wrapping_sub(lo));
        self.b.ins().icmp(IntCC::UnsignedLessThanOrEqual, from_lo, last)
    }

    /// The table itself leads what is behind its end elsewhere, by the low 32 bits.
    fn table(&mut self, on: ir::Value, is_narrow: bool, runs: &[Run], otherwise: ir::Block) {
        let (lo, hi) = (runs[0].lo, runs[runs.len() - 1].hi);
        if !is_narrow {
            let is_in = self.is_in(on, lo, hi);
            let (inside, outside) = (self.b.create_block(), self.b.create_block());
            // The moves of that edge would stand between the test and the jump.
            self.b.set_cold_block(outside);
            self.b.ins().brif(is_in, inside, &[], outside, &[]);
            self.b.switch_to_block(outside);
            self.b.ins().jump(otherwise, &[]);
            self.b.switch_to_block(inside);
        }
        let dfg = &mut self.b.func.dfg;
        let mut entries = Vec::new();
        for run in runs {
            let at = |n: i64| lo.abs_diff(n) as usize;
            entries.resize(at(run.lo), dfg.block_call(otherwise, &[]));
            entries.resize(at(run.hi) + 1, dfg.block_call(run.to, &[]));
        }
        let table = JumpTableData::new(dfg.block_call(otherwise, &[]), &entries);
        let table = self.b.create_jump_table(table);
        let index = self.add_const(on, lo.wrapping_neg());
        let index = self.b.ins().ireduce(types::I32, index);
        self.b.ins().br_table(index, table);
    }
}
