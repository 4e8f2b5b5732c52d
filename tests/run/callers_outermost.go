// The frames that Callers gives end with those that began the goroutine, as gc's.
package main

import (
	"fmt"
	"runtime"
)

func show(what string) {
	var pc [10]uintptr
	n := runtime.Callers(2, pc[:])
	frames := runtime.CallersFrames(pc[:n])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		fmt.Println(what, frame.Function, frame.Entry != 0, frame.Func != nil, more)
	}
	last := pc[n-1]
	fmt.Println(what, runtime.FuncForPC(last).Name(), runtime.FuncForPC(last-1).Name())
	depth := 0
	for {
		if _, _, _, ok := runtime.Caller(depth); !ok {
			break
		}
		depth++
	}
	fmt.Println(what, n, depth)
}

func main() {
	show("main")
	done := make(chan bool)
	go func() {
		show("go")
		done <- true
	}()
	<-done
	go func() {
		defer close(done)
		defer show("exit")
		runtime.Goexit()
	}()
	<-done
	defer func() { recover() }()
	defer show("panic")
	panic("p")
}
