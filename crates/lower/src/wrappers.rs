//! Generated functions around methods: promoted and dereferencing wrappers, and thunks of method
//! values.

use crate::analyze;
use crate::call::{Prepared, Target};
use crate::func::FuncLower;
use crate::package::{Package, Source};
use crate::value::Val;
use goxide_abi::Entry;
use goxide_ssa::{Sym, Ty, Value};
use goxide_types::{BasicKind, Found, Type, TypeId};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::rc::Rc;

pub(crate) enum Wrapper {
    /// `found` called with a receiver of type `recv`.
    Method { recv: TypeId, found: Found, targs: Vec<TypeId> },
    /// A method value's code: its closure object holds the code address and, aligned, a receiver of type
    /// `recv`, which may be an interface.
    Bound { recv: TypeId, found: Found, targs: Vec<TypeId> },
}

#[derive(Default)]
pub(crate) struct Wrappers {
    queue: VecDeque<(Sym, Wrapper)>,
    seen: FxHashSet<Sym>,
}

impl Package<'_> {
    /// Code of the method `found` that takes a receiver of type `recv` (a type, a pointer to one, or
    /// an interface for a method expression): the method itself where it is declared for just that.
    /// `targs` are the type arguments of a generic method.
    pub fn method_code(&mut self, recv: TypeId, found: &Found, targs: &[TypeId]) -> Sym {
        let own = self.recv_type(found.obj);
        if found.path.len() == 1 && self.store.identical(own, recv) && !self.store.is_interface(recv) {
            return self.method_symbol(found.obj, targs);
        }
        let name = self.names().method(recv, found.obj) + &self.names().type_args(targs);
        self.queue_wrapper(name, Wrapper::Method { recv, found: found.clone(), targs: targs.to_vec() })
    }

    /// Code of a method value `x.m`, where `x` was turned into a `recv`; see [`Wrapper::Bound`].
    pub fn bound_method(&mut self, recv: TypeId, found: &Found, targs: &[TypeId]) -> Sym {
        let name = self.names().method(recv, found.obj) + &self.names().type_args(targs) + "-fm";
        self.queue_wrapper(name, Wrapper::Bound { recv, found: found.clone(), targs: targs.to_vec() })
    }

    fn queue_wrapper(&mut self, name: String, wrapper: Wrapper) -> Sym {
        let sym = self.module.sym(&name);
        if self.wrappers.seen.insert(sym) {
            self.wrappers.queue.push_back((sym, wrapper));
        }
        sym
    }

    /// Emits a queued wrapper; whether there was any.
    pub fn drain_wrappers(&mut self) -> bool {
        let Some((sym, wrapper)) = self.wrappers.queue.pop_front() else { return false };
        let (recv, found, targs, is_bound) = match wrapper {
            Wrapper::Method { recv, found, targs } => (recv, found, targs, false),
            Wrapper::Bound { recv, found, targs } => (recv, found, targs, true),
        };
        let source = Source { info: &self.pkg.info, version: (1, 27) };
        let facts = Rc::new(analyze::expressions(self.store, source, &[]));
        let f = FuncLower::method_wrapper(self, sym, source, facts, recv, &found, &targs, is_bound);
        self.module.funcs.push(f);
        true
    }
}

impl<'a> FuncLower<'a, '_> {
    /// Calls the method on the receiver with the arguments given; `path` as [`Found`] has it.
    pub fn forward(
        &mut self,
        recv: Val,
        recv_ty: TypeId,
        found: &Found,
        targs: &[TypeId],
        mut args: Vec<(Val, TypeId)>,
        results: Vec<TypeId>,
    ) {
        let store = self.p.store;
        let method = store.obj(found.obj);
        let is_iface = method.as_func().is_some_and(|f| f.is_interface_method);
        let wants_pointer = !is_iface && store.has_pointer_recv(found.obj);
        let fields = &found.path[..found.path.len().saturating_sub(1)];
        // Where the receiver is: a value in hand, or an address.
        let (mut t, mut at, mut val) = (recv_ty, None, Some(recv));
        if let Type::Pointer { base } = store.under_ty(t)
            && !(wants_pointer && fields.is_empty())
        {
            let p = self.scalar(val.take().unwrap_or(Val::Zero));
            if fields.is_empty() {
                self.check_receiver(p, *base, &method.name);
            } else {
                self.b.nil_check(p);
            }
            (t, at) = (*base, Some(p));
        }
        for &i in fields {
            if let (Type::Pointer { base }, Some(p)) = (store.under_ty(t), at) {
                let p = self.b.load(Ty::Ptr, p, 0);
                self.b.nil_check(p);
                (t, at) = (*base, Some(p));
            } else if let (Type::Pointer { base }, Some(v)) = (store.under_ty(t), val.clone()) {
                let p = self.scalar(v);
                self.b.nil_check(p);
                (t, at, val) = (*base, Some(p), None);
            }
            let field = self.p.layouts.fields(store, t)[i as usize];
            match at {
                Some(p) => at = Some(self.b.offset(p, field.offset as i64)),
                None => val = val.map(|v| self.field_of(v, t, i as usize)),
            }
            t = field.ty;
        }
        let in_hand = |l: &mut Self, at: Option<Value>, val: Option<Val>, t: TypeId| match at {
            Some(p) => l.load_mem(p, 0, t),
            None => val.unwrap_or(Val::Zero),
        };
        let is_pointer = matches!(store.under_ty(t), Type::Pointer { .. });
        let target = if is_iface {
            let v = in_hand(self, at, val, t);
            let parts = self.parts(v, t);
            let index = self.interface_method_index(t, found.obj);
            let pointer = store.basic(BasicKind::UnsafePointer);
            args.insert(0, (Val::one(parts[1]), pointer));
            Target::Method { tab: parts[0], index }
        } else if wants_pointer {
            let p = match at {
                Some(p) if !is_pointer => p,
                _ => {
                    let v = in_hand(self, at, val, t);
                    if is_pointer { self.scalar(v) } else { self.spill(v, t) }
                }
            };
            let pt = if is_pointer { t } else { store.new_pointer(t) };
            args.insert(0, (Val::one(p), pt));
            Target::Static(self.p.method_symbol(found.obj, targs))
        } else {
            let mut v = in_hand(self, at, val, t);
            if let Type::Pointer { base } = store.under_ty(t)
                && store.as_named(t).is_none()
            {
                let p = self.scalar(v);
                self.b.nil_check(p);
                v = self.load_mem(p, 0, *base);
                t = *base;
            }
            // The method may change its receiver, which is the interface's or the closure's here.
            let v = self.freeze(v, t);
            args.insert(0, (v, t));
            Target::Static(self.p.method_symbol(found.obj, targs))
        };
        let vals = self.invoke(Prepared { target, args, results, held: Vec::new() });
        self.return_values(vals);
    }

    /// gc's panicwrap: a value method called through a nil pointer.
    fn check_receiver(&mut self, p: Value, base: TypeId, method: &str) {
        let (nil, ok) = (self.b.block(), self.b.block());
        let is_nil = self.is_null(p);
        self.b.branch(is_nil, nil, ok);
        self.b.start(nil);
        let name = self.p.store.reflect_string(base);
        let (t, m) = (self.string(name.as_bytes()), self.string(method.as_bytes()));
        let string = self.p.store.basic(BasicKind::String);
        let (t, m) = (self.parts(t, string), self.parts(m, string));
        self.b.rt(Entry::PanicWrap, &[t[0], t[1], m[0], m[1]]);
        self.b.start(ok);
    }
}
