//! Predecessors and reverse postorder.

use crate::ir::{Block, Func};
use smallvec::SmallVec;

/// One way into a block: from whom, and the how manyeth of its targets it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    pub from: Block,
    pub index: usize,
}

pub struct Cfg {
    /// By block; of blocks that cannot be reached: none.
    preds: Vec<SmallVec<[Edge; 2]>>,
    /// Every block that can be reached, such that it stands behind its dominators.
    pub rpo: Vec<Block>,
    /// By block: its place in `rpo`, `u32::MAX` if it cannot be reached.
    number: Vec<u32>,
}

impl Cfg {
    pub fn new(f: &Func) -> Cfg {
        let count = f.blocks.len();
        let mut cfg =
            Cfg { preds: vec![SmallVec::new(); count], rpo: Vec::new(), number: vec![u32::MAX; count] };
        let mut seen = vec![false; count];
        // The entry last, so that it comes first once the order is turned round.
        for root in f.roots().collect::<SmallVec<[Block; 2]>>().into_iter().rev() {
            cfg.postorder(f, root, &mut seen);
        }
        cfg.rpo.reverse();
        for (i, &b) in cfg.rpo.iter().enumerate() {
            cfg.number[b.index()] = i as u32;
            for (index, t) in f.block(b).term.targets().into_iter().enumerate() {
                cfg.preds[t.block.index()].push(Edge { from: b, index });
            }
        }
        cfg
    }

    fn postorder(&mut self, f: &Func, root: Block, seen: &mut [bool]) {
        if std::mem::replace(&mut seen[root.index()], true) {
            return;
        }
        let successors =
            |b: Block| f.block(b).term.targets().iter().map(|t| t.block).collect::<SmallVec<[Block; 2]>>();
        let mut stack = vec![(root, successors(root))];
        while let Some((block, rest)) = stack.last_mut() {
            match rest.pop() {
                Some(next) if !std::mem::replace(&mut seen[next.index()], true) => {
                    stack.push((next, successors(next)));
                }
                Some(_) => {}
                None => {
                    self.rpo.push(*block);
                    stack.pop();
                }
            }
        }
    }

    pub fn preds(&self, b: Block) -> &[Edge] {
        &self.preds[b.index()]
    }

    pub fn is_reachable(&self, b: Block) -> bool {
        self.number[b.index()] != u32::MAX
    }

    /// Place in reverse postorder.
    pub fn number(&self, b: Block) -> u32 {
        self.number[b.index()]
    }
}
