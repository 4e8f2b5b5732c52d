//! Command-line flags in the manner of Go's `flag` package: `-name value`, `-name=value`, one or two
//! dashes, flags before the first other argument.

/// A flag that a command knows.
#[derive(Clone, Copy)]
pub struct Spec {
    pub name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Takes no value; `-name=false` turns it off.
    Bool,
    /// The same, or a word.
    BoolOr(&'static str),
    Text,
    /// What is wrong with a value is said by the function.
    Checked(fn(&str) -> Result<(), String>),
}

impl Spec {
    pub const fn boolean(name: &'static str) -> Spec {
        Spec { name, kind: Kind::Bool }
    }

    pub const fn boolean_or(name: &'static str, word: &'static str) -> Spec {
        Spec { name, kind: Kind::BoolOr(word) }
    }

    pub const fn text(name: &'static str) -> Spec {
        Spec { name, kind: Kind::Text }
    }

    pub const fn checked(name: &'static str, check: fn(&str) -> Result<(), String>) -> Spec {
        Spec { name, kind: Kind::Checked(check) }
    }

    pub const fn number(name: &'static str) -> Spec {
        fn check(value: &str) -> Result<(), String> {
            value.parse::<i64>().map(|_| ()).map_err(|_| "parse error".into())
        }
        Spec { name, kind: Kind::Checked(check) }
    }

    pub fn is_bool(&self) -> bool {
        matches!(self.kind, Kind::Bool | Kind::BoolOr(_))
    }

    /// The value as the command sees it.
    fn value(&self, given: String) -> Result<String, FlagError> {
        let name = || self.name.to_string();
        match self.kind {
            Kind::BoolOr(word) if given == word => Ok(given),
            Kind::Bool | Kind::BoolOr(_) => match given.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok("true".into()),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok("false".into()),
                _ => {
                    let why = match self.kind {
                        Kind::BoolOr(word) => format!("value is neither '{word}' nor a valid bool"),
                        _ => "parse error".into(),
                    };
                    Err(FlagError::BadBool { name: name(), value: given, why })
                }
            },
            Kind::Text => Ok(given),
            Kind::Checked(check) => match check(&given) {
                Ok(()) => Ok(given),
                Err(why) => Err(FlagError::BadValue { name: name(), value: given, why }),
            },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum FlagError {
    Unknown(String),
    NeedsArgument(String),
    BadBool {
        name: String,
        value: String,
        why: String,
    },
    BadValue {
        name: String,
        value: String,
        why: String,
    },
    BadSyntax(String),
    /// One that GOFLAGS gives, told in full.
    FromGoflags(String),
    /// -h or -help.
    Help,
}

impl std::fmt::Display for FlagError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FlagError::Unknown(name) => write!(f, "flag provided but not defined: -{name}"),
            FlagError::NeedsArgument(name) => write!(f, "flag needs an argument: -{name}"),
            FlagError::BadBool { name, value, why } => {
                write!(f, "invalid boolean value \"{value}\" for -{name}: {why}")
            }
            FlagError::BadValue { name, value, why } => {
                write!(f, "invalid value \"{value}\" for flag -{name}: {why}")
            }
            FlagError::FromGoflags(text) => f.write_str(text),
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

/// The flags that GOFLAGS gives to a command: each word is a flag with its value, and those are passed over
/// that the command does not know (`cmd/go/internal/base/goflags.go`).
pub fn from_goflags(specs: &[Spec], words: &[String]) -> Result<Vec<(&'static str, String)>, FlagError> {
    let mut flags = Vec::new();
    for word in words {
        let shown = word.strip_prefix('-').filter(|w| w.starts_with('-')).unwrap_or(word);
        let (shown, value) = match shown.split_once('=') {
            Some((shown, value)) => (shown, Some(value)),
            None => (shown, None),
        };
        let Some(spec) = specs.iter().find(|s| Some(s.name) == shown.strip_prefix('-')) else { continue };
        let Some(value) = value.or(spec.is_bool().then_some("true")) else {
            let text = format!("go: flag needs an argument: {shown} (from $GOFLAGS)");
            return Err(FlagError::FromGoflags(text));
        };
        let value = spec.value(value.into()).map_err(|e| {
            FlagError::FromGoflags(match e {
                FlagError::BadBool { value, why, .. } => {
                    format!("go: invalid boolean value \"{value}\" for flag {shown} (from $GOFLAGS): {why}")
                }
                FlagError::BadValue { value, why, .. } => {
                    format!("go: invalid value \"{value}\" for flag {shown} (from $GOFLAGS): {why}")
                }
                other => other.to_string(),
            })
        })?;
        flags.push((spec.name, value));
    }
    Ok(flags)
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
        let value = match value {
            Some(value) => value,
            None if spec.is_bool() => "true".into(),
            None => rest.next().cloned().ok_or_else(|| FlagError::NeedsArgument(name.into()))?,
        };
        let value = spec.value(value)?;
        parsed.flags.push((spec.name, value));
    }
    parsed.args.extend(rest.cloned());
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[Spec] = &[Spec::text("o"), Spec::boolean("v")];

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
