//! Which stack slots are needed behind a call.
//!
//! A slot is used where a value computed from its address is: by a load, a store, a call, or by leaving this
//! analysis (stored somewhere, passed to another block). A store that covers a unit ends what is known of it
//! upwards: a word, or less where the slot is accessed by less. A slot whose address leaves is *exposed*: the
//! collector keeps it as well while it finds a pointer into it.

use super::{called_entry, noscan};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{
    Block, BlockCall, Function, Inst, InstructionData, Opcode, StackSlot, StackSlotData, Type, Value,
};
use goxide_abi::Entry;

/// Larger slots are one unit.
const WORDS_MAX: u32 = 64;
const WORD_BYTES: u32 = 8;

pub struct Slots<'a> {
    func: &'a Function,
    /// The first unit of each slot, and behind the last one the number of all.
    first: Vec<u32>,
    /// The bytes of a unit of each slot, a power of two. 0: the slot is one unit.
    grains: Vec<u32>,
    /// What each value computed from an address may be an address of.
    addresses: SecondaryMap<Value, Option<Address>>,
    exposed: Vec<bool>,
    blocks: SecondaryMap<Block, BlockData>,
    /// Needed at every point, since the runtime may go to the recover block from it.
    always: Set,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Address {
    Of(StackSlot, Option<i64>),
    /// Of several: nothing is known.
    Any,
}

#[derive(Clone, Default)]
struct BlockData {
    /// From the last instruction to the first.
    events: Vec<Event>,
    successors: Vec<Block>,
    live_in: Set,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// Units `from..to`.
    Use(u32, u32),
    Define(u32, u32),
    Call(Inst),
}

/// Units.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Set(Vec<u64>);

impl Set {
    fn add(&mut self, from: u32, to: u32) {
        for unit in from..to {
            let word = unit as usize / 64;
            if word >= self.0.len() {
                self.0.resize(word + 1, 0);
            }
            self.0[word] |= 1 << (unit % 64);
        }
    }

    fn remove(&mut self, from: u32, to: u32) {
        for unit in from..to {
            if let Some(word) = self.0.get_mut(unit as usize / 64) {
                *word &= !(1 << (unit % 64));
            }
        }
    }

    fn union(&mut self, other: &Set) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    fn has(&self, unit: u32) -> bool {
        self.0.get(unit as usize / 64).is_some_and(|w| w >> (unit % 64) & 1 != 0)
    }
}

fn may_point(slot: &StackSlotData) -> bool {
    slot.key != Some(noscan())
}

/// The bytes of memory that a load or store of a value is of.
fn accessed(opcode: Opcode, value: Type) -> u32 {
    match opcode {
        Opcode::Uload8 | Opcode::Sload8 | Opcode::Istore8 => 1,
        Opcode::Uload16 | Opcode::Sload16 | Opcode::Istore16 => 2,
        Opcode::Uload32 | Opcode::Sload32 | Opcode::Istore32 => 4,
        _ => value.bytes(),
    }
}

impl<'a> Slots<'a> {
    /// None: the function has no slots. `recover`: where deferred calls that recover go on;
    /// `defer_slot`: used by the runtime as long as the function runs.
    pub fn new(
        func: &'a Function,
        recover: Option<Block>,
        defer_slot: Option<StackSlot>,
    ) -> Option<Slots<'a>> {
        if func.sized_stack_slots.is_empty() {
            return None;
        }
        let is_split =
            |data: &StackSlotData| data.size <= WORDS_MAX * WORD_BYTES && 1 << data.align_shift >= WORD_BYTES;
        let mut slots = Slots {
            func,
            first: Vec::new(),
            grains: func
                .sized_stack_slots
                .values()
                .map(|data| if is_split(data) { WORD_BYTES } else { 0 })
                .collect(),
            addresses: SecondaryMap::new(),
            exposed: vec![false; func.sized_stack_slots.len()],
            blocks: SecondaryMap::new(),
            always: Set::default(),
        };
        slots.find_addresses();
        slots.find_units();
        for block in func.layout.blocks() {
            slots.blocks[block] = slots.block_data(block);
        }
        if let Some(slot) = defer_slot {
            let (from, to) = slots.units(slot);
            slots.always.add(from, to);
            slots.exposed[slot.as_u32() as usize] = true;
        }
        slots.flow();
        if let Some(recover) = recover.filter(|&r| func.layout.is_block_inserted(r)) {
            let live = slots.blocks[recover].live_in.clone();
            slots.always.union(&live);
        }
        Some(slots)
    }

    fn units(&self, slot: StackSlot) -> (u32, u32) {
        let slot = slot.as_u32() as usize;
        (self.first[slot], self.first[slot + 1])
    }

    fn address(&self, v: Value) -> Option<Address> {
        self.addresses[self.func.dfg.resolve_aliases(v)]
    }

    /// Blocks stand in the order in which values are defined or not: passes until nothing is new.
    fn find_addresses(&mut self) {
        let dfg = &self.func.dfg;
        loop {
            let mut is_new = false;
            for block in self.func.layout.blocks() {
                for inst in self.func.layout.block_insts(block) {
                    let opcode = dfg.insts[inst].opcode();
                    if opcode.can_load() || opcode.can_store() || opcode.is_call() || opcode.is_terminator() {
                        continue;
                    }
                    let address = self.computed(inst);
                    for &result in dfg.inst_results(inst) {
                        if address.is_some() && self.addresses[result] != address {
                            let new =
                                if self.addresses[result].is_some() { Some(Address::Any) } else { address };
                            is_new |= self.addresses[result] != new;
                            self.addresses[result] = new;
                        }
                    }
                }
            }
            if !is_new {
                return;
            }
        }
    }

    /// No load or store is of a part of a unit.
    fn find_units(&mut self) {
        let dfg = &self.func.dfg;
        for inst in self.func.layout.blocks().flat_map(|block| self.func.layout.block_insts(block)) {
            let (address, offset, bytes) = match dfg.insts[inst] {
                InstructionData::Load { opcode, arg, offset, .. } => {
                    (arg, offset, accessed(opcode, dfg.value_type(dfg.first_result(inst))))
                }
                InstructionData::Store { opcode, args: [value, to], offset, .. } => {
                    (to, offset, accessed(opcode, dfg.value_type(value)))
                }
                _ => continue,
            };
            if let Some(Address::Of(slot, Some(at))) = self.address(address) {
                let ends = (at + i64::from(i32::from(offset))) as u32 | bytes;
                let grain = &mut self.grains[slot.as_u32() as usize];
                *grain = (*grain).min(1 << ends.trailing_zeros());
            }
        }
        self.first.push(0);
        for (data, &grain) in self.func.sized_stack_slots.values().zip(&self.grains) {
            let units = if grain == 0 { 1 } else { data.size.div_ceil(grain).max(1) };
            self.first.push(self.first[self.first.len() - 1] + units);
        }
    }

    fn computed(&self, inst: Inst) -> Option<Address> {
        let dfg = &self.func.dfg;
        if let InstructionData::StackAddr { stack_slot, offset, .. } = dfg.insts[inst] {
            return Some(Address::Of(stack_slot, Some(i64::from(i32::from(offset)))));
        }
        let args = dfg.inst_args(inst);
        let mut all = args.iter().filter_map(|&v| self.address(v));
        let one = all.next()?;
        if all.any(|other| !matches!((one, other), (Address::Of(a, _), Address::Of(b, _)) if a == b)) {
            return Some(Address::Any);
        }
        let Address::Of(slot, offset) = one else { return Some(Address::Any) };
        if dfg.insts[inst].opcode() == Opcode::Iadd {
            let step = args.iter().find(|&&v| self.address(v).is_none()).and_then(|&v| self.constant(v));
            if let (Some(offset), Some(step)) = (offset, step) {
                return Some(Address::Of(slot, Some(offset + step)));
            }
        }
        Some(Address::Of(slot, None))
    }

    fn constant(&self, v: Value) -> Option<i64> {
        let dfg = &self.func.dfg;
        let inst = dfg.value_def(dfg.resolve_aliases(v)).inst()?;
        match dfg.insts[inst] {
            InstructionData::UnaryImm { opcode: Opcode::Iconst, imm } => Some(imm.bits()),
            _ => None,
        }
    }

    fn block_data(&mut self, block: Block) -> BlockData {
        let func = self.func;
        let dfg = &func.dfg;
        let mut events = Vec::new();
        for inst in func.layout.block_insts(block).rev() {
            let data = &dfg.insts[inst];
            let opcode = data.opcode();
            if opcode.is_call() {
                events.push(Event::Call(inst));
            }
            let calls = events.len();
            match *data {
                InstructionData::Load { opcode, arg, offset, .. } => {
                    let bytes = accessed(opcode, dfg.value_type(dfg.first_result(inst)));
                    self.access(&mut events, arg, i32::from(offset), bytes, false);
                }
                InstructionData::Store { opcode, args: [value, to], offset, .. } => {
                    let bytes = accessed(opcode, dfg.value_type(value));
                    self.access(&mut events, to, i32::from(offset), bytes, true);
                    self.leaves(&mut events, value);
                }
                _ if opcode.can_load()
                    || opcode.can_store()
                    || opcode.is_call()
                    || opcode.is_terminator() =>
                {
                    let written = self.written(inst);
                    for (nth, v) in dfg.inst_values(inst).enumerate() {
                        match written {
                            Some(slot) if nth == 0 => {
                                let (from, to) = self.units(slot);
                                events.insert(calls, Event::Define(from, to));
                                self.exposed[slot.as_u32() as usize] = true;
                            }
                            _ => self.leaves(&mut events, v),
                        }
                    }
                }
                _ => {}
            }
        }
        let last = func.layout.last_inst(block).expect("a block ends with a terminator");
        let targets = dfg.insts[last].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let successors = targets.iter().map(|t: &BlockCall| t.block(&dfg.value_lists)).collect();
        BlockData { events, successors, live_in: Set::default() }
    }

    /// The slot that a call fills, by its first argument.
    fn written(&self, inst: Inst) -> Option<StackSlot> {
        let entry = called_entry(self.func, inst)?;
        let args = self.func.dfg.inst_args(inst);
        if !matches!(entry, Entry::Memclr | Entry::Memmove) {
            return None;
        }
        let Some(Address::Of(slot, Some(0))) = self.address(args[0]) else { return None };
        let bytes = args.last().and_then(|&n| self.constant(n))?;
        (bytes >= i64::from(self.func.sized_stack_slots[slot].size)).then_some(slot)
    }

    fn access(&mut self, events: &mut Vec<Event>, address: Value, offset: i32, bytes: u32, is_store: bool) {
        let Some(Address::Of(slot, Some(at))) = self.address(address) else {
            if !is_store {
                self.used(events, address);
            }
            return;
        };
        let (from, to) = self.units(slot);
        let (lo, hi) = (at + i64::from(offset), at + i64::from(offset) + i64::from(bytes));
        let size = i64::from(self.func.sized_stack_slots[slot].size);
        let grain = i64::from(self.grains[slot.as_u32() as usize]);
        if grain == 0 || lo < 0 || hi > size {
            if !is_store {
                events.push(Event::Use(from, to));
            }
            return;
        }
        let (from, to) = (from + (lo / grain) as u32, from + (hi / grain) as u32);
        events.push(if is_store { Event::Define(from, to) } else { Event::Use(from, to) });
    }

    /// The slots that an address may be of are used.
    fn used(&self, events: &mut Vec<Event>, v: Value) {
        match self.address(v) {
            None => {}
            Some(Address::Of(slot, _)) => {
                let (from, to) = self.units(slot);
                events.push(Event::Use(from, to));
            }
            Some(Address::Any) => events.push(Event::Use(0, self.first[self.first.len() - 1])),
        }
    }

    fn leaves(&mut self, events: &mut Vec<Event>, v: Value) {
        self.used(events, v);
        match self.address(v) {
            None => {}
            Some(Address::Of(slot, _)) => self.exposed[slot.as_u32() as usize] = true,
            Some(Address::Any) => self.exposed.fill(true),
        }
    }

    fn live_out(&self, block: Block) -> Set {
        let mut live = Set::default();
        for &next in &self.blocks[block].successors {
            live.union(&self.blocks[next].live_in);
        }
        live
    }

    fn flow(&mut self) {
        let order: Vec<Block> = self.func.layout.blocks().collect();
        loop {
            let mut is_new = false;
            for &block in order.iter().rev() {
                let mut live = self.live_out(block);
                for &event in &self.blocks[block].events {
                    match event {
                        Event::Use(from, to) => live.add(from, to),
                        Event::Define(from, to) => live.remove(from, to),
                        Event::Call(_) => {}
                    }
                }
                let mut sum = self.blocks[block].live_in.clone();
                sum.union(&live);
                if sum != self.blocks[block].live_in {
                    self.blocks[block].live_in = sum;
                    is_new = true;
                }
            }
            if !is_new {
                return;
            }
        }
    }

    /// What is needed behind each of these calls; by those that are flagged also what they are given.
    pub fn live_at(&self, calls: &[(Inst, bool)]) -> Vec<Set> {
        let mut sets = vec![self.always.clone(); calls.len()];
        let mut numbers: SecondaryMap<Inst, u32> = SecondaryMap::with_default(u32::MAX);
        for (i, &(inst, _)) in calls.iter().enumerate() {
            numbers[inst] = i as u32;
        }
        for block in self.func.layout.blocks() {
            let mut live = self.live_out(block);
            for &event in &self.blocks[block].events {
                match event {
                    Event::Use(from, to) => live.add(from, to),
                    Event::Define(from, to) => live.remove(from, to),
                    Event::Call(inst) => {
                        let Some(&(_, needs_arguments)) = calls.get(numbers[inst] as usize) else { continue };
                        let set = &mut sets[numbers[inst] as usize];
                        set.union(&live);
                        if needs_arguments {
                            let mut given = Vec::new();
                            for &v in self.func.dfg.inst_args(inst) {
                                self.used(&mut given, v);
                            }
                            for event in given {
                                if let Event::Use(from, to) = event {
                                    set.add(from, to);
                                }
                            }
                        }
                    }
                }
            }
        }
        sets
    }

    /// What is needed wherever a call or a fault may lead to the recover block.
    pub fn always(&self) -> &Set {
        &self.always
    }

    /// Calls `f` with the bytes of slots that these units stand for.
    pub fn for_each_live(&self, live: &Set, mut f: impl FnMut(StackSlot, u32, u32)) {
        for (slot, data) in self.func.sized_stack_slots.iter().filter(|(_, data)| may_point(data)) {
            let (from, to) = self.units(slot);
            let grain = match self.grains[slot.as_u32() as usize] {
                0 => data.size,
                grain => grain,
            };
            for unit in (from..to).filter(|&u| live.has(u)) {
                let lo = (unit - from) * grain;
                f(slot, lo, data.size.min(lo + grain));
            }
        }
    }

    /// Slots that are exposed or without pointers, and whether it is the latter.
    pub fn objects(&self) -> impl Iterator<Item = (StackSlot, bool)> {
        let slots = self.func.sized_stack_slots.iter().map(|(s, data)| (s, !may_point(data)));
        slots.filter(|&(s, noscan)| noscan || self.exposed[s.as_u32() as usize])
    }
}
