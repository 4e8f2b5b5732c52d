package main

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Println("cleanup")
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func main() {
	next, stop := iter.Pull(count(3))
	for {
		v, ok := next()
		fmt.Println(v, ok)
		if !ok {
			break
		}
	}
	stop()
	next, stop = iter.Pull(count(100))
	next()
	next()
	stop()
	fmt.Println(next())
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		next, stop := iter.Pull(func(yield func(int) bool) { panic("in iterator") })
		defer stop()
		next()
	}()
	sum := 0
	next, stop = iter.Pull(slices.Values(make([]int, 100000)))
	for v, ok := next(); ok; v, ok = next() {
		sum += v + 1
	}
	fmt.Println(sum, runtime.NumGoroutine())
	runtime.LockOSThread()
	next, stop = iter.Pull(count(2))
	fmt.Println(next())
	fmt.Println(next())
	fmt.Println(next())
	stop()
	runtime.UnlockOSThread()
}
