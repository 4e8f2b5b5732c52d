//! Types as messages write them (as `types2/typestring.go`).

use crate::context::{Cx, Qualifier};
use crate::store::{ObjId, Store, TypeId};
use crate::ty::{SignatureContents, Term, Type};
use goxide_source::FileSet;
use goxide_syntax::ast::ChanDir;
use std::fmt::Write;

pub(crate) struct TypeWriter<'a> {
    pub store: &'a Store,
    pub qualifier: &'a Qualifier,
    /// Where given, a type parameter that hides a predeclared type is printed with its place.
    pub files: Option<&'a FileSet>,
    pub out: String,
    pub param_names: bool,
    /// Marks the first unexported field with its package.
    pub pkg_info: bool,
    active: Vec<TypeId>,
}

impl<'a> TypeWriter<'a> {
    pub fn new(store: &'a Store, qualifier: &'a Qualifier, files: Option<&'a FileSet>) -> TypeWriter<'a> {
        TypeWriter {
            store,
            qualifier,
            files,
            out: String::new(),
            param_names: true,
            pkg_info: false,
            active: Vec::new(),
        }
    }

    fn push(&mut self, s: &str) {
        self.out.push_str(s);
    }

    pub fn typ(&mut self, t: TypeId) {
        const MAX_DEPTH: usize = 200;
        if self.active.contains(&t) || self.active.len() > MAX_DEPTH {
            let form = match self.store.ty(t) {
                Type::Interface(_) => "Interface",
                Type::Struct(_) => "Struct",
                Type::Named(_) => "Named",
                Type::Alias(_) => "Alias",
                Type::TypeParam(_) => "TypeParam",
                _ => "Type",
            };
            let _ = write!(self.out, "<cycle to {form}>");
            return;
        }
        self.active.push(t);
        self.form(t);
        self.active.pop();
    }

    fn form(&mut self, t: TypeId) {
        let store = self.store;
        match store.ty(t) {
            Type::Basic(b) => self.push(b.name),
            Type::Array { len, elem } => {
                let _ = write!(self.out, "[{len}]");
                self.typ(*elem);
            }
            Type::Slice { elem } => {
                self.push("[]");
                self.typ(*elem);
            }
            Type::Pointer { base } => {
                self.push("*");
                self.typ(*base);
            }
            Type::Struct(s) => {
                self.push("struct{");
                for (i, &f) in s.fields().iter().enumerate() {
                    if i > 0 {
                        self.push("; ");
                    }
                    self.field(f, s.tag(i));
                }
                self.push("}");
            }
            Type::Tuple(vars) => self.tuple(vars, false),
            Type::Signature(s) => {
                self.push("func");
                self.signature(s.get());
            }
            Type::Union(terms) if terms.is_empty() => self.push("<empty union>"),
            Type::Union(terms) => self.terms(terms),
            Type::Interface(i) => {
                if t == store.under(store.universe().comparable_type) {
                    return self.push("interface{comparable}");
                }
                if i.is_implicit() {
                    if let ([], [e]) = (i.methods(), i.embeddeds()) {
                        return self.typ(*e);
                    }
                    self.push("/* implicit */ ");
                }
                self.push("interface{");
                let mut first = true;
                let mut sep = |w: &mut Self| {
                    if !std::mem::take(&mut first) {
                        w.push("; ");
                    }
                };
                for &m in i.methods() {
                    sep(self);
                    self.push(store.name(m));
                    if let Some(sig) = store.func_signature(m) {
                        self.signature(sig);
                    }
                }
                for &e in i.embeddeds() {
                    sep(self);
                    self.typ(e);
                }
                self.push("}");
            }
            Type::Map { key, elem } => {
                self.push("map[");
                self.typ(*key);
                self.push("]");
                self.typ(*elem);
            }
            Type::Chan(c) => {
                self.push(match c.dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                let inner = store.ty(c.elem).as_chan();
                let parens = c.dir == ChanDir::Both && inner.is_some_and(|c| c.dir == ChanDir::Recv);
                if parens {
                    self.push("(");
                }
                self.typ(c.elem);
                if parens {
                    self.push(")");
                }
            }
            Type::Named(n) => self.named(n.obj, n.type_args(), store.type_params(t)),
            Type::Alias(a) => self.named(a.obj, store.type_args(t), store.type_params(t)),
            Type::TypeParam(p) => {
                let obj = store.obj(p.obj);
                self.push(&obj.name);
                if let Some(files) = self.files
                    && store.lookup(store.universe().scope, &obj.name).is_some()
                    && let Some(pos) = files.position(obj.pos)
                {
                    let _ = write!(self.out, " /* with {} declared at {pos} */", obj.name);
                }
            }
        }
    }

    fn field(&mut self, f: ObjId, tag: &str) {
        let o = self.store.obj(f);
        let annotate = self.qualifier.is_full() && self.pkg_info && !o.is_exported();
        if annotate {
            self.pkg_info = false;
        }
        if !o.as_var().is_some_and(|v| v.embedded) {
            self.push(&o.name);
            self.push(" ");
        }
        self.typ(self.store.type_of(f));
        if annotate && let Some(p) = o.pkg {
            let _ = write!(self.out, " /* package {} */ ", self.store.pkg_path(p));
        }
        if !tag.is_empty() {
            self.push(" ");
            self.push(&crate::constant::quote(tag.as_bytes()));
        }
    }

    fn named(&mut self, obj: ObjId, targs: &[TypeId], tparams: &[TypeId]) {
        self.type_name(obj);
        if !targs.is_empty() {
            self.type_list(targs);
        } else if !tparams.is_empty() {
            self.type_params(tparams);
        }
    }

    pub fn type_name(&mut self, obj: ObjId) {
        let o = self.store.obj(obj);
        let prefix = self.qualifier.prefix(self.store, o.pkg);
        self.push(&prefix);
        self.push(&o.name);
    }

    pub fn terms(&mut self, terms: &[Term]) {
        for (i, t) in terms.iter().enumerate() {
            if i > 0 {
                self.push(" | ");
            }
            if t.tilde {
                self.push("~");
            }
            self.typ(t.ty);
        }
    }

    pub fn type_list(&mut self, list: &[TypeId]) {
        self.push("[");
        for (i, &t) in list.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.typ(t);
        }
        self.push("]");
    }

    /// `[P, Q C, R D]`
    pub fn type_params(&mut self, list: &[TypeId]) {
        self.push("[");
        let mut prev: Option<TypeId> = None;
        for (i, &p) in list.iter().enumerate() {
            let bound = self.store.ty(p).as_type_param().and_then(|p| p.bound.get());
            if i > 0 {
                if let Some(b) = prev.filter(|_| bound != prev) {
                    self.push(" ");
                    self.typ(b);
                }
                self.push(", ");
            }
            prev = bound;
            self.typ(p);
        }
        if let Some(b) = prev {
            self.push(" ");
            self.typ(b);
        }
        self.push("]");
    }

    pub fn tuple(&mut self, vars: &[ObjId], variadic: bool) {
        self.push("(");
        for (i, &v) in vars.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            let o = self.store.obj(v);
            if !o.name.is_empty() && self.param_names {
                self.push(&o.name);
                self.push(" ");
            }
            let t = self.store.type_of(v);
            match self.store.ty(t) {
                Type::Slice { elem } if variadic && i + 1 == vars.len() => {
                    self.push("...");
                    self.typ(*elem);
                }
                _ => {
                    self.typ(t);
                    if variadic && i + 1 == vars.len() {
                        // append([]byte, string...)
                        self.push("...");
                    }
                }
            }
        }
        self.push(")");
    }

    pub fn signature(&mut self, s: &SignatureContents) {
        if !s.type_params.is_empty() {
            self.type_params(&s.type_params);
        }
        self.tuple(&s.params, s.variadic);
        match s.results[..] {
            [] => {}
            [r] if self.store.name(r).is_empty() => {
                self.push(" ");
                self.typ(self.store.type_of(r));
            }
            _ => {
                self.push(" ");
                self.tuple(&s.results, false);
            }
        }
    }
}

impl Store {
    /// With packages as `qualifier` writes them.
    pub fn type_string(&self, t: TypeId, qualifier: &Qualifier) -> String {
        let mut w = TypeWriter::new(self, qualifier, None);
        w.typ(t);
        w.out
    }

    /// With packages by path.
    pub fn full_type_string(&self, t: TypeId) -> String {
        self.type_string(t, &Qualifier::full())
    }
}

impl Cx<'_> {
    pub(crate) fn writer(&self) -> TypeWriter<'_> {
        TypeWriter::new(self.store, self.qualifier, Some(self.files))
    }

    pub fn type_string(&self, t: TypeId) -> String {
        let mut w = self.writer();
        w.typ(t);
        w.out
    }

    /// `[A, B]`
    pub fn types_string(&self, list: &[TypeId]) -> String {
        let mut w = self.writer();
        w.type_list(list);
        w.out
    }

    /// `A | ~B`, with packages by path, as gc has it here.
    pub fn terms_string(&self, terms: &[Term]) -> String {
        let full = Qualifier::full();
        let mut w = TypeWriter::new(self.store, &full, None);
        w.terms(terms);
        w.out
    }

    pub fn term_string(&self, term: Term) -> String {
        self.terms_string(&[term])
    }

    /// A parameter list with its names: `(x int, y ...string)`.
    pub fn tuple_string(&self, vars: &[ObjId], variadic: bool) -> String {
        let mut w = self.writer();
        w.tuple(vars, variadic);
        w.out
    }

    /// `name(T) R`, without parameter names. With `pkg_info`, packages are written by path and the first
    /// unexported field is marked with its own.
    pub fn func_string(&self, f: ObjId, pkg_info: bool) -> String {
        let full = Qualifier::full();
        let mut w =
            if pkg_info { TypeWriter::new(self.store, &full, Some(self.files)) } else { self.writer() };
        w.pkg_info = pkg_info;
        w.param_names = false;
        w.out.push_str(self.store.name(f));
        if let Some(sig) = self.store.func_signature(f) {
            w.signature(sig);
        }
        w.out
    }
}
