package exprs

func f() {
	_ = a + b*c == -d<<1 && !e || <-g
	_ = a[0] + b[1:2] + c[:] + d[1:2:3] + e[:2]
	_ = a[: /* ERROR middle index required in 3-index slice */ :3]
	_ = a[:2: /* ERROR final index required in 3-index slice */ ]
	_ = a[/* ERROR expected operand */ ]
	_ = a[1 /* ERROR unexpected name b, expected comma, : or \] */ b]
	_ = a.b.c(d, e...)
	_ = a. /* ERROR unexpected literal 1, expected name or \( */ 1
	_ = a.(T)
	_ = []int{1, 2: 3, 4}
	_ = [...]T{{1, 2}, {x: 3}}
	_ = map[string]struct{ x int }{"a": {1}}
	_ = (T) /* ERROR cannot parenthesize type in composite literal */ {}
	_ = T{
		1,
		2 /* ERROR unexpected newline in composite literal; possibly missing comma or } */
	}
	_ = func(x int) int { return x }(1)
	_ = &(T{})
	_ = f(1 /* ERROR unexpected literal 2 in argument list; possibly missing comma or \) */ 2)
	_ = chan int(nil)
	_ = <-chan int(nil)
	_ = <-chan<- chan int(nil)
	a, b /* ERROR unexpected \+\+, expected := or = or comma */ ++
	go /* ERROR expression in go must not be parenthesized */ (f())
	defer /* ERROR expression in defer must not be parenthesized */ (f())
	_ = func /* ERROR function type must have no type parameters */ [T any](x T) {}
}

var _ = <-chan<- (int) // ERROR unexpected int, expected chan

var _ = + /* ERROR unexpected semicolon, expected expression */ ;
