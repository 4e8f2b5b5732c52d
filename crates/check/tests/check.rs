//! The checker from outside: sources with the errors that they should give, and facts for lowering.

use goxide_check::{Config, check_package};
use goxide_source::FileSet;
use goxide_syntax::ast::NodeIds;
use goxide_types::{PackageInfo, Store};
use std::sync::Arc;

/// Checks one file; errors as `line: text`.
fn check(store: &Store, text: &str) -> (PackageInfo, Vec<String>) {
    let files = FileSet::new();
    let source = files.add("x.go", text.as_bytes());
    let mut ids = NodeIds::default();
    let parsed = goxide_syntax::parse_file(&source, &mut ids, &Default::default());
    assert_eq!(parsed.errors, []);
    let config = Config {
        pkg: store.new_package("p".into(), None),
        importer: &|path| Err(format!("no package {path}")),
        go_version: (1, 27),
        has_assembly: false,
        node_count: ids.count(),
        is_surface: false,
        local_types: None,
        stack_bytes: 0,
    };
    let (info, errors) = check_package(store, Arc::new(vec![parsed.file]), &files, &config);
    let line = |e: &goxide_source::Diagnostic| files.position(e.pos).map_or(0, |p| p.line);
    let texts = errors.iter().map(|e| format!("{}: {}", line(e), e.text)).collect();
    (info, texts)
}

fn errors(text: &str) -> Vec<String> {
    check(&Store::new(), &format!("package p\n{text}")).1
}

#[test]
fn mistakes_are_worded_as_gc_does() {
    for (text, want) in [
        ("func f() { x := 1 }", "2: declared and not used: x"),
        (
            "var x int = \"a\"",
            "2: cannot use \"a\" (untyped string constant) as int value in variable declaration",
        ),
        ("var x = y", "2: undefined: y"),
        ("func f() int {}", "2: missing return"),
        (
            "var a = 1 + \"a\"",
            "2: invalid operation: 1 + \"a\" (mismatched types untyped int and untyped string)",
        ),
        (
            "var b uint8 = 256",
            "2: cannot use 256 (untyped int constant) as uint8 value in variable declaration (overflows)",
        ),
        ("type T struct { t T }", "2: invalid recursive type: T refers to itself"),
        ("var x = x", "2: initialization cycle: x refers to itself"),
        ("import \"fmt\"", "2: could not import fmt (no package fmt)"),
        ("func f(x any) { switch x.(type) { case int, int: } }", "2: duplicate case int in type switch"),
        ("var c = 1 << 10000", "2: invalid operation: invalid shift count 10000 (untyped int constant)"),
        ("var p = &1", "2: invalid operation: cannot take address of 1 (untyped int constant)"),
        ("func g[P any](P) {}; var _ = g", "2: cannot use generic function g without instantiation"),
        ("type N[P int] struct{}; var _ N[string]", "2: string does not satisfy int (string missing in int)"),
        ("func f[T any]() { f[*T]() }", "2: instantiation cycle:"),
        (
            "type S struct{ a int }; var s S; var _ = s.A",
            "2: s.A undefined (type S has no field or method A, but does have field a)",
        ),
    ] {
        assert_eq!(errors(text), [want], "{text}");
    }
}

#[test]
fn correct_programs_have_no_errors() {
    for text in [
        "type List[T any] struct { next *List[T]; val T }\nfunc (l *List[T]) Push(v T) *List[T] { return &List[T]{l, v} }\nvar l = (*List[int])(nil).Push(1)",
        "func Map[S ~[]E, E, R any](s S, f func(E) R) []R { var r []R; for _, e := range s { r = append(r, f(e)) }; return r }\nvar m = Map([]int{1}, func(i int) string { return string(rune(i)) })",
        "type I interface { M() }\ntype A = B\ntype B struct{ i I; a *A }\nfunc (b B) M() {}\nvar _ I = A{}",
        "func f() (n int, err error) { defer func() { recover() }(); for i := range 10 { n += i }; return }",
        "const ( a = iota; b; c = 1 << (10 * iota); d )\nvar x [d]int\nvar y uint8 = uint8(len(x) >> 24)",
        "func it(yield func(int, string) bool) {}\nfunc f() { for i, s := range it { _, _ = i, s } }",
        "func f(s int) float64 { return float64(uint(1)<<s) }",
    ] {
        assert_eq!(errors(text), [""; 0], "{text}");
    }
}

#[test]
fn facts_are_recorded_for_lowering() {
    let store = Store::new();
    let text = "package p\nvar b = a + 1\nvar a, c = f()\nfunc f() (int, string) { return 1, \"x\" }\nvar m map[string]int\nfunc g() { v, ok := m[c]; _, _ = v, ok }\n";
    let (info, errors) = check(&store, text);
    assert_eq!(errors, [""; 0]);
    let names: Vec<Vec<String>> = info
        .info
        .init_order
        .iter()
        .map(|i| i.lhs.iter().map(|&o| store.name(o).to_string()).collect())
        .collect();
    assert_eq!(names, [vec!["a", "c"], vec!["b"]]);
    let untyped = info.info.types.iter().flatten().filter(|t| store.is_untyped(t.ty)).count();
    assert_eq!(untyped, 0, "operands get the type that they are converted to");
}

#[test]
fn long_chains_of_operators_do_not_overflow_the_stack() {
    let text = format!("var x = 0{}", " + 1".repeat(20_000));
    assert_eq!(errors(&text), [""; 0]);
}
