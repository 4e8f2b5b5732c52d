//! Exact constants: literals, operations, rounding, texts.

use goxide_syntax::ast::{BinaryOp, LitKind, UnaryOp};
use goxide_types::{BasicKind, Const};

fn int(s: &str) -> Const {
    Const::from_literal(LitKind::Int, s)
}

fn float(s: &str) -> Const {
    Const::from_literal(LitKind::Float, s)
}

/// Numbers with a simple generator, so that failures repeat.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn integer_literals() {
    for (text, value) in [
        ("0", "0"),
        ("0b1_01", "5"),
        ("0o17", "15"),
        ("017", "15"),
        ("0xdead_BEEF", "3735928559"),
        ("1_000", "1000"),
        ("340282366920938463463374607431768211456", "340282366920938463463374607431768211456"),
    ] {
        assert_eq!(int(text).to_string(), value);
    }
}

#[test]
fn float_literals_and_their_texts() {
    for (text, short) in [
        ("1.5", "1.5"),
        ("0.1", "0.1"),
        ("1e100", "1e+100"),
        ("1e-7", "1e-07"),
        ("123456789.0", "1.23457e+08"),
        ("0x1p-2", "0.25"),
        ("0x1.8p1", "3"),
        ("1e1000", "1e+1000"),
        ("1e-1000", "1e-1000"),
        ("1e100000", "1e+100000"),
        ("6e-1886451601", "0"),
        ("1234567.5", "1.23457e+06"),
        ("100000.5", "100000.5"),
        ("08.5", "8.5"),
    ] {
        assert_eq!(float(text).to_string(), short, "{text}");
    }
    assert_eq!(float("1e10000000000"), Const::Unknown);
    assert_eq!(float("0.5").exact_string(), "1/2");
    assert_eq!(Const::from_literal(LitKind::Imag, "0123i").to_string(), "(0 + 123i)");
    assert_eq!(Const::from_literal(LitKind::Imag, "0x10i").to_string(), "(0 + 16i)");
}

#[test]
fn runes_and_strings() {
    let rune = |s: &str| Const::from_literal(LitKind::Rune, s).as_i64();
    assert_eq!(rune("'a'"), Some(97));
    assert_eq!(rune(r"'\n'"), Some(10));
    assert_eq!(rune(r"'\''"), Some(39));
    assert_eq!(rune(r"'\xff'"), Some(255));
    assert_eq!(rune(r"'\377'"), Some(255));
    assert_eq!(rune(r"'\u00e9'"), Some(0xe9));
    assert_eq!(rune("'世'"), Some(0x4e16));
    let string = |s: &str| Const::from_literal(LitKind::String, s).as_bytes().map(<[u8]>::to_vec);
    assert_eq!(string("`a\r\\n`"), Some(b"a\\n".to_vec()));
    assert_eq!(string(r#""\xe4\u4e16\"""#), Some(b"\xe4\xe4\xb8\x96\"".to_vec()));
    assert_eq!(Const::from_string(&b"a\xffb\n"[..]).to_string(), r#""a\xffb\n""#);
    let long = Const::from_string("x".repeat(100).into_bytes()).to_string();
    assert_eq!(long, format!("\"{}...", "x".repeat(68)));
}

#[test]
fn integers_of_any_size() {
    let big = Const::shift(&int("1"), true, 1000);
    assert_eq!(big.bit_len(), 1001);
    let back = Const::shift(&big, false, 998);
    assert_eq!(back.as_i64(), Some(4));
    let one = int("1");
    assert_eq!(Const::binary_op(BinaryOp::Sub, &big, &big, true).as_i64(), Some(0));
    assert_eq!(Const::unary_op(UnaryOp::Xor, &one, None).as_i64(), Some(-2));
    assert_eq!(Const::unary_op(UnaryOp::Xor, &one, Some(8)).as_i64(), Some(254));
    let minus = Const::from_i64(-7);
    assert_eq!(Const::binary_op(BinaryOp::Div, &minus, &int("2"), true).as_i64(), Some(-3));
    assert_eq!(Const::binary_op(BinaryOp::Rem, &minus, &int("2"), true).as_i64(), Some(-1));
    assert_eq!(Const::binary_op(BinaryOp::Div, &minus, &int("2"), false).to_string(), "-3.5");
    assert_eq!(Const::binary_op(BinaryOp::Div, &minus, &int("0"), true), Const::Unknown);
    assert_eq!(Const::binary_op(BinaryOp::AndNot, &int("15"), &int("5"), true).as_i64(), Some(10));
    assert_eq!(Const::shift(&minus, false, 1).as_i64(), Some(-4));
    assert_eq!(minus.low_u64(), (-7i64) as u64);
}

#[test]
fn what_types_hold() {
    let fits = |c: &Const, k| c.representable(k).is_some();
    assert!(fits(&int("255"), BasicKind::Uint8) && !fits(&int("256"), BasicKind::Uint8));
    assert!(fits(&Const::from_i64(-128), BasicKind::Int8) && !fits(&int("128"), BasicKind::Int8));
    assert!(fits(&int("18446744073709551615"), BasicKind::Uint64));
    assert!(!fits(&int("18446744073709551616"), BasicKind::Uint64));
    assert!(!fits(&int("9223372036854775808"), BasicKind::Int));
    assert!(fits(&float("1e3"), BasicKind::Int) && !fits(&float("1.5"), BasicKind::Int));
    assert!(fits(&float("3.4e38"), BasicKind::Float32) && !fits(&float("3.5e38"), BasicKind::Float32));
    assert!(fits(&float("1e308"), BasicKind::Float64) && !fits(&float("1e309"), BasicKind::Float64));
    assert!(fits(&float("1e-400"), BasicKind::Float64));
    let rounded = float("0.1").representable(BasicKind::Float32).map(|c| c.to_f64());
    assert_eq!(rounded, Some(f64::from(0.1f32)));
    let i = Const::from_literal(LitKind::Imag, "0i");
    assert_eq!(i.representable(BasicKind::Int).and_then(|c| c.as_i64()), Some(0));
    assert!(!fits(&Const::from_literal(LitKind::Imag, "1i"), BasicKind::Float64));
}

#[test]
fn rounding_errors_in_the_last_bits_are_forgiven_to_integers() {
    // (1/3 as a big float) · 3
    let third = Const::binary_op(BinaryOp::Div, &float("1e5000"), &float("3e5000"), false);
    let one = Const::binary_op(BinaryOp::Mul, &third, &int("3"), false);
    assert_eq!(one.to_int().as_i64(), Some(1));
}

#[test]
fn complex_arithmetic() {
    let c = |re: i64, im: i64| {
        Const::binary_op(BinaryOp::Add, &Const::from_i64(re), &Const::make_imag(&Const::from_i64(im)), false)
    };
    let product = Const::binary_op(BinaryOp::Mul, &c(1, 2), &c(3, 4), false);
    assert_eq!(product.to_string(), "(-5 + 10i)");
    let quotient = Const::binary_op(BinaryOp::Div, &product, &c(3, 4), false);
    assert!(Const::compare(BinaryOp::Eql, &quotient, &c(1, 2)));
    assert_eq!(Const::unary_op(UnaryOp::Minus, &c(1, 2), None).to_string(), "(-1 + -2i)");
}

#[test]
fn decimal_literals_round_as_the_standard_library_does() {
    let mut r = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3000 {
        let digits = r.next() % 10u64.pow((r.next() % 19) as u32 + 1);
        let e = (r.next() % 700) as i64 - 350;
        let text = format!("{digits}e{e}");
        let c = float(&text);
        assert_eq!(c.to_f64(), text.parse::<f64>().unwrap(), "{text}");
        assert_eq!(c.to_f32(), text.parse::<f32>().unwrap(), "{text}");
    }
}

#[test]
fn every_float_is_its_own_constant() {
    let mut r = Random(42);
    for _ in 0..3000 {
        let x = f64::from_bits(r.next());
        if x.is_finite() {
            assert_eq!(Const::from_f64(x).to_f64(), x + 0.0);
            let y = f32::from_bits(r.next() as u32);
            if y.is_finite() {
                assert_eq!(Const::from_f64(f64::from(y)).to_f32(), y + 0.0);
            }
        }
    }
}

#[test]
fn integer_operations_agree_with_machine_arithmetic() {
    let mut r = Random(7);
    for _ in 0..2000 {
        let (a, b) = ((r.next() as i64) >> (r.next() % 60), (r.next() as i64) >> (r.next() % 60));
        let (x, y) = (Const::from_i64(a), Const::from_i64(b));
        let op = |op| Const::binary_op(op, &x, &y, true).low_u64() as i64;
        assert_eq!(op(BinaryOp::Add), a.wrapping_add(b));
        assert_eq!(op(BinaryOp::Sub), a.wrapping_sub(b));
        assert_eq!(op(BinaryOp::Mul), a.wrapping_mul(b));
        assert_eq!(op(BinaryOp::And), a & b);
        assert_eq!(op(BinaryOp::Or), a | b);
        assert_eq!(op(BinaryOp::Xor), a ^ b);
        assert_eq!(op(BinaryOp::AndNot), a & !b);
        if b != 0 {
            assert_eq!(op(BinaryOp::Div), a.wrapping_div(b));
            assert_eq!(op(BinaryOp::Rem), a.wrapping_rem(b));
        }
        assert_eq!(Const::compare(BinaryOp::Lss, &x, &y), a < b);
    }
}
