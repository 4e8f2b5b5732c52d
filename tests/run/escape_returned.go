package main

// What a function value returns that is called where nothing is known of it: what it has captured must
// outlive whatever that goes to, and no more than that.

import (
	"fmt"
	"io"
	"log"
	"runtime"
	"strings"
	"testing"
)

type node struct {
	n    int
	next *node
}

var kept *node
var keptAll []*node

//go:noinline
func apply(f func() *node) *node { return f() }

//go:noinline
func keep(f func() *node) { kept = f() }

//go:noinline
func keepNext(f func() *node) { kept = f().next }

//go:noinline
func keepVia(f func() *node) { keep(f) }

//go:noinline
func send(c chan *node, f func() *node) { c <- f() }

//go:noinline
func nested(f func() func() *node) { kept = f()() }

//go:noinline
func into(p **node, f func() *node) { *p = f() }

//go:noinline
func through(f func() **node, n *node) { *f() = n }

//go:noinline
func two(f, g func() *node) (*node, *node) { return g(), f() }

type caller struct{ f func() *node }

//go:noinline
func (c *caller) keep() { kept = c.f() }

//go:noinline
func all(fs ...func() *node) {
	for _, f := range fs {
		keptAll = append(keptAll, f())
	}
}

//go:noinline
func recurse(n int, f func() *node) *node {
	if n == 0 {
		return f()
	}
	return recurse(n-1, func() *node { return &node{n, f()} })
}

//go:noinline
func churn(n int) int {
	var big [64]int
	for i := range big {
		big[i] = n * i
	}
	if n == 0 {
		return big[7]
	}
	return churn(n-1) + big[3]
}

func check(name string, got *node) {
	churn(50)
	runtime.GC()
	churn(50)
	fmt.Print(name, ":")
	for ; got != nil; got = got.next {
		fmt.Print(" ", got.n)
	}
	fmt.Println()
}

//go:noinline
func keeps(i int) {
	a := node{i, nil}
	b := node{i + 1, &a}
	switch i {
	case 10:
		keep(func() *node { return &b })
	case 20:
		keepNext(func() *node { return &b })
	case 30:
		keepVia(func() *node { return &b })
	case 40:
		c := make(chan *node, 1)
		send(c, func() *node { return &b })
		kept = <-c
	case 50:
		nested(func() func() *node { return func() *node { return &b } })
	case 60:
		into(&kept, func() *node { return &b })
	case 70:
		through(func() **node { return &kept }, &b)
	case 80:
		x := caller{func() *node { return &b }}
		x.keep()
	case 90:
		kept = recurse(3, func() *node { return &b })
	}
}

//go:noinline
func makeAll() {
	a, b := node{1, nil}, node{2, nil}
	all(func() *node { return &a }, func() *node { b.next = &a; return &b })
}

func main() {
	for i := 10; i <= 90; i += 10 {
		keeps(i)
		check("kept", kept)
	}
	makeAll()
	check("all 0", keptAll[0])
	check("all 1", keptAll[1])

	a := node{1, nil}
	x, y := two(func() *node { return &a }, func() *node { return &node{2, &a} })
	check("x", x)
	check("y", y)
	check("apply", apply(func() *node { return x.next }))

	l, s := log.New(io.Discard, "", 0), strings.Repeat("a", 1000)
	fmt.Println(testing.AllocsPerRun(10, func() { l.Printf("%s", s) }) <= 1)
}
