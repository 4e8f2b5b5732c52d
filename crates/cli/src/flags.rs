//! Command-line flags in the manner of Go's `flag` package: `-name value`, `-name=value`, one or two
//! dashes, flags before the first other argument.

/// A flag that a command knows.
pub struct Spec {
    pub name: &'static str,
    /// Takes no value; `-name=false` turns it off.
    pub is_bool: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum FlagError {
    Unknown(String),
    NeedsArgument(String),
    BadBool {
        name: String,
        value: String,
    },
    BadSyntax(String),
    /// -h or -help.
    Help,
}

impl std::fmt::Display for FlagError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FlagError::Unknown(name) => write!(f, "flag provided but not defined: -{name}"),
            FlagError::NeedsArgument(name) => write!(f, "flag needs an argument: -{name}"),
            FlagError::BadBool { name, value } => {
                write!(f, "invalid boolean value \"{value}\" for -{name}: parse error")
            }
            FlagError::BadSyntax(word) => write!(f, "bad flag syntax: {word}"),
            FlagError::Help => Ok(()),
        }
    }
}

/// The flags given, in order, and the arguments behind them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub flags: Vec<(&'static str, String)>,
    pub args: Vec<String>,
}

impl Parsed {
    /// The last value given for a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    pub fn is_on(&self, name: &str) -> bool {
        self.value(name) == Some("true")
    }
}

pub fn parse(specs: &[Spec], args: &[String]) -> Result<Parsed, FlagError> {
    let mut parsed = Parsed::default();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        let Some(body) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).filter(|_| word != "-")
        else {
            parsed.args.push(word.clone());
            break;
        };
        if word == "--" {
            break;
        }
        if body.is_empty() || body.starts_with(['-', '=']) {
            return Err(FlagError::BadSyntax(word.clone()));
        }
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (body, None),
        };
        let Some(spec) = specs.iter().find(|s| s.name == name) else {
            return Err(if matches!(name, "h" | "help") {
                FlagError::Help
            } else {
                FlagError::Unknown(name.into())
            });
        };
        let value = match (spec.is_bool, value) {
            (true, None) => "true".into(),
            (true, Some(v)) => match v.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => "true".into(),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => "false".into(),
                _ => return Err(FlagError::BadBool { name: name.into(), value: v }),
            },
            (false, Some(v)) => v,
            (false, None) => rest.next().cloned().ok_or_else(|| FlagError::NeedsArgument(name.into()))?,
        };
        parsed.flags.push((spec.name, value));
    }
    parsed.args.extend(rest.cloned());
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[Spec] = &[Spec { name: "o", is_bool: false }, Spec { name: "v", is_bool: true }];

    fn parsed(words: &[&str]) -> Result<Parsed, FlagError> {
        parse(SPECS, &words.iter().map(|w| w.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn flags_end_at_the_first_other_word() {
        let p = parsed(&["-o", "x", "--v", "a.go", "-o"]).unwrap();
        assert_eq!((p.value("o"), p.is_on("v")), (Some("x"), true));
        assert_eq!(p.args, ["a.go", "-o"]);
        assert_eq!(parsed(&["-v=false", "--", "-o"]).unwrap().args, ["-o"]);
        assert_eq!(parsed(&["-"]).unwrap().args, ["-"]);
    }

    #[test]
    fn errors_are_worded_as_gos() {
        let text = |words: &[&str]| parsed(words).unwrap_err().to_string();
        assert_eq!(text(&["-nosuch"]), "flag provided but not defined: -nosuch");
        assert_eq!(text(&["-o"]), "flag needs an argument: -o");
        assert_eq!(text(&["---o"]), "bad flag syntax: ---o");
        assert_eq!(text(&["-v=x"]), "invalid boolean value \"x\" for -v: parse error");
    }
}
