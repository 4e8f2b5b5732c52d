//! Takes declarations out of GOROOT's files that the overlay defines anew, before they are checked.

use goxide_syntax::ast::{Decl, Expr, ExprKind, File, FuncDecl, Ident, Name, Pragma, unparen};
use goxide_syntax::walk::{Visitor, walk_file};
use rustc_hash::FxHashSet;

/// Removes the declarations named in `names`; adds those that were there to `found`.
pub fn remove(file: &mut File, names: &[String], found: &mut FxHashSet<String>) {
    let before = found.len();
    let mut is_dropped = |name: &str| {
        let hit = names.iter().any(|n| n == name);
        if hit {
            found.insert(name.into());
        }
        hit
    };
    let mut seen = 0usize;
    file.decls.retain_mut(|decl| match decl {
        Decl::Import(_) => true,
        Decl::Func(f) => {
            let hit = is_dropped(&func_name(f));
            seen += usize::from(hit);
            !hit
        }
        Decl::Type(t) => {
            let hit = is_dropped(&t.name.name);
            seen += usize::from(hit);
            !hit
        }
        // A later constant may repeat the expression of this one: the place stays, without the name.
        Decl::Const(c) => {
            seen += blank(&mut c.names, &mut is_dropped);
            true
        }
        Decl::Var(v) => {
            let hits = blank(&mut v.names, &mut is_dropped);
            seen += hits;
            hits < v.names.len() || hits == 0
        }
    });
    if seen == 0 && found.len() == before {
        return;
    }
    let of_dropped = |p: &Pragma| {
        &*p.verb == "go:linkname"
            && p.args.split_whitespace().next().is_some_and(|local| names.iter().any(|n| n == local))
    };
    file.pragmas.retain(|p| !of_dropped(p));
    blank_unused_imports(file);
}

/// `f`, `T.m` or `(*T).m`
fn func_name(f: &FuncDecl) -> String {
    let Some(recv) = &f.recv else { return f.name.name.to_string() };
    let (is_ptr, base) = match &unparen(&recv.ty).kind {
        ExprKind::Star(inner) => (true, unparen(inner)),
        _ => (false, unparen(&recv.ty)),
    };
    let base = match &base.kind {
        ExprKind::Index(x, _) => x,
        _ => base,
    };
    let name = match &base.kind {
        ExprKind::Name(n) => &**n,
        _ => "",
    };
    if is_ptr { format!("(*{name}).{}", f.name.name) } else { format!("{name}.{}", f.name.name) }
}

fn blank(names: &mut [Ident], is_dropped: &mut impl FnMut(&str) -> bool) -> usize {
    let mut hits = 0;
    for ident in names {
        if is_dropped(&ident.name) {
            ident.name = "_".into();
            hits += 1;
        }
    }
    hits
}

/// What only the dropped declarations used is imported for its initialization alone.
fn blank_unused_imports(file: &mut File) {
    #[derive(Default)]
    struct Used(FxHashSet<Name>);
    impl Visitor for Used {
        fn expr(&mut self, x: &Expr) -> bool {
            if let ExprKind::Selector(x, _) = &x.kind
                && let ExprKind::Name(name) = &x.kind
            {
                self.0.insert(name.clone());
            }
            true
        }
    }
    let mut used = Used::default();
    walk_file(&mut used, file);
    for decl in &mut file.decls {
        let Decl::Import(import) = decl else { continue };
        let Some(path) = &import.path else { continue };
        let name = match &import.local_name {
            Some(name) if &*name.name == "." || name.is_blank() => continue,
            Some(name) => name.name.clone(),
            None => {
                let text = path.text.trim_matches(['"', '`']);
                text.rsplit('/').next().unwrap_or(text).into()
            }
        };
        if !used.0.contains(&name) {
            // Ids of import declarations stand for nothing.
            let id = import.local_name.as_ref().map_or(file.package.id, |n| n.id);
            import.local_name = Some(Ident { id, pos: import.pos, name: "_".into() });
        }
    }
}
