package branches

func _() {
	break    // ERROR break is not in a loop, switch, or select
	continue // ERROR continue is not in a loop
	for {
		break
		continue
		func() {
			break // ERROR break is not in a loop, switch, or select
		}()
	}
	switch {
	case true:
		break
		continue // ERROR continue is not in a loop
		fallthrough
	case false:
		if true {
			fallthrough // ERROR fallthrough statement out of place
		}
		fallthrough // ERROR fallthrough statement out of place
		f()
	default:
		fallthrough // ERROR cannot fallthrough final case in switch
	}
	switch x.(type) {
	case int:
		fallthrough // ERROR cannot fallthrough in type switch
	case string:
	}
	select {
	case <-c:
		break
		fallthrough // ERROR fallthrough statement out of place
	}
	fallthrough // ERROR fallthrough statement out of place
}

func _() {
Outer:
	for {
	Inner:
		switch {
		case true:
			break Inner
			break Outer
			continue Outer
			continue Inner // ERROR invalid continue label Inner
			break Missing  // ERROR break label not defined: Missing
			continue None  // ERROR continue label not defined: None
		}
	}
	break /* ERROR invalid break label Outer */ Outer
Block:
	{
		break /* ERROR invalid break label Block */ Block
	}
Unused: // ERROR label Unused defined and not used
	f()
Twice:
	f()
Twice: // ERROR label Twice already defined at .*branches.go:61:1
	goto Twice
}

func _() {
	goto Forward
Forward:
Back:
	goto Back
	goto Nowhere // ERROR label Nowhere not defined
	goto Inside  // ERROR goto Inside jumps into block starting at .*branches.go:74:2
	{
	Inside:
		goto Out
	}
Out:
	goto Over // ERROR goto Over jumps over declaration of x at .*branches.go:80:4
	x := 1
Over:
	goto Over2 // ERROR goto Over2 jumps over declaration of y
	var y int
Over2:
	_ = x
_:
	for {
	}
}
