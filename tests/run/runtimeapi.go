package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"unique"
	"weak"
)

type T struct{ a, b int }

func frames() (list []string) {
	pcs := make([]uintptr, 20)
	fs := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := fs.Next()
		if strings.HasPrefix(f.Function, "main.") {
			list = append(list, fmt.Sprint(f.Function, ":", f.Line))
		}
		if !more {
			return list
		}
	}
}

func (t *T) method() []string { return frames() }

func generic[P any](p P) []string { return frames() }

func places() {
	pc, file, line, ok := runtime.Caller(0)
	fmt.Println(runtime.FuncForPC(pc).Name(), file[strings.LastIndexByte(file, '/')+1:], line, ok)
	fmt.Println(new(T).method())
	fmt.Println(generic(5))
	func() { fmt.Println(frames()) }()
	defer func() {
		fmt.Println(recover(), frames()[1:])
	}()
	var p *T
	p.a = 5
}

func finalizers() {
	const n = 50
	done := make(chan int, 4*n)
	func() {
		for i := 0; i < n; i++ {
			t := &T{i, i}
			runtime.SetFinalizer(t, func(t *T) { done <- 1 })
			u := &T{i, i}
			runtime.AddCleanup(u, func(x int) { done <- x }, 1)
			v := &T{i, i}
			runtime.AddCleanup(v, func(x int) { done <- -1000 }, 1).Stop()
			w := &T{i, i}
			runtime.SetFinalizer(w, func(any) (a, b, c, d, e, f int, s [9]int) { done <- 1; return })
			if i == 0 {
				runtime.SetFinalizer(w, nil)
			}
		}
	}()
	sum := 0
	for i := 0; i < 20 && sum < 2*n; i++ {
		runtime.GC()
		runtime.Gosched()
		for len(done) > 0 {
			sum += <-done
		}
	}
	// Stacks are scanned conservatively: a few may be left.
	fmt.Println(sum >= 2*n)
	kept := new(T)
	w := weak.Make(kept)
	runtime.GC()
	fmt.Println(w.Value() == kept, w == weak.Make(kept))
	runtime.KeepAlive(kept)
	fmt.Println(unique.Make("ab") == unique.Make(strings.Repeat("a", 1)+"b"), unique.Make("a") == unique.Make("b"))
}

var sink any

func counts() {
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	for i := 0; i < 1000; i++ {
		sink = new([100]byte)
	}
	runtime.ReadMemStats(&b)
	n, bytes := b.Mallocs-a.Mallocs, b.TotalAlloc-a.TotalAlloc
	fmt.Println(n >= 1000 && n < 1050, bytes >= 100000 && bytes < 130000, b.NumGC >= a.NumGC)
	old := debug.SetGCPercent(50)
	fmt.Println(old, debug.SetGCPercent(old))
	buf := make([]byte, 1<<16)
	s := string(buf[:runtime.Stack(buf, false)])
	fmt.Println(strings.HasPrefix(s, "goroutine 1 [running]:\nmain.counts("), strings.Contains(s, "runtimeapi.go:"))
}

func procs() {
	before := runtime.GOMAXPROCS(3)
	var wg sync.WaitGroup
	var mu sync.Mutex
	pool := sync.Pool{New: func() any { return new(T) }}
	total := 0
	for i := 0; i < 50; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := 0; j < 200; j++ {
				t := pool.Get().(*T)
				t.a++
				mu.Lock()
				total++
				mu.Unlock()
				pool.Put(t)
				if j == 100 {
					runtime.GOMAXPROCS(1 + i%4)
				}
			}
		}()
	}
	wg.Wait()
	fmt.Println(total, runtime.GOMAXPROCS(before) >= 1, runtime.GOMAXPROCS(0) == before)
}

func main() {
	places()
	finalizers()
	counts()
	procs()
	for _, x := range []float64{0, 1.5, -1.5, 1e-10, 700.3, -700.3, -740, 709.7, 709.79, 0.5, 33.25, math.Inf(1), math.Inf(-1), math.NaN()} {
		fmt.Println(math.Exp(x), math.Log(math.Abs(x)), math.Hypot(x, 3), math.Pow(1.7, x), math.Floor(x), math.Sinh(x))
	}
	fmt.Println(runtime.GOOS, runtime.GOARCH, runtime.Compiler, runtime.NumGoroutine(), runtime.NumCPU() > 0)
}
