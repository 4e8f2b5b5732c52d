// A record of a loop is on the heap, and so is what it refers to.
package main

import "runtime"

func deferred() {
	for i := 0; i < 3; i++ {
		defer func() { println(i, recover() != nil) }()
	}
	runtime.GC()
	panic("1")
}

type node struct {
	next  *node
	value *int
}

func listed(n int) (sum int) {
	x := 7
	var head *node
	for range n {
		head = &node{head, &x}
	}
	runtime.GC()
	for ; head != nil; head = head.next {
		sum += *head.value
	}
	return sum
}

func appended(n int) (sum int) {
	x := 5
	var all []*int
	for range n {
		all = append(all, &x)
	}
	runtime.GC()
	for _, p := range all {
		sum += *p
	}
	return sum
}

func made(n int) (sum int) {
	x := 3
	all := make([]*int, n)
	for i := range all {
		all[i] = &x
	}
	runtime.GC()
	for _, p := range all {
		sum += *p
	}
	return sum
}

//go:noinline
func through(p *int, n int) (sum int) {
	var head *node
	for range n {
		head = &node{head, p}
	}
	p = nil
	runtime.GC()
	for ; head != nil; head = head.next {
		sum += *head.value
	}
	return sum
}

func caller() int {
	x := 11
	return through(&x, 3)
}

func main() {
	deferred()
	println(listed(4), appended(100), made(100), caller())
}
