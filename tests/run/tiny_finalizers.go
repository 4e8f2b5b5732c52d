package main

import (
	"reflect"
	"runtime"
	"time"
)

// Tiny objects share a block: all of its finalizers run in one collection.
func finalizers() {
	const n = 400
	done := make(chan int32, n)
	for i := range int32(n) {
		x := new(int32)
		*x = i
		runtime.SetFinalizer(x, func(p *int32) { done <- *p })
	}
	runtime.GC()
	seen := make(map[int32]bool)
	timeout := time.After(5 * time.Second)
	for len(seen) < n*9/10 {
		select {
		case x := <-done:
			if x < 0 || x >= n || seen[x] {
				println("finalized wrongly", x)
			}
			seen[x] = true
		case <-timeout:
			println("only", len(seen))
			return
		}
	}
	println("finalized")
}

func selects() {
	// More than fit the runtime's small selects by far.
	const n = 9000
	chans := []chan int{make(chan int), make(chan int), make(chan int)}
	cases := make([]reflect.SelectCase, n)
	for i := range cases {
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(chans[i%2])}
	}
	cases[n-1].Chan = reflect.ValueOf(chans[2])
	go func() {
		time.Sleep(10 * time.Millisecond)
		runtime.GC()
		chans[2] <- 7
	}()
	i, v, ok := reflect.Select(cases)
	println(i, v.Int(), ok)
	close(chans[2])
	i, _, ok = reflect.Select(cases)
	println(i, ok)
}

func main() {
	finalizers()
	selects()
}
