// Deferred calls, and panics that are recovered.
package main

var depth int

func guarded(n int) (err any) {
	depth++
	defer func() {
		depth--
		err = recover()
	}()
	if n%10 == 0 {
		panic(n)
	}
	return nil
}

func main() {
	caught := 0
	for i := 0; i < 20_000_000; i++ {
		if guarded(i) != nil {
			caught++
		}
	}
	println(caught, depth)
}
