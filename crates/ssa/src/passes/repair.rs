//! SSA form again where a variable has several definitions: block parameters are added where they meet,
//! on demand (Braun et al., "Simple and Efficient Construction of Static Single Assignment Form").

use crate::analysis::{Cfg, Edge};
use crate::ir::{Block, Func, LocId, Ty, Value};
use crate::op::Op;
use rustc_hash::FxHashMap;

/// A variable of the caller's numbering.
pub type Var = u32;

/// Resolves reads of variables. The control flow must not change meanwhile.
pub struct Repair<'a> {
    cfg: &'a Cfg,
    types: Vec<Ty>,
    /// What a variable is at the end of a block that sets it.
    at_end: FxHashMap<(Block, Var), Value>,
    at_start: FxHashMap<(Block, Var), Value>,
}

impl<'a> Repair<'a> {
    pub fn new(cfg: &'a Cfg) -> Repair<'a> {
        Repair { cfg, types: Vec::new(), at_end: FxHashMap::default(), at_start: FxHashMap::default() }
    }

    pub fn var(&mut self, ty: Ty) -> Var {
        self.types.push(ty);
        self.types.len() as Var - 1
    }

    /// `var` is `value` where `block` ends. All are told before the first read.
    pub fn define(&mut self, block: Block, var: Var, value: Value) {
        self.at_end.insert((block, var), value);
    }

    pub fn at_end(&mut self, f: &mut Func, block: Block, var: Var) -> Value {
        match self.at_end.get(&(block, var)) {
            Some(&v) => v,
            None => self.at_start(f, block, var),
        }
    }

    pub fn at_start(&mut self, f: &mut Func, block: Block, var: Var) -> Value {
        // Up through blocks with one way in, without recursion.
        let (mut at, mut passed) = (block, Vec::new());
        let value = loop {
            if let Some(&v) = self.at_start.get(&(at, var)) {
                break v;
            }
            match self.cfg.preds(at) {
                [] => break self.undefined(f, at, var),
                [edge] => {
                    passed.push(at);
                    at = edge.from;
                    if let Some(&v) = self.at_end.get(&(at, var)) {
                        break v;
                    }
                }
                edges => break self.join(f, at, var, edges),
            }
        };
        for b in passed {
            self.at_start.insert((b, var), value);
        }
        value
    }

    fn join(&mut self, f: &mut Func, at: Block, var: Var, edges: &'a [Edge]) -> Value {
        let param = f.add_param(at, self.types[var as usize]);
        self.at_start.insert((at, var), param);
        let n = f.block(at).params.len() - 1;
        for edge in edges {
            let value = self.at_end(f, edge.from, var);
            let args = &mut f.block_mut(edge.from).term.targets_mut().swap_remove(edge.index).args;
            // Reading may have added parameters to this same block, which come behind and are filled later.
            while args.len() <= n {
                args.push(value);
            }
            args[n] = value;
        }
        param
    }

    /// No definition comes here: only code that cannot run reads it.
    fn undefined(&mut self, f: &mut Func, root: Block, var: Var) -> Value {
        let ty = self.types[var as usize];
        let op = if ty.is_float() { Op::FConst(0) } else { Op::Const(0) };
        let inst = f.make_inst(op, &[], &[ty], LocId(0));
        f.block_mut(root).insts.insert(0, inst);
        let value = f.result(inst);
        self.at_start.insert((root, var), value);
        value
    }
}
