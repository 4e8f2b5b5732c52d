//! Local variables: where each is kept, declaration and access.

use crate::func::{FuncLower, Storage};
use crate::layout::{MAX_STACK_VAR_BYTES, new_bytes};
use crate::value::{Place, Val};
use goxide_ssa::{Holds, Op, Ty, Value};
use goxide_types::{ObjId, TypeId};

/// A variable that never changes and is at most this large goes into closures by value, as in gc.
pub const MAX_CAPTURE_BYTES: u64 = 128;

impl FuncLower<'_, '_> {
    /// A closure has a copy of its own.
    pub fn captured_by_value(&mut self, obj: ObjId) -> bool {
        let facts = self.facts.var(obj);
        let t = self.obj_ty(obj);
        !facts.addr_taken && !facts.reassigned && self.layout(t).size <= MAX_CAPTURE_BYTES
    }

    pub fn needs_heap(&mut self, obj: ObjId) -> bool {
        let facts = self.facts.var(obj);
        let t = self.obj_ty(obj);
        facts.addr_taken
            || (facts.captured && !self.captured_by_value(obj))
            || self.layout(t).size > MAX_STACK_VAR_BYTES
    }

    pub fn new_object(&mut self, t: TypeId) -> Value {
        let layout = self.layout(t);
        let typ = self.p.type_symbol(t);
        let op = Op::New {
            typ,
            size: new_bytes(layout.size),
            align: layout.align,
            ptrs: layout.ptrs,
            holds: Holds::Anything,
        };
        self.b.emit1(op, &[], Ty::Ptr)
    }

    fn storage_of_regs(&mut self, t: TypeId) -> Option<Storage> {
        let layout = self.layout(t);
        let parts = layout.parts.as_ref()?;
        Some(Storage::Regs(parts.iter().map(|p| self.b.var(p.ty)).collect()))
    }

    /// Makes room for a variable; its contents are not set (but for a heap object's, which are zero).
    pub fn declare(&mut self, obj: ObjId, t: TypeId) {
        if self.needs_heap(obj) {
            let ptr = self.new_object(t);
            // A redeclaration in a loop gets a new object by the same SSA variable.
            let var = match self.storage.get(&obj) {
                Some(Storage::Ptr { var, .. }) => *var,
                _ => self.b.var(Ty::Ptr),
            };
            self.b.def(var, ptr);
            self.storage.insert(obj, Storage::Ptr { var, heap: true });
            return;
        }
        if self.storage.contains_key(&obj) {
            return;
        }
        let storage = match self.storage_of_regs(t) {
            Some(regs) => regs,
            None => {
                let layout = self.layout(t);
                Storage::Slot(self.b.slot(layout.size, layout.align, layout.ptrs))
            }
        };
        self.storage.insert(obj, storage);
    }

    /// A named result: what deferred calls or a recovery look at stands in memory.
    pub fn declare_result(&mut self, obj: ObjId, t: TypeId, in_memory: bool) {
        let layout = self.layout(t);
        if !in_memory {
            self.declare(obj, t);
            self.zero_var(obj, t);
            return;
        }
        if self.needs_heap(obj) {
            let ptr = self.new_object(t);
            let slot = self.b.slot(8, 8, true);
            let at = self.b.slot_addr(slot, 0);
            self.b.store(at, 0, ptr);
            self.storage.insert(obj, Storage::PtrSlot(slot));
            return;
        }
        let slot = self.b.slot(layout.size, layout.align, layout.ptrs);
        self.storage.insert(obj, Storage::Slot(slot));
        self.zero_storage(&Storage::Slot(slot), t);
    }

    pub fn zero_storage(&mut self, storage: &Storage, t: TypeId) {
        let place = self.storage_place(storage, t);
        let zero = self.zero(t);
        self.store(&place, t, zero);
    }

    /// The zero value for a variable just declared.
    pub fn zero_var(&mut self, obj: ObjId, t: TypeId) {
        match self.storage.get(&obj).cloned() {
            None | Some(Storage::Ptr { heap: true, .. }) => {}
            Some(storage) => self.zero_storage(&storage, t),
        }
    }

    /// Sets a variable just declared.
    pub fn init_var(&mut self, obj: ObjId, t: TypeId, v: Val) {
        if let Some(storage) = self.storage.get(&obj).cloned() {
            let place = self.storage_place(&storage, t);
            self.store(&place, t, v);
        }
    }

    /// The address that a storage in memory stands for.
    pub fn storage_addr(&mut self, storage: &Storage) -> Value {
        match storage {
            Storage::Regs(_) => self.b.null(),
            Storage::Slot(slot) => self.b.slot_addr(*slot, 0),
            Storage::Ptr { var, .. } => self.b.get(*var),
            Storage::PtrSlot(slot) => {
                let at = self.b.slot_addr(*slot, 0);
                self.b.load(Ty::Ptr, at, 0)
            }
        }
    }

    pub fn storage_place(&mut self, storage: &Storage, _t: TypeId) -> Place {
        match storage {
            Storage::Regs(vars) => Place::Regs(vars.clone()),
            Storage::Slot(_) | Storage::Ptr { heap: false, .. } => {
                let ptr = self.storage_addr(storage);
                Place::Mem { ptr, offset: 0, heap: false }
            }
            Storage::Ptr { heap: true, .. } | Storage::PtrSlot(_) => {
                let ptr = self.storage_addr(storage);
                Place::Mem { ptr, offset: 0, heap: true }
            }
        }
    }

    pub fn load_storage(&mut self, storage: &Storage, t: TypeId) -> Val {
        let place = self.storage_place(storage, t);
        self.load(&place, t)
    }

    /// The place of a variable, local or of a package.
    pub fn var_place(&mut self, obj: ObjId) -> Place {
        if &**self.p.store.name(obj) == "_" {
            return Place::Blank;
        }
        let t = self.obj_ty(obj);
        if let Some(storage) = self.storage.get(&obj).cloned() {
            return self.storage_place(&storage, t);
        }
        if self.p.store.obj(obj).as_var().is_some_and(|v| v.is_package_level) {
            let sym = self.p.var_symbol(obj);
            let ptr = self.b.sym(sym);
            return Place::Mem { ptr, offset: 0, heap: true };
        }
        // Only code that cannot be reached uses a variable before its declaration was lowered.
        self.declare(obj, t);
        self.zero_var(obj, t);
        self.var_place(obj)
    }
}
