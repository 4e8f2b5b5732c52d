//! Instances of generic types and functions (as `types2/instantiate.go`, `named.go`).

use crate::context::Cx;
use crate::object::ObjectKind;
use crate::store::{ObjId, Store, TypeId};
use crate::subst::SubstMap;
use crate::ty::{Alias, InstanceOf, Interface, InterfaceContents, Named, SignatureContents, Type};
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

impl Store {
    /// `origin[targs]` of a generic named type, alias or signature: equal instances of types share an id.
    /// The number of arguments must be right (else the result is invalid); whether they satisfy their
    /// constraints is not looked at, see [`Cx::verify`].
    pub fn instantiate(&self, origin: TypeId, targs: Vec<TypeId>) -> TypeId {
        let tparams = self.type_params(origin);
        match self.ty(origin) {
            Type::Signature(s) => match tparams.len() {
                0 => origin,
                n if n != targs.len() => TypeId::INVALID,
                _ => self.instantiate_signature(origin, s.get(), &targs),
            },
            // Of named types the number is checked when they are expanded: the type parameters may not be
            // declared yet.
            Type::Alias(_) if tparams.len() != targs.len() => TypeId::INVALID,
            Type::Named(_) | Type::Alias(_) => self.instance(InstanceOf { origin, targs, outer: Vec::new() }),
            _ => TypeId::INVALID,
        }
    }

    /// The one type for an instance.
    pub(crate) fn instance(&self, instance: InstanceOf) -> TypeId {
        let find = |list: &Vec<TypeId>| {
            list.iter().copied().find(|&t| match self.ty(t) {
                Type::Named(Named { instance: Some(i), .. })
                | Type::Alias(Alias { instance: Some(i), .. }) => {
                    self.identical_lists(&i.targs, &instance.targs)
                        && self.identical_lists(&i.outer, &instance.outer)
                }
                _ => false,
            })
        };
        let key = (instance.origin, self.hash_list(&instance.targs) ^ self.hash_list(&instance.outer));
        if let Some(t) = self.instances.read().expect("not poisoned").get(&key).and_then(find) {
            return t;
        }
        let made = match self.ty(instance.origin) {
            Type::Named(n) => self.new_named_instance(n, instance.clone()),
            Type::Alias(a) => {
                let Some(rhs) = a.from.get() else { return TypeId::INVALID };
                let tparams = self.type_params(instance.origin);
                let rhs = self.subst(rhs, &SubstMap::new(tparams, &instance.targs));
                self.new_alias_instance(a.obj, instance.clone(), rhs)
            }
            _ => return TypeId::INVALID,
        };
        let mut map = self.instances.write().expect("not poisoned");
        let list = map.entry(key).or_default();
        // Another thread may have been first.
        find(list).unwrap_or_else(|| {
            list.push(made);
            made
        })
    }

    fn instantiate_signature(&self, t: TypeId, sig: &SignatureContents, targs: &[TypeId]) -> TypeId {
        let map = SubstMap::new(&sig.type_params, targs);
        let new = self.subst(t, &map);
        let contents = self.ty(new).as_signature().unwrap_or(sig);
        self.new_signature(SignatureContents { type_params: Vec::new(), ..contents.clone() })
    }

    fn hash_list(&self, list: &[TypeId]) -> u64 {
        let mut h = FxHasher::default();
        list.iter().for_each(|&t| self.identity_hash(t).hash(&mut h));
        h.finish()
    }

    /// The right-hand side of an instance; `None` while that of the generic type is not known.
    pub(crate) fn expand_rhs(&self, t: TypeId) -> Option<TypeId> {
        let Type::Named(n) = self.ty(t) else { return None };
        let InstanceOf { origin, targs, outer } = n.instance.as_ref()?;
        let origin_rhs = self.rhs(*origin)?;
        let tparams = self.type_params(*origin);
        if tparams.len() != targs.len() {
            return Some(TypeId::INVALID);
        }
        let mut map = SubstMap::new(tparams, targs);
        if let Type::Named(o) = self.ty(*origin) {
            map.extend(&o.outer_params, outer);
        }
        let rhs = self.subst(origin_rhs, &map);
        let Type::Interface(i) = self.ty(rhs) else { return Some(rhs) };
        // The methods of a declared interface have its name as receiver.
        let Some(methods) = self.replace_recv_type(i.methods(), *origin, t) else { return Some(rhs) };
        let embed_pos = i.contents.get().map_or(Vec::new(), |c| c.embed_pos.clone());
        let contents = InterfaceContents {
            methods,
            embeddeds: i.embeddeds().to_vec(),
            embed_pos,
            implicit: i.is_implicit(),
            methods_only: i.contents.get().is_some_and(|c| c.methods_only),
        };
        Some(self.add_type(Type::Interface(Interface {
            contents: OnceLock::from(contents),
            type_set: OnceLock::new(),
        })))
    }

    /// The type of an instance's method, from the generic method's; `None` while that is not known.
    pub(crate) fn expand_method(&self, m: ObjId) -> Option<TypeId> {
        let o = self.obj(m);
        let ObjectKind::Func(f) = &o.kind else { return None };
        let (origin, named) = (f.origin?, f.recv_type.get()?);
        let origin_type = self.try_type_of(origin)?;
        let generic = self.ty(origin_type).as_signature()?;
        let targs = self.type_args(named);
        let rtparams = &generic.recv_type_params;
        let new = match rtparams.len() == targs.len() {
            true => self.subst(origin_type, &SubstMap::new(rtparams, targs)),
            // An erroneous receiver; reported where it is declared.
            false => origin_type,
        };
        let recv_type = if self.has_pointer_recv(origin) { self.new_pointer(named) } else { named };
        let contents = self.ty(new).as_signature()?.clone();
        let recv = generic.recv.map(|r| self.clone_var(r, recv_type));
        let t = self.new_signature(SignatureContents { recv, recv_type_params: Vec::new(), ..contents });
        Some(o.ty.set_once(t))
    }
}

impl Cx<'_> {
    /// Whether the arguments satisfy the constraints: else the index of the first that does not, and why.
    pub fn verify(&self, tparams: &[TypeId], targs: &[TypeId]) -> Result<(), (usize, String)> {
        let map = SubstMap::new(tparams, targs);
        for (i, (&p, &arg)) in tparams.iter().zip(targs).enumerate() {
            // Wraps the bound into an interface if it is none.
            self.store.bound_interface(p);
            let bound = self.store.subst(self.store.constraint(p), &map);
            let mut cause = String::new();
            if !self.implements(arg, bound, true, Some(&mut cause)) {
                return Err((i, cause));
            }
        }
        Ok(())
    }

    /// What is wrong with a number of type arguments for the type `name`, if anything.
    pub fn wrong_type_arg_count(&self, name: &str, want: usize, got: usize) -> Option<String> {
        let quality = match got.cmp(&want) {
            std::cmp::Ordering::Less => "not enough",
            std::cmp::Ordering::Greater => "too many",
            std::cmp::Ordering::Equal => return None,
        };
        Some(format!("{quality} type arguments for type {name}: have {got}, want {want}"))
    }

    /// Type parameters of the same names in place of `tparams`, and `t` with them: the parameters of a
    /// recursive call must not be confused with the caller's.
    pub fn rename_type_params(&self, tparams: &[TypeId], t: TypeId) -> (Vec<TypeId>, TypeId) {
        let fresh: Vec<TypeId> = tparams.iter().map(|&p| self.store.fresh_type_param(p)).collect();
        let map = SubstMap::new(tparams, &fresh);
        for (&old, &new) in tparams.iter().zip(&fresh) {
            if let Type::TypeParam(p) = self.store.ty(new) {
                p.bound.set(self.store.subst(self.store.constraint(old), &map));
            }
        }
        (fresh, self.store.subst(t, &map))
    }
}
