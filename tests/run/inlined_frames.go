package main

import "runtime"

// Inlined calls are frames like others: each with its own line, also in what a panic's recovery sees.

func where(what string) {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	println(what)
	for {
		f, more := frames.Next()
		if len(f.Function) > 5 && f.Function[:5] == "main." {
			println("\t", f.Function, f.Line)
		}
		if !more {
			return
		}
	}
}

type list struct{ next *list }

func (l *list) value() { where("method") }

type valuer interface{ value() }

type wrapped struct{ list }

func inner(a []int, i int) int {
	return a[i] + 1
}

func middle(a []int, i int) int {
	x := inner(a, i)
	return x * 2
}

func outer(a []int) int {
	return middle(a, len(a)) +
		1
}

func each(n int, f func(int)) {
	for i := range n {
		f(i)
	}
}

func caller() (string, int) {
	_, file, line, _ := runtime.Caller(1)
	return file[len(file)-len("inlined_frames.go"):], line
}

func callsCaller() (string, int) {
	return caller()
}

// A function that recovers is called by the panic itself, not by what was inlined around it.
func recovers() any { return recover() }

func helper() any {
	return recovers()
}

func tryHelper() (r any) {
	defer func() {
		r = recover()
	}()
	defer func() {
		println("in helper:", helper() == nil)
	}()
	panic("caught")
}

func main() {
	println(tryHelper().(string))
	var w valuer = &wrapped{}
	w.value()
	println(callsCaller())
	defer func() {
		println(recover().(error).Error())
		where("recovered")
	}()
	defer func() {
		where("deferred")
		each(2, func(i int) {
			if i == 1 {
				where("closure")
			}
		})
	}()
	println(outer([]int{1, 2, 3}))
}
