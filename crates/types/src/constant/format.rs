//! Constants as messages write them (as `constant.Value`'s `String` and `ExactString`).

use super::float::Float;
use super::{Const, Text};
use std::fmt::{Display, Formatter, Write};

/// The short form: numbers may be rounded, strings cut.
impl Display for Const {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Const::Unknown => f.write_str("unknown"),
            Const::Bool(b) => write!(f, "{b}"),
            Const::String(s) => f.write_str(&short_string(s)),
            Const::Int(i) => write!(f, "{i}"),
            Const::Rational(r) => {
                f.write_str(&float_string(&Float::from_ratio(r.numerator(), r.denominator())))
            }
            Const::Float(x) => f.write_str(&float_string(x)),
            Const::Complex(c) => write!(f, "({} + {}i)", c.0, c.1),
        }
    }
}

impl Const {
    /// Exactly, fractions as `p/q`, strings whole.
    pub fn exact_string(&self) -> String {
        match self {
            Const::String(s) => quote(s),
            Const::Rational(r) if *r.denominator() == dashu_int::UBig::ONE => r.numerator().to_string(),
            Const::Rational(r) => format!("{}/{}", r.numerator(), r.denominator()),
            Const::Complex(c) => format!("({} + {}i)", c.0.exact_string(), c.1.exact_string()),
            other => other.to_string(),
        }
    }
}

fn short_string(s: &Text) -> String {
    const MAX_CHARS: usize = 72;
    let quoted = quote(&s.prefix(4 * (MAX_CHARS + 1)));
    match quoted.char_indices().nth(MAX_CHARS) {
        None => quoted,
        Some(_) => quoted.chars().take(MAX_CHARS - 3).chain("...".chars()).collect(),
    }
}

fn float_string(f: &Float) -> String {
    if f.is_infinite() {
        return if f.sign() < 0 { "-Inf" } else { "+Inf" }.to_string();
    }
    let x = f.to_f64();
    if x.is_finite() && (x == 0.0) == (f.sign() == 0) {
        let s = format_g(x, Some(6));
        // A fraction should look like one.
        return if !f.is_int() && !s.contains('.') { format_g(x, None) } else { s };
    }
    // Out of the range of f64: m · 10^e, about.
    let (m, exponent) = f.mant_exp();
    let d = exponent as f64 * (std::f64::consts::LN_2 / std::f64::consts::LN_10);
    let mut e = d as i64;
    let mut m = m * 10f64.powf(d - e as f64);
    if m.abs() < 1.0 - 0.5e-6 {
        m *= 10.0;
        e -= 1;
    } else if m.abs() >= 10.0 {
        m /= 10.0;
        e += 1;
    }
    format!("{}e{e:+}", format_g(m, Some(6)))
}

/// C's `%g` with as many digits, or with the fewest that read back the same.
pub(crate) fn format_g(x: f64, digits: Option<usize>) -> String {
    if x == 0.0 {
        return "0".to_string();
    }
    let scientific = match digits {
        Some(n) => format!("{:.*e}", n - 1, x),
        None => format!("{x:e}"),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mut mantissa = mantissa.to_string();
    if mantissa.contains('.') {
        mantissa.truncate(mantissa.trim_end_matches('0').trim_end_matches('.').len());
    }
    let limit = digits.map_or(6, |n| n as i32);
    if exponent < -4 || exponent >= limit {
        return format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
    let negative = mantissa.starts_with('-');
    let significant: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let mut out = String::from(if negative { "-" } else { "" });
    if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(&significant);
        return out;
    }
    let point = exponent as usize + 1;
    for (i, c) in significant.chars().enumerate() {
        if i == point {
            out.push('.');
        }
        out.push(c);
    }
    out.extend(std::iter::repeat_n('0', point.saturating_sub(significant.len())));
    out
}

/// As `strconv.Quote`: a Go string literal of the bytes.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\u{7}' => out.push_str("\\a"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{b}' => out.push_str("\\v"),
                c if is_print(c) => out.push(c),
                c if c < ' ' || c == '\u{7f}' => {
                    let _ = write!(out, "\\x{:02x}", u32::from(c));
                }
                c if u32::from(c) < 0x10000 => {
                    let _ = write!(out, "\\u{:04x}", u32::from(c));
                }
                c => {
                    let _ = write!(out, "\\U{:08x}", u32::from(c));
                }
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}

/// Printable, as far as Rust's own tables tell: what `char::escape_debug` leaves alone. Of white space
/// only the plain blank is.
fn is_print(c: char) -> bool {
    let mut escaped = c.escape_debug();
    let plain = matches!((escaped.next(), escaped.next()), (Some(e), None) if e == c) || c == '\'';
    plain && (c == ' ' || !c.is_whitespace()) || is_combining(c)
}

/// Rust escapes combining marks, Go prints them.
fn is_combining(c: char) -> bool {
    matches!(u32::from(c), 0x300..=0x36f | 0x1ab0..=0x1aff | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
}
