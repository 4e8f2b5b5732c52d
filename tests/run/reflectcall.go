package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

type small struct {
	a int8
	b float32
}

type large struct {
	a, b, c, d, e int
	s             string
}

type T struct{ n int }

func (t T) Value(x int, s ...string) string { return fmt.Sprint("value ", t.n, x, s) }
func (t *T) Pointer(l large) (large, error) {
	t.n++
	l.a += t.n
	return l, errors.New("e")
}
func (t T) Many(a, b, c, d, e, f, g int) (int, int) { return a + b + c + d + e + f + g + t.n, g }

type W struct{ p *int }

func (w W) Get() int { return *w.p }

type I interface{ Get() int }

func ints(a int8, b uint16, c int32, d int64, e uint, f uintptr, g bool, h byte) string {
	return fmt.Sprint(a, b, c, d, e, f, g, h)
}
func floats(a, b, c, d, e, f, g, h, i, j float64, k float32) []float64 {
	return []float64{a, b, c, d, e, f, g, h, i, j, float64(k)}
}
func mixed(s string, x []int, m map[string]int, c complex128, i any, e error, l large, p small) (large, small, string, int, int, int, int, int, int, any) {
	l.s += s
	p.a++
	return l, p, s + fmt.Sprint(x, m, c, i, e), 1, 2, 3, 4, 5, 6, i
}
func manyFloats() (a, b, c, d, e, f, g, h, i, j float32) { return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }
func variadic(f string, a ...any) string                 { return fmt.Sprintf(f, a...) }
func arrays(a [1]int, b [2]string, c [0]int, d struct{}) ([1]int, [2]string) {
	a[0]++
	b[1] += "!"
	return a, b
}

func call(f any, args ...any) {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	for _, r := range reflect.ValueOf(f).Call(in) {
		fmt.Printf(" %v(%v)", r.Type(), r)
	}
	fmt.Println()
}

func try(what string, f func()) {
	defer func() { fmt.Println(what, "->", recover()) }()
	f()
}

func main() {
	call(ints, int8(-1), uint16(2), int32(-3), int64(4), uint(5), uintptr(6), true, byte(8))
	call(floats, 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., float32(11))
	call(mixed, "s", []int{1}, map[string]int{"a": 1}, 1i, 5, errors.New("x"), large{1, 2, 3, 4, 5, "l"}, small{1, 2.5})
	call(manyFloats)
	call(variadic, "%d-%s", 1, "x")
	call(arrays, [1]int{1}, [2]string{"a", "b"}, [0]int{}, struct{}{})
	t := &T{10}
	v := reflect.ValueOf(t)
	fmt.Println(v.MethodByName("Value").Call([]reflect.Value{reflect.ValueOf(1), reflect.ValueOf("a"), reflect.ValueOf("b")}))
	r := v.MethodByName("Pointer").Call([]reflect.Value{reflect.ValueOf(large{s: "x"})})
	fmt.Println(r[0].Interface(), r[1].Interface(), t.n)
	fmt.Println(v.MethodByName("Many").Interface().(func(a, b, c, d, e, f, g int) (int, int))(1, 2, 3, 4, 5, 6, 7))
	value := v.MethodByName("Value").Interface().(func(int, ...string) string)
	fmt.Println(value(3), value(4, "p", "q"))
	n := 42
	var i I = W{&n}
	fmt.Println(reflect.ValueOf(i).Method(0).Call(nil)[0], reflect.ValueOf(&i).Elem().Method(0).Call(nil)[0])
	for j := 0; j < v.Type().NumMethod(); j++ {
		m := v.Type().Method(j)
		fmt.Println(m.Name, m.Type, m.Func.Type().NumIn())
	}
	m, _ := reflect.TypeOf(T{}).MethodByName("Many")
	a := []reflect.Value{reflect.ValueOf(T{1})}
	for j := 0; j < 7; j++ {
		a = append(a, reflect.ValueOf(j))
	}
	fmt.Println(m.Func.Call(a)[0])

	swap := func(in []reflect.Value) []reflect.Value {
		out := make([]reflect.Value, len(in))
		for i := range in {
			out[len(in)-1-i] = in[i]
		}
		return out
	}
	var f2 func(int, string) (string, int)
	reflect.ValueOf(&f2).Elem().Set(reflect.MakeFunc(reflect.TypeOf(f2), swap))
	fmt.Println(f2(1, "two"))
	var f8 func(large, float64, int8, string, []int, any, float32, small) (small, float32, any, []int, string, int8, float64, large)
	reflect.ValueOf(&f8).Elem().Set(reflect.MakeFunc(reflect.TypeOf(f8), swap))
	fmt.Println(f8(large{1, 2, 3, 4, 5, "six"}, 1.5, -1, "str", []int{1, 2}, "any", 2.5, small{7, 8}))
	sum := reflect.MakeFunc(reflect.TypeOf(func(...int) int { return 0 }), func(in []reflect.Value) []reflect.Value {
		n := 0
		for i := 0; i < in[0].Len(); i++ {
			n += int(in[0].Index(i).Int())
		}
		runtime.GC()
		return []reflect.Value{reflect.ValueOf(n)}
	}).Interface().(func(...int) int)
	fmt.Println(sum(1, 2, 3), sum())
	var deep func(n int) int
	deep = reflect.MakeFunc(reflect.TypeOf(deep), func(in []reflect.Value) []reflect.Value {
		if in[0].Int() == 0 {
			return in
		}
		return []reflect.Value{reflect.ValueOf(deep(int(in[0].Int())-1) + 1)}
	}).Interface().(func(int) int)
	fmt.Println(deep(2000))

	try("nil func", func() { reflect.ValueOf((func())(nil)).Call(nil) })
	try("too few", func() { reflect.ValueOf(ints).Call(nil) })
	try("wrong type", func() { reflect.ValueOf(strings.ToUpper).Call([]reflect.Value{reflect.ValueOf(1)}) })
	try("wrong result", func() {
		var f func() int
		reflect.ValueOf(&f).Elem().Set(reflect.MakeFunc(reflect.TypeOf(f), func([]reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.ValueOf("x")}
		}))
		f()
	})
	try("panics", func() { reflect.ValueOf(func() { panic("inside") }).Call(nil) })
	mt := reflect.MapOf(reflect.TypeOf(""), reflect.TypeOf(large{}))
	mv := reflect.MakeMap(mt)
	mv.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf(large{s: "v"}))
	fmt.Println(mv.Len(), mv.MapIndex(reflect.ValueOf("k")), mv.Type())
	st := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeOf(0), Tag: `json:"a"`}, {Name: "B", Type: mt}})
	sv := reflect.New(st).Elem()
	sv.Field(0).SetInt(7)
	sv.Field(1).Set(mv)
	fmt.Printf("%+v %v\n", sv.Interface(), st)
	ft := reflect.FuncOf([]reflect.Type{st, reflect.TypeOf(0)}, []reflect.Type{reflect.TypeOf("")}, false)
	fmt.Println(ft, reflect.ArrayOf(3, st).Size(), reflect.SliceOf(ft), reflect.ChanOf(reflect.BothDir, ft))
	ch := make(chan int, 1)
	chosen, _, _ := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectDefault}, {Dir: reflect.SelectSend, Chan: reflect.ValueOf(ch), Send: reflect.ValueOf(5)}})
	which, got, ok := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}})
	fmt.Println(chosen, which, got, ok)
	_, has := reflect.PointerTo(reflect.TypeOf(T{})).MethodByName("Pointer")
	fmt.Println(has, reflect.New(reflect.TypeOf(T{})).NumMethod())
}
