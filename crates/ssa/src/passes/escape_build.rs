//! A function's instructions as constraints of [`super::escape_graph`], and the summary of what it does with
//! its parameters.

use super::buffers;
use super::escape;
use super::escape_calls::{Calls, Flow, ParamFlow, Summary};
use super::escape_graph::{Graph, HEAP, Kind, Node, Obj};
use super::escape_runtime::{self, Use};
use crate::ir::{Block, Func, Inst, Term, Ty, Value};
use crate::module::Sym;
use crate::op::{BinOp, ConvOp, Op};
use goxide_abi::Entry;
use rustc_hash::FxHashSet;

/// Memory that a function makes, of a size that is known.
#[derive(Clone, Copy, Debug)]
pub struct Allocation {
    pub inst: Inst,
    pub obj: Obj,
    pub size: u32,
    pub align: u32,
    /// A runtime entry makes it, which could use a buffer of that size instead.
    pub is_buffer: bool,
}

/// The solved constraints of a function.
pub struct Solved {
    pub graph: Graph,
    pub values: Vec<Option<Node>>,
    pub news: Vec<Allocation>,
    pub slots: Vec<Obj>,
    /// What becomes of it: these allocations, and their blocks.
    pub in_frame: Vec<(Allocation, Block)>,
    results: Vec<Node>,
    /// Of each parameter what it points to, by level.
    params: Vec<Option<[Obj; 3]>>,
}

pub struct Builder<'a> {
    f: &'a Func,
    g: Graph,
    values: Vec<Option<Node>>,
    news: Vec<Allocation>,
    slots: Vec<Obj>,
    results: Vec<Node>,
    params: Vec<Option<[Obj; 3]>>,
    calls: Calls<'a>,
    tracks_ints: bool,
}

/// Steps of the solver; beyond, nothing is said of a function.
const LIMIT: usize = 4_000_000;

/// `None`: too large to be told. `size_of` gives the size of the type whose descriptor a symbol is.
pub fn solve(
    f: &Func,
    size_of: &dyn Fn(Sym) -> Option<u32>,
    code_of: &dyn Fn(Value) -> Option<Sym>,
    summary_of: &dyn Fn(Sym) -> Option<Summary>,
) -> Option<Solved> {
    let mut b = Builder {
        f,
        g: Graph::default(),
        values: vec![None; f.values.len()],
        news: Vec::new(),
        slots: Vec::new(),
        results: Vec::new(),
        params: Vec::new(),
        calls: Calls::new(summary_of),
        tracks_ints: false,
    };
    b.declare(size_of, code_of);
    for &block in &f.order {
        for &inst in &f.block(block).insts {
            b.inst(inst);
        }
        b.term(&f.block(block).term);
    }
    let Builder { g, mut calls, .. } = b;
    let mut solved = Solved {
        graph: g,
        values: b.values,
        news: b.news,
        slots: b.slots,
        in_frame: Vec::new(),
        results: b.results,
        params: b.params,
    };
    let mut on_heap: FxHashSet<Obj> = FxHashSet::default();
    loop {
        solved.graph.solve(LIMIT, |g, call, o| calls.target(g, call, o))?;
        solved.in_frame = escape::in_frame(f, &solved);
        // Nothing on the heap refers to a frame, as in gc: the collector looks for what a frame needs in
        // frames alone. What is larger than its buffer is on the heap too.
        let in_frame: FxHashSet<Obj> = solved.in_frame.iter().map(|(new, _)| new.obj).collect();
        let may_stay = solved.news.iter().filter(|new| new.is_buffer || !in_frame.contains(&new.obj));
        let more: Vec<Obj> = may_stay.map(|new| new.obj).filter(|&o| on_heap.insert(o)).collect();
        if more.is_empty() {
            return Some(solved);
        }
        for o in more {
            let contents = solved.graph.contents(o);
            solved.graph.include(contents, solved.graph.escaping);
        }
    }
}

/// What an instruction allocates: an object, a slice of a constant length, what may get a buffer. The node
/// `obj` stands for it.
fn allocated(f: &Func, inst: Inst, size_of: &dyn Fn(Sym) -> Option<u32>, obj: Obj) -> Option<Allocation> {
    let data = f.inst(inst);
    let whole = |size, align| Some(Allocation { inst, obj, size, align, is_buffer: false });
    if let Op::New { size, align, .. } = data.op {
        return whole(size, align);
    }
    if let Some(bytes) = buffers::constant_slice(f, inst, size_of) {
        return whole(bytes, 8);
    }
    let size = buffers::size(f, inst, size_of)?;
    Some(Allocation { inst, obj, size, align: 8, is_buffer: true })
}

impl Builder<'_> {
    fn declare(&mut self, size_of: &dyn Fn(Sym) -> Option<u32>, code_of: &dyn Fn(Value) -> Option<Sym>) {
        let f = self.f;
        self.tracks_ints = f.order.iter().any(|&b| {
            f.block(b).insts.iter().any(|&i| {
                let data = f.inst(i);
                data.op == Op::Conv(ConvOp::Bits) && f.ty(data.args[0]) == Ty::Ptr
            })
        });
        for _ in &f.slots {
            let o = self.g.object(Kind::Own);
            self.slots.push(o);
        }
        for (i, &p) in f.block(f.entry()).params.iter().enumerate() {
            if f.ty(p) != Ty::Ptr {
                self.params.push(None);
                continue;
            }
            let i = i as u32;
            let levels = [Kind::Param(i), Kind::Inner(i), Kind::Beyond(i)].map(|kind| self.g.object(kind));
            let n = self.value_node(p);
            self.g.point(n, levels[0]);
            for (from, to) in steps(levels) {
                self.g.point(self.g.contents(from), to);
            }
            self.params.push(Some(levels));
        }
        for _ in &f.results {
            let n = self.g.node();
            self.g.include(n, self.g.leaving);
            self.results.push(n);
        }
        for &b in &f.order {
            for &inst in &f.block(b).insts {
                if matches!(f.inst(inst).op, Op::New { .. } | Op::CallRt(_))
                    && let Some(new) = allocated(f, inst, size_of, self.g.next_object())
                {
                    let v = f.result(inst);
                    let obj = self.g.object(Kind::Own);
                    self.news.push(new);
                    let n = self.value_node(v);
                    self.g.point(n, obj);
                    if buffers::is_map(f, inst) {
                        // Its groups may be on the heap.
                        self.g.include(self.g.contents(obj), self.g.escaping);
                    }
                    if let Some(code) = code_of(v) {
                        self.closure(obj, code);
                    }
                }
                if let Op::SlotAddr(slot, _) = f.inst(inst).op
                    && let Some(code) = code_of(f.result(inst))
                {
                    self.closure(self.slots[slot.index()], code);
                }
            }
        }
    }

    /// Whoever gets hold of a closure object may call it: what its body does with its variables it does
    /// already here.
    fn closure(&mut self, o: Obj, code: Sym) {
        if self.calls.code.insert(o, code).is_some() {
            return;
        }
        let at = self.g.node();
        self.g.point(at, o);
        let Some(s) = (self.calls.summary_of)(code) else {
            // Nothing is known of the body.
            let beyond = self.g.beyond(at);
            self.g.include(beyond, self.g.escaping);
            self.g.store(at, self.g.heap);
            return;
        };
        let Some((ctx, others)) = s.params.split_last() else { return };
        let own = 1u32.checked_shl(others.len() as u32).unwrap_or(0);
        for (level, flow) in ctx.levels().into_iter().enumerate().filter(|(_, flow)| !flow.is_none()) {
            let what = self.g.at_level(at, level);
            // What a caller finds in its arguments afterwards it takes for the heap's.
            if flow.heap || flow.params & !own != 0 {
                self.g.include(what, self.g.escaping);
            }
            if flow.params & own != 0 {
                let reach = self.g.reach(at);
                self.g.store(reach, what);
            }
        }
        if ctx.written {
            let reach = self.g.reach(at);
            self.g.store(reach, self.g.heap);
        }
    }

    fn is_tracked(&self, v: Value) -> bool {
        match self.f.ty(v) {
            Ty::Ptr => true,
            Ty::I64 => self.tracks_ints,
            _ => false,
        }
    }

    fn value_node(&mut self, v: Value) -> Node {
        let v = self.f.resolve(v);
        if let Some(n) = self.values[v.index()] {
            return n;
        }
        let n = self.g.node();
        self.values[v.index()] = Some(n);
        n
    }

    /// The node of a value that may be a pointer.
    fn node(&mut self, v: Value) -> Option<Node> {
        self.is_tracked(v).then(|| self.value_node(v))
    }

    fn pass(&mut self, from: Value, to: Value) {
        if let (Some(from), Some(to)) = (self.node(from), self.node(to)) {
            self.g.include(from, to);
        }
    }

    fn escape(&mut self, v: Value) {
        if let Some(n) = self.node(v) {
            self.g.include(n, self.g.escaping);
        }
    }

    fn term(&mut self, term: &Term) {
        for t in term.targets() {
            for (&arg, &param) in t.args.iter().zip(&self.f.block(t.block).params) {
                self.pass(arg, param);
            }
        }
        if let Term::Return(values) = term {
            for (i, &v) in values.iter().enumerate() {
                if let Some(n) = self.node(v) {
                    self.g.include(n, self.results[i]);
                }
            }
        }
    }

    fn result_nodes(&mut self, inst: Inst) -> Vec<Node> {
        let results = self.f.inst(inst).results.clone();
        results.iter().map(|&r| self.value_node(r)).collect()
    }

    fn arg_nodes(&mut self, args: &[Value]) -> Vec<Node> {
        args.iter()
            .map(|&a| match self.f.ty(a) {
                Ty::Ptr => self.value_node(a),
                // No callee tells what it does with a pointer that travels as an integer.
                _ => {
                    self.escape(a);
                    self.g.node()
                }
            })
            .collect()
    }

    fn inst(&mut self, inst: Inst) {
        let f = self.f;
        let data = f.inst(inst);
        let args = &data.args;
        match &data.op {
            Op::New { .. } => {}
            Op::SlotAddr(slot, _) => {
                let n = self.value_node(data.results[0]);
                self.g.point(n, self.slots[slot.index()]);
            }
            Op::SymAddr(..) => {
                let n = self.value_node(data.results[0]);
                self.g.point(n, HEAP);
            }
            Op::Const(c) => {
                if *c != 0 && f.ty(data.results[0]) == Ty::Ptr {
                    let n = self.value_node(data.results[0]);
                    self.g.point(n, HEAP);
                }
            }
            Op::Bin(op) => {
                if !matches!(op, BinOp::Div | BinOp::UDiv | BinOp::MulHi | BinOp::UMulHi) {
                    args.iter().for_each(|&a| self.pass(a, data.results[0]));
                }
            }
            Op::Conv(ConvOp::Hide) => {
                let n = self.value_node(data.results[0]);
                self.g.point(n, HEAP);
            }
            Op::Un(_) | Op::Conv(_) => self.pass(args[0], data.results[0]),
            Op::Select => {
                self.pass(args[1], data.results[0]);
                self.pass(args[2], data.results[0]);
            }
            Op::Load(_) => {
                if f.ty(data.results[0]) == Ty::Ptr {
                    let (from, to) = (self.value_node(args[0]), self.value_node(data.results[0]));
                    self.g.load(from, to);
                }
            }
            Op::Store(_) | Op::StorePtr(_) => match f.ty(args[1]) {
                Ty::Ptr => {
                    let (at, v) = (self.value_node(args[0]), self.value_node(args[1]));
                    self.g.store(at, v);
                }
                _ => self.escape(args[1]),
            },
            Op::Atomic(_) => {
                let at = self.value_node(args[0]);
                // What is compared is no less a value that may get there.
                for &v in &args[1..] {
                    match f.ty(v) {
                        Ty::Ptr => {
                            let v = self.value_node(v);
                            self.g.store(at, v);
                        }
                        _ => self.escape(v),
                    }
                }
                if let Some(&r) = data.results.first().filter(|&&r| f.ty(r) == Ty::Ptr) {
                    let r = self.value_node(r);
                    self.g.load(at, r);
                }
            }
            Op::Copy { .. } => self.copy(args[0], args[1]),
            Op::Call { callee, .. } => {
                let nodes = self.arg_nodes(args);
                let results = self.result_nodes(inst);
                match (self.calls.summary_of)(*callee) {
                    Some(s) if s.params.len() <= nodes.len() => {
                        self.calls.apply(&mut self.g, &s, &nodes, &results);
                    }
                    _ => self.unknown_call(&nodes, &results),
                }
            }
            Op::CallClosure => {
                let nodes = self.arg_nodes(&args[1..]);
                let (callee, results) = (self.value_node(args[0]), self.result_nodes(inst));
                self.calls.indirect(&mut self.g, callee, nodes, results);
            }
            Op::CallPtr => {
                let (nodes, results) = (self.arg_nodes(&args[1..]), self.result_nodes(inst));
                self.unknown_call(&nodes, &results);
            }
            Op::CallRt(entry) => {
                if escape_runtime::is_copy(*entry) {
                    self.copy(args[0], args[1]);
                }
                let results = self.result_nodes(inst);
                if *entry != Entry::MakeSlice || !self.news.iter().any(|n| n.inst == inst && !n.is_buffer) {
                    results.iter().for_each(|&r| self.g.point(r, HEAP));
                }
                for (i, &a) in args.iter().enumerate() {
                    if f.ty(a) != Ty::Ptr {
                        self.escape(a);
                        continue;
                    }
                    let n = self.value_node(a);
                    for &u in escape_runtime::uses(*entry, i) {
                        self.runtime_use(u, n, args.get(i + 1), &results);
                    }
                }
            }
            Op::FramePointer | Op::FConst(_) | Op::Fma | Op::Zero { .. } => {}
            Op::Cmp(_) | Op::Check(_) | Op::SafePoint | Op::KeepAlive => {}
        }
    }

    fn runtime_use(&mut self, u: Use, n: Node, next: Option<&Value>, results: &[Node]) {
        match u {
            Use::IntoNext => {
                if let Some(&next) = next {
                    let next = self.value_node(next);
                    self.g.store(next, n);
                }
            }
            Use::Escapes => self.g.include(n, self.g.escaping),
            Use::ContentsEscape => {
                let beyond = self.g.beyond(n);
                self.g.include(beyond, self.g.escaping);
            }
            Use::Written => {
                let reach = self.g.reach(n);
                self.g.store(reach, self.g.heap);
            }
            Use::Result => self.g.include(n, results[0]),
            Use::ContentsResult => {
                let beyond = self.g.beyond(n);
                self.g.include(beyond, results[0]);
            }
        }
    }

    fn unknown_call(&mut self, args: &[Node], results: &[Node]) {
        for &a in args {
            self.g.include(a, self.g.escaping);
        }
        for &r in results {
            self.g.point(r, HEAP);
        }
    }

    fn copy(&mut self, dst: Value, src: Value) {
        let (dst, src) = (self.value_node(dst), self.value_node(src));
        let between = self.g.node();
        self.g.load(src, between);
        self.g.store(dst, between);
    }
}

/// What the objects of a parameter's levels refer to.
fn steps([own, inner, beyond]: [Obj; 3]) -> [(Obj, Obj); 3] {
    [(own, inner), (inner, beyond), (beyond, beyond)]
}

impl Solved {
    /// An object that the function makes may be a result.
    pub fn makes_result(&self) -> bool {
        let is_made = |o: &Obj| self.news.iter().any(|new| new.obj == *o && !new.is_buffer);
        self.results.iter().any(|&r| self.graph.points_to(r).iter().any(is_made))
    }

    /// What callers need to know.
    pub fn summary(&self) -> Summary {
        let mut out = vec![ParamFlow::default(); self.params.len()];
        // Bit sets hold 32; what is beyond counts as the heap.
        let bit = |n: usize| 1u32.checked_shl(n as u32);
        let g = &self.graph;
        let mut note = |o: Obj, set: &dyn Fn(&mut Flow)| match g.kind(o) {
            Kind::Param(i) => set(&mut out[i as usize].own),
            Kind::Inner(i) => set(&mut out[i as usize].inner),
            Kind::Beyond(i) => set(&mut out[i as usize].beyond),
            Kind::Returned(i) => set(out[i as usize].returned.get_or_insert_default()),
            Kind::Heap | Kind::Own => {}
        };
        for o in g.objects().filter(|&o| matches!(g.kind(o), Kind::Returned(_))) {
            for &stored in g.points_to(g.contents(o)).iter().filter(|&&stored| stored != o) {
                note(o, &|_| ());
                // What is stored there has no name but this.
                note(stored, &|f| f.heap = true);
            }
        }
        for &o in g.points_to(g.escaping) {
            note(o, &|f| f.heap = true);
        }
        for (j, &r) in self.results.iter().enumerate() {
            for &o in g.points_to(r) {
                note(o, &|f| match bit(j) {
                    Some(b) => f.results |= b,
                    None => f.heap = true,
                });
            }
        }
        for (k, p) in self.params.iter().enumerate() {
            let Some(levels) = *p else { continue };
            for (at, natural) in steps(levels) {
                for &o in g.points_to(g.contents(at)) {
                    if o == natural {
                        continue;
                    }
                    note(o, &|f| match bit(k) {
                        Some(b) => f.params |= b,
                        None => f.heap = true,
                    });
                }
            }
        }
        for (k, p) in self.params.iter().enumerate() {
            let Some(levels) = *p else { continue };
            let out = &mut out[k];
            out.written = levels.iter().any(|&at| g.points_to(g.contents(at)).contains(&HEAP));
            // What escapes takes along what can be reached from it.
            out.inner.heap |= out.own.heap;
            out.beyond.heap |= out.inner.heap;
            if out.own.heap {
                out.returned = None;
            }
        }
        // What has escaped is part of the heap, wherever else it is.
        for i in 0..out.len() {
            let ParamFlow { own, inner, beyond, returned, .. } = &mut out[i];
            let flows = [own, inner, beyond].into_iter().chain(returned);
            let at = flows.filter(|flow| flow.heap).map(|flow| std::mem::replace(flow, Flow::ALL).params);
            let at = at.fold(0, |all, params| all | params);
            for (k, p) in out.iter_mut().enumerate() {
                p.written |= bit(k).is_some_and(|b| at & b != 0);
            }
        }
        Summary { params: out }
    }
}
