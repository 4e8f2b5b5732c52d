package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"time"
)

// Every metric that package metrics describes has a value of its kind, and the classes of memory add up.

var sink any

func main() {
	runtime.SetFinalizer(new([3]int), func(*[3]int) {})
	runtime.AddCleanup(new([3]int), func(int) {}, 1)
	for range 1000 {
		sink = make([]byte, 1000)
	}
	runtime.GC()
	runtime.GC()
	var mu sync.Mutex
	for range 200 {
		mu.Lock()
		go func() { mu.Lock(); mu.Unlock() }()
		runtime.Gosched()
		mu.Unlock()
	}
	time.Sleep(10 * time.Millisecond)

	var samples []metrics.Sample
	for _, d := range metrics.All() {
		samples = append(samples, metrics.Sample{Name: d.Name})
	}
	samples = append(samples, metrics.Sample{Name: "/nosuch:bytes"})
	metrics.Read(samples)
	value := make(map[string]metrics.Value)
	for i, d := range metrics.All() {
		if samples[i].Value.Kind() != d.Kind {
			fmt.Println(d.Name, samples[i].Value.Kind(), d.Kind)
		}
		value[d.Name] = samples[i].Value
	}
	fmt.Println(samples[len(samples)-1].Value.Kind() == metrics.KindBad)

	var memory, total uint64
	var cpu, cpuTotal float64
	for name, v := range value {
		switch {
		case name == "/memory/classes/total:bytes":
			total = v.Uint64()
		case strings.HasPrefix(name, "/memory/classes/"):
			memory += v.Uint64()
		case name == "/cpu/classes/total:cpu-seconds":
			cpuTotal = v.Float64()
		case strings.HasPrefix(name, "/cpu/classes/") && (!strings.HasPrefix(name, "/cpu/classes/gc/") &&
			!strings.HasPrefix(name, "/cpu/classes/scavenge/") || strings.HasSuffix(name, "total:cpu-seconds")):
			cpu += v.Float64()
		}
	}
	fmt.Println(memory == total, total > 1<<20, cpuTotal > 0, cpu < cpuTotal*1.001, cpu > cpuTotal*0.999)

	count := func(name string) (n uint64) {
		for _, c := range value[name].Float64Histogram().Counts {
			n += c
		}
		return n
	}
	cycles := value["/gc/cycles/total:gc-cycles"].Uint64()
	fmt.Println(cycles >= 2, value["/gc/cycles/forced:gc-cycles"].Uint64())
	fmt.Println(count("/sched/pauses/total/gc:seconds") >= cycles, count("/gc/pauses:seconds") == count("/sched/pauses/total/gc:seconds"))
	fmt.Println(count("/gc/heap/allocs-by-size:bytes") == value["/gc/heap/allocs:objects"].Uint64())
	fmt.Println(count("/gc/heap/frees-by-size:bytes") == value["/gc/heap/frees:objects"].Uint64())
	fmt.Println(value["/gc/finalizers/queued:finalizers"].Uint64(), value["/gc/cleanups/queued:cleanups"].Uint64() >= 1)
	fmt.Println(value["/sched/goroutines-created:goroutines"].Uint64() > 200, value["/sched/threads/total:threads"].Uint64() > 0)
	h := value["/sched/latencies:seconds"].Float64Histogram()
	fmt.Println(len(h.Counts), len(h.Buckets), h.Buckets[:6], h.Buckets[100], h.Buckets[158:])
	h = value["/gc/heap/allocs-by-size:bytes"].Float64Histogram()
	fmt.Println(len(h.Counts), len(h.Buckets), h.Buckets)
}
