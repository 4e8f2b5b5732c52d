package main

import (
	"fmt"
	"testing"
)

type P struct{ a, b int8 }
type S2 struct {
	s string
	n int
}
type MyStr string
type F32 float32
type U struct{ x uint32 }

var sink any
var sinks []any

//go:noinline
func keep(v any) { sink = v }

func allocs(name string, f func()) { println(name, int(testing.AllocsPerRun(20, f))) }

//go:noinline
func id[T any](v T) T { return v }

func main() {
	n, big, s, e := id(7), id(70000), id("text"), id("")
	var nilSlice, empty []int
	empty = id([]int{})
	allocs("int 7", func() { keep(n) })
	allocs("int 255", func() { keep(id(255)) })
	allocs("int 256", func() { keep(id(256)) })
	allocs("int -1", func() { keep(id(-1)) })
	allocs("int big", func() { keep(big) })
	allocs("uint16", func() { keep(id(uint16(9))) })
	allocs("uint16 big", func() { keep(id(uint16(900))) })
	allocs("int32", func() { keep(id(int32(9))) })
	allocs("int8", func() { keep(id(int8(-3))) })
	allocs("bool", func() { keep(id(true)) })
	allocs("float 0", func() { keep(id(0.0)) })
	allocs("float 1", func() { keep(id(1.0)) })
	allocs("f32 0", func() { keep(id(F32(0))) })
	allocs("uintptr", func() { keep(id(uintptr(200))) })
	allocs("string", func() { keep(s) })
	allocs("empty string", func() { keep(e) })
	allocs("MyStr", func() { keep(MyStr(e)) })
	allocs("nil slice", func() { keep(nilSlice) })
	allocs("empty slice", func() { keep(empty) })
	allocs("const int", func() { keep(100000) })
	allocs("const string", func() { keep("constant") })
	allocs("const struct", func() { keep(P{1, 2}) })
	allocs("const struct 2", func() { keep(S2{"a", 5}) })
	allocs("struct", func() { keep(S2{s, n}) })
	allocs("zero struct", func() { keep(S2{}) })
	allocs("struct of one", func() { keep(U{uint32(n)}) })
	allocs("pointer", func() { keep(&sinks) })
	allocs("empty", func() { keep(struct{}{}) })
	allocs("no escape", func() { var v any = big; _ = v.(int) })
	for _, v := range []any{n, big, s, e, nilSlice, empty, id(uint16(9)), id(uint16(65535)), id(int32(-9)), id(int32(255)), id(1.5), id(0.0), F32(2.5), MyStr(s), P{1, 2}, P{2, 1}, S2{"a", 5}, U{3}, U{uint32(big)}, id(int64(255)), id(int64(256)), id(int64(-1)), id(uintptr(3)), id(uint64(1 << 63))} {
		keep(v)
		sinks = append(sinks, v)
		fmt.Printf("%T %v\n", sink, sink)
	}
	fmt.Println(sinks...)
	a, b := any(id(int16(5))), any(id(int16(5)))
	fmt.Println(a == b, a == any(int32(5)), any(e) == any(""), any(MyStr(e)) == any(""))
}
