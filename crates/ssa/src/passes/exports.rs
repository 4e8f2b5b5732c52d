//! What a package tells those that import it: bodies that may be inlined, and what its functions do with
//! their parameters.

use super::escape_build::Summary;
use super::inline::Facts;
use super::world::Learnt;
use crate::ir::Func;
use crate::module::{Module, Sym};
use crate::op::Op;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Serialize, Deserialize)]
struct Exported {
    /// Index in [`Exports::names`].
    name: u32,
    has_ctx: bool,
    summary: Option<Summary>,
    /// Index in [`Exports::bodies`].
    body: Option<u32>,
}

/// By the names of symbols; the numbers in bodies are indices of `names` and `strings`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Exports {
    names: Vec<String>,
    strings: Vec<String>,
    funcs: Vec<Exported>,
    bodies: Vec<(Facts, Func)>,
    /// `//go:noescape`
    noescape: Vec<String>,
    #[serde(skip)]
    by_name: FxHashMap<String, u32>,
}

/// Numbers names anew.
#[derive(Default)]
struct Renumber {
    texts: Vec<String>,
    numbers: FxHashMap<u32, u32>,
}

impl Renumber {
    fn number(&mut self, old: u32, text: &str) -> u32 {
        *self.numbers.entry(old).or_insert_with(|| {
            self.texts.push(text.into());
            self.texts.len() as u32 - 1
        })
    }
}

fn renumber(f: &mut Func, mut sym: impl FnMut(Sym) -> Sym, mut string: impl FnMut(u32) -> u32) {
    f.name = sym(f.name);
    for inst in &mut f.insts {
        match &mut inst.op {
            Op::SymAddr(s, _) | Op::Call { callee: s, .. } | Op::New { typ: s, .. } => *s = sym(*s),
            _ => {}
        }
    }
    for loc in f.locs.iter_mut().skip(1) {
        loc.func = string(loc.func);
        loc.file = string(loc.file);
    }
}

impl Exports {
    pub fn new(module: &Module, learnt: &Learnt) -> Exports {
        let mut out = Exports::default();
        let (mut names, mut strings) = (Renumber::default(), Renumber::default());
        for f in &module.funcs {
            let facts = learnt.facts.get(&f.name);
            let summary = learnt.summaries.get(&f.name).filter(|s| !s.is_useless()).cloned();
            let body = facts.filter(|facts| facts.may_inline()).map(|facts| {
                let mut body = compacted(f);
                renumber(
                    &mut body,
                    |s| Sym(names.number(s.0, module.name(s))),
                    |s| strings.number(s, &module.strings[s as usize]),
                );
                out.bodies.push((facts.clone(), body));
                out.bodies.len() as u32 - 1
            });
            let name = names.number(f.name.0, module.name(f.name));
            out.funcs.push(Exported { name, has_ctx: f.has_ctx, summary, body });
        }
        out.noescape = module.noescape.iter().map(|&s| module.name(s).into()).collect();
        out.names = names.texts;
        out.strings = strings.texts;
        out.index();
        out
    }

    fn index(&mut self) {
        self.by_name = self
            .funcs
            .iter()
            .enumerate()
            .map(|(i, f)| (self.names[f.name as usize].clone(), i as u32))
            .collect();
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("exports are plain data")
    }

    /// Of what [`Exports::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Exports> {
        let mut exports: Exports = postcard::from_bytes(bytes).ok()?;
        exports.index();
        Some(exports)
    }

    fn get(&self, name: &str) -> Option<&Exported> {
        self.by_name.get(name).map(|&i| &self.funcs[i as usize])
    }
}

/// The function without what its layout has no use for.
fn compacted(f: &Func) -> Func {
    f.clone()
}

/// What the packages tell that a package imports, directly or not.
#[derive(Clone, Debug, Default)]
pub struct Imports {
    packages: FxHashMap<String, Arc<Exports>>,
}

/// `path/to.name` → `path/to`
fn package_of(symbol: &str) -> &str {
    let symbol = symbol.split_once('[').map_or(symbol, |s| s.0);
    let base = symbol.rfind('/').map_or(0, |i| i + 1);
    let end = symbol[base..].find('.').map_or(symbol.len(), |i| base + i);
    &symbol[..end]
}

impl Imports {
    pub fn add(&mut self, path: &str, exports: Arc<Exports>) {
        self.packages.insert(path.into(), exports);
    }

    /// Where the symbol's name says, or in the runtime, which defines some for others.
    fn find(&self, name: &str) -> Option<(&Exports, &Exported)> {
        [package_of(name), "runtime"].iter().find_map(|p| {
            let exports = self.packages.get(*p)?;
            Some((&**exports, exports.get(name)?))
        })
    }

    pub fn is_func(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub fn has_ctx(&self, name: &str) -> Option<bool> {
        Some(self.find(name)?.1.has_ctx)
    }

    pub fn summary(&self, name: &str) -> Option<&Summary> {
        self.find(name)?.1.summary.as_ref()
    }

    /// The function's declaration says that it keeps nothing of what it is given.
    pub fn is_noescape(&self, name: &str) -> bool {
        self.packages.get(package_of(name)).is_some_and(|e| e.noescape.iter().any(|n| n == name))
    }

    /// Of a function whose body is here.
    pub fn facts(&self, name: &str) -> Option<&Facts> {
        let (exports, f) = self.find(name)?;
        Some(&exports.bodies[f.body? as usize].0)
    }

    /// The body in terms of `module`'s names.
    pub fn body(&self, module: &mut Module, sym: Sym) -> Option<Func> {
        let (exports, exported) = self.find(module.name(sym))?;
        let mut body = exports.bodies[exported.body? as usize].1.clone();
        let mut names: Vec<Option<Sym>> = vec![None; exports.names.len()];
        for inst in &mut body.insts {
            if let Op::SymAddr(s, _) | Op::Call { callee: s, .. } | Op::New { typ: s, .. } = &mut inst.op {
                let i = s.0 as usize;
                *s = *names[i].get_or_insert_with(|| module.sym(&exports.names[i]));
            }
        }
        for loc in body.locs.iter_mut().skip(1) {
            loc.func = module.string(&exports.strings[loc.func as usize]);
            loc.file = module.string(&exports.strings[loc.file as usize]);
        }
        body.name = sym;
        Some(body)
    }
}
