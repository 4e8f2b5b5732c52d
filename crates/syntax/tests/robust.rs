//! Whatever the text, parsing ends, does not panic, and gives each error a position.

mod common;

use goxide_syntax::Options;
use goxide_syntax::ast::{Expr, ExprKind};
use std::time::{Duration, Instant};

/// Knuth's MMIX generator: the same mutants on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

fn mutate(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=random.below(3) {
        if text.is_empty() {
            break;
        }
        let at = random.below(text.len());
        match random.below(5) {
            0 => text.truncate(at),
            1 => text[at] ^= 1 << random.below(8),
            2 => {
                text.remove(at);
            }
            3 => {
                let piece =
                    [&b"{"[..], b"(", b"[", b"\"", b"`", b"/*", b"'", b"\xff", b"\0", b"\n", b"case", b":"];
                let piece = piece[random.below(12)];
                text.splice(at..at, piece.iter().copied());
            }
            _ => {
                let end = (at + random.below(60)).min(text.len());
                let piece = text[at..end].to_vec();
                let to = random.below(text.len());
                text.splice(to..to, piece);
            }
        }
    }
    text
}

fn check(name: &str, text: &[u8]) {
    let start = Instant::now();
    let (_, source, parsed) = common::parse(name, text, &Options::default());
    assert!(start.elapsed() < Duration::from_secs(10), "{name}: too slow");
    for error in &parsed.errors {
        assert!(error.pos.is_known() && source.offset(error.pos) <= text.len(), "{name}: {error:?}");
    }
}

#[test]
fn mutants_of_test_files() {
    let mut files = common::own_files();
    if let Some(root) = common::goroot() {
        files.extend(common::go_files(&root.join("src/cmd/compile/internal/syntax")));
        files.extend(common::go_files(&root.join("src/internal/types/testdata")));
    } else {
        println!("without Go's files: no GOROOT");
    }
    let mutants = 3000 / files.len() + 3;
    for (i, path) in files.iter().enumerate() {
        let text = std::fs::read(path).expect("a test file can be read");
        let mut random = Random(i as u64);
        for n in 0..mutants {
            check(&format!("{} ({n})", path.display()), &mutate(&text, &mut random));
        }
    }
}

#[test]
fn every_truncation_of_own_files() {
    for path in common::own_files() {
        let text = std::fs::read(&path).expect("a test file can be read");
        for end in (0..text.len()).step_by(7) {
            check(&format!("{} (up to {end})", path.display()), &text[..end]);
        }
    }
}

/// `head`, `open` many times, `middle`, `close` as often, `tail`.
fn nested(head: &str, open: &str, middle: &str, close: &str, tail: &str, times: usize) -> String {
    format!("package p\n{head}{}{middle}{}{tail}\n", open.repeat(times), close.repeat(times))
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let shapes = [
        ("var x = ", "(", "1", ")", ""),
        ("var x = ", "- ", "1", "", ""),
        ("var x = ", "& ", "1", "", ""),
        ("var x = ", "<-", "1", "", ""),
        ("var x = ", "f(", "1", ")", ""),
        ("var x = ", "a[", "1", "]", ""),
        ("var x = ", "a.b", "", "", ""),
        ("var x = ", "f", "", "()", ""),
        ("var x = a", "[1]", "", "", ""),
        ("var x = T", "{", "1", "}", ""),
        ("var x = ", "T{1: ", "1", "}", ""),
        ("var x = ", "func() { x = ", "1", "}", ""),
        ("var x = 1", "+ (1", "", ")", ""),
        ("var x ", "[]", "int", "", ""),
        ("var x ", "*", "int", "", ""),
        ("var x ", "[1]", "int", "", ""),
        ("var x ", "map[int]", "int", "", ""),
        ("var x ", "map[", "int", "]int", ""),
        ("var x ", "chan ", "int", "", ""),
        ("var x ", "<-chan ", "int", "", ""),
        ("var x ", "func(", "int", ")", ""),
        ("var x ", "func() ", "int", "", ""),
        ("var x ", "struct{ a ", "int", "}", ""),
        ("var x ", "interface{ m() ", "int", "}", ""),
        ("var x ", "interface{ ", "int", "}", ""),
        ("var x ", "T[", "int", "]", ""),
        ("var x ", "(", "int", ")", ""),
        ("type T[P ", "interface{ ~", "int", "}", "] int"),
        ("type T[P ", "*", "Q", "", "] int"),
        ("func f() ", "{", "", "}", ""),
        ("func f() { ", "if x {", "", "}", "}"),
        ("func f() { ", "if x {} else ", "{}", "", "}"),
        ("func f() { ", "for {", "", "}", "}"),
        ("func f() { ", "switch { case x: ", "", "}", "}"),
        ("func f() { ", "select { case <-x: ", "", "}", "}"),
        ("func f() { ", "L: ", "", "", "}"),
        ("func f() { ", "go func() { ", "", "}()", "}"),
        ("func f() { type T ", "struct{ x ", "int", "}", "}"),
    ];
    for (head, open, middle, close, tail) in shapes {
        for times in [100, 10_000, 300_000] {
            let text = nested(head, open, middle, close, tail, times);
            let (_, _, parsed) = common::parse("deep.go", text.as_bytes(), &Options::default());
            let too_deep = parsed.errors.iter().any(|e| e.text == "syntax error: nested too deeply");
            assert_eq!(too_deep, times > 100, "{open} {times} times: {:?}", parsed.errors.first());
        }
    }
}

#[test]
fn long_chains_are_no_error() {
    for op in ["+", "|", "&&"] {
        let text = format!(
            "package p\nvar x = 1{}\ntype T[P A{}] int\n",
            format!(" {op} 1").repeat(50_000),
            "|B".repeat(50_000)
        );
        let (_, _, parsed) = common::parse("chain.go", text.as_bytes(), &Options::default());
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors.first());
    }
    let text = format!("package p\nvar x = []int{{ {} }}\n", "f(1) + a.b, ".repeat(100_000));
    let (_, _, parsed) = common::parse("list.go", text.as_bytes(), &Options::default());
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors.first());
}

#[test]
fn a_chain_prints_and_drops_in_a_loop() {
    let text = format!("package p\nvar x = a{}\n", " + b".repeat(90_000));
    let (_, _, parsed) = common::parse("chain.go", text.as_bytes(), &Options::default());
    let goxide_syntax::ast::Decl::Var(var) = &parsed.file.decls[0] else { panic!("a variable") };
    let sum: &Expr = &var.values[0];
    assert!(matches!(sum.kind, ExprKind::Binary(..)));
    assert_eq!(sum.to_string().len(), 1 + 4 * 90_000);
}
