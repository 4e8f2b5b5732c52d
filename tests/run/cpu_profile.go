package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

var sink int

//go:noinline
func busy(n int) (sum int) {
	for i := range n {
		sum += i ^ sum<<1
	}
	return sum
}

//go:noinline
func deep(n int) int {
	if n == 0 {
		return busy(100_000)
	}
	return deep(n-1) + 1
}

type tree struct{ left, right *tree }

//go:noinline
func grow(n int) *tree {
	if n == 0 {
		return &tree{}
	}
	return &tree{grow(n - 1), grow(n - 1)}
}

func profile() string {
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(io.Discard); err == nil {
		panic("two profiles")
	}
	stop, done := make(chan bool), make(chan bool)
	for range 2 * runtime.GOMAXPROCS(0) {
		go func() {
			for {
				select {
				case <-stop:
					done <- true
					return
				default:
					sink += deep(100)
					grow(12)
				}
			}
		}()
	}
	time.Sleep(400 * time.Millisecond)
	close(stop)
	for range 2 * runtime.GOMAXPROCS(0) {
		<-done
	}
	pprof.StopCPUProfile()
	z, err := gzip.NewReader(&b)
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	for range 2 {
		// A busy machine may give this program no time for a while.
		missing := []string{"main.busy", "main.deep", "main.grow", "main.profile.func1", "samples", "nanoseconds"}
		for try := 0; try < 50 && len(missing) > 0; try++ {
			text := profile()
			missing = slices.DeleteFunc(missing, func(name string) bool { return strings.Contains(text, name) })
		}
		fmt.Println("missing:", missing)
	}
}
