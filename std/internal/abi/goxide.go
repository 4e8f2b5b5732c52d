package abi

import "unsafe"

// FuncPCABI0 returns the entry PC of the function f. There is one calling convention.
func FuncPCABI0(f any) uintptr { return FuncPCABIInternal(f) }

// FuncPCABIInternal returns the entry PC of the function f: the first word of its function value.
func FuncPCABIInternal(f any) uintptr {
	value := (*[2]unsafe.Pointer)(unsafe.Pointer(&f))[1]
	return *(*uintptr)(value)
}

// EscapeNonString forces what v points to to the heap, if v cannot contain a string. Strings that are made
// here are on the heap, whatever is done with them.
func EscapeNonString[T any](v T) {
	if alwaysFalse {
		escapeSink = v
	}
}
