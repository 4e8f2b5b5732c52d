//! What runtime entries do with the pointers that they are given.

use goxide_abi::Entry;

/// Of one pointer argument; the entry may do several of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// It is kept, or other code sees it.
    Escapes,
    /// What can be reached from there is kept; the pointer itself is not.
    ContentsEscape,
    /// Pointers to the heap are written there.
    Written,
    /// It is the first result, or that points into the same object.
    Result,
    /// What can be reached from there is the first result, or that points to it.
    ContentsResult,
    /// The next argument refers to it afterwards.
    IntoNext,
}

use Use::*;

/// What becomes of argument `n`; nothing where it is only looked at while the entry runs.
pub fn uses(entry: Entry, n: usize) -> &'static [Use] {
    use Entry::*;
    match (entry, n) {
        // Type descriptors are constants.
        (NewObject | MakeSlice | MakeMap | MakeChan | MakeSliceBuf | MakeMapBuf, 0) => &[],
        // Buffers.
        (MakeSliceBuf, 3) | (MakeMapBuf, 2) | (GrowSliceBuf, 4) => &[Result],
        (SliceByteToString | StringToSliceByte | StringToSliceRune | SliceRuneToString, 2) => &[Result],
        (IntString, 1) => &[Result],
        (GrowSlice | GrowSliceListed | GrowSliceBuf, 0) => &[ContentsEscape],
        (GrowSlice | GrowSliceListed, 4) => &[],
        // What is copied there is seen to by `is_copy`.
        (Memmove | Memclr | Memequal, _) => &[],

        // A concatenation of one string that is not empty is that string.
        (ConcatString2, _) => &[Result],
        (ConcatStrings, 0) => &[ContentsResult],
        (ConcatStrings, _) => &[Result],
        (CmpString | SliceByteToString | StringToSliceByte | StringToSliceRune, _) => &[],
        (SliceRuneToString | DecodeRune | CountRunes | Fmod | IntString, _) => &[],

        (GetItab | AssertE2I | EfaceEq | PanicDottype, _) => &[],

        (MapAccess1 | MapAccess2, 0 | 2) => &[],
        (MapAccess1Fast32 | MapAccess2Fast32 | MapAccess1Fast64 | MapAccess2Fast64, 0) => &[],
        (MapAccess1FastStr | MapAccess2FastStr, 0 | 2) => &[],
        (MapAccess1 | MapAccess2 | MapAccess1Fast32 | MapAccess2Fast32, 1) => &[Result, ContentsResult],
        (MapAccess1Fast64 | MapAccess2Fast64 | MapAccess1FastStr | MapAccess2FastStr, 1) => {
            &[Result, ContentsResult]
        }
        (MapAssign | MapAssignFast32 | MapAssignFast64 | MapAssignFastStr, 0) => &[],
        (MapAssign | MapAssignFast32 | MapAssignFast64 | MapAssignFastStr, 1) => {
            &[Result, ContentsResult, Written]
        }
        // The key is copied into the map; of a string that is the pointer.
        (MapAssign, 2) => &[ContentsEscape],
        (MapAssignFastStr, 2) => &[Escapes],
        (MapDelete | MapDeleteFast32 | MapDeleteFast64 | MapDeleteFastStr | MapClear, _) => &[],
        (MapIterStart, 0) => &[],
        (MapIterStart, 1) => &[IntoNext],
        (MapIterStart | MapIterNext, _) => &[Written],

        // Elements are copied.
        (ChanSend | SelectNbSend, 1) => &[ContentsEscape],
        (ChanSend | ChanRecv | CloseChan | SelectNbSend, 0) => &[],
        (ChanRecv, 1) | (SelectNbRecv, 0) => &[Written],
        (SelectNbRecv, 1) => &[],
        (SelectGo, 0) => &[ContentsEscape],

        // What a goroutine waits at is known to the runtime only while it waits.
        (SemAcquire | SemRelease, 0) => &[],
        (NotifyListAdd | NotifyListWait | NotifyListAll | NotifyListOne, 0) => &[],
        // Numbers are read or written there.
        (
            TimeNow | MemCounts | MetricCounts | HeapDump | Callers | StackText | GoroutineStacks
            | ProfileRecords | MemProfileRate,
            _,
        ) => &[],
        (HashBytes | TypeHashed | Syscall6 | RawSyscall6, _) => &[],
        (PcPlace | NextSpecial, _) => &[Written],

        (GoRecover, 0) => &[],
        (GoPanic, 0) => &[],
        (PanicWrap, _) => &[],
        (PrintString | PrintPointer | PrintSlice | PrintIface | TypeString | TypePkgPath, _) => &[],
        _ => &[Escapes],
    }
}

/// The entry copies what the second argument points to to what the first points to.
pub fn is_copy(entry: Entry) -> bool {
    entry == Entry::Memmove
}
