package stmts

func _() {
	x := 1
	x++
	x--
	x += 2
	x &^= 3
	a, b = b, a
	ch <- v
	<-ch
	var y int
	const z = 1
	type t int
	{
	}
	;
	go f()
	defer f()
	return
}

func _() {
	if x {
	} else if y {
	} else {
	}
	if x := 1; x > 0 {
	}
	if /* ERROR missing condition in if statement */ {
	}
	if x /* ERROR cannot use x := 1 as value */ := 1 {
	}
	if x /* ERROR cannot use assignment x = \(a \+ b\) as value */ = a + b {
	}
	if x := 1 /* ERROR missing condition in if statement */ ; {
	}
	if x /* ERROR unexpected newline, expected { after if clause */
	{
	}
}

func _() {
	if x { } else /* ERROR else must be followed by if or statement block */ ;
}

func _() {
	for {
	}
	for x {
	}
	for i := 0; i < n; i++ {
	}
	for ; ; {
	}
	for range x {
	}
	for i = range x {
	}
	for i, v := range x {
	}
	for range 10 {
	}
	for i := 0; /* ERROR expected for loop condition */ {
	}
	for i := 0; i < 10; i /* ERROR cannot declare in post statement of for loop */ := 1 {
	}
	for var /* ERROR var declaration not allowed in for initializer */ i = 0; i < 10; i++ {
	}
}

func _() {
	switch {
	}
	switch x {
	case 1, 2:
		f()
		fallthrough
	case 3:
	default:
	}
	switch x := y.(type) {
	case int:
	}
	switch x := 1; x.(type) {
	}
	switch x {
	/* ERROR unexpected name f, expected case or default or } */ f():
	}
	select {
	case x := <-c:
	case c <- x:
	case <-c:
	default:
	}
	select /* ERROR missing { after select clause */ x {
	}
}

func _() {
	f() /* ERROR unexpected name g at end of statement */ g()
	a, b /* ERROR expected := or = or comma */
}

func _() {
	L /* ERROR missing statement after label */ :
	/* ERROR unexpected keyword else, expected } */ else
