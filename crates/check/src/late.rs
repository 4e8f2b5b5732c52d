//! What gc checks once a package's types are known to be right (as `cmd/compile/internal/noder`: `irgen.go`,
//! `writer.go`): recursive anonymous interfaces, functions without a body, names of linkname directives.

use crate::Config;
use goxide_source::{Diagnostic, FileSet, Pos};
use goxide_syntax::ast::{Decl, Expr, ExprKind, File, FuncDecl, Pragma};
use goxide_syntax::walk::{self, Visitor};
use goxide_types::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Errors that gc reports only where there are no others. Of a package that has none so far.
pub fn late_errors(
    store: &Store,
    files: &FileSet,
    package: &PackageInfo,
    config: &Config<'_>,
) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut linknamed = FxHashSet::default();
    for file in package.files.iter() {
        linknames(store, package.pkg, file, config, &mut linknamed, &mut errors);
    }
    for decl in package.files.iter().flat_map(|f| &f.decls) {
        if let Decl::Func(f) = decl {
            func_decl(f, &linknamed, config, &mut errors);
        }
    }
    if errors.is_empty() {
        errors = crate::limits::too_large(store, files, package);
    }
    errors
}

/// Declared with type parameters of its own or of its receiver.
pub(crate) fn is_generic_func(f: &FuncDecl) -> bool {
    !f.type_params.is_empty()
        || f.recv.as_ref().is_some_and(|r| crate::resolver::unpack_recv(&r.ty).2.is_some())
}

fn func_decl(f: &FuncDecl, linknamed: &FxHashSet<&str>, config: &Config<'_>, errors: &mut Vec<Diagnostic>) {
    let has = |verb: &str| f.pragmas.iter().any(|p| &*p.verb == verb);
    let mut error = |text: &str| errors.push(Diagnostic::error(f.pos, text));
    if has("go:systemstack") && has("go:nosplit") {
        error("go:nosplit and go:systemstack cannot be combined");
    }
    if f.body.is_some() {
        if has("go:noescape") {
            error("can only use //go:noescape with external func implementations");
        }
        if has("go:uintptrkeepalive") && !has("go:uintptrescapes") && !has("go:nosplit") {
            error("go:uintptrkeepalive requires go:nosplit");
        }
    } else if (!config.has_assembly || &*f.name.name == "init")
        && (f.recv.is_some() || !linknamed.contains(&*f.name.name))
    {
        error("missing function body");
    }
}

/// Adds the package-level names that a file's linkname directives are about.
fn linknames<'f>(
    store: &Store,
    pkg: PkgId,
    file: &'f File,
    config: &Config<'_>,
    seen: &mut FxHashSet<&'f str>,
    errors: &mut Vec<Diagnostic>,
) {
    for p in all_pragmas(file).filter(|p| matches!(&*p.verb, "go:linkname" | "go:linknamestd")) {
        let mut words = p.args.split_whitespace();
        let Some(local) = words.next() else { continue };
        let remote = words.next().unwrap_or("");
        let verb = &p.verb;
        let text = if remote.contains('[') && remote.contains(']') {
            format!("//{verb} reference of an instantiation is not allowed")
        } else if !store.lookup(store.pkg(pkg).scope, local).is_some_and(|o| {
            let o = store.obj(o);
            o.is_func() || o.as_var().is_some()
        }) {
            if config.go_version < (1, 18) {
                continue;
            }
            format!("//{verb} must refer to declared function or variable")
        } else if !seen.insert(local) {
            format!("duplicate //{verb} for {local}")
        } else {
            continue;
        };
        errors.push(Diagnostic::error(p.pos, text));
    }
}

fn all_pragmas(file: &File) -> impl Iterator<Item = &Pragma> {
    let of_decls = file.decls.iter().flat_map(|d| match d {
        Decl::Func(f) => f.pragmas.iter(),
        Decl::Var(v) => v.pragmas.iter(),
        Decl::Type(t) => t.pragmas.iter(),
        Decl::Import(_) | Decl::Const(_) => [].iter(),
    });
    file.pragmas.iter().chain(of_decls)
}

/// Anonymous interfaces that a method of theirs refers to: gc could not write such a type down, and
/// neither could we (go.dev/issue/56103).
pub(crate) fn interface_cycles(store: &Store, files: &[File], info: &Info) -> Vec<Diagnostic> {
    let mut finder = CycleFinder { store, info, cyclic: FxHashMap::default(), found: Vec::new() };
    files.iter().for_each(|f| walk::walk_file(&mut finder, f));
    let text =
        "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)";
    finder.found.into_iter().map(|pos| Diagnostic::error(pos, text)).collect()
}

struct CycleFinder<'a> {
    store: &'a Store,
    info: &'a Info,
    /// Interfaces visited; true while they are on the way.
    cyclic: FxHashMap<TypeId, bool>,
    found: Vec<Pos>,
}

impl Visitor for CycleFinder<'_> {
    fn expr(&mut self, x: &Expr) -> bool {
        if !matches!(x.kind, ExprKind::InterfaceType(_)) {
            return true;
        }
        if let Some(Some(tv)) = self.info.types.get(x.id.0 as usize)
            && self.has_cycle(self.store.unalias(tv.ty))
        {
            self.found.push(x.pos);
            // Once is enough.
            self.cyclic.values_mut().for_each(|on_the_way| *on_the_way = false);
        }
        false
    }
}

impl CycleFinder<'_> {
    fn has_cycle(&mut self, t: TypeId) -> bool {
        let methods = &self.store.type_set(t).methods;
        methods.iter().any(|&m| self.visit(self.store.type_of(m)))
    }

    fn visit(&mut self, t: TypeId) -> bool {
        let s = self.store;
        let t = s.unalias(t);
        match s.ty(t) {
            // Whatever has a name ends an anonymous cycle.
            Type::Basic(_) | Type::Named(_) | Type::TypeParam(_) | Type::Alias(_) | Type::Union(_) => false,
            Type::Pointer { base: elem } | Type::Array { elem, .. } | Type::Slice { elem } => {
                self.visit(*elem)
            }
            Type::Chan(c) => self.visit(c.elem),
            Type::Map { key, elem } => self.visit(*key) || self.visit(*elem),
            Type::Struct(st) => st.fields().iter().any(|&f| self.visit(s.type_of(f))),
            Type::Signature(sig) => {
                let sig = sig.get();
                sig.params.iter().chain(&sig.results).any(|&v| self.visit(s.type_of(v)))
            }
            Type::Tuple(vars) => vars.iter().any(|&v| self.visit(s.type_of(v))),
            Type::Interface(i) => {
                if i.methods().is_empty() && i.embeddeds().is_empty() {
                    return false;
                }
                if let Some(&on_the_way) = self.cyclic.get(&t) {
                    return on_the_way;
                }
                self.cyclic.insert(t, true);
                if self.has_cycle(t) {
                    return true;
                }
                self.cyclic.insert(t, false);
                false
            }
        }
    }
}
