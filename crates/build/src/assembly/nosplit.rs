//! Whether chains of functions that do not ask for stack get by with what those that ask leave them
//! (`cmd/link/internal/ld.doStackCheck`).

use std::collections::BTreeMap;
use std::fmt::Write;

/// Bytes that a call takes.
const CALL_BYTES: u32 = 8;
/// `objabi.StackNosplit`, but for the call into the chain.
const LIMIT_BYTES: u32 = 800 - CALL_BYTES;
/// Whoever asks for stack, and all that is not assembly, needs only the call to do so.
const MORESTACK: &str = "runtime.morestack";
const INDIRECT: &str = "indirect";
/// The height of what calls itself.
const CYCLE_BYTES: u32 = i16::MAX as u32;

/// A function's own part.
pub struct Chain {
    pub nosplit: bool,
    /// The most that it takes of the stack itself.
    pub local_bytes: u32,
    /// What it has taken where it calls something, and what; `None`: known only then.
    pub calls: Vec<(u32, Option<String>)>,
}

#[derive(Default)]
pub struct Chains {
    /// By name.
    pub funcs: BTreeMap<String, Chain>,
}

struct Edge<'a> {
    growth: u32,
    /// `None`: its own part is all.
    target: Option<&'a str>,
}

impl Chains {
    /// What is wrong, in the words of Go's linker.
    pub fn fault(&self) -> Option<String> {
        let mut heights = BTreeMap::new();
        let mut failed: Vec<&str> = Vec::new();
        for name in self.funcs.keys() {
            if self.height(name, &mut heights) > LIMIT_BYTES {
                failed.push(name);
            }
        }
        let is_called = |name: &&str| {
            let calls = |f: &&str| f != name && self.edges(f).iter().any(|e| e.target == Some(*name));
            failed.iter().any(calls)
        };
        let mut roots: Vec<&str> = failed.iter().copied().filter(|name| !is_called(name)).collect();
        if roots.is_empty() {
            // All that fail are in a cycle.
            roots.extend(failed.first());
        }
        let mut out = String::new();
        for root in roots {
            let _ = writeln!(out, "{root}: nosplit stack over {LIMIT_BYTES} byte limit");
            let _ = writeln!(out, "{root}<0>");
            self.report(root, i64::from(LIMIT_BYTES), &mut vec![root], &mut out);
        }
        if out.is_empty() { None } else { Some(out.trim_end().into()) }
    }

    fn edges<'a>(&'a self, name: &str) -> Vec<Edge<'a>> {
        let ask = Edge { growth: CALL_BYTES, target: Some(MORESTACK) };
        let Some(func) = self.funcs.get(name).filter(|f| f.nosplit) else {
            return if name == MORESTACK { Vec::new() } else { vec![ask] };
        };
        let target = |t: &'a Option<String>| t.as_deref().or(Some(INDIRECT));
        let mut edges: Vec<Edge<'a>> =
            func.calls.iter().map(|(at, t)| Edge { growth: at + CALL_BYTES, target: target(t) }).collect();
        if edges.iter().all(|e| e.growth < func.local_bytes) {
            edges.push(Edge { growth: func.local_bytes, target: None });
        }
        edges
    }

    fn height<'a>(&'a self, name: &'a str, heights: &mut BTreeMap<&'a str, u32>) -> u32 {
        if let Some(&known) = heights.get(name) {
            return known;
        }
        heights.insert(name, CYCLE_BYTES);
        let above = |e: Edge<'a>| e.growth + e.target.map_or(0, |t| self.height(t, heights));
        let height = self.edges(name).into_iter().map(above).max().unwrap_or(0).min(CYCLE_BYTES);
        heights.insert(name, height);
        height
    }

    /// Tells of the ways from the end of `path` that take more than is left.
    fn report<'a>(&'a self, name: &'a str, left: i64, path: &mut Vec<&'a str>, out: &mut String) {
        for edge in self.edges(name) {
            let left = left - i64::from(edge.growth);
            let is_cycle = edge.target.is_some_and(|t| path.contains(&t));
            let is_end = is_cycle || edge.target.is_none_or(|t| self.edges(t).is_empty());
            if is_end && left >= 0 && !is_cycle {
                continue;
            }
            let indent = "    ".repeat(path.len());
            let before = out.len();
            let _ = match edge.target {
                Some(t) => writeln!(out, "{indent}grows {} bytes, calls {t}<0>", edge.growth),
                None => writeln!(out, "{indent}grows {} bytes", edge.growth),
            };
            let start = out.len();
            match edge.target {
                _ if is_cycle => drop(writeln!(out, "{indent}infinite cycle")),
                Some(target) if !is_end => {
                    path.push(target);
                    self.report(target, left, path, out);
                    path.pop();
                }
                _ => drop(writeln!(out, "{indent}{} bytes over limit", -left)),
            }
            if out.len() == start {
                out.truncate(before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chains(list: &[(&str, bool, u32, &[&str])]) -> Chains {
        let chain = |&(name, nosplit, local_bytes, calls): &(&str, bool, u32, &[&str])| {
            let calls = calls.iter().map(|&c| (local_bytes, Some(c.into()))).collect();
            (String::from(name), Chain { nosplit, local_bytes, calls })
        };
        Chains { funcs: list.iter().map(chain).collect() }
    }

    #[test]
    fn what_asks_may_be_deep() {
        assert_eq!(chains(&[("a", false, 100_000, &["a"])]).fault(), None);
        assert_eq!(chains(&[("a", true, 792, &[]), ("b", true, 776, &["a2"])]).fault(), None);
    }

    #[test]
    fn what_does_not_may_not() {
        let text = chains(&[("a", true, 400, &["b"]), ("b", true, 400, &[])]).fault().unwrap();
        let lines = "a: nosplit stack over 792 byte limit\na<0>\n    grows 408 bytes, calls b<0>\n        \
                     grows 400 bytes\n        16 bytes over limit";
        assert_eq!(text, lines);
        assert!(chains(&[("a", true, 8, &["a"])]).fault().unwrap().contains("infinite cycle"));
    }
}
