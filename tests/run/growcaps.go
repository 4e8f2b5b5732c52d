// cap() after append and conversions is what Go's size classes make of it.
package main

type s3 struct{ a, b, c byte }
type s24 struct{ a, b, c int }
type p24 struct {
	a *int
	b string
}
type s40 struct{ a [5]int }
type p72 struct {
	p *int
	a [8]int
}

func caps[E any](name string, n int) {
	print(name, ":")
	var s []E
	var zero E
	last := -1
	for i := 0; i < n; i++ {
		s = append(s, zero)
		if cap(s) != last {
			last = cap(s)
			print(" ", last)
		}
	}
	println()
}

func many[E any](name string) {
	print(name, ":")
	for _, k := range []int{1, 2, 3, 5, 9, 17, 33, 65, 100, 127, 129, 200, 300, 513, 700, 1000, 3000, 5000} {
		var s []E
		s = append(s, make([]E, k)...)
		print(" ", cap(s))
		s = append(s[:k:k], make([]E, k/2+1)...)
		print("/", cap(s))
	}
	println()
}

func main() {
	caps[byte]("byte", 40000)
	caps[int16]("int16", 5000)
	caps[int32]("int32", 5000)
	caps[int]("int", 20000)
	caps[string]("string", 5000)
	caps[*int]("*int", 5000)
	caps[any]("any", 3000)
	caps[s3]("s3", 3000)
	caps[s24]("s24", 3000)
	caps[p24]("p24", 3000)
	caps[s40]("s40", 2000)
	caps[p72]("p72", 2000)
	caps[struct{}]("empty", 10)
	many[byte]("byte")
	many[int]("int")
	many[string]("string")
	many[s3]("s3")
	many[p72]("p72")
	for _, n := range []int{0, 1, 5, 8, 31, 33, 100, 1000, 5000} {
		s := ""
		for len(s) < n {
			s += "x"
		}
		b := []byte(s)
		r := []rune(s)
		b = append(b, 'y')
		r = append(r, 'y')
		print(len(b), " ", len(r), " ", cap(append([]byte(nil), s...)), "; ")
	}
	println()
	var a []int
	a = append(a, 1, 2, 3)
	b := append(a[:1], 9)
	println(len(a), cap(a), a[1], len(b), cap(b))
	c := append(a[:1:1], 7)
	println(a[1], c[1], cap(c))
}
