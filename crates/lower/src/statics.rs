//! Package variables whose contents are known at compile time, as data
//! (as `cmd/compile/internal/staticinit`).

use crate::analyze;
use crate::consts::const_bits;
use crate::func::PendingClosure;
use crate::layout::{has_pointers, is_direct_iface};
use crate::package::{Package, Source, abs8};
use goxide_abi::layout as abi;
use goxide_abi::object::Section;
use goxide_ssa::{DataReloc, Sym};
use goxide_syntax::ast::{CompositeLit, Expr, ExprKind, UnaryOp, unparen};
use goxide_types::{BasicKind, Const, Mode, ObjectKind, SubstMap, Type, TypeId};
use std::rc::Rc;

/// Arrays with more bytes than this for each element written are filled in by code.
const SPARSE_BYTES: u64 = 1 << 16;
/// Data is at most this large.
const MAX_STATIC_BYTES: u64 = 1 << 24;

/// Data in the making.
pub(crate) struct Static {
    pub bytes: Vec<u8>,
    pub relocs: Vec<DataReloc>,
}

impl Static {
    /// What is large and has few elements is zeroed memory that code fills in.
    fn zeroed(size: u64) -> Option<Static> {
        let fits = size <= MAX_STATIC_BYTES;
        fits.then(|| Static { bytes: vec![0; size as usize], relocs: Vec::new() })
    }

    fn put(&mut self, at: u32, bytes: &[u8]) {
        self.bytes[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
    }

    fn address(&mut self, at: u32, of: Sym) {
        self.relocs.push(abs8(at, of));
    }
}

impl<'a> Package<'a> {
    /// `e` as a value of type `t`, if it is known now.
    pub fn static_value(&mut self, source: Source<'a>, e: &'a Expr, t: TypeId) -> Option<Static> {
        let mut out = Static::zeroed(self.layout(t).size)?;
        self.static_expr(source, e, t, &mut out, 0)?;
        Some(out)
    }

    fn static_expr(
        &mut self,
        source: Source<'a>,
        e: &'a Expr,
        t: TypeId,
        out: &mut Static,
        at: u32,
    ) -> Option<()> {
        let e = unparen(e);
        let tv = source.info.types.get(e.id.0 as usize)?.as_ref();
        if tv.is_some_and(|tv| tv.mode == Mode::NilValue) {
            return Some(());
        }
        let from = tv.map_or(t, |tv| tv.ty);
        let is_interface = matches!(self.store.under_ty(t), Type::Interface(_));
        if is_interface && !matches!(self.store.under_ty(from), Type::Interface(_)) {
            return self.static_interface(source, e, from, t, out, at);
        }
        if let Some(value) = tv.and_then(|tv| tv.value.as_ref()) {
            return self.static_const(value, t, out, at);
        }
        match &e.kind {
            ExprKind::CompositeLit(lit) => self.static_literal(source, lit, t, out, at),
            ExprKind::Unary(UnaryOp::And, x) => {
                let sym = self.static_address(source, unparen(x), t)?;
                out.address(at, sym);
                Some(())
            }
            ExprKind::FuncLit(lit) => {
                let facts = analyze::expressions(self.store, source, &[e]);
                if !facts.body(lit.ty.id).captures.is_empty() {
                    return None;
                }
                let Type::Signature(sig) = self.store.under_ty(from) else { return None };
                self.static_closures += 1;
                let name = format!("{}.init.func{}", self.path(), self.static_closures);
                let symbol = self.module.sym(&name);
                self.closures.push_back(PendingClosure {
                    lit,
                    symbol,
                    captures: Vec::new(),
                    source,
                    env: Rc::new(SubstMap::default()),
                    facts: Rc::new(facts),
                    sig: sig.get().clone(),
                    dupok: false,
                });
                let value = self.func_value_symbol(symbol);
                out.address(at, value);
                Some(())
            }
            ExprKind::Name(_) | ExprKind::Selector(..) => {
                let id = match &e.kind {
                    ExprKind::Selector(_, name) if !source.info.selections.contains_key(&e.id) => name.id,
                    ExprKind::Name(_) => e.id,
                    _ => return None,
                };
                let obj = *source.info.uses.get(&id)?;
                if !matches!(self.store.obj(obj).kind, ObjectKind::Func(_)) {
                    return None;
                }
                let targs = source.info.instances.get(&id).map_or(Vec::new(), |i| i.targs.clone());
                let code = self.func_symbol(obj, &targs);
                let value = self.func_value_symbol(code);
                out.address(at, value);
                Some(())
            }
            // A conversion that changes nothing but the type.
            ExprKind::Call(call) => {
                let callee = source.info.types.get(call.fun.id.0 as usize)?.as_ref()?;
                let [x] = &call.args[..] else { return None };
                let inner = source.info.types.get(x.id.0 as usize)?.as_ref()?;
                if callee.mode != Mode::Type {
                    return None;
                }
                if inner.mode == Mode::NilValue {
                    return Some(());
                }
                let same =
                    self.store.identical_ignore_tags(self.store.under(inner.ty), self.store.under(callee.ty));
                if !same || matches!(self.store.under_ty(t), Type::Interface(_)) {
                    return None;
                }
                self.static_expr(source, x, inner.ty, out, at)
            }
            _ => None,
        }
    }

    fn static_const(&mut self, value: &Const, t: TypeId, out: &mut Static, at: u32) -> Option<()> {
        let Type::Basic(basic) = self.store.under_ty(t) else { return None };
        if basic.kind == BasicKind::String {
            let text = value.as_bytes()?.to_vec();
            out.put(at + 8, &(text.len() as u64).to_le_bytes());
            if !text.is_empty() {
                let sym = self.string_symbol(&text);
                out.address(at, sym);
            }
            return Some(());
        }
        let layout = self.layout(t);
        for (i, part) in layout.parts().iter().enumerate() {
            let n = part.ty.bytes() as usize;
            let bits = const_bits(value, basic.kind, i).to_le_bytes();
            out.put(at + part.offset, &bits[..n]);
        }
        Some(())
    }

    /// Data of its own for a value of type `t`: other data points there.
    fn static_object(&mut self, t: TypeId, value: Static) -> Sym {
        self.static_objects += 1;
        let name = format!("{}..stmp_{}", self.path(), self.static_objects);
        let sym = self.module.sym(&name);
        let section = if has_pointers(self.store, t) { Section::Data } else { Section::NoptrData };
        let align = self.layout(t).align;
        self.add_data(sym, section, align, value.bytes, value.relocs, false);
        sym
    }

    /// What `&x`, of type `t`, points to.
    fn static_address(&mut self, source: Source<'a>, x: &'a Expr, t: TypeId) -> Option<Sym> {
        match &x.kind {
            ExprKind::CompositeLit(lit) => {
                let Type::Pointer { base } = self.store.under_ty(t) else { return None };
                let own = source.info.types.get(x.id.0 as usize)?.as_ref().map_or(*base, |tv| tv.ty);
                let size = self.layout(own).size;
                if size == 0 {
                    return Some(self.module.sym(abi::ZERO_BASE));
                }
                let mut value = Static::zeroed(size)?;
                self.static_literal(source, lit, own, &mut value, 0)?;
                Some(self.static_object(own, value))
            }
            ExprKind::Name(_) => {
                let obj = *source.info.uses.get(&x.id)?;
                let is_global = self.store.obj(obj).as_var().is_some_and(|v| v.is_package_level);
                is_global.then(|| self.var_symbol(obj))
            }
            _ => None,
        }
    }

    /// A concrete value as an interface.
    fn static_interface(
        &mut self,
        source: Source<'a>,
        e: &'a Expr,
        from: TypeId,
        to: TypeId,
        out: &mut Static,
        at: u32,
    ) -> Option<()> {
        let from = if self.store.is_untyped(from) { self.store.default_type(from) } else { from };
        let size = self.layout(from).size;
        let mut value = Static::zeroed(size)?;
        self.static_expr(source, e, from, &mut value, 0)?;
        let is_empty = self.store.type_set(self.store.under(to)).methods.is_empty();
        let word = if is_empty { self.type_symbol(from) } else { self.itab_symbol(from, to) };
        out.address(at, word);
        if is_direct_iface(self.store, from) {
            out.relocs.extend(value.relocs.into_iter().map(|r| DataReloc { offset: at + 8 + r.offset, ..r }));
            return Some(());
        }
        let data = if size == 0 { self.module.sym(abi::ZERO_BASE) } else { self.static_object(from, value) };
        out.address(at + 8, data);
        Some(())
    }

    fn static_literal(
        &mut self,
        source: Source<'a>,
        lit: &'a CompositeLit,
        t: TypeId,
        out: &mut Static,
        at: u32,
    ) -> Option<()> {
        match self.store.under_ty(t) {
            Type::Struct(s) => {
                let fields = self.layouts.fields(self.store, t);
                for (i, e) in lit.elems.iter().enumerate() {
                    let (i, e) = match &e.kind {
                        ExprKind::KeyValue(k, v) => {
                            let ExprKind::Name(name) = &unparen(k).kind else { return None };
                            let named = |f: &_| **self.store.name(*f) == **name;
                            (s.fields().iter().position(named)?, v.as_ref())
                        }
                        _ => (i, e),
                    };
                    let field = *fields.get(i)?;
                    // Blank fields stay zero.
                    if s.fields().get(i).is_some_and(|&f| &**self.store.name(f) == "_") {
                        let mut unused = Static::zeroed(self.layout(field.ty).size)?;
                        self.static_elem(source, e, field.ty, &mut unused, 0)?;
                        continue;
                    }
                    self.static_elem(source, e, field.ty, out, at + field.offset as u32)?;
                }
                Some(())
            }
            Type::Array { elem, .. } => self.static_elems(source, lit, *elem, out, at),
            Type::Slice { elem } => {
                let len = self.literal_len(source, lit)?;
                let size = self.layout(*elem).size.saturating_mul(len);
                if size > SPARSE_BYTES * (1 + lit.elems.len() as u64) {
                    return None;
                }
                out.put(at + 8, &len.to_le_bytes());
                out.put(at + 16, &len.to_le_bytes());
                if size == 0 {
                    // Not nil.
                    let base = self.module.sym(abi::ZERO_BASE);
                    out.address(at, base);
                    return Some(());
                }
                let mut value = Static::zeroed(size)?;
                self.static_elems(source, lit, *elem, &mut value, 0)?;
                let array = self.store.new_array(len as i64, *elem);
                let sym = self.static_object(array, value);
                out.address(at, sym);
                Some(())
            }
            Type::Pointer { base } => {
                // An elided `&T` of an element.
                let mut value = Static::zeroed(self.layout(*base).size)?;
                if value.bytes.is_empty() {
                    return None;
                }
                self.static_literal(source, lit, *base, &mut value, 0)?;
                let sym = self.static_object(*base, value);
                out.address(at, sym);
                Some(())
            }
            _ => None,
        }
    }

    fn static_elem(
        &mut self,
        source: Source<'a>,
        e: &'a Expr,
        t: TypeId,
        out: &mut Static,
        at: u32,
    ) -> Option<()> {
        match &e.kind {
            ExprKind::CompositeLit(lit) if lit.ty.is_none() => self.static_literal(source, lit, t, out, at),
            _ => self.static_expr(source, e, t, out, at),
        }
    }

    /// The elements of an array, by their indices.
    fn static_elems(
        &mut self,
        source: Source<'a>,
        lit: &'a CompositeLit,
        elem: TypeId,
        out: &mut Static,
        at: u32,
    ) -> Option<()> {
        let size = self.layout(elem).size;
        let mut next = 0u64;
        for e in &lit.elems {
            let value = match &e.kind {
                ExprKind::KeyValue(k, v) => {
                    next = constant_index(source, k)?;
                    v.as_ref()
                }
                _ => e,
            };
            self.static_elem(source, value, elem, out, at + next as u32 * size as u32)?;
            next += 1;
        }
        Some(())
    }

    fn literal_len(&self, source: Source<'a>, lit: &'a CompositeLit) -> Option<u64> {
        let (mut next, mut len) = (0, 0);
        for e in &lit.elems {
            if let ExprKind::KeyValue(k, _) = &e.kind {
                next = constant_index(source, k)?;
            }
            next += 1;
            len = len.max(next);
        }
        Some(len)
    }
}

fn constant_index(source: Source<'_>, key: &Expr) -> Option<u64> {
    source.info.types.get(key.id.0 as usize)?.as_ref()?.value.as_ref()?.to_int().as_u64()
}
