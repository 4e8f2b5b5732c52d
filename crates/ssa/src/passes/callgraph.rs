//! Who calls or mentions whom in a package, and the order that this gives: callees first, functions that
//! call each other together.

use crate::ir::Func;
use crate::module::{Module, Sym};
use crate::op::Op;
use rustc_hash::FxHashMap;

/// The symbol of a function value without variables is that of its code with this behind it.
pub const FUNC_VALUE_SUFFIX: &str = "·f";

/// The code of a function value `f·f`.
pub fn code_of_value(module: &Module, sym: Sym) -> Option<Sym> {
    let code = module.name(sym).strip_suffix(FUNC_VALUE_SUFFIX)?;
    module.find_sym(code)
}

/// The functions of a package by their names.
#[derive(Default)]
pub struct Defined {
    index: FxHashMap<Sym, u32>,
}

impl Defined {
    pub fn new(funcs: &[Func]) -> Defined {
        Defined { index: funcs.iter().enumerate().map(|(i, f)| (f.name, i as u32)).collect() }
    }

    pub fn get(&self, sym: Sym) -> Option<usize> {
        self.index.get(&sym).map(|&i| i as usize)
    }
}

/// Groups of functions that reach each other, each group behind those that it calls. A function that only
/// makes a closure counts as its caller, too: what the body does with its variables must be known where
/// they are captured.
pub fn bottom_up(module: &Module, funcs: &[Func], defined: &Defined) -> Vec<Vec<usize>> {
    let mentions: Vec<Vec<usize>> = funcs
        .iter()
        .map(|f| {
            let mut out = Vec::new();
            for_each_mention(f, |sym, is_call| {
                let code = if is_call { sym } else { code_of_value(module, sym).unwrap_or(sym) };
                out.extend(defined.get(code));
            });
            out.sort_unstable();
            out.dedup();
            out
        })
        .collect();
    components(funcs.len(), |n| &mentions[n])
}

/// Calls `visit` with every symbol that the function's instructions name, and whether it is called.
pub fn for_each_mention(f: &Func, mut visit: impl FnMut(Sym, bool)) {
    for &b in &f.order {
        for &inst in &f.block(b).insts {
            match &f.inst(inst).op {
                Op::Call { callee, .. } => visit(*callee, true),
                Op::SymAddr(sym, _) => visit(*sym, false),
                _ => {}
            }
        }
    }
}

/// The strongly connected components of a graph, successors first (Tarjan, "Depth-first search and linear
/// graph algorithms"), without recursion.
pub fn components<'a>(count: usize, successors: impl Fn(usize) -> &'a [usize]) -> Vec<Vec<usize>> {
    const UNSEEN: u32 = u32::MAX;
    let mut number = vec![UNSEEN; count];
    let mut low = vec![0; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut out, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..count {
        if number[root] != UNSEEN {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((n, i)) = work.last_mut() {
            let n = *n;
            if *i == 0 {
                (number[n], low[n]) = (next, next);
                next += 1;
                stack.push(n);
                on_stack[n] = true;
            }
            if let Some(&to) = successors(n).get(*i) {
                *i += 1;
                if number[to] == UNSEEN {
                    work.push((to, 0));
                } else if on_stack[to] {
                    low[n] = low[n].min(number[to]);
                }
                continue;
            }
            work.pop();
            if let Some(&(up, _)) = work.last() {
                low[up] = low[up].min(low[n]);
            }
            if low[n] == number[n] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    group.push(member);
                    if member == n {
                        break;
                    }
                }
                group.sort_unstable();
                out.push(group);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn what_reaches_itself_stands_together_behind_what_it_reaches() {
        let edges: [&[usize]; 5] = [&[1], &[2, 3], &[1], &[], &[0, 4]];
        assert_eq!(components(5, |n| edges[n]), [vec![3], vec![1, 2], vec![0], vec![4]]);
    }
}
