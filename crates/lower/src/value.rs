//! Go values and the places they are kept in.

use crate::builder::{Values, Var};
use crate::func::FuncLower;
use crate::layout::{MAX_TEMP_BYTES, Part};
use goxide_abi::Entry;
use goxide_ssa::{Op, Ty, Value};
use goxide_types::TypeId;
use smallvec::SmallVec;

/// A Go value of a known type.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Regs(Values),
    /// Lives in memory at that address, which must be read before anything else may change it.
    Mem(Value),
    /// The zero value of a type that lives in memory.
    Zero,
}

impl Val {
    pub fn one(v: Value) -> Val {
        Val::Regs(SmallVec::from_slice(&[v]))
    }

    pub fn many(vs: &[Value]) -> Val {
        Val::Regs(SmallVec::from_slice(vs))
    }
}

/// Where a value can be stored.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Blank,
    Regs(SmallVec<[Var; 4]>),
    /// `heap`: the collector looks there.
    Mem {
        ptr: Value,
        offset: i32,
        heap: bool,
    },
    /// An element of a map; the key is of the map's key type.
    Map {
        map_ty: TypeId,
        map: Value,
        key: Val,
    },
}

impl FuncLower<'_, '_> {
    pub fn zero(&mut self, t: TypeId) -> Val {
        let layout = self.layout(t);
        match &layout.parts {
            Some(parts) => Val::Regs(parts.iter().map(|p| self.b.zero_of(p.ty)).collect()),
            None => Val::Zero,
        }
    }

    /// The only scalar of a value.
    pub fn scalar(&mut self, v: Val) -> Value {
        match v {
            Val::Regs(vs) if !vs.is_empty() => vs[0],
            Val::Mem(p) => p,
            _ => self.b.null(),
        }
    }

    /// The scalars of a value of type `t`, which is not one that lives in memory.
    pub fn parts(&mut self, v: Val, t: TypeId) -> Values {
        match v {
            Val::Regs(vs) => vs,
            Val::Mem(p) => {
                let layout = self.layout(t);
                layout.parts().iter().map(|part| self.b.load(part.ty, p, part.offset as i32)).collect()
            }
            Val::Zero => {
                let layout = self.layout(t);
                layout.parts().iter().map(|part| self.b.zero_of(part.ty)).collect()
            }
        }
    }

    pub fn load(&mut self, place: &Place, t: TypeId) -> Val {
        match place {
            Place::Blank => self.zero(t),
            Place::Regs(vars) => Val::Regs(vars.iter().map(|&v| self.b.get(v)).collect()),
            Place::Mem { ptr, offset, .. } => self.load_mem(*ptr, *offset, t),
            Place::Map { map_ty, map, key } => {
                let (map_ty, map, key) = (*map_ty, *map, key.clone());
                self.map_get(map_ty, map, key, t)
            }
        }
    }

    pub fn load_mem(&mut self, ptr: Value, offset: i32, t: TypeId) -> Val {
        let layout = self.layout(t);
        match &layout.parts {
            Some(parts) => {
                let load = |p: &Part| self.b.load(p.ty, ptr, offset + p.offset as i32);
                Val::Regs(parts.iter().map(load).collect())
            }
            None => Val::Mem(self.b.offset(ptr, offset.into())),
        }
    }

    pub fn store(&mut self, place: &Place, t: TypeId, v: Val) {
        match place {
            Place::Blank => {}
            Place::Regs(vars) => {
                let parts = self.parts(v, t);
                for (&var, value) in vars.iter().zip(parts) {
                    self.b.def(var, value);
                }
            }
            Place::Mem { ptr, offset, heap } => self.store_mem(*ptr, *offset, *heap, t, v),
            Place::Map { map_ty, map, key } => {
                let v = self.freeze(v, t);
                let (map_ty, map, key) = (*map_ty, *map, key.clone());
                let ptr = self.map_assign(map_ty, map, key);
                self.store_mem(ptr, 0, true, t, v);
            }
        }
    }

    pub fn store_mem(&mut self, ptr: Value, offset: i32, heap: bool, t: TypeId, v: Val) {
        let layout = self.layout(t);
        match (v, &layout.parts) {
            (Val::Regs(vs), Some(parts)) => {
                for (v, p) in vs.into_iter().zip(parts) {
                    let at = offset + p.offset as i32;
                    if heap && p.ty == Ty::Ptr {
                        self.b.store_ptr(ptr, at, v);
                    } else {
                        self.b.store(ptr, at, v);
                    }
                }
            }
            (Val::Regs(_), None) => {}
            (Val::Mem(src), _) => {
                let dst = self.b.offset(ptr, offset.into());
                self.copy(dst, src, layout.size, heap && layout.ptrs);
            }
            (Val::Zero, _) => {
                let dst = self.b.offset(ptr, offset.into());
                self.clear(dst, layout.size, heap && layout.ptrs);
            }
        }
    }

    pub fn copy(&mut self, dst: Value, src: Value, size: u64, ptrs: bool) {
        if size == 0 || dst == src {
            return;
        }
        match u32::try_from(size) {
            Ok(size) => self.b.emit0(Op::Copy { size, ptrs }, &[dst, src]),
            Err(_) => {
                let size = self.b.int(size as i64);
                self.b.rt(Entry::Memmove, &[dst, src, size]);
            }
        }
    }

    pub fn clear(&mut self, dst: Value, size: u64, ptrs: bool) {
        match u32::try_from(size) {
            Ok(0) => {}
            Ok(size) => self.b.emit0(Op::Zero { size, ptrs }, &[dst]),
            Err(_) => {
                let size = self.b.int(size as i64);
                self.b.rt(Entry::Memclr, &[dst, size]);
            }
        }
    }

    /// The value, safe from later changes of the memory it was read from.
    pub fn freeze(&mut self, v: Val, t: TypeId) -> Val {
        match v {
            Val::Mem(_) => Val::Mem(self.spill(v, t)),
            v => v,
        }
    }

    /// Room for a value that no variable holds: its address, and whether the collector looks there.
    pub fn temp(&mut self, t: TypeId) -> (Value, bool) {
        let layout = self.layout(t);
        if layout.size > MAX_TEMP_BYTES {
            return (self.new_object(t), true);
        }
        let slot = self.b.slot(layout.size, layout.align, layout.ptrs);
        (self.b.slot_addr(slot, 0), false)
    }

    /// [`FuncLower::temp`] with the zero value in it.
    pub fn zeroed_temp(&mut self, t: TypeId) -> (Value, bool) {
        let (ptr, heap) = self.temp(t);
        if !heap {
            let size = self.layout(t).size;
            self.clear(ptr, size, false);
        }
        (ptr, heap)
    }

    /// The address of a copy of the value.
    pub fn spill(&mut self, v: Val, t: TypeId) -> Value {
        let (ptr, heap) = self.temp(t);
        self.store_mem(ptr, 0, heap, t, v);
        ptr
    }

    /// The address of the value in memory that the callee only reads.
    pub fn in_memory(&mut self, v: Val, t: TypeId) -> Value {
        match v {
            Val::Mem(p) => p,
            v => self.spill(v, t),
        }
    }

    /// The part of a struct's value that is field `i`.
    pub fn field_of(&mut self, v: Val, t: TypeId, i: usize) -> Val {
        let field = self.p.layouts.fields(self.p.store, t)[i];
        let n = self.layout(field.ty).parts.as_ref().map(Vec::len);
        match (v, n) {
            (Val::Regs(vs), Some(n)) => Val::many(&vs[field.first_part..field.first_part + n]),
            (Val::Mem(p), _) => {
                let p = self.b.offset(p, field.offset as i64);
                self.load_mem(p, 0, field.ty)
            }
            (_, _) => self.zero(field.ty),
        }
    }

    /// The place of a struct's field.
    pub fn field_place(&mut self, place: Place, t: TypeId, i: usize) -> Place {
        let field = self.p.layouts.fields(self.p.store, t)[i];
        match place {
            Place::Regs(vars) => {
                let n = self.layout(field.ty).parts().len();
                Place::Regs(SmallVec::from_slice(&vars[field.first_part..field.first_part + n]))
            }
            Place::Mem { ptr, offset, heap } => {
                // Offsets beyond what a guard page catches go into the address.
                match i64::from(offset) + field.offset as i64 {
                    offset @ 0..4096 => Place::Mem { ptr, offset: offset as i32, heap },
                    offset => Place::Mem { ptr: self.b.offset(ptr, offset), offset: 0, heap },
                }
            }
            other => other,
        }
    }

    pub fn place_addr(&mut self, place: &Place) -> Value {
        match place {
            Place::Mem { ptr, offset, .. } => self.b.offset(*ptr, (*offset).into()),
            _ => self.b.null(),
        }
    }
}
