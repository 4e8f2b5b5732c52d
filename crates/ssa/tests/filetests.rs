//! `tests/ssa/*.ssa`: `; pass: NAME …`, functions, a line `---`, and what the passes make of them. The
//! passes over a whole package are `package`.
//! `GOXIDE_BLESS=1` writes the second half anew.

use goxide_ssa::passes;
use goxide_ssa::text::{parse_module, print_module};
use goxide_ssa::verify::verify;
use std::path::{Path, PathBuf};

const LINE: &str = "---\n";

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ssa");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "ssa"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Runs the passes that the first line names over the functions behind it.
fn outcome(input: &str) -> Result<String, String> {
    let names = input.lines().next().and_then(|l| l.strip_prefix("; pass:")).ok_or("no `; pass:`")?;
    let mut module = parse_module(input).map_err(|e| e.to_string())?;
    let printed = print_module(&module);
    let again = parse_module(&printed).map_err(|e| format!("printed: {e}"))?;
    if print_module(&again) != printed {
        return Err("printing and parsing changes it".into());
    }
    for f in &module.funcs {
        verify(f)?;
    }
    for name in names.split_whitespace() {
        if name == "package" {
            let options = passes::Options { verify: true, dump: None };
            passes::over_package(&mut module, &passes::Imports::default(), &options);
            continue;
        }
        let pass = passes::by_name(name).ok_or_else(|| format!("there is no pass {name}"))?;
        for f in &mut module.funcs {
            pass(f);
            verify(f).map_err(|e| format!("{e}\nbehind {name}:\n{}", print_module_of(f, &module.names)))?;
        }
    }
    Ok(print_module(&module))
}

fn print_module_of(f: &goxide_ssa::Func, names: &[String]) -> String {
    goxide_ssa::text::print_func(f, names, &[])
}

#[test]
fn passes_give_what_their_files_say() {
    let bless = std::env::var_os("GOXIDE_BLESS").is_some();
    let mut failures = String::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (input, expected) = text.split_once(LINE).unwrap_or((&text, ""));
        match outcome(input) {
            Ok(output) if output == expected => {}
            Ok(output) if bless => std::fs::write(&path, format!("{input}{LINE}{output}")).unwrap(),
            Ok(output) => failures += &format!("== {}\n{output}", path.display()),
            Err(error) => failures += &format!("== {}\n{error}\n", path.display()),
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn what_breaks_the_rules_is_refused() {
    let broken = [
        ("a type", "b0(v0: i64, v1: i32):\n v2: i64 = add v0, v1\n return v2"),
        ("a use before", "b0(v0: i64, v1: i32):\n v3: i64 = add v0, v2\n v2: i64 = const 1\n return v3"),
        (
            "another way",
            "b0(v0: i64, v1: i32):\n v9: i8 = const 0\n branch v9 then b1 else b2\nb1:\n v2: i64 = const 1\n jump b2\nb2:\n return v2",
        ),
        ("edge", "b0(v0: i64, v1: i32):\n jump b1(v1)\nb1(v2: i64):\n return v2"),
        ("result", "b0(v0: i64, v1: i32):\n return v1"),
        ("slot", "b0(v0: i64, v1: i32):\n v2: ptr = slotaddr s0+24\n return v0"),
        ("recover", "defer s0 bits recover b1\nb0(v0: i64, v1: i32):\n return v0\nb1:\n return v0"),
        ("entry", "b0(v0: i64, v1: i64):\n return v0"),
    ];
    for (what, body) in broken {
        let text = format!("func \"f\"(i64, i32) -> (i64) {{\n s0 = slot 16 align 8\n{body}\n}}\n");
        let module = parse_module(&text).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert!(verify(&module.funcs[0]).is_err(), "{what}");
    }
}

#[test]
fn text_errors_name_the_line() {
    let cases = [
        ("func \"f\"() {\nb0:\n  v1: i64 = frobnicate\n}\n", 3),
        ("func \"f\"() {\nb0:\n  jump b1\n}\n", 4),
        ("func \"f\"() {\nb0:\n  return v1\n}\n", 4),
        ("func \"f\"() {\nb0:\n  return\n", 3),
    ];
    for (text, line) in cases {
        assert_eq!(parse_module(text).unwrap_err().line, line, "{text}");
    }
}
