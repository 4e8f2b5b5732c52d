//! Names of types outside the compiler: in symbols, and as reflection spells them
//! (as `cmd/compile/internal/types/fmt.go`).

use crate::store::{ObjId, PkgId, Store, TypeId};
use crate::ty::{BasicKind, Named, SignatureContents, Type};
use goxide_syntax::ast::ChanDir;
use std::fmt::Write;

impl Store {
    /// Identical types have equal strings, others different ones; over all packages of a program.
    pub fn link_string(&self, t: TypeId) -> String {
        let mut w = Writer { store: self, out: String::new(), unique: true };
        w.typ(t);
        w.out
    }

    /// What `reflect.Type.String` gives: packages by name, but in type arguments by path.
    pub fn reflect_string(&self, t: TypeId) -> String {
        let mut w = Writer { store: self, out: String::new(), unique: false };
        w.typ(t);
        w.out
    }

    /// A package's path in symbols: what would confuse there is escaped.
    pub fn link_path(&self, pkg: PkgId) -> String {
        escape_path(self.pkg_path(pkg))
    }
}

/// An import path as it stands in symbols (`cmd/internal/objabi.PathToPrefix`).
pub fn escape_path(path: &str) -> String {
    let last = path.rfind('/').map_or(0, |i| i + 1);
    let mut out = String::new();
    for (i, b) in path.bytes().enumerate() {
        if b <= b' ' || (b == b'.' && i >= last) || matches!(b, b'%' | b'"') || b >= 0x7f {
            let _ = write!(out, "%{b:02x}");
        } else {
            out.push(char::from(b));
        }
    }
    out
}

struct Writer<'a> {
    store: &'a Store,
    out: String,
    /// For symbols, else for reflection.
    unique: bool,
}

impl Writer<'_> {
    fn push(&mut self, s: &str) {
        self.out.push_str(s);
    }

    fn qualify(&mut self, pkg: Option<PkgId>) {
        let Some(p) = pkg else { return };
        let q = if self.unique { self.store.link_path(p) } else { self.store.pkg_name(p).to_string() };
        self.push(&q);
        self.push(".");
    }

    fn typ(&mut self, t: TypeId) {
        let s = self.store;
        match s.unaliased(t) {
            Type::Basic(b) if b.kind == BasicKind::UnsafePointer => self.push("unsafe.Pointer"),
            // By kind: `byte` and `rune` are but other names.
            Type::Basic(b) => self.push(s.ty(s.basic(b.kind)).as_basic().map_or("", |b| b.name)),
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
                let inner = s.unaliased(c.elem).as_chan();
                if c.dir == ChanDir::Both && inner.is_some_and(|c| c.dir == ChanDir::Recv) {
                    self.push("(");
                    self.typ(c.elem);
                    self.push(")");
                } else {
                    self.typ(c.elem);
                }
            }
            Type::Struct(st) => {
                self.push("struct {");
                for (i, &f) in st.fields().iter().enumerate() {
                    self.push(if i > 0 { "; " } else { " " });
                    self.field(f, st.tag(i));
                }
                self.push(if st.fields().is_empty() { "}" } else { " }" });
            }
            Type::Interface(_) => {
                let methods = &s.type_set(s.unalias(t)).methods;
                self.push("interface {");
                for (i, &m) in methods.iter().enumerate() {
                    self.push(if i > 0 { "; " } else { " " });
                    let o = s.obj(m);
                    if !o.is_exported() {
                        self.qualify(o.pkg);
                    }
                    self.push(&o.name);
                    if let Some(sig) = s.func_signature(m) {
                        self.signature(sig);
                    }
                }
                self.push(if methods.is_empty() { "}" } else { " }" });
            }
            Type::Signature(sig) => {
                self.push("func");
                self.signature(sig.get());
            }
            Type::Tuple(vars) => self.params(vars, false),
            Type::Named(n) => self.named(n),
            Type::TypeParam(p) => {
                // Only in a generic type itself, which has no symbol.
                let _ = write!(self.out, "{}${}", s.name(p.obj), t.0);
            }
            Type::Union(terms) => {
                for (i, term) in terms.iter().enumerate() {
                    self.push(if i > 0 { "|" } else { "" });
                    self.push(if term.tilde { "~" } else { "" });
                    self.typ(term.ty);
                }
            }
            Type::Alias(_) => {}
        }
    }

    fn named(&mut self, n: &Named) {
        let o = self.store.obj(n.obj);
        self.qualify(o.pkg);
        self.push(&o.name);
        let (outer, targs) = (n.outer_args(), n.type_args());
        if outer.len() + targs.len() > 0 {
            self.push("[");
            for (i, &arg) in outer.iter().chain(targs).enumerate() {
                if i > 0 {
                    self.push(if i == outer.len() { ";" } else { "," });
                }
                let text = self.store.link_string(arg);
                self.push(&text);
            }
            self.push("]");
        }
        if self.unique && n.local > 0 {
            let _ = write!(self.out, "·{}", n.local);
        }
    }

    fn field(&mut self, f: ObjId, tag: &str) {
        let s = self.store;
        let o = s.obj(f);
        let t = s.type_of(f);
        if !o.as_var().is_some_and(|v| v.embedded) {
            if self.unique && !o.is_exported() {
                self.qualify(o.pkg);
            }
            self.push(&o.name);
            self.push(" ");
        } else if self.unique && self.embedded_name_differs(f, t) {
            // An embedded alias or builtin has another field name than its type.
            if !o.is_exported() {
                self.qualify(o.pkg);
            }
            self.push(&o.name);
            self.push(" = ");
        }
        self.typ(t);
        if !tag.is_empty() {
            self.push(" ");
            self.push(&crate::constant::quote(tag.as_bytes()));
        }
    }

    /// The field is not simply called as its type, in the same package where that matters.
    fn embedded_name_differs(&self, f: ObjId, t: TypeId) -> bool {
        let s = self.store;
        match s.type_name(s.unalias(s.deref(t).0)) {
            Some(n) => !s.same_id(n, s.obj(f).pkg, s.name(f), false),
            None => true,
        }
    }

    fn signature(&mut self, sig: &SignatureContents) {
        self.params(&sig.params, sig.variadic);
        match sig.results[..] {
            [] => {}
            [r] => {
                self.push(" ");
                self.typ(self.store.type_of(r));
            }
            _ => {
                self.push(" ");
                self.params(&sig.results, false);
            }
        }
    }

    fn params(&mut self, vars: &[ObjId], variadic: bool) {
        self.push("(");
        for (i, &v) in vars.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            let t = self.store.type_of(v);
            match self.store.unaliased(t) {
                Type::Slice { elem } if variadic && i + 1 == vars.len() => {
                    self.push("...");
                    self.typ(*elem);
                }
                _ => self.typ(t),
            }
        }
        self.push(")");
    }
}
