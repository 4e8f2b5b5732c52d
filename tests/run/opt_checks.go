// Checks that the optimizer may drop, and such that it must keep: each in a loop or behind a branch that
// nearly proves it.
package main

const maxInt = int(^uint(0) >> 1)

func try(name string, f func() int) {
	defer func() {
		if e := recover(); e != nil {
			println(name, "panics:", e.(error).Error())
		}
	}()
	println(name, f())
}

//go:noinline
func wrapUp(s []int, i, end int) int {
	n := 0
	for ; i <= end; i++ {
		n += s[i&1]
		if n > 5 {
			break
		}
		if i < 0 {
			return s[i]
		}
	}
	return n
}

//go:noinline
func stepTwo(s []byte, last int) int {
	n := 0
	for i := 0; i <= last; i += 2 {
		n += int(s[i])
	}
	return n
}

//go:noinline
func down(s []int, from int) int {
	n := 0
	for i := from; i >= 0; i-- {
		n += s[i]
	}
	return n
}

//go:noinline
func downByHead(s []int, head int) int {
	n := 0
	for i := len(s) - 1; i >= s[head]; i-- {
		n += s[i]
	}
	return n
}

//go:noinline
func next(s []int, i int) int {
	if i+1 < len(s) {
		return s[i] + s[i+1]
	}
	return -1
}

//go:noinline
func middle(s []int, i, j int) int {
	t := s[i:j]
	return len(t)*100 + cap(t) + t[0]
}

//go:noinline
func made(n int) int {
	if n < 0 {
		return -n
	}
	s := make([]int, n)
	if n < 0 {
		return 1000
	}
	return s[n-1] + len(s)
}

//go:noinline
func divide(a, b int) int {
	if b >= 0 {
		return a/b + a%b
	}
	return a / b
}

//go:noinline
func shift(a, b int) int {
	if b > -2 {
		return a << b
	}
	return 0
}

type node struct {
	pad  [5000]byte
	next *node
	n    int
}

//go:noinline
func far(p *node) int { return p.n }

//go:noinline
func order(p *int, s []int, i int) int {
	v := s[i]
	return v + *p
}

//go:noinline
func firstEffect(p *int, out *int) int {
	*out = 7
	return *p
}

//go:noinline
func smallest(a, b int) (int, int) { return a / b, a % b }

//go:noinline
func hoisted(s []int, k, n int) (count int) {
	defer func() {
		if recover() != nil {
			count += 100
		}
	}()
	for i := 0; i < n; i++ {
		count++
		count += s[k]
	}
	return count
}

func main() {
	s := []int{1, 2, 3, 4}
	try("wrapUp", func() int { return wrapUp([]int{0, 0}, maxInt-1, maxInt) })
	try("stepTwo", func() int { return stepTwo(make([]byte, 6), 5) })
	try("stepTwo past", func() int { return stepTwo(make([]byte, 6), 6) })
	try("down", func() int { return down(s, 3) })
	try("down past", func() int { return down(s, 4) })
	try("downByHead", func() int { return downByHead([]int{-1, 2, 3}, 0) })
	try("next", func() int { return next(s, 2) })
	try("next -1", func() int { return next(s, -1) })
	try("next max", func() int { return next(s, maxInt) })
	try("middle", func() int { return middle(s, 1, 3) })
	try("middle empty", func() int { return middle(s, 2, 2) })
	try("middle turned", func() int { return middle(s, 3, 2) })
	try("middle past", func() int { return middle(s, 0, 5) })
	try("made", func() int { return made(3) })
	try("made 0", func() int { return made(0) })
	try("made -5", func() int { return made(-5) })
	try("divide", func() int { return divide(17, 5) })
	try("divide 0", func() int { return divide(17, 0) })
	try("divide -1", func() int { return divide(-maxInt-1, -1) })
	try("shift", func() int { return shift(1, 3) })
	try("shift -1", func() int { return shift(1, -1) })
	try("far", func() int { return far(nil) })
	try("order", func() int { return order(nil, s, 9) })
	out := 0
	try("firstEffect", func() int { return firstEffect(nil, &out) })
	println(out)
	q, r := smallest(-maxInt-1, -1)
	println(q, r)
	println(hoisted(s, 1, 3), hoisted(s, 9, 3), hoisted(s, 9, 0))
	nan := 0.0
	nan /= nan
	println(!(nan < 1), !(nan >= 1), nan != nan, nan*0 == 0)
}
