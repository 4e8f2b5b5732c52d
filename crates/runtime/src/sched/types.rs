//! G, M, P and what all Ms share.

use super::granularity::Granularity;
use super::lock::{Mutex, rank};
use super::runq::RunQueue;
use super::treap::Waiter;
use crate::chan::Sudog;
use crate::lang::panic::Panic;
use crate::mem::Mcache;
use crate::os::futex::Note;
use crate::os::random::Rng;
use crate::stack::Seg;
use crate::timer::{Timer, Timers};
use core::ptr::null_mut;
use core::sync::atomic::{
    AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, Ordering::*,
};

/// The right of code that runs on g0 of an M, with no goroutine's frames below it that must be returned to.
#[derive(Clone, Copy)]
pub struct OnG0(());

impl OnG0 {
    /// SAFETY: the caller must be an entry of the runtime, called by assembly on g0.
    #[inline(always)]
    pub unsafe fn assume() -> OnG0 {
        OnG0(())
    }
}

/// `_Gidle` and so on, with Go's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Status {
    Idle = 0,
    Runnable = 1,
    Running = 2,
    Syscall = 3,
    Waiting = 4,
    Dead = 6,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Idle => "idle",
            Status::Runnable => "runnable",
            Status::Running => "running",
            Status::Syscall => "syscall",
            Status::Waiting => "waiting",
            Status::Dead => "dead",
        }
    }
}

/// Why a goroutine waits: Go's text, and whether only its own bubble (testing/synctest) can wake it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitReason(pub &'static str, pub bool);

impl WaitReason {
    pub const NONE: WaitReason = WaitReason("", false);
    pub const CHAN_RECEIVE_NIL: WaitReason = WaitReason("chan receive (nil chan)", true);
    pub const CHAN_SEND_NIL: WaitReason = WaitReason("chan send (nil chan)", true);
    pub const CHAN_RECEIVE: WaitReason = WaitReason("chan receive", false);
    pub const CHAN_SEND: WaitReason = WaitReason("chan send", false);
    pub const SELECT: WaitReason = WaitReason("select", false);
    pub const SELECT_NO_CASES: WaitReason = WaitReason("select (no cases)", true);
    pub const PANIC_WAIT: WaitReason = WaitReason("panicwait", false);
    pub const SEMACQUIRE: WaitReason = WaitReason("semacquire", false);
    pub const SLEEP: WaitReason = WaitReason("sleep", true);
    pub const IO_WAIT: WaitReason = WaitReason("IO wait", false);
    pub const COND_WAIT: WaitReason = WaitReason("sync.Cond.Wait", true);
    pub const MUTEX_LOCK: WaitReason = WaitReason("sync.Mutex.Lock", false);
    pub const RWMUTEX_RLOCK: WaitReason = WaitReason("sync.RWMutex.RLock", false);
    pub const RWMUTEX_LOCK: WaitReason = WaitReason("sync.RWMutex.Lock", false);
    pub const WAITGROUP_WAIT: WaitReason = WaitReason("sync.WaitGroup.Wait", false);
    /// Whether it waits for another goroutine, at something that both must know.
    pub fn is_sync(self) -> bool {
        let Some(first) = self.0.split([' ', '.']).next() else { return false };
        matches!(first, "chan" | "select" | "sync")
    }

    pub const COROUTINE: WaitReason = WaitReason("coroutine", true);
    pub const CHAN_RECEIVE_DURABLE: WaitReason = WaitReason("chan receive (durable)", true);
    pub const CHAN_SEND_DURABLE: WaitReason = WaitReason("chan send (durable)", true);
    pub const SELECT_DURABLE: WaitReason = WaitReason("select (durable)", true);
    pub const WAITGROUP_WAIT_DURABLE: WaitReason = WaitReason("sync.WaitGroup.Wait (durable)", true);
    /// A bubble wakes these two itself.
    pub const SYNCTEST_RUN: WaitReason = WaitReason("synctest.Run", false);
    pub const SYNCTEST_WAIT: WaitReason = WaitReason("synctest.Wait", false);
}

/// What is left to do on g0 before a goroutine goes on: may set `ret`, or raise a panic in it.
pub type Continuation = unsafe fn(OnG0, *mut G);

/// A flag that compiled code's safepoints compare with the address of g: 0, or `usize::MAX` where set.
#[repr(transparent)]
pub struct Asked(AtomicUsize);

impl Asked {
    #[inline]
    pub fn load(&self, order: Ordering) -> bool {
        self.0.load(order) != 0
    }

    #[inline]
    pub fn store(&self, asked: bool, order: Ordering) {
        self.0.store(if asked { usize::MAX } else { 0 }, order);
    }
}

/// A goroutine. The first six fields are the compiler's (`abi::layout`).
#[repr(C)]
pub struct G {
    /// Limit of the present segment, or `usize::MAX` to have the goroutine come to the scheduler.
    pub stackguard: AtomicUsize,
    pub seg: *mut Seg,
    /// While it is in Go's assembly: how far down that may go before it asks for more stack.
    pub asm_guard: usize,
    pub m: *mut M,
    /// Asked to yield. Set before the guard is poisoned, so that changing segments does not hide it.
    pub preempt: Asked,
    /// Of a check of bounds that failed: the index and the length, or whatever it compares.
    pub bounds: [usize; 2],
    /// rsp of its last entry into the runtime; see `arch/goroutine.s`.
    pub sched_sp: usize,
    /// What that entry returns.
    pub ret: [usize; 2],
    pub status: AtomicU32,
    pub goid: u64,
    pub cont: Option<Continuation>,
    /// The newest panic.
    pub panic: *mut Panic,
    /// In a run queue or a free list.
    pub schedlink: *mut G,
    pub alllink: *mut G,
    pub first_seg: *mut Seg,
    /// Where it waits: the sudogs in lock order.
    pub waiting: *mut Sudog,
    /// The sudog that woke it.
    pub param: *mut Sudog,
    /// Which of the racing wake-ups of a select won.
    pub select_done: AtomicU32,
    pub wait_reason: WaitReason,
    pub wait_since: u64,
    /// Nothing that runs can wake it, as the last search of the collector found.
    pub leaked: bool,
    /// A fault at any address is a panic (debug.SetPanicOnFault).
    pub panics_on_fault: bool,
    /// For the profile of waiting: when it began (0: not told), and when it was woken.
    pub blocked_at: u64,
    pub released_at: u64,
    /// When it began to wait at a lock; 0: nobody wants to know.
    pub timed_at: u64,
    /// The `go` statement, and who ran it.
    pub gopc: usize,
    pub parent_goid: u64,
    /// A fault that became a panic, for its message.
    pub sig: i32,
    pub sigcode: i32,
    pub sigaddr: usize,
    pub sigpc: usize,
    /// The only M that may run it (LockOSThread), and how often it was asked for.
    pub lockedm: *mut M,
    pub locked_count: u32,
    /// While above 0 it keeps its M and P: safepoints do not yield.
    pub pinned: u32,
    /// Asked to yield meanwhile.
    pub preempt_later: bool,
    /// For crypto/internal/fips140: its indicator, and whether checks are bypassed.
    pub fips: [u8; 2],
    /// Not the program's: in no traceback, no count.
    pub system: bool,
    /// What a [`Continuation`] goes on with.
    pub args: [usize; 3],
    /// Its place where it waits at a semaphore or a condition variable.
    pub sema: Waiter<G>,
    /// time.Sleep's, made with the first.
    pub timer: *mut Timer,
    /// Of testing/synctest, nil for none.
    pub bubble: *mut super::bubble::Bubble,
    /// runtime/pprof's labels: a root of the collector.
    pub labels: usize,
    /// What its last entry of kind `Park` was given, and where that returns to.
    pub held: [usize; goxide_abi::REG_INTS],
    pub held_count: u32,
    pub held_pc: usize,
}

impl G {
    #[inline]
    pub fn status(&self) -> Status {
        match self.status.load(Acquire) {
            0 => Status::Idle,
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            _ => Status::Dead,
        }
    }

    #[inline]
    pub fn set_status(&self, s: Status) {
        self.status.store(s as u32, Release);
    }
}

/// A thread. Its address is behind fs.
#[repr(C)]
pub struct M {
    pub this: *mut M,
    /// Top of g0, where each entry begins.
    pub g0sp: usize,
    pub g0_low: usize,
    pub curg: *mut G,
    pub p: *mut P,
    /// The P to begin with after a wake-up.
    pub nextp: *mut P,
    pub id: u64,
    pub spinning: bool,
    /// Runs no goroutines (sysmon, the collector's helpers).
    pub system: bool,
    pub start: Option<fn()>,
    pub park: Note,
    pub schedlink: *mut M,
    pub rng: Rng,
    pub lockedg: *mut G,
    pub in_fatal: bool,
    /// The signal mask before a fork.
    pub fork_mask: u64,
    pub tid: usize,
    /// In the list of all threads.
    pub alllink: *mut M,
    /// A system call of all threads is still to be made here.
    pub has_call: AtomicBool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum PStatus {
    Idle = 0,
    Running = 1,
    Syscall = 2,
    GcStop = 3,
}

/// The right to run Go code, and what goes with it.
#[repr(C)]
pub struct P {
    pub id: u32,
    pub status: AtomicU32,
    /// Rises with each time slice.
    pub schedtick: AtomicU32,
    pub syscalltick: AtomicU32,
    pub m: AtomicPtr<M>,
    pub link: *mut P,
    /// Goes before the queue, and shares the slice of the one who made it runnable.
    pub runnext: AtomicPtr<G>,
    pub runq: RunQueue,
    pub gfree: *mut G,
    pub gfree_count: usize,
    pub sudogs: *mut Sudog,
    pub goid_next: u64,
    pub goid_end: u64,
    pub timers: Timers,
    /// When the timers were last looked at, in [`crate::os::clock::ticks`].
    pub timers_seen: u64,
    /// Goroutines begun or gone on with here.
    pub switches: AtomicU32,
    pub granularity: Granularity,
    pub seen_switches: u32,
    /// sysmon's: the tick last seen, and when.
    pub seen_schedtick: u32,
    pub seen_sched_ns: u64,
    pub seen_syscalltick: u32,
    pub seen_syscall_ns: u64,
    pub mcache: Mcache,
}

impl P {
    #[inline]
    pub fn set_status(&self, s: PStatus) {
        self.status.store(s as u32, Release);
    }

    #[inline]
    pub fn has_status(&self, s: PStatus) -> bool {
        self.status.load(Acquire) == s as u32
    }

    pub fn cas_status(&self, from: PStatus, to: PStatus) -> bool {
        self.status.compare_exchange(from as u32, to as u32, AcqRel, Acquire).is_ok()
    }

    /// Whether others should take of what it has.
    #[inline]
    pub fn shares_work(&self) -> bool {
        self.has_work()
            && (!self.has_status(PStatus::Running) || self.granularity.worth_sharing(self.runq.len()))
    }

    #[doc(alias = "runqempty")]
    pub fn has_work(&self) -> bool {
        !self.runq.is_empty() || !self.runnext.load(Acquire).is_null()
    }
}

/// Under the scheduler's lock.
pub struct Sched {
    pub runq_head: *mut G,
    pub runq_tail: *mut G,
    pub midle: *mut M,
    pub nmidle: u32,
    /// Ms that sleep until their locked goroutine runs.
    pub nmidle_locked: i32,
    /// Ms that run goroutines, idle ones too.
    pub mcount: u32,
    pub next_mid: u64,
    pub pidle: *mut P,
    pub gfree: *mut G,
    pub stopwait: i32,
}

// SAFETY: what it links belongs to the scheduler.
unsafe impl Send for Sched {}

pub static SCHED: Mutex<Sched, { rank::SCHED }> = Mutex::new(Sched {
    runq_head: null_mut(),
    runq_tail: null_mut(),
    midle: null_mut(),
    nmidle: 0,
    nmidle_locked: 0,
    mcount: 0,
    next_mid: 0,
    pidle: null_mut(),
    gfree: null_mut(),
    stopwait: 0,
});

/// Lengths that are looked at without the lock.
pub static RUNQ_SIZE: AtomicI32 = AtomicI32::new(0);
pub static NPIDLE: AtomicU32 = AtomicU32::new(0);
pub static NMSPINNING: AtomicU32 = AtomicU32::new(0);
pub static GCWAITING: AtomicBool = AtomicBool::new(false);
pub static STOPNOTE: Note = Note::new();
pub static GOID_GEN: AtomicU64 = AtomicU64::new(0);
/// The main goroutine has begun: new work may start threads.
pub static MAIN_STARTED: AtomicBool = AtomicBool::new(false);

static ALLP: AtomicPtr<*mut P> = AtomicPtr::new(null_mut());
static GOMAXPROCS: AtomicU32 = AtomicU32::new(0);
static NCPU: AtomicU32 = AtomicU32::new(1);

/// All Ps in use.
pub fn allp() -> &'static [*mut P] {
    // SAFETY: the table is made once, with room for every P.
    unsafe {
        match ALLP.load(Acquire) {
            p if p.is_null() => &[],
            p => core::slice::from_raw_parts(p, gomaxprocs() as usize),
        }
    }
}

#[inline]
pub fn gomaxprocs() -> u32 {
    GOMAXPROCS.load(Acquire)
}

pub fn ncpu() -> u32 {
    NCPU.load(Relaxed)
}

pub fn set_ncpu(n: u32) {
    NCPU.store(n, Relaxed);
}

pub fn set_allp(table: *mut *mut P, len: u32) {
    ALLP.store(table, Release);
    GOMAXPROCS.store(len, Release);
}
