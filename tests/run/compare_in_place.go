package main

// Operands of a comparison are compared where they are, unless the other one may write there first.

import (
	"fmt"
	"testing"
)

type large struct {
	a [100_000]int64
	s string
}

func main() {
	x, y := new(large), new(large)
	fmt.Println(testing.AllocsPerRun(10, func() {
		if *x != *y {
			panic("different")
		}
	}))
	m := map[string]large{"a": {s: "a"}}
	fmt.Println(m["a"] == m["b"], m["c"] == m["b"], m["a"] == large{s: "a"})
	arrays := [][40]string{{1: "x"}, {1: "x"}, {2: "y"}}
	i := 0
	next := func() int { i++; return i }
	fmt.Println(arrays[0] == arrays[next()], arrays[0] == arrays[next()], arrays[i] == func() [40]string {
		arrays[i][3] = "z"
		return arrays[i]
	}())
}
