//! What a package tells those that import it: bodies that may be inlined, and what its functions do with
//! their parameters.

use super::escape_calls::Summary;
use super::inline::Facts;
use super::typedata::{DataIndex, Known};
use super::world::Learnt;
use crate::ir::Func;
use crate::module::{Module, Sym};
use crate::op::Op;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

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
    bodies: Vec<Body>,
    /// Of the types and itabs in bodies, by index in [`Exports::names`].
    data: FxHashMap<u32, Known>,
    /// `//go:noescape`
    noescape: Vec<String>,
    /// Instances of generic functions that bodies call and another package has: by the number of the name, and
    /// which package.
    homes: Vec<(u32, String)>,
    #[serde(skip)]
    by_name: FxHashMap<String, u32>,
    /// The serialized bodies of all functions. Few of them are asked for.
    #[serde(skip)]
    packed: Vec<u8>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Body {
    /// Where it ends in [`Exports::packed`]; it begins where the one before it ends.
    end: u32,
    #[serde(skip)]
    unpacked: OnceLock<Option<Box<(Facts, Func)>>>,
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
        if let Some(s) = sym_mut(&mut inst.op) {
            *s = sym(*s);
        }
    }
    for loc in f.locs.iter_mut().skip(1) {
        loc.func = string(loc.func);
        loc.file = string(loc.file);
    }
}

/// The symbol that an operation names.
fn sym_mut(op: &mut Op) -> Option<&mut Sym> {
    match op {
        Op::SymAddr(s, _) | Op::Call { callee: s, .. } | Op::New { typ: s, .. } => Some(s),
        _ => None,
    }
}

impl Exports {
    pub fn new(module: &Module, learnt: &Learnt, imports: &Imports<'_>) -> Exports {
        let mut out = Exports::default();
        let (mut names, mut strings) = (Renumber::default(), Renumber::default());
        for f in &module.funcs {
            let facts = learnt.facts.get(&f.name);
            let summary = learnt.summaries.get(&f.name).filter(|s| !s.is_useless()).cloned();
            let body = facts.filter(|facts| facts.may_inline()).map(|facts| {
                let mut body = compacted(f);
                for inst in &mut body.insts {
                    if let Op::SymAddr(s, _) | Op::New { typ: s, .. } = inst.op {
                        out.tell_of(module, &learnt.data, s, &mut names);
                    }
                }
                renumber(
                    &mut body,
                    |s| Sym(names.number(s.0, module.name(s))),
                    |s| strings.number(s, &module.strings[s as usize]),
                );
                let bytes = postcard::to_stdvec(&(facts, &body)).expect("bodies are plain data");
                out.packed.extend(bytes);
                let end = u32::try_from(out.packed.len()).expect("bodies that may be inlined are small");
                out.bodies
                    .push(Body { end, unpacked: OnceLock::from(Some(Box::new((facts.clone(), body)))) });
                out.bodies.len() as u32 - 1
            });
            let name = names.number(f.name.0, module.name(f.name));
            out.funcs.push(Exported { name, has_ctx: f.has_ctx, summary, body });
        }
        out.noescape = module.noescape.iter().map(|&s| module.name(s).into()).collect();
        out.names = names.texts;
        out.strings = strings.texts;
        out.index();
        let elsewhere = out.names.iter().enumerate().filter(|(_, name)| !out.by_name.contains_key(*name));
        out.homes = elsewhere.filter_map(|(i, name)| Some((i as u32, imports.home(name)?))).collect();
        out
    }

    /// Takes along what is known of a type or itab, and of the itab's type.
    fn tell_of(&mut self, module: &Module, data: &DataIndex, sym: Sym, names: &mut Renumber) {
        let mut next = Some(sym);
        while let Some(sym) = next.take() {
            let Some(mut known) = data.known(module, sym) else { return };
            let name = names.number(sym.0, module.name(sym));
            if self.data.contains_key(&name) {
                return;
            }
            next = known.itab_type();
            known.syms_mut().for_each(|s| *s = Sym(names.number(s.0, module.name(*s))));
            self.data.insert(name, known);
        }
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
        let mut bytes = postcard::to_stdvec(self).expect("exports are plain data");
        bytes.extend_from_slice(&self.packed);
        bytes
    }

    /// Of what [`Exports::to_bytes`] gave.
    pub fn from_bytes(mut bytes: Vec<u8>) -> Option<Exports> {
        let (mut exports, rest) = postcard::take_from_bytes::<Exports>(&bytes).ok()?;
        let head = bytes.len() - rest.len();
        bytes.drain(..head);
        exports.packed = bytes;
        exports.index();
        Some(exports)
    }

    fn body(&self, index: u32) -> Option<&(Facts, Func)> {
        let i = index as usize;
        let unpack = || {
            let start = i.checked_sub(1).map_or(0, |before| self.bodies[before].end);
            let bytes = self.packed.get(start as usize..self.bodies[i].end as usize)?;
            postcard::from_bytes(bytes).ok().map(Box::new)
        };
        self.bodies[i].unpacked.get_or_init(unpack).as_deref()
    }

    fn get(&self, name: &str) -> Option<&Exported> {
        self.by_name.get(name).map(|&i| &self.funcs[i as usize])
    }
}

/// The function without what its layout has no use for.
fn compacted(f: &Func) -> Func {
    f.clone()
}

/// What the packages tell that a package imports, directly or not; read when it is first asked for.
pub struct Imports<'a> {
    packages: FxHashMap<String, Slot>,
    load: &'a Load<'a>,
    /// The packages of instances that were met in bodies: their names tell of the generic function's alone.
    homes: RwLock<FxHashMap<String, String>>,
}

/// What the package of a number tells; `None` where it cannot be read.
pub type Load<'a> = dyn Fn(usize) -> Option<Arc<Exports>> + Sync + 'a;

struct Slot {
    package: usize,
    exports: OnceLock<Option<Arc<Exports>>>,
}

impl Default for Imports<'_> {
    fn default() -> Self {
        Imports::new(&|_| None)
    }
}

/// `path/to.name` → `path/to`
fn package_of(symbol: &str) -> &str {
    let symbol = symbol.split_once('[').map_or(symbol, |s| s.0);
    let base = symbol.rfind('/').map_or(0, |i| i + 1);
    let end = symbol[base..].find('.').map_or(symbol.len(), |i| base + i);
    &symbol[..end]
}

impl<'a> Imports<'a> {
    pub fn new(load: &'a Load<'a>) -> Imports<'a> {
        Imports { packages: FxHashMap::default(), load, homes: RwLock::default() }
    }

    pub fn add(&mut self, path: &str, package: usize) {
        self.packages.insert(path.into(), Slot { package, exports: OnceLock::new() });
    }

    /// Something that was asked for could not be read: what came of it is not to be used.
    pub fn is_incomplete(&self) -> bool {
        self.packages.values().any(|slot| matches!(slot.exports.get(), Some(None)))
    }

    fn exports(&self, path: &str) -> Option<(&str, &Exports)> {
        let (path, slot) = self.packages.get_key_value(path)?;
        let exports = slot.exports.get_or_init(|| (self.load)(slot.package)).as_deref()?;
        Some((path, exports))
    }

    /// Where the symbol's name says, or in the runtime, which defines some for others, or where the package is
    /// from whose body it comes.
    fn find(&self, name: &str) -> Option<(&str, &Exports, &Exported)> {
        let in_package = |p: &str| {
            let (path, exports) = self.exports(p)?;
            Some((path, exports, exports.get(name)?))
        };
        let named = [package_of(name), "runtime"].into_iter().find_map(in_package);
        named.or_else(|| in_package(&self.home(name)?))
    }

    fn home(&self, name: &str) -> Option<String> {
        if !name.contains('[') {
            return None;
        }
        self.homes.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Notes the package of an instance that a body of the package at `path` names.
    fn note_home(&self, path: &str, exports: &Exports, number: usize) {
        let name = &exports.names[number];
        if !name.contains('[') {
            return;
        }
        let home = match exports.get(name) {
            Some(_) => path,
            None => match exports.homes.iter().find(|(i, _)| *i as usize == number) {
                Some((_, home)) => home.as_str(),
                None => return,
            },
        };
        let mut homes = self.homes.write().unwrap_or_else(PoisonError::into_inner);
        homes.entry(name.clone()).or_insert_with(|| home.into());
    }

    pub fn is_func(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub fn has_ctx(&self, name: &str) -> Option<bool> {
        Some(self.find(name)?.2.has_ctx)
    }

    pub fn summary(&self, name: &str) -> Option<&Summary> {
        self.find(name)?.2.summary.as_ref()
    }

    /// The function's declaration says that it keeps nothing of what it is given.
    pub fn is_noescape(&self, name: &str) -> bool {
        self.exports(package_of(name)).is_some_and(|(_, e)| e.noescape.iter().any(|n| n == name))
    }

    /// Of a function whose body is here.
    pub fn facts(&self, name: &str) -> Option<&Facts> {
        let (_, exports, f) = self.find(name)?;
        Some(&exports.body(f.body?)?.0)
    }

    /// The body in terms of `module`'s names; `data` gets to know of its types and itabs.
    pub fn body(&self, module: &mut Module, data: &mut DataIndex, sym: Sym) -> Option<Func> {
        let (path, exports, exported) = self.find(module.name(sym))?;
        let mut body = exports.body(exported.body?)?.1.clone();
        let mut names: FxHashMap<usize, Sym> = FxHashMap::default();
        let mut sym_of = |s: Sym| {
            let i = s.0 as usize;
            *names.entry(i).or_insert_with(|| {
                self.note_home(path, exports, i);
                module.sym(&exports.names[i])
            })
        };
        for s in body.insts.iter_mut().filter_map(|inst| sym_mut(&mut inst.op)) {
            let mut next = Some(*s);
            *s = sym_of(*s);
            while let Some((name, known)) = next.and_then(|s| Some((s, exports.data.get(&s.0)?))) {
                next = known.itab_type();
                let mut known = known.clone();
                known.syms_mut().for_each(|s| *s = sym_of(*s));
                data.add(sym_of(name), known);
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
