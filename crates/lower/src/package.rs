//! One package: its functions, variables and initialization, and the queues of what they turn out to
//! need.

use crate::Options;
use crate::analyze::{self, Facts};
use crate::eqalg::EqFuncs;
use crate::func::{FuncLower, PendingClosure};
use crate::layout::{Layout, Layouts};
use crate::names::Names;
use crate::rtype::TypeDescs;
use crate::statics::Static;
use crate::wrappers::Wrappers;
use goxide_abi::object::{RelocKind, Section};
use goxide_source::{Diagnostic, FileSet, Folders, Pos, sort_and_dedup};
use goxide_ssa::{Data, DataReloc, Module, Sym};
use goxide_syntax::ast::{Decl, Expr, FuncDecl, NodeId, Pragma};
use goxide_types::{Info, ObjId, PackageInfo, PkgId, Store, SubstMap, Type, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// Where a body comes from: generic functions may be of another package.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub info: &'a Info,
    /// Language version of the file, (1, N).
    pub version: (u32, u32),
}

/// A function declaration and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Declared<'a> {
    pub decl: &'a FuncDecl,
    pub source: Source<'a>,
}

/// The functions and directives of a package.
#[derive(Default)]
struct Declarations<'a> {
    funcs: FxHashMap<ObjId, Declared<'a>>,
    /// `//go:linkname local symbol`
    linknames: FxHashMap<String, String>,
}

impl<'a> Declarations<'a> {
    fn of(pkg: &'a PackageInfo) -> Declarations<'a> {
        let mut out = Declarations::default();
        for (i, file) in pkg.files.iter().enumerate() {
            let version = pkg.file_versions.get(i).copied().unwrap_or((1, 27));
            let source = Source { info: &pkg.info, version };
            let mut pragmas: Vec<&Pragma> = file.pragmas.iter().collect();
            for decl in &file.decls {
                match decl {
                    Decl::Func(decl) => {
                        pragmas.extend(&decl.pragmas);
                        if let Some(&obj) = pkg.info.defs.get(&decl.name.id) {
                            out.funcs.insert(obj, Declared { decl, source });
                        }
                    }
                    Decl::Var(decl) => pragmas.extend(&decl.pragmas),
                    Decl::Type(decl) => pragmas.extend(&decl.pragmas),
                    _ => {}
                }
            }
            for p in pragmas.into_iter().filter(|p| &*p.verb == "go:linkname") {
                let mut words = p.args.split_whitespace();
                if let (Some(local), Some(symbol)) = (words.next(), words.next()) {
                    out.linknames.insert(local.into(), symbol.into());
                }
            }
        }
        out
    }
}

/// A function to be instantiated.
pub(crate) struct PendingInstance {
    pub obj: ObjId,
    pub symbol: String,
    pub targs: Vec<TypeId>,
}

pub(crate) struct Package<'a> {
    pub store: &'a Store,
    pub pkg: &'a PackageInfo,
    pub files: &'a FileSet,
    pub module: Module,
    pub layouts: Layouts,
    pub descs: TypeDescs,
    pub eqs: EqFuncs,
    pub wrappers: Wrappers,
    pub closures: VecDeque<PendingClosure<'a>>,
    /// Function literals and objects of data in initializers that were made so far.
    pub static_closures: u32,
    pub static_objects: u32,
    pub instances: VecDeque<PendingInstance>,
    instantiated: FxHashSet<String>,
    pub embeds: &'a [crate::Embed],
    pub assembly: Arc<crate::Assembly>,
    pub folders: &'a Folders,
    packages: &'a (dyn Fn(PkgId) -> Option<&'a PackageInfo> + Sync),
    /// What packages declare, as it is asked for.
    declarations: RefCell<FxHashMap<PkgId, Rc<Declarations<'a>>>>,
    pub errors: Vec<Diagnostic>,
    /// Names of the runtime's package functions are entries.
    pub is_runtime: bool,
}

pub(crate) fn lower<'a>(
    store: &'a Store,
    pkg: &'a PackageInfo,
    files: &'a FileSet,
    options: &Options<'a>,
) -> Result<Module, Vec<Diagnostic>> {
    let path = store.pkg_path(pkg.pkg).to_string();
    let mut p = Package {
        store,
        pkg,
        files,
        module: Module::new(&path),
        layouts: Layouts::default(),
        descs: TypeDescs::default(),
        eqs: EqFuncs::default(),
        wrappers: Wrappers::default(),
        closures: VecDeque::new(),
        static_closures: 0,
        static_objects: 0,
        instances: VecDeque::new(),
        instantiated: FxHashSet::default(),
        packages: options.packages,
        embeds: options.embeds,
        assembly: options.assembly.clone(),
        folders: options.folders,
        declarations: RefCell::default(),
        errors: Vec::new(),
        is_runtime: path == "runtime",
    };
    let imports = store.pkg(pkg.pkg).imports.read().map(|i| i.clone()).unwrap_or_default();
    p.module.imports = imports.iter().map(|&i| store.pkg_path(i).to_string()).collect();
    p.variables();
    let inits = p.functions();
    p.assembly_entries();
    p.initialization(inits);
    p.drain();
    p.named_types();
    p.drain();
    if p.errors.is_empty() {
        return Ok(p.module);
    }
    sort_and_dedup(&mut p.errors, files);
    Err(p.errors)
}

pub(crate) fn has_pragma(pragmas: &[Pragma], verb: &str) -> bool {
    pragmas.iter().any(|p| &*p.verb == verb)
}

impl<'a> Package<'a> {
    /// What the package `id` declares.
    fn declarations(&self, id: PkgId) -> Rc<Declarations<'a>> {
        if let Some(d) = self.declarations.borrow().get(&id) {
            return d.clone();
        }
        let pkg = if id == self.pkg.pkg { Some(self.pkg) } else { (self.packages)(id) };
        let made = Rc::new(pkg.map_or_else(Declarations::default, Declarations::of));
        self.declarations.borrow_mut().insert(id, made.clone());
        made
    }

    /// The symbol that a `//go:linkname` of the package names for a function, variable or method
    /// (`T.m`, `(*T).m`) of it.
    fn linkname(&self, pkg: Option<PkgId>, local: &str) -> Option<String> {
        self.declarations(pkg?).linknames.get(local).cloned()
    }

    pub fn names(&self) -> Names<'a> {
        Names { store: self.store }
    }

    pub fn path(&self) -> String {
        self.names().pkg(self.pkg.pkg)
    }

    pub fn layout(&mut self, t: TypeId) -> Rc<Layout> {
        self.layouts.of(self.store, t)
    }

    pub fn unsupported(&mut self, pos: Pos, what: &str) {
        self.errors.push(Diagnostic::error(pos, format!("{what} not supported yet")));
    }

    /// Bytes that arguments and results take in memory: others travel in registers.
    pub fn args_size(&mut self, params: &[TypeId], results: &[TypeId]) -> i64 {
        let all = params.iter().chain(results);
        all.map(|&t| self.layout(t)).filter(|l| l.is_mem()).map(|l| l.size as i64).sum()
    }

    pub fn frame_too_large(&mut self, pos: Pos, locals: i64, args: i64, callee: i64) {
        let mb = |n: i64| n >> 20;
        let callee = if callee == 0 { String::new() } else { format!(" + {} MB callee", mb(callee)) };
        let text =
            format!("stack frame too large (>1GB): {} MB locals + {} MB args{callee}", mb(locals), mb(args));
        self.errors.push(Diagnostic::error(pos, text));
    }

    pub fn declared(&self, obj: ObjId) -> Option<Declared<'a>> {
        let pkg = self.store.obj(obj).pkg?;
        self.declarations(pkg).funcs.get(&obj).copied()
    }

    // Symbols.

    /// The code of a function that is no method, or of a package's own linkname.
    pub fn func_symbol(&mut self, obj: ObjId, targs: &[TypeId]) -> Sym {
        let name = self.func_name(obj, targs);
        if !targs.is_empty() {
            self.instantiate(obj, &name, targs);
        }
        self.module.sym(&name)
    }

    pub fn func_name(&self, obj: ObjId, targs: &[TypeId]) -> String {
        let o = self.store.obj(obj);
        self.linkname(o.pkg, &o.name).unwrap_or_else(|| self.names().func(obj, targs))
    }

    /// The code of a declared method (of an instance: the instance's own). `obj` is the method as the
    /// receiver's named type has it; `own` are the type arguments of a generic method.
    pub fn method_symbol(&mut self, obj: ObjId, own: &[TypeId]) -> Sym {
        let (mut name, mut targs) = self.method_name(obj);
        name.push_str(&self.names().type_args(own));
        targs.extend(own);
        if !targs.is_empty() {
            self.instantiate(obj, &name, &targs);
        }
        self.module.sym(&name)
    }

    /// Name and type arguments of a declared method.
    pub fn method_name(&self, obj: ObjId) -> (String, Vec<TypeId>) {
        let recv = self.recv_type(obj);
        let base = self.store.unalias(self.store.deref(recv).0);
        let targs = self.store.type_args(base).to_vec();
        let name = self.names().method(recv, obj);
        let bare = name.split_once('.').map_or(&*name, |n| n.1);
        match self.linkname(self.store.obj(obj).pkg, bare) {
            Some(symbol) => (symbol, targs),
            None => (name, targs),
        }
    }

    /// The type of a method's receiver.
    pub fn recv_type(&self, obj: ObjId) -> TypeId {
        let recv = self.store.func_signature(obj).and_then(|s| s.recv);
        recv.map_or(TypeId::INVALID, |r| self.store.type_of(r))
    }

    fn instantiate(&mut self, obj: ObjId, name: &str, targs: &[TypeId]) {
        if self.instantiated.insert(name.into()) {
            self.instances.push_back(PendingInstance { obj, symbol: name.into(), targs: targs.to_vec() });
        }
    }

    /// A package-level variable.
    pub fn var_symbol(&mut self, obj: ObjId) -> Sym {
        let name = self.func_name(obj, &[]);
        self.module.sym(&name)
    }

    /// A function value of code that needs no closure variables: `f·f`.
    pub fn func_value_symbol(&mut self, code: Sym) -> Sym {
        let name = format!("{}·f", self.module.name(code));
        if let Some(sym) = self.module.find_sym(&name) {
            return sym;
        }
        let sym = self.module.sym(&name);
        self.add_data(sym, Section::Rodata, 8, vec![0; 8], vec![abs8(0, code)], true);
        sym
    }

    pub fn add_data(
        &mut self,
        name: Sym,
        section: Section,
        align: u32,
        bytes: Vec<u8>,
        relocs: Vec<DataReloc>,
        dupok: bool,
    ) {
        let size = bytes.len() as u64;
        self.module.data.push(Data { name, section, align, bytes, size, relocs, dupok });
    }

    /// The bytes of a string constant.
    pub fn string_symbol(&mut self, bytes: &[u8]) -> Sym {
        let name = match std::str::from_utf8(bytes) {
            Ok(s) if s.len() <= 64 => format!("go:string.{s:?}"),
            _ => format!("go:string.{:016x}{:016x}.{}", hash(bytes, 0), hash(bytes, 1), bytes.len()),
        };
        self.rodata(&name, bytes, 1)
    }

    /// Constant data, by a name that follows from its contents.
    pub fn rodata(&mut self, name: &str, bytes: &[u8], align: u32) -> Sym {
        if let Some(sym) = self.module.find_sym(name) {
            return sym;
        }
        let sym = self.module.sym(name);
        self.add_data(sym, Section::Rodata, align, bytes.to_vec(), vec![], true);
        sym
    }

    // Functions.

    /// Lowers all functions that are not generic; gives the `init` functions in order.
    fn functions(&mut self) -> Vec<Sym> {
        let mut inits = Vec::new();
        let mut blanks = 0;
        for (i, file) in self.pkg.files.iter().enumerate() {
            let version = self.pkg.file_versions.get(i).copied().unwrap_or((1, 27));
            let source = Source { info: &self.pkg.info, version };
            for decl in &file.decls {
                let Decl::Func(decl) = decl else { continue };
                let Some(&obj) = self.pkg.info.defs.get(&decl.name.id) else { continue };
                let symbol = match (&decl.recv, &*decl.name.name) {
                    (None, "init") => {
                        let name = format!("{}.init.{}", self.path(), inits.len());
                        inits.push(self.module.sym(&name));
                        name
                    }
                    (_, "_") => {
                        blanks += 1;
                        format!("{}._.{blanks}", self.path())
                    }
                    (None, _) => self.func_name(obj, &[]),
                    (Some(_), _) => self.method_name(obj).0,
                };
                let declared = Declared { decl, source };
                if decl.body.is_none() {
                    if has_pragma(&decl.pragmas, "go:noescape") {
                        let sym = self.module.sym(&symbol);
                        self.module.noescape.push(sym);
                    }
                    if let Some(f) = self.assembly_wrapper(declared, obj, &symbol) {
                        self.module.funcs.push(f);
                    } else if let Some(f) = FuncLower::intrinsic_body(self, declared, obj, &symbol) {
                        self.module.funcs.push(f);
                    }
                    continue;
                }
                if !decl.type_params.is_empty() || self.is_generic_method(obj) {
                    continue;
                }
                self.function(declared, obj, &symbol, SubstMap::new(&[], &[]), false);
            }
        }
        inits
    }

    fn is_generic_method(&self, obj: ObjId) -> bool {
        self.store.func_signature(obj).is_some_and(|s| !s.recv_type_params.is_empty())
    }

    fn function(&mut self, d: Declared<'a>, obj: ObjId, symbol: &str, env: SubstMap, dupok: bool) {
        let Some(body) = &d.decl.body else { return };
        let facts = Rc::new(analyze::function(self.store, d.source, &d.decl.ty, d.decl.recv.as_ref(), body));
        let Some(sig) = self.store.func_signature(obj).cloned() else { return };
        let name = self.module.sym(symbol);
        let f = FuncLower::declared(self, d, name, &sig, facts, env, dupok);
        self.module.funcs.push(f);
    }

    fn instance(&mut self, i: PendingInstance) {
        let origin = self.store.obj(i.obj).as_func().and_then(|f| f.origin).unwrap_or(i.obj);
        let Some(d) = self.declared(origin) else {
            let text = format!("instantiation of {} from another package", i.symbol);
            self.unsupported(self.pkg.files.first().map_or(Pos::NONE, |f| f.pos), &text);
            return;
        };
        let Some(sig) = self.store.func_signature(origin) else { return };
        let params: Vec<TypeId> = sig.recv_type_params.iter().chain(&sig.type_params).copied().collect();
        let env = SubstMap::new(&params, &i.targs);
        self.function(d, origin, &i.symbol, env, true);
    }

    /// Lowers what other code was found to need, until nothing new comes up.
    fn drain(&mut self) {
        loop {
            if let Some(closure) = self.closures.pop_front() {
                let f = FuncLower::closure(self, closure);
                self.module.funcs.push(f);
            } else if let Some(instance) = self.instances.pop_front() {
                self.instance(instance);
            } else if !(self.drain_wrappers() || self.drain_eqs() || self.drain_types()) {
                return;
            }
        }
    }

    /// Descriptors of this package's own types stand here, wherever they are used.
    fn named_types(&mut self) {
        let scope = self.store.pkg(self.pkg.pkg).scope;
        let mut objs = self.store.scope_objects(scope);
        objs.sort();
        for obj in objs {
            let o = self.store.obj(obj);
            let t = self.store.type_of(obj);
            if o.is_type_name()
                && !self.store.is_alias_name(obj)
                && self.store.type_params(t).is_empty()
                && !self.store.is_interface(t)
                && self.store.num_methods(t) > 0
            {
                self.type_symbol(t);
            }
        }
    }

    // Variables.

    fn variables(&mut self) {
        let files = self.pkg.files.clone();
        for decl in files.iter().flat_map(|f| &f.decls) {
            let Decl::Var(decl) = decl else { continue };
            for name in decl.names.iter().filter(|n| !n.is_blank()) {
                let Some(&obj) = self.pkg.info.defs.get(&name.id) else { continue };
                let linked = self.linkname(Some(self.pkg.pkg), &name.name);
                if decl.values.is_empty() && linked.is_some_and(|s| s != self.names().func(obj, &[])) {
                    continue; // Stands where that symbol is.
                }
                let sym = self.var_symbol(obj);
                let layout = self.layout(self.store.type_of(obj));
                let section = if layout.ptrs { Section::Bss } else { Section::NoptrBss };
                self.module.data.push(Data {
                    name: sym,
                    section,
                    align: layout.align,
                    bytes: Vec::new(),
                    // The linker refuses what is too large.
                    size: layout.size,
                    relocs: Vec::new(),
                    dupok: false,
                });
                let t = self.store.type_of(obj);
                // What a type is made of may be long, and tells nothing here.
                let has_name = match self.store.ty(t) {
                    Type::Basic(_) => true,
                    Type::Named(n) => n.instance.is_none(),
                    _ => false,
                };
                let symbol = if has_name { self.names().type_symbol(t) } else { String::new() };
                self.module.vars.push((sym, symbol));
                self.embed(decl, sym, t);
            }
        }
    }

    /// Gives the variable `sym` its initial contents.
    pub fn set_static(&mut self, sym: Sym, bytes: Vec<u8>, relocs: Vec<DataReloc>) {
        let Some(data) = self.module.data.iter_mut().rev().find(|d| d.name == sym) else { return };
        data.section = match data.section {
            Section::Bss => Section::Data,
            Section::NoptrBss => Section::NoptrData,
            s => s,
        };
        data.bytes = bytes;
        data.relocs = relocs;
    }

    fn initialization(&mut self, inits: Vec<Sym>) {
        let mut exprs: FxHashMap<NodeId, (&'a Expr, Source<'a>)> = FxHashMap::default();
        for (i, file) in self.pkg.files.iter().enumerate() {
            let version = self.pkg.file_versions.get(i).copied().unwrap_or((1, 27));
            let source = Source { info: &self.pkg.info, version };
            for decl in &file.decls {
                if let Decl::Var(v) = decl {
                    exprs.extend(v.values.iter().map(|e| (e.id, (e, source))));
                }
            }
        }
        let mut dynamic: Vec<(Vec<ObjId>, &'a Expr, Source<'a>)> = Vec::new();
        for init in &self.pkg.info.init_order {
            let Some(&(rhs, source)) = exprs.get(&init.rhs) else { continue };
            if let [obj] = init.lhs[..]
                && self.static_init(obj, rhs, source)
            {
                continue;
            }
            dynamic.push((init.lhs.clone(), rhs, source));
        }
        let mut funcs = Vec::new();
        if !dynamic.is_empty() {
            let name = format!("{}.init", self.path());
            let sym = self.module.sym(&name);
            let f = FuncLower::var_init(self, sym, &dynamic);
            self.module.funcs.push(f);
            funcs.push(sym);
        }
        funcs.extend(inits);
        if funcs.is_empty() {
            return;
        }
        let name = format!("{}..inittask", self.path());
        let sym = self.module.sym(&name);
        let mut bytes = (funcs.len() as u64).to_le_bytes().to_vec();
        bytes.resize(8 + 8 * funcs.len(), 0);
        let relocs = funcs.iter().enumerate().map(|(i, &f)| abs8(8 + 8 * i as u32, f)).collect();
        self.add_data(sym, Section::Rodata, 8, bytes, relocs, false);
        self.module.init_task = Some(sym);
    }

    /// A blank variable's initializer has no place to go.
    fn static_init(&mut self, obj: ObjId, rhs: &'a Expr, source: Source<'a>) -> bool {
        if &**self.store.name(obj) == "_" {
            return false;
        }
        let t = self.store.type_of(obj);
        let Some(Static { bytes, relocs }) = self.static_value(source, rhs, t) else { return false };
        let sym = self.var_symbol(obj);
        if bytes.iter().any(|&b| b != 0) || !relocs.is_empty() {
            self.set_static(sym, bytes, relocs);
        }
        true
    }

    pub fn facts_of_exprs(&self, source: Source<'a>, exprs: &[&'a Expr]) -> Facts {
        analyze::expressions(self.store, source, exprs)
    }
}

pub(crate) fn abs8(offset: u32, target: Sym) -> DataReloc {
    DataReloc { offset, kind: RelocKind::Abs8, target, addend: 0, weak: false }
}

/// FNV-1a, started differently by `seed`: two of them name a long string.
pub(crate) fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for &b in bytes {
        h = (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    h
}
