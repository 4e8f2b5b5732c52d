//! Package-level declarations: who declares what, imports, methods' types (as `types2/resolver.go`).

use crate::checker::{Checker, DeclInfo};
use goxide_source::Pos;
use goxide_syntax::ast::{self, Decl, Expr, ExprKind, Ident, LitKind, start_pos, unparen};
use goxide_types::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::atomic::Ordering::Relaxed;

/// The expressions and type that the constants of a spec use: their own, or those before it.
pub(crate) struct ConstSpec<'a> {
    pub ty: Option<&'a Expr>,
    pub values: &'a [Expr],
    pub inherited: bool,
}

/// Keeps track of what a group of constants repeats.
#[derive(Default)]
pub(crate) struct ConstGroup<'a> {
    last: Option<&'a ast::ConstDecl>,
    group: Option<ast::GroupId>,
}

impl<'a> ConstGroup<'a> {
    pub fn spec(&mut self, d: &'a ast::ConstDecl) -> ConstSpec<'a> {
        if d.group.is_none() || d.group != self.group {
            self.last = None;
            self.group = d.group;
        }
        if d.ty.is_some() || !d.values.is_empty() {
            self.last = Some(d);
            return ConstSpec { ty: d.ty.as_ref(), values: &d.values, inherited: false };
        }
        match self.last {
            Some(l) => ConstSpec { ty: l.ty.as_ref(), values: &l.values, inherited: true },
            None => ConstSpec { ty: None, values: &[], inherited: false },
        }
    }
}

impl<'a> Checker<'a> {
    /// Reports a wrong number of initial values.
    pub fn arity(&mut self, pos: Pos, names: &[Ident], inits: &[Expr], is_const: bool, inherited: bool) {
        let (l, r) = (names.len(), inits.len());
        if l < r {
            let n = &inits[l];
            if inherited {
                let at = self.cx().pos_string(n.pos);
                self.err(pos, format!("extra init expr at {at}"));
            } else {
                self.err(start_pos(n), format!("extra init expr {n}"));
            }
        } else if l > r && (is_const || r != 1) {
            let n = &names[r];
            self.err(n.pos, format!("missing init expr for {}", n.name));
        }
    }

    fn declare_pkg_obj(&mut self, id: &Ident, obj: ObjId, decl: usize) {
        if &*id.name == "init" {
            return self.err(id.pos, "cannot declare init - must be func".into());
        }
        if &*id.name == "main" && self.store.pkg_name(self.pkg) == "main" {
            return self.err(id.pos, "cannot declare main - must be func".into());
        }
        self.declare(self.store.pkg(self.pkg).scope, Some(id), obj, Pos::NONE);
        self.add_decl(obj, decl);
    }

    fn add_decl(&mut self, obj: ObjId, decl: usize) {
        self.obj_map.insert(obj, decl);
        self.obj_list.push(obj);
        self.store.obj(obj).order.store(self.obj_list.len() as u32, Relaxed);
    }

    fn new_decl(&mut self, file_scope: ScopeId) -> usize {
        self.decls.push(DeclInfo {
            file_scope,
            version: self.env.version,
            lhs: Vec::new(),
            ty: None,
            init: None,
            inherited: false,
            type_decl: None,
            func_decl: None,
            iota: 0,
            deps: FxHashSet::default(),
        });
        self.decls.len() - 1
    }

    pub fn collect_objects(&mut self) {
        let pkg_scope = self.store.pkg(self.pkg).scope;
        let mut methods: Vec<(ObjId, bool, &'a str)> = Vec::new();
        let mut scopes: Vec<ScopeId> = Vec::new();
        for (i, file) in self.trees.iter().enumerate() {
            self.env.version = self.file_versions[i];
            let scope = self.store.new_scope(Some(pkg_scope), file.pos, file.eof, false);
            scopes.push(scope);
            let mut group = ConstGroup::default();
            for decl in &file.decls {
                match decl {
                    Decl::Import(d) => self.collect_import(d, scope),
                    Decl::Const(d) => {
                        let spec = group.spec(d);
                        for (k, name) in d.names.iter().enumerate() {
                            let obj =
                                self.store.new_const(name.pos, Some(self.pkg), name.name.clone(), None, None);
                            let n = self.new_decl(scope);
                            let info = &mut self.decls[n];
                            info.ty = spec.ty;
                            info.init = spec.values.get(k);
                            info.inherited = spec.inherited;
                            info.iota = d.iota;
                            self.declare_pkg_obj(name, obj, n);
                        }
                        self.arity(d.pos, &d.names, spec.values, true, spec.inherited);
                    }
                    Decl::Var(d) => self.collect_var(d, scope),
                    Decl::Type(d) => {
                        let name = &d.name;
                        let obj = self.store.new_type_name(name.pos, Some(self.pkg), name.name.clone(), None);
                        let n = self.new_decl(scope);
                        self.decls[n].type_decl = Some(d);
                        self.declare_pkg_obj(name, obj, n);
                    }
                    Decl::Func(d) => self.collect_func(d, scope, &mut methods),
                }
            }
        }
        self.check_file_scopes(&scopes);
        for (m, ptr, recv) in methods {
            if let Some((ptr, base)) = self.resolve_base_type_name(ptr, recv) {
                if let Some(f) = self.store.obj(m).as_func() {
                    f.has_pointer_recv.store(ptr, Relaxed);
                }
                self.methods.entry(base).or_default().push(m);
            }
        }
    }

    fn collect_var(&mut self, d: &'a ast::VarDecl, scope: ScopeId) {
        let vars: Vec<ObjId> = d
            .names
            .iter()
            .map(|n| self.store.new_var(VarKind::Package, n.pos, Some(self.pkg), n.name.clone(), None))
            .collect();
        // One call for all.
        let shared = (d.values.len() == 1 && vars.len() > 1).then(|| {
            let n = self.new_decl(scope);
            self.decls[n].lhs = vars.clone();
            self.decls[n].ty = d.ty.as_ref();
            self.decls[n].init = d.values.first();
            n
        });
        for (k, (name, &obj)) in d.names.iter().zip(&vars).enumerate() {
            let n = match shared {
                Some(n) => n,
                None => {
                    let n = self.new_decl(scope);
                    self.decls[n].ty = d.ty.as_ref();
                    self.decls[n].init = d.values.get(k);
                    n
                }
            };
            self.declare_pkg_obj(name, obj, n);
        }
        if d.ty.is_none() || !d.values.is_empty() {
            self.arity(d.pos, &d.names, &d.values, false, false);
        }
    }

    fn collect_func(
        &mut self,
        d: &'a ast::FuncDecl,
        scope: ScopeId,
        methods: &mut Vec<(ObjId, bool, &'a str)>,
    ) {
        let name = &d.name.name;
        let obj = self.store.new_func(d.name.pos, Some(self.pkg), name.clone(), None);
        if let Some(f) = self.store.obj(obj).as_func() {
            f.has_body.store(d.body.is_some(), Relaxed);
        }
        let tparam0 = d.type_params.first().map(|p| p.pos);
        match &d.recv {
            None => {
                let is_main = &**name == "main" && self.store.pkg_name(self.pkg) == "main";
                if &**name == "init" || is_main {
                    if let Some(pos) = tparam0 {
                        self.err(pos, format!("func {name} must have no type parameters"));
                    }
                    if !d.ty.params.is_empty() || !d.ty.results.is_empty() {
                        let text = format!("func {name} must have no arguments and no return values");
                        self.err(d.name.pos, text);
                    }
                } else if let Some(pos) = tparam0 {
                    self.verify_version(pos, 18, "type parameter");
                }
                if &**name == "init" {
                    let _ = self.store.obj(obj).parent.set(self.store.pkg(self.pkg).scope);
                    self.record_def(&d.name, obj);
                    if d.body.is_none() {
                        self.err(d.name.pos, "func init must have a body".into());
                    }
                } else {
                    self.declare(self.store.pkg(self.pkg).scope, Some(&d.name), obj, Pos::NONE);
                }
            }
            Some(recv) => {
                let (ptr, base, _) = unpack_recv(&recv.ty);
                if let ExprKind::Name(n) = &base.kind
                    && &**name != "_"
                {
                    methods.push((obj, ptr, n));
                }
                if let Some(pos) = tparam0 {
                    self.verify_version(pos, 27, "generic method");
                }
                self.record_def(&d.name, obj);
            }
        }
        let n = self.new_decl(scope);
        self.decls[n].func_decl = Some(d);
        self.add_decl(obj, n);
    }

    fn collect_import(&mut self, d: &'a ast::ImportDecl, scope: ScopeId) {
        let Some(lit) = d.path.as_ref().filter(|p| !p.bad && p.kind == LitKind::String) else { return };
        let Some(bytes) = constant::unquote(&lit.text) else { return };
        let path = String::from_utf8_lossy(&bytes).into_owned();
        if path.is_empty() {
            return self.err(lit.pos, "invalid import path (empty string)".into());
        }
        const ILLEGAL: &str = "!\"#$%&'()*,:;<=>?[\\]^{|}`\u{FFFD}";
        if let Some(c) = path.chars().find(|&c| c.is_control() || c.is_whitespace() || ILLEGAL.contains(c)) {
            let shown = if c.is_control() { String::new() } else { format!(" '{c}'") };
            let text = format!("invalid import path (invalid character U+{:04X}{shown})", u32::from(c));
            return self.err(lit.pos, text);
        }
        if path == "C" {
            let text = match &d.local_name {
                Some(_) => "cannot rename import \"C\"",
                None => "could not import C (no metadata for C)",
            };
            return self.err(d.local_name.as_ref().map_or(lit.pos, |n| n.pos), text.into());
        }
        let imported = if path == "unsafe" {
            self.store.universe().unsafe_pkg
        } else {
            match (self.config.importer)(&path) {
                Ok(p) => p,
                Err(why) => {
                    self.err(lit.pos, format!("could not import {path} ({why})"));
                    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(&path).to_string();
                    let p = self.store.new_package(path.as_str().into(), Some(name.as_str().into()));
                    self.fake.insert(p);
                    p
                }
            }
        };
        let name: ast::Name = match &d.local_name {
            Some(n) => n.name.clone(),
            None => self.store.pkg_name(imported).into(),
        };
        if &*name == "init" {
            return self.err(d.pos, "cannot import package as init - init must be a func".into());
        }
        let mut list = self.store.pkg(self.pkg).imports.write().expect("not poisoned");
        if !list.contains(&imported) {
            list.push(imported);
        }
        drop(list);
        let pos = d.local_name.as_ref().map_or(lit.pos, |n| n.pos);
        let obj = self.store.new_pkg_name(pos, self.pkg, name.clone(), imported);
        if let Some(n) = &d.local_name {
            self.record_def(n, obj);
        }
        if self.fake.contains(&imported) {
            self.set_used(obj, true);
        }
        self.imports.push(obj);
        if &*name != "." {
            return self.declare(scope, None, obj, Pos::NONE);
        }
        for o in self.store.scope_objects(self.store.pkg(imported).scope) {
            let oname = self.store.name(o).clone();
            if !self.store.obj(o).is_exported() {
                continue;
            }
            if let Some(alt) = self.store.lookup(scope, &oname) {
                let notes = self.alt_decl(alt);
                self.err_notes(pos, format!("{oname} redeclared in this block"), notes);
            } else {
                self.store.scope(scope).names.write().expect("not poisoned").insert(oname.clone(), o);
                self.dot_imports.insert((scope, oname), obj);
            }
        }
    }

    /// Names that an import and the package both declare.
    fn check_file_scopes(&mut self, scopes: &[ScopeId]) {
        for &scope in scopes {
            for obj in self.store.scope_objects(scope) {
                let o = self.store.obj(obj);
                let Some(alt) = self.store.lookup(self.store.pkg(self.pkg).scope, &o.name) else { continue };
                let a = self.store.obj(alt);
                let text = match &o.kind {
                    ObjectKind::PkgName { imported } => {
                        let p = self.store.pkg(*imported);
                        let name = self.store.pkg_name(*imported);
                        format!(
                            "{} already declared through import of package {name} ({:?})",
                            a.name, &*p.path
                        )
                    }
                    _ => {
                        let p = o.pkg.map_or(String::new(), |p| {
                            format!("package {} ({:?})", self.store.pkg_name(p), &**self.store.pkg_path(p))
                        });
                        format!("{} already declared through dot-import of {p}", a.name)
                    }
                };
                let notes = self.alt_decl(obj);
                self.err_notes(a.pos, text, notes);
            }
        }
    }

    /// The declared type that a receiver's type name stands for, through aliases.
    fn resolve_base_type_name(&self, ptr: bool, name: &str) -> Option<(bool, ObjId)> {
        let mut ptr = ptr;
        let mut name = name;
        let mut seen: Vec<ObjId> = Vec::new();
        loop {
            let obj = self.store.lookup(self.store.pkg(self.pkg).scope, name)?;
            if !self.store.obj(obj).is_type_name() || seen.contains(&obj) {
                return None;
            }
            let decl = self.decls[*self.obj_map.get(&obj)?].type_decl?;
            if !decl.is_alias {
                return Some((ptr, obj));
            }
            if !decl.type_params.is_empty() {
                return None;
            }
            seen.push(obj);
            let mut t = unparen(&decl.ty);
            if let ExprKind::Star(inner) = &t.kind {
                if ptr {
                    return None;
                }
                ptr = true;
                t = unparen(inner);
            }
            match &t.kind {
                ExprKind::Name(n) => name = n,
                _ => return None,
            }
        }
    }

    /// Types that are nothing but names of each other.
    pub fn direct_cycles(&mut self) {
        let mut done: FxHashMap<ObjId, Option<usize>> = FxHashMap::default();
        for obj in self.obj_list.clone() {
            if !self.store.obj(obj).is_type_name() {
                continue;
            }
            let mut path: Vec<ObjId> = Vec::new();
            let mut at = obj;
            loop {
                match done.get(&at) {
                    Some(None) => break,
                    Some(&Some(start)) => {
                        self.store.obj(at).ty.set(TypeId::INVALID);
                        let cycle = path[start..].to_vec();
                        let first = self.first_in_source(&cycle);
                        self.cycle_error(&cycle, first);
                        break;
                    }
                    None => {}
                }
                done.insert(at, Some(path.len()));
                path.push(at);
                let Some(d) = self.obj_map.get(&at).and_then(|&i| self.decls[i].type_decl) else { break };
                let ExprKind::Name(n) = &d.ty.kind else { break };
                match self.store.lookup(self.store.pkg(self.pkg).scope, n) {
                    Some(o) if self.store.obj(o).is_type_name() => at = o,
                    _ => break,
                }
            }
            for o in path {
                done.insert(o, None);
            }
        }
    }

    pub fn package_objects(&mut self) {
        let list = self.obj_list.clone();
        for &obj in &list {
            if self.store.obj(obj).is_type_name() && self.store.obj(obj).ty.get().is_some() {
                self.collect_methods(obj);
            }
        }
        // Aliases after the types, which then know their underlying types.
        let rank = |c: &Checker<'a>, o: ObjId| match c.obj_map.get(&o).and_then(|&i| c.decls[i].type_decl) {
            Some(d) => usize::from(d.is_alias),
            None => 2,
        };
        for wanted in 0..3 {
            for &obj in &list {
                if rank(self, obj) == wanted {
                    self.obj_decl(obj);
                }
            }
        }
        self.methods.clear();
    }

    pub fn unused_imports(&mut self) {
        for obj in self.imports.clone() {
            let o = self.store.obj(obj);
            let ObjectKind::PkgName { imported } = o.kind else { continue };
            if &*o.name == "_" || self.is_used(obj) {
                continue;
            }
            let path = self.store.pkg_path(imported).clone();
            let elem = path.rsplit('/').next().unwrap_or(&path);
            let text = if o.name.is_empty() || &*o.name == "." || &*o.name == elem {
                format!("{path:?} imported and not used")
            } else {
                format!("{path:?} imported as {} and not used", o.name)
            };
            self.err(o.pos, text);
        }
    }
}

/// Of a receiver's type: whether it is a pointer, the name, and the type parameters' expressions.
pub(crate) fn unpack_recv(t: &Expr) -> (bool, &Expr, Option<&[Expr]>) {
    let mut base = unparen(t);
    let mut ptr = false;
    if let ExprKind::Star(inner) = &base.kind {
        ptr = true;
        base = unparen(inner);
    }
    match &base.kind {
        ExprKind::Index(x, list) => (ptr, x, Some(list)),
        _ => (ptr, base, None),
    }
}
