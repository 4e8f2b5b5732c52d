//! Which files of a directory belong to a build for linux/amd64 (`go/build.Context.matchFile`).

use crate::experiments::Experiments;
use goxide_syntax::constraint::{self, Constraint};

const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// The tags that hold: the target's, the language versions', and the user's.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    pub user: Vec<String>,
    /// Of a package of GOROOT.
    pub std: bool,
    pub experiments: Experiments,
}

impl Tags {
    pub fn holds(&self, tag: &str) -> bool {
        if let Some(minor) = tag.strip_prefix("go1.") {
            return minor.parse::<u32>().is_ok_and(|n| (1..=crate::LANGUAGE_VERSION.1).contains(&n));
        }
        if let Some(experiment) = tag.strip_prefix("goexperiment.") {
            return self.experiments.is_on(experiment);
        }
        // Std's assembly knows gc's runtime from inside, hence purego; there is no cgo, hence the pure Go resolver
        // and user lookup.
        let pure =
            matches!(tag, "osusergo" | "netgo") || self.std && matches!(tag, "purego" | "math_big_pure_go");
        matches!(tag, "linux" | "amd64" | "unix" | "gc" | "goxide")
            || pure
            || self.user.iter().any(|t| t == tag)
    }

    /// Whether a file's name lets it take part: `x_windows.go` does not, nor does `_x.go`.
    pub fn name_matches(&self, name: &str) -> bool {
        if name.starts_with(['_', '.']) {
            return false;
        }
        let stem = name.split('.').next().unwrap_or(name);
        // Everything before the first _ is just a name: `linux.go` is for all systems.
        let Some((_, tail)) = stem.split_once('_') else { return true };
        let mut words: Vec<&str> = tail.split('_').collect();
        if words.last() == Some(&"test") {
            words.pop();
        }
        let is = |known: &[&str], w: Option<&&str>| w.is_some_and(|w| known.contains(w));
        let n = words.len();
        if n >= 2 && is(KNOWN_OS, words.get(n - 2)) && is(KNOWN_ARCH, words.last()) {
            return self.holds(words[n - 2]) && self.holds(words[n - 1]);
        }
        if is(KNOWN_OS, words.last()) || is(KNOWN_ARCH, words.last()) {
            return self.holds(words[n - 1]);
        }
        true
    }

    /// Whether the constraints in a file's head let it take part; or what is wrong with them. Where there is a
    /// `//go:build` line, the `// +build` lines do not count.
    pub fn text_matches(&self, text: &[u8]) -> Result<bool, String> {
        let holds = |c: Constraint| c.eval(&mut |tag| self.holds(tag));
        let comments =
            || head_comments(text).into_iter().map(|(at, line)| (at, String::from_utf8_lossy(line)));
        let mut lines =
            comments().filter_map(|(_, line)| Some(constraint::go_build_text(&line)?.to_string()));
        match (lines.next(), lines.next()) {
            (Some(_), Some(_)) => Err("multiple //go:build comments".into()),
            (Some(line), None) => match constraint::parse(&line) {
                Ok(constraint) => Ok(holds(constraint)),
                Err(why) => Err(format!("parsing //go:build line: {why}")),
            },
            (None, _) => {
                let end = last_blank_line(text);
                let lines = comments().take_while(|&(at, _)| at < end);
                Ok(lines
                    .filter_map(|(_, line)| {
                        constraint::plus_build_text(line.trim()).map(constraint::parse_plus)
                    })
                    .all(holds))
            }
        }
    }
}

/// The comment lines in a file's head (all before the package clause) and their offsets; what stands between `/*`
/// and `*/` is left out.
pub(crate) fn head_comments(text: &[u8]) -> Vec<(usize, &[u8])> {
    let (mut found, mut at, mut in_comment) = (Vec::new(), 0, false);
    for line in text.split(|&b| b == b'\n') {
        let trimmed = line.trim_ascii();
        if in_comment || trimmed.starts_with(b"/*") {
            in_comment = !trimmed.windows(2).any(|w| w == b"*/");
        } else if trimmed.starts_with(b"//") {
            found.push((at, line));
        } else if !trimmed.is_empty() {
            break;
        }
        at += line.len() + 1;
    }
    found
}

/// Where the last blank line stands before anything but `//` comments: a `// +build` line behind it is but the
/// package's comment.
fn last_blank_line(text: &[u8]) -> usize {
    let (mut last, mut at) = (0, 0);
    for line in text.split(|&b| b == b'\n') {
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() {
            last = at;
        } else if !trimmed.starts_with(b"//") {
            break;
        }
        at += line.len() + 1;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_name_system_and_machine() {
        let tags = Tags::default();
        for name in
            ["a.go", "linux.go", "a_linux.go", "a_amd64.go", "a_linux_amd64.go", "a_linux_test.go", "a_x.go"]
        {
            assert!(tags.name_matches(name), "{name}");
        }
        for name in ["_a.go", ".a.go", "a_windows.go", "a_arm64.go", "a_linux_arm64.go", "a_windows_amd64.go"]
        {
            assert!(!tags.name_matches(name), "{name}");
        }
    }

    #[test]
    fn language_versions_hold_up_to_ours() {
        let tags = Tags { user: vec!["mine".into()], ..Tags::default() };
        assert!(tags.holds("go1.1") && tags.holds("go1.27") && tags.holds("mine"));
        assert!(!tags.holds("go1.28") && !tags.holds("cgo") && !tags.holds("ignore"));
    }

    #[test]
    fn constraints_stand_before_the_package_clause() {
        let matches = |text: &str| Tags::default().text_matches(text.as_bytes());
        assert_eq!(matches("// x\n\n//go:build linux\n\npackage p\n"), Ok(true));
        assert_eq!(matches("/* x\n y */\n//go:build a\npackage p\n"), Ok(false));
        assert_eq!(matches("package p\n//go:build a\n"), Ok(true));
        assert_eq!(matches("// x\n\n// +build a linux\n// +build amd64\n\npackage p\n"), Ok(true));
        assert_eq!(matches("// +build linux\n// +build a\n\npackage p\n"), Ok(false));
        assert_eq!(matches("// +build a\npackage p\n"), Ok(true));
        assert_eq!(matches("//go:build linux\n// +build a\n\npackage p\n"), Ok(true));
        assert_eq!(matches("//go:build a\n//go:build b\n"), Err("multiple //go:build comments".into()));
    }
}
