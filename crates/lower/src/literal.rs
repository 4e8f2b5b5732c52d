//! Composite literals.

use crate::func::FuncLower;
use crate::value::{Place, Val};
use goxide_ssa::Value;
use goxide_syntax::ast::{CompositeLit, Expr, ExprKind, unparen};
use goxide_types::{Type, TypeId};
use smallvec::SmallVec;

type Path = SmallVec<[usize; 2]>;

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

    /// Each element with the indices that lead to its field: a key may name a promoted one.
    fn struct_elems(&self, lit: &'a CompositeLit, t: TypeId) -> Vec<(Path, &'a Expr)> {
        lit.elems
            .iter()
            .enumerate()
            .map(|(i, e)| match &e.kind {
                ExprKind::KeyValue(k, v) => (self.key_path(t, k), v.as_ref()),
                _ => (SmallVec::from_slice(&[i]), e),
            })
            .collect()
    }

    /// By breadth, as fields are promoted; through embedded structs alone, none is behind a pointer.
    fn key_path(&self, t: TypeId, key: &Expr) -> Path {
        let ExprKind::Name(name) = &unparen(key).kind else { return Path::new() };
        let mut level: Vec<(TypeId, Path)> = vec![(t, Path::new())];
        while !level.is_empty() {
            let mut deeper = Vec::new();
            for (t, path) in level {
                let Type::Struct(s) = self.core(t) else { continue };
                for (i, &f) in s.fields().iter().enumerate() {
                    let mut path = path.clone();
                    path.push(i);
                    if **self.p.store.name(f) == **name {
                        return path;
                    }
                    if self.p.store.obj(f).as_var().is_some_and(|v| v.embedded) {
                        deeper.push((self.obj_ty(f), path));
                    }
                }
            }
            level = deeper;
        }
        Path::new()
    }

    /// Blank fields stay zero, as gc has it. They have no key, hence no path through other structs.
    fn is_blank_field(&self, t: TypeId, path: &[usize]) -> bool {
        let ([i], Type::Struct(s)) = (path, self.core(t)) else { return false };
        s.fields().get(*i).is_some_and(|&f| &**self.p.store.name(f) == "_")
    }

    fn small_struct(&mut self, lit: &'a CompositeLit, t: TypeId) -> Val {
        let mut values = Vec::with_capacity(lit.elems.len());
        for (path, e) in self.struct_elems(lit, t) {
            let ty = self.field_at(t, &path).0;
            let value = self.elem_value(e, ty);
            if !self.is_blank_field(t, &path) {
                values.push((path, value));
            }
        }
        self.assemble(t, &values, 0)
    }

    /// A struct of the values whose paths from `depth` on lead into it.
    fn assemble(&mut self, t: TypeId, values: &[(Path, Val)], depth: usize) -> Val {
        let fields = self.p.layouts.fields(self.p.store, t);
        let mut out = crate::builder::Values::new();
        for (i, f) in fields.iter().enumerate() {
            let inside: Vec<(Path, Val)> =
                values.iter().filter(|(path, _)| path.get(depth) == Some(&i)).cloned().collect();
            let v = match &inside[..] {
                [] => self.zero(f.ty),
                [(path, v)] if path.len() == depth + 1 => v.clone(),
                inside => self.assemble(f.ty, inside, depth + 1),
            };
            out.extend(self.parts(v, f.ty));
        }
        Val::Regs(out)
    }

    /// Type and offset of the field that a path leads to.
    fn field_at(&mut self, t: TypeId, path: &[usize]) -> (TypeId, u64) {
        let (mut ty, mut offset) = (t, 0);
        for &i in path {
            let field = self.p.layouts.fields(self.p.store, ty)[i];
            ty = field.ty;
            offset += field.offset;
        }
        (ty, offset)
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
                let is_whole = elems.len() >= s.fields().len()
                    && elems.iter().all(|(path, _)| path.len() == 1 && !self.is_blank_field(t, path));
                if !zeroed && !is_whole {
                    self.clear(ptr, layout.size, false);
                }
                for (path, e) in elems {
                    let (ty, offset) = self.field_at(t, &path);
                    if self.is_blank_field(t, &path) {
                        self.elem_value(e, ty);
                    } else {
                        self.fill_elem(e, ty, ptr, offset, heap, zeroed);
                    }
                }
            }
            Type::Array { len, elem } => {
                let (elems, _) = self.indexed(lit);
                if !zeroed && (elems.len() as i64) < *len {
                    self.clear(ptr, layout.size, false);
                }
                let size = self.layout(*elem).size;
                for (i, e) in elems {
                    self.fill_elem(e, *elem, ptr, i as u64 * size, heap, zeroed);
                }
            }
            _ => {}
        }
    }

    fn fill_elem(&mut self, e: &'a Expr, t: TypeId, ptr: Value, offset: u64, heap: bool, zeroed: bool) {
        if let ExprKind::CompositeLit(lit) = &e.kind
            && self.layout(t).is_mem()
            && matches!(self.core(t), Type::Struct(_) | Type::Array { .. })
        {
            let at = self.b.offset(ptr, offset as i64);
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
                Place::Mem { ptr: self.b.offset(ptr, offset as i64), offset: 0, heap }
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
        // Refused all the same; where it does not escape gc has it in the frame.
        let size = self.p.store.size_of(array);
        if u32::try_from(size).is_err() {
            self.frame_bytes.0 = self.frame_bytes.0.saturating_add(size);
        }
        let ptr = self.new_object(array);
        self.fill_memory(lit, array, ptr, true, true);
        Val::many(&[ptr, n, n])
    }

    fn map_literal(&mut self, lit: &'a CompositeLit, t: TypeId, key: TypeId, elem: TypeId) -> Val {
        if let Some(values) = self.made_map(lit) {
            return values.into_iter().next().unwrap_or(Val::Zero);
        }
        let hint = self.b.int(lit.elems.len() as i64);
        let map = self.make_map(t, hint);
        for e in &lit.elems {
            let ExprKind::KeyValue(k, v) = &e.kind else { continue };
            self.in_order(&[k, v], |l| {
                let k = l.elem_value(k, key);
                let k = l.freeze(k, key);
                let v = l.elem_value(v, elem);
                let place = Place::Map { map_ty: t, map, key: k };
                l.store(&place, elem, v);
            });
        }
        Val::one(map)
    }
}
