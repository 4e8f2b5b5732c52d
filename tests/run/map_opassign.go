// An assignment operation on a map's element: one look-up, no entry where it panics.
package main

type pair struct{ a, b int }

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			println(name, e.(error).Error())
		}
	}()
	f()
}

func main() {
	ints := map[string]int{}
	ints["a"]++
	ints["a"] += 5
	ints["b"] -= 2
	ints["c"] <<= 3
	ints["d"] |= 6
	ints["d"] &^= 2
	println(len(ints), ints["a"], ints["b"], ints["c"], ints["d"])

	zero := 0
	try("quotient", func() { ints["new"] /= zero })
	try("remainder", func() { ints["new"] %= zero })
	try("operand", func() { ints["new"] += []int{}[zero] })
	_, ok := ints["new"]
	println(ok)

	var none map[string]int
	try("nil", func() { none["a"]++ })

	strs := map[int]string{}
	for i := 0; i < 2000; i++ {
		strs[i%7] += string(rune('a' + i%26))
	}
	println(len(strs), len(strs[3]), strs[3][:9])

	floats := map[float64]float64{}
	floats[0.5] *= 3
	floats[0.5] += 1.5
	println(len(floats), floats[0.5])

	order := ""
	key := func(s string) string { order += s; return s }
	val := func(n int) int { order += "v"; return n }
	ints[key("k")] += val(4)
	println(order, ints["k"])

	m := map[pair][2]int{{1, 2}: {3, 4}}
	e := m[pair{1, 2}]
	e[1]++
	m[pair{1, 2}] = e
	println(m[pair{1, 2}][1])

	// The operand changes the map.
	grow := map[int]int{}
	fill := func() int {
		for i := 0; i < 1000; i++ {
			grow[i] = i
		}
		return 1
	}
	grow[7] += fill()
	println(len(grow), grow[7])
}
