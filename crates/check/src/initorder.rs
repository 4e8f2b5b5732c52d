//! The order in which package-level variables are initialized (as `types2/initorder.go`).

use crate::checker::Checker;
use goxide_types::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeSet, VecDeque};

impl<'a> Checker<'a> {
    pub fn init_order(&mut self) {
        let s = self.store;
        let order: FxHashMap<ObjId, usize> = self.obj_list.iter().enumerate().map(|(i, &o)| (o, i)).collect();
        let deps_of = |c: &Checker<'a>, o: ObjId| -> Vec<ObjId> {
            let mut d: Vec<ObjId> =
                c.obj_map.get(&o).map_or(Vec::new(), |&i| c.decls[i].deps.iter().copied().collect());
            d.sort_by_key(|o| order.get(o).copied());
            d
        };
        let is_value = |o: ObjId| matches!(s.obj(o).kind, ObjectKind::Const { .. } | ObjectKind::Var(_));
        let is_const = |o: ObjId| matches!(s.obj(o).kind, ObjectKind::Const { .. });
        let nodes: Vec<ObjId> = self.obj_list.iter().copied().filter(|&o| is_value(o)).collect();
        // What each depends on, through functions.
        let mut succ: FxHashMap<ObjId, BTreeSet<usize>> = FxHashMap::default();
        let mut pred: FxHashMap<ObjId, Vec<ObjId>> = FxHashMap::default();
        for &n in &nodes {
            let mut reached = BTreeSet::new();
            let mut seen: FxHashSet<ObjId> = FxHashSet::default();
            let mut todo: VecDeque<ObjId> = deps_of(self, n).into();
            while let Some(d) = todo.pop_front() {
                if !seen.insert(d) {
                    continue;
                }
                if is_value(d) {
                    reached.insert(order[&d]);
                } else {
                    todo.extend(deps_of(self, d));
                }
            }
            for &i in &reached {
                pred.entry(self.obj_list[i]).or_default().push(n);
            }
            succ.insert(n, reached);
        }
        // Least dependencies first, constants before variables, else source order.
        let rank = |o: ObjId, ndeps: usize| (!is_const(o), ndeps, order[&o]);
        let mut count: FxHashMap<ObjId, usize> = succ.iter().map(|(&o, l)| (o, l.len())).collect();
        let mut queue: BTreeSet<(bool, usize, usize)> = nodes.iter().map(|&o| rank(o, count[&o])).collect();
        let mut emitted: FxHashSet<usize> = FxHashSet::default();
        while let Some(first) = queue.pop_first() {
            let n = self.obj_list[first.2];
            if first.1 > 0
                && let Some(cycle) = self.find_path(n, n, &mut FxHashSet::default(), &deps_of)
            {
                self.report_init_cycle(&cycle);
            }
            for &p in pred.get(&n).into_iter().flatten() {
                let Some(c) = count.get_mut(&p) else { continue };
                if queue.remove(&rank(p, *c)) {
                    *c = c.saturating_sub(1);
                    queue.insert(rank(p, *c));
                }
            }
            let Some(&d) = self.obj_map.get(&n) else { continue };
            let Some(init) = self.decls[d].init.filter(|_| !is_const(n)) else { continue };
            if !emitted.insert(d) {
                continue;
            }
            let lhs = if self.decls[d].lhs.is_empty() { vec![n] } else { self.decls[d].lhs.clone() };
            self.info.init_order.push(Initializer { lhs, rhs: init.id });
        }
    }

    fn find_path(
        &self,
        from: ObjId,
        to: ObjId,
        seen: &mut FxHashSet<ObjId>,
        deps_of: &dyn Fn(&Checker<'a>, ObjId) -> Vec<ObjId>,
    ) -> Option<Vec<ObjId>> {
        if !seen.insert(from) {
            return None;
        }
        for d in deps_of(self, from) {
            if d == to {
                return Some(vec![d]);
            }
            if let Some(mut path) = self.find_path(d, to, seen, deps_of) {
                path.push(d);
                return Some(path);
            }
        }
        None
    }

    fn report_init_cycle(&mut self, cycle: &[ObjId]) {
        let s = self.store;
        let obj = cycle[0];
        let o = s.obj(obj);
        if cycle.len() == 1 {
            return self.err(o.pos, format!("initialization cycle: {} refers to itself", o.name));
        }
        let mut notes = Vec::new();
        let mut at = obj;
        for &next in cycle.iter().rev() {
            notes.push((s.obj(at).pos, format!("{} refers to {}", s.name(at), s.name(next))));
            at = next;
        }
        self.err_notes(o.pos, format!("initialization cycle for {}", o.name), notes);
    }
}
