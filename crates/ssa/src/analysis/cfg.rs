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
        // The entry last, so that it comes first once the order is turned round.
        let roots: SmallVec<[Block; 2]> = f.roots().collect();
        cfg.rpo = postorder(count, roots.into_iter().rev(), |b| successors(f, b));
        cfg.rpo.reverse();
        for (i, &b) in cfg.rpo.iter().enumerate() {
            cfg.number[b.index()] = i as u32;
            for (index, t) in f.block(b).term.targets().into_iter().enumerate() {
                cfg.preds[t.block.index()].push(Edge { from: b, index });
            }
        }
        cfg
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

fn successors(f: &Func, block: Block) -> SmallVec<[Block; 2]> {
    f.block(block).term.targets().iter().map(|t| t.block).collect()
}

/// What the roots lead to, each block behind those that it leads to, but for ways back. Of a block's successors the
/// last is followed first.
pub fn postorder(
    count: usize,
    roots: impl IntoIterator<Item = Block>,
    successors: impl Fn(Block) -> SmallVec<[Block; 2]>,
) -> Vec<Block> {
    let (mut seen, mut order) = (vec![false; count], Vec::new());
    for root in roots {
        if std::mem::replace(&mut seen[root.index()], true) {
            continue;
        }
        let mut stack = vec![(root, successors(root))];
        while let Some((block, rest)) = stack.last_mut() {
            match rest.pop() {
                Some(next) if !std::mem::replace(&mut seen[next.index()], true) => {
                    stack.push((next, successors(next)));
                }
                Some(_) => {}
                None => {
                    order.push(*block);
                    stack.pop();
                }
            }
        }
    }
    order
}
