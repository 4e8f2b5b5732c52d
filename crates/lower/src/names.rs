//! The linker names of functions, types and data, as gc's.

use goxide_source::FileSet;
use goxide_syntax::ast::ChanDir;
use goxide_types::{ObjId, PkgId, SignatureContents, Store, Type, TypeId};
use rustc_hash::FxHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};

/// A package path as it stands in symbols: `.` in the last element and odd bytes as `%xx`, as
/// `objabi.PathToPrefix`.
pub fn escape_path(path: &str) -> String {
    let slash = path.rfind('/').map_or(0, |i| i + 1);
    let mut out = String::with_capacity(path.len());
    for (i, b) in path.bytes().enumerate() {
        if b <= b' ' || b == b'%' || b == b'"' || b >= 0x7f || (b == b'.' && i >= slash) {
            let _ = write!(out, "%{b:02x}");
        } else {
            out.push(b as char);
        }
    }
    out
}

pub struct Names<'a> {
    pub store: &'a Store,
    pub files: &'a FileSet,
}

impl Names<'_> {
    pub fn pkg(&self, pkg: PkgId) -> String {
        escape_path(self.store.pkg_path(pkg))
    }

    /// What identifies a type in the whole program; descriptors are `type:` and this.
    pub fn link_string(&self, t: TypeId) -> String {
        let mut out = String::new();
        self.write_type(&mut out, t);
        out
    }

    fn write_type(&self, out: &mut String, t: TypeId) {
        let store = self.store;
        let t = store.unalias(t);
        match store.ty(t) {
            Type::Basic(b) => out.push_str(match b.name {
                "byte" => "uint8",
                "rune" => "int32",
                name => name,
            }),
            Type::Array { len, elem } => {
                let _ = write!(out, "[{len}]");
                self.write_type(out, *elem);
            }
            Type::Slice { elem } => {
                out.push_str("[]");
                self.write_type(out, *elem);
            }
            Type::Pointer { base } => {
                out.push('*');
                self.write_type(out, *base);
            }
            Type::Map { key, elem } => {
                out.push_str("map[");
                self.write_type(out, *key);
                out.push(']');
                self.write_type(out, *elem);
            }
            Type::Chan(c) => {
                let elem = store.unaliased(c.elem);
                let nested = matches!(elem, Type::Chan(e) if e.dir == ChanDir::Recv);
                match c.dir {
                    ChanDir::Recv => out.push_str("<-chan "),
                    ChanDir::Send => out.push_str("chan<- "),
                    ChanDir::Both if nested => {
                        out.push_str("chan (");
                        self.write_type(out, c.elem);
                        out.push(')');
                        return;
                    }
                    ChanDir::Both => out.push_str("chan "),
                }
                self.write_type(out, c.elem);
            }
            Type::Struct(s) => {
                out.push_str("struct {");
                for (i, &f) in s.fields().iter().enumerate() {
                    out.push_str(if i == 0 { " " } else { "; " });
                    if !store.obj(f).as_var().is_some_and(|v| v.embedded) {
                        self.write_name(out, f);
                        out.push(' ');
                    }
                    self.write_type(out, store.type_of(f));
                    if !s.tag(i).is_empty() {
                        let _ = write!(out, " {:?}", s.tag(i));
                    }
                }
                out.push_str(if s.fields().is_empty() { "}" } else { " }" });
            }
            Type::Interface(_) => {
                let methods = &store.type_set(t).methods;
                out.push_str("interface {");
                for (i, &m) in methods.iter().enumerate() {
                    out.push_str(if i == 0 { " " } else { "; " });
                    self.write_name(out, m);
                    if let Some(sig) = store.func_signature(m) {
                        self.write_signature(out, sig);
                    }
                }
                out.push_str(if methods.is_empty() { "}" } else { " }" });
            }
            Type::Signature(s) => {
                out.push_str("func");
                self.write_signature(out, s.get());
            }
            Type::Tuple(vars) => self.write_list(out, &store.types_of(vars)),
            Type::Named(n) => {
                self.write_named(out, n.obj, n.type_args());
            }
            Type::TypeParam(p) => out.push_str(store.name(p.obj)),
            Type::Union(_) | Type::Alias(_) => out.push_str(&store.full_type_string(t)),
        }
    }

    fn write_named(&self, out: &mut String, obj: ObjId, targs: &[TypeId]) {
        let o = self.store.obj(obj);
        if let Some(pkg) = o.pkg {
            out.push_str(&self.pkg(pkg));
            out.push('.');
        }
        out.push_str(&o.name);
        if let Some(pkg) = o.pkg
            && o.parent.get().is_some_and(|&s| s != self.store.pkg(pkg).scope)
        {
            self.write_local(out, obj);
        }
        self.write_type_args(out, targs);
    }

    /// Sets types that are declared in functions apart.
    fn write_local(&self, out: &mut String, obj: ObjId) {
        let mut hasher = FxHasher::default();
        if let Some(p) = self.files.position(self.store.obj(obj).pos) {
            (&*p.file, p.line, p.column).hash(&mut hasher);
        }
        let _ = write!(out, "·{:x}", hasher.finish() >> 16);
    }

    /// `[int,string]`
    pub fn write_type_args(&self, out: &mut String, targs: &[TypeId]) {
        for (i, &t) in targs.iter().enumerate() {
            out.push(if i == 0 { '[' } else { ',' });
            self.write_type(out, t);
        }
        if !targs.is_empty() {
            out.push(']');
        }
    }

    /// Names that are not exported are told apart by their package.
    fn write_name(&self, out: &mut String, obj: ObjId) {
        let o = self.store.obj(obj);
        if !o.is_exported()
            && let Some(pkg) = o.pkg
        {
            out.push_str(&self.pkg(pkg));
            out.push('.');
        }
        out.push_str(&o.name);
    }

    fn write_list(&self, out: &mut String, types: &[TypeId]) {
        out.push('(');
        for (i, &t) in types.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_type(out, t);
        }
        out.push(')');
    }

    pub fn write_signature(&self, out: &mut String, sig: &SignatureContents) {
        out.push('(');
        for (i, &p) in sig.params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            let t = self.store.type_of(p);
            match self.store.under_ty(t) {
                Type::Slice { elem } if sig.variadic && i + 1 == sig.params.len() => {
                    out.push_str("...");
                    self.write_type(out, *elem);
                }
                _ => self.write_type(out, t),
            }
        }
        out.push(')');
        match sig.results.as_slice() {
            [] => {}
            [r] => {
                out.push(' ');
                self.write_type(out, self.store.type_of(*r));
            }
            results => {
                out.push(' ');
                self.write_list(out, &self.store.types_of(results));
            }
        }
    }

    /// `main.f`, `main.F[int]`
    pub fn func(&self, obj: ObjId, targs: &[TypeId]) -> String {
        let o = self.store.obj(obj);
        let mut out = o.pkg.map_or(String::new(), |p| self.pkg(p) + ".");
        out.push_str(&o.name);
        self.write_type_args(&mut out, targs);
        out
    }

    /// `main.T.m` or `main.(*T).m` of a receiver type `recv`, a named type or a pointer to one.
    pub fn method(&self, recv: TypeId, obj: ObjId) -> String {
        let (base, is_ptr) = self.store.deref(recv);
        let name = self.store.name(obj);
        let base = self.store.unalias(base);
        let mut full = String::new();
        let pkg = match self.store.ty(base) {
            Type::Named(n) => {
                let o = self.store.obj(n.obj);
                full.push_str(&o.name);
                if let Some(pkg) = o.pkg
                    && o.parent.get().is_some_and(|&s| s != self.store.pkg(pkg).scope)
                {
                    self.write_local(&mut full, n.obj);
                }
                self.write_type_args(&mut full, n.type_args());
                o.pkg
            }
            _ => {
                self.write_type(&mut full, base);
                None
            }
        };
        // Methods that an unnamed struct gets by embedding have no package of their own.
        let pkg = pkg.map(|p| self.pkg(p)).unwrap_or_else(|| {
            if matches!(self.store.ty(base), Type::Named(_)) { String::new() } else { "go".into() }
        });
        let dot = if pkg.is_empty() { "" } else { "." };
        // A method that is not exported may be promoted from another package.
        let method_pkg = match self.store.obj(obj).pkg {
            Some(p) if !self.store.obj(obj).is_exported() && self.pkg(p) != pkg && !pkg.is_empty() => {
                self.pkg(p) + "."
            }
            _ => String::new(),
        };
        match is_ptr {
            true => format!("{pkg}{dot}(*{full}).{method_pkg}{name}"),
            false => format!("{pkg}{dot}{full}.{method_pkg}{name}"),
        }
    }

    /// The type's descriptor.
    pub fn type_symbol(&self, t: TypeId) -> String {
        format!("type:{}", self.link_string(t))
    }

    pub fn itab_symbol(&self, concrete: TypeId, iface: TypeId) -> String {
        format!("go:itab.{},{}", self.link_string(concrete), self.link_string(iface))
    }
}
