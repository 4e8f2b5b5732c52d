package main

type P struct{ v, w int }

//go:noinline
func deep(n int, p *P) int {
	a, b, c, d := p.v+n, p.w-n, p.v*n, p.w^n
	if n == 0 {
		p = nil
		return p.v
	}
	r := deep(n-1, p)
	return r + a*b + c*d
}

//go:noinline
func catch(n int, p *P) (r int, err any) {
	x, y, z := p.v*3, p.w*5, n*7
	defer func() {
		err = recover()
		r = x + y + z
	}()
	for i := range 3 {
		defer func() {
			if e := recover(); e != nil {
				r += i
				panic(i)
			}
		}()
	}
	x += deep(n, p)
	return x, nil
}

//go:noinline
func again(n int, p *P) (r int) {
	defer func() {
		recover()
		r++
	}()
	defer func() {
		r += 10
		if n&1 == 0 {
			panic("again")
		}
	}()
	defer func() {
		recover()
		r += 100
	}()
	return deep(n, p)
}

//go:noinline
func caller(n int, p *P) int {
	a, b, c, d, e, f := n+1, n+2, n+3, n*4, n*5, n^6
	s := []int{a, b, c}
	for i := range 4 {
		r, err := catch(n+i, p)
		if k, ok := err.(int); ok {
			r += k
		}
		q := again(n+i, p)
		a, b, c, d, e, f = b+r, c^q, d+a, e-b, f*3, a+i
		s = append(s, a, r, q)
	}
	t := a + b*3 + c*5 + d*7 + e*11 + f*13
	for _, x := range s {
		t = t*31 + x
	}
	return t
}

func main() {
	for n := range 20 {
		println(n, caller(n, &P{n, n * 2}))
	}
}
