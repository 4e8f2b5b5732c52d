package main

import (
	"runtime"
	"time"
)

// What a goroutine waits with is what it was given, and not what registers held by chance; what it waits for
// overwrites what it received before.
func main() {
	collected := make(chan int)
	c, d := make(chan int), make(chan *[100]int)
	watch := func(n int) *[100]int {
		p := new([100]int)
		runtime.AddCleanup(p, func(n int) { collected <- n }, n)
		return p
	}
	go func() {
		watch(1)
		<-c
	}()
	go func() {
		for p := range d {
			p[1]++
		}
	}()
	d <- watch(2)
	sum := 0
	for i := 0; i < 1000; i++ {
		runtime.GC()
		select {
		case n := <-collected:
			sum += n
			if sum == 3 {
				println("collected")
				return
			}
		case <-time.After(time.Millisecond):
		}
	}
	println("kept", 3-sum)
}
