// Interfaces at run time: assertions between interfaces, unexported methods, comparison.
package main

type A interface{ A() int }
type AB interface {
	A() int
	B(string) string
}
type hidden interface{ hide() int }

type both struct{ n int }

func (b both) A() int            { return b.n }
func (b both) B(s string) string { return s + "!" }
func (b *both) hide() int        { return b.n * 2 }

type one int

func (o one) A() int { return int(o) }

type wrong struct{}

func (wrong) A() string { return "" }

type embeds struct {
	*both
	extra int
}

type pair struct {
	x any
	_ int
	y float64
}

func describe(e any) string {
	s := ""
	if a, ok := e.(A); ok {
		s += "A"
		_ = a.A()
	}
	if ab, ok := e.(AB); ok {
		s += ab.B("B")
	}
	if h, ok := e.(hidden); ok {
		s += "h"
		_ = h.hide()
	}
	return s
}

func try(f func()) {
	defer func() {
		println(recover().(error).Error())
	}()
	f()
}

func main() {
	b := both{3}
	println(describe(b), describe(&b), describe(one(4)), describe(wrong{}), describe(embeds{&b, 1}), describe(nil), describe("s"))
	var a A = &b
	println(a.(AB).B("x"), a.(hidden).hide(), a.(*both).n)
	for i := 0; i < 3; i++ {
		try(func() { _ = any(one(1)).(AB) })
		try(func() { _ = any(wrong{}).(A) })
	}
	var e any
	try(func() { _ = e.(A) })
	try(func() { _ = any(5).(string) })
	try(func() { _ = a.(one) })
	e = 5
	println(e == 5, e == any(5.0), e == any("5"), e != nil, any(nil) == nil)
	println(any(both{1}) == any(both{1}), any(both{1}) == any(both{2}), any(&b) == any(&b))
	println(any(pair{1, 2, 0}) == any(pair{1, 3, 0}), any(pair{"a", 0, 1}) == any(pair{"b", 0, 1}))
	zero := 0.0
	nan := zero / zero
	println(any(nan) == any(nan), any(zero) == any(-zero), any([2]string{"a", "b"}) == any([2]string{"a", "b"}))
	println(any(complex(1, 2)) == any(complex(1, 2)), any(int8(1)) == any(int16(1)))
	try(func() { println(any([]int{1}) == any([]int{1})) })
	try(func() { println(any(pair{[]int{}, 0, 0}) == any(pair{[]int{}, 0, 0})) })
	try(func() { println(any(map[int]int{}) == any(map[int]int{})) })
	println(any([]int{1}) == any(5))
}
