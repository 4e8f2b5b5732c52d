//! Functions of package unsafe.

use crate::func::FuncLower;
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::ir::Likely;
use goxide_ssa::{BinOp, CmpOp, Value};
use goxide_syntax::ast::{Expr, unparen};
use goxide_types::{Builtin, Type, TypeId};

impl<'a> FuncLower<'a, '_> {
    pub fn unsafe_builtin(&mut self, e: &'a Expr, b: Builtin, args: &'a [Expr], t: TypeId) -> Val {
        match b {
            Builtin::Add => {
                let (p, n) = self.pointer_and_count(args);
                Val::one(self.b.bin(BinOp::Add, p, n))
            }
            Builtin::Slice => {
                let (p, n) = self.pointer_and_count(args);
                self.set_pos(e.pos);
                let Type::Slice { elem } = self.core_ty(t) else { return self.zero(t) };
                let size = self.layout(*elem).size;
                self.check_length(p, n, size, Entry::PanicUnsafeSliceLen, Entry::PanicUnsafeSliceNilPtr);
                Val::many(&[p, n, n])
            }
            Builtin::String => {
                let (p, n) = self.pointer_and_count(args);
                self.set_pos(e.pos);
                self.check_length(p, n, 1, Entry::PanicUnsafeStringLen, Entry::PanicUnsafeStringNilPtr);
                Val::many(&[p, n])
            }
            Builtin::SliceData | Builtin::StringData => {
                let xt = self.ty(&args[0]);
                let v = self.expr(&args[0]);
                Val::one(self.parts(v, xt)[0])
            }
            Builtin::Sizeof | Builtin::Alignof => {
                let xt = self.ty(&args[0]);
                let layout = self.layout(xt);
                let n = if b == Builtin::Sizeof { layout.size } else { layout.align.into() };
                Val::one(self.b.int(n as i64))
            }
            Builtin::Offsetof => {
                let mut offset = 0;
                if let Some(sel) = self.selection(&args[0]) {
                    let mut t = sel.recv;
                    for &i in &sel.path {
                        let f = self.p.layouts.fields(self.p.store, t)[i as usize];
                        offset += f.offset as i64;
                        t = f.ty;
                    }
                }
                Val::one(self.b.int(offset))
            }
            _ => self.zero(t),
        }
    }

    /// A pointer and an integer, which one call may give.
    fn pointer_and_count(&mut self, args: &'a [Expr]) -> (Value, Value) {
        if let [arg] = args
            && let Some(types) = self.tuple_types(arg)
        {
            let vals = self.call_results(unparen(arg));
            let v: Vec<Value> = vals.into_iter().map(|v| self.scalar(v)).collect();
            let unsigned = self.p.store.is_unsigned(types[1]);
            return (v[0], self.b.extend(v[1], !unsigned));
        }
        let p = self.scalar_expr(&args[0]);
        let n = match self.info_of(&args[1]).and_then(|tv| tv.value.as_ref()) {
            Some(c) => self.b.int(c.to_int().low_u64() as i64),
            None => self.index_value(&args[1]).0,
        };
        (p, n)
    }

    /// `n` elements of `size` bytes at `p` are a possible object.
    fn check_length(&mut self, p: Value, n: Value, size: u64, bad_len: Entry, bad_ptr: Entry) {
        let limit = (u64::MAX / size.max(1)).min(i64::MAX as u64) as i64;
        let (len_ok, len_bad, bad, ptr_bad, end) =
            (self.b.block(), self.b.block(), self.b.block(), self.b.block(), self.b.block());
        let fits = self.b.cmp_const(CmpOp::ULe, n, limit);
        self.b.branch_likely(fits, len_ok, len_bad, Likely::Then);
        self.b.start(len_bad);
        self.panic_entry(bad_len);
        self.b.start(len_ok);
        // Up to the end of the address space, which is no distance at all from nil.
        let bytes = self.scale(n, size.max(1) as i64);
        let address = self.b.extend(p, false);
        let zero = self.b.int(0);
        let room = self.b.bin(BinOp::Sub, zero, address);
        let fits = self.b.cmp(CmpOp::ULe, bytes, room);
        self.b.branch_likely(fits, end, bad, Likely::Then);
        self.b.start(bad);
        let null = self.is_null(p);
        if size == 0 {
            // Any number of them has room at any address.
            self.b.branch(null, ptr_bad, end);
        } else {
            let too_long = self.b.block();
            self.b.branch(null, ptr_bad, too_long);
            self.b.start(too_long);
            self.panic_entry(bad_len);
        }
        self.b.start(ptr_bad);
        self.panic_entry(bad_ptr);
        self.b.start(end);
    }
}
