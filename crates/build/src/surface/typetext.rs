//! A type as it would be written in a file of the package, with the file's names of other packages.

use super::Finder;
use goxide_syntax::ast::{ChanDir, Decl};
use goxide_types::{BasicKind, ObjId, PkgId, SignatureContents, Type, TypeId};
use std::fmt::Write;

struct Writer<'f, 'a> {
    finder: &'f mut Finder<'a>,
    file: usize,
    out: String,
}

impl Finder<'_> {
    /// The text of a type in a file of the package; what it refers to is wanted then. `None` where it cannot be written,
    /// since it has parts without a name there.
    pub(super) fn type_text(&mut self, ty: TypeId, file: usize) -> Option<String> {
        let mut writer = Writer { finder: self, file, out: String::new() };
        writer.typ(ty)?;
        Some(writer.out)
    }
}

impl Writer<'_, '_> {
    fn typ(&mut self, t: TypeId) -> Option<()> {
        let store = self.finder.store;
        match store.ty(t) {
            Type::Basic(b) if b.kind == BasicKind::UnsafePointer => {
                let prefix = self.package_name(store.universe().unsafe_pkg)?;
                let _ = write!(self.out, "{prefix}.Pointer");
            }
            Type::Basic(b) if b.kind != BasicKind::Invalid && !store.is_untyped(t) => {
                self.universal(b.name)?
            }
            Type::Array { len, elem } if *len >= 0 => {
                let _ = write!(self.out, "[{len}]");
                self.typ(*elem)?;
            }
            Type::Slice { elem } => self.prefixed("[]", *elem)?,
            Type::Pointer { base } => self.prefixed("*", *base)?,
            Type::Map { key, elem } => {
                self.prefixed("map[", *key)?;
                self.prefixed("]", *elem)?;
            }
            Type::Chan(c) => {
                let word = match c.dir {
                    ChanDir::Both => "chan (",
                    ChanDir::Send => "chan<- (",
                    ChanDir::Recv => "<-chan (",
                };
                self.prefixed(word, c.elem)?;
                self.out.push(')');
            }
            Type::Struct(s) if s.fields().is_empty() => self.out.push_str("struct{}"),
            Type::Interface(i) if i.methods().is_empty() && i.embeddeds().is_empty() && !i.is_implicit() => {
                self.out.push_str("interface{}");
            }
            Type::Signature(s) if s.get().type_params.is_empty() => self.signature(s.get())?,
            Type::Named(n) if n.local == 0 && n.outer_args().is_empty() => {
                self.named(n.obj, n.type_args())?
            }
            Type::Alias(a) => self.named(a.obj, store.type_args(t))?,
            _ => return None,
        }
        Some(())
    }

    fn prefixed(&mut self, prefix: &str, t: TypeId) -> Option<()> {
        self.out.push_str(prefix);
        self.typ(t)
    }

    fn list(&mut self, types: &[TypeId]) -> Option<()> {
        for (i, &t) in types.iter().enumerate() {
            self.prefixed(if i > 0 { ", " } else { "" }, t)?;
        }
        Some(())
    }

    fn signature(&mut self, s: &SignatureContents) -> Option<()> {
        let store = self.finder.store;
        let types = |vars: &[ObjId]| vars.iter().map(|&v| store.type_of(v)).collect::<Vec<TypeId>>();
        let params = types(&s.params);
        self.out.push_str("func(");
        match (params.split_last(), s.variadic) {
            (Some((&last, rest)), true) => {
                self.list(rest)?;
                let Type::Slice { elem } = store.ty(last) else { return None };
                self.prefixed(if rest.is_empty() { "..." } else { ", ..." }, *elem)?;
            }
            _ => self.list(&params)?,
        }
        self.out.push_str(") (");
        self.list(&types(&s.results))?;
        self.out.push(')');
        Some(())
    }

    fn named(&mut self, obj: ObjId, targs: &[TypeId]) -> Option<()> {
        let store = self.finder.store;
        let o = store.obj(obj);
        match o.pkg {
            None => self.universal(&o.name)?,
            // One that is declared in a function has no name outside.
            Some(pkg) if store.lookup(store.pkg(pkg).scope, &o.name) != Some(obj) => return None,
            Some(pkg) if pkg == self.finder.info.pkg => {
                self.finder.want(obj);
                self.out.push_str(&o.name);
            }
            Some(_) if !o.is_exported() => return None,
            Some(pkg) => {
                let prefix = self.package_name(pkg)?;
                self.finder.needs.insert(pkg);
                let _ = write!(self.out, "{prefix}.{}", o.name);
            }
        }
        if !targs.is_empty() {
            self.out.push('[');
            self.list(targs)?;
            self.out.push(']');
        }
        Some(())
    }

    /// A name of the universe, if nothing hides it.
    fn universal(&mut self, name: &str) -> Option<()> {
        let is_hidden = self.finder.store.lookup(self.finder.scope, name).is_some()
            || self.imported().any(|(local, _)| local == name);
        if is_hidden {
            return None;
        }
        self.out.push_str(name);
        Some(())
    }

    /// What the file calls a package.
    fn package_name(&self, pkg: PkgId) -> Option<String> {
        let found = self.imported().find(|(local, p)| *p == pkg && !matches!(local.as_str(), "." | "_"));
        found.map(|(local, _)| local)
    }

    /// The file's imports: name and package.
    fn imported(&self) -> impl Iterator<Item = (String, PkgId)> {
        let finder = &*self.finder;
        finder.info.files[self.file].decls.iter().filter_map(move |decl| {
            let Decl::Import(d) = decl else { return None };
            let pkg = match d.path.as_ref()?.text.trim_matches(['"', '`']) {
                "unsafe" => finder.store.universe().unsafe_pkg,
                path => (finder.import)(path)?,
            };
            let local = d.local_name.as_ref().map(|n| n.name.to_string());
            Some((local.unwrap_or_else(|| finder.store.pkg_name(pkg).to_string()), pkg))
        })
    }
}
