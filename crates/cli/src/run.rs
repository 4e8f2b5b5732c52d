//! `goxide run`: builds into the cache, runs from there, and ends as `go run` does.

use crate::invocation::invocation;
use crate::{FAILED, USAGE_ERROR, build, quoted};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub fn main(args: &[String]) -> u8 {
    match run(args) {
        Ok(()) => 0,
        Err(status) => status,
    }
}

fn run(args: &[String]) -> Result<(), u8> {
    let invocation = invocation("run", args)?;
    let words = &invocation.parsed.args;
    // All leading .go files, or one package; the rest is the program's.
    let files = words.iter().take_while(|w| w.ends_with(".go")).count();
    let (what, rest) = words.split_at(files.max(1).min(words.len()));
    if what.is_empty() {
        eprintln!("go: no go files listed");
        return Err(FAILED);
    }
    if let Some(test) = what.iter().find(|f| f.ends_with("_test.go")) {
        eprintln!("goxide: cannot run *_test.go files ({test})");
        return Err(FAILED);
    }
    let env = &invocation.options.env;
    let is_there = |f: &&String| env.fsys.is_file(&env.cwd.join(f));
    if let Some(missing) = what[..files].iter().find(|f| !is_there(f)) {
        let is_deleted = Path::new(missing).exists();
        let why = if is_deleted { "file does not exist" } else { "no such file or directory" };
        eprintln!("stat {missing}: {why}");
        return Err(FAILED);
    }
    let report = build::build(&invocation.options, what)?;
    if invocation.options.dry_run {
        return Ok(());
    }
    let [built] = report.built.as_slice() else {
        match report.built.len() {
            0 => eprintln!("go: no packages loaded from {}", what.join(" ")),
            _ => eprintln!("go: pattern {} matches multiple packages:", what.join(" ")),
        }
        report.built.iter().for_each(|b| eprintln!("\t{}", b.import_path));
        return Err(FAILED);
    };
    let Some(executable) = &built.executable else {
        eprintln!("package {} is not a main package", built.import_path);
        return Err(FAILED);
    };
    let mut command = match invocation.parsed.value("exec") {
        Some(wrapper) => {
            let mut words = quoted::split(wrapper).unwrap_or_default().into_iter();
            let Some(first) = words.next() else {
                eprintln!("goxide: -exec names no command");
                return Err(USAGE_ERROR);
            };
            let mut command = Command::new(first);
            command.args(words).arg(executable);
            command
        }
        None => Command::new(executable),
    };
    // Interrupts are the program's to answer; we wait for its end.
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
        let unused = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal, unused).map_err(|e| {
            eprintln!("goxide: {e}");
            FAILED
        })?;
    }
    let status = command.args(rest).status().map_err(|e| {
        eprintln!("goxide: {}: {e}", executable.display());
        FAILED
    })?;
    if status.success() {
        return Ok(());
    }
    eprintln!("{}", said(status));
    Err(FAILED)
}

/// A bad end as Go's `os.ProcessState` words it.
pub fn said(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, signal) => {
            let signal = signal.unwrap_or(0);
            let name = match signal {
                1 => "hangup",
                2 => "interrupt",
                3 => "quit",
                4 => "illegal instruction",
                5 => "trace/breakpoint trap",
                6 => "aborted",
                7 => "bus error",
                8 => "floating point exception",
                9 => "killed",
                10 => "user defined signal 1",
                11 => "segmentation fault",
                12 => "user defined signal 2",
                13 => "broken pipe",
                14 => "alarm clock",
                15 => "terminated",
                _ => "",
            };
            let name = if name.is_empty() { format!("signal {signal}") } else { name.into() };
            format!("signal: {name}{}", if status.core_dumped() { " (core dumped)" } else { "" })
        }
    }
}
