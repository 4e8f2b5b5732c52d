package main

// What generated functions may use. H is the checksum of all that was seen, fuel what is left of the time.
var (
	H    uint64
	fuel int
	zero int
)

type I interface{ M(int) int }

type ints interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~uintptr
}

type Pair[A, B any] struct {
	a A
	b B
}

func (p Pair[A, B]) swap() Pair[B, A] { return Pair[B, A]{p.b, p.a} }
func (p *Pair[A, B]) first() *A       { return &p.a }

type Stack[T any] struct {
	all []T
	n   int
}

func (s *Stack[T]) push(v T) *Stack[T] { s.all, s.n = append(s.all[:s.n], v), s.n+1; return s }
func (s *Stack[T]) pop() (v T, ok bool) {
	if s.n == 0 {
		return
	}
	s.n--
	return s.all[s.n], true
}

func mix(v uint64) { H = (H^v)*0x9e3779b97f4a7c15 + H>>29 }

func id[T any](v T) T { return v }

func pick[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

func deref[T any](p *T, d T) T {
	if p == nil {
		return d
	}
	return *p
}

// What would panic most of the time, made to do so seldom.

func some[T any](s []T) []T {
	if len(s) == 0 {
		return make([]T, 1)
	}
	return s
}

func pad[T any](s []T) []T {
	for len(s) < 5 {
		s = append(s, *new(T))
	}
	return s
}

func pads(s string) string {
	if len(s) < 7 {
		return s + "padding"
	}
	return s
}

func there[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

func as[T any](v any) T {
	r, _ := v.(T)
	return r
}

func clip[T any](s []T) []T {
	if len(s) > 40 {
		return s[len(s)-40:]
	}
	return s
}

func clips(s string) string {
	if len(s) > 60 {
		return s[:60]
	}
	return s
}

func each[T any](s []T) func(func(int, T) bool) {
	return func(yield func(int, T) bool) {
		for i, v := range s {
			if !yield(i, v) {
				return
			}
		}
	}
}

func upto(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer mix(7)
		for i := range n {
			if !yield(i) {
				mix(uint64(i))
				return
			}
		}
	}
}

func apply[T, U any](s []T, f func(T) U) (r []U) {
	for _, v := range s {
		r = append(r, f(v))
	}
	return
}

func fold[T any](s []T, v T, f func(T, T) T) T {
	for _, x := range s {
		v = f(v, x)
	}
	return v
}

func must[T any](v T, ok bool) T {
	if !ok {
		panic("must")
	}
	return v
}

func hbool(b bool) uint64 {
	if b {
		return 3
	}
	return 5
}

func hfloat(f float64) uint64 {
	switch {
	case f != f:
		return 11
	case f == 0:
		return hbool(1/f > 0)
	case f > 1e300 || f < -1e300:
		return 13 + hbool(f > 0)
	}
	var e uint64
	neg := f < 0
	if neg {
		f = -f
	}
	for ; f >= 1<<53; e++ {
		f /= 2
	}
	for ; f < 1<<52; e += 4096 {
		f *= 2
	}
	return (uint64(f)*31+e)*2 + hbool(neg)
}

func hstring(s string) uint64 {
	h := uint64(len(s))
	for i := range len(s) {
		h = h*31 + uint64(s[i])
	}
	return h
}

// Which of several operands panics first is left open.
func hpanic(v any) uint64 {
	if _, ok := v.(error); ok {
		return 31
	}
	return hany(v)
}

// Of what can panic in one way only.
func htext(v any) uint64 {
	if v, ok := v.(error); ok {
		return hstring(v.Error())
	}
	return 37
}

func run(name string, f func()) {
	H, fuel = 1, 800
	defer func() {
		if v := recover(); v != nil {
			mix(hpanic(v))
			println(name, "panics", H)
			return
		}
		println(name, H)
	}()
	f()
}
