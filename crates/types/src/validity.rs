//! Types that contain themselves (as `types2/validtype.go`).

use crate::store::{Store, TypeId};
use crate::ty::Type;
use rustc_hash::FxHashSet;

impl Store {
    /// If the declared type `t` contains itself without a pointer in between: the types on the cycle, in
    /// order; the first one's declaration is then made invalid. `valid` keeps what is known to be right.
    pub fn invalid_cycle(&self, t: TypeId, valid: &mut FxHashSet<TypeId>) -> Option<Vec<TypeId>> {
        self.valid_type(t, valid, &mut Vec::new(), &mut Vec::new()).err()
    }

    /// `nest` are the named types around `t`, `path` those on the way to it, which a type argument's place
    /// makes differ: an argument is nested where the type is instantiated, not in the generic type.
    fn valid_type(
        &self,
        t: TypeId,
        valid: &mut FxHashSet<TypeId>,
        nest: &mut Vec<TypeId>,
        path: &mut Vec<TypeId>,
    ) -> Result<(), Vec<TypeId>> {
        let t = self.unalias(t);
        match self.ty(t) {
            Type::Array { elem, .. } => self.valid_type(*elem, valid, nest, path),
            Type::Struct(s) => {
                s.fields().iter().try_for_each(|&f| self.valid_type(self.type_of(f), valid, nest, path))
            }
            Type::Union(terms) => terms.iter().try_for_each(|x| self.valid_type(x.ty, valid, nest, path)),
            Type::Interface(i) => {
                i.embeddeds().iter().try_for_each(|&e| self.valid_type(e, valid, nest, path))
            }
            Type::Named(_) => {
                if valid.contains(&t) {
                    return Ok(());
                }
                if nest.contains(&t) {
                    if let Type::Named(origin) = self.ty(self.origin(t)) {
                        origin.rhs.set(TypeId::INVALID);
                        origin.underlying.set(TypeId::INVALID);
                    }
                    let start = path.iter().position(|&p| p == t).unwrap_or(0);
                    return Err(path[start..].to_vec());
                }
                let Some(rhs) = self.rhs(self.origin(t)) else { return Ok(()) };
                nest.push(t);
                path.push(t);
                let result = self.valid_type(rhs, valid, nest, path);
                nest.pop();
                path.pop();
                // What a type contains is the same wherever it stands, unless type parameters around it
                // are in its arguments.
                if result.is_ok() && !self.mentions_type_params(t) {
                    valid.insert(t);
                }
                result
            }
            Type::TypeParam(_) => {
                // Its argument stands in the innermost instance, and is nested in what is around that.
                let Some(&inst) = nest.last() else { return Ok(()) };
                let Some(i) = self.type_params(inst).iter().position(|&p| p == t) else { return Ok(()) };
                let Some(&arg) = self.type_args(inst).get(i) else { return Ok(()) };
                nest.pop();
                let result = self.valid_type(arg, valid, nest, path);
                nest.push(inst);
                result
            }
            _ => Ok(()),
        }
    }
}
