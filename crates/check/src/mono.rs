//! Instantiations that would go on for ever (as `types2/mono.go`): a graph of which type parameters get
//! types made from which; a cycle in which types grow cannot be monomorphized.

use crate::checker::Checker;
use goxide_source::Pos;
use goxide_types::*;
use rustc_hash::FxHashMap;

#[derive(Default)]
pub(crate) struct MonoGraph {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    /// Type parameters of receivers stand for those of the type.
    pub canon: FxHashMap<TypeId, TypeId>,
    index: FxHashMap<ObjId, Option<usize>>,
}

struct Vertex {
    weight: usize,
    /// The last edge of the heaviest path to it, and that path's length.
    before: usize,
    len: usize,
    obj: ObjId,
    is_param: bool,
}

struct Edge {
    to: usize,
    from: usize,
    weight: usize,
    pos: Pos,
    ty: TypeId,
}

impl MonoGraph {
    fn vertex(&mut self, obj: ObjId, is_param: bool) -> usize {
        self.vertices.push(Vertex { weight: 0, before: 0, len: 0, obj, is_param });
        self.vertices.len() - 1
    }

    fn param_vertex(&mut self, s: &Store, p: TypeId) -> Option<usize> {
        let p = self.canon.get(&p).copied().unwrap_or(p);
        let obj = s.type_name(p)?;
        if let Some(&v) = self.index.get(&obj) {
            return v;
        }
        let v = self.vertex(obj, true);
        self.index.insert(obj, Some(v));
        Some(v)
    }

    /// A type declared inside a generic function depends on that function's type parameters.
    fn local_vertex(&mut self, s: &Store, n: &Named) -> Option<usize> {
        if let Some(&v) = self.index.get(&n.obj) {
            return v;
        }
        let mut v = None;
        for &p in &n.outer_params {
            let to = *v.get_or_insert_with(|| self.vertex(n.obj, false));
            let from = self.param_vertex(s, p)?;
            self.edges.push(Edge { to, from, weight: 1, pos: s.obj(n.obj).pos, ty: p });
        }
        self.index.insert(n.obj, v);
        v
    }
}

impl<'a> Checker<'a> {
    pub fn record_mono(&mut self, pos: &dyn Fn(usize) -> Pos, tparams: &[TypeId], targs: &[TypeId]) {
        let s = self.store;
        for (i, (&p, &arg)) in tparams.iter().zip(targs).enumerate() {
            let own = s.type_name(p).and_then(|o| s.obj(o).pkg) == Some(self.pkg);
            if own {
                self.flow(pos(i), p, arg, arg, 0);
            }
        }
    }

    fn flow(&mut self, pos: Pos, p: TypeId, arg: TypeId, t: TypeId, depth: u32) {
        let s = self.store;
        if depth > 100 {
            return;
        }
        let t = s.unalias(t);
        let from = match s.ty(t) {
            Type::TypeParam(_) => self.mono.param_vertex(s, t),
            Type::Named(n) => match s.ty(s.origin(t)) {
                Type::Named(o) if s.obj(n.obj).pkg == Some(self.pkg) => self.mono.local_vertex(s, o),
                _ => None,
            },
            _ => None,
        };
        if let (Some(from), Some(to)) = (from, self.mono.param_vertex(s, p)) {
            let weight = usize::from(t != s.unalias(arg));
            self.mono.edges.push(Edge { to, from, weight, pos, ty: arg });
        }
        let mut go = |t: TypeId| self.flow(pos, p, arg, t, depth + 1);
        match s.ty(t) {
            Type::Named(n) => n.type_args().iter().for_each(|&a| go(a)),
            Type::Array { elem, .. } | Type::Slice { elem } | Type::Pointer { base: elem } => go(*elem),
            Type::Chan(c) => go(c.elem),
            Type::Map { key, elem } => {
                go(*key);
                go(*elem);
            }
            Type::Interface(_) => {
                s.type_set(t).methods.iter().for_each(|&m| go(s.type_of(m)));
            }
            Type::Signature(sig) => {
                let sig = sig.get();
                sig.params.iter().chain(&sig.results).for_each(|&v| go(s.type_of(v)));
            }
            Type::Struct(st) => st.fields().iter().for_each(|&f| go(s.type_of(f))),
            _ => {}
        }
    }

    pub fn monomorph(&mut self) {
        let mut again = true;
        while std::mem::take(&mut again) {
            for i in 0..self.mono.edges.len() {
                let g = &mut self.mono;
                let (to, from) = (g.edges[i].to, g.edges[i].from);
                let weight = g.vertices[from].weight + g.edges[i].weight;
                if weight <= g.vertices[to].weight {
                    continue;
                }
                let len = g.vertices[from].len + 1;
                g.vertices[to].before = i;
                g.vertices[to].len = len;
                if len == g.vertices.len() {
                    return self.report_instance_loop(to);
                }
                g.vertices[to].weight = weight;
                again = true;
            }
        }
    }

    fn report_instance_loop(&mut self, v: usize) {
        let s = self.store;
        let g = &self.mono;
        let mut stack: Vec<usize> = Vec::new();
        let mut v = v;
        while !stack.contains(&v) {
            stack.push(v);
            v = g.edges[g.vertices[v].before].from;
        }
        let start = stack.iter().position(|&x| x == v).unwrap_or(0);
        let notes = stack[start..]
            .iter()
            .map(|&v| {
                let e = &g.edges[g.vertices[v].before];
                let to = &g.vertices[e.to];
                let what = if to.is_param { "instantiated as" } else { "implicitly parameterized by" };
                (e.pos, format!("{} {what} {}", s.name(to.obj), self.ts(e.ty)))
            })
            .collect();
        let pos = s.obj(g.vertices[v].obj).pos;
        self.err_notes(pos, "instantiation cycle:".into(), notes);
    }
}
