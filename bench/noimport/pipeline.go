// Goroutines that hand values on over unbuffered channels.
package main

func stage(in <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		for v := range in {
			out <- v + 1
		}
		close(out)
	}()
	return out
}

func main() {
	source := make(chan int)
	var c <-chan int = source
	for i := 0; i < 20; i++ {
		c = stage(c)
	}
	go func() {
		for i := 0; i < 100_000; i++ {
			source <- i
		}
		close(source)
	}()
	sum := 0
	for v := range c {
		sum += v
	}
	println(sum)
}
