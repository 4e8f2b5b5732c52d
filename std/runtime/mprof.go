package runtime

import "unsafe"

// Profiles: of allocation and waiting by crates/runtime/src/prof, of CPU time by its trace/profile.rs.

// MemProfileRate controls the fraction of memory allocations that are recorded in the memory profile. Its value at
// the start, 512 KiB or 0 in programs that cannot ask for the profile, is the Rust runtime's.
var MemProfileRate int

// memprofilerate tells the Rust runtime of MemProfileRate. Calls stand behind all assignments in the program, made by
// the compiler.
func memprofilerate(rate *int)

func init() { memprofilerate(&MemProfileRate) }

// A StackRecord describes a single execution stack.
type StackRecord struct {
	Stack0 [32]uintptr // stack trace for this record; ends at first 0 entry
}

// Stack returns the stack trace associated with the record.
func (r *StackRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

func untilZero(stack []uintptr) []uintptr {
	for i, v := range stack {
		if v == 0 {
			return stack[:i]
		}
	}
	return stack
}

// A MemProfileRecord describes the live objects allocated by a particular call sequence.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

// InUseBytes returns the number of bytes in use (AllocBytes - FreeBytes).
func (r *MemProfileRecord) InUseBytes() int64 { return r.AllocBytes - r.FreeBytes }

// InUseObjects returns the number of objects in use (AllocObjects - FreeObjects).
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }

// Stack returns the stack trace associated with the record.
func (r *MemProfileRecord) Stack() []uintptr { return untilZero(r.Stack0[:]) }

// BlockProfileRecord describes blocking events originated at a particular call sequence.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// Kinds of profilerecords.
const (
	heapProfile = iota
	blockProfile
	mutexProfile
)

// profilerecords fills buf with all records of a profile, if they fit; gives how many words they take. Of each: two
// counts, the objects' size, the number of program counters, and these.
func profilerecords(kind int, buf *uintptr, n int) int

// A profileRecord is one of profilerecords'.
type profileRecord struct {
	counts [2]int64
	size   int64
	stack  []uintptr
}

func readProfile(kind int) (list []profileRecord) {
	const header = 4
	var words []uintptr
	for {
		n := profilerecords(kind, unsafe.SliceData(words), len(words))
		if n <= len(words) {
			words = words[:n]
			break
		}
		// More may come up meanwhile.
		words = make([]uintptr, n+n/4+512)
	}
	for len(words) > 0 {
		n := header + int(words[3])
		list = append(list, profileRecord{
			[2]int64{int64(words[0]), int64(words[1])}, int64(words[2]), words[header:n:n],
		})
		words = words[n:]
	}
	return list
}

// memProfileInternal gives the heap profile's records. The linker looks whether the program has this function:
// else nothing is sampled.
//
//go:noinline
func memProfileInternal(inuseZero bool) []profileRecord {
	list := readProfile(heapProfile)
	kept := list[:0]
	for _, r := range list {
		if inuseZero || r.counts[0] != r.counts[1] {
			kept = append(kept, r)
		}
	}
	return kept
}

// fillProfile is the way of all functions that give a profile: as many records as there are, if they fit.
func fillProfile[R any](p []R, list []profileRecord, fill func(*R, *profileRecord)) (n int, ok bool) {
	if len(list) > len(p) {
		return len(list), false
	}
	for i := range list {
		fill(&p[i], &list[i])
	}
	return len(list), true
}

// MemProfile returns a profile of memory allocated and freed per allocation site.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return fillProfile(p, memProfileInternal(inuseZero), func(to *MemProfileRecord, r *profileRecord) {
		*to = MemProfileRecord{
			AllocBytes: r.counts[0] * r.size, FreeBytes: r.counts[1] * r.size,
			AllocObjects: r.counts[0], FreeObjects: r.counts[1],
		}
		copy(to.Stack0[:], r.stack)
	})
}

// BlockProfile returns n, the number of records in the current blocking profile.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) {
	return fillProfile(p, readProfile(blockProfile), fillWaiting)
}

// MutexProfile returns n, the number of records in the current mutex profile.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) {
	return fillProfile(p, readProfile(mutexProfile), fillWaiting)
}

func fillWaiting(to *BlockProfileRecord, r *profileRecord) {
	*to = BlockProfileRecord{Count: max(r.counts[0], 1), Cycles: r.counts[1]}
	copy(to.Stack0[:], r.stack)
}

// nthreads is how many threads run goroutines.
func nthreads() int

// ThreadCreateProfile returns n, the number of records in the thread creation profile. It is not known which
// goroutine made a thread.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) {
	n = nthreads()
	if n > len(p) {
		return n, false
	}
	clear(p[:n])
	return n, true
}

// goroutinestacks fills n records of depth program counters each, that of the caller first, and the goroutines'
// labels, unless that is nil; gives the number of goroutines, and fills nothing where they do not fit. With leaked it
// does so of those alone that the last search for leaks found.
func goroutinestacks(pcs *uintptr, n, depth int, labels *unsafe.Pointer, leaked bool) int

// GoroutineProfile returns n, the number of records in the active goroutine stack profile.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = goroutinestacks((*uintptr)(unsafe.Pointer(unsafe.SliceData(p))), len(p), len(StackRecord{}.Stack0), nil, false)
	return n, n <= len(p)
}

// blockrate sets how long waiting is that is always told, in nanoseconds; 0: it is not told.
func blockrate(ns int)

// mutexrate sets of how many events one is told (0: none; below 0: as it is), and gives what it was.
func mutexrate(rate int) int

// blockevent0 tells of waiting by the goroutine at hand.
func blockevent0(ns, skip int)

// SetBlockProfileRate controls the fraction of goroutine blocking events that are reported in the blocking
// profile: one per rate nanoseconds spent blocked, on average. 1: all, 0 or less: none.
func SetBlockProfileRate(rate int) { blockrate(max(rate, 0)) }

// SetMutexProfileFraction controls the fraction of mutex contention events that are reported: 1/rate on average.
// 0: none; below 0 it only returns the rate as it is. Returns the previous rate.
func SetMutexProfileFraction(rate int) int { return mutexrate(rate) }

// blockevent is reached from tests of runtime/pprof by linkname.
//
//go:noinline
func blockevent(cycles int64, skip int) { blockevent0(int(cycles), skip) }

// cpuprofilerate begins (hz above 0) and ends (0) a profile, and gives the rate before.
func cpuprofilerate(hz int) int

// cpuprofile fetches records of the CPU profile, as many as have room, and the labels of each; gives how many words
// they are.
func cpuprofile(buf *uint64, n int, labels *unsafe.Pointer) int

// SetCPUProfileRate sets the CPU profiling rate to hz samples per second. If hz <= 0, SetCPUProfileRate turns
// off profiling.
func SetCPUProfileRate(hz int) {
	hz = min(max(hz, 0), 1_000_000)
	if cpuprofilerate(hz) != 0 && hz != 0 {
		print("runtime: cannot set rate until previous profile has finished.\n")
	}
}

// CPUProfile panics.
//
// Deprecated: Use the runtime/pprof package.
func CPUProfile() []byte { panic("CPUProfile no longer available") }

// A tracingUnsupported is what StartTrace gives.
type tracingUnsupported struct{}

func (tracingUnsupported) Error() string { return "runtime: execution traces are not supported" }

// StartTrace enables tracing for the current process.
func StartTrace() error { return tracingUnsupported{} }

// StopTrace stops tracing, if it was previously enabled.
func StopTrace() {}

// ReadTrace returns the next chunk of binary tracing data; nil, since there is none.
func ReadTrace() (buf []byte) { return nil }

// Records of internal/profilerecord.
type (
	profStack  struct{ stack []uintptr }
	profMemory struct {
		objectSize                int64
		allocObjects, freeObjects int64
		stack                     []uintptr
	}
	profWaiting struct {
		count  int64
		cycles int64
		stack  []uintptr
	}
)

// What stands in a record in place of a stack.

func _System() { _System() }
func _GC()     { _GC() }

func funcPC(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

// pprof_readProfile waits for records of the CPU profile.
//
//go:linkname pprof_readProfile runtime/pprof.readProfile
func pprof_readProfile() (data []uint64, tags []unsafe.Pointer, eof bool) {
	const (
		words      = 1 << 14
		intervalNs = 50_000_000
	)
	data = make([]uint64, words)
	tags = make([]unsafe.Pointer, words)
	for {
		eof = cpuprofilerate(-1) == 0
		n := cpuprofile(&data[0], words, &tags[0])
		if n == 0 && !eof {
			time_Sleep(intervalNs)
			continue
		}
		data = data[:n]
		break
	}
	records := 0
	for i := 0; i < len(data); i += int(data[i]) {
		records++
		if data[i] == 4 && data[i+2] != 0 {
			switch data[i+3] {
			case 0:
				data[i+3] = uint64(funcPC(_System) + 1)
			case 1:
				data[i+3] = uint64(funcPC(_GC) + 1)
			}
		}
	}
	return data, tags[:records], eof && len(data) == 0
}

func pprof_goroutineProfileWithLabels(p []profStack, labels []unsafe.Pointer) (n int, ok bool) {
	return goroutineProfile(p, labels, false)
}

func pprof_goroutineLeakProfileWithLabels(p []profStack, labels []unsafe.Pointer) (n int, ok bool) {
	return goroutineProfile(p, labels, true)
}

func goroutineProfile(p []profStack, labels []unsafe.Pointer, leaked bool) (n int, ok bool) {
	const depth = profStackDepth
	room := max(len(p), 1)
	pcs := make([]uintptr, room*depth)
	if len(labels) != len(p) {
		labels = nil
	}
	n = goroutinestacks(&pcs[0], len(p), depth, unsafe.SliceData(labels), leaked)
	if n > len(p) {
		return n, false
	}
	for i := range n {
		p[i].stack = untilZero(pcs[i*depth : (i+1)*depth])
	}
	return n, true
}

//go:linkname pprof_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func pprof_goroutineleakcount() int { return goroutinestacks(nil, 0, 0, nil, true) }

//go:linkname pprof_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func pprof_goroutineLeakGC() {
	for gccollect(1) == 0 {
		gosched()
	}
}

//go:linkname pprof_cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprof_cyclesPerSecond() int64 { return 1_000_000_000 }

func pprof_memProfileInternal(p []profMemory, inuseZero bool) (n int, ok bool) {
	return fillProfile(p, memProfileInternal(inuseZero), func(to *profMemory, r *profileRecord) {
		*to = profMemory{r.size, r.counts[0], r.counts[1], r.stack}
	})
}

func pprof_blockProfileInternal(p []profWaiting) (n int, ok bool) {
	return fillProfile(p, readProfile(blockProfile), (*profWaiting).fill)
}

func pprof_mutexProfileInternal(p []profWaiting) (n int, ok bool) {
	return fillProfile(p, readProfile(mutexProfile), (*profWaiting).fill)
}

func (to *profWaiting) fill(r *profileRecord) {
	*to = profWaiting{max(r.counts[0], 1), r.counts[1], r.stack}
}

func pprof_threadCreateInternal(p []profStack) (n int, ok bool) {
	n = nthreads()
	if n > len(p) {
		return n, false
	}
	for i := range n {
		p[i].stack = make([]uintptr, len(StackRecord{}.Stack0))
	}
	return n, true
}

func pprof_fpunwindExpand(dst, src []uintptr) int { return copy(dst, src) }

const profStackDepth = 128

func pprof_makeProfStack() []uintptr { return make([]uintptr, profStackDepth) }

// goroutinelabels sets (set 1) and gives the labels of the goroutine.
func goroutinelabels(labels unsafe.Pointer, set int) unsafe.Pointer

//go:linkname pprof_setProfLabel runtime/pprof.runtime_setProfLabel
func pprof_setProfLabel(labels unsafe.Pointer) { goroutinelabels(labels, 1) }

//go:linkname pprof_getProfLabel runtime/pprof.runtime_getProfLabel
func pprof_getProfLabel() unsafe.Pointer { return goroutinelabels(nil, 0) }

// runtime/trace: annotations go nowhere while there is no trace.

//go:linkname trace_userTaskCreate runtime/trace.userTaskCreate
func trace_userTaskCreate(id, parentID uint64, taskType string) {}

//go:linkname trace_userTaskEnd runtime/trace.userTaskEnd
func trace_userTaskEnd(id uint64) {}

//go:linkname trace_userRegion runtime/trace.userRegion
func trace_userRegion(id, mode uint64, name string) {}

//go:linkname trace_userLog runtime/trace.userLog
func trace_userLog(id uint64, category, message string) {}

//go:linkname trace_clockUnitsPerSecond runtime/trace.runtime_traceClockUnitsPerSecond
func trace_clockUnitsPerSecond() uint64 { return 1_000_000_000 }

func traceAdvance(stopTrace bool) {}
func traceClockNow() uint64       { return uint64(bootnanotime()) }
