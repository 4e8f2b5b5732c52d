package main

import (
	"runtime"
	"time"
)

type small struct {
	a, b byte
	c    uint16
	d    uint32
	e    uint32
}

//go:noinline
func made(c chan small) small { return <-c }

//go:noinline
func other() small { return small{a: 7} }

// Results in memory and copies written by parts of words: what stood there before in the frame is dead.
//
//go:noinline
func compare(c chan small) bool {
	s := made(c)
	if s.e > 3 {
		return s == other()
	}
	return s.e == 1
}

//go:noinline
func fill(p *[100]int) int {
	var a [40]*[100]int
	for i := range a {
		a[i] = p
	}
	return use(&a)
}

//go:noinline
func use(a *[40]*[100]int) int { return len(a[7]) }

func main() {
	collected := make(chan bool)
	c, results := make(chan small), make(chan bool)
	go func() {
		p := new([100]int)
		runtime.AddCleanup(p, func(c chan bool) { close(c) }, collected)
		fill(p)
		results <- compare(c)
	}()
	for i := 0; i < 1000; i++ {
		runtime.GC()
		select {
		case <-collected:
			println("collected")
			c <- small{e: 4}
			println(<-results)
			return
		case <-time.After(time.Millisecond):
		}
	}
	println("kept")
}
