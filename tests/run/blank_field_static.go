// A package variable's literal leaves blank fields zero.
package main

import "unsafe"

type t struct{ a, _, c int }

var x = t{1, 2, 3}
var y = []t{{4, 5, 6}, {a: 7}}

func main() {
	for _, p := range []*t{&x, &y[0], &y[1]} {
		words := (*[3]int)(unsafe.Pointer(p))
		println(words[0], words[1], words[2])
	}
}
