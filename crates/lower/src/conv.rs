//! Conversions, explicit and by assignment.

use crate::func::FuncLower;
use crate::layout::new_bytes;
use crate::value::{Place, Val};
use goxide_abi::{Entry, layout as abi};
use goxide_ssa::{BinOp, Check, ConvOp, Holds, Op, Ty, Value};
use goxide_types::{BasicKind, Type, TypeId};

impl FuncLower<'_, '_> {
    pub fn is_empty_interface(&self, t: TypeId) -> bool {
        self.p.store.type_set(self.p.store.under(t)).methods.is_empty()
    }

    /// A value of type `from` as one of `to`, to which it is assignable.
    pub fn convert_assign(&mut self, v: Val, from: TypeId, to: TypeId) -> Val {
        if !matches!(self.under(to), Type::Interface(_)) {
            return v;
        }
        if from == to || from == TypeId::INVALID {
            return v;
        }
        match self.under(from) {
            Type::Interface(_) => self.interface_to_interface(v, from, to),
            _ => self.make_interface(v, from, to),
        }
    }

    pub fn type_addr(&mut self, t: TypeId) -> Value {
        let sym = self.p.type_symbol(t);
        self.b.sym(sym)
    }

    fn make_interface(&mut self, v: Val, from: TypeId, to: TypeId) -> Val {
        let from = match self.under(from) {
            Type::Basic(_) if self.p.store.is_untyped(from) => self.p.store.default_type(from),
            _ => from,
        };
        let word = if self.is_empty_interface(to) {
            self.type_addr(from)
        } else {
            let sym = self.p.itab_symbol(from, to);
            self.b.sym(sym)
        };
        let data = self.interface_data(v, from);
        Val::many(&[word, data])
    }

    /// The data word for a value of a concrete type.
    pub fn interface_data(&mut self, v: Val, t: TypeId) -> Value {
        if crate::layout::is_direct_iface(self.p.store, t) {
            return self.scalar(v);
        }
        let layout = self.layout(t);
        if layout.size == 0 {
            let sym = self.p.module.sym(abi::ZERO_BASE);
            return self.b.sym(sym);
        }
        if let Val::Zero = v
            && layout.size as usize <= abi::ZERO_VAL_BYTES
        {
            let sym = self.p.module.sym(abi::ZERO_VAL);
            return self.b.sym(sym);
        }
        if let Val::Regs(vs) = &v
            && let Some(sym) = self.constant_data(vs, t)
        {
            return self.b.sym(sym);
        }
        if layout.size == 1
            && let Val::Regs(vs) = &v
        {
            let n = self.b.conv(ConvOp::Zext, vs[0], Ty::I64);
            let at = self.b.bin_const(BinOp::Shl, n, 3);
            let sym = self.p.module.sym(abi::STATIC_UINT64S);
            let base = self.b.sym(sym);
            return self.b.bin(BinOp::Add, base, at);
        }
        let holds = match self.under(t) {
            Type::Basic(b) if b.kind.is_string() => Holds::Text,
            Type::Slice { .. } => Holds::Slice,
            _ if layout.parts().len() == 1 && !layout.ptrs => Holds::Scalar,
            _ => Holds::Anything,
        };
        let typ = self.p.type_symbol(t);
        let op = Op::New { typ, size: new_bytes(layout.size), align: layout.align, ptrs: layout.ptrs, holds };
        let ptr = self.b.emit1(op, &[], Ty::Ptr);
        self.store_mem(ptr, 0, true, t, v);
        ptr
    }

    /// Read-only data with the constants that `vs` are.
    fn constant_data(&mut self, vs: &[Value], t: TypeId) -> Option<goxide_ssa::Sym> {
        use goxide_ssa::ir::ValueDef;
        let layout = self.layout(t);
        let mut bytes = vec![0u8; layout.size as usize];
        let mut relocs = Vec::new();
        let mut name = format!("go:const.{}.", layout.size);
        for (v, part) in vs.iter().zip(layout.parts()) {
            let ValueDef::Result(inst, _) = self.b.f.values[v.index()].def else { return None };
            let bits = match self.b.f.insts[inst.index()].op {
                Op::Const(n) => n as u64,
                Op::FConst(bits) => bits,
                Op::SymAddr(sym, 0) => {
                    relocs.push(crate::package::abs8(part.offset, sym));
                    name.push_str(self.p.module.name(sym));
                    0
                }
                _ => return None,
            };
            let n = part.ty.bytes() as usize;
            let at = part.offset as usize;
            bytes[at..at + n].copy_from_slice(&bits.to_le_bytes()[..n]);
            name.push_str(&format!("{at}:{n}:{:x}.", bits & (u64::MAX >> (64 - 8 * n))));
        }
        if let Some(sym) = self.p.module.find_sym(&name) {
            return Some(sym);
        }
        let sym = self.p.module.sym(&name);
        let section = goxide_abi::object::Section::Rodata;
        self.p.add_data(sym, section, layout.align, bytes, relocs, true);
        Some(sym)
    }

    /// The concrete type's descriptor of an interface's first word; nil of nil.
    pub fn type_word(&mut self, word: Value, iface: TypeId) -> Value {
        if self.is_empty_interface(iface) {
            return word;
        }
        let var = self.b.var(Ty::Ptr);
        self.b.def(var, word);
        let (some, end) = (self.b.block(), self.b.block());
        let nil = self.is_null(word);
        self.b.branch(nil, end, some);
        self.b.start(some);
        let typ = self.b.load(Ty::Ptr, word, abi::ITAB_TYPE);
        self.b.def(var, typ);
        self.b.jump(end);
        self.b.start(end);
        self.b.get(var)
    }

    fn interface_to_interface(&mut self, v: Val, from: TypeId, to: TypeId) -> Val {
        // Interfaces of the same form but different names have itabs of their own.
        if self.p.store.identical(from, to) {
            return v;
        }
        let parts = self.parts(v, from);
        if self.is_empty_interface(to) {
            let typ = self.type_word(parts[0], from);
            return Val::many(&[typ, parts[1]]);
        }
        let var = self.b.var(Ty::Ptr);
        let typ = self.type_word(parts[0], from);
        self.b.def(var, typ);
        let (some, end) = (self.b.block(), self.b.block());
        let nil = self.is_null(typ);
        self.b.branch(nil, end, some);
        self.b.start(some);
        let want = self.type_addr(to);
        let tab = self.b.rt1(Entry::GetItab, &[want, typ]);
        self.b.def(var, tab);
        self.b.jump(end);
        self.b.start(end);
        let tab = self.b.get(var);
        Val::many(&[tab, parts[1]])
    }

    /// `T(x)`
    pub fn convert(&mut self, v: Val, from: TypeId, to: TypeId) -> Val {
        match (self.under(from), self.under(to)) {
            (_, Type::Interface(_)) => self.convert_assign(v, from, to),
            (Type::Basic(f), Type::Basic(t)) => self.convert_basic(v, f.kind, t.kind),
            (Type::Basic(f), Type::Slice { elem }) if f.kind.is_string() => {
                let parts = self.parts(v, from);
                let runes = self.p.store.basic_kind(*elem) == Some(BasicKind::Int32);
                if let (false, Some(n)) = (runes, self.constant_length(&parts)) {
                    return self.bytes_of_constant(parts[0], n, *elem);
                }
                let entry = if runes { Entry::StringToSliceRune } else { Entry::StringToSliceByte };
                let no_buffer = self.b.null();
                let r = self.b.rt(entry, &[parts[0], parts[1], no_buffer]);
                let len = if runes { r[1] } else { parts[1] };
                Val::many(&[r[0], len, r[1]])
            }
            (Type::Slice { elem }, Type::Basic(t)) if t.kind.is_string() => {
                let parts = self.parts(v, from);
                let runes = self.p.store.basic_kind(*elem) == Some(BasicKind::Int32);
                let entry = if runes { Entry::SliceRuneToString } else { Entry::SliceByteToString };
                let no_buffer = self.b.null();
                Val::Regs(self.b.rt(entry, &[parts[0], parts[1], no_buffer]))
            }
            (Type::Slice { .. }, Type::Pointer { base }) => {
                let parts = self.parts(v, from);
                if let Type::Array { len, .. } = self.under(*base) {
                    let n = self.b.int(*len);
                    self.b.check(Check::SliceConvert, &[n, parts[1]]);
                }
                Val::one(parts[0])
            }
            (Type::Slice { .. }, Type::Array { len, .. }) => {
                let parts = self.parts(v, from);
                let n = self.b.int(*len);
                self.b.check(Check::SliceConvert, &[n, parts[1]]);
                if *len == 0 {
                    return self.zero(to);
                }
                let place = Place::Mem { ptr: parts[0], offset: 0, heap: true };
                self.load(&place, to)
            }
            (_, Type::Basic(t)) if t.kind == BasicKind::Uintptr => {
                let p = self.scalar(v);
                Val::one(self.b.extend(p, false))
            }
            _ => v,
        }
    }

    /// Of a string constant.
    fn constant_length(&self, parts: &[Value]) -> Option<u32> {
        let is_constant = matches!(self.b.f.def_op(parts[0]), Some(goxide_ssa::Op::SymAddr(..)));
        self.b.as_const(parts[1]).filter(|_| is_constant)?.try_into().ok()
    }

    /// An array made for them, as gc does it.
    fn bytes_of_constant(&mut self, from: Value, n: u32, elem: TypeId) -> Val {
        let array = self.p.store.new_array(n.into(), elem);
        let ptr = self.new_object(array);
        self.copy(ptr, from, n.into(), false);
        let n = self.b.int(n.into());
        Val::many(&[ptr, n, n])
    }

    fn convert_basic(&mut self, v: Val, from: BasicKind, to: BasicKind) -> Val {
        use goxide_types::predicates::info::{COMPLEX, FLOAT, INTEGER, STRING, UNSIGNED};
        let (f, t) = (from.info(), to.info());
        if f & STRING != 0 {
            return v;
        }
        let tys = crate::layout::basic_parts(to);
        if t & STRING != 0 {
            let n = self.scalar(v);
            let n = self.b.extend(n, f & UNSIGNED == 0);
            let no_buffer = self.b.null();
            return Val::Regs(self.b.rt(Entry::IntString, &[n, no_buffer]));
        }
        if f & COMPLEX != 0 || t & COMPLEX != 0 {
            let Val::Regs(parts) = v else { return v };
            return Val::Regs(parts.iter().map(|&p| self.convert_float(p, tys[0])).collect());
        }
        let Some(&ty) = tys.first() else { return v };
        let x = self.scalar(v);
        let have = self.b.ty(x);
        Val::one(if f & INTEGER != 0 && t & INTEGER != 0 {
            self.resize(x, ty, f & UNSIGNED == 0)
        } else if f & FLOAT != 0 && t & FLOAT != 0 {
            self.convert_float(x, ty)
        } else if f & INTEGER != 0 && t & FLOAT != 0 {
            let op = match (have, f & UNSIGNED != 0) {
                (Ty::I64, true) => ConvOp::UintToFloat,
                _ => ConvOp::IntToFloat,
            };
            let wide = self.b.extend(x, f & UNSIGNED == 0);
            self.b.conv(op, wide, ty)
        } else if f & FLOAT != 0 && t & INTEGER != 0 {
            let (op, at) = match (ty, t & UNSIGNED != 0) {
                (Ty::I64, true) => (ConvOp::FloatToUint, Ty::I64),
                (Ty::I64, false) | (Ty::I32, true) => (ConvOp::FloatToInt, Ty::I64),
                _ => (ConvOp::FloatToInt, Ty::I32),
            };
            let n = self.b.conv(op, x, at);
            self.resize(n, ty, true)
        } else if have != ty {
            // unsafe.Pointer and uintptr.
            self.b.conv(ConvOp::Bits, x, ty)
        } else {
            x
        })
    }

    pub fn resize(&mut self, x: Value, ty: Ty, signed: bool) -> Value {
        let have = self.b.ty(x);
        match have.bytes().cmp(&ty.bytes()) {
            std::cmp::Ordering::Equal => x,
            std::cmp::Ordering::Greater => self.b.conv(ConvOp::Trunc, x, ty),
            std::cmp::Ordering::Less => {
                let op = if signed { ConvOp::Sext } else { ConvOp::Zext };
                self.b.conv(op, x, ty)
            }
        }
    }

    fn convert_float(&mut self, x: Value, ty: Ty) -> Value {
        match (self.b.ty(x), ty) {
            (Ty::F32, Ty::F64) => self.b.conv(ConvOp::FloatExt, x, ty),
            (Ty::F64, Ty::F32) => self.b.conv(ConvOp::FloatTrunc, x, ty),
            _ => x,
        }
    }
}

trait IsString {
    fn is_string(&self) -> bool;
}

impl IsString for BasicKind {
    fn is_string(&self) -> bool {
        matches!(self, BasicKind::String | BasicKind::UntypedString)
    }
}
