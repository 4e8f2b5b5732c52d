// Pointers in a large struct that is copied twice are followed to where they end up.
package main

type T struct{ n int }

type big struct {
	up         *holder
	a, b, c, d *T
	e          []int
}

type holder struct {
	x int
	b big
}

func make_(h *holder) big {
	return big{h, &T{1}, &T{2}, &T{3}, &T{4}, nil}
}

//go:noinline
func build() *holder {
	h := &holder{x: 1}
	h.b = make_(h)
	return h
}

//go:noinline
func clobber(n int) int {
	var a [64]int
	for i := range a {
		a[i] = n + i
	}
	s := 0
	for _, x := range a {
		s += x
	}
	return s
}

func main() {
	h := build()
	clobber(1000)
	println(h.b.a.n, h.b.b.n, h.b.c.n, h.b.d.n, h.b.up == h)
}
