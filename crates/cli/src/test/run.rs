//! Runs a test program in its package's folder, and says how it ended as go does.

use super::Settings;
use super::cover::{self, Coverage};
use super::json::Converter;
use super::result::{self, Inputs};
use goxide_load::Target;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A test program may take so much longer than it was told before it is killed.
const GRACE: Duration = Duration::from_secs(60);

/// How a package's tests ended: for stdout.
#[derive(Default)]
pub struct Ended {
    pub output: Vec<u8>,
    pub has_failed: bool,
    /// Its part of the profile that `-coverprofile` asks for.
    pub profile: Vec<u8>,
    /// For stderr: why it was not built.
    pub log: String,
}

impl Ended {
    pub fn print(&self) {
        eprint!("{}", self.log);
        show(&self.output);
    }
}

/// Runs the program of a package; where `settings.streams`, its output is shown as it comes.
pub fn run(settings: &Settings, target: &Target, executable: &Path) -> Ended {
    let (import_path, dir) = (target.import_path.as_str(), target.dir.as_path());
    let coverage = settings.coverage.as_ref();
    let unrun = coverage.and_then(Coverage::unrun_key);
    let with_profile = coverage.is_some_and(Coverage::has_profile);
    let key = settings.is_cacheable().then(|| result::key(executable, &settings.args(), unrun));
    if let Some(key) = &key
        && let Some((output, profile)) = result::find(&settings.cache, key, dir, with_profile)
    {
        let mut ended = Ended { profile, ..Ended::default() };
        let shown = if settings.shows_passed() { output.as_slice() } else { &[] };
        emit(settings, import_path, &mut ended, shown, None, "(cached)", &output);
        return ended;
    }
    let log = tempfile::NamedTempFile::new().ok();
    // Programs look at their names: what ends in .test is one that tests.
    let scratch = tempfile::Builder::new().prefix("goxide-test").tempdir();
    let named = scratch.as_ref().ok().map(|d| d.path().join(super::default_name(target)));
    let named = named.filter(|name| std::os::unix::fs::symlink(executable, name).is_ok());
    let program = named.as_deref().unwrap_or(executable);
    let mut command = match &settings.exec {
        Some(words) => {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).arg(program);
            command
        }
        None => Command::new(program),
    };
    if let (Some(log), Some(_)) = (&log, &key) {
        command.arg(format!("-test.testlogfile={}", log.path().display()));
    }
    command.arg("-test.paniconexit0");
    if settings.words.test.value("timeout").is_none() {
        command.arg("-test.timeout=10m0s");
    }
    if super::is_fuzzing(settings) {
        let found = settings.cache.root().join("fuzz").join(import_path);
        command.arg(format!("-test.fuzzcachedir={}", found.display()));
    }
    let scratch = scratch.as_ref().map(tempfile::TempDir::path);
    let part = match (coverage, scratch) {
        (Some(coverage), Ok(scratch)) => coverage.prepare(&mut command, scratch),
        _ => Ok(None),
    };
    command.args(settings.args()).current_dir(dir).env("PWD", dir).stdin(Stdio::null());
    // A test that calls go gets the one of this GOROOT.
    let bin = settings.goroot.join("bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path)));
    command.env("GOROOT", &settings.goroot).envs(path.ok().map(|p| ("PATH", p)));
    let begun = Instant::now();
    let mut ended = Ended::default();
    let mut converter = settings.json.then(|| Converter::new(import_path));
    let part = part.unwrap_or_else(|e| {
        eprintln!("goxide: {}: {e}", executable.display());
        None
    });
    let finished = execute(&mut command, settings.kill_after(), |bytes| {
        if let Some(c) = &mut converter {
            let events = c.write(bytes);
            if settings.streams {
                show(&events);
            } else {
                ended.output.extend(events);
            }
        } else if settings.streams {
            show(bytes);
        }
    });
    let (output, status, was_killed) = match finished {
        Ok(done) => done,
        Err(e) => {
            let name = settings.exec.as_ref().map(|words| &words[0]);
            let text = match name.filter(|_| e.kind() == std::io::ErrorKind::NotFound) {
                Some(name) => format!("exec: {name:?}: executable file not found in $PATH"),
                None => format!("{}: {}", executable.display(), goxide_load::os_text(&e)),
            };
            (Vec::new(), Err(text), false)
        }
    };
    // A program that ended badly may have written none.
    ended.profile = part.and_then(|part| std::fs::read(part).ok()).unwrap_or_default();
    let elapsed = format!("{:.3}s", begun.elapsed().as_secs_f64());
    let failure = match status {
        Ok(status) if status.success() => None,
        Ok(status) => Some((crate::run::said(status), status.code().is_some())),
        Err(text) => Some((text, false)),
    };
    ended.has_failed = failure.is_some();
    let mut text = Vec::new();
    let shown = failure.is_some() || settings.shows_passed();
    if !settings.streams && !settings.json && shown {
        text.extend_from_slice(&output);
    }
    let ends_in_line = output.is_empty() || output.ends_with(b"\n");
    let is_shown = settings.streams || shown;
    if !ends_in_line && is_shown {
        text.push(b'\n');
    }
    if let Some((said, has_exited)) = &failure {
        if was_killed {
            let limit = settings.kill_after().unwrap_or_default();
            text.extend(format!("*** Test killed: ran too long ({}s).\n", limit.as_secs()).bytes());
        }
        if output.is_empty() || !has_exited {
            text.extend(format!("{said}\n").bytes());
        }
    }
    let status = if failure.is_some() { Some(()) } else { None };
    finish(settings, import_path, &mut ended, converter, text, status, &elapsed, &output);
    if let (None, Some(key), Some(log)) = (failure, key, log) {
        let profile = with_profile.then_some(ended.profile.as_slice());
        result::keep(&settings.cache, &key, dir, &Inputs::read(log.path()), &output, profile);
    }
    ended
}

/// The end of a run that was found in the cache.
fn emit(
    settings: &Settings,
    import_path: &str,
    ended: &mut Ended,
    shown: &[u8],
    status: Option<()>,
    elapsed: &str,
    output: &[u8],
) {
    let mut converter = settings.json.then(|| Converter::new(import_path));
    let mut text = shown.to_vec();
    if let Some(c) = &mut converter {
        ended.output.extend(c.write(output));
        text.clear();
    }
    finish(settings, import_path, ended, converter, text, status, elapsed, output);
}

fn finish(
    settings: &Settings,
    import_path: &str,
    ended: &mut Ended,
    converter: Option<Converter>,
    mut text: Vec<u8>,
    failed: Option<()>,
    elapsed: &str,
    output: &[u8],
) {
    const NO_TESTS: &[u8] = b"testing: warning: no tests to run\n";
    let line = match failed {
        Some(()) if settings.json => format!("\x16FAIL\t{import_path}\t{elapsed}\n"),
        Some(()) => format!("FAIL\t{import_path}\t{elapsed}\n"),
        None => {
            let ran_none = output.windows(NO_TESTS.len()).any(|w| w == NO_TESTS);
            let note = if ran_none { " [no tests to run]" } else { "" };
            let is_counted = settings.coverage.is_some() && !settings.streams;
            let coverage = if is_counted { cover::percentage(output) } else { String::new() };
            format!("ok  \t{import_path}\t{elapsed}{coverage}{note}\n")
        }
    };
    text.extend(line.bytes());
    match converter {
        Some(mut c) => {
            ended.output.extend(c.write(&text));
            ended.output.extend(c.finish(if failed.is_none() { "pass" } else { "fail" }));
        }
        None => ended.output.extend(text),
    }
}

fn show(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away needs no output.
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

type Finished = (Vec<u8>, Result<ExitStatus, String>, bool);

/// Runs a command to its end or its limit: its output, stdout and stderr in the order written.
fn execute(
    command: &mut Command,
    limit: Option<Duration>,
    mut each: impl FnMut(&[u8]),
) -> std::io::Result<Finished> {
    let (mut reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    // The command keeps its ends of the pipe open until it is given others.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let is_over = Arc::new(AtomicBool::new(false));
    let was_killed = Arc::new(AtomicBool::new(false));
    let pid = child.id();
    if let Some(limit) = limit {
        let (is_over, was_killed) = (is_over.clone(), was_killed.clone());
        std::thread::spawn(move || {
            let deadline = Instant::now() + limit;
            while Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(100).min(limit));
                if is_over.load(Ordering::Acquire) {
                    return;
                }
            }
            was_killed.store(true, Ordering::Release);
            // A program that will not listen to anything else.
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        });
    }
    let mut output = Vec::new();
    let mut buffer = [0; 1 << 14];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                each(&buffer[..n]);
                output.extend_from_slice(&buffer[..n]);
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    let status = child.wait();
    is_over.store(true, Ordering::Release);
    Ok((output, status.map_err(|e| e.to_string()), was_killed.load(Ordering::Acquire)))
}

impl Settings {
    /// The limit that the program was told, and some more.
    fn kill_after(&self) -> Option<Duration> {
        let told = self.words.test.value("timeout").map_or(Some(Duration::from_secs(600)), duration)?;
        (!told.is_zero()).then(|| told + GRACE)
    }
}

/// Go's notation: `1h30m`, `10s`, `1.5s`, `100ms`.
pub fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|_| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        let of = |text| duration(text).map(|d| d.as_millis());
        assert_eq!(of("1m30s"), Some(90_000));
        assert_eq!(of("1.5s"), Some(1500));
        assert_eq!((of("10"), of(""), of("1x")), (None, None, None));
    }
}
