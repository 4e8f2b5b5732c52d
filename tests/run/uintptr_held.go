// What a uintptr argument was made of stays until the call returns, where the callee asks for it.
package main

import (
	"runtime"
	"unsafe"
)

var finished = make(chan bool)

func object(i int) unsafe.Pointer {
	n := new([4]int)
	n[0] = i
	runtime.SetFinalizer(n, func(n *[4]int) { n[0] = -1 })
	return unsafe.Pointer(n)
}

func see(form string, all ...uintptr) int {
	for range 3 {
		runtime.GC()
		runtime.Gosched()
	}
	for i, p := range all {
		if got := (*[4]int)(unsafe.Pointer(p))[0]; got != i {
			println(form, i, "is", got)
		}
	}
	return len(all)
}

//go:uintptrescapes
//go:noinline
func use(form string, a, b uintptr, rest ...uintptr) int {
	return see(form, append([]uintptr{a, b}, rest...)...)
}

type word uintptr

//go:uintptrescapes
//go:noinline
func useWord(a word) int { return see("named type", uintptr(a)) }

type T struct{ name string }

//go:uintptrescapes
func (t T) Use(a, b uintptr) int { return see(t.name, a, b) }

//go:uintptrescapes
func (t *T) Point(a uintptr, rest ...uintptr) {
	see(t.name, append([]uintptr{a}, rest...)...)
	finished <- true
}

type G[E any] struct{ e E }

//go:uintptrescapes
//go:noinline
func (g *G[E]) Use(a uintptr, e E) int { return see("generic", a) }

func returned() int {
	return use("return", uintptr(object(0)), uintptr(object(1)), uintptr(object(2)))
}

func main() {
	println(use("plain", uintptr(object(0)), uintptr((object(1)))))
	println(use("variadic", uintptr(object(0)), uintptr(object(1)), uintptr(object(2)), uintptr(object(3))))
	println(returned(), useWord(word(object(0))))
	println(T{"method"}.Use(uintptr(object(0)), uintptr(object(1))))
	println(T.Use(T{"method expression"}, uintptr(object(0)), uintptr(object(1))))
	println((&G[string]{}).Use(uintptr(object(0)), "e"))

	t := &T{"go"}
	go t.Point(uintptr(object(0)), uintptr(object(1)))
	<-finished
	func() {
		defer use("defer", uintptr(object(0)), uintptr(object(1)), uintptr(object(2)))
		defer T{"deferred method"}.Use(uintptr(object(0)), uintptr(object(1)))
		for i := range 2 {
			defer use("defer in loop", uintptr(object(0)), uintptr(object(1)), uintptr(object(i+2)))
			break
		}
		runtime.GC()
	}()
	func() {
		for range 2 {
			defer use("deferred twice", uintptr(object(0)), uintptr(object(1)), uintptr(object(2)))
		}
		runtime.GC()
	}()
	defer println("done")
	func() {
		defer func() { println(recover().(string)) }()
		use("before a panic", uintptr(object(0)), uintptr(object(1)))
		panic("panicked")
	}()
}
