//! The universe: what is declared without any package, and package unsafe.

use crate::build::VarKind;
use crate::constant::Const;
use crate::object::{Builtin, Object, ObjectKind, Package};
use crate::store::{ObjId, PkgId, ScopeId, Store, TypeId};
use crate::ty::{BasicKind, Interface, InterfaceContents, SignatureContents, Type, TypeSet};
use goxide_source::Pos;
use goxide_syntax::ast::Name;
use std::sync::OnceLock;

#[derive(Clone, Copy, Debug)]
pub struct Universe {
    pub scope: ScopeId,
    pub unsafe_pkg: PkgId,
    /// The named type `error`.
    pub error: TypeId,
    /// The type name `any`, an alias of the empty interface.
    pub any: ObjId,
    /// `any` as a type, so that messages say `any`.
    pub any_type: TypeId,
    /// The one empty interface literal.
    pub empty_interface: TypeId,
    /// The type name `comparable`, and its named type.
    pub comparable: ObjId,
    pub comparable_type: TypeId,
    pub iota: ObjId,
    pub nil: ObjId,
}

/// Fills in the universe; the basic types exist already.
pub(crate) fn declare(store: &Store) -> Universe {
    let scope = store.new_scope(None, Pos::NONE, Pos::NONE, false);
    let unsafe_scope = store.new_scope(Some(scope), Pos::NONE, Pos::NONE, false);
    let unsafe_pkg = store.add_package(Package {
        path: "unsafe".into(),
        name: OnceLock::from(Name::from("unsafe")),
        scope: unsafe_scope,
        imports: Default::default(),
        go_version: OnceLock::new(),
        hidden: OnceLock::new(),
    });

    for kind in BasicKind::ALL {
        let t = store.basic(kind);
        let name = store.ty(t).as_basic().map_or("", |b| b.name);
        if kind == BasicKind::UnsafePointer {
            store.insert(
                unsafe_scope,
                store.new_type_name(Pos::NONE, Some(unsafe_pkg), "Pointer".into(), Some(t)),
            );
        } else if !name.contains(' ') {
            store.insert(scope, store.new_type_name(Pos::NONE, None, name.into(), Some(t)));
        }
    }

    let error = declare_error(store, scope);
    let top = TypeSet { methods: Vec::new(), terms: None, comparable: false };
    let empty_interface = with_type_set(store, top.clone());
    let any = store.new_type_name(Pos::NONE, None, "any".into(), None);
    let any_type = store.new_alias(any, Some(empty_interface));
    store.insert(scope, any);

    let comparable = store.new_type_name(Pos::NONE, None, "comparable".into(), None);
    let only_comparable = with_type_set(store, TypeSet { comparable: true, ..top });
    let comparable_type = store.new_named(comparable, Some(only_comparable));
    store.insert(scope, comparable);

    let constant = |name: &str, kind: BasicKind, value: Const| {
        let obj = store.new_const(Pos::NONE, None, name.into(), Some(store.basic(kind)), Some(value));
        store.insert(scope, obj);
        obj
    };
    constant("true", BasicKind::UntypedBool, Const::Bool(true));
    constant("false", BasicKind::UntypedBool, Const::Bool(false));
    let iota = constant("iota", BasicKind::UntypedInt, Const::from_i64(0));

    let untyped_nil = store.basic(BasicKind::UntypedNil);
    let nil = store.new_object(ObjectKind::Nil, Pos::NONE, None, "nil".into(), Some(untyped_nil));
    store.insert(scope, nil);

    for b in Builtin::ALL {
        let (place, pkg) = if b.is_unsafe() { (unsafe_scope, Some(unsafe_pkg)) } else { (scope, None) };
        store.insert(place, store.new_builtin(b, pkg));
    }

    Universe {
        scope,
        unsafe_pkg,
        error,
        any,
        any_type,
        empty_interface,
        comparable,
        comparable_type,
        iota,
        nil,
    }
}

fn with_type_set(store: &Store, set: TypeSet) -> TypeId {
    let contents = OnceLock::from(InterfaceContents::default());
    store.add_type(Type::Interface(Interface { contents, type_set: OnceLock::from(set) }))
}

/// `type error interface { Error() string }`
fn declare_error(store: &Store, scope: ScopeId) -> TypeId {
    let obj = store.new_type_name(Pos::NONE, None, "error".into(), None);
    let error = store.new_named(obj, None);
    let recv = store.new_var(VarKind::Recv, Pos::NONE, None, "".into(), Some(error));
    let text = store.basic(BasicKind::String);
    let result = store.new_var(VarKind::Result, Pos::NONE, None, "".into(), Some(text));
    let sig = store.new_signature(SignatureContents {
        recv: Some(recv),
        results: vec![result],
        ..Default::default()
    });
    let method = store.new_interface_method(Pos::NONE, None, "Error".into(), Some(sig));
    let iface = store.new_interface(InterfaceContents { methods: vec![method], ..Default::default() });
    if let Type::Named(n) = store.ty(error) {
        n.rhs.set(iface);
    }
    store.insert(scope, obj);
    error
}

impl Builtin {
    pub const ALL: [Builtin; 26] = {
        use Builtin::*;
        [
            Append, Cap, Clear, Close, Complex, Copy, Delete, Imag, Len, Make, Max, Min, New, Panic, Print,
            Println, Real, Recover, Add, Alignof, Offsetof, Sizeof, Slice, SliceData, String, StringData,
        ]
    };

    pub fn name(self) -> &'static str {
        use Builtin::*;
        match self {
            Append => "append",
            Cap => "cap",
            Clear => "clear",
            Close => "close",
            Complex => "complex",
            Copy => "copy",
            Delete => "delete",
            Imag => "imag",
            Len => "len",
            Make => "make",
            Max => "max",
            Min => "min",
            New => "new",
            Panic => "panic",
            Print => "print",
            Println => "println",
            Real => "real",
            Recover => "recover",
            Add => "Add",
            Alignof => "Alignof",
            Offsetof => "Offsetof",
            Sizeof => "Sizeof",
            Slice => "Slice",
            SliceData => "SliceData",
            String => "String",
            StringData => "StringData",
        }
    }

    pub fn is_unsafe(self) -> bool {
        use Builtin::*;
        matches!(self, Add | Alignof | Offsetof | Sizeof | Slice | SliceData | String | StringData)
    }

    /// The least number of arguments.
    pub fn arg_count(self) -> usize {
        use Builtin::*;
        match self {
            Print | Println | Recover => 0,
            Complex | Copy | Delete | Add | Slice | String => 2,
            _ => 1,
        }
    }

    /// More arguments than [`Builtin::arg_count`] are allowed.
    pub fn is_variadic(self) -> bool {
        use Builtin::*;
        matches!(self, Append | Make | Max | Min | Print | Println)
    }

    /// May stand as a statement.
    pub fn is_statement(self) -> bool {
        use Builtin::*;
        matches!(self, Clear | Close | Copy | Delete | Panic | Print | Println | Recover)
    }
}

impl Object {
    /// Declared in the universe.
    pub fn is_universal(&self) -> bool {
        self.pkg.is_none() && !self.pos.is_known()
    }
}
