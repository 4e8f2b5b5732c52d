//! Checks and compiles the packages that the cache has not, in parallel over the graph: a package is
//! checked as soon as those it imports are, and compiled when there is time.

use crate::compile::{Bodies, Checked, check_package, compile_package};
use crate::program::Options;
use goxide_abi::object::Object;
use goxide_load::Program;
use goxide_source::Diagnostic;
use goxide_types::{PackageInfo, PkgId, Store};
use rayon::Scope;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{OnceLock, RwLock};

/// How a package ended.
pub enum Outcome {
    Object(Box<Object>),
    Errors(Vec<Diagnostic>),
}

struct Node {
    /// Imports that are not checked yet.
    waits_for: AtomicUsize,
    importers: Vec<usize>,
    is_missing: bool,
    checked: OnceLock<Checked>,
    id: OnceLock<PkgId>,
    /// With errors, or above one that has some: its object is not to be kept.
    is_doubtful: AtomicBool,
}

pub struct Compiler<'a> {
    program: &'a Program,
    options: &'a Options,
    store: Store,
    /// By package; `None` for those that nobody needs.
    nodes: Vec<Option<Node>>,
    by_pkg: RwLock<FxHashMap<PkgId, usize>>,
    /// Told of each package when it is done: its index, whether to keep the object, and how it ended.
    done: &'a (dyn Fn(usize, bool, Outcome) + Sync),
}

impl<'a> Compiler<'a> {
    /// `missing` are the packages to compile. What they import is checked for its declarations.
    pub fn new(
        program: &'a Program,
        options: &'a Options,
        missing: &[usize],
        done: &'a (dyn Fn(usize, bool, Outcome) + Sync),
    ) -> Compiler<'a> {
        let packages = &program.packages;
        let mut is_missing = vec![false; packages.len()];
        missing.iter().for_each(|&i| is_missing[i] = true);
        let mut needed = is_missing.clone();
        // A package stands behind all that it imports.
        for i in (0..packages.len()).rev().filter(|&i| needed[i]).collect::<Vec<_>>() {
            mark(program, i, &mut needed);
        }
        let mut nodes: Vec<Option<Node>> = Vec::new();
        for (i, package) in packages.iter().enumerate() {
            if needed[i] {
                for (_, dep) in &package.imports {
                    nodes[*dep].as_mut().expect("an import is needed too").importers.push(i);
                }
            }
            nodes.push(needed[i].then(|| Node {
                waits_for: AtomicUsize::new(package.imports.len()),
                importers: Vec::new(),
                is_missing: is_missing[i],
                checked: OnceLock::new(),
                id: OnceLock::new(),
                is_doubtful: AtomicBool::new(false),
            }));
        }
        Compiler { program, options, store: Store::new(), nodes, by_pkg: RwLock::default(), done }
    }

    pub fn run(&self) {
        let find = |id: PkgId| self.info(id);
        self.run_with(&find);
    }

    fn run_with<'s>(&'s self, packages: &'s (dyn Fn(PkgId) -> Option<&'s PackageInfo> + Sync)) {
        rayon::scope(|scope| {
            for (i, node) in self.nodes.iter().enumerate() {
                if node.is_some() && self.program.packages[i].imports.is_empty() {
                    scope.spawn(move |scope| self.package(scope, i, packages));
                }
            }
        });
    }

    fn node(&self, i: usize) -> &Node {
        self.nodes[i].as_ref().expect("only what is needed is looked at")
    }

    fn info(&self, id: PkgId) -> Option<&PackageInfo> {
        let i = *self.by_pkg.read().expect("not poisoned").get(&id)?;
        self.node(i).checked.get().map(|c| &c.info)
    }

    fn package<'s>(
        &'s self,
        scope: &Scope<'s>,
        i: usize,
        packages: &'s (dyn Fn(PkgId) -> Option<&'s PackageInfo> + Sync),
    ) {
        let node = self.node(i);
        if !self.check(i) {
            return;
        }
        for &importer in &node.importers {
            if self.node(importer).waits_for.fetch_sub(1, Ordering::AcqRel) == 1 {
                scope.spawn(move |scope| self.package(scope, importer, packages));
            }
        }
        if !node.is_missing {
            return;
        }
        let Some(checked) = node.checked.get() else { return };
        let package = &self.program.packages[i];
        let outcome = match compile_package(&self.store, &self.program.files, package, checked, packages) {
            Ok(object) => Outcome::Object(Box::new(object)),
            Err(errors) => Outcome::Errors(errors),
        };
        (self.done)(i, !node.is_doubtful.load(Ordering::Relaxed), outcome);
    }

    /// Whether importers may go on.
    fn check(&self, i: usize) -> bool {
        let (node, package) = (self.node(i), &self.program.packages[i]);
        let import = |path: &str| {
            let (_, dep) = package.imports.iter().find(|(p, _)| p == path)?;
            self.node(*dep).id.get().copied()
        };
        let is_doubtful =
            package.imports.iter().any(|(_, dep)| self.node(*dep).is_doubtful.load(Ordering::Relaxed));
        node.is_doubtful.store(is_doubtful, Ordering::Relaxed);
        let bodies = if node.is_missing { Bodies::All } else { Bodies::Generic };
        let id = match check_package(&self.store, &self.program.files, package, self.options, bodies, &import)
        {
            Ok(checked) => {
                let id = checked.info.pkg;
                self.by_pkg.write().expect("not poisoned").insert(id, i);
                // Set once: each package is checked once.
                let _ = node.checked.set(checked);
                Some(id)
            }
            Err(rejected) => {
                node.is_doubtful.store(true, Ordering::Relaxed);
                (self.done)(i, false, Outcome::Errors(rejected.errors));
                rejected.pkg.filter(|_| self.options.keep_going)
            }
        };
        id.is_some_and(|id| node.id.set(id).is_ok())
    }
}

fn mark(program: &Program, i: usize, needed: &mut [bool]) {
    for &(_, dep) in &program.packages[i].imports {
        if !std::mem::replace(&mut needed[dep], true) {
            mark(program, dep, needed);
        }
    }
}
