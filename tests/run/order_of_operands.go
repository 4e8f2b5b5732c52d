package main

import "fmt"

type S struct{ a, b int }
type L struct {
	src string
	off int
}

func (l *L) scan() int { l.off = 5; return l.off }

func mod(p *S) int     { p.a = 9; return 1 }
func moda(p *[3]int) int { p[0] = 9; return 1 }
func modc(p *complex128) int { *p = 9; return 1 }
func modi(p *int) int  { *p = 9; return 1 }

func any2(x ...any) { fmt.Println(x...) }

type I interface{ M() int }

func (s S) M() int { return s.a }
func takeI(i I, n int) { fmt.Println(i.M(), n) }

func main() {
	l := &L{src: "abcdefghij", off: 2}
	fmt.Println(l.src[l.off-1 : l.scan()])
	l.off = 2
	fmt.Println(l.src[l.off:l.scan()])
	off := 2
	set := func() int { off = 4; return 6 }
	fmt.Println(l.src[off:set()])
	off = 2
	fmt.Println(l.src[off+0:set()])
	off = 2
	var s S
	fmt.Println(s, mod(&s))
	var a [3]int
	fmt.Println(a, moda(&a))
	var c complex128
	fmt.Println(c, modc(&c))
	var i int
	fmt.Println(i, modi(&i))
	s = S{}
	any2(s, mod(&s))
	s = S{}
	takeI(s, mod(&s))
	s = S{}
	x := []any{s, mod(&s)}
	fmt.Println(x)
	s = S{}
	var y, z any = s, mod(&s)
	fmt.Println(y, z)
	s = S{}
	p := &s
	fmt.Println(*p, mod(&s))
	m := map[S]int{{}: 1, {9, 0}: 2}
	s = S{}
	fmt.Println(m[s] + mod(&s))
	s = S{}
	fmt.Println(s == S{} , mod(&s))
	b := []byte("key")
	f := func() int { b[0] = 'x'; return 10 }
	b[0] = 'k'
	fmt.Println(string(b) == "key", f())
	b[0] = 'k'
	fmt.Println(string(b) + "z", f())
	ints := []int{1, 2, 3, 4}
	g := func() int { ints = ints[1:]; return 1 }
	fmt.Println(ints[0:2], g())
	fmt.Println(len(ints), g(), ints)
}
