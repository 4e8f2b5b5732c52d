//! A go-like command with a cache of its own, and what a child process costs.

use super::built;
use crate::tools::{Ended, Result, capture};
use nix::sys::resource::{UsageWho, getrusage};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub struct Side {
    command: PathBuf,
    goroot: PathBuf,
    cache: PathBuf,
}

impl Side {
    pub fn new(command: PathBuf, goroot: &Path, cache: PathBuf) -> Result<Side> {
        let side = Side { command, goroot: goroot.into(), cache };
        side.clear_cache()?;
        Ok(side)
    }

    pub fn clear_cache(&self) -> Result<()> {
        let _ = std::fs::remove_dir_all(&self.cache); // It may not be there yet.
        std::fs::create_dir_all(&self.cache).map_err(|e| format!("{}: {e}", self.cache.display()))
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.command);
        command.env("GOROOT", &self.goroot).env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        command.env("GOCACHE", &self.cache).env("GOXIDECACHE", &self.cache).env("CGO_ENABLED", "0");
        command
    }

    /// Builds a program; gives the seconds it took.
    pub fn build(&self, source: &Path, exe: &Path) -> Result<f64> {
        let mut command = self.command();
        let start = Instant::now();
        built(command.arg("build").arg("-o").arg(exe).arg(source))?;
        Ok(start.elapsed().as_secs_f64())
    }
}

#[derive(Clone, Copy)]
pub struct Run {
    pub wall_s: f64,
    /// User and system time.
    pub cpu_s: f64,
    /// Peak, by samples.
    pub rss_mib: f64,
}

impl Run {
    pub fn worst() -> Run {
        Run { wall_s: f64::INFINITY, cpu_s: f64::INFINITY, rss_mib: f64::INFINITY }
    }

    pub fn better(&self, other: &Run) -> Run {
        Run {
            wall_s: self.wall_s.min(other.wall_s),
            cpu_s: self.cpu_s.min(other.cpu_s),
            rss_mib: self.rss_mib.min(other.rss_mib),
        }
    }
}

/// CPU seconds of all children that have ended.
pub fn children_cpu_s() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| e.to_string())?;
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 * 1e-6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// Runs a command to its end.
pub fn run(command: &mut Command, limit: Duration) -> Result<(Run, Ended)> {
    let (done, peak_kib) = (AtomicBool::new(false), AtomicU64::new(0));
    let before = children_cpu_s()?;
    let start = Instant::now();
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak_kib.fetch_max(children_peak_kib(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let ended = capture(command, limit);
        done.store(true, Ordering::Relaxed);
        ended
    })?;
    let wall_s = start.elapsed().as_secs_f64();
    let cpu_s = children_cpu_s()? - before;
    Ok((Run { wall_s, cpu_s, rss_mib: peak_kib.into_inner() as f64 / 1024.0 }, ended))
}

/// Seconds from the spawn to the end, nothing else measured.
pub fn run_quiet(command: &mut Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|e| e.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    if status.success() { Ok(seconds) } else { Err(format!("{command:?}: {status}")) }
}

/// The high-water mark of this process's children, which run one at a time.
fn children_peak_kib() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let children = tasks.filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    let pids: Vec<String> =
        children.flat_map(|c| c.split_whitespace().map(String::from).collect::<Vec<_>>()).collect();
    let peak = |pid: &String| -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    };
    pids.iter().filter_map(peak).max().unwrap_or(0)
}
