//! The checker's state, its order of work, errors, and the recording of facts (as `types2/check.go`).

use crate::Config;
use crate::operand::{Operand, Src};
use goxide_source::{Diagnostic, FileSet, Note, Pos};
use goxide_syntax::ast::{self, Expr, ExprKind, Ident, NodeId};
use goxide_syntax::walk;
use goxide_types::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// What is known of a package-level object or method before it is checked.
pub(crate) struct DeclInfo<'a> {
    pub file_scope: ScopeId,
    pub version: (u32, u32),
    /// All variables of `var a, b = f()`.
    pub lhs: Vec<ObjId>,
    pub ty: Option<&'a Expr>,
    pub init: Option<&'a Expr>,
    /// The constant repeats the expression of one before it.
    pub inherited: bool,
    pub type_decl: Option<&'a ast::TypeDecl>,
    pub func_decl: Option<&'a ast::FuncDecl>,
    pub iota: u32,
    /// Package-level objects that the initialization or body refers to.
    pub deps: FxHashSet<ObjId>,
}

/// Where the checker is.
#[derive(Clone)]
pub(crate) struct Env {
    pub decl: Option<usize>,
    pub scope: ScopeId,
    pub version: (u32, u32),
    pub iota: Option<Const>,
    /// Errors in an inherited constant expression are reported at the constant.
    pub err_pos: Pos,
    pub in_tparam_list: bool,
    pub sig: Option<TypeId>,
    pub has_call_or_recv: bool,
}

/// An expression whose type is not final.
#[derive(Clone)]
pub(crate) struct Untyped {
    pub is_lhs: bool,
    pub mode: Mode,
    pub ty: TypeId,
    pub value: Option<Const>,
}

type Action<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

pub(crate) struct Checker<'a> {
    pub store: &'a Store,
    pub files: &'a FileSet,
    pub config: &'a Config<'a>,
    pub trees: &'a [ast::File],
    pub pkg: PkgId,
    pub qualifier: Rc<Qualifier>,
    pub info: Info,
    pub errors: Vec<Diagnostic>,
    pub decls: Vec<DeclInfo<'a>>,
    pub obj_map: FxHashMap<ObjId, usize>,
    /// The keys of `obj_map` in source order.
    pub obj_list: Vec<ObjId>,
    /// Numbers of the types declared in functions, by the declared name: they tell them apart, as in gc's names.
    pub local_types: FxHashMap<NodeId, u32>,
    /// Methods by the name of their receiver's type, until they are attached to it.
    pub methods: FxHashMap<ObjId, Vec<ObjId>>,
    pub imports: Vec<ObjId>,
    pub dot_imports: FxHashMap<(ScopeId, ast::Name), ObjId>,
    /// Import paths that failed: nothing is said of what is not found in them.
    pub fake: FxHashSet<PkgId>,
    pub untyped: FxHashMap<NodeId, Untyped>,
    pub delayed: Vec<Option<(Action<'a>, (u32, u32))>>,
    pub obj_path: Vec<ObjId>,
    /// What stands for an instance in `obj_path` and in messages: where it was first written.
    pub instance_objs: FxHashMap<TypeId, ObjId>,
    /// Declared types whose sizes are known to depend on type parameters, or not to.
    pub var_sizes: FxHashMap<TypeId, bool>,
    /// Declared types that are known not to contain themselves.
    pub valid_types: FxHashSet<TypeId>,
    pub children: FxHashMap<ScopeId, Vec<ScopeId>>,
    /// Calls of `panic`, which end a function.
    pub panics: FxHashSet<NodeId>,
    pub file_versions: Vec<(u32, u32)>,
    pub mono: crate::mono::MonoGraph,
    pub env: Env,
}

pub(crate) fn run(
    store: &Store,
    trees: Arc<Vec<ast::File>>,
    files: &FileSet,
    config: &Config<'_>,
) -> (PackageInfo, Vec<Diagnostic>) {
    let pkg = config.pkg;
    let _ = store.pkg(pkg).go_version.set(config.go_version);
    let (info, errors, file_versions) = {
        let mut c = Checker {
            store,
            files,
            config,
            trees: &trees,
            pkg,
            qualifier: Rc::new(Qualifier::relative_to(pkg)),
            info: Info { types: vec![None; config.node_count], ..Info::default() },
            errors: Vec::new(),
            decls: Vec::new(),
            obj_map: FxHashMap::default(),
            obj_list: Vec::new(),
            local_types: FxHashMap::default(),
            methods: FxHashMap::default(),
            imports: Vec::new(),
            dot_imports: FxHashMap::default(),
            fake: FxHashSet::default(),
            untyped: FxHashMap::default(),
            delayed: Vec::new(),
            obj_path: Vec::new(),
            instance_objs: FxHashMap::default(),
            var_sizes: FxHashMap::default(),
            valid_types: FxHashSet::default(),
            children: FxHashMap::default(),
            panics: FxHashSet::default(),
            file_versions: Vec::new(),
            mono: Default::default(),
            env: Env {
                decl: None,
                scope: store.pkg(pkg).scope,
                version: config.go_version,
                iota: None,
                err_pos: Pos::NONE,
                in_tparam_list: false,
                sig: None,
                has_call_or_recv: false,
            },
        };
        c.check();
        if c.errors.is_empty() && !config.is_surface {
            c.errors = crate::late::interface_cycles(store, &trees, &c.info);
        }
        (c.info, c.errors, c.file_versions)
    };
    (PackageInfo { pkg, files: trees, info, file_versions }, errors)
}

impl<'a> Checker<'a> {
    fn check(&mut self) {
        self.init_files();
        self.collect_objects();
        self.direct_cycles();
        self.package_objects();
        self.process_delayed(0);
        if !self.config.is_surface {
            self.init_order();
            self.unused_imports();
        }
        self.record_untyped();
        if !self.config.is_surface && self.errors.is_empty() {
            self.monomorph();
        }
    }

    fn init_files(&mut self) {
        let local_types = self.trees.iter().flat_map(|f| &f.decls).flat_map(walk::local_types);
        let given = |i: usize, numbers: &[u32]| numbers.get(i).copied().unwrap_or_default();
        let number = |i: usize| self.config.local_types.map_or(i as u32 + 1, |numbers| given(i, numbers));
        self.local_types = local_types.enumerate().map(|(i, id)| (id, number(i))).collect();
        let mut package: Option<ast::Name> = None;
        for file in self.trees {
            let name = &file.package.name;
            if &**name == "_" {
                self.err(file.package.pos, "invalid package name _".into());
            }
            match &package {
                None => package = Some(name.clone()),
                Some(p) if p == name => {}
                Some(p) => {
                    let text = format!("package {name}; expected package {p}");
                    self.err(file.package.pos, text);
                }
            }
            let own = file.go_version.as_ref().and_then(|v| {
                let minor = v.strip_prefix("go1.")?.split('.').next()?.parse::<u32>().ok()?;
                Some((1, minor.max(21)))
            });
            self.file_versions.push(own.unwrap_or(self.config.go_version));
        }
        let name = package.unwrap_or_else(|| self.store.pkg_path(self.pkg).clone());
        let _ = self.store.pkg(self.pkg).name.set(name);
    }

    /// Runs `f`, checking the declarations that it needs on the way.
    pub fn with<R>(&mut self, mut f: impl FnMut(&Cx<'_>) -> R) -> R {
        let mut tried: Vec<ObjId> = Vec::new();
        loop {
            let qualifier = self.qualifier.clone();
            let cx = Cx::new(self.store, self.files, &qualifier, self.env.version);
            let result = f(&cx);
            let mut pending = cx.take_pending();
            pending.retain(|o| !tried.contains(o));
            if pending.is_empty() {
                return result;
            }
            for o in pending {
                tried.push(o);
                self.obj_decl(o);
            }
        }
    }

    /// A type as messages write it.
    pub fn ts(&self, t: TypeId) -> String {
        Cx::new(self.store, self.files, &self.qualifier, self.env.version).type_string(t)
    }

    pub fn cx(&self) -> Cx<'_> {
        Cx::new(self.store, self.files, &self.qualifier, self.env.version)
    }

    pub fn basic(&self, k: BasicKind) -> TypeId {
        self.store.basic(k)
    }

    pub fn later(&mut self, f: impl FnOnce(&mut Checker<'a>) + 'a) {
        self.delayed.push(Some((Box::new(f), self.env.version)));
    }

    pub fn process_delayed(&mut self, top: usize) {
        let version = self.env.version;
        let mut i = top;
        while i < self.delayed.len() {
            if let Some((f, v)) = self.delayed[i].take() {
                self.env.version = v;
                f(self);
            }
            i += 1;
        }
        self.delayed.truncate(top);
        self.env.version = version;
    }

    // Errors.

    pub fn err(&mut self, pos: Pos, text: String) {
        self.err_notes(pos, text, Vec::new());
    }

    pub fn err_notes(&mut self, pos: Pos, text: String, notes: Vec<(Pos, String)>) {
        // Follow-on errors say nothing new.
        let follow = |s: &str| text.find(s).is_some_and(|i| i > 0);
        if !self.errors.is_empty() && (follow("invalid operand") || follow("invalid type")) {
            return;
        }
        let pos = if self.env.err_pos.is_known() { self.env.err_pos } else { pos };
        let mut d = Diagnostic::error(pos, self.with_version_hint(pos, text));
        d.notes = notes.into_iter().map(|(pos, text)| Note { pos, text }).collect();
        self.errors.push(d);
    }

    /// Says where the language version comes from.
    fn with_version_hint(&self, pos: Pos, text: String) -> String {
        let Some(i) = text.find("requires go1.") else { return text };
        let rest = text[i + "requires go1.".len()..].trim_start_matches(|c: char| c.is_ascii_digit());
        if !rest.starts_with(" or later") {
            return text;
        }
        let source = self.files.file(pos);
        let file = self.trees.iter().find(|f| source.as_ref().is_some_and(|s| Arc::ptr_eq(s, &f.source)));
        let version = format!("go1.{}", self.env.version.1);
        match file.and_then(|f| f.go_version.as_ref()) {
            Some(declared) if **declared == *version => {
                format!("{text} (file declares //go:build {version})")
            }
            _ => {
                let (major, minor) = self.config.go_version;
                format!("{text} (-lang was set to go{major}.{minor}; check go.mod)")
            }
        }
    }

    pub fn allows(&self, minor: u32) -> bool {
        self.env.version >= (1, minor)
    }

    /// Reports `what` if the language version is too old for it.
    pub fn verify_version(&mut self, pos: Pos, minor: u32, what: &str) -> bool {
        if !self.allows(minor) {
            self.err(pos, format!("{what} requires go1.{minor} or later"));
            return false;
        }
        true
    }

    // Scopes.

    pub fn open_scope(&mut self, node: Option<NodeId>, start: Pos, end: Pos) -> ScopeId {
        let s = self.store.new_scope(Some(self.env.scope), start, end, false);
        self.children.entry(self.env.scope).or_default().push(s);
        if let Some(n) = node {
            self.info.scopes.insert(n, s);
        }
        self.env.scope = s;
        s
    }

    pub fn open_func_scope(&mut self, node: NodeId, start: Pos) -> ScopeId {
        let s = self.store.new_scope(Some(self.env.scope), start, Pos::NONE, true);
        // No child: what is unused in it is reported with the function's body.
        self.info.scopes.insert(node, s);
        self.env.scope = s;
        s
    }

    pub fn close_scope(&mut self) {
        if let Some(p) = self.store.scope(self.env.scope).parent {
            self.env.scope = p;
        }
    }

    pub fn lookup_scope(&self, name: &str) -> Option<(ScopeId, ObjId)> {
        self.store.lookup_parent(self.env.scope, name, Pos::NONE)
    }

    pub fn lookup(&self, name: &str) -> Option<ObjId> {
        self.lookup_scope(name).map(|p| p.1)
    }

    pub fn declare(&mut self, scope: ScopeId, id: Option<&Ident>, obj: ObjId, pos: Pos) {
        let o = self.store.obj(obj);
        if &*o.name != "_" {
            if let Some(alt) = self.store.insert(scope, obj) {
                let text = format!("{} redeclared in this block", o.name);
                let notes = self.alt_decl(alt);
                self.err_notes(o.pos, text, notes);
                return;
            }
            o.scope_pos.set(pos);
        }
        if let Some(id) = id {
            self.record_def(id, obj);
        }
    }

    pub fn alt_decl(&self, alt: ObjId) -> Vec<(Pos, String)> {
        let o = self.store.obj(alt);
        if o.pos.is_known() { vec![(o.pos, format!("other declaration of {}", o.name))] } else { Vec::new() }
    }

    pub fn add_dep(&mut self, to: ObjId) {
        if let Some(from) = self.env.decl
            && self.obj_map.contains_key(&to)
        {
            self.decls[from].deps.insert(to);
        }
    }

    pub fn set_used(&self, obj: ObjId, used: bool) {
        self.store.obj(obj).used.store(used, Relaxed);
    }

    pub fn is_used(&self, obj: ObjId) -> bool {
        self.store.obj(obj).used.load(Relaxed)
    }

    // Facts.

    pub fn record_def(&mut self, id: &Ident, obj: ObjId) {
        self.info.defs.insert(id.id, obj);
    }

    pub fn record_use(&mut self, id: NodeId, obj: ObjId) {
        self.info.uses.insert(id, obj);
    }

    pub fn record_type(&mut self, x: &Expr, mode: Mode, ty: TypeId, value: Option<Const>) {
        self.record_type_id(x.id, mode, ty, value);
    }

    pub fn record_type_id(&mut self, id: NodeId, mode: Mode, ty: TypeId, value: Option<Const>) {
        if mode == Mode::Invalid {
            return;
        }
        if let Some(slot) = self.info.types.get_mut(id.0 as usize) {
            *slot = Some(TypeAndValue { mode, ty, value });
        }
    }

    pub fn record(&mut self, x: &Operand<'a>) {
        let Src::Expr(e) = x.expr else { return };
        let (ty, value) = match x.mode {
            Mode::Invalid => return,
            Mode::NoValue => (self.store.tuple_of(&[]), None),
            Mode::Constant => (x.ty, Some(x.val.clone())),
            _ => (x.ty, None),
        };
        if self.store.is_untyped(ty) {
            self.untyped.insert(e.id, Untyped { is_lhs: false, mode: x.mode, ty, value });
        } else {
            self.record_type(e, x.mode, ty, value);
        }
    }

    fn record_untyped(&mut self) {
        for (id, u) in std::mem::take(&mut self.untyped) {
            self.record_type_id(id, u.mode, u.ty, u.value);
        }
    }

    /// The signature of a call of a builtin, at its name and the parentheses around that.
    pub fn record_builtin(&mut self, f: &Expr, sig: TypeId) {
        let mut f = f;
        loop {
            self.record_type(f, Mode::Builtin, sig, None);
            match &f.kind {
                ExprKind::Paren(inner) => f = inner,
                _ => return,
            }
        }
    }

    pub fn record_comma_ok(&mut self, x: &Expr, types: [TypeId; 2]) {
        let tuple = self.store.tuple_of(&types);
        let mut x = x;
        loop {
            if let Some(Some(tv)) = self.info.types.get_mut(x.id.0 as usize) {
                tv.ty = tuple;
            }
            match &x.kind {
                ExprKind::Paren(inner) => x = inner,
                _ => return,
            }
        }
    }

    /// At the identifier that is instantiated.
    pub fn record_instance(&mut self, x: &Expr, targs: &[TypeId], ty: TypeId) {
        let x = match &x.kind {
            ExprKind::Index(x, _) => x,
            _ => x,
        };
        let id = match &x.kind {
            ExprKind::Selector(_, sel) => sel.id,
            _ => x.id,
        };
        self.info.instances.insert(id, Instance { targs: targs.to_vec(), ty });
    }
}
