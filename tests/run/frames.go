package main

import "runtime"

// What a frame does not need any more is collected while its function runs, and not before.

type object struct{ words [8]int }

var collected = map[string]bool{}
var done = make(chan string, 10)

func watched(name string) *object {
	o := &object{}
	o.words[3] = len(name)
	runtime.SetFinalizer(o, func(*object) { done <- name })
	return o
}

func gc() {
	for range 5 {
		runtime.GC()
		runtime.Gosched()
		select {
		case name := <-done:
			collected[name] = true
		default:
		}
	}
}

//go:noinline
func register(o *object) int {
	gc()
	alive := !collected["register"]
	n := o.words[3]
	gc()
	println("register:", alive, collected["register"], n)
	return n
}

type holder struct{ o *object }

//go:noinline
func slot(h *holder) {
	gc()
	println("slot, early:", collected["slot"])
	if h.o.words[3] != 4 {
		println("bad")
	}
	gc()
	println("slot, late:", collected["slot"])
}

//go:noinline
func fault(o *object) {
	defer func() {
		gc()
		println("fault:", collected["fault"])
		recover()
	}()
	gc()
	println("fault, early:", collected["fault"], o.words[3])
	*(*int)(nil) = 0
}

//go:noinline
func sends(c chan *holder, out chan bool) {
	c <- &holder{watched("sent")}
	out <- true
}

func main() {
	register(watched("register"))
	h := holder{watched("slot")}
	slot(&h)
	fault(watched("fault"))
	c, out := make(chan *holder), make(chan bool)
	go sends(c, out)
	runtime.Gosched()
	gc()
	println("sent, early:", collected["sent"])
	println("received:", (<-c).o.words[3])
	<-out

	// Two small objects in one block.
	for range 4 {
		small := new(uint32)
		runtime.AddCleanup(new(int), func(*uint32) {}, small)
	}
}
