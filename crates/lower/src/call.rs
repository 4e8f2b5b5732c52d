//! Calls: what is called, with which arguments, and what comes back.

use crate::builder::Values;
use crate::func::FuncLower;
use crate::held::Held;
use crate::layout::{Abi, MAX_TEMP_BYTES};
use crate::value::{Place, Val};
use goxide_abi::{Entry, layout as abi};
use goxide_ssa::{ConvOp, Op, Sym, Ty, Value};
use goxide_syntax::ast::{CallExpr, Expr, ExprKind, unparen};
use goxide_types::{
    Builtin, Found, Mode, ObjId, ObjectKind, Selection, SelectionKind, SignatureContents, Type, TypeId,
};
use smallvec::SmallVec;

/// What a call transfers control to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Static(Sym),
    /// A function value.
    Closure(Value),
    /// Method `index` of the interface with that itab; the data word is the first argument.
    Method {
        tab: Value,
        index: usize,
    },
    /// Code whose address is known.
    Code(Value),
    Entry(Entry),
}

/// A call whose operands are evaluated.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub target: Target,
    /// The receiver first.
    pub args: Vec<(Val, TypeId)>,
    pub results: Vec<TypeId>,
    /// Pointers that are in use until it returns.
    pub held: Vec<Value>,
}

impl<'a> FuncLower<'a, '_> {
    pub fn call_value(&mut self, e: &'a Expr) -> Val {
        let results = self.call_results(e);
        results.into_iter().next().unwrap_or(Val::Regs(Values::new()))
    }

    /// The call's results, each of the type that the callee's signature gives it.
    pub fn call_results(&mut self, e: &'a Expr) -> Vec<Val> {
        let ExprKind::Call(call) = &e.kind else { return vec![self.expr(e)] };
        if let Some(values) = self.made(e) {
            return values;
        }
        if let Some(tv) = self.info_of(&call.fun)
            && tv.mode == Mode::Type
        {
            return vec![self.conversion(e, call)];
        }
        if let Some(b) = self.builtin_of(&call.fun) {
            return self.with_operands(call, |l| l.builtin(e, b, call));
        }
        if let Some(values) = self.intrinsic(e, call) {
            return values;
        }
        let prepared = self.prepare(e, call);
        self.set_pos(e.pos);
        self.invoke(prepared)
    }

    /// `eval` evaluates the operands of a call.
    pub fn with_operands<R>(&mut self, call: &'a CallExpr, eval: impl FnOnce(&mut Self) -> R) -> R {
        let mut operands: SmallVec<[&Expr; 8]> = std::iter::once(&call.fun).chain(&call.args).collect();
        if self.builtin_of(&call.fun) == Some(Builtin::Append)
            && let Some(last) = operands.last_mut()
        {
            *last = self.appended_operand(call, last);
        }
        self.on_its_own(|l| l.call_in_order(call, &operands, eval))
    }

    fn conversion(&mut self, e: &'a Expr, call: &'a CallExpr) -> Val {
        let to = self.ty(&call.fun);
        let x = &call.args[0];
        if self.is_nil(x) {
            return self.zero(to);
        }
        let from = self.ty(x);
        // A constant operand of a type that is none of the constants'.
        if let Some(tv) = self.info_of(x)
            && let Some(value) = &tv.value
            && !self.p.store.is_const_type(to)
            && self.p.store.is_untyped(from)
        {
            let from = self.p.store.default_type(from);
            let v = self.constant(value, from);
            return self.convert(v, from, to);
        }
        // An instance's `T(0)` of a complex type, whose operand has its default type.
        if self.p.store.is_const_type(to)
            && self.p.store.is_complex(from) != self.p.store.is_complex(to)
            && let Some(value) = self.info_of(x).and_then(|tv| tv.value.as_ref())
        {
            return self.constant(value, to);
        }
        let v = self.expr(x);
        self.set_pos(e.pos);
        self.convert(v, from, to)
    }

    /// The function that `fun` names.
    pub fn static_callee(&self, fun: &Expr) -> Option<ObjId> {
        let fun = unparen(fun);
        let obj = match &fun.kind {
            ExprKind::Name(_) => self.obj(fun)?,
            ExprKind::Selector(_, name) if !self.source.info.selections.contains_key(&fun.id) => {
                self.obj_of(name.id)?
            }
            ExprKind::Index(x, _) => return self.static_callee(x),
            _ => return None,
        };
        matches!(self.p.store.obj(obj).kind, ObjectKind::Func(_)).then_some(obj)
    }

    /// That of what is called; without parameters for a builtin or a conversion.
    pub fn signature_of(&self, fun: &Expr) -> SignatureContents {
        match self.p.store.common_under(self.ty(fun)).map(|u| self.p.store.ty(u)) {
            Some(Type::Signature(s)) => s.get().clone(),
            _ => SignatureContents::default(),
        }
    }

    /// Evaluates what is called and the arguments, in order.
    pub fn prepare(&mut self, e: &'a Expr, call: &'a CallExpr) -> Prepared {
        self.with_operands(call, |l| l.prepare_in_order(e, call))
    }

    fn prepare_in_order(&mut self, e: &'a Expr, call: &'a CallExpr) -> Prepared {
        let fun = unparen(&call.fun);
        let sig = self.signature_of(fun);
        let mut args = Vec::new();
        let target = if let Some(obj) = self.static_callee(fun) {
            let targs = self.targs(fun);
            self.static_target(obj, &targs)
        } else if let ExprKind::Selector(x, _) = &fun.kind
            && let Some(sel) = self.selection(fun)
            && sel.kind == SelectionKind::Method
        {
            self.note_reflection(sel.obj, call.args.first());
            let (recv, t) = self.receiver(fun, x, &sel);
            let targs = self.targs(fun);
            self.method_target(recv, t, sel.obj, &targs, &mut args)
        } else {
            Target::Closure(self.scalar_expr(fun))
        };
        let mut held = self.held_by(fun);
        self.arguments(e, call, &sig, &mut args, &mut held);
        let results = sig.results.iter().map(|&r| self.obj_ty(r)).collect();
        Prepared { target, args, results, held: held.map_or(Vec::new(), |h| h.pointers) }
    }

    fn static_target(&mut self, obj: ObjId, targs: &[TypeId]) -> Target {
        let o = self.p.store.obj(obj);
        if self.p.is_runtime
            && o.pkg == Some(self.p.pkg.pkg)
            && self.p.declared(obj).is_some_and(|d| d.decl.body.is_none())
            && let Some(entry) = Entry::by_name(&o.name)
        {
            return Target::Entry(entry);
        }
        Target::Static(self.p.func_symbol(obj, targs))
    }

    /// Where the method finds methods by reflection, the linker must keep those it can find
    /// (as `walk.usemethod`).
    fn note_reflection(&mut self, method: ObjId, arg: Option<&Expr>) {
        // Callers of these are what counts.
        const FINDERS: &[&str] = &[
            "reflect.(*rtype).Method",
            "reflect.(*rtype).MethodByName",
            "reflect.(*interfaceType).Method",
            "reflect.(*interfaceType).MethodByName",
            "reflect.Value.Method",
            "reflect.Value.MethodByName",
        ];
        let store = self.p.store;
        let by_name = match &**store.name(method) {
            "Method" => false,
            "MethodByName" => true,
            _ => return,
        };
        let Some(sig) = store.func_signature(method) else { return };
        let (&[_], Some(&result)) = (&sig.params[..], sig.results.first()) else { return };
        let Some(name) = store.type_name(store.unalias(store.type_of(result))) else { return };
        let o = store.obj(name);
        let is_reflects = o.pkg.is_some_and(|p| &**store.pkg_path(p) == "reflect");
        if !is_reflects || !matches!(&*o.name, "Method" | "Value") || FINDERS.contains(&self.name.as_str()) {
            return;
        }
        let known = arg.and_then(|a| self.info_of(a)).and_then(|tv| tv.value.as_ref()?.as_bytes());
        match known.and_then(|name| std::str::from_utf8(name).ok()) {
            Some(name) if by_name => self.p.use_method(name, String::new()),
            _ => {
                self.b.f.flags.reflect_method = true;
                self.b.f.flags.noinline = true;
            }
        }
    }

    /// What a method call on a receiver value goes to; its first argument is put into `args`.
    fn method_target(
        &mut self,
        recv: Val,
        t: TypeId,
        method: ObjId,
        targs: &[TypeId],
        args: &mut Vec<(Val, TypeId)>,
    ) -> Target {
        if matches!(self.under(t), Type::Interface(_)) {
            let parts = self.parts(recv, t);
            let index = self.interface_method_index(t, method);
            let data_ty = self.p.store.basic(goxide_types::BasicKind::UnsafePointer);
            args.push((Val::one(parts[1]), data_ty));
            return Target::Method { tab: parts[0], index };
        }
        let recv = self.freeze(recv, t);
        args.push((recv, t));
        Target::Static(self.p.method_symbol(method, targs))
    }

    pub fn interface_method_index(&mut self, iface: TypeId, method: ObjId) -> usize {
        let o = self.p.store.obj(method);
        let methods = &self.p.store.type_set(self.p.store.under(iface)).methods;
        let found = self.p.store.method_index(methods, o.pkg, &o.name, false);
        if let Some((_, m)) = found {
            let sig = self.p.store.link_string(self.p.store.type_of(m));
            self.p.use_method(&o.name, sig);
        }
        found.map_or(0, |f| f.0)
    }

    /// The place that a path of fields leads to from `x`.
    pub fn walk_place(&mut self, at: &'a Expr, x: &'a Expr, recv: TypeId, path: &[u32]) -> (Place, TypeId) {
        let mut t = recv;
        let mut pointer = None;
        let mut place = Place::Blank;
        if matches!(self.under(t), Type::Pointer { .. }) {
            pointer = Some(self.scalar_expr(x));
        } else {
            place = self.place(x);
        }
        self.set_pos(at.pos);
        for &i in path {
            if let Type::Pointer { base } = self.under(t) {
                let ptr = match pointer.take() {
                    Some(p) => p,
                    None => {
                        let v = self.load(&place, t);
                        self.scalar(v)
                    }
                };
                self.b.nil_check(ptr);
                place = Place::Mem { ptr, offset: 0, heap: true };
                t = *base;
            }
            place = self.field_place(place, t, i as usize);
            t = self.p.layouts.fields(self.p.store, t)[i as usize].ty;
        }
        if let Some(p) = pointer {
            // No field was followed: the pointer itself.
            let ptr = p;
            if let Type::Pointer { base } = self.under(t) {
                return (Place::Mem { ptr, offset: 0, heap: true }, *base);
            }
        }
        (place, t)
    }

    /// The receiver for a method call or value `x.m`, as the method (or the interface) wants it.
    pub fn receiver(&mut self, at: &'a Expr, x: &'a Expr, sel: &Selection) -> (Val, TypeId) {
        let fields = &sel.path[..sel.path.len().saturating_sub(1)];
        let store = self.p.store;
        let is_iface = store.obj(sel.obj).as_func().is_some_and(|f| f.is_interface_method);
        if !is_iface && store.has_pointer_recv(sel.obj) {
            let is_pointer = matches!(self.under(sel.recv), Type::Pointer { .. });
            if is_pointer && fields.is_empty() {
                let p = self.scalar_expr(x);
                return (Val::one(p), sel.recv);
            }
            let (place, t) = self.walk_place(at, x, sel.recv, fields);
            if let (Type::Pointer { .. }, false) = (self.under(t), fields.is_empty()) {
                return (self.load(&place, t), t);
            }
            let p = self.place_addr(&place);
            return (Val::one(p), store.new_pointer(t));
        }
        let v = self.expr(x);
        self.set_pos(at.pos);
        let (v, t) = self.walk_fields(v, sel.recv, fields);
        match self.under(t) {
            Type::Pointer { base } if !is_iface => {
                let p = self.scalar(v);
                self.b.nil_check(p);
                (self.load_mem(p, 0, *base), *base)
            }
            _ => (v, t),
        }
    }

    /// The arguments of a call, converted to the parameters' types, a variadic one's gathered.
    pub fn arguments(
        &mut self,
        e: &'a Expr,
        call: &'a CallExpr,
        sig: &SignatureContents,
        args: &mut Vec<(Val, TypeId)>,
        held: &mut Held,
    ) {
        let params: Vec<TypeId> = sig.params.iter().map(|&p| self.obj_ty(p)).collect();
        let fixed = if sig.variadic { params.len() - 1 } else { params.len() };
        // f(g()) with several results of g.
        if let [arg] = &call.args[..]
            && let Some(types) = self.tuple_types(arg)
        {
            let vals = self.call_results(unparen(arg));
            let mut rest = Vec::new();
            for (i, (v, from)) in vals.into_iter().zip(types).enumerate() {
                if i < fixed {
                    let v = self.convert_assign(v, from, params[i]);
                    let v = self.freeze(v, params[i]);
                    args.push((v, params[i]));
                } else {
                    rest.push((v, from));
                }
            }
            if sig.variadic {
                let slice = self.gather(rest, params[fixed]);
                args.push((slice, params[fixed]));
            }
            return;
        }
        for (arg, &t) in call.args.iter().zip(&params[..fixed]) {
            let v = self.argument(arg, t, held);
            args.push((v, t));
        }
        if !sig.variadic {
            return;
        }
        let t = params[fixed];
        if call.has_dots {
            let v = self.expr_as(&call.args[fixed], t);
            args.push((v, t));
            return;
        }
        let Type::Slice { elem } = self.under(t) else { return };
        let mut rest = Vec::new();
        for arg in &call.args[fixed.min(call.args.len())..] {
            let v = self.argument(arg, *elem, held);
            rest.push((v, *elem));
        }
        self.set_pos(e.pos);
        let slice = self.gather(rest, t);
        args.push((slice, t));
    }

    /// Where `e` is a call with several results: their types.
    pub fn tuple_types(&self, e: &Expr) -> Option<Vec<TypeId>> {
        match self.p.store.ty(self.ty(e)) {
            Type::Tuple(vars) if matches!(unparen(e).kind, ExprKind::Call(_)) => {
                Some(vars.iter().map(|&v| self.obj_ty(v)).collect())
            }
            _ => None,
        }
    }

    /// A new slice of type `t` with those values.
    fn gather(&mut self, values: Vec<(Val, TypeId)>, t: TypeId) -> Val {
        let Type::Slice { elem } = self.under(t) else { return self.zero(t) };
        if values.is_empty() {
            return self.zero(t);
        }
        let array = self.p.store.new_array(values.len() as i64, *elem);
        let ptr = self.new_object(array);
        let size = self.layout(*elem).size;
        let n = self.b.int(values.len() as i64);
        for (i, (v, from)) in values.into_iter().enumerate() {
            let v = self.convert_assign(v, from, *elem);
            let at = self.b.offset(ptr, i as i64 * size as i64);
            self.store_mem(at, 0, true, *elem, v);
        }
        Val::many(&[ptr, n, n])
    }

    /// Makes the call.
    pub fn invoke(&mut self, call: Prepared) -> Vec<Val> {
        let mut args = Values::new();
        let mut types = Vec::new();
        let mut outs = Vec::new();
        for &r in &call.results {
            if self.layout(r).is_mem() {
                if self.layout(r).size > MAX_TEMP_BYTES {
                    self.frame_bytes.0 = self.frame_bytes.0.saturating_add(self.p.store.size_of(r));
                }
                let p = self.temp(r).0;
                args.push(p);
                outs.push(p);
            }
        }
        for (v, t) in call.args {
            types.push(t);
            if self.layout(t).is_mem() {
                let p = match v {
                    Val::Mem(p) => p,
                    v => self.spill(v, t),
                };
                args.push(p);
            } else {
                let parts = self.parts(v, t);
                args.extend(parts);
            }
        }
        self.frame_bytes.1 = self.frame_bytes.1.max(self.p.args_size(&types, &call.results));
        let abi: Abi = self.p.layouts.abi(self.p.store, &types, &call.results);
        let values = match call.target {
            Target::Static(sym) => self.b.call(sym, &args, &abi.results),
            Target::Closure(f) => {
                args.insert(0, f);
                self.b.nil_check(f);
                self.b.emit(Op::CallClosure, &args, &abi.results)
            }
            Target::Code(code) => {
                args.insert(0, code);
                self.b.emit(Op::CallPtr, &args, &abi.results)
            }
            Target::Method { tab, index } => {
                let code = self.method_address(tab, index);
                args.insert(0, code);
                self.b.emit(Op::CallPtr, &args, &abi.results)
            }
            Target::Entry(entry) => self.call_entry(entry, &args, &abi.results),
        };
        self.release(&call.held);
        let (mut values, mut outs) = (values.into_iter(), outs.into_iter());
        let mut results = Vec::new();
        for &r in &call.results {
            match self.layout(r).parts.as_ref().map(Vec::len) {
                Some(n) => results.push(Val::Regs(values.by_ref().take(n).collect())),
                None => results.push(outs.next().map_or(Val::Zero, Val::Mem)),
            }
        }
        results
    }

    /// The code address of an interface's method.
    pub fn method_address(&mut self, tab: Value, index: usize) -> Value {
        self.b.nil_check(tab);
        self.b.load(Ty::Ptr, tab, abi::ITAB_FUN + 8 * index as i32)
    }

    /// A function without a body in package runtime.
    fn call_entry(&mut self, entry: Entry, args: &[Value], results: &[Ty]) -> Values {
        let args: Vec<Value> = args
            .iter()
            .map(|&a| match self.b.ty(a) {
                Ty::F64 => self.b.conv(ConvOp::Bits, a, Ty::I64),
                Ty::F32 => {
                    let bits = self.b.conv(ConvOp::Bits, a, Ty::I32);
                    self.b.conv(ConvOp::Zext, bits, Ty::I64)
                }
                Ty::Ptr | Ty::I64 => a,
                _ => self.b.conv(ConvOp::Zext, a, Ty::I64),
            })
            .zip(entry.info().params)
            .map(|(a, p)| (a, goxide_ssa::op::scalar_ty(*p)))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|(a, want)| if self.b.ty(a) == want { a } else { self.b.conv(ConvOp::Bits, a, want) })
            .collect();
        let out = self.b.rt(entry, &args);
        out.into_iter()
            .zip(results)
            .map(|(v, &ty)| match (self.b.ty(v), ty) {
                (have, want) if have == want => v,
                (_, Ty::F64 | Ty::Ptr) | (Ty::Ptr, Ty::I64) => self.b.conv(ConvOp::Bits, v, ty),
                (_, Ty::F32) => {
                    let bits = self.b.conv(ConvOp::Trunc, v, Ty::I32);
                    self.b.conv(ConvOp::Bits, bits, ty)
                }
                _ => self.b.conv(ConvOp::Trunc, v, ty),
            })
            .collect()
    }

    // Function values.

    /// A function as a value.
    pub fn func_value(&mut self, obj: ObjId, targs: &[TypeId]) -> Val {
        let code = self.p.func_symbol(obj, targs);
        let sym = self.p.func_value_symbol(code);
        Val::one(self.b.sym(sym))
    }

    /// `T.m`
    pub fn method_expr(&mut self, e: &'a Expr, sel: &Selection) -> Val {
        let found = Found { obj: sel.obj, path: sel.path.clone(), indirect: sel.indirect };
        if matches!(self.under(sel.recv), Type::Interface(_)) {
            self.interface_method_index(sel.recv, sel.obj);
        }
        let targs = self.targs(e);
        let code = self.p.method_code(sel.recv, &found, &targs);
        let sym = self.p.func_value_symbol(code);
        Val::one(self.b.sym(sym))
    }

    /// `x.m` as a value: the receiver is evaluated now.
    pub fn method_value(&mut self, e: &'a Expr, x: &'a Expr, sel: &Selection) -> Val {
        self.note_reflection(sel.obj, None);
        let (recv, t) = self.receiver(e, x, sel);
        if matches!(self.under(t), Type::Interface(_)) {
            let parts = self.parts(recv.clone(), t);
            self.b.nil_check(parts[0]);
            self.interface_method_index(t, sel.obj);
        }
        let last = sel.path.last().copied().unwrap_or(0);
        let found = Found { obj: sel.obj, path: vec![last], indirect: false };
        let targs = self.targs(e);
        let code = self.p.bound_method(t, &found, &targs);
        Val::one(self.new_closure(code, vec![(recv, t)]))
    }
}
