package main

type point struct{ x, y int }
type shape interface{ area() int }
type square int

func (s square) area() int { return int(s) * int(s) }
func (p *point) area() int { return p.x * p.y }

type node struct {
	name  string
	next  *node
	kids  []*node
	vals  [3]float32
	any   any
	shape shape
	f     func(int) int
	c     complex64
}

type e struct{}
type embedded struct {
	point
	z int
}
type month int
type strs []string

const big = 1 << 40

var (
	a    = [...]int{1, 2, 5: 9}
	s    = []string{"x", "", 2: "z"}
	p    = &point{3, 4}
	g    = &global
	n    = &node{name: "root", kids: []*node{{name: "a"}, {name: "b", next: &node{name: "c"}}}, vals: [3]float32{1: 2.5}, any: 42, shape: square(3), f: double, c: 1 + 2i}
	lits = []shape{square(2), p2, &point{5, 6}}
	anys = []any{nil, 1, "s", 2.5, 'r', point{1, 2}, &point{1, 2}, big, e{}, month(3), [2]int{1, 2}, double, true, []int{}, func() int { return 7 }}
	p2   = &point{7, 8}

	global = embedded{point: point{1, 2}, z: 3}
	fs     = []func(int) int{double, func(i int) int { return i * 3 }, nil}
	none   []int
	empty  = []int{}
	conv   = strs([]string{"q"})
	twoD   = [2][2]int{{1, 2}, {3, 4}}
	ms     = map[string]*point{"k": {1, 2}}
	str    = "héllo"
	later  = calc() + 1
	sparse = [1000]byte{999: 7}
	rangeT = &struct {
		r16 []struct{ lo, hi uint16 }
		n   int
	}{r16: []struct{ lo, hi uint16 }{{1, 2}, {0xff00, 0xffff}}, n: 2}
	rec = &self
)
var self = node{name: "self", next: &self2}
var self2 = node{name: "self2"}

func calc() int        { return a[5] * len(s) }
func double(i int) int { return 2 * i }

func main() {
	println(len(a), a[0], a[5], len(s), s[2], p.x, g.z, g.x)
	println(n.name, n.kids[1].next.name, n.vals[1], n.any.(int), n.shape.area(), n.f(4), n.c)
	for _, l := range lits {
		print(l.area(), " ")
	}
	println()
	for _, x := range anys {
		switch x := x.(type) {
		case nil:
			print("nil ")
		case int:
			print("int ", x, " ")
		case string:
			print(x, " ")
		case float64:
			print(x, " ")
		case rune:
			print("rune ", x, " ")
		case point:
			print(x.x, x.y, " ")
		case *point:
			print("*", x.x, x.y, " ")
		case e:
			print("e ")
		case month:
			print("month ", int(x), " ")
		case [2]int:
			print("array ", x[1], " ")
		case func(int) int:
			print("func ", x(5), " ")
		case func() int:
			print("func ", x(), " ")
		case []int:
			print("[]int ", x == nil, len(x), " ")
		default:
			print("? ")
		}
	}
	println()
	println(fs[1](2), fs[2] == nil, none == nil, empty == nil, conv[0], twoD[1][0], ms["k"].y, str, later, sparse[999], sparse[0])
	println(rangeT.r16[1].lo, rangeT.n, rec.next.name, rec.next.next == nil)
	p.x++
	s = append(s, "more")
	s[0] = "changed"
	empty = append(empty, 1)
	n.kids = append(n.kids, &node{name: "new"})
	n.any = new(int)
	println(p.x, s[0], s[3], empty[0], len(n.kids), *n.any.(*int))
}
