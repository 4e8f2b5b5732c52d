//! Names of types outside the compiler: in symbols, and as reflection spells them.

use crate::context::Qualifier;
use crate::store::{Store, TypeId};

impl Store {
    /// Unique for a type among all packages: identical types have equal strings, others different ones.
    pub fn link_string(&self, t: TypeId) -> String {
        self.type_string(t, &Qualifier::full())
    }

    /// What `reflect.Type.String` gives.
    pub fn reflect_string(&self, t: TypeId) -> String {
        self.type_string(t, &Qualifier::full())
    }
}
