package main

import "runtime"

// A large object that a collection found alive still counts.
func main() {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	large := make([]byte, 10<<20)
	runtime.GC()
	runtime.ReadMemStats(&after)
	println(int64(after.Alloc-before.Alloc) > 9<<20)
	runtime.KeepAlive(large)
}
