//! How far a long build has come: one line on a terminal, erased at the end.

use goxide_build::Watch;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Builds that take less are not worth a line.
const FIRST_AFTER: Duration = Duration::from_secs(1);
const NEXT_AFTER: Duration = Duration::from_millis(100);
/// The line shall not wrap: then it could not be erased.
const WIDTH_MAX: usize = 79;

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    line: String,
    has_ended: bool,
}

impl Shared {
    /// A line that another thread left half made is replaced soon.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Shared {
    fn at(&self, done: usize, all: usize, what: &str) {
        self.state().line = line(done, all, what);
    }
}

/// `[12/57] compiling go/types`
fn line(done: usize, all: usize, what: &str) -> String {
    format!("[{done}/{all}] {what}").chars().take(WIDTH_MAX).collect()
}

/// While it lives, the line is shown.
pub struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// `None`: nobody is looking.
    pub fn begin() -> Option<Progress> {
        if !std::io::stderr().is_terminal() {
            return None;
        }
        let shared = Arc::new(Shared::default());
        let shown = shared.clone();
        let thread = std::thread::Builder::new().spawn(move || show(&shown)).ok();
        Some(Progress { shared, thread })
    }

    pub fn watch(&self) -> Arc<dyn Watch> {
        self.shared.clone()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.state().has_ended = true;
        self.shared.ended.notify_all();
        // Nothing that it could have failed at matters.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn show(shared: &Shared) {
    let mut err = std::io::stderr();
    let mut shown = String::new();
    let mut wait = FIRST_AFTER;
    loop {
        let state = shared.ended.wait_timeout_while(shared.state(), wait, |s| !s.has_ended);
        let (state, _) = state.unwrap_or_else(PoisonError::into_inner);
        let (line, has_ended) = (state.line.clone(), state.has_ended);
        drop(state);
        // A terminal that is gone needs no line.
        if has_ended {
            if !shown.is_empty() {
                let _ = err.write_all(b"\r\x1b[K");
            }
            return;
        }
        if line != shown {
            let _ = err.write_all(format!("\r{line}\x1b[K").as_bytes());
            shown = line;
        }
        wait = NEXT_AFTER;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_a_terminal() {
        assert_eq!(line(12, 57, "compiling go/types"), "[12/57] compiling go/types");
        assert_eq!(line(1, 2, &"x".repeat(100)).len(), WIDTH_MAX);
    }
}
