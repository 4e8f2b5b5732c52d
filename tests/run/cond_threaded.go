package main

type flags struct{ f uint8 }

//go:noinline
func far(o *flags, n int, steps *int) bool {
	var toofar bool
	if (o.f&1 != 0 || o.f&2 != 0) && steps != nil {
		if o.f&1 != 0 {
			toofar = n <= -32758 || n >= 32758
		} else if o.f&2 != 0 {
			toofar = n <= -1048566 || n >= 1048566
		}
		if toofar {
			*steps++
			println("far", n)
		}
	}
	return toofar
}

func main() {
	steps := 0
	for f := range 4 {
		for _, n := range []int{0, 32757, 32758, -32758, -40000, 1048566, -1048566, 1 << 30} {
			print(far(&flags{uint8(f)}, n, &steps), " ")
		}
		println(steps)
	}
	println(far(&flags{3}, 1<<30, nil))
}
