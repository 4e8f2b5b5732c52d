package main

type T struct{}

func (T) rec()       { println("T.rec", recover() != nil) }
func (*T) prec()     { println("T.prec", recover() != nil) }
func (T) val() any   { return recover() }

type E struct{ T }
type PE struct{ *T }
type I interface{ rec() }
type G[A any] struct{}

func (G[A]) rec() { println("G.rec", recover() != nil) }
func grec[A any]() { println("grec", recover() != nil) }

func rec()           { println("rec", recover() != nil) }
func recIn()         { func() { println("recIn", recover() != nil) }() }
func recDefer()      { defer func() { println("recDefer", recover() != nil) }() }
func recArg(v any)   { println("recArg", v != nil) }
func recVar(vs ...any) { println("recVar", recover() != nil) }
func helper() any    { return recover() }

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			println(name, "not recovered:", e.(string))
		} else {
			println(name, "ok")
		}
	}()
	f()
}

func seq(yield func(int) bool) { yield(1) }
func seqD(yield func(int) bool) {
	defer func() { println("seqD sees", recover() != nil) }()
	yield(1)
}
func seqR(yield func(int) bool) {
	defer rec()
	yield(1)
	yield(2)
}

var gl func()

func named() (r int, err any) {
	defer func() { err = recover(); r *= 2 }()
	r = 21
	panic("named")
}

func twice() (s string) {
	defer func() { s += "a"; if e := recover(); e != nil { s += e.(string) } }()
	defer func() { s += "b"; if e := recover(); e != nil { s += e.(string) }; panic("2") }()
	defer func() { s += "c" }()
	panic("1")
}

func loopDefer(n int) (s string) {
	for i := range n {
		defer func() {
			s += string(rune('0' + i))
			if i%2 == 0 { if e := recover(); e != nil { s += "r" + e.(string) } }
			if i == 3 { panic("three") }
		}()
	}
	panic("x")
}

func rangeDefer() (s string) {
	for x := range seq {
		defer func() { s += "d"; if e := recover(); e != nil { s += e.(string) } }()
		_ = x
		s += "body"
	}
	s += "after"
	panic("p")
}

func rangeRecover() {
	for range seq {
		defer recover()
		defer rec()
		panic("in body")
	}
}
func rangeRecover2() {
	for range seq {
		for range seqD {
			defer func() { println("inner", recover() != nil) }()
			panic("in body 2")
		}
	}
}
func rangeRecover3() (r int) {
	defer func() { println("outer", recover() != nil); r++ }()
	for i := range seqR {
		r = i * 10
		if i == 1 { panic("seqR body") }
	}
	return r
}

func main() {
	try("rec", func() { defer rec(); panic("1") })
	try("recIn", func() { defer recIn(); panic("1") })
	try("recDefer", func() { defer recDefer(); panic("1") })
	try("recover", func() { defer recover(); panic("1") })
	try("recArg", func() { defer recArg(recover()); panic("1") })
	try("recVar", func() { defer recVar(1, 2); panic("1") })
	try("method", func() { defer T{}.rec(); panic("1") })
	try("pmethod", func() { defer (&T{}).prec(); panic("1") })
	try("pmethod val", func() { defer (&T{}).rec(); panic("1") })
	try("embedded", func() { defer E{}.rec(); panic("1") })
	try("embedded p", func() { defer PE{&T{}}.prec(); panic("1") })
	try("iface", func() { var i I = E{}; defer i.rec(); panic("1") })
	try("iface p", func() { var i I = &PE{&T{}}; defer i.rec(); panic("1") })
	try("mvalue", func() { f := T{}.rec; defer f(); panic("1") })
	try("mvalue i", func() { var i I = &E{}; f := i.rec; defer f(); panic("1") })
	try("mexpr", func() { defer T.rec(T{}); panic("1") })
	try("mexpr p", func() { f := (*T).rec; defer f(&T{}); panic("1") })
	try("mexpr i", func() { f := I.rec; defer f(T{}); panic("1") })
	try("generic", func() { defer G[int]{}.rec(); panic("1") })
	try("generic f", func() { defer grec[string](); panic("1") })
	try("generic v", func() { f := grec[T]; defer f(); panic("1") })
	try("helper", func() { defer func() { println("helper", helper() != nil) }(); panic("1") })
	try("closure var", func() { f := func() { println("cv", recover() != nil) }; defer f(); panic("1") })
	try("in go", func() { c := make(chan bool); defer func() { go func() { c <- recover() != nil }(); println("go", <-c) }(); panic("1") })
	try("nested defer", func() { defer func() { defer func() { println("nd", recover() != nil) }() }(); panic("1") })
	try("panic in defer", func() { defer func() { defer func() { println("pd", recover().(string)) }(); panic("2") }(); panic("1") })
	try("recover twice", func() { defer func() { println(recover() != nil, recover() != nil) }(); panic("1") })
	try("no panic", func() { defer func() { println(recover() != nil) }() })
	try("expr", func() { defer func() { if r := recover(); r == nil || recover() == nil { println("expr") } }(); panic("1") })
	try("defer value", func() { defer println("dv", recover()); panic("1") })
	try("for loop", func() { for i := 0; i < 3; i++ { defer func() { println(i, recover() != nil) }() }; panic("1") })
	try("conditional", func() { if gl == nil { defer rec() }; for range 2 { panic("1") } })
	try("goto", func() { n := 0; L: defer func() { println("g", recover() != nil) }(); n++; if n < 3 { goto L }; panic("1") })
	r, e := named()
	println(r, e.(string))
	println(twice())
	println(loopDefer(5))
	println(rangeDefer())
	try("rangeRecover", rangeRecover)
	try("rangeRecover2", rangeRecover2)
	try("rangeRecover3", func() { println(rangeRecover3()) })
	try("defer in init", func() { func() { defer func() { recover() }(); panic("x") }(); println("continues") })
	try("recursive", func() {
		var f func(int)
		f = func(n int) { defer func() { if n == 2 { println("r2", recover() != nil) } }(); if n == 4 { panic("deep") }; f(n + 1) }
		f(0)
	})
	try("runtime error", func() { defer func() { println(recover().(error).Error()) }(); var p *int; *p = 1 })
	try("repanic", func() { defer func() { e := recover(); panic(e.(string) + "!") }(); panic("1") })
	try("struct method val", func() { defer func() { println("v", T{}.val() != nil) }(); panic("1") })
	try("any func", func() { defer func(f func()) { f() }(rec); panic("1") })
	try("defer any", func() { fs := []func(){rec}; defer fs[0](); panic("1") })
	try("defer map", func() { fs := map[int]func(){1: rec}; defer fs[1](); panic("1") })
	try("defer nil", func() { var f func(); defer rec(); defer f(); println("x") })
	try("defer func lit args", func() { defer func(a int, b string, c [3]int, d ...any) { println(a, b, c[1], len(d), recover() != nil) }(1, "b", [3]int{1, 2, 3}, 4, 5); panic("1") })
	try("defer result", func() { defer func() (int, any) { return 1, recover() }(); panic("1") })
	try("panicnil", func() { defer func() { println(recover().(error).Error()) }(); panic(nil) })
}
