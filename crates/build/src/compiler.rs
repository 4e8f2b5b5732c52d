//! Brings each package's object: out of the cache, or checked and compiled, in parallel over the graph
//! as [`Plan`] allows it.

use crate::assembly::{self, Assembled};
use crate::cache::{Cache, Key};
use crate::compile::{Checked, Part, STACK_BYTES, check_package, generate, optimize};
use crate::key::{self, Keys};
use crate::plan::{Job, Plan};
use crate::program::{Failure, Options, Toolchain};
use crate::surface::Surface;
use crate::tool::{Tool, tool};
use goxide_abi::object::Object;
use goxide_load::{Package, Program};
use goxide_lower::Assembly;
use goxide_source::{Diagnostic, Folders};
use goxide_ssa::passes::{Exports, Imports};
use goxide_types::{PackageInfo, PkgId, Store};
use rayon::Scope;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// How a package ended that was not in the cache.
pub enum Outcome {
    Object(Box<Object<'static>>),
    Errors(Vec<Diagnostic>),
    /// An entry of the cache has gone since it was looked up.
    Lost,
    /// A tool of GOROOT that is needed cannot be built.
    NoTool(Failure),
    /// The cache cannot be written.
    Unsaved(std::io::Error),
}

struct Node {
    /// In the store, where it is empty until it is checked.
    pkg: PkgId,
    /// Key of the object, and what importers' keys depend on.
    key: OnceLock<Key>,
    visible: OnceLock<Key>,
    exports: OnceLock<Arc<Exports>>,
    checked: OnceLock<Checked>,
    /// Importers can use what is known of it.
    is_importable: AtomicBool,
    /// With errors, or above one that has some.
    is_doubtful: AtomicBool,
}

impl Node {
    fn new(pkg: PkgId) -> Node {
        Node {
            pkg,
            key: OnceLock::new(),
            visible: OnceLock::new(),
            exports: OnceLock::new(),
            checked: OnceLock::new(),
            is_importable: AtomicBool::new(false),
            is_doubtful: AtomicBool::new(false),
        }
    }
}

pub struct Compiler<'a> {
    toolchain: &'a Toolchain,
    program: &'a Program,
    options: &'a Options,
    cache: &'a Cache,
    keys: &'a Keys,
    folders: &'a Folders,
    store: Store,
    nodes: Vec<Node>,
    plan: Mutex<Plan>,
    by_pkg: FxHashMap<PkgId, usize>,
    done: Mutex<Vec<(usize, Outcome)>>,
    /// How many packages were found or compiled.
    done_count: AtomicUsize,
    /// Locked while it is built, so that this is done once.
    assembler: Mutex<Option<Arc<Tool>>>,
}

/// That a package is in the cache, whole, and what must be known of it to look for its importers.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// Hash of what it exports.
    exports: [u8; 32],
    /// The import paths that its surface needs.
    surface_imports: Vec<String>,
}

impl Entry {
    fn from_bytes(bytes: &[u8]) -> Option<Entry> {
        postcard::from_bytes(bytes).ok()
    }
}

type Packages<'s> = &'s (dyn Fn(PkgId) -> Option<&'s PackageInfo> + Sync);

impl<'a> Compiler<'a> {
    pub fn new(
        toolchain: &'a Toolchain,
        cache: &'a Cache,
        options: &'a Options,
        program: &'a Program,
        keys: &'a Keys,
        folders: &'a Folders,
    ) -> Compiler<'a> {
        let mut plan = Plan::default();
        for (i, own) in keys.own.iter().enumerate() {
            plan.add(program.needs(i), own.is_new || options.is_fresh());
        }
        let store = Store::new();
        let node = |p: &Package| {
            let name = Some(p.name.as_str().into()).filter(|_| !p.name.is_empty());
            Node::new(store.new_package(p.link_path().into(), name))
        };
        let nodes: Vec<Node> = program.packages.iter().map(node).collect();
        Compiler {
            toolchain,
            program,
            options,
            cache,
            keys,
            folders,
            by_pkg: nodes.iter().enumerate().map(|(i, n)| (n.pkg, i)).collect(),
            store,
            nodes,
            plan: Mutex::new(plan),
            done: Mutex::default(),
            done_count: AtomicUsize::new(0),
            assembler: Mutex::default(),
        }
    }

    /// Returns when all has been done that can be: the packages that were not in the cache, in order.
    pub fn run(&self) -> Vec<(usize, Outcome)> {
        let jobs = self.plan.lock().expect("not poisoned").begin();
        let jobs = self.look_up(jobs);
        if !jobs.is_empty() {
            let find = |id: PkgId| self.info(id);
            // Trees may be deep; pages are used only as needed.
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
            looks.extend(self.plan.lock().expect("not poisoned").looked_up(i, found.as_deref()));
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
                        next(&|plan| plan.looked_up(i, found.as_deref()));
                    }
                    Job::Check { index, all } => {
                        if self.check(index, all) {
                            next(&|plan| plan.checked(index));
                        }
                    }
                    Job::Compile(i) => self.compile(i, packages, &|| next(&|plan| plan.optimized(i))),
                }
            });
        }
    }

    fn info(&self, id: PkgId) -> Option<&PackageInfo> {
        let node = &self.nodes[*self.by_pkg.get(&id)?];
        node.checked.get().map(|c| &c.info)
    }

    fn end(&self, i: usize, outcome: Outcome) {
        self.done_count.fetch_add(1, Ordering::Relaxed);
        self.done.lock().expect("not poisoned").push((i, outcome));
    }

    /// The keys of what the package can see of its imports.
    fn visible(&self, i: usize) -> Vec<Key> {
        let of = |dep: usize| *self.nodes[dep].visible.get().expect("imports are resolved");
        self.program.needs(i).into_iter().map(of).collect()
    }

    /// If the cache has the package: what its importers need to have checked, beside it. All that it imports
    /// is known.
    fn find(&self, i: usize) -> Option<Vec<usize>> {
        let node = &self.nodes[i];
        let visible = self.visible(i);
        let key = *node.key.get_or_init(|| key::object(&self.keys.own[i], &visible));
        let entry = Entry::from_bytes(&self.cache.get(&key, "m")?)?;
        let imports = &self.program.packages[i].imports;
        let import = |path: &String| imports.iter().find(|(p, _)| p == path).map(|(_, dep)| *dep);
        let needs = entry.surface_imports.iter().map(import).collect::<Option<Vec<usize>>>()?;
        let _ = node.visible.set(key::visible(&self.keys.own[i], &Key(entry.exports), &visible));
        self.done_count.fetch_add(1, Ordering::Relaxed);
        // Messages tell packages of one name apart, whether something is known of them or not.
        let mut list = self.store.pkg(node.pkg).imports.write().expect("not poisoned");
        list.extend(imports.iter().map(|(_, dep)| self.nodes[*dep].pkg));
        Some(needs)
    }

    /// The package that an import path stands for in the package `i`, if it has been checked.
    fn import(&self, i: usize, path: &str) -> Option<PkgId> {
        let (_, dep) = self.program.packages[i].imports.iter().find(|(p, _)| p == path)?;
        let node = &self.nodes[*dep];
        node.is_importable.load(Ordering::Acquire).then_some(node.pkg)
    }

    /// Whether importers may go on.
    fn check(&self, i: usize, all: bool) -> bool {
        let (node, package) = (&self.nodes[i], &self.program.packages[i]);
        let is_doubtful =
            package.imports.iter().any(|(_, dep)| self.nodes[*dep].is_doubtful.load(Ordering::Relaxed));
        node.is_doubtful.store(is_doubtful, Ordering::Relaxed);
        let surface = match all {
            true => None,
            false => match self.surface(i) {
                Some(surface) => surface,
                None => {
                    self.lose(i);
                    return false;
                }
            },
        };
        let part = if all { Part::All } else { Part::Importable(surface.as_ref()) };
        let (store, files) = (&self.store, &self.program.files);
        let import = |path: &str| self.import(i, path);
        let is_importable = match check_package(store, node.pkg, files, package, self.options, part, &import)
        {
            // Each package is checked once.
            Ok(checked) => node.checked.set(checked).is_ok(),
            Err(rejected) => {
                node.is_doubtful.store(true, Ordering::Relaxed);
                self.end(i, Outcome::Errors(rejected.errors));
                rejected.is_parsed && self.options.keep_going
            }
        };
        node.is_importable.store(is_importable, Ordering::Release);
        is_importable
    }

    /// The cache's entry for importers; `None` inside: there is no use in one. `None`: it has gone.
    fn surface(&self, i: usize) -> Option<Option<Surface>> {
        let bytes = self.cache.get(self.nodes[i].key.get()?, "i")?;
        let surface: Option<Surface> = postcard::from_bytes(&bytes).ok()?;
        let fits = |s: &Surface| s.files.len() == self.program.packages[i].files.len();
        surface.as_ref().is_none_or(fits).then_some(surface)
    }

    /// An entry of the cache was there a moment ago, or so the one said that tells of the others.
    fn lose(&self, i: usize) {
        if let Some(key) = self.nodes[i].key.get() {
            self.cache.remove(key, "m");
        }
        self.end(i, Outcome::Lost);
    }

    /// `optimized` is called when it is known what the package exports.
    fn compile<'s>(&'s self, i: usize, packages: Packages<'s>, optimized: &dyn Fn()) {
        let (node, package) = (&self.nodes[i], &self.program.packages[i]);
        let keep = !node.is_doubtful.load(Ordering::Relaxed);
        let Some(checked) = node.checked.get() else {
            // Its errors have been told; importers may show theirs.
            return self.pretend(i, optimized);
        };
        if let Some(watch) = &self.options.watch {
            let (done, all) = (self.done_count.load(Ordering::Relaxed), self.nodes.len());
            watch.at(done, all, &format!("compiling {}", package.import_path));
        }
        let load = |dep: usize| self.exports(dep);
        let imports = self.imports(i, &load);
        let embeds = &self.program.packages[i].embeds;
        let assembled = self.assemble(i);
        let module = assembled.and_then(|assembled| {
            let summary = assembled.as_ref().map_or_else(|| Ok(Assembly::default()), Assembled::summary);
            let summary = summary.map_err(Outcome::Errors)?.into();
            let (files, folders) = (&self.program.files, self.folders);
            let done = optimize(&self.store, files, checked, &imports, packages, embeds, summary, folders);
            done.map(|(module, exports)| (module, exports, assembled)).map_err(Outcome::Errors)
        });
        let (module, exports, assembled) = match module {
            Ok(done) => done,
            Err(outcome) => {
                self.end(i, outcome);
                return self.pretend(i, optimized);
            }
        };
        if imports.is_incomplete() {
            return;
        }
        let visible = self.visible(i);
        let key = *node.key.get_or_init(|| key::object(&self.keys.own[i], &visible));
        let bytes = exports.to_bytes();
        let hash = Key::of(&bytes);
        let _ = node.visible.set(key::visible(&self.keys.own[i], &hash, &visible));
        let _ = node.exports.set(Arc::new(exports));
        optimized();
        let object = generate(package, &module).and_then(|mut object| {
            assembled.map_or(Ok(()), |assembled| assembled.link_into(&mut object))?;
            Ok(object)
        });
        let object = match object {
            Ok(object) => object,
            Err(errors) => return self.end(i, Outcome::Errors(errors)),
        };
        // The small entry that says that the others are there is the last.
        let save = || {
            let surface = Surface::of(&self.store, package, &checked.info, &|path| self.import(i, path));
            let imports = || package.imports.iter().map(|(path, _)| path.clone()).collect();
            let surface_imports = surface.as_ref().map_or_else(imports, |s| s.imports.clone());
            let entry = Entry { exports: hash.0, surface_imports };
            self.cache.put(&key, "o", &postcard::to_stdvec(&object).expect("objects are plain data"))?;
            self.cache.put(&key, "e", &bytes)?;
            self.cache.put(&key, "i", &postcard::to_stdvec(&surface).expect("surfaces are plain data"))?;
            self.cache.put(&key, "m", &postcard::to_stdvec(&entry).expect("plain data"))
        };
        match if keep { save() } else { Ok(()) } {
            Ok(()) => self.end(i, Outcome::Object(Box::new(object))),
            Err(e) => self.end(i, Outcome::Unsaved(e)),
        }
    }

    /// The package's assembly, if it has some.
    fn assemble(&self, i: usize) -> Result<Option<Assembled>, Outcome> {
        let package = &self.program.packages[i];
        if package.assembly.files.is_empty() {
            return Ok(None);
        }
        let assembler = self.assembler().map_err(Outcome::NoTool)?;
        let (pkg, options) = (self.nodes[i].pkg, self.options);
        assembly::assemble(&assembler, &self.store, pkg, package, options).map(Some).map_err(Outcome::Errors)
    }

    fn assembler(&self) -> Result<Arc<Tool>, Failure> {
        let mut known = self.assembler.lock().expect("not poisoned");
        if let Some(tool) = &*known {
            return Ok(tool.clone());
        }
        let tool = Arc::new(tool(self.toolchain, self.cache, self.options, "asm")?);
        Ok(known.insert(tool).clone())
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
    fn imports<'l>(&self, i: usize, load: &'l (dyn Fn(usize) -> Option<Arc<Exports>> + Sync)) -> Imports<'l> {
        let mut imports = Imports::new(load);
        let mut seen = vec![false; self.nodes.len()];
        let mut work = self.program.needs(i);
        while let Some(dep) = work.pop() {
            if std::mem::replace(&mut seen[dep], true) {
                continue;
            }
            imports.add(&self.store.link_path(self.nodes[dep].pkg), dep);
            work.extend(self.program.needs(dep));
        }
        imports
    }

    fn exports(&self, i: usize) -> Option<Arc<Exports>> {
        let node = &self.nodes[i];
        if let Some(known) = node.exports.get() {
            return Some(known.clone());
        }
        let read = || Exports::from_bytes(self.cache.get(node.key.get()?, "e")?);
        let Some(exports) = read() else {
            self.lose(i);
            return None;
        };
        Some(node.exports.get_or_init(|| Arc::new(exports)).clone())
    }
}
