package main

type S struct{ a, b int; p *S; arr [3]int }

func run(name string, f func()) {
	defer func() {
		e := recover()
		if err, ok := e.(error); ok {
			println(name, "panic", err.Error())
		} else if e != nil {
			println(name, "panic", e.(string))
		}
	}()
	f()
}

//go:noinline
func tr(s string, v int) int { println(" tr", s); return v }

type M map[string]int

//go:noinline
func boom(s string) int { panic("boom " + s) }

func two() (int, int) { return 1, 2 }

var g = 1

//go:noinline
func setg(v int) int { g = v; return v }

type I interface{ m(int) int }
type T struct{ v int }

func (t T) m(x int) int   { return t.v*100 + x }
func (t *T) pm(x int) int { return t.v*100 + x }

func main() {
	var nilp *S
	var nils []int
	var nilm map[string]int
	three, zero := 3, 0
	_ = three
	run("idx+call", func() { println(nils[three] + tr("r", 1)) })
	run("call+idx", func() { println(tr("l", 1) + nils[three]) })
	run("deref+call", func() { println(nilp.a + tr("r", 1)) })
	run("div+call", func() { println(1/zero + tr("r", 1)) })
	run("idxop=call", func() { nils[three] |= tr("r", 1) })
	run("idx=call", func() { nils[three] = tr("r", 1) })
	run("derefop=call", func() { nilp.a += tr("r", 1) })
	run("deref=call", func() { nilp.a = tr("r", 1) })
	run("map=call", func() { nilm["a"] = tr("r", 1) })
	run("mapop=call", func() { nilm["a"] += tr("r", 1) })
	run("map[call]=call", func() { nilm[string(rune(tr("k", 65)))] = tr("r", 1) })
	run("idx[call]=idx", func() { nils[tr("l", 1)] = nils[three] })
	run("multi", func() { nils[three], nils[tr("a", 1)] = tr("b", 1), tr("c", 2) })
	run("multi2", func() { nils[three], nilp.a = two() })
	run("multi3", func() { nilp.a, g = nils[three], tr("x", 1) })
	run("multi4", func() { g, nilp.a = 77, 1 })
	println(g)
	run("multi5", func() { g, nils[three] = 78, 1 })
	println(g)
	run("multi6", func() { g, nilm["a"] = 79, 1 })
	println(g)
	run("args", func() { println(nils[three], tr("x", 1)) })
	run("args2", func() { f3(nils[three], tr("x", 1), nilp.a) })
	run("args3", func() { f3(1/zero, tr("x", 1), nilp.a) })
	run("slice lit", func() { _ = []int{nils[three], tr("x", 1)} })
	run("struct lit", func() { _ = S{a: nils[three], b: tr("x", 1)} })
	run("array lit", func() { _ = [2]int{nils[three], tr("x", 1)} })
	run("map lit", func() { _ = map[int]int{nils[three]: tr("x", 1), 2: tr("y", 2)} })
	run("ret", func() { _, _ = func() (int, int) { return nils[three], tr("x", 1) }() })
	g = 1
	println("var+call", g+setg(2), g)
	x := 1
	f := func() int { x++; return x }
	println("loc+call", x+f(), x)
	println("loc args", x, f(), x, f())
	a := []int{x, f(), x}
	println(a[0], a[1], a[2])
	st := S{a: x, b: f()}
	println(st.a, st.b)
	ar := [3]int{x, f(), x}
	println(ar[0], ar[1], ar[2])
	y, z := x, f()
	println(y, z)
	y, z = x, f()
	println(y, z)
	func(a, b int) { println(a, b) }(x, f())
	y, z = func() (int, int) { return x, f() }()
	println(y, z)
	arr := [3]int{1, 2, 3}
	fa := func() int { arr[0] += 10; return 1 }
	println("arr", arr[0]+fa(), arr[0])
	println("arr", arr[fa()]+arr[0]+fa())
	b := arr
	b[fa()] = arr[0]
	println(b[1])
	p := &arr
	fp := func() int { p = &[3]int{7, 8, 9}; return 1 }
	println("p", p[0]+fp(), p[0])
	p = &arr
	p[0] = fp()
	println(arr[0], p[0])
	p = &arr
	p[0] += fp()
	println(arr[0], p[0])
	p = &arr
	p[fp()] = p[0]
	println(arr[1], p[1])
	sl := []int{1, 2, 3}
	fs := func() int { sl = []int{7, 8, 9}; return 1 }
	sl[0] = fs()
	println(sl[0])
	sl = []int{1, 2, 3}
	old := sl
	sl[0] += fs()
	println(sl[0], old[0])
	sl = []int{1, 2, 3}
	sl[fs()] = sl[0]
	println(sl[1])
	i := 0
	fi := func() int { i = 2; return 5 }
	sl[i] = fi()
	println(sl[0], sl[1], sl[2])
	i = 0
	sl[i] += fi()
	println(sl[0], sl[1], sl[2])
	i = 0
	sl[i], sl[1] = fi(), 6
	println(sl[0], sl[1], sl[2])
	m := map[int]int{}
	i = 0
	m[i] = fi()
	println(m[0], m[2])
	i = 0
	m[i] += fi()
	println(m[0], m[2])
	i = 0
	println(m[i]+fi(), m[i])
	m[1] = 4
	fm := func() int { m[1]++; return 0 }
	println("m", m[1]+fm(), m[1])
	println("m", m[1], fm(), m[1])
	var t T
	ft := func() int { t.v++; return 1 }
	println("recv", t.m(ft()), t.v)
	println("precv", t.pm(ft()), t.v)
	tp := &t
	ftp := func() int { tp = &T{50}; return 1 }
	println("ptr recv", tp.m(ftp()), tp.v)
	tp = &t
	println("ptr precv", tp.pm(ftp()), tp.v)
	fn := func(a int) int { return a }
	ffn := func() int { fn = func(a int) int { return a * 1000 }; return 7 }
	println("fn", fn(ffn()))
	var nilf func(int) int
	run("nilf", func() { nilf(tr("arg", 1)) })
	var niti I
	run("niliface", func() { niti.m(tr("arg", 1)) })
	var niltp *T
	run("nilptr m", func() { niltp.m(tr("arg", 1)) })
	run("nilptr defer", func() { defer niltp.m(tr("arg", 1)) })
	run("nilf defer", func() { defer nilf(tr("arg", 1)); println("after") })
	run("niliface defer", func() { defer niti.m(tr("arg", 1)); println("after") })
	run("nilf go", func() { println(" x"); _ = niti.m; println("no") })
	str := "abc"
	fstr := func() string { str = "XYZ"; return "!" }
	println("str", str+fstr(), str)
	str = "abc"
	println("str", str[0] == fstr()[0], str < fstr())
	var e any = 1
	fe := func() any { e = 2; return 1 }
	println("iface ==", e == fe())
	e = 1
	println("assert", e.(int)+fe().(int))
	ok := true
	fok := func() bool { ok = false; return true }
	println("and", ok && fok(), ok)
	ok = true
	println("==", ok == fok())
	ok = true
	println("not", !ok == fok())
	c := complex(1, 2)
	fc := func() complex128 { c = 5; return 1 }
	println("c", c+fc())
	fl := 1.0
	ffl := func() float64 { fl = 5; return 1 }
	println("fl", fl+ffl(), -fl+ffl(), float64(i)+ffl())
	u := uint(1)
	fu := func() uint { u = 3; return 1 }
	println("shift", u<<fu(), u>>fu())
	var pp *int = new(int)
	fpp := func() int { *pp = 5; return 1 }
	println("*pp", *pp+fpp(), *pp)
	*pp = 0
	*pp, x = fpp(), *pp
	println(*pp, x)
	st2 := &st
	fst := func() int { st2.a = 99; return 1 }
	st2.a = 1
	println("st", st2.a+fst(), st2.a)
	cp, cq := *st2, fst()
	println(cp.a, cq)
	st2.a = 1
	cp, cq = *st2, fst()
	println(cp.a, cq)
	st.a = 1
	sumS := func(s S, i int) { println(s.a, i) }
	sumS(st, fst())
	st.a = 1
	sumS(*st2, fst())
	ss := []S{st, {a: fst()}}
	println(ss[0].a)
	st.a = 1
	ssa := [2]S{st, {a: fst()}}
	println(ssa[0].a)
	st.a = 1
	anys := []any{st.a, fst(), st}
	println(anys[0].(int), anys[2].(S).a)
	st.a = 1
	var ch = make(chan int, 3)
	ch <- 1
	ch <- 2
	fch := func() int { st.a = 5; return <-ch }
	println(st.a+<-ch, st.a+fch())
	sw := 1
	fsw := func() int { sw = 2; return 2 }
	switch sw {
	case fsw():
		println("case fsw")
	case 1:
		println("case 1")
	default:
		println("def")
	}
	for i, v := range arr {
		arr[2] = 50
		println(i, v)
	}
	println(min(x, f()), max(f(), x), x)
	println(append(sl, fs())[0], len(sl))
	copy(sl, []int{fs(), 1})
	println(sl[0])
	delete(m, func() int { m = nil; return 1 }())
	r := sl[i:func() int { i = 0; return 2 }()]
	println(len(r))
	run("conv", func() { _ = [4]int(nils) })
	run("slice3", func() { _ = nils[tr("a", 1):tr("b", 2):tr("c", 3)] })
	run("slice nil", func() { _ = nilp.arr[tr("a", 1):] })
	run("neg make", func() { _ = make([]int, tr("a", -1), tr("b", 1)) })
	run("assert+call", func() { println(e.(string), tr("x", 1)) })
	run("assert,call", func() { f4(e.(string), tr("x", 1)) })
	run("send", func() { var c chan int; close(c) })
	run("key", func() { var m map[any]int; m[[]int(nil)] = tr("v", 1) })
	run("key2", func() { _ = map[any]int{}[[]int(nil)] })
	run("key3", func() { m := map[any]int{}; m[[]int(nil)] = tr("v", 1) })
	run("key4", func() { m := map[any]int{}; m[func() {}] += tr("v", 1) })
	run("key5", func() { m := map[any]int{1: 1}; delete(m, struct{ f any }{func() {}}) })
	run("key6", func() { m := map[[2]any]int{}; _, ok := m[[2]any{1, map[int]int{}}]; println(ok) })
	run("cmp", func() { var a, b any = []int{}, []int{}; println(a == b) })
	run("div", func() { g = tr("l", 1) / zero })
	run("divassign", func() { nilm["x"] /= zero })
	run("divassign2", func() { nils[three] /= zero })
	run("divassign3", func() { nilp.a /= zero })
	run("divassign4", func() { m := map[string]int{}; defer func() { println(len(m)) }(); m["x"] /= zero })
	run("inc", func() { nilp.arr[three]++ })
	run("inc2", func() { nilm["z"]++ })
	run("shift neg", func() { s := -1; g = 1 << s })
	run("shift neg2", func() { s := -1; g <<= s })
	run("shift neg3", func() { s := -1; nils[three] <<= s })
}

//go:noinline
func f3(a, b, c int) {}

//go:noinline
func f4(a string, b int) {}
