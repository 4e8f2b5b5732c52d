//! Files, as far as the runtime itself needs them: messages to stderr, the kernel's own files at start.

use super::sys::{CLOSE, EINTR, EXIT_GROUP, FCNTL, OPEN, READ, WRITE, syscall3};
use crate::port;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering::*};

pub fn write(fd: usize, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: readable bytes.
        let n = unsafe { syscall3(WRITE, fd, bytes.as_ptr() as usize, bytes.len()) };
        match n {
            n if n > 0 => bytes = &bytes[n as usize..],
            n if n == -EINTR => {}
            _ => return,
        }
    }
}

/// Where the end of the program is told of, besides stderr (debug.SetCrashOutput).
pub static CRASH_FD: AtomicUsize = AtomicUsize::new(NO_FD);
pub const NO_FD: usize = usize::MAX;

/// The goroutine that tells of the end, or [`SYSTEM`].
static DYING: AtomicUsize = AtomicUsize::new(0);
const SYSTEM: usize = 1;

/// Who writes here, by [`DYING`].
fn writer() -> usize {
    port::goroutine_number().max(SYSTEM)
}

/// What this goroutine writes to stderr from here on is about the end of the program.
pub fn begin_crash() {
    DYING.store(writer(), Release);
}

pub fn is_crashing() -> bool {
    DYING.load(Acquire) != 0
}

#[doc(alias = "writeErrData")]
pub fn write_stderr(bytes: &[u8]) {
    write(2, bytes);
    if is_crashing() && DYING.load(Relaxed) == writer() {
        match CRASH_FD.load(Acquire) {
            NO_FD => {}
            fd => write(fd, bytes),
        }
    }
}

/// (descriptor or [`NO_FD`]) -> the one before, which is the caller's again
#[doc(alias = "setCrashFD")]
#[unsafe(no_mangle)]
extern "C" fn rt_setcrashfd(fd: usize) -> usize {
    if is_crashing() { NO_FD } else { CRASH_FD.swap(fd, AcqRel) }
}

#[unsafe(no_mangle)]
extern "C" fn rt_crashbegins() {
    begin_crash();
}

/// Reads the start of a file of the kernel's into `buf`. The path ends with a NUL.
pub fn read_file<'a>(path: &[u8], buf: &'a mut [u8]) -> Option<&'a [u8]> {
    debug_assert!(path.last() == Some(&0));
    const O_CLOEXEC: usize = 0o2000000;
    // SAFETY: a terminated path, a buffer of ours.
    unsafe {
        let fd = syscall3(OPEN, path.as_ptr() as usize, O_CLOEXEC, 0);
        if fd < 0 {
            return None;
        }
        let mut len = 0;
        while len < buf.len() {
            let n = syscall3(READ, fd as usize, buf.as_mut_ptr() as usize + len, buf.len() - len);
            if n == -EINTR {
                continue;
            }
            if n <= 0 {
                break;
            }
            len += n as usize;
        }
        syscall3(CLOSE, fd as usize, 0, 0);
        Some(&buf[..len])
    }
}

/// Whether the descriptor is open.
pub fn is_open(fd: usize) -> bool {
    const F_GETFD: usize = 1;
    // SAFETY: asks only.
    unsafe { syscall3(FCNTL, fd, F_GETFD, 0) >= 0 }
}

/// Opens /dev/null on the lowest free descriptor.
pub fn open_null() -> isize {
    const O_RDWR: usize = 2;
    // SAFETY: a terminated path.
    unsafe { syscall3(OPEN, c"/dev/null".as_ptr() as usize, O_RDWR, 0) }
}

pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: does not return.
        unsafe { syscall3(EXIT_GROUP, code as usize, 0, 0) };
    }
}

/// Where tracebacks are written to.
pub trait Out: fmt::Write {
    fn bytes(&mut self, bytes: &[u8]);
}

/// Text as far as there is room.
pub struct Text<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl Text<'_> {
    pub fn new(buf: &mut [u8]) -> Text<'_> {
        Text { buf, len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl Out for Text<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        let n = bytes.len().min(self.buf.len() - self.len);
        self.buf[self.len..self.len + n].copy_from_slice(&bytes[..n]);
        self.len += n;
    }
}

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.bytes(s.as_bytes());
        Ok(())
    }
}

/// stderr by pieces gathered into few writes.
pub struct Stderr {
    buf: [u8; 512],
    len: usize,
}

impl Stderr {
    pub const fn new() -> Stderr {
        Stderr { buf: [0; 512], len: 0 }
    }

    pub fn flush(&mut self) {
        write_stderr(&self.buf[..self.len]);
        self.len = 0;
    }
}

impl Out for Stderr {
    fn bytes(&mut self, bytes: &[u8]) {
        if self.len + bytes.len() > self.buf.len() {
            self.flush();
        }
        if bytes.len() >= self.buf.len() {
            return write_stderr(bytes);
        }
        self.buf[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

impl Drop for Stderr {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Default for Stderr {
    fn default() -> Stderr {
        Stderr::new()
    }
}

impl fmt::Write for Stderr {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.bytes(s.as_bytes());
        Ok(())
    }
}

/// Prints to stderr at once.
#[macro_export]
macro_rules! eprint {
    ($($arg:tt)*) => {{
        use core::fmt::Write as _;
        let _ = $crate::os::file::Stderr::new().write_fmt(format_args!($($arg)*));
    }};
}
