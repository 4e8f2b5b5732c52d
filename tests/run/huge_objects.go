package main

import (
	"fmt"
	"unsafe"
)

type huge struct {
	a [5 << 30]byte
	n int
	s [2]int
}

// Offsets between 2 and 4 GB do not fit into 32 bits with a sign.
type mid struct {
	a [3 << 30]byte
	n int
	p uintptr
}

type outer struct {
	pad [5 << 30]byte
	in  struct {
		x, y int
		z    [3]uint8
	}
}

var p *[1 << 33]byte

var (
	sizes = [...]uintptr{unsafe.Sizeof(*p), unsafe.Sizeof(huge{}), unsafe.Offsetof(huge{}.n), unsafe.Offsetof(mid{}.p)}
	ends  *struct {
		a [1 << 40]byte
		b int
	}
)

func (h *huge) get() int   { return h.n }
func (h *huge) tail() *int { return &h.n }

//go:noinline
func fields(h *huge, m *mid) (int, [2]int, int) { return h.n, h.s, m.n }

//go:noinline
func at(p *[1 << 33]byte, i int) byte { return p[i] }

//go:noinline
func catch(name string, f func()) {
	defer func() { fmt.Println(name, recover()) }()
	f()
}

// What is freed would be zeroed to be used again: memory that nobody touches costs nothing.
var kept []any

func objects() {
	h := new(huge)
	h.n, h.s = 5, [2]int{8, 9}
	fmt.Println(h.get(), *h.tail(), *(*int)(unsafe.Add(unsafe.Pointer(h), 5<<30)))
	m := &mid{n: 6}
	m.p = 9
	fmt.Println(fields(h, m))
	m.p++
	fmt.Println(m.p)
	o := new(outer)
	kept = append(kept, p, h, m, o)
	o.in.x, o.in.y, o.in.z = 1, 2, [3]uint8{'a', 'b', 'c'}
	in := o.in
	fmt.Println(in, o.in.z[len(m.a)&1])
}

func main() {
	fmt.Println(len(*p), len(p), cap(p), sizes, unsafe.Sizeof(*ends), fmt.Sprintf("%T", ends))
	for i := range p {
		if i > 3 {
			break
		}
	}
	catch("nil", func() { at(p, 1<<33-1) })
	catch("nil", func() { p[1<<32] = 1 })
	p = (*[1 << 33]byte)(make([]byte, 1<<33))
	i := 1<<33 - 1
	p[i] = 7
	p[1<<32] = 8
	fmt.Println(p[i], p[1<<32], p[0], at(p, i))
	catch("index", func() { p[i+1] = 0 })
	s := p[1<<32:]
	fmt.Println(len(s), cap(s), s[0], s[len(s)-1])

	objects()
	var h *huge
	catch("field of nil", func() { fmt.Println(h.n) })
	catch("field of nil", func() { fmt.Println(h.get()) })
	var m *mid
	catch("field of nil", func() { m.n = 3 })
	var o *outer
	catch("field of nil", func() { fmt.Println(o.in.z[1]) })

	big := make([][1 << 31]byte, 2)
	big[1][i&0xffff] = 3
	kept = append(kept, big)
	fmt.Println(len(big), cap(big), big[1][0xffff], len(big[0]), len(big[1:]))
	k := 40
	catch("make", func() { _ = make([][1 << 33]byte, 1<<k) })
	type empty [1 << 40]struct{}
	fmt.Println(len(new(empty)), unsafe.Sizeof(empty{}))
}
