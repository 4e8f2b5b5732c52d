//! Slots that are filled in later, by ids; shared without locks.

use crate::store::TypeId;
use goxide_source::Pos;
use std::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

/// A type that becomes known some time after the thing it belongs to. Set once as a rule; a cycle
/// that is found later may still turn it into the invalid type.
pub struct TypeCell(AtomicU32);

const UNSET: u32 = u32::MAX;

impl TypeCell {
    pub const fn new() -> TypeCell {
        TypeCell(AtomicU32::new(UNSET))
    }

    pub fn of(t: TypeId) -> TypeCell {
        TypeCell(AtomicU32::new(t.0))
    }

    pub fn get(&self) -> Option<TypeId> {
        match self.0.load(Acquire) {
            UNSET => None,
            id => Some(TypeId(id)),
        }
    }

    pub fn set(&self, t: TypeId) {
        self.0.store(t.0, Release);
    }

    /// Sets it unless another thread was first; the value that stands.
    pub fn set_once(&self, t: TypeId) -> TypeId {
        match self.0.compare_exchange(UNSET, t.0, Release, Acquire) {
            Ok(_) => t,
            Err(first) => TypeId(first),
        }
    }
}

impl Default for TypeCell {
    fn default() -> TypeCell {
        TypeCell::new()
    }
}

impl std::fmt::Debug for TypeCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.get())
    }
}

/// A position that becomes known later; `Pos::NONE` until then.
#[derive(Default, Debug)]
pub struct PosCell(AtomicU32);

impl PosCell {
    pub fn get(&self) -> Pos {
        Pos(self.0.load(Acquire))
    }

    pub fn set(&self, pos: Pos) {
        self.0.store(pos.0, Release);
    }
}
