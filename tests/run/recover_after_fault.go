package main

// After a recovered fault nothing is left but what is in the frame's slots, whatever the registers held.

type T struct {
	a, b int
	next *T
}

//go:noinline
func pending(p *T, i int) (r int) {
	h := func() {
		recover()
		r += 100
	}
	defer h()
	defer func() {
		recover()
	}()
	var fs [4]func()
	x := p.b
	fs[i&3] = h
	fs[(i+1)&3] = h
	if fs[x&3] == nil {
		r = 1
	}
	return
}

// No call on the way: the deferred one is made after the fault alone.
//
//go:noinline
func walk(p *T) (r int) {
	defer func() {
		recover()
		r += 5
	}()
	for {
		r += p.a
		p = p.next
	}
}

//go:noinline
func use(p *int, q *T) int { *p += q.a; return *p }

// The results do not fit in registers.
//
//go:noinline
func many(p *T, n int, s string, t []int) (a, b, c, d, e, f, g, h, i, j int, u string, v float64) {
	defer func() {
		if recover() != nil {
			a += 100
		}
		u += "!"
	}()
	a, b, c, d, e, f, g, h, i, j = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	u, v = s, 2.5
	b = p.b
	c = use(&n, p)
	j = n
	t[0] = use(&a, p) + use(&d, p)*use(&e, p)
	u += s
	p = p.next
	i = p.a + t[0]
	return
}

// What lives across each call is another thing; any of them may be the last.
//
//go:noinline
func calls(stop int) (r []int, s string) {
	t := &T{a: 1}
	defer func() {
		if e := recover(); e != nil {
			s += e.(string)
		}
		r = append(r, t.a)
	}()
	a, b, c := 1, []int{2}, map[string]int{"x": 3}
	x := step(stop, 0, &a)
	y := step(stop, 1, &b[0]) + x
	d := &T{a: x, b: y}
	z := step(stop, 2, &d.a) + y*x
	s = string(rune('a' + z%26))
	c["y"] = step(stop, 3, &d.b) + z
	w := step(stop, 4, &t.a) + len(c) + d.a
	r = append(r, a, b[0], x, y, z, w)
	q := step(stop, 5, &r[0]) + x + y + z + w
	r = append(r, q, d.a, d.b, c["x"], c["y"])
	s += s
	return
}

//go:noinline
func step(stop, n int, p *int) int {
	if stop == n {
		panic("stop")
	}
	garbage = make([]*T, 10)
	for i := range garbage {
		garbage[i] = &T{a: i}
	}
	*p += n
	return *p * 3
}

var garbage []*T

//go:noinline
func dirty(i int) int {
	var a [100]int
	for j := range a {
		a[j] = i + 0x1000
	}
	return a[i&63]
}

func main() {
	t := &T{5, 6, &T{7, 8, nil}}
	println(pending(t, 1))
	dirty(2)
	println(pending(nil, 1))
	println(walk(t), walk(nil))
	println(many(t, 3, "s", []int{1}))
	println(many(nil, 3, "s", nil))
	println(many(t, 3, "s", nil))
	println(many(&T{a: 1, b: 2}, 3, "s", []int{1}))
	for i := range 7 {
		r, s := calls(i)
		print(s)
		for _, x := range r {
			print(" ", x)
		}
		println()
	}
}
