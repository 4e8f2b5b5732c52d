//! The passes over a whole package, callees first: known targets, inlining, escape analysis. What they
//! learn of each function the ones behind it use.

use super::callgraph::{self, Defined};
use super::devirt::{self, Closures};
use super::escape;
use super::escape_build::{self, Solved};
use super::escape_calls::Summary;
use super::exports::Imports;
use super::inline::{self, Facts};
use super::inline_partial;
use super::nocopy;
use super::typedata::DataIndex;
use crate::ir::Func;
use crate::module::{Module, Sym};
use rustc_hash::FxHashMap;

/// Rounds of inlining in one function: each shows the next what the closures are that it calls.
const MAX_ROUNDS: usize = 4;
/// Rounds of summaries in a group of functions that call each other.
const MAX_SUMMARIES: usize = 24;

pub struct World<'a> {
    /// Without its functions.
    pub module: &'a mut Module,
    imports: &'a Imports<'a>,
    funcs: Vec<Func>,
    defined: Defined,
    data: DataIndex,
    facts: FxHashMap<Sym, Facts>,
    summaries: FxHashMap<Sym, Summary>,
    /// Bodies of other packages, once asked for.
    imported: FxHashMap<Sym, Option<Func>>,
    /// How often a function is named in the package.
    uses: FxHashMap<Sym, u32>,
}

/// What is known of a package's functions when all are done.
#[derive(Default)]
pub struct Learnt {
    pub facts: FxHashMap<Sym, Facts>,
    pub summaries: FxHashMap<Sym, Summary>,
    pub data: DataIndex,
}

/// `cleanup` is what the passes over single functions can do about what these leave behind.
pub fn run(module: &mut Module, imports: &Imports<'_>, cleanup: &dyn Fn(&Module, &str, &mut Func)) -> Learnt {
    let funcs = std::mem::take(&mut module.funcs);
    let defined = Defined::new(&funcs);
    let order = callgraph::bottom_up(module, &funcs, &defined);
    let data = DataIndex::new(module);
    let mut uses: FxHashMap<Sym, u32> = FxHashMap::default();
    for f in &funcs {
        callgraph::for_each_mention(f, |sym, is_call| {
            let code = if is_call { sym } else { callgraph::code_of_value(module, sym).unwrap_or(sym) };
            *uses.entry(code).or_default() += 1;
        });
    }
    let mut world = World {
        module,
        imports,
        funcs,
        defined,
        data,
        facts: FxHashMap::default(),
        summaries: FxHashMap::default(),
        imported: FxHashMap::default(),
        uses,
    };
    for group in order {
        world.group(&group, cleanup);
    }
    let World { module, funcs, facts, summaries, data, .. } = world;
    module.funcs = funcs;
    Learnt { facts, summaries, data }
}

impl World<'_> {
    fn group(&mut self, group: &[usize], cleanup: &dyn Fn(&Module, &str, &mut Func)) {
        let names: Vec<Sym> = group.iter().map(|&i| self.funcs[i].name).collect();
        for &i in group {
            self.transform(i, &names, cleanup);
        }
        let solved = self.summarize(group, &names);
        for (&i, solved) in group.iter().zip(solved) {
            let makes_result = solved.as_ref().is_some_and(Solved::makes_result);
            if let Some(solved) = solved
                && escape::run(&mut self.funcs[i], &solved)
            {
                cleanup(self.module, "escape", &mut self.funcs[i]);
            }
            // Variables that were on the heap may now be seen to hold functions that are known.
            self.transform(i, &names, cleanup);
            let makes_unique = |sym| self.module.name(sym) == nocopy::MAKE_UNIQUE;
            if nocopy::run(&mut self.funcs[i], &makes_unique) {
                cleanup(self.module, "nocopy", &mut self.funcs[i]);
            }
            if group.len() == 1 && inline_partial::run(&mut self.funcs[i]) {
                cleanup(self.module, "partial", &mut self.funcs[i]);
            }
            let f = &self.funcs[i];
            let facts =
                Facts::new(f, makes_result, &|sym| self.facts.get(&sym).map_or(0, |f| f.called_params));
            self.facts.insert(f.name, facts);
        }
    }

    /// Takes a function out of the world while something is done to it.
    fn with_func<R>(&mut self, i: usize, then: impl FnOnce(&mut Self, &mut Func) -> R) -> R {
        let placeholder = Func::new(self.funcs[i].name, Vec::new(), Vec::new(), false);
        let mut f = std::mem::replace(&mut self.funcs[i], placeholder);
        let result = then(self, &mut f);
        self.funcs[i] = f;
        result
    }

    /// Devirtualizes and inlines, as long as that shows more.
    fn transform(&mut self, i: usize, group: &[Sym], cleanup: &dyn Fn(&Module, &str, &mut Func)) {
        self.with_func(i, |world, f| {
            for _ in 0..MAX_ROUNDS {
                let closures = world.closures(f);
                let mut changed =
                    devirt::run(world.module, &world.data, f, &closures, &|sym| world.has_ctx(sym));
                changed |= inline::run(world, f, &closures, group);
                if !changed {
                    break;
                }
                cleanup(world.module, "inline", f);
            }
        });
    }

    fn closures(&self, f: &Func) -> Closures {
        Closures::new(f, &|sym| self.is_code(sym))
    }

    fn is_code(&self, sym: Sym) -> bool {
        self.defined.get(sym).is_some() || self.imports.is_func(self.module.name(sym))
    }

    fn has_ctx(&self, sym: Sym) -> Option<bool> {
        match self.defined.get(sym) {
            Some(i) => Some(self.funcs[i].has_ctx),
            None => self.imports.has_ctx(self.module.name(sym)),
        }
    }

    /// Of a function that is done, or of another package.
    pub fn facts(&mut self, sym: Sym) -> Option<Facts> {
        if let Some(facts) = self.facts.get(&sym) {
            return Some(facts.clone());
        }
        if self.defined.get(sym).is_some() {
            return None;
        }
        self.imports.facts(self.module.name(sym)).cloned()
    }

    /// Shows the body of a function for which there are [`World::facts`].
    pub fn with_body<R>(&mut self, sym: Sym, then: impl FnOnce(&Func) -> R) -> Option<R> {
        if let Some(i) = self.defined.get(sym) {
            return Some(then(&self.funcs[i]));
        }
        if !self.imported.contains_key(&sym) {
            let body = self.imports.body(self.module, &mut self.data, sym);
            self.imported.insert(sym, body);
        }
        self.imported[&sym].as_ref().map(then)
    }

    /// A closure's body, which one place alone makes a function value of.
    pub fn is_only_use(&self, sym: Sym) -> bool {
        let is_closure = self.defined.get(sym).is_some_and(|i| self.funcs[i].has_ctx);
        is_closure && self.uses.get(&sym) == Some(&1)
    }

    fn summary(&self, sym: Sym) -> Option<Summary> {
        match self.summaries.get(&sym) {
            Some(s) => Some(s.clone()),
            // An instance that comes later here may be known from another package.
            None if self.defined.get(sym).is_some_and(|i| !self.funcs[i].flags.dupok) => None,
            None => {
                let name = self.module.name(sym);
                let is_noescape = || self.module.noescape.contains(&sym) || self.imports.is_noescape(name);
                self.imports.summary(name).cloned().or_else(|| is_noescape().then(Summary::default))
            }
        }
    }

    fn solve(&self, f: &Func) -> Option<escape_build::Solved> {
        let closures = self.closures(f);
        let size_of = |sym| self.data.size_of(self.module, sym);
        escape_build::solve(f, &size_of, &|v| closures.code(self.module, f, v), &|sym| self.summary(sym))
    }

    /// From "nothing happens to anything" upwards, until nothing is added. Gives each function's solution
    /// that its summary stands for.
    fn summarize(&mut self, group: &[usize], names: &[Sym]) -> Vec<Option<Solved>> {
        for &i in group {
            let f = &self.funcs[i];
            self.summaries.insert(f.name, Summary::none(f));
        }
        let is_recursive = group.len() > 1 || {
            let mut found = false;
            callgraph::for_each_mention(&self.funcs[group[0]], |sym, _| {
                found |= callgraph::code_of_value(self.module, sym).unwrap_or(sym) == names[0];
            });
            found
        };
        // Of these nothing will be known: what the others do only grows.
        let mut too_large = vec![false; group.len()];
        for _ in 0..MAX_SUMMARIES {
            let mut changed = false;
            let mut all = Vec::new();
            for (&i, too_large) in group.iter().zip(&mut too_large) {
                let f = &self.funcs[i];
                let solved = if *too_large { None } else { self.solve(f) };
                *too_large = solved.is_none();
                let summary = match &solved {
                    // It is declared so, whatever its body has to say.
                    _ if self.module.noescape.contains(&f.name) => Summary::none(f),
                    Some(solved) => solved.summary(),
                    None => Summary::unknown(f),
                };
                changed |= self.summaries.get(&f.name) != Some(&summary);
                self.summaries.insert(f.name, summary);
                all.push(solved);
            }
            if !changed || !is_recursive {
                return all;
            }
        }
        for &i in group {
            self.summaries.insert(self.funcs[i].name, Summary::unknown(&self.funcs[i]));
        }
        group.iter().map(|_| None).collect()
    }
}
