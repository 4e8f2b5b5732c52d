//! Trees, directives, positions and texts of small files.

mod common;

use goxide_source::FileSet;
use goxide_syntax::Options;
use goxide_syntax::ast::*;

/// The file and the errors of `text`, rendered.
fn parse(text: &str) -> (File, Vec<String>, Vec<String>) {
    let (files, _, mut parsed) = common::parse("d/x.go", text.as_bytes(), &Options::default());
    goxide_source::sort_and_dedup(&mut parsed.errors, &files);
    let render = |list: &[goxide_source::Diagnostic]| list.iter().map(|e| e.render(&files)).collect();
    let (errors, late) = (render(&parsed.errors), render(&parsed.late_errors));
    (parsed.file, errors, late)
}

/// The value of `var _ = …`.
fn with_expr(text: &str, test: impl FnOnce(&File, &Expr)) {
    let (file, errors, _) = parse(&format!("package p; var _ = {text}"));
    assert!(errors.is_empty(), "{text}: {errors:?}");
    let Some(Decl::Var(var)) = file.decls.first() else { panic!("{text}: no variable") };
    test(&file, &var.values[0]);
}

#[test]
fn expressions_print_as_in_messages() {
    let cases = [
        ("a+b * c", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("-x.y[1](2, z...)", "-x.y[1](2, z...)"),
        ("func(a, b int, c ...T) (d error) { f() }", "func(a, b int, c ...T) (d error) {…}"),
        ("func() {}", "func() {}"),
        ("[]int{1}", "[]int{…}"),
        ("[...]int{}", "[...]int{}"),
        ("map[string]*T{}", "map[string]*T{}"),
        ("struct{a, b int; c string `t`; D; *E}{}", "struct{a, b int; c string `t`; D; *E}{}"),
        ("x.(interface{m(int) T; ~int|A})", "x.(interface{m(int) T; ~int | A})"),
        ("(<-chan int)(nil)", "(<-chan int)(nil)"),
        ("x.(chan (<-chan int))", "x.(chan (<-chan int))"),
        ("x.(chan<- int)", "x.(chan<- int)"),
        ("b[1:2:3]", "b[1:2:3]"),
        ("b[:]", "b[:]"),
        ("c[T, U]", "c[T, U]"),
        ("<-c", "<-c"),
        ("&T{x: 1}", "&T{…}"),
        ("1i + 'a' + \"s\"", "1i + 'a' + \"s\""),
    ];
    for (text, printed) in cases {
        with_expr(text, |_, x| assert_eq!(x.to_string(), printed));
    }
}

#[test]
fn positions_are_as_in_gc() {
    // Column of the node, of its start and of its end, from the first character on.
    let cases = [
        ("aa + bb", (3, 0, 7)),
        ("aa.bb.cc", (5, 0, 8)),
        ("aa(bb)", (2, 0, 5)),
        ("aa[bb]", (2, 0, 5)),
        ("aa[bb:cc]", (2, 2, 8)),
        ("aa.(T)", (2, 0, 5)),
        ("T{1}", (1, 0, 3)),
        ("-aa", (0, 0, 3)),
        ("*aa", (0, 0, 3)),
        ("func() {}", (0, 0, 8)),
        ("[]int(nil)", (5, 0, 9)),
        ("f().g", (3, 0, 5)),
    ];
    for (text, expected) in cases {
        with_expr(text, |file, x| {
            let column = |pos| file.source.offset(pos) - "package p; var _ = ".len();
            assert_eq!((column(x.pos), column(start_pos(x)), column(end_pos(x))), expected, "{text}");
        });
    }
}

#[test]
fn a_group_of_names_shares_its_type() {
    let (file, errors, _) = parse("package p; func f(a, b int, c, d string)");
    assert!(errors.is_empty());
    let Decl::Func(f) = &file.decls[0] else { panic!("a function") };
    let shared: Vec<_> = f.ty.params.iter().map(|p| p.type_shared).collect();
    assert_eq!(shared, [false, true, false, true]);
    assert_eq!(f.ty.params[0].ty.id, f.ty.params[1].ty.id);
}

#[test]
fn type_parameters_are_told_from_array_lengths() {
    let cases = [
        ("[P *T,] int", 1),
        ("[P *T] int", 0),
        ("[P *[]int] int", 1),
        ("[P *T|~Q] int", 1),
        ("[P (T)] int", 0),
        ("[P (T),] int", 1),
        ("[n] int", 0),
        ("[P, Q any] int", 2),
        ("[P []Q, Q any] int", 2),
    ];
    for (text, count) in cases {
        let (file, errors, _) = parse(&format!("package p; type T {text}"));
        assert!(errors.is_empty(), "{text}: {errors:?}");
        let Decl::Type(decl) = &file.decls[0] else { panic!("{text}: no type") };
        assert_eq!(decl.type_params.len(), count, "{text}");
    }
}

#[test]
fn directives_go_to_declarations_and_the_file() {
    let text = "//go:build linux && go1.22\n\npackage p\n\nimport (\n\t_ \"embed\"\n\t_ \"unsafe\"\n)\n\
        //go:linkname f g\n//go:noinline\nfunc f()\n\n//go:embed a \"b c\"\nvar x string\n";
    let (file, errors, late) = parse(text);
    assert!(errors.is_empty() && late.is_empty(), "{errors:?} {late:?}");
    assert_eq!(file.build_constraint.as_deref(), Some("linux && go1.22"));
    assert_eq!(file.go_version.as_deref(), Some("go1.22"));
    let of_file: Vec<_> = file.pragmas.iter().map(|p| (&*p.verb, &*p.args)).collect();
    let expected = [("go:build", "linux && go1.22"), ("go:linkname", "f g"), ("go:embed", "a \"b c\"")];
    assert_eq!(of_file, expected);
    let Decl::Func(f) = &file.decls[2] else { panic!("a function") };
    assert_eq!(f.pragmas.len(), 1);
    assert_eq!(&*f.pragmas[0].verb, "go:noinline");
    let Decl::Var(x) = &file.decls[3] else { panic!("a variable") };
    assert_eq!(&*x.pragmas[0].verb, "go:embed");
}

#[test]
fn wrong_directives_are_reported() {
    let cases = [
        ("func f() {} //go:nosplit\n", "d/x.go:2:15: misplaced compiler directive"),
        ("func f() {\n//go:noinline\nx()\n}\n", "d/x.go:3:3: misplaced compiler directive"),
        ("//go:linkname f g h\n", "d/x.go:2:3: usage: //go:linkname localname [linkname]"),
        ("//go:embed\nvar x string\n", "d/x.go:2:3: usage: //go:embed pattern..."),
        ("//go:systemstack\nfunc f()\n", "d/x.go:2:3: //go:systemstack only allowed in runtime"),
        ("//go:cgo_ldflag \"-x\"\n", "d/x.go:2:3: //go:cgo_ldflag \"-x\" only allowed in cgo-generated code"),
    ];
    for (text, expected) in cases {
        let (_, errors, _) = parse(&format!("package p\n{text}"));
        assert_eq!(errors, [expected], "{text}");
    }
    let late_cases = [
        ("//go:noinline\nvar x int\n", "d/x.go:2:3: misplaced compiler directive"),
        ("//go:embed a\nfunc f()\n", "d/x.go:2:3: misplaced go:embed directive"),
        ("//go:linkname f g\n", "d/x.go:2:3: //go:linkname only allowed in Go files that import \"unsafe\""),
        (
            "//go:embed a\nvar x string\n",
            "d/x.go:2:3: go:embed requires import \"embed\" (or import _ \"embed\", if package is not used)",
        ),
    ];
    for (text, expected) in late_cases {
        let (_, errors, late) = parse(&format!("package p\n{text}"));
        assert!(errors.is_empty(), "{text}: {errors:?}");
        assert_eq!(late, [expected], "{text}");
    }
}

#[test]
fn line_directives_move_positions() {
    let cases = [
        ("//line y.go:10\nvar x\n", "d/y.go:10: syntax error: unexpected newline, expected type"),
        ("//line /y.go:10:5\nvar x\n", "/y.go:10:10: syntax error: unexpected newline, expected type"),
        ("//line :10:5\nvar x\n", "d/x.go:10:10: syntax error: unexpected newline, expected type"),
        ("/*line y.go:10:5*/var x\n", "d/y.go:10:10: syntax error: unexpected newline, expected type"),
        (" //line y.go:10\nvar x\n", "d/x.go:3:6: syntax error: unexpected newline, expected type"),
        ("//line y.go:0\n", "d/x.go:2:13: invalid line number: 0"),
        ("//line y.go:x\n", "d/x.go:2:13: invalid line number: x"),
        ("//line y.go:1:0\n", "d/x.go:2:15: invalid column number: 0"),
    ];
    for (text, expected) in cases {
        let (_, errors, _) = parse(&format!("package p\n{text}"));
        assert_eq!(errors, [expected], "{text}");
    }
}

#[test]
fn deep_files_record_a_line_directive_once() {
    let deep = format!("{}1{}", "(".repeat(900), ")".repeat(900));
    let (_, errors, _) = parse(&format!("package p\n//line y.go:10\nvar x = {deep}\nvar y\n"));
    assert_eq!(errors, ["d/y.go:11: syntax error: unexpected newline, expected type"]);
}

#[test]
fn headers_end_at_the_first_other_declaration() {
    let files = FileSet::new();
    let text = "package p\nimport \"a\"\nimport (\n\tb \"c\"\n)\nfunc ( { nonsense";
    let source = files.add("x.go", text.as_bytes().to_vec());
    let parsed = goxide_syntax::parse_imports(&source, &Options::default());
    assert!(parsed.errors.is_empty());
    assert_eq!(&*parsed.file.package.name, "p");
    assert_eq!(parsed.file.decls.len(), 2);
}

#[test]
fn one_syntax_error_a_line_is_shown() {
    let (_, errors, _) = parse("package p\nfunc f() { a b; c d }\n");
    assert_eq!(errors, ["d/x.go:2:14: syntax error: unexpected name b at end of statement"]);
}

#[test]
fn bytes_that_are_no_text_are_reported_and_skipped() {
    let (files, _, parsed) = common::parse(
        "x.go",
        b"\xef\xbb\xbfpackage p\nvar a\0b = \"\xff\"\nvar c\xef\xbb\xbf int\n",
        &Options::default(),
    );
    let errors: Vec<_> = parsed.errors.iter().map(|e| e.render(&files)).collect();
    let expected = [
        "x.go:2:6: invalid NUL character",
        "x.go:2:12: invalid UTF-8 encoding",
        "x.go:3:6: invalid BOM in the middle of the file",
    ];
    assert_eq!(errors, expected);
}
