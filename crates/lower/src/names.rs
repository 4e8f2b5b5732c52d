//! The linker names of functions, types and data, as gc's.

use goxide_types::{ObjId, PkgId, Store, Type, TypeId};

pub struct Names<'a> {
    pub store: &'a Store,
}

impl Names<'_> {
    pub fn pkg(&self, pkg: PkgId) -> String {
        self.store.link_path(pkg)
    }

    /// `[int,string]`
    pub fn type_args(&self, targs: &[TypeId]) -> String {
        if targs.is_empty() {
            return String::new();
        }
        let list: Vec<String> = targs.iter().map(|&t| self.store.link_string(t)).collect();
        format!("[{}]", list.join(","))
    }

    /// `main.f`, `main.F[int]`
    pub fn func(&self, obj: ObjId, targs: &[TypeId]) -> String {
        let o = self.store.obj(obj);
        let pkg = o.pkg.map_or(String::new(), |p| self.pkg(p) + ".");
        format!("{pkg}{}{}", o.name, self.type_args(targs))
    }

    /// `main.T.m` or `main.(*T).m` of a receiver type `recv`, a named type or a pointer to one (or an
    /// unnamed struct that has methods by embedding).
    pub fn method(&self, recv: TypeId, obj: ObjId) -> String {
        let (base, is_ptr) = self.store.deref(recv);
        let name = self.store.name(obj);
        let base = self.store.unalias(base);
        let full = self.store.link_string(base);
        let pkg = match self.store.ty(base) {
            Type::Named(n) => self.store.obj(n.obj).pkg.map(|p| self.pkg(p)),
            _ => None,
        };
        let (prefix, full) = match &pkg {
            Some(pkg) => (format!("{pkg}."), full.strip_prefix(pkg.as_str()).map_or(&*full, |f| &f[1..])),
            None => ("go.".into(), &*full),
        };
        // A method that is not exported may be promoted from another package.
        let o = self.store.obj(obj);
        let foreign = match o.pkg {
            Some(p) if !o.is_exported() && Some(self.pkg(p)) != pkg => self.pkg(p) + ".",
            _ => String::new(),
        };
        match is_ptr {
            true => format!("{prefix}(*{full}).{foreign}{name}"),
            false => format!("{prefix}{full}.{foreign}{name}"),
        }
    }

    /// The type's descriptor.
    pub fn type_symbol(&self, t: TypeId) -> String {
        format!("type:{}", self.store.link_string(t))
    }

    pub fn itab_symbol(&self, concrete: TypeId, iface: TypeId) -> String {
        format!("go:itab.{},{}", self.store.link_string(concrete), self.store.link_string(iface))
    }
}
