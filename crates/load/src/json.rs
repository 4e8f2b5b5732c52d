//! JSON texts that users write, and what is wrong with them in the words of Go's `encoding/json`.

#[derive(Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool,
    Number,
    String(String),
    Array,
    /// A name may stand there more than once.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// What it is called where something else was wanted.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool => "bool",
            Value::Number => "number",
            Value::String(_) => "string",
            Value::Array => "array",
            Value::Object(_) => "object",
        }
    }
}

/// Values in values, at most.
const DEPTH_MAX: usize = 10_000;

pub(crate) fn parse(text: &[u8]) -> Result<Value, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    match reader.next_char() {
        Err(_) => Ok(value),
        Ok(_) => Err(reader.unexpected("after top-level value")),
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
}

fn cut_off() -> String {
    "unexpected end of JSON input".into()
}

impl Reader<'_> {
    fn peek(&self) -> Result<u8, String> {
        self.text.get(self.at).copied().ok_or_else(cut_off)
    }

    /// The character behind white space.
    fn next_char(&mut self) -> Result<u8, String> {
        while matches!(self.peek()?, b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
        self.peek()
    }

    fn unexpected(&self, place: &str) -> String {
        let rest = String::from_utf8_lossy(&self.text[self.at..]);
        let shown = match rest.chars().next() {
            Some('\'') => r"'\''".into(),
            Some('"') => "'\"'".into(),
            Some(c) => format!("'{}'", c.escape_debug()),
            None => return cut_off(),
        };
        format!("invalid character {shown} {place}")
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.next_char()? {
            b'n' => self.literal("null", Value::Null),
            b't' => self.literal("true", Value::Bool),
            b'f' => self.literal("false", Value::Bool),
            b'"' => self.string().map(Value::String),
            b'-' | b'0'..=b'9' => self.number(),
            b'[' | b'{' if self.depth == DEPTH_MAX => Err("exceeded max depth".into()),
            b'[' => {
                self.items(b']', "after array element", &mut |r| r.value().map(drop))?;
                Ok(Value::Array)
            }
            b'{' => {
                let mut members = Vec::new();
                self.items(b'}', "after object key:value pair", &mut |r| {
                    if r.next_char()? != b'"' {
                        return Err(r.unexpected("looking for beginning of object key string"));
                    }
                    let name = r.string()?;
                    if r.next_char()? != b':' {
                        return Err(r.unexpected("after object key"));
                    }
                    r.at += 1;
                    members.push((name, r.value()?));
                    Ok(())
                })?;
                Ok(Value::Object(members))
            }
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    /// What stands between brackets, parted by commas.
    fn items(
        &mut self,
        end: u8,
        place: &str,
        item: &mut dyn FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        self.depth += 1;
        let mut is_first = true;
        while !is_first || self.next_char()? != end {
            is_first = false;
            item(self)?;
            match self.next_char()? {
                b',' => self.at += 1,
                c if c == end => break,
                _ => return Err(self.unexpected(place)),
            }
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for expected in word.bytes() {
            if self.peek()? != expected {
                let place = format!("in literal {word} (expecting '{}')", char::from(expected));
                return Err(self.unexpected(&place));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, String> {
        self.at += usize::from(self.peek()? == b'-');
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Ok(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Ok(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek()?, b'+' | b'-'));
            self.digits()?;
        }
        Ok(Value::Number)
    }

    fn digits(&mut self) -> Result<(), String> {
        if !self.peek()?.is_ascii_digit() {
            return Err(self.unexpected("in numeric literal"));
        }
        while self.peek().is_ok_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut units: Vec<u8> = Vec::new();
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => units.extend(self.escape()?.encode_utf8(&mut [0; 4]).bytes()),
                ..=0x1f => return Err(self.unexpected("in string")),
                b => {
                    units.push(b);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        Ok(String::from_utf8_lossy(&units).into_owned())
    }

    fn escape(&mut self) -> Result<char, String> {
        let begin = self.at;
        self.at += 1;
        let c = match self.peek()? {
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            c @ (b'"' | b'\\' | b'/') => char::from(c),
            b'u' => {
                let high = self.code_unit(begin)?;
                self.at = begin + 6;
                let is_pair = (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with(b"\\u");
                let low = if is_pair { self.code_unit(self.at)? } else { 0 };
                return Ok(match char::decode_utf16([high, low]).next() {
                    Some(Ok(c)) => {
                        self.at += if is_pair { 6 } else { 0 };
                        c
                    }
                    _ => char::REPLACEMENT_CHARACTER,
                });
            }
            c => return Err(format!("invalid escape sequence `\\{}` in string", char::from(c))),
        };
        self.at += 1;
        Ok(c)
    }

    /// Of the escape that begins at `begin`.
    fn code_unit(&self, begin: usize) -> Result<u16, String> {
        let whole = self.text.get(begin..begin + 6).ok_or_else(cut_off)?;
        let digits = std::str::from_utf8(&whole[2..]).ok().filter(|d| !d.starts_with('+'));
        digits
            .and_then(|d| u16::from_str_radix(d, 16).ok())
            .ok_or_else(|| format!("invalid escape sequence `{}` in string", String::from_utf8_lossy(whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let text = |t: &str| Value::String(t.into());
        assert_eq!(parse(br#" "a\n\u00e4\ud83d\ude00\ud83d" "#), Ok(text("a\nä😀\u{fffd}")));
        let object = Value::Object(vec![("a".into(), Value::Array), ("a".into(), Value::Number)]);
        assert_eq!(parse(br#"{"a": [1, true, null], "a": -1.5e3}"#), Ok(object));
        assert_eq!((parse(b"{}"), parse(b"[]")), (Ok(Value::Object(vec![])), Ok(Value::Array)));
    }

    #[test]
    fn errors_are_worded_as_gos() {
        let error = |t: &str| parse(t.as_bytes()).unwrap_err();
        for (text, wanted) in [
            ("{", "unexpected end of JSON input"),
            ("1e", "unexpected end of JSON input"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            (r#"{"a" 1}"#, "invalid character '1' after object key"),
            (r#"{"a":"b" "c"}"#, "invalid character '\"' after object key:value pair"),
            (r#"{"a":"b",}"#, "invalid character '}' looking for beginning of object key string"),
            ("[1 2]", "invalid character '2' after array element"),
            ("tx", "invalid character 'x' in literal true (expecting 'r')"),
            ("-}", "invalid character '}' in numeric literal"),
            ("\"b\n\"", "invalid character '\\n' in string"),
            (r#""b\x""#, r"invalid escape sequence `\x` in string"),
            (r#"{"a":"\u12"}}"#, r#"invalid escape sequence `\u12"}` in string"#),
        ] {
            assert_eq!(error(text), wanted);
        }
    }
}
