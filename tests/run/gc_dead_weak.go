package main

import (
	"runtime"
	"weak"
)

type node struct{ a, b int }

//go:noinline
func point() weak.Pointer[node] {
	return weak.Make(&node{1, 2})
}

// What the runtime itself still has on its stack does not keep an object from runtime.GC.
func main() {
	w := point()
	runtime.GC()
	println(w.Value() == nil)
	x := &node{3, 4}
	w = weak.Make(x)
	runtime.GC()
	println(w.Value() == x)
	runtime.KeepAlive(x)
}
