// Many timers, made, stopped and run out.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var group sync.WaitGroup
	for i := range 100_000 {
		group.Add(1)
		time.AfterFunc(time.Duration(i%50)*time.Millisecond, group.Done)
	}
	stopped := 0
	for range 200_000 {
		if time.NewTimer(time.Hour).Stop() {
			stopped++
		}
	}
	group.Wait()
	fmt.Println(stopped)
}
