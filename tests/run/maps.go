// Maps: operations, kinds of keys, growth, deletion, clear, NaN, order of iteration.
package main

type point struct{ x, y int }

type named struct {
	s string
	_ int
	f float64
	e any
}

type small struct {
	a, b int32
}

func check(ok bool, what string) {
	if !ok {
		println("FAIL", what)
	}
}

func ints() {
	m := map[int]int{}
	for i := 0; i < 1000; i++ {
		m[i*7] = i
	}
	sum := 0
	for k, v := range m {
		check(k == v*7, "ints entry")
		sum += v
	}
	println("ints", len(m), sum, m[7], m[8])
	for i := 0; i < 1000; i += 2 {
		delete(m, i*7)
	}
	_, ok := m[14]
	v, ok2 := m[7]
	println(len(m), ok, v, ok2)
	for i := 0; i < 1000; i++ {
		m[i*7] += i
	}
	println(len(m), m[0], m[7], m[14])
	clear(m)
	println(len(m), m[7])
	m[3]++
	m[3]++
	println(len(m), m[3])
}

func kinds() {
	s := map[string]int{"": 1, "a": 2, "hello world, this is long": 3}
	s["a"] += 40
	println(len(s), s[""], s["a"], s["hello world, this is long"], s["b"])
	b := map[byte]string{1: "one", 2: "two"}
	println(b[1], b[2], b[3] == "")
	u32 := map[uint32]uint32{}
	for i := uint32(0); i < 300; i++ {
		u32[i<<20] = i
	}
	println(len(u32), u32[299<<20])
	p := map[point]string{{1, 2}: "a", {3, 4}: "b"}
	println(p[point{1, 2}], p[point{3, 4}], p[point{5, 6}] == "")
	sm := map[small]int{{1, 2}: 3}
	sm[small{1, 2}]++
	println(sm[small{1, 2}], sm[small{2, 1}])
	n := map[named]int{}
	n[named{"k", 1, 0.0, 5}] = 1
	var zero float64
	n[named{"k", 2, -zero, 5}] += 10
	n[named{"k", 2, 0, "x"}] += 100
	println(len(n), n[named{s: "k", e: 5}], n[named{s: "k", e: "x"}])
	e := map[any]int{1: 1, "1": 2, 1.0: 3, int8(1): 4, point{1, 2}: 5, nil: 6, [2]string{"a", "b"}: 7}
	println(len(e), e[1], e["1"], e[1.0], e[int8(1)], e[point{1, 2}], e[nil], e[[2]string{"a", "b"}], e[true])
	c := map[complex128]int{complex(0, 1): 1}
	println(c[complex(0, 1)], c[complex(1, 0)])
	ptrs := map[*int]int{}
	x, y := new(int), new(int)
	ptrs[x], ptrs[y] = 1, 2
	println(ptrs[x], ptrs[y], ptrs[nil], len(ptrs))
	ch := make(chan int)
	chans := map[chan int]bool{ch: true}
	println(chans[ch], chans[nil])
	set := map[struct{}]struct{}{}
	set[struct{}{}] = struct{}{}
	_, ok := set[struct{}{}]
	println(len(set), ok)
	big := map[[40]int][30]string{}
	for i := 0; i < 50; i++ {
		var k [40]int
		k[i%40] = i
		var v [30]string
		v[29] = "end"
		big[k] = v
	}
	var k [40]int
	k[7] = 47
	println(len(big), big[k][29], big[k][0] == "")
	huge := map[string][2000]byte{}
	println(huge["none"][1999])
	h := huge["none"]
	h[5] = 1
	huge["x"] = h
	println(huge["x"][5], huge["y"][5])
	mm := map[string]map[string]int{}
	for _, w := range []string{"a", "b", "a"} {
		if mm[w] == nil {
			mm[w] = map[string]int{}
		}
		mm[w]["n"]++
	}
	println(len(mm), mm["a"]["n"], mm["b"]["n"], mm["c"]["n"])
	sl := map[string][]int{}
	for i := 0; i < 10; i++ {
		sl["k"] = append(sl["k"], i)
	}
	println(len(sl["k"]), sl["k"][9])
	fn := map[string]func(int) int{"dbl": func(i int) int { return i * 2 }}
	println(fn["dbl"](21), fn["no"] == nil)
}

func nan() {
	zero := 0.0
	nan := zero / zero
	m := map[float64]int{}
	m[nan] = 1
	m[nan] = 2
	m[0.0] = 3
	m[-zero] = 4
	_, ok := m[nan]
	delete(m, nan)
	sum := 0
	for _, v := range m {
		sum += v
	}
	println(len(m), ok, sum, m[0])
	for i := 0; i < 100; i++ {
		m[nan] = 1
	}
	n := 0
	for k := range m {
		if k != k {
			n++
		}
	}
	println(len(m), n)
	clear(m)
	println(len(m))
}

func iteration() {
	for _, n := range []int{0, 1, 7, 8, 9, 100, 1000} {
		m := map[int]bool{}
		for i := 0; i < n; i++ {
			m[i] = true
		}
		seen := map[int]int{}
		added := n
		for k := range m {
			seen[k]++
			check(seen[k] == 1, "seen twice")
			if k < n {
				// Of those not seen yet, some go; some come.
				d := (k * 7) % n
				if seen[d] == 0 {
					delete(m, d)
					seen[d] = 1000
				}
			}
			if added < n*3 {
				m[added] = true
				added++
			}
		}
		for i := 0; i < n; i++ {
			check(seen[i] == 1 || seen[i] == 1000, "missed")
		}
		for k := range m {
			delete(m, k)
		}
		check(len(m) == 0, "all deleted")
		m[5] = true
		count := 0
		for range m {
			count++
		}
		check(count == 1, "one after all were deleted")
	}
	// Both orders occur.
	m := map[int]int{1: 1, 2: 2}
	var first [3]int
	for i := 0; i < 200; i++ {
		for k := range m {
			first[k]++
			break
		}
	}
	println(first[1]+first[2], first[1] > 20, first[2] > 20)
	// Clear while iterating.
	for i := 0; i < 100; i++ {
		m[i] = i
	}
	n := 0
	for range m {
		n++
		clear(m)
	}
	println(n, len(m))
	// A value changed while iterating is seen changed.
	m = map[int]int{}
	for i := 0; i < 50; i++ {
		m[i] = 0
	}
	for k, v := range m {
		if v == 0 {
			for j := range 50 {
				m[j] = 1
			}
			for j := 100; j < 400; j++ {
				m[j] = 1
			}
			continue
		}
		check(v == 1, "fresh value")
		_ = k
	}
	println(len(m))
}

func sizes() {
	for _, hint := range []int{-0, 1, 8, 9, 100, 5000} {
		m := make(map[int]int, hint)
		for i := 0; i < hint*2; i++ {
			m[i] = i
		}
		check(len(m) == hint*2, "hint")
	}
	var nilmap map[string]int
	println(len(nilmap), nilmap["x"])
	delete(nilmap, "x")
	clear(nilmap)
	for range nilmap {
		println("FAIL")
	}
	// Steady size with much coming and going.
	m := map[int]int{}
	for i := 0; i < 20000; i++ {
		m[i] = i
		if i >= 100 {
			delete(m, i-100)
		}
	}
	sum := 0
	for k := range m {
		sum += k
	}
	println(len(m), sum)
}

func try(what string, f func()) {
	defer func() {
		e := recover()
		if err, ok := e.(error); ok {
			println(what+":", err.Error())
		} else {
			println(what+":", "not an error")
		}
	}()
	f()
}

func panics() {
	var nilmap map[string]int
	try("nil map", func() { nilmap["a"] = 1 })
	var nilany map[any]int
	m := map[any]int{}
	try("slice key", func() { m[[]int{1}] = 1 })
	try("slice key of empty map", func() { println(m[[]int{1}]) })
	try("slice key of nil map", func() { println(nilany[[]int{1}]) })
	m[1] = 1
	try("func key", func() { println(m[func() {}]) })
	try("map key", func() { delete(m, map[int]int{}) })
	try("struct key", func() { m[struct{ s []int }{}] = 1 })
	try("array key", func() { m[[1]any{[]int{}}] = 1 })
	println(len(m))
}

func main() {
	ints()
	kinds()
	nan()
	iteration()
	sizes()
	panics()
}
