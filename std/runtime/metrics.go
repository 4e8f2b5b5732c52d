package runtime

import "unsafe"

// runtime/metrics: what the Rust runtime counts, by the names that package metrics describes.

type metricSample struct {
	name  string
	value metricValue
}

type metricValue struct {
	kind    int
	scalar  uint64
	pointer unsafe.Pointer
}

const (
	metricBad = iota
	metricUint64
	metricFloat64
	metricHistogram
)

// A histogram is metrics.Float64Histogram.
type histogram struct {
	counts  []uint64
	buckets []float64
}

// A timeHistogram is sched::histogram::Histogram: of nanoseconds, with four buckets for each power of two.
type timeHistogram struct {
	counts   [timeBuckets]uint64
	overflow uint64
}

const (
	timeMinBits = 9
	timeMaxBits = 48
	timeSubBits = 2
	timeBuckets = (timeMaxBits - timeMinBits + 1) << timeSubBits
)

// A metricCount is sched::metrics::Counts.
type metricCount struct {
	running, runnable, waiting, notInGo, created uint64
	threads                                      uint64
	finalizersQueued, cleanupsQueued             uint64
	finalizersTaken, cleanupsTaken               uint64
	mutexWaitNs                                  uint64
	heapMarked, scannedHeap                      uint64
	scannedStacks, scannedGlobals                uint64
	tinyAllocs                                   uint64
	persistent, mcaches, buckets                 uint64
	processNs                                    uint64 // CPU time
	stoppingGC, stoppingOther                    timeHistogram
	stoppedGC, stoppedOther                      timeHistogram
}

func metriccounts(c *metricCount)

// metricInputs is what metrics are read from.
type metricInputs struct {
	*metricCount
	mem *memoryCount
	// Nanoseconds of CPUs since the start, and those while the collector had the world stopped.
	cpuNs, pauseNs uint64
	sizeBuckets    []float64
	timeBuckets    []float64
}

func newMetricInputs() *metricInputs {
	in := &metricInputs{metricCount: new(metricCount), mem: countMemory()}
	metriccounts(in.metricCount)
	in.cpuNs = uint64(bootnanotime()) * uint64(gomaxprocs(0))
	in.pauseNs = in.mem.pauseTotal * uint64(gomaxprocs(0))
	return in
}

// userNs is CPU time that was not spent while the world was stopped. What the machine does not give is idle time.
func (in *metricInputs) userNs() uint64 {
	return min(in.processNs-min(in.processNs, in.pauseNs), in.cpuNs-min(in.cpuNs, in.pauseNs))
}

// heapFree is memory of the heap without objects that the system has not got back.
func (in *metricInputs) heapFree() uint64 {
	return in.mem.heapSys - min(in.mem.heapSys, in.mem.heapInuse+in.mem.heapReleased)
}

func (in *metricInputs) heapUnused() uint64 {
	return in.mem.heapInuse - min(in.mem.heapInuse, in.mem.allocBytes)
}

func (in *metricInputs) metadata() uint64 {
	return in.persistent - min(in.persistent, in.mcaches+in.buckets)
}

func (v *metricValue) seconds(ns uint64) {
	f := float64(ns) / 1e9
	v.kind, v.scalar = metricFloat64, *(*uint64)(unsafe.Pointer(&f))
}

// histogram gives the value's histogram, the one that it has if it has one.
func (v *metricValue) histogram(buckets []float64) []uint64 {
	var h *histogram
	if v.kind == metricHistogram && v.pointer != nil {
		h = (*histogram)(v.pointer)
	} else {
		h = new(histogram)
		v.kind, v.pointer = metricHistogram, unsafe.Pointer(h)
	}
	h.buckets = buckets
	if len(h.counts) != len(buckets)-1 {
		h.counts = make([]uint64, len(buckets)-1)
	}
	return h.counts
}

func infinity() float64 {
	bits := uint64(0x7ff) << 52
	return *(*float64)(unsafe.Pointer(&bits))
}

// bySize counts objects by size classes; large ones, of class 0, stand in the last bucket.
func (v *metricValue) bySize(in *metricInputs, counts *[68]uint64) {
	if in.sizeBuckets == nil {
		in.sizeBuckets = append(in.sizeBuckets, 1)
		for _, size := range in.mem.classSize[1:] {
			in.sizeBuckets = append(in.sizeBuckets, float64(size+1))
		}
		in.sizeBuckets = append(in.sizeBuckets, infinity())
	}
	out := v.histogram(in.sizeBuckets)
	copy(out, counts[1:])
	out[len(out)-1] = counts[0]
}

func (v *metricValue) times(in *metricInputs, t *timeHistogram) {
	if in.timeBuckets == nil {
		const sub = 1 << timeSubBits
		list := []float64{-infinity()}
		for i := range uint64(timeBuckets) {
			// The first bucket has no highest bit.
			bits := max(i/sub, 1) + timeMinBits - 2
			ns := (i%sub)<<(bits-timeSubBits) | min(i/sub, 1)<<bits
			list = append(list, float64(ns)/1e9)
		}
		in.timeBuckets = append(list, float64(uint64(1)<<(timeMaxBits-1))/1e9, infinity())
	}
	out := v.histogram(in.timeBuckets)
	copy(out[1:], t.counts[:])
	out[len(out)-1] = t.overflow
}

// A metric without read is never anything but 0.
type metric struct {
	name string
	read func(in *metricInputs, v *metricValue)
}

// is makes a metric of a count.
func is(count func(in *metricInputs) uint64) func(*metricInputs, *metricValue) {
	return func(in *metricInputs, v *metricValue) { v.kind, v.scalar = metricUint64, count(in) }
}

// lasts makes one of nanoseconds.
func lasts(ns func(in *metricInputs) uint64) func(*metricInputs, *metricValue) {
	return func(in *metricInputs, v *metricValue) { v.seconds(ns(in)) }
}

func none(*metricInputs) uint64 { return 0 }

// allMetrics makes the table of all but those of godebug's settings. All marking is done while the world is stopped;
// sweeping and returning memory are not timed, nor is how long goroutines wait to be run.
func allMetrics() []metric {
	return []metric{
		{"/cgo/go-to-c-calls:calls", is(none)},
		{"/cpu/classes/gc/mark/assist:cpu-seconds", lasts(none)},
		{"/cpu/classes/gc/mark/dedicated:cpu-seconds", lasts(none)},
		{"/cpu/classes/gc/mark/idle:cpu-seconds", lasts(none)},
		{"/cpu/classes/gc/pause:cpu-seconds", lasts(func(in *metricInputs) uint64 { return in.pauseNs })},
		{"/cpu/classes/gc/total:cpu-seconds", lasts(func(in *metricInputs) uint64 { return in.pauseNs })},
		{"/cpu/classes/idle:cpu-seconds", lasts(func(in *metricInputs) uint64 {
			return in.cpuNs - min(in.cpuNs, in.pauseNs+in.userNs())
		})},
		{"/cpu/classes/scavenge/assist:cpu-seconds", lasts(none)},
		{"/cpu/classes/scavenge/background:cpu-seconds", lasts(none)},
		{"/cpu/classes/scavenge/total:cpu-seconds", lasts(none)},
		{"/cpu/classes/total:cpu-seconds", lasts(func(in *metricInputs) uint64 { return in.cpuNs })},
		{"/cpu/classes/user:cpu-seconds", lasts((*metricInputs).userNs)},
		{"/gc/cleanups/executed:cleanups", is(func(in *metricInputs) uint64 { return in.cleanupsTaken })},
		{"/gc/cleanups/queued:cleanups", is(func(in *metricInputs) uint64 { return in.cleanupsQueued })},
		{"/gc/cycles/automatic:gc-cycles", is(func(in *metricInputs) uint64 { return in.mem.cycles - in.mem.forced })},
		{"/gc/cycles/forced:gc-cycles", is(func(in *metricInputs) uint64 { return in.mem.forced })},
		{"/gc/cycles/total:gc-cycles", is(func(in *metricInputs) uint64 { return in.mem.cycles })},
		{"/gc/finalizers/executed:finalizers", is(func(in *metricInputs) uint64 { return in.finalizersTaken })},
		{"/gc/finalizers/queued:finalizers", is(func(in *metricInputs) uint64 { return in.finalizersQueued })},
		{"/gc/gogc:percent", is(func(*metricInputs) uint64 { return uint64(gcpercent(-2)) })},
		{"/gc/gomemlimit:bytes", is(func(*metricInputs) uint64 { return uint64(memorylimit(-1)) })},
		{"/gc/heap/allocs-by-size:bytes", func(in *metricInputs, v *metricValue) { v.bySize(in, &in.mem.classMallocs) }},
		{"/gc/heap/allocs:bytes", is(func(in *metricInputs) uint64 { return in.mem.totalBytes })},
		{"/gc/heap/allocs:objects", is(func(in *metricInputs) uint64 { return in.mem.mallocs - in.tinyAllocs })},
		{"/gc/heap/frees-by-size:bytes", func(in *metricInputs, v *metricValue) { v.bySize(in, &in.mem.classFrees) }},
		{"/gc/heap/frees:bytes", is(func(in *metricInputs) uint64 { return in.mem.totalBytes - in.mem.allocBytes })},
		{"/gc/heap/frees:objects", is(func(in *metricInputs) uint64 { return in.mem.frees - in.tinyAllocs })},
		{"/gc/heap/goal:bytes", is(func(in *metricInputs) uint64 { return in.mem.nextGC })},
		{"/gc/heap/live:bytes", is(func(in *metricInputs) uint64 { return in.heapMarked })},
		{"/gc/heap/objects:objects", is(func(in *metricInputs) uint64 { return in.mem.mallocs - in.mem.frees })},
		{"/gc/heap/tiny/allocs:objects", is(func(in *metricInputs) uint64 { return in.tinyAllocs })},
		{"/gc/limiter/last-enabled:gc-cycle", is(none)},
		{"/gc/pauses:seconds", func(in *metricInputs, v *metricValue) { v.times(in, &in.stoppedGC) }},
		{"/gc/scan/globals:bytes", is(func(in *metricInputs) uint64 { return in.scannedGlobals })},
		{"/gc/scan/heap:bytes", is(func(in *metricInputs) uint64 { return in.scannedHeap })},
		{"/gc/scan/stack:bytes", is(func(in *metricInputs) uint64 { return in.scannedStacks })},
		{"/gc/scan/total:bytes", is(func(in *metricInputs) uint64 {
			return in.scannedGlobals + in.scannedHeap + in.scannedStacks
		})},
		{"/gc/stack/starting-size:bytes", is(func(*metricInputs) uint64 { return 2048 })},
		{"/memory/classes/heap/free:bytes", is((*metricInputs).heapFree)},
		{"/memory/classes/heap/objects:bytes", is(func(in *metricInputs) uint64 { return in.mem.allocBytes })},
		{"/memory/classes/heap/released:bytes", is(func(in *metricInputs) uint64 { return in.mem.heapReleased })},
		{"/memory/classes/heap/stacks:bytes", is(func(in *metricInputs) uint64 { return in.mem.stackInuse })},
		{"/memory/classes/heap/unused:bytes", is((*metricInputs).heapUnused)},
		{"/memory/classes/metadata/mcache/free:bytes", is(none)},
		{"/memory/classes/metadata/mcache/inuse:bytes", is(func(in *metricInputs) uint64 { return in.mcaches })},
		{"/memory/classes/metadata/mspan/free:bytes", is(none)},
		{"/memory/classes/metadata/mspan/inuse:bytes", is(none)},
		{"/memory/classes/metadata/other:bytes", is((*metricInputs).metadata)},
		{"/memory/classes/os-stacks:bytes", is(none)},
		{"/memory/classes/other:bytes", is(none)},
		{"/memory/classes/profiling/buckets:bytes", is(func(in *metricInputs) uint64 { return in.buckets })},
		{"/memory/classes/total:bytes", is(func(in *metricInputs) uint64 {
			return in.heapFree() + in.mem.allocBytes + in.mem.heapReleased + in.mem.stackInuse + in.heapUnused() +
				in.mcaches + in.metadata() + in.buckets
		})},
		{"/sched/gomaxprocs:threads", is(func(*metricInputs) uint64 { return uint64(gomaxprocs(0)) })},
		{"/sched/goroutines-created:goroutines", is(func(in *metricInputs) uint64 { return in.created })},
		{"/sched/goroutines/not-in-go:goroutines", is(func(in *metricInputs) uint64 { return in.notInGo })},
		{"/sched/goroutines/runnable:goroutines", is(func(in *metricInputs) uint64 { return in.runnable })},
		{"/sched/goroutines/running:goroutines", is(func(in *metricInputs) uint64 { return in.running })},
		{"/sched/goroutines/waiting:goroutines", is(func(in *metricInputs) uint64 { return in.waiting })},
		{"/sched/goroutines:goroutines", is(func(*metricInputs) uint64 { return uint64(ngoroutines()) })},
		{"/sched/latencies:seconds", func(in *metricInputs, v *metricValue) { v.times(in, new(timeHistogram)) }},
		{"/sched/pauses/stopping/gc:seconds", func(in *metricInputs, v *metricValue) { v.times(in, &in.stoppingGC) }},
		{"/sched/pauses/stopping/other:seconds", func(in *metricInputs, v *metricValue) {
			v.times(in, &in.stoppingOther)
		}},
		{"/sched/pauses/total/gc:seconds", func(in *metricInputs, v *metricValue) { v.times(in, &in.stoppedGC) }},
		{"/sched/pauses/total/other:seconds", func(in *metricInputs, v *metricValue) { v.times(in, &in.stoppedOther) }},
		{"/sched/threads/total:threads", is(func(in *metricInputs) uint64 { return in.threads })},
		{"/sync/mutex/wait/total:seconds", lasts(func(in *metricInputs) uint64 { return in.mutexWaitNs })},
	}
}

// What godebug counts, by the names of its metrics; nil for a setting that was not used yet. Guarded by a
// semaphore.
var (
	godebugMetrics map[string]func() uint64
	godebugSema    uint32 = 1
)

func setGodebugMetric(name string, read func() uint64) {
	semacquire(&godebugSema, false, waitSemacquire)
	if godebugMetrics == nil {
		godebugMetrics = make(map[string]func() uint64)
	}
	if read != nil || godebugMetrics[name] == nil {
		godebugMetrics[name] = read
	}
	semrelease(&godebugSema, false, 0)
}

// Package metrics knows the settings' names.
//
//go:linkname metrics_addGodebug runtime/metrics.runtime_addGodebug
func metrics_addGodebug(name string) { setGodebugMetric(name, nil) }

func godebugMetric(name string) (read func() uint64, ok bool) {
	semacquire(&godebugSema, false, waitSemacquire)
	read, ok = godebugMetrics[name]
	semrelease(&godebugSema, false, 0)
	return read, ok
}

//go:linkname metrics_readNames runtime/metrics_test.runtime_readMetricNames
func metrics_readNames() (names []string) {
	for _, m := range allMetrics() {
		names = append(names, m.name)
	}
	semacquire(&godebugSema, false, waitSemacquire)
	for name := range godebugMetrics {
		names = append(names, name)
	}
	semrelease(&godebugSema, false, 0)
	return names
}

//go:linkname metrics_read runtime/metrics.runtime_readMetrics
func metrics_read(samples unsafe.Pointer, n, _ int) {
	table := make(map[string]func(*metricInputs, *metricValue))
	for _, m := range allMetrics() {
		table[m.name] = m.read
	}
	in := newMetricInputs()
	list := unsafe.Slice((*metricSample)(samples), n)
	for i := range list {
		name, v := list[i].name, &list[i].value
		if read := table[name]; read != nil {
			read(in, v)
		} else if read, ok := godebugMetric(name); !ok {
			*v = metricValue{kind: metricBad}
		} else {
			*v = metricValue{kind: metricUint64}
			if read != nil {
				v.scalar = read()
			}
		}
	}
}
