//! Calls of builtin functions (as `types2/builtins.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::{BinaryOp, CallExpr, ChanDir, Expr, start_pos};
use goxide_types::*;

impl<'a> Checker<'a> {
    /// The signature of one use of a builtin.
    fn make_sig(&self, result: Option<TypeId>, args: &[TypeId], variadic: bool) -> TypeId {
        let s = self.store;
        let var = |kind, t: TypeId| s.new_var(kind, Pos::NONE, None, "".into(), Some(s.default_type(t)));
        s.new_signature(SignatureContents {
            params: args.iter().map(|&t| var(VarKind::Param, t)).collect(),
            results: result.iter().map(|&t| var(VarKind::Result, t)).collect(),
            variadic,
            ..Default::default()
        })
    }

    pub fn note(&mut self, call: &CallExpr, result: Option<TypeId>, args: &[TypeId]) {
        let sig = self.make_sig(result, args, false);
        self.record_builtin(&call.fun, sig);
    }

    pub fn bad(&mut self, pos: Pos, text: String) -> bool {
        self.err(pos, text);
        false
    }

    pub fn builtin(&mut self, x: &mut Operand<'a>, e: &'a Expr, call: &'a CallExpr, id: Builtin) -> bool {
        let s = self.store;
        let name = id.name();
        let refs: Vec<&'a Expr> = call.args.iter().collect();
        if call.has_dots && id != Builtin::Append {
            let text = format!("invalid operation: invalid use of ... with built-in {name}");
            self.err(start_pos(e), text);
            self.use_exprs(&refs);
            return false;
        }
        let saved = self.env.has_call_or_recv;
        let is_len = matches!(id, Builtin::Len | Builtin::Cap);
        if is_len {
            self.env.has_call_or_recv = false;
        }
        let mut args: Vec<Operand<'a>> = Vec::new();
        let by_syntax = matches!(id, Builtin::Make | Builtin::New | Builtin::Offsetof);
        let nargs = if by_syntax {
            call.args.len()
        } else {
            args = self.expr_list(&call.args);
            if args.iter().any(|a| !a.is_valid()) {
                self.env.has_call_or_recv |= saved && is_len;
                return false;
            }
            if let Some(a) = args.first() {
                *x = a.clone();
            }
            args.len()
        };
        let wrong = if nargs < id.arg_count() {
            "not enough"
        } else if !id.is_variadic() && nargs > id.arg_count() {
            "too many"
        } else {
            ""
        };
        if !wrong.is_empty() {
            let text = format!(
                "invalid operation: {wrong} arguments for {e} (expected {}, found {nargs})",
                id.arg_count()
            );
            return self.bad(start_pos(e), text);
        }
        let ok = match id {
            Builtin::Append => self.append(x, e, call, args),
            Builtin::Len | Builtin::Cap => {
                let ok = self.len_cap(x, call, id);
                self.env.has_call_or_recv = saved;
                ok
            }
            Builtin::Clear => self.clear(x, call),
            Builtin::Close => self.close(x, call),
            Builtin::Complex => self.complex(x, e, call, args),
            Builtin::Copy => self.copy(x, call, args),
            Builtin::Delete => self.delete(x, call, args),
            Builtin::Imag | Builtin::Real => self.real_imag(x, call, id),
            Builtin::Make => self.make(x, e, call),
            Builtin::Max | Builtin::Min => self.min_max(x, call, args, id),
            Builtin::New => self.new_builtin(x, call),
            Builtin::Panic => {
                let any = s.universe().empty_interface;
                self.panics.insert(e.id);
                self.assignment(x, Some(any), "argument to panic");
                if !x.is_valid() {
                    return false;
                }
                x.mode = Mode::NoValue;
                self.note(call, None, &[any]);
                true
            }
            Builtin::Print | Builtin::Println => {
                let mut types = Vec::new();
                for a in &mut args {
                    self.assignment(a, None, &format!("argument to built-in {name}"));
                    if !a.is_valid() {
                        return false;
                    }
                    types.push(a.ty);
                }
                x.mode = Mode::NoValue;
                self.note(call, None, &types);
                true
            }
            Builtin::Recover => {
                x.mode = Mode::Value;
                x.ty = s.universe().empty_interface;
                self.note(call, Some(x.ty), &[]);
                true
            }
            _ => self.unsafe_builtin(x, call, args, id),
        };
        debug_assert!(!ok || x.is_valid());
        ok
    }

    /// The element type of slices.
    fn slice_elem(&self, x: &Operand<'a>) -> Result<TypeId, String> {
        let s = self.store;
        let mut elem: Option<TypeId> = None;
        for p in s.typeset(x.ty) {
            let Some(e) = p.and_then(|(_, u)| s.ty(u).as_slice()) else {
                return Err(match x.is_nil() {
                    true => "argument must be a slice; have untyped nil".into(),
                    false => format!("argument must be a slice; have {}", self.os(x)),
                });
            };
            match elem {
                Some(o) if !s.identical(o, e) => {
                    return Err(format!(
                        "mismatched slice element types {} and {} in {}",
                        self.ts(o),
                        self.ts(e),
                        self.os(x)
                    ));
                }
                _ => elem = Some(e),
            }
        }
        elem.ok_or_else(String::new)
    }

    /// All types are byte slices or strings: whether there is a string.
    fn bytes_or_strings(&self, t: TypeId) -> Option<bool> {
        let s = self.store;
        let byte = self.basic(BasicKind::Byte);
        let mut has_string = false;
        for p in s.typeset(t) {
            let (_, u) = p?;
            if s.is_string(u) {
                has_string = true;
            } else if !s.ty(u).as_slice().is_some_and(|e| s.identical(e, byte)) {
                return None;
            }
        }
        Some(has_string)
    }

    fn takes_bytes(&mut self, x: &Operand<'a>) -> bool {
        let bytes = self.store.new_slice(self.basic(BasicKind::Byte));
        self.assignable(x, bytes, &mut String::new())
    }

    fn append(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        call: &'a CallExpr,
        args: Vec<Operand<'a>>,
    ) -> bool {
        let s = self.store;
        let elem = match self.slice_elem(x) {
            Ok(t) => t,
            Err(why) => return self.bad(x.start(), format!("invalid append: {why}")),
        };
        let t = x.ty;
        let is_string = args.len() == 2
            && call.has_dots
            && self.takes_bytes(x)
            && self.bytes_or_strings(args[1].ty) == Some(true);
        let sig = if is_string {
            // append([]byte, string...)
            let y = args[1].ty;
            if let (true, Src::Expr(ye)) = (s.is_untyped(y), &args[1].expr) {
                self.update_expr_type(ye, self.basic(BasicKind::String), true);
            }
            self.make_sig(Some(t), &[t, y], true)
        } else {
            let sig = self.make_sig(Some(t), &[t, s.new_slice(elem)], true);
            self.arguments(e, call, sig, Vec::new(), &[], args, &Vec::new());
            sig
        };
        self.record_builtin(&call.fun, sig);
        x.mode = Mode::Value;
        x.ty = t;
        true
    }

    fn array_deref(&self, t: TypeId) -> TypeId {
        let s = self.store;
        match s.unaliased(t) {
            Type::Pointer { base } if s.under_ty(*base).as_array().is_some() => s.under(*base),
            _ => t,
        }
    }

    fn len_cap(&mut self, x: &mut Operand<'a>, call: &'a CallExpr, id: Builtin) -> bool {
        let s = self.store;
        let is_len = id == Builtin::Len;
        let measurable = |u: TypeId| {
            let u = self.array_deref(u);
            match s.ty(u) {
                Type::Basic(_) => s.is_string(u) && is_len,
                Type::Array { .. } | Type::Slice { .. } | Type::Chan(_) => true,
                Type::Map { .. } => is_len,
                _ => false,
            }
        };
        let u = self.array_deref(s.under(x.ty));
        let mut value = None;
        let ok = match s.ty(u) {
            Type::Interface(_) if s.is_type_param(x.ty) => s.under_is(x.ty, |u| u.is_some_and(measurable)),
            Type::Array { len, .. } => {
                if !self.env.has_call_or_recv {
                    value = Some(if *len >= 0 { Const::from_i64(*len) } else { Const::Unknown });
                }
                true
            }
            Type::Basic(_) if measurable(u) => {
                if x.is_const() {
                    value = Some(Const::from_i64(x.val.len_bytes().map_or(0, |n| n as i64)));
                }
                true
            }
            _ => measurable(u),
        };
        if !ok {
            if s.is_valid(s.under(x.ty)) {
                let text = format!("invalid argument: {} for built-in {}", self.os(x), id.name());
                self.err(x.start(), text);
            }
            return false;
        }
        let int = self.basic(BasicKind::Int);
        match value {
            Some(v) => {
                x.mode = Mode::Constant;
                x.val = v;
            }
            None => {
                self.note(call, Some(int), &[x.ty]);
                x.mode = Mode::Value;
            }
        }
        x.ty = int;
        true
    }

    fn clear(&mut self, x: &mut Operand<'a>, call: &'a CallExpr) -> bool {
        let s = self.store;
        self.verify_version(start_pos(&call.fun), 21, "clear");
        let ok =
            s.under_is(x.ty, |u| u.is_some_and(|u| matches!(s.ty(u), Type::Map { .. } | Type::Slice { .. })));
        if !ok {
            let text = format!(
                "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                self.os(x)
            );
            return self.bad(x.start(), text);
        }
        x.mode = Mode::NoValue;
        self.note(call, None, &[x.ty]);
        true
    }

    fn close(&mut self, x: &mut Operand<'a>, call: &'a CallExpr) -> bool {
        let s = self.store;
        for p in s.typeset(x.ty) {
            let what = match p.and_then(|(_, u)| s.ty(u).as_chan()) {
                None => "non-channel",
                Some(c) if c.dir == ChanDir::Recv => "receive-only channel",
                Some(_) => continue,
            };
            let text = format!("invalid operation: cannot close {what} {}", self.os(x));
            return self.bad(x.start(), text);
        }
        x.mode = Mode::NoValue;
        self.note(call, None, &[x.ty]);
        true
    }

    fn complex(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        call: &'a CallExpr,
        args: Vec<Operand<'a>>,
    ) -> bool {
        let s = self.store;
        let Some(mut y) = args.into_iter().nth(1) else { return false };
        match (s.is_untyped(x.ty), s.is_untyped(y.ty)) {
            (false, false) => {}
            (true, false) => self.convert_untyped(x, y.ty),
            (false, true) => self.convert_untyped(&mut y, x.ty),
            (true, true) if x.is_const() && y.is_const() => {
                for o in [&mut *x, &mut y] {
                    if s.is_numeric(o.ty) && o.val.imag().sign() == 0 {
                        o.ty = self.basic(BasicKind::UntypedFloat);
                    }
                }
            }
            (true, true) => {
                let f = self.basic(BasicKind::Float64);
                self.convert_untyped(x, f);
                self.convert_untyped(&mut y, f);
            }
        }
        if !x.is_valid() || !y.is_valid() {
            return false;
        }
        if !s.identical(x.ty, y.ty) {
            let (a, b) = (self.ts(x.ty), self.ts(y.ty));
            let text = format!("invalid operation: {e} (mismatched types {a} and {b})");
            return self.bad(x.start(), text);
        }
        let to_complex = |kind| match kind {
            BasicKind::Float32 => Some(BasicKind::Complex64),
            BasicKind::Float64 => Some(BasicKind::Complex128),
            BasicKind::UntypedFloat => Some(BasicKind::UntypedComplex),
            _ => None,
        };
        let Some(result) = self.apply_to_kind(x, Builtin::Complex, to_complex) else {
            let t = self.ts(x.ty);
            let text = format!("invalid argument: arguments have type {t}, expected floating-point");
            return self.bad(x.start(), text);
        };
        if x.is_const() && y.is_const() {
            let im = Const::make_imag(&y.val.to_float());
            x.val = Const::binary_op(BinaryOp::Add, &x.val.to_float(), &im, false);
        } else {
            x.mode = Mode::Value;
            self.note(call, Some(result), &[x.ty, x.ty]);
        }
        x.ty = result;
        true
    }

    fn copy(&mut self, x: &mut Operand<'a>, call: &'a CallExpr, args: Vec<Operand<'a>>) -> bool {
        let s = self.store;
        let dst = match self.slice_elem(x) {
            Ok(t) => t,
            Err(why) => return self.bad(x.start(), format!("invalid copy: {why}")),
        };
        let y = &args[1];
        let special = self.takes_bytes(x) && self.bytes_or_strings(y.ty).is_some();
        if !special {
            let src = match self.slice_elem(y) {
                Ok(t) => t,
                Err(_) if s.all_string(y.ty) => self.basic(BasicKind::Byte),
                Err(why) => return self.bad(y.start(), format!("invalid copy: {why}")),
            };
            if !s.identical(dst, src) {
                let text = format!(
                    "invalid copy: arguments {} and {} have different element types {} and {}",
                    self.os(x),
                    self.os(y),
                    self.ts(dst),
                    self.ts(src)
                );
                return self.bad(x.start(), text);
            }
        }
        if let (true, Src::Expr(ye)) = (s.is_untyped(y.ty), &y.expr) {
            self.update_expr_type(ye, s.default_type(y.ty), true);
        }
        let int = self.basic(BasicKind::Int);
        self.note(call, Some(int), &[x.ty, y.ty]);
        x.mode = Mode::Value;
        x.ty = int;
        true
    }

    fn delete(&mut self, x: &mut Operand<'a>, call: &'a CallExpr, args: Vec<Operand<'a>>) -> bool {
        let s = self.store;
        let map = x.ty;
        let mut key: Option<TypeId> = None;
        for p in s.typeset(map) {
            let text = match (p.and_then(|(_, u)| s.ty(u).as_map()), key) {
                (None, _) => format!("invalid argument: {} is not a map", self.os(x)),
                (Some((k, _)), Some(o)) if !s.identical(k, o) => {
                    format!("invalid argument: maps of {} must have identical key types", self.os(x))
                }
                (Some((k, _)), _) => {
                    key = Some(k);
                    continue;
                }
            };
            return self.bad(x.start(), text);
        }
        let Some(second) = args.into_iter().nth(1) else { return false };
        *x = second;
        self.assignment(x, key, "argument to delete");
        if !x.is_valid() {
            return false;
        }
        x.mode = Mode::NoValue;
        self.note(call, None, &[map, key.unwrap_or(TypeId::INVALID)]);
        true
    }

    fn real_imag(&mut self, x: &mut Operand<'a>, call: &'a CallExpr, id: Builtin) -> bool {
        let s = self.store;
        if s.is_untyped(x.ty) {
            if x.is_const() {
                if s.is_numeric(x.ty) {
                    x.ty = self.basic(BasicKind::UntypedComplex);
                }
            } else {
                self.convert_untyped(x, self.basic(BasicKind::Complex128));
                if !x.is_valid() {
                    return false;
                }
            }
        }
        let to_float = |kind| match kind {
            BasicKind::Complex64 => Some(BasicKind::Float32),
            BasicKind::Complex128 => Some(BasicKind::Float64),
            BasicKind::UntypedComplex => Some(BasicKind::UntypedFloat),
            _ => None,
        };
        let Some(result) = self.apply_to_kind(x, id, to_float) else {
            let text =
                format!("invalid argument: argument has type {}, expected complex type", self.ts(x.ty));
            return self.bad(x.start(), text);
        };
        if x.is_const() {
            x.val = if id == Builtin::Real { x.val.real() } else { x.val.imag() };
        } else {
            x.mode = Mode::Value;
            self.note(call, Some(result), &[x.ty]);
        }
        x.ty = result;
        true
    }

    /// The basic type that `f` gives for that of `x`; of a type parameter, one constrained by what `f` gives
    /// for all its terms, which no Go version supports yet.
    fn apply_to_kind(
        &mut self,
        x: &Operand<'a>,
        id: Builtin,
        f: impl Fn(BasicKind) -> Option<BasicKind>,
    ) -> Option<TypeId> {
        let s = self.store;
        let Some(p) = s.as_type_param(x.ty) else {
            return s.basic_kind(x.ty).and_then(f).map(|k| s.basic(k));
        };
        let terms = self.terms(p).into_iter().map(|t| {
            let kind = f(s.basic_kind(t.ty)?)?;
            Some(Term { tilde: t.tilde, ty: s.basic(kind) })
        });
        let terms = terms.collect::<Option<Vec<Term>>>().filter(|l| !l.is_empty())?;
        let text = format!(
            "{} not supported as argument to built-in {} for go1.18 (see go.dev/issue/50937)",
            self.os(x),
            id.name()
        );
        self.err(x.start(), text);
        let name = s.type_name(p).map_or("".into(), |o| s.name(o).clone());
        let obj = s.new_type_name(Pos::NONE, Some(self.pkg), name, None);
        let embeddeds = vec![s.new_union(terms)];
        let bound = s.new_interface(InterfaceContents { embeddeds, ..Default::default() });
        Some(s.new_type_param(obj, 0, Some(bound)))
    }

    fn make(&mut self, x: &mut Operand<'a>, e: &'a Expr, call: &'a CallExpr) -> bool {
        let s = self.store;
        let arg0 = &call.args[0];
        let t = self.var_type(arg0);
        if !s.is_valid(t) {
            return false;
        }
        let found = self.cx().common_under(t, |p| match p.map(|(_, u)| s.ty(u)) {
            Some(Type::Slice { .. } | Type::Map { .. } | Type::Chan(_)) => Ok(()),
            None => Err("no specific type".into()),
            Some(_) => Err("type must be slice, map, or channel".into()),
        });
        let min = match found {
            Ok(u) if s.ty(u).as_slice().is_some() => 2,
            Ok(_) => 1,
            Err(why) => {
                let text = format!("invalid argument: cannot make {arg0}: {why}");
                return self.bad(start_pos(arg0), text);
            }
        };
        let nargs = call.args.len();
        if nargs < min || min + 1 < nargs {
            let text =
                format!("invalid operation: {e} expects {min} or {} arguments; found {nargs}", min + 1);
            return self.bad(start_pos(e), text);
        }
        let mut types = vec![t];
        let mut sizes = Vec::new();
        for a in &call.args[1..] {
            let (at, n) = self.index(a, -1);
            types.push(at);
            if n >= 0 {
                sizes.push(n);
            }
        }
        if let [len, cap] = sizes[..]
            && len > cap
        {
            let text = "invalid argument: length and capacity swapped";
            self.err(start_pos(&call.args[1]), text.into());
        }
        x.mode = Mode::Value;
        x.ty = t;
        self.note(call, Some(t), &types);
        true
    }

    fn min_max(
        &mut self,
        x: &mut Operand<'a>,
        call: &'a CallExpr,
        mut args: Vec<Operand<'a>>,
        id: Builtin,
    ) -> bool {
        let s = self.store;
        self.verify_version(start_pos(&call.fun), 21, &format!("built-in {}", id.name()));
        let op = if id == Builtin::Max { BinaryOp::Gtr } else { BinaryOp::Lss };
        for (i, a) in args.iter_mut().enumerate() {
            if !s.all_ordered(a.ty) {
                let text = format!("invalid argument: {} cannot be ordered", self.os(a));
                return self.bad(a.start(), text);
            }
            if i == 0 {
                continue;
            }
            self.match_types(x, a);
            if !x.is_valid() {
                return false;
            }
            if !s.identical(x.ty, a.ty) {
                let text = format!(
                    "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                    self.ts(x.ty),
                    self.ts(a.ty),
                    a.text()
                );
                return self.bad(a.start(), text);
            }
            if x.is_const() && a.is_const() {
                if Const::compare(op, &a.val, &x.val) {
                    *x = a.clone();
                }
            } else {
                x.mode = Mode::Value;
            }
        }
        if !x.is_const() {
            x.mode = Mode::Value;
            let any = s.universe().empty_interface;
            self.assignment(x, Some(any), &format!("argument to built-in {}", id.name()));
            if !x.is_valid() {
                return false;
            }
        }
        for a in &args {
            if let Src::Expr(ae) = a.expr {
                self.update_expr_type(ae, x.ty, true);
            }
        }
        if !x.is_const() {
            self.note(call, Some(x.ty), &vec![x.ty; args.len()]);
        }
        true
    }

    fn new_builtin(&mut self, x: &mut Operand<'a>, call: &'a CallExpr) -> bool {
        let arg = &call.args[0];
        *x = self.expr_or_type(arg, false);
        self.exclude(x, &[Mode::NoValue, Mode::Builtin]);
        match x.mode {
            Mode::Invalid => return false,
            Mode::Type => self.valid_var_type(start_pos(arg), x.ty),
            _ => {
                if self.store.is_untyped(x.ty) {
                    self.assignment(x, None, "argument to new");
                    if !x.is_valid() {
                        return false;
                    }
                }
                self.verify_version(start_pos(&call.fun), 26, &format!("new({arg})"));
            }
        }
        let t = x.ty;
        x.mode = Mode::Value;
        x.ty = self.store.new_pointer(t);
        self.note(call, Some(x.ty), &[t]);
        true
    }
}
