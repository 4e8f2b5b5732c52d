//! The output of a test program as a stream of JSON events (`cmd/internal/test2json`). The program is run
//! with `-test.v=test2json`, and marks its own lines by a control character in front.

use std::fmt::Write;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Marks a line of the framework.
const FRAMING: char = '\x16';
const ERROR_BEGIN: char = '\x0f';
const ERROR_END: char = '\x0e';
/// Takes the meaning from the character behind it.
const ESCAPE: char = '\x1b';

const UPDATES: &[&str] = &["RUN", "PAUSE", "CONT", "NAME", "PASS", "FAIL", "SKIP", "ATTR", "ARTIFACTS"];
const REPORTS: &[&str] = &["PASS", "FAIL", "SKIP", "BENCH"];

pub struct Converter {
    package: String,
    begun: Instant,
    test: String,
    /// Results told but not yet given out: those of subtests come first.
    reports: Vec<Report>,
    /// Bytes of a line that has not ended.
    line: Vec<u8>,
    in_error: bool,
    /// The framework marks its lines.
    is_marked: bool,
    is_started: bool,
    /// The package whose build has failed.
    failed_build: Option<String>,
}

struct Report {
    action: String,
    test: String,
    elapsed: Option<f64>,
}

/// The events of a package whose tests were not run.
pub fn said(package: &str, text: &[u8], has_failed: bool, failed_build: Option<String>) -> Vec<u8> {
    let mut converter = Converter::new(package);
    converter.failed_build = failed_build;
    let mut events = converter.write(text);
    events.extend(converter.finish(if has_failed { "fail" } else { "skip" }));
    events
}

/// The events of a build that failed, a line each, of the package that the header above it names; and the first
/// of these packages.
pub fn build_failure(text: &str) -> (Vec<u8>, String) {
    let (mut out, mut packages) = (String::new(), Vec::<&str>::new());
    let end = |out: &mut String, package: &str| {
        let _ = writeln!(out, "{{\"ImportPath\":{},\"Action\":\"build-fail\"}}", quote(package));
    };
    for line in text.lines() {
        if let Some(package) = line.strip_prefix("# ") {
            if let Some(last) = packages.last() {
                end(&mut out, last);
            }
            packages.push(package);
        }
        let (package, line) = (quote(packages.last().unwrap_or(&"")), quote(&format!("{line}\n")));
        let _ = writeln!(out, "{{\"ImportPath\":{package},\"Action\":\"build-output\",\"Output\":{line}}}");
    }
    if let Some(last) = packages.last() {
        end(&mut out, last);
    }
    (out.into_bytes(), packages.first().map_or(String::new(), |p| p.to_string()))
}

impl Converter {
    pub fn new(package: &str) -> Converter {
        Converter {
            package: package.into(),
            begun: Instant::now(),
            test: String::new(),
            reports: Vec::new(),
            line: Vec::new(),
            in_error: false,
            is_marked: false,
            is_started: false,
            failed_build: None,
        }
    }

    /// The events that the next bytes of output complete.
    pub fn write(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = String::new();
        self.start(&mut out);
        for &b in bytes {
            self.line.push(b);
            if b == b'\n' {
                let line = std::mem::take(&mut self.line);
                self.take_line(&String::from_utf8_lossy(&line), &mut out);
            }
        }
        out.into_bytes()
    }

    /// The last events; `action` is the package's: pass, fail or skip.
    pub fn finish(mut self, action: &str) -> Vec<u8> {
        let mut out = String::new();
        self.start(&mut out);
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.take_line(&String::from_utf8_lossy(&line), &mut out);
        }
        self.flush(0, &mut out);
        let elapsed = (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        let failed = self.failed_build.clone();
        let more: Vec<(&str, &str)> = failed.iter().map(|p| ("FailedBuild", p.as_str())).collect();
        self.event(action, "", Some(elapsed), &more, &mut out);
        out.into_bytes()
    }

    fn start(&mut self, out: &mut String) {
        if !std::mem::replace(&mut self.is_started, true) {
            self.event("start", "", None, &[], out);
        }
    }

    fn take_line(&mut self, line: &str, out: &mut String) {
        let (marked, text) = match line.strip_prefix(FRAMING) {
            Some(text) => (true, text),
            None => (false, line),
        };
        // Once marks were seen, a line without one is the test's, whatever it looks like.
        if !marked && self.is_marked {
            return self.plain(line, out);
        }
        let trimmed = text.trim_end_matches(['\n', '\r']);
        if trimmed == "PASS" || trimmed == "FAIL" || trimmed.starts_with("FAIL\t") {
            self.flush(0, out);
            self.is_marked = marked;
            return self.frame(text, out);
        }
        if let Some(rest) = trimmed.strip_prefix("=== ")
            && let Some((action, name)) = rest.split_once(' ').or(Some((rest, "")))
            && UPDATES.contains(&action)
        {
            self.is_marked = marked;
            return self.update(action, name.trim(), text, out);
        }
        let unindented = trimmed.trim_start_matches("    ");
        let depth = (trimmed.len() - unindented.len()) / 4;
        if let Some(rest) = unindented.strip_prefix("--- ")
            && let Some((action, name)) = rest.split_once(": ")
            && REPORTS.contains(&action)
            && depth <= self.reports.len()
        {
            let (name, elapsed) = match name.split_once(" (") {
                Some((name, time)) => (name, time.strip_suffix("s)").and_then(|t| t.parse().ok())),
                None => (name, None),
            };
            self.is_marked = marked;
            self.flush(depth, out);
            self.test = name.into();
            let action = action.to_lowercase();
            self.reports.push(Report { action, test: name.into(), elapsed });
            return self.frame(text, out);
        }
        if depth > 0 && depth <= self.reports.len() {
            self.test = self.reports[depth - 1].test.clone();
        }
        self.plain(line, out);
    }

    fn update(&mut self, action: &str, name: &str, text: &str, out: &mut String) {
        self.flush(0, out);
        let (name, rest) = match action {
            "ATTR" | "ARTIFACTS" => name.split_once(' ').unwrap_or((name, "")),
            _ => (name, ""),
        };
        self.test = name.into();
        let more: Vec<(&str, &str)> = match action {
            "ATTR" => {
                let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
                vec![("Key", key), ("Value", value)]
            }
            "ARTIFACTS" => vec![("Path", rest)],
            _ => Vec::new(),
        };
        match action {
            // Only says whose output follows.
            "NAME" => {}
            "PAUSE" => {
                self.frame(text, out);
                self.event("pause", name, None, &[], out);
            }
            _ => {
                self.event(&action.to_lowercase(), name, None, &more, out);
                self.frame(text, out);
            }
        }
    }

    /// Gives out the results that stand at `depth` or deeper.
    fn flush(&mut self, depth: usize, out: &mut String) {
        self.test.clear();
        while self.reports.len() > depth
            && let Some(r) = self.reports.pop()
        {
            self.event(&r.action, &r.test, r.elapsed, &[], out);
        }
    }

    fn frame(&mut self, text: &str, out: &mut String) {
        let test = self.test.clone();
        self.event("output", &test, None, &[("Output", text), ("OutputType", "frame")], out);
    }

    /// A line that the test wrote: what stands between the marks of an error is told apart.
    fn plain(&mut self, line: &str, out: &mut String) {
        let test = self.test.clone();
        let mut text = String::new();
        let mut is_first = !self.in_error;
        let mut escaped = false;
        let mut emit = |text: &mut String, kind: &str, c: &Converter| {
            if !text.is_empty() {
                let with_kind = [("Output", text.as_str()), ("OutputType", kind)];
                let fields = if kind.is_empty() { &with_kind[..1] } else { &with_kind[..] };
                c.event("output", &test, None, fields, out);
                text.clear();
            }
        };
        let kind_of = |is_first: bool| if is_first { "error" } else { "error-continue" };
        for c in line.chars() {
            match c {
                _ if escaped => {
                    escaped = false;
                    text.push(c);
                }
                ESCAPE => escaped = true,
                ERROR_BEGIN => {
                    emit(&mut text, "", self);
                    (self.in_error, is_first) = (true, true);
                }
                ERROR_END if self.in_error => {
                    emit(&mut text, kind_of(is_first), self);
                    self.in_error = false;
                }
                _ => text.push(c),
            }
        }
        let kind = if self.in_error { kind_of(is_first) } else { "" };
        // The end of the line belongs to the error in it.
        emit(&mut text, kind, self);
    }

    fn event(&self, action: &str, test: &str, elapsed: Option<f64>, more: &[(&str, &str)], out: &mut String) {
        let _ = write!(out, "{{\"Time\":\"{}\",\"Action\":{}", now(), quote(action));
        let _ = write!(out, ",\"Package\":{}", quote(&self.package));
        if !test.is_empty() {
            let _ = write!(out, ",\"Test\":{}", quote(test));
        }
        if let Some(elapsed) = elapsed {
            let _ = write!(out, ",\"Elapsed\":{elapsed}");
        }
        for (name, value) in more {
            let _ = write!(out, ",\"{name}\":{}", quote(value));
        }
        out.push_str("}\n");
    }
}

/// JSON as Go's encoder writes strings.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The time in UTC, as RFC 3339 has it.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, nanos) = (since.as_secs(), since.subsec_nanos());
    let (y, m, d) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{y:04}-{m:02}-{d:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
}

/// Year, month and day of a day since 1970 (Hinnant's algorithm).
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_events() {
        let mut c = Converter::new("p");
        let text = "\x16=== RUN   TestA\n--- x\n\x16=== RUN   TestA/b\nhi <\n\x16--- FAIL: TestA (0.50s)\n\x0f    a.go:1: no\x0e\n\x16    --- PASS: TestA/b (0.00s)\n\x16FAIL\n";
        let mut out = String::from_utf8(c.write(text.as_bytes())).unwrap();
        out += &String::from_utf8(c.finish("fail")).unwrap();
        let seen: Vec<String> = out
            .lines()
            .map(|l| l.split_once("\"Action\":").unwrap().1.replace("\"Package\":\"p\"", ""))
            .collect();
        assert_eq!(seen[0], "\"start\",}");
        assert_eq!(seen[1], "\"run\",,\"Test\":\"TestA\"}");
        assert_eq!(seen[3], "\"output\",,\"Test\":\"TestA\",\"Output\":\"--- x\\n\"}");
        assert_eq!(seen[6], "\"output\",,\"Test\":\"TestA/b\",\"Output\":\"hi \\u003c\\n\"}");
        assert!(out.contains("\"Output\":\"    a.go:1: no\",\"OutputType\":\"error\""));
        let pass = seen.iter().position(|l| l.contains("\"pass\"")).unwrap();
        let fail =
            seen.iter().position(|l| l.starts_with("\"fail\",,\"Test\":\"TestA\",\"Elapsed\":0.5")).unwrap();
        assert!(pass < fail);
        assert!(seen.last().unwrap().starts_with("\"fail\",,\"Elapsed\""));
    }

    #[test]
    fn days_have_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(20_422), (2025, 11, 30));
    }
}
