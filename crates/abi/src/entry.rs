//! The table of runtime entries that compiled code may call.

/// On which stack an entry runs and what it may do there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// Assembly on the goroutine's stack, in the `Tail` convention: touches caller-saved registers
    /// only, needs no stack to speak of, never allocates, blocks or panics.
    Leaf,
    /// Rust on g0 through a thunk that saves nothing but rsp and rbp. Never allocates from the Go heap,
    /// blocks, panics in Go's sense or stops the world.
    G0,
    /// Rust on g0 through a thunk that first saves the callee-saved registers on the goroutine's
    /// stack. May allocate, collect, park the goroutine or raise a Go panic.
    Full,
    /// As `Full`; may wait, while others collect: what it was given is kept in the goroutine.
    Park,
    /// As `Full`, and never returns to its caller in the ordinary way.
    NoReturn,
    /// A Go function of the overlay's package runtime (`std/runtime`), called as any Go function.
    Go,
    /// As `Go`, and never returns.
    GoNoReturn,
}

/// The scalars that an entry takes and gives: 64-bit integers (booleans as 0 and 1, floats by their
/// bits) and pointers. At most five arguments and two results.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scalar {
    /// `i` in the table.
    Int,
    /// `p` in the table.
    Ptr,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryInfo {
    /// Without the `runtime.` of the linker symbol. A `G0`, `Full` or `Park` entry `x` is the Rust function
    /// `rt_x` behind a thunk `runtime.x`.
    pub name: &'static str,
    pub symbol: &'static str,
    pub params: &'static [Scalar],
    pub results: &'static [Scalar],
    pub kind: EntryKind,
}

/// Calls `$callback! { Variant name (params) (results) Kind; … }` with the whole table, so that the
/// runtime makes its thunks from it.
#[macro_export]
macro_rules! for_each_entry {
    ($callback:path) => {
        $callback! {
            // Memory. Types are pointers to type descriptors.
            NewObject newobject (p) (p) Full;
            // What an interface points to: (type, bits), (type, string), (type, slice). Of what is small, empty
            // or nil it is not new.
            ConvScalar convscalar (p i) (p) Full;
            ConvString convstring (p p i) (p) Full;
            ConvSlice convslice (p p i i) (p) Full;
            // (elem, len, cap): panics with makeslice's texts.
            MakeSlice makeslice (p i i) (p) Full;
            // As `makeslice`; the buffer has layout::BUFFER_BYTES.
            MakeSliceBuf makeslicebuf (p i i p) (p) Full;
            // (old ptr, new len, old cap, added elements, elem) -> (ptr, cap); as Go's growslice.
            GrowSlice growslice (p i i i p) (p i) Full;
            // As `growslice`, for elements that the program lists: it may get a buffer.
            GrowSliceListed growslicelisted (p i i i p) (p i) Full;
            // As `growslice`, the element type in a layout::GROW_BUFFER_BYTES of the frame.
            GrowSliceBuf growslicebuf (p i i i p) (p i) Full;
            // (dst, src, bytes), may overlap.
            Memmove memmove (p p i) () Leaf;
            // (ptr, bytes)
            Memclr memclr (p i) () Leaf;
            // (a, b, bytes) -> 0 or 1
            Memequal memequal (p p i) (i) Leaf;
            // (slot, value): the write barrier's slow path.
            WriteBarrier gcwritebarrier (p p) () G0;

            // Strings, as (ptr, len). What makes one takes a buffer last, of layout::BUFFER_BYTES in the
            // caller's frame, or nil.
            // (array of n strings, n) -> string
            ConcatStrings concatstrings (p i p) (p i) Full;
            ConcatString2 concatstring2 (p i p i p) (p i) Full;
            // -> -1, 0, 1
            CmpString cmpstring (p i p i) (i) Leaf;
            IntString intstring (i p) (p i) Full;
            SliceByteToString slicebytetostring (p i p) (p i) Full;
            // (string, buffer) -> (ptr, cap); the length is the string's.
            StringToSliceByte stringtoslicebyte (p i p) (p i) Full;
            // (string, buffer of layout::RUNE_BUFFER_BYTES) -> (ptr, len); cap = len.
            StringToSliceRune stringtoslicerune (p i p) (p i) Full;
            SliceRuneToString slicerunetostring (p i p) (p i) Full;
            // (string, byte index) -> (rune, next index); called for bytes >= 0x80 only.
            DecodeRune decoderune (p i i) (i i) G0;
            CountRunes countrunes (p i) (i) G0;

            // Interfaces.
            // (interface type, concrete type) -> itab, or nil where the type does not implement it.
            GetItab getitab (p p) (p) Full;
            // (interface type, concrete type or nil) -> itab; panics with a TypeAssertionError.
            AssertE2I asserte2i (p p) (p) Full;
            // (type, data words) -> 0 or 1; panics on uncomparable types. The type is that of both.
            EfaceEq efaceeq (p p p) (i) Full;
            // (have or nil, want, interface type): x.(T) failed for a concrete T.
            PanicDottype panicdottype (p p p) () GoNoReturn;

            // Maps. The fast variants are for keys of 4 and 8 bytes without pointers' or floats'
            // peculiarities, and for strings. An access gives a pointer to the element, to a zero value
            // where there is none; mapaccess2 also whether there is one.
            // (map type, hint) -> map
            MakeMap makemap (p i) (p) Full;
            // (map type, hint, nil or a buffer for header and one group, its bytes) -> map
            MakeMapBuf makemapbuf (p i p i) (p) Full;
            MapAccess1 mapaccess1 (p p p) (p) Full;
            MapAccess2 mapaccess2 (p p p) (p i) Full;
            MapAssign mapassign (p p p) (p) Full;
            MapDelete mapdelete (p p p) () Full;
            MapAccess1Fast32 mapaccess1_fast32 (p p i) (p) Full;
            MapAccess2Fast32 mapaccess2_fast32 (p p i) (p i) Full;
            MapAssignFast32 mapassign_fast32 (p p i) (p) Full;
            MapDeleteFast32 mapdelete_fast32 (p p i) () Full;
            MapAccess1Fast64 mapaccess1_fast64 (p p i) (p) Full;
            MapAccess2Fast64 mapaccess2_fast64 (p p i) (p i) Full;
            MapAssignFast64 mapassign_fast64 (p p i) (p) Full;
            MapDeleteFast64 mapdelete_fast64 (p p i) () Full;
            MapAccess1FastStr mapaccess1_faststr (p p p i) (p) Full;
            MapAccess2FastStr mapaccess2_faststr (p p p i) (p i) Full;
            MapAssignFastStr mapassign_faststr (p p p i) (p) Full;
            MapDeleteFastStr mapdelete_faststr (p p p i) () Full;
            MapClear mapclear (p p) () Full;
            // (map type, map, iterator): the iterator is layout::MAP_ITER_BYTES of zeroed memory, and is
            // then at the first entry; its first word is the key's address, nil at the end.
            MapIterStart mapiterstart (p p p) () Full;
            MapIterNext mapiternext (p) () Full;

            // Channels.
            // (channel type, size)
            MakeChan makechan (p i) (p) Full;
            // (chan, address of the element)
            ChanSend chansend1 (p p) () Park;
            // (chan, address for the element or nil) -> whether a value was received
            ChanRecv chanrecv1 (p p) (i) Park;
            CloseChan closechan (p) () Full;
            // (array of layout::SelectCase, sends first, then receives; number of sends; of receives; block)
            // -> (index or -1 for default, whether a value was received)
            SelectGo selectgo (p i i i) (i i) Park;
            // (chan, element) -> selected
            SelectNbSend selectnbsend (p p) (i) Full;
            // (element or nil, chan) -> (selected, received)
            SelectNbRecv selectnbrecv (p p) (i i) Full;
            // select {}
            Block block () () NoReturn;

            // Goroutines.
            // (closure): a function value without arguments and results.
            NewProc newproc (p) () Full;
            // A loop's back-edge saw a poisoned stack guard.
            LoopYield loopyield () () Full;

            // Panics.
            // (type, data): nil type for panic(nil).
            GoPanic gopanic (p p) () NoReturn;
            // (frame pointer of the function that calls recover) -> interface
            GoRecover gorecover (p) (p p) Full;
            Goexit goexit () () NoReturn;
            // What does not fit is in layout::G_BOUNDS.
            PanicIndex panicIndex () () GoNoReturn;
            PanicIndexU panicIndexU () () GoNoReturn;
            PanicSliceAlen panicSliceAlen () () GoNoReturn;
            PanicSliceAlenU panicSliceAlenU () () GoNoReturn;
            PanicSliceAcap panicSliceAcap () () GoNoReturn;
            PanicSliceAcapU panicSliceAcapU () () GoNoReturn;
            PanicSliceB panicSliceB () () GoNoReturn;
            PanicSliceBU panicSliceBU () () GoNoReturn;
            PanicSlice3Alen panicSlice3Alen () () GoNoReturn;
            PanicSlice3AlenU panicSlice3AlenU () () GoNoReturn;
            PanicSlice3Acap panicSlice3Acap () () GoNoReturn;
            PanicSlice3AcapU panicSlice3AcapU () () GoNoReturn;
            PanicSlice3B panicSlice3B () () GoNoReturn;
            PanicSlice3BU panicSlice3BU () () GoNoReturn;
            PanicSlice3C panicSlice3C () () GoNoReturn;
            PanicSlice3CU panicSlice3CU () () GoNoReturn;
            PanicSliceConvert panicSliceConvert () () GoNoReturn;
            // -> the two words of layout::G_BOUNDS
            BoundsArgs boundsargs () (i i) Leaf;
            PanicDivide panicdivide () () GoNoReturn;
            PanicShift panicshift () () GoNoReturn;
            PanicNil panicmem () () GoNoReturn;
            // (string "pkg.Type", string "Method"): a value method called through a nil pointer.
            PanicWrap panicwrap (p i p i) () GoNoReturn;
            PanicRangeState panicrangestate (i) () GoNoReturn;
            PanicUnsafeSliceLen panicunsafeslicelen () () GoNoReturn;
            PanicUnsafeSliceNilPtr panicunsafeslicenilptr () () GoNoReturn;
            PanicUnsafeStringLen panicunsafestringlen () () GoNoReturn;
            PanicUnsafeStringNilPtr panicunsafestringnilptr () () GoNoReturn;
            // Package initialization ran into itself, or a function without a body was called.
            ThrowInit throwinit () () NoReturn;

            // print and println.
            PrintLock printlock () () G0;
            PrintUnlock printunlock () () G0;
            PrintBool printbool (i) () G0;
            PrintInt printint (i) () G0;
            PrintUint printuint (i) () G0;
            PrintHex printhex (i) () G0;
            // Bits of a float64.
            PrintFloat64 printfloat64 (i) () G0;
            // Bits of a float32.
            PrintFloat32 printfloat32 (i) () G0;
            PrintComplex128 printcomplex128 (i i) () G0;
            PrintComplex64 printcomplex64 (i i) () G0;
            PrintString printstring (p i) () G0;
            PrintPointer printpointer (p) () G0;
            PrintSlice printslice (p i i) () G0;
            // An interface of either kind by its two words.
            PrintIface printiface (p p) () G0;
            PrintSp printsp () () G0;
            PrintNl printnl () () G0;

            // Floating point that x86-64 has no instruction for; bits in, bits out.
            Fmod fmod (i i) (i) G0;
            // For std/runtime's own Go code.
            // (panic's index from the newest, 0) -> (type, data)
            PanicValue panicvalue (i) (p p) G0;
            // (index) -> flags: 1 exists, 2 recovered, 4 goexit
            PanicState panicstate (i) (i) G0;
            // (index, string): what the panic prints in place of its value.
            FatalPanic fatalpanic () () NoReturn;
            // (string): `fatal error: …` and the tracebacks; exit status 2.
            FatalThrow fatalthrow (p i) () NoReturn;
            // (type descriptor) -> its string
            TypeString typestring (p) (p i) G0;
            // (type descriptor) -> its package path
            TypePkgPath typepkgpath (p) (p i) G0;
            Exit exit (i) () NoReturn;

            // Package runtime's own functions, and what std pulls from it (std/runtime says what each does).
            Callers callers (i p i) (i) Park;
            PcPlace pcplace (i p) (i) G0;
            StackText stacktext (p i i) (i) Park;
            GoroutineStacks goroutinestacks (p i i p i) (i) Park;
            // (address of MemProfileRate): the program has set it.
            MemProfileRate memprofilerate (p) () Park;
            // (kind, buffer, its length) -> words of all records; see prof::buckets.
            ProfileRecords profilerecords (i p i) (i) G0;
            BlockRate blockrate (i) () G0;
            MutexRate mutexrate (i) (i) G0;
            BlockEvent blockevent0 (i i) () Full;
            CpuProfileRate cpuprofilerate (i) (i) G0;
            CpuProfile cpuprofile (p i p) (i) G0;
            // By its place in `ModuleData::build_texts`.
            BuildText buildtext (i) (p i) G0;
            ArgCount argcount () (i) G0;
            Arg arg (i) (p i) G0;
            EnvCount envcount () (i) G0;
            Env env (i) (p i) G0;
            Auxv auxv () (p i) G0;
            BootNanotime bootnanotime () (i) G0;
            Gosched gosched () () Full;
            NGoroutines ngoroutines () (i) G0;
            NThreads nthreads () (i) G0;
            GoId goid () (i) G0;
            NCpu ncpu () (i) G0;
            Gomaxprocs gomaxprocs (i) (i) Full;
            GFlags gflags (i i) (i) G0;
            GoroutineLabels goroutinelabels (p i) (p) G0;
            // (function value): a goroutine of the runtime's own.
            NewSystemProc newsystemproc (p) () Full;
            Once once (p) (i) G0;
            Breakpoint breakpoint () () Leaf;
            // (whether to look for leaked goroutines) -> whether it did
            GcCollect gccollect (i) (i) Full;
            SetPanicFault setpanicfault (i) (i) G0;
            SetCrashFd setcrashfd (i) (i) G0;
            CrashBegins crashbegins () () G0;
            // (descriptor, a runtime.MemStats)
            HeapDump heapdump (i p) () Park;
            MemCounts memcounts (p) () Park;
            MetricCounts metriccounts (p) () G0;
            GcPercent gcpercent (i) (i) G0;
            MemoryLimit memorylimit (i) (i) G0;
            MaxStack maxstack (i) (i) G0;
            FreeMemory freememory () () G0;
            SetTraceback settraceback (p i) () G0;
            SetGodebug setgodebug (p i) () G0;
            PoolLists poollists (p p) () G0;
            AddSpecial addspecial (i p p p) (i) G0;
            RemoveSpecial removespecial (i p i) () G0;
            NextSpecial nextspecial (p) (i) Full;
            ObjectBase objectbase (p) (p i) G0;
            // (object, a byte for each of its words): 1 where there is a pointer
            PointerMask pointermask (p p) () G0;
            WeakHandle weakhandle (p) (p) Full;
            InHeap inheap (i) (i) G0;
            RawBytes rawbytes (i) (p) Full;
            RoundUpSize roundupsize (i) (i) G0;
            AddReflectOff addreflectoff (p) (i) G0;
            ResolveReflectOff resolvereflectoff (i) (p) G0;
            ModuleWord moduleword (i) (p) G0;
            Rand64 rand64 () (i) G0;
            HashBytes hashbytes (p i i) (i) G0;
            TypeHashed typehashed (p p i) (i) Full;

            // Scheduling, for std/runtime's own Go code.
            // 1: LockOSThread, 0: UnlockOSThread
            LockThread lockthread (i) () Full;
            // (coroutine, function value)
            NewCoro newcoro0 (p p) () Full;
            CoroSwitch coroswitch0 (p) () Park;
            CoroExit coroexit0 (p) () NoReturn;

            FinalizersIdle finalizersidle () (i) G0;

            // Bubbles of testing/synctest; see sched::bubble.
            BubbleNew bubblenew () (i) G0;
            BubbleStart bubblestart (p) () Park;
            BubbleLoop bubbleloop () (i i) Full;
            BubbleWait bubblewait () (i) Full;
            BubbleId bubbleid () (i) G0;
            BubbleHold bubblehold (i p) (p) G0;
            BubbleEnter bubbleenter (p) () G0;
            BubbleObject bubbleobject (p i) (i) G0;
            BubbleLeave bubbleleave (p) () G0;

            // Semaphores and condition variables under package sync.
            // (address, first in line, sema::How)
            SemAcquire semacquire (p i i) () Park;
            // (address, hand over, frames that profiles leave out)
            SemRelease semrelease (p i i) () Full;
            CanSpin canspin (i) (i) G0;
            DoSpin dospin () () G0;
            NotifyListAdd notifylistadd (p) (i) G0;
            NotifyListWait notifylistwait (p i) () Park;
            NotifyListAll notifylistall (p) () G0;
            NotifyListOne notifylistone (p) () G0;

            // Time.
            NanoTime nanotime () (i) G0;
            // -> seconds, nanoseconds
            WallTime walltime () (i i) G0;
            // (address of three words: seconds, nanoseconds, monotonic)
            TimeNow timenow (p) () G0;
            TimeNano timenano () (i) G0;
            TimeSleep timesleep (i) () Full;
            // (channel, timer)
            TimerChan timerchan (p p) () G0;
            // (timer, when, period) -> was active
            TimerReset timerreset (p i i) (i) G0;
            TimerStop timerstop (p) (i) G0;
            // (&time.startNano, &time.Local)
            TimeSetVars timesetvars (p p) () G0;

            // The network poller; see netpoll::desc.
            PollServerInit pollserverinit () () G0;
            PollIsDescriptor pollisdescriptor (i) (i) G0;
            // (fd) -> descriptor, errno
            PollOpen pollopen (i) (p i) G0;
            PollClose pollclose (p) () G0;
            // (descriptor, mode) -> error
            PollReset pollreset (p i) (i) G0;
            PollWait pollwait (p i) (i) Park;
            PollSetDeadline pollsetdeadline (p i i) () G0;
            PollUnblock pollunblock (p) () G0;

            // System calls: -> result, errno. Those that may block let others have the P.
            // (number, three arguments)
            Syscall3 syscall3 (i i i i) (i i) Park;
            // (address of the number and six arguments)
            Syscall6 syscall6 (p) (i i) Park;
            AllThreadsSyscall allthreadssyscall (p) (i i) Park;
            RawSyscall3 rawsyscall3 (i i i i) (i i) Leaf;
            RawSyscall6 rawsyscall6 (p) (i i) Leaf;
            RawVfork rawvforksyscall (i i i i) (i i) Leaf;
            BeforeFork beforefork () () G0;
            AfterFork afterfork () () G0;
            AfterForkInChild afterforkinchild () () G0;
            BeforeExec beforeexec () () G0;
            AfterExec afterexec () () G0;

            // Signals.
            SignalWait signalwait () () Full;
            SignalTake signaltake () (i) G0;
            SignalIdle signalidle () (i) G0;
            SignalEnable signalenable (i) () G0;
            SignalDisable signaldisable (i) () G0;
            SignalIgnore signalignore (i) () G0;
            SignalIgnored signalignored (i) (i) G0;
            SigPipe sigpipe () () G0;
        }
    };
}

macro_rules! table {
    ($($variant:ident $name:ident ($($p:ident)*) ($($r:ident)*) $kind:ident;)*) => {
        /// A runtime entry. `entry as u16` is its index in [`ENTRIES`].
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[cfg_attr(feature = "object", derive(serde::Serialize, serde::Deserialize))]
        #[repr(u16)]
        pub enum Entry { $($variant),* }

        pub const ENTRIES: &[(Entry, EntryInfo)] = &[$((Entry::$variant, EntryInfo {
            name: stringify!($name),
            symbol: concat!("runtime.", stringify!($name)),
            params: &[$(table!(@scalar $p)),*],
            results: &[$(table!(@scalar $r)),*],
            kind: EntryKind::$kind,
        })),*];
    };
    (@scalar i) => { Scalar::Int };
    (@scalar p) => { Scalar::Ptr };
}
for_each_entry!(table);

impl Entry {
    pub fn info(self) -> &'static EntryInfo {
        &ENTRIES[self as usize].1
    }

    /// The entry of that name (`newobject`).
    pub fn by_name(name: &str) -> Option<Entry> {
        ENTRIES.iter().find(|(_, info)| info.name == name).map(|&(e, _)| e)
    }

    pub fn returns(self) -> bool {
        !matches!(self.info().kind, EntryKind::NoReturn | EntryKind::GoNoReturn)
    }
}
