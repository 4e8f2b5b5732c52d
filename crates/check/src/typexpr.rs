//! Type expressions and identifiers (as `types2/typexpr.go`, `struct.go`, `interface.go`, `union.go`).

use crate::checker::Checker;
use crate::operand::{Operand, Src};
use goxide_source::Pos;
use goxide_syntax::ast::{self, BinaryOp, Expr, ExprKind, Field, Ident, UnaryOp, start_pos};
use goxide_types::*;

impl<'a> Checker<'a> {
    /// A name, as an operand.
    pub fn ident(&mut self, e: &'a Expr, name: &str, want_type: bool) -> Operand<'a> {
        let mut x = Operand { expr: Src::Expr(e), ..Operand::new() };
        let s = self.store;
        let Some((scope, obj)) = self.lookup_scope(name) else {
            if name == "_" {
                self.err(e.pos, "cannot use _ as value or type".into());
            } else {
                self.err(e.pos, format!("undefined: {name}"));
            }
            return x;
        };
        let u = s.universe();
        if (obj == u.any || obj == u.comparable)
            && !self.verify_version(e.pos, 18, &format!("predeclared {name}"))
        {
            return x;
        }
        self.record_use(e.id, obj);
        let o = s.obj(obj);
        let got_type = o.is_type_name();
        if !got_type && want_type {
            let kind = self.cx().object_kind(obj);
            self.err(e.pos, format!("{name} ({kind}) is not a type"));
            if o.as_var().is_some() && o.pkg == Some(self.pkg) {
                self.set_used(obj, true);
            }
            return x;
        }
        if o.ty.get().is_none() || (got_type && want_type && o.pkg == Some(self.pkg)) {
            self.obj_decl(obj);
        }
        let ty = s.type_of(obj);
        if let Some(&p) = self.dot_imports.get(&(scope, o.name.clone())) {
            self.set_used(p, true);
        }
        match &o.kind {
            ObjectKind::PkgName { .. } => {
                self.err(e.pos, format!("use of package {name} not in selector"));
                return x;
            }
            ObjectKind::Const { .. } => {
                self.add_dep(obj);
                if !s.is_valid(ty) {
                    return x;
                }
                x.val = if obj == u.iota {
                    match &self.env.iota {
                        Some(i) => i.clone(),
                        None => {
                            self.err(e.pos, "cannot use iota outside constant declaration".into());
                            return x;
                        }
                    }
                } else {
                    o.const_value().cloned().unwrap_or(Const::Unknown)
                };
                x.mode = Mode::Constant;
            }
            ObjectKind::TypeName => x.mode = Mode::Type,
            ObjectKind::Var(_) => {
                if o.pkg == Some(self.pkg) {
                    self.set_used(obj, true);
                }
                self.add_dep(obj);
                if !s.is_valid(ty) {
                    return x;
                }
                x.mode = Mode::Variable;
            }
            ObjectKind::Func(_) => {
                self.add_dep(obj);
                x.mode = Mode::Value;
            }
            ObjectKind::Builtin(b) => {
                x.builtin = Some(*b);
                x.mode = Mode::Builtin;
            }
            ObjectKind::Nil => x.mode = Mode::NilValue,
            ObjectKind::Label => return x,
        }
        x.ty = ty;
        x
    }

    pub fn typ(&mut self, e: &'a Expr) -> TypeId {
        self.declared_type(e, None)
    }

    /// The type of a variable: no constraint interface.
    pub fn var_type(&mut self, e: &'a Expr) -> TypeId {
        let t = self.typ(e);
        self.valid_var_type(start_pos(e), t);
        t
    }

    pub fn valid_var_type(&mut self, pos: Pos, t: TypeId) {
        if self.store.is_type_param(t) || matches!(self.store.ty(t), Type::Basic(_)) {
            return;
        }
        self.later(move |c| {
            let u = c.store.under(t);
            if !matches!(c.store.ty(u), Type::Interface(_)) {
                return;
            }
            let set = c.store.type_set(u);
            if !set.is_method_set() {
                let why = match set.comparable {
                    true => "interface is (or embeds) comparable",
                    false => "interface contains type constraints",
                };
                let text = format!("cannot use type {} outside a type constraint: {why}", c.ts(t));
                c.err(pos, text);
            }
        });
    }

    pub fn declared_type(&mut self, e: &'a Expr, def: Option<ObjId>) -> TypeId {
        let mut t = self.typ_internal(e, def);
        if self.store.is_generic(t) {
            let text = format!("cannot use generic type {} without instantiation", self.ts(t));
            self.err(start_pos(e), text);
            t = TypeId::INVALID;
        }
        self.record_type(e, Mode::Type, t, None);
        t
    }

    pub fn generic_type(&mut self, e: &'a Expr, cause: &mut String) -> TypeId {
        let mut t = self.typ_internal(e, None);
        if self.store.is_valid(t) && !self.store.is_generic(t) {
            *cause = format!("{} is not a generic type", self.ts(t));
            t = TypeId::INVALID;
        }
        self.record_type(e, Mode::Type, t, None);
        t
    }

    fn type_operand(&mut self, x: Operand<'a>) -> TypeId {
        match x.mode {
            Mode::Type => return x.ty,
            Mode::Invalid => {}
            Mode::NoValue => {
                let text = format!("{} used as type", self.os(&x));
                self.err(x.start(), text);
            }
            _ => {
                let text = format!("{} is not a type", self.os(&x));
                self.err(x.start(), text);
            }
        }
        TypeId::INVALID
    }

    fn typ_internal(&mut self, e: &'a Expr, def: Option<ObjId>) -> TypeId {
        let s = self.store;
        match &e.kind {
            ExprKind::Bad => TypeId::INVALID,
            ExprKind::Name(n) => {
                let x = self.ident(e, n, true);
                self.type_operand(x)
            }
            ExprKind::Selector(x, sel) => {
                let x = self.selector(e, x, sel, true);
                self.type_operand(x)
            }
            ExprKind::Index(x, list) => {
                self.verify_version(start_pos(e), 18, "type instantiation");
                self.instantiated_type(x, list)
            }
            ExprKind::Paren(x) => self.declared_type(x, def),
            ExprKind::ArrayType(a) => {
                let len = match &a.len {
                    Some(l) => self.array_length(l),
                    None => {
                        let text = "invalid use of [...] array (outside a composite literal)";
                        self.err(e.pos, text.into());
                        -1
                    }
                };
                let elem = self.var_type(&a.elem);
                if len >= 0 { s.new_array(len, elem) } else { TypeId::INVALID }
            }
            ExprKind::SliceType(x) => {
                let elem = self.var_type(x);
                s.new_slice(elem)
            }
            ExprKind::DotsType(_) => {
                self.err(e.pos, "invalid syntax tree: invalid use of ...".into());
                TypeId::INVALID
            }
            ExprKind::StructType(t) => self.struct_type(t),
            ExprKind::Star(x) => {
                let base = self.var_type(x);
                if s.is_valid(base) { s.new_pointer(base) } else { TypeId::INVALID }
            }
            ExprKind::FuncType(t) => {
                let sig = s.add_type(Type::Signature(Signature::default()));
                self.func_type(sig, None, &[], t);
                sig
            }
            ExprKind::InterfaceType(t) => self.interface_type(t, def),
            ExprKind::MapType(k, v) => {
                let (key, elem) = (self.var_type(k), self.var_type(v));
                let pos = start_pos(k);
                self.later(move |c| {
                    if !c.store.comparable(key) {
                        let why =
                            if c.store.is_type_param(key) { " (missing comparable constraint)" } else { "" };
                        let text = format!("invalid map key type {}{why}", c.ts(key));
                        c.err(pos, text);
                    }
                });
                s.new_map(key, elem)
            }
            ExprKind::ChanType(dir, x) => {
                let elem = self.var_type(x);
                s.new_chan(*dir, elem)
            }
            _ => {
                self.err(start_pos(e), format!("{e} is not a type"));
                self.use_exprs(&[e]);
                TypeId::INVALID
            }
        }
    }

    pub fn instantiated_type(&mut self, x: &'a Expr, list: &'a [Expr]) -> TypeId {
        let mut cause = String::new();
        let generic = self.generic_type(x, &mut cause);
        if !cause.is_empty() {
            let l: Vec<String> = list.iter().map(|e| e.to_string()).collect();
            let text = format!("invalid operation: {x}[{}] ({cause})", l.join(", "));
            self.err(start_pos(x), text);
        }
        if !self.store.is_valid(generic) {
            return generic;
        }
        let Some(targs) = self.type_list(list) else { return TypeId::INVALID };
        let is_alias = matches!(self.store.ty(generic), Type::Alias(_));
        let name = self.store.type_name(generic).map_or("".into(), |o| self.store.name(o).clone());
        if is_alias {
            let want = self.store.type_params(generic).len();
            if let Some(text) = self.cx().wrong_type_arg_count(&name, want, targs.len()) {
                self.err(x.pos, text);
                return TypeId::INVALID;
            }
        }
        let inst = self.store.instantiate(generic, targs.clone());
        self.note_instance(inst, x.pos);
        self.later(move |c| {
            c.record_instance(x, &targs, inst);
            let tparams = c.store.type_params(generic);
            if let Some(text) = c.cx().wrong_type_arg_count(&name, tparams.len(), targs.len()) {
                return c.err(x.pos, text);
            }
            let place = |i: usize| list.get(i).map_or(x.pos, start_pos);
            match c.with(|cx| cx.verify(tparams, &targs)) {
                Err((i, why)) => c.err(place(i), why),
                Ok(()) => c.record_mono(&place, tparams, &targs),
            }
        });
        inst
    }

    fn array_length(&mut self, e: &'a Expr) -> i64 {
        if let ExprKind::Name(n) = &e.kind {
            match self.lookup(n) {
                None => {
                    let text = format!("undefined array length {n} or missing type constraint");
                    self.err(e.pos, text);
                    return -1;
                }
                Some(o) if !matches!(self.store.obj(o).kind, ObjectKind::Const { .. }) => {
                    self.err(e.pos, format!("invalid array length {n}"));
                    return -1;
                }
                _ => {}
            }
        }
        let x = self.expr(None, e);
        if !x.is_const() {
            if x.is_valid() {
                let text = format!("array length {} must be constant", self.os(&x));
                self.err(x.start(), text);
            }
            return -1;
        }
        if (self.store.is_untyped(x.ty) || self.store.is_integer(x.ty))
            && let Some(n) = x.val.to_int().as_i64().filter(|&n| n >= 0)
        {
            return n;
        }
        let o = self.os(&x);
        let text = match self.store.is_integer(x.ty) {
            true => format!("invalid array length {o}"),
            false => format!("array length {o} must be integer"),
        };
        self.err(x.start(), text);
        -1
    }

    /// `None` if one is invalid.
    pub fn type_list(&mut self, list: &'a [Expr]) -> Option<Vec<TypeId>> {
        let types: Vec<TypeId> = list.iter().map(|e| self.var_type(e)).collect();
        types.iter().all(|&t| self.store.is_valid(t)).then_some(types)
    }

    fn struct_type(&mut self, t: &'a ast::StructType) -> TypeId {
        let s = self.store;
        let mut fields: Vec<ObjId> = Vec::new();
        let mut tags: Vec<String> = Vec::new();
        let mut ty = TypeId::INVALID;
        for (i, f) in t.fields.iter().enumerate() {
            if i == 0 || !f.type_shared {
                ty = self.var_type(&f.ty);
            }
            let bytes = f.tag.as_ref().filter(|l| !l.bad).and_then(|l| constant::unquote(&l.text));
            let tag = bytes.map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
            match &f.name {
                Some(n) if !f.embedded => self.add_field(&mut fields, &mut tags, n, ty, tag, false),
                _ => {
                    let pos = start_pos(&f.ty);
                    let Some(n) = embedded_ident(&f.ty) else {
                        self.err(pos, format!("invalid syntax tree: invalid embedded field type {}", f.ty));
                        continue;
                    };
                    self.add_field(&mut fields, &mut tags, &n, ty, tag, true);
                    self.later(move |c| c.check_embedded(pos, ty));
                }
            }
        }
        s.new_struct(fields, tags)
    }

    fn add_field(
        &mut self,
        fields: &mut Vec<ObjId>,
        tags: &mut Vec<String>,
        name: &Ident,
        ty: TypeId,
        tag: String,
        embedded: bool,
    ) {
        let kind = if embedded { VarKind::EmbeddedField } else { VarKind::Field };
        let f = self.store.new_var(kind, name.pos, Some(self.pkg), name.name.clone(), Some(ty));
        if !name.is_blank()
            && let Some(&alt) = fields.iter().find(|&&g| self.store.name(g) == &name.name)
        {
            let notes = self.alt_decl(alt);
            return self.err_notes(name.pos, format!("{} redeclared", name.name), notes);
        }
        fields.push(f);
        tags.push(tag);
        // The name of an embedded field is that of its type, which is recorded as a use.
        self.record_def(name, f);
    }

    fn check_embedded(&mut self, pos: Pos, ty: TypeId) {
        let s = self.store;
        let (t, is_ptr) = s.deref(ty);
        let text = match s.under_ty(t) {
            Type::Basic(b) if b.kind == BasicKind::UnsafePointer => {
                "embedded field type cannot be unsafe.Pointer"
            }
            Type::Pointer { .. } => "embedded field type cannot be a pointer",
            Type::Interface(_) if s.is_type_param(t) => {
                "embedded field type cannot be a (pointer to a) type parameter"
            }
            Type::Interface(_) if is_ptr => "embedded field type cannot be a pointer to an interface",
            _ => return,
        };
        self.err(pos, text.into());
    }

    fn interface_type(&mut self, t: &'a ast::InterfaceType, def: Option<ObjId>) -> TypeId {
        let s = self.store;
        if t.elems.is_empty() {
            return s.universe().empty_interface;
        }
        let iface = s.add_type(Type::Interface(Interface::default()));
        let named = def.and_then(|d| s.obj(d).ty.get()).filter(|&t| matches!(s.ty(t), Type::Named(_)));
        let mut contents =
            InterfaceContents { methods_only: !self.allows(18), ..InterfaceContents::default() };
        for f in &t.elems {
            let Some(name) = &f.name else {
                contents.embed_pos.push(start_pos(&f.ty));
                let e = self.union(&f.ty);
                contents.embeddeds.push(e);
                continue;
            };
            if name.is_blank() {
                self.err(name.pos, "methods must have a unique non-blank name".into());
                continue;
            }
            self.interface_method(&mut contents, iface, named, name, f);
        }
        s.sort_methods(&mut contents.methods);
        if let Type::Interface(i) = s.ty(iface) {
            let _ = i.contents.set(contents);
        }
        self.later(move |c| c.check_interface(iface));
        iface
    }

    fn interface_method(
        &mut self,
        contents: &mut InterfaceContents,
        iface: TypeId,
        named: Option<TypeId>,
        name: &Ident,
        f: &'a Field,
    ) {
        let s = self.store;
        let t = self.typ(&f.ty);
        let Type::Signature(sig) = s.ty(t) else { return };
        let recv =
            s.new_var(VarKind::Recv, name.pos, Some(self.pkg), "".into(), Some(named.unwrap_or(iface)));
        let with_recv = SignatureContents { recv: Some(recv), ..sig.get().clone() };
        let mt = s.new_signature(with_recv);
        let m = s.new_interface_method(name.pos, Some(self.pkg), name.name.clone(), Some(mt));
        self.record_def(name, m);
        contents.methods.push(m);
    }

    /// The interface around a constraint such as `~int | string`.
    pub fn implicit_interface(&mut self, x: &'a Expr) -> TypeId {
        let e = self.union(x);
        let pos = start_pos(x);
        let iface = self.store.new_interface(InterfaceContents {
            embeddeds: vec![e],
            embed_pos: vec![pos],
            implicit: true,
            ..Default::default()
        });
        self.later(move |c| c.check_interface(iface));
        self.record_type(x, Mode::Type, iface, None);
        iface
    }

    fn check_interface(&mut self, iface: TypeId) {
        if !self.allows(18) {
            self.check_old_embedding(iface);
        }
        for e in self.with(|cx| cx.check_type_set(iface)) {
            match e {
                TypeSetError::DuplicateMethod { pos, name, other } => {
                    let notes = vec![(other, format!("other declaration of method {name}"))];
                    self.err_notes(pos, format!("duplicate method {name}"), notes);
                }
                TypeSetError::EmbeddedTwice { pos, method, other_method, other } => {
                    self.later(move |c| {
                        if c.with(|cx| cx.duplicate_counts(pos, method, other_method)) {
                            let name = c.store.name(method).clone();
                            let notes = vec![(other, format!("other declaration of method {name}"))];
                            c.err_notes(pos, format!("duplicate method {name}"), notes);
                        }
                    });
                }
                TypeSetError::TooManyTerms { pos } => {
                    let n = typeset::MAX_TERM_COUNT;
                    let text = format!("cannot handle more than {n} union terms (implementation limitation)");
                    self.err(pos, text);
                }
            }
        }
    }

    /// Before Go 1.18 only method interfaces could be embedded.
    fn check_old_embedding(&mut self, iface: TypeId) {
        let s = self.store;
        let Some(contents) = s.ty(iface).as_interface().and_then(|i| i.contents.get()) else { return };
        for (&t, &pos) in contents.embeddeds.iter().zip(&contents.embed_pos) {
            let what = match s.under_ty(t) {
                Type::Interface(_) => {
                    let is_imported = s.type_name(t).is_some_and(|o| s.obj(o).pkg != Some(self.pkg));
                    if !is_imported || s.type_set(s.under(t)).is_method_set() {
                        continue;
                    }
                    "constraint interface"
                }
                Type::Union(_) => "interface element",
                _ if !s.is_valid(s.under(t)) => continue,
                _ => "non-interface type",
            };
            let text = format!("embedding {what} {}", self.ts(t));
            self.verify_version(pos, 18, &text);
        }
    }

    /// An embedded element: a type, `~T`, or a union of such.
    fn union(&mut self, x: &'a Expr) -> TypeId {
        let mut parts: Vec<&'a Expr> = Vec::new();
        let mut ops: Vec<&'a Expr> = Vec::new();
        let mut at = x;
        while let ExprKind::Binary(BinaryOp::Or, l, r) = &at.kind {
            parts.push(r);
            ops.push(at);
            at = l;
        }
        parts.push(at);
        parts.reverse();
        let mut terms: Vec<Term> = Vec::new();
        for &p in &parts {
            let term = self.tilde_term(p);
            if parts.len() == 1 && !term.tilde {
                return term.ty;
            }
            if terms.len() >= typeset::MAX_TERM_COUNT {
                let n = typeset::MAX_TERM_COUNT;
                let text = format!("cannot handle more than {n} union terms (implementation limitation)");
                self.err(start_pos(p), text);
                return TypeId::INVALID;
            }
            terms.push(term);
        }
        let u = self.store.new_union(terms.clone());
        for op in ops {
            self.record_type(op, Mode::Type, u, None);
        }
        let places: Vec<Pos> = parts.iter().map(|p| start_pos(p)).collect();
        self.later(move |c| c.check_union(&terms, &places));
        u
    }

    fn tilde_term(&mut self, e: &'a Expr) -> Term {
        let (tilde, x) = match &e.kind {
            ExprKind::Unary(UnaryOp::Tilde, x) => (true, &**x),
            _ => (false, e),
        };
        let mut ty = self.typ(x);
        if self.store.is_type_param(ty) {
            let text = match tilde {
                true => format!("type in term {e} cannot be a type parameter"),
                false => "term cannot be a type parameter".into(),
            };
            self.err(start_pos(x), text);
            ty = TypeId::INVALID;
        }
        let term = Term { tilde, ty };
        if tilde {
            let u = self.store.new_union(vec![term]);
            self.record_type(e, Mode::Type, u, None);
        }
        term
    }

    fn check_union(&mut self, terms: &[Term], places: &[Pos]) {
        let s = self.store;
        for (i, &t) in terms.iter().enumerate() {
            if !s.is_valid(t.ty) {
                continue;
            }
            let u = s.under(t.ty);
            let is_iface = matches!(s.ty(u), Type::Interface(_));
            if t.tilde {
                let text = if is_iface {
                    format!("invalid use of ~ ({} is an interface)", self.ts(t.ty))
                } else if !s.identical(u, t.ty) {
                    format!("invalid use of ~ (underlying type of {} is {})", self.ts(t.ty), self.ts(u))
                } else {
                    String::new()
                };
                if !text.is_empty() {
                    self.err(places[i], text);
                    continue;
                }
            }
            if is_iface {
                let set = s.type_set(u);
                let name = self.cx().term_string(t);
                let text = if !set.methods.is_empty() {
                    format!("cannot use {name} in union ({name} contains methods)")
                } else if t.ty == s.universe().comparable_type {
                    "cannot use comparable in union".into()
                } else if set.comparable {
                    format!("cannot use {name} in union ({name} embeds comparable)")
                } else {
                    continue;
                };
                self.err(places[i], text);
                continue;
            }
            let overlaps = |&&o: &&Term| s.is_valid(o.ty) && !s.is_interface(o.ty) && !s.disjoint(o, t);
            if let Some(&other) = terms[..i].iter().find(overlaps) {
                let (a, b) = (self.cx().term_string(t), self.cx().term_string(other));
                self.err(places[i], format!("overlapping terms {a} and {b}"));
            }
        }
    }
}

/// The identifier that names an embedded field.
fn embedded_ident(e: &Expr) -> Option<Ident> {
    match &e.kind {
        ExprKind::Name(n) => Some(Ident { id: e.id, pos: e.pos, name: n.clone() }),
        ExprKind::Star(x) if !matches!(x.kind, ExprKind::Star(_)) => embedded_ident(x),
        ExprKind::Selector(_, sel) => Some(sel.clone()),
        ExprKind::Index(x, _) => embedded_ident(x),
        ExprKind::Paren(x) => embedded_ident(x),
        _ => None,
    }
}
