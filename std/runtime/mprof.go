package runtime

import "unsafe"

// No profile is taken: the records are there for programs that ask for them, and are empty but for those of
// goroutines.

// MemProfileRate controls the fraction of memory allocations that are recorded in the memory profile.
var MemProfileRate int = 512 * 1024

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

// MemProfile returns a profile of memory allocated and freed per allocation site: there are no records.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) { return 0, true }

// BlockProfile returns n, the number of records in the current blocking profile: there are none.
func BlockProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// MutexProfile returns n, the number of records in the current mutex profile: there are none.
func MutexProfile(p []BlockProfileRecord) (n int, ok bool) { return 0, true }

// ThreadCreateProfile returns n, the number of records in the thread creation profile: there are none.
func ThreadCreateProfile(p []StackRecord) (n int, ok bool) { return 0, true }

// goroutinestacks fills n records of depth program counters each, that of the caller first; gives the number
// of goroutines, and fills nothing where they do not fit.
func goroutinestacks(pcs *uintptr, n, depth int) int

// GoroutineProfile returns n, the number of records in the active goroutine stack profile.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	n = goroutinestacks((*uintptr)(unsafe.Pointer(unsafe.SliceData(p))), len(p), len(StackRecord{}.Stack0))
	return n, n <= len(p)
}

// SetBlockProfileRate controls the fraction of goroutine blocking events that are reported.
func SetBlockProfileRate(rate int) {}

var mutexProfileFraction int

// SetMutexProfileFraction controls the fraction of mutex contention events that are reported; returns the
// previous rate.
func SetMutexProfileFraction(rate int) int {
	old := mutexProfileFraction
	if rate >= 0 {
		mutexProfileFraction = rate
	}
	return old
}

// SetCPUProfileRate sets the CPU profiling rate to hz samples per second: no samples are taken.
func SetCPUProfileRate(hz int) {}

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
type profStack struct{ stack []uintptr }

//go:linkname pprof_readProfile runtime/pprof.readProfile
func pprof_readProfile() ([]uint64, []unsafe.Pointer, bool) { return nil, nil, true }

func pprof_goroutineProfileWithLabels(p []profStack, labels []unsafe.Pointer) (n int, ok bool) {
	const depth = 128
	room := max(len(p), 1)
	pcs := make([]uintptr, room*depth)
	n = goroutinestacks(&pcs[0], len(p), depth)
	if n > len(p) {
		return n, false
	}
	for i := range n {
		p[i].stack = untilZero(pcs[i*depth : (i+1)*depth])
	}
	clear(labels)
	return n, true
}

func pprof_goroutineLeakProfileWithLabels(p []profStack, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

//go:linkname pprof_goroutineleakcount runtime/pprof.runtime_goroutineleakcount
func pprof_goroutineleakcount() int { return 0 }

//go:linkname pprof_goroutineLeakGC runtime/pprof.runtime_goroutineLeakGC
func pprof_goroutineLeakGC() { GC() }

//go:linkname pprof_cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprof_cyclesPerSecond() int64 { return 1_000_000_000 }

func pprof_memProfileInternal(p unsafe.Pointer, len, cap int, inuseZero bool) (n int, ok bool) {
	return 0, true
}
func pprof_blockProfileInternal(p unsafe.Pointer, len, cap int) (n int, ok bool) { return 0, true }
func pprof_mutexProfileInternal(p unsafe.Pointer, len, cap int) (n int, ok bool) { return 0, true }
func pprof_threadCreateInternal(p unsafe.Pointer, len, cap int) (n int, ok bool) { return 0, true }
func pprof_fpunwindExpand(dst, src []uintptr) int                                { return copy(dst, src) }
func pprof_makeProfStack() []uintptr                                             { return make([]uintptr, 128) }

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
