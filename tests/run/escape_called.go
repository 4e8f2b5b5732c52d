package main

type E struct {
	id   uint32
	code uint32
	next *E
}

func (e E) Error() string { return "E" }

type CS struct {
	err error
	p   *E
	m   map[string]error
	fs  []func()
	s   []error
}

//go:noinline
func do(f func()) { f() }

//go:noinline
func do2(f func(func())) { f(func() {}) }

type runner struct{ f func() }

//go:noinline
func (r *runner) run() { r.f() }

type R struct{ r *runner }

//go:noinline
func deep(r *R) { r.r.run() }

//go:noinline
func list(fs []func()) {
	for _, f := range fs {
		f()
	}
}

//go:noinline
func iface(x interface{ run() }) { x.run() }

//go:noinline
func ptrs(p **func()) { (**p)() }

//go:noinline
func deferred(f func()) { defer f() }

//go:noinline
func seq(yield func(int) bool) {
	for i := range 3 {
		if !yield(i) {
			return
		}
	}
}

//go:noinline
func give(f func() error) error { return f() }

//go:noinline
func give2(f func(e error) error, e error) error { return f(e) }

//go:noinline
func set(to *error, e error) { *to = e }

//go:noinline
func set2(to **error, e error) { **to = e }

//go:noinline
func ret(cs *CS) *error { return &cs.err }

//go:noinline
func same(e error) error { return e }

//go:noinline
func first(es ...error) error { return es[0] }

//go:noinline
func boxed(e error) any { return struct{ e error }{e} }

var G *CS

//go:noinline
func kind0(cs *CS, e error) {
	do(func() { cs.err = e })
}

//go:noinline
func call0(cs *CS, id uint32) {
	kind0(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind1(cs *CS, e error) {
	do(func() { do(func() { cs.err = e }) })
}

//go:noinline
func call1(cs *CS, id uint32) {
	kind1(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind2(cs *CS, e error) {
	r := &runner{func() { cs.err = e }}
	r.run()
}

//go:noinline
func call2(cs *CS, id uint32) {
	kind2(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind3(cs *CS, e error) {
	deep(&R{&runner{func() { cs.err = e }}})
}

//go:noinline
func call3(cs *CS, id uint32) {
	kind3(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind4(cs *CS, e error) {
	list([]func(){func() {}, func() { cs.err = e }})
}

//go:noinline
func call4(cs *CS, id uint32) {
	kind4(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind5(cs *CS, e error) {
	iface(&runner{func() { cs.err = e }})
}

//go:noinline
func call5(cs *CS, id uint32) {
	kind5(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind6(cs *CS, e error) {
	f := func() { cs.err = e }
	p := &f
	ptrs(&p)
}

//go:noinline
func call6(cs *CS, id uint32) {
	kind6(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind7(cs *CS, e error) {
	deferred(func() { cs.err = e })
}

//go:noinline
func call7(cs *CS, id uint32) {
	kind7(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind8(cs *CS, e error) {
	for i := range seq {
		if i == 1 {
			cs.err = e
		}
	}
}

//go:noinline
func call8(cs *CS, id uint32) {
	kind8(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind9(cs *CS, e error) {
	cs.err = give(func() error { return e })
}

//go:noinline
func call9(cs *CS, id uint32) {
	kind9(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind10(cs *CS, e error) {
	cs.err = give2(func(e error) error { return e }, e)
}

//go:noinline
func call10(cs *CS, id uint32) {
	kind10(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind11(cs *CS, e error) {
	cs.err = give(func() error { return give(func() error { return e }) })
}

//go:noinline
func call11(cs *CS, id uint32) {
	kind11(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind12(cs *CS, e error) {
	do2(func(f func()) { f(); cs.err = e })
}

//go:noinline
func call12(cs *CS, id uint32) {
	kind12(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind13(cs *CS, e error) {
	set(&cs.err, e)
}

//go:noinline
func call13(cs *CS, id uint32) {
	kind13(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind14(cs *CS, e error) {
	p := &cs.err
	set2(&p, e)
}

//go:noinline
func call14(cs *CS, id uint32) {
	kind14(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind15(cs *CS, e error) {
	*ret(cs) = e
}

//go:noinline
func call15(cs *CS, id uint32) {
	kind15(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind16(cs *CS, e error) {
	var x error
	p := &x
	set2(&p, e)
	cs.err = x
}

//go:noinline
func call16(cs *CS, id uint32) {
	kind16(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind17(cs *CS, e error) {
	cs.err = same(same(e))
}

//go:noinline
func call17(cs *CS, id uint32) {
	kind17(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind18(cs *CS, e error) {
	cs.err = first(e, nil)
}

//go:noinline
func call18(cs *CS, id uint32) {
	kind18(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind19(cs *CS, e error) {
	cs.err = boxed(e).(struct{ e error }).e
}

//go:noinline
func call19(cs *CS, id uint32) {
	kind19(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind20(cs *CS, e error) {
	x := [2]error{nil, e}
	y := x
	z := &y
	cs.err = z[1]
}

//go:noinline
func call20(cs *CS, id uint32) {
	kind20(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind21(cs *CS, e error) {
	m := map[int]error{1: e}
	cs.err = m[1]
}

//go:noinline
func call21(cs *CS, id uint32) {
	kind21(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind22(cs *CS, e error) {
	c := make(chan error, 1)
	c <- e
	cs.err = <-c
}

//go:noinline
func call22(cs *CS, id uint32) {
	kind22(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind23(cs *CS, e error) {
	c := make(chan func(), 1)
	c <- func() { cs.err = e }
	(<-c)()
}

//go:noinline
func call23(cs *CS, id uint32) {
	kind23(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind24(cs *CS, e error) {
	s := []error{nil}
	copy(s, []error{e})
	cs.err = s[0]
}

//go:noinline
func call24(cs *CS, id uint32) {
	kind24(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind25(cs *CS, e error) {
	s := append([]error(nil), e)
	t := append(s[:0:0], s...)
	cs.err = t[0]
}

//go:noinline
func call25(cs *CS, id uint32) {
	kind25(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind26(cs *CS, e error) {
	type tree struct {
		l, r *tree
		e    error
	}
	t := &tree{l: &tree{r: &tree{e: e}}}
	u := t
	for u.e == nil {
		if u.l != nil {
			u = u.l
		} else {
			u = u.r
		}
	}
	cs.err = u.e
}

//go:noinline
func call26(cs *CS, id uint32) {
	kind26(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind27(cs *CS, e error) {
	func() {
		defer func() {
			cs.err = recover().(error)
		}()
		panic(e)
	}()
}

//go:noinline
func call27(cs *CS, id uint32) {
	kind27(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind28(cs *CS, e error) {
	var f func(n int)
	f = func(n int) {
		if n == 0 {
			cs.err = e
			return
		}
		f(n - 1)
	}
	f(3)
}

//go:noinline
func call28(cs *CS, id uint32) {
	kind28(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind29(cs *CS, e error) {
	defer func() { cs.err = e }()
}

//go:noinline
func call29(cs *CS, id uint32) {
	kind29(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind30(cs *CS, e error) {
	defer set(&cs.err, e)
}

//go:noinline
func call30(cs *CS, id uint32) {
	kind30(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind31(cs *CS, e error) {
	f := (*runner).run
	f(&runner{func() { cs.err = e }})
}

//go:noinline
func call31(cs *CS, id uint32) {
	kind31(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind32(cs *CS, e error) {
	f := (&runner{func() { cs.err = e }}).run
	do(f)
}

//go:noinline
func call32(cs *CS, id uint32) {
	kind32(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind33(cs *CS, e error) {
	done := make(chan bool)
	go func() { cs.err = e; done <- true }()
	<-done
}

//go:noinline
func call33(cs *CS, id uint32) {
	kind33(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind34(cs *CS, e error) {
	x := any(e)
	switch x := x.(type) {
	case error:
		cs.err = x
	}
}

//go:noinline
func call34(cs *CS, id uint32) {
	kind34(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind35(cs *CS, e error) {
	type w struct{ p *error }
	v := w{&e}
	do(func() { cs.err = *v.p })
}

//go:noinline
func call35(cs *CS, id uint32) {
	kind35(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind36(cs *CS, e error) {
	pp := &e
	do(func() { do(func() { cs.err = *pp }) })
}

//go:noinline
func call36(cs *CS, id uint32) {
	kind36(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind37(cs *CS, e error) {
	cs.s = append(cs.s, e)
	cs.err = cs.s[0]
}

//go:noinline
func call37(cs *CS, id uint32) {
	kind37(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind38(cs *CS, e error) {
	G = cs
	do(func() { G.err = e })
}

//go:noinline
func call38(cs *CS, id uint32) {
	kind38(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func kind39(cs *CS, e error) {
	var hold struct{ f func(error) }
	hold.f = func(x error) { cs.err = x }
	h := &hold
	do(func() { h.f(e) })
}

//go:noinline
func call39(cs *CS, id uint32) {
	kind39(cs, E{id, 1, &E{id + 1, 2, nil}})
}

//go:noinline
func dirty(n int) int {
	var a [300]int
	for i := range a {
		a[i] = n + i
	}
	return a[n&63]
}

func main() {
	for n, call := range []func(*CS, uint32){
		call0,
		call1,
		call2,
		call3,
		call4,
		call5,
		call6,
		call7,
		call8,
		call9,
		call10,
		call11,
		call12,
		call13,
		call14,
		call15,
		call16,
		call17,
		call18,
		call19,
		call20,
		call21,
		call22,
		call23,
		call24,
		call25,
		call26,
		call27,
		call28,
		call29,
		call30,
		call31,
		call32,
		call33,
		call34,
		call35,
		call36,
		call37,
		call38,
		call39,
	} {
		cs := &CS{}
		call(cs, uint32(n))
		dirty(0x1000)
		e := cs.err.(E)
		println(n, e.id, e.code, e.next.id, e.next.code)
	}
}
