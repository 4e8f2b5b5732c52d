//! What must be known of a function's variables before it is lowered: whose address is taken, which
//! closures use them, which change.

use crate::package::Source;
use goxide_syntax::ast::*;
use goxide_types::{Builtin, ObjId, Store, Type, TypeId};
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, Default, Debug)]
pub struct VarFacts {
    pub addr_taken: bool,
    /// Used in a closure other than where it is declared.
    pub captured: bool,
    /// Set other than by its declaration.
    pub reassigned: bool,
    owner: u32,
}

/// A function's body; those of function literals and of loops over functions are bodies of their own.
#[derive(Default, Debug)]
pub struct BodyFacts {
    /// Variables from outside, in order of first use.
    pub captures: Vec<ObjId>,
    pub defers: usize,
    /// A defer may run more than once, or stands in a loop body that is a function.
    pub loop_defer: bool,
    pub recovers: bool,
    /// The body of a loop over a function, here or inside this one, returns from the function or defers a
    /// call of it.
    pub loop_returns: bool,
    pub loop_defers: bool,
    /// Of a loop's body: the function literal or function that it is part of.
    parent: u32,
    is_range: bool,
}

#[derive(Default, Debug)]
pub struct Facts {
    vars: FxHashMap<ObjId, VarFacts>,
    /// The outermost body is the first.
    bodies: Vec<BodyFacts>,
    /// Ids of function literals' types and of range statements.
    ids: FxHashMap<NodeId, u32>,
}

impl Facts {
    pub fn var(&self, obj: ObjId) -> VarFacts {
        self.vars.get(&obj).copied().unwrap_or_default()
    }

    pub fn top(&self) -> &BodyFacts {
        &self.bodies[0]
    }

    pub fn body(&self, id: NodeId) -> &BodyFacts {
        self.ids.get(&id).map_or(&self.bodies[0], |&i| &self.bodies[i as usize])
    }
}

struct Walker<'a> {
    store: &'a Store,
    source: Source<'a>,
    facts: Facts,
    body: u32,
    loop_depth: u32,
    /// A backward goto may make anything a loop.
    has_labels: bool,
}

pub(crate) fn function(
    store: &Store,
    source: Source<'_>,
    ty: &FuncType,
    recv: Option<&Field>,
    body: &Block,
) -> Facts {
    let mut w = Walker::new(store, source);
    w.signature(ty, recv);
    w.block(body);
    w.facts
}

pub(crate) fn expressions(store: &Store, source: Source<'_>, exprs: &[&Expr]) -> Facts {
    let mut w = Walker::new(store, source);
    for e in exprs {
        w.expr(e);
    }
    w.facts
}

impl<'a> Walker<'a> {
    fn new(store: &'a Store, source: Source<'a>) -> Walker<'a> {
        let facts = Facts { bodies: vec![BodyFacts::default()], ..Facts::default() };
        Walker { store, source, facts, body: 0, loop_depth: 0, has_labels: false }
    }

    fn signature(&mut self, ty: &FuncType, recv: Option<&Field>) {
        for f in ty.params.iter().chain(recv) {
            self.declare(f.name.as_ref());
        }
        for f in &ty.results {
            if let Some(obj) = self.declare(f.name.as_ref()) {
                self.facts.vars.entry(obj).or_default().reassigned = true;
            }
        }
    }

    fn declare(&mut self, name: Option<&Ident>) -> Option<ObjId> {
        let &obj = self.source.info.defs.get(&name?.id)?;
        self.own(obj);
        Some(obj)
    }

    fn own(&mut self, obj: ObjId) {
        self.facts.vars.entry(obj).or_default().owner = self.body;
    }

    fn ty(&self, e: &Expr) -> Option<TypeId> {
        self.source.info.types.get(e.id.0 as usize)?.as_ref().map(|t| t.ty)
    }

    fn obj(&self, e: &Expr) -> Option<ObjId> {
        let info = self.source.info;
        info.uses.get(&e.id).or_else(|| info.defs.get(&e.id)).copied()
    }

    fn use_var(&mut self, obj: ObjId) {
        let Some(facts) = self.facts.vars.get_mut(&obj) else { return };
        let owner = facts.owner;
        if owner == self.body {
            return;
        }
        facts.captured = true;
        let mut b = self.body;
        while b != owner {
            let body = &mut self.facts.bodies[b as usize];
            if !body.captures.contains(&obj) {
                body.captures.push(obj);
            }
            b = body.parent;
        }
    }

    fn reassign(&mut self, obj: ObjId) {
        if let Some(f) = self.facts.vars.get_mut(&obj) {
            f.reassigned = true;
        }
    }

    /// The variable that `e` is part of.
    fn root(&self, e: &Expr) -> Option<ObjId> {
        let e = unparen(e);
        match &e.kind {
            ExprKind::Name(_) => self.obj(e),
            ExprKind::Selector(x, _) => {
                self.source.info.selections.get(&e.id)?;
                let t = self.ty(x)?;
                if matches!(self.store.under_ty(t), Type::Pointer { .. }) { None } else { self.root(x) }
            }
            ExprKind::Index(x, _) => {
                let t = self.ty(x)?;
                let indirect = matches!(
                    self.store.under_ty(t),
                    Type::Pointer { .. } | Type::Slice { .. } | Type::Map { .. }
                );
                if indirect { None } else { self.root(x) }
            }
            _ => None,
        }
    }

    fn take_addr(&mut self, e: &Expr) {
        if let Some(obj) = self.root(e)
            && let Some(f) = self.facts.vars.get_mut(&obj)
        {
            f.addr_taken = true;
        }
    }

    fn assign(&mut self, lhs: &Expr, define: bool) {
        if let ExprKind::List(list) = &lhs.kind {
            for e in list {
                self.assign(e, define);
            }
            return;
        }
        let e = unparen(lhs);
        if define
            && let ExprKind::Name(_) = e.kind
            && let Some(&obj) = self.source.info.defs.get(&e.id)
        {
            self.own(obj);
            return;
        }
        self.expr(lhs);
        if let Some(obj) = self.root(e) {
            self.reassign(obj);
        }
    }

    fn enter_body(&mut self, id: NodeId, is_range: bool) -> (u32, u32) {
        let index = self.facts.bodies.len() as u32;
        self.facts.bodies.push(BodyFacts { parent: self.body, is_range, ..BodyFacts::default() });
        self.facts.ids.insert(id, index);
        let saved = (self.body, self.loop_depth);
        self.body = index;
        self.loop_depth = 0;
        saved
    }

    fn leave_body(&mut self, saved: (u32, u32)) {
        (self.body, self.loop_depth) = saved;
    }

    fn exprs(&mut self, list: &[Expr]) {
        for e in list {
            self.expr(e);
        }
    }

    fn expr(&mut self, e: &Expr) {
        let mut e = e;
        // Long chains of operators lean to the left.
        loop {
            match &e.kind {
                ExprKind::Binary(_, left, right) => {
                    self.expr(right);
                    e = left;
                }
                ExprKind::Paren(x) | ExprKind::Star(x) => e = x,
                _ => break,
            }
        }
        match &e.kind {
            ExprKind::Name(_) => {
                if let Some(&obj) = self.source.info.uses.get(&e.id) {
                    self.use_var(obj);
                }
            }
            ExprKind::CompositeLit(lit) => self.exprs(&lit.elems),
            ExprKind::KeyValue(k, v) => {
                self.expr(k);
                self.expr(v);
            }
            ExprKind::FuncLit(lit) => {
                let saved = self.enter_body(lit.ty.id, false);
                self.signature(&lit.ty, None);
                self.block(&lit.body);
                self.leave_body(saved);
            }
            ExprKind::Selector(x, _) => {
                self.expr(x);
                let Some(sel) = self.source.info.selections.get(&e.id) else { return };
                if sel.kind == goxide_types::SelectionKind::Method {
                    let is_param = self.store.as_type_param(sel.recv).is_some();
                    let is_pointer =
                        self.ty(x).is_some_and(|t| matches!(self.store.under_ty(t), Type::Pointer { .. }));
                    if is_param || !is_pointer && self.store.has_pointer_recv(sel.obj) {
                        self.take_addr(x);
                    }
                }
            }
            ExprKind::Index(x, list) => {
                self.expr(x);
                self.exprs(list);
            }
            ExprKind::Slice(s) => {
                self.expr(&s.x);
                for i in s.index.iter().flatten() {
                    self.expr(i);
                }
                if let Some(t) = self.ty(&s.x)
                    && matches!(self.store.under_ty(t), Type::Array { .. } | Type::Interface(_))
                {
                    self.take_addr(&s.x);
                }
            }
            ExprKind::TypeAssert(x, _) | ExprKind::TypeSwitchGuard(_, x) => self.expr(x),
            ExprKind::Unary(op, x) => {
                self.expr(x);
                if *op == UnaryOp::And {
                    self.take_addr(x);
                }
            }
            ExprKind::Call(call) => {
                self.expr(&call.fun);
                self.exprs(&call.args);
                if let Some(obj) = self.obj(unparen(&call.fun))
                    && self.store.obj(obj).as_builtin() == Some(Builtin::Recover)
                {
                    self.facts.bodies[self.body as usize].recovers = true;
                }
            }
            ExprKind::List(list) => self.exprs(list),
            _ => {}
        }
    }

    fn block(&mut self, b: &Block) {
        self.stmts(&b.stmts);
    }

    fn stmts(&mut self, list: &[Stmt]) {
        for s in list {
            self.stmt(s);
        }
    }

    /// The function that the current body is a part of; `f` is done to all bodies on the way, itself
    /// included.
    fn function_around(&mut self, f: impl Fn(&mut BodyFacts)) -> u32 {
        let mut b = self.body;
        while self.facts.bodies[b as usize].is_range {
            f(&mut self.facts.bodies[b as usize]);
            b = self.facts.bodies[b as usize].parent;
        }
        b
    }

    fn defer(&mut self) {
        let b = self.function_around(|body| body.loop_defers = true);
        let in_loop = self.loop_depth > 0 || self.has_labels || b != self.body;
        let body = &mut self.facts.bodies[b as usize];
        body.defers += 1;
        body.loop_defer |= in_loop;
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Labeled(_, s) => {
                self.has_labels = true;
                self.stmt(s);
            }
            StmtKind::Block(b) => self.block(b),
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Send(c, v) => {
                self.expr(c);
                self.expr(v);
            }
            StmtKind::Decl(decls) => {
                for d in decls {
                    if let Decl::Var(v) = d {
                        self.exprs(&v.values);
                        for name in &v.names {
                            self.declare(Some(name));
                        }
                    }
                }
            }
            StmtKind::Assign { lhs, rhs, define } => {
                self.expr(rhs);
                self.assign(lhs, *define);
            }
            StmtKind::AssignOp { lhs, rhs, .. } => {
                self.expr(rhs);
                self.assign(lhs, false);
            }
            StmtKind::IncDec { x, .. } => self.assign(x, false),
            StmtKind::Go(e) => self.expr(e),
            StmtKind::Defer(e) => {
                self.expr(e);
                self.defer();
            }
            StmtKind::Return(e) => {
                let b = self.function_around(|body| body.loop_returns = true);
                self.facts.bodies[b as usize].loop_returns |= b != self.body;
                if let Some(e) = e {
                    self.expr(e);
                }
            }
            StmtKind::If(s) => {
                if let Some(init) = &s.init {
                    self.stmt(init);
                }
                self.expr(&s.cond);
                self.block(&s.then);
                if let Some(e) = &s.else_ {
                    self.stmt(e);
                }
            }
            StmtKind::For(f) => self.for_(s, f),
            StmtKind::Switch(sw) => {
                if let Some(init) = &sw.init {
                    self.stmt(init);
                }
                if let Some(tag) = &sw.tag {
                    self.expr(tag);
                }
                for c in &sw.clauses {
                    if let Some(&obj) = self.source.info.implicits.get(&c.id) {
                        self.own(obj);
                    }
                    self.exprs(c.cases.as_deref().unwrap_or(&[]));
                    self.stmts(&c.body);
                }
            }
            StmtKind::Select(sel) => {
                for c in &sel.clauses {
                    if let Some(comm) = &c.comm {
                        self.stmt(comm);
                    }
                    self.stmts(&c.body);
                }
            }
        }
    }

    fn for_(&mut self, s: &Stmt, f: &ForStmt) {
        match &f.header {
            ForHeader::Clause { init, cond, post } => {
                if let Some(init) = init {
                    self.stmt(init);
                }
                self.loop_depth += 1;
                if let Some(c) = cond {
                    self.expr(c);
                }
                self.block(&f.body);
                if let Some(p) = post {
                    self.stmt(p);
                }
                self.loop_depth -= 1;
            }
            ForHeader::Range { lhs, define, x, .. } => {
                self.expr(x);
                let over_func = self.ty(x).is_some_and(|t| {
                    let u = self.store.common_under(t).unwrap_or(self.store.under(t));
                    matches!(self.store.ty(u), Type::Signature(_))
                });
                if over_func {
                    let saved = self.enter_body(s.id, true);
                    if let Some(lhs) = lhs {
                        self.assign(lhs, *define);
                    }
                    self.block(&f.body);
                    self.leave_body(saved);
                    return;
                }
                self.loop_depth += 1;
                if let Some(lhs) = lhs {
                    self.assign(lhs, *define);
                    if *define && self.source.version < (1, 22) {
                        self.reassign_all(lhs);
                    }
                }
                self.block(&f.body);
                self.loop_depth -= 1;
            }
        }
    }

    fn reassign_all(&mut self, lhs: &Expr) {
        let list = match &lhs.kind {
            ExprKind::List(list) => list.as_slice(),
            _ => std::slice::from_ref(lhs),
        };
        for e in list {
            if let Some(obj) = self.obj(e) {
                self.reassign(obj);
            }
        }
    }
}
