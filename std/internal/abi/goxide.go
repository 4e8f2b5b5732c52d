package abi

import "unsafe"

// FuncPCABI0 returns the entry PC of the function f. There is one calling convention.
func FuncPCABI0(f any) uintptr { return FuncPCABIInternal(f) }

// FuncPCABIInternal returns the entry PC of the function f: the first word of its function value.
func FuncPCABIInternal(f any) uintptr {
	value := (*[2]unsafe.Pointer)(unsafe.Pointer(&f))[1]
	return *(*uintptr)(value)
}

// EscapeNonString forces what v refers to to the heap, but for the bytes of strings.
func EscapeNonString[T any](v T) {
	if hasNonStringPointers(v) && alwaysFalse {
		escapeSink = v
	}
}

// hasNonStringPointers is an instruction: whether a T refers to more than the bytes of strings.
func hasNonStringPointers[T any](v T) bool { panic("intrinsic") }
