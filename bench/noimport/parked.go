// A hundred thousand goroutines that wait: what each costs in memory.
package main

const count = 100_000

func main() {
	stop, started := make(chan int), make(chan int)
	for i := 0; i < count; i++ {
		go func() {
			started <- i
			stop <- i
		}()
	}
	for i := 0; i < count; i++ {
		<-started
	}
	sum := 0
	for i := 0; i < count; i++ {
		sum += <-stop
	}
	println(sum)
}
