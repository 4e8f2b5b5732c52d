package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"unsafe"
)

// Faults at addresses that no nil pointer gives are panics where the goroutine wants them to be.

//go:noinline
func read(p *byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(runtime.Error)
		}
	}()
	fmt.Println(*p)
	return nil
}

func main() {
	mem, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	at := unsafe.SliceData(mem)
	fmt.Println(debug.SetPanicOnFault(true), debug.SetPanicOnFault(true))
	err = read(at)
	fmt.Println(err, err.(interface{ Addr() uintptr }).Addr() == uintptr(unsafe.Pointer(at)))
	_, hasAddr := read(nil).(interface{ Addr() uintptr })
	fmt.Println(hasAddr)
	// It is of the goroutine.
	done := make(chan bool)
	go func() { done <- debug.SetPanicOnFault(false) }()
	fmt.Println(<-done, debug.SetPanicOnFault(false))
}
