// What gc keeps off the heap: captured constants, what methods of captured pointers are called on, objects that
// constructors make, slices of a constant capacity, what system calls and deferred calls are given, keys of
// generic maps.
package main

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

var sink any

//go:noinline
func keep(x any) { sink = x }

type counter struct{ n int }

//go:noinline
func (c *counter) add(n int) { c.n += n }

//go:noinline
func call(f func()) { f() }

//go:noinline
func use(b []byte) int { return len(b) + cap(b) }

//go:noinline
func slice(n int) int {
	b := make([]byte, n, 300)
	for i := range b {
		b[i] = 1
	}
	return use(b)
}

func makes(n int) (err any) {
	defer func() { err = recover() }()
	slice(n)
	return nil
}

type point struct{ x, y [20]int }

//go:noinline
func fill(p *point, n int) (*point, error) {
	if n < 0 {
		return nil, fmt.Errorf("negative")
	}
	p.x[0], p.y[1] = n, n
	return p, nil
}

func newPoint(n int) (*point, error) {
	p := &point{}
	return fill(p, n)
}

type node struct{ next *node }

var nodes *node

//go:noinline
func put(n *node) {
	n.next = n
	nodes = n
}

//go:noinline
func deferred(n *node) {
	defer put(n)
	nodes = nil
}

func constants() int {
	i, s, d, f := 2000, "abc", time.Second, 2.5
	var nothing *counter
	return int(testing.AllocsPerRun(10, func() {
		keep(i)
		keep(s)
		keep(d)
		keep(f)
		keep(nothing)
		func() { keep(i) }()
	}))
}

func changed() (out []any) {
	n := 1
	f := func() { out = append(out, n) }
	f()
	n = 2
	f()
	for i := 7; i < 9; i++ {
		k := 5
		func() { out = append(out, i, k) }()
	}
	return out
}

func main() {
	fmt.Println("constants", constants(), changed())

	c := &counter{}
	fmt.Println("pointer", testing.AllocsPerRun(10, func() { call(func() { c.add(1) }) }), c.n)
	fmt.Println("slice", testing.AllocsPerRun(10, func() { slice(17) }), slice(300))
	fmt.Println(makes(0), makes(300), makes(301), makes(-1))
	sum := 0
	fmt.Println("point", testing.AllocsPerRun(10, func() {
		p, err := newPoint(3)
		if err == nil {
			sum += p.x[0] + p.y[1]
		}
	}), sum)
	n := &node{}
	fmt.Println("deferred", testing.AllocsPerRun(10, func() { deferred(n) }), nodes == n && n.next == n)

	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	fmt.Println("system calls", testing.AllocsPerRun(10, func() {
		var st syscall.Stat_t
		_, _, e := syscall.Syscall(syscall.SYS_FSTAT, uintptr(pipe[0]), uintptr(unsafe.Pointer(&st)), 0)
		if e != 0 || st.Mode&syscall.S_IFMT != syscall.S_IFIFO {
			panic("fstat")
		}
		text := [5]byte{'h', 'e', 'l', 'l', 'o'}
		iov := syscall.Iovec{Base: &text[0], Len: 5}
		syscall.Syscall(syscall.SYS_WRITEV, uintptr(pipe[1]), uintptr(unsafe.Pointer(&iov)), 1)
		var got [8]byte
		if m, err := syscall.Read(pipe[0], got[:]); m != 5 || err != nil || got != [8]byte{'h', 'e', 'l', 'l', 'o'} {
			panic("read")
		}
	}))

	var m sync.Map
	m.Store("key", 1)
	key := strings.Repeat("k", 1) + "ey"
	fmt.Println("sync.Map", testing.AllocsPerRun(10, func() {
		if v, ok := m.Load(key); !ok || v != 1 {
			panic("load")
		}
	}))
	seed := maphash.MakeSeed()
	fmt.Println("maphash", testing.AllocsPerRun(10, func() { maphash.Comparable(seed, [2]string{key + "1", key}) }))
	long := strings.Repeat("a", 19)
	fmt.Println("builder", testing.AllocsPerRun(10, func() {
		var b strings.Builder
		b.Grow(18)
		b.WriteString(long)
	}))
}
