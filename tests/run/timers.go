package main

import (
	"fmt"
	"sync/atomic"
	"time"
)

func main() {
	// Stop and Reset leave nothing stale.
	t := time.NewTimer(time.Millisecond)
	time.Sleep(3 * time.Millisecond)
	fmt.Println(t.Stop(), len(t.C))
	select {
	case <-t.C:
		fmt.Println("stale")
	default:
	}
	t.Reset(2 * time.Millisecond)
	<-t.C
	fmt.Println(t.Reset(time.Hour), t.Stop(), t.Stop())

	// AfterFunc.
	var n atomic.Int32
	done := make(chan bool)
	for i := 0; i < 100; i++ {
		time.AfterFunc(time.Duration(i%7)*time.Millisecond, func() {
			if n.Add(1) == 100 {
				close(done)
			}
		})
	}
	stopped := time.AfterFunc(time.Hour, func() { panic("stopped") })
	fmt.Println(stopped.Stop(), stopped.Stop())
	<-done
	fmt.Println(n.Load())

	// A ticker drops ticks for a slow receiver.
	tick := time.NewTicker(2 * time.Millisecond)
	time.Sleep(11 * time.Millisecond)
	got := 0
	for more := true; more; {
		select {
		case <-tick.C:
			got++
		default:
			more = false
		}
	}
	fmt.Println(got)
	tick.Reset(time.Millisecond)
	<-tick.C
	<-tick.C
	tick.Stop()
	fmt.Println(cap(tick.C), len(tick.C))

	// Order of sleepers.
	order := make(chan int, 5)
	for _, i := range []int{4, 2, 5, 1, 3} {
		go func() { time.Sleep(time.Duration(i) * 8 * time.Millisecond); order <- i }()
	}
	for range 5 {
		fmt.Print(<-order, " ")
	}
	fmt.Println()

	// A select with several timers, and one that nobody waits for.
	long := time.After(time.Hour)
	short := time.After(time.Millisecond)
	select {
	case <-long:
		fmt.Println("long")
	case <-short:
		fmt.Println("short")
	}
	start := time.Now()
	late := time.NewTimer(time.Millisecond)
	time.Sleep(10 * time.Millisecond)
	at := (<-late.C).Sub(start)
	fmt.Println(at >= time.Millisecond && at < 9*time.Millisecond)
	fmt.Println(time.Since(start).Round(time.Hour), time.Now().Location())
	for i := 0; i < 1000; i++ {
		time.NewTimer(time.Hour)
	}
	var never *time.Timer = time.NewTimer(1 << 62)
	fmt.Println(never.Stop())
}
