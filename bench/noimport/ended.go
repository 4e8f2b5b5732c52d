// Ten million goroutines begin and end: memory stays flat.
package main

const rounds, batch = 10_000, 1000

func main() {
	done := make(chan int, batch)
	sum := 0
	for r := 0; r < rounds; r++ {
		for i := 0; i < batch; i++ {
			go func() { done <- i }()
		}
		for i := 0; i < batch; i++ {
			sum += <-done
		}
	}
	println(sum)
}
