package main

import (
	"fmt"
	"testing"
)

func index[T string | []byte](s, sep T) int {
	for i := 0; i+len(sep) <= len(s); i++ {
		if string(s[i:i+len(sep)]) == string(sep) {
			return i
		}
	}
	return -1
}

var long = []byte("a text that is too long for the buffer of a conversion in the frame")

// To compare bytes as strings takes no copy of either.
func main() {
	sep := long[3:60]
	fmt.Println(testing.AllocsPerRun(10, func() { index(long, sep) }))
}
