//! Layouts of memory that compiled code touches directly, in bytes on a 64-bit machine.

/// Offset in m, which is behind fs, of the goroutine that runs: Go's assembly finds g there.
pub const M_CURG: i32 = 24;
/// Offset in g of what the prologues of Go's assembly compare rsp with (`g.stackguard0`).
pub const G_ASM_GUARD: i32 = 16;
/// What a call of assembly takes of the stack beside arguments and results.
pub const ASMCALL_BYTES: u32 = 128;
/// What assembly may use of the stack below a frame without asking: for functions that call none, and for chains of
/// those that do not ask (`cmd/internal/objabi.StackNosplit`, and `abi.StackSmall`).
pub const ASM_LEAF_BYTES: u32 = 64;
pub const ASM_NOSPLIT_BYTES: u32 = 928;
/// Offset in g of the stack guard: a frame may not reach below it; `u64::MAX` asks for preemption.
/// The first field, so that the check is the shortest.
pub const G_STACKGUARD: i32 = 0;
/// g.seg: the stack segment in use.
pub const G_SEG: i32 = 8;
/// g.m
pub const G_M: i32 = 24;
/// Greater than the address of g where the goroutine is asked to yield, else 0: what a loop's safepoint
/// looks at.
pub const G_PREEMPT: i32 = 32;
/// Two words: what a check of bounds that failed leaves to the panic function. In registers they would have to be
/// in two certain ones wherever a check is.
pub const G_BOUNDS: i32 = 40;
/// What `runtime.safepoint` takes of the goroutine's stack: it saves every register there.
pub const SAFEPOINT_BYTES: usize = 448;

/// Below the guard a stack has at least these bytes, for frames without a check, thunks and the
/// fault path.
pub const STACK_SMALL_BYTES: usize = 512;
/// Compiled code is for x86-64-v3 (as `GOAMD64=v3`): the runtime refuses lesser processors.
pub const AMD64_LEVEL: u32 = 3;

/// The stack check in front of a function's body calls `runtime.morestack` with the size of the frame
/// in r11. The body, which morestack calls on the next segment, begins this many bytes behind the
/// address that the call returns to.
pub const MORESTACK_RETURN_TO_BODY: usize = 14;
/// A leaf function whose frame is at most this needs no stack check.
pub const NOSPLIT_FRAME_BYTES: usize = 112;

/// `len(ch)` and `cap(ch)` are words of the channel at these offsets.
pub const CHAN_QCOUNT: i32 = 0;
pub const CHAN_DATAQSIZ: i32 = 8;

/// `len(m)` is the map's first word.
pub const MAP_USED: i32 = 0;
/// A map's header.
pub const MAP_BYTES: usize = 56;

/// What an entry makes may stand in its caller's frame if it is no larger (gc's `tmpStringBufSize` and
/// `VariableMakeThreshold`).
pub const BUFFER_BYTES: usize = 32;
/// As many runes.
pub const RUNE_BUFFER_BYTES: usize = 4 * BUFFER_BYTES;
/// The element's type; whether the buffer is in use, for good; the buffer.
pub const GROW_BUFFER_BYTES: usize = 16 + BUFFER_BYTES;

/// An iterator over a map. Its first word is the address of the key (nil: at the end), its second
/// that of the element.
pub const MAP_ITER_BYTES: usize = 128;
pub const MAP_ITER_KEY: i32 = 0;
pub const MAP_ITER_ELEM: i32 = 8;

/// One case of a select, as `runtime.scase`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SelectCase {
    pub chan: usize,
    /// Address of the element sent, or for the element received (may be nil).
    pub elem: usize,
}

/// An itab begins: interface type, concrete type, hash of the type (u32), 4 bytes; then code addresses,
/// in the order of the interface's sorted methods.
pub const ITAB_INTER: i32 = 0;
pub const ITAB_TYPE: i32 = 8;
pub const ITAB_HASH: i32 = 16;
pub const ITAB_FUN: i32 = 24;

/// How a function keeps its pending deferred calls, each a function value without arguments and
/// results. Stands in [`crate::module::FuncInfo::defer_mode`]; the record is a stack slot of the
/// function at `FuncInfo::defer_offset` from its frame pointer.
pub mod defer {
    pub const NONE: u8 = 0;
    /// Word 0: bit i is set while the call of site i is pending. Word 1 + i: its closure. Calls run
    /// from the highest bit down; a bit is cleared before its call.
    pub const BITS: u8 = 1;
    /// Word 0: the newest record `{ link, closure }`, nil for none. Unlinked before its call.
    pub const LIST: u8 = 2;
    pub const MAX_BITS: usize = 8;
    pub const RECORD_LINK: i32 = 0;
    pub const RECORD_CLOSURE: i32 = 8;
}

/// States of a loop over a function, as `internal/abi/rangefuncconsts.go` numbers them.
pub mod range_state {
    /// The body has ended the loop.
    pub const DONE: i64 = 0;
    /// The body may be called.
    pub const READY: i64 = 1;
    /// The body runs, or has panicked.
    pub const PANIC: i64 = 2;
    /// The iterator has returned.
    pub const EXHAUSTED: i64 = 3;
    /// The iterator recovered the body's panic and returned.
    pub const MISSING_PANIC: i64 = 4;
}

/// Symbol of an array of 256 `u64`, value i at index i: data words of small integers in interfaces.
pub const STATIC_UINT64S: &str = "runtime.staticuint64s";
/// Symbol of zeroed memory that stands for absent map elements.
pub const ZERO_VAL: &str = "runtime.zeroVal";
pub const ZERO_VAL_BYTES: usize = 1024;
/// A pointer to an object without bytes points here.
pub const ZERO_BASE: &str = "runtime.zerobase";
