// What does not escape and is small stands in the frame: strings, slices, maps with few entries.
package main

import "testing"

//go:noinline
func length(s string) int { return len(s) }

//go:noinline
func sum(s []int) (n int) {
	for _, x := range s {
		n += x
	}
	return n
}

//go:noinline
func bytes(s []byte) (n int) {
	for _, x := range s {
		n += int(x)
	}
	return n
}

//go:noinline
func total(m map[string]int) (n int) {
	for _, x := range m {
		n += x
	}
	return n
}

var kept []string
var keptMap map[int]string

func main() {
	b := []byte("hello")
	long := []byte("more than the thirty-two bytes of a buffer")
	s, n := string(b), len(b)
	count := func(what string, f func() int) {
		got := f()
		println(what, got, int(testing.AllocsPerRun(20, func() { f() })))
	}
	count("string", func() int { return length(string(b)) })
	count("long string", func() int { return length(string(long)) })
	count("bytes", func() int { return bytes([]byte(s)) })
	count("constant", func() int { return bytes([]byte("more than the thirty-two bytes of a buffer")) })
	count("concatenation", func() int { return length(s+s) + length(s+","+s) })
	count("runes", func() int { return length(string([]rune{'a', 'ä'})) + length(string(rune(n))) })
	count("copied", func() int {
		var to [64]byte
		return bytes(to[:copy(to[:], b)])
	})
	count("make", func() int {
		x := make([]int, n-1)
		x[n-2] = 7
		return sum(x)
	})
	count("make more", func() int { return sum(make([]int, n)) })
	count("append", func() int {
		var x []int
		for i := range 4 {
			x = append(x, i)
		}
		return sum(x) + cap(x)
	})
	count("append to two", func() int {
		n := 0
		for i := range 3 {
			var x []int
			x = append(x, i)
			n += sum(x)
		}
		return n
	})
	count("map", func() int {
		m := map[string]int{"a": 1}
		m["b"] = 2
		m["a"]++
		delete(m, "b")
		return total(m) + len(m)
	})
	count("map of loop", func() (n int) {
		for i := range 3 {
			m := map[int]int{}
			m[i] = i
			n += m[i] + len(m)
		}
		return n
	})

	// What is kept is not in the frame, and each round's is its own.
	for i := range 3 {
		m := map[int]string{i: string(b[i:])}
		kept = append(kept, m[i]+"!")
		keptMap = m
	}
	for _, s := range kept {
		print(s, " ")
	}
	println(len(keptMap), keptMap[2])
	var grown []*int
	for i := range 40 {
		grown = append(grown, &i)
	}
	println(len(grown), *grown[0], *grown[39])
	m := map[int][]byte{}
	for i := range 40 {
		m[i] = []byte(s)[:i%5]
	}
	n = 0
	for k, v := range m {
		n += k * len(v)
	}
	println(n)
}
