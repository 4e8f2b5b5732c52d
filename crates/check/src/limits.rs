//! Types that are too large for gc (as `cmd/compile/internal/types/size.go`), which it finds when it comes to
//! use them: an error stands at the name that was declared last.

use crate::late::is_generic_func;
use goxide_source::{Diagnostic, FileSet, Pos};
use goxide_syntax::ast::{Decl, Expr, ExprKind, Ident};
use goxide_syntax::walk::{self, Visitor};
use goxide_types::*;
use rustc_hash::FxHashSet;

/// gc's address space, in bytes.
const MAX_WIDTH: i64 = 1 << 50;
const CHAN_ELEM_MAX: i64 = 1 << 16;
const MAP_MAX: i64 = 1 << 31;

pub(crate) fn too_large(store: &Store, files: &FileSet, package: &PackageInfo) -> Vec<Diagnostic> {
    let qualifier = Qualifier::relative_to(package.pkg);
    let cx = Cx::new(
        store,
        files,
        &qualifier,
        store.pkg(package.pkg).go_version.get().copied().unwrap_or_default(),
    );
    let mut w = Walker {
        store,
        cx,
        info: &package.info,
        at: Pos::NONE,
        seen: FxHashSet::default(),
        errors: Vec::new(),
    };
    for file in package.files.iter() {
        walk::walk_file(&mut w, file);
    }
    w.errors
}

struct Walker<'a> {
    store: &'a Store,
    cx: Cx<'a>,
    info: &'a Info,
    at: Pos,
    seen: FxHashSet<TypeId>,
    errors: Vec<Diagnostic>,
}

impl Visitor for Walker<'_> {
    fn decl(&mut self, d: &Decl) -> bool {
        match d {
            Decl::Import(_) | Decl::Const(_) => {}
            // A generic type's sizes are those of its instances.
            Decl::Type(t) if !t.type_params.is_empty() => return false,
            Decl::Type(t) => self.declared(std::slice::from_ref(&t.name)),
            Decl::Var(v) => self.declared(&v.names),
            Decl::Func(f) if is_generic_func(f) => return false,
            Decl::Func(f) => self.declared(std::slice::from_ref(&f.name)),
        }
        true
    }

    fn expr(&mut self, x: &Expr) -> bool {
        if self.info.defs.contains_key(&x.id) {
            self.at = x.pos;
        }
        if let Some(Some(tv)) = self.info.types.get(x.id.0 as usize)
            && !matches!(tv.mode, Mode::Builtin | Mode::NoValue)
        {
            // For gc each array type that is written is another.
            if matches!(x.kind, ExprKind::ArrayType(_)) {
                self.seen.remove(&tv.ty);
            }
            self.typ(tv.ty);
        }
        true
    }
}

impl Walker<'_> {
    fn declared(&mut self, names: &[Ident]) {
        for name in names {
            self.at = name.pos;
            if let Some(&o) = self.info.defs.get(&name.id) {
                self.typ(self.store.type_of(o));
            }
        }
    }

    fn typ(&mut self, t: TypeId) {
        let s = self.store;
        let t = s.unalias(t);
        if !self.seen.insert(t) {
            return;
        }
        let text = match s.ty(t) {
            Type::Named(_) => return self.typ(s.under(t)),
            &Type::Array { len, elem } => {
                self.typ(elem);
                let size = s.size_of(elem);
                if size <= 0 || len <= (MAX_WIDTH - 1) / size {
                    return;
                }
                format!("type {} larger than address space", self.cx.type_string(t))
            }
            Type::Struct(st) => {
                st.fields().iter().for_each(|&f| self.typ(s.type_of(f)));
                if s.size_of(t) <= MAX_WIDTH {
                    return;
                }
                format!("type {} too large", self.cx.type_string(t))
            }
            Type::Chan(c) => {
                self.typ(c.elem);
                if s.size_of(c.elem) < CHAN_ELEM_MAX {
                    return;
                }
                "channel element type too large (>64kB)".into()
            }
            Type::Pointer { base: elem } | Type::Slice { elem } => return self.typ(*elem),
            Type::Map { key, elem } => {
                self.typ(*elem);
                self.typ(*key);
                let is_large = |t: TypeId| s.size_of(t) >= MAP_MAX;
                for what in [is_large(*elem).then_some("element"), is_large(*key).then_some("key")] {
                    let text = what.map(|what| format!("map {what} type too large"));
                    self.errors.extend(text.map(|text| Diagnostic::error(self.at, text)));
                }
                return;
            }
            Type::Signature(sig) => {
                let sig = sig.get();
                return sig.params.iter().chain(&sig.results).for_each(|&v| self.typ(s.type_of(v)));
            }
            Type::Tuple(vars) => return vars.iter().for_each(|&v| self.typ(s.type_of(v))),
            Type::Interface(_) => {
                return s.type_set(t).methods.iter().for_each(|&m| self.typ(s.type_of(m)));
            }
            Type::Basic(_) | Type::Union(_) | Type::TypeParam(_) | Type::Alias(_) => return,
        };
        self.errors.push(Diagnostic::error(self.at, text));
    }
}
