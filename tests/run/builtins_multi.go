package main

import "unsafe"

type key interface{ k() }
type ki int

func (ki) k() {}

func two() (float64, float64)           { return 5, 7 }
func words() ([]string, string, string) { return []string{"a"}, "b", "c" }
func copies() ([]byte, string)          { return buf[:], "xyz" }
func ints() (int, int)                  { return 3, 9 }
func delargs() (map[key]int, ki)        { return m, 1 }
func part() (*byte, uint8)              { return &buf[1], 2 }

var buf [4]byte
var m = map[key]int{ki(1): 1, ki(2): 2}

type large [9]int

type I interface{ M() }
type J interface{ M() }
type T struct{ n int }

func (*T) M() {}

func change(a *[3]int) (out [3]int) {
	for i, v := range *a {
		a[2] = 40
		out[i] = v
	}
	return
}

func local() (out [3]int) {
	a := [3]int{1, 2, 3}
	for i, v := range a {
		if i == 0 {
			a[1] = 10
		}
		out[i] = v
	}
	for i, v := range a {
		out[i] += v
	}
	return
}

func nildefer() (r any) {
	defer func() { r = recover() }()
	var f func()
	defer f()
	println("deferred nil")
	panic(1)
}


func main() {
	println(complex(two()) == 5+7i, len(append(words())), copy(copies()), string(buf[:3]))
	println(max(ints()), min(ints()))
	delete(delargs())
	println(len(m))
	println(unsafe.String(part()), len(unsafe.Slice(part())), *(*byte)(unsafe.Add(unsafe.Pointer(&buf), 2)))
	t := new(T)
	var i1 I = t
	var j interface{ M() } = t
	var i2 I = j
	i3 := I(J(t))
	println(i1 == i2, i1 == i3, any(i1) == any(j))
	a := [3]int{1, 2, 3}
	r := change(&a)
	println(r[0], r[1], r[2], a[2])
	r = local()
	println(r[0], r[1], r[2])
	err := nildefer().(error)
	println(err.Error())
	const x = 1
	switch x {
	case 2:
		println("no")
	case 1:
		println("one")
	default:
		println("no")
	}
	func() {
		defer func() { println(recover() != nil) }()
		var e [0]large
		i := len(buf)
		e[i][2]++
	}()
}
