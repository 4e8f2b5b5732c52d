package main

// Results that only together with the memory for a call's come near the 1 GB that a frame may have.

func main() {
	if len(zeros()) == 0 {
		a := f(1, 99)
		b := f(2, 98)
		c := f(3, 97)
		println(a[1], b[1], c[1])
	}
	println("built")
}

//go:noinline
func zeros() []int { return []int{1} }

//go:noinline
func f(i, y int) (a [1<<28 - 1]byte) {
	a[i] = byte(y)
	return
}
