package main

// unique.Make clones the string that it keeps, so that of bytes none need be made for it.

import (
	"fmt"
	"testing"
	"unique"
)

var handle unique.Handle[string]

func main() {
	b := []byte("a handle of bytes, which is longer than a buffer in the frame")
	s := string(b)
	handle = unique.Make(s)
	fmt.Println(testing.AllocsPerRun(100, func() { handle = unique.Make(string(b)) }))
	fmt.Println(testing.AllocsPerRun(100, func() { handle = unique.Make(string(b[:20])) }))

	h := unique.Make(string(b[2:8]))
	b[3] = 'X'
	fmt.Println(h.Value(), unique.Make(string(b[2:8])).Value(), h == unique.Make("handle"), handle.Value())
	t := string(b)
	g := unique.Make(t)
	b[4] = 'Y'
	fmt.Println(t, g.Value() == t)
}
