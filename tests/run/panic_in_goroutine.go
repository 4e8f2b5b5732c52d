package main

type T struct{ n int }

func (t *T) run(c chan int)  { c <- t.g() }
func (t T) g() int           { panic("method") }
func spawn(t *T, c chan int) { go t.run(c) }
func main() {
	c := make(chan int)
	spawn(&T{1}, c)
	println(<-c)
}
