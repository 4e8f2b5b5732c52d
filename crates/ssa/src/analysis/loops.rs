//! Natural loops: a header that dominates the source of an edge back to it.

use super::cfg::Cfg;
use super::dom::Dominators;
use crate::ir::Block;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LoopId(pub u32);

pub struct Loop {
    pub header: Block,
    pub parent: Option<LoopId>,
    /// Headers of loops within count: all blocks, the header first.
    pub blocks: Vec<Block>,
    /// Sources of the edges back to the header.
    pub latches: Vec<Block>,
    pub depth: u32,
}

pub struct Loops {
    /// Inner loops stand behind those around them.
    pub loops: Vec<Loop>,
    /// By block: the innermost loop it is in.
    innermost: Vec<Option<LoopId>>,
}

impl Loops {
    pub fn new(cfg: &Cfg, dom: &Dominators, block_count: usize) -> Loops {
        let mut found = Loops { loops: Vec::new(), innermost: vec![None; block_count] };
        // Headers in reverse postorder: outer ones first.
        for &header in &cfg.rpo {
            let latches: Vec<Block> = cfg
                .preds(header)
                .iter()
                .map(|e| e.from)
                .filter(|&from| dom.dominates(header, from))
                .collect();
            if latches.is_empty() {
                continue;
            }
            let id = LoopId(found.loops.len() as u32);
            let parent = found.innermost[header.index()];
            let depth = parent.map_or(1, |p| found.get(p).depth + 1);
            let mut blocks = vec![header];
            found.innermost[header.index()] = Some(id);
            let mut todo = latches.clone();
            while let Some(b) = todo.pop() {
                // What has been seen already is in this loop.
                if found.innermost[b.index()] == Some(id) {
                    continue;
                }
                found.innermost[b.index()] = Some(id);
                blocks.push(b);
                todo.extend(cfg.preds(b).iter().map(|e| e.from));
            }
            found.loops.push(Loop { header, parent, blocks, latches, depth });
        }
        found
    }

    pub fn get(&self, id: LoopId) -> &Loop {
        &self.loops[id.0 as usize]
    }

    pub fn ids(&self) -> impl DoubleEndedIterator<Item = LoopId> + use<> {
        (0..self.loops.len() as u32).map(LoopId)
    }

    pub fn innermost(&self, b: Block) -> Option<LoopId> {
        self.innermost[b.index()]
    }

    pub fn contains(&self, id: LoopId, b: Block) -> bool {
        let mut at = self.innermost(b);
        while let Some(l) = at {
            if l == id {
                return true;
            }
            at = self.get(l).parent;
        }
        false
    }

    pub fn depth(&self, b: Block) -> u32 {
        self.innermost(b).map_or(0, |l| self.get(l).depth)
    }
}
