package main

type Seq[V any] func(yield func(V) bool)
type Seq2[K, V any] func(yield func(K, V) bool)

func count(n int) Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				println("  stopped at", i)
				return
			}
		}
	}
}

type big struct {
	a [5]int
	s string
}

func bigs(yield func(int, big) bool) {
	for i := 0; i < 3; i++ {
		if !yield(i, big{[5]int{i, i * i}, "b"}) {
			return
		}
	}
}

func none(yield func() bool) {
	for yield() {
	}
}

type list[T any] struct {
	v    T
	next *list[T]
}

func (l *list[T]) All() Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for ; l != nil; l = l.next {
			if !yield(i, l.v) {
				return
			}
			i++
		}
	}
}

func collect[T any](s Seq[T]) (out []T) {
	for v := range s {
		out = append(out, v)
	}
	return
}

func find[K comparable, V any](s Seq2[K, V], k K) (V, bool) {
	for i, v := range s {
		if i == k {
			return v, true
		}
	}
	var zero V
	return zero, false
}

func plain() (sum int) {
	for i := range count(10) {
		if i == 1 {
			continue
		}
		if i == 5 {
			break
		}
		sum += i
	}
	return sum
}

func assigned() {
	var a [3]int
	var b big
	i := 0
	for a[i], b = range bigs {
		i++
		if i == 2 {
			break
		}
	}
	println(a[0], a[1], b.a[0], b.a[1], b.s)
	var x any
	for x = range count(3) {
	}
	println(x.(int))
}

func labels() string {
	s := ""
outer:
	for i := range count(4) {
		for j := range 4 {
			for k := range count(4) {
				switch {
				case k == 3:
					continue outer
				case i == 1:
					continue outer
				case j == 2:
					break outer
				case i == 3 && k == 1:
					goto done
				case k == 1:
					continue
				case k == 2:
					s += "k"
				}
				s += string(rune('a'+i)) + string(rune('0'+j)) + string(rune('0'+k)) + " "
			}
		}
	}
	s += "end "
done:
	return s
}

func gotos() {
	n := 0
top:
	n++
	for i := range count(3) {
		for range none {
			if n < 3 {
				goto top
			}
			if i == 1 {
				goto inner
			}
			break
		}
		println("i", i)
		continue
	inner:
		println("inner", i)
	}
	println("n", n)
}

func values() (int, string, big, error) {
	for i := range count(9) {
		for j, b := range bigs {
			if i == 2 && j == 2 {
				return i * j, "found", b, nil
			}
		}
	}
	return 0, "", big{}, nil
}

func named() (n int, err any) {
	defer func() {
		if e := recover(); e != nil {
			n *= 2
			err = e
		}
	}()
	for i := range count(5) {
		defer func() { println("deferred", i, n) }()
		n = i
		if i == 3 {
			return i + 10, nil
		}
	}
	return
}

func recovered() (n int, err any) {
	defer func() { err = recover() }()
	f := func(yield func(int) bool) {
		yield(1)
		panic("iterator")
	}
	for i := range f {
		return i + 41, nil
	}
	return
}

func deferOrder() {
	defer println("first deferred, last run")
	for i := range count(2) {
		defer println("loop", i)
		for range none {
			defer println("nested", i)
			break
		}
	}
	println("body done")
}

func bodyPanics() (r any) {
	defer func() { r = recover() }()
	for i := range count(3) {
		defer println("deferred before the panic", i)
		if i == 1 {
			panic("in the body")
		}
	}
	return "not reached"
}

func try(what string, f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
			println(what, "ok")
		case error:
			println(what+":", e.Error())
		case string:
			println(what+":", e)
		}
	}()
	f()
}

var saved func(int) bool

func misuse() {
	again := func(yield func(int) bool) {
		yield(1)
		yield(2)
	}
	keep := func(yield func(int) bool) {
		saved = yield
		yield(1)
	}
	swallow := func(yield func(int) bool) {
		defer func() { recover() }()
		yield(1)
	}
	swallowAndGoOn := func(yield func(int) bool) {
		func() {
			defer func() { recover() }()
			yield(1)
		}()
		yield(2)
	}
	try("after break", func() {
		for range again {
			break
		}
	})
	try("after the loop", func() {
		for range keep {
		}
		saved(2)
	})
	try("after break and the loop", func() {
		for range keep {
			break
		}
		saved(2)
	})
	try("recovered", func() {
		for range swallow {
			panic("lost")
		}
	})
	try("recovered and called again", func() {
		for range swallowAndGoOn {
			panic("lost")
		}
	})
	try("in itself", func() {
		for i := range keep {
			if i == 1 {
				saved(2)
			}
		}
	})
	try("nested", func() {
		for range again {
			for range again {
				return
			}
		}
	})
	try("nil", func() {
		var f Seq[int]
		for range f {
		}
	})
}

func recoverInBody() {
	defer func() {
		for i := range count(1) {
			println("recover in a body", i, recover() == nil)
		}
		recover()
	}()
	panic(1)
}

func closures() {
	var fs []func() int
	for i := range count(3) {
		fs = append(fs, func() int { i *= 10; return i })
	}
	for _, f := range fs {
		f()
		println(f())
	}
}

func selects() {
	c := make(chan int, 1)
loop:
	for i := range count(5) {
		select {
		case c <- i:
			continue loop
		case v := <-c:
			switch v {
			case 0:
				continue
			default:
				println("got", v, i)
				break loop
			}
		}
	}
}

type tree struct {
	left, right *tree
	v           int
}

func (t *tree) walk(yield func(int) bool) bool {
	return t == nil || t.left.walk(yield) && yield(t.v) && t.right.walk(yield)
}

func (t *tree) All(yield func(int) bool) { t.walk(yield) }

func main() {
	println(plain())
	assigned()
	println(labels())
	gotos()
	n, s, b, err := values()
	println(n, s, b.a[1], err == nil)
	n, e := named()
	println(n, e == nil)
	n, e = recovered()
	println(n, e.(string))
	deferOrder()
	println(bodyPanics().(string))
	misuse()
	recoverInBody()
	closures()
	selects()
	l := &list[string]{"x", &list[string]{"y", nil}}
	v, ok := find(l.All(), 1)
	println(v, ok)
	v, ok = find(l.All(), 2)
	println(v == "", ok)
	println(len(collect(count(7))))
	t := &tree{&tree{nil, nil, 1}, &tree{nil, nil, 3}, 2}
	for v := range t.All {
		print(v, " ")
		if v == 2 {
			break
		}
	}
	println()
	for range t.All {
		n++
	}
	println(n)
}
