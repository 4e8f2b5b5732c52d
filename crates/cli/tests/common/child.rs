//! A child process with its output in one pipe and a limit of time.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How a child ended: its status as a shell gives it, stdout and stderr in the order written.
pub struct Ended {
    pub status: i32,
    pub output: String,
}

/// Runs a command with stdout and stderr in one pipe, and ends it after `limit`.
pub fn run(command: &mut Command, limit: Duration) -> Result<Ended, String> {
    use std::os::unix::process::ExitStatusExt;
    let (mut reader, writer) = std::io::pipe().map_err(|e| e.to_string())?;
    let second = writer.try_clone().map_err(|e| e.to_string())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let mut child = command.spawn().map_err(|e| format!("{command:?}: {e}"))?;
    // The command keeps its ends of the pipe open until it is given others.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let output = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
    });
    let deadline = Instant::now() + limit;
    let status = loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                child.kill().map_err(|e| e.to_string())?;
                child.wait().map_err(|e| e.to_string())?;
                return Err(format!("still running after {limit:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let output = output.join().expect("the reader does not panic").map_err(|e| e.to_string())?;
    let status = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ended { status, output })
}
