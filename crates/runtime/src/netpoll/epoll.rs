//! epoll: edge-triggered, both directions of a descriptor at once.

use super::GList;
use super::desc::{Desc, ready};
use crate::os::clock::Timespec;
use crate::os::sys::{
    EINTR, EPOLL_CREATE1, EPOLL_CTL, EPOLL_PWAIT2, EPOLL_WAIT, EVENTFD2, READ, WRITE, syscall3, syscall6,
};
use crate::trace::fatal::throw;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering::*};

const CLOEXEC: usize = 0o2000000;
const NONBLOCK: usize = 0o4000;
const ADD: usize = 1;
const DEL: usize = 2;
const IN: u32 = 1;
const OUT: u32 = 4;
const ERR: u32 = 8;
const HUP: u32 = 0x10;
const RDHUP: u32 = 0x2000;
const ET: u32 = 1 << 31;
const ENOSYS: isize = 38;

#[repr(C, packed)]
#[derive(Clone, Copy)]
struct Event {
    events: u32,
    /// The descriptor's address in the low 48 bits, its generation above; 0: the eventfd.
    data: u64,
}

const TAG_SHIFT: u32 = 48;
const EVENTS: usize = 128;

static EPOLL_FD: AtomicI32 = AtomicI32::new(-1);
static EVENT_FD: AtomicI32 = AtomicI32::new(-1);
/// An interruption is under way.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The kernel has no epoll_pwait2 (before 5.11): delays are of whole milliseconds.
static COARSE: AtomicBool = AtomicBool::new(false);

pub fn create() {
    // SAFETY: new descriptors.
    unsafe {
        let epoll = syscall3(EPOLL_CREATE1, CLOEXEC, 0, 0);
        let event = syscall3(EVENTFD2, 0, CLOEXEC | NONBLOCK, 0);
        if epoll < 0 || event < 0 {
            throw("runtime: netpollinit failed");
        }
        EPOLL_FD.store(epoll as i32, Relaxed);
        EVENT_FD.store(event as i32, Relaxed);
        if control(ADD, event as usize, Event { events: IN, data: 0 }) != 0 {
            throw("runtime: epollctl failed");
        }
    }
}

pub fn is_poll_descriptor(fd: usize) -> bool {
    fd as i32 == EPOLL_FD.load(Relaxed) || fd as i32 == EVENT_FD.load(Relaxed)
}

fn control(op: usize, fd: usize, mut event: Event) -> i64 {
    let epoll = EPOLL_FD.load(Relaxed) as usize;
    // SAFETY: reads the event.
    -unsafe { syscall6(EPOLL_CTL, [epoll, op, fd, &raw mut event as usize, 0, 0]) } as i64
}

/// errno
pub fn open(fd: usize, desc: *const Desc, generation: u64) -> i64 {
    let data = desc as u64 | generation << TAG_SHIFT;
    control(ADD, fd, Event { events: IN | OUT | RDHUP | ET, data })
}

pub fn close(fd: usize) {
    control(DEL, fd, Event { events: 0, data: 0 });
}

/// Wakes the M that sleeps in epoll, or the next to sleep.
#[doc(alias = "netpollBreak")]
pub fn interrupt() {
    if INTERRUPTED.swap(true, AcqRel) {
        return;
    }
    let one = 1u64;
    // SAFETY: reads 8 bytes. The counter cannot overflow: it is read before it is written again.
    while unsafe { syscall3(WRITE, EVENT_FD.load(Relaxed) as usize, &raw const one as usize, 8) } == -EINTR {}
}

/// Goroutines that may go on, after at most `delay_ns`; negative: without end.
#[doc(alias = "netpoll")]
pub fn wait(delay_ns: i64) -> GList {
    let mut events = [Event { events: 0, data: 0 }; EVENTS];
    let mut list = GList::new();
    let n = loop {
        let n = wait_events(&mut events, delay_ns);
        if n >= 0 {
            break n as usize;
        }
        if n != -EINTR {
            throw("runtime: netpoll failed");
        }
        if delay_ns > 0 {
            return list;
        }
    };
    for event in &events[..n] {
        let (events, data) = (event.events, event.data);
        if data == 0 {
            // A poll that does not block leaves it to the one that sleeps.
            if delay_ns != 0 {
                let mut count = 0u64;
                // SAFETY: fills 8 bytes.
                unsafe { syscall3(READ, EVENT_FD.load(Relaxed) as usize, &raw mut count as usize, 8) };
                INTERRUPTED.store(false, Release);
            }
            continue;
        }
        let reads = events & (IN | RDHUP | HUP | ERR) != 0;
        let writes = events & (OUT | HUP | ERR) != 0;
        let desc = (data & ((1 << TAG_SHIFT) - 1)) as *mut Desc;
        // SAFETY: descriptors live for ever; a stale event is known by its generation.
        unsafe { ready(&mut list, desc, data >> TAG_SHIFT, reads, writes, events == ERR) };
    }
    list
}

fn wait_events(events: &mut [Event; EVENTS], delay_ns: i64) -> isize {
    let (epoll, at) = (EPOLL_FD.load(Relaxed) as usize, events.as_mut_ptr() as usize);
    // SAFETY: fills the events.
    unsafe {
        if delay_ns > 0 && !COARSE.load(Relaxed) {
            let t = Timespec::from_ns(delay_ns as u64);
            let n = syscall6(EPOLL_PWAIT2, [epoll, at, EVENTS, &raw const t as usize, 0, 0]);
            if n != -ENOSYS {
                return n;
            }
            COARSE.store(true, Relaxed);
        }
        /// Some eleven days.
        const MS_MAX: i64 = 1_000_000_000;
        let ms = if delay_ns < 0 { -1 } else { ((delay_ns + 999_999) / 1_000_000).min(MS_MAX) };
        syscall6(EPOLL_WAIT, [epoll, at, EVENTS, ms as usize, 0, 0])
    }
}
