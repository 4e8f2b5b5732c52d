// Numbers, strings and structs as text.
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"strconv"
)

type point struct {
	X, Y int
	Name string
}

func main() {
	sum := fnv.New64a()
	w := bufio.NewWriter(sum)
	for i := range 400_000 {
		fmt.Fprintf(w, "%d %5x %-8s|%08.3f %v\n", i, i*7, "ab"[i%2:], float64(i)/3, i%3 == 0)
		if i%8 == 0 {
			fmt.Fprintf(w, "%+v %q %T\n", point{i, -i, "p"}, strconv.Itoa(i), w)
		}
	}
	w.Flush()
	fmt.Printf("%016x\n", sum.Sum64())
}
