package main

type op int

const (
	add op = iota
	sub
	mul
	neg = -5
)

func eval(o op, a, b int) (r int) {
	switch o {
	case add:
		r = a + b
	case sub:
		r = a - b
		fallthrough
	case mul, 9, 1000:
		r += a * b
	case neg:
		return -1
	case 1 << 40:
		r = 40
	default:
		r = -2
	}
	return
}

func bytesw(b byte) string {
	switch b {
	case 'a', 'e', 'i', 'o', 'u':
		return "vowel"
	case 200, 255:
		return "high"
	case 0:
		return "zero"
	}
	return "other"
}

func i8(x int8) int {
	switch x {
	case -128:
		return 1
	case -1:
		return 2
	case 0:
		return 3
	case 127:
		return 4
	}
	return 0
}

func words(s string) int {
	switch s {
	case "":
		return 0
	case "a":
		return 1
	case "abc":
		return 3
	case "0123456789abcdef":
		return 16
	case "0123456789abcdefg":
		return 17
	case "seven77":
		return 7
	}
	return -1
}

type quad struct{ a, b, c, d, e int }
type mixed struct {
	a int
	s string
	b [3]int
}

func change(b []byte) string { b[0] = 'Z'; return "Zbc" }

func main() {
	for _, o := range []op{add, sub, mul, 9, 1000, neg, 1 << 40, 7} {
		print(eval(o, 6, 3), " ")
	}
	println()
	println(bytesw('e'), bytesw(200), bytesw(255), bytesw(0), bytesw('x'), i8(-128), i8(-1), i8(0), i8(127), i8(5))
	for _, s := range []string{"", "a", "b", "abc", "abd", "0123456789abcdef", "0123456789abcdeF", "0123456789abcdefg", "seven77"} {
		print(words(s), " ")
	}
	println()
	b := []byte("abc")
	println(string(b) == "abc", "abc" != string(b), string(b) < "b")
	change(b)
	println(string(b) == string([]byte("Zbc")))
	m := map[string]int{"Zbc": 5}
	println(m[string(b)], len(m))
	v, ok := m[string(b[:2])]
	println(v, ok)
	m[string(b)]++
	b[0] = 'q'
	println(m["Zbc"], "x"+string(b)+"y")
	x, y := quad{1, 2, 3, 4, 5}, quad{1, 2, 3, 4, 5}
	println(x == y, x != quad{1, 2, 3, 4, 6}, mixed{s: "q"} == mixed{s: "q"}, [4]int{1} == [4]int{1}, [4]int{1} != [4]int{2})
	ss := []string{"a", "b", "c", "d"}
	copy(ss[1:], ss)
	println(ss[0], ss[1], ss[2], ss[3])
	clear(ss[:2])
	println(ss[0] == "", ss[3], len(append(ss[:1:1], ss...)))
	c := make(chan int, 1)
	select {
	case v := <-c:
		println("got", v)
	default:
		println("empty")
	}
	select {
	case c <- 3:
		println("sent")
	default:
		println("full")
	}
	select {
	case c <- 4:
		println("sent")
	default:
		println("full")
	}
	select {
	case v, ok := <-c:
		println(v, ok)
	}
	close(c)
loop:
	for {
		select {
		case _, ok := <-c:
			if !ok {
				break loop
			}
		default:
		}
	}
	for _, q := range []quad{x, {a: 9}} {
		x.a += q.a
	}
	println(x.a)
	for k, v := range map[quad]mixed{{a: 1}: {s: "v"}} {
		println(k.a, v.s)
	}
}
