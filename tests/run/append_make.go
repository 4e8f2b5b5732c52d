package main

import "fmt"

type pair struct {
	p *int
	n int
}

//go:noinline
func zeros(s []byte, n int) []byte { return append(s, make([]byte, n)...) }

func try(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func length(n int) int {
	fmt.Println("length", n)
	return n
}

// What is appended is zero, also where the array held something else.
func main() {
	full := []byte("abcdefgh")
	fmt.Println(zeros(full[:3], 2), string(full[5:]), len(zeros(full, 100)), len(zeros(nil, 0)))
	x := 1
	pairs := []pair{{&x, 1}, {&x, 2}, {&x, 3}}
	pairs = append(pairs[:1], make([]pair, length(2))...)
	fmt.Println(pairs[1:], *pairs[0].p)
	fmt.Println(len(append([]struct{}{}, make([]struct{}, 5)...)))
	n := -1
	try(func() { zeros(full, n) })
	try(func() { _ = append(pairs, make([]pair, uint8(n))...); fmt.Println("fits") })
}
