//! Whatever the text, the front end ends soon, does not panic, and gives each error a place: mutants of the
//! programs of `tests/run`, of our syntax files and, where they are at hand, of Go's own test files.
//!
//! The mutants are the same on every run. `GOXIDE_FUZZ_SEED` gives others, `GOXIDE_FUZZ_COUNT` more, and
//! `GOXIDE_FUZZ_FILES` names another folder to take files from; with `GOXIDE_FUZZ_TRACE` each input is in the
//! temporary folder while it is looked at.

mod common;

use common::World;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

const PER_INPUT_MAX: Duration = Duration::from_secs(10);

/// Knuth's MMIX generator.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// Where words, numbers, strings and signs begin and end, roughly.
fn tokens(text: &[u8]) -> Vec<(usize, usize)> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
    let mut list = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        at += 1;
        match text[start] {
            b' ' | b'\t' => continue,
            b'"' => {
                while at < text.len() && !matches!(text[at], b'"' | b'\n') {
                    at += 1 + usize::from(text[at] == b'\\');
                }
                at = (at + 1).min(text.len());
            }
            b if is_word(b) => {
                while at < text.len() && is_word(text[at]) {
                    at += 1;
                }
            }
            _ => {}
        }
        list.push((start, at));
    }
    list
}

fn mutate(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=random.below(3) {
        let tokens = tokens(&text);
        if tokens.is_empty() {
            break;
        }
        let (start, end) = tokens[random.below(tokens.len())];
        let (from, to) = tokens[random.below(tokens.len())];
        match random.below(10) {
            0 => text.truncate(start),
            1 => text[start] ^= 1 << random.below(8),
            2 | 3 => drop(text.drain(start..end)),
            4 => {
                let token = text[start..end].to_vec();
                text.splice(end..end, token);
            }
            // One token in place of another: often right syntax, with wrong types.
            5..=7 => {
                let token = text[from..to].to_vec();
                text.splice(start..end, token);
            }
            8 => {
                const PIECES: [&str; 24] = [
                    "nil",
                    "0",
                    "\"\"",
                    "int",
                    "[]",
                    "*",
                    "&",
                    "(",
                    ")",
                    "{",
                    "}",
                    "[T any]",
                    "1 << 70",
                    "-1",
                    "chan",
                    "func",
                    "interface{",
                    "struct{",
                    "...",
                    "~",
                    "iota",
                    "defer ",
                    "go ",
                    "1e1000",
                ];
                let piece = PIECES[random.below(PIECES.len())];
                text.splice(start..start, piece.bytes());
            }
            _ => {
                let end = (start + random.below(200)).min(text.len());
                let piece = text[start..end].to_vec();
                text.splice(from..from, piece);
            }
        }
    }
    text
}

/// Nothing if all is well with what the front end makes of the text.
fn failure(world: &World, name: &str, text: &[u8]) -> Option<String> {
    let start = Instant::now();
    let result = catch_unwind(AssertUnwindSafe(|| world.compile(name, text)));
    let seconds = start.elapsed().as_secs_f64();
    let errors = match result {
        Ok(errors) => errors,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| s.to_string()));
            return Some(format!("panics: {}", text.unwrap_or_default()));
        }
    };
    if start.elapsed() > PER_INPUT_MAX {
        return Some(format!("takes {seconds:.1} s"));
    }
    let lost = errors.iter().find(|e| world.files.position(e.pos).is_none_or(|p| p.line == 0));
    lost.map(|e| format!("has an error without a place: {}", e.text))
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise)
}

fn seeds() -> Vec<PathBuf> {
    if let Some(dir) = std::env::var_os("GOXIDE_FUZZ_FILES") {
        return common::go_files(dir.as_ref());
    }
    let mut files = common::go_files(&common::root().join("tests/run"));
    files.extend(common::go_files(&common::root().join("tests/syntax")));
    if let Some(goroot) = common::goroot() {
        files.extend(common::go_files(&goroot.join("src/internal/types/testdata")));
    }
    files
}

/// Checks inputs on all processors; those that fail are kept in the temporary folder.
fn run(inputs: usize, input: impl Fn(usize) -> (String, Vec<u8>) + Sync) {
    let next = AtomicUsize::new(0);
    let failures = std::sync::Mutex::new(Vec::new());
    let world = common::world();
    // For what ends the whole process.
    let trace = std::env::var_os("GOXIDE_FUZZ_TRACE").is_some();
    // The reports of panics are in the way; the failures say what they were.
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for thread in 0..std::thread::available_parallelism().map_or(2, |n| n.get()) {
            let (next, failures, world, input) = (&next, &failures, &world, &input);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Relaxed);
                    if i >= inputs {
                        return;
                    }
                    let (name, text) = input(i);
                    if trace {
                        let _ = std::fs::write(
                            std::env::temp_dir().join(format!("goxide-trace-{thread}.go")),
                            &text,
                        );
                    }
                    if let Some(what) = failure(world, &name, &text) {
                        let kept = std::env::temp_dir().join(format!("goxide-bad-input-{i}.go"));
                        let _ = std::fs::write(&kept, &text);
                        failures
                            .lock()
                            .expect("nobody panics")
                            .push(format!("{name} ({}) {what}", kept.display()));
                    }
                }
            });
        }
    });
    let _ = std::panic::take_hook();
    let failures = failures.into_inner().expect("nobody panics");
    assert!(failures.is_empty(), "{} of {inputs}:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn mutants() {
    let files = seeds();
    let count = number("GOXIDE_FUZZ_COUNT", 4000) as usize;
    let seed = number("GOXIDE_FUZZ_SEED", 1);
    let texts: Vec<Vec<u8>> =
        files.iter().map(|f| std::fs::read(f).expect("a test file can be read")).collect();
    run(count, |i| {
        let which = i % files.len();
        let mut random = Random(seed.wrapping_mul(1 << 40).wrapping_add(i as u64));
        random.below(2);
        let name = files[which].file_name().and_then(|n| n.to_str()).unwrap_or("x.go");
        (format!("{name}.{i}.go"), mutate(&texts[which], &mut random))
    });
}

/// `head`, `open` many times, `middle`, `close` as often, `tail`.
fn nested(head: &str, open: &str, middle: &str, close: &str, tail: &str, times: usize) -> Vec<u8> {
    format!(
        "package main\n{head}{}{middle}{}{tail}\nfunc main() {{}}\n",
        open.repeat(times),
        close.repeat(times)
    )
    .into_bytes()
}

/// `first`, then declarations that each name the one before twice.
fn doubled(first: &str, each: impl Fn(usize) -> String) -> Vec<u8> {
    let list: Vec<String> = (1..60).map(each).collect();
    format!("package main\n{first}\n{}\nfunc main() {{}}\n", list.join("\n")).into_bytes()
}

/// What is as deep as the parser allows, chains as long as anybody writes, and types that are large only
/// if written out.
fn shapes() -> Vec<(String, Vec<u8>)> {
    let deep = [
        ("var a = 1; var x = ", "(", "a", ")", ""),
        ("var a = 1; var x = ", "- ", "a", "", ""),
        ("var x ", "*", "int", "", ""),
        ("var x ", "[]", "int", "", ""),
        ("var x ", "[1]", "int", "", ""),
        ("var x ", "map[int]", "int", "", ""),
        ("var x ", "func() ", "int", "", ""),
        ("var x ", "struct{ a ", "int", "}", ""),
        ("var x ", "interface{ m() ", "int", "}", ""),
        ("type T[P any] struct{ a, b P }; var x ", "T[", "int", "]", ""),
        ("type T[P any] struct{ a *P }; var x ", "T[", "int", "]", ""),
        ("func id[P any](p P) P { return p }; var x = ", "id(", "1", ")", ""),
        ("var x = ", "func() any { return ", "1", "}", ""),
        ("func f(x int) int { return x }; var x = ", "f(", "1", ")", ""),
        ("type T []T; var x = ", "T{", "", "}", ""),
        ("func f(x bool) { ", "if x {", "", "}", "}"),
        ("func f(x int) { ", "for x > 0 { x--; ", "", "}", "}"),
        ("func f(x int) { ", "switch x { case 1: ", "", "}", "}"),
        ("func f(x int) { ", "for i := range x { _ = i; ", "", "}", "}"),
        ("func f() { ", "defer func() { ", "", "}()", "}"),
        ("func f(x bool) { ", "if x {} else ", "{}", "", "}"),
    ];
    let mut list = Vec::new();
    for (head, open, middle, close, tail) in deep {
        for times in [60, 400, 1900] {
            list.push((format!("{open} {times} times"), nested(head, open, middle, close, tail, times)));
        }
    }
    for (op, of, value) in [
        ("+", "int", "1"),
        ("+", "string", "\"s\""),
        ("||", "bool", "true"),
        ("<<", "int", "0"),
        ("|", "int", "1"),
    ] {
        for variable in [true, false] {
            let first = if variable { "a" } else { value };
            let chain = format!("{first}{}", format!(" {op} {first}").repeat(100_000));
            let text = format!("package main\nvar a {of} = {value}\nvar x = {chain}\nfunc main() {{}}\n");
            list.push((format!("100,000 {op} of {first}"), text.into_bytes()));
        }
    }
    list.push((
        "doubled structs".into(),
        doubled("type T0 struct{}\nvar x T59", |i| format!("type T{i} struct {{ a, b T{} }}", i - 1)),
    ));
    list.push((
        "doubled arrays".into(),
        doubled("type T0 struct{}\nvar x T59", |i| format!("type T{i} [2]T{}", i - 1)),
    ));
    list.push((
        "doubled functions".into(),
        doubled("type T0 struct{}\nvar x T59", |i| format!("type T{i} = func(a, b T{})", i - 1)),
    ));
    list.push((
        "doubled interfaces".into(),
        doubled("type T0 interface{ m() }\nvar x T59", |i| {
            format!("type T{i} interface {{ T{0}; interface{{ T{0} }} }}", i - 1)
        }),
    ));
    list.push((
        "doubled constraints".into(),
        doubled(
            "type T0 interface{ ~int | ~string }\nfunc f[P T59](p P) P { return p }\nvar x = f(1)",
            |i| format!("type T{i} interface {{ T{0}; interface{{ T{0} }} }}", i - 1),
        ),
    ));
    list.push((
        "doubled embedding".into(),
        doubled("type T0 struct{ x int }\nvar y T59\nvar z = y.x", |i| {
            format!("type A{i} struct {{ T{0} }}\ntype T{i} struct {{ A{i}; *T{0} }}", i - 1)
        }),
    ));
    list.push((
        "doubled constants".into(),
        doubled("const c0 = \"s\"\nvar x = len(c59)", |i| format!("const c{i} = c{0} + c{0}", i - 1)),
    ));
    list.push((
        "squared constants".into(),
        doubled("const c0 = 3\nvar x = c59", |i| format!("const c{i} = c{0} * c{0}", i - 1)),
    ));
    list.push((
        "squared fractions".into(),
        doubled("const c0 = 1 / 3.0\nvar x = c59", |i| format!("const c{i} = c{0} * c{0}", i - 1)),
    ));
    list.push(("huge array".into(), b"package main\nvar x = [1 << 40]int{1 << 39: 1}\nfunc main() { y := [...]string{1e9: \"\"}; println(len(y), x[1]) }\n".to_vec()));
    list.push(("generic recursion".into(), b"package main\ntype T[P any] struct{ f *T[[]P] }\nfunc f[P any](n int, p P) { if n > 0 { f(n-1, &p) } }\nfunc main() { var t T[int]; _ = t; f(3, 1) }\n".to_vec()));
    list
}

#[test]
fn deep_long_and_wide() {
    let list = shapes();
    run(list.len(), |i| (format!("{}.go", list[i].0), list[i].1.clone()));
}
