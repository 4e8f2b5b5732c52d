// Counted loops in strips: their ends, at limits where counters wrap round, and what is known behind them. Checks
// that fail tell the values. Switches of all shapes.
package main

import (
	"fmt"
	"math"
)

//go:noinline
func up(from, to int) (n, last int) {
	i := from
	for ; i < to; i++ {
		n++
	}
	return n, i
}

//go:noinline
func upTo(from, to, step int) (n, last int) {
	i := from
	for ; i <= to; i += 3 {
		n += step
	}
	return n, i
}

//go:noinline
func down(from, to int) (n, last int) {
	i := from
	for ; i > to; i-- {
		n++
	}
	return n, i
}

//go:noinline
func downTo(from, to int32) (n int, last int32) {
	i := from
	for ; i >= to; i -= 2 {
		n++
	}
	return n, i
}

//go:noinline
func unsigned(from, to uint) (n int, last uint) {
	i := from
	for ; i < to; i++ {
		n++
	}
	return n, i
}

// Wraps round and ends there.
//
//go:noinline
func wraps(from, to int) (n int) {
	i := from
	for {
		n++
		i++
		if i >= to || n > 5000 {
			return n*10 + i&7
		}
	}
}

//go:noinline
func once(i, to int) (n, last int) {
	for {
		n++
		i++
		if !(i < to) {
			break
		}
	}
	return n, i
}

//go:noinline
func find(s []byte, c byte) (at, sum int) {
	for i := 0; i < len(s); i++ {
		sum += int(s[i])
		if s[i] == c {
			return i, sum
		}
	}
	return -1, sum
}

//go:noinline
func nested(m [][]int) (sum int) {
	for i := range m {
		for j := range m[i] {
			sum += m[i][j] * (i + j)
		}
	}
	return
}

func panics(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

//go:noinline
func kind(n int) string {
	switch n {
	case 1, 2, 3, 4, 5:
		return "few"
	case 7:
		return "seven"
	case 10, 11, 12, 13, 14, 15, 16:
		return "teens"
	case -3:
		return "minus"
	case 20:
		return "a"
	case 22:
		return "b"
	case 24:
		return "c"
	case 25:
		return "d"
	case 26:
		return "e"
	case 28:
		return "f"
	case 30:
		return "g"
	case math.MaxInt64:
		return "most"
	case math.MinInt64:
		return "least"
	case 1 << 40, 1<<40 + 1:
		return "large"
	}
	return "other"
}

//go:noinline
func dense(b uint8, x int) int {
	switch b {
	case 250:
		return x + 1
	case 251:
		return x * 2
	case 252:
		x -= 3
	case 253:
		x ^= 5
	case 254:
		x |= 8
	case 255:
		return -x
	case 249:
		x <<= 2
	case 248:
		x >>= 1
	case 246:
		x = 9
	}
	return x + 100
}

type counter struct{ a, b, n int }

//go:noinline
func (c *counter) add(s string) {
	for i := 0; i < len(s); i++ {
		c.a = c.a*31 + int(s[i])
		c.n++
		c.b ^= c.a + c.n
	}
}

func main() {
	for _, n := range []int{-5, 0, 1, 2, 1023, 1024, 1025, 2048, 2049, 5000} {
		fmt.Println(up(0, n))
		fmt.Println(up(-7, n))
		fmt.Println(upTo(0, n, 2))
		fmt.Println(down(n, 0))
		fmt.Println(downTo(int32(n), -9))
		fmt.Println(unsigned(3, uint(n)&math.MaxInt32))
		fmt.Println(once(0, n))
		b := make([]byte, max(n, 0))
		for i := range b {
			b[i] = byte(i % 251)
		}
		fmt.Println(find(b, 250))
		fmt.Println(find(b, 255))
	}
	fmt.Println(up(math.MaxInt-3000, math.MaxInt))
	fmt.Println(upTo(math.MaxInt-3001, math.MaxInt-3, 1))
	fmt.Println(down(math.MinInt+2500, math.MinInt))
	fmt.Println(downTo(math.MinInt32+2500, math.MinInt32+2))
	fmt.Println(unsigned(math.MaxUint-2000, math.MaxUint))
	fmt.Println(once(math.MaxInt, math.MinInt+2000))
	fmt.Println(wraps(math.MaxInt-10, math.MaxInt), wraps(math.MaxInt, 5), wraps(9, 3))
	m := make([][]int, 5)
	for i := range m {
		m[i] = make([]int, i*1000)
		for j := range m[i] {
			m[i][j] = j ^ i
		}
	}
	fmt.Println(nested(m))
	s, i, j := []int{1, 2, 3}, 5, 2
	var u uint64 = math.MaxUint64
	panics(func() { fmt.Println(s[i]) })
	panics(func() { fmt.Println(s[-j+1]) })
	panics(func() { fmt.Println(s[u]) })
	panics(func() { fmt.Println(s[:i]) })
	panics(func() { fmt.Println(s[j:1]) })
	panics(func() { fmt.Println(s[j:2:i]) })
	panics(func() { fmt.Println(s[i:]) })
	panics(func() { fmt.Println("abc"[j:1]) })
	panics(func() { fmt.Println([4]int(s)) })
	panics(func() { var a [7]int; fmt.Println(a[i+j]) })
	for _, n := range []int{-4, -3, 0, 1, 5, 6, 7, 8, 10, 16, 17, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
		math.MaxInt64, math.MinInt64, 1 << 40, 1<<40 + 1, 1<<40 + 2, 1<<32 + 7} {
		fmt.Print(kind(n), " ")
	}
	fmt.Println()
	for b := 240; b < 260; b++ {
		fmt.Print(dense(uint8(b), b), " ")
	}
	fmt.Println()
	var c counter
	c.add("some text that is long enough to go round")
	fmt.Println(c)
}
