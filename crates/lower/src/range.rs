//! Loops over values.

use crate::func::FuncLower;
use crate::stmt::Frame;
use crate::value::{Place, Val};
use goxide_abi::{Entry, layout as abi};
use goxide_ssa::{BinOp, Block, CmpOp, ConvOp, Op, Ty, Value};
use goxide_syntax::ast::{self, Expr, ExprKind, ForHeader, ForStmt, Name, Stmt, StmtKind, UnaryOp, unparen};
use goxide_syntax::walk;
use goxide_types::{BasicKind, ObjId, Type, TypeId};

/// The blocks of a loop: where it is tested, and where `continue` goes.
struct Loop {
    head: Block,
    next: Block,
    end: Block,
}

impl<'a> FuncLower<'a, '_> {
    pub fn range_stmt(
        &mut self,
        s: &'a Stmt,
        f: &'a ForStmt,
        lhs: Option<&'a Expr>,
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
    ) {
        let vars: Vec<Option<&'a Expr>> =
            lhs.map_or(&[][..], Self::list_of).iter().map(|e| named(e)).collect();
        let key = vars.first().copied().flatten();
        let value = vars.get(1).copied().flatten();
        let t = self.ty(x);
        let int = self.p.store.basic(BasicKind::Int);
        let array = |t: TypeId, l: &Self| match l.under(t) {
            Type::Array { len, elem } => Some((*len, *elem)),
            _ => None,
        };
        let through_pointer = match self.core_ty(t) {
            Type::Pointer { base } => array(*base, self),
            _ => None,
        };
        match self.core_ty(t) {
            Type::Basic(b) if b.kind.info() & goxide_types::predicates::info::STRING != 0 => {
                self.range_string(f, key, value, define, x, label);
            }
            Type::Basic(_) => self.range_int(f, key, define, x, label),
            Type::Slice { elem } => {
                let elem = *elem;
                let v = self.expr(x);
                let parts = self.parts(v, t);
                self.range_elements(f, (key, value), define, label, parts[0], parts[1], (int, elem));
            }
            Type::Array { len, elem } => {
                let (len, elem) = (*len, *elem);
                // Without a value the array is not even looked at.
                let base = if value.is_some() && self.is_addressable_path(x) && self.keeps(x, &f.body) {
                    let place = self.place(x);
                    match place {
                        Place::Mem { .. } => self.place_addr(&place),
                        place => {
                            let v = self.load(&place, t);
                            self.spill(v, t)
                        }
                    }
                } else if value.is_some() {
                    let v = self.expr(x);
                    self.spill(v, t)
                } else {
                    if !matches!(unparen(x).kind, ExprKind::Name(_)) {
                        self.effects(x);
                    }
                    self.b.null()
                };
                let len = self.b.int(len);
                self.range_elements(f, (key, value), define, label, base, len, (int, elem));
            }
            Type::Pointer { .. } if through_pointer.is_some() => {
                let (len, elem) = through_pointer.unwrap_or((0, TypeId::INVALID));
                let base = self.scalar_expr(x);
                if value.is_some() && len > 0 {
                    self.b.nil_check(base);
                }
                let len = self.b.int(len);
                self.range_elements(f, (key, value), define, label, base, len, (int, elem));
            }
            Type::Map { key: k, elem } => self.range_map(f, (key, value), define, x, label, (*k, *elem)),
            Type::Chan(c) => self.range_chan(f, key, define, x, label, c.elem),
            Type::Signature(_) => self.range_func(s, f, vars, define, x, label),
            _ => self.unsupported(s.pos, "this range is"),
        }
    }

    /// The loop's body cannot change the array `x`: no copy of it is needed.
    fn keeps(&self, x: &Expr, body: &ast::Block) -> bool {
        let mut at = unparen(x);
        let root = loop {
            match &at.kind {
                ExprKind::Name(_) => break self.obj(at),
                ExprKind::Selector(y, _) if !matches!(self.under(self.ty(y)), Type::Pointer { .. }) => {
                    at = unparen(y);
                }
                ExprKind::Index(y, _) if matches!(self.under(self.ty(y)), Type::Array { .. }) => {
                    at = unparen(y);
                }
                _ => break None,
            }
        };
        let own = root.filter(|&obj| {
            let facts = self.facts.var(obj);
            self.storage.contains_key(&obj) && !facts.addr_taken && !facts.captured
        });
        let mut w = Writes { l: self, own, found: false };
        walk::walk_stmts(&mut w, &body.stmts);
        !w.found
    }

    /// Gives the iteration variables their values.
    pub fn set_range(&mut self, var: Option<&'a Expr>, define: bool, v: Val, from: TypeId) {
        let Some(e) = var else { return };
        if define && let Some(&obj) = self.source.info.defs.get(&e.id) {
            if self.source.version < (1, 22) && self.storage.contains_key(&obj) {
                let t = self.obj_ty(obj);
                self.init_var(obj, t, v);
                return;
            }
            return self.define(Some(obj), v, from);
        }
        let t = self.ty(e);
        let target = self.target(e);
        self.assign_to(&target, t, v, from);
    }

    /// Both iteration variables get their values as by one assignment.
    fn set_range_both(
        &mut self,
        vars: (Option<&'a Expr>, Option<&'a Expr>),
        define: bool,
        vals: [Val; 2],
        types: (TypeId, TypeId),
    ) {
        let [k, v] = vals;
        let ((Some(key), Some(value)), false) = (vars, define) else {
            self.set_range(vars.0, define, k, types.0);
            return self.set_range(vars.1, define, v, types.1);
        };
        let targets = (self.target(key), self.target(value));
        let (kt, vt) = (self.ty(key), self.ty(value));
        self.assign_to(&targets.0, kt, k, types.0);
        self.assign_to(&targets.1, vt, v, types.1);
    }

    /// Before Go 1.22 there is one variable for all iterations.
    fn declare_once(&mut self, vars: &[Option<&'a Expr>], define: bool) {
        if !define || self.source.version >= (1, 22) {
            return;
        }
        for e in vars.iter().flatten() {
            if let Some(&obj) = self.source.info.defs.get(&e.id) {
                let t = self.obj_ty(obj);
                self.declare(obj, t);
                self.zero_var(obj, t);
            }
        }
    }

    fn begin(&mut self) -> Loop {
        let l = Loop { head: self.b.block(), next: self.b.block(), end: self.b.block() };
        self.b.jump(l.head);
        self.b.switch_to(l.head);
        l
    }

    fn body(&mut self, f: &'a ForStmt, l: &Loop, label: Option<&Name>) {
        self.frames.push(Frame { label: label.cloned(), break_: l.end, continue_: Some(l.next) });
        self.stmts(&f.body.stmts);
        self.frames.pop();
        self.b.jump(l.next);
        self.b.start(l.next);
    }

    fn finish_loop(&mut self, l: &Loop) {
        self.back_edge(l.head);
        self.b.start(l.end);
    }

    fn range_int(
        &mut self,
        f: &'a ForStmt,
        key: Option<&'a Expr>,
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
    ) {
        let t = match key {
            Some(k) if define => {
                self.source.info.defs.get(&k.id).map_or(self.value_ty(x), |&o| self.obj_ty(o))
            }
            Some(k) => self.ty(k),
            None => self.value_ty(x),
        };
        self.declare_once(&[key], define);
        let n = self.expr_as(x, t);
        let n = self.scalar(n);
        let ty = self.b.ty(n);
        let i = self.b.var(ty);
        let zero = self.b.iconst(ty, 0);
        self.b.def(i, zero);
        let l = self.begin();
        let at = self.b.get(i);
        let below = if self.p.store.is_unsigned(t) { CmpOp::ULt } else { CmpOp::Lt };
        let go_on = self.b.cmp(below, at, n);
        let body = self.b.block();
        self.b.branch(go_on, body, l.end);
        self.b.start(body);
        self.set_range(key, define, Val::one(at), t);
        self.body(f, &l, label);
        let at = self.b.get(i);
        let next = self.b.bin_const(BinOp::Add, at, 1);
        self.b.def(i, next);
        self.finish_loop(&l);
    }

    fn range_elements(
        &mut self,
        f: &'a ForStmt,
        vars: (Option<&'a Expr>, Option<&'a Expr>),
        define: bool,
        label: Option<&Name>,
        base: Value,
        len: Value,
        types: (TypeId, TypeId),
    ) {
        self.declare_once(&[vars.0, vars.1], define);
        let i = self.b.var(Ty::I64);
        let zero = self.b.int(0);
        self.b.def(i, zero);
        let l = self.begin();
        let at = self.b.get(i);
        let go_on = self.b.cmp(CmpOp::Lt, at, len);
        let body = self.b.block();
        self.b.branch(go_on, body, l.end);
        self.b.start(body);
        if vars.1.is_some() {
            let p = self.element(base, at, types.1);
            let mut elem = self.load_mem(p, 0, types.1);
            if !define {
                elem = self.freeze(elem, types.1);
            }
            self.set_range_both(vars, define, [Val::one(at), elem], types);
        } else {
            self.set_range(vars.0, define, Val::one(at), types.0);
        }
        self.body(f, &l, label);
        let at = self.b.get(i);
        let next = self.b.bin_const(BinOp::Add, at, 1);
        self.b.def(i, next);
        self.finish_loop(&l);
    }

    fn range_string(
        &mut self,
        f: &'a ForStmt,
        key: Option<&'a Expr>,
        value: Option<&'a Expr>,
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
    ) {
        self.declare_once(&[key, value], define);
        let t = self.value_ty(x);
        let v = self.expr_as(x, t);
        let parts = self.parts(v, t);
        let (int, rune) = (self.p.store.basic(BasicKind::Int), self.p.store.basic(BasicKind::Rune));
        let (i, after, r) = (self.b.var(Ty::I64), self.b.var(Ty::I64), self.b.var(Ty::I32));
        let zero = self.b.int(0);
        self.b.def(i, zero);
        let l = self.begin();
        let at = self.b.get(i);
        let go_on = self.b.cmp(CmpOp::Lt, at, parts[1]);
        let (body, multi, ready) = (self.b.block(), self.b.block(), self.b.block());
        let single = self.b.block();
        self.b.branch(go_on, body, l.end);
        self.b.start(body);
        let p = self.b.bin(BinOp::Add, parts[0], at);
        let byte = self.b.load(Ty::I8, p, 0);
        let byte = self.b.conv(ConvOp::Zext, byte, Ty::I32);
        let is_ascii = self.b.cmp_const(CmpOp::ULt, byte, 0x80);
        self.b.branch(is_ascii, single, multi);
        self.b.start(single);
        self.b.def(r, byte);
        let next = self.b.bin_const(BinOp::Add, at, 1);
        self.b.def(after, next);
        self.b.jump(ready);
        self.b.start(multi);
        let decoded = self.b.rt(Entry::DecodeRune, &[parts[0], parts[1], at]);
        let rv = self.b.conv(ConvOp::Trunc, decoded[0], Ty::I32);
        self.b.def(r, rv);
        self.b.def(after, decoded[1]);
        self.b.jump(ready);
        self.b.start(ready);
        let rv = self.b.get(r);
        self.set_range_both((key, value), define, [Val::one(at), Val::one(rv)], (int, rune));
        self.body(f, &l, label);
        let next = self.b.get(after);
        self.b.def(i, next);
        self.finish_loop(&l);
    }

    fn range_map(
        &mut self,
        f: &'a ForStmt,
        vars: (Option<&'a Expr>, Option<&'a Expr>),
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
        types: (TypeId, TypeId),
    ) {
        self.declare_once(&[vars.0, vars.1], define);
        let t = self.ty(x);
        let map = self.scalar_expr(x);
        let slot = self.b.slot(abi::MAP_ITER_BYTES as u64, 8, true);
        let it = self.b.slot_addr(slot, 0);
        self.b.emit0(Op::Zero { size: abi::MAP_ITER_BYTES as u32, ptrs: false }, &[it]);
        let desc = self.type_addr(t);
        self.b.rt(Entry::MapIterStart, &[desc, map, it]);
        let l = self.begin();
        let key = self.b.load(Ty::Ptr, it, abi::MAP_ITER_KEY);
        let done = self.is_null(key);
        let body = self.b.block();
        self.b.branch(done, l.end, body);
        self.b.start(body);
        let mut k = self.load_mem(key, 0, types.0);
        if !define {
            k = self.freeze(k, types.0);
        }
        let elem = self.b.load(Ty::Ptr, it, abi::MAP_ITER_ELEM);
        let v = vars.1.map(|_| {
            let v = self.load_mem(elem, 0, types.1);
            if define { v } else { self.freeze(v, types.1) }
        });
        match v {
            Some(v) => self.set_range_both(vars, define, [k, v], types),
            None => self.set_range(vars.0, define, k, types.0),
        }
        self.body(f, &l, label);
        self.b.rt(Entry::MapIterNext, &[it]);
        self.finish_loop(&l);
    }

    fn range_chan(
        &mut self,
        f: &'a ForStmt,
        key: Option<&'a Expr>,
        define: bool,
        x: &'a Expr,
        label: Option<&Name>,
        elem: TypeId,
    ) {
        self.declare_once(&[key], define);
        let chan = self.scalar_expr(x);
        let (p, heap) = self.temp(elem);
        let l = self.begin();
        if !heap && self.layout(elem).ptrs {
            // The element before is dead while this waits.
            let size = self.layout(elem).size;
            self.clear(p, size, false);
        }
        let ok = self.b.rt_bool(Entry::ChanRecv, &[chan, p]);
        let body = self.b.block();
        self.b.branch(ok, body, l.end);
        self.b.start(body);
        let v = self.load_mem(p, 0, elem);
        let v = self.freeze(v, elem);
        self.set_range(key, define, v, elem);
        self.body(f, &l, label);
        self.finish_loop(&l);
    }
}

/// A variable to be set: not blank.
fn named(e: &Expr) -> Option<&Expr> {
    let e = unparen(e);
    match &e.kind {
        ExprKind::Name(n) if &**n == "_" => None,
        _ => Some(e),
    }
}

/// Looks for what may change a variable: assignments to it if it is known and nobody has its address,
/// else any call and any assignment to other than a plain local variable.
struct Writes<'l, 'a, 'p> {
    l: &'l FuncLower<'a, 'p>,
    own: Option<ObjId>,
    found: bool,
}

impl Writes<'_, '_, '_> {
    fn assigned(&mut self, e: &Expr) {
        if let ExprKind::List(list) = &e.kind {
            return list.iter().for_each(|e| self.assigned(e));
        }
        let mut e = unparen(e);
        let mut is_plain = true;
        while let ExprKind::Selector(x, _) | ExprKind::Index(x, _) = &e.kind {
            (e, is_plain) = (unparen(x), false);
        }
        let obj = match &e.kind {
            ExprKind::Name(_) => self.l.obj(e),
            _ => None,
        };
        self.found |= match (self.own, obj) {
            (Some(own), obj) => obj == Some(own),
            (None, None) => true,
            (None, Some(obj)) => {
                let facts = self.l.facts.var(obj);
                let is_local = self.l.p.store.obj(obj).as_var().is_some_and(|v| !v.is_package_level);
                !is_plain || !is_local || facts.addr_taken || facts.captured
            }
        };
    }
}

impl walk::Visitor for Writes<'_, '_, '_> {
    fn stmt(&mut self, s: &Stmt) -> bool {
        match &s.kind {
            StmtKind::Assign { lhs, .. } | StmtKind::AssignOp { lhs, .. } => self.assigned(lhs),
            StmtKind::IncDec { x, .. } => self.assigned(x),
            StmtKind::For(f) => {
                if let ForHeader::Range { lhs: Some(lhs), .. } = &f.header {
                    self.assigned(lhs);
                }
            }
            // Other goroutines and the like may run.
            StmtKind::Send(..) | StmtKind::Select(_) => self.found |= self.own.is_none(),
            _ => {}
        }
        !self.found
    }

    fn expr(&mut self, e: &Expr) -> bool {
        if let ExprKind::Call(_) | ExprKind::Unary(UnaryOp::Recv, _) = e.kind {
            self.found |= self.own.is_none();
        }
        !self.found
    }
}
