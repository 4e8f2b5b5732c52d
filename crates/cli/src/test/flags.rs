//! The words behind `goxide test`: flags of the build, of the command, and of the test program.

use crate::flags::{self, FlagError, Parsed, Spec};
use crate::invocation;

/// Flags that the test program understands, as `-test.NAME`.
const PASSED: &[Spec] = &[
    Spec::boolean("artifacts"),
    Spec::text("bench"),
    Spec::boolean("benchmem"),
    Spec::text("benchtime"),
    Spec::text("blockprofile"),
    Spec::number("blockprofilerate"),
    Spec::number("count"),
    Spec::text("cpu"),
    Spec::text("cpuprofile"),
    Spec::boolean("failfast"),
    Spec::boolean("fullpath"),
    Spec::text("fuzz"),
    Spec::text("fuzzminimizetime"),
    Spec::text("fuzztime"),
    Spec::text("list"),
    Spec::text("memprofile"),
    Spec::number("memprofilerate"),
    Spec::text("mutexprofile"),
    Spec::number("mutexprofilefraction"),
    Spec::text("outputdir"),
    Spec::number("parallel"),
    Spec::text("run"),
    Spec::boolean("short"),
    Spec::checked("shuffle", shuffle),
    Spec::text("skip"),
    Spec::checked("timeout", timeout),
    Spec::text("trace"),
    Spec::boolean("v"),
];
const OWN: &[Spec] =
    &[Spec::boolean("c"), Spec::text("coverprofile"), Spec::boolean("json"), Spec::checked("vet", vet)];
/// With other flags than these a result is not kept.
const CACHEABLE: &[&str] = &[
    "benchtime",
    "cpu",
    "failfast",
    "fullpath",
    "list",
    "outputdir",
    "parallel",
    "run",
    "short",
    "skip",
    "timeout",
    "v",
];

/// Whether a flag has the name.
pub fn is_flag(name: &str) -> bool {
    PASSED.iter().chain(OWN).any(|s| s.name == name)
}

fn shuffle(value: &str) -> Result<(), String> {
    match value {
        "on" | "off" => Ok(()),
        _ if value.parse::<i64>().is_ok() => Ok(()),
        _ => Err(format!(
            "-shuffle argument must be \"on\", \"off\", or an int64: strconv.ParseInt: parsing \"{value}\": invalid syntax"
        )),
    }
}

fn timeout(value: &str) -> Result<(), String> {
    super::run::duration(value).map(|_| ()).ok_or_else(|| "parse error".into())
}

/// There is no vet: what go's would check is only checked to be something that it knows.
fn vet(value: &str) -> Result<(), String> {
    const ANALYZERS: &[&str] = &[
        "all",
        "off",
        "appends",
        "asmdecl",
        "assign",
        "atomic",
        "bools",
        "buildtag",
        "cgocall",
        "composites",
        "copylocks",
        "defers",
        "directive",
        "errorsas",
        "framepointer",
        "hostport",
        "httpresponse",
        "ifaceassert",
        "loopclosure",
        "lostcancel",
        "nilfunc",
        "printf",
        "shift",
        "sigchanyzer",
        "slog",
        "stdmethods",
        "stdversion",
        "stringintconv",
        "structtag",
        "testinggoroutine",
        "tests",
        "timeformat",
        "unmarshal",
        "unreachable",
        "unsafeptr",
        "unusedresult",
        "waitgroup",
    ];
    match value.split(',').find(|name| !ANALYZERS.contains(name)) {
        Some(name) => {
            Err(format!("-vet argument must be a supported analyzer or a distinguished value; found {name}"))
        }
        None => Ok(()),
    }
}

#[derive(Debug, Default)]
pub struct Words {
    /// For the build.
    pub build: Vec<String>,
    /// Of this command and the test program, by name.
    pub test: Parsed,
    /// None were given: the current directory, whose output is shown as it comes.
    pub packages: Vec<String>,
    /// For the test program: its flags, then what goes to it untouched.
    pub pass: Vec<String>,
    pub is_cacheable: bool,
}

/// Flags may stand on both sides of the packages; what is not known is the test program's, and all
/// behind that, and behind `-args`.
pub fn parse(args: &[String], goflags: &[String]) -> Result<Words, FlagError> {
    let mut words = Words { is_cacheable: true, ..Words::default() };
    let build = invocation::specs("test");
    for specs in [PASSED, OWN] {
        words.test.flags.extend(flags::from_goflags(specs, goflags)?);
    }
    let mut rest = args;
    let mut extra: Vec<String> = Vec::new();
    let mut is_passing = false;
    while let Some(word) = rest.first() {
        if word == "-args" || word == "--args" {
            extra.extend_from_slice(&rest[1..]);
            words.is_cacheable &= rest.len() == 1;
            break;
        }
        if !word.starts_with('-') || word == "-" {
            if is_passing {
                extra.push(word.clone());
            } else {
                words.packages.push(word.clone());
            }
            rest = &rest[1..];
            continue;
        }
        let name = word.trim_start_matches('-').split('=').next().unwrap_or("");
        let bare = name.strip_prefix("test.").unwrap_or(name);
        let find = |specs: &'static [Spec], name: &str| specs.iter().find(|s| s.name == name);
        let own = find(PASSED, bare).or_else(|| find(OWN, bare));
        let used = if let Some(spec) = own.or_else(|| build.iter().find(|s| s.name == name)) {
            // A flag and its value: the parser would go on behind them.
            let used = if spec.is_bool() || word.contains('=') { 1 } else { rest.len().min(2) };
            if own.is_none() {
                words.build.extend_from_slice(&rest[..used]);
            } else if bare == "v" && word.ends_with("=test2json") {
                words.test.flags.push(("v", "test2json".into()));
            } else {
                let mut given = rest[..used].to_vec();
                given[0] = word.replacen("test.", "", usize::from(name != bare));
                words.test.flags.extend(flags::parse(std::slice::from_ref(spec), &given)?.flags);
            }
            used
        } else if matches!(name, "h" | "help") {
            return Err(FlagError::Help);
        } else {
            // As in go: the words behind a flag that is not known may be its value.
            is_passing = true;
            words.is_cacheable = false;
            extra.push(word.clone());
            1
        };
        rest = &rest[used..];
    }
    for (name, value) in &words.test.flags {
        if PASSED.iter().any(|s| s.name == *name) {
            words.pass.push(format!("-test.{name}={value}"));
            words.is_cacheable &= CACHEABLE.contains(name);
        }
    }
    words.pass.extend(extra);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Words {
        parse(&list.iter().map(|w| w.to_string()).collect::<Vec<_>>(), &[]).unwrap()
    }

    #[test]
    fn flags_stand_on_both_sides_of_packages() {
        let w = words(&["-v", "-run", "X", "./a", "./b", "-tags=t", "-short"]);
        assert_eq!(w.packages, ["./a", "./b"]);
        assert_eq!(w.build, ["-tags=t"]);
        assert_eq!(w.pass, ["-test.v=true", "-test.run=X", "-test.short=true"]);
        assert!(w.is_cacheable);
    }

    #[test]
    fn what_is_not_known_is_passed_on() {
        let w = words(&["./a", "-update", "x", "-args", "-v", "y"]);
        assert_eq!((w.packages.len(), w.is_cacheable), (1, false));
        assert_eq!(w.pass, ["-update", "x", "-v", "y"]);
        assert_eq!(words(&["-test.count=2", "-count=1"]).pass, ["-test.count=2", "-test.count=1"]);
    }
}
