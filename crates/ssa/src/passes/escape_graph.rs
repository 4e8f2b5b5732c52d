//! Which objects a pointer of a function may point to: inclusion constraints between the values and the
//! contents of objects (Andersen, "Program Analysis and Specialization for the C Programming Language"),
//! blind to fields and to the order of statements.

use smallvec::SmallVec;

/// A value, the contents of an object, or a set in between.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Node(pub u32);

/// Something that a pointer points to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Obj(pub u32);

/// All that is not the function's own: the heap, package variables, what other code knows. Objects that
/// have escaped are part of it.
pub const HEAP: Obj = Obj(0);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Heap,
    /// What parameter n points to.
    Param(u32),
    /// What is referred to from there.
    Inner(u32),
    /// What can be reached from that.
    Beyond(u32),
    /// What is returned where parameter n is called, and all that can be reached from it.
    Returned(u32),
    /// An allocation, or a slot: to be kept from escaping.
    Own,
}

#[derive(Default)]
struct NodeData {
    points_to: SmallVec<[Obj; 2]>,
    /// How much of `points_to` has been passed on.
    done: u32,
    /// Sets that include this one.
    into: SmallVec<[Node; 2]>,
    /// Sets that include the contents of what this points to.
    loads: SmallVec<[Node; 1]>,
    /// Sets that are stored into what this points to.
    stores: SmallVec<[Node; 1]>,
    /// Calls of what this points to.
    calls: SmallVec<[u32; 1]>,
    queued: bool,
}

pub struct Graph {
    nodes: Vec<NodeData>,
    objects: Vec<(Kind, Node)>,
    work: Vec<Node>,
    /// What is in here escapes.
    pub escaping: Node,
    /// As `escaping`, of the function's own objects alone.
    pub leaving: Node,
    pub heap: Node,
    steps: usize,
}

impl Default for Graph {
    fn default() -> Graph {
        let mut g = Graph {
            nodes: Vec::new(),
            objects: Vec::new(),
            work: Vec::new(),
            escaping: Node(0),
            leaving: Node(0),
            heap: Node(0),
            steps: 0,
        };
        (g.escaping, g.leaving, g.heap) = (g.node(), g.node(), g.node());
        let heap = g.object(Kind::Heap);
        g.point(g.heap, heap);
        g.include(g.heap, g.contents(heap));
        // What can be reached from what escapes escapes, and may be given anything.
        g.load(g.escaping, g.escaping);
        g.store(g.escaping, g.heap);
        g
    }
}

impl Graph {
    pub fn node(&mut self) -> Node {
        self.nodes.push(NodeData::default());
        Node(self.nodes.len() as u32 - 1)
    }

    pub fn object(&mut self, kind: Kind) -> Obj {
        let contents = self.node();
        self.objects.push((kind, contents));
        Obj(self.objects.len() as u32 - 1)
    }

    /// What `object` gives next.
    pub fn next_object(&self) -> Obj {
        Obj(self.objects.len() as u32)
    }

    pub fn kind(&self, o: Obj) -> Kind {
        self.objects[o.0 as usize].0
    }

    pub fn contents(&self, o: Obj) -> Node {
        self.objects[o.0 as usize].1
    }

    pub fn objects(&self) -> impl Iterator<Item = Obj> + use<> {
        (0..self.objects.len() as u32).map(Obj)
    }

    pub fn points_to(&self, n: Node) -> &[Obj] {
        &self.nodes[n.0 as usize].points_to
    }

    pub fn has_escaped(&self, o: Obj) -> bool {
        self.points_to(self.escaping).contains(&o)
    }

    fn queue(&mut self, n: Node) {
        if !std::mem::replace(&mut self.nodes[n.0 as usize].queued, true) {
            self.work.push(n);
        }
    }

    pub fn point(&mut self, n: Node, o: Obj) {
        let set = &mut self.nodes[n.0 as usize].points_to;
        if !set.contains(&o) {
            set.push(o);
            self.queue(n);
        }
    }

    /// `into` ⊇ `from`
    pub fn include(&mut self, from: Node, into: Node) {
        let known = &mut self.nodes[from.0 as usize].into;
        // To look through a long list costs more than to have something in it twice.
        if from == into || (known.len() <= 8 && known.contains(&into)) {
            return;
        }
        known.push(into);
        for i in 0..self.nodes[from.0 as usize].points_to.len() {
            let o = self.nodes[from.0 as usize].points_to[i];
            self.point(into, o);
        }
    }

    /// `into` ⊇ contents of what `from` points to
    pub fn load(&mut self, from: Node, into: Node) {
        self.nodes[from.0 as usize].loads.push(into);
        for i in 0..self.nodes[from.0 as usize].done as usize {
            let o = self.nodes[from.0 as usize].points_to[i];
            self.loaded(o, into);
        }
    }

    /// Contents of what `at` points to ⊇ `value`
    pub fn store(&mut self, at: Node, value: Node) {
        self.nodes[at.0 as usize].stores.push(value);
        for i in 0..self.nodes[at.0 as usize].done as usize {
            let o = self.nodes[at.0 as usize].points_to[i];
            self.stored(o, value);
        }
    }

    /// `solve` tells of whatever `callee` is found to point to.
    pub fn call(&mut self, callee: Node, call: u32) {
        self.nodes[callee.0 as usize].calls.push(call);
        self.nodes[callee.0 as usize].done = 0;
        self.queue(callee);
    }

    /// What a pointer reaches by one or more steps.
    pub fn beyond(&mut self, n: Node) -> Node {
        let out = self.node();
        self.load(n, out);
        self.load(out, out);
        out
    }

    /// What a pointer points to (0), what that refers to (1), all beyond (2).
    pub fn at_level(&mut self, n: Node, level: usize) -> Node {
        if level == 0 {
            return n;
        }
        let inner = self.node();
        self.load(n, inner);
        if level == 1 { inner } else { self.beyond(inner) }
    }

    /// What a pointer points to, and all beyond.
    pub fn reach(&mut self, n: Node) -> Node {
        let out = self.node();
        self.include(n, out);
        self.load(out, out);
        out
    }

    fn loaded(&mut self, o: Obj, into: Node) {
        match self.kind(o) {
            Kind::Heap => self.point(into, o),
            _ => self.include(self.contents(o), into),
        }
    }

    fn stored(&mut self, o: Obj, value: Node) {
        let contents = self.contents(o);
        match self.kind(o) {
            // Nothing is learnt of the heap: what is there points to the heap.
            Kind::Heap => self.include(value, self.escaping),
            Kind::Param(_) | Kind::Inner(_) | Kind::Beyond(_) | Kind::Returned(_) => {
                self.include(value, contents);
                self.include(value, self.leaving);
            }
            Kind::Own => self.include(value, contents),
        }
    }

    /// The smallest solution; `None` where it takes more than `limit` steps. `called` is given the call and
    /// what is called there.
    pub fn solve(&mut self, limit: usize, mut called: impl FnMut(&mut Graph, u32, Obj)) -> Option<()> {
        while let Some(n) = self.work.pop() {
            let i = n.0 as usize;
            self.nodes[i].queued = false;
            while (self.nodes[i].done as usize) < self.nodes[i].points_to.len() {
                let o = self.nodes[i].points_to[self.nodes[i].done as usize];
                self.nodes[i].done += 1;
                self.steps += 1 + self.nodes[i].into.len() + self.nodes[i].points_to.len() / 8;
                if self.steps > limit {
                    return None;
                }
                for k in 0..self.nodes[i].into.len() {
                    let to = self.nodes[i].into[k];
                    self.point(to, o);
                }
                for k in 0..self.nodes[i].loads.len() {
                    let to = self.nodes[i].loads[k];
                    self.loaded(o, to);
                }
                for k in 0..self.nodes[i].stores.len() {
                    let value = self.nodes[i].stores[k];
                    self.stored(o, value);
                }
                for k in 0..self.nodes[i].calls.len() {
                    let call = self.nodes[i].calls[k];
                    called(self, call, o);
                }
                if n == self.leaving && self.kind(o) == Kind::Own {
                    self.point(self.escaping, o);
                }
            }
        }
        Some(())
    }
}
