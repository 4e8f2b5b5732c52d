//! Identity, type sets, lookup, instances, unification: on types made by hand.

use goxide_source::{FileSet, Pos};
use goxide_syntax::ast::ChanDir;
use goxide_types::*;

struct World {
    s: Store,
    files: FileSet,
    pkg: PkgId,
    qualifier: Qualifier,
}

impl World {
    fn new() -> World {
        let s = Store::new();
        let pkg = s.new_package("example.com/p".into(), Some("p".into()));
        World { s, files: FileSet::new(), pkg, qualifier: Qualifier::relative_to(pkg) }
    }

    fn cx(&self) -> Cx<'_> {
        Cx::new(&self.s, &self.files, &self.qualifier, (1, 27))
    }

    fn show(&self, t: TypeId) -> String {
        self.cx().type_string(t)
    }

    fn int(&self) -> TypeId {
        self.s.basic(BasicKind::Int)
    }

    fn string(&self) -> TypeId {
        self.s.basic(BasicKind::String)
    }

    fn named(&self, name: &str, rhs: TypeId) -> TypeId {
        let obj = self.s.new_type_name(Pos::NONE, Some(self.pkg), name.into(), None);
        self.s.insert(self.s.pkg(self.pkg).scope, obj);
        self.s.new_named(obj, Some(rhs))
    }

    fn var(&self, name: &str, t: TypeId) -> ObjId {
        self.s.new_var(VarKind::Param, Pos::NONE, Some(self.pkg), name.into(), Some(t))
    }

    fn func(&self, params: &[TypeId], results: &[TypeId]) -> TypeId {
        let vars = |l: &[TypeId]| l.iter().map(|&t| self.var("", t)).collect();
        self.s.new_signature(SignatureContents {
            params: vars(params),
            results: vars(results),
            ..Default::default()
        })
    }

    fn field(&self, name: &str, t: TypeId, embedded: bool) -> ObjId {
        let kind = if embedded { VarKind::EmbeddedField } else { VarKind::Field };
        self.s.new_var(kind, Pos::NONE, Some(self.pkg), name.into(), Some(t))
    }

    fn structure(&self, fields: &[(&str, TypeId, bool)]) -> TypeId {
        self.s.new_struct(fields.iter().map(|&(n, t, e)| self.field(n, t, e)).collect(), vec![])
    }

    fn interface(&self, methods: &[(&str, TypeId)], embeddeds: &[TypeId]) -> TypeId {
        let method = |&(n, t): &(&str, TypeId)| {
            self.s.new_interface_method(Pos::NONE, Some(self.pkg), n.into(), Some(t))
        };
        self.s.new_interface(InterfaceContents {
            methods: methods.iter().map(method).collect(),
            embeddeds: embeddeds.to_vec(),
            ..Default::default()
        })
    }

    fn union(&self, terms: &[(bool, TypeId)]) -> TypeId {
        self.s.new_union(terms.iter().map(|&(tilde, ty)| Term { tilde, ty }).collect())
    }

    fn tparam(&self, name: &str, index: u32, bound: TypeId) -> TypeId {
        let obj = self.s.new_type_name(Pos::NONE, Some(self.pkg), name.into(), None);
        self.s.new_type_param(obj, index, Some(bound))
    }

    fn any(&self) -> TypeId {
        self.s.universe().any_type
    }

    /// Declares a method with a receiver of type `recv` (a pointer or not).
    fn method(&self, named: TypeId, pointer: bool, rparams: &[TypeId], name: &str, params: &[TypeId]) {
        let t = if pointer { self.s.new_pointer(named) } else { named };
        let recv = self.s.new_var(VarKind::Recv, Pos::NONE, Some(self.pkg), "r".into(), Some(t));
        let sig = self.s.new_signature(SignatureContents {
            recv: Some(recv),
            recv_type_params: rparams.to_vec(),
            params: params.iter().map(|&t| self.var("", t)).collect(),
            ..Default::default()
        });
        self.s.add_method(named, self.s.new_func(Pos::NONE, Some(self.pkg), name.into(), Some(sig)));
    }

    fn generic(&self, name: &str, tparams: &[TypeId], rhs: TypeId) -> TypeId {
        let t = self.named(name, rhs);
        if let Type::Named(n) = self.s.ty(t) {
            n.type_params.set(tparams.to_vec()).unwrap();
        }
        t
    }
}

#[test]
fn the_universe_is_complete() {
    let w = World::new();
    let u = w.s.universe();
    for name in "any append bool byte cap clear comparable error false int iota len max nil recover rune \
                 string true uintptr"
        .split_whitespace()
    {
        assert!(w.s.lookup(u.scope, name).is_some(), "{name}");
    }
    assert!(w.s.lookup(w.s.pkg(u.unsafe_pkg).scope, "Pointer").is_some());
    assert!(w.s.lookup(w.s.pkg(u.unsafe_pkg).scope, "StringData").is_some());
    assert_eq!(w.cx().object_string(u.any), "type any = interface{}");
    let error = w.s.type_name(u.error).unwrap();
    assert_eq!(w.cx().object_string(error), "type error interface{Error() string}");
    assert!(w.s.lookup_field_or_method(u.error, false, None, "Error", false).found().is_some());
}

#[test]
fn composite_types_are_identical_by_form() {
    let w = World::new();
    let byte = w.s.basic(BasicKind::Byte);
    let uint8 = w.s.basic(BasicKind::Uint8);
    assert!(w.s.identical(byte, uint8));
    assert!(w.s.identical(w.s.new_map(w.string(), byte), w.s.new_map(w.string(), uint8)));
    let a = w.structure(&[("x", byte, false)]);
    let b = w.structure(&[("x", uint8, false)]);
    let c = w.structure(&[("y", uint8, false)]);
    assert!(w.s.identical(a, b) && !w.s.identical(a, c));
    assert_eq!(w.s.canonical(a), w.s.canonical(b));
    assert_ne!(w.s.canonical(a), w.s.canonical(c));
    let f = w.func(&[w.int()], &[byte]);
    let g = w.func(&[w.int()], &[uint8]);
    assert!(w.s.identical(f, g) && w.s.identity_hash(f) == w.s.identity_hash(g));
    let (m, n) = (w.named("M", w.int()), w.named("N", w.int()));
    assert!(!w.s.identical(m, n) && w.s.identical(w.s.under(m), w.s.under(n)));
    // Interfaces by their method sets, whatever they are made of.
    let i = w.interface(&[("A", f), ("B", f)], &[]);
    let j = w.interface(&[("B", g)], &[w.interface(&[("A", g)], &[])]);
    assert!(w.s.identical(i, j));
}

#[test]
fn unexported_names_differ_between_packages() {
    let w = World::new();
    let other = w.s.new_package("example.com/q".into(), Some("q".into()));
    let make = |pkg, name: &str| {
        let f = w.s.new_var(VarKind::Field, Pos::NONE, Some(pkg), name.into(), Some(w.int()));
        w.s.new_struct(vec![f], vec![])
    };
    assert!(!w.s.identical(make(w.pkg, "x"), make(other, "x")));
    assert!(w.s.identical(make(w.pkg, "X"), make(other, "X")));
    assert_ne!(w.s.link_string(make(w.pkg, "x")), w.s.link_string(make(other, "x")));
    assert_eq!(w.s.link_string(make(w.pkg, "X")), w.s.link_string(make(other, "X")));
}

#[test]
fn recursive_interfaces_are_compared_to_an_end() {
    let w = World::new();
    // interface{ M() T } where T is that interface's alias: equal only by assuming that they are.
    let make = || {
        let obj = w.s.new_type_name(Pos::NONE, Some(w.pkg), "T".into(), None);
        let t = w.s.new_alias(obj, None);
        let i = w.interface(&[("M", w.func(&[], &[t]))], &[]);
        w.s.ty(t).as_alias().unwrap().from.set(i);
        i
    };
    let (a, b) = (make(), make());
    assert!(w.s.identical(a, b));
}

#[test]
fn type_sets_intersect_and_unite() {
    let w = World::new();
    let my = w.named("My", w.int());
    let ints = w.interface(&[], &[w.union(&[(true, w.int()), (false, w.string())])]);
    let set = w.s.type_set(ints);
    assert_eq!(set.specific_terms().len(), 2);
    let only_my = w.interface(&[], &[ints, my]);
    assert_eq!(w.s.type_set(only_my).specific_terms(), [Term { tilde: false, ty: my }]);
    let none = w.interface(&[], &[w.int(), w.string()]);
    assert!(w.s.type_set(none).is_empty());
    // int is in ~int.
    let merged = w.interface(&[], &[w.union(&[(false, w.int()), (true, w.int()), (false, my)])]);
    assert_eq!(w.s.type_set(merged).specific_terms(), [Term { tilde: true, ty: w.int() }]);
    // comparable removes what cannot be compared.
    let slices = w.s.new_slice(w.int());
    let u = w.union(&[(false, w.int()), (false, slices)]);
    let comparable = w.interface(&[], &[w.s.universe().comparable_type, u]);
    assert_eq!(w.s.type_set(comparable).specific_terms(), [Term { tilde: false, ty: w.int() }]);
    assert!(w.s.type_set(w.s.under(w.any())).is_all());
}

#[test]
fn duplicate_methods_are_told() {
    let w = World::new();
    let (f, g) = (w.func(&[], &[]), w.func(&[w.int()], &[]));
    let twice = w.interface(&[("A", f), ("A", f)], &[]);
    assert!(matches!(w.cx().check_type_set(twice)[..], [TypeSetError::DuplicateMethod { .. }]));
    let clash = w.interface(&[("A", f)], &[w.interface(&[("A", g)], &[])]);
    let cx = w.cx();
    let errors = cx.check_type_set(clash);
    let [TypeSetError::EmbeddedTwice { pos, method, other_method, .. }] = errors[..] else { panic!() };
    assert!(cx.duplicate_counts(pos, method, other_method));
}

#[test]
fn embedded_fields_and_methods_are_found() {
    let w = World::new();
    let inner = w.named("Inner", w.structure(&[("x", w.int(), false)]));
    w.method(inner, true, &[], "Set", &[w.int()]);
    w.method(inner, false, &[], "Get", &[]);
    let ptr = w.s.new_pointer(inner);
    let outer = w.named("Outer", w.structure(&[("a", w.int(), false), ("Inner", inner, true)]));
    let by_ptr = w.named("ByPtr", w.structure(&[("Inner", ptr, true)]));
    let look =
        |t, addressable, name: &str| w.s.lookup_field_or_method(t, addressable, Some(w.pkg), name, false);
    assert_eq!(look(outer, false, "x").found().unwrap().path, [1, 0]);
    assert_eq!(look(outer, false, "Set"), Lookup::PointerReceiver);
    assert!(look(outer, true, "Set").found().is_some());
    assert!(look(by_ptr, false, "Set").found().unwrap().indirect);
    assert_eq!(look(outer, false, "y"), Lookup::NotFound);
    let twice = w.named("Twice", w.structure(&[("Outer", outer, true), ("ByPtr", by_ptr, true)]));
    assert!(matches!(look(twice, true, "Inner"), Lookup::Ambiguous(_)));
    let names =
        |t| -> Vec<String> { w.s.method_set(t).iter().map(|f| w.s.name(f.obj).to_string()).collect() };
    assert_eq!(names(outer), ["Get"]);
    assert_eq!(names(by_ptr), ["Get", "Set"]);
    assert_eq!(names(w.s.new_pointer(outer)), ["Get", "Set"]);
    assert_eq!(w.s.field_path(outer, &[1, 0]), "Inner.x");
}

#[test]
fn missing_methods_are_explained() {
    let w = World::new();
    let t = w.named("T", w.structure(&[]));
    w.method(t, true, &[], "Ptr", &[]);
    w.method(t, false, &[], "Arg", &[w.int()]);
    w.method(t, false, &[], "lower", &[]);
    let explain = |name: &str, sig| {
        let i = w.named(&format!("I{name}"), w.interface(&[(name, sig)], &[]));
        let mut cause = String::new();
        assert!(!w.cx().implements(t, i, false, Some(&mut cause)));
        cause
    };
    let f = w.func(&[], &[]);
    assert_eq!(explain("Ptr", f), "T does not implement IPtr (method Ptr has pointer receiver)");
    assert_eq!(explain("No", f), "T does not implement INo (missing method No)");
    assert_eq!(
        explain("Arg", f),
        "T does not implement IArg (wrong type for method Arg)\n\t\thave Arg(int)\n\t\twant Arg()"
    );
    assert_eq!(
        explain("Lower", f),
        "T does not implement ILower (missing method Lower)\n\t\thave lower()\n\t\twant Lower()"
    );
}

#[test]
fn constraints_are_satisfied_or_not() {
    let w = World::new();
    let my = w.named("My", w.int());
    let ints = w.named("Ints", w.interface(&[], &[w.int()]));
    let cause = |v, t| {
        let mut c = String::new();
        let ok = w.cx().implements(v, t, true, Some(&mut c));
        if ok { String::new() } else { c }
    };
    assert_eq!(cause(w.int(), ints), "");
    assert_eq!(cause(my, ints), "My does not satisfy Ints (possibly missing ~ for int in Ints)");
    assert_eq!(cause(w.string(), ints), "string does not satisfy Ints (string missing in int)");
    let comparable = w.s.universe().comparable_type;
    assert_eq!(cause(w.any(), comparable), "");
    let slice = w.s.new_slice(w.int());
    assert_eq!(cause(slice, comparable), "[]int does not satisfy comparable");
    assert_eq!(cause(w.int(), my), "int does not satisfy My (My is not an interface)");
}

#[test]
fn instances_are_unique_and_expand_on_demand() {
    let w = World::new();
    let p = w.tparam("P", 0, w.any());
    let obj = w.s.new_type_name(Pos::NONE, Some(w.pkg), "List".into(), None);
    w.s.insert(w.s.pkg(w.pkg).scope, obj);
    let list = w.s.new_named(obj, None);
    let n = w.s.as_named(list).unwrap();
    n.type_params.set(vec![p]).unwrap();
    // An instance made before the declaration is known.
    let early = w.s.instantiate(list, vec![w.int()]);
    assert_eq!(w.s.under(early), TypeId::INVALID);
    let next = w.s.new_pointer(w.s.instantiate(list, vec![p]));
    n.rhs.set(w.structure(&[("val", p, false), ("next", next, false)]));
    let q = w.tparam("Q", 0, w.any());
    w.method(list, true, &[q], "Push", &[q]);
    let ints = w.s.instantiate(list, vec![w.int()]);
    assert_eq!(early, ints);
    let byte_slice = w.s.new_slice(w.s.basic(BasicKind::Byte));
    let uint8_slice = w.s.new_slice(w.s.basic(BasicKind::Uint8));
    assert_eq!(w.s.instantiate(list, vec![byte_slice]), w.s.instantiate(list, vec![uint8_slice]));
    assert_eq!(w.show(w.s.under(ints)), "struct{val int; next *List[int]}");
    let push = w.s.lookup_field_or_method(ints, true, None, "Push", false).obj().unwrap();
    assert_eq!(w.cx().func_string(push, false), "Push(int)");
    assert_eq!(w.cx().func_name(push), "(*List[int]).Push");
    assert_eq!(w.show(list), "List[P any]");
    assert_eq!(w.s.link_string(ints), "example.com/p.List[int]");
    assert_eq!(w.s.reflect_string(w.s.new_slice(ints)), "[]p.List[int]");
    assert_eq!(w.s.size_of(ints), 16);
}

#[test]
fn type_arguments_are_inferred() {
    let w = World::new();
    let untyped = |k| InferArg { ty: w.s.basic(k), is_nil: false };
    let typed = |ty| InferArg { ty, is_nil: false };
    let infer = |tparams: &[TypeId], params: &[TypeId], args: &[InferArg]| {
        w.cx()
            .infer(tparams, &[], params, args, false, &|i| format!("x{i}"))
            .map(|l| w.cx().types_string(&l))
            .map_err(|e| e.text)
    };
    let p = w.tparam("P", 0, w.any());
    let q = w.tparam("Q", 1, w.any());
    assert_eq!(infer(&[p], &[w.s.new_slice(p)], &[typed(w.s.new_slice(w.int()))]).unwrap(), "[int]");
    let both = [untyped(BasicKind::UntypedInt), untyped(BasicKind::UntypedFloat)];
    assert_eq!(infer(&[p], &[p, p], &both).unwrap(), "[float64]");
    assert_eq!(infer(&[p], &[p, p], &[both[0], typed(w.string())]).unwrap(), "[string]");
    let f = w.func(&[p], &[q]);
    assert_eq!(infer(&[p, q], &[f], &[typed(w.func(&[w.int()], &[w.string()]))]).unwrap(), "[int, string]");
    assert_eq!(
        infer(&[p, q], &[p], &[typed(w.int())]).unwrap_err(),
        "cannot infer Q (declared at <unknown position>)"
    );
    assert_eq!(
        infer(&[p], &[w.s.new_slice(p)], &[typed(w.int())]).unwrap_err(),
        "type int of x0 does not match []P (cannot infer P)"
    );
    assert_eq!(
        infer(&[p], &[p, p], &[typed(w.int()), typed(w.string())]).unwrap_err(),
        "type string of x1 does not match inferred type int for P"
    );
    // S ~[]E: the element type follows from the constraint.
    let e = w.tparam("E", 1, w.any());
    let tilde = w.interface(&[], &[w.union(&[(true, w.s.new_slice(e))])]);
    let s = w.tparam("S", 0, tilde);
    let named = w.named("Strings", w.s.new_slice(w.string()));
    assert_eq!(infer(&[s, e], &[s], &[typed(named)]).unwrap(), "[Strings, string]");
    // A parameter in its own constraint has no finite type.
    let r = w.tparam("R", 0, w.any());
    if let Type::TypeParam(tp) = w.s.ty(r) {
        tp.bound.set(w.interface(&[], &[w.s.new_pointer(r)]));
    }
    assert!(infer(&[r], &[], &[]).is_err());
}

#[test]
fn directed_channels_and_defined_types_win() {
    let w = World::new();
    let p = w.tparam("P", 0, w.any());
    let both = w.s.new_chan(ChanDir::Both, w.int());
    let recv = w.s.new_chan(ChanDir::Recv, w.int());
    let arg = |ty| InferArg { ty, is_nil: false };
    let infer = |a, b| {
        w.cx().infer(&[p], &[], &[p, p], &[arg(a), arg(b)], false, &|_| String::new()).map(|l| w.show(l[0]))
    };
    assert_eq!(infer(both, recv).unwrap(), "<-chan int");
    let named = w.named("C", both);
    assert_eq!(infer(both, named).unwrap(), "C");
    assert!(infer(w.named("D", both), named).is_err());
}

#[test]
fn local_types_of_generic_functions_take_its_arguments_along() {
    let w = World::new();
    let scope = w.s.new_scope(Some(w.s.pkg(w.pkg).scope), Pos::NONE, Pos::NONE, true);
    let p = w.tparam("P", 0, w.any());
    w.s.insert(scope, w.s.type_name(p).unwrap());
    let obj = w.s.new_type_name(Pos::NONE, Some(w.pkg), "L".into(), None);
    w.s.obj(obj).order.store(1, std::sync::atomic::Ordering::Relaxed);
    w.s.insert(scope, obj);
    let local = w.s.new_named(obj, Some(w.structure(&[("x", p, false)])));
    let ints = w.s.subst(w.s.new_slice(local), &SubstMap::new(&[p], &[w.int()]));
    let again = w.s.subst(w.s.new_slice(local), &SubstMap::new(&[p], &[w.int()]));
    assert_eq!(ints, again);
    let elem = w.s.ty(ints).as_slice().unwrap();
    assert_eq!(w.show(w.s.under(elem)), "struct{x int}");
    assert_eq!(w.s.link_string(elem), "example.com/p.L[int]·1");
    assert_eq!(w.s.reflect_string(elem), "p.L[int]");
}

#[test]
fn sizes_and_offsets_as_gc_has_them() {
    let w = World::new();
    let b = |k| w.s.basic(k);
    let empty = w.structure(&[]);
    let t = w.structure(&[
        ("a", b(BasicKind::Bool), false),
        ("b", b(BasicKind::Int64), false),
        ("c", b(BasicKind::Int16), false),
        ("z", empty, false),
    ]);
    let fields = w.s.ty(t).as_struct().unwrap().fields();
    assert_eq!(w.s.offsets_of(fields), [0, 8, 16, 18]);
    assert_eq!((w.s.size_of(t), w.s.align_of(t)), (24, 8));
    assert_eq!((w.s.size_of(b(BasicKind::Complex64)), w.s.align_of(b(BasicKind::Complex64))), (8, 4));
    assert_eq!(w.s.size_of(w.any()), 16);
    assert_eq!(w.s.size_of(w.s.new_array(1 << 62, b(BasicKind::Int64))), -1);
    assert_eq!(w.s.size_of(w.s.new_array(3, b(BasicKind::Uint16))), 6);
}

#[test]
fn types_that_contain_themselves() {
    let w = World::new();
    let obj = w.s.new_type_name(Pos::NONE, Some(w.pkg), "T".into(), None);
    let t = w.s.new_named(obj, None);
    w.s.as_named(t).unwrap().rhs.set(w.structure(&[("next", w.s.new_pointer(t), false)]));
    assert_eq!(w.s.invalid_cycle(t, &mut Default::default()), None);
    let p = w.tparam("P", 0, w.any());
    let wrapper = w.generic("Box", &[p], w.structure(&[("v", p, false)]));
    let obj = w.s.new_type_name(Pos::NONE, Some(w.pkg), "U".into(), None);
    let u = w.s.new_named(obj, None);
    w.s.as_named(u).unwrap().rhs.set(w.structure(&[("b", w.s.instantiate(wrapper, vec![u]), false)]));
    assert!(w.s.invalid_cycle(u, &mut Default::default()).is_some());
    assert_eq!(w.s.size_of(u), 8);
    assert_eq!(w.s.rhs(u), Some(TypeId::INVALID));
}

#[test]
fn type_strings() {
    let w = World::new();
    let variadic = w.s.new_signature(SignatureContents {
        params: vec![w.var("x", w.int()), w.var("y", w.s.new_slice(w.any()))],
        results: vec![w.var("", w.string()), w.var("", w.s.universe().error)],
        variadic: true,
        ..Default::default()
    });
    assert_eq!(w.show(variadic), "func(x int, y ...any) (string, error)");
    assert_eq!(w.s.link_string(variadic), "func(int, ...interface {}) (string, error)");
    let chans = w.s.new_chan(ChanDir::Both, w.s.new_chan(ChanDir::Recv, w.int()));
    assert_eq!(w.show(chans), "chan (<-chan int)");
    let f = w.field("X", w.int(), false);
    let tagged = w.s.new_struct(vec![f], vec!["json:\"x\"".to_string()]);
    assert_eq!(w.show(tagged), r#"struct{X int "json:\"x\""}"#);
    assert_eq!(w.s.reflect_string(tagged), r#"struct { X int "json:\"x\"" }"#);
    assert_eq!(w.s.reflect_string(w.s.basic(BasicKind::Rune)), "int32");
    assert_eq!(w.show(w.s.basic(BasicKind::Rune)), "rune");
}
