// The line of a fault is the load's, variables stand low, unsafe.Pointer has a package, local types count from 1.
package main

import (
	"reflect"
	"runtime"
	"strings"
	"unsafe"
)

var sink int64
var dummy [256 << 20]byte

func f(p *int32) {
	defer func() {
		recover()
		var buf [4096]byte
		s := string(buf[:runtime.Stack(buf[:], false)])
		println(strings.Contains(s, ".go:23 "), strings.Contains(s, ".go:24 "))
	}()
	// The load alone can fault.

	v := *p
	sink = int64(v)
}

func local[A any]() {
	type one int
	type two[B any] int
	println(reflect.TypeOf([]two[two[one]]{}).String())
}

func main() {
	f(nil)
	println(uintptr(unsafe.Pointer(&dummy)) < 256<<20)
	println(reflect.TypeOf(unsafe.Pointer(nil)).PkgPath(), reflect.TypeOf(0).PkgPath() == "")
	local[int]()
}
