package main

type T struct{ n int }

func (t T) M() { panic("T.M") }

func main() {
	f := T{}.M
	f()
}
