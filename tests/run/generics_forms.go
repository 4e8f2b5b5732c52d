package main

type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint32 | ~uint64 | ~float32 | ~float64
}
type MyInt int

func (m MyInt) String() string { return "MyInt" }

type Stringer interface{ String() string }

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func Conv[To, From Number](f From) To { return To(f) }

type Bytes interface{ ~string | ~[]byte }

func First[T Bytes](s T) byte    { return s[0] }
func Sub[T Bytes](s T) T         { return s[1:] }
func Len[T Bytes](s T) int       { return len(s) }
func ToStr[T Bytes](s T) string  { return string(s) }
func ToB[T Bytes](s T) []byte    { return []byte(s) }
func App[T Bytes](b []byte, s T) []byte { return append(b, s...) }
func Cp[T Bytes](b []byte, s T) int { return copy(b, s) }
func Rng[T ~string](s T) (n int) {
	for i, c := range s {
		n += i + int(c)
	}
	return
}
func RngI[T ~int](n T) (s T) {
	for i := range n {
		s += i
	}
	return
}
func RngS[S ~[]E, E Number](s S) (t E) {
	for _, v := range s {
		t += v
	}
	return
}
func RngM[M ~map[K]V, K comparable, V Number](m M) (n V) {
	for _, v := range m {
		n += v
	}
	return
}
func RngC[C ~chan E, E any](c C) (n int) {
	for range c {
		n++
	}
	return
}
func RngF[F ~func(func(E) bool), E any](f F) (n int) {
	for range f {
		n++
	}
	return
}

type Arr interface{ ~[3]int | ~[5]int }

func ArrLen[A Arr](a A) int { return len(a) + cap(a) }
func ArrIdx[A Arr](a A, i int) int { return a[i] }
func ArrSet[A Arr](a *A, i int) { (*a)[i] = 7 }
func ArrRange[A ~[3]int](a A) (s int) {
	for i, v := range a {
		s += i * v
	}
	return
}

func Kind[T any](x T) string {
	switch any(x).(type) {
	case int:
		return "int"
	case string:
		return "string"
	case []T:
		return "[]T"
	case Stringer:
		return "Stringer"
	}
	return "other"
}
func Kind2[T any](v any) string {
	switch v.(type) {
	case T:
		return "T"
	case []T:
		return "[]T"
	case map[string]T:
		return "map"
	case func(T) T:
		return "func"
	case *T:
		return "*T"
	}
	return "none"
}

type Pair[A, B any] struct {
	X A
	Y B
}

func (p Pair[A, B]) Swap() Pair[B, A]   { return Pair[B, A]{p.Y, p.X} }
func (p *Pair[A, B]) SetX(a A)           { p.X = a }
func MkPair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }

type Tree[T any] struct {
	Left, Right *Tree[T]
	Val         T
	cmp         func(a, b T) int
}

func (t *Tree[T]) Insert(v T) *Tree[T] {
	if t == nil {
		return &Tree[T]{Val: v}
	}
	return t
}

type Embed[T any] struct {
	Pair[T, int]
	*Tree[T]
	extra T
}

type Alias[T any] = Pair[T, T]
type AliasM[K comparable] = map[K]Alias[K]

func Local[T any](x T) any {
	type local struct {
		v T
		n int
	}
	f := func(y T) local { return local{y, 1} }
	return f(x)
}

type Setter[T any] interface {
	*T
	Set(string)
}
type S1 struct{ s string }

func (s *S1) Set(x string) { s.s = x }
func Build[T any, PT Setter[T]](x string) T {
	var t T
	PT(&t).Set(x)
	p := PT(new(T))
	p.Set("q")
	f := p.Set
	f("r")
	g := PT.Set
	g(p, "z")
	return t
}

type Num2[T Number] struct{ v T }

func (n Num2[T]) Add(o Num2[T]) Num2[T] { return Num2[T]{n.v + o.v} }

type List[T any] []T

func (l List[T]) Map(f func(T) T) List[T] {
	var out List[T]
	for _, x := range l {
		out = append(out, f(x))
	}
	return out
}
func (l List[T]) Each(yield func(int, T) bool) {
	for i, x := range l {
		if !yield(i, x) {
			return
		}
	}
}
func Eq[T comparable](a, b T) bool { return a == b }
func Zero[T any]() T { var z T; return z }
func Ptr[T any](v T) *T { return &v }
func MapKV[K comparable, V any, R any](m map[K]V, f func(K, V) R) []R {
	var out []R
	for k, v := range m {
		out = append(out, f(k, v))
	}
	return out
}
func Chan[T any](n int, v T) (r T) {
	c := make(chan T, n)
	defer close(c)
	go func() { c <- v }()
	select {
	case r = <-c:
	}
	return
}
func Shift[T ~uint8 | ~int64](x T, n uint) (T, T, T) { return x << n, x >> n, ^x }
func Min[T Number](a, b T) T                  { return min(a, b) }
func MakeS[S ~[]E, E any](n int) S             { return make(S, n, n+1) }
func Defer[T any](x T) (r T) {
	defer func(y T) { r = y }(x)
	return
}
func Rec[T any](n int, x T) int {
	if n == 0 {
		return 0
	}
	return 1 + Rec(n-1, x)
}
func Cplx[T ~complex64 | ~complex128](c T) (T, bool) { return c * c, c == c }
func Const[T Number]() T                             { return 100 }
func Idx[T ~[]byte | ~string](t T) byte { return t[1] }
func Field[T any](p Pair[T, T]) T                       { return p.X }
func Method[T Stringer](t T) (string, func() string, func(T) string) {
	return t.String(), t.String, T.String
}
func Variadic[T any](xs ...T) int { return len(xs) }
func Apply[T any, R any](x T, fs ...func(T) R) (out []R) {
	for _, f := range fs {
		out = append(out, f(x))
	}
	return
}

type Fn[T any] func(T) T

func (f Fn[T]) Twice(x T) T { return f(f(x)) }


type Iface[T any] interface {
	Get() T
	Put(T)
}
type Cell[T any] struct{ v T }

func (c *Cell[T]) Get() T  { return c.v }
func (c *Cell[T]) Put(v T) { c.v = v }
func Use[T any](i Iface[T], v T) T {
	i.Put(v)
	return i.Get()
}

type G struct{ n int }

func (g G) Do[T any](x T) Pair[int, T] { return Pair[int, T]{g.n, x} }
func (g *G) Inc[T Number](x T) T       { g.n++; return x + T(g.n) }

type H[A any] struct{ a A }

func (h H[A]) Both[B any](b B) Pair[A, B] { return Pair[A, B]{h.a, b} }

func main() {
	println(Sum(1, 2, 3), Sum(1.5, 2.5), Sum[MyInt](4, 5))
	println(Conv[int8](300), Conv[uint8](1.5), Conv[float32](7))
	println(First("abc"), First([]byte("xyz")), Sub("abc"), len(Sub([]byte("abc"))), Len("four"), ToStr([]byte("hi")), len(ToB("abc")))
	println(string(App([]byte("a"), "bc")), string(App(nil, []byte("zz"))), Cp(make([]byte, 2), "abc"))
	println(Rng("aé"), RngI(5), RngI(MyInt(4)), RngS([]float64{1, 2}), RngM(map[string]int{"a": 3, "b": 4}))
	c := make(chan int, 3)
	c <- 1
	c <- 2
	close(c)
	println(RngC(c), RngF(func(y func(string) bool) { _ = y("a") && y("b") }))
	a := [3]int{1, 2, 3}
	ArrSet(&a, 1)
	println(ArrLen(a), ArrLen([5]int{}), ArrIdx(a, 1), ArrRange(a))
	println(Kind(1), Kind("s"), Kind(MyInt(1)), Kind(1.5), Kind2[int](1), Kind2[int]([]int{}), Kind2[string](map[string]string{}), Kind2[int](Fn[int](nil)), Kind2[int](func(int) int { return 0 }), Kind2[S1](&S1{}))
	p := MkPair("x", 3)
	p.SetX("y")
	q := p.Swap()
	println(p.X, q.X, q.Y, q.Swap().Swap().Y)
	e := Embed[string]{Pair[string, int]{"e", 1}, nil, "ex"}
	e.SetX("set")
	println(e.X, e.Insert("v").Val, e.Swap().X)
	var al Alias[int] = Pair[int, int]{1, 2}
	am := AliasM[string]{"k": {"a", "b"}}
	println(al.Swap().X, am["k"].Y)
	l := Local(5)
	_, ok := l.(interface{ M() })
	println(ok, Local(1) == Local(1), Local("a") == Local(1))
	println(Build[S1]("hello").s)
	println(Num2[float64]{1.5}.Add(Num2[float64]{2}).v)
	for i, x := range (List[int]{1, 2, 3}).Map(func(i int) int { return i * i }).Each {
		print(i, ":", x, " ")
	}
	println()
	println(Eq(1, 1), Eq("a", "b"), Eq[any](1, 1.0), Eq(p, p), Zero[int](), Zero[*int]() == nil, *Ptr(5), Zero[Pair[int, string]]().Y == "")
	println(len(MapKV(map[int]int{1: 2}, func(k, v int) string { return "r" })), Chan(1, "chan"))
	println(Shift(uint8(200), 1))
	println(Shift(int64(-200), 1))
	println(Min(3, 2), Min(2.5, 1), cap(MakeS[[]int](3)), Defer("d"), Rec(5, "x"))
	z, zb := Cplx(complex64(1 + 2i))
	println(z, zb, Const[uint8](), Const[float32](), Idx("ab"), Idx([]byte{1, 9}), Field(al))
	s, f, g := Method(MyInt(1))
	println(s, f(), g(2), Variadic[any](1, "a", nil), len(Apply(3, func(i int) string { return "" })))
	println(Fn[int](func(i int) int { return i * 3 }).Twice(2))
	println(Use[string](&Cell[string]{}, "iface"), Use(Iface[int](&Cell[int]{}), 4))
	gg := G{4}
	println(gg.Do("m").Y, gg.Do(1.5).X, gg.Inc(2.5), gg.Inc(1), gg.n)
	println(H[int]{3}.Both("b").Y, H[string]{"h"}.Both(1).X)
	mf := gg.Do[string]
	println(mf("mv").Y, (*G).Inc[int](&gg, 10), G.Do[bool](gg, true).Y)
}
