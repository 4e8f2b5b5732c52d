// What the collector must keep: shapes of objects, interior pointers, closures, maps, channels, stacks.
package main

type node struct {
	left, right *node
	value       int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{value: 1}
	}
	return &node{tree(depth - 1), tree(depth - 1), depth}
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.value + n.left.sum() + n.right.sum()
}

type wide struct {
	pad  [20]int
	p    *int
	pad2 [60]byte
	s    string
	q    *wide
	m    map[string]*int
	f    func() int
	i    any
}

type big struct {
	a [300]*int
	b [100]int
	c []string
}

func junk(n int) {
	for i := 0; i < n; i++ {
		_ = make([]byte, 10+i%100)
		sink = &node{value: i}
		sinks = append(sinks[:0], make([]*int, 3))
	}
	sink = nil
}

var (
	sink  *node
	sinks [][]*int
	global = map[int]*wide{}
	list  []any
)

func number(i int) *int {
	p := new(int)
	*p = i
	return p
}

func fill(i int) *wide {
	w := &wide{p: number(i), s: string(rune('a'+i%26)) + "tail", m: map[string]*int{"k": number(i * 2)}}
	j := i * 3
	w.f = func() int { j++; return j }
	w.i = [2]*int{number(i), nil}
	return w
}

func (w *wide) check(i int) bool {
	return *w.p == i && w.s == string(rune('a'+i%26))+"tail" && *w.m["k"] == i*2 && w.f() == i*3+1 &&
		*w.i.([2]*int)[0] == i && w.pad[7] == 0
}

func deep(n int, p *int) int {
	local := number(n)
	if n == 0 {
		junk(30)
		return *p
	}
	r := deep(n-1, local)
	return r + *local
}

func main() {
	t := tree(7)
	junk(50)
	println("tree", t.sum())

	for i := 0; i < 30; i++ {
		w := fill(i)
		w.q = global[i-1]
		global[i] = w
	}
	junk(50)
	ok := true
	for i := 29; i >= 0; i-- {
		ok = ok && global[i].check(i)
	}
	println("wide", ok)

	inner := &fill(5).pad[19]
	*inner = 42
	tail := make([]int, 1000)[990:]
	tail[9] = 9
	str := ("prefix" + string([]byte{'x', 'y'}))[6:]
	junk(50)
	println("interior", *inner, tail[9], str)

	b := &big{}
	for i := range b.a {
		b.a[i] = number(i)
	}
	for i := 0; i < 100; i++ {
		b.c = append(b.c, string(rune('A'+i%26)))
	}
	table := make([]*node, 5000)
	for i := range table {
		if i%100 == 0 {
			table[i] = &node{value: i}
		}
	}
	matrix := make([][]int, 20)
	for i := range matrix {
		matrix[i] = make([]int, 20)
		matrix[i][i] = i
	}
	junk(50)
	sum := 0
	for i := range b.a {
		sum += *b.a[i]
	}
	for i := range table {
		if table[i] != nil {
			sum += table[i].value
		}
	}
	for i := range matrix {
		sum += matrix[i][i]
	}
	println("big", sum, b.c[99], len(b.c))

	c := make(chan *node, 10)
	for i := 0; i < 10; i++ {
		c <- &node{value: i}
	}
	done := make(chan []int)
	for i := 0; i < 4; i++ {
		go func() {
			var got []int
			for j := 0; j < 20; j++ {
				got = append(got, *number(i*100 + j))
				junk(3)
			}
			done <- got
		}()
	}
	sum = 0
	for i := 0; i < 10; i++ {
		sum += (<-c).value
	}
	for i := 0; i < 4; i++ {
		for _, v := range <-done {
			sum += v
		}
	}
	println("channels", sum)

	println("deep", deep(60, number(0)))

	m := map[string][]*node{}
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	for i := 0; i < 200; i++ {
		k := keys[i%10] + keys[i/10%10]
		m[k] = append(m[k], &node{value: i})
		if i%7 == 0 {
			delete(m, keys[i%10]+"a")
		}
	}
	junk(30)
	sum = 0
	for _, v := range m {
		for _, n := range v {
			sum += n.value
		}
	}
	println("map", len(m), sum)

	for i := 0; i < 50; i++ {
		switch i % 5 {
		case 0:
			list = append(list, i)
		case 1:
			list = append(list, string(rune('a'+i%26)))
		case 2:
			list = append(list, number(i))
		case 3:
			list = append(list, []int{i})
		case 4:
			list = append(list, func() int { return i })
		}
	}
	junk(30)
	sum = 0
	for _, e := range list {
		switch e := e.(type) {
		case int:
			sum += e
		case string:
			sum += int(e[0])
		case *int:
			sum += *e
		case []int:
			sum += e[0]
		case func() int:
			sum += e()
		}
	}
	println("interfaces", sum)

	defer func() {
		e := recover().(*node)
		junk(20)
		println("recovered", e.value)
	}()
	defer junk(20)
	panic(&node{value: 77})
}
