package main

func work(c chan int, n int) {
	for v := range c {
		println(v)
		if v == n {
			return
		}
	}
}
func main() {
	c := make(chan int)
	d := make(chan int, 1)
	d <- 1
	go work(c, 5)
	go func() { d <- 2 }()
	go func() {
		select {
		case <-c:
		case d <- 3:
		}
	}()
	go func() { var n chan int; n <- 1 }()
	for i := 0; i < 1; i++ {
		c <- i
	}
	for {
		d <- 4
	}
}
