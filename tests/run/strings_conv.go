// Strings: concatenation, conversions, iteration over valid and invalid UTF-8, comparison.
package main

type bytes []byte
type runes []rune
type text string

func id(s string) string { return s }

func main() {
	a, b := id("héllo"), id(" wörld")
	s := a + b + "!" + id("") + a
	println(s, len(s))
	println(a+id("") == a, id("")+id("") == "", len(a+b))
	var parts string
	for i := 0; i < 20; i++ {
		parts += string(rune('a' + i))
	}
	println(parts)
	println(string(rune(65)), string(rune(0x20ac)), string(rune(0x1f600)), string(rune(-1)), string(rune(0xd800)), string(rune(0x110000)))
	bs := []byte(s)
	bs[0] = 'H'
	println(string(bs), s[:1], len(bs))
	println(string([]byte(nil)) == "", string([]byte{}) == "", len([]byte("")), []byte("") == nil, string([]byte{'x'}))
	rs := []rune("a\u20ac\U0001f600\xffz\xe2\x82")
	for _, r := range rs {
		print(r, " ")
	}
	println(len(rs))
	println(string(rs), len(string(rs)), string([]rune{0xd800, 'a', -5}))
	for i, r := range "a\u20ac\xff\xe2\x82z\xf0\x9f\x98\x80\xed\xa0\x80" {
		print(i, ":", r, " ")
	}
	println()
	n := 0
	for range "日本語\xff" {
		n++
	}
	println(n, len([]rune("日本語")))
	println(a < b, a <= a, "abc" < id("abd"), "ab" < id("abc"), id("b") > id("abc"), a != b, a == id("héllo"))
	println(string(bytes("x y")), string(runes("é")), text(a)+"?")
	x := []byte("abc")
	x = append(x, "def"...)
	n = copy(x[1:], "ZZZZZZZZ")
	println(string(x), n)
	long := ""
	for i := 0; i < 300; i++ {
		long += id("0123456789")
	}
	println(len(long), long[2995:])
	m := map[string]int{}
	m[string(x)] = 7
	println(m[string([]byte("aZZZZZ"))])
	switch string(x) {
	case "aZZZZZ":
		println("matched")
	}
	var total int
	for i := range len(long) {
		total += int(long[i])
	}
	println(total, long[5:5] == "")
}
