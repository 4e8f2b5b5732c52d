//! Function literals, and closure objects in general.

use crate::func::{Capture, CapturedBy, FuncLower, PendingClosure, Storage};
use crate::package::Package;
use crate::value::{Place, Val};
use goxide_source::Pos;
use goxide_ssa::{Op, Sym, Ty, Value};
use goxide_syntax::ast::{FuncLit, NodeId};
use goxide_types::{BasicKind, ObjId, SignatureContents, Type, TypeId, VarKind};

impl Package<'_> {
    /// The type of a closure object that holds values of those types behind the code address, and the
    /// values' offsets.
    pub fn closure_type(&mut self, types: &[TypeId]) -> (TypeId, Vec<u32>) {
        let code = self.store.basic(BasicKind::Uintptr);
        let mut fields = Vec::new();
        for (i, &t) in std::iter::once(&code).chain(types).enumerate() {
            let name = if i == 0 { "F".into() } else { format!("X{}", i - 1) };
            fields.push(self.store.new_var(VarKind::Field, Pos::NONE, None, name.as_str().into(), Some(t)));
        }
        let t = self.store.new_struct(fields, Vec::new());
        let offsets = self.layouts.fields(self.store, t).iter().skip(1).map(|f| f.offset as u32).collect();
        (t, offsets)
    }
}

impl<'a> FuncLower<'a, '_> {
    /// A closure object of code and values.
    pub fn new_closure(&mut self, code: Sym, values: Vec<(Val, TypeId)>) -> Value {
        let types: Vec<TypeId> = values.iter().map(|v| v.1).collect();
        let (t, offsets) = self.p.closure_type(&types);
        let ptr = self.new_object(t);
        let address = self.b.sym(code);
        self.b.store(ptr, 0, address);
        for ((v, t), offset) in values.into_iter().zip(offsets) {
            self.store_mem(ptr, offset as i32, true, t, v);
        }
        ptr
    }

    /// The name for the next function literal in this function.
    fn closure_name(&mut self) -> String {
        self.closures_made += 1;
        match self.body_id {
            Some(_) => format!("{}.{}", self.name, self.closures_made),
            None => format!("{}.func{}", self.name, self.closures_made),
        }
    }

    pub fn func_lit(&mut self, lit: &'a FuncLit, t: TypeId) -> Val {
        let name = self.closure_name();
        let symbol = self.p.module.sym(&name);
        // The literal's own signature, before substitution: parameters are found by their objects.
        let own = self.source.info.types.get(lit.ty.id.0 as usize).and_then(|t| t.as_ref()).map(|t| t.ty);
        let sig = match own.map_or(self.under(t), |own| self.p.store.under_ty(own)) {
            Type::Signature(s) => s.get().clone(),
            _ => match self.under(t) {
                Type::Signature(s) => s.get().clone(),
                _ => SignatureContents::default(),
            },
        };
        let (ptr, captures) = self.closure_object(lit.ty.id, symbol, vec![]);
        self.p.closures.push_back(PendingClosure {
            lit,
            symbol,
            captures,
            source: self.source,
            env: self.env.clone(),
            facts: self.facts.clone(),
            sig,
            dupok: self.b.f.flags.dupok,
        });
        Val::one(ptr)
    }

    /// The closure object for a body, and the variables that it has from outside; `extra` values come
    /// before those.
    pub fn closure_object(
        &mut self,
        id: NodeId,
        symbol: Sym,
        extra: Vec<(Val, TypeId)>,
    ) -> (Value, Vec<Capture>) {
        let objs = self.facts.body(id).captures.clone();
        let mut captures = Vec::new();
        let first = extra.len();
        let mut values = extra;
        for obj in objs {
            let t = self.obj_ty(obj);
            if self.captured_by_value(obj) {
                let place = self.var_place(obj);
                let v = self.load(&place, t);
                if let Some(parts) = self.constant_parts(&v) {
                    captures.push(Capture { obj, by: CapturedBy::Constant(parts) });
                    continue;
                }
                values.push((v, t));
                captures.push(Capture { obj, by: CapturedBy::Value(0) });
            } else {
                let p = self.var_address(obj);
                values.push((Val::one(p), self.p.store.new_pointer(t)));
                captures.push(Capture { obj, by: CapturedBy::Ref(0) });
            }
        }
        let is_static = values.is_empty();
        let ptr = if is_static {
            let sym = self.p.func_value_symbol(symbol);
            self.b.sym(sym)
        } else {
            let types: Vec<TypeId> = values.iter().map(|v| v.1).collect();
            let (_, offsets) = self.p.closure_type(&types);
            let in_object = captures.iter_mut().filter_map(|c| match &mut c.by {
                CapturedBy::Ref(offset) | CapturedBy::Value(offset) => Some(offset),
                CapturedBy::Constant(_) => None,
            });
            in_object.zip(&offsets[first..]).for_each(|(to, &offset)| *to = offset);
            self.new_closure(symbol, values)
        };
        (ptr, captures)
    }

    /// What a value is made of that is the same whenever it is made.
    fn constant_parts(&self, v: &Val) -> Option<Vec<(Op, Ty)>> {
        let Val::Regs(vs) = v else { return None };
        let part = |&v: &Value| match self.b.f.def_op(v)? {
            op @ (Op::Const(_) | Op::FConst(_) | Op::SymAddr(..)) => Some((op.clone(), self.b.ty(v))),
            _ => None,
        };
        vs.iter().map(part).collect()
    }

    fn var_address(&mut self, obj: ObjId) -> Value {
        match self.var_place(obj) {
            Place::Mem { ptr, .. } => ptr,
            _ => self.b.null(),
        }
    }

    fn regs_of(&mut self, vs: &[Value]) -> Storage {
        let vars = vs.iter().map(|&v| {
            let var = self.b.var(self.b.ty(v));
            self.b.def(var, v);
            var
        });
        Storage::Regs(vars.collect())
    }

    /// In a closure's body: the variables from outside.
    pub fn bind_captures(&mut self, captures: &[Capture], ctx: Value) {
        for c in captures {
            let t = self.obj_ty(c.obj);
            let storage = match &c.by {
                &CapturedBy::Ref(offset) => {
                    let ptr = self.b.load(Ty::Ptr, ctx, offset as i32);
                    let var = self.b.var(Ty::Ptr);
                    self.b.def(var, ptr);
                    Storage::Ptr { var, heap: true }
                }
                &CapturedBy::Value(offset) => match self.load_mem(ctx, offset as i32, t) {
                    Val::Regs(vs) => self.regs_of(&vs),
                    v => {
                        let ptr = self.scalar(v);
                        let var = self.b.var(Ty::Ptr);
                        self.b.def(var, ptr);
                        Storage::Ptr { var, heap: false }
                    }
                },
                CapturedBy::Constant(parts) => {
                    let vs: Vec<Value> =
                        parts.iter().map(|(op, ty)| self.b.emit1(op.clone(), &[], *ty)).collect();
                    self.regs_of(&vs)
                }
            };
            self.storage.insert(c.obj, storage);
        }
    }
}
