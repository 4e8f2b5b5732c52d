//! Lists of words as go's flags take them: parted by white space, a word in quotes may hold some
//! (`cmd/internal/quoted`).

pub fn split(text: &str) -> Result<Vec<String>, String> {
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while let Some(first) = rest.chars().next() {
        if matches!(first, '\'' | '"') {
            let end = rest[1..].find(first).ok_or_else(|| format!("unterminated {first} string"))?;
            words.push(rest[1..=end].to_string());
            rest = &rest[end + 2..];
        } else {
            let end = rest.find(is_space).unwrap_or(rest.len());
            words.push(rest[..end].to_string());
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(is_space);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn quotes_hold_white_space() {
        assert_eq!(split(" -a  '-X m.v=a b' \"c\" ").unwrap(), ["-a", "-X m.v=a b", "c"]);
        assert_eq!(split("'x").unwrap_err(), "unterminated ' string");
        assert_eq!(split("").unwrap(), Vec::<String>::new());
    }
}
