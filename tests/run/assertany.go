package main

type W interface{ M() }
type T int

func (T) M() {}

type E interface{}

func main() {
	var w W = T(5)
	v := w.(any)
	println(v == any(T(5)))
	e, ok := w.(E)
	println(e == v, ok)
	w = nil
	_, ok = w.(any)
	println(ok)
	switch x := v.(type) {
	case any:
		println(x == v)
	}
}
