package main

// `defer recover()`: it recovers for the function that defers it.

func must(want int) {
	r := recover()
	if r == nil {
		println("nothing recovered, want", want)
		return
	}
	println("recovered", r.(int))
}

func mustNot() {
	if r := recover(); r != nil {
		println("spurious", r.(int))
	}
}

func itself() {
	defer must(1)
	defer recover() // Deferred by the function that panics: too early.
	panic(1)
}

func deferred() {
	defer mustNot()
	defer func() {
		defer recover()
	}()
	panic(2)
}

func newer() {
	defer mustNot()
	defer func() {
		defer recover()
		defer must(4)
		panic(4)
	}()
	panic(3)
}

func below() {
	defer must(5)
	defer func() {
		func() {
			defer recover() // Not called by the panic.
		}()
	}()
	panic(5)
}

func many() {
	defer mustNot()
	defer func() {
		for range 3 {
			defer recover()
		}
	}()
	panic(6)
}

func main() {
	itself()
	deferred()
	newer()
	below()
	many()
	defer recover()
	done := make(chan bool)
	go func() {
		go recover()
		done <- true
	}()
	<-done
	println("done")
}
