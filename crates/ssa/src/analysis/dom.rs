//! Dominators (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm"). The entry and the
//! recover block are both roots: nothing that the entry defines is known in the recover block.

use super::cfg::Cfg;
use crate::ir::{Block, Func};

/// Stands above all roots.
const NONE: u32 = u32::MAX;

pub struct Dominators {
    /// By block: the immediate dominator, or `NONE`.
    idom: Vec<u32>,
    /// By block: first and last number of a walk over the tree, so that dominance is containment.
    span: Vec<(u32, u32)>,
    /// Blocks such that each stands behind its dominator, a subtree's blocks side by side.
    pub preorder: Vec<Block>,
}

impl Dominators {
    pub fn new(f: &Func, cfg: &Cfg) -> Dominators {
        let count = f.blocks.len();
        let mut idom = vec![NONE; count];
        let mut done = vec![false; count];
        let mut is_root = vec![false; count];
        f.roots().for_each(|r| is_root[r.index()] = true);
        let mut changed = true;
        while changed {
            changed = false;
            for &b in &cfg.rpo {
                let mut new = None;
                if is_root[b.index()] {
                    new = Some(NONE);
                } else {
                    for edge in cfg.preds(b).iter().filter(|e| done[e.from.index()]) {
                        new = Some(match new {
                            None => edge.from.0,
                            Some(other) => intersect(cfg, &idom, edge.from.0, other),
                        });
                    }
                }
                let new = new.expect("a reachable block has a predecessor before it");
                if !done[b.index()] || idom[b.index()] != new {
                    idom[b.index()] = new;
                    done[b.index()] = true;
                    changed = true;
                }
            }
        }
        let mut d = Dominators { idom, span: vec![(0, 0); count], preorder: Vec::new() };
        d.walk(cfg);
        d
    }

    fn walk(&mut self, cfg: &Cfg) {
        let mut children: Vec<Vec<Block>> = vec![Vec::new(); self.idom.len()];
        let mut stack = Vec::new();
        for &b in cfg.rpo.iter().rev() {
            match self.idom[b.index()] {
                NONE => stack.push((b, false)),
                up => children[up as usize].push(b),
            }
        }
        let mut clock = 0;
        while let Some((b, is_left)) = stack.pop() {
            clock += 1;
            if is_left {
                self.span[b.index()].1 = clock;
                continue;
            }
            self.span[b.index()].0 = clock;
            self.preorder.push(b);
            stack.push((b, true));
            stack.extend(children[b.index()].iter().map(|&c| (c, false)));
        }
    }

    pub fn idom(&self, b: Block) -> Option<Block> {
        match self.idom[b.index()] {
            NONE => None,
            up => Some(Block(up)),
        }
    }

    /// Every way to `b` goes through `a`; also where they are the same. Both can be reached.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let (a, b) = (self.span[a.index()], self.span[b.index()]);
        a.0 <= b.0 && b.1 <= a.1
    }
}

fn intersect(cfg: &Cfg, idom: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        if a == NONE || b == NONE {
            return NONE;
        }
        if cfg.number(Block(a)) > cfg.number(Block(b)) {
            a = idom[a as usize];
        } else {
            b = idom[b as usize];
        }
    }
    a
}
