//! Floating-point numbers as print writes them: shortest digits that read back, in the form of
//! `strconv`'s 'g' with precision −1. Pure.

use core::fmt::{self, Write};

/// The longest is −2.2250738585072014e-308.
pub struct Text {
    buf: [u8; 32],
    len: usize,
}

impl Text {
    fn new() -> Text {
        Text { buf: [0; 32], len: 0 }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.buf[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.buf[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        if self.len + s.len() > self.buf.len() {
            return Err(fmt::Error);
        }
        self.push(s.as_bytes());
        Ok(())
    }
}

pub fn format64(v: f64) -> Text {
    let mut scientific = Text::new();
    if v.is_finite() {
        // Rust's own shortest digits, as d.ddde-dd.
        let _ = write!(scientific, "{v:e}");
    }
    shape(v, &scientific)
}

pub fn format32(v: f32) -> Text {
    let mut scientific = Text::new();
    if v.is_finite() {
        let _ = write!(scientific, "{v:e}");
    }
    shape(v as f64, &scientific)
}

/// Go's form of a number whose shortest digits are given.
fn shape(v: f64, scientific: &Text) -> Text {
    let mut out = Text::new();
    if v.is_nan() {
        out.push(b"NaN");
        return out;
    }
    if v.is_infinite() {
        out.push(if v > 0.0 { b"+Inf" } else { b"-Inf" });
        return out;
    }
    let mut digits = [0u8; 24];
    let mut n = 0;
    let mut exp = 0i32;
    let mut exp_negative = false;
    let mut in_exp = false;
    for &b in scientific.as_bytes() {
        match b {
            b'e' => in_exp = true,
            b'-' if in_exp => exp_negative = true,
            b'0'..=b'9' if in_exp => exp = exp * 10 + (b - b'0') as i32,
            b'0'..=b'9' => {
                digits[n] = b;
                n += 1;
            }
            _ => {}
        }
    }
    let digits = &digits[..n];
    let exp = if exp_negative { -exp } else { exp };
    if v.is_sign_negative() {
        out.push(b"-");
    }
    if !(-4..6).contains(&exp) {
        exponential(&mut out, digits, exp);
    } else {
        positional(&mut out, digits, exp);
    }
    out
}

fn exponential(out: &mut Text, digits: &[u8], exp: i32) {
    out.push(&digits[..1]);
    if digits.len() > 1 {
        out.push(b".");
        out.push(&digits[1..]);
    }
    out.push(if exp < 0 { b"e-" } else { b"e+" });
    let e = exp.unsigned_abs();
    if e >= 100 {
        out.push(&[b'0' + (e / 100) as u8]);
    }
    out.push(&[b'0' + (e / 10 % 10) as u8, b'0' + (e % 10) as u8]);
}

fn positional(out: &mut Text, digits: &[u8], exp: i32) {
    if exp < 0 {
        out.push(b"0.");
        for _ in 0..-exp - 1 {
            out.push(b"0");
        }
        out.push(digits);
        return;
    }
    let whole = exp as usize + 1;
    if digits.len() <= whole {
        out.push(digits);
        for _ in digits.len()..whole {
            out.push(b"0");
        }
    } else {
        out.push(&digits[..whole]);
        out.push(b".");
        out.push(&digits[whole..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(v: f64) -> String {
        String::from_utf8(format64(v).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn as_go_prints() {
        for (v, want) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (100000.0, "100000"),
            (1e6, "1e+06"),
            (1234567.0, "1.234567e+06"),
            (2097152.5, "2.0971525e+06"),
            (123456.75, "123456.75"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (0.0001234, "0.0001234"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-2.2250738585072014e-308, "-2.2250738585072014e-308"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(text(v), want);
        }
        assert_eq!(format32(0.1).as_bytes(), b"0.1");
        assert_eq!(format32(16777216.0).as_bytes(), b"1.6777216e+07");
    }
}
