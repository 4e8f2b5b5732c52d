// The frames below main.main are the runtime's, by name and by folder.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type mock struct{}

//go:noinline
func (mock) called() {
	pc, _, line, ok := runtime.Caller(1)
	fmt.Println(runtime.FuncForPC(pc).Name(), line, ok)
}

type T struct{ mock }

// Inlined where it is called: the program counter of the call is one of it.
func (t T) method() {
	t.called()
}

//go:noinline
func user() {
	T{}.method()
}

func main() {
	user()
	pcs := make([]uintptr, 10)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := frames.Next()
		fmt.Println(f.Function, strings.Contains(f.File, "/src/runtime/"), f.Line > 0)
		if !more {
			break
		}
	}
}
