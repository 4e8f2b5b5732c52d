//! What is known of integers where the walk stands: differences `a <= b + c` of values, as their signed
//! numbers, and what follows from their definitions. (Bodík, Gupta, Sarkar: "ABCD"; Go's `prove.go`.)

use crate::ir::{Func, Inst, Ty, Value, ValueDef};
use crate::op::{BinOp, ConvOp, Op};
use crate::passes::fold;
use smallvec::SmallVec;

/// A value, or the number 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Node(u32);

pub const ZERO: Node = Node(u32::MAX);

impl From<Value> for Node {
    fn from(v: Value) -> Node {
        Node(v.0)
    }
}

/// Steps that one question may take.
const FUEL: u32 = 48;
/// How deep a question may ask others.
const DEPTH_MAX: u32 = 3;

/// How many of the newest facts without an order are looked through.
const RECENT_MAX: usize = 64;

/// By node, what it is at most: `node <= other + c`.
type Edges = Vec<SmallVec<[(Node, i64); 2]>>;

pub struct Facts {
    /// By value; the last is ZERO's.
    below: Edges,
    above: Edges,
    /// `a < b` (strict) or `a <= b`, unsigned.
    unsigned: Vec<(Value, Value, bool)>,
    different: Vec<(Value, Value)>,
    not_nil: Vec<Value>,
    trail: Vec<(Node, Node)>,
}

/// How much was known at some place.
#[derive(Clone, Copy)]
pub struct Mark {
    trail: usize,
    unsigned: usize,
    different: usize,
    not_nil: usize,
}

pub fn min_of(ty: Ty) -> i64 {
    fold::wrap(ty, 1 << (fold::bits(ty) - 1))
}

pub fn max_of(ty: Ty) -> i64 {
    !min_of(ty)
}

impl Facts {
    pub fn new(f: &Func) -> Facts {
        let none = || vec![SmallVec::new(); f.values.len() + 1];
        Facts {
            below: none(),
            above: none(),
            unsigned: Vec::new(),
            different: Vec::new(),
            not_nil: Vec::new(),
            trail: Vec::new(),
        }
    }

    fn index(&self, n: Node) -> usize {
        if n == ZERO { self.below.len() - 1 } else { n.0 as usize }
    }

    pub fn mark(&self) -> Mark {
        Mark {
            trail: self.trail.len(),
            unsigned: self.unsigned.len(),
            different: self.different.len(),
            not_nil: self.not_nil.len(),
        }
    }

    pub fn forget(&mut self, to: Mark) {
        while self.trail.len() > to.trail {
            let Some((a, b)) = self.trail.pop() else { break };
            let (a, b) = (self.index(a), self.index(b));
            self.below[a].pop();
            self.above[b].pop();
        }
        self.unsigned.truncate(to.unsigned);
        self.different.truncate(to.different);
        self.not_nil.truncate(to.not_nil);
    }

    /// `a <= b + c`
    pub fn learn(&mut self, a: Node, b: Node, c: i64) {
        if a == b {
            return;
        }
        let (i, j) = (self.index(a), self.index(b));
        self.below[i].push((b, c));
        self.above[j].push((a, c));
        self.trail.push((a, b));
    }

    pub fn learn_unsigned(&mut self, a: Value, b: Value, is_strict: bool) {
        self.unsigned.push((a, b, is_strict));
    }

    pub fn learn_different(&mut self, a: Value, b: Value) {
        self.different.push((a, b));
    }

    pub fn learn_not_nil(&mut self, p: Value) {
        self.not_nil.push(p);
    }

    pub fn is_not_nil(&self, p: Value) -> bool {
        self.not_nil.iter().rev().take(RECENT_MAX).any(|&q| q == p)
    }

    pub fn are_different(&self, f: &Func, a: Value, constant: i64) -> bool {
        self.different.iter().rev().take(RECENT_MAX).any(|&(x, y)| x == a && f.as_const(y) == Some(constant))
    }

    pub fn is_below_unsigned(&self, a: Value, b: Value, is_strict: bool) -> bool {
        let mut recent = self.unsigned.iter().rev().take(RECENT_MAX);
        recent.any(|&(x, y, strict)| x == a && y == b && (strict || !is_strict))
    }

    // Questions.

    /// `a <= b + c` holds here.
    pub fn holds(&self, f: &Func, a: Node, b: Node, c: i64) -> bool {
        self.ask(f, a, b, c, 0)
    }

    pub fn is_at_least(&self, f: &Func, v: Value, n: i64) -> bool {
        match n.checked_neg() {
            Some(c) => self.holds(f, ZERO, v.into(), c),
            None => true,
        }
    }

    fn at_least(&self, f: &Func, v: Value, n: i64, depth: u32) -> bool {
        match n.checked_neg() {
            Some(c) => self.ask(f, ZERO, v.into(), c, depth),
            None => true,
        }
    }

    fn ask(&self, f: &Func, a: Node, b: Node, c: i64, depth: u32) -> bool {
        // Constants are distances from 0.
        let (a, da) = constant(f, a);
        let (b, db) = constant(f, b);
        let Some(c) = c.checked_add(db).and_then(|c| c.checked_sub(da)) else { return false };
        if a == b {
            return c >= 0;
        }
        if depth > DEPTH_MAX {
            return false;
        }
        if a == ZERO { self.search_down(f, b, c, depth) } else { self.search_up(f, a, b, c, depth) }
    }

    /// `a <= b + c`, from `a` over what is above it.
    fn search_up(&self, f: &Func, a: Node, b: Node, c: i64, depth: u32) -> bool {
        // What `b` is more than.
        let mut goals: SmallVec<[(Node, i64); 4]> = SmallVec::new();
        goals.push((b, c));
        let (mut at, mut sum) = (b, c);
        for _ in 0..3 {
            let Some((z, k)) = addition(f, at) else { break };
            if k > 0 && !self.does_not_overflow(f, at, z, k, depth) {
                break;
            }
            let Some(next) = sum.checked_add(k) else { break };
            let (node, d) = constant(f, z.into());
            let Some(next) = next.checked_add(d) else { break };
            (at, sum) = (node, next);
            goals.push((at, sum));
        }
        let mut seen: SmallVec<[(Node, i64); 16]> = SmallVec::new();
        let mut todo: SmallVec<[(Node, i64); 16]> = SmallVec::new();
        todo.push((a, 0));
        let mut fuel = FUEL;
        while let Some((at, w)) = todo.pop() {
            // a <= at + w
            if goals.iter().any(|&(goal, c)| at == goal && w <= c) {
                return true;
            }
            fuel -= 1;
            if fuel == 0 {
                return false;
            }
            match seen.iter_mut().find(|s| s.0 == at) {
                Some(s) if s.1 <= w => continue,
                Some(s) => s.1 = w,
                None => seen.push((at, w)),
            }
            let mut step = |to: Node, k: i64| {
                let (to, d) = constant(f, to);
                if let Some(w) = w.checked_add(k).and_then(|w| w.checked_add(d)) {
                    todo.push((to, w));
                }
            };
            for &(to, k) in &self.below[self.index(at)] {
                step(to, k);
            }
            if at == ZERO {
                continue;
            }
            if let Some((z, k)) = addition(f, at)
                && (k > 0 || self.does_not_overflow(f, at, z, k, depth))
            {
                step(z.into(), k);
            }
            self.upper_bounds(f, Value(at.0), depth, &mut step);
        }
        false
    }

    /// `0 <= b + c`, from `b` over what is below it.
    fn search_down(&self, f: &Func, b: Node, c: i64, depth: u32) -> bool {
        let mut seen: SmallVec<[(Node, i64); 16]> = SmallVec::new();
        let mut todo: SmallVec<[(Node, i64); 16]> = SmallVec::new();
        todo.push((b, c));
        let mut fuel = FUEL;
        while let Some((at, w)) = todo.pop() {
            // It is enough that 0 <= at + w.
            if at == ZERO && w >= 0 {
                return true;
            }
            fuel -= 1;
            if fuel == 0 {
                return false;
            }
            match seen.iter_mut().find(|s| s.0 == at) {
                Some(s) if s.1 >= w => continue,
                Some(s) => s.1 = w,
                None => seen.push((at, w)),
            }
            // to <= at + k
            let mut step = |to: Node, k: i64| {
                let (to, d) = constant(f, to);
                if let Some(w) = w.checked_sub(k).and_then(|w| w.checked_add(d)) {
                    todo.push((to, w));
                }
            };
            for &(to, k) in &self.above[self.index(at)] {
                step(to, k);
            }
            if at == ZERO {
                continue;
            }
            if let Some((z, k)) = addition(f, at)
                && let Some(minus) = k.checked_neg()
                && (k < 0 || self.does_not_overflow(f, at, z, k, depth))
            {
                step(z.into(), minus);
            }
            if w >= 0 && self.is_never_negative(f, Value(at.0), depth) {
                return true;
            }
        }
        false
    }

    /// `at = z + k` is the sum, not what it wraps to.
    fn does_not_overflow(&self, f: &Func, at: Node, z: Value, k: i64, depth: u32) -> bool {
        let (min, max) = (min_of(f.ty(z)), max_of(f.ty(z)));
        let at = Value(at.0);
        if k > 0 {
            // A sum that wraps is among the smallest numbers.
            self.ask(f, z.into(), ZERO, max - k, depth + 1) || self.at_least(f, at, min + k, depth + 1)
        } else {
            self.at_least(f, z, min - k, depth + 1) || self.ask(f, at.into(), ZERO, max + k, depth + 1)
        }
    }

    /// What the definition of `v` says it is at most.
    fn upper_bounds(&self, f: &Func, v: Value, depth: u32, step: &mut impl FnMut(Node, i64)) {
        let Some(inst) = f.def_inst(v) else { return };
        let data = f.inst(inst);
        let arg_const = |n: usize| data.args.get(n).and_then(|&a| f.as_const(a));
        match data.op {
            Op::Conv(ConvOp::Zext) if f.ty(data.args[0]).bytes() < 8 => {
                let narrow = f.ty(data.args[0]);
                step(ZERO, fold::unsigned(narrow, -1) as i64);
                if self.at_least(f, data.args[0], 0, depth + 1) {
                    step(data.args[0].into(), 0);
                }
            }
            Op::Conv(ConvOp::Sext) => step(data.args[0].into(), 0),
            Op::Bin(BinOp::And) => {
                for (n, &a) in data.args.iter().enumerate() {
                    if arg_const(n).is_some_and(|c| c >= 0) || self.at_least(f, a, 0, depth + 1) {
                        step(a.into(), 0);
                    }
                }
            }
            Op::Bin(BinOp::UShr) => {
                if let Some(k @ 1..) = arg_const(1).map(|k| k as u32 % fold::bits(f.ty(v))) {
                    step(ZERO, (fold::unsigned(f.ty(v), -1) >> k) as i64);
                    if self.at_least(f, data.args[0], 0, depth + 1) {
                        step(data.args[0].into(), 0);
                    }
                }
            }
            Op::Bin(BinOp::Shr) | Op::Bin(BinOp::UDiv | BinOp::Div | BinOp::URem | BinOp::Rem) => {
                let is_remainder = matches!(data.op, Op::Bin(BinOp::URem | BinOp::Rem));
                if let Some(c) = arg_const(1)
                    && c > 0
                {
                    if is_remainder {
                        step(ZERO, c - 1);
                    }
                    if self.at_least(f, data.args[0], 0, depth + 1) {
                        step(data.args[0].into(), 0);
                    }
                }
            }
            // Of two numbers that are not negative: it does not wrap.
            Op::Bin(BinOp::Sub) if data.args.iter().all(|&a| self.at_least(f, a, 0, depth + 1)) => {
                step(data.args[0].into(), 0);
            }
            _ => {}
        }
    }

    fn is_never_negative(&self, f: &Func, v: Value, depth: u32) -> bool {
        let Some(inst) = f.def_inst(v) else { return false };
        let data = f.inst(inst);
        let constant = data.args.get(1).and_then(|&a| f.as_const(a));
        let ask = |n: usize| self.at_least(f, data.args[n], 0, depth + 1);
        match data.op {
            Op::Conv(ConvOp::Zext) => f.ty(data.args[0]).bytes() < f.ty(v).bytes(),
            Op::Conv(ConvOp::Sext) => ask(0),
            Op::Bin(BinOp::And) => constant.is_some_and(|c| c >= 0) || ask(0) || ask(1),
            Op::Bin(BinOp::Or) => ask(0) && ask(1),
            Op::Bin(BinOp::UShr) => {
                constant.is_some_and(|k| !(k as u32).is_multiple_of(fold::bits(f.ty(v)))) || ask(0)
            }
            Op::Bin(BinOp::UDiv) => constant.is_some_and(|c| c > 1),
            Op::Bin(BinOp::Shr | BinOp::Rem) => ask(0),
            Op::Bin(BinOp::URem) => constant.is_some_and(|c| c > 0),
            Op::Bin(BinOp::Div) => constant.is_some_and(|c| c > 0) && ask(0),
            // x - y where y <= x: no wrapping, since both are numbers that have been compared.
            Op::Bin(BinOp::Sub) => {
                let (x, y) = (data.args[0], data.args[1]);
                ask(1) && self.ask(f, y.into(), x.into(), 0, depth + 1)
            }
            Op::Select => ask(1) && ask(2),
            Op::Un(op) => matches!(op, crate::op::UnOp::Clz | crate::op::UnOp::Ctz | crate::op::UnOp::Popcnt),
            _ => false,
        }
    }
}

/// A constant is so far from 0.
fn constant(f: &Func, n: Node) -> (Node, i64) {
    if n == ZERO {
        return (n, 0);
    }
    let v = Value(n.0);
    match f.as_const(v) {
        Some(c) => (ZERO, fold::wrap(f.ty(v), c)),
        None => (n, 0),
    }
}

/// `n` is `z + k`, wrapping.
pub fn addition(f: &Func, n: Node) -> Option<(Value, i64)> {
    if n == ZERO {
        return None;
    }
    let ValueDef::Result(inst, 0) = f.values[n.0 as usize].def else { return None };
    added(f, inst)
}

fn added(f: &Func, inst: Inst) -> Option<(Value, i64)> {
    let data = f.inst(inst);
    let Op::Bin(BinOp::Add) = data.op else { return None };
    let (z, ty) = (f.resolve(data.args[0]), f.ty(data.args[0]));
    let k = fold::wrap(ty, f.as_const(data.args[1])?);
    (ty.is_int() && k != 0 && k.unsigned_abs() < 1 << 32).then_some((z, k))
}
