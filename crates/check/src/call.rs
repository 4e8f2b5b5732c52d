//! Calls, instantiation of functions, selectors (as `types2/call.go`).

use crate::checker::Checker;
use crate::expr::{Kind, Target};
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::{CallExpr, Expr, ExprKind, Ident, start_pos};
use goxide_types::*;

/// An argument that is a generic function, with the type arguments it was given.
type ArgTargs = Vec<Option<Vec<TypeId>>>;

impl<'a> Checker<'a> {
    /// Instantiates the generic function `x`. With `infer` false, a partial list of type arguments is
    /// returned instead.
    pub fn func_inst(
        &mut self,
        target: Option<&Target>,
        pos: Pos,
        x: &mut Operand<'a>,
        inst: Option<(&'a Expr, &'a [Expr])>,
        infer: bool,
    ) -> Option<Vec<TypeId>> {
        let s = self.store;
        let err_pos = inst.map_or(pos, |(e, _)| e.pos);
        if let Some((e, _)) = inst {
            x.expr = Src::Expr(e);
        }
        let old_version = !self.verify_version(err_pos, 18, "function instantiation");
        let list: &'a [Expr] = inst.map_or(&[], |(_, l)| l);
        let Some(mut targs) = self.type_list(list) else {
            x.invalidate();
            return None;
        };
        let sig_type = x.ty;
        let Some(sig) = s.signature(sig_type) else {
            x.invalidate();
            return None;
        };
        let (got, want) = (targs.len(), s.type_params(s.under(sig_type)).len());
        if got > want {
            let text = format!("got {got} type arguments but want {want}");
            self.err(start_pos(&list[got - 1]), text);
            x.invalidate();
            return None;
        }
        if got < want {
            if !infer {
                return Some(targs);
            }
            let (mut params, mut args, mut desc) = (Vec::new(), Vec::new(), String::new());
            if let Some(t) = target {
                if !old_version && !self.allows(21) {
                    let how = if inst.is_some() { "partially" } else { "implicitly" };
                    self.verify_version(err_pos, 21, &format!("{how} instantiated function in assignment"));
                }
                let plain = SignatureContents { type_params: Vec::new(), recv: None, ..sig.clone() };
                params.push(s.new_signature(plain));
                args.push(InferArg { ty: t.sig, is_nil: false });
                desc = t.desc.clone();
            }
            let tparams = s.type_params(s.under(sig_type)).to_vec();
            let tuple = s.tuple_of(&params);
            let result = self.with(|cx| {
                let (fresh, renamed) = cx.rename_type_params(&tparams, tuple);
                let params = s.types_of(s.ty(renamed).as_tuple().unwrap_or(&[]));
                let given: Vec<Option<TypeId>> = targs.iter().map(|&t| Some(t)).collect();
                cx.infer(&fresh, &given, &params, &args, target.is_some(), &|_| desc.clone())
            });
            match result {
                Ok(all) => targs = all,
                Err(e) => {
                    let at = if e.arg.is_some() { x.pos() } else { pos };
                    self.err(at, e.text);
                    x.invalidate();
                    return None;
                }
            }
        }
        x.ty = self.instantiate_signature(x.pos(), &x.expr.clone(), sig_type, &targs, list);
        x.mode = Mode::Value;
        None
    }

    fn instantiate_signature(
        &mut self,
        pos: Pos,
        expr: &Src<'a>,
        sig: TypeId,
        targs: &[TypeId],
        list: &'a [Expr],
    ) -> TypeId {
        let s = self.store;
        let inst = s.instantiate(s.under(sig), targs.to_vec());
        if let Src::Expr(e) = expr {
            self.record_instance(e, targs, inst);
        }
        let targs = targs.to_vec();
        self.later(move |c| {
            let tparams = s.type_params(s.under(sig));
            let place = |i: usize| list.get(i).map_or(pos, start_pos);
            match c.with(|cx| cx.verify(tparams, &targs)) {
                Err((i, why)) => c.err(place(i), why),
                Ok(()) => c.record_mono(&place, tparams, &targs),
            }
        });
        inst
    }

    pub fn call_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr, call: &'a CallExpr) -> Kind {
        let s = self.store;
        let arg_refs: Vec<&'a Expr> = call.args.iter().collect();
        let mut inst: Option<(&'a Expr, &'a [Expr])> = None;
        if let ExprKind::Index(inner, list) = &call.fun.kind {
            if self.index_expr(x, &call.fun, inner, list) {
                inst = Some((&call.fun, list));
            }
            x.expr = Src::Expr(&call.fun);
            self.record(x);
        } else {
            *x = self.expr_or_type(&call.fun, true);
        }
        match x.mode {
            Mode::Invalid => {
                self.use_exprs(&arg_refs);
                x.expr = Src::Expr(e);
                return Kind::Statement;
            }
            Mode::Type => {
                self.non_generic(None, x);
                if x.is_valid() {
                    self.convert_call(x, e, call);
                }
                x.expr = Src::Expr(e);
                return Kind::Conversion;
            }
            Mode::Builtin => {
                let Some(id) = x.builtin else { return Kind::Statement };
                if !self.builtin(x, e, call, id) {
                    x.invalidate();
                }
                x.expr = Src::Expr(e);
                if x.is_valid() && !x.is_const() {
                    self.env.has_call_or_recv = true;
                }
                return if id.is_statement() { Kind::Statement } else { Kind::Expression };
            }
            _ => {}
        }
        let fail = |x: &mut Operand<'a>| {
            x.invalidate();
            x.expr = Src::Expr(e);
            Kind::Statement
        };
        let found = self.cx().common_under(x.ty, |p| match p {
            Some((t, u)) if s.ty(u).as_signature().is_none() => {
                Err(format!("{} is not a function", self.ts(t)))
            }
            _ => Ok(()),
        });
        let mut sig = match found {
            Ok(u) => u,
            Err(why) => {
                let text = format!("invalid operation: cannot call {}: {why}", self.os(x));
                self.err(x.start(), text);
                self.use_exprs(&arg_refs);
                return fail(x);
            }
        };
        let was_generic = !s.type_params(sig).is_empty();
        let mut list: &'a [Expr] = &[];
        let mut targs: Vec<TypeId> = Vec::new();
        if let Some((ie, il)) = inst {
            let Some(given) = self.type_list(il) else {
                self.use_exprs(&arg_refs);
                return fail(x);
            };
            let (got, want) = (given.len(), s.type_params(sig).len());
            if got > want {
                let text = format!("got {got} type arguments but want {want}");
                self.err(start_pos(&il[want]), text);
                self.use_exprs(&arg_refs);
                return fail(x);
            }
            if got == want && want > 0 {
                self.verify_version(start_pos(ie), 18, "function instantiation");
                sig = self.instantiate_signature(ie.pos, &Src::Expr(ie), sig, &given, il);
            } else {
                targs = given;
                list = il;
            }
        }
        let (args, atargs) = self.generic_expr_list(&call.args);
        let sig = self.arguments(e, call, sig, targs, list, args, &atargs);
        if was_generic && s.type_params(sig).is_empty() {
            self.record_type(&call.fun, Mode::Value, sig, None);
        }
        let results: &[ObjId] = s.signature(sig).map_or(&[], |c| &c.results);
        match results {
            [] => x.mode = Mode::NoValue,
            &[r] => {
                x.mode = Mode::Value;
                x.ty = s.type_of(r);
                if !self.is_complete(x.ty) {
                    return fail(x);
                }
            }
            list => {
                x.mode = Mode::Value;
                x.ty = s.new_tuple(list.to_vec());
            }
        }
        x.expr = Src::Expr(e);
        self.env.has_call_or_recv = true;
        let tparams = s.type_params(sig);
        if x.mode == Mode::Value && !tparams.is_empty() && s.is_parameterized(tparams, x.ty) {
            x.invalidate();
        }
        Kind::Statement
    }

    fn convert_call(&mut self, x: &mut Operand<'a>, e: &'a Expr, call: &'a CallExpr) {
        let s = self.store;
        let t = x.ty;
        x.invalidate();
        if !self.is_complete(t) {
            return;
        }
        match &call.args[..] {
            [] => {
                let text = format!("missing argument in conversion to {}", self.ts(t));
                self.err(call.rparen, text);
            }
            [arg] => {
                let target = self.target(Some(t), "conversion");
                *x = self.expr(target, arg);
                if !x.is_valid() {
                    return;
                }
                if s.is_non_type_param_interface(t) && !s.type_set(s.under(t)).is_method_set() {
                    let text = format!(
                        "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                        self.ts(t)
                    );
                    self.err(start_pos(e), text);
                    return x.invalidate();
                }
                if call.has_dots {
                    let text = format!("invalid use of ... in conversion to {}", self.ts(t));
                    self.err(start_pos(arg), text);
                    return x.invalidate();
                }
                self.conversion(x, t);
            }
            args => {
                let all: Vec<&'a Expr> = args.iter().collect();
                self.use_exprs(&all);
                let text = format!("too many arguments in conversion to {}", self.ts(t));
                self.err(args.last().map_or(e.pos, start_pos), text);
            }
        }
    }

    /// Values of arguments; one call may give several.
    pub fn expr_list(&mut self, list: &'a [Expr]) -> Vec<Operand<'a>> {
        match list {
            [one] => self.multi_expr(one, false).0,
            many => many.iter().map(|e| self.expr(None, e)).collect(),
        }
    }

    fn generic_expr_list(&mut self, list: &'a [Expr]) -> (Vec<Operand<'a>>, ArgTargs) {
        let infer = !self.allows(21);
        let mut args = Vec::new();
        let mut targs: ArgTargs = Vec::new();
        for e in list {
            let mut x = Operand::new();
            let mut partial = None;
            if let ExprKind::Index(inner, il) = &e.kind {
                if self.index_expr(&mut x, e, inner, il) {
                    let pos = x.pos();
                    partial = self.func_inst(None, pos, &mut x, Some((e, il)), infer);
                } else if x.mode != Mode::Invalid {
                    x.expr = Src::Expr(e);
                    self.exclude_non_values(&mut x);
                    self.single_value(&mut x);
                }
                x.expr = Src::Expr(e);
                if partial.is_none() {
                    self.record(&x);
                }
            } else if list.len() == 1 {
                let (mut y, _) = self.raw_expr(None, e, None, true);
                self.exclude_non_values(&mut y);
                if y.is_valid()
                    && let Type::Tuple(vars) = self.store.ty(y.ty)
                {
                    let each = |&v: &ObjId| Operand::value(Src::Expr(e), self.store.type_of(v));
                    return (vars.iter().map(each).collect(), Vec::new());
                }
                x = y;
            } else {
                x = self.generic_expr(e, None);
            }
            args.push(x);
            targs.push(partial);
        }
        (args, targs)
    }

    /// Checks the arguments of a call; the result is the signature, instantiated where it is generic.
    pub fn arguments(
        &mut self,
        e: &'a Expr,
        call: &'a CallExpr,
        sig_type: TypeId,
        targs: Vec<TypeId>,
        list: &'a [Expr],
        mut args: Vec<Operand<'a>>,
        atargs: &ArgTargs,
    ) -> TypeId {
        let s = self.store;
        let Some(sig) = s.signature(sig_type) else { return sig_type };
        let nargs = args.len();
        let mut params: Vec<TypeId> = s.types_of(&sig.params);
        let mut npars = params.len();
        if sig.variadic {
            if call.has_dots {
                if call.args.len() == 1 && nargs > 1 {
                    let text = format!("cannot use ... with {nargs}-valued {}", call.args[0]);
                    self.err(start_pos(e), text);
                    return sig_type;
                }
            } else if nargs + 1 >= npars {
                let last = params.pop().unwrap_or(TypeId::INVALID);
                let elem = s.ty(last).as_slice().unwrap_or(last);
                params.resize(nargs.max(params.len()), elem);
                npars = nargs;
            } else {
                npars -= 1;
            }
        } else if call.has_dots {
            let text = format!("cannot use ... in call to non-variadic {}", call.fun);
            self.err(start_pos(e), text);
            return sig_type;
        }
        if nargs != npars {
            let (at, quality) = if nargs > npars {
                (args[npars].start(), "too many")
            } else if nargs > 0 {
                (args[nargs - 1].start(), "not enough")
            } else {
                (call.rparen, "not enough")
            };
            let have: Vec<TypeId> = args.iter().map(|a| a.ty).collect();
            let want = s.types_of(&sig.params);
            let notes = vec![
                (Pos::NONE, format!("have {}", self.types_summary(&have, false, call.has_dots))),
                (Pos::NONE, format!("want {}", self.types_summary(&want, sig.variadic, false))),
            ];
            self.err_notes(at, format!("{quality} arguments in call to {}", call.fun), notes);
            return sig_type;
        }
        let n = sig.type_params.len();
        let mut tparams: Vec<TypeId> = Vec::new();
        let mut known: Vec<Option<TypeId>> = targs.iter().map(|&t| Some(t)).collect();
        if n > 0 {
            if !self.allows(18) {
                self.verify_version(start_pos(e), 18, "implicit function instantiation");
            }
            let tuple = s.tuple_of(&params);
            let (fresh, renamed) = self.cx().rename_type_params(&sig.type_params, tuple);
            tparams = fresh;
            params = s.types_of(s.ty(renamed).as_tuple().unwrap_or(&[]));
            known.resize(n, None);
        }
        // Generic functions as arguments take part in the inference.
        let mut generic_args: Vec<(usize, usize)> = Vec::new();
        for (i, arg) in args.iter_mut().enumerate() {
            let Type::Signature(asig) = s.ty(arg.ty) else { continue };
            if asig.get().type_params.is_empty() || !arg.is_valid() {
                continue;
            }
            let plain = s.new_signature(SignatureContents { type_params: Vec::new(), ..asig.get().clone() });
            let (fresh, renamed) = self.cx().rename_type_params(&asig.get().type_params, plain);
            let contents = s.ty(renamed).as_signature().cloned().unwrap_or_default();
            arg.ty = s.new_signature(SignatureContents { type_params: fresh.clone(), ..contents });
            let count = fresh.len();
            tparams.extend(fresh);
            if let Some(Some(given)) = atargs.get(i) {
                known.extend(given.iter().map(|&t| Some(t)));
            }
            known.resize(tparams.len(), None);
            generic_args.push((i, count));
        }
        if let Some(&(i, _)) = generic_args.first() {
            self.verify_version(args[i].start(), 21, "implicitly instantiated function as argument");
        }
        let mut result = sig_type;
        if !tparams.is_empty() {
            if args.iter().any(|a| !a.is_valid()) {
                return sig_type;
            }
            let infos: Vec<InferArg> =
                args.iter().map(|a| InferArg { ty: a.ty, is_nil: a.is_nil() }).collect();
            let texts = |i: usize| args[i].text();
            match self.with(|cx| cx.infer(&tparams, &known, &params, &infos, false, &texts)) {
                Err(err) => {
                    let at = err.arg.map_or(call.rparen, |i| args[i].start());
                    let at = if err.arg.is_none() { e.pos } else { at };
                    self.err(at, format!("in call to {}, {}", call.fun, err.text));
                    return sig_type;
                }
                Ok(all) => {
                    if n > 0 {
                        result = self.instantiate_signature(
                            e.pos,
                            &Src::Expr(&call.fun),
                            sig_type,
                            &all[..n],
                            list,
                        );
                        let map = SubstMap::new(&tparams[..n], &all[..n]);
                        params = params.iter().map(|&p| s.subst(p, &map)).collect();
                    }
                    let mut at = n;
                    for (i, count) in generic_args {
                        let arg = &mut args[i];
                        let (src, pos) = (arg.expr.clone(), e.pos);
                        arg.ty = self.instantiate_signature(pos, &src, arg.ty, &all[at..at + count], &[]);
                        at += count;
                        let done = args[i].clone();
                        self.record(&done);
                    }
                }
            }
        }
        let context = format!("argument to {}", call.fun);
        for (arg, &p) in args.iter_mut().zip(&params) {
            self.assignment(arg, Some(p), &context);
        }
        result
    }

    // Selectors.

    pub fn selector(&mut self, e: &'a Expr, inner: &'a Expr, sel: &'a Ident, want_type: bool) -> Operand<'a> {
        let s = self.store;
        let mut x = Operand::new();
        if let ExprKind::Name(n) = &inner.kind
            && let Some(obj) = self.lookup(n)
            && let ObjectKind::PkgName { imported } = s.obj(obj).kind
        {
            self.record_use(inner.id, obj);
            self.set_used(obj, true);
            self.qualified(&mut x, e, sel, imported);
            x.expr = Src::Expr(e);
            return x;
        }
        x = self.expr_or_type(inner, false);
        let ok = self.select(&mut x, e, inner, sel, want_type);
        if !ok {
            x.invalidate();
            x.ty = TypeId::INVALID;
        }
        x.expr = Src::Expr(e);
        x
    }

    /// `pkg.Name`
    fn qualified(&mut self, x: &mut Operand<'a>, e: &'a Expr, sel: &'a Ident, pkg: PkgId) {
        let s = self.store;
        let scope = s.pkg(pkg).scope;
        let found = s.lookup(scope, &sel.name);
        let is_hidden = || s.pkg(pkg).hidden.get().is_some_and(|h| h.lines().any(|n| n == &*sel.name));
        // gc says so of the names in its export data, and of the others that they are undefined.
        if found.map_or_else(is_hidden, |o| !s.obj(o).is_exported()) {
            let name = s.pkg_name(pkg);
            return self.err(sel.pos, format!("name {} not exported by package {name}", sel.name));
        }
        let Some(obj) = found else {
            if !self.fake.contains(&pkg) {
                let lower = sel.name.to_lowercase();
                let near = s
                    .scope_objects(scope)
                    .into_iter()
                    .find(|&o| s.obj(o).is_exported() && s.name(o).to_lowercase() == lower);
                let hint = near.map_or(String::new(), |o| format!(" (but have {})", s.name(o)));
                self.err(sel.pos, format!("undefined: {e}{hint}"));
            }
            return;
        };
        let o = s.obj(obj);
        self.record_use(sel.id, obj);
        x.ty = s.type_of(obj);
        match &o.kind {
            ObjectKind::Const { .. } => {
                x.mode = Mode::Constant;
                x.val = o.const_value().cloned().unwrap_or(Const::Unknown);
            }
            ObjectKind::TypeName => x.mode = Mode::Type,
            ObjectKind::Var(_) => x.mode = Mode::Variable,
            ObjectKind::Func(_) => x.mode = Mode::Value,
            ObjectKind::Builtin(b) => {
                x.mode = Mode::Builtin;
                x.builtin = Some(*b);
            }
            _ => {}
        }
    }

    fn select(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        inner: &'a Expr,
        sel: &'a Ident,
        want_type: bool,
    ) -> bool {
        let s = self.store;
        match x.mode {
            Mode::Builtin => {
                let text = format!("invalid use of {} in selector expression", self.os(x));
                self.err(e.pos, text);
                return false;
            }
            Mode::Invalid => return false,
            _ => {}
        }
        if !self.is_complete(x.ty) {
            return false;
        }
        if want_type {
            self.err(sel.pos, format!("{e} is not a type"));
            return false;
        }
        if let Type::Pointer { base } = s.under_ty(x.ty)
            && !self.is_complete(*base)
        {
            return false;
        }
        let addressable = x.mode == Mode::Variable;
        let name = &*sel.name;
        let found = match s.lookup_field_or_method(x.ty, addressable, Some(self.pkg), name, false) {
            Lookup::Found(f) => f,
            failed => {
                self.explain_lookup(x, sel, failed);
                return false;
            }
        };
        let obj = found.obj;
        if s.obj(obj).as_var().is_some() {
            if x.mode == Mode::Type {
                let text =
                    format!("operand for field selector {name} must be value of type {}", self.ts(x.ty));
                self.err(start_pos(inner), text);
                return false;
            }
            x.mode = if addressable || found.indirect { Mode::Variable } else { Mode::Value };
            let ty = s.type_of(obj);
            self.record_selection(e, sel, SelectionKind::Field, x.ty, &found, ty);
            x.ty = ty;
            return true;
        }
        let declared = s.obj(obj).as_func().and_then(|f| f.origin).unwrap_or(obj);
        self.obj_decl(declared);
        self.add_dep(declared);
        let Some(sig) = s.func_signature(obj) else { return false };
        let Some(recv) = sig.recv else {
            if x.mode == Mode::Type {
                self.err(start_pos(e), "illegal cycle in method declaration".into());
            }
            return false;
        };
        let mut contents = SignatureContents { recv: None, ..sig.clone() };
        let kind = if x.mode == Mode::Type {
            let named = sig.params.first().is_some_and(|&p| !s.name(p).is_empty());
            let r = s.obj(recv);
            let rname = match (named, &*r.name) {
                (false, _) => "",
                (true, "") => "_",
                (true, n) => n,
            };
            let first = s.new_var(VarKind::Param, r.pos, r.pkg, rname.into(), Some(x.ty));
            contents.params.insert(0, first);
            SelectionKind::MethodExpr
        } else {
            SelectionKind::Method
        };
        let ty = s.new_signature(contents);
        self.record_selection(e, sel, kind, x.ty, &found, ty);
        x.mode = Mode::Value;
        x.ty = ty;
        true
    }

    pub fn record_selection(
        &mut self,
        e: &Expr,
        sel: &Ident,
        kind: SelectionKind,
        recv: TypeId,
        f: &Found,
        ty: TypeId,
    ) {
        self.record_use(sel.id, f.obj);
        let selection = Selection { kind, recv, obj: f.obj, ty, path: f.path.clone(), indirect: f.indirect };
        self.info.selections.insert(e.id, selection);
    }

    fn explain_lookup(&mut self, x: &Operand<'a>, sel: &Ident, failed: Lookup) {
        let s = self.store;
        let name = &*sel.name;
        if !s.is_valid(s.under(x.ty)) {
            return;
        }
        let t = self.ts(x.ty);
        let text = match failed {
            Lookup::Ambiguous(_) => format!("ambiguous selector {}.{name}", x.text()),
            Lookup::PointerReceiver if x.mode == Mode::Type => {
                format!("invalid method expression {t}.{name} (needs pointer receiver (*{t}).{name})")
            }
            Lookup::PointerReceiver => format!("cannot call pointer method {name} on {t}"),
            _ => {
                let why = if s.is_interface_ptr(x.ty) {
                    self.cx().interface_ptr_error(x.ty)
                } else {
                    let addressable = x.mode == Mode::Variable;
                    let alt = s.lookup_field_or_method(x.ty, addressable, Some(self.pkg), name, true).obj();
                    self.lookup_error(x.ty, name, alt, false)
                };
                format!("{}.{name} undefined ({why})", x.text())
            }
        };
        self.err(sel.pos, text);
    }

    /// Why there is no field or method `sel`; `alt` is one that is spelled otherwise.
    pub fn lookup_error(&self, t: TypeId, sel: &str, alt: Option<ObjId>, literal: bool) -> String {
        #[derive(PartialEq)]
        enum Near {
            Missing,
            Misspelled,
            Unexported,
            Inaccessible,
        }
        let s = self.store;
        let tail = |n: &str| n.chars().skip(1).collect::<String>();
        let mut near = Near::Missing;
        let (mut name, mut what) = ("", "object");
        if let Some(a) = alt {
            let o = s.obj(a);
            name = &o.name;
            what = if o.is_func() { "method" } else { "field" };
            let tails = tail(sel) == tail(name);
            near = if o.pkg == Some(self.pkg) {
                Near::Misspelled
            } else if is_exported(sel) {
                match (is_exported(name), tails) {
                    (true, _) => Near::Misspelled,
                    (false, true) => Near::Unexported,
                    _ => Near::Missing,
                }
            } else if is_exported(name) {
                if tails { Near::Misspelled } else { Near::Missing }
            } else if sel == name {
                Near::Inaccessible
            } else {
                Near::Missing
            };
        }
        let t = self.ts(t);
        if literal {
            let start = format!("unknown field {sel} in struct literal of type {t}");
            return match near {
                Near::Missing => start,
                Near::Misspelled => format!("{start}, but does have {name}"),
                Near::Unexported => format!("{start}, but does have unexported {name}"),
                Near::Inaccessible => {
                    format!("cannot refer to unexported field {name} in struct literal of type {t}")
                }
            };
        }
        let start = format!("type {t} has no field or method {sel}");
        match near {
            Near::Missing => start,
            Near::Misspelled => format!("{start}, but does have {what} {name}"),
            Near::Unexported => format!("{start}, but does have unexported {what} {name}"),
            Near::Inaccessible => format!("cannot refer to unexported {what} {name}"),
        }
    }
}
