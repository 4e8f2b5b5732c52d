//! Brings each package's object: out of the cache, or checked and compiled, in parallel over the graph
//! as [`Plan`] allows it.

use crate::cache::{Cache, Key};
use crate::compile::{Bodies, Checked, check_package, generate, optimize};
use crate::key::{self, Keys};
use crate::plan::{Job, Plan};
use crate::program::Options;
use goxide_abi::object::Object;
use goxide_load::Program;
use goxide_source::Diagnostic;
use goxide_ssa::passes::{Exports, Imports};
use goxide_types::{PackageInfo, PkgId, Store};
use rayon::Scope;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

/// How a package ended that was not in the cache.
pub enum Outcome {
    Object(Box<Object>),
    Errors(Vec<Diagnostic>),
    /// An entry of the cache has gone since it was looked up.
    Lost,
    /// The cache cannot be written.
    Unsaved(std::io::Error),
}

#[derive(Default)]
struct Node {
    /// Key of the object, and what importers' keys depend on.
    key: OnceLock<Key>,
    visible: OnceLock<Key>,
    exports: OnceLock<Arc<Exports>>,
    checked: OnceLock<Checked>,
    id: OnceLock<PkgId>,
    /// With errors, or above one that has some.
    is_doubtful: AtomicBool,
}

pub struct Compiler<'a> {
    program: &'a Program,
    options: &'a Options,
    cache: &'a Cache,
    keys: &'a Keys,
    store: Store,
    nodes: Vec<Node>,
    plan: Mutex<Plan>,
    by_pkg: RwLock<FxHashMap<PkgId, usize>>,
    done: Mutex<Vec<(usize, Outcome)>>,
}

type Packages<'s> = &'s (dyn Fn(PkgId) -> Option<&'s PackageInfo> + Sync);

impl<'a> Compiler<'a> {
    pub fn new(cache: &'a Cache, options: &'a Options, program: &'a Program, keys: &'a Keys) -> Compiler<'a> {
        let mut plan = Plan::default();
        for (i, own) in keys.own.iter().enumerate() {
            plan.add(program.needs(i), own.is_new || options.is_fresh());
        }
        Compiler {
            program,
            options,
            cache,
            keys,
            store: Store::new(),
            nodes: program.packages.iter().map(|_| Node::default()).collect(),
            plan: Mutex::new(plan),
            by_pkg: RwLock::default(),
            done: Mutex::default(),
        }
    }

    /// Returns when all has been done that can be: the packages that were not in the cache, in order.
    pub fn run(&self) -> Vec<(usize, Outcome)> {
        let jobs = self.plan.lock().expect("not poisoned").begin();
        let jobs = self.look_up(jobs);
        if !jobs.is_empty() {
            let find = |id: PkgId| self.info(id);
            // Trees may be deep; pages are used only as needed.
            const STACK_BYTES: usize = 1 << 28;
            let threads = self.options.jobs.unwrap_or(0);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build();
            match pool {
                Ok(pool) => pool.install(|| self.run_jobs(jobs, &find)),
                Err(_) => self.run_jobs(jobs, &find),
            }
        }
        let mut done = std::mem::take(&mut *self.done.lock().expect("not poisoned"));
        done.sort_by_key(|(i, _)| *i);
        done
    }

    /// The key of a package's object, if it is known.
    pub fn key(&self, i: usize) -> Option<Key> {
        self.nodes[i].key.get().copied()
    }

    /// Mostly everything is there, and looking takes no threads.
    fn look_up(&self, jobs: Vec<Job>) -> Vec<Job> {
        let (mut looks, mut others) = (jobs, Vec::new());
        while let Some(job) = looks.pop() {
            let Job::LookUp(i) = job else {
                others.push(job);
                continue;
            };
            let found = self.find(i);
            looks.extend(self.plan.lock().expect("not poisoned").looked_up(i, found));
        }
        others
    }

    fn run_jobs<'s>(&'s self, jobs: Vec<Job>, packages: Packages<'s>) {
        rayon::scope(|scope| self.spawn(scope, jobs, packages));
    }

    fn spawn<'s>(&'s self, scope: &Scope<'s>, jobs: Vec<Job>, packages: Packages<'s>) {
        for job in jobs {
            scope.spawn(move |scope| {
                let next = |f: &dyn Fn(&mut Plan) -> Vec<Job>| {
                    let jobs = f(&mut self.plan.lock().expect("not poisoned"));
                    self.spawn(scope, jobs, packages);
                };
                match job {
                    Job::LookUp(i) => {
                        let found = self.find(i);
                        next(&|plan| plan.looked_up(i, found));
                    }
                    Job::Check { index, all } => {
                        if self.check(index, if all { Bodies::All } else { Bodies::Generic }) {
                            next(&|plan| plan.checked(index));
                        }
                    }
                    Job::Compile(i) => self.compile(i, packages, &|| next(&|plan| plan.optimized(i))),
                }
            });
        }
    }

    fn info(&self, id: PkgId) -> Option<&PackageInfo> {
        let i = *self.by_pkg.read().expect("not poisoned").get(&id)?;
        self.nodes[i].checked.get().map(|c| &c.info)
    }

    fn end(&self, i: usize, outcome: Outcome) {
        self.done.lock().expect("not poisoned").push((i, outcome));
    }

    /// The keys of what the package can see of its imports.
    fn visible(&self, i: usize) -> Vec<Key> {
        let of = |dep: usize| *self.nodes[dep].visible.get().expect("imports are resolved");
        self.program.needs(i).into_iter().map(of).collect()
    }

    /// Whether the cache has the package. All that it imports is known.
    fn find(&self, i: usize) -> bool {
        let node = &self.nodes[i];
        let visible = self.visible(i);
        let key = *node.key.get_or_init(|| key::object(&self.keys.own[i], &visible));
        let Some(exports) = self.cache.get(&key, "m") else { return false };
        let Ok(exports) = exports.try_into() else { return false };
        let _ = node.visible.set(key::visible(&self.keys.own[i], &Key(exports), &visible));
        true
    }

    /// Whether importers may go on.
    fn check(&self, i: usize, bodies: Bodies) -> bool {
        let (node, package) = (&self.nodes[i], &self.program.packages[i]);
        let import = |path: &str| {
            let (_, dep) = package.imports.iter().find(|(p, _)| p == path)?;
            self.nodes[*dep].id.get().copied()
        };
        let is_doubtful =
            package.imports.iter().any(|(_, dep)| self.nodes[*dep].is_doubtful.load(Ordering::Relaxed));
        node.is_doubtful.store(is_doubtful, Ordering::Relaxed);
        let id = match check_package(&self.store, &self.program.files, package, self.options, bodies, &import)
        {
            Ok(checked) => {
                let id = checked.info.pkg;
                // Each package is checked once.
                let _ = node.checked.set(checked);
                self.by_pkg.write().expect("not poisoned").insert(id, i);
                Some(id)
            }
            Err(rejected) => {
                node.is_doubtful.store(true, Ordering::Relaxed);
                self.end(i, Outcome::Errors(rejected.errors));
                rejected.pkg.filter(|_| self.options.keep_going)
            }
        };
        id.is_some_and(|id| node.id.set(id).is_ok())
    }

    /// `optimized` is called when it is known what the package exports.
    fn compile<'s>(&'s self, i: usize, packages: Packages<'s>, optimized: &dyn Fn()) {
        let (node, package) = (&self.nodes[i], &self.program.packages[i]);
        let keep = !node.is_doubtful.load(Ordering::Relaxed);
        let Some(checked) = node.checked.get() else {
            // Its errors have been told; importers may show theirs.
            return self.pretend(i, optimized);
        };
        let Some(imports) = self.imports(i) else { return self.end(i, Outcome::Lost) };
        let embeds = &self.program.packages[i].embeds;
        let (module, exports) =
            match optimize(&self.store, &self.program.files, checked, &imports, packages, embeds) {
                Ok(done) => done,
                Err(errors) => {
                    self.end(i, Outcome::Errors(errors));
                    return self.pretend(i, optimized);
                }
            };
        let visible = self.visible(i);
        let key = *node.key.get_or_init(|| key::object(&self.keys.own[i], &visible));
        let bytes = exports.to_bytes();
        let hash = Key::of(&bytes);
        let _ = node.visible.set(key::visible(&self.keys.own[i], &hash, &visible));
        let _ = node.exports.set(Arc::new(exports));
        optimized();
        let object = match generate(package, &module) {
            Ok(object) => object,
            Err(errors) => return self.end(i, Outcome::Errors(errors)),
        };
        // The small entry that says that the others are there is the last.
        let save = || {
            self.cache.put(&key, "o", &postcard::to_stdvec(&object).expect("objects are plain data"))?;
            self.cache.put(&key, "e", &bytes)?;
            self.cache.put(&key, "m", &hash.0)
        };
        match if keep { save() } else { Ok(()) } {
            Ok(()) => self.end(i, Outcome::Object(Box::new(object))),
            Err(e) => self.end(i, Outcome::Unsaved(e)),
        }
    }

    /// Goes on as if a package with errors exported nothing, to see the errors of its importers.
    fn pretend(&self, i: usize, optimized: &dyn Fn()) {
        let node = &self.nodes[i];
        node.is_doubtful.store(true, Ordering::Relaxed);
        let _ = node.exports.set(Arc::default());
        if node.visible.set(self.keys.own[i].content).is_ok() && self.options.keep_going {
            optimized();
        }
    }

    /// What the packages export that a package imports, directly or not.
    fn imports(&self, i: usize) -> Option<Imports> {
        let mut imports = Imports::default();
        let mut seen = vec![false; self.nodes.len()];
        let mut work = self.program.needs(i);
        while let Some(dep) = work.pop() {
            if std::mem::replace(&mut seen[dep], true) {
                continue;
            }
            let id = *self.nodes[dep].id.get()?;
            imports.add(&self.store.link_path(id), self.exports(dep)?);
            work.extend(self.program.needs(dep));
        }
        Some(imports)
    }

    fn exports(&self, i: usize) -> Option<Arc<Exports>> {
        let node = &self.nodes[i];
        if let Some(known) = node.exports.get() {
            return Some(known.clone());
        }
        let bytes = self.cache.get(node.key.get()?, "e")?;
        let exports = Arc::new(Exports::from_bytes(&bytes)?);
        Some(node.exports.get_or_init(|| exports).clone())
    }
}
