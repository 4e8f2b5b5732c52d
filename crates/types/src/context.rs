//! What the store alone does not know and messages need: for whom they are, and what language version
//! holds.

use crate::object::ObjectKind;
use crate::store::{ObjId, PkgId, Store, TypeId};
use goxide_source::{FileSet, Pos};
use goxide_syntax::ast::Name;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::sync::OnceLock;

/// How packages are written before names.
#[derive(Debug, Default)]
pub struct Qualifier {
    /// Not qualified. Without it, all packages are, by their path.
    pkg: Option<PkgId>,
    /// Names that several packages known to `pkg` have: those are written by path.
    ambiguous: OnceLock<FxHashSet<Name>>,
}

impl Qualifier {
    /// Every package by its path.
    pub fn full() -> Qualifier {
        Qualifier::default()
    }

    /// As gc does it in messages about `pkg`: other packages by their name.
    pub fn relative_to(pkg: PkgId) -> Qualifier {
        Qualifier { pkg: Some(pkg), ambiguous: OnceLock::new() }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.pkg.is_none()
    }

    /// What to write before a name of `pkg`, the dot included.
    pub fn prefix(&self, store: &Store, pkg: Option<PkgId>) -> String {
        let Some(pkg) = pkg else { return String::new() };
        let path = store.pkg_path(pkg);
        let text = match self.pkg {
            None => path.to_string(),
            Some(own) if own == pkg => return String::new(),
            Some(own) => {
                let name = store.pkg_name(pkg);
                let ambiguous = self.ambiguous.get_or_init(|| ambiguous_names(store, own));
                if ambiguous.contains(name) { format!("{path:?}") } else { name.to_string() }
            }
        };
        if text.is_empty() { text } else { text + "." }
    }
}

/// Package names that more than one of the packages reachable from `pkg` has.
fn ambiguous_names(store: &Store, pkg: PkgId) -> FxHashSet<Name> {
    let mut paths: FxHashMap<String, PkgId> = FxHashMap::default();
    let mut ambiguous = FxHashSet::default();
    let mut seen = FxHashSet::from_iter([pkg]);
    let mut todo = vec![pkg];
    while let Some(p) = todo.pop() {
        let name = store.pkg_name(p);
        let first = *paths.entry(name.to_string()).or_insert(p);
        if store.pkg_path(first) != store.pkg_path(p) {
            ambiguous.insert(Name::from(name));
        }
        let imports = store.pkg(p).imports.read().expect("not poisoned");
        todo.extend(imports.iter().copied().filter(|&i| seen.insert(i)));
    }
    ambiguous
}

/// The store, seen from a place in a package: gives messages as gc words them.
///
/// The checker sets up declarations on demand, which nothing here can ask for. Where the signature of a
/// method matters that has none yet, the method is noted as pending, and the answer is provisional: the
/// checker then checks the methods of [`Cx::take_pending`] and asks again.
pub struct Cx<'a> {
    pub store: &'a Store,
    pub files: &'a FileSet,
    pub qualifier: &'a Qualifier,
    /// The language version, as (1, N).
    pub version: (u32, u32),
    pending: RefCell<Vec<ObjId>>,
}

impl<'a> Cx<'a> {
    pub fn new(
        store: &'a Store,
        files: &'a FileSet,
        qualifier: &'a Qualifier,
        version: (u32, u32),
    ) -> Cx<'a> {
        Cx { store, files, qualifier, version, pending: RefCell::default() }
    }

    /// The functions whose types were needed and not known, in the order they were met.
    pub fn take_pending(&self) -> Vec<ObjId> {
        self.pending.take()
    }

    pub fn allows(&self, minor: u32) -> bool {
        self.version >= (1, minor)
    }

    /// A function's type; notes it as pending where it is not known.
    pub(crate) fn func_type(&self, f: ObjId) -> Option<TypeId> {
        let t = self.store.try_type_of(f);
        if t.is_none() {
            let declared = match &self.store.obj(f).kind {
                ObjectKind::Func(func) => func.origin.unwrap_or(f),
                _ => f,
            };
            let mut pending = self.pending.borrow_mut();
            if !pending.contains(&declared) {
                pending.push(declared);
            }
        }
        t
    }

    /// `file:line:col`, as messages name a place.
    pub fn pos_string(&self, pos: Pos) -> String {
        self.files.position(pos).map_or_else(|| "<unknown position>".to_string(), |p| p.to_string())
    }
}
