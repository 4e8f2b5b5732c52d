//! The values of string and rune literals (`strconv.Unquote`). Numbers are left to the constant
//! package: the scanner has checked their form.

/// The bytes that a string literal stands for, quotes included in `lit`; `None` if it is malformed.
pub fn unquote(lit: &str) -> Option<Vec<u8>> {
    let quote = *lit.as_bytes().first()?;
    let body = lit.get(1..lit.len().checked_sub(1)?)?;
    if lit.len() < 2 || lit.as_bytes()[lit.len() - 1] != quote {
        return None;
    }
    match quote {
        b'`' => Some(body.bytes().filter(|&b| b != b'\r').collect()),
        b'"' => {
            let mut bytes = Vec::with_capacity(body.len());
            let mut rest = body;
            while !rest.is_empty() {
                let (part, behind) = next_part(rest, '"')?;
                match part {
                    Part::Byte(b) => bytes.push(b),
                    Part::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                }
                rest = behind;
            }
            Some(bytes)
        }
        _ => None,
    }
}

/// The value of a rune literal, quotes included in `lit`; `None` if it is malformed.
pub fn unquote_rune(lit: &str) -> Option<u32> {
    let body = lit.strip_prefix('\'')?.strip_suffix('\'')?;
    match next_part(body, '\'')? {
        (Part::Byte(b), "") => Some(b.into()),
        (Part::Char(c), "") => Some(c.into()),
        _ => None,
    }
}

enum Part {
    /// From `\x` or an octal escape.
    Byte(u8),
    Char(char),
}

fn next_part(text: &str, quote: char) -> Option<(Part, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c == quote || c == '\n' {
        return None;
    }
    if c != '\\' {
        return Some((Part::Char(c), chars.as_str()));
    }
    let escape = chars.next()?;
    let rest = chars.as_str();
    let simple = |c: char| Some((Part::Char(c), rest));
    let number = |text: &'_ str, digits: usize, base: u32| -> Option<u32> {
        let digits = text.get(..digits)?;
        let all = digits.chars().all(|c| c.is_digit(base));
        all.then(|| u32::from_str_radix(digits, base).ok()).flatten()
    };
    match escape {
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\x0b'),
        '\\' => simple('\\'),
        _ if escape == quote => simple(quote),
        'x' => Some((Part::Byte(number(rest, 2, 16)? as u8), &rest[2..])),
        'u' => Some((Part::Char(char::from_u32(number(rest, 4, 16)?)?), &rest[4..])),
        'U' => Some((Part::Char(char::from_u32(number(rest, 8, 16)?)?), &rest[8..])),
        '0'..='7' => {
            let value = number(&text[1..], 3, 8)?;
            Some((Part::Byte(u8::try_from(value).ok()?), &rest[2..]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let cases: [(&str, Option<&[u8]>); 12] = [
            (r#""""#, Some(b"")),
            (r#""a\tb""#, Some(b"a\tb")),
            (r#""\xff\377\000""#, Some(b"\xff\xff\0")),
            (r#""\u00e9\U0001F600""#, Some("é😀".as_bytes())),
            ("`a\\n\r\nb`", Some(b"a\\n\nb")),
            (r#""\'""#, None),
            (r#""\400""#, None),
            (r#""\ud800""#, None),
            (r#""a"#, None),
            (r#"""#, None),
            (r#""a"b""#, None),
            (r#""\x+1""#, None),
        ];
        for (lit, value) in cases {
            assert_eq!(unquote(lit).as_deref(), value, "{lit}");
        }
    }

    #[test]
    fn runes() {
        let cases = [
            ("'a'", Some(97)),
            (r"'\''", Some(39)),
            (r"'\xff'", Some(255)),
            ("'é'", Some(0xe9)),
            (r"'\U0010ffff'", Some(0x10ffff)),
            ("'ab'", None),
            ("''", None),
            (r#"'\"'"#, None),
        ];
        for (lit, value) in cases {
            assert_eq!(unquote_rune(lit), value, "{lit}");
        }
    }
}
