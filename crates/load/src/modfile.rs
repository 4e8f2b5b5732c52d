//! The syntax of `go.mod` and `go.work`: statements of words, some of them in blocks
//! (`golang.org/x/mod/modfile/read.go`).

/// A statement with the verb that stands before its words or its block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub line: usize,
    pub words: Vec<Word>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As it stands in the file.
    pub raw: String,
}

/// Where and why a file cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    pub text: String,
}

impl Word {
    /// Without its quotes.
    pub fn value(&self) -> Result<String, String> {
        let raw = self.raw.as_str();
        if raw.starts_with('"') {
            let text = goxide_syntax::literal::unquote(raw).ok_or("invalid quoted string: invalid syntax")?;
            return String::from_utf8(text).map_err(|_| "invalid quoted string: invalid syntax".into());
        }
        if raw.contains(['"', '\'', '`']) {
            return Err("invalid quoted string: unquoted string cannot contain quote".into());
        }
        Ok(raw.into())
    }
}

const PUNCTUATION: [char; 7] = ['(', ')', '[', ']', '{', '}', ','];

/// The words of a line; its comment is left out.
fn words(text: &str, line: usize) -> Result<Vec<Word>, SyntaxError> {
    let error = |at: usize, text: &str| SyntaxError { line, column: at + 1, text: text.into() };
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let starts = |what: [char; 2]| chars[i..].starts_with(&what);
        if c == ' ' || c == '\t' || c == '\r' {
            i += 1;
            continue;
        }
        if starts(['/', '/']) {
            break;
        }
        if starts(['/', '*']) {
            return Err(error(i, "mod files must use // comments (not /* */ comments)"));
        }
        let begin = i;
        if PUNCTUATION.contains(&c) {
            i += 1;
        } else if c == '"' || c == '`' {
            i += 1;
            loop {
                match chars.get(i) {
                    None => return Err(error(i, "unexpected newline in string")),
                    Some('\\') if c == '"' => i += 2,
                    Some(&end) => {
                        i += 1;
                        if end == c {
                            break;
                        }
                    }
                }
            }
        } else {
            let is_word = |c: &char| !c.is_whitespace() && !c.is_control() && !PUNCTUATION.contains(c);
            if !is_word(&c) {
                return Err(error(i, &format!("unexpected input character {c:?}")));
            }
            while chars.get(i).is_some_and(is_word) && !chars[i..].starts_with(&['/', '/']) {
                i += 1;
            }
        }
        words.push(Word { raw: chars[begin..i].iter().collect() });
    }
    Ok(words)
}

/// The statements of a file. `shown` is the file's name in messages.
pub(crate) fn statements(text: &str, shown: &str) -> Result<Vec<Statement>, SyntaxError> {
    let mut found = Vec::new();
    // The words before the parenthesis, and their line.
    let mut block: Option<(Vec<String>, usize)> = None;
    let mut number = 0;
    for text in text.lines() {
        number += 1;
        let mut words = words(text, number)?;
        let raw: Vec<&str> = words.iter().map(|w| w.raw.as_str()).collect();
        match (&block, raw.as_slice()) {
            (_, []) => {}
            (Some(_), [")"]) => block = None,
            (Some(_), [")", ..]) => {
                let column = text.find(')').map_or(1, |at| text[..at].chars().count() + 2);
                let text = "syntax error (expected newline after closing paren)".into();
                return Err(SyntaxError { line: number, column, text });
            }
            (None, [_, "(", ")"]) => {}
            (None, [verb @ .., "("]) if !verb.is_empty() => {
                block = Some((verb.iter().map(|v| v.to_string()).collect(), number));
            }
            (Some((verb, _)), _) => {
                words.splice(0..0, verb.iter().map(|raw| Word { raw: raw.clone() }));
                found.push(Statement { line: number, words });
            }
            (None, _) => found.push(Statement { line: number, words }),
        }
    }
    if let Some((_, line)) = block {
        let text = format!("syntax error (unterminated block started at {shown}:{line}:1)");
        return Err(SyntaxError { line: number + 1, column: 1, text });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(usize, Vec<String>)>, SyntaxError> {
        let list = statements(text, "/m/go.mod")?;
        Ok(list.into_iter().map(|s| (s.line, s.words.into_iter().map(|w| w.raw).collect())).collect())
    }

    #[test]
    fn blocks_comments_and_quotes() {
        let found = read("// c\nmodule a.b/c // d\nrequire (\n\ta v1 // x\n\n)\nretract [v1, v2]\n").unwrap();
        let words = |line, text: &str| (line, text.split(' ').map(String::from).collect::<Vec<_>>());
        assert_eq!(
            found,
            [words(2, "module a.b/c"), words(4, "require a v1"), words(7, "retract [ v1 , v2 ]")]
        );
        assert_eq!(read("module \"a b\"\n").unwrap()[0].1[1], "\"a b\"");
    }

    #[test]
    fn damage_has_its_place() {
        let error = read("module \"a\n").unwrap_err();
        assert_eq!((error.line, error.column, error.text.as_str()), (1, 10, "unexpected newline in string"));
        let error = read("require (\n\ta v1\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 1));
        assert!(error.text.contains("/m/go.mod:1:1"));
    }
}
