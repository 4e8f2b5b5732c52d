//! Maps.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_abi::layout::MAP_BYTES;
use goxide_ssa::{ConvOp, Ty, Value};
use goxide_syntax::ast::Expr;
use goxide_types::{BasicKind, Type, TypeId};

/// Elements larger than this are kept behind a pointer, and have no fast variants (as in gc).
const MAX_FAST_ELEM_BYTES: u64 = 128;

/// Of a group.
const SLOTS: u64 = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Slow,
    Fast32,
    Fast64,
    Str,
}

struct Entries {
    access1: Entry,
    access2: Entry,
    assign: Entry,
    delete: Entry,
}

fn entries(kind: Kind) -> Entries {
    use Entry::*;
    let (access1, access2, assign, delete) = match kind {
        Kind::Slow => (MapAccess1, MapAccess2, MapAssign, MapDelete),
        Kind::Fast32 => (MapAccess1Fast32, MapAccess2Fast32, MapAssignFast32, MapDeleteFast32),
        Kind::Fast64 => (MapAccess1Fast64, MapAccess2Fast64, MapAssignFast64, MapDeleteFast64),
        Kind::Str => (MapAccess1FastStr, MapAccess2FastStr, MapAssignFastStr, MapDeleteFastStr),
    };
    Entries { access1, access2, assign, delete }
}

impl<'a> FuncLower<'a, '_> {
    fn map_types(&self, map_ty: TypeId) -> (TypeId, TypeId) {
        match self.under(map_ty) {
            Type::Map { key, elem } => (*key, *elem),
            _ => (TypeId::INVALID, TypeId::INVALID),
        }
    }

    fn map_kind(&mut self, map_ty: TypeId) -> Kind {
        use BasicKind::*;
        let (key, elem) = self.map_types(map_ty);
        if self.layout(elem).size > MAX_FAST_ELEM_BYTES {
            return Kind::Slow;
        }
        match self.under(key) {
            Type::Basic(b) => match b.kind {
                Int32 | Uint32 => Kind::Fast32,
                Int | Int64 | Uint | Uint64 | Uintptr => Kind::Fast64,
                String => Kind::Str,
                _ => Kind::Slow,
            },
            _ => Kind::Slow,
        }
    }

    /// The arguments map type, map and key for an entry, and the entries to use.
    fn map_args(&mut self, map_ty: TypeId, map: Value, key: Val) -> (Entries, Vec<Value>) {
        let kind = self.map_kind(map_ty);
        let (key_ty, _) = self.map_types(map_ty);
        let mut args = vec![self.type_addr(map_ty), map];
        match kind {
            Kind::Slow => {
                let p = self.in_memory(key, key_ty);
                args.push(p);
            }
            Kind::Fast32 | Kind::Fast64 => {
                let k = self.scalar(key);
                args.push(match self.b.ty(k) {
                    Ty::I32 => self.b.conv(ConvOp::Zext, k, Ty::I64),
                    _ => k,
                });
            }
            Kind::Str => args.extend(self.parts(key, key_ty)),
        }
        (entries(kind), args)
    }

    /// A new map, told how much a header and one group of slots take: escape analysis may find a place in
    /// the frame for it.
    pub fn make_map(&mut self, map_ty: TypeId, hint: Value) -> Value {
        let (key, elem) = self.map_types(map_ty);
        let bytes = |l: &mut Self, t| {
            let size = l.layout(t).size;
            if size > MAX_FAST_ELEM_BYTES { 8 } else { size.next_multiple_of(8) }
        };
        let group = 8 + SLOTS * (bytes(self, key) + bytes(self, elem));
        let bytes = self.b.int((group + MAP_BYTES as u64) as i64);
        let (typ, no_buffer) = (self.type_addr(map_ty), self.b.null());
        self.b.rt1(Entry::MakeMapBuf, &[typ, hint, no_buffer, bytes])
    }

    pub fn map_get(&mut self, map_ty: TypeId, map: Value, key: Val, t: TypeId) -> Val {
        let (_, elem) = self.map_types(map_ty);
        if self.layout(elem).size as usize > goxide_abi::layout::ZERO_VAL_BYTES {
            // No zero value of that size to point to.
            return self.map_get_ok(map_ty, map, key, t).0;
        }
        let (entries, args) = self.map_args(map_ty, map, key);
        let ptr = self.b.rt1(entries.access1, &args);
        self.load_mem(ptr, 0, t)
    }

    pub fn map_get_ok(&mut self, map_ty: TypeId, map: Value, key: Val, t: TypeId) -> (Val, Value) {
        let (entries, args) = self.map_args(map_ty, map, key);
        let r = self.b.rt(entries.access2, &args);
        let ok = self.b.conv(ConvOp::Trunc, r[1], Ty::I8);
        let layout = self.layout(t);
        if layout.size as usize <= goxide_abi::layout::ZERO_VAL_BYTES {
            return (self.load_mem(r[0], 0, t), ok);
        }
        let (to, heap) = self.zeroed_temp(t);
        let (some, end) = (self.b.block(), self.b.block());
        self.b.branch(ok, some, end);
        self.b.start(some);
        self.copy(to, r[0], layout.size, heap && layout.ptrs);
        self.b.jump(end);
        self.b.start(end);
        (Val::Mem(to), ok)
    }

    /// `m[k]`, with whether there is one.
    pub fn map_index(&mut self, e: &'a Expr, x: &'a Expr, key: &'a Expr) -> (Val, Option<Value>) {
        let map_ty = self.ty(x);
        let (key_ty, elem) = self.map_types(map_ty);
        let map = self.scalar_expr(x);
        let key = self.lookup_key(key, key_ty);
        self.set_pos(e.pos);
        (self.map_get(map_ty, map, key, elem), None)
    }

    pub fn map_index_ok(&mut self, e: &'a Expr, x: &'a Expr, key: &'a Expr) -> (Val, Value) {
        let map_ty = self.ty(x);
        let (key_ty, elem) = self.map_types(map_ty);
        let map = self.scalar_expr(x);
        let key = self.lookup_key(key, key_ty);
        self.set_pos(e.pos);
        self.map_get_ok(map_ty, map, key, elem)
    }

    /// A key that the map does not keep.
    fn lookup_key(&mut self, key: &'a Expr, key_ty: TypeId) -> Val {
        if self.p.store.is_string(key_ty) && self.p.store.is_string(self.ty(key)) {
            let (p, n) = self.borrowed_string(key);
            return Val::many(&[p, n]);
        }
        self.expr_as(key, key_ty)
    }

    /// The address of the element for a key, made if there is none.
    pub fn map_assign(&mut self, map_ty: TypeId, map: Value, key: Val) -> Value {
        let (entries, args) = self.map_args(map_ty, map, key);
        self.b.rt1(entries.assign, &args)
    }

    pub fn map_delete(&mut self, map_ty: TypeId, map: Value, key: Val) {
        let (entries, args) = self.map_args(map_ty, map, key);
        self.b.rt(entries.delete, &args);
    }
}
