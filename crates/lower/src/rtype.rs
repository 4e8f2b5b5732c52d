//! Type descriptors and itabs, bit for bit as GOROOT's `internal/abi/type.go` (D8): names at once, contents
//! when the queue is drained.

use crate::layout::{has_pointers, is_direct_iface};
use crate::package::{Package, abs8, hash};
use goxide_abi::object::{RelocKind, Section};
use goxide_abi::typ::{self, Kind};
use goxide_ssa::{Data, DataReloc, Sym};
use goxide_syntax::ast::ChanDir;
use goxide_types::{BasicKind, Found, ObjId, Type, TypeId};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

#[derive(Default)]
pub(crate) struct TypeDescs {
    queue: VecDeque<TypeId>,
    itabs: VecDeque<(TypeId, TypeId)>,
    seen: FxHashSet<Sym>,
    used_methods: FxHashSet<(String, String)>,
}

/// The bytes of `abi.Type`, in front of what each kind adds.
const HEADER_BYTES: usize = 48;
const UNCOMMON_BYTES: usize = 16;
const METHOD_BYTES: usize = 16;

/// A descriptor in the making.
#[derive(Default)]
struct Blob {
    bytes: Vec<u8>,
    relocs: Vec<DataReloc>,
}

impl Blob {
    fn u8(&mut self, v: u8) {
        self.bytes.push(v);
    }

    fn u16(&mut self, v: u16) {
        self.bytes.extend(v.to_le_bytes());
    }

    fn u32(&mut self, v: u32) {
        self.bytes.extend(v.to_le_bytes());
    }

    fn u64(&mut self, v: u64) {
        self.bytes.extend(v.to_le_bytes());
    }

    fn addr(&mut self, to: Option<Sym>) {
        if let Some(to) = to {
            self.relocs.push(abs8(self.bytes.len() as u32, to));
        }
        self.u64(0);
    }

    /// An address inside this same symbol.
    fn own_addr(&mut self, own: Sym, addend: usize) {
        let mut reloc = abs8(self.bytes.len() as u32, own);
        reloc.addend = addend as i64;
        self.relocs.push(reloc);
        self.u64(0);
    }

    fn offset(&mut self, kind: RelocKind, to: Sym, weak: bool) {
        let offset = self.bytes.len() as u32;
        self.relocs.push(DataReloc { offset, kind, target: to, addend: 0, weak });
        self.u32(0);
    }
}

/// A method of a type's method table.
struct Method {
    obj: ObjId,
    found: Found,
}

impl Package<'_> {
    /// The descriptor of `t`, `type:` and its link string.
    pub fn type_symbol(&mut self, t: TypeId) -> Sym {
        let name = self.names().type_symbol(t);
        let sym = self.module.sym(&name);
        if self.descs.seen.insert(sym) {
            self.descs.queue.push_back(t);
        }
        sym
    }

    /// The itab of `concrete` for the interface type `iface`, which has methods.
    pub fn itab_symbol(&mut self, concrete: TypeId, iface: TypeId) -> Sym {
        let name = self.names().itab_symbol(concrete, iface);
        let sym = self.module.sym(&name);
        if self.descs.seen.insert(sym) {
            self.descs.itabs.push_back((concrete, iface));
        }
        sym
    }

    /// A method of that name may be called through an interface: the linker keeps it.
    pub fn use_method(&mut self, name: &str, signature: String) {
        let used = (name.to_string(), signature);
        if self.descs.used_methods.insert(used.clone()) {
            self.module.used_methods.push(used);
        }
    }

    /// Emits queued descriptors and itabs; whether there were any.
    pub fn drain_types(&mut self) -> bool {
        if let Some(t) = self.descs.queue.pop_front() {
            self.descriptor(t);
            return true;
        }
        if let Some((concrete, iface)) = self.descs.itabs.pop_front() {
            self.itab(concrete, iface);
            return true;
        }
        false
    }

    fn itab(&mut self, concrete: TypeId, iface: TypeId) {
        let sym = self.itab_symbol(concrete, iface);
        let mut b = Blob::default();
        let (inter, typ) = (self.type_symbol(iface), self.type_symbol(concrete));
        b.addr(Some(inter));
        b.addr(Some(typ));
        b.u32(self.type_hash(concrete));
        b.u32(0);
        let store = self.store;
        let methods = store.type_set(store.under(iface)).methods.clone();
        for m in methods {
            let o = store.obj(m);
            let found = store.lookup_field_or_method(concrete, false, o.pkg, &o.name, false).found();
            let code = found.map(|f| self.interface_code(concrete, &f));
            b.addr(code);
        }
        self.add_data(sym, Section::Rodata, 8, b.bytes, b.relocs, true);
    }

    /// Code of a method that takes an interface's data word as its receiver.
    fn interface_code(&mut self, t: TypeId, found: &Found) -> Sym {
        if is_direct_iface(self.store, t) {
            return self.method_code(t, found, &[]);
        }
        let pointer = self.store.new_pointer(t);
        let o = self.store.obj(found.obj);
        let of_pointer = self.store.lookup_field_or_method(pointer, false, o.pkg, &o.name, false).found();
        let found = of_pointer.unwrap_or_else(|| found.clone());
        self.method_code(pointer, &found, &[])
    }

    fn type_hash(&self, t: TypeId) -> u32 {
        hash(self.store.link_string(t).as_bytes(), 0) as u32
    }

    fn descriptor(&mut self, t: TypeId) {
        let store = self.store;
        let t = store.unalias(t);
        let sym = self.type_symbol(t);
        let u = store.under(t);
        let layout = self.layout(t);
        let is_named = matches!(store.ty(t), Type::Named(_) | Type::Basic(_));
        let methods = self.methods_of(t);
        let has_uncommon =
            self.type_pkg(t).is_some() || matches!(store.ty(t), Type::Named(_)) || !methods.is_empty();

        let mut tflag = typ::TFLAG_EXTRA_STAR;
        if has_uncommon {
            tflag |= typ::TFLAG_UNCOMMON;
        }
        if is_named {
            tflag |= typ::TFLAG_NAMED;
        }
        if self.is_regular_memory(t) {
            tflag |= typ::TFLAG_REGULAR_MEMORY;
        }
        if is_direct_iface(store, t) {
            tflag |= typ::TFLAG_DIRECT_IFACE;
        }
        let ptr_bytes = self.pointer_bytes(t);
        let gcdata = if ptr_bytes == 0 {
            None
        } else if ptr_bytes.div_ceil(64) > typ::MAX_PTRMASK_BYTES {
            tflag |= typ::TFLAG_GC_MASK_ON_DEMAND;
            Some(self.mask_slot(sym))
        } else {
            let words = self.pointer_words(t);
            Some(self.ptrmask(&words[..ptr_bytes / 8]))
        };
        let equal = store.comparable(t).then(|| {
            let code = self.eq_symbol(t);
            self.func_value_symbol(code)
        });
        let mut b = Blob::default();
        b.u64(store.size_of(t) as u64);
        b.u64(ptr_bytes as u64);
        b.u32(self.type_hash(t));
        b.u8(tflag);
        b.u8(layout.align as u8);
        b.u8(layout.align as u8);
        b.u8(self.kind(u) as u8);
        b.addr(equal);
        b.addr(gcdata);
        let text = format!("*{}", store.reflect_string(t));
        let named = match store.ty(t) {
            Type::Pointer { base } => *base,
            _ => t,
        };
        let exported = store.type_name(named).is_some_and(|o| store.obj(o).is_exported());
        let name = self.name_data(&text, "", exported, false, None);
        b.offset(RelocKind::TypeOff, name, false);
        match store.ty(t) {
            Type::Pointer { .. } => b.u32(0),
            _ => {
                // If the program has it; where it has methods, reflection must find them.
                let pointer = store.new_pointer(t);
                let is_weak = self.methods_of(pointer).is_empty();
                let name = self.names().type_symbol(pointer);
                let symbol = if is_weak { self.module.sym(&name) } else { self.type_symbol(pointer) };
                b.offset(RelocKind::TypeOff, symbol, is_weak);
            }
        }
        debug_assert_eq!(b.bytes.len(), HEADER_BYTES);

        let uncommon_size = if has_uncommon { UNCOMMON_BYTES } else { 0 };
        let mut behind = Blob::default();
        match store.ty(u) {
            Type::Basic(_) => {}
            Type::Array { len, elem } => {
                let (elem_sym, slice) = (self.type_symbol(*elem), store.new_slice(*elem));
                b.addr(Some(elem_sym));
                let slice = self.type_symbol(slice);
                b.addr(Some(slice));
                b.u64(*len as u64);
            }
            Type::Chan(c) => {
                let elem = self.type_symbol(c.elem);
                b.addr(Some(elem));
                b.u64(match c.dir {
                    ChanDir::Recv => 1,
                    ChanDir::Send => 2,
                    ChanDir::Both => 3,
                });
            }
            Type::Slice { elem } | Type::Pointer { base: elem } => {
                let elem = self.type_symbol(*elem);
                b.addr(Some(elem));
            }
            Type::Map { key, elem } => {
                let (k, e) = (self.type_symbol(*key), self.type_symbol(*elem));
                b.addr(Some(k));
                b.addr(Some(e));
                // The layout of groups is the runtime's own matter; the hash function is also for others.
                b.addr(None);
                let hasher = self.map_hasher(k);
                b.addr(Some(hasher));
                b.bytes.resize(b.bytes.len() + 8 * 7, 0);
            }
            Type::Signature(s) => {
                let s = s.get();
                let outs = s.results.len() as u16 | if s.variadic { 1 << 15 } else { 0 };
                b.u16(s.params.len() as u16);
                b.u16(outs);
                b.u32(0);
                for &v in s.params.iter().chain(&s.results) {
                    let t = self.type_symbol(store.type_of(v));
                    behind.addr(Some(t));
                }
            }
            Type::Interface(_) => {
                let list = store.type_set(u).methods.clone();
                let path = self.type_pkg(t).map(|p| self.path_name(p));
                b.addr(path);
                let at = b.bytes.len() + 24 + uncommon_size;
                b.own_addr(sym, at);
                b.u64(list.len() as u64);
                b.u64(list.len() as u64);
                for m in list {
                    let o = store.obj(m);
                    let name = self.method_name_data(m, None);
                    behind.offset(RelocKind::TypeOff, name, false);
                    let sig = self.type_symbol(store.type_of(m));
                    behind.offset(RelocKind::TypeOff, sig, false);
                    // By reflection any of them may be called.
                    let name = o.name.clone();
                    self.use_method(&name, store.link_string(store.type_of(m)));
                }
            }
            Type::Struct(s) => {
                let own = |f: ObjId| Some(store.obj(f)).filter(|o| !o.is_exported())?.pkg;
                let pkg = s.fields().iter().find_map(|&f| own(f));
                let path = pkg.map(|p| self.path_name(p));
                b.addr(path);
                let at = b.bytes.len() + 24 + uncommon_size;
                b.own_addr(sym, at);
                b.u64(s.fields().len() as u64);
                b.u64(s.fields().len() as u64);
                let offsets = store.offsets_of(s.fields());
                for (i, (&f, offset)) in s.fields().iter().zip(offsets).enumerate() {
                    let o = store.obj(f);
                    let embedded = o.as_var().is_some_and(|v| v.embedded);
                    let name = self.name_data(&o.name, s.tag(i), o.is_exported(), embedded, None);
                    behind.addr(Some(name));
                    let ft = self.type_symbol(store.type_of(f));
                    behind.addr(Some(ft));
                    behind.u64(offset as u64);
                }
            }
            _ => {}
        }
        let pad = b.bytes.len().next_multiple_of(8);
        b.bytes.resize(pad, 0);
        if has_uncommon {
            let exported = methods.iter().filter(|m| store.obj(m.obj).is_exported()).count();
            match self.methods_pkg(t) {
                Some(p) => {
                    let path = self.path_name(p);
                    b.offset(RelocKind::TypeOff, path, false);
                }
                None => b.u32(0),
            }
            b.u16(methods.len() as u16);
            b.u16(exported as u16);
            b.u32((UNCOMMON_BYTES + behind.bytes.len()) as u32);
            b.u32(0);
        }
        let base = b.bytes.len() as u32;
        b.bytes.extend(behind.bytes);
        b.relocs.extend(behind.relocs.into_iter().map(|r| DataReloc { offset: r.offset + base, ..r }));
        for m in &methods {
            self.method_entry(&mut b, t, m);
        }
        self.add_data(sym, Section::Types, 8, b.bytes, b.relocs, true);
    }

    /// A function value `func(key unsafe.Pointer, seed uintptr) uintptr` for keys of a type: the runtime's code,
    /// and the descriptor that it goes by.
    fn map_hasher(&mut self, key: Sym) -> Sym {
        let name = format!("{}·hasher", self.module.name(key));
        if let Some(sym) = self.module.find_sym(&name) {
            return sym;
        }
        let (sym, code) = (self.module.sym(&name), self.module.sym("runtime.maphasher"));
        self.add_data(sym, Section::Rodata, 8, vec![0; 16], vec![abs8(0, code), abs8(8, key)], true);
        sym
    }

    fn method_entry(&mut self, b: &mut Blob, t: TypeId, m: &Method) {
        let before = b.bytes.len();
        let own = self.methods_pkg(t);
        let name = self.method_name_data(m.obj, own);
        b.offset(RelocKind::TypeOff, name, false);
        // The method's type without its receiver: the plain function type. With the code it is there only
        // if the method can be called, which the linker knows.
        let sig = self.type_symbol(self.store.type_of(m.obj));
        b.offset(RelocKind::TypeOff, sig, true);
        let ifn = self.interface_code(t, &m.found);
        b.offset(RelocKind::TextOff, ifn, true);
        let tfn = self.method_code(t, &m.found, &[]);
        b.offset(RelocKind::TextOff, tfn, true);
        debug_assert_eq!(b.bytes.len() - before, METHOD_BYTES);
    }

    /// The method set, in the order of method tables.
    fn methods_of(&mut self, t: TypeId) -> Vec<Method> {
        let store = self.store;
        if store.is_interface(t) || matches!(store.ty(t), Type::Basic(_)) {
            return Vec::new();
        }
        // Generic methods are none of an interface's, and reflection does not see them.
        let is_generic = |m: ObjId| store.func_signature(m).is_some_and(|s| !s.type_params.is_empty());
        let set = store.method_set(t);
        let mut objs: Vec<ObjId> = set.iter().map(|f| f.obj).filter(|&m| !is_generic(m)).collect();
        store.sort_methods(&mut objs);
        let found = |obj: ObjId| set.iter().find(|f| f.obj == obj).cloned();
        objs.into_iter().filter_map(|obj| found(obj).map(|found| Method { obj, found })).collect()
    }

    fn type_pkg(&self, t: TypeId) -> Option<goxide_types::PkgId> {
        match self.store.ty(t) {
            Type::Basic(b) if b.kind == BasicKind::UnsafePointer => Some(self.store.universe().unsafe_pkg),
            _ => self.store.type_name(t).and_then(|o| self.store.obj(o).pkg),
        }
    }

    fn path_name(&mut self, pkg: goxide_types::PkgId) -> Sym {
        let path = self.store.pkg_path(pkg).to_string();
        self.name_data(&path, "", false, false, None)
    }

    /// The package that a type's uncommon part names: that of the type, or of what it points to.
    fn methods_pkg(&self, t: TypeId) -> Option<goxide_types::PkgId> {
        self.type_pkg(t).or_else(|| self.type_pkg(self.store.deref(t).0))
    }

    /// `own` is the package that the uncommon part names.
    fn method_name_data(&mut self, m: ObjId, own: Option<goxide_types::PkgId>) -> Sym {
        let o = self.store.obj(m);
        // A name that is not exported carries its package, if that is another.
        let pkg = if o.is_exported() { None } else { o.pkg.filter(|&p| Some(p) != own) };
        let name = o.name.clone();
        self.name_data(&name, "", o.is_exported(), false, pkg)
    }

    /// An `abi.Name`.
    fn name_data(
        &mut self,
        name: &str,
        tag: &str,
        exported: bool,
        embedded: bool,
        pkg: Option<goxide_types::PkgId>,
    ) -> Sym {
        let path = pkg.map(|p| self.store.pkg_path(p).to_string()).unwrap_or_default();
        let flags = u8::from(exported)
            | u8::from(!tag.is_empty()) << 1
            | u8::from(pkg.is_some()) << 2
            | u8::from(embedded) << 3;
        let symbol = format!("type:.namedata.{flags}.{path}.{name}.{tag}");
        if let Some(sym) = self.module.find_sym(&symbol) {
            return sym;
        }
        let sym = self.module.sym(&symbol);
        let mut b = Blob::default();
        b.u8(flags);
        for text in [name, tag].iter().take(if tag.is_empty() { 1 } else { 2 }) {
            let mut len = text.len();
            while len >= 0x80 {
                b.u8(len as u8 | 0x80);
                len >>= 7;
            }
            b.u8(len as u8);
            b.bytes.extend_from_slice(text.as_bytes());
        }
        if let Some(p) = pkg {
            let path = self.path_name(p);
            b.offset(RelocKind::TypeOff, path, false);
        }
        self.add_data(sym, Section::Types, 1, b.bytes, b.relocs, true);
        sym
    }

    /// A bit for each pointer word.
    fn ptrmask(&mut self, words: &[bool]) -> Sym {
        let mut bytes = vec![0u8; words.len().div_ceil(8)];
        for (i, _) in words.iter().enumerate().filter(|(_, w)| **w) {
            bytes[i / 8] |= 1 << (i % 8);
        }
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        self.rodata(&format!("runtime.gcbits.{hex}"), &bytes, 1)
    }

    /// Where the runtime keeps a mask that it makes on demand.
    fn mask_slot(&mut self, descriptor: Sym) -> Sym {
        let name = format!("{}·gcmask", self.module.name(descriptor));
        let sym = self.module.sym(&name);
        self.module.data.push(Data {
            name: sym,
            section: Section::NoptrBss,
            align: 8,
            bytes: Vec::new(),
            size: 8,
            relocs: Vec::new(),
            dupok: true,
        });
        sym
    }

    /// Up to where a value has pointers.
    fn pointer_bytes(&mut self, t: TypeId) -> usize {
        let store = self.store;
        if !has_pointers(store, t) {
            return 0;
        }
        match store.under_ty(t) {
            Type::Array { len, elem } => {
                let size = self.layout(*elem).size as usize;
                (*len as usize - 1).saturating_mul(size).saturating_add(self.pointer_bytes(*elem))
            }
            Type::Struct(_) => {
                let fields = self.layouts.fields(store, t);
                let last = fields.iter().rfind(|f| has_pointers(store, f.ty)).map(|f| (f.offset, f.ty));
                last.map_or(0, |(offset, ty)| offset as usize + self.pointer_bytes(ty))
            }
            Type::Interface(_) => 16,
            _ => 8,
        }
    }

    /// Which words of a value are pointers; of a large array only the first element's, repeated on demand.
    fn pointer_words(&mut self, t: TypeId) -> Vec<bool> {
        let size = self.layout(t).size as usize;
        let mut words = Vec::new();
        if has_pointers(self.store, t) {
            words.resize(size.div_ceil(8), false);
            self.mark_pointers(t, 0, &mut words);
        }
        words
    }

    fn mark_pointers(&mut self, t: TypeId, at: usize, words: &mut [bool]) {
        let store = self.store;
        let mut mark = |i: usize| {
            if let Some(w) = words.get_mut(at / 8 + i) {
                *w = true;
            }
        };
        match store.under_ty(t) {
            Type::Basic(b) => {
                if matches!(b.kind, BasicKind::String | BasicKind::UnsafePointer) {
                    mark(0);
                }
            }
            Type::Slice { .. }
            | Type::Pointer { .. }
            | Type::Map { .. }
            | Type::Chan(_)
            | Type::Signature(_) => mark(0),
            Type::Interface(_) => {
                mark(0);
                mark(1);
            }
            Type::Array { len, elem } if has_pointers(store, *elem) => {
                let size = self.layout(*elem).size as usize;
                for i in 0..*len as usize {
                    self.mark_pointers(*elem, at + i * size, words);
                }
            }
            Type::Struct(_) => {
                for f in self.layouts.fields(store, t).iter() {
                    self.mark_pointers(f.ty, at + f.offset as usize, words);
                }
            }
            _ => {}
        }
    }

    /// Equal exactly if all bytes are.
    pub fn is_regular_memory(&mut self, t: TypeId) -> bool {
        let store = self.store;
        match store.under_ty(t) {
            Type::Basic(b) => {
                let info = b.kind.info();
                use goxide_types::predicates::info::{COMPLEX, FLOAT, STRING};
                info & (FLOAT | COMPLEX | STRING) == 0
            }
            Type::Pointer { .. } | Type::Chan(_) => true,
            Type::Array { elem, .. } => self.is_regular_memory(*elem),
            Type::Struct(s) => {
                let fields = self.layouts.fields(store, t);
                let mut end = 0;
                for (f, &obj) in fields.iter().zip(s.fields()) {
                    let size = self.layout(f.ty).size;
                    if f.offset != end || &**store.name(obj) == "_" || !self.is_regular_memory(f.ty) {
                        return false;
                    }
                    end = f.offset + size;
                }
                end == self.layout(t).size
            }
            _ => false,
        }
    }

    fn kind(&self, u: TypeId) -> Kind {
        use BasicKind as B;
        match self.store.ty(u) {
            Type::Basic(b) => match b.kind {
                B::Bool | B::UntypedBool => Kind::Bool,
                B::Int | B::UntypedInt => Kind::Int,
                B::Int8 => Kind::Int8,
                B::Int16 => Kind::Int16,
                B::Int32 | B::Rune | B::UntypedRune => Kind::Int32,
                B::Int64 => Kind::Int64,
                B::Uint => Kind::Uint,
                B::Uint8 | B::Byte => Kind::Uint8,
                B::Uint16 => Kind::Uint16,
                B::Uint32 => Kind::Uint32,
                B::Uint64 => Kind::Uint64,
                B::Uintptr => Kind::Uintptr,
                B::Float32 => Kind::Float32,
                B::Float64 | B::UntypedFloat => Kind::Float64,
                B::Complex64 => Kind::Complex64,
                B::Complex128 | B::UntypedComplex => Kind::Complex128,
                B::String | B::UntypedString => Kind::String,
                B::UnsafePointer | B::UntypedNil => Kind::UnsafePointer,
                B::Invalid => Kind::Invalid,
            },
            Type::Array { .. } => Kind::Array,
            Type::Slice { .. } => Kind::Slice,
            Type::Pointer { .. } => Kind::Pointer,
            Type::Map { .. } => Kind::Map,
            Type::Chan(_) => Kind::Chan,
            Type::Struct(_) => Kind::Struct,
            Type::Interface(_) => Kind::Interface,
            Type::Signature(_) => Kind::Func,
            _ => Kind::Invalid,
        }
    }
}
