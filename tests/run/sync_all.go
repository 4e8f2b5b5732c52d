package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	// RWMutex
	var rw sync.RWMutex
	m := map[int]int{}
	var wg sync.WaitGroup
	for w := 0; w < 4; w++ {
		wg.Add(2)
		go func() {
			defer wg.Done()
			for i := 0; i < 2000; i++ {
				rw.Lock()
				m[i]++
				rw.Unlock()
			}
		}()
		go func() {
			defer wg.Done()
			for i := 0; i < 2000; i++ {
				rw.RLock()
				_ = m[i]
				rw.RUnlock()
			}
		}()
	}
	wg.Wait()
	fmt.Println(len(m), m[7])

	// Cond
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	ready := 0
	for i := 0; i < 5; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			for ready == 0 {
				c.Wait()
			}
			ready++
			mu.Unlock()
		}()
	}
	time.Sleep(time.Millisecond)
	mu.Lock()
	ready = 1
	c.Broadcast()
	mu.Unlock()
	wg.Wait()
	fmt.Println(ready)
	for i := 0; i < 3; i++ {
		wg.Add(1)
		go func() {
			mu.Lock()
			c.Wait()
			mu.Unlock()
			wg.Done()
		}()
	}
	time.Sleep(2 * time.Millisecond)
	for i := 0; i < 3; i++ {
		mu.Lock()
		c.Signal()
		mu.Unlock()
	}
	wg.Wait()

	// Once, Map, Pool
	var once sync.Once
	n := 0
	for i := 0; i < 10; i++ {
		wg.Go(func() { once.Do(func() { n++ }) })
	}
	wg.Wait()
	fmt.Println(n)
	var sm sync.Map
	for i := 0; i < 100; i++ {
		wg.Go(func() { sm.Store(i, i*i) })
	}
	wg.Wait()
	v, ok := sm.Load(9)
	count := 0
	sm.Range(func(k, v any) bool { count++; return true })
	fmt.Println(v, ok, count)
	p := sync.Pool{New: func() any { return new(int) }}
	x := p.Get().(*int)
	p.Put(x)
	fmt.Println(*p.Get().(*int))

	// mutex fairness under starvation
	var a atomic.Int64
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				mu.Lock()
				for i := 0; i < 1000; i++ {
					a.Add(1)
				}
				mu.Unlock()
			}
		}
	}()
	for i := 0; i < 50; i++ {
		mu.Lock()
		runtime.Gosched()
		mu.Unlock()
	}
	close(stop)
	fmt.Println("fair")
	old := runtime.GOMAXPROCS(3)
	runtime.GOMAXPROCS(1)
	for i := 0; i < 100; i++ {
		wg.Go(func() { time.Sleep(time.Millisecond) })
	}
	wg.Wait()
	runtime.GOMAXPROCS(old)
	fmt.Println("done")
}
