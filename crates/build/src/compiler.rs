//! Checks and compiles the packages that the cache has not, in parallel over the graph: a package is
//! checked as soon as those it imports are, and compiled when they are so far that what they tell of their
//! functions is known.

use crate::compile::{Bodies, Checked, check_package, compile_package};
use crate::program::Options;
use goxide_abi::object::Object;
use goxide_load::{Program, RUNTIME};
use goxide_source::Diagnostic;
use goxide_ssa::passes::{Exports, Imports};
use goxide_types::{PackageInfo, PkgId, Store};
use rayon::Scope;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

/// How a package ended.
pub enum Outcome {
    Object(Box<Object>),
    Errors(Vec<Diagnostic>),
}

struct Node {
    /// Imports that are not checked yet.
    waits_for: AtomicUsize,
    importers: Vec<usize>,
    /// What keeps it from being compiled: its own checking, and dependencies that have not told yet.
    compiles_behind: AtomicUsize,
    is_missing: bool,
    checked: OnceLock<Checked>,
    id: OnceLock<PkgId>,
    /// With errors, or above one that has some: its object is not to be kept.
    is_doubtful: AtomicBool,
}

/// Finds what is checked of a package.
type Find<'s> = &'s (dyn Fn(PkgId) -> Option<&'s PackageInfo> + Sync);

pub struct Compiler<'a> {
    program: &'a Program,
    options: &'a Options,
    store: Store,
    /// By package; `None` for those that nobody needs.
    nodes: Vec<Option<Node>>,
    /// Objects that are there already.
    objects: &'a [Option<Object>],
    /// By package: what it tells of its functions.
    exports: Vec<OnceLock<Arc<Exports>>>,
    /// The package that all depend on, whether they say so or not.
    runtime: Option<usize>,
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
        objects: &'a [Option<Object>],
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
                compiles_behind: AtomicUsize::new(1),
                is_missing: is_missing[i],
                checked: OnceLock::new(),
                id: OnceLock::new(),
                is_doubtful: AtomicBool::new(false),
            }));
        }
        let runtime = packages.iter().position(|p| p.import_path == RUNTIME);
        let compiler = Compiler {
            program,
            options,
            store: Store::new(),
            nodes,
            objects,
            exports: packages.iter().map(|_| OnceLock::new()).collect(),
            runtime,
            by_pkg: RwLock::default(),
            done,
        };
        for &i in missing {
            let behind = compiler.dependencies(i).into_iter().filter(|&dep| is_missing[dep]).count();
            compiler.node(i).compiles_behind.fetch_add(behind, Ordering::Relaxed);
        }
        compiler
    }

    /// What a package must be compiled behind: what it imports, and the runtime, unless that is built on it.
    fn dependencies(&self, i: usize) -> Vec<usize> {
        let mut all: Vec<usize> = self.program.packages[i].imports.iter().map(|(_, dep)| *dep).collect();
        all.extend(self.runtime.filter(|&r| r < i && !all.contains(&r)));
        all
    }

    /// What a package's imports tell, and theirs.
    fn imports(&self, i: usize) -> Imports {
        let mut imports = Imports::default();
        let mut seen = vec![false; self.nodes.len()];
        let mut todo = self.dependencies(i);
        while let Some(dep) = todo.pop() {
            if std::mem::replace(&mut seen[dep], true) {
                continue;
            }
            todo.extend(self.dependencies(dep));
            if let Some(object) = &self.objects[dep] {
                self.exports[dep].get_or_init(|| Arc::new(Exports::from_bytes(&object.exports)));
            }
            if let Some(exports) = self.exports[dep].get() {
                imports.add(self.program.packages[dep].link_path(), exports.clone());
            }
        }
        imports
    }

    pub fn run(&self) {
        let find = |id: PkgId| self.info(id);
        self.run_with(&find);
    }

    fn run_with<'s>(&'s self, packages: Find<'s>) {
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

    fn package<'s>(&'s self, scope: &Scope<'s>, i: usize, packages: Find<'s>) {
        let node = self.node(i);
        let may_go_on = self.check(i);
        if node.checked.get().is_none() {
            // It tells nothing, but its importers may be looked at for more errors.
            self.release(scope, i, packages);
        }
        if !may_go_on {
            return;
        }
        for &importer in &node.importers {
            if self.node(importer).waits_for.fetch_sub(1, Ordering::AcqRel) == 1 {
                scope.spawn(move |scope| self.package(scope, importer, packages));
            }
        }
        if node.is_missing && node.checked.get().is_some() {
            self.compile_if_ready(scope, i, packages);
        }
    }

    /// One thing less stands before the package's compilation.
    fn compile_if_ready<'s>(&'s self, scope: &Scope<'s>, i: usize, packages: Find<'s>) {
        if self.node(i).compiles_behind.fetch_sub(1, Ordering::AcqRel) == 1 {
            scope.spawn(move |scope| self.compile(scope, i, packages));
        }
    }

    /// What the package has to tell is there, or will never be.
    fn release<'s>(&'s self, scope: &Scope<'s>, i: usize, packages: Find<'s>) {
        if !self.node(i).is_missing {
            return;
        }
        for (next, node) in self.nodes.iter().enumerate() {
            if node.as_ref().is_some_and(|n| n.is_missing) && self.dependencies(next).contains(&i) {
                self.compile_if_ready(scope, next, packages);
            }
        }
    }

    fn compile<'s>(&'s self, scope: &Scope<'s>, i: usize, packages: Find<'s>) {
        let node = self.node(i);
        let Some(checked) = node.checked.get() else { return };
        let (files, package) = (&self.program.files, &self.program.packages[i]);
        let mut has_told = false;
        let publish = |exports| {
            // Set once: each package is compiled once.
            let _ = self.exports[i].set(exports);
            has_told = true;
            self.release(scope, i, packages);
        };
        let imports = self.imports(i);
        let result = compile_package(&self.store, files, package, checked, packages, &imports, publish);
        if !has_told {
            self.release(scope, i, packages);
        }
        let outcome = match result {
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
