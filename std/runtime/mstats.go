package runtime

import "unsafe"

// A MemStats records statistics about the memory allocator.
type MemStats struct {
	// Alloc is bytes of allocated heap objects; the same as HeapAlloc.
	Alloc uint64
	// TotalAlloc is cumulative bytes allocated for heap objects.
	TotalAlloc uint64
	// Sys is the total bytes of memory obtained from the OS.
	Sys uint64
	// Lookups is the number of pointer lookups performed by the runtime; always 0.
	Lookups uint64
	// Mallocs is the cumulative count of heap objects allocated, Frees that of those freed.
	Mallocs uint64
	Frees   uint64

	HeapAlloc    uint64
	HeapSys      uint64
	HeapIdle     uint64
	HeapInuse    uint64
	HeapReleased uint64
	HeapObjects  uint64

	StackInuse uint64
	StackSys   uint64

	MSpanInuse  uint64
	MSpanSys    uint64
	MCacheInuse uint64
	MCacheSys   uint64
	BuckHashSys uint64
	GCSys       uint64
	OtherSys    uint64

	// NextGC is the target heap size of the next GC cycle.
	NextGC uint64
	// LastGC is the time the last garbage collection finished, as nanoseconds since 1970.
	LastGC uint64
	// PauseTotalNs is the cumulative nanoseconds in GC stop-the-world pauses.
	PauseTotalNs uint64
	// PauseNs is a circular buffer of recent pauses; the most recent is at PauseNs[(NumGC+255)%256].
	PauseNs  [256]uint64
	PauseEnd [256]uint64
	// NumGC is the number of completed GC cycles, NumForcedGC of those that the program asked for.
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool

	// BySize reports per-size class allocation statistics.
	BySize [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// A memoryCount is mem::stats::Counts.
type memoryCount struct {
	allocBytes, totalBytes  uint64
	mallocs, frees          uint64
	heapSys, heapInuse      uint64
	heapReleased            uint64
	stackInuse              uint64
	metadata                uint64
	nextGC, lastGC          uint64
	pauseTotal              uint64
	cycles, forced          uint64
	gcCPU                   uint64 // nanoseconds of one CPU
	pauses, pauseEnds       [256]uint64
	classSize, classMallocs [68]uint64
	classFrees              [68]uint64
}

func memcounts(c *memoryCount)

func countMemory() *memoryCount {
	c := new(memoryCount)
	memcounts(c)
	return c
}

// ReadMemStats populates m with memory allocator statistics, up to date as of the call.
func ReadMemStats(m *MemStats) {
	c := countMemory()
	*m = MemStats{
		Alloc: c.allocBytes, TotalAlloc: c.totalBytes, Mallocs: c.mallocs, Frees: c.frees,
		HeapAlloc: c.allocBytes, HeapSys: c.heapSys, HeapIdle: c.heapSys - c.heapInuse,
		HeapInuse: c.heapInuse, HeapReleased: c.heapReleased, HeapObjects: c.mallocs - c.frees,
		StackInuse: c.stackInuse, StackSys: c.stackInuse, OtherSys: c.metadata,
		Sys:    c.heapSys + c.stackInuse + c.metadata,
		NextGC: c.nextGC, LastGC: c.lastGC, PauseTotalNs: c.pauseTotal, PauseNs: c.pauses, PauseEnd: c.pauseEnds,
		NumGC: uint32(c.cycles), NumForcedGC: uint32(c.forced), EnableGC: true,
	}
	if up := float64(bootnanotime()) * float64(ncpu()); up > 0 {
		m.GCCPUFraction = float64(c.gcCPU) / up
	}
	for i := range m.BySize {
		m.BySize[i].Size = uint32(c.classSize[i])
		m.BySize[i].Mallocs = c.classMallocs[i]
		m.BySize[i].Frees = c.classFrees[i]
	}
}

// runtime/debug

// gcpercent sets GOGC (below 0: off) and gives what it was.
func gcpercent(n int) int

// memorylimit sets the soft limit (below 0: leaves it) and gives what it was.
func memorylimit(n int) int

func maxstack(n int) int
func freememory()
func settraceback(level string)

//go:linkname debug_setGCPercent runtime/debug.setGCPercent
func debug_setGCPercent(n int32) int32 { return int32(gcpercent(int(n))) }

//go:linkname debug_setMemoryLimit runtime/debug.setMemoryLimit
func debug_setMemoryLimit(n int64) int64 { return int64(memorylimit(int(n))) }

//go:linkname debug_setMaxStack runtime/debug.setMaxStack
func debug_setMaxStack(n int) int { return maxstack(n) }

//go:linkname debug_freeOSMemory runtime/debug.freeOSMemory
func debug_freeOSMemory() {
	GC()
	freememory()
}

var maxThreads = 10000

// setpanicfault sets whether faults of this goroutine at addresses other than nil's page are panics, and gives what it
// was.
func setpanicfault(on bool) bool

//go:linkname debug_setPanicOnFault runtime/debug.setPanicOnFault
func debug_setPanicOnFault(on bool) bool { return setpanicfault(on) }

//go:linkname debug_setMaxThreads runtime/debug.setMaxThreads
func debug_setMaxThreads(n int) int {
	old := maxThreads
	maxThreads = n
	return old
}

//go:linkname debug_SetTraceback runtime/debug.SetTraceback
func debug_SetTraceback(level string) { settraceback(level) }

//go:linkname debug_modinfo runtime/debug.modinfo
func debug_modinfo() string { return buildtext(1) }

//go:linkname debug_WriteHeapDump runtime/debug.WriteHeapDump
func debug_WriteHeapDump(fd uintptr) {
	m := new(MemStats)
	ReadMemStats(m)
	heapdump(fd, m)
}

func heapdump(fd uintptr, m *MemStats)

// setcrashfd sets where the end of the program is told of besides stderr (all ones: nowhere); gives what it was.
func setcrashfd(fd uintptr) uintptr

func setCrashFD(fd uintptr) uintptr { return setcrashfd(fd) }

//go:linkname debug_readGCStats runtime/debug.readGCStats
func debug_readGCStats(pauses *[]uint64) {
	c := countMemory()
	n := int(min(c.cycles, uint64(len(c.pauses))))
	p := (*pauses)[:0]
	for i := 0; i < n; i++ {
		p = append(p, c.pauses[(int(c.cycles)-1-i)%len(c.pauses)])
	}
	for i := 0; i < n; i++ {
		p = append(p, c.pauseEnds[(int(c.cycles)-1-i)%len(c.pauses)])
	}
	*pauses = append(p, c.lastGC, c.cycles, c.pauseTotal)
}

// internal/godebug

var godebugUpdate func(string, string)

//go:linkname godebug_setUpdate internal/godebug.setUpdate
func godebug_setUpdate(update func(string, string)) {
	godebugUpdate = update
	update(buildtext(2), gogetenv("GODEBUG"))
}

//go:linkname godebug_registerMetric internal/godebug.registerMetric
func godebug_registerMetric(name string, read func() uint64) {
	setGodebugMetric(name, read)
}

//go:linkname godebug_setNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebug_setNewIncNonDefault(func(string) func()) {}

// setgodebug tells the Rust runtime.
func setgodebug(env string)

func setGodebug(env string) {
	setgodebug(env)
	if godebugUpdate != nil {
		godebugUpdate(buildtext(2), env)
	}
}

//go:linkname syscall_runtimeSetenv syscall.runtimeSetenv
func syscall_runtimeSetenv(key, value string) {
	if key == "GODEBUG" {
		setGodebug(value)
	}
}

//go:linkname syscall_runtimeUnsetenv syscall.runtimeUnsetenv
func syscall_runtimeUnsetenv(key string) {
	if key == "GODEBUG" {
		setGodebug("")
	}
}

//go:linkname syscall_runtimeClearenv syscall.runtimeClearenv
func syscall_runtimeClearenv(env map[string]int) {
	if _, ok := env["GODEBUG"]; ok {
		setGodebug("")
	}
}

// sync.Pool

// The collector empties pools as sync.poolCleanup does, by the two lists of all pools (gc::pools).
func poollists(all, old unsafe.Pointer)

//go:linkname sync_registerPoolCleanup sync.runtime_registerPoolCleanup
func sync_registerPoolCleanup(func()) {}

//go:linkname sync_registerPools sync.runtime_registerPools
func sync_registerPools(all, old unsafe.Pointer) { poollists(all, old) }
