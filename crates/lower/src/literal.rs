//! Composite literals.

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_ssa::Value;
use goxide_syntax::ast::{CompositeLit, Expr, ExprKind, unparen};
use goxide_types::{ObjId, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    /// The value of a literal of type `t`; of an elided `&T` too.
    pub fn composite(&mut self, lit: &'a CompositeLit, t: TypeId) -> Val {
        match self.core(t) {
            Type::Pointer { base } => Val::one(self.new_composite(lit, *base)),
            Type::Slice { elem } => self.slice_literal(lit, *elem),
            Type::Map { key, elem } => self.map_literal(lit, t, *key, *elem),
            Type::Struct(_) if !self.layout(t).is_mem() => self.small_struct(lit, t),
            Type::Array { len: 1, elem } if !self.layout(t).is_mem() && lit.elems.len() == 1 => {
                let value = match &lit.elems[0].kind {
                    ExprKind::KeyValue(_, v) => v,
                    _ => &lit.elems[0],
                };
                self.elem_value(value, *elem)
            }
            _ => {
                if lit.elems.is_empty() {
                    return self.zero(t);
                }
                let (ptr, heap) = self.temp(t);
                self.fill_memory(lit, t, ptr, heap, heap);
                Val::Mem(ptr)
            }
        }
    }

    fn core(&self, t: TypeId) -> &'a Type {
        match self.p.store.common_under(t) {
            Some(u) => self.p.store.ty(u),
            None => self.under(t),
        }
    }

    /// The address of a new object with the literal's value.
    pub fn new_composite(&mut self, lit: &'a CompositeLit, t: TypeId) -> Value {
        match self.core(t) {
            Type::Struct(_) | Type::Array { .. } if self.layout(t).is_mem() => {
                let ptr = self.new_object(t);
                self.fill_memory(lit, t, ptr, true, true);
                ptr
            }
            _ => {
                let v = self.composite(lit, t);
                let ptr = self.new_object(t);
                self.store_mem(ptr, 0, true, t, v);
                ptr
            }
        }
    }

    /// The value of a literal's element, whose own type may be left out.
    fn elem_value(&mut self, e: &'a Expr, t: TypeId) -> Val {
        match &e.kind {
            ExprKind::CompositeLit(lit) if lit.ty.is_none() => self.composite(lit, t),
            _ => self.expr_as(e, t),
        }
    }

    /// Each element with its field's index.
    fn struct_elems(&self, lit: &'a CompositeLit, t: TypeId) -> Vec<(usize, &'a Expr)> {
        let Type::Struct(s) = self.core(t) else { return Vec::new() };
        lit.elems
            .iter()
            .enumerate()
            .map(|(i, e)| match &e.kind {
                ExprKind::KeyValue(k, v) => (self.field_index(s.fields(), k), v.as_ref()),
                _ => (i, e),
            })
            .collect()
    }

    fn field_index(&self, fields: &[ObjId], key: &Expr) -> usize {
        let ExprKind::Name(name) = &unparen(key).kind else { return 0 };
        fields.iter().position(|&f| **self.p.store.name(f) == **name).unwrap_or(0)
    }

    fn small_struct(&mut self, lit: &'a CompositeLit, t: TypeId) -> Val {
        let fields = self.p.layouts.fields(self.p.store, t);
        let mut values: Vec<Option<Val>> = vec![None; fields.len()];
        for (i, e) in self.struct_elems(lit, t) {
            values[i] = Some(self.elem_value(e, fields[i].ty));
        }
        let mut out = crate::builder::Values::new();
        for (v, f) in values.into_iter().zip(fields.iter()) {
            let v = match v {
                Some(v) => v,
                None => self.zero(f.ty),
            };
            out.extend(self.parts(v, f.ty));
        }
        Val::Regs(out)
    }

    /// Each element with its index, and the number of elements.
    fn indexed(&self, lit: &'a CompositeLit) -> (Vec<(i64, &'a Expr)>, i64) {
        let mut next = 0;
        let mut len = 0;
        let mut out = Vec::with_capacity(lit.elems.len());
        for e in &lit.elems {
            let value = match &e.kind {
                ExprKind::KeyValue(k, v) => {
                    let key = self.info_of(k).and_then(|tv| tv.value.as_ref());
                    next = key.and_then(|c| c.to_int().as_i64()).unwrap_or(next);
                    v.as_ref()
                }
                _ => e,
            };
            out.push((next, value));
            next += 1;
            len = len.max(next);
        }
        (out, len)
    }

    /// Writes a literal that is a struct or array to memory that may hold anything (`zeroed`: zeros).
    pub fn fill_memory(&mut self, lit: &'a CompositeLit, t: TypeId, ptr: Value, heap: bool, zeroed: bool) {
        let layout = self.layout(t);
        match self.core(t) {
            Type::Struct(s) => {
                let elems = self.struct_elems(lit, t);
                if !zeroed && elems.len() < s.fields().len() {
                    self.clear(ptr, layout.size, false);
                }
                let fields = self.p.layouts.fields(self.p.store, t);
                for (i, e) in elems {
                    let f = fields[i];
                    self.fill_elem(e, f.ty, ptr, f.offset, heap, zeroed);
                }
            }
            Type::Array { len, elem } => {
                let (elems, _) = self.indexed(lit);
                if !zeroed && (elems.len() as i64) < *len {
                    self.clear(ptr, layout.size, false);
                }
                let size = self.layout(*elem).size;
                for (i, e) in elems {
                    self.fill_elem(e, *elem, ptr, i as u32 * size, heap, zeroed);
                }
            }
            _ => {}
        }
    }

    fn fill_elem(&mut self, e: &'a Expr, t: TypeId, ptr: Value, offset: u32, heap: bool, zeroed: bool) {
        if let ExprKind::CompositeLit(lit) = &e.kind
            && self.layout(t).is_mem()
            && matches!(self.core(t), Type::Struct(_) | Type::Array { .. })
        {
            let at = self.b.offset(ptr, offset.into());
            let own = self.ty(e);
            if lit.elems.is_empty() && zeroed {
                return;
            }
            if !zeroed && lit.elems.is_empty() {
                let zero = self.zero(t);
                self.store_mem(at, 0, heap, t, zero);
                return;
            }
            let t = if lit.ty.is_some() { own } else { t };
            self.fill_memory(lit, t, at, heap, zeroed);
            return;
        }
        let v = self.elem_value(e, t);
        let place = Place::Mem { ptr, offset: 0, heap };
        let place = match place {
            Place::Mem { ptr, heap, .. } if offset >= 1 << 20 => {
                Place::Mem { ptr: self.b.offset(ptr, offset.into()), offset: 0, heap }
            }
            Place::Mem { ptr, heap, .. } => Place::Mem { ptr, offset: offset as i32, heap },
            p => p,
        };
        self.store(&place, t, v);
    }

    fn slice_literal(&mut self, lit: &'a CompositeLit, elem: TypeId) -> Val {
        let (_, len) = self.indexed(lit);
        let n = self.b.int(len);
        if len == 0 {
            // Not nil.
            let sym = self.p.module.sym(goxide_abi::layout::ZERO_BASE);
            let base = self.b.sym(sym);
            return Val::many(&[base, n, n]);
        }
        let array = self.p.store.new_array(len, elem);
        let ptr = self.new_object(array);
        self.fill_memory(lit, array, ptr, true, true);
        Val::many(&[ptr, n, n])
    }

    fn map_literal(&mut self, lit: &'a CompositeLit, t: TypeId, key: TypeId, elem: TypeId) -> Val {
        let typ = self.type_addr(t);
        let hint = self.b.int(lit.elems.len() as i64);
        let map = self.b.rt1(goxide_abi::Entry::MakeMap, &[typ, hint]);
        for e in &lit.elems {
            let ExprKind::KeyValue(k, v) = &e.kind else { continue };
            let k = self.elem_value(k, key);
            let k = self.freeze(k, key);
            let v = self.elem_value(v, elem);
            let place = Place::Map { map_ty: t, map, key: k };
            self.store(&place, elem, v);
        }
        Val::one(map)
    }
}
