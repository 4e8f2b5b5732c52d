//! One function on its way to SSA: state, entry, results.

use crate::analyze::{BodyFacts, Facts};
use crate::builder::{Builder, Values, Var};
use crate::defers::Defers;
use crate::layout::{Abi, Layout, MAX_FRAME_BYTES, MAX_STACK_VAR_BYTES};
use crate::order::Order;
use crate::package::{Declared, Package, Source, has_pragma};
use crate::rangefunc::RangeBody;
use crate::stmt::Frame;
use crate::value::{Place, Val};
use goxide_source::Pos;
use goxide_ssa::{Block, Func, Loc, LocId, Op, Sym, Ty, Value};
use goxide_syntax::ast::{Expr, FuncLit, FuncType, Ident, Name, NodeId};
use goxide_types::{ObjId, SignatureContents, SubstMap, Type, TypeAndValue, TypeId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// Where a local variable is.
#[derive(Clone, Debug)]
pub(crate) enum Storage {
    /// Taken apart into SSA values.
    Regs(SmallVec<[Var; 4]>),
    /// In the frame.
    Slot(goxide_ssa::Slot),
    /// At an address; `heap`: the collector looks there.
    Ptr { var: Var, heap: bool },
    /// The slot holds the address of an object: results that deferred calls see.
    PtrSlot(goxide_ssa::Slot),
}

/// A variable that a closure has from outside.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    pub obj: ObjId,
    pub by: CapturedBy,
}

/// How a closure has a variable from outside.
#[derive(Clone, Debug)]
pub(crate) enum CapturedBy {
    /// Its address, or a copy, at an offset in the closure object.
    Ref(u32),
    Value(u32),
    /// It is always the same, part by part.
    Constant(Vec<(Op, Ty)>),
}

/// A function literal whose code is still to be made.
pub(crate) struct PendingClosure<'a> {
    pub lit: &'a FuncLit,
    pub symbol: Sym,
    pub captures: Vec<Capture>,
    pub source: Source<'a>,
    pub env: Rc<SubstMap>,
    pub facts: Rc<Facts>,
    pub sig: SignatureContents,
    pub dupok: bool,
}

pub(crate) struct ResultVar {
    pub ty: TypeId,
    pub storage: Option<Storage>,
    /// Where the caller wants a result that lives in memory.
    pub out: Option<Storage>,
}

pub(crate) struct FuncLower<'a, 'p> {
    pub p: &'p mut Package<'a>,
    pub b: Builder,
    pub source: Source<'a>,
    pub env: Rc<SubstMap>,
    pub facts: Rc<Facts>,
    /// Of a closure: what [`Facts`] knows it by.
    pub body_id: Option<NodeId>,
    pub name: String,
    pub storage: FxHashMap<ObjId, Storage>,
    pub results: Vec<ResultVar>,
    pub frames: Vec<Frame>,
    pub labels: FxHashMap<Name, Block>,
    pub defers: Option<Defers>,
    /// Where a fallthrough goes.
    pub fallthrough: Option<Block>,
    /// Bytes of large call results, and of the largest arguments and results of a call: gc keeps those
    /// in the frame, and refuses too many.
    pub frame_bytes: (i64, i64),
    /// Of what is lowered.
    pub pos: Pos,
    pub closures_made: u32,
    pub go_made: u32,
    pub ranges_made: u32,
    pub order: Order,
    /// Where this is the body of a loop over a function.
    pub range: Option<RangeBody>,
    lines: FxHashMap<(u32, u32), LocId>,
    func_string: u32,
}

impl<'a, 'p> FuncLower<'a, 'p> {
    pub fn new(
        p: &'p mut Package<'a>,
        name: Sym,
        abi: &Abi,
        has_ctx: bool,
        source: Source<'a>,
        facts: Rc<Facts>,
        env: Rc<SubstMap>,
    ) -> FuncLower<'a, 'p> {
        let text = p.module.name(name).to_string();
        let func_string = p.module.string(&text);
        let f = Func::new(name, abi.params.clone(), abi.results.clone(), has_ctx);
        FuncLower {
            p,
            b: Builder::new(f),
            source,
            env,
            facts,
            body_id: None,
            name: text,
            storage: FxHashMap::default(),
            results: Vec::new(),
            frames: Vec::new(),
            labels: FxHashMap::default(),
            defers: None,
            fallthrough: None,
            frame_bytes: (0, 0),
            pos: Pos::NONE,
            closures_made: 0,
            go_made: 0,
            ranges_made: 0,
            order: Order::default(),
            range: None,
            lines: FxHashMap::default(),
            func_string,
        }
    }

    /// A declared function or method.
    pub fn declared(
        p: &'p mut Package<'a>,
        d: Declared<'a>,
        name: Sym,
        sig: &SignatureContents,
        facts: Rc<Facts>,
        env: SubstMap,
        dupok: bool,
    ) -> Func {
        let env = Rc::new(env);
        let store = p.store;
        let types = |objs: &[ObjId]| -> Vec<TypeId> {
            objs.iter().map(|&o| store.subst(store.type_of(o), &env)).collect()
        };
        let mut params: Vec<ObjId> = sig.recv.into_iter().collect();
        params.extend(&sig.params);
        let (param_types, result_types) = (types(&params), types(&sig.results));
        let args = p.args_size(&param_types, &result_types);
        let abi = p.layouts.abi(store, &param_types, &result_types);
        let mut l = FuncLower::new(p, name, &abi, false, d.source, facts, env.clone());
        let flags = &mut l.b.f.flags;
        flags.noinline = has_pragma(&d.decl.pragmas, "go:noinline");
        flags.nosplit = has_pragma(&d.decl.pragmas, "go:nosplit");
        flags.dupok = dupok;
        l.set_pos(d.decl.pos);
        l.b.f.start_line = l.line(d.decl.pos);
        let idents: Vec<Option<&Ident>> =
            d.decl.recv.iter().chain(&d.decl.ty.params).map(|f| f.name.as_ref()).collect();
        l.enter(&idents, &param_types, &d.decl.ty, &result_types, &abi);
        if let Some(body) = &d.decl.body {
            l.stmts(&body.stmts);
            l.end(body.rbrace);
        }
        let (locals, callee) = l.frame_bytes;
        if args.max(locals.saturating_add(callee)) > MAX_FRAME_BYTES {
            l.p.frame_too_large(d.decl.pos, locals, args, callee);
        }
        l.b.finish()
    }

    /// A function literal.
    pub fn closure(p: &'p mut Package<'a>, c: PendingClosure<'a>) -> Func {
        let store = p.store;
        let types = |objs: &[ObjId]| -> Vec<TypeId> {
            objs.iter().map(|&o| store.subst(store.type_of(o), &c.env)).collect()
        };
        let (param_types, result_types) = (types(&c.sig.params), types(&c.sig.results));
        let abi = p.layouts.abi(store, &param_types, &result_types);
        let mut l = FuncLower::new(p, c.symbol, &abi, true, c.source, c.facts, c.env.clone());
        l.b.f.flags.dupok = c.dupok;
        l.set_pos(c.lit.ty.pos);
        l.b.f.start_line = l.line(c.lit.ty.pos);
        let entry = l.b.f.entry();
        let ctx = l.b.f.blocks[entry.index()].params[abi.params.len()];
        l.bind_captures(&c.captures, ctx);
        l.body_id = Some(c.lit.ty.id);
        let idents: Vec<Option<&Ident>> = c.lit.ty.params.iter().map(|f| f.name.as_ref()).collect();
        l.enter(&idents, &param_types, &c.lit.ty, &result_types, &abi);
        l.stmts(&c.lit.body.stmts);
        l.end(c.lit.body.rbrace);
        l.b.finish()
    }

    /// A generated function with a closure object: tracebacks and recover look through it.
    pub fn wrapper(
        p: &'p mut Package<'a>,
        symbol: Sym,
        source: Source<'a>,
        facts: Rc<Facts>,
        env: Rc<SubstMap>,
        pos: Pos,
        body: impl FnOnce(&mut FuncLower<'a, 'p>, Value),
    ) -> Func {
        let mut l = FuncLower::new(p, symbol, &Abi::default(), true, source, facts, env);
        l.b.f.flags.wrapper = true;
        l.set_pos(pos);
        l.b.f.start_line = l.line(pos);
        let ctx = l.b.f.blocks[0].params[0];
        body(&mut l, ctx);
        l.b.finish()
    }

    /// A type's equality function.
    pub fn equality(
        p: &'p mut Package<'a>,
        symbol: Sym,
        source: Source<'a>,
        facts: Rc<Facts>,
        env: Rc<SubstMap>,
        body: impl FnOnce(&mut FuncLower<'a, 'p>, Value, Value),
    ) -> Func {
        let abi = Abi { params: vec![Ty::Ptr, Ty::Ptr], results: vec![Ty::I8], out: 0 };
        let mut l = FuncLower::new(p, symbol, &abi, false, source, facts, env);
        l.b.f.flags.dupok = true;
        let (a, b) = (l.b.f.blocks[0].params[0], l.b.f.blocks[0].params[1]);
        body(&mut l, a, b);
        l.b.finish()
    }

    /// A method's wrapper: see [`crate::wrappers::Wrapper`].
    pub fn method_wrapper(
        p: &'p mut Package<'a>,
        symbol: Sym,
        source: Source<'a>,
        facts: Rc<Facts>,
        recv: TypeId,
        found: &goxide_types::Found,
        targs: &[TypeId],
        is_bound: bool,
    ) -> Func {
        let store = p.store;
        let sig = store.func_signature(found.obj).cloned().unwrap_or_default();
        let env = Rc::new(SubstMap::new(&sig.type_params, targs));
        let types = |objs: &[ObjId]| -> Vec<TypeId> {
            objs.iter().map(|&o| store.subst(store.type_of(o), &env)).collect()
        };
        let mut params = types(&sig.params);
        let results = types(&sig.results);
        if !is_bound {
            params.insert(0, recv);
        }
        let abi = p.layouts.abi(store, &params, &results);
        let offset = p.closure_type(&[recv]).1[0];
        let mut l = FuncLower::new(p, symbol, &abi, is_bound, source, facts, env);
        l.b.f.flags.wrapper = true;
        l.b.f.flags.dupok = true;
        l.set_autogenerated();
        let values: Vec<Value> = l.b.f.blocks[0].params.clone();
        l.result_places(&results, &values[..abi.out]);
        let args = l.arguments_in(&params, &values[abi.out..]);
        let mut args: Vec<(Val, TypeId)> = args.into_iter().zip(params).collect();
        let recv_val = if is_bound {
            l.load_mem(values[abi.params.len()], offset as i32, recv)
        } else {
            args.remove(0).0
        };
        l.forward(recv_val, recv, found, targs, args, results);
        l.b.finish()
    }

    /// Notes where a generated function puts results that live in memory: `outs` are the addresses.
    pub fn result_places(&mut self, results: &[TypeId], outs: &[Value]) {
        let mut outs = outs.iter();
        for &ty in results {
            let out = if self.layout(ty).is_mem() { outs.next() } else { None };
            let out = out.map(|&ptr| {
                let var = self.b.var(Ty::Ptr);
                self.b.def(var, ptr);
                Storage::Ptr { var, heap: false }
            });
            self.results.push(ResultVar { ty, storage: None, out });
        }
    }

    /// The arguments of a generated function, out of its parameters.
    pub fn arguments_in(&mut self, types: &[TypeId], mut values: &[Value]) -> Vec<Val> {
        let mut args = Vec::new();
        for &t in types {
            let layout = self.layout(t);
            let (own, rest) = values.split_at(layout.parts.as_ref().map_or(1, Vec::len));
            values = rest;
            args.push(if layout.is_mem() { Val::Mem(own[0]) } else { Val::Regs(Values::from_slice(own)) });
        }
        args
    }

    /// The function that initializes package variables.
    pub fn var_init(p: &'p mut Package<'a>, name: Sym, inits: &[(Vec<ObjId>, &'a Expr, Source<'a>)]) -> Func {
        let source = inits[0].2;
        let exprs: Vec<&'a Expr> = inits.iter().map(|i| i.1).collect();
        let facts = Rc::new(p.facts_of_exprs(source, &exprs));
        let env = Rc::new(SubstMap::new(&[], &[]));
        let mut l = FuncLower::new(p, name, &Abi::default(), false, source, facts, env);
        l.closures_made = l.p.static_closures;
        l.set_pos(exprs[0].pos);
        l.b.f.start_line = l.line(exprs[0].pos);
        for (lhs, rhs, source) in inits {
            l.source = *source;
            l.set_pos(rhs.pos);
            l.init_vars(lhs, rhs);
        }
        l.b.ret(&[]);
        l.b.finish()
    }

    pub fn body_facts(&self) -> &BodyFacts {
        match self.body_id {
            Some(id) => self.facts.body(id),
            None => self.facts.top(),
        }
    }

    // Types.

    pub fn subst(&self, t: TypeId) -> TypeId {
        self.p.store.subst(t, &self.env)
    }

    pub fn info_of(&self, e: &Expr) -> Option<&'a TypeAndValue> {
        self.source.info.types.get(e.id.0 as usize)?.as_ref()
    }

    /// The type of an expression, type parameters replaced.
    pub fn ty(&self, e: &Expr) -> TypeId {
        if let Some(tv) = self.info_of(e) {
            return self.subst(tv.ty);
        }
        self.obj(e).map_or(TypeId::INVALID, |o| self.obj_ty(o))
    }

    pub fn obj_ty(&self, obj: ObjId) -> TypeId {
        self.subst(self.p.store.type_of(obj))
    }

    /// What a name means.
    pub fn obj(&self, e: &Expr) -> Option<ObjId> {
        self.obj_of(e.id)
    }

    pub fn obj_of(&self, id: NodeId) -> Option<ObjId> {
        let info = self.source.info;
        info.uses.get(&id).or_else(|| info.defs.get(&id)).copied()
    }

    pub fn under(&self, t: TypeId) -> &'a Type {
        self.p.store.under_ty(t)
    }

    pub fn layout(&mut self, t: TypeId) -> Rc<Layout> {
        self.p.layout(t)
    }

    pub fn unsupported(&mut self, pos: Pos, what: &str) {
        self.p.unsupported(pos, what);
    }

    // Places in the source.

    pub fn line(&self, pos: Pos) -> u32 {
        self.p.files.position(pos).map_or(0, |p| p.line)
    }

    pub fn set_pos(&mut self, pos: Pos) {
        self.pos = pos;
        let Some(at) = self.p.files.position(pos) else { return };
        let trimmed = self.p.folders.trim(&at.file);
        let file = self.p.module.string(trimmed.as_deref().unwrap_or(&at.file));
        let next = LocId(self.b.f.locs.len() as u32);
        let loc = *self.lines.entry((file, at.line)).or_insert(next);
        if loc == next {
            self.b.f.locs.push(Loc { parent: 0, func: self.func_string, file, line: at.line });
        }
        self.b.loc = loc;
    }

    /// What is generated stands nowhere. That is a place too: what is inlined into a wrapper is inlined into
    /// the wrapper's callers by way of it.
    pub fn set_autogenerated(&mut self) {
        let file = self.p.module.string("<autogenerated>");
        self.b.loc = LocId(self.b.f.locs.len() as u32);
        self.b.f.locs.push(Loc { parent: 0, func: self.func_string, file, line: 1 });
    }

    // Entry and exit.

    fn enter(
        &mut self,
        idents: &[Option<&Ident>],
        param_types: &[TypeId],
        ty: &FuncType,
        result_types: &[TypeId],
        abi: &Abi,
    ) {
        let entry = self.b.f.entry();
        let values: Vec<Value> = self.b.f.blocks[entry.index()].params.clone();
        let (defers, loop_defer, recovers, loop_returns) = {
            let facts = self.body_facts();
            (facts.defers, facts.loop_defer, facts.recovers, facts.loop_returns)
        };
        if recovers {
            self.b.f.flags.noinline = true;
        }
        if defers > 0 {
            self.b.f.flags.noinline = true;
            self.init_defers(defers, loop_defer);
        }
        let mut at = abi.out;
        for (ident, &t) in idents.iter().zip(param_types) {
            let layout = self.layout(t);
            let n = layout.parts.as_ref().map_or(1, Vec::len);
            let args = &values[at..at + n];
            at += n;
            let val = if layout.is_mem() { Val::Mem(args[0]) } else { Val::Regs(Values::from_slice(args)) };
            let Some(ident) = ident else { continue };
            let Some(obj) = self.obj_of(ident.id).filter(|_| !ident.is_blank()) else { continue };
            let facts = self.facts.var(obj);
            if let (Val::Mem(ptr), false) = (&val, self.needs_heap(obj))
                && !facts.captured
            {
                let var = self.b.var(Ty::Ptr);
                self.b.def(var, *ptr);
                self.storage.insert(obj, Storage::Ptr { var, heap: false });
                continue;
            }
            self.declare(obj, t);
            self.init_var(obj, t, val);
        }
        let has_defers = self.defers.is_some();
        // Others than this function's own code set or read the results.
        let in_memory = has_defers || loop_returns;
        let mut outs = values.iter();
        let result_idents: Vec<Option<&Ident>> = ty.results.iter().map(|f| f.name.as_ref()).collect();
        for (i, &t) in result_types.iter().enumerate() {
            let layout = self.layout(t);
            let out = layout.is_mem().then(|| {
                let ptr = *outs.next().unwrap_or(&values[0]);
                if has_defers {
                    let slot = self.b.slot(8, 8, true);
                    let at = self.b.slot_addr(slot, 0);
                    self.b.store(at, 0, ptr);
                    return Storage::PtrSlot(slot);
                }
                let var = self.b.var(Ty::Ptr);
                self.b.def(var, ptr);
                Storage::Ptr { var, heap: false }
            });
            let ident = result_idents.get(i).copied().flatten();
            let obj = ident.and_then(|n| self.obj_of(n.id));
            let storage = match obj {
                Some(obj) => {
                    self.declare_result(obj, t, in_memory);
                    self.storage.get(&obj).cloned()
                }
                None if in_memory && layout.size > MAX_STACK_VAR_BYTES => {
                    let object = self.new_object(t);
                    let slot = self.b.slot(8, 8, true);
                    let at = self.b.slot_addr(slot, 0);
                    self.b.store(at, 0, object);
                    Some(Storage::PtrSlot(slot))
                }
                None if in_memory => {
                    let slot = self.b.slot(layout.size, layout.align, layout.ptrs);
                    self.zero_storage(&Storage::Slot(slot), t);
                    Some(Storage::Slot(slot))
                }
                None => None,
            };
            self.results.push(ResultVar { ty: t, storage, out });
        }
    }

    /// Behind the last statement.
    fn end(&mut self, rbrace: Pos) {
        if !self.b.is_unreachable() {
            self.set_pos(rbrace);
            self.return_results();
        }
        self.finish_defers(rbrace);
        self.seal_labels();
    }

    /// Returns what the result variables hold, deferred calls run before.
    pub fn return_results(&mut self) {
        self.run_defers();
        self.return_vars();
    }

    pub fn return_vars(&mut self) {
        let mut out = Values::new();
        for i in 0..self.results.len() {
            let ty = self.results[i].ty;
            let val = match self.results[i].storage.clone() {
                Some(s) => self.load_storage(&s, ty),
                None => self.zero(ty),
            };
            self.give_result(i, val, &mut out);
        }
        self.b.ret(&out);
    }

    /// Adds a result's scalars to those returned, or writes it to where the caller wants it.
    fn give_result(&mut self, i: usize, val: Val, out: &mut Values) {
        let ty = self.results[i].ty;
        match self.results[i].out.clone() {
            Some(to) => {
                let ptr = self.storage_addr(&to);
                self.store(&Place::Mem { ptr, offset: 0, heap: false }, ty, val);
            }
            None => {
                let parts = self.parts(val, ty);
                out.extend(parts);
            }
        }
    }

    /// `return` with values, already of the results' types.
    pub fn return_values(&mut self, vals: Vec<Val>) {
        if self.defers.is_none() && self.range.is_none() {
            let mut out = Values::new();
            for (i, val) in vals.into_iter().enumerate() {
                self.give_result(i, val, &mut out);
            }
            self.b.ret(&out);
            return;
        }
        for (i, val) in vals.into_iter().enumerate() {
            let ty = self.results[i].ty;
            if let Some(storage) = self.results[i].storage.clone() {
                let place = self.storage_place(&storage, ty);
                self.store(&place, ty, val);
            }
        }
        self.return_set();
    }
}
