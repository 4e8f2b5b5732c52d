package main

import "runtime"

// What KeepAlive names is not collected before it.

var finalized bool

//go:noinline
func work() int {
	p := new([1 << 16]byte)
	runtime.SetFinalizer(p, func(*[1 << 16]byte) { finalized = true })
	n := 0
	for range 3 {
		runtime.GC()
		runtime.Gosched()
		if finalized {
			n++
		}
	}
	runtime.KeepAlive(p)
	return n
}

func main() {
	println(work())
}
