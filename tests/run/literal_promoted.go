package main

type fields struct {
	rfd, wfd, data int
}
type inner struct{ x, y int }
type mid struct {
	inner
	z int
}
type sp struct {
	fields
	*mid
	c *int
}
type v struct {
	mid
	fields
}

//go:noinline
func mk(a, b int) *sp { return &sp{rfd: a, wfd: b} }

//go:noinline
func mk2(a, b int) v { return v{x: a, data: b, z: 9, y: 5} }

func main() {
	p := mk(3, 4)
	println(p.rfd, p.wfd, p.data)
	q := mk2(1, 2)
	println(q.x, q.y, q.z, q.rfd, q.wfd, q.data)
}
