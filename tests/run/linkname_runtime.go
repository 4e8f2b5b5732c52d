// What modules take from the runtime by go:linkname though it is not exported.
package main

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"unsafe"
)

//go:linkname stringHash runtime.stringHash
func stringHash(s string, seed uintptr) uintptr

//go:linkname nilinterhash runtime.nilinterhash
func nilinterhash(p unsafe.Pointer, seed uintptr) uintptr

//go:linkname memequal runtime.memequal
func memequal(p, q unsafe.Pointer, n uintptr) bool

//go:linkname memmove runtime.memmove
func memmove(dst, src unsafe.Pointer, n uintptr)

//go:linkname mallocgc runtime.mallocgc
func mallocgc(size uintptr, typ unsafe.Pointer, needzero bool) unsafe.Pointer

//go:linkname newarray runtime.newarray
func newarray(typ unsafe.Pointer, n int) unsafe.Pointer

//go:linkname convTstring runtime.convTstring
func convTstring(s string) unsafe.Pointer

//go:linkname mapassign_fast64 runtime.mapassign_fast64
func mapassign_fast64(t, m unsafe.Pointer, key uint64) unsafe.Pointer

//go:linkname mapaccess2_fast64 runtime.mapaccess2_fast64
func mapaccess2_fast64(t, m unsafe.Pointer, key uint64) (unsafe.Pointer, bool)

type iter struct {
	key, elem, typ, it unsafe.Pointer
}

//go:linkname mapiterinit reflect.mapiterinit
func mapiterinit(t, m unsafe.Pointer, it *iter)

//go:linkname mapiternext reflect.mapiternext
func mapiternext(it *iter)

//go:linkname nanotime runtime.nanotime
func nanotime() int64

func typeOf(x any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&x))[0] }
func dataOf(x any) unsafe.Pointer { return (*[2]unsafe.Pointer)(unsafe.Pointer(&x))[1] }

func main() {
	a, b := "hello", string([]byte("hello"))
	fmt.Println(stringHash(a, 1) == stringHash(b, 1), stringHash(a, 1) == stringHash("hallo", 1))
	x, y := any(a), any(b)
	fmt.Println(nilinterhash(unsafe.Pointer(&x), 2) == nilinterhash(unsafe.Pointer(&y), 2))
	fmt.Println(memequal(unsafe.Pointer(unsafe.StringData(a)), unsafe.Pointer(unsafe.StringData(b)), 5))

	p := (*[4]int64)(mallocgc(32, nil, true))
	q := (*[4]*int)(newarray(typeOf((*int)(nil)), 4))
	fmt.Println(*p, q[0] == nil && q[3] == nil)
	memmove(unsafe.Pointer(&p[2]), unsafe.Pointer(&[]int64{7}[0]), 8)
	fmt.Println(*p, *(*string)(convTstring("s")))

	m := map[uint64]string{1: "one", 2: "two", 3: "three"}
	*(*string)(mapassign_fast64(typeOf(m), dataOf(m), 4)) = "four"
	v, ok := mapaccess2_fast64(typeOf(m), dataOf(m), 2)
	fmt.Println(len(m), m[4], *(*string)(v), ok)
	var it iter
	sum, n := uint64(0), 0
	for mapiterinit(typeOf(m), dataOf(m), &it); it.key != nil; mapiternext(&it) {
		sum += *(*uint64)(it.key)
		n += len(*(*string)(it.elem))
	}
	fmt.Println(sum, n, reflect.ValueOf(m).Len(), nanotime() > 0, maphash.Comparable(maphash.MakeSeed(), 1) != 0)
}
