package runtime

import "unsafe"

func panicIndex()        { panic(outOfBounds(true, boundsIndex)) }
func panicIndexU()       { panic(outOfBounds(false, boundsIndex)) }
func panicSliceAlen()    { panic(outOfBounds(true, boundsSliceAlen)) }
func panicSliceAlenU()   { panic(outOfBounds(false, boundsSliceAlen)) }
func panicSliceAcap()    { panic(outOfBounds(true, boundsSliceAcap)) }
func panicSliceAcapU()   { panic(outOfBounds(false, boundsSliceAcap)) }
func panicSliceB()       { panic(outOfBounds(true, boundsSliceB)) }
func panicSliceBU()      { panic(outOfBounds(false, boundsSliceB)) }
func panicSlice3Alen()   { panic(outOfBounds(true, boundsSlice3Alen)) }
func panicSlice3AlenU()  { panic(outOfBounds(false, boundsSlice3Alen)) }
func panicSlice3Acap()   { panic(outOfBounds(true, boundsSlice3Acap)) }
func panicSlice3AcapU()  { panic(outOfBounds(false, boundsSlice3Acap)) }
func panicSlice3B()      { panic(outOfBounds(true, boundsSlice3B)) }
func panicSlice3BU()     { panic(outOfBounds(false, boundsSlice3B)) }
func panicSlice3C()      { panic(outOfBounds(true, boundsSlice3C)) }
func panicSlice3CU()     { panic(outOfBounds(false, boundsSlice3C)) }
func panicSliceConvert() { panic(outOfBounds(true, boundsConvert)) }

// outOfBounds is called by functions that compiled code calls where a check fails.
func outOfBounds(signed bool, code uint8) boundsError {
	x, y := boundsargs()
	return boundsError{int64(x), y, signed, code}
}

func boundsargs() (x, y int)

func panicdivide() { panic(errorString("integer divide by zero")) }
func panicshift()  { panic(errorString("negative shift amount")) }
func panicmem()    { panic(errorString("invalid memory address or nil pointer dereference")) }
func panicnil()    { panic(new(PanicNilError)) }

func panicmemAddr(addr uintptr) {
	panic(errorAddressString{"invalid memory address or nil pointer dereference", addr})
}

func panicErrorString(msg string) { panic(errorString(msg)) }
func panicPlainError(msg string)  { panic(plainError(msg)) }

func panicTypeAssertion(concrete, asserted unsafe.Pointer, missingMethod string) {
	panic(&TypeAssertionError{nil, concrete, asserted, missingMethod})
}

func panicdottype(have, want, iface unsafe.Pointer) {
	panic(&TypeAssertionError{iface, have, want, ""})
}

func panicwrap(typ, method string) {
	panic(plainError("value method " + typ + "." + method + " called using nil *" + typ[lastDot(typ)+1:] + " pointer"))
}

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}

func panicrangestate(state int) {
	switch state {
	case 0:
		panic(errorString("range function continued iteration after function for loop body returned false"))
	case 2:
		panic(errorString("range function continued iteration after loop body panic"))
	case 3:
		panic(errorString("range function continued iteration after whole loop exit"))
	}
	panic(errorString("range function recovered a loop body panic and did not resume panicking"))
}

func panicunsafeslicelen()     { panic(errorString("unsafe.Slice: len out of range")) }
func panicunsafeslicenilptr()  { panic(errorString("unsafe.Slice: ptr is nil and len is not zero")) }
func panicunsafestringlen()    { panic(errorString("unsafe.String: len out of range")) }
func panicunsafestringnilptr() { panic(errorString("unsafe.String: ptr is nil and len is not zero")) }

// Entries of the Rust runtime.
func panicvalue(index int) any
func panicstate(index int) int
func fatalpanic()
func typestring(t unsafe.Pointer) string
func typepkgpath(t unsafe.Pointer) string

type stringer interface{ String() string }

// A crash is what printpanics tells of one panic.
type crash struct {
	value      any
	state      int
	repanicked bool
}

const (
	panicRecovered = 2
	panicGoexit    = 4
)

// crashbegins has what this goroutine prints go where debug.SetCrashOutput wants it, too.
func crashbegins()

// printpanics tells of all panics, the oldest first, and ends the program.
func printpanics() {
	n := 0
	for panicstate(n)&1 != 0 {
		n++
	}
	crashes := make([]crash, n)
	for i := range crashes {
		crashes[i] = crash{value: panicvalue(i), state: panicstate(i)}
	}
	preprintpanics(crashes)
	crashbegins()
	for i := n - 1; i >= 0; i-- {
		c := &crashes[i]
		if i < n-1 {
			if crashes[i+1].repanicked {
				continue
			}
			if crashes[i+1].state&panicGoexit == 0 {
				print("\t")
			}
		}
		if c.state&panicGoexit != 0 {
			continue
		}
		print("panic: ")
		printpanicval(c.value)
		if c.repanicked && c.state&panicRecovered != 0 {
			print(" [recovered, repanicked]")
		} else if c.state&panicRecovered != 0 {
			print(" [recovered]")
		}
		print("\n")
	}
	fatalpanic()
}

// preprintpanics has the values' methods make their texts before anything is printed: they may panic
// themselves. A value that was recovered and panicked with again is told once.
func preprintpanics(crashes []crash) {
	defer func() {
		const text = "panic while printing panic value"
		switch r := recover().(type) {
		case nil:
		case string:
			fatalthrow(text + ": " + r)
		default:
			fatalthrow(text + ": type " + typestring((*eface)(unsafe.Pointer(&r)).typ))
		}
	}()
	for i := range crashes {
		c := &crashes[i]
		if i+1 < len(crashes) {
			older := &crashes[i+1]
			if *(*eface)(unsafe.Pointer(&c.value)) == *(*eface)(unsafe.Pointer(&older.value)) {
				older.repanicked = true
				continue
			}
		}
		switch v := c.value.(type) {
		case error:
			c.value = v.Error()
		case stringer:
			c.value = v.String()
		}
	}
}

// printindented prints a text whose further lines begin with a tab.
func printindented(s string) {
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			print(s[from:i], "\n\t")
			from = i + 1
		}
	}
	print(s[from:])
}

func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		print("nil")
	case bool:
		print(v)
	case int:
		print(v)
	case int8:
		print(v)
	case int16:
		print(v)
	case int32:
		print(v)
	case int64:
		print(v)
	case uint:
		print(v)
	case uint8:
		print(v)
	case uint16:
		print(v)
	case uint32:
		print(v)
	case uint64:
		print(v)
	case uintptr:
		print(v)
	case float32:
		print(v)
	case float64:
		print(v)
	case complex64:
		print(v)
	case complex128:
		print(v)
	case string:
		printindented(v)
	default:
		printanycustomtype(v)
	}
}

type eface struct {
	typ  unsafe.Pointer
	data unsafe.Pointer
}

// printanycustomtype prints a value of a type of the program's own, by its kind.
func printanycustomtype(v any) {
	e := (*eface)(unsafe.Pointer(&v))
	name := typestring(e.typ)
	switch kind := *(*uint8)(unsafe.Add(e.typ, 23)); kind {
	case 1:
		print(name, "(", *(*bool)(e.data), ")")
	case 2, 6:
		print(name, "(", *(*int64)(e.data), ")")
	case 3:
		print(name, "(", *(*int8)(e.data), ")")
	case 4:
		print(name, "(", *(*int16)(e.data), ")")
	case 5:
		print(name, "(", *(*int32)(e.data), ")")
	case 7, 11, 12:
		print(name, "(", *(*uint64)(e.data), ")")
	case 8:
		print(name, "(", *(*uint8)(e.data), ")")
	case 9:
		print(name, "(", *(*uint16)(e.data), ")")
	case 10:
		print(name, "(", *(*uint32)(e.data), ")")
	case 13:
		print(name, "(", *(*float32)(e.data), ")")
	case 14:
		print(name, "(", *(*float64)(e.data), ")")
	case 15:
		print(name, *(*complex64)(e.data))
	case 16:
		print(name, *(*complex128)(e.data))
	case 24:
		print(name, `("`)
		printindented(*(*string)(e.data))
		print(`")`)
	default:
		print("(", name, ") ", e.data)
	}
}

// complex128div divides as gc does: C99's Annex G.
func complex128div(n complex128, m complex128) complex128 {
	var e, f float64
	a, b := real(n), imag(n)
	c, d := real(m), imag(m)
	if abs(c) >= abs(d) {
		ratio := d / c
		denom := c + ratio*d
		e = (a + b*ratio) / denom
		f = (b - a*ratio) / denom
	} else {
		ratio := c / d
		denom := d + ratio*c
		e = (a*ratio + b) / denom
		f = (b*ratio - a) / denom
	}
	if isNaN(e) && isNaN(f) {
		switch {
		case m == 0 && (!isNaN(a) || !isNaN(b)):
			e = copysign(inf(), c) * a
			f = copysign(inf(), c) * b
		case (isInf(a) || isInf(b)) && isFinite(c) && isFinite(d):
			a, b = inf2one(a), inf2one(b)
			e = inf() * (a*c + b*d)
			f = inf() * (b*c - a*d)
		case (isInf(c) || isInf(d)) && isFinite(a) && isFinite(b):
			c, d = inf2one(c), inf2one(d)
			e = 0 * (a*c + b*d)
			f = 0 * (b*c - a*d)
		}
	}
	return complex(e, f)
}

func bits(f float64) uint64     { return *(*uint64)(unsafe.Pointer(&f)) }
func frombits(b uint64) float64 { return *(*float64)(unsafe.Pointer(&b)) }
func inf() float64              { return frombits(0x7FF0000000000000) }
func isNaN(f float64) bool      { return f != f }
func isFinite(f float64) bool   { return !isNaN(f - f) }
func isInf(f float64) bool      { return !isNaN(f) && !isFinite(f) }
func abs(f float64) float64     { return frombits(bits(f) &^ (1 << 63)) }

func copysign(f, sign float64) float64 {
	return frombits(bits(f)&^(1<<63) | bits(sign)&(1<<63))
}

func inf2one(f float64) float64 {
	g := 0.0
	if isInf(f) {
		g = 1.0
	}
	return copysign(g, f)
}

// nilfunc stands for a nil function value that is deferred: it panics when it is called.
func nilfunc() {
	var f func()
	f()
}
