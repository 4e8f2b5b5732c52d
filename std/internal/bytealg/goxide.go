package bytealg

import "unsafe"

// Compare takes four words, which travel in registers, where two slices do not.
func Compare(a, b []byte) int {
	return CompareString(unsafe.String(unsafe.SliceData(a), len(a)), unsafe.String(unsafe.SliceData(b), len(b)))
}
