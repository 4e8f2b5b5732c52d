// Package runtime is the part of Goxide's runtime that is Go: the errors that panics carry, and how a
// panic that nobody recovers is told. What it declares without a body is an entry of the Rust runtime.
package runtime

import "unsafe"

// Error identifies a run time error.
type Error interface {
	error
	RuntimeError()
}

// An errorString is printed as "runtime error: " and itself.
type errorString string

func (e errorString) RuntimeError() {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

// A plainError is printed as it is.
type plainError string

func (e plainError) RuntimeError() {}
func (e plainError) Error() string { return string(e) }

// An errorAddressString is a memory fault with its address.
type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}
func (e errorAddressString) Error() string { return "runtime error: " + e.msg }
func (e errorAddressString) Addr() uintptr { return e.addr }

// A PanicNilError happens when code calls panic(nil).
type PanicNilError struct {
	_ [0]*PanicNilError
}

func (*PanicNilError) Error() string {
	return "runtime error: panic called with nil argument"
}
func (*PanicNilError) RuntimeError() {}

// A TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	iface         unsafe.Pointer
	concrete      unsafe.Pointer
	asserted      unsafe.Pointer
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}

func (e *TypeAssertionError) Error() string {
	inter := "interface"
	if e.iface != nil {
		inter = typestring(e.iface)
	}
	as := typestring(e.asserted)
	if e.concrete == nil {
		return "interface conversion: " + inter + " is nil, not " + as
	}
	cs := typestring(e.concrete)
	if e.missingMethod == "" {
		msg := "interface conversion: " + inter + " is " + cs + ", not " + as
		if cs == as {
			if typepkgpath(e.concrete) != typepkgpath(e.asserted) {
				msg += " (types from different packages)"
			} else {
				msg += " (types from different scopes)"
			}
		}
		return msg
	}
	return "interface conversion: " + cs + " is not " + as + ": missing method " + e.missingMethod
}

// A boundsError is an index or slice expression out of range: x and y as its text has them.
type boundsError struct {
	x      int64
	y      int
	signed bool
	code   uint8
}

const (
	boundsIndex = iota
	boundsSliceAlen
	boundsSliceAcap
	boundsSliceB
	boundsSlice3Alen
	boundsSlice3Acap
	boundsSlice3B
	boundsSlice3C
	boundsConvert
)

func (e boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	x, y := unsigned(uint64(e.x)), unsigned(uint64(e.y))
	if e.signed && e.x < 0 {
		x = "-" + unsigned(-uint64(e.x))
		switch e.code {
		case boundsIndex:
			return "runtime error: index out of range [" + x + "]"
		case boundsSliceAlen, boundsSliceAcap:
			return "runtime error: slice bounds out of range [:" + x + "]"
		case boundsSliceB:
			return "runtime error: slice bounds out of range [" + x + ":]"
		case boundsSlice3Alen, boundsSlice3Acap:
			return "runtime error: slice bounds out of range [::" + x + "]"
		case boundsSlice3B:
			return "runtime error: slice bounds out of range [:" + x + ":]"
		case boundsSlice3C:
			return "runtime error: slice bounds out of range [" + x + "::]"
		}
	}
	switch e.code {
	case boundsIndex:
		return "runtime error: index out of range [" + x + "] with length " + y
	case boundsSliceAlen:
		return "runtime error: slice bounds out of range [:" + x + "] with length " + y
	case boundsSliceAcap:
		return "runtime error: slice bounds out of range [:" + x + "] with capacity " + y
	case boundsSliceB:
		return "runtime error: slice bounds out of range [" + x + ":" + y + "]"
	case boundsSlice3Alen:
		return "runtime error: slice bounds out of range [::" + x + "] with length " + y
	case boundsSlice3Acap:
		return "runtime error: slice bounds out of range [::" + x + "] with capacity " + y
	case boundsSlice3B:
		return "runtime error: slice bounds out of range [:" + x + ":" + y + "]"
	case boundsSlice3C:
		return "runtime error: slice bounds out of range [" + x + ":" + y + ":]"
	}
	return "runtime error: cannot convert slice with length " + y + " to array or pointer to array with length " + x
}

// unsigned gives a number in decimal.
func unsigned(n uint64) string {
	var buf [20]byte
	i := len(buf)
	for {
		i--
		buf[i] = byte('0' + n%10)
		n /= 10
		if n == 0 {
			return string(buf[i:])
		}
	}
}
