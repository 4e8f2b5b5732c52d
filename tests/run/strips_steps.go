// Loops whose step comes from outside: to the limit, away from it, none at all, beyond the ends of the type.
package main

//go:noinline
func up(from, limit, step, most int) (n, last int) {
	for i := from; i < limit; i += step {
		n++
		last = i
		if n == most {
			break
		}
	}
	return
}

//go:noinline
func down(from, limit, step, most int32) (n, last int32) {
	for i := from; i > limit; i += step {
		n++
		last = i
		if n == most {
			break
		}
	}
	return
}

//go:noinline
func unsigned(from, limit, step uint32, most int) (n int, last uint32) {
	for i := from; i <= limit; i += step {
		n++
		last = i
		if n == most {
			break
		}
	}
	return
}

//go:noinline
func marked(marks []bool, step int) (n int) {
	for i := step; i < len(marks); i += step {
		marks[i] = true
	}
	for _, m := range marks {
		if m {
			n++
		}
	}
	return
}

func main() {
	for _, step := range []int{1, 2, 7, 1000, 1 << 40, 1 << 62, 1<<63 - 1, 0, -1, -5, -1 << 62, -1 << 63} {
		n, last := up(3, 100_000, step, 200_000)
		println(step, n, last)
		n, last = up(-1<<63, 1<<62, step, 5000)
		println(step, n, last)
	}
	for _, step := range []int32{-1, -2, -1024, -1 << 30, -1 << 31, 0, 1, 1 << 30} {
		n, last := down(50_000, -3, step, 100_000)
		println(step, n, last)
	}
	for _, step := range []uint32{1, 3, 1 << 20, 1 << 31, 1<<32 - 1, 0} {
		n, last := unsigned(5, 9000, step, 50_000)
		println(step, n, last)
	}
	for _, step := range []int{1, 2, 3, 1023, 1024, 1025, 5000} {
		println(step, marked(make([]bool, 20_000), step))
	}
	defer func() { println(recover().(error).Error()) }()
	marked(make([]bool, 20_000), -3)
}
