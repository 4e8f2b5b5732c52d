//! Questions about types (as `types2/predicates.go`).

use crate::context::Cx;
use crate::store::{Store, TypeId};
use crate::ty::{BasicKind, Type};

/// Properties of basic types, a bit each.
pub mod info {
    pub const BOOLEAN: u32 = 1;
    pub const INTEGER: u32 = 2;
    pub const UNSIGNED: u32 = 4;
    pub const FLOAT: u32 = 8;
    pub const COMPLEX: u32 = 16;
    pub const STRING: u32 = 32;
    pub const UNTYPED: u32 = 64;
    pub const ORDERED: u32 = INTEGER | FLOAT | STRING;
    pub const NUMERIC: u32 = INTEGER | FLOAT | COMPLEX;
    pub const CONST_TYPE: u32 = BOOLEAN | NUMERIC | STRING;
}

impl BasicKind {
    /// Bits of [`info`].
    pub fn info(self) -> u32 {
        use BasicKind::*;
        match self {
            Invalid | UnsafePointer => 0,
            Bool => info::BOOLEAN,
            Int | Int8 | Int16 | Int32 | Int64 | Rune => info::INTEGER,
            Uint | Uint8 | Uint16 | Uint32 | Uint64 | Uintptr | Byte => info::INTEGER | info::UNSIGNED,
            Float32 | Float64 => info::FLOAT,
            Complex64 | Complex128 => info::COMPLEX,
            String => info::STRING,
            UntypedBool => info::BOOLEAN | info::UNTYPED,
            UntypedInt | UntypedRune => info::INTEGER | info::UNTYPED,
            UntypedFloat => info::FLOAT | info::UNTYPED,
            UntypedComplex => info::COMPLEX | info::UNTYPED,
            UntypedString => info::STRING | info::UNTYPED,
            UntypedNil => info::UNTYPED,
        }
    }
}

macro_rules! is {
    ($($is:ident $all:ident $bits:expr;)*) => { $(
        /// Of the underlying type: never true of a type parameter.
        pub fn $is(&self, t: TypeId) -> bool {
            self.is_basic(t, $bits)
        }

        /// Of a type parameter: of all types it stands for.
        pub fn $all(&self, t: TypeId) -> bool {
            self.all_basic(t, $bits)
        }
    )* };
}

impl Store {
    is! {
        is_boolean all_boolean info::BOOLEAN;
        is_integer all_integer info::INTEGER;
        is_unsigned all_unsigned info::UNSIGNED;
        is_float all_float info::FLOAT;
        is_complex all_complex info::COMPLEX;
        is_numeric all_numeric info::NUMERIC;
        is_string all_string info::STRING;
        is_ordered all_ordered info::ORDERED;
        is_integer_or_float all_integer_or_float info::INTEGER | info::FLOAT;
        is_numeric_or_string all_numeric_or_string info::NUMERIC | info::STRING;
        is_const_type all_const_type info::CONST_TYPE;
    }

    /// The kind of a basic underlying type.
    pub fn basic_kind(&self, t: TypeId) -> Option<BasicKind> {
        self.under_ty(t).as_basic().map(|b| b.kind)
    }

    pub fn is_basic(&self, t: TypeId, bits: u32) -> bool {
        self.basic_kind(t).is_some_and(|k| k.info() & bits != 0)
    }

    pub fn all_basic(&self, t: TypeId, bits: u32) -> bool {
        self.all(t, |p| p.is_some_and(|(t, _)| self.is_basic(t, bits)))
    }

    /// Not known to be wrong; an alias that is not complete yet may still turn out to be.
    pub fn is_valid(&self, t: TypeId) -> bool {
        let mut t = t;
        for _ in 0..crate::access::MAX_CHAIN {
            match self.ty(t) {
                Type::Alias(a) => match a.from.get() {
                    Some(rhs) => t = rhs,
                    None => return true,
                },
                _ => return t != TypeId::INVALID,
            }
        }
        false
    }

    /// Predeclared, declared, or a type parameter.
    pub fn has_name(&self, t: TypeId) -> bool {
        matches!(self.unaliased(t), Type::Basic(_) | Type::Named(_) | Type::TypeParam(_))
    }

    /// Neither declared nor a type parameter.
    pub fn is_type_lit(&self, t: TypeId) -> bool {
        !matches!(self.unaliased(t), Type::Named(_) | Type::TypeParam(_))
    }

    pub fn is_typed(&self, t: TypeId) -> bool {
        !self.is_untyped(t)
    }

    pub fn is_untyped(&self, t: TypeId) -> bool {
        // An alias or a named type is never untyped.
        self.ty(t).as_basic().is_some_and(|b| b.kind.info() & info::UNTYPED != 0)
    }

    pub fn is_untyped_numeric(&self, t: TypeId) -> bool {
        self.is_untyped(t) && self.is_numeric(t)
    }

    pub fn is_untyped_nil(&self, t: TypeId) -> bool {
        t == self.basic(BasicKind::UntypedNil)
    }

    /// True of type parameters too.
    pub fn is_interface(&self, t: TypeId) -> bool {
        matches!(self.under_ty(t), Type::Interface(_))
    }

    pub fn is_non_type_param_interface(&self, t: TypeId) -> bool {
        !self.is_type_param(t) && self.is_interface(t)
    }

    pub fn is_type_param(&self, t: TypeId) -> bool {
        self.as_type_param(t).is_some()
    }

    /// A type parameter whose type set is known to be empty.
    pub fn has_empty_typeset(&self, t: TypeId) -> bool {
        let Some(p) = self.as_type_param(t) else { return false };
        self.type_set(self.bound_interface(p)).is_empty()
    }

    /// A generic type that is not instantiated.
    pub fn is_generic(&self, t: TypeId) -> bool {
        if let Type::Alias(a) = self.ty(t)
            && a.instance.is_none()
            && a.type_params.get().is_some_and(|l| !l.is_empty())
        {
            return true;
        }
        let n = self.as_named(t);
        n.is_some_and(|n| n.instance.is_none() && n.type_params.get().is_some_and(|l| !l.is_empty()))
    }

    pub fn is_func(&self, t: TypeId) -> bool {
        matches!(self.under_ty(t), Type::Signature(_))
    }

    /// Whether values of `t` may be nil; of a type parameter, of all its types.
    pub fn has_nil(&self, t: TypeId) -> bool {
        match self.under_ty(t) {
            Type::Basic(b) => b.kind == BasicKind::UnsafePointer,
            Type::Slice { .. }
            | Type::Pointer { .. }
            | Type::Signature(_)
            | Type::Map { .. }
            | Type::Chan(_) => true,
            Type::Interface(_) => {
                !self.is_type_param(t) || self.under_is(t, |u| u.is_some_and(|u| self.has_nil(u)))
            }
            _ => false,
        }
    }

    /// `==` is defined; of interfaces at run time (`dynamic`), where it may still panic.
    pub fn comparable(&self, t: TypeId) -> bool {
        self.comparable_type(t, true).is_ok()
    }

    pub fn comparable_type(&self, t: TypeId, dynamic: bool) -> Result<(), Incomparable> {
        self.comparable_seen(t, dynamic, &mut Vec::new())
    }

    pub(crate) fn comparable_seen(
        &self,
        t: TypeId,
        dynamic: bool,
        seen: &mut Vec<TypeId>,
    ) -> Result<(), Incomparable> {
        if seen.contains(&t) {
            return Ok(());
        }
        seen.push(t);
        match self.under_ty(t) {
            Type::Basic(b) if b.kind == BasicKind::UntypedNil => Err(Incomparable::Plain),
            Type::Basic(_) | Type::Pointer { .. } | Type::Chan(_) => Ok(()),
            Type::Struct(s) => {
                for &f in s.fields() {
                    let ft = self.type_of(f);
                    if self.comparable_seen(ft, dynamic, seen).is_err() {
                        return Err(Incomparable::Struct(ft));
                    }
                }
                Ok(())
            }
            Type::Array { elem, .. } => {
                self.comparable_seen(*elem, dynamic, seen).map_err(|_| Incomparable::Array(t))
            }
            Type::Interface(_) => {
                if dynamic && !self.is_type_param(t) {
                    return Ok(());
                }
                let set = self.type_set(self.under(t));
                match set.is_comparable(self, seen) {
                    true => Ok(()),
                    false if set.is_empty() => Err(Incomparable::EmptyTypeSet),
                    false => Err(Incomparable::TypeSet),
                }
            }
            _ => Err(Incomparable::Plain),
        }
    }

    /// The type that an untyped constant gets where nothing else says so; other types stay.
    pub fn default_type(&self, t: TypeId) -> TypeId {
        use BasicKind::*;
        let Type::Basic(b) = self.ty(t) else { return t };
        match b.kind {
            UntypedBool => self.basic(Bool),
            UntypedInt => self.basic(Int),
            UntypedRune => self.basic(Rune),
            UntypedFloat => self.basic(Float64),
            UntypedComplex => self.basic(Complex128),
            UntypedString => self.basic(String),
            _ => t,
        }
    }

    /// Of two untyped types the one that holds both, if there is one.
    pub fn max_type(&self, x: TypeId, y: TypeId) -> Option<TypeId> {
        if x == y {
            return Some(x);
        }
        // The ids of the untyped numeric kinds are in order of size.
        (self.is_untyped_numeric(x) && self.is_untyped_numeric(y)).then_some(x.max(y))
    }

    /// A slice type (not a name of one) whose elements are bytes or runes.
    pub fn is_bytes_or_runes(&self, t: TypeId) -> bool {
        let Type::Slice { elem } = self.ty(t) else { return false };
        matches!(self.basic_kind(*elem), Some(BasicKind::Uint8 | BasicKind::Int32))
    }
}

/// Why values of a type cannot be compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Incomparable {
    /// Nothing to add.
    Plain,
    /// A struct with a field of this type.
    Struct(TypeId),
    Array(TypeId),
    EmptyTypeSet,
    TypeSet,
}

impl Cx<'_> {
    /// The words for it, "" where there is nothing to add.
    pub fn incomparable_cause(&self, why: Incomparable) -> String {
        match why {
            Incomparable::Plain => String::new(),
            Incomparable::Struct(f) => {
                format!("struct containing {} cannot be compared", self.type_string(f))
            }
            Incomparable::Array(t) => format!("{} cannot be compared", self.type_string(t)),
            Incomparable::EmptyTypeSet => "empty type set".to_string(),
            Incomparable::TypeSet => "incomparable types in type set".to_string(),
        }
    }
}
