package main

import (
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

// Goroutines that nothing can wake are found: those that wait at what no other one knows.

type server struct {
	requests chan int
	mu       sync.Mutex
}

var known = make(chan int)

func leakReceive() { <-make(chan int) }
func leakNil()     { var c chan int; c <- 1 }
func leakSelect() {
	c, d := make(chan int), make(chan int)
	select {
	case <-c:
	case d <- 1:
	}
}

func leakLock() {
	s := new(server)
	s.mu.Lock()
	s.mu.Lock()
}

func leakGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	wg.Wait()
}

// Two that wait for one another are lost together.
func leakPair() {
	a, b := make(chan int), make(chan int)
	go func() {
		<-a
		b <- 1
	}()
	<-b
	a <- 1
}

func waitKnown() { <-known }

// One waits at a channel that another one knows, who waits at one that is known.
func waitChain() {
	c := make(chan int)
	go func() { <-c }()
	<-known
	c <- 1
}

func waitTimer() { <-time.After(time.Hour) }

func main() {
	for _, f := range []func(){leakReceive, leakNil, leakSelect, leakLock, leakGroup, leakPair, waitKnown, waitChain, waitTimer} {
		go f()
	}
	time.Sleep(20 * time.Millisecond)
	runtime.GC()
	p := pprof.Lookup("goroutineleak")
	fmt.Println(p.Count())
	var b strings.Builder
	p.WriteTo(&b, 1)
	fmt.Println(p.Count())
	text := b.String()
	fmt.Println(strings.SplitN(text, "\n", 2)[0])
	for _, f := range []string{"leakReceive", "leakNil", "leakSelect", "leakLock", "leakGroup", "leakPair", "leakPair.func1", "waitKnown", "waitChain", "waitChain.func1", "waitTimer"} {
		fmt.Println(f, strings.Contains(text, "main."+f+"+0x"))
	}
	buf := make([]byte, 1<<16)
	stack := string(buf[:runtime.Stack(buf, true)])
	fmt.Println(strings.Count(stack, " (leaked)]:"), strings.Contains(stack, "[select (leaked)]:"), strings.Contains(stack, "[chan send (nil chan) (leaked)]:"))
	fmt.Println(known != nil)
}
