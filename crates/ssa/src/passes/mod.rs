//! The optimizer: every pass by name, in order, and why it stands there.
//!
//! A pass takes a function that [`crate::verify`] accepts and leaves one. It makes the analyses it needs
//! itself, and leaves no alias in use. Passes over the whole package see all functions at once; those
//! over one function run for many functions at a time.

mod boxes;
mod buffers;
mod callgraph;
mod cfg;
mod cleanup;
mod combine;
mod devirt;
mod escape;
mod escape_build;
mod escape_calls;
mod escape_graph;
mod escape_runtime;
mod exports;
mod fold;
mod gvn;
mod inline;
mod inline_body;
mod inline_decided;
mod inline_partial;
mod licm;
mod nocopy;
mod params;
mod prove;
mod ranges;
mod repair;
mod rotate;
mod safepoints;
mod simplify;
mod slots;
mod strips;
mod typedata;
mod world;

pub use exports::{Exports, Imports};

use crate::ir::Func;
use crate::module::Module;
use crate::text::print_func;
use crate::verify::verify;
use rayon::prelude::*;

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Check the rules of the form behind every pass.
    pub verify: bool,
    /// Write the function of this name to stderr behind every pass that changes it.
    pub dump: Option<String>,
}

/// What the passes are told of the package.
pub struct Context<'a> {
    names: &'a [String],
    strings: &'a [String],
    options: &'a Options,
}

/// Optimizes a package, and gives what those that import it will want to know.
pub fn optimize(module: &mut Module, imports: &Imports<'_>, options: &Options) -> Exports {
    each_function(module, "lower", options, |_, _| {});
    // What every function gains by itself, so that the passes over the package see small ones.
    each_function(module, "early", options, early);
    over_package(module, imports, options)
}

/// Calls of what is known, inlining, escape analysis: all functions at once, callees first.
pub fn over_package(module: &mut Module, imports: &Imports<'_>, options: &Options) -> Exports {
    let learnt = world::run(module, imports, &|module, pass, f| {
        let Module { names, strings, .. } = module;
        let cx = Context { names, strings, options };
        cx.inspect(pass, f, None);
        early(&cx, f);
    });
    // Before what makes functions larger.
    let exports = Exports::new(module, &learnt, imports);
    each_function(module, "late", options, late);
    exports
}

/// Small and cheap passes: also run over what inlining has made of a function.
fn early(cx: &Context<'_>, f: &mut Func) {
    // Constants first: they decide branches, and those which blocks there are.
    cx.run("simplify", f, simplify::run);
    // Memory that only this function sees, as values.
    cx.run("slots", f, slots::run);
    // Before bodies are weighed, and equal loads of different sums become one.
    cx.run("combine", f, combine::run_loads);
    // Lowering leaves empty blocks, and such that nothing leads to.
    cx.run("cfg", f, cfg::run);
}

/// What pays once everything is inlined.
fn late(cx: &Context<'_>, f: &mut Func) {
    cx.run("simplify", f, simplify::run);
    cx.run("slots", f, slots::run);
    cx.run("simplify", f, simplify::run);
    cx.run("cfg", f, cfg::run);
    // One name for one value, so that what is known of it is known of all.
    cx.run("gvn", f, gvn::run);
    // Checks that cannot fail, branches that go one way.
    cx.run("prove", f, prove::run);
    cx.run("simplify", f, simplify::run);
    cx.run("cfg", f, cfg::run);
    // Behind whatever reasons about conditions at the head of a loop: they go to its end.
    let block_count = f.blocks.len();
    cx.run("rotate", f, rotate::run);
    if f.blocks.len() > block_count {
        // What the copied tests have in common with what stands before: often it is known that a loop is
        // entered.
        cx.run("cfg", f, cfg::run);
        cx.run("gvn", f, gvn::run);
        cx.run("prove", f, prove::run);
        cx.run("simplify", f, simplify::run);
        cx.run("cfg", f, cfg::run);
    }
    // Behind what takes checks out from between stores.
    cx.run("combine", f, combine::run);
    // Loads and checks that are the same in each iteration.
    cx.run("licm", f, licm::run);
    // Behind whatever follows values through memory.
    cx.run("boxes", f, boxes::run);
    // Short loops are not interrupted.
    cx.run("safepoints", f, safepoints::run);
    // Those of the others are taken out of their iterations.
    cx.run("strips", f, strips::run);
    // Behind whatever reasons about single comparisons.
    cx.run("ranges", f, ranges::run);
    cx.run("cfg", f, cfg::run);
}

fn each_function(
    module: &mut Module,
    stage: &str,
    options: &Options,
    passes: impl Fn(&Context<'_>, &mut Func) + Sync,
) {
    let Module { funcs, names, strings, .. } = module;
    let cx = Context { names, strings, options };
    funcs.par_iter_mut().for_each(|f| {
        passes(&cx, f);
        cx.inspect(stage, f, None);
    });
}

impl Context<'_> {
    /// Runs one pass over one function.
    fn run(&self, pass: &str, f: &mut Func, run: impl Fn(&mut Func)) {
        let before = self.is_dumped(f).then(|| f.clone());
        run(f);
        self.inspect(pass, f, before.as_ref());
    }

    fn is_dumped(&self, f: &Func) -> bool {
        self.options.dump.as_deref().is_some_and(|name| name == self.names[f.name.0 as usize])
    }

    /// Behind a pass: the rules, and the dump where something has changed.
    fn inspect(&self, pass: &str, f: &Func, before: Option<&Func>) {
        if self.options.verify
            && let Err(errors) = verify(f)
        {
            let text = print_func(f, self.names, self.strings);
            panic!("behind the pass `{pass}` the SSA form is broken:\n{errors}\n{text}");
        }
        if self.is_dumped(f) && before != Some(f) {
            eprintln!("; behind {pass}\n{}", print_func(f, self.names, self.strings));
        }
    }
}

type Pass = fn(&mut Func);

/// Every pass over one function.
const PASSES: &[(&str, Pass)] = &[
    ("cleanup", cleanup::run),
    ("cfg", cfg::run),
    ("combine", combine::run),
    ("gvn", gvn::run),
    ("licm", licm::run),
    ("prove", prove::run),
    ("ranges", ranges::run),
    ("rotate", rotate::run),
    ("safepoints", safepoints::run),
    ("simplify", simplify::run),
    ("slots", slots::run),
    ("strips", strips::run),
];

pub fn by_name(name: &str) -> Option<Pass> {
    PASSES.iter().find(|(n, _)| *n == name).map(|&(_, pass)| pass)
}
