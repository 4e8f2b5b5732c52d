//! Calls as constraints of [`super::escape_graph`]: by the summary of what is called, or, where that is a function
//! value, of what it is found to point to.

use super::escape_graph::{Graph, HEAP, Kind, Node, Obj};
use crate::ir::Func;
use crate::module::Sym;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// Where something ends up. Bit sets by index; what has a higher index counts as the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Flow {
    pub heap: bool,
    /// Results that may be it.
    pub results: u32,
    /// Parameters from which it can be reached afterwards.
    pub params: u32,
}

impl Flow {
    pub const ALL: Flow = Flow { heap: true, results: 0, params: 0 };

    pub fn is_none(&self) -> bool {
        *self == Flow::default()
    }
}

/// What a function does with one pointer that it is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ParamFlow {
    pub own: Flow,
    /// Of what the object that it points to refers to.
    pub inner: Flow,
    /// Of what can be reached from that.
    pub beyond: Flow,
    /// Pointers to the heap are stored there.
    pub written: bool,
    /// It is called as a function of which nothing is known, and this becomes of the pointers that it returns.
    pub returned: Option<Flow>,
}

impl ParamFlow {
    pub const UNKNOWN: ParamFlow =
        ParamFlow { own: Flow::ALL, inner: Flow::ALL, beyond: Flow::ALL, written: true, returned: None };

    /// From what is near to what is far.
    pub fn levels(&self) -> [&Flow; 3] {
        [&self.own, &self.inner, &self.beyond]
    }
}

/// By parameter, the closure object last.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    pub params: Vec<ParamFlow>,
}

impl Summary {
    /// Of a function of which nothing is known.
    pub fn unknown(f: &Func) -> Summary {
        Summary { params: vec![ParamFlow::UNKNOWN; f.block(f.entry()).params.len()] }
    }

    /// Of a function that keeps nothing.
    pub fn none(f: &Func) -> Summary {
        Summary { params: vec![Default::default(); f.block(f.entry()).params.len()] }
    }

    pub fn is_useless(&self) -> bool {
        self.params.iter().all(|p| *p == ParamFlow::UNKNOWN)
    }
}

/// A call whose targets are found out while solving.
struct Indirect {
    callee: Node,
    seen: FxHashSet<Obj>,
    kind: IndirectKind,
}

enum IndirectKind {
    /// Of the function itself.
    Call { args: Vec<Node>, results: Vec<Node>, is_unknown: bool },
    /// Somewhere in a function that is called: what its arguments are is not known, and this is what it returns.
    Within { result: Node },
}

pub struct Calls<'a> {
    pub summary_of: &'a dyn Fn(Sym) -> Option<Summary>,
    /// Closure objects that the function makes, with their code.
    pub code: FxHashMap<Obj, Sym>,
    indirect: Vec<Indirect>,
    /// By parameter: what it returns when it is called.
    returned: FxHashMap<u32, Obj>,
}

impl<'a> Calls<'a> {
    pub fn new(summary_of: &'a dyn Fn(Sym) -> Option<Summary>) -> Calls<'a> {
        Calls { summary_of, code: FxHashMap::default(), indirect: Vec::new(), returned: FxHashMap::default() }
    }

    /// A call of a function value.
    pub fn indirect(&mut self, g: &mut Graph, callee: Node, args: Vec<Node>, results: Vec<Node>) {
        self.add(g, callee, IndirectKind::Call { args, results, is_unknown: false });
    }

    fn add(&mut self, g: &mut Graph, callee: Node, kind: IndirectKind) {
        let call = self.indirect.len() as u32;
        self.indirect.push(Indirect { callee, seen: FxHashSet::default(), kind });
        g.call(callee, call);
    }

    /// An indirect call is found to go to a function object.
    pub fn target(&mut self, g: &mut Graph, call: u32, o: Obj) {
        let Indirect { callee, seen, kind } = &mut self.indirect[call as usize];
        if !seen.insert(o) {
            return;
        }
        let callee = *callee;
        let summary = self.code.get(&o).and_then(|&code| (self.summary_of)(code));
        match kind {
            IndirectKind::Call { args, results, is_unknown } => {
                let results = results.clone();
                // A function need not take its closure object.
                if let Some(s) = summary
                    && (s.params.len() == args.len() + 1 || s.params.len() == args.len())
                {
                    let args = args.iter().copied().chain([callee]).collect::<Vec<_>>();
                    return self.apply(g, &s, &args, &results);
                }
                if !std::mem::replace(is_unknown, true) {
                    for &a in args.iter() {
                        g.include(a, g.escaping);
                    }
                    for &r in &results {
                        g.point(r, HEAP);
                    }
                }
                for r in results {
                    self.unknown_returns(g, o, r);
                }
            }
            IndirectKind::Within { result } => {
                let result = *result;
                match summary {
                    Some(s) => {
                        let Some(closure) = s.params.last() else { return };
                        let at = g.node();
                        g.point(at, o);
                        for (level, flow) in closure.levels().into_iter().enumerate() {
                            if flow.results != 0 {
                                let what = g.at_level(at, level);
                                g.include(what, result);
                            }
                        }
                    }
                    None => self.unknown_returns(g, o, result),
                }
            }
        }
    }

    /// What a function object, of whose code nothing is known, returns. Its own variables are seen to where it is
    /// made.
    fn unknown_returns(&mut self, g: &mut Graph, o: Obj, result: Node) {
        match g.kind(o) {
            Kind::Heap => {}
            // The caller may know more.
            Kind::Param(i) => {
                let returned = *self.returned.entry(i).or_insert_with(|| {
                    let returned = g.object(Kind::Returned(i));
                    let contents = g.contents(returned);
                    g.point(contents, returned);
                    returned
                });
                g.point(result, returned);
            }
            _ => {
                let at = g.node();
                g.point(at, o);
                let beyond = g.beyond(at);
                g.include(beyond, result);
            }
        }
    }

    /// What a call of a function with that summary does.
    pub fn apply(&mut self, g: &mut Graph, s: &Summary, args: &[Node], results: &[Node]) {
        for &r in results {
            g.point(r, HEAP);
        }
        for (p, &arg) in s.params.iter().zip(args) {
            for (level, flow) in p.levels().into_iter().enumerate().filter(|(_, flow)| !flow.is_none()) {
                let what = g.at_level(arg, level);
                flows(g, flow, what, args, results);
            }
            if p.written {
                let reach = g.reach(arg);
                g.store(reach, g.heap);
            }
            if let Some(flow) = &p.returned {
                let result = g.node();
                self.add(g, arg, IndirectKind::Within { result });
                let reach = g.reach(result);
                flows(g, flow, reach, args, results);
                g.store(reach, g.heap);
            }
        }
    }
}

fn flows(g: &mut Graph, flow: &Flow, what: Node, args: &[Node], results: &[Node]) {
    if flow.heap {
        g.include(what, g.escaping);
    }
    for (j, &r) in results.iter().enumerate().take(32) {
        if flow.results & (1 << j) != 0 {
            g.include(what, r);
        }
    }
    for (k, &a) in args.iter().enumerate().take(32) {
        if flow.params & (1 << k) != 0 {
            let reach = g.reach(a);
            g.store(reach, what);
        }
    }
}
