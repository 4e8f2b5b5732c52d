// The operands of what is assigned to come first, but each target panics only when its turn comes.
package main

type inner struct{ n [3]int }

type outer struct {
	*inner
	a [2]inner
}

func try(name string, f func()) {
	defer func() {
		e := recover()
		if e != nil {
			println(name, "panics:", e.(error).Error())
		} else {
			println(name)
		}
	}()
	f()
}

func two() (int, int) { return 7, 8 }

func pairs(yield func(int, int) bool) {
	_ = yield(0, 90) && yield(1, 91)
}

func main() {
	m := map[int]int{}
	var p *int
	var s []int
	var o *outer
	var none map[int]int
	i := 5
	try("pointer", func() { m[0], *p = 1, 2 })
	try("slice", func() { m[1], s[i] = 1, 2 })
	try("field", func() { m[2], o.a = 1, [2]inner{} })
	try("array", func() { var a [3]int; m[3], a[i] = 1, 2 })
	try("element of a field", func() { m[4], o.a[1].n[2] = 1, 2 })
	try("promoted", func() { m[5], o.n[1] = 1, 2 })
	o = &outer{}
	try("through an embedded pointer", func() { m[6], o.n[1] = 1, 2 })
	try("results", func() { m[7], *p = two() })
	try("nil map", func() { m[8], none[1] = 1, 2 })
	try("nil map first", func() { none[1], m[9] = 1, 2 })
	try("call", func() { s[i] = func() int { m[10] = 1; return 1 }() })
	try("target with a call", func() { s[func() int { return 3 }()] = func() int { m[11] = 1; return 1 }() })
	for k := range 12 {
		v, ok := m[k]
		println(k, v, ok)
	}

	x, k := []int{10, 20}, 1
	for k, x[k] = range []int{99} {
		break
	}
	println(k, x[0], x[1])
	x, k = []int{10, 20}, 1
	for x[k], k = range []int{0} {
		break
	}
	println(k, x[0], x[1])
	x, k = []int{10, 20}, 1
	for k, x[k] = range map[int]int{0: 77} {
		break
	}
	println(k, x[0], x[1])
	r, k := []rune{1, 2}, 1
	for k, r[k] = range "c" {
		break
	}
	println(k, r[0], r[1])
	x, k = []int{10, 20}, 1
	for k, x[k] = range pairs {
		println(k, x[0], x[1])
	}
	type node struct{ next *node }
	a, b := &node{}, &node{}
	q := a
	q, q.next = b, a
	println(q == b, a.next == a, b.next == nil)
}
