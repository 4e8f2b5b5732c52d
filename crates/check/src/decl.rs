//! Declarations, and cycles among them (as `types2/decl.go`).

use crate::checker::{Checker, Env};
use crate::operand::Operand;
use crate::resolver::ConstGroup;
use goxide_source::Pos;
use goxide_syntax::ast::{self, Decl, Expr, ExprKind, Field, Ident, UnaryOp, end_pos, start_pos};
use goxide_types::*;
use std::sync::atomic::Ordering::Relaxed;

impl<'a> Checker<'a> {
    pub fn in_path(&self, obj: ObjId) -> Option<usize> {
        self.obj_path.iter().position(|&o| o == obj)
    }

    /// Checks the declaration of a package-level object or method, unless that is done.
    pub fn obj_decl(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        if self.in_path(obj).is_some() {
            let valid = self.valid_cycle(obj);
            match &o.kind {
                ObjectKind::Const { .. } | ObjectKind::Var(_) if !valid || o.ty.get().is_none() => {
                    o.ty.set(TypeId::INVALID);
                }
                ObjectKind::TypeName if !valid => o.ty.set(TypeId::INVALID),
                _ => {}
            }
            return;
        }
        if o.ty.get().is_some() {
            return;
        }
        let Some(&d) = self.obj_map.get(&obj) else { return };
        self.obj_path.push(obj);
        let info = &self.decls[d];
        let (ty, init, inherited, iota) = (info.ty, info.init, info.inherited, info.iota);
        let (type_decl, func_decl, lhs) = (info.type_decl, info.func_decl, info.lhs.clone());
        let env = Env {
            decl: None,
            scope: info.file_scope,
            version: info.version,
            iota: None,
            err_pos: Pos::NONE,
            in_tparam_list: false,
            sig: None,
            has_call_or_recv: false,
        };
        let saved = std::mem::replace(&mut self.env, env);
        match &o.kind {
            ObjectKind::Const { .. } => {
                self.env.decl = Some(d);
                self.const_decl(obj, iota, ty, init, inherited);
            }
            ObjectKind::Var(_) => {
                self.env.decl = Some(d);
                self.var_decl(obj, &lhs, ty, init);
            }
            ObjectKind::TypeName => {
                if let Some(t) = type_decl {
                    self.type_decl(obj, t);
                    self.collect_methods(obj);
                }
            }
            ObjectKind::Func(_) => {
                if let Some(f) = func_decl {
                    self.func_decl(obj, d, f);
                }
            }
            _ => {}
        }
        self.env = saved;
        self.obj_path.pop();
    }

    fn valid_cycle(&mut self, obj: ObjId) -> bool {
        let Some(start) = self.in_path(obj) else { return true };
        let cycle = self.obj_path[start..].to_vec();
        let (mut values, mut types) = (0, 0);
        for &o in &cycle {
            match &self.store.obj(o).kind {
                ObjectKind::Const { .. } | ObjectKind::Var(_) => values += 1,
                ObjectKind::TypeName => {
                    let t = self.store.obj(o).ty.get();
                    if self.env.in_tparam_list && t.is_some_and(|t| self.store.is_generic(t)) {
                        return true;
                    }
                    if !self.store.is_alias_name(o) {
                        types += 1;
                    }
                }
                _ => {}
            }
        }
        // Values that depend on each other are the concern of initialization.
        if values == cycle.len() || values == 0 && types > 0 {
            return true;
        }
        let first = self.first_in_source(&cycle);
        self.cycle_error(&cycle, first);
        false
    }

    pub fn first_in_source(&self, cycle: &[ObjId]) -> usize {
        (0..cycle.len()).min_by_key(|&i| self.store.obj(cycle[i]).pos).unwrap_or(0)
    }

    pub fn cycle_error(&mut self, cycle: &[ObjId], start: usize) {
        let name = |c: &Checker<'a>, obj: ObjId| {
            let o = c.store.obj(obj);
            match o.ty.get() {
                Some(t) if c.store.as_named(t).is_some_and(|n| n.instance.is_some()) => c.ts(t),
                _ => c.qualifier.prefix(c.store, o.pkg) + &o.name,
            }
        };
        let obj = cycle[start];
        let o = self.store.obj(obj);
        let is_type = o.is_type_name();
        if is_type && let Some(Type::Alias(a)) = o.ty.get().map(|t| self.store.ty(t)) {
            a.from.set(TypeId::INVALID);
        }
        let n = name(self, obj);
        if cycle.len() == 1 {
            let what = if is_type { "invalid recursive type" } else { "invalid cycle in declaration" };
            return self.err(o.pos, format!("{what}: {n} refers to itself"));
        }
        let text = match is_type {
            true => format!("invalid recursive type {n}"),
            false => format!("invalid cycle in declaration of {n}"),
        };
        let mut notes = Vec::new();
        let mut at = obj;
        for i in 0..cycle.len() {
            let next = cycle[(start + i + 1) % cycle.len()];
            notes
                .push((self.store.obj(at).pos, format!("{} refers to {}", name(self, at), name(self, next))));
            at = next;
        }
        self.err_notes(o.pos, text, notes);
    }

    /// The object that stands for a declared type in `obj_path`: of an instance one of its own.
    pub fn path_obj(&mut self, t: TypeId) -> ObjId {
        let store = self.store;
        let Type::Named(n) = store.ty(t) else { return store.type_name(t).unwrap_or(store.universe().any) };
        if n.instance.is_none() {
            return n.obj;
        }
        *self.instance_objs.entry(t).or_insert_with(|| {
            let o = store.obj(n.obj);
            store.new_type_name(o.pos, o.pkg, o.name.clone(), Some(t))
        })
    }

    /// Remembers where an instance is first written, for errors of it.
    pub fn note_instance(&mut self, t: TypeId, pos: Pos) {
        let store = self.store;
        if let Type::Named(n) = store.ty(t) {
            self.instance_objs.entry(t).or_insert_with(|| {
                store.new_type_name(pos, Some(self.pkg), store.name(n.obj).clone(), Some(t))
            });
        }
    }

    fn check_valid_type(&mut self, t: TypeId) {
        let mut valid = std::mem::take(&mut self.valid_types);
        let cycle = self.store.invalid_cycle(self.store.unalias(t), &mut valid);
        self.valid_types = valid;
        if let Some(cycle) = cycle {
            let cycle: Vec<ObjId> = cycle.into_iter().map(|t| self.path_obj(t)).collect();
            self.cycle_error(&cycle, 0);
        }
    }

    /// Whether a type may be used as it is: false, with an error, inside its own declaration.
    pub fn is_complete(&mut self, t: TypeId) -> bool {
        // Types are long chains of names only by mistake, which is reported elsewhere.
        const MAX_NAMES: usize = 10_000;
        let mut t = t;
        for _ in 0..MAX_NAMES {
            let (obj, rhs) = match self.store.ty(t) {
                Type::Alias(a) => (a.obj, a.from.get()),
                Type::Named(n) if n.instance.is_none() => (n.obj, n.rhs.get()),
                Type::Named(n) => (self.path_obj(t), n.rhs.get()),
                _ => return true,
            };
            if let Some(i) = self.in_path(obj) {
                let cycle = self.obj_path[i..].to_vec();
                let first = self.first_in_source(&cycle);
                self.cycle_error(&cycle, first);
                return false;
            }
            match rhs {
                Some(r) => t = r,
                None => return true,
            }
        }
        true
    }

    pub fn const_decl(
        &mut self,
        obj: ObjId,
        iota: u32,
        ty: Option<&'a Expr>,
        init: Option<&'a Expr>,
        inherited: bool,
    ) {
        let saved = (self.env.iota.clone(), self.env.err_pos);
        self.env.iota = Some(Const::from_i64(i64::from(iota)));
        self.env.err_pos = Pos::NONE;
        let o = self.store.obj(obj);
        let mut ok = true;
        if let Some(e) = ty {
            let t = self.typ(e);
            if self.store.is_const_type(t) {
                o.ty.set(t);
            } else {
                if self.store.is_valid(self.store.under(t)) {
                    let text = format!("invalid constant type {}", self.ts(t));
                    self.err(start_pos(e), text);
                }
                o.ty.set(TypeId::INVALID);
                ok = false;
            }
        }
        if ok {
            let mut x = Operand::new();
            if let Some(e) = init {
                if inherited {
                    self.env.err_pos = o.pos;
                }
                x = self.expr(None, e);
            }
            self.init_const(obj, x);
        }
        if let ObjectKind::Const { value } = &o.kind {
            let _ = value.set(Const::Unknown);
        }
        (self.env.iota, self.env.err_pos) = saved;
    }

    pub fn var_decl(&mut self, obj: ObjId, lhs: &[ObjId], ty: Option<&'a Expr>, init: Option<&'a Expr>) {
        let o = self.store.obj(obj);
        if let Some(e) = ty {
            let t = self.var_type(e);
            o.ty.set(t);
        }
        let Some(init) = init else {
            if ty.is_none() {
                o.ty.set(TypeId::INVALID);
            }
            return;
        };
        if lhs.len() <= 1 {
            let target = self.target(o.ty.get(), &o.name);
            let mut x = self.expr(target, init);
            self.init_var(obj, &mut x, "variable declaration");
            return;
        }
        if let Some(t) = o.ty.get() {
            for &v in lhs {
                self.store.obj(v).ty.set(t);
            }
        }
        self.init_vars(lhs, &[init], None);
    }

    pub fn type_decl(&mut self, obj: ObjId, d: &'a ast::TypeDecl) {
        let store = self.store;
        self.later(move |c| {
            if let Some(t) = c.store.obj(obj).ty.get()
                && c.store.as_named(t).is_some()
            {
                c.check_valid_type(t);
            }
        });
        let tparam0 = d.type_params.first().map(|p| p.pos);
        let saved_scope = self.env.scope;
        if d.is_alias {
            // The highest requirement first, and only that.
            if tparam0.is_none_or(|pos| self.verify_version(pos, 23, "generic type alias")) {
                self.verify_version(d.pos, 9, "type alias");
            }
            let alias = store.new_alias(obj, None);
            let Type::Alias(a) = store.ty(alias) else { return };
            if !d.type_params.is_empty() {
                self.open_scope(None, d.pos, end_pos(&d.ty));
                let list = self.declare_type_params(&d.type_params);
                let _ = a.type_params.set(list.clone());
                self.type_param_bounds(&list, &d.type_params);
            }
            let rhs = self.declared_type(&d.ty, Some(obj));
            // A cycle may have made it invalid meanwhile.
            if a.from.get().is_none() {
                a.from.set(rhs);
            }
            if matches!(store.ty(rhs), Type::TypeParam(_))
                && a.type_params.get().is_some_and(|l| l.contains(&rhs))
            {
                let text = "cannot use type parameter declared in alias declaration as RHS";
                self.err(start_pos(&d.ty), text.into());
                a.from.set(TypeId::INVALID);
            }
        } else {
            if let Some(pos) = tparam0 {
                self.verify_version(pos, 18, "type parameter");
            }
            if let Some(&number) = self.local_types.get(&d.name.id) {
                store.obj(obj).order.store(number, Relaxed);
            }
            let named = store.new_named(obj, None);
            let Type::Named(n) = store.ty(named) else { return };
            if !d.type_params.is_empty() {
                self.open_scope(None, d.pos, end_pos(&d.ty));
                let list = self.declare_type_params(&d.type_params);
                let _ = n.type_params.set(list.clone());
                self.type_param_bounds(&list, &d.type_params);
            }
            let rhs = self.declared_type(&d.ty, Some(obj));
            n.rhs.set(rhs);
            if store.is_type_param(rhs) {
                let text = "cannot use a type parameter as RHS in type declaration";
                self.err(start_pos(&d.ty), text.into());
                n.rhs.set(TypeId::INVALID);
            }
        }
        self.env.scope = saved_scope;
    }

    pub fn declare_type_params(&mut self, list: &'a [Field]) -> Vec<TypeId> {
        let pos = list.first().map_or(Pos::NONE, |f| f.pos);
        list.iter()
            .enumerate()
            .filter_map(|(i, f)| Some(self.declare_type_param(f.name.as_ref()?, i, pos)))
            .collect()
    }

    pub fn declare_type_param(&mut self, name: &Ident, index: usize, scope_pos: Pos) -> TypeId {
        let obj = self.store.new_type_name(name.pos, Some(self.pkg), name.name.clone(), None);
        let t = self.store.new_type_param(obj, index as u32, None);
        self.declare(self.env.scope, Some(name), obj, scope_pos);
        t
    }

    pub fn type_param_bounds(&mut self, tparams: &[TypeId], list: &'a [Field]) {
        self.env.in_tparam_list = true;
        let mut bound = TypeId::INVALID;
        for (i, (&p, f)) in tparams.iter().zip(list).enumerate() {
            if i == 0 || !f.type_shared {
                bound = self.bound(&f.ty);
                if self.store.is_type_param(bound) {
                    self.err(start_pos(&f.ty), "cannot use a type parameter as constraint".into());
                    bound = TypeId::INVALID;
                }
            }
            if let Type::TypeParam(tp) = self.store.ty(p) {
                tp.bound.set(bound);
            }
        }
        self.env.in_tparam_list = false;
    }

    fn bound(&mut self, x: &'a Expr) -> TypeId {
        let is_set =
            matches!(&x.kind, ExprKind::Unary(UnaryOp::Tilde, _) | ExprKind::Binary(ast::BinaryOp::Or, _, _));
        if is_set { self.implicit_interface(x) } else { self.typ(x) }
    }

    pub fn collect_methods(&mut self, obj: ObjId) {
        let Some(methods) = self.methods.remove(&obj) else { return };
        let base = self.store.obj(obj).ty.get().filter(|&t| matches!(self.store.ty(t), Type::Named(_)));
        if let Some(base) = base {
            self.later(move |c| c.check_field_uniqueness(base));
        }
        let mut seen: Vec<ObjId> = Vec::new();
        for m in methods {
            let o = self.store.obj(m);
            if let Some(&alt) = seen.iter().find(|&&s| self.store.name(s) == &o.name) {
                let at = self.cx().pos_string(self.store.obj(alt).pos);
                let text = format!("method {}.{} already declared at {at}", self.store.name(obj), o.name);
                self.err(o.pos, text);
                continue;
            }
            seen.push(m);
            if let Some(base) = base {
                if let Some(f) = o.as_func() {
                    f.recv_type.set(base);
                }
                self.store.add_method(base, m);
            }
        }
    }

    fn check_field_uniqueness(&mut self, base: TypeId) {
        let Type::Struct(st) = self.store.under_ty(base) else { return };
        let methods = self.store.methods(base);
        for &f in st.fields() {
            let name = self.store.name(f).clone();
            if &*name == "_" {
                continue;
            }
            let pkg = self.store.obj(f).pkg;
            if let Some((_, m)) = self.store.method_index(&methods, pkg, &name, false) {
                let notes = self.alt_decl(f);
                let pos = self.store.obj(m).pos;
                self.err_notes(pos, format!("field and method with the same name {name}"), notes);
            }
        }
    }

    fn func_decl(&mut self, obj: ObjId, decl: usize, d: &'a ast::FuncDecl) {
        // Known to be a function from here on, so that a cycle through it ends.
        let sig = self.store.add_type(Type::Signature(Signature::default()));
        self.store.obj(obj).ty.set(sig);
        let scope = self.func_type(sig, d.recv.as_ref(), &d.type_params, &d.ty);
        let Some(body) = &d.body else {
            if !d.type_params.is_empty() {
                self.err(d.pos, "generic function is missing function body".into());
            }
            return;
        };
        if self.config.is_surface && body.stmts.is_empty() {
            return;
        }
        self.later(move |c| c.func_body(Some(decl), sig, scope, body, None));
    }

    /// Declarations inside a function.
    pub fn decl_stmt(&mut self, list: &'a [Decl]) {
        let mut group = ConstGroup::default();
        for d in list {
            match d {
                Decl::Const(d) => {
                    let top = self.delayed.len();
                    let spec = group.spec(d);
                    let mut objs = Vec::new();
                    for (k, name) in d.names.iter().enumerate() {
                        let obj =
                            self.store.new_const(name.pos, Some(self.pkg), name.name.clone(), None, None);
                        objs.push(obj);
                        self.const_decl(obj, d.iota, spec.ty, spec.values.get(k), spec.inherited);
                    }
                    self.arity(d.pos, &d.names, spec.values, true, spec.inherited);
                    self.process_delayed(top);
                    for (name, obj) in d.names.iter().zip(objs) {
                        self.declare(self.env.scope, Some(name), obj, name.pos);
                    }
                }
                Decl::Var(d) => self.local_vars(d),
                Decl::Type(d) => {
                    let name = &d.name;
                    let obj = self.store.new_type_name(name.pos, Some(self.pkg), name.name.clone(), None);
                    self.declare(self.env.scope, Some(name), obj, name.pos);
                    self.obj_path.push(obj);
                    self.type_decl(obj, d);
                    self.obj_path.pop();
                }
                Decl::Import(_) | Decl::Func(_) => {}
            }
        }
    }

    fn local_vars(&mut self, d: &'a ast::VarDecl) {
        let top = self.delayed.len();
        let vars: Vec<ObjId> = d
            .names
            .iter()
            .map(|n| self.store.new_var(VarKind::Local, n.pos, Some(self.pkg), n.name.clone(), None))
            .collect();
        for (i, &obj) in vars.iter().enumerate() {
            if d.values.len() == 1 && vars.len() > 1 {
                self.var_decl(obj, &vars, d.ty.as_ref(), d.values.first());
                break;
            }
            self.var_decl(obj, &[], d.ty.as_ref(), d.values.get(i));
        }
        if d.ty.is_none() || !d.values.is_empty() {
            self.arity(d.pos, &d.names, &d.values, false, false);
        }
        self.process_delayed(top);
        for (name, obj) in d.names.iter().zip(vars) {
            self.declare(self.env.scope, Some(name), obj, name.pos);
        }
    }
}
