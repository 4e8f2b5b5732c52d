// Goroutines that live for one send.
package main

func main() {
	results := make(chan int, 100)
	sum := 0
	for i := 0; i < 20_000; i++ {
		for j := 0; j < 100; j++ {
			go func() { results <- i ^ j }()
		}
		for j := 0; j < 100; j++ {
			sum += <-results
		}
	}
	println(sum)
}
