//! The append-only store of types, objects, scopes and packages.

use crate::object::{Object, Package, Scope};
use crate::ty::{Basic, BasicKind, Type};
use crate::universe::{self, Universe};
use rustc_hash::FxHashMap;
use std::sync::RwLock;

macro_rules! id {
    ($(#[$doc:meta] $name:ident;)*) => { $(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
    )* };
}
id! {
    /// A type. Equal ids are the same type; different ids may still be identical types.
    TypeId;
    /// A declared thing.
    ObjId;
    /// A scope.
    ScopeId;
    /// A package.
    PkgId;
}

impl TypeId {
    /// The invalid type: what everything erroneous has, and what no further error is reported of.
    pub const INVALID: TypeId = TypeId(BasicKind::Invalid as u32);
}

/// Everything the checker makes. Entries are only ever added, and stay where they are, so that a
/// `&Store` gives out plain references while others add to it.
#[derive(Debug)]
pub struct Store {
    types: boxcar::Vec<Type>,
    objects: boxcar::Vec<Object>,
    scopes: boxcar::Vec<Scope>,
    packages: boxcar::Vec<Package>,
    pub(crate) universe: Option<Universe>,
    /// Composite types by their parts' ids, so that `*T` written often is one entry.
    pub(crate) interned: RwLock<FxHashMap<crate::build::Key, TypeId>>,
    /// Instances by origin and a hash of the arguments that identical arguments share.
    pub(crate) instances: RwLock<FxHashMap<(TypeId, u64), Vec<TypeId>>>,
    /// The first type of each identity class, by a hash that identical types share.
    pub(crate) canonical: RwLock<FxHashMap<u64, Vec<TypeId>>>,
}

impl Default for Store {
    fn default() -> Store {
        Store::new()
    }
}

impl Store {
    /// A store with the universe in it; the basic types have the ids that [`Store::basic`] gives.
    pub fn new() -> Store {
        let mut store = Store {
            types: boxcar::Vec::new(),
            objects: boxcar::Vec::new(),
            scopes: boxcar::Vec::new(),
            packages: boxcar::Vec::new(),
            universe: None,
            interned: RwLock::default(),
            instances: RwLock::default(),
            canonical: RwLock::default(),
        };
        for kind in BasicKind::ALL {
            store.add_type(Type::Basic(Basic::of(kind)));
        }
        store.universe = Some(universe::declare(&store));
        store
    }

    pub fn universe(&self) -> &Universe {
        self.universe.as_ref().expect("the universe is declared with the store")
    }

    pub fn basic(&self, kind: BasicKind) -> TypeId {
        TypeId(kind as u32)
    }

    pub fn add_type(&self, t: Type) -> TypeId {
        TypeId(self.types.push(t) as u32)
    }

    pub fn add_object(&self, o: Object) -> ObjId {
        ObjId(self.objects.push(o) as u32)
    }

    pub fn add_scope(&self, s: Scope) -> ScopeId {
        ScopeId(self.scopes.push(s) as u32)
    }

    pub fn add_package(&self, p: Package) -> PkgId {
        PkgId(self.packages.push(p) as u32)
    }

    pub fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    pub fn obj(&self, id: ObjId) -> &Object {
        &self.objects[id.0 as usize]
    }

    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    pub fn pkg(&self, id: PkgId) -> &Package {
        &self.packages[id.0 as usize]
    }
}
