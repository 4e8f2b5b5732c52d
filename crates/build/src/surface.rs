//! What importers read of a package in place of its sources: where its exported declarations stand in the
//! text, and those that they need in turn. Bodies are left out but for those of generic functions, and so
//! are values of variables, whose types stand there instead.

use crate::declarations::is_generic;
use goxide_load::Package;
use goxide_source::Pos;
use goxide_syntax::ast::{ConstDecl, Decl, Expr, ExprKind, File, Ident, Pragma, VarDecl};
use goxide_syntax::surface::{FileSurface, Item, ItemKind, VarItem};
use goxide_syntax::walk::{self, Visitor};
use goxide_types::{ObjId, ObjectKind, PackageInfo, PkgId, ScopeId, Store, Type};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

mod typetext;

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Surface {
    /// One for each file of the package.
    pub files: Vec<FileSurface>,
    /// Names that the package declares and importers have no need of, a line each.
    pub hidden: String,
    /// Those of the package's import paths that the surface needs.
    pub imports: Vec<String>,
    /// The numbers of the types declared in the functions that are there.
    pub local_types: Vec<u32>,
}

type Import<'a> = &'a dyn Fn(&str) -> Option<PkgId>;

impl Surface {
    /// `None`: importers must read the sources, since positions do not follow from offsets alone.
    pub fn of(store: &Store, package: &Package, info: &PackageInfo, import: Import<'_>) -> Option<Surface> {
        const BOM: &[u8] = b"\xef\xbb\xbf";
        let is_plain = |f: &File| !f.source.has_line_directives() && !f.source.text.starts_with(BOM);
        if !info.files.iter().all(is_plain) {
            return None;
        }
        let mut finder = Finder::new(store, info, import);
        let scope = store.pkg(info.pkg).scope;
        let objects = store.scope_objects(scope);
        objects.iter().filter(|&&o| store.obj(o).is_exported()).for_each(|&o| finder.want(o));
        finder.run();
        let hidden = objects.iter().filter(|o| !finder.wanted.contains(o)).map(|&o| &**store.name(o));
        let is_needed = |path: &str| import(path).is_some_and(|pkg| finder.needs.contains(&pkg));
        Some(Surface {
            hidden: hidden.collect::<Vec<&str>>().join("\n"),
            imports: package.imports.iter().filter(|(p, _)| is_needed(p)).map(|(p, _)| p.clone()).collect(),
            local_types: finder.local_types(),
            files: finder.files(),
        })
    }

    /// Leaves out the imports of what is not there.
    pub fn strip_imports(&self, file: &mut File) {
        file.decls.retain(|decl| match decl {
            Decl::Import(d) => d.path.as_ref().is_some_and(|p| {
                let path = p.text.trim_matches(['"', '`']);
                path == "unsafe" || self.imports.iter().any(|i| i == path)
            }),
            _ => true,
        });
    }
}

/// A declaration of the package: file, and place in it.
type Place = (usize, usize);

struct Finder<'a> {
    store: &'a Store,
    info: &'a PackageInfo,
    import: Import<'a>,
    scope: ScopeId,
    places: FxHashMap<ObjId, Place>,
    /// By the object of the receiver's type.
    methods: FxHashMap<ObjId, Vec<ObjId>>,
    wanted: FxHashSet<ObjId>,
    work: Vec<ObjId>,
    /// Packages that are referred to.
    needs: FxHashSet<PkgId>,
    /// By file, place, and number of the name where it stands for one name of several.
    items: BTreeMap<(usize, usize, usize), Item>,
}

impl<'a> Finder<'a> {
    fn new(store: &'a Store, info: &'a PackageInfo, import: Import<'a>) -> Finder<'a> {
        let mut finder = Finder {
            store,
            info,
            import,
            scope: store.pkg(info.pkg).scope,
            places: FxHashMap::default(),
            methods: FxHashMap::default(),
            wanted: FxHashSet::default(),
            work: Vec::new(),
            needs: FxHashSet::default(),
            items: BTreeMap::new(),
        };
        for (f, file) in info.files.iter().enumerate() {
            for (d, decl) in file.decls.iter().enumerate() {
                finder.enter((f, d), decl);
            }
        }
        finder
    }

    fn enter(&mut self, place: Place, decl: &'a Decl) {
        match decl {
            // What comes from a package without its name is not told apart.
            Decl::Import(d) => {
                if d.local_name.as_ref().is_some_and(|n| &*n.name == ".") {
                    let path = d.path.as_ref().map(|p| p.text.trim_matches(['"', '`']));
                    self.needs.extend(path.and_then(self.import));
                }
            }
            Decl::Const(d) => self.enter_names(place, &d.names),
            Decl::Var(d) => self.enter_names(place, &d.names),
            Decl::Type(d) => self.enter_names(place, std::slice::from_ref(&d.name)),
            Decl::Func(d) => {
                self.enter_names(place, std::slice::from_ref(&d.name));
                let Some(obj) = self.obj(&d.name) else { return };
                let recv = self.store.obj(obj).as_func().and_then(|f| f.recv_type.get());
                if let Some(Type::Named(n)) = recv.map(|t| self.store.ty(t)) {
                    self.methods.entry(n.obj).or_default().push(obj);
                }
            }
        }
    }

    fn obj(&self, name: &Ident) -> Option<ObjId> {
        self.info.info.defs.get(&name.id).copied()
    }

    fn enter_names(&mut self, place: Place, names: &[Ident]) {
        let objs: Vec<ObjId> = names.iter().filter_map(|n| self.obj(n)).collect();
        self.places.extend(objs.into_iter().map(|o| (o, place)));
    }

    fn want(&mut self, obj: ObjId) {
        if self.places.contains_key(&obj) && self.wanted.insert(obj) {
            self.work.push(obj);
        }
    }

    fn want_names(&mut self, names: &[Ident]) {
        names.iter().filter_map(|n| self.obj(n)).collect::<Vec<_>>().into_iter().for_each(|o| self.want(o));
    }

    fn run(&mut self) {
        while let Some(obj) = self.work.pop() {
            let place = self.places[&obj];
            let info = self.info;
            let decl = &info.files[place.0].decls[place.1];
            match decl {
                Decl::Import(_) => {}
                Decl::Const(d) => self.constant(place, d),
                Decl::Var(d) => self.var(place, d, obj),
                Decl::Type(d) => {
                    walk::walk_decl(self, decl);
                    self.methods.remove(&obj).unwrap_or_default().into_iter().for_each(|m| self.want(m));
                    self.add(place, 0, first_pos(&d.pragmas, d.pos), ItemKind::Type);
                }
                Decl::Func(d) => {
                    let rest = d.body.as_ref().filter(|_| !is_generic(d));
                    match rest {
                        None => walk::walk_decl(self, decl),
                        Some(_) => {
                            walk::walk_fields(self, d.recv.as_slice());
                            walk::walk_func_type(self, &d.ty);
                        }
                    }
                    let rbrace = rest.map(|b| self.offset(place, b.rbrace));
                    self.add(place, 0, first_pos(&d.pragmas, d.pos), ItemKind::Func { rbrace });
                }
            }
        }
    }

    fn constant(&mut self, place: Place, d: &'a ConstDecl) {
        walk::walk_exprs(self, d.ty.as_slice());
        walk::walk_exprs(self, &d.values);
        self.want_names(&d.names);
        // What it repeats.
        if d.ty.is_none() && d.values.is_empty() {
            let info = self.info;
            let before = info.files[place.0].decls[..place.1].iter().rev();
            let in_group = before.map_while(|decl| match decl {
                Decl::Const(b) if b.group.is_some() && b.group == d.group => Some(b),
                _ => None,
            });
            let mut in_group = in_group.skip_while(|b| b.ty.is_none() && b.values.is_empty());
            if let Some(repeated) = in_group.next() {
                self.want_names(&repeated.names);
            }
        }
        let kind = ItemKind::Const { group: d.group.map(|g| g.0), iota: d.iota };
        self.add(place, 0, d.pos, kind);
    }

    fn var(&mut self, place: Place, d: &'a VarDecl, obj: ObjId) {
        if self.items.contains_key(&(place.0, place.1, 0)) {
            return;
        }
        if d.ty.is_some() {
            walk::walk_exprs(self, d.ty.as_slice());
            self.want_names(&d.names);
            return self.add(place, 0, d.pos, ItemKind::Var(VarItem::Names));
        }
        let name = d.names.iter().position(|n| self.obj(n) == Some(obj));
        let ty = self.store.type_of(obj);
        if let Some(i) = name
            && let Some(text) = self.type_text(ty, place.0)
        {
            return self.add(place, i + 1, d.names[i].pos, ItemKind::Var(VarItem::Typed(text)));
        }
        walk::walk_exprs(self, &d.values);
        self.want_names(&d.names);
        self.items.retain(|&(f, at, _), _| (f, at) != place);
        self.add(place, 0, d.pos, ItemKind::Var(VarItem::Whole));
    }

    fn offset(&self, place: Place, pos: Pos) -> u32 {
        self.info.files[place.0].source.offset(pos) as u32
    }

    fn add(&mut self, place: Place, name: usize, pos: Pos, kind: ItemKind) {
        let offset = self.offset(place, pos);
        self.items.insert((place.0, place.1, name), Item { offset, kind });
    }

    fn local_types(&self) -> Vec<u32> {
        let is_whole = |item: &Item| match &item.kind {
            ItemKind::Func { rbrace } => rbrace.is_none(),
            ItemKind::Var(var) => *var == VarItem::Whole,
            ItemKind::Const { .. } => true,
            ItemKind::Type => false,
        };
        let whole = self.items.iter().filter(|(_, item)| is_whole(item));
        let names = whole.flat_map(|(&(f, d, _), _)| walk::local_types(&self.info.files[f].decls[d]));
        let order = |id| self.info.info.defs.get(&id).map_or(0, |&o| self.store.obj(o).order.load(Relaxed));
        names.map(order).collect()
    }

    fn files(self) -> Vec<FileSurface> {
        let linknames = |file: &File| {
            let linknames = file.pragmas.iter().filter(|p| &*p.verb == "go:linkname");
            linknames.map(|p| (file.source.offset(p.pos) as u32, p.args.to_string())).collect()
        };
        let surface = |file| FileSurface { items: Vec::new(), linknames: linknames(file) };
        let mut files: Vec<FileSurface> = self.info.files.iter().map(surface).collect();
        for ((file, ..), item) in self.items {
            files[file].items.push(item);
        }
        files
    }
}

/// What a declaration refers to is wanted too.
impl Visitor for Finder<'_> {
    fn expr(&mut self, x: &Expr) -> bool {
        let id = match &x.kind {
            ExprKind::Name(_) => x.id,
            ExprKind::Selector(_, name) => name.id,
            _ => return true,
        };
        if let Some(&obj) = self.info.info.uses.get(&id) {
            match self.store.obj(obj).kind {
                ObjectKind::PkgName { imported } => {
                    self.needs.insert(imported);
                }
                _ => self.want(obj),
            }
        }
        true
    }
}

/// Where a declaration begins: with the `//` of its first directive.
fn first_pos(pragmas: &[Pragma], pos: Pos) -> Pos {
    pragmas.first().map_or(pos, |p| Pos(p.pos.0 - 2))
}
