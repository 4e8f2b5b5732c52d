package main

// A value method called through an interface or a method value works on a copy of its receiver.

type big struct{ a, b, c, d, e int }

func (t big) next() int { t.a++; t.e = 7; return t.a }

type nexter interface{ next() int }

//go:noinline
func make1() nexter { return big{a: 1} }

// Interfaces of the same form are equal where what they hold is.

type other interface{ next() int }

type empty struct{}

func (*empty) next() int { return 0 }

func main() {
	i := make1()
	println(i.next(), i.next(), i.next())
	println(i.(big).a, i.(big).e)
	f := i.next
	println(f(), f())
	p := new(empty)
	var x, y nexter
	var z interface{ next() int }
	x, z = p, p
	y = z
	println(x == y, nexter(other(p)) == x)
	_, ok := y.(*empty)
	println(ok)
}
