package main

// Objects that must outlive the function, or the round of the loop, that made them.

type node struct {
	next *node
	val  int
}

var global *int
var sink any
var funcs []func() int

//go:noinline
func clobber(n int) int {
	var a [64]int
	for i := range a {
		a[i] = n + i
	}
	s := 0
	for _, v := range a {
		s += v
	}
	return s
}

//go:noinline
func returned() *int { x := 1; return &x }

//go:noinline
func viaGlobal() { x := 2; global = &x }

//go:noinline
func viaField(n *node) { n.next = &node{val: 3} }

//go:noinline
func viaFieldOfField(n **node) { (*n).next = &node{val: 4} }

//go:noinline
func viaInterface() any { x := [3]int{5, 6, 7}; return &x }

//go:noinline
func viaChan(c chan *int) { x := 8; c <- &x }

//go:noinline
func viaSelect(c chan *int) {
	x := 9
	select {
	case c <- &x:
	default:
	}
}

//go:noinline
func viaMap(m map[string]*int) { x := 10; m["x"] = &x }

//go:noinline
func viaMapKey(m map[*int]int) { x := 11; m[&x] = 1 }

//go:noinline
func viaClosure() func() int {
	x := 12
	return func() int { x++; return x }
}

//go:noinline
func viaAppend(s []*int) []*int { x := 14; return append(s, &x) }

//go:noinline
func viaParam(p **int) { x := 15; *p = &x }

//go:noinline
func viaCopy(dst []*int) { x := 16; src := []*int{&x}; copy(dst, src) }

//go:noinline
func viaGoroutine(c chan int) {
	x := 17
	go func() { x++; c <- x }()
}

//go:noinline
func viaPanic() (r any) {
	defer func() { r = recover() }()
	x := 18
	panic(&x)
}

//go:noinline
func identity(p *int) *int { return p }

//go:noinline
func viaCall() *int { x := 19; return identity(&x) }

//go:noinline
func viaStruct() node { x := node{val: 20}; return node{next: &x} }

//go:noinline
func viaSlice() []int { a := [4]int{21, 22, 23, 24}; return a[1:3] }

//go:noinline
func viaMethod() func(int) int { a := acc{100}; return a.add }

type acc struct{ n int }

func (a *acc) add(x int) int { a.n += x; return a.n }

//go:noinline
func storeBy(set func(*int)) { x := 25; set(&x) }

//go:noinline
func capturedPointer() *int {
	var p *int
	storeBy(func(q *int) { p = q })
	return p
}

//go:noinline
func giveTo(set func(**int), at **int) { set(at) }

//go:noinline
func capturedToArg() *int {
	x := 26
	var q *int
	giveTo(func(p **int) { *p = &x }, &q)
	return q
}

//go:noinline
func call(f func() *int) *int { return f() }

//go:noinline
func resultOfClosure() *int {
	x := 27
	return call(func() *int { return &x })
}

//go:noinline
func deferredEscape() {
	x := 28
	defer func() { global = &x }()
	clobber(1)
}

//go:noinline
func list(n int) *node {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{head, i}
	}
	return head
}

// These live on the stack, but not in one place.

//go:noinline
func sumList(n int) int {
	var head *node
	for i := 0; i < n; i++ {
		head = &node{head, i}
	}
	s := 0
	for ; head != nil; head = head.next {
		s = s*3 + head.val
	}
	return s
}

//go:noinline
func previous(n int) int {
	var last *int
	s := 0
	for i := 0; i < n; i++ {
		x := i
		if last != nil {
			s = s*10 + *last
			*last = 77
		}
		last = &x
	}
	return s
}

//go:noinline
func inArray(n int) int {
	var a [8]*int
	for i := 0; i < n; i++ {
		x := i * i
		a[i] = &x
	}
	s := 0
	for i := 0; i < n; i++ {
		s = s*100 + *a[i]
	}
	return s
}

//go:noinline
func inClosures(n int) int {
	var fs []func() int
	for i := 0; i < n; i++ {
		fs = append(fs, func() int { i += 10; return i })
	}
	s := 0
	for _, f := range fs {
		s = s*100 + f()
	}
	return s
}

//go:noinline
func byGoto(n int) int {
	var last *int
	i := 0
	s := 0
again:
	x := new(int)
	*x = i
	if last != nil {
		s = s*10 + *last
	}
	last = x
	i++
	if i < n {
		goto again
	}
	return s
}

//go:noinline
func swapped(n int) int {
	a, b := new(int), new(int)
	*b = 1
	for i := 0; i < n; i++ {
		c := new(int)
		*c = *a + *b
		a, b = b, c
	}
	return *b
}

//go:noinline
func zeroedEachRound(n int) int {
	s := 0
	for i := 0; i < n; i++ {
		p := new([4]int)
		s += p[i&3]
		p[i&3] = i + 1
		s += p[0] + p[1] + p[2] + p[3]
	}
	return s
}

func main() {
	println(*returned()+clobber(0)*0, clobber(1))
	viaGlobal()
	clobber(2)
	println(*global)
	n := new(node)
	viaField(n)
	clobber(3)
	println(n.next.val)
	viaFieldOfField(&n)
	clobber(4)
	println(n.next.val)
	sink = viaInterface()
	clobber(5)
	println(sink.(*[3]int)[2])
	c := make(chan *int, 2)
	viaChan(c)
	viaSelect(c)
	clobber(6)
	println(*<-c, *<-c)
	m := map[string]*int{}
	viaMap(m)
	k := map[*int]int{}
	viaMapKey(k)
	clobber(7)
	println(*m["x"])
	for p := range k {
		println(*p)
	}
	f := viaClosure()
	clobber(8)
	println(f(), f())
	s := viaAppend(nil)
	clobber(9)
	println(*s[0])
	var p *int
	viaParam(&p)
	clobber(10)
	println(*p)
	viaCopy(s)
	clobber(11)
	println(*s[0])
	done := make(chan int)
	viaGoroutine(done)
	clobber(12)
	println(<-done)
	r := viaPanic()
	clobber(13)
	println(*r.(*int))
	p = viaCall()
	clobber(14)
	println(*p)
	st := viaStruct()
	clobber(15)
	println(st.next.val)
	sl := viaSlice()
	clobber(16)
	println(sl[0], sl[1])
	add := viaMethod()
	clobber(17)
	println(add(1), add(2))
	p = capturedPointer()
	clobber(18)
	println(*p)
	p = capturedToArg()
	clobber(19)
	println(*p)
	p = resultOfClosure()
	clobber(20)
	println(*p)
	deferredEscape()
	clobber(21)
	println(*global)
	for l := list(3); l != nil; l = l.next {
		clobber(22)
		println(l.val)
	}
	println(sumList(5), previous(5), inArray(5), inClosures(4), byGoto(5), swapped(10), zeroedEachRound(8))
}
