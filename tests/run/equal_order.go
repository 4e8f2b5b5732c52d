// Structs are compared by their scalars and the lengths of their strings before what the strings hold; the order
// of panics stays.
package main

import (
	"fmt"
	"syscall"
	"unsafe"
)

type tail struct {
	text string
	n    int
}

type pair struct{ x, y string }

type late struct {
	any  any
	text string
}

func main() {
	page, err := syscall.Mmap(-1, 0, syscall.Getpagesize(), syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	p, q := unsafe.String(unsafe.SliceData(page), 5), unsafe.String(unsafe.SliceData(page[1:]), 5)
	same := func(a, b any) {
		defer func() {
			if e := recover(); e != nil {
				fmt.Println("panic:", e)
			}
		}()
		fmt.Println(a == b)
	}
	same(tail{p, 1}, tail{q, 2})
	same(pair{p, "a"}, pair{q, "ab"})
	same(pair{"a", p}, pair{"b", q})
	same(pair{"a", "b"}, pair{"a", "b"})
	same(late{[]int{}, "a"}, late{[]int{}, "ab"})
}
