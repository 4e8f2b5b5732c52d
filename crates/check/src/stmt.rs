//! Statements and function bodies (as `types2/stmt.go`). Labels and branches are checked by syntax.

use crate::checker::{Checker, Env};
use crate::expr::Kind;
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::*;
use goxide_types::*;
use rustc_hash::FxHashMap;

/// The expressions of a list, or the one.
pub(crate) fn unpack(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::List(list) => list.iter().collect(),
        _ => vec![e],
    }
}

fn stmt_start(s: &Stmt) -> Pos {
    match &s.kind {
        StmtKind::Expr(e) | StmtKind::Send(e, _) => start_pos(e),
        StmtKind::Assign { lhs: e, .. }
        | StmtKind::AssignOp { lhs: e, .. }
        | StmtKind::IncDec { x: e, .. } => start_pos(e),
        _ => s.pos,
    }
}

impl<'a> Checker<'a> {
    pub fn func_body(
        &mut self,
        decl: Option<usize>,
        sig: TypeId,
        scope: ScopeId,
        body: &'a Block,
        iota: Option<Const>,
    ) {
        let env = Env {
            decl,
            scope,
            version: self.env.version,
            iota,
            err_pos: Pos::NONE,
            in_tparam_list: false,
            sig: Some(sig),
            has_call_or_recv: false,
        };
        let saved = std::mem::replace(&mut self.env, env);
        self.stmt_list(&body.stmts);
        let has_results = self.store.signature(sig).is_some_and(|s| !s.results.is_empty());
        if has_results && !self.is_terminating_list(&body.stmts) {
            self.err(body.rbrace, "missing return".into());
        }
        self.usage(scope);
        self.env = saved;
    }

    /// Variables that are declared and not used.
    fn usage(&mut self, scope: ScopeId) {
        let s = self.store;
        let mut unused: Vec<ObjId> = s
            .scope_objects(scope)
            .into_iter()
            .filter(|&o| s.obj(o).as_var().is_some_and(|v| v.kind() == VarKind::Local) && !self.is_used(o))
            .collect();
        unused.sort_by_key(|&o| s.obj(o).pos);
        for o in unused {
            self.err(s.obj(o).pos, format!("declared and not used: {}", s.name(o)));
        }
        for child in self.children.get(&scope).cloned().unwrap_or_default() {
            self.usage(child);
        }
    }

    fn stmt_list(&mut self, list: &'a [Stmt]) {
        list.iter().for_each(|s| self.stmt(s));
    }

    pub fn stmt(&mut self, st: &'a Stmt) {
        let top = self.delayed.len();
        let scope = self.env.scope;
        self.stmt_inner(st);
        // Function literals see what is declared so far.
        self.process_delayed(top);
        self.env.scope = scope;
    }

    fn stmt_inner(&mut self, st: &'a Stmt) {
        let s = self.store;
        match &st.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Decl(list) => self.decl_stmt(list),
            StmtKind::Labeled(label, inner) => {
                let l = s.new_label(label.pos, self.pkg, label.name.clone());
                self.record_def(label, l);
                self.stmt(inner);
            }
            StmtKind::Block(b) => {
                self.open_scope(Some(b.id), b.pos, b.rbrace);
                self.stmt_list(&b.stmts);
            }
            StmtKind::Expr(e) => {
                let (x, kind) = self.raw_expr(None, e, None, false);
                let msg = match x.mode {
                    Mode::Builtin => "must be called",
                    Mode::Type => "is not an expression",
                    _ if kind == Kind::Statement => return,
                    _ => "is not used",
                };
                let text = format!("{} {msg}", self.os(&x));
                self.err(x.start(), text);
            }
            StmtKind::Send(ch, value) => {
                let ch = self.expr(None, ch);
                let mut v = self.generic_expr(value, None);
                if ch.is_valid()
                    && v.is_valid()
                    && let Some(elem) = self.chan_elem(stmt_start(st), &ch, false)
                {
                    self.assignment(&mut v, Some(elem), "send");
                }
            }
            StmtKind::Assign { lhs, rhs, define } => {
                let (l, r) = (unpack(lhs), unpack(rhs));
                match define {
                    true => self.short_var_decl(st.pos, &l, &r),
                    false => self.assign_vars(&l, &r),
                }
            }
            StmtKind::AssignOp { op, lhs, rhs } => {
                if matches!(lhs.kind, ExprKind::List(_)) || matches!(rhs.kind, ExprKind::List(_)) {
                    let op = crate::expr::op_str(*op);
                    let text = format!("assignment operation {op}= requires single-valued expressions");
                    return self.err(stmt_start(st), text);
                }
                let x = self.binary(None, lhs, rhs, *op);
                self.assign_var(lhs, None, Some(x), "assignment");
            }
            StmtKind::IncDec { op, x: e } => {
                let x = self.expr(None, e);
                if !x.is_valid() {
                    return;
                }
                if !s.all_numeric(x.ty) {
                    let op = crate::expr::op_str(*op);
                    let t = self.ts(x.ty);
                    let text = format!("invalid operation: {e}{op}{op} (non-numeric type {t})");
                    return self.err(start_pos(e), text);
                }
                self.assign_var(e, None, Some(x), "assignment");
            }
            StmtKind::Go(e) => self.suspended_call("go", e),
            StmtKind::Defer(e) => self.suspended_call("defer", e),
            StmtKind::Return(results) => self.return_stmt(st.pos, results.as_ref()),
            StmtKind::If(i) => {
                self.open_scope(Some(st.id), st.pos, i.then.rbrace);
                if let Some(init) = &i.init {
                    self.stmt(init);
                }
                let x = self.expr(None, &i.cond);
                if x.is_valid() && !s.all_boolean(x.ty) {
                    self.err(start_pos(&i.cond), "non-boolean condition in if statement".into());
                }
                self.block(&i.then);
                if let Some(e) = &i.else_ {
                    self.stmt(e);
                }
            }
            StmtKind::For(f) => self.for_stmt(st, f),
            StmtKind::Switch(sw) => {
                self.open_scope(Some(st.id), st.pos, sw.rbrace);
                if let Some(init) = &sw.init {
                    self.stmt(init);
                }
                match sw.tag.as_ref().map(|t| (&t.kind, t)) {
                    Some((ExprKind::TypeSwitchGuard(name, x), _)) => {
                        self.type_switch(sw, name.as_ref(), x);
                    }
                    tag => self.expr_switch(sw, tag.map(|t| t.1)),
                }
            }
            StmtKind::Select(sel) => self.select_stmt(sel),
        }
    }

    pub fn block(&mut self, b: &'a Block) {
        let top = self.delayed.len();
        let scope = self.env.scope;
        self.open_scope(Some(b.id), b.pos, b.rbrace);
        self.stmt_list(&b.stmts);
        self.process_delayed(top);
        self.env.scope = scope;
    }

    fn for_stmt(&mut self, st: &'a Stmt, f: &'a ForStmt) {
        match &f.header {
            ForHeader::Range { lhs, define, x, .. } => self.range_stmt(st, f, lhs.as_ref(), *define, x),
            ForHeader::Clause { init, cond, post } => {
                self.open_scope(Some(st.id), st.pos, f.body.rbrace);
                if let Some(init) = init {
                    self.stmt(init);
                }
                if let Some(c) = cond {
                    let x = self.expr(None, c);
                    if x.is_valid() && !self.store.all_boolean(x.ty) {
                        self.err(start_pos(c), "non-boolean condition in for statement".into());
                    }
                }
                if let Some(post) = post {
                    self.stmt(post);
                }
                self.block(&f.body);
            }
        }
    }

    fn suspended_call(&mut self, keyword: &str, e: &'a Expr) {
        if !matches!(e.kind, ExprKind::Call(_)) {
            self.err(start_pos(e), format!("expression in {keyword} must be function call"));
            self.use_exprs(&[e]);
            return;
        }
        let (x, kind) = self.raw_expr(None, e, None, false);
        let msg = match kind {
            Kind::Conversion => "requires function call, not conversion",
            Kind::Expression => "discards result of",
            Kind::Statement => return,
        };
        let text = format!("{keyword} {msg} {}", self.os(&x));
        self.err(x.start(), text);
    }

    fn return_stmt(&mut self, pos: Pos, results: Option<&'a Expr>) {
        let s = self.store;
        let want: &'a [ObjId] = self.env.sig.and_then(|t| s.signature(t)).map_or(&[], |sig| &sig.results);
        let list = results.map_or(Vec::new(), unpack);
        if list.is_empty() && want.first().is_some_and(|&r| !s.name(r).is_empty()) {
            for &r in want {
                let name = s.name(r);
                if let Some(alt) = self.lookup(name).filter(|&a| a != r) {
                    let notes = vec![(
                        s.obj(alt).pos,
                        format!("inner declaration of {}", self.cx().object_string(r)),
                    )];
                    self.err_notes(pos, format!("result parameter {name} not in scope at return"), notes);
                }
            }
        } else if list.is_empty() {
            if !want.is_empty() {
                let notes = vec![
                    (Pos::NONE, "have ()".to_string()),
                    (Pos::NONE, format!("want {}", self.types_summary(&s.types_of(want), false, false))),
                ];
                self.err_notes(pos, "not enough return values".into(), notes);
            }
        } else if want.is_empty() {
            if self.use_exprs(&list) {
                let first = self.expr_list_of(&list);
                let have: Vec<TypeId> = first.iter().map(|x| x.ty).collect();
                let notes = vec![
                    (Pos::NONE, format!("have {}", self.types_summary(&have, false, false))),
                    (Pos::NONE, "want ()".to_string()),
                ];
                let at = first.first().map_or(pos, Operand::start);
                self.err_notes(at, "too many return values".into(), notes);
            }
        } else {
            self.init_vars(want, &list, Some(pos));
        }
    }

    fn expr_list_of(&mut self, list: &[&'a Expr]) -> Vec<Operand<'a>> {
        match list {
            [one] => self.multi_expr(one, false).0,
            many => many.iter().map(|e| self.expr(None, e)).collect(),
        }
    }

    fn multiple_defaults(&mut self, defaults: &[Pos]) {
        if let [first, rest @ ..] = defaults {
            let at = self.cx().pos_string(*first);
            for &p in rest {
                self.err(p, format!("multiple defaults (first at {at})"));
            }
        }
    }

    fn select_stmt(&mut self, sel: &'a SelectStmt) {
        let defaults: Vec<Pos> = sel.clauses.iter().filter(|c| c.comm.is_none()).map(|c| c.pos).collect();
        self.multiple_defaults(&defaults);
        for c in &sel.clauses {
            let rhs = match c.comm.as_ref().map(|s| &s.kind) {
                None | Some(StmtKind::Send(..)) => None,
                Some(StmtKind::Assign { rhs, .. }) => Some(Some(rhs)),
                Some(StmtKind::Expr(e)) => Some(Some(e)),
                Some(_) => Some(None),
            };
            if let Some(rhs) = rhs {
                let is_recv =
                    rhs.is_some_and(|e| matches!(unparen(e).kind, ExprKind::Unary(UnaryOp::Recv, _)));
                if !is_recv {
                    let pos = c.comm.as_ref().map_or(c.pos, stmt_start);
                    let text = "select case must be send or receive (possibly with assignment)";
                    self.err(pos, text.into());
                    continue;
                }
            }
            self.open_scope(Some(c.id), c.pos, Pos::NONE);
            if let Some(comm) = &c.comm {
                self.stmt(comm);
            }
            self.stmt_list(&c.body);
            self.close_scope();
        }
    }

    fn expr_switch(&mut self, sw: &'a SwitchStmt, tag: Option<&'a Expr>) {
        let s = self.store;
        let mut x;
        match tag {
            Some(t) => {
                x = self.expr(None, t);
                self.assignment(&mut x, None, "switch expression");
                if x.is_valid() && !s.comparable(x.ty) && !s.has_nil(x.ty) {
                    let text =
                        format!("cannot switch on {} ({} is not comparable)", self.os(&x), self.ts(x.ty));
                    self.err(x.start(), text);
                    x.invalidate();
                }
            }
            None => {
                let pos = sw.clauses.first().map_or(sw.rbrace, |c| c.pos);
                x = Operand {
                    mode: Mode::Constant,
                    expr: Src::Text(pos, "true".into()),
                    ty: self.basic(BasicKind::Bool),
                    val: Const::Bool(true),
                    builtin: None,
                };
            }
        }
        let defaults: Vec<Pos> = sw.clauses.iter().filter(|c| c.cases.is_none()).map(|c| c.pos).collect();
        self.multiple_defaults(&defaults);
        let mut seen: FxHashMap<String, Vec<(Pos, TypeId)>> = FxHashMap::default();
        for c in &sw.clauses {
            for e in c.cases.iter().flatten() {
                self.case_value(&x, e, &mut seen);
            }
            self.open_scope(Some(c.id), c.pos, Pos::NONE);
            self.stmt_list(&c.body);
            self.close_scope();
        }
    }

    fn case_value(&mut self, x: &Operand<'a>, e: &'a Expr, seen: &mut FxHashMap<String, Vec<(Pos, TypeId)>>) {
        let mut v = self.expr(None, e);
        if !x.is_valid() || !v.is_valid() {
            return;
        }
        let mut tag = x.clone();
        self.match_case(&mut v, &mut tag);
        if !v.is_valid() {
            return;
        }
        let mut res = v.clone();
        self.comparison(&mut res, &mut tag, BinaryOp::Eql, true);
        if !res.is_valid() || !v.is_const() {
            return;
        }
        if !matches!(v.val.kind(), ConstKind::Int | ConstKind::Float | ConstKind::String) {
            return;
        }
        let key = format!("{:?} {}", v.val.kind(), v.val.exact_string());
        let list = seen.entry(key).or_default();
        if let Some(&(pos, _)) = list.iter().find(|(_, t)| self.store.identical(*t, v.ty)) {
            let text = format!("duplicate case {} in expression switch", self.os(&v));
            return self.err_notes(v.start(), text, vec![(pos, "previous case".into())]);
        }
        list.push((v.start(), v.ty));
    }

    fn match_case(&mut self, v: &mut Operand<'a>, tag: &mut Operand<'a>) {
        self.convert_untyped(v, tag.ty);
    }

    fn type_switch(&mut self, sw: &'a SwitchStmt, name: Option<&'a Ident>, tag: &'a Expr) {
        let s = self.store;
        let mut name = name;
        if let Some(n) = name.filter(|n| n.is_blank()) {
            self.err(n.pos, "no new variable on left side of :=".into());
            name = None;
        }
        let x = self.expr(None, tag);
        let mut sx = None;
        if x.is_valid() {
            if s.is_type_param(x.ty) {
                let text = format!("cannot use type switch on type parameter value {}", self.os(&x));
                self.err(x.start(), text);
            } else if s.is_interface(x.ty) {
                sx = Some(x);
            } else {
                let text = format!("{} is not an interface", self.os(&x));
                self.err(x.start(), text);
            }
        }
        let defaults: Vec<Pos> = sw.clauses.iter().filter(|c| c.cases.is_none()).map(|c| c.pos).collect();
        self.multiple_defaults(&defaults);
        let mut vars: Vec<ObjId> = Vec::new();
        let mut seen: Vec<(Option<TypeId>, Pos)> = Vec::new();
        for c in &sw.clauses {
            let cases: &'a [Expr] = c.cases.as_ref().map_or(&[], |l| l);
            let t = self.case_types(sx.as_ref(), cases, &mut seen);
            self.open_scope(Some(c.id), c.pos, Pos::NONE);
            if let Some(n) = name {
                let v = s.new_var(VarKind::Local, n.pos, Some(self.pkg), n.name.clone(), Some(t));
                self.declare(self.env.scope, None, v, c.colon);
                self.info.implicits.insert(c.id, v);
                vars.push(v);
            }
            self.stmt_list(&c.body);
            self.close_scope();
        }
        if let Some(n) = name {
            let used = vars.iter().any(|&v| self.is_used(v));
            vars.iter().for_each(|&v| self.set_used(v, true));
            if !used {
                self.err(n.pos, format!("{} declared and not used", n.name));
            }
        }
    }

    fn case_types(
        &mut self,
        x: Option<&Operand<'a>>,
        cases: &'a [Expr],
        seen: &mut Vec<(Option<TypeId>, Pos)>,
    ) -> TypeId {
        let s = self.store;
        let mut only: Option<TypeId> = None;
        for e in cases {
            let is_nil = matches!(&unparen(e).kind, ExprKind::Name(n)
                if self.lookup(n).is_some_and(|o| matches!(s.obj(o).kind, ObjectKind::Nil)));
            let t = if is_nil {
                self.expr(None, e);
                None
            } else {
                let t = self.var_type(e);
                only = Some(t);
                if !s.is_valid(t) {
                    continue;
                }
                Some(t)
            };
            only = t;
            let same = |&&(o, _): &&(Option<TypeId>, Pos)| match (o, t) {
                (None, None) => true,
                (Some(a), Some(b)) => s.identical(a, b),
                _ => false,
            };
            if let Some(&(_, pos)) = seen.iter().find(same) {
                let name = t.map_or("nil".into(), |t| self.ts(t));
                let notes = vec![(pos, "previous case".to_string())];
                self.err_notes(start_pos(e), format!("duplicate case {name} in type switch"), notes);
                continue;
            }
            seen.push((t, start_pos(e)));
            if let (Some(x), Some(t)) = (x, t) {
                self.type_assertion(e, x, t, true);
            }
        }
        match only {
            Some(t) if cases.len() == 1 => t,
            _ => x.map_or(TypeId::INVALID, |x| x.ty),
        }
    }
}
