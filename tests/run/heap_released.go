package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

var big []byte

// Memory that was given back to the system counts as such.
func main() {
	big = make([]byte, 32<<20)
	for i := range big {
		big[i] = 1
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	big = nil
	debug.FreeOSMemory()
	runtime.ReadMemStats(&after)
	fmt.Println(after.HeapReleased-before.HeapReleased >= 31<<20, after.HeapIdle >= after.HeapReleased)
}
