package main

import "runtime"

var sink [2]*int32

// Tiny objects share a block: what a cleanup is given may lie beside the object that it is of.
func main() {
	for range 100 {
		sink[0], sink[1] = new(int32), new(int32)
		runtime.AddCleanup(sink[0], func(*int32) {}, sink[1])
	}
	type pair struct{ a, b [4]*int }
	defer func() { println(recover() != nil) }()
	p := new(pair)
	runtime.AddCleanup(p, func(*[4]*int) {}, &p.b)
}
