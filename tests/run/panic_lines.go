package main

type myint int
type mystr string
type myf float64
type mybool bool
type myc complex128
type st struct{ a, b int }
type er struct{ s string }

func (e er) Error() string { return e.s }

type strn struct{ s string }

func (e strn) String() string { return "str:" + e.s }

type perr struct{ s string }

func (e *perr) Error() string { return e.s }

type badE struct{}

func (badE) Error() string { panic("inner") }

var p *int

func main() {
	panic(er{"x\ny\nz"})
}
