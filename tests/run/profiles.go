package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"time"
)

// What is sampled of allocation and of waiting, by stacks.

type node struct {
	next *node
	pad  [4]int
}

var (
	keep *node
	sink any
)

//go:noinline
func live() {
	for i := 0; i < 10; i++ {
		keep = &node{next: keep}
	}
}

//go:noinline
func large() {
	for i := 0; i < 7; i++ {
		sink = make([]byte, 100<<10)
	}
	sink = nil
}

// names of the stack's functions up to main.main.
func names(stack []uintptr) string {
	var list []string
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		list = append(list, f.Function)
		if !more || f.Function == "main.main" {
			return strings.Join(list, " ")
		}
	}
}

func memory() {
	var p []runtime.MemProfileRecord
	n, ok := runtime.MemProfile(nil, true)
	for !ok {
		p = make([]runtime.MemProfileRecord, n+50)
		n, ok = runtime.MemProfile(p, true)
	}
	var lines []string
	for _, r := range p[:n] {
		name := names(r.Stack())
		for _, f := range []string{"main.live main.main", "main.large main.main"} {
			if strings.HasSuffix(name, f) && r.AllocObjects > 0 && r.AllocBytes/r.AllocObjects != 24 {
				lines = append(lines, fmt.Sprint(r.AllocObjects, r.AllocBytes, r.InUseObjects(), r.InUseBytes(), f))
			}
		}
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

//go:noinline
func receive() {
	c := make(chan int)
	go func() {
		time.Sleep(10 * time.Millisecond)
		c <- 1
	}()
	<-c
}

//go:noinline
func send() {
	c := make(chan int)
	go func() {
		time.Sleep(10 * time.Millisecond)
		<-c
	}()
	c <- 1
}

//go:noinline
func choose() {
	c, d := make(chan int), make(chan int)
	go func() {
		time.Sleep(10 * time.Millisecond)
		close(c)
	}()
	select {
	case <-c:
	case <-d:
	}
}

//go:noinline
func lock() {
	var mu sync.Mutex
	mu.Lock()
	go func() {
		time.Sleep(10 * time.Millisecond)
		unlock(&mu)
	}()
	mu.Lock()
	mu.Unlock()
}

//go:noinline
func unlock(mu *sync.Mutex) {
	mu.Unlock()
}

//go:noinline
func read() {
	var mu sync.RWMutex
	mu.Lock()
	go func() {
		time.Sleep(10 * time.Millisecond)
		mu.Unlock()
	}()
	mu.RLock()
	mu.RUnlock()
}

//go:noinline
func await() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		time.Sleep(10 * time.Millisecond)
		wg.Done()
	}()
	wg.Wait()
}

//go:noinline
func condition() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	mu.Lock()
	go func() {
		time.Sleep(10 * time.Millisecond)
		mu.Lock()
		c.Signal()
		mu.Unlock()
	}()
	c.Wait()
	mu.Unlock()
}

func waiting(profile func([]runtime.BlockProfileRecord) (int, bool), kept string) {
	p := make([]runtime.BlockProfileRecord, 100)
	n, _ := profile(p)
	var lines []string
	for _, r := range p[:n] {
		if name := names(r.Stack()); strings.Contains(name, kept) && !strings.Contains(name, ".func") {
			lines = append(lines, fmt.Sprint(r.Count, r.Cycles > 0, " ", name))
		} else if strings.Contains(name, "main.unlock") {
			lines = append(lines, fmt.Sprint(r.Count, r.Cycles > 0, " ", name))
		}
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func labels() {
	ready, done := make(chan int), make(chan int)
	pprof.Do(context.Background(), pprof.Labels("who", "me"), func(ctx context.Context) {
		go func() {
			ready <- 1
			<-done
		}()
		v, ok := pprof.Label(ctx, "who")
		fmt.Println(v, ok)
	})
	<-ready
	time.Sleep(10 * time.Millisecond)
	var b bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	fmt.Println(strings.Count(b.String(), `# labels: {"who":"me"}`), strings.Contains(b.String(), "main.labels.func1.1"))
	close(done)
}

func blocked(c chan int) { <-c }

// The function that a go statement calls is seen, also where its wrapper has it inside.
func wrapped() {
	c := make(chan int)
	go blocked(c)
	time.Sleep(10 * time.Millisecond)
	p := make([]runtime.StackRecord, 10)
	n, _ := runtime.GoroutineProfile(p)
	for _, r := range p[:n] {
		if name := names(r.Stack()); strings.Contains(name, "blocked") {
			fmt.Println(name[strings.Index(name, "main."):])
		}
	}
	close(c)
}

func main() {
	fmt.Println(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	live()
	large()
	runtime.GC()
	memory()
	keep = nil
	runtime.GC()
	memory()
	runtime.MemProfileRate = 0

	runtime.SetBlockProfileRate(1)
	fmt.Println(runtime.SetMutexProfileFraction(1))
	for range 3 {
		receive()
		send()
		choose()
		lock()
		read()
		await()
		condition()
	}
	runtime.SetBlockProfileRate(0)
	fmt.Println(runtime.SetMutexProfileFraction(-1), runtime.SetMutexProfileFraction(0), runtime.SetMutexProfileFraction(-1))
	waiting(runtime.BlockProfile, "main.main")
	waiting(runtime.MutexProfile, "main.main")
	labels()
	wrapped()
}
