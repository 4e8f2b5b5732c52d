package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func main() {
	tests := []testing.InternalTest{{Name: "Bubble", F: func(t *testing.T) {
		start := time.Now()
		synctest.Test(t, func(t *testing.T) {
			t0 := time.Now()
			fmt.Println(t0.UTC())
			time.Sleep(24 * time.Hour)
			fmt.Println(time.Since(t0))
			c := make(chan int)
			go func() { time.Sleep(time.Minute); c <- 1 }()
			select {
			case <-c:
				fmt.Println("c", time.Since(t0))
			case <-time.After(time.Second):
				fmt.Println("timeout", time.Since(t0))
			}
			<-c
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			var n int
			context.AfterFunc(ctx, func() { n++ })
			time.Sleep(5*time.Second - 1)
			synctest.Wait()
			fmt.Println(n, ctx.Err())
			time.Sleep(1)
			synctest.Wait()
			fmt.Println(n, ctx.Err())
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() { time.Sleep(time.Duration(i) * time.Hour) })
			}
			wg.Wait()
			tk := time.NewTicker(time.Hour)
			<-tk.C
			fmt.Println((<-tk.C).UTC())
			tk.Stop()
			done := false
			time.AfterFunc(0, func() { done = true })
			synctest.Wait()
			fmt.Println(done)
		})
		fmt.Println(time.Since(start) < 10*time.Second)
	}}}
	testing.Main(func(a, b string) (bool, error) { return true, nil }, tests, nil, nil)
}
