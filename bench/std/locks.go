// Mutexes, wait groups and atomics under contention.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var group sync.WaitGroup
	var once sync.Once
	var hits atomic.Int64
	count, starts := 0, 0
	table := map[int]int{}
	for g := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			once.Do(func() { starts++ })
			for i := range 300_000 {
				mu.Lock()
				count++
				mu.Unlock()
				if i%64 == 0 {
					rw.Lock()
					table[i] = g
					rw.Unlock()
				}
				rw.RLock()
				_, ok := table[i]
				rw.RUnlock()
				if ok || i%2 == 0 {
					hits.Add(1)
				}
			}
		}()
	}
	group.Wait()
	fmt.Println(count, starts, len(table), hits.Load() > 0)
}
