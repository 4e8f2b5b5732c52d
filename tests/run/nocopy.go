package main

// Conversions between strings and bytes copy, unless nobody can tell.

//go:noinline
func same(b []byte) bool { return string(b) == "hello" }

//go:noinline
func later(b []byte) bool {
	s := string(b)
	b[0] = 'j'
	return s == "hello"
}

//go:noinline
func change(b []byte) { b[0]++ }

//go:noinline
func afterCall(b []byte) bool {
	s := string(b)
	change(b)
	return s == "hello"
}

//go:noinline
func inLoop(b []byte, n int) (out int) {
	s := string(b)
	for i := 0; i < n; i++ {
		if s[i] == 'h' {
			out++
		}
		b[i+1] = 'h'
	}
	return out
}

//go:noinline
func twice(b []byte) (n int) {
	for i, c := range []byte(string(b)) {
		if i+1 < len(b) {
			b[i+1] = 'x'
		}
		n = n*3 + int(c)
	}
	return n
}

//go:noinline
func sum(s string) (n int) {
	for _, c := range []byte(s) {
		n = n*7 + int(c)
	}
	return n
}

//go:noinline
func changed(s string) string {
	b := []byte(s)
	b[0] = 'J'
	return string(b)
}

//go:noinline
func isNil(s string) bool { return []byte(s) == nil }

//go:noinline
func lookup(m map[string]int, b []byte) int { return m[string(b)] }

//go:noinline
func put(m map[string]int, b []byte) {
	m[string(b)] = len(m)
	b[0] = 'z'
}

//go:noinline
func kind(b []byte) int {
	switch string(b) {
	case "one":
		return 1
	case "three":
		return 3
	}
	return 0
}

func main() {
	println(same([]byte("hello")), later([]byte("hello")), afterCall([]byte("hello")))
	println(inLoop([]byte("hello"), 4), twice([]byte("abc")), sum("hello"), changed("hello"), isNil(""))
	m := map[string]int{}
	b := []byte("ab")
	put(m, b)
	b[0] = 'a'
	println(lookup(m, b), len(m), m["ab"], m["zb"])
	put(m, b)
	println(len(m), m["ab"], kind([]byte("three")), kind([]byte("two")))
}
