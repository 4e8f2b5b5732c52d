// Many small objects that die young, and some that do not.
package main

type node struct{ left, right *node }

func build(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{build(depth - 1), build(depth - 1)}
}

func (n *node) count() int {
	if n.left == nil {
		return 1
	}
	return 1 + n.left.count() + n.right.count()
}

func main() {
	keep := build(18)
	total := 0
	for i := 0; i < 60; i++ {
		total += build(15).count()
	}
	println(total, keep.count())
}
