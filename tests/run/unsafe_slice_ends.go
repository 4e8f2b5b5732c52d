package main

// The lengths that unsafe.Slice and unsafe.String refuse, and those at the very end of the address space.

import "unsafe"

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			println(name, r.(error).Error())
		} else {
			println(name, "fine")
		}
	}()
	f()
}

var sink int

func main() {
	last := (*byte)(unsafe.Pointer(^uintptr(0)))
	one, two, many, none := 1, 2, 1<<62, 0
	minus := -1
	var b byte
	var w uint64
	var nothing struct{}
	try("last 1", func() { sink = len(unsafe.Slice(last, one)) })
	try("last 2", func() { sink = len(unsafe.Slice(last, two)) })
	try("string last 1", func() { sink = len(unsafe.String(last, one)) })
	try("string last 2", func() { sink = len(unsafe.String(last, two)) })
	try("minus", func() { sink = len(unsafe.Slice(&b, minus)) })
	try("words", func() { sink = len(unsafe.Slice(&w, many)) })
	try("bytes", func() { sink = len(unsafe.Slice(&b, many)) })
	try("nothings", func() { sink = len(unsafe.Slice(&nothing, many)) })
	try("nil 0", func() { sink = len(unsafe.Slice((*int)(nil), none)) })
	try("nil 1", func() { sink = len(unsafe.Slice((*int)(nil), one)) })
	try("nil nothings", func() { sink = len(unsafe.Slice((*struct{})(nil), many)) })
	try("nil string", func() { sink = len(unsafe.String(nil, one)) })
}
